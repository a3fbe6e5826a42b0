"""What the program costs, as people read it: a figure in a line, and the page of all figures with the day of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.engine import workers_for


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the page: what was measured, our figure, the peer's, how they compare, what is asked for."""

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    asked: str = ""


def as_line(figure: Figure) -> str:
    """A figure in a line."""
    ratio = f"  = {_ratio(figure)}" if figure.ratio is not None else ""
    peer = f"  |  {figure.peer}{ratio}" if figure.peer else ""
    return f"{figure.what}: {figure.ours}{peer}" + (f"  (asked: {figure.asked})" if figure.asked else "")


def as_rows(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """The figures as plain values."""
    return [asdict(figure) for figure in figures]


HEAD = """# What the program costs

Printed by `make bench ARGS="--page docs/performance.md"`; with names before `--page`, the rows of those benchmarks are measured
anew and the others stay. The last column says when and on what a row was measured. Seconds are of processors, over all
processes, with seconds on the clock behind them: other work on the machine stretches the clock most, the processors some, and
the ratios least. Nothing here is asserted by a test. A ratio compares our processor seconds with the peer's in the same run; for
formats and patterns it is our speed over the peer's, so that more is better.

"""
COLUMNS = ("benchmark", "what", "ours", "peer", "ratio", "asked for", "measured")
RULE = "|---|---|---|---|---:|---|---|"


def update(path: Path, measured: Mapping[str, Sequence[Figure]], order: Iterable[str], *, now: datetime) -> None:
    """Write the page with the figures measured, by benchmark. Rows of the others stay, and so does what a person wrote below.

    `order` are the names of all benchmarks; what stands below the first heading of the second rank was written by a person.
    """
    old = path.read_text("utf-8") if path.exists() else ""
    table, mark, rest = old.partition("\n## ")
    new = {name: [_row(name, figure, now) for figure in figures] for name, figures in measured.items()}
    rows = {**_rows_of(table), **new}
    lines = [_line(COLUMNS), RULE, *(row for name in order for row in rows.get(name, ()))]
    path.write_text(HEAD + "\n".join(lines) + "\n" + mark + rest, "utf-8")


def _rows_of(table: str) -> dict[str, list[str]]:
    """The rows of a page's table, as they stand, by benchmark."""
    found: dict[str, list[str]] = {}
    for line in table.splitlines():
        cells = _cells(line)
        if len(cells) == len(COLUMNS):
            found.setdefault(cells[0], []).append(line)
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _row(name: str, figure: Figure, now: datetime) -> str:
    return _line((name, figure.what, figure.ours, figure.peer, _ratio(figure), figure.asked, _measured(now)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:.2f}"


def _measured(now: datetime) -> str:
    """The day, and what a figure was measured on."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{now.astimezone(UTC).date()}, Python {python}, {workers_for(0, 256)} cores"
