"""A correction that somebody asks for on the review page: looked for in the file itself, and written to coded/corrections.csv.

What the page shows is masked and corrected already. The words are led back to the file, which is read again, so that the row says
what stands there, and is certain to be applied by the next run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipeline import study as folders
from pipeline import tables
from pipeline.config import Settings, load_settings
from pipeline.engine import Failure
from pipeline.engine.work import Work
from pipeline.errors import ConfigError, Problem, UserError
from pipeline.ingest import FileTask, read_file
from pipeline.ingest.corrections.applying import correct
from pipeline.ingest.corrections.finding import correction_key, occurrences
from pipeline.ingest.transcript.speaker_labels import fold
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import CorrectedPlace, Correction, FileReading, Turn
from pipeline.registers.corrections import (
    NAME,
    STATUS_REMEDY,
    CorrectionRow,
    CorrectionsFile,
    add_row,
    faults_of,
    load_corrections,
    plain_words,
    withdraw_rows,
)
from pipeline.registers.study_registers import StudyRegisters, load_registers
from pipeline.review.identity import bounds_of, overlap
from pipeline.review.masked.gaps import SourceGap, corrected_places, gaps_of, source_offset
from pipeline.review.web.corrections.orders import CorrectionOrder, Withdrawal
from pipeline.review.web.desk import WordsChangedError
from pipeline.spans import Stretch, whole_characters
from pipeline.steps.ingest import RawFiles, confined, tasks_of
from pipeline.steps.inputs import last_tables
from pipeline.study import Study
from pipeline.vocabulary import CorrectionStatus, Role
from pipeline.wording.messages import message

BEGINNING = 60  # characters of a turn by which a correction of its speaker knows it
TABLES = (tables.SOURCES, tables.TEXTS, tables.TURNS, tables.MASKS, tables.CORRECTIONS)


@dataclass(frozen=True, slots=True)
class _Source:
    """A source as the last run stored it, as its file is now, and with the corrections that hold."""

    source_id: str
    text: str
    gaps: Sequence[SourceGap]
    corrected: Sequence[SourceGap]
    masks: Sequence[SourceGap]
    reading: FileReading
    registers: StudyRegisters
    task: FileTask

    @property
    def recorded(self) -> str:
        """The text as read from the file."""
        return next(text.text for text in self.reading.texts if text.source_id == self.source_id)

    @property
    def turns(self) -> list[Turn]:
        """The turns as read from the file."""
        return [turn for turn in self.reading.turns if turn.source_id == self.source_id]

    def has_mask(self, start: int, end: int) -> bool:
        """Whether a name is masked in a stretch of the stored text, also among words that are corrected."""
        return any(overlap(mask[:2], (start, end)) for mask in self.masks)

    def places_of(self, corrections: Sequence[Correction]) -> tuple[CorrectedPlace, ...]:
        """What becomes of corrections of the file."""
        return correct(self.reading, corrections, self.registers.people).places


def correct_from_page(root: Path, order: CorrectionOrder, *, coder: str, now: datetime) -> None:
    """Write a correction that somebody asks for. ConfigError says why it cannot be made; what was typed stays with the page."""
    study = folders.locate_study(root)
    with folders.lock(study, "corrections"):
        source = _source_of(study, order)
        start, end = (bounds_of(order.passage_id)[0] + at for at in (order.start, order.end))
        if order.speaker_of is None:
            correction = _of_words(source, plain_words(order.corrected), start=start, end=end)
        else:
            correction = _of_speaker(source, bounds_of(order.passage_id)[0], order.speaker_of)
        at = now.isoformat(timespec="seconds")
        if correction.correction is None:
            withdraw_rows(study, correction.replaced, withdrawn=f"{coder} {at}")
            return
        _check(source, correction.correction, correction.replaced)
        row = CorrectionRow(0, correction.correction, order.reason, by=coder, at=at)
        add_row(study, row, instead_of=correction.replaced, withdrawn=f"{coder} {at}")


def withdraw_from_page(root: Path, withdrawal: Withdrawal, *, coder: str, now: datetime) -> None:
    """Withdraw a correction, and put back those that it took the place of; the file says by whom and when."""
    study = folders.locate_study(root)
    at = now.isoformat(timespec="seconds")
    with folders.lock(study, "corrections"):
        file = load_corrections(study)
        if withdrawal.key and withdrawal.key not in {row.key for row in file.holding}:
            raise _refusal("is_withdrawn_already", "load_the_page_again")
        former = _put_back(file, withdrawal)
        if withdrawal.key:
            withdraw_rows(study, [withdrawal.key], withdrawn=f"{coder} {at}")
        for row in former:
            reason = row.reason if row.by == coder else ""
            add_row(study, CorrectionRow(0, row.correction, reason, by=coder, at=at))


def _put_back(file: CorrectionsFile, withdrawal: Withdrawal) -> list[CorrectionRow]:
    """The withdrawn rows that are to hold again; refused where another correction of the same words holds now."""
    holding = {row.key for row in file.holding}
    former = {row.key: row for row in file.rows if row.key in withdrawal.restored and row.key not in holding}
    places = {_place_of(row.correction) for row in file.holding if row.key != withdrawal.key}
    if not places.isdisjoint(_place_of(row.correction) for row in former.values()):
        raise _refusal("are_part_of_another_correction", "take_that_back_first")
    return list(former.values())


def _place_of(correction: Correction) -> tuple[str, str, int, bool]:
    """What two corrections that contradict each other have in common."""
    return correction.source_id, correction.words, correction.nth, bool(correction.corrected)


def _refusal(what: str, remedy: str) -> ConfigError:
    return ConfigError(Problem(NAME, message(f"steps/{what}"), message(f"steps/{remedy}")))


def _source_of(study: Study, order: CorrectionOrder) -> _Source:
    """The source of what is corrected; refused if it is not as the last run read it."""
    source_id = order.passage_id.rpartition(":")[0]
    frames = {name: frame[frame["source_id"] == source_id] for name, frame in last_tables(study, TABLES).items()}
    settings, registers = load_settings(study.config), load_registers(study)
    if frames["texts"].empty:
        raise WordsChangedError
    text, stored = str(frames["texts"]["text"].iloc[0]), frames["sources"].iloc[0]
    start, end = bounds_of(order.passage_id)
    if sha256_text(text[start:end]) != order.text_sha256:
        raise WordsChangedError
    raw = RawFiles(study)
    task = next(tasks_of(raw, settings, registers, only=stored["path"]), None)
    if task is None or task.data is None or sha256_bytes(task.data) != stored["sha256"]:
        raise _refusal("the_file_changed_since_the_last_run", "run_make_analyze_then_correct")
    gaps, corrected = gaps_of(frames), corrected_places(frames)
    return _Source(
        source_id=source_id,
        text=text,
        gaps=gaps.get(source_id, ()),
        corrected=corrected.get(source_id, ()),
        masks=gaps_of({"masks": frames["masks"]}).get(source_id, ()),
        reading=_read(study, task, settings),
        registers=registers,
        task=task,
    )


def _read(study: Study, task: FileTask, settings: Settings) -> FileReading:
    ((_, outcome),) = confined(Work(1, lambda _done, _total: None), read_file, [task], study=study, settings=settings)
    if isinstance(outcome, Failure):
        raise UserError(outcome.problems)
    reading: FileReading = outcome
    return reading


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A correction to be written, None where the file has it so, and the keys of those that it takes the place of."""

    correction: Correction | None
    replaced: tuple[str, ...] = ()


