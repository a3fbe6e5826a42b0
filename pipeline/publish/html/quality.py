"""What was measured about the coding, as tables: how good the machine is, and how far coders agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.codebook import Codebook
from pipeline.publish import Publication

SCORES = ("precision", "recall", "f1", "average_precision", "calibration_error")
TOTALS = ("macro_f1", "micro_f1", "samples_f1", "n", "groups")
AGREEMENT = ("n", "percent", "kappa", "alpha", "ac1", "prevalence")


@dataclass(frozen=True, slots=True)
class QualityTable:
    """One table of figures: its subject, its columns, a row per code, and overall figures."""

    key: str  # cold, trained, agreement or machine
    of: str  # the coder, where it is one coder's
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    totals: tuple[tuple[str, str], ...] = ()


def measured(publication: Publication) -> tuple[QualityTable, ...]:
    """The tables of what was measured, codes in the order of the codebook; none if nothing was."""
    return tables_of(publication.quality, publication.agreement, publication.codebook)


def tables_of(quality: Mapping[str, Any], agreement: Mapping[str, Any], codebook: Codebook) -> tuple[QualityTable, ...]:
    """The tables of these figures, codes in the order of the codebook."""
    tables = (*_quality(quality), *_agreement(agreement))
    order = {code: number for number, code in enumerate(codebook.ids)}
    return tuple(
        replace(table, rows=tuple(sorted(table.rows, key=lambda row: order.get(row[0], len(order)))))
        for table in tables
    )


def _quality(measured: Mapping[str, Any]) -> Iterator[QualityTable]:
    for key in ("cold", "trained"):
        figures = measured.get(key)
        if figures and figures.get("criteria"):
            totals = tuple((name, figure(figures[name])) for name in TOTALS if figures.get(name) is not None)
            languages = tuple(
                (f"macro_f1 {name}", figure(of.get("macro_f1"))) for name, of in figures.get("languages", {}).items()
            )
            yield QualityTable(key, "", SCORES, _rows(figures["criteria"], SCORES), (*totals, *languages))


def _agreement(measured: Mapping[str, Any]) -> Iterator[QualityTable]:
    if measured.get("criteria"):
        yield QualityTable("agreement", "", AGREEMENT, _rows(measured["criteria"], AGREEMENT))
    for coder, criteria in measured.get("machine", {}).items():
        yield QualityTable("machine", coder, AGREEMENT, _rows(criteria, AGREEMENT))


def _rows(criteria: Mapping[str, Any], columns: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(map(figure, map(row.get, columns)))) for name, row in criteria.items())


def figure(value: object) -> str:
    """A figure as it is read: 0.81, with its interval 0.81 (0.74-0.88), or a dash where it is not known."""
    if isinstance(value, Mapping):
        low, high = value.get("low"), value.get("high")
        estimate = next((value[name] for name in ("value", "estimate", "mean") if name in value), None)
        interval = "" if low is None or high is None else f" ({low:.2f}–{high:.2f})"
        return figure(estimate) + interval
    if isinstance(value, float):
        return f"{value:.2f}"
    return "–" if value is None else str(value)
