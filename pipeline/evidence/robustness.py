"""Whether a finding keeps its strength when one person, one source or one group is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import Counts, EvidenceRow, Tally, evidence_rows, strength
from pipeline.vocabulary import LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
SHOWN = 3  # names in a sentence; more are counted
PIVOTS = 5  # as many as the persons that the delivered rule asks of a moderate finding


def changes(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[tuple[str, str, Strength]]:
    """(column, value, strength without it) for every person, source and group whose absence changes the strength."""
    confirmed = [row for row in evidence_rows(evidence) if row.status == LinkStatus.CONFIRMED]
    counted = Tally(confirmed)
    whole = strength(counted.counts(), settings)
    changed = []
    for column in LEFT_OUT:
        for value, rows in _by_value(confirmed, column):
            without = strength(_counts_without(counted, rows), settings)
            if without is not whole:
                changed.append((column, value, without))
    return changed


def _by_value(rows: Sequence[EvidenceRow], column: str) -> list[tuple[str, list[EvidenceRow]]]:
    """The rows of each value of a column, in order; blank ones are left out."""
    by_value: dict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        by_value[getattr(row, column)].append(row)
    by_value.pop("", None)
    return sorted(by_value.items())


def _counts_without(counted: Tally, rows: Sequence[EvidenceRow]) -> Counts:
    """The counts with some rows taken out; they are put back, so that each row is handled once per column and not per value."""
    for row in rows:
        counted.add(row, -1)
    counts = counted.counts()
    for row in rows:
        counted.add(row)
    return counts


def sentence(evidence: pd.DataFrame, settings: EvidenceSettings, language: str) -> str:
    """What leaving one out does, in a sentence of the study's language."""
    if not (evidence["status"] == LinkStatus.CONFIRMED).any():
        return wording.text("robust.none", language)
    changed = changes(evidence, settings)
    if not changed:
        return wording.text("robust.holds", language)
    reached = sorted({without for _, _, without in changed}, key=list(Strength).index)
    parts = []
    for strength_without in reached:
        name = wording.closed_word("strength", strength_without, language)
        what = _without(changed, strength_without, language)
        parts.append(wording.text("robust.falls", language, strength=name, what=what))
    return "; ".join(parts) + "."


def _without(changed: list[tuple[str, str, Strength]], reached: Strength, language: str) -> str:
    """What must be left out to reach a strength: named if few, counted if many."""
    parts = []
    for column in LEFT_OUT:
        names = [
            value.replace("_", " ") if column == "group" else value
            for where, value, s in changed
            if s is reached and where == column
        ]
        if len(names) > SHOWN:
            parts.append(wording.text(f"robust.any_{column}", language, n=len(names)))
        elif names:
            parts.append(wording.text(f"robust.{column}", language, n=len(names), names=", ".join(names)))
    return wording.text("robust.or", language).join(parts)


def pivots(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[str]:
    """Excerpts whose suggested link would change a finding's strength if a person confirmed it; the closest of each speaker first.

    At most `PIVOTS`: a finding without confirmed links would name them all.
    """
    rows = evidence_rows(evidence)
    counted = Tally(rows)
    reached = strength(counted.counts(), settings)
    changing: list[str] = []
    speakers: set[tuple[str, str]] = set()
    ranked = sorted(
        zip(evidence["score"], evidence["excerpt_id"], rows, strict=True),
        key=lambda ranked_row: (-ranked_row[0], ranked_row[1]),
    )
    for _, excerpt_id, row in ranked:
        speaker = (row.participant, row.source_id)
        if row.status != LinkStatus.SUGGESTED or speaker in speakers:
            continue
        speakers.add(speaker)
        confirmed = row._replace(status=LinkStatus.CONFIRMED)
        counted.add(confirmed)
        if strength(counted.counts(), settings) is not reached:
            changing.append(str(excerpt_id))
        counted.add(confirmed, -1)
    return changing[:PIVOTS]
