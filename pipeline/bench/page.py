"""Benchmark figures for people: one line each, and the page of all figures with the day of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.engine import workers_for


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the page: what was measured, our figure, the peer's, their ratio and the target."""

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


HEAD = """# Time and memory

Written by `make bench ARGS="--page docs/performance.md"`. Seconds are processor seconds over all processes, clock seconds in
brackets; M/s means millions of characters a second. The ratio divides our figure by the peer's in the same run. Figures without a
target are only printed.

"""
COLUMNS = ("benchmark", "what", "ours", "peer", "ratio", "target", "day (cores)")
RULE = "|---|---|---|---|---:|---|---|"


def update(path: Path, measured: Mapping[str, Sequence[Figure]], order: Iterable[str], *, now: datetime) -> None:
    """Write the measured figures that have a target into the page, by benchmark. Rows of other benchmarks stay.

    `order` are the names of all benchmarks. The text from the first second-level heading on was written by a person and
    stays too.
    """
    old = path.read_text("utf-8") if path.exists() else ""
    table, mark, below = old.partition("\n## ")
    rows = _rows_of(table)
    for name, figures in measured.items():
        rows[name] = [_row(name, figure, now) for figure in figures if figure.target]
    lines = [_line(COLUMNS), RULE, *(row for name in order for row in rows.get(name, ()))]
    path.write_text(HEAD + "\n".join(lines) + "\n" + mark + below, "utf-8")


def _rows_of(table: str) -> dict[str, list[str]]:
    """The rows of a page's table, unchanged, by benchmark."""
    rows: dict[str, list[str]] = {}
    for line in table.splitlines():
        cells = _cells(line)
        if len(cells) == len(COLUMNS):
            rows.setdefault(cells[0], []).append(line)
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _row(name: str, figure: Figure, now: datetime) -> str:
    ours, peer = figure.ours.replace(" CPU", ""), figure.peer.replace(" CPU", "")  # the head of the page says so
    return _line((name, figure.what, ours, peer, _ratio(figure), figure.target, _measured(now)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:.2f}"


def _measured(now: datetime) -> str:
    """The day, and the cores of the machine."""
    return f"{now.astimezone(UTC).date()} ({workers_for(0, 256)})"
