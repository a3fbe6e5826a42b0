"""Whether a finding keeps its strength when one person, one source or one group is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import evidence_rows, strength, tally
from pipeline.vocabulary import LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
SHOWN = 3  # names in a sentence; more are counted
PIVOTS = 5  # as many as the persons that the delivered rule asks of a moderate finding


def changes(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[tuple[str, str, Strength]]:
    """(column, value, strength without it) for every person, source and group whose absence changes the strength."""
    confirmed = [row for row in evidence_rows(evidence) if row.status == LinkStatus.CONFIRMED]
    whole = strength(tally(confirmed), settings)
    changed = []
    for column in LEFT_OUT:
        for value in sorted({getattr(row, column) for row in confirmed} - {""}):
            without = strength(tally(v for v in confirmed if getattr(v, column) != value), settings)
            if without is not whole:
                changed.append((column, value, without))
    return changed


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
    reached = strength(tally(rows), settings)
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
        if strength(tally([*rows, confirmed]), settings) is not reached:
            changing.append(str(excerpt_id))
    return changing[:PIVOTS]
