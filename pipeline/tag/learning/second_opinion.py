"""A second classifier for texts that the first is unsure of: it also compares the vectors of a better and slower encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from pipeline.tag.features import Features
from pipeline.tag.learning.classifier import CodeClassifier, Hints
from pipeline.tag.learning.space import Columns, TextSpace, basis_of, nearness

UNSURE = (0.15, 0.85)  # a first chance between these is asked about again
WEIGHT, GAMMA = (
    1.0,
    1.0,
)  # of the second Gaussian, and its sharpness: the best of four pairs with one writer of seeds left out


@dataclass
class SecondOpinion(BaseEstimator):  # type: ignore[misc]
    """The columns of the first classifier, and beside them nearness in the second encoder's vectors, to the same landmarks.

    That encoder puts all texts close together (mean cosine of two seeds: .82); what tells them apart is what is left once the mean
    of the examples is taken away.

    After `fit`: `centre_` (the mean), `landmarks_` (vectors) and `classifier_`.
    """

    recall: float = 0.9

    def fit(self, space: TextSpace, columns: Columns, vectors: np.ndarray, truth: np.ndarray, **about: Any) -> Self:
        """Learn from examples: their columns in a fitted space, their vectors, and all that the first classifier learnt from."""
        self.centre_ = vectors.mean(axis=0).astype(np.float32)
        self.landmarks_ = vectors[list(space.rows_)]
        basis = np.sqrt(WEIGHT) * basis_of(self._placed(self.landmarks_))
        near = nearness(vectors, self.landmarks_, self._placed, basis, np.float32)
        self.classifier_ = CodeClassifier(self.recall).fit(_beside(columns, near), truth, **about)
        weights, first = space.on_landmarks(self.classifier_.weights_), len(space.rows_)
        own = slice(first, first + len(self.landmarks_))
        weights[own] = basis @ weights[own]
        self.classifier_.weights_ = weights
        self.classifier_.round_as_stored()
        return self

    def revised(self, chances: np.ndarray, features: Features, columns: Columns, hints: Hints) -> np.ndarray:
        """First chances (samples x codes), those that are unsure replaced: the encoder reads the texts of these alone."""
        unsure = is_unsure(chances) & self.classifier_.is_learnt_
        rows = np.flatnonzero(unsure.any(axis=1))
        near = nearness(features.read_again(rows), self.landmarks_, self._placed, None, np.float64)
        again = self.classifier_.predict_proba(_beside(columns.of(rows), near), hints.of(rows))
        revised = chances.copy()
        revised[rows] = np.where(unsure[rows], again, chances[rows])
        return revised

    def _placed(self, vectors: np.ndarray) -> np.ndarray:
        centred = vectors - self.centre_
        placed: np.ndarray = np.sqrt(GAMMA) * centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
        return placed


def _beside(columns: Columns, near: np.ndarray) -> Columns:
    return Columns(np.hstack([columns.near, near]), columns.terms)


def is_unsure(chances: np.ndarray) -> np.ndarray:
    """Which first chances are to be asked about again."""
    unsure: np.ndarray = (chances >= UNSURE[0]) & (chances <= UNSURE[1])
    return unsure
