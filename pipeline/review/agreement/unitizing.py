"""Agreement on marked words: Krippendorff's alpha for unitizing, of coders who marked words of the same excerpts.

No library that is kept up has it (`krippendorff` counts codes alone), so it follows Krippendorff, K. (1995), "On the
Reliability of Unitizing Continuous Data", *Sociological Methodology* 25, 47-76, in the form of Krippendorff, K. (2004),
*Content Analysis*, 2nd ed., section 11.6, which corrects a sign of the expected disagreement. Krippendorff, Mathet, Bouvry and
Widlöcher (2016), *Quality & Quantity* 50, 2347-2364, place it among other coefficients.

The excerpts that the same coders marked are put end to end as one continuum of characters. Chance may place a unit anywhere
on it, also in another excerpt; so coders who mark at random, but in the same excerpts, reach more than 0 (docs/method.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import isnan, nan
from typing import Any

from pipeline.review.agreement.coefficients import Agreement, jackknifed
from pipeline.review.identity import bounds_of
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.spans import Stretch, united

Units = Sequence[Stretch]  # of one coder, in order and without overlap
LEAST_CODERS = 2


@dataclass(frozen=True, slots=True)
class Continuum:
    """A text of some length, and the units of each coder on it."""

    length: int
    coders: tuple[Units, ...]


@dataclass(frozen=True, slots=True)
class MarkedExcerpt:
    """An excerpt, and what each of at least two coders marked in it for one code."""

    excerpt_id: str
    length: int
    units: Mapping[str, Units]


def observed_disagreement(continuum: Continuum) -> float:
    """The mean over pairs of coders of the squared differences of their sections, by the square of the length."""
    pairs = list(combinations(continuum.coders, 2))
    total = sum(_difference(first, second, continuum.length) for first, second in pairs)
    return 2 * total / (2 * len(pairs) * continuum.length**2)


def _difference(first: Units, second: Units, length: int) -> int:
    """Units that intersect differ by the squares of what their ends are apart; one inside a gap by the square of its length."""
    apart = sum(
        (a.start - b.start) ** 2 + (a.end - b.end) ** 2
        for a in first
        for b in second
        if a.start < b.end and b.start < a.end
    )
    return apart + _alone(first, gaps_of(second, length)) + _alone(second, gaps_of(first, length))


def _alone(units: Units, gaps: Units) -> int:
    inside = (unit for unit in units if any(gap.start <= unit.start and unit.end <= gap.end for gap in gaps))
    return sum((unit.end - unit.start) ** 2 for unit in inside)


def gaps_of(units: Units, length: int) -> list[Stretch]:
    """What lies before, between and after units."""
    edges = [Stretch(0, 0), *units, Stretch(length, length)]
    return [Stretch(a.end, b.start) for a, b in pairwise(edges) if a.end < b.start]


def expected_disagreement(continuum: Continuum) -> float:
    """The disagreement of coders who place the same units, all of them together, by chance."""
    length, coders = continuum.length, len(continuum.coders)
    lengths = [unit.end - unit.start for units in continuum.coders for unit in units]
    gaps = [gap.end - gap.start for units in continuum.coders for gap in gaps_of(units, length)]
    total = 0.0
    for unit in lengths:
        with_others = (len(lengths) - 1) / 3 * (2 * unit**3 - 3 * unit**2 + unit)
        total += with_others + unit**2 * sum(gap - unit + 1 for gap in gaps if gap >= unit)
    whole = coders * length
    return 2 / length * total / (whole * (whole - 1) - sum(unit * (unit - 1) for unit in lengths))


def pooled(continua: Iterable[Continuum]) -> Agreement:
    """The agreement over several continua: their disagreements, weighted by length. Undefined where there is none."""
    rows = list(continua)
    total = sum(row.length for row in rows)
    if not total:
        return Agreement(nan, nan)
    return Agreement(
        sum(row.length * observed_disagreement(row) for row in rows) / total,
        sum(row.length * expected_disagreement(row) for row in rows) / total,
    )


def marked_excerpts(spans: Iterable[CoderSpan], code: str) -> Iterator[MarkedExcerpt]:
    """The excerpts in which at least two coders marked words for a code, in order."""
    by_excerpt: dict[str, dict[str, list[Stretch]]] = {}
    for span in spans:
        if span.criterion == code:
            of_excerpt = by_excerpt.setdefault(span.excerpt_id, {})
            of_excerpt.setdefault(span.coder, []).append(Stretch(span.start, span.end))
    for excerpt, by_coder in sorted(by_excerpt.items()):
        start, end = bounds_of(excerpt)
        if len(by_coder) >= LEAST_CODERS:
            units = {coder: united(stretches) for coder, stretches in sorted(by_coder.items())}
            yield MarkedExcerpt(excerpt, end - start, units)


def continua_of(excerpts: Iterable[MarkedExcerpt]) -> list[Continuum]:
    """The excerpts that the same coders marked, end to end."""
    by_coders: dict[tuple[str, ...], list[MarkedExcerpt]] = {}
    for excerpt in excerpts:
        by_coders.setdefault(tuple(excerpt.units), []).append(excerpt)
    return [_end_to_end(coders, of_coders) for coders, of_coders in sorted(by_coders.items())]


def _end_to_end(coders: Sequence[str], excerpts: Sequence[MarkedExcerpt]) -> Continuum:
    units: dict[str, list[Stretch]] = {coder: [] for coder in coders}
    at = 0
    for excerpt in excerpts:
        for coder in coders:
            units[coder] += [Stretch(at + unit.start, at + unit.end) for unit in excerpt.units[coder]]
        at += excerpt.length
    return Continuum(at, tuple(map(tuple, units.values())))


def agreement_on_spans(
    spans: Sequence[CoderSpan], codes: Collection[str], persons: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Per code the figures on marked words: alpha for unitizing with its interval, excerpts, persons and coders' units.

    Codes of which no two coders marked words in one excerpt are left out. `persons` names the person of each excerpt.
    """
    figures = {}
    for code in codes:
        excerpts = list(marked_excerpts(spans, code))
        if excerpts:
            figures[code] = _figures(excerpts, persons)
    return figures


def _figures(excerpts: Sequence[MarkedExcerpt], persons: Mapping[str, str]) -> dict[str, Any]:
    names = sorted({persons[each.excerpt_id] for each in excerpts})
    without = [_agreement(each for each in excerpts if persons[each.excerpt_id] != name) for name in names]
    figure = jackknifed(_agreement(excerpts), [each.value for each in without])
    return {
        "u_alpha": {key: _or_null(getattr(figure, key)) for key in ("value", "low", "high")},
        "n": len(excerpts),
        "persons": len(names),
        "units": sum(len(units) for each in excerpts for units in each.units.values()),
    }


def _agreement(excerpts: Iterable[MarkedExcerpt]) -> Agreement:
    return pooled(continua_of(excerpts))


def _or_null(value: float) -> float | None:
    return None if isnan(value) else value
