"""Conclusions and recommendations that rest on findings which do not stand firmly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline import wording
from pipeline.errors import Problem
from pipeline.findings import Conclusion, Recommendation
from pipeline.publish import Publication
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Strength

SHAKY = {  # what is advised should rest on more than what is concluded
    "conclusions": (Strength.CONTESTED, Strength.UNSUPPORTED),
    "recommendations": (Strength.WEAK, Strength.CONTESTED, Strength.UNSUPPORTED),
}


def beneath(
    section: str, entry: Conclusion | Recommendation, assessments: Mapping[str, StrengthAssessment]
) -> dict[Strength, tuple[str, ...]]:
    """The findings that an entry of the section names and that do not stand firmly, by strength; empty where all do."""
    known = [name for name in dict.fromkeys(entry.findings) if name in assessments]
    found = {word: tuple(name for name in known if assessments[name].strength is word) for word in SHAKY[section]}
    return {word: names for word, names in found.items() if names}


def remark(
    section: str, entry: Conclusion | Recommendation, assessments: Mapping[str, StrengthAssessment], language: str
) -> list[str]:
    """`rests on F3 (weak), F7 (contested)`, or nothing: what an author should know of an entry of the section."""
    if section not in SHAKY:
        return []
    found = beneath(section, entry, assessments)
    rated = ((name, wording.said("strength", word, language)) for word, names in found.items() for name in names)
    listed = ", ".join(f"{name} ({word})" for name, word in rated)
    return [wording.said("remark", "rests", language).format(findings=listed)] if listed else []


def remarks(publication: Publication) -> Iterator[Problem]:
    """A remark on every conclusion and recommendation that rests on findings which do not stand firmly."""
    remedy = "read what stands behind these findings, confirm or reject it, or word the entry with more care"
    for section in SHAKY:
        for entry in getattr(publication.register, section):
            for what in remark(section, entry, publication.assessments, "en"):
                yield Problem(f"findings.toml {entry.id}", what, remedy)
