"""The figures of `evaluate` as lines for a terminal and as a page in Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

Result = Mapping[str, Any]
FAMILIES = (
    ("strangers", "one writer of seeds left out"),
    ("cold", "seeds alone"),
    ("trained", "seeds and decisions"),
)
FEWEST, DOUBTFUL = 5, 0.4  # a pattern with at least this many votes, right less often than this, is named
COLUMNS = (
    "code",
    "true",
    "precision",
    "recall",
    "F1",
    "95% interval",
    "average precision",
    "calibration error",
    "stance right",
    "alpha",
    "chance",
)
PAGE_COLUMNS = ("code", "true", "precision", "recall", "F1 (95% interval)", "stance right")
TABLE_COLUMNS = (
    "section",
    "measured on",
    "learnt from",
    "texts",
    "persons or groups",
    "macro-F1",
    "95% interval",
    "by language",
    "micro-F1",
    "set F1",
    "candidates: recall",
    "candidates: precision",
    "calibration error",
    "stance right",
)
LONGEST = 12  # codes in a table that a reader takes in at once
MOST_NAMED = 4  # codes of a sentence on the page; of more, their number
MOST_GROUPS = 4  # groups of people whose errors are listed one by one; of more, the spread
GUESSED = 0.05  # a code with a higher probability of as many hits by chance is listed
HUMAN = "Human agreement: one coder against another"
CEILING = ("code", "decided by two", "F1", "95% interval", "alpha")


def as_text(result: Result) -> list[str]:
    """The figures as lines."""
    lines = [f"Measured on {result['measured_on']}."]
    for key, title in FAMILIES:
        if key in result:
            lines += ["", title.capitalize(), *_aligned([COLUMNS, *_rows(result[key])]), _summary(result[key])]
    lines += _never_coded(result)
    lines += ["", "Baselines", *(f"  {name:<32}{_sums(row)}" for name, row in result["baselines"].items())]
    lines += _voters(result)
    if result.get("human"):
        lines += ["", HUMAN, *_aligned([CEILING, *_ceiling(result["human"])])]
    if result["learning_curve"]:
        lines += ["", _curve(result)]
    lines += [f"  {name}: {_gap(row)}" for name, row in result["errors_by"].items()]
    return [*lines, "", *_patterns(result["patterns"])]


def update(path: Path, title: str, content: str) -> None:
    """Write a section into a page: replace the one of this title, or add one at the end."""
    page = path.read_text("utf-8") if path.exists() else "# How good the tagger is\n"
    before, mark, behind = page.partition(f"\n## {title}\n")
    after = "".join(behind.partition("\n## ")[1:]) if mark else ""
    path.write_text(f"{before.rstrip()}\n\n{content}{after}", "utf-8")


def section(title: str, lines: Sequence[str]) -> str:
    """Lines of Markdown as a section."""
    return "\n".join([f"## {title}", "", *lines]) + "\n"


def update_table(path: Path, title: str, result: Result) -> None:
    """Write the figures over all codes into the CSV file beside a page: a row per tagger, after those of other sections."""
    table = path.with_suffix(".csv")
    rows: list[dict[str, str]] = []
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    at = next((number for number, row in enumerate(rows) if row["section"] == title), len(rows))
    other_sections = [row for row in rows if row["section"] != title]
    text = io.StringIO()
    writer = csv.DictWriter(text, TABLE_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*other_sections[:at], *all_taggers(title, result), *other_sections[at:]])
    table.write_text(text.getvalue(), "utf-8")


def as_page(title: str, result: Result) -> str:
    """The figures by code as a section in Markdown; those over all codes are in the table beside the page."""
    measured = next((result[key] for key in ("trained", "cold") if key in result), None)
    parts = [f"## {title}"]
    if measured:
        parts += [" ".join([*_about_figures(measured, MOST_NAMED), *_never_coded(result, MOST_NAMED)])]
        parts += [_by_code(result, measured)]
    if result["learning_curve"]:
        parts += [_curve(result)]
    parts += [
        f"Share of wrong codings by {name}: {_gap(row, MOST_GROUPS)}." for name, row in result["errors_by"].items()
    ]
    parts += _patterns(result["patterns"])[:1]
    return "\n\n".join(parts) + "\n"


def all_taggers(title: str, result: Result) -> Iterator[dict[str, str]]:
    """A row of the table per training state, and per baseline; baselines that never give a code are left out."""
    for key, heading in FAMILIES:
        if key in result:
            figures = result[key]
            candidates = figures["candidates"]
            yield {
                "section": title,
                "measured on": result["measured_on"],
                "learnt from": heading,
                "texts": str(figures["n"]),
                "persons or groups": str(figures["groups"]),
                "macro-F1": _two(figures["macro_f1"]),
                "95% interval": _between(figures["macro_f1_interval"]),
                "by language": _languages(figures),
                "micro-F1": _two(figures["micro_f1"]),
                "set F1": _two(figures["samples_f1"]),
                "candidates: recall": _two(candidates["recall"]),
                "candidates: precision": _two(candidates["precision"]),
                "calibration error": _two(figures["calibration_error"]),
                "stance right": _two(figures["stance_accuracy"]),
            }
    baselines = result["baselines"]
    telling = {name: row for name, row in baselines.items() if row["macro_f1"]} or baselines
    for name, row in telling.items():
        figures = {"macro-F1": _two(row["macro_f1"]), "micro-F1": _two(row["micro_f1"])}
        yield {"section": title, "learnt from": f"baseline: {name}", **figures}
    for name, row in result.get("voters", {}).items():
        figures = {"macro-F1": _two(row["macro_f1"]), "micro-F1": _two(row["micro_f1"])}
        yield {"section": title, "learnt from": f"voter: {name}", "texts": str(row["n"]), **figures}


def _voters(result: Result) -> list[str]:
    """A line for each further voter: how good it is by itself, on the texts that it judged."""
    voters = result.get("voters", {})
    lines = [f"  {name:<32}{_sums(row)}  ({row['n']} texts)" for name, row in voters.items()]
    return ["", "Further voters alone", *lines] if lines else []


def _about_figures(figures: Result, most: int | None = None) -> Iterator[str]:
    """Sentences on stance, on texts without a matching pattern, and on codes that are no better than guessing."""
    stances, unprompted = figures.get("stances"), figures.get("unprompted")
    if stances and stances["always_positive"] is not None:
        shares = ", ".join(f"{name} {_two(stances[name])}" for name in ("positive", "negative", "mixed"))
        yield f"Stance right: {shares}; always *positive*: {_two(stances['always_positive'])}."
    if unprompted:
        recall = f"recall {_two(unprompted['recall'])} of {unprompted['true']} true cases"
        yield f"Without a matching pattern: {recall}, precision {_two(unprompted['precision'])}."
    guessed = [code for code, row in figures["criteria"].items() if (row.get("chance") or 0) > GUESSED]
    if guessed:
        yield f"No better than guessing (p > {_two(GUESSED)}): {_named(guessed, most)}."


def _never_coded(result: Result, most: int | None = None) -> list[str]:
    """Sentences that name the codes that the machine never codes: not learnt, or not well enough."""
    figures = result.get("trained") or result.get("cold") or {}
    lines = {
        "not_learnt": "Not learnt (too few examples): {codes}.",
        "unreliable": "Only suggested: {codes}.",
    }
    return [line.format(codes=_named(figures[key], most)) for key, line in lines.items() if figures.get(key)]


def _named(codes: Sequence[str], most: int | None) -> str:
    """The codes by name; of more than `most`, their number."""
    return f"{len(codes)} codes" if most and len(codes) > most else ", ".join(codes)


def _by_code(result: Result, figures: Result) -> str:
    """A table of the codes, or only the spread of their F1 where the table would be long."""
    criteria, texts = figures["criteria"], figures["n"]
    coders = (result.get("human") or {"criteria": {}})["criteria"]
    if len(criteria) > LONGEST:
        between = f" Between two coders: {_spread(coders)}." if coders else ""
        return f"F1: {_spread(criteria)} that occur.{between}"
    rows = [(*PAGE_COLUMNS, *(["F1 of two coders"] if coders else []))]
    for code, row in criteria.items():
        cells = [code, _true(row, texts), *(_two(row[name]["value"]) for name in ("precision", "recall"))]
        cells += [f"{_two(row['f1']['value'])} ({_between(row['f1'])})", _two(row["stance_accuracy"])]
        if coders:
            cells.append(_two(coders[code]["f1"]["value"]) if code in coders else "-")
        rows.append(tuple(cells))
    return _table(rows)


def _true(row: Result, texts: int) -> str:
    """How many texts carry a code, and of how many if some are undecided."""
    return str(row["positive"]) if row["n"] == texts else f"{row['positive']} of {row['n']}"


def _between(interval: Result) -> str:
    return f"{_two(interval['low'])}-{_two(interval['high'])}"


def _spread(criteria: Result) -> str:
    values = [row["f1"]["value"] for row in criteria.values() if row["f1"]["value"] is not None]
    if not values:
        return "no figure, of 0 codes"
    return f"{_two(min(values))} to {_two(max(values))}, median {_two(median(values))}, of {len(values)} codes"


def _patterns(rows: Sequence[Result]) -> list[str]:
    """How many patterns match, how often they are right, and which do more harm than good."""
    if not rows:
        return []
    judged = [row for row in rows if row["judged"]]
    right = sum(row["precision"] * row["judged"] for row in judged)
    times = sum(row["judged"] for row in judged)
    dead, share = sum(row["dead"] for row in rows), _two(right / times if times else None)
    line = f"{len(rows)} patterns: {dead} never match; {share} of {times:,} votes are right."
    return [line, *_doubtful(judged)]


def _doubtful(judged: Sequence[Result]) -> Iterator[str]:
    """A sentence that names the patterns that do more harm than good, if any."""
    doubtful = [row for row in judged if row["judged"] >= FEWEST and row["precision"] < DOUBTFUL]
    named = ", ".join(f"{row['pattern']} {_two(row['precision'])}" for row in doubtful[:12])
    if named:
        yield f"Right in less than {_two(DOUBTFUL)}: {named}."


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
            _two(row.get("alpha")),
            _two(row.get("chance")),
        )


def _ceiling(human: Result) -> Iterator[tuple[str, ...]]:
    for code, row in human["criteria"].items():
        f1 = row["f1"]
        interval = f"{_two(f1['low'])} to {_two(f1['high'])}"
        yield (code, str(row["n"]), _two(f1["value"]), interval, _two(row["alpha"]["value"]))


def _summary(figures: Result) -> str:
    interval = figures["macro_f1_interval"]
    candidates = figures["candidates"]
    return (
        f"Macro-F1 {_two(figures['macro_f1'])} ({_two(interval['low'])} to {_two(interval['high'])}), "
        f"micro-F1 {_two(figures['micro_f1'])}, F1 of a text's set {_two(figures['samples_f1'])}; "
        f"by language: {_languages(figures)}. "
        f"The candidates for review include {_two(candidates['recall'])} of the true cases; "
        f"{_two(candidates['precision'])} of the candidates are true. "
        f"The stance is right in {_two(figures['stance_accuracy'])} of the correctly coded cells. "
        f"Calibration error {_two(figures['calibration_error'])}. {' '.join(_about_figures(figures))} {_size(figures)}"
    )


def _languages(figures: Result) -> str:
    rows = figures["languages"].items()
    return ", ".join(f"{name or 'unknown'} {_two(row['macro_f1'])}" for name, row in rows)


def _size(figures: Result) -> str:
    return f"{figures['n']} texts by {figures['groups']} persons or groups."


def _curve(result: Result) -> str:
    points = (f"{point['decisions']}: {_two(point['macro_f1'])}{_range(point)}" for point in result["learning_curve"])
    return f"Macro-F1 by number of decisions (range of five orders): {', '.join(points)}."


def _range(point: Result) -> str:
    return f" ({_two(point['low'])} to {_two(point['high'])})" if point.get("low") != point.get("high") else ""


def _sums(row: Result) -> str:
    return f"macro-F1 {_two(row['macro_f1'])}  micro-F1 {_two(row['micro_f1'])}"


def _gap(row: Result, most: int | None = None) -> str:
    """The share of errors in each group of people; in more than `most` groups, the smallest and the largest."""
    errors, persons = row["error"], row["persons"]
    if most and len(errors) > most:
        shares = f"{_two(min(errors.values()))} to {_two(max(errors.values()))} in {len(errors)} groups"
    else:
        shares = ", ".join(f"{value} {_two(share)} ({persons[value]} persons)" for value, share in errors.items())
    return f"{shares}; p = {_two(row['p'])}"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    return "  " + "  ".join(cells).rstrip()


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