def _of_words(source: _Source, corrected: str, *, start: int, end: int) -> _Wanted:
    """The correction of words of the stored text."""
    first, last = _widened(source, start, end)
    if source.has_mask(first, last):
        raise _refusal("hides_a_name", "correct_beside_the_name")
    if not corrected:
        raise _refusal("leaves_no_words", "type_what_it_should_be")
    words = plain_words(source.text[first:start] + corrected + source.text[end:last])
    at = source_offset(first, source.gaps), source_offset(last, source.gaps)
    holding = [place for place in source.places_of(source.task.corrections) if _overlaps(place, *at)]
    if any(place.source_start < at[0] or at[1] < place.source_end for place in holding):
        raise _refusal("are_part_of_another_correction", "take_that_back_first")
    replaced = tuple(place.correction for place in holding)
    recorded = plain_words(source.recorded[slice(*at)])
    return _wanted(source, Correction(source.source_id, recorded, corrected=words), at, replaced)


def _wanted(source: _Source, correction: Correction, at: Sequence[int], replaced: tuple[str, ...]) -> _Wanted:
    """The correction with which of the places with its words it is, counted as the next run does."""
    if correction.corrected == correction.words:
        if not replaced:
            raise _refusal("changes_nothing", "type_what_it_should_be")
        return _Wanted(None, replaced)
    places = occurrences(correction.words, source.recorded, source.turns) if correction.words else []
    bounds = [[each.start, each.end] for each in places]
    if list(at) not in bounds:
        raise _refusal("has_no_such_words", "select_whole_words")
    return _Wanted(replace(correction, nth=bounds.index(list(at)) + 1 if len(bounds) > 1 else 0), replaced)


