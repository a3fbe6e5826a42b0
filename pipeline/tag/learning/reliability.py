"""Which codes the machine may assign: those on which it agrees with people on held-out examples, and is mostly right."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import cohen_kappa_score

LEAST = 0.2  # Cohen's kappa above which agreement is more than slight (Landis & Koch 1977)
LEAST_RIGHT = 0.5  # share of its codings that must be right in 95 of 100 such samples: more right than wrong
ONE_SIDED = 1.645  # standard errors below a share that lies above its lower bound in 95 of 100 samples
FEWEST_PERSONS = 5  # whose codings are held out: three right ones of three persons are soon met by chance
MOST_NEEDED = 200  # right codings; of a code that needs more, nothing can be promised
FEW, BORROWED = 30, 10  # examples below which a code borrows from its like, and how many it borrows


def reliable(truth: np.ndarray, coded: np.ndarray, is_seed: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Whether each code is reliable, by its truth and whether it would be coded: examples x codes, 1 or 0, nan if not held out.

    Five examples tell little of one code, but twenty codes with five each tell whether so few are enough: the kappa of a code with
    few examples is drawn towards the mean of all such codes. Its own codings must then be mostly right beyond chance
    (`still_needed` is 0): agreement slightly above chance is no reason to assign what is more often wrong.
    """
    count = truth.shape[1]
    kappa, size = np.zeros(count), np.zeros(count)
    for code in range(count):
        kappa[code], size[code] = _agreement(truth[:, code], coded[:, code], is_seed)
    few = size < FEW
    mean = (kappa[few] * size[few]).sum() / max(1.0, size[few].sum())
    drawn = np.where(few, (kappa * size + mean * BORROWED) / (size + BORROWED), kappa)
    is_right = ~few | (still_needed(truth, coded, is_seed, person) == 0)
    is_right |= _taught_by_seeds(truth, is_seed, person)
    is_reliable: np.ndarray = (drawn >= LEAST) & is_right & ~np.isnan(truth + coded).all(axis=0)
    return is_reliable


def still_needed(truth: np.ndarray, coded: np.ndarray, is_seed: np.ndarray, person: np.ndarray) -> np.ndarray:
    """How many persons more, at least, must bear out codings of each code before most of them are certainly right.

    Counted by persons (a number per example), as ten excerpts of one person say little about others, and among decisions alone:
    of `FEWEST_PERSONS` or more, the lower bound of Wilson's interval (1927) for the mean share of right codings must reach
    `LEAST_RIGHT`.
    """
    needed = np.zeros(truth.shape[1], dtype=int)
    for code in range(truth.shape[1]):
        rows = np.flatnonzero((coded[:, code] == 1) & ~np.isnan(truth[:, code]) & ~is_seed)
        _, place, size = np.unique(person[rows], return_inverse=True, return_counts=True)
        right = float((truth[rows, code] / size[place]).sum()) if len(rows) else 0.0
        more = np.arange(MOST_NEEDED + 1)
        persons = len(size) + more
        enough = np.flatnonzero((lower_bound(right + more, persons) >= LEAST_RIGHT) & (persons >= FEWEST_PERSONS))
        needed[code] = enough[0] if len(enough) else MOST_NEEDED
    return needed


def _taught_by_seeds(truth: np.ndarray, is_seed: np.ndarray, person: np.ndarray) -> np.ndarray:
    """The codes that seeds carry and on which decisions of so few persons are held out that these say nothing yet."""
    carried = (truth[is_seed] == 1).any(axis=0)
    decided = ~np.isnan(truth) & ~is_seed[:, None]
    persons = np.array([len(np.unique(person[rows])) for rows in decided.T])
    taught: np.ndarray = carried & (persons < FEWEST_PERSONS)
    return taught


def lower_bound(right: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The lower bound of Wilson's interval for the share that is right; 0 of none."""
    size = np.maximum(count, 1)
    share = right / size
    spread = ONE_SIDED * np.sqrt(share * (1 - share) / size + (ONE_SIDED / size) ** 2 / 4)
    bound: np.ndarray = (share + ONE_SIDED**2 / size / 2 - spread) / (1 + ONE_SIDED**2 / size)
    return np.where(count > 0, bound, 0.0)


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
