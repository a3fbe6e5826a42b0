"""Conclusions and recommendations that rely on weak, contested or unsupported findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline import wording
from pipeline.errors import Problem
from pipeline.findings import Conclusion, Recommendation
from pipeline.publish import Publication
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import RemarkKind, Strength

SHAKY = {  # what is advised should rest on more than what is concluded
    "conclusions": (Strength.CONTESTED, Strength.UNSUPPORTED),
    "recommendations": (Strength.WEAK, Strength.CONTESTED, Strength.UNSUPPORTED),
}


def beneath(
    section: str, entry: Conclusion | Recommendation, assessments: Mapping[str, StrengthAssessment]
) -> dict[Strength, tuple[str, ...]]:
    """The weak, contested or unsupported findings that an entry of the section names, by strength."""
    named = [name for name in dict.fromkeys(entry.findings) if name in assessments]
    by_strength: dict[Strength, list[str]] = {word: [] for word in SHAKY[section]}
    for name in named:
        if assessments[name].strength in by_strength:
            by_strength[assessments[name].strength].append(name)
    return {word: tuple(names) for word, names in by_strength.items() if names}


def remark(
    section: str, entry: Conclusion | Recommendation, assessments: Mapping[str, StrengthAssessment], language: str
) -> str:
    """`relies on F3 (weak), F7 (contested)`, or "": what the author of an entry should know."""
    if section not in SHAKY:
        return ""
    rated = [
        f"{name} ({wording.closed_word('strength', word, language)})"
        for word, names in beneath(section, entry, assessments).items()
        for name in names
    ]
    return wording.text(f"remark.{RemarkKind.RESTS}", language, findings=", ".join(rated)) if rated else ""


def remarks(publication: Publication) -> Iterator[Problem]:
    """A remark on every conclusion and recommendation that rests on a finding with a shaky strength."""
    remedy = "read the evidence of these findings, confirm or reject it, or word the entry more carefully"
    for section in SHAKY:
        for entry in getattr(publication.register, section):
            if what := remark(section, entry, publication.assessments, "en"):
                yield Problem(f"findings.toml {entry.id}", what, remedy)
