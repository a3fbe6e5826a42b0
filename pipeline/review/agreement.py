"""How far coders agree, per code: percent, Cohen's kappa, Krippendorff's alpha, Gwet's AC1, with intervals by person.

Everything is counted on units that coders really decided. A unit that a coder left blank is missing for that coder, not "no".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, nan

import numpy as np
import numpy.typing as npt

Ratings = npt.NDArray[np.float64]  # units x coders; 1 yes, 0 no, nan not decided
RESAMPLES = 1000
LEAST_UNITS = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient with its 95 % interval (percentile bootstrap over persons); nan where it is not defined."""

    value: float
    low: float
    high: float


def percent(ratings: Ratings) -> float:
    """The share of pairs of decisions on the same unit that are equal; nan where no unit was decided twice."""
    pairs, equal = _pairs(ratings)
    return equal / pairs if pairs else nan


def _pairs(ratings: Ratings) -> tuple[int, int]:
    counts = _counts(ratings)
    pairs = sum(comb(int(a + b), 2) for a, b in counts)
    equal = sum(comb(int(a), 2) + comb(int(b), 2) for a, b in counts)
    return pairs, equal


def _counts(ratings: Ratings) -> npt.NDArray[np.int64]:
    """How many coders said no and yes, for every unit that at least two decided."""
    counts: npt.NDArray[np.int64] = np.stack([(ratings == 0).sum(axis=1), (ratings == 1).sum(axis=1)], axis=1)
    paired: npt.NDArray[np.int64] = counts[counts.sum(axis=1) >= LEAST_UNITS]
    return paired


def kappa(ratings: Ratings) -> float:
    """Cohen's kappa of two coders over the units that both decided (Cohen 1960); nan for another number of coders.

    Where both use one and the same category only, kappa is not defined (0/0) and nan is given.
    """
    if ratings.shape[1] != 2:
        return nan
    both = ratings[~np.isnan(ratings).any(axis=1)]
    if len(both) < LEAST_UNITS:
        return nan
    observed = float((both[:, 0] == both[:, 1]).mean())
    yes = both.mean(axis=0)
    expected = float(yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1]))
    return _corrected(observed, expected)


def alpha(ratings: Ratings) -> float:
    """Krippendorff's alpha for nominal data, any number of coders, missing decisions allowed (Krippendorff 2011).

    Units decided once pair with nothing and are left out. Without any variation alpha is not defined and nan is given.
    """
    counts = _counts(ratings)
    if not len(counts):
        return nan
    within = counts.sum(axis=1)
    total = int(within.sum())
    disagreeing = float((2 * counts[:, 0] * counts[:, 1] / (within - 1)).sum())
    zeros, ones = counts.sum(axis=0)
    expected = 2 * float(zeros) * float(ones) / (total - 1)
    return 1 - disagreeing / expected if expected else nan


def ac1(ratings: Ratings) -> float:
    """Gwet's AC1 for any number of coders, missing decisions allowed (Gwet 2008): chance agreement 2p(1-p).

    p is the mean over the units of the share of yes, units decided once included; agreement is the mean over the units
    decided at least twice.
    """
    counts = _counts(ratings)
    if not len(counts):
        return nan
    within = counts.sum(axis=1)
    agree = (counts * (counts - 1)).sum(axis=1) / (within * (within - 1))
    decided = ratings[~np.isnan(ratings).all(axis=1)]
    yes = float(np.nanmean(decided, axis=1).mean())
    return _corrected(float(agree.mean()), 2 * yes * (1 - yes))


def f1(ratings: Ratings) -> float:
    """The F1 of one coder against another, the same both ways, pooled over all pairs of coders; nan where neither ever says yes.

    A tagger scored by F1 stands beside this figure: it is what one careful reader reaches against another.
    """
    pairs = [ratings[:, [i, j]] for i, j in combinations(range(ratings.shape[1]), 2)]
    both = [pair[~np.isnan(pair).any(axis=1)] for pair in pairs]
    agreed = sum(int(pair.all(axis=1).sum()) for pair in both)
    said = sum(int(pair.sum()) for pair in both)
    return 2 * agreed / said if said else nan


def _corrected(observed: float, expected: float) -> float:
    return (observed - expected) / (1 - expected) if expected < 1 else nan


def prevalence(ratings: Ratings) -> float:
    """The share of yes among all decisions."""
    return float(np.nanmean(ratings)) if (~np.isnan(ratings)).any() else nan


COEFFICIENTS: Mapping[str, Callable[[Ratings], float]] = {
    "percent": percent,
    "kappa": kappa,
    "alpha": alpha,
    "ac1": ac1,
}


def with_interval(
    coefficient: Callable[[Ratings], float],
    ratings: Ratings,
    groups: Sequence[str],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Figure:
    """A coefficient with its 95 % percentile bootstrap interval; whole persons (or documents) are drawn, not units.

    Draws for which the coefficient is not defined are left out; with one person there is no interval.
    """
    value = coefficient(ratings)
    members = _members(groups)
    if np.isnan(value) or len(members) < 2:
        return Figure(_rounded(value), nan, nan)
    chance = np.random.default_rng(seed)
    drawn = (chance.integers(0, len(members), len(members)) for _ in range(resamples))
    values = np.array([coefficient(ratings[np.concatenate([members[i] for i in draw])]) for draw in drawn])
    values = values[~np.isnan(values)]
    if not len(values):
        return Figure(_rounded(value), nan, nan)
    low, high = np.quantile(values, [0.025, 0.975])
    return Figure(_rounded(value), _rounded(float(low)), _rounded(float(high)))


def _members(groups: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    names = np.array(groups)
    return [np.flatnonzero(names == name) for name in sorted(set(groups))]


def _rounded(value: float) -> float:
    return round(value, 4)


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


NORMS = {"firm": 0.8, "tentative": 0.667}  # Krippendorff 2004


def norm(value: float) -> str:
    """What the norms say of an alpha: firm, tentative, or not enough; nothing where it is not defined."""
    if np.isnan(value):
        return ""
    return next((word for word, least in NORMS.items() if value >= least), "not enough")
