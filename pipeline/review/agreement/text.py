"""The agreement of a study as lines of text tables, with a rating for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.review.agreement.coefficients import pairs_of
from pipeline.review.agreement.figures import DIFFERENT, UNRECORDED, Figures
from pipeline.vocabulary import AgreementNorm, CoderView

HEADS = ("n", "persons", "positives", "percent", "kappa", "alpha", "95 % interval", "AC1", "prevalence")
WIDTHS = (5, 9, 11, 9, 8, 8, 18, 8, 12)
NAME = 24  # characters of the first column
SUMMARIES = {
    "stance": "stance, all codes",
    "links": "links, all findings",
    "direction": "direction of links",
    "by_chance": "codes, drawn and blind",
}
VIEW_ROWS = {
    CoderView.BLIND: "codes, all blind",
    CoderView.SUGGESTION: "codes, suggestion seen",
    CoderView.OTHERS: "codes, others seen",
    DIFFERENT: "codes, seen differently",
    UNRECORDED: "codes, view not recorded",
}


def as_text(result: dict[str, Any]) -> list[str]:
    """The agreement as tables in lines, with the norms that they are read by."""
    again = [_second_look_line(coder, figures) for coder, figures in result.get("second_looks", {}).items()]
    if not result["criteria"]:
        return ["No excerpt was decided by two coders yet: make review-export CODER=second SAME_AS=first", *again]
    lines = [_line("code", HEADS)]
    lines += [_row(code, figures) for code, figures in result["criteria"].items()]
    lines += [_row(name, result[key]["overall"]) for key, name in SUMMARIES.items() if result[key]]
    lines += [
        _row(name, result["by_view"][key]["overall"]) for key, name in VIEW_ROWS.items() if key in result["by_view"]
    ]
    for first, second in pairs_of(result["coders"]):
        lines += _raw_table(first, second, result["pairs"][f"{first} & {second}"])
    lines += _machine_lines(result["machine"], "machine and {coder}")
    lines += _machine_lines(result["machine_in_sight"], "machine and {coder}, its suggestion in sight")
    lines += again
    if not result["by_chance"]:
        lines.append(
            "No excerpt drawn at random was decided blind by two coders: these figures are of excerpts that were chosen."
        )
    lines.append("The machine has not learnt from these decisions.")
    lines.append(
        "The rating follows the lower bound of alpha: firm from .80, tentative from .667; below, revise the codebook first "
        "(Krippendorff 2004)."
    )
    return lines


def _machine_lines(figures: Mapping[str, Mapping[str, Figures]], name: str) -> Iterator[str]:
    for coder, codes in figures.items():
        alphas = [
            f"{code} {row['alpha']['value']:.2f}" for code, row in codes.items() if row["alpha"]["value"] is not None
        ]
        yield f"{name.format(coder=coder)}: alpha {', '.join(alphas) or 'undefined'}"


def _second_look_line(coder: str, figures: Figures) -> str:
    return (
        f"{coder}, second look at {_counted(figures['excerpts'], 'excerpt')}: same answer in {_shown(figures['percent'])} of "
        f"{_counted(figures['decisions'], 'decision')}, alpha {_shown(figures['alpha'])}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{NAME}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def _row(name: str, figures: Figures) -> str:
    cells = (
        str(figures["n"]),
        str(figures["persons"]),
        str(figures.get("positives", "-")),
        *(_shown(figures[key]["value"]) for key in ("percent", "kappa", "alpha")),
        f"{_shown(figures['alpha']['low'])} to {_shown(figures['alpha']['high'])}",
        _shown(figures["ac1"]["value"]),
        _shown(figures.get("prevalence")),
    )
    return f"{_line(name, cells)}  {_norm_in_words(figures)}"


def _norm_in_words(figures: Figures) -> str:
    norm = AgreementNorm(figures["norm"])
    if norm is not AgreementNorm.TOO_FEW:
        return str(norm)
    if figures["rarer"] == figures.get("positives"):
        return f"{norm}: {figures['rarer']} positives"
    return f"{norm}: {figures['rarer']} without the most common answer"


CELLS = ("yes_yes", "yes_no", "no_yes", "no_no")  # both say yes, only the first, only the second, neither


def _raw_table(first: str, second: str, codes: Mapping[str, Figures]) -> list[str]:
    """The table behind the figures of two coders: for each code, how many excerpts both, one or neither gave it."""
    heads = ("both yes", f"only {first}", f"only {second}", "both no")
    widths = [max(10, len(head) + 2) for head in heads]
    lines = [f"{f'{first} & {second}':<{NAME}}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for code, row in codes.items():
        counts = [row["counts"][cell] for cell in CELLS]
        lines.append(f"{code:<{NAME}}" + "".join(f"{n:>{w}}" for n, w in zip(counts, widths, strict=True)))
    return lines


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
