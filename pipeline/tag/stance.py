"""What an excerpt says of a code: two questions, is there something good and is there something bad; both are mixed.

They are learnt over all codes together, with the code among the columns: praise and complaint sound alike whatever they are about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator

from pipeline.tag import grouping
from pipeline.tag.ridge import ridge
from pipeline.tag.space import Columns
from pipeline.vocabulary import Stance

ALPHA = 1.0
OF_CODE = 0.5  # weight of the code among the columns
UNANIMOUS = 5  # examples of one stance and no other from which it is taken for granted
MOST = 6000  # examples learnt from at most; decisions and then the first seeds come first
GRID = np.linspace(0.3, 0.7, 17)  # thresholds tried
SIDES = {Stance.POSITIVE: (1, 0), Stance.NEGATIVE: (0, 1), Stance.MIXED: (1, 1)}


@dataclass
class StanceClassifier(BaseEstimator):
    """After `fit`: `weights_` (columns and codes x 2), `intercepts_` (2), `thresholds_` (2), and whether there was enough to learn."""

    codes: int

    def fit(
        self, columns: Columns, pairs: Sequence[tuple[int, int, str]], *, weight: np.ndarray, group: np.ndarray
    ) -> Self:
        """Learn from pairs: (row among the columns, number of the code, stance)."""
        first = sorted(sorted(pairs, key=lambda pair: -weight[pair[0]])[:MOST])
        self.is_learnt_ = len({stance for _, _, stance in first}) > 1 or len(first) >= UNANIMOUS
        chosen = first if self.is_learnt_ else []
        rows, codes = (np.array([pair[part] for pair in chosen], dtype=int) for part in (0, 1))
        sides = np.array([SIDES[Stance(stance)] for _, _, stance in chosen], dtype=float).reshape(-1, 2)
        table, fold = self._table(columns.of(rows), codes), grouping.folds(group[rows])
        kept = [np.ones(len(rows)), *(fold != number for number in range(grouping.FOLDS))]
        cells = np.hstack([np.repeat((weight[rows] * each)[:, None], 2, axis=1) for each in kept])
        weights, intercepts = ridge(table, np.tile(sides, len(kept)), cells, ALPHA)
        self.weights_, self.intercepts_ = weights[:, :2], intercepts[:2]
        scores = (table.times(weights) + intercepts).reshape(len(rows), len(kept), 2)
        self.thresholds_ = _best_thresholds(scores[np.arange(len(rows)), fold + 1], sides)
        return self

    def predict(self, columns: Columns, codes: np.ndarray) -> list[str]:
        """The stance of each sample towards a code (its number in `codes`); blank for neither, or where nothing was learnt."""
        if not self.is_learnt_:
            return [""] * len(columns)
        scores = self._table(columns, codes).times(self.weights_) + self.intercepts_
        names = {sides: str(stance) for stance, sides in SIDES.items()}
        return [names.get((int(good), int(bad)), "") for good, bad in scores.round(6) >= self.thresholds_]

    def _table(self, columns: Columns, codes: np.ndarray) -> Columns:
        """The columns with those of the codes behind them."""
        cells = np.full(len(codes), OF_CODE), (np.arange(len(codes)), codes)
        by_code = sparse.csr_matrix(cells, shape=(len(codes), self.codes))
        return Columns(columns.near, sparse.hstack([columns.terms, by_code], format="csr"))


def _best_thresholds(scores: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """The thresholds of both questions under which most stances are right; of equals, those nearest to the middle."""
    tried = sorted(product(GRID, GRID), key=lambda pair: float(abs(pair[0] - 0.5) + abs(pair[1] - 0.5)))
    right = [((scores >= pair) == (sides == 1)).all(axis=1).sum() for pair in tried]
    return np.array(tried[int(np.argmax(right))]).round(4)
