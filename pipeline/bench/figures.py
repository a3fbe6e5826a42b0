"""Benchmark figures for people: one line each, and the table of all figures with the day of each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pipeline.engine import workers_for


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, our figure, the peer's, their ratio and the target."""

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    target: str = ""


def as_line(figure: Figure) -> str:
    """A figure in a line."""
    ratio = f"  = {_ratio(figure)}" if figure.ratio is not None else ""
    peer = f"  |  {figure.peer}{ratio}" if figure.peer else ""
    return f"{figure.what}: {figure.ours}{peer}" + (f"  (target: {figure.target})" if figure.target else "")


COLUMNS = ("benchmark", "what", "ours", "peer", "ratio", "target", "day (cores)")


def update(path: Path, measured: Mapping[str, Sequence[Figure]], order: Iterable[str], *, now: datetime) -> None:
    """Write the measured figures that have a target into a CSV file, by benchmark. Rows of other benchmarks stay.

    `order` are the names of all benchmarks.
    """
    rows = _rows_by_benchmark(path)
    for name, figures in measured.items():
        rows[name] = [_row(name, figure, now) for figure in figures if figure.target]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row for name in order for row in rows.get(name, ()))


def _rows_by_benchmark(path: Path) -> dict[str, list[list[str]]]:
    """The rows of the file as they are, by benchmark."""
    rows: dict[str, list[list[str]]] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in islice(csv.reader(file), 1, None):
                rows.setdefault(row[0], []).append(row)
    return rows


def _row(name: str, figure: Figure, now: datetime) -> list[str]:
    ours, peer = figure.ours.replace(" CPU", ""), figure.peer.replace(" CPU", "")  # docs/performance.md says so
    return [name, figure.what, ours, peer, _ratio(figure), figure.target, _measured(now)]


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:.2f}"


def _measured(now: datetime) -> str:
    """The day, and the cores of the machine."""
    return f"{now.astimezone(UTC).date()} ({workers_for(0, 256)})"
