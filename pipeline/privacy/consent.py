"""What people agreed to, applied: words that are not used at all, and words that are used and not shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from pipeline import wording
from pipeline.provenance import count_chars, sha256_text
from pipeline.records import FileReading, Participant, Rejected, Source, Text, Turn
from pipeline.vocabulary import Consent, Reason, Role

USED: dict[Consent, bool] = {Consent.YES: True, Consent.UNSAID: True, Consent.NO_QUOTES: True, Consent.NO: False}
SHOWN: dict[Consent, bool] = {Consent.YES: True, Consent.UNSAID: True, Consent.NO_QUOTES: False, Consent.NO: False}
REASONS = (Reason.REFUSED, Reason.ASKED_OF_REFUSER, Reason.PERSON_UNCLEAR)


def note(language: str) -> str:
    """What is shown in the place of words that are withheld."""
    return wording.text("consent.withheld", language)


TurnId = tuple[str, int]  # source_id, number of the turn


class Speaking(NamedTuple):
    """Who speaks in a turn."""

    source_id: str
    turn: int
    role: str
    participant_id: str


def refusing(people: Iterable[Participant]) -> frozenset[str]:
    """The ids of people whose words are not used."""
    return frozenset(person.participant_id for person in people if not USED[person.consent])


def unquoted(people: Iterable[Participant]) -> frozenset[str]:
    """The ids of people whose words are shown nowhere."""
    return frozenset(person.participant_id for person in people if not SHOWN[person.consent])


def turns_of(
    persons: Collection[str], turns: Iterable[Speaking], expected: Mapping[str, Collection[str]]
) -> frozenset[TurnId]:
    """The turns that are, or may be, the words of these people.

    `expected` says who is named for a source. Where one of the people is named for a source and no turn is known to be
    theirs, every turn of which nobody is known to be the speaker may be; interviewers apart.
    """
    by_source: dict[str, list[Speaking]] = defaultdict(list)
    for turn in turns:
        by_source[turn.source_id].append(turn)
    found = set()
    for source_id, spoken in by_source.items():
        known = {turn.participant_id for turn in spoken}
        is_unheard = not known.issuperset(set(expected.get(source_id, ())) & set(persons))
        for turn in spoken:
            may_be = is_unheard and not turn.participant_id and turn.role != Role.INTERVIEWER
            if turn.participant_id in persons or may_be:
                found.add((source_id, turn.turn))
    return frozenset(found)


def blanked(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text with spaces in the place of these stretches; what stands elsewhere keeps its offset."""
    parts, at = [], 0
    for start, end in sorted(stretches):
        begin = max(start, at)
        parts += [text[at:begin], " " * max(0, end - begin)]
        at = max(at, end)
    return "".join(parts) + text[at:]


def withhold(reading: FileReading, persons: frozenset[str]) -> FileReading:
    """The reading of a file without any word of these people: blanks in the text, and their characters among the exclusions."""
    if not persons:
        return reading
    expected = {source.source_id: set(source.participant_ids.split(";")) - {""} for source in reading.sources}
    spoken = [Speaking(t.source_id, t.turn, t.role, t.participant_id) for t in reading.turns]
    silent = turns_of(persons, spoken, expected)
    touched = {source_id for source_id, _ in silent} | {s for s, who in expected.items() if who and who <= persons}
    if not touched:
        return reading
    emptied = touched - {t.source_id for t in reading.turns if t.role == Role.RESPONDENT and _id(t) not in silent}
    silent |= {_id(t) for t in reading.turns if t.source_id in emptied}
    lost = tuple(_exclusions(reading, silent, emptied))
    return replace(
        reading,
        sources=tuple(_source(s, persons, lost) if s.source_id in touched else s for s in reading.sources),
        texts=tuple(_text(t, reading, silent, emptied) if t.source_id in touched else t for t in reading.texts),
        turns=tuple(_silenced(t) if _id(t) in silent else t for t in reading.turns),
        answers=tuple(a for a in reading.answers if a.source_id not in emptied),
        rejected=(*reading.rejected, *lost),
    )


def _id(turn: Turn) -> TurnId:
    return turn.source_id, turn.turn


def _exclusions(reading: FileReading, silent: Collection[TurnId], emptied: Collection[str]) -> Iterator[Rejected]:
    """What is not used, a row a turn, and one for the closed answers of a row of a survey."""
    words = {text.source_id: text.text for text in reading.texts}
    for turn in reading.turns:
        if _id(turn) in silent:
            reason = Reason.ASKED_OF_REFUSER if turn.role == Role.INTERVIEWER else Reason.REFUSED
            chars = count_chars(words[turn.source_id][turn.start : turn.end])
            yield Rejected("ingest", turn.source_id, turn.place, reason, chars)
    closed: dict[str, int] = defaultdict(int)
    for answer in reading.answers:
        if answer.source_id in emptied:
            closed[answer.source_id] += count_chars(answer.value)
    for source_id, chars in sorted(closed.items()):
        yield Rejected("ingest", source_id, "closed answers", Reason.REFUSED, chars)


def _source(source: Source, persons: Collection[str], lost: Sequence[Rejected]) -> Source:
    chars = sum(row.chars for row in lost if row.source_id == source.source_id)
    who = ";".join(person for person in source.participant_ids.split(";") if person not in persons)
    return replace(source, chars_excluded=source.chars_excluded + chars, participant_ids=who)


def _text(text: Text, reading: FileReading, silent: Collection[TurnId], emptied: Collection[str]) -> Text:
    """The text with blanks from where a silent turn begins to where the next one begins that is not."""
    if text.source_id in emptied:
        stretches = [(0, len(text.text))]
    else:
        mine = sorted((t for t in reading.turns if t.source_id == text.source_id), key=lambda turn: turn.start)
        ends = [after.start for _, after in pairwise(mine)] + [len(text.text)]
        stretches = [(turn.start, end) for turn, end in zip(mine, ends, strict=True) if _id(turn) in silent]
    words = blanked(text.text, stretches)
    return Text(text.source_id, words, sha256_text(words))


def _silenced(turn: Turn) -> Turn:
    """A turn of which only the place is left."""
    return replace(turn, speaker="", role=Role.OTHER, participant_id="", question="")
