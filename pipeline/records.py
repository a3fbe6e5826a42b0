"""The nouns of a study as frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.vocabulary import (
    CodebookAction,
    CoderView,
    Consent,
    CorrectionStatus,
    DecisionKind,
    Identity,
    Kind,
    MaskEvidence,
    MaskStatus,
    Part,
    ReadStatus,
    Role,
    RoleEvidence,
    Strength,
    Sureness,
    Undecided,
)


class Span(NamedTuple):
    """A span `[start, end)` of a canonical text: what it is and its place in the file (page, cue, row, paragraph)."""

    start: int
    end: int
    place: str
    part: Part = Part.BODY
    speaker: str = ""  # where the format itself says who speaks
    level: int = (
        0  # of a heading, or of a paragraph in a numbered list: 1 is the highest; 0 where the format does not say
    )


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Characters that were read and are in no turn: `[start, end)` in the canonical text, or -1 where they are not part of it."""

    start: int
    end: int
    place: str
    reason: str
    chars: int  # white space is not counted


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as text: spans in order, without overlap, covering all of the text but white space.

    `chars` counts every character that the file holds, white space apart: those of `text` plus those of the exclusions
    that are not part of it.
    """

    reader: str
    text: str
    spans: tuple[Span, ...]
    chars: int
    outside: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    status: ReadStatus = ReadStatus.READ
    marked_labels: tuple[int, ...] = ()  # where labels begin that only emphasis or their place on the page shows


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one row of a survey, as the table `sources` holds it."""

    source_id: str
    path: str
    kind: Kind
    sha256: str
    bytes: int
    chars: int
    chars_excluded: int
    language: str
    participant_ids: str  # joined by ";"
    reader: str
    status: ReadStatus
    note: str
    reading_key: str  # what the reading depends on: while it is unchanged the file is not read again
    date: str = ""
    site: str = ""
    copy_of: str = ""  # the source with (nearly) the same words; they count once
    refused: str = ""  # keys of the people who refuse and whose words were here, joined by ";"


@dataclass(frozen=True, slots=True)
class Text:
    """The canonical text of a source: Unicode NFC, lines ended by LF. Offsets count its code points."""

    source_id: str
    text: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One person speaking once, one answer, or one paragraph of a document: `[start, end)` of its source's text."""

    source_id: str
    turn: int
    speaker: str
    role: Role
    participant_id: str
    start: int
    end: int
    question: str
    place: str
    language: str
    heading: str = ""  # of a document: the headings above it; of a survey: the column


@dataclass(frozen=True, slots=True)
class Answer:
    """A closed answer, kept beside the open ones of its row."""

    source_id: str
    column: str
    value: str
    question: str = ""
    label: str = ""  # what the value means; the value itself if unknown


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a survey's respondent from config.toml, such as a group; used if the register has none."""

    source_id: str
    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Input that was not used: in which stage, where, why, how many characters (white space apart)."""

    stage: str
    source_id: str
    place: str
    reason: str
    chars: int


@dataclass(frozen=True, slots=True)
class Mask:
    """A name, a number or a place that leads to a person: `[start, end)` of the stored text, which has a placeholder if masked.

    `source_start` and `source_end` are its place in the text as it was read from the file.
    """

    source_id: str
    start: int
    end: int
    source_start: int
    source_end: int
    kind: Identity
    status: MaskStatus
    chars: int  # of the words, white space apart
    name_id: str  # in the sheet of names; blank outside turns


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of coded/corrections.csv that holds: words of a source and what they should be, or who speaks the turn.

    `words` are those of the file, white space made equal. Either `corrected` or `new_speaker` is set.
    """

    source_id: str
    words: str
    nth: int = 0  # which of the places with these words, from 1; 0 where there is one only
    corrected: str = ""
    speaker: str = ""  # label of who speaks in the file; blank: not stated
    new_speaker: str = ""  # another label of the file, a participant id or name, or INTERVIEWER, RESPONDENT, OTHER


@dataclass(frozen=True, slots=True)
class CorrectedPlace:
    """What became of a correction, and the place of its words or turn, without the words themselves.

    `[start, end)` is in the stored text, `[source_start, source_end)` in the text as it was read from the file. Where a name is
    masked that touches the words, the placeholder is part of both. All are 0 where the correction is not applied.
    """

    source_id: str
    correction: str  # what the row is known by
    status: CorrectionStatus
    is_speaker: bool
    turn: int = 0
    start: int = 0
    end: int = 0
    source_start: int = 0
    source_end: int = 0
    chars: int = 0  # of the words in the file, white space apart
    chars_now: int = 0  # of the words that took their place


@dataclass(frozen=True, slots=True)
class NameEntry:
    """A name as the sheet of names lists it: the words as first met, and who is meant where that is clear."""

    name_id: str
    kind: Identity
    words: str
    status: MaskStatus
    because: MaskEvidence
    person: str


