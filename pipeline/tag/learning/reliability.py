"""Which codes the machine may assign: those on which it agrees with people on held-out examples."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import cohen_kappa_score

LEAST = 0.2  # Cohen's kappa above which agreement is more than slight (Landis & Koch 1977)
FEW, BORROWED = 30, 10  # examples below which a code borrows from its like, and how many it borrows


def reliable(truth: np.ndarray, coded: np.ndarray, is_seed: np.ndarray) -> np.ndarray:
    """Whether each code is reliable, by its truth and whether it would be coded: examples x codes, 1 or 0, nan if not held out.

    Five examples say little about one code, but twenty codes with five each show whether so few are enough: the kappa of a code
    with few examples is drawn towards the mean of all such codes.
    """
    count = truth.shape[1]
    kappa, size = np.zeros(count), np.zeros(count)
    for code in range(count):
        kappa[code], size[code] = _agreement(truth[:, code], coded[:, code], is_seed)
    few = size < FEW
    mean = (kappa[few] * size[few]).sum() / max(1.0, size[few].sum())
    drawn = np.where(few, (kappa * size + mean * BORROWED) / (size + BORROWED), kappa)
    is_reliable: np.ndarray = (drawn >= LEAST) & ~np.isnan(truth + coded).all(axis=0)
    return is_reliable


def _agreement(truth: np.ndarray, coded: np.ndarray, is_seed: np.ndarray) -> tuple[float, float]:
    """Cohen's kappa of one code, and its examples for or against, whichever are fewer: among seeds and among decisions.

    Where all examples for a code are seeds and all against it decisions, telling writing from speech is no merit.
    """
    kappas, sizes = [], []
    for part in (is_seed, ~is_seed):
        rows = part & ~np.isnan(truth + coded)
        size = min((truth[rows] == 1).sum(), (truth[rows] == 0).sum())
        if size:
            kappas.append(float(cohen_kappa_score(truth[rows], coded[rows])))
            sizes.append(float(size))
    return (float(np.average(kappas, weights=sizes)), sum(sizes)) if sizes else (0.0, 0.0)