def _overlaps(place: CorrectedPlace, start: int, end: int) -> bool:
    is_of_words = place.status is CorrectionStatus.APPLIED and not place.is_speaker
    return is_of_words and overlap((start, end), (place.source_start, place.source_end))


def _widened(source: _Source, start: int, end: int) -> Stretch:
    """Whole words and whole corrections: what is selected in them is a part of what is corrected."""
    if not start < end <= len(source.text) or whole_characters(source.text[start:end], 0, end - start) is None:
        raise _refusal("leaves_no_words", "select_whole_words")
    before = re.search(r"\w*$", source.text[:start])
    after = re.match(r"\w*", source.text[end:])
    first = start - len(before[0]) if before and source.text[start].isalnum() else start
    last = end + len(after[0]) if after and source.text[end - 1].isalnum() else end
    touching = [gap for gap in source.corrected if overlap(gap[:2], (first, last))]
    return Stretch(min([first, *(gap.start for gap in touching)]), max([last, *(gap.end for gap in touching)]))


def _of_speaker(source: _Source, place: int, speaker_of: int) -> _Wanted:
    """The correction of who speaks at a place of the stored text: the speaker of another turn, or the interviewer (0)."""
    turn = _turn_at(source, source_offset(place, source.gaps))
    other = {each.turn: each for each in source.turns}.get(speaker_of)
    if turn is None or (speaker_of and other is None):
        raise _refusal("has_no_such_words", "load_the_page_again")
    of_speakers = [place for place in source.places_of(source.task.corrections) if place.is_speaker]
    replaced = tuple(place.correction for place in of_speakers if place.turn == turn.turn)
    if other and _who(other) == _who(turn):
        if not replaced:
            raise _refusal("changes_nothing", "choose_another_speaker")
        return _Wanted(None, replaced)
    return _Wanted(_speaker_correction(source, turn, _name_of(other)), replaced)


def _turn_at(source: _Source, at: int) -> Turn | None:
    return next((each for each in source.turns if each.start <= at < each.end), None)


def _speaker_correction(source: _Source, turn: Turn, name: str) -> Correction:
    """The correction that gives a turn to another speaker."""
    words = _beginning(source.recorded[turn.start : turn.end])
    numbers = [each.turn.turn for each in occurrences(words, source.recorded, source.turns)]
    if turn.turn not in numbers:
        raise _refusal("has_no_such_words", "correct_by_hand")
    nth = numbers.index(turn.turn) + 1 if len(numbers) > 1 else 0
    return Correction(source.source_id, words, nth, "", turn.speaker, name)


def _who(turn: Turn) -> list[str]:
    return [fold(turn.speaker), turn.participant_id, turn.role]


def _name_of(turn: Turn | None) -> str:
    """What a correction calls the speaker of a turn; the interviewer without a turn."""
    if turn is None:
        return str(Role.INTERVIEWER).upper()
    return turn.speaker or turn.participant_id or str(turn.role).upper()


def _beginning(words: str) -> str:
    """The first words of a turn."""
    whole = plain_words(words)
    return whole if len(whole) <= BEGINNING else whole[: BEGINNING + 1].rpartition(" ")[0] or whole


def _check(source: _Source, correction: Correction, replaced: Sequence[str]) -> None:
    """Refuse a correction that would not be applied, or that contradicts one that holds."""
    if faults := list(faults_of(correction)):
        raise ConfigError(Problem(NAME, what, remedy) for what, remedy in faults)
    holding = [each for each in source.task.corrections if correction_key(each) not in replaced]
    places = source.places_of([*holding, correction])
    status = next(place.status for place in places if place.correction == correction_key(correction))
    if status is not CorrectionStatus.APPLIED:
        what = message(f"registers/correction_{status.name.lower()}")
        raise ConfigError(Problem(NAME, what, message(STATUS_REMEDY[status])))
