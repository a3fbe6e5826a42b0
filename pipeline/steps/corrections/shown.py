"""The corrections that an excerpt or a turn shows on the review page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.ingest.corrections.finding import occurrences
from pipeline.records import Correction, Turn
from pipeline.registers.corrections import NAME, CorrectionRow, load_corrections, plain_words
from pipeline.review.identity import bounds_of, overlap
from pipeline.review.web.corrections.orders import ShownCorrection
from pipeline.review.web.shelf import Shelf
from pipeline.steps.inputs import last_tables
from pipeline.study import Study


class ShownCorrections:
    """The corrections of a study as they are shown under excerpts and turns; the file is read again if it changed."""

    def __init__(self, study: Study, shelf: Shelf) -> None:
        self.study, self.shelf = study, shelf
        frames = last_tables(study, (tables.MASKS, tables.CORRECTIONS))
        self._places = _rows_by_source(frames["corrections"].query("status == 'applied'"))
        masks = frames["masks"].query("status == 'masked'")
        self._masks = _rows_by_source(masks[masks["source_id"].isin(list(self._places))])
        self._read: tuple[float, tuple[CorrectionRow, ...]] = (-1.0, ())
        self._waiting: dict[str, dict[str, int]] = {}  # source -> key of a correction that no run applied -> its turn

    def __call__(self, passage_id: str, turn: int, text: str) -> list[ShownCorrection]:
        """The corrections of an excerpt or turn: applied there, or waiting for the next run."""
        source_id = passage_id.rpartition(":")[0]
        rows = {row.key: row for row in self._rows() if row.correction.source_id == source_id}
        if not rows:
            return []
        applied = {place["correction"]: place for place in self._places.get(source_id, ())}
        if source_id not in self._waiting:
            self._waiting[source_id] = self._turns_waiting(source_id, applied, rows)
        recorded = _as_recorded(text, bounds_of(passage_id)[0], applied, rows)
        shown = [
            self._shown(row, applied.get(row.key), passage_id, turn, recorded)
            for row in rows.values()
            if not row.withdrawn
        ]
        return [each for each in shown if each]

    def _turns_waiting(
        self, source_id: str, applied: Mapping[str, dict[str, Any]], rows: Mapping[str, CorrectionRow]
    ) -> dict[str, int]:
        """The turn of each correction that no run has applied yet, counted as the next run does."""
        parts: list[str] = []
        turns: list[Turn] = []
        for row in self.shelf.all_turns(source_id):
            start = len("\n".join([*parts, ""]))
            words = self.shelf.words_between(source_id, row["start"], row["end"])
            parts.append(_as_recorded(words, row["start"], applied, rows))
            turns.append(replace(Turn(**row), start=start, end=start + len(parts[-1])))
        waiting: dict[str, int] = {}
        for key in rows.keys() - applied.keys():
            places = occurrences(rows[key].correction.words, "\n".join(parts), turns)
            nth = rows[key].correction.nth or 1
            if nth <= len(places):
                waiting[key] = places[nth - 1].turn.turn
        return waiting

    def _rows(self) -> tuple[CorrectionRow, ...]:
        path = self.study.root / NAME
        stamp = path.stat().st_mtime if path.exists() else -1.0
        if self._read[0] != stamp:
            self._read = (stamp, load_corrections(self.study).rows)
            self._waiting = {}
        return self._read[1]

    def _shown(
        self, row: CorrectionRow, place: dict[str, Any] | None, passage_id: str, turn: int, text: str
    ) -> ShownCorrection | None:
        correction = row.correction
        is_speaker = bool(correction.new_speaker)
        source_id = passage_id.rpartition(":")[0]
        if place is None:
            in_turn = self._waiting[source_id].get(row.key, turn)
            is_here = in_turn == turn and _is_waiting_for(text, correction)
        else:
            is_here = place["turn"] == turn if is_speaker else _overlaps(place, *bounds_of(passage_id))
        if not is_here or not (text or is_speaker):  # words that are withheld are not shown as corrections either
            return None
        masks = self._masks.get(source_id, ())
        is_hidden = place is not None and any(_overlaps(mask, place["start"], place["end"]) for mask in masks)
        is_plain = not is_speaker and not is_hidden
        return ShownCorrection(
            key=row.key,
            words=correction.words if is_plain else "",
            corrected=correction.corrected if is_plain else "",
            is_speaker=is_speaker,
            is_applied=place is not None,
            by=row.by,
            at=row.day,
            reason=row.reason,
        )


def _as_recorded(
    text: str, first: int, applied: Mapping[str, dict[str, Any]], rows: Mapping[str, CorrectionRow]
) -> str:
    """Words as they are in the file, without what the last run corrected in them."""
    places = [place for key, place in applied.items() if key in rows and not place["is_speaker"]]
    for place in sorted(places, key=_start, reverse=True):
        start, end = place["start"] - first, place["end"] - first
        if 0 <= start < end <= len(text):
            text = text[:start] + rows[place["correction"]].correction.words + text[end:]
    return plain_words(text)


def _start(place: dict[str, Any]) -> int:
    start: int = place["start"]
    return start


def _is_waiting_for(text: str, correction: Correction) -> bool:
    """Whether a correction that no run has applied yet is of these words, or of the turn that they begin."""
    return correction.words in text or (bool(correction.new_speaker) and text in correction.words)


def _overlaps(place: dict[str, Any], start: int, end: int) -> bool:
    return overlap((place["start"], place["end"]), (start, end))


def _rows_by_source(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        rows.setdefault(row["source_id"], []).append({str(name): value for name, value in row.items()})
    return rows
