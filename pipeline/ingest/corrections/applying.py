"""The reading of a file with its corrections: other words in the text, all offsets moved with them, and other speakers of turns.

Done before words are withheld and names are masked: a name that a correction brings in is masked, and a turn that proves to
be somebody's who refuses is withheld.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.corrections.finding import Occurrence, correction_key, occurrences
from pipeline.ingest.corrections.speakers import NewSpeaker, new_speaker
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.people import NameRegister
from pipeline.provenance import count_chars, sha256_text
from pipeline.records import (
    CorrectedPlace,
    Correction,
    FileReading,
    Participant,
    Source,
    Text,
    Turn,
    UnidentifiedSpeaker,
)
from pipeline.vocabulary import CorrectionStatus, Kind, Role


@dataclass(frozen=True, slots=True)
class CorrectedReading:
    """A reading with its corrections, and what became of each; places are in the corrected text."""

    reading: FileReading
    places: tuple[CorrectedPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sought:
    """A correction, and where its words are; the status says why it is not applied."""

    correction: Correction
    status: CorrectionStatus
    at: Occurrence | None = None
    speaker: NewSpeaker | None = None

    @property
    def is_speaker(self) -> bool:
        return bool(self.correction.new_speaker)

    def refused(self, status: CorrectionStatus) -> _Sought:
        return _Sought(self.correction, status)


def correct(reading: FileReading, corrections: Sequence[Correction], people: Iterable[Participant]) -> CorrectedReading:
    """The reading with these corrections. One whose words are not there, or that contradicts another, is not applied."""
    if not corrections:
        return CorrectedReading(reading)
    register = NameRegister(people)
    by_source: dict[str, list[Correction]] = defaultdict(list)
    for correction in corrections:
        by_source[correction.source_id].append(correction)
    places: list[CorrectedPlace] = []
    for source in reading.sources:
        if source.source_id in by_source:
            sought = _sought(source, reading, by_source[source.source_id], register)
            reading, of_source = _applied(reading, source, sought)
            places += of_source
    return CorrectedReading(reading, tuple(places))


def _sought(
    source: Source, reading: FileReading, corrections: Iterable[Correction], register: NameRegister
) -> list[_Sought]:
    text = _words_of(reading, source.source_id)
    turns = [turn for turn in reading.turns if turn.source_id == source.source_id]
    candidates = {each.turn: each.candidates for each in reading.unidentified if each.source_id == source.source_id}

    def with_speaker(each: _Sought) -> _Sought:
        if not each.is_speaker or each.at is None:
            return each
        if source.kind is not Kind.INTERVIEW:
            return each.refused(CorrectionStatus.NO_SPEAKERS)
        speaker = new_speaker(each.correction.new_speaker, turns, register, candidates)
        return replace(each, speaker=speaker) if speaker else each.refused(CorrectionStatus.UNKNOWN_SPEAKER)

    return _without_contradictions([with_speaker(_one(correction, text, turns)) for correction in corrections])


def _one(correction: Correction, text: str, turns: Sequence[Turn]) -> _Sought:
    places = occurrences(correction.words, text, turns)
    if not correction.nth and len(places) > 1:
        return _Sought(correction, CorrectionStatus.SEVERAL)
    nth = correction.nth or 1
    if nth > len(places):
        return _Sought(correction, CorrectionStatus.NOT_FOUND)
    place = places[nth - 1]
    if correction.speaker and fold(correction.speaker) != fold(place.turn.speaker):
        return _Sought(correction, CorrectionStatus.OTHER_SPEAKER)
    return _Sought(correction, CorrectionStatus.APPLIED, place)


def _without_contradictions(sought: Sequence[_Sought]) -> list[_Sought]:
    """The corrections, without those that want other words at the same place, or another speaker of the same turn."""
    in_order = sorted((each for each in sought if each.at), key=_bounds)
    crossing: list[_Sought] = []
    last: dict[bool, _Sought] = {}  # the correction that reaches furthest so far, of speakers and of words
    for each in in_order:
        before = last.get(each.is_speaker)
        if before and _bounds(each)[0] < _bounds(before)[1]:
            crossing += [before, each]
        if before is None or _bounds(before)[1] < _bounds(each)[1]:
            last[each.is_speaker] = each
    return [each.refused(CorrectionStatus.CROSSES) if each in crossing else each for each in sought]


def _bounds(each: _Sought) -> tuple[int, int]:
    """The words that are corrected, or the turn whose speaker is."""
    if each.at is None:
        return 0, 0
    return (each.at.turn.start, each.at.turn.end) if each.is_speaker else (each.at.start, each.at.end)


class _Edits:
    """Stretches of a text that are replaced, and where everything else is then."""

    def __init__(self, words: Sequence[_Sought]) -> None:
        self.replaced = sorted(
            (each.at.start, each.at.end, each.correction.corrected) for each in words if each.at is not None
        )
        self.ends = [end for _, end, _ in self.replaced]
        self.shifts = [0]
        for start, end, corrected in self.replaced:
            self.shifts.append(self.shifts[-1] + len(corrected) - (end - start))

    def text(self, text: str) -> str:
        parts, at = [], 0
        for start, end, corrected in self.replaced:
            parts += [text[at:start], corrected]
            at = end
        return "".join([*parts, text[at:]])

    def now(self, offset: int) -> int:
        """The new offset of one that is inside no replaced stretch."""
        return offset + self.shifts[bisect_right(self.ends, offset)]


def _applied(
    reading: FileReading, source: Source, sought: Sequence[_Sought]
) -> tuple[FileReading, list[CorrectedPlace]]:
    """The reading with the corrections of one source."""
    name = source.source_id
    edits = _Edits([each for each in sought if not each.is_speaker])
    speakers = {each.at.turn.turn: each.speaker for each in sought if each.at and each.speaker}
    before = _words_of(reading, name)
    words = edits.text(before)
    places = [_place(each, name, edits, before) for each in sought]
    turns = list(_turns(reading, source, edits, speakers))
    if source.kind is Kind.INTERVIEW:
        turns = list(_asked(turns, name, words))
    more = sum(place.chars_now - place.chars for place in places)
    now = _source(replace(source, chars=source.chars + more), reading.turns, turns)
    corrected = replace(
        reading,
        sources=tuple(now if each is source else each for each in reading.sources),
        texts=_with_words(reading.texts, name, words),
        turns=tuple(turns),
        unidentified=tuple(_unidentified(reading.unidentified, name, speakers)),
    )
    return corrected, places


def _with_words(texts: Iterable[Text], source_id: str, words: str) -> tuple[Text, ...]:
    corrected = Text(source_id, words, sha256_text(words))
    return tuple(corrected if text.source_id == source_id else text for text in texts)


def _words_of(reading: FileReading, source_id: str) -> str:
    return next((text.text for text in reading.texts if text.source_id == source_id), "")


def _turns(reading: FileReading, source: Source, edits: _Edits, speakers: Mapping[int, NewSpeaker]) -> Iterator[Turn]:
    for turn in reading.turns:
        yield _turn(turn, edits, speakers) if turn.source_id == source.source_id else turn


def _turn(turn: Turn, edits: _Edits, speakers: Mapping[int, NewSpeaker]) -> Turn:
    speaker = speakers.get(turn.turn)
    moved = replace(turn, start=edits.now(turn.start), end=edits.now(turn.end))
    if speaker is None:
        return moved
    return replace(moved, speaker=speaker.label, role=speaker.role, participant_id=speaker.participant_id)


def _asked(turns: Iterable[Turn], source_id: str, text: str) -> Iterator[Turn]:
    """The turns, each with the last words of an interviewer before it as its question."""
    question = ""
    for turn in turns:
        if turn.source_id != source_id:
            yield turn
        elif turn.role is Role.INTERVIEWER:
            question = " ".join(text[turn.start : turn.end].split())
            yield replace(turn, question="")
        else:
            yield replace(turn, question=question)


def _unidentified(
    unidentified: Iterable[UnidentifiedSpeaker], source_id: str, speakers: Mapping[int, NewSpeaker]
) -> Iterator[UnidentifiedSpeaker]:
    """Whose words cannot be identified: not those whose speaker is corrected, but those whose new speaker may be several people."""
    for each in unidentified:
        if each.source_id != source_id or each.turn not in speakers:
            yield each
    for turn, speaker in sorted(speakers.items()):
        if speaker.candidates:
            yield UnidentifiedSpeaker(source_id, turn, speaker.candidates)


def _source(source: Source, before: Iterable[Turn], now: Iterable[Turn]) -> Source:
    """The source with the people who speak in it."""
    people = set(source.participant_ids.split(";")) - {""}
    was_speaking, is_speaking = _speaking(source, before), _speaking(source, now)
    return replace(source, participant_ids=";".join(sorted((people - was_speaking) | is_speaking)))


def _speaking(source: Source, turns: Iterable[Turn]) -> set[str]:
    return {turn.participant_id for turn in turns if turn.source_id == source.source_id} - {""}


def _place(each: _Sought, source_id: str, edits: _Edits, text: str) -> CorrectedPlace:
    key = correction_key(each.correction)
    if each.at is None:
        return CorrectedPlace(source_id, key, each.status, each.is_speaker)
    start, end = _bounds(each)
    return CorrectedPlace(
        source_id=source_id,
        correction=key,
        status=each.status,
        is_speaker=each.is_speaker,
        turn=each.at.turn.turn,
        start=edits.now(start),
        end=edits.now(end),
        source_start=start,
        source_end=end,
        chars=0 if each.is_speaker else count_chars(text[start:end]),
        chars_now=0 if each.is_speaker else count_chars(each.correction.corrected),
    )
