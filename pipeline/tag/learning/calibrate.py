"""Calibrated probabilities from scores, and thresholds for a required recall.

Both are fitted on out-of-fold scores, never on a score whose own group was seen in training.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

STEPS = 100
USUAL = 12.0  # slope of a code whose scores separate well: these lie about 0 and 1
SPREAD = 5.0  # how far the slopes of codes lie from it
HALF = 40  # examples at which scores count half as much
OF_DEFINITION, ITS_SPREAD = (
    1.0,
    0.5,
)  # the same of the log-odds by a code's definition, which are calibrated on other codes
OPINION_SPREAD = (
    1.0  # how far the slopes of voters lie from 0: nothing is believed of a voter before examples bear it out
)
SURE = 0.9  # share that is right at or above the upper threshold
WORTH = 0.15  # the lower threshold does not go so low that fewer of the candidates than this are right


def fit_calibration(
    scores: np.ndarray,
    by_definition: np.ndarray,
    truth: np.ndarray,
    weights: np.ndarray,
    *,
    opinions: np.ndarray | None = None,
) -> np.ndarray:
    """Slope of the scores, slope of the log-odds by the definition, and offset: Platt's sigmoid (Platt 1999) of both.

    Before the offset come the slopes of voters' `opinions` (samples x columns), if there are any.

    A handful of examples says little about the slopes: they start from the usual ones, and a hundred examples outweigh these. The
    usual slope of scores grows with the examples that taught them: ten decisions leave the ranking to the definition, and a
    thousand leave it to the examples. Targets are smoothed as by Platt.
    """
    share = len(truth) / (len(truth) + HALF)
    positive, negative = truth.sum(), len(truth) - truth.sum()
    target = np.where(truth == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    voted = np.zeros((len(truth), 0)) if opinions is None else opinions
    count = voted.shape[1]
    usual = np.array([USUAL * share, OF_DEFINITION, *[0.0] * count, np.log((positive + 1) / (negative + 1))])
    spread = np.array([SPREAD * share, ITS_SPREAD, *[OPINION_SPREAD] * count, np.inf])
    return fit_line(np.column_stack([scores, by_definition, voted]), target, weights, usual=usual, spread=spread)


def fit_line(
    scores: np.ndarray, target: np.ndarray, weights: np.ndarray, *, usual: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """The slopes and the offset of a logistic regression on scores (samples x kinds), near the usual ones.

    These are the largest posterior under a normal prior: scikit-learn's `LogisticRegression` draws every slope towards zero, and
    its calibration none. `spread`: how far slopes and offset lie from the usual ones (infinite: anywhere). By Newton's method
    (Lin et al. 2007); slopes are at least 0.
    """
    columns, line = np.column_stack([scores, np.ones(len(scores))]), usual.astype(float)
    prior = spread**-2.0
    for _ in range(STEPS):
        chances = expit(columns @ line)
        slope = columns.T @ (weights * (chances - target)) + prior * (line - usual)
        bend = (columns.T * (weights * chances * (1 - chances))) @ columns + np.diag(prior + 1e-9)
        step = np.linalg.solve(bend, slope)
        line = line - step / max(1.0, float(np.abs(step).max()) / 10)
        if np.abs(step).max() < 1e-10:
            break
    line[:-1] = np.maximum(line[:-1], 0.0)
    return line


def probabilities(
    scores: np.ndarray, by_definition: np.ndarray, calibration: np.ndarray, *, opinions: np.ndarray
) -> np.ndarray:
    """The probabilities of scores and log-odds by definitions (samples x codes each) under the calibration of each code.

    `opinions` of voters: samples x codes x columns.
    """
    of_score, of_definition, *_, offset = calibration.T
    by_voters = (opinions * calibration[:, 2:-1]).sum(axis=2)
    chances: np.ndarray = expit(scores * of_score + by_definition * of_definition + by_voters + offset)
    return chances


def fit_thresholds(chances: np.ndarray, truth: np.ndarray, recall: float) -> tuple[float, float, float]:
    """(lower, threshold, upper) of one code, from out-of-fold probabilities.

    *threshold*: an excerpt is coded at or above it. It is where the F1 that the probabilities themselves promise is largest
    (steadier than the largest F1 observed; compare Lipton et al. 2014). *lower*: at or above it the share `recall` of the
    true ones is found, as long as candidates are worth a look; what lies between lower and upper is doubtful and goes to a
    person. *upper*: at or above it nine in ten are right.
    """
    threshold = best_threshold(chances)
    of_true = np.sort(chances[truth == 1])[::-1]
    lower = of_true[min(len(of_true) - 1, int(np.ceil(recall * len(of_true))) - 1)]
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    lower = max(lower, chances[order[np.flatnonzero(right >= min(WORTH, right.max())).max()]])
    sure = np.flatnonzero(right >= SURE)
    upper = chances[order[sure.max()]] if len(sure) else 1.0
    return (
        round(float(min(lower, threshold)), 4),
        round(threshold, 4),
        round(float(max(upper, threshold)), 4),
    )


def best_threshold(chances: np.ndarray) -> float:
    """The threshold with the largest expected F1, if the probabilities are right."""
    ordered = np.sort(chances)[::-1]
    promised = 2 * np.cumsum(ordered) / (np.arange(1, len(ordered) + 1) + ordered.sum())
    return float(ordered[int(promised.argmax())])


def best_sets(chances: np.ndarray) -> np.ndarray:
    """For each text the set of codes that promises it the largest F1 (0/1, texts x codes): its likeliest codes, or none."""
    order = np.argsort(-chances, axis=1, kind="stable")
    ordered = np.take_along_axis(chances, order, axis=1)
    sizes = np.arange(1, chances.shape[1] + 1)
    promised = 2 * np.cumsum(ordered, axis=1) / (sizes + chances.sum(axis=1, keepdims=True))
    none = (1 - chances).prod(axis=1) > promised.max(axis=1)
    chosen = (sizes[None, :] <= promised.argmax(axis=1)[:, None] + 1) & ~none[:, None]
    sets = np.zeros(chances.shape, dtype=int)
    np.put_along_axis(sets, order, chosen.astype(int), axis=1)
    return sets
