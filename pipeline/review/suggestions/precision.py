"""Average precision of a ranking, where excerpts of the same chance have no order among themselves.

The precision at each excerpt that carries the code, averaged over these, and over all orders of those of the same chance. If all
have the same chance this is what a random order gives: with few excerpts well above the share that carry the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter


def average_precision(truths: Sequence[bool], scores: Sequence[float]) -> float:
    """The expected average precision of ranking by score, the highest first. At least one of the truths must hold."""
    ranked = sorted(zip(scores, truths, strict=True), key=itemgetter(0), reverse=True)
    total, before, before_true = 0.0, 0, 0
    for _, group in groupby(ranked, key=itemgetter(0)):
        tied = [truth for _, truth in group]
        total += _within(tied, before, before_true)
        before, before_true = before + len(tied), before_true + sum(tied)
    return total / before_true


def in_random_order(truths: Sequence[bool]) -> float:
    """The average precision to expect of a random order."""
    return average_precision(truths, [0.0] * len(truths))


def _within(tied: Sequence[bool], before: int, before_true: int) -> float:
    """The sum of precisions to expect at those of a group that hold, in random order after `before` others."""
    count, true = len(tied), sum(tied)
    of_others = (true - 1) / (count - 1) if count > 1 else 0.0  # chance that another one of the group holds
    return sum(
        true / count * (before_true + 1 + place * of_others) / (before + 1 + place)
        for place in range(count if true else 0)
    )