@dataclass(frozen=True, slots=True)
class UnidentifiedSpeaker:
    """Words whose named speaker cannot be identified: a turn, or all of a source if `turn` is None.

    `candidates` are the people of the register who may be meant; none means that it may be anybody.
    """

    source_id: str
    turn: int | None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeakerReading:
    """One speaker of a transcript as read, with the evidence for the role."""

    speaker: str  # the label in the file
    role: Role
    participant_id: str
    because: RoleEvidence
    turns: int
    words: int
    questions: int  # turns with a question
    first: int  # number of the first turn
    is_withheld: bool = False  # whether the label is not shown, as the person refuses


@dataclass(frozen=True, slots=True)
class TranscriptReading:
    """How a transcript was read: by which layout, who speaks in which role and why, and what a person must decide."""

    source_id: str
    layout: str
    runner_up: str  # the layout that explains the file second best
    margin: float  # by how much the first is better, from 0 to 1
    speakers: tuple[SpeakerReading, ...]
    undecided: tuple[Undecided, ...] = ()
    waiting: int = 0  # words that count for nobody until somebody decides
    missing: tuple[str, ...] = ()  # labels of raw/sources.csv that never came

    @property
    def sureness(self) -> Sureness:
        """How sure the reading is."""
        if self.undecided:
            return Sureness.UNDECIDED
        guesses = {RoleEvidence.QUESTIONS, RoleEvidence.LENGTH, RoleEvidence.ONLY_ONE_LEFT}
        is_guess = any(one.because in guesses and one.role is Role.INTERVIEWER for one in self.speakers)
        return Sureness.LIKELY if is_guess or self.is_close else Sureness.SURE

    @property
    def is_close(self) -> bool:
        """Whether another layout explains the file nearly as well."""
        return bool(self.runner_up) and self.margin < CLOSE


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A TranscriptReading as the table `reading` holds it: without the labels, which may be names."""

    source_id: str
    layout: str
    runner_up: str
    margin: float
    sureness: Sureness
    undecided: str  # joined by ";"
    waiting: int
    speakers: int
    roles: str  # JSON: of each speaker the role, its evidence, turns, words, turns with a question


CLOSE = 0.05  # of the explanations of two layouts: either may be the file's


@dataclass(frozen=True, slots=True)
class FileReading:
    """The content of one file of raw/: its sources, their texts and turns, closed answers, and what was left out."""

    path: str
    sources: tuple[Source, ...] = ()
    texts: tuple[Text, ...] = ()
    turns: tuple[Turn, ...] = ()
    answers: tuple[Answer, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    unidentified: tuple[UnidentifiedSpeaker, ...] = ()
    transcript: TranscriptReading | None = None  # of an interview


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The unit that is coded: consecutive sentences inside one turn."""

    excerpt_id: str
    source_id: str
    turn: int
    participant_id: str
    role: Role
    language: str
    start: int
    end: int
    text: str
    text_sha256: str
    question: str
    place: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One voter's vote on one excerpt and criterion; a voter without an opinion casts none."""

    excerpt_id: str
    criterion: str
    voter: str  # rule:<pattern>, classifier:<model>, voter:<name>, coder:<name>
    vote: int
    score: float
    stance: str
    because: str  # JSON: the words or terms, with weights
    version: str


SEED = "seed "  # how the groups of seeds begin


@dataclass(frozen=True, slots=True)
class Example:
    """Something to learn from: a text with all the codes it carries, in the families that were looked at."""

    text: str
    question: str
    language: str
    codes: tuple[tuple[str, str], ...]  # (code, stance or "")
    asked: tuple[str, ...]  # codes that somebody decided on; absent ones are unknown, not "no"
    group: str  # person or document: never split over two sides
    weight: float = 1.0

    @property
    def is_seed(self) -> bool:
        """Whether it comes with the study: written as an example, not said and decided on."""
        return self.group.startswith(SEED)


@dataclass(frozen=True, slots=True)
class Selector:
    """How to find decided words without offsets, after the W3C Web Annotation model. Hashes, never words.

    The context is what surrounds the words in the canonical text; see `review.identity`.
    """

    participant: str  # participant id of the speaker
    label: str  # hash of the speaker's label in the source
    before: str  # hash of the context before
    after: str  # hash of the context after
    nth: int  # which of the places where this speaker says exactly these words in this source, from 1
    of: int  # how many such places there are


