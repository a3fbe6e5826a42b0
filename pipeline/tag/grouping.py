"""Who stands on one side of a split: a person's excerpts together, and near-copies with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import minimum_spanning_tree

NEAR = 0.65  # cosine of two texts that are taken as counterparts (translations, rewordings)
LARGEST, FEW = 0.02, 10  # a group of near-copies holds at most this share of all (a tenth of a fold), or so few
FOLDS = 5
BLOCK = 500  # samples compared at a time


def groups(names: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """A number per sample, equal for samples of one name and for near-copies (`vectors`: as Features has them).

    The most alike are joined first. What would join too many is not joined: answers of five words are all alike, and a chain
    of them would leave nothing to learn from on the other side.
    """
    parent, size = list(range(len(names))), [1] * len(names)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def join(i: int, j: int, most: float) -> None:
        i, j = sorted((root(i), root(j)))
        if i != j and size[i] + size[j] <= most:
            parent[j], size[i] = i, size[i] + size[j]

    first: dict[str, int] = {}
    for i, name in enumerate(names):
        join(first.setdefault(name, i), i, np.inf)
    for i, j in _nearest(own(vectors)):
        join(i, j, max(FEW, LARGEST * len(names)))
    return np.array([root(i) for i in range(len(names))])


def own(vectors: np.ndarray) -> np.ndarray:
    """The vectors of what was answered: those of question and answer as one, without the direction of the question's (length 1).

    Else all answers to one long question would be near-copies.
    """
    both, question = np.hsplit(vectors, 2)
    answer = both - (both * question).sum(axis=1, keepdims=True) * question
    length: np.ndarray = np.linalg.norm(answer, axis=1, keepdims=True)
    answered: np.ndarray = answer / np.maximum(length, 1e-9)
    return answered


def _nearest(vectors: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of near samples, the most alike first: as few as hang together all that hang together (a spanning tree)."""
    pairs = [_near_rows(vectors, at) for at in range(0, len(vectors), BLOCK)]
    if not pairs:
        return
    row, column, apart = (np.concatenate(part) for part in zip(*pairs, strict=True))
    tree = minimum_spanning_tree(csr_matrix((apart, (row, column)), shape=(len(vectors), len(vectors)))).tocoo()
    for edge in np.lexsort((tree.col, tree.row, tree.data)):
        yield int(tree.row[edge]), int(tree.col[edge])


def _near_rows(vectors: np.ndarray, at: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Some rows' near samples among those behind them: (row, column, 2 - cosine), so that memory stays flat."""
    alike = vectors[at : at + BLOCK] @ vectors.T
    row, column = np.nonzero(np.triu(alike, at + 1) > NEAR)
    return row + at, column, (2 - alike[row, column]).round(4)


def folds(group: np.ndarray, seed: int, count: int = FOLDS) -> np.ndarray:
    """The fold of every sample: groups whole, dealt out at random, the largest first to the emptiest fold."""
    names, sizes = np.unique(group, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros(count, dtype=int)
    fold_of: dict[int, int] = {}
    for i in order:
        emptiest = int(filled.argmin())
        fold_of[int(names[i])] = emptiest
        filled[emptiest] += sizes[i]
    return np.array([fold_of[int(name)] for name in group], dtype=int)
