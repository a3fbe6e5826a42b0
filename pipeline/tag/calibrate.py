"""From scores to probabilities that mean what they say, and thresholds that hold what was asked of them.

Both are fitted on out-of-fold scores, never on a score whose own group was seen in training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def fit_calibration(scores: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and offset of Platt's sigmoid (Platt 1999), with his smoothed targets so that no probability is 0 or 1."""
    import numpy as np
    from scipy.optimize import minimize

    positive, negative = truth.sum(), len(truth) - truth.sum()
    target = np.where(truth == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))

    def loss(x: np.ndarray) -> float:
        z = scores * x[0] + x[1]
        return float((weights * (np.logaddexp(0, z) - target * z)).sum())

    best = minimize(
        loss, np.array([1.0, 0.0]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000}
    )
    return max(float(best.x[0]), 0.0), float(best.x[1])


def fit_thresholds(chances: np.ndarray, truth: np.ndarray, recall: float) -> tuple[float, float, float]:
    """(lower, threshold, upper) of one code, from out-of-fold probabilities.

    *threshold*: an excerpt is coded at or above it: where F1 is largest. *lower*: at or above it the share `recall` of the
    true ones is found; what lies between lower and upper is doubtful and goes to a person. *upper*: at or above it at least
    nine in ten are right.
    """
    import numpy as np

    order = np.argsort(-chances, kind="stable")
    hits = np.cumsum(truth[order])
    found = hits / max(1, truth.sum())
    right = hits / np.arange(1, len(order) + 1)
    f1 = 2 * found * right / np.maximum(found + right, 1e-12)
    threshold = float(chances[order[int(f1.argmax())]])
    lower = float(chances[order[int(np.argmax(found >= recall))]])
    sure = np.flatnonzero(right >= 0.9)
    upper = float(chances[order[int(sure.max())]]) if len(sure) else 1.0
    return (
        round(min(lower, threshold), 4),
        round(threshold, 4),
        round(max(upper, threshold), 4),
    )
