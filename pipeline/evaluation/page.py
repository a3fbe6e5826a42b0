"""The figures of `evaluate` as lines for a terminal and as a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]
FAMILIES = (("cold", "Cold: learnt from seeds alone"), ("trained", "Trained: seeds and people's decisions"))
FEWEST, DOUBTFUL = 5, 0.4  # a pattern judged on so many texts and right less often is named
COLUMNS = (
    "code",
    "true",
    "precision",
    "recall",
    "F1",
    "95 % interval",
    "average precision",
    "calibration error",
    "stance right",
)
HUMAN = "The human ceiling: one coder against another"
CEILING = ("code", "decided by two", "F1", "95 % interval", "alpha")


def as_text(result: Result) -> list[str]:
    """The figures as lines."""
    lines = [f"Measured on {result['measured_on']}."]
    for key, title in FAMILIES:
        if key in result:
            lines += ["", title, *_aligned([COLUMNS, *_rows(result[key])]), _summary(result[key])]
    lines += ["", "Beside it", *(f"  {name:<32}{_sums(row)}" for name, row in result["baselines"].items())]
    if result.get("human"):
        lines += ["", HUMAN, *_aligned([CEILING, *_ceiling(result["human"])])]
    if result["learning_curve"]:
        curve = ", ".join(f"{p['decisions']}: {p['macro_f1']:.2f}" for p in result["learning_curve"])
        lines += ["", f"Macro-F1 by decisions learnt from: {curve}"]
    lines += [f"  {name}: {_gap(row)}" for name, row in result["errors_by"].items()]
    return [*lines, "", *_patterns(result["patterns"])]


def update(path: Path, title: str, result: Result) -> None:
    """Put the figures into a page, in the place of the section that was written under the same title, else at its end."""
    page = path.read_text("utf-8") if path.exists() else "# How good the tagger is\n"
    begin, end = f"<!-- begin {title} -->\n", f"<!-- end {title} -->\n"
    before, found, rest = page.partition(begin)
    after = rest.partition(end)[2] if found else ""
    path.write_text(f"{before.rstrip()}\n\n{begin}{as_page(title, result)}{end}{after}", "utf-8")


def as_page(title: str, result: Result) -> str:
    """The figures as a section in Markdown."""
    parts = [f"## {title}", f"Measured on {result['measured_on']}."]
    for key, heading in FAMILIES:
        if key in result:
            parts += [f"### {heading}", _table([COLUMNS, *_rows(result[key])]), _summary(result[key])]
    beside = [("tagger", "macro-F1", "micro-F1")]
    beside += [(name, _two(row["macro_f1"]), _two(row["micro_f1"])) for name, row in result["baselines"].items()]
    parts += ["### Beside it", _table(beside)]
    if result.get("human"):
        parts += [f"### {HUMAN}", _table([CEILING, *_ceiling(result["human"])])]
    if result["learning_curve"]:
        points = [(str(p["decisions"]), _two(p["macro_f1"])) for p in result["learning_curve"]]
        parts += ["### Learning curve", _table([("decisions", "macro-F1"), *points])]
    parts += [f"Errors by {name}: {_gap(row)}" for name, row in result["errors_by"].items()]
    parts += _patterns(result["patterns"])
    return "\n\n".join(parts) + "\n"


def _patterns(rows: Sequence[Result]) -> list[str]:
    """How many patterns fire, how often they are right, and which do more harm than good."""
    if not rows:
        return []
    judged = [row for row in rows if row["judged"]]
    right = sum(row["precision"] * row["judged"] for row in judged)
    times = sum(row["judged"] for row in judged)
    doubtful = [row for row in judged if row["judged"] >= FEWEST and row["precision"] < DOUBTFUL]
    named = ", ".join(f"{row['pattern']} {_two(row['precision'])}" for row in doubtful[:12])
    dead, share = sum(row["dead"] for row in rows), _two(right / times if times else None)
    line = f"{len(rows)} patterns: {dead} never fire on these texts; votes right in {share} of {times}."
    return [line, *([f"Right in less than {_two(DOUBTFUL)}: {named}."] if named else [])]


def _rows(figures: Result) -> Iterator[tuple[str, ...]]:
    for code, row in figures["criteria"].items():
        interval = f"{_two(row['f1']['low'])} to {_two(row['f1']['high'])}"
        yield (
            code,
            f"{row['positive']} of {row['n']}",
            *(_two(row[name]["value"]) for name in ("precision", "recall", "f1")),
            interval,
            _two(row["average_precision"]),
            _two(row["calibration_error"]),
            _two(row["stance_accuracy"]),
        )


def _ceiling(human: Result) -> Iterator[tuple[str, ...]]:
    for code, row in human["criteria"].items():
        f1 = row["f1"]
        interval = f"{_two(f1['low'])} to {_two(f1['high'])}"
        yield (code, str(row["n"]), _two(f1["value"]), interval, _two(row["alpha"]["value"]))


def _summary(figures: Result) -> str:
    interval = figures["macro_f1_interval"]
    languages = ", ".join(f"{name or 'unknown'} {_two(row['macro_f1'])}" for name, row in figures["languages"].items())
    candidates = figures["candidates"]
    return (
        f"Macro-F1 {_two(figures['macro_f1'])} ({_two(interval['low'])} to {_two(interval['high'])}), "
        f"micro-F1 {_two(figures['micro_f1'])}, F1 of a text's set {_two(figures['samples_f1'])}; by language: {languages}. "
        f"Candidates for review hold {_two(candidates['recall'])} of the true ones; "
        f"{_two(candidates['precision'])} of them are true. "
        f"Stance right in {_two(figures['stance_accuracy'])} of rightly coded cells. "
        f"Calibration error {_two(figures['calibration_error'])}. {figures['n']} texts of {figures['groups']} groups."
    )


def _sums(row: Result) -> str:
    return f"macro-F1 {_two(row['macro_f1'])}  micro-F1 {_two(row['micro_f1'])}"


def _gap(row: Result) -> str:
    shares = ", ".join(
        f"{value} {_two(share)} ({row['persons'][value]} persons)" for value, share in row["error"].items()
    )
    return f"{shares}; p = {_two(row['p'])}"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
