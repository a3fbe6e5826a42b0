"""How far to trust the codings: the figures of `evaluate` for readers, criterion by criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pipeline.codebook import Codebook
from pipeline.publish import Publication

FEWEST = 20  # true excerpts from which a figure is worth a word on how far to trust a code
USE, CHECK = 8, 6  # right of ten, from which codings are used with spot checks, or read before they are quoted
UNEQUAL = 0.05  # p-value below which groups are said to differ
WIDEST, NARROWEST = 11.0, 2.5  # radii of the circles of the reliability figure


@dataclass(frozen=True, slots=True)
class Dot:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def shown(self) -> str:
        """0.62 (0.49-0.75)."""
        return f"{self.value:.2f} ({self.low:.2f}–{self.high:.2f})"

    @property
    def of_ten(self) -> int:
        """A share as a number out of ten."""
        return round(10 * self.value)


@dataclass(frozen=True, slots=True)
class CodeQuality:
    """What was measured of one code: the machine, two people against each other, and two naive taggers."""

    code: str
    precision: Dot | None
    recall: Dot | None
    f1: Dot | None
    human: Dot | None
    alpha: Dot | None
    rules: float | None
    words: float | None
    positive: int
    n: int
    twice: int  # excerpts that two people decided on
    reliability: tuple[Bin, ...]

    @property
    def advice(self) -> str:
        """The key of the advice on its codings."""
        if self.positive < FEWEST or self.precision is None:
            return "few"
        return "use" if self.precision.of_ten >= USE else "check" if self.precision.of_ten >= CHECK else "leads"


@dataclass(frozen=True, slots=True)
class Bin:
    """Codings of about one probability: the probability given, the share that is right, how many, and a circle of that area."""

    probability: float
    true: float
    n: int
    radius: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Errors by one attribute of who speaks: (value, share of wrong codings, persons) and whether they differ."""

    attribute: str
    rows: tuple[tuple[str, float, str], ...]
    p: float | None

    @property
    def verdict(self) -> str:
        """The key of the text for a test's result."""
        return "untested" if self.p is None else "unequal" if self.p < UNEQUAL else "equal"

    @property
    def most(self) -> float:
        """The largest share, for the scale."""
        return max((share for _, share, _ in self.rows), default=0) or 1.0


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything that the page shows of one measurement."""

    key: str  # trained or cold
    measured_on: str
    rows: tuple[CodeQuality, ...]
    n: int
    groups: int
    reliability: tuple[Bin, ...]
    calibration_error: float | None
    curve: tuple[tuple[int, float], ...]  # decisions, mean F1 of the rows' codes
    ceiling: float | None  # mean F1 of one person against another, the same codes
    coders: int
    gaps: tuple[Gap, ...]
    stance: float | None


def trust(publication: Publication) -> Trust | None:
    """What `evaluate` found last, of the model that codes the study; nothing if it was not run."""
    measured = publication.quality
    key = next((name for name in ("trained", "cold") if measured.get(name, {}).get("criteria")), "")
    if not key:
        return None
    figures, human = measured[key], measured.get("human") or {}
    codes = shown_codes(publication.codebook, list(figures["criteria"]))
    rows = tuple(_trusted(code, figures["criteria"][code], human, measured.get("baselines", {})) for code in codes)
    people = [row.human.value for row in rows if row.human]
    smallest = publication.settings.disclosure.smallest_cell
    return Trust(
        key,
        str(measured.get("measured_on", "")),
        rows,
        int(figures.get("n", 0)),
        int(figures.get("groups", 0)),
        bins(figures.get("reliability", ())),
        figures.get("calibration_error"),
        tuple(_curve(measured.get("learning_curve", ()), codes)),
        sum(people) / len(people) if people else None,
        int(human.get("coders", 0)),
        tuple(_gaps(measured.get("errors_by", {}), smallest)),
        figures.get("stance_accuracy"),
    )


def shown_codes(codebook: Codebook, measured: Sequence[str]) -> tuple[str, ...]:
    """The codes of the main family that were measured, else all that were measured."""
    return tuple(c.id for c in codebook.of_family(codebook.main_family) if c.id in measured) or tuple(measured)


def _trusted(code: str, row: Mapping[str, Any], human: Mapping[str, Any], baselines: Mapping[str, Any]) -> CodeQuality:
    person = human.get("criteria", {}).get(code, {})
    naive = [
        baselines.get(name, {}).get("criteria", {}).get(code) for name in ("rules", "words and logistic regression")
    ]
    return CodeQuality(
        code,
        _dot(row.get("precision")),
        _dot(row.get("recall")),
        _dot(row.get("f1")),
        _dot(person.get("f1")),
        _dot(person.get("alpha")),
        naive[0],
        naive[1],
        int(row.get("positive", 0)),
        int(row.get("n", 0)),
        int(person.get("n", 0)),
        bins(row.get("reliability", ())),
    )


def _dot(figure: Any) -> Dot | None:
    if not isinstance(figure, Mapping) or figure.get("value") is None:
        return None
    value = float(figure["value"])
    low, high = (figure.get(name) for name in ("low", "high"))
    return Dot(value, value if low is None else float(low), value if high is None else float(high))


def bins(rows: Sequence[Mapping[str, Any]]) -> tuple[Bin, ...]:
    """The bins of a reliability figure; a circle's area follows its number of codings."""
    most = max((row["n"] for row in rows), default=1)
    return tuple(
        Bin(row["probability"], row["true"], row["n"], round(max(NARROWEST, WIDEST * sqrt(row["n"] / most)), 1))
        for row in rows
    )


def _curve(points: Sequence[Mapping[str, Any]], codes: Sequence[str]) -> Iterator[tuple[int, float]]:
    for point in points:
        of = point.get("criteria", {})
        scores = [of[code] for code in codes if of.get(code) is not None]
        yield int(point["decisions"]), sum(scores) / len(scores) if scores else float(point["macro_f1"])


def _gaps(errors: Mapping[str, Any], smallest: int) -> Iterator[Gap]:
    for attribute, row in errors.items():
        counts = row.get("persons", {})
        rows = [
            (value, share, f"<{smallest}" if counts.get(value, 0) < smallest else str(counts[value]))
            for value, share in row["error"].items()
        ]
        yield Gap(attribute, tuple(rows), row.get("p"))
