"""How many further persons the machine expects to speak to a finding, beyond those whom people confirmed.

Each person speaks to it with the probability that at least one of the excerpts does; the number of persons is then a sum of
independent trials of different chances (Poisson's binomial distribution), which has a mean and an interval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

INTERVAL = 0.95
SETTLED = 1.0  # further persons below whose expected number more looks would change little


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected number of further persons, its interval, and which excerpts to review first to find them.

    First come the likeliest excerpts, one of each person, until fewer than `SETTLED` persons are expected among the others.
    """

    persons: float = 0.0
    low: int = 0
    high: int = 0
    review_first: tuple[str, ...] = ()
    unshown: int = 0  # undecided excerpts, of persons and documents, that are not suggested


NOTHING = Expectation()


class Chance(NamedTuple):
    """The probability that an undecided excerpt bears on a finding; the person is "" for a document."""

    person: str
    excerpt: str
    bearing: float


def expectation(
    undecided: Sequence[Chance], *, confirmed: Iterable[str] = (), suggested: Collection[str] = ()
) -> Expectation:
    """The expectation from undecided excerpts, of which some are `suggested`; no persons already `confirmed` are expected."""
    unshown = sum(each.excerpt not in suggested for each in undecided)
    counted = {*confirmed, ""}
    silent: dict[str, float] = {}
    best: dict[str, Chance] = {}
    for each in sorted(undecided, key=lambda chance: (-chance.bearing, chance.excerpt)):
        if each.person not in counted:
            silent[each.person] = silent.get(each.person, 1.0) * (1 - each.bearing)
            best.setdefault(each.person, each)
    if not silent:
        return Expectation(unshown=unshown)
    chances = sorted(1 - nobody for nobody in silent.values())
    low, high = interval(chances)
    likeliest = list(best.values())
    first = likeliest[: _looks([each.bearing for each in likeliest])]
    return Expectation(round(sum(chances), 1), low, high, tuple(each.excerpt for each in first), unshown)


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
