"""Whether a finding holds when one person, one source or one group is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import count, strength
from pipeline.records import Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
WORDS = {
    "en": {"holds": "Holds whichever person, source or group is left out.", "none": "Nothing to leave out.",
           "falls": "Becomes {strength} without {what}", "participant": "person", "source_id": "source", "group": "group",
           "any": "one of {n} ({what})", "or": "or"},
    "es": {"holds": "Se sostiene aunque se quite cualquier persona, fuente o grupo.", "none": "No hay nada que quitar.",
           "falls": "Pasa a {strength} sin {what}", "participant": "persona", "source_id": "fuente", "group": "grupo",
           "any": "uno de {n} ({what})", "or": "o"},
}  # fmt: skip
STRENGTHS = {
    "en": {s: str(s) for s in Strength},
    "es": dict(zip(Strength, ("fuerte", "moderado", "débil", "controvertido", "sin respaldo"), strict=True)),
}
SHOWN = 3


def changes(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[tuple[str, str, Strength]]:
    """(column, value, strength without it) for every person, source and group whose absence changes the strength."""
    whole = strength(count(evidence), settings)
    found = []
    for column in LEFT_OUT:
        for value in sorted(set(evidence[column]) - {""}):
            without = strength(count(evidence[evidence[column] != value]), settings)
            if without is not whole:
                found.append((column, value, without))
    return found


def sentence(evidence: pd.DataFrame, settings: EvidenceSettings, language: str) -> str:
    """What leaving one out does, in a sentence of the study's language."""
    words = WORDS[language]
    if evidence.empty:
        return words["none"]
    found = changes(evidence, settings)
    if not found:
        return words["holds"]
    reached = sorted({without for _, _, without in found}, key=list(Strength).index)
    parts = [words["falls"].format(strength=STRENGTHS[language][s], what=_without(found, s, words)) for s in reached]
    return "; ".join(parts) + "."


def _without(found: list[tuple[str, str, Strength]], reached: Strength, words: dict[str, str]) -> str:
    """What must be left out to reach a strength: named where it is few, counted where it is many."""
    parts = []
    for column in LEFT_OUT:
        names = [value for where, value, without in found if without is reached and where == column]
        if len(names) > SHOWN:
            parts.append(words["any"].format(n=len(names), what=words[column]))
        elif names:
            parts.append(f"{words[column]} " + ", ".join(names))
    return f" {words['or']} ".join(parts)
