"""The stance of an excerpt on a code, from two questions: is something good said of it, and something bad? Yes to both is mixed.

They are learnt over all codes together, with the code as a feature: praise and complaint sound alike whatever they are about, and
yet "late" is a fault of efficiency only. Two examples are compared by their columns, and those of one code count more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from pipeline.tag.learning import grouping
from pipeline.tag.learning.ridge import dual_ridge
from pipeline.tag.learning.space import Columns, TextSpace
from pipeline.vocabulary import Stance

ALPHA = 0.5
GENERAL, OF_CODE = 0.35, 0.65  # how much likeness to examples of any code counts, and to those of the same code
UNANIMOUS = 5  # examples of one stance and no other from which it is taken for granted
NEITHER = 0.2  # neither question is answered with yes where both have a lower score
MIXED = 0.4  # share of the mixed examples that are to be recognised: the threshold of "both"
UNREACHED = 1.0  # that threshold where no mixed example was scored by a model that never saw its group
SIDES = {Stance.POSITIVE: (1, 0), Stance.NEGATIVE: (0, 1), Stance.MIXED: (1, 1)}


def _likeness(columns: Columns, codes: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What multiplies values of the pairs by how alike they are; the codes of the pairs, given in order, are ascending."""
    ends = np.flatnonzero(np.diff(codes, append=-1)) + 1
    parts = [(slice(start, end), columns.of(slice(start, end))) for start, end in pairwise([0, *ends.tolist()])]

    def multiply(values: np.ndarray) -> np.ndarray:
        products = GENERAL * columns.times(columns.back(values))
        for rows, part in parts:
            products[rows] += OF_CODE * part.times(part.back(values[rows]))
        return products

    return multiply


@dataclass
class StanceClassifier(BaseEstimator):  # type: ignore[misc]
    """Answers both questions about pairs of sample and code.

    After `fit`: `of_near_` (landmarks x 2 for all codes together, and 2 more for each code) and `of_terms_` (terms x the same,
    sparse), `intercepts_` (2), `both_` (the threshold of mixed) and `is_learnt_`.
    """

    codes: int

    def fit(
        self, columns: Columns, pairs: Sequence[tuple[int, int, str]], *, weight: np.ndarray, group: np.ndarray
    ) -> Self:
        """Learn from pairs: (row among the columns, number of the code, stance)."""
        self.is_learnt_ = len({stance for _, _, stance in pairs}) > 1 or len(pairs) >= UNANIMOUS
        chosen = sorted(pairs, key=lambda pair: pair[1]) if self.is_learnt_ else []  # those of one code side by side
        rows = np.array([row for row, _, _ in chosen], dtype=int)
        codes = np.array([code for _, code, _ in chosen], dtype=int)
        sides = np.array([SIDES[Stance(stance)] for _, _, stance in chosen], dtype=float).reshape(-1, 2)
        self.intercepts_, self.both_ = np.zeros(2), UNREACHED
        dual = np.zeros((0, 2))
        if chosen:
            self.intercepts_ = np.average(sides, axis=0, weights=weight[rows])
            dual = self._solve(columns.of(rows), codes, sides, weight[rows], grouping.folds(group[rows]))
        by_code = self._by_code(codes, dual)
        self.of_near_, self.of_terms_ = columns.near[rows].T @ by_code, columns.terms[rows].T @ by_code
        return self

    def _solve(
        self, columns: Columns, codes: np.ndarray, sides: np.ndarray, weight: np.ndarray, fold: np.ndarray
    ) -> np.ndarray:
        """The share of every pair in the weights (pairs x 2). Sets the threshold of mixed, by scores from other folds."""
        likeness = _likeness(columns, codes)
        is_mixed = sides.all(axis=1)
        scored = [np.flatnonzero(fold == number) for number in np.unique(fold)] if is_mixed.any() and fold.any() else []
        weights = np.tile(weight[:, None], 2 * (1 + len(scored)))
        for number, rows in enumerate(scored, start=1):
            weights[rows, 2 * number : 2 * number + 2] = 0
        gap = np.tile(sides - self.intercepts_, 1 + len(scored)).astype(np.float32)
        dual = dual_ridge(likeness, gap, weights.astype(np.float32), ALPHA)
        if scored:
            scores, held_out = likeness(dual[:, 2:]), np.empty(sides.shape)
            for number, rows in enumerate(scored):
                held_out[rows] = scores[rows, 2 * number : 2 * number + 2]
            of_mixed = np.sort((held_out + self.intercepts_)[is_mixed].min(axis=1))
            self.both_ = round(float(of_mixed[int((1 - MIXED) * len(of_mixed))]), 4)
        return dual[:, :2].astype(float)

    def _by_code(self, codes: np.ndarray, dual: np.ndarray) -> Any:
        """The weights for all codes together and for the code of each pair: pairs x 2 (1 + codes), sparse."""
        pair, side = np.indices(dual.shape)
        place = 2 * (1 + codes[pair]) + side
        values = np.concatenate([GENERAL * dual.ravel(), OF_CODE * dual.ravel()])
        cells = np.tile(pair.ravel(), 2), np.concatenate([side.ravel(), place.ravel()])
        return sparse.csr_matrix((values, cells), shape=(len(codes), 2 * (1 + self.codes)))

    def on_landmarks(self, space: TextSpace) -> None:
        """Move the weights to columns without the space's basis, and round them as they are stored."""
        self.of_near_ = space.on_landmarks(self.of_near_).astype(np.float32).round(6)
        self.of_terms_ = round(self.of_terms_.tocsr().astype(np.float32), 6)
        self.of_terms_.eliminate_zeros()
        self.of_terms_.sort_indices()
        self.intercepts_ = self.intercepts_.round(6)

    def predict(self, columns: Columns, codes: np.ndarray) -> list[str]:
        """The stance of each sample towards a code (its number in `codes`); blank for neither, or where nothing was learnt."""
        if not self.is_learnt_ or not len(codes):
            return [""] * len(codes)
        by_code = columns.near @ self.of_near_ + (columns.terms @ self.of_terms_).toarray()
        by_code = by_code.reshape(len(codes), 1 + self.codes, 2)
        scores = by_code[:, 0] + by_code[np.arange(len(codes)), 1 + codes] + self.intercepts_
        return [self._stance(good, bad) for good, bad in scores.round(6).tolist()]

    def _stance(self, good: float, bad: float) -> str:
        if max(good, bad) < NEITHER:
            return ""
        if min(good, bad) >= self.both_:
            return str(Stance.MIXED)
        return str(Stance.POSITIVE if good >= bad else Stance.NEGATIVE)
