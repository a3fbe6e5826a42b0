"""How well coders agree: percent, Cohen's kappa, Krippendorff's alpha, Gwet's AC1 and F1, with intervals by person.

Everything is counted on units that coders decided. A unit that a coder left blank is missing for that coder, not "no".
Answers are nominal: 1 yes and 0 no for a code or link, the number of a word for stances and directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, exp, isnan, log, nan, sqrt

import numpy as np
import numpy.typing as npt

from pipeline.vocabulary import AgreementNorm

Ratings = npt.NDArray[np.float64]  # units x coders; the number of an answer, nan where not decided
LEAST_UNITS = 2
NO_ERROR = 1e-4  # a standard error of log(1 - figure) too small to be seen in four decimals
LEAST_RARER = 5  # below it intervals cover less than .90 in simulations (tests/review/test_coverage.py)
TAIL = 0.025  # on each side of a 95 % interval
NORMS = {AgreementNorm.FIRM: 0.8, AgreementNorm.TENTATIVE: 0.667}  # Krippendorff 2004, p. 241


@dataclass(frozen=True, slots=True)
class Agreement:
    """Observed disagreement and that of coders who decide at random; nan if nothing was decided twice."""

    observed: float
    expected: float

    @property
    def value(self) -> float:
        """1 for full agreement, 0 for agreement by chance alone; nan where it is not defined."""
        return 1 - self.observed / self.expected if self.expected > 0 else nan

    @property
    def least(self) -> float:
        """The value where coders disagree on everything; coefficients are read from -1 to 1."""
        return max(-1.0, 1 - 1 / self.expected) if self.expected > 0 else nan


UNDEFINED = Agreement(nan, nan)
Coefficient = Callable[[Ratings], Agreement]


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient with its 95 % interval by person; nan where it is not defined."""

    value: float
    low: float
    high: float


def percent(ratings: Ratings) -> Agreement:
    """The share of pairs of decisions on the same unit that are equal."""
    counts = _counts(ratings)
    pairs = sum(comb(int(n), 2) for n in counts.sum(axis=1))
    equal = sum(comb(int(n), 2) for n in counts.ravel())
    return Agreement(1 - equal / pairs, 1.0) if pairs else UNDEFINED


def _counts(ratings: Ratings) -> npt.NDArray[np.int64]:
    """How many coders gave each answer (columns), for every unit that at least two decided (rows)."""
    answers = np.unique(ratings[~np.isnan(ratings)])
    counts: npt.NDArray[np.int64] = np.zeros((len(ratings), len(answers)), dtype=np.int64)
    for column, answer in enumerate(answers):
        counts[:, column] = (ratings == answer).sum(axis=1)
    paired: npt.NDArray[np.int64] = counts[counts.sum(axis=1) >= LEAST_UNITS]
    return paired


def kappa(ratings: Ratings) -> Agreement:
    """Cohen's kappa of two coders over the units that both decided (Cohen 1960); undefined for another number of coders.

    If both give only one and the same answer, kappa is 0/0 and not defined.
    """
    if ratings.shape[1] != 2:
        return UNDEFINED
    both = ratings[~np.isnan(ratings).any(axis=1)]
    if len(both) < LEAST_UNITS:
        return UNDEFINED
    shares = [(both == answer).mean(axis=0) for answer in np.unique(both)]
    expected = sum(float(first * second) for first, second in shares)
    return Agreement(float((both[:, 0] != both[:, 1]).mean()), 1 - expected)


def alpha(ratings: Ratings) -> Agreement:
    """Krippendorff's alpha for nominal data, any number of coders, missing decisions allowed (Krippendorff 2011).

    Units that one coder decided have no pair and are left out. Without any variation alpha is not defined.
    """
    counts = _counts(ratings)
    if not len(counts):
        return UNDEFINED
    within = counts.sum(axis=1)
    total = int(within.sum())
    unequal = within**2 - (counts**2).sum(axis=1)
    margins = counts.sum(axis=0)
    observed = float((unequal / (within - 1)).sum()) / total
    expected = float(total**2 - (margins**2).sum()) / (total * (total - 1))
    return Agreement(observed, expected)


def ac1(ratings: Ratings) -> Agreement:
    """Gwet's AC1 for any number of coders, missing decisions allowed (Gwet 2008).

    Chance agreement is the sum of p(1-p) over the answers, divided by their number less one; p is the mean over the
    units of the share of an answer, units decided once included. Agreement is the mean over the units decided twice.
    """
    counts = _counts(ratings)
    if not len(counts):
        return UNDEFINED
    within = counts.sum(axis=1)
    equal = (counts * (counts - 1)).sum(axis=1) / (within * (within - 1))
    decided = ratings[~np.isnan(ratings).all(axis=1)]
    by = (~np.isnan(decided)).sum(axis=1)
    answers = np.unique(decided[~np.isnan(decided)])
    shares = [float(((decided == answer).sum(axis=1) / by).mean()) for answer in answers]
    chance = sum(share * (1 - share) for share in shares) / max(1, len(answers) - 1)
    return Agreement(1 - float(equal.mean()), 1 - chance)


