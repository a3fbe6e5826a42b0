"""When a review may stop: an estimate of recall from the probabilities of unreviewed excerpts.

After Yang, Lewis & Frieder (2021), Heuristic stopping rules for technology-assisted review (QuantCI). The estimate is as
good as the probabilities are: how well they are calibrated is what `evaluate` measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NORMAL = 1.96  # standard errors on each side of a 95 % interval


@dataclass(frozen=True, slots=True)
class Recall:
    """The expected recall with its 95 % interval; nan if nothing is expected to be found."""

    value: float
    low: float
    high: float


def recall(probabilities: np.ndarray, covered: np.ndarray) -> Recall:
    """The estimated recall over cells (excerpt and code), each with the probability that the code is there.

    `covered` is true where the code would be found if it is there: a person looked, or the machine coded it. A decided cell has the
    probability 1 or 0.
    """
    spread = probabilities * (1 - probabilities)
    there, missed = float(probabilities[covered].sum()), float(probabilities[~covered].sum())
    if there + missed == 0:
        return Recall(nan, nan, nan)
    value = there / (there + missed)
    variance = missed**2 * float(spread[covered].sum()) + there**2 * float(spread[~covered].sum())
    error = NORMAL * sqrt(variance) / (there + missed) ** 2
    return Recall(*(round(share, 4) for share in (value, max(0.0, value - error), min(1.0, value + error))))
