"""The evaluation matrix by question, as report, workbook and annex show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.findings import Finding
from pipeline.publish import Publication
from pipeline.publish.html.findings import ordered
from pipeline.publish.references import References, in_number_order
from pipeline.vocabulary import LinkStatus, Strength

NAMED = 12  # sources of a finding that the matrix names; the others are counted


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A finding with its question and strength, its confirmed sources, persons in favour, and excerpts by direction."""

    finding: Finding
    references: tuple[str, ...]  # in the order of their numbers
    persons: int
    supports: int
    qualifies: int
    contradicts: int
    undecided: int
    strength: Strength
    suggested_only: bool

    def sources(self, language: str) -> str:
        """The confirmed sources; of many the first ones, and how many more."""
        shown, more = ", ".join(self.references[:NAMED]), len(self.references) - NAMED
        if more > 0:
            return wording.text("annex.sources", language, shown=shown, n=more)
        return shown or wording.text("annex.nothing", language)

    def rating(self, language: str) -> str:
        """The strength; whether only suggested links are behind it."""
        word = wording.closed_word("strength", self.strength, language)
        return f"{word}\n({wording.text('finding.suggested_only', language)})" if self.suggested_only else word


def question_rows(publication: Publication, references: References) -> tuple[QuestionRow, ...]:
    """A row for each finding: by criterion, in the order of the register."""
    evidence = publication.evidence
    confirmed = evidence.loc[evidence["status"] == LinkStatus.CONFIRMED].groupby("finding_id")["source_id"].unique()
    return tuple(
        _row(finding, confirmed.get(finding.id, ()), publication, references) for finding in ordered(publication)
    )


def _row(finding: Finding, sources: Sequence[str], publication: Publication, references: References) -> QuestionRow:
    assessment = publication.assessments[finding.id]
    names = {references.of(source, "") for source in sources}
    return QuestionRow(
        finding=finding,
        references=tuple(sorted(names, key=in_number_order)),
        persons=assessment.persons,
        supports=assessment.supports,
        qualifies=assessment.qualifies,
        contradicts=assessment.contradicts,
        undecided=assessment.suggested,
        strength=assessment.strength,
        suggested_only=assessment.suggested_only,
    )