def f1(ratings: Ratings) -> Agreement:
    """The F1 of one coder against another, the same both ways, pooled over all pairs of coders; undefined without a yes.

    The figure to compare a tagger's F1 with: what one careful reader reaches against another.
    """
    pairs = [ratings[:, [i, j]] for i, j in combinations(range(ratings.shape[1]), 2)]
    both = [pair[~np.isnan(pair).any(axis=1)] for pair in pairs]
    unequal = sum(int((pair[:, 0] != pair[:, 1]).sum()) for pair in both)
    positives = sum(int(pair.sum()) for pair in both)
    return Agreement(unequal / positives, 1.0) if positives else UNDEFINED


def prevalence(ratings: Ratings) -> float:
    """The share of yes among all decisions."""
    return float(np.nanmean(ratings)) if (~np.isnan(ratings)).any() else nan


COEFFICIENTS: Mapping[str, Coefficient] = {"percent": percent, "kappa": kappa, "alpha": alpha, "ac1": ac1}


def decided_twice(ratings: Ratings) -> npt.NDArray[np.bool_]:
    """Which units at least two coders decided."""
    twice: npt.NDArray[np.bool_] = (~np.isnan(ratings)).sum(axis=1) >= LEAST_UNITS
    return twice


def rarer(ratings: Ratings) -> int:
    """The number of units decided twice on which somebody gave another answer than the commonest; an interval relies on these."""
    counts = _counts(ratings)
    if not counts.size:
        return 0
    commonest = counts.sum(axis=0).argmax()
    return int((np.delete(counts, commonest, axis=1).sum(axis=1) > 0).sum())


def with_interval(coefficient: Coefficient, ratings: Ratings, groups: Sequence[str]) -> Figure:
    """A coefficient with its 95 % interval: a jackknife over whole persons (or documents), with Student's t.

    The interval is symmetric for log(1 - coefficient) = log(observed / expected), whose distribution is closer to normal
    (Efron & Tibshirani 1993, chapter 11, on the jackknife; coverage: docs/method.md). No interval where fewer than two
    persons were decided on twice, or where the coefficient is not defined without one of them.
    """
    whole = coefficient(ratings)
    names = np.array(groups)
    persons = sorted(set(names[decided_twice(ratings)]))
    if isnan(whole.value) or len(persons) < 2:
        return Figure(_rounded(whole.value), nan, nan)
    if whole.observed == 0:
        return Figure(_rounded(whole.value), _rounded(_low_without_disagreement(whole, len(persons))), 1.0)
    return jackknifed(whole, [coefficient(ratings[names != person]).value for person in persons])


def jackknifed(whole: Agreement, without: Sequence[float]) -> Figure:
    """An agreement with its interval, given its values without each person; see `with_interval`.

    No interval with fewer than two persons, or where a value is not defined, or nobody disagrees.
    """
    if isnan(whole.value) or whole.observed == 0 or len(without) < 2 or any(map(isnan, without)):
        return Figure(_rounded(whole.value), nan, nan)
    centre, error = log(1 - whole.value), _error_of_log(whole.value, without)
    if error < NO_ERROR:  # every person alike, which says nothing of how persons differ
        return Figure(_rounded(whole.value), nan, nan)
    from scipy.special import stdtrit  # SciPy is heavy, and the review page starts without it

    reach = float(stdtrit(len(without) - 1, 1 - TAIL)) * error
    low, high = 1 - exp(min(centre + reach, 700.0)), 1 - exp(centre - reach)  # exp overflows beyond 709
    return Figure(_rounded(whole.value), _rounded(max(low, whole.least)), _rounded(high))


def _error_of_log(value: float, without: Sequence[float]) -> float:
    """The standard error of log(1 - coefficient): the jackknife's error of the coefficient, by the delta method."""
    spread = np.square(np.array(without) - np.mean(without))
    error = sqrt((len(without) - 1) / len(without) * float(spread.sum()))
    return error / (1 - value)


def _low_without_disagreement(whole: Agreement, persons: int) -> float:
    """The lower bound if coders never differ: Clopper and Pearson (1934) for 0 of n persons.

    A person with a disagreement may have nothing else, so the share of persons bounds the share of units.
    """
    share: float = 1 - TAIL ** (1 / persons)
    return max(whole.least, 1 - share / whole.expected)


def _rounded(value: float) -> float:
    return round(value, 4)


def norm(figure: Figure, rarer: int) -> AgreementNorm:
    """The rating of an alpha by the lower bound of its interval; `rarer` counts the units it is based on."""
    if isnan(figure.low) or rarer < LEAST_RARER:
        return AgreementNorm.TOO_FEW
    reached = (word for word, least in NORMS.items() if figure.low >= least)
    return next(reached, AgreementNorm.NOT_ENOUGH)


def pairs_of(coders: Sequence[str]) -> list[tuple[str, str]]:
    """Every pair of coders, in order."""
    return list(combinations(sorted(coders), 2))


def raw_counts(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> dict[str, int]:
    """The table behind the number: units that both, only one, or neither coded, and units that only one decided."""
    both = ~np.isnan(first) & ~np.isnan(second)
    one = np.isnan(first) ^ np.isnan(second)
    cells = {"yes_yes": (1, 1), "yes_no": (1, 0), "no_yes": (0, 1), "no_no": (0, 0)}
    counted = {name: int((both & (first == a) & (second == b)).sum()) for name, (a, b) in cells.items()}
    return {**counted, "decided_by_one": int(one.sum())}
