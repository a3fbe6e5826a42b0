"""Consent applied: words that are not used at all, and words that are used and not shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from pipeline import wording
from pipeline.provenance import count_chars, key_of, sha256_text
from pipeline.records import FileReading, Participant, Rejected, Source, Text, Turn, UnidentifiedSpeaker
from pipeline.vocabulary import Consent, Kind, Reason, Role

REASONS = (Reason.REFUSED, Reason.ASKED_OF_REFUSER, Reason.PERSON_UNCLEAR)


def note(language: str) -> str:
    """What is shown in place of withheld words."""
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
    return frozenset(person.participant_id for person in people if not person.consent.is_used)


def unquoted(people: Iterable[Participant]) -> frozenset[str]:
    """The ids of people who want no quotes."""
    return frozenset(person.participant_id for person in people if not person.consent.is_shown)


def agreeing(people: Iterable[Participant]) -> frozenset[str]:
    """The ids of people who said yes: what shows a face or lets a voice be heard leaves with nobody's silence."""
    return frozenset(
        person.participant_id for person in people if person.consent is Consent.YES and person.is_consent_stated
    )


class Naming(NamedTuple):
    """Whom raw/sources.csv names for a source."""

    source_id: str
    kind: str
    participant_ids: str  # joined by ;
    refused: str  # keys of people who refuse and whose words were left out, joined by ;


def unshown_turns(
    people: Iterable[Participant], turns: Iterable[Speaking], sources: Iterable[Naming]
) -> frozenset[TurnId]:
    """The turns whose words are not shown: those that are, or may be, of people who want no quotes or refuse.

    Where such a person speaks in no interview and is named for none, every respondent of an interview may be that person
    who is not known to be somebody else. An answer to a survey says nothing of who speaks in the interviews.
    """
    register, spoken, named = tuple(people), tuple(turns), tuple(sources)
    lost = unheard(register, spoken, named)
    expected = {
        source.source_id: {*source.participant_ids.split(";"), *(lost if source.kind == Kind.INTERVIEW else ())}
        for source in named
    }
    return turns_of(unquoted(register), spoken, expected)


def unheard(people: Iterable[Participant], turns: Iterable[Speaking], sources: Iterable[Naming]) -> frozenset[str]:
    """The people who want no quotes or refuse, speak in no interview and are named for none: anybody's words may be theirs."""
    interviews = {source.source_id: source for source in sources if source.kind == Kind.INTERVIEW}
    speaking = {turn.participant_id for turn in turns if turn.source_id in interviews}
    present = speaking.union(*(source.participant_ids.split(";") for source in interviews.values()))
    met = set[str]().union(*(source.refused.split(";") for source in interviews.values()))
    return frozenset(
        person.participant_id
        for person in people
        if not person.consent.is_shown
        and person.participant_id not in present
        and key_of(person.participant_id) not in met
    )


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
    turn_ids = set()
    for source_id, spoken in by_source.items():
        speaking = {turn.participant_id for turn in spoken}
        is_unheard = not speaking.issuperset(set(expected.get(source_id, ())) & set(persons))
        for turn in spoken:
            may_be = is_unheard and not turn.participant_id and turn.role != Role.INTERVIEWER
            if turn.participant_id in persons or may_be:
                turn_ids.add((source_id, turn.turn))
    return frozenset(turn_ids)


