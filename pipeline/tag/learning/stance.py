"""The stance of an excerpt on a code, from two questions: is something good said, and something bad? Both make it mixed.

They are learnt over all codes together, with the code as a feature: praise and complaint sound alike whatever they are about, and
yet "late" is a fault of efficiency only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator

from pipeline.tag.learning import grouping
from pipeline.tag.learning.ridge import ridge
from pipeline.tag.learning.space import Columns, TextSpace
from pipeline.vocabulary import Stance

ALPHA = 1.0
GENERAL, OF_CODE = 0.58, 0.82  # weight of nearness to examples of any code, and to those of the same code
UNANIMOUS = 5  # examples of one stance and no other from which it is taken for granted
MOST = 6000  # examples learnt from at most; decisions and then the first seeds come first
NEITHER = 0.2  # neither question is answered with yes where both have a lower score
MIXED = 0.4  # share of the mixed examples that are to be recognised: the threshold of "both"
SIDES = {Stance.POSITIVE: (1, 0), Stance.NEGATIVE: (0, 1), Stance.MIXED: (1, 1)}


@dataclass(frozen=True, slots=True)
class CodedColumns:
    """Columns of pairs of sample and code: those of the sample, and its nearness once more for the code. `codes` ascends."""

    columns: Columns
    codes: np.ndarray
    count: int

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """The pairs of each code and the places of its nearness among all columns."""
        width = self.columns.near.shape[1]
        first = width + self.columns.terms.shape[1]
        starts = np.searchsorted(self.codes, np.arange(self.count + 1))
        for code in range(self.count):
            yield slice(starts[code], starts[code + 1]), slice(first + code * width, first + (code + 1) * width)

    def times(self, weights: np.ndarray) -> np.ndarray:
        """The scores of the pairs under weights."""
        width = self.columns.near.shape[1]
        scores: np.ndarray = GENERAL * (self.columns.near @ weights[:width])
        scores += self.columns.terms @ weights[width : width + self.columns.terms.shape[1]]
        for rows, places in self.blocks():
            scores[rows] += OF_CODE * (self.columns.near[rows] @ weights[places])
        return scores

    def back(self, residuals: np.ndarray) -> np.ndarray:
        """The transposed product."""
        near = self.columns.near
        of_codes = [OF_CODE * (near[rows].T @ residuals[rows]) for rows, _ in self.blocks()]
        return np.vstack([GENERAL * (near.T @ residuals), self.columns.terms.T @ residuals, *of_codes])


@dataclass
class StanceClassifier(BaseEstimator):  # type: ignore[misc]
    """After `fit`: `weights_` (columns x 2), `intercepts_` (2), `both_` (the threshold of mixed) and `is_learnt_`."""

    codes: int

    def fit(
        self, columns: Columns, pairs: Sequence[tuple[int, int, str]], *, weight: np.ndarray, group: np.ndarray
    ) -> Self:
        """Learn from pairs: (row among the columns, number of the code, stance)."""
        first = sorted(pairs, key=lambda pair: -weight[pair[0]])[:MOST]
        self.is_learnt_ = len({stance for _, _, stance in first}) > 1 or len(first) >= UNANIMOUS
        chosen = sorted(first, key=lambda pair: pair[1]) if self.is_learnt_ else []
        rows, codes = (np.array([pair[part] for pair in chosen], dtype=int) for part in (0, 1))
        sides = np.array([SIDES[Stance(stance)] for _, _, stance in chosen], dtype=float).reshape(-1, 2)
        table, fold = CodedColumns(columns.of(rows), codes, self.codes), grouping.folds(group[rows])
        kept = [np.ones(len(rows)), *(fold != number for number in range(grouping.FOLDS))]
        cells = np.hstack([np.repeat((weight[rows] * each)[:, None], 2, axis=1) for each in kept])
        weights, intercepts = ridge(table, np.tile(sides, len(kept)), cells, ALPHA)
        self.weights_, self.intercepts_ = weights[:, :2], intercepts[:2]
        scores = (table.times(weights) + intercepts).reshape(len(rows), len(kept), 2)
        of_mixed = np.sort(scores[np.arange(len(rows)), fold + 1].min(axis=1)[sides.all(axis=1)])
        self.both_ = round(float(of_mixed[int((1 - MIXED) * len(of_mixed))]), 4) if len(of_mixed) else 1.0
        return self

    def on_landmarks(self, space: TextSpace) -> None:
        """Move the weights to columns without the space's basis."""
        width, general = len(space.landmarks_), len(self.weights_) - self.codes * len(space.landmarks_)
        of_codes = [
            space.on_landmarks(self.weights_[at : at + width]) for at in range(general, len(self.weights_), width or 1)
        ]
        self.weights_ = np.vstack([space.on_landmarks(self.weights_[:general]), *of_codes])

    def predict(self, columns: Columns, codes: np.ndarray) -> list[str]:
        """The stance of each sample towards a code (its number in `codes`); blank for neither, or where nothing was learnt."""
        if not self.is_learnt_ or not len(codes):
            return [""] * len(codes)
        order = np.argsort(codes, kind="stable")
        scores = np.empty((len(codes), 2))
        scores[order] = (
            CodedColumns(columns.of(order), codes[order], self.codes).times(self.weights_) + self.intercepts_
        )
        return [self._stance(good, bad) for good, bad in scores.round(6).tolist()]

    def _stance(self, good: float, bad: float) -> str:
        if max(good, bad) < NEITHER:
            return ""
        if min(good, bad) >= self.both_:
            return str(Stance.MIXED)
        return str(Stance.POSITIVE if good >= bad else Stance.NEGATIVE)