@dataclass(frozen=True, slots=True)
class CodebookChange:
    """A recorded change of the codebook: what is done to which codes."""

    action: CodebookAction
    codes: tuple[str, ...] = ()  # the codes before the change; of "new" none
    into: tuple[str, ...] = ()  # the codes that take their place; of "retire" and "move" none
    families: tuple[tuple[str, str], ...] = ()  # the family that each code was in before the change
    undoes: int = 0  # of "undo": the line that it takes back
    before: Mapping[str, Any] = field(
        default_factory=dict, hash=False
    )  # what was in the files, so that it can be undone


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """The stretch `[start, end)` of an excerpt's words that a coder marked; the hash of the excerpt says which words these are."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ExcerptPart:
    """One of the two excerpts that a cut made, or that were joined: its place, the hash of its words, and how to find them."""

    excerpt_id: str
    text_sha256: str
    selector: Selector | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person decided, before it is a line of the ledger.

    `criterion` is set for code, uncode, stance, span and adjudicate, `finding_id` for link and unlink. `value` is the stance of a
    code, the direction of a link, "yes", "yes:<stance>" or "no" of an adjudication, or the families (joined by ";") of which a
    reviewed excerpt carries no code but those decided separately; of an excerpt with `parts`, "cut" or "join". `base` is the
    last line of the ledger that the coder could know. The later fields say on what the decision was made; older lines have
    none of them.
    """

    kind: DecisionKind
    excerpt_id: str = ""
    text_sha256: str = ""
    criterion: str = ""
    finding_id: str = ""
    value: str = ""
    note: str = ""
    base: int = 0
    codes: tuple[str, ...] = ()  # of a reviewed excerpt: the codes in the form that the coder went through
    codebook: str = ""  # version of the codebook that the coder decided by
    handout: str = ""  # the workbook, or the session of the review page
    shown: CoderView | None = None  # what the coder saw of others' opinions; None if not recorded
    lane: str = ""  # why the excerpt was shown
    round: str = ""  # name of the review round
    selector: Selector | None = None
    change: CodebookChange | None = None  # of kind "codebook"; its reason is the note
    span: MarkedSpan | None = None  # of kind "span": the words that carry the code
    parts: tuple[ExcerptPart, ...] = ()  # of kind "excerpt": the two parts of the whole, in order


@dataclass(frozen=True, slots=True)
class Decision(Draft):
    """One line of coded/decisions.jsonl: a draft with its number, time and coder, chained to the line before by hash."""

    seq: int = 0
    at: str = ""
    coder: str = ""
    study: str = ""  # the study's id, on the first line that this program wrote
    origin: str = ""  # hash of the line in another ledger from which this one was merged
    prev: str = ""
    hash: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)  # keys that this version does not know


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of the register. `names` are the spellings by which transcripts may call them; never published."""

    participant_id: str
    consent: Consent
    names: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    is_consent_stated: bool = True  # the register says it clearly; otherwise the program assumes the stricter answer


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """The row of raw/sources.csv for one file; every field may be empty."""

    path: str
    source_id: str = ""
    kind: str = ""
    participant_ids: tuple[str, ...] = ()
    language: str = ""
    date: str = ""
    site: str = ""
    speakers: tuple[tuple[str, str], ...] = ()  # label in the file -> participant id or INTERVIEWER


@dataclass(frozen=True, slots=True)
class StrengthAssessment:
    """The strength of a finding by the study's rule, the sentence that explains it, and the counts behind it.

    All counts are of links that a person confirmed, `suggested` apart.
    """

    finding_id: str
    strength: Strength
    reason: str
    persons: int
    groups: int
    kinds: int
    sources: int
    confirmed: int  # links that a person confirmed
    suggested: int  # links that wait for a person
    supports: int
    contradicts: int
    qualifies: int
    top_share: float  # share of the supporting excerpts that come from the person who gives most
    contradicting_share: float  # of the persons who speak for or against
    confirmed_share: float  # of the links that were not rejected
    robustness: str  # what happens to the strength when one person, source, group or a whole kind of source is left out
    cleared: int = 0  # excerpts that clear the null control
    by_chance: float = 0.0  # excerpts that a statement of another evaluation gets there on average
    expected_persons: float = 0.0  # further persons whom the machine expects to speak to it
    expected_low: int = 0
    expected_high: int = 0  # 95 % interval
    review_first: tuple[str, ...] = ()  # excerpts to review until fewer than one further person is expected
    unshown: int = 0  # excerpts that clear the null control and are undecided, but not suggested

    @property
    def looks(self) -> int:
        """How many excerpts to review until fewer than one further person is expected."""
        return len(self.review_first)

    @property
    def suggested_only(self) -> bool:
        """Whether it has suggested links and no confirmed one."""
        return self.suggested > 0 and not self.confirmed

    def shown(self, name: str) -> int | float | None:
        """The count of that name, as outputs show it: None for a share of nothing, which is not 0 %."""
        is_of_something = {
            "top_share": self.persons > 0,
            "contradicting_share": self.persons > 0 or self.contradicting_share > 0,
            "confirmed_share": self.confirmed + self.suggested > 0,
        }
        count: int | float = getattr(self, name)
        return count if is_of_something.get(name, True) else None
