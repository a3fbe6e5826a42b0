"""What a person should check in the reading of a transcript, because the file leaves it uncertain."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from pipeline.ingest.transcript.document_signs import holds_drawn_table, is_impersonal
from pipeline.ingest.transcript.inner_marks import Line, close_of_label, words_behind
from pipeline.ingest.transcript.invented_words import is_notice
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.layouts import Among, layout_named
from pipeline.ingest.transcript.marked_questions import is_question
from pipeline.ingest.transcript.roles import Speaker, SpeakerStats
from pipeline.ingest.transcript.speaker_detection import ANSWER_WORDS
from pipeline.ingest.transcript.speaker_labels import core
from pipeline.records import Reading
from pipeline.vocabulary import Role, RoleEvidence, Undecided

ASKED_BACK = 0.25  # of the turns of those who answer hold a question, at least
SELDOM = 0.08  # of the labels: a speaker who has two on end so seldom takes turns everywhere else
MOST_NAMES = 40
LETTERS = re.compile(r"[^\W\d_]{2}")
DENSE = 0.9  # of the paragraphs begin with a label: one without is worth a look
LEAST_LABELS = 8  # from which that can be seen
UNLABELLED_RUN = 4  # paragraphs on end without a label, in such a file
LEAST_QUESTIONS = 2  # without a label among the words of those who answer
QUESTIONS = 0.06  # of the labels, at least, as many
ASKS_MOST = 0.75  # of the words: an interviewer seldom says more
ASKS = 0.3  # of an interviewer's turns hold a question
ASKS_MORE = 2  # times the share of turns with a question of the next who asks most
SHARE_OF_QUESTIONS = 0.5  # of all turns with a question are an interviewer's
# Evidence that names which are only set apart are those of speakers, and not of places or chapters.
CERTAIN = frozenset(
    {
        RoleEvidence.SOURCES,
        RoleEvidence.HEADER,
        RoleEvidence.ROLE_WORD,
        RoleEvidence.SETTINGS,
        RoleEvidence.REGISTER,
        RoleEvidence.PAIR,
    }
)
BEGINNING = re.compile(r"[^\W\d_][^:\n]{0,50}:(?!\d|//)")
LEAST_ALIKE = 4  # paragraphs that begin so
UNKNOWN = 200  # characters of people who are unknown, about two sentences
MUCH_UNKNOWN = 0.1  # of the words of all who do not ask: in a short file, fewer characters


@dataclass(frozen=True, slots=True)
class RecognisedSpeakers:
    """What was read of a file whose speakers have labels."""

    reading: Reading
    lines: Sequence[Line]
    stats: Mapping[str, SpeakerStats]
    identities: Mapping[str, Speaker]
    seldom: int = 0  # lines that may name a speaker who was not recognised
    later_headers: int = 0
    slips: int = 0  # labels without their colon
    is_prompted: bool = False  # the questions are marked, and nobody else has a label: those who answer need none


def doubts(speakers: RecognisedSpeakers) -> Iterator[Undecided]:
    """Why a person should look at how the file was read."""
    if speakers.later_headers:
        yield Undecided.SEVERAL_INTERVIEWS
    if _is_guess(speakers):
        yield Undecided.GUESSED
    if _asking_words(speakers) > ASKS_MOST or _is_asked_back(speakers):
        yield Undecided.REVERSED
    if _is_much_unknown(speakers):
        yield Undecided.UNKNOWN_SPEAKERS
    if speakers.seldom:
        yield Undecided.SELDOM
    if speakers.slips:
        yield Undecided.NO_COLON
    if _has_label_twice(speakers.lines):
        yield Undecided.LABEL_TWICE
    if _answers_nobody_gave(speakers):
        yield Undecided.IMPERSONAL
    if _holds_words_of_others(speakers):
        yield Undecided.UNLABELLED_WORDS


def _holds_words_of_others(speakers: RecognisedSpeakers) -> bool:
    """Whether turns may hold words of somebody else, whose label is missing or in mid-line."""
    is_missing = not speakers.is_prompted and _misses_labels(speakers)
    if holds_drawn_table(speakers.reading) or _has_words_behind_brackets(speakers):
        return True
    return is_missing or _has_label_inside(speakers) or _begins_alike(speakers)


def _has_words_behind_brackets(speakers: RecognisedSpeakers) -> bool:
    """Whether words follow brackets around a label and its words: `[Ana: And then?] It stops.`."""
    text = speakers.reading.text
    closes = [(line, close_of_label(text, line)) for line in speakers.lines]
    return any(closed >= 0 and words_behind(text, line, closed) for line, closed in closes)


def _begins_alike(speakers: RecognisedSpeakers) -> bool:
    """Whether words before a colon that are no label begin several paragraphs: *the one who sells: ...*."""
    beginnings = Counter(
        match.group()
        for line in speakers.lines
        if not line.label and not line.span.speaker and not is_unspoken(line.span)
        if (match := BEGINNING.match(speakers.reading.text, line.span.start, line.span.end))
    )
    return max(beginnings.values(), default=0) >= LEAST_ALIKE


def _is_guess(speakers: RecognisedSpeakers) -> bool:
    """Whether it is little more than a guess who interviews: always of 1 and 2, which may number what is done in turn."""
    if any(line.label and layout_named(line.label.layout).among is Among.SIDES for line in speakers.lines):
        return True
    asking = {label: who for label, who in speakers.identities.items() if who.role is Role.INTERVIEWER}
    reasons = {who.because for who in asking.values()}
    all_reasons = {who.because for who in speakers.identities.values()}
    if RoleEvidence.LENGTH in reasons or (speakers.reading.marked_labels and CERTAIN.isdisjoint(all_reasons)):
        return True
    return RoleEvidence.QUESTIONS in reasons and not _asks_clearly(speakers.stats, asking.keys())


def _asks_clearly(stats: Mapping[str, SpeakerStats], asking: Set[str]) -> bool:
    """Whether the interviewers ask often, much more often than the others, and most of all questions."""
    share = {label: each.questions / max(1, each.turns) for label, each in stats.items()}
    most = max(share[label] for label in asking)
    next_share = max((share[label] for label in stats if label not in asking), default=0.0)
    questions = sum(each.questions for each in stats.values())
    asked = sum(stats[label].questions for label in asking)
    of_all = asked / max(1, questions)
    return asked > 1 and most >= ASKS and most >= ASKS_MORE * next_share and of_all >= SHARE_OF_QUESTIONS


def _asking_words(speakers: RecognisedSpeakers) -> float:
    """The share of the words of those who interview; nothing if nobody else speaks."""
    words = sum(each.chars for each in speakers.stats.values())
    asking = sum(
        speakers.stats[label].chars for label, who in speakers.identities.items() if who.role is Role.INTERVIEWER
    )
    return asking / words if 0 < asking < words else 0.0


def _is_asked_back(speakers: RecognisedSpeakers) -> bool:
    """Whether respondents ask in more of their turns than interviewers; False if the questions are marked."""
    if speakers.is_prompted:
        return False
    shares: dict[Role, float] = {}
    for role in (Role.INTERVIEWER, Role.RESPONDENT):
        stats = [speakers.stats[label] for label, who in speakers.identities.items() if who.role is role]
        shares[role] = sum(each.questions for each in stats) / max(1, sum(each.turns for each in stats))
    return shares[Role.RESPONDENT] > max(ASKED_BACK, shares[Role.INTERVIEWER])


def _has_label_twice(lines: Sequence[Line]) -> bool:
    """Whether the same label comes twice on end in a file in which two speakers take turns nearly everywhere else."""
    names = [core(line.label.name) for line in lines if line.label]
    repeated = sum(one == other for one, other in pairwise(names))
    return len(names) >= LEAST_LABELS and 0 < repeated <= SELDOM * len(names)


def _has_label_inside(speakers: RecognisedSpeakers) -> bool:
    """Whether a label of the file's speakers occurs before a colon in the middle of somebody's words."""
    names = sorted({line.label.name for line in speakers.lines if line.label and len(line.label.name) > 1})
    labelled = sum(line.label is not None for line in speakers.lines)
    text = speakers.reading.text
    if not 0 < len(names) <= MOST_NAMES or sum(map(text.count, names)) <= labelled:
        return False
    either = "|".join(map(re.escape, names))
    inside = re.compile(rf"(?<!\w)(?:{either})\s?:")
    slip = re.compile(
        rf"(?:{either})(?:[;.,)]| {{2,}}|\t|\s(?=[A-ZÁÉÍÓÚÑ¿¡]))"
    )  # a label whose colon is missing or wrong
    return any(
        inside.search(text, line.label.end, line.span.end)
        if line.label
        else slip.match(text, line.span.start, line.span.end)
        for line in speakers.lines
        if not line.span.speaker
    )


def _answers_nobody_gave(speakers: RecognisedSpeakers) -> bool:
    """Whether all who answer are called *answer*, A or by a number, and nobody speaks of themselves in the answers."""
    answering = {label for label, who in speakers.identities.items() if who.role is Role.RESPONDENT}
    if not answering or not all(map(_says_only_that_it_answers, answering)):
        return False
    words: list[str] = []
    who = ""
    for line in speakers.lines:
        who = line.label.name if line.label else line.span.speaker or who
        if who in answering and not is_unspoken(line.span):
            words.append(speakers.reading.text[line.label.end if line.label else line.span.start : line.span.end])
    return is_impersonal(" ".join(words))


def _says_only_that_it_answers(label: str) -> bool:
    return core(label) in ANSWER_WORDS or core(label).isdigit()


def _is_much_unknown(speakers: RecognisedSpeakers) -> bool:
    """Whether people who are unknown say two sentences, or much of what is said by those who do not ask.

    Not those who are known to neither ask nor answer, as interpreters.
    """
    said_by: Counter[Role] = Counter()
    for label, who in speakers.identities.items():
        if who.because not in (RoleEvidence.ROLE_WORD, RoleEvidence.SOURCES) or who.role is not Role.OTHER:
            said_by[who.role] += speakers.stats[label].chars
    unknown, answered = said_by[Role.OTHER], said_by[Role.RESPONDENT]
    return unknown > UNKNOWN or unknown > MUCH_UNKNOWN * (unknown + answered) > 0


def _misses_labels(speakers: RecognisedSpeakers) -> bool:
    """Whether paragraphs have no label where nearly all others have one: several on end, the last, or questions."""
    spoken = [line for line in speakers.lines if line.label or _may_be_said(speakers.reading, line)]
    first = next((number for number, line in enumerate(spoken) if line.label), len(spoken))
    paragraphs = spoken[first:]
    labelled = sum(line.label is not None for line in paragraphs)
    if _ends_without_labels(paragraphs):
        return True
    if labelled < LEAST_LABELS or labelled < DENSE * len(paragraphs):
        return False
    return (
        paragraphs[-1].label is None
        or _longest_run(paragraphs) >= UNLABELLED_RUN
        or _questions_without_label(speakers.reading, paragraphs) >= max(LEAST_QUESTIONS, QUESTIONS * labelled)
    )


def _may_be_said(reading: Reading, line: Line) -> bool:
    """Whether a line may be spoken: not a heading, a time, a rule or a note in brackets."""
    words = reading.text[line.span.start : line.span.end]
    is_note = words[0] in "[({*_" and words[-1] in "])}*_"
    return (
        not is_unspoken(line.span) and not is_note and LETTERS.search(words) is not None and not is_notice(words[:100])
    )


def _ends_without_labels(lines: Sequence[Line]) -> bool:
    """Whether labels stop for longer at the end than anywhere before."""
    last = next((number for number in reversed(range(len(lines))) if lines[number].label), 0)
    at_end = len(lines) - 1 - last
    return at_end >= UNLABELLED_RUN and at_end > 2 * _longest_run(lines[:last])


def _longest_run(lines: Sequence[Line]) -> int:
    longest = run = 0
    for line in lines:
        run = 0 if line.label else run + 1
        longest = max(longest, run)
    return longest


def _questions_without_label(reading: Reading, lines: Sequence[Line]) -> int:
    return sum(line.label is None and is_question(reading.text[line.span.start : line.span.end]) for line in lines)