def withheld_sources(turns: Iterable[tuple[str, str]], rejected: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The sources of which nothing is used, as everybody who answers in them refuses, or may do so.

    `turns`: (source_id, role) of every turn; `rejected`: (source_id, reason) of everything that is left out.
    """
    answered = {source_id for source_id, role in turns if role == Role.RESPONDENT}
    return frozenset(source_id for source_id, reason in rejected if reason in REASONS) - answered


def blanked(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text with spaces in the place of these spans; everything else keeps its offset."""
    parts, at = [], 0
    for start, end in sorted(stretches):
        begin = max(start, at)
        parts += [text[at:begin], " " * max(0, end - begin)]
        at = max(at, end)
    return "".join(parts) + text[at:]


def withhold(reading: FileReading, people: Iterable[Participant]) -> FileReading:
    """The reading of a file without any word of people who refuse: blanks in the text, and their characters among the exclusions.

    Words whose speaker cannot be identified are withheld as well where they may be those of somebody who refuses.
    """
    register = tuple(people)
    refusers = refusing(register)
    unidentified = withheld_speakers(reading.unidentified, register)
    if not refusers and not unidentified:
        return reading
    turns = withheld_turns(reading, refusers, unidentified)
    emptied = emptied_sources(reading, turns, refusers, unidentified)
    turns |= _turns_of_emptied(reading, turns, emptied)
    if not turns and not emptied:
        return reading
    return _blanked_reading(reading, turns, emptied, refusers)


def _blanked_reading(
    reading: FileReading, turns: Mapping[TurnId, Reason], emptied: Mapping[str, Reason], refusers: Collection[str]
) -> FileReading:
    """The reading with blanks for these turns, without the closed answers of these sources, and with both listed."""
    touched = {source_id for source_id, _ in turns} | emptied.keys()
    exclusions = (*_withheld_words(reading, turns), *_withheld_answers(reading, emptied))
    return replace(
        reading,
        sources=tuple(
            _source(s, reading.turns, refusers, exclusions) if s.source_id in touched else s for s in reading.sources
        ),
        texts=tuple(_text(t, reading.turns, turns, emptied) if t.source_id in touched else t for t in reading.texts),
        turns=tuple(_silenced(turn) if _id(turn) in turns else turn for turn in reading.turns),
        answers=tuple(answer for answer in reading.answers if answer.source_id not in emptied),
        attributes=tuple(attribute for attribute in reading.attributes if attribute.source_id not in emptied),
        rejected=(*reading.rejected, *exclusions),
    )


def withheld_speakers(
    unidentified: Iterable[UnidentifiedSpeaker], people: Iterable[Participant]
) -> tuple[UnidentifiedSpeaker, ...]:
    """The unidentified speakers who may be somebody who refuses, or, where candidates are known, who wants no quotes."""
    register = tuple(people)
    refusers, protected = refusing(register), unquoted(register)
    return tuple(
        speaker
        for speaker in unidentified
        if protected.intersection(speaker.candidates) or (refusers and not speaker.candidates)
    )


def withheld_turns(
    reading: FileReading, refusers: Collection[str], unidentified: Iterable[UnidentifiedSpeaker]
) -> dict[TurnId, Reason]:
    """The turns that are, or may be, the words of people who refuse, each with the reason why it is withheld."""
    unclear = {(speaker.source_id, speaker.turn) for speaker in unidentified}
    turns = {
        _id(turn): Reason.PERSON_UNCLEAR
        for turn in reading.turns
        if _id(turn) in unclear or (turn.source_id, None) in unclear
    }
    expected = {source.source_id: _people_of(source) for source in reading.sources}
    return turns | dict.fromkeys(sorted(turns_of(refusers, speaking_in(reading), expected)), Reason.REFUSED)


def speaking_in(reading: FileReading) -> tuple[Speaking, ...]:
    """Who speaks in each turn of a file."""
    return tuple(Speaking(turn.source_id, turn.turn, turn.role, turn.participant_id) for turn in reading.turns)


def emptied_sources(
    reading: FileReading,
    turns: Collection[TurnId],
    refusers: frozenset[str],
    unidentified: Iterable[UnidentifiedSpeaker],
) -> dict[str, Reason]:
    """The sources that are not used at all, with the reason: the words of every respondent in them are withheld."""
    unclear = {speaker.source_id for speaker in unidentified if speaker.turn is None}
    touched = unclear.union(source_id for source_id, _ in turns)
    touched |= {source.source_id for source in reading.sources if _is_only_of(source, refusers)}
    answering = {turn.source_id for turn in reading.turns if turn.role == Role.RESPONDENT and _id(turn) not in turns}
    return {
        source_id: Reason.PERSON_UNCLEAR if source_id in unclear else Reason.REFUSED
        for source_id in sorted(touched - answering)
    }


def _is_only_of(source: Source, persons: frozenset[str]) -> bool:
    """Whether people are named for a source, and all of them are among these."""
    people = _people_of(source)
    return bool(people) and people <= persons


def _turns_of_emptied(
    reading: FileReading, turns: Mapping[TurnId, Reason], emptied: Mapping[str, Reason]
) -> dict[TurnId, Reason]:
    """All turns of sources that are not used at all: what an interviewer asks somebody who refuses is withheld with the answer."""
    return {
        _id(turn): Reason.ASKED_OF_REFUSER
        if turn.role == Role.INTERVIEWER
        else turns.get(_id(turn), emptied[turn.source_id])
        for turn in reading.turns
        if turn.source_id in emptied
    }


def _people_of(source: Source) -> set[str]:
    return set(source.participant_ids.split(";")) - {""}


def _id(turn: Turn) -> TurnId:
    return turn.source_id, turn.turn


def _withheld_words(reading: FileReading, turns: Mapping[TurnId, Reason]) -> Iterator[Rejected]:
    """A row for every turn that is not used."""
    words = {text.source_id: text.text for text in reading.texts}
    for turn in reading.turns:
        if reason := turns.get(_id(turn)):
            chars = count_chars(words[turn.source_id][turn.start : turn.end])
            yield Rejected("ingest", turn.source_id, turn.place, reason, chars)


def _withheld_answers(reading: FileReading, emptied: Mapping[str, Reason]) -> Iterator[Rejected]:
    """A row for the closed answers of every source that is not used at all."""
    chars: Counter[str] = Counter()
    for answer in reading.answers:
        if answer.source_id in emptied:
            chars[answer.source_id] += count_chars(answer.value)
    for source_id in sorted(chars):
        yield Rejected("ingest", source_id, "closed answers", emptied[source_id], chars[source_id])


def _source(source: Source, turns: Iterable[Turn], refusers: Collection[str], exclusions: Iterable[Rejected]) -> Source:
    chars = sum(row.chars for row in exclusions if row.source_id == source.source_id)
    people = ";".join(person for person in source.participant_ids.split(";") if person not in refusers)
    speaking = {turn.participant_id for turn in turns if turn.source_id == source.source_id}
    refused = ";".join(sorted(key_of(person) for person in (_people_of(source) | speaking) & set(refusers)))
    chars_excluded = source.chars_excluded + chars
    return replace(source, chars_excluded=chars_excluded, participant_ids=people, refused=refused)


def _text(text: Text, spoken: Iterable[Turn], turns: Collection[TurnId], emptied: Collection[str]) -> Text:
    """The text with blanks from the start of each withheld turn to the start of the turn after it."""
    if text.source_id in emptied:
        spans = [(0, len(text.text))]
    else:
        in_order = sorted((turn for turn in spoken if turn.source_id == text.source_id), key=lambda turn: turn.start)
        ends = [after.start for _, after in pairwise(in_order)] + [len(text.text)]
        spans = [(turn.start, end) for turn, end in zip(in_order, ends, strict=True) if _id(turn) in turns]
    words = blanked(text.text, spans)
    return Text(text.source_id, words, sha256_text(words))


def _silenced(turn: Turn) -> Turn:
    """The turn without words: only its place is left."""
    return replace(turn, speaker="", role=Role.OTHER, participant_id="", question="")
