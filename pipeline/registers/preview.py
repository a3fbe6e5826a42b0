"""How a file would be read, for a person to look at before anything is counted."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from pipeline.errors import Problem
from pipeline.ingest import FileTask, read_file
from pipeline.ingest.corrections.applying import correct
from pipeline.ingest.survey.proposals import propose
from pipeline.privacy import consent
from pipeline.records import CorrectedPlace, FileReading, SpeakerReading, TranscriptReading, Turn
from pipeline.vocabulary import Kind, Reason, Role, RoleEvidence, Undecided

UNKNOWN = "?"  # in a proposed row: a person must say who it is; no id, so that the row settles nothing as it is
SHOWN = 160  # characters of each turn of the first exchange


@dataclass(frozen=True, slots=True)
class TurnPreview:
    """The beginning of a turn."""

    role: Role
    speaker: str
    words: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Whom a file lets speak, and what of it is withheld because it is unclear who speaks while somebody refuses."""

    turns: tuple[consent.Speaking, ...] = ()
    sources: tuple[consent.Naming, ...] = ()
    is_nameless: bool = False  # whether somebody other than an interviewer speaks who is nobody of the register
    unclear: tuple[str, ...] = ()  # the places of what is withheld


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read: remarks on a survey, or the reading of a transcript, with its first question and answer."""

    path: str
    remarks: tuple[Problem, ...] = ()
    transcript: TranscriptReading | None = None
    turns: int = 0
    asking: float = 0.0  # share of the turns with a question
    first: tuple[TurnPreview, ...] = ()
    corrections: tuple[CorrectedPlace, ...] = ()
    presence: Presence = Presence()
    is_guarded: bool = False  # whether somebody refuses or wants no quotes: any unknown voice may be theirs

    @property
    def unregistered(self) -> tuple[SpeakerReading, ...]:
        """Those who answer, or may do so, and are nobody in the register; none while a person must decide who answers."""
        if self.transcript is None or self.transcript.undecided:
            return ()
        return tuple(one for one in self.transcript.speakers if not one.participant_id and _may_answer(one))


def _may_answer(one: SpeakerReading) -> bool:
    """Whether a speaker answers, or is a voice of which nobody has said that it does not."""
    is_voice = one.role is Role.OTHER and one.speaker and one.because is not RoleEvidence.SOURCES
    return one.role is Role.RESPONDENT or bool(is_voice)


def preview(task: FileTask) -> Preview:
    """How a file would be read. UnreadableError if no reader knows it. Words of people who refuse are not shown."""
    if task.kind is not Kind.INTERVIEW or task.data is None:
        return _preview_without_turns(task)
    corrected = correct(read_file(task), task.corrections, task.people)
    reading = consent.withhold(corrected.reading, task.people)
    text = reading.texts[0].text if reading.texts else ""
    asking = sum("?" in text[turn.start : turn.end] for turn in reading.turns) / max(1, len(reading.turns))
    return Preview(
        path=task.path,
        transcript=_without_refusers(reading.transcript, consent.refusing(task.people)),
        turns=len(reading.turns),
        asking=asking,
        first=tuple(_shown(text, turn) for turn in _first_exchange(reading.turns)),
        corrections=corrected.places,
        presence=_presence(reading),
        is_guarded=bool(consent.unquoted(task.people)),
    )


def _preview_without_turns(task: FileTask) -> Preview:
    """The remarks on a survey or document. It is read where that matters: for corrections, and where somebody refuses."""
    is_read = bool(task.corrections) or (task.kind is Kind.SURVEY and bool(consent.unquoted(task.people)))
    remarks = propose(task)
    if not is_read or task.data is None:
        return Preview(task.path, remarks)
    corrected = correct(read_file(task), task.corrections, task.people)
    presence = _presence(consent.withhold(corrected.reading, task.people))
    return Preview(task.path, remarks, corrections=corrected.places, presence=presence)


def _presence(reading: FileReading) -> Presence:
    return Presence(
        turns=consent.speaking_in(reading),
        sources=tuple(consent.Naming(s.source_id, s.kind, s.participant_ids, s.refused) for s in reading.sources),
        is_nameless=any(not turn.participant_id and turn.role is not Role.INTERVIEWER for turn in reading.turns),
        unclear=tuple(row.place for row in reading.rejected if row.reason is Reason.PERSON_UNCLEAR),
    )


def _without_refusers(transcript: TranscriptReading | None, refusers: Collection[str]) -> TranscriptReading | None:
    """The reading without the labels of people who refuse."""
    if transcript is None:
        return None
    speakers = (
        replace(s, speaker="", is_withheld=True) if s.participant_id in refusers else s for s in transcript.speakers
    )
    return replace(transcript, speakers=tuple(speakers))


def _first_exchange(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The first turn, and the first after it of somebody in another role, or the second."""
    answers = [turn for turn in turns[1:] if turn.role is not turns[0].role] or list(turns[1:2])
    return (*turns[:1], *answers[:1])


def _shown(text: str, turn: Turn) -> TurnPreview:
    words = " ".join(text[turn.start : turn.end].split())
    return TurnPreview(turn.role, turn.speaker, words if len(words) <= SHOWN else f"{words[:SHOWN].rstrip()}…")


def settles(preview: Preview) -> str:
    """The cell `speakers` of raw/sources.csv that settles how a transcript is read; for a person to confirm.

    Without labels, questions cannot be distinguished from answers: the words are left out. An unknown voice that may be
    somebody who refuses or wants no quotes is for a person to name, and so is whoever answers and is not in the register.
    """
    if preview.transcript is None:
        return ""
    people = [one for one in preview.transcript.speakers if one.speaker]
    guess = {} if preview.is_guarded else _guess(preview.transcript)
    nobodies = {one.speaker for one in preview.unregistered}
    roles = (f"{one.speaker}={guess.get(one.speaker) or _proposed(one, preview, nobodies)}" for one in people)
    return ";".join(roles) or f"UNLABELLED={UNKNOWN if preview.is_guarded or nobodies else 'OTHER'}"


def _proposed(one: SpeakerReading, preview: Preview, nobodies: Collection[str]) -> str:
    """Who a speaker is, as far as it is known: an id, a role, or that a person must say it."""
    if one.participant_id:
        return one.participant_id
    if one.role is Role.INTERVIEWER:
        return "INTERVIEWER"
    is_said = one.because is RoleEvidence.SOURCES
    if one.speaker in nobodies or (preview.is_guarded and not is_said):
        return UNKNOWN
    return one.role.upper()


def _guess(transcript: TranscriptReading) -> dict[str, str]:
    """A guess if no interviewer is certain: the speaker with most questions per word, the others as respondents."""
    people = [one for one in transcript.speakers if one.speaker]
    if Undecided.NOBODY_ASKS not in transcript.undecided or not people:
        return {}
    asks = max(people, key=lambda one: (one.questions / max(1, one.words), one.speaker))
    return {one.speaker: "INTERVIEWER" if one is asks else "RESPONDENT" for one in people}
