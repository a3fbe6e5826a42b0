"""Whether a finding holds when one person, one source or one group is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import wording
from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import strength, tally, voices
from pipeline.vocabulary import LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
WORDS: dict[str, dict[str, Any]] = {
    "en": {"holds": "Holds whichever person, source or group is left out.", "none": "Nothing to leave out.",
           "falls": "Becomes {strength} without {what}", "any": "one of {n} {what}", "or": ", or ",
           "participant": ("person", "persons"), "source_id": ("source", "sources"), "group": ("group", "groups")},
    "es": {"holds": "Se sostiene aunque se quite cualquier persona, fuente o grupo.", "none": "No hay nada que quitar.",
           "falls": "Pasa a {strength} sin {what}", "any": "{what}: una de {n}", "or": ", o ",
           "participant": ("la persona", "personas"), "source_id": ("la fuente", "fuentes"), "group": ("el grupo", "grupos")},
}  # fmt: skip
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
    words = WORDS[language]
    if evidence.empty:
        return str(words["none"])
    found = changes(evidence, settings)
    if not found:
        return str(words["holds"])
    reached = sorted({without for _, _, without in found}, key=list(Strength).index)
    parts = [
        words["falls"].format(strength=wording.said("strength", s, language), what=_without(found, s, words))
        for s in reached
    ]
    return "; ".join(parts) + "."


def _without(found: list[tuple[str, str, Strength]], reached: Strength, words: dict[str, Any]) -> str:
    """What must be left out to reach a strength: named where it is few, counted where it is many."""
    parts = []
    for column in LEFT_OUT:
        names = [
            value.replace("_", " ") if column == "group" else value
            for where, value, s in found
            if s is reached and where == column
        ]
        one, many = words[column]
        if len(names) > SHOWN:
            parts.append(words["any"].format(n=len(names), what=many))
        elif names:
            parts.append(f"{one if len(names) == 1 else many} " + ", ".join(names))
    return str(words["or"]).join(parts)


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
