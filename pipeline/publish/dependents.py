"""Conclusions and recommendations that rely on weak, contested or unsupported findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline.errors import Problem
from pipeline.findings import Conclusion, Finding, Recommendation
from pipeline.publish import Publication
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Strength
from pipeline.wording.messages import Message, message, separated

SHAKY = {  # what is advised should rest on more than what is concluded
    "conclusions": (Strength.CONTESTED, Strength.UNSUPPORTED),
    "recommendations": (Strength.WEAK, Strength.CONTESTED, Strength.UNSUPPORTED),
}


def resting(finding: Finding, entries: Iterable[Conclusion | Recommendation]) -> str:
    """The numbers of the entries that rest on a finding."""
    return ", ".join(entry.id for entry in entries if finding.id in entry.findings)


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
    section: str, entry: Conclusion | Recommendation, assessments: Mapping[str, StrengthAssessment]
) -> Message | None:
    """`relies on F3 (weak), F7 (contested)`, or None: what the author of an entry should know."""
    if section not in SHAKY:
        return None
    rated = [
        separated("", [name, " (", message(f"strength.{word}"), ")"])
        for word, names in beneath(section, entry, assessments).items()
        for name in names
    ]
    return message("remark.rests", findings=separated(", ", rated)) if rated else None


def remarks(publication: Publication) -> Iterator[Problem]:
    """A remark on every conclusion and recommendation that relies on a weak, contested or unsupported finding."""
    remedy = message("publish/read_the_evidence")
    for section in SHAKY:
        for entry in getattr(publication.register, section):
            if what := remark(section, entry, publication.assessments):
                yield Problem(f"findings.toml {entry.id}", what, remedy)
