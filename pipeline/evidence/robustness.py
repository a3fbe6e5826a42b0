"""Whether a finding holds when one person, one source or one group is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import strength, tally, voices
from pipeline.vocabulary import LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
SHOWN = 3


def changes(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[tuple[str, str, Strength]]:
    """(column, value, strength without it) for every person, source and group whose absence changes the strength."""
    said = voices(evidence)
    whole = strength(tally(said), settings)
    found = []
    for column in LEFT_OUT:
        for value in sorted({getattr(voice, column) for voice in said} - {""}):
            without = strength(tally(v for v in said if getattr(v, column) != value), settings)
            if without is not whole:
                found.append((column, value, without))
    return found


def sentence(evidence: pd.DataFrame, settings: EvidenceSettings, language: str) -> str:
    """What leaving one out does, in a sentence of the study's language."""
    if evidence.empty:
        return wording.text("robust.none", language)
    found = changes(evidence, settings)
    if not found:
        return wording.text("robust.holds", language)
    reached = sorted({without for _, _, without in found}, key=list(Strength).index)
    parts = []
    for strength_without in reached:
        name = wording.closed_word("strength", strength_without, language)
        what = _without(found, strength_without, language)
        parts.append(wording.text("robust.falls", language, strength=name, what=what))
    return "; ".join(parts) + "."


def _without(found: list[tuple[str, str, Strength]], reached: Strength, language: str) -> str:
    """What must be left out to reach a strength: named where it is few, counted where it is many."""
    parts = []
    for column in LEFT_OUT:
        names = [
            value.replace("_", " ") if column == "group" else value
            for where, value, s in found
            if s is reached and where == column
        ]
        if len(names) > SHOWN:
            parts.append(wording.text(f"robust.any_{column}", language, n=len(names)))
        elif names:
            parts.append(wording.text(f"robust.{column}", language, n=len(names), names=", ".join(names)))
    return wording.text("robust.or", language).join(parts)


def pivots(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[str]:
    """Excerpts whose suggested links hold a finding's strength: without those of their speaker the strength is another."""
    said = voices(evidence)
    whole = strength(tally(said), settings)
    open_ = {voice for voice in said if voice.status == LinkStatus.SUGGESTED}
    found = []
    for who in sorted({(voice.participant, voice.source_id) for voice in open_}):
        mine = {voice for voice in open_ if (voice.participant, voice.source_id) == who}
        if strength(tally(voice for voice in said if voice not in mine), settings) is not whole:
            found += [e for e, voice in zip(evidence["excerpt_id"], said, strict=True) if voice in mine]
    return found
