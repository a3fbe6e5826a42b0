"""The agreement of a study as lines of text tables, with a rating for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.review.agreement.coefficients import pairs_of
from pipeline.review.agreement.figures import DIFFERENT, UNRECORDED, Figures
from pipeline.vocabulary import AgreementNorm, CoderView
from pipeline.wording.messages import counted, in_language, message

HEADS = ("n", "persons", "positives", "percent", "kappa", "alpha", "interval", "ac1", "prevalence")
WIDTHS = {"en": (5, 9, 11, 9, 8, 8, 18, 8, 12), "es": (5, 10, 11, 12, 8, 8, 18, 8, 13)}
NAME = 24  # characters of the first column
SUMMARIES = ("stance", "links", "direction", "by_chance")
VIEWS = (CoderView.BLIND, CoderView.SUGGESTION, CoderView.OTHERS, DIFFERENT, UNRECORDED)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of the tables in a language."""

    language: str

    def __call__(self, key: str, **values: object) -> str:
        return in_language(message(f"review/agreement_{key}", **values), self.language)

    def line(self, name: str, cells: Sequence[str]) -> str:
        """A row of the table: its name, and its cells below their heads."""
        widths = WIDTHS[self.language]
        return f"{name:<{NAME}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))

    def row(self, name: str, figures: Figures) -> str:
        """The figures of a code, or of all codes, with their rating."""
        alpha = figures["alpha"]
        cells = (
            str(figures["n"]),
            str(figures["persons"]),
            str(figures.get("positives", "-")),
            *(_shown(figures[key]["value"]) for key in ("percent", "kappa", "alpha")),
            self("range", low=_shown(alpha["low"]), high=_shown(alpha["high"])),
            _shown(figures["ac1"]["value"]),
            _shown(figures.get("prevalence")),
        )
        return f"{self.line(name, cells)}  {self.norm(figures)}"

    def norm(self, figures: Figures) -> str:
        """The rating of the figures, or what there is too little of."""
        norm = AgreementNorm(figures["norm"])
        if norm is not AgreementNorm.TOO_FEW:
            return self(norm.replace(" ", "_"))
        is_of_positives = figures["rarer"] == figures.get("positives")
        return self("too_few_positives" if is_of_positives else "too_few_others", rarer=figures["rarer"])


def as_text(result: dict[str, Any], language: str = "en") -> list[str]:
    """The agreement as lines of text tables, with the norms for reading them."""
    words = _Words(language)
    again = [_second_look_line(words, coder, figures) for coder, figures in result.get("second_looks", {}).items()]
    if not result["criteria"]:
        return [words("none_yet"), *again]
    by_view = result["by_view"]
    lines = [words.line(words("head_code"), [words(f"head_{head}") for head in HEADS])]
    lines += [words.row(code, figures) for code, figures in result["criteria"].items()]
    lines += [words.row(words(f"of_{key}"), result[key]["overall"]) for key in SUMMARIES if result[key]]
    lines += [
        words.row(words(f"view_{key.replace(' ', '_')}"), by_view[key]["overall"]) for key in VIEWS if key in by_view
    ]
    lines += [_spans_line(words, code, figures) for code, figures in result["spans"].items()]
    for first, second in pairs_of(result["coders"]):
        lines += _raw_table(words, first, second, result["pairs"][f"{first} & {second}"])
    lines += _machine_lines(words, result["machine"], "machine")
    lines += _machine_lines(words, result["machine_in_sight"], "machine_in_sight")
    lines += again
    if not result["by_chance"]:
        lines.append(words("chosen"))
    return [*lines, words("not_learnt"), words("rating")]


def _machine_lines(words: _Words, figures: Mapping[str, Mapping[str, Figures]], name: str) -> Iterator[str]:
    for coder, codes in figures.items():
        alphas = [
            f"{code} {row['alpha']['value']:.2f}" for code, row in codes.items() if row["alpha"]["value"] is not None
        ]
        yield words(name, coder=coder, alphas=", ".join(alphas) or words("undefined"))


def _second_look_line(words: _Words, coder: str, figures: Figures) -> str:
    return words(
        "second_look",
        coder=coder,
        excerpts=counted(figures["excerpts"], "excerpt"),
        percent=_shown(figures["percent"]),
        decisions=counted(figures["decisions"], "decision"),
        alpha=_shown(figures["alpha"]),
    )


def _spans_line(words: _Words, code: str, figures: Figures) -> str:
    alpha = figures["u_alpha"]
    return words(
        "spans",
        code=code,
        excerpts=counted(figures["n"], "excerpt"),
        alpha=_shown(alpha["value"]),
        low=_shown(alpha["low"]),
        high=_shown(alpha["high"]),
        units=figures["units"],
    )


CELLS = ("yes_yes", "yes_no", "no_yes", "no_no")  # both say yes, only the first, only the second, neither


def _raw_table(words: _Words, first: str, second: str, codes: Mapping[str, Figures]) -> list[str]:
    """The table behind the figures of two coders: for each code, how many excerpts both, one or neither gave it."""
    heads = (words("both_yes"), words("only", coder=first), words("only", coder=second), words("both_no"))
    widths = [max(10, len(head) + 2) for head in heads]
    lines = [f"{f'{first} & {second}':<{NAME}}" + "".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for code, row in codes.items():
        counts = [row["counts"][cell] for cell in CELLS]
        lines.append(f"{code:<{NAME}}" + "".join(f"{n:>{w}}" for n, w in zip(counts, widths, strict=True)))
    return lines


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
