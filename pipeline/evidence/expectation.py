"""How many further persons the machine expects to speak to a finding, beyond those whom people confirmed.

Each person speaks to it with the probability that at least one of the excerpts does; the number of persons is then a sum of
independent trials of different chances (Poisson's binomial distribution), which has a mean and an interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

INTERVAL = 0.95
SETTLED = 1.0  # further persons below whose expected number more looks would change little


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected number of further persons, its interval, and how many excerpts must be reviewed to find them."""

    persons: float
    low: int
    high: int
    looks: int


NOTHING = Expectation(persons=0.0, low=0, high=0, looks=0)


def expectation(voices: Iterable[tuple[str, float]], confirmed: Iterable[str]) -> Expectation:
    """The expectation from (person, probability of an excerpt); persons already `confirmed` and documents ("") are left out.

    Looks: the likeliest excerpts, one of each person, until fewer than `SETTLED` persons are expected among those not looked at.
    """
    counted = {*confirmed, ""}
    silent: dict[str, float] = {}
    best: dict[str, float] = {}
    for person, chance in voices:
        if person not in counted:
            silent[person] = silent.get(person, 1.0) * (1 - chance)
            best[person] = max(best.get(person, 0.0), chance)
    if not silent:
        return NOTHING
    chances = sorted(1 - nobody for nobody in silent.values())
    low, high = interval(chances)
    return Expectation(round(sum(chances), 1), low, high, _looks(sorted(best.values(), reverse=True)))


def interval(chances: Sequence[float]) -> list[int]:
    """The bounds between which the number of successes of independent trials lies with probability `INTERVAL`, at least."""
    spread = np.ones(1)
    for chance in chances:
        spread = np.convolve(spread, [1 - chance, chance])
    upto = np.cumsum(spread)
    tail = (1 - INTERVAL) / 2
    return [int(np.searchsorted(upto, bound)) for bound in (tail, 1 - tail)]


def _looks(best: Sequence[float]) -> int:
    """How many of the chances, the highest first, until the rest add up to less than `SETTLED`."""
    remaining = np.cumsum(best[::-1])[::-1]
    return int((remaining >= SETTLED).sum())
