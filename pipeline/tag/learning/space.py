"""The columns in which texts are compared: similarity of their vectors to landmarks, and the terms of answer and question.

The weights of the parts were chosen by leaving out one writer of seeds at a time, never on a gold set. Mean average precision over
the five criteria (four writers, 2,020 seeds): logistic regression on vectors .57, ridge with a Gaussian kernel .62, with words and
pieces of words .66, with the rules .69.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.utils import resample

from pipeline.tag.embeddings import DIMENSIONS
from pipeline.tag.features import Features
from pipeline.tag.learning.terms import PieceTerms, WordTerms

LANDMARKS = 2000
QUESTION = 0.3  # weight of the question's vector beside that of question and text together
PARTS = {"words": 0.3, "pieces": 0.3, "question": 0.15}  # how much the terms of each part count beside the vectors
JITTER = 1e-6  # added to the kernel's diagonal: two texts may have one vector
BLOCK = 2000  # samples worked on at a time


@dataclass(frozen=True, slots=True)
class Columns:
    """Samples as numbers: nearness to landmarks (samples x landmarks) and weighted terms (samples x terms, sparse)."""

    near: np.ndarray
    terms: Any

    def __len__(self) -> int:
        return len(self.near)

    def of(self, rows: Sequence[int] | np.ndarray | slice) -> Columns:
        """The columns of some of the samples."""
        return Columns(self.near[rows], self.terms[rows])

    def times(self, weights: np.ndarray) -> np.ndarray:
        """The scores of the samples under weights (landmarks and terms x codes): samples x codes."""
        count = self.near.shape[1]
        scores: np.ndarray = self.near @ weights[:count] + self.terms @ weights[count:]
        return scores

    def back(self, residuals: np.ndarray) -> np.ndarray:
        """The transposed product: the sum of the samples' residuals per landmark and term."""
        return np.vstack([self.near.T @ residuals, self.terms.T @ residuals])


class TextSpace(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Learns landmarks and terms of samples; makes their columns, and those of others.

    Nystroem's method (Williams and Seeger 2001) approximates the Gaussian kernel on all examples at a cost that grows with their
    number, not its square. Its landmarks are drawn among different texts: ten thousand equal answers are one. scikit-learn's
    `Nystroem` takes the root of the landmarks' kernel by singular values, a third of the time of a training; the root of
    Cholesky gives columns with the same products, and so the same ridge regression.

    After `fit`: `landmarks_` (vectors as Features has them) and the `rows_` they come from, `basis_` (landmarks x landmarks: makes
    independent columns of nearness; None once weights were moved `on_landmarks`) and `parts_`, the terms.
    """

    basis_: np.ndarray | None = None
    rows_: Sequence[int] = ()

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @classmethod
    def of(cls, landmarks: np.ndarray, terms: Mapping[str, tuple[tuple[str, ...], np.ndarray]]) -> Self:
        """The space that was learnt before, without its basis. `terms`: by part, names and how telling each is."""
        space = cls()
        space.landmarks_ = landmarks.astype(float)
        space.parts_ = {part: _terms(part) for part in PARTS}
        for part, (names, idf) in terms.items():
            space.parts_[part].terms_, space.parts_[part].idf_ = names, idf
        return space

    def fit(self, features: Features, _truth: object = None) -> Self:
        """Learn from samples."""
        self.fit_transform(features)
        return self

    def fit_transform(self, features: Features, _truth: object = None) -> Columns:
        """Learn from samples, and make their columns."""
        self.parts_ = {part: _terms(part) for part in PARTS}
        tables = [self.parts_[part].fit_transform(texts) for part, texts in _texts(features).items()]
        different = {pair: row for row, pair in enumerate(zip(features.texts, features.questions, strict=True))}
        self.landmarks_ = features.vectors[:0]
        if features.vectors.shape[1] and different:
            count = min(LANDMARKS, len(different))
            self.rows_ = resample(sorted(different.values()), replace=False, n_samples=count, random_state=self.seed)
            self.landmarks_ = features.vectors[self.rows_]
            self.basis_ = basis_of(scaled(self.landmarks_))
        return self._columns(features, tables, np.float32)

    def transform(self, features: Features) -> Columns:
        """The columns of samples: in double precision, so that a text's scores do not depend on its neighbours."""
        texts = _texts(features)
        return self._columns(features, [self.parts_[part].transform(texts[part]) for part in PARTS], np.float64)

    def _columns(self, features: Features, tables: Sequence[Any], precision: type[np.floating[Any]]) -> Columns:
        near = nearness(features.vectors, self.landmarks_, scaled, self.basis_, precision)
        weighted = [np.sqrt(weight) * table for weight, table in zip(PARTS.values(), tables, strict=True)]
        return Columns(near, sparse.hstack(weighted, format="csr", dtype=precision))

    def on_landmarks(self, weights: np.ndarray) -> np.ndarray:
        """The same weights for columns without the basis, which need not be stored then."""
        if self.basis_ is None:
            return weights
        count = len(self.basis_)
        return np.vstack([self.basis_ @ weights[:count], weights[count:]])


def nearness(
    vectors: np.ndarray,
    landmarks: np.ndarray,
    placed: Callable[[np.ndarray], np.ndarray],
    basis: np.ndarray | None,
    precision: type[np.floating[Any]],
) -> np.ndarray:
    """How near vectors are to landmarks, both `placed` where the Gaussian of width 1 compares them: columns of the basis if any."""
    near = np.empty((len(vectors), len(landmarks)), dtype=precision)
    places = placed(landmarks)
    columns = None if basis is None else basis.astype(precision)
    for at in range(0, len(vectors) if len(places) else 0, BLOCK):
        block = rbf_kernel(placed(vectors[at : at + BLOCK]), places, gamma=1)
        near[at : at + BLOCK] = block if columns is None else block.astype(precision) @ columns
    return near


def basis_of(places: np.ndarray) -> np.ndarray:
    """What turns nearness to landmarks at these places into columns whose products are the kernel."""
    kernel = rbf_kernel(places, gamma=1)
    root = cholesky(kernel + JITTER * np.eye(len(kernel)), lower=True)
    basis: np.ndarray = solve_triangular(root, np.eye(len(root)), lower=True).T
    return basis


def _terms(part: str) -> WordTerms:
    return PieceTerms() if part == "pieces" else WordTerms()


def _texts(features: Features) -> dict[str, Sequence[str]]:
    """What each part of the terms reads."""
    return {"words": features.texts, "pieces": features.texts, "question": features.questions}


def scaled(vectors: np.ndarray) -> np.ndarray:
    """The vectors with the question's half weighted, so that squared distances add up as the Gaussian wants them."""
    return np.hstack([vectors[:, :DIMENSIONS], vectors[:, DIMENSIONS:] * np.sqrt(QUESTION)])
