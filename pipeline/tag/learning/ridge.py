"""Ridge regression of many codes at once, each on its own examples.

scikit-learn's `Ridge` solves all codes on one set of examples; coders leave cells undecided, and every fold leaves others out.
Here a cell without weight teaches nothing, and all codes and folds share each pass over the columns: time and memory grow with
the number of examples. All is done in the precision of the columns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.tag.learning.space import Columns

TOGETHER = 64  # targets solved together: more need memory, fewer need time
PASSES = 100
PRECISE = 1e-3  # the residual at which more passes no longer move a score's second digit


def ridge(columns: Columns, targets: np.ndarray, weights: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """(coefficients: columns x targets, intercepts) of least squares with penalty `alpha`, by conjugate gradients.

    `targets` and `weights` are examples x targets; the penalty is that on examples of weight 1 (Hestenes and Stiefel 1952).
    """
    parts = [
        _solved(columns, targets[:, at : at + TOGETHER], weights[:, at : at + TOGETHER], alpha)
        for at in range(0, max(1, targets.shape[1]), TOGETHER)
    ]
    return np.hstack([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _solved(columns: Columns, targets: np.ndarray, weights: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    total = np.maximum(weights.sum(axis=0), 1e-12)

    def centred(values: np.ndarray) -> np.ndarray:
        """Weighted, and without the weighted mean: the intercept bears no penalty."""
        weighted = values * weights
        without_mean: np.ndarray = weighted - weights * (weighted.sum(axis=0) / total)
        return without_mean

    def normal(direction: np.ndarray) -> np.ndarray:
        product: np.ndarray = columns.back(centred(columns.times(direction))) + alpha * direction
        return product

    coefficients = _by_conjugate_gradients(normal, columns.back(centred(targets)))
    gap = targets - columns.times(coefficients)
    return coefficients, (weights * gap).sum(axis=0) / total


def dual_ridge(
    likeness: Callable[[np.ndarray], np.ndarray], targets: np.ndarray, weights: np.ndarray, alpha: float
) -> np.ndarray:
    """The shares of examples in kernel ridge regression without an intercept: examples x targets.

    `likeness` multiplies values of the examples by how alike they are, so that the examples' square is never made.
    """
    root = np.sqrt(weights)

    def normal(direction: np.ndarray) -> np.ndarray:
        product: np.ndarray = root * likeness(root * direction) + alpha * direction
        return product

    shares: np.ndarray = root * _by_conjugate_gradients(normal, root * targets)
    return shares


def _by_conjugate_gradients(normal: Callable[[np.ndarray], np.ndarray], right: np.ndarray) -> np.ndarray:
    """What `normal`, symmetric and positive, turns into the right side: every column by itself, in common passes."""
    residual = right
    solution, direction = np.zeros_like(residual), residual.copy()
    start = size = (residual * residual).sum(axis=0)
    for _ in range(PASSES):
        if (size <= PRECISE**2 * start).all():
            break
        product = normal(direction)
        step = size / np.maximum((direction * product).sum(axis=0), 1e-30)
        solution += step * direction
        residual = residual - step * product
        before, size = size, (residual * residual).sum(axis=0)
        direction = residual + size / np.maximum(before, 1e-30) * direction
    return solution
