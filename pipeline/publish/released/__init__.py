"""What leaves the team: report, annex, workbook, tables and figures of an edition, all made from one reduced publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.codebook import Codebook, Criterion
from pipeline.config import Settings
from pipeline.findings import Register
from pipeline.vocabulary import Edition, Strength

if TYPE_CHECKING:
    import pandas as pd

# Columns of a quote: the same in evidence.csv, in the workbook and in the report.
QUOTES = """finding_id strength direction status quote_id participant source kind group gender country language criterion
    quote span span_at""".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedPublication:
    """All that a released edition holds, and nothing else: no text of a source, no path, no id, no hash of an input.

    `counts` are the counts of persons by name, None where one is withheld; every count of persons in an output is one of them.
    `quotes` has the columns QUOTES: codes are those of this edition, attributes are generalised. `quality` and `agreement`
    are figures per code.
    """

    edition: Edition
    name: str  # of this edition; says nothing of the study
    settings: Settings
    codebook: Codebook
    register: Register
    strengths: Mapping[str, Strength]
    counts: Mapping[tuple[str, ...], int | None]
    quotes: pd.DataFrame
    quotes_left_out: int
    quality: Mapping[str, Any]
    agreement: Mapping[str, Any]
    ledger_lines: int
    version: str

    @property
    def language(self) -> str:
        """The study's language."""
        return self.settings.study.language

    @property
    def smallest(self) -> int:
        """The smallest count of persons that is shown."""
        return self.settings.disclosure.smallest_cell

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The codes of the main family: those that are counted."""
        return self.codebook.of_family(self.codebook.main_family)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are counted by name, and "" for all others."""
        return self.values("group")

    def values(self, attribute: str) -> tuple[str, ...]:
        """The values of an attribute that are counted; "" means all others and comes last."""
        values = sorted(name[1] for name in self.counts if name[0] == attribute)
        return (*(value for value in values if value), *(value for value in values if not value))

    def persons(self, finding_id: str, direction: str) -> int | None:
        """How many persons speak to a finding in this direction, in words that people confirmed; None if that is withheld."""
        return self.counts["finding", finding_id, direction]
