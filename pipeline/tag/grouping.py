"""Who stands on one side of a split: a person's excerpts together, and near-copies with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NEAR = 0.7  # cosine of two texts that are taken as counterparts (translations, rewordings)
FOLDS = 5


def groups(names: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """A number per sample, equal for samples of one name and for near-copies (`vectors`: samples x dimensions, length 1)."""
    import numpy as np

    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, name in enumerate(names):
        parent[root(i)] = root(first.setdefault(name, i))
    if vectors.shape[1]:
        for i, j in zip(*np.where(np.triu(vectors @ vectors.T, 1) > NEAR), strict=True):
            parent[root(int(j))] = root(int(i))
    return np.array([root(i) for i in range(len(names))])


def folds(group: np.ndarray, seed: int, count: int = FOLDS) -> np.ndarray:
    """The fold of every sample: groups whole, dealt out at random, the largest first to the emptiest fold."""
    import numpy as np

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
