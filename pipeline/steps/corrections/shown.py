"""The corrections that an excerpt shows on the review page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.records import Correction
from pipeline.registers.corrections import NAME, CorrectionRow, load_corrections, plain_words
from pipeline.review.identity import bounds_of, overlap
from pipeline.review.web.corrections.orders import ShownCorrection
from pipeline.steps.inputs import last_tables
from pipeline.study import Study


class ShownCorrections:
    """The corrections of a study as they are shown under excerpts; the file is read again where it changed."""

    def __init__(self, study: Study) -> None:
        self.study = study
        frames = last_tables(study, (tables.MASKS, tables.CORRECTIONS))
        self._places = _rows_by_source(frames["corrections"].query("status == 'applied'"))
        masks = frames["masks"].query("status == 'masked'")
        self._masks = _rows_by_source(masks[masks["source_id"].isin(list(self._places))])
        self._read: tuple[float, tuple[CorrectionRow, ...]] = (-1.0, ())

    def __call__(self, excerpt_id: str, turn: int, text: str) -> list[ShownCorrection]:
        """Those of an excerpt: applied to its words or its turn, or waiting for words that it has."""
        source_id = excerpt_id.rpartition(":")[0]
        rows = [row for row in self._rows() if row.correction.source_id == source_id]
        applied = {place["correction"]: place for place in self._places.get(source_id, ())}
        recorded = _as_recorded(text, bounds_of(excerpt_id)[0], applied, {row.key: row for row in rows})
        shown = [
            self._shown(row, applied.get(row.key), excerpt_id, turn, recorded) for row in rows if not row.withdrawn
        ]
        return [each for each in shown if each]

    def _rows(self) -> tuple[CorrectionRow, ...]:
        path = self.study.root / NAME
        stamp = path.stat().st_mtime if path.exists() else -1.0
        if self._read[0] != stamp:
            self._read = (stamp, load_corrections(self.study).rows)
        return self._read[1]

    def _shown(
        self, row: CorrectionRow, place: dict[str, Any] | None, excerpt_id: str, turn: int, text: str
    ) -> ShownCorrection | None:
        correction = row.correction
        is_speaker = bool(correction.new_speaker)
        if place is None:
            is_here = _is_waiting_for(text, correction)
        else:
            is_here = place["turn"] == turn if is_speaker else _overlaps(place, *bounds_of(excerpt_id))
        if not is_here:
            return None
        masks = self._masks.get(excerpt_id.rpartition(":")[0], ())
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
    """The words of an excerpt as they are in the file, without what the last run corrected in them."""
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
    """Whether a correction that no run has applied yet is of these words, or of the turn that begins with them."""
    return correction.words in text or (bool(correction.new_speaker) and text in correction.words)


def _overlaps(place: dict[str, Any], start: int, end: int) -> bool:
    return overlap((place["start"], place["end"]), (start, end))


def _rows_by_source(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        rows.setdefault(row["source_id"], []).append({str(name): value for name, value in row.items()})
    return rows
