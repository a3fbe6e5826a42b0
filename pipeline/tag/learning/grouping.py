"""Who stays on one side of a split: a person's excerpts together, and near-copies with each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.cluster.hierarchy import DisjointSet
from scipy.sparse.csgraph import minimum_spanning_tree
from sklearn.decomposition import PCA
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import radius_neighbors_graph

NEAR = 0.65  # cosine of two texts that are taken as counterparts (translations, rewordings)
LARGEST, FEW = 0.02, 10  # a group of near-copies holds at most this share of all (a tenth of a fold), or so few
FOLDS = 5
CELL = 4000  # samples compared with each other; of more, those that lie beside each other along their main direction


def groups(names: Sequence[str], vectors: np.ndarray) -> np.ndarray:
    """A number per sample, equal for samples of one name and for near-copies (`vectors`: as Features has them).

    The most alike are joined first. Groups that would become too large are not joined: answers of five words are all alike, and a
    chain of them would leave nothing to learn from on the other side.
    """
    sets = DisjointSet(range(len(names)))
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        sets.merge(first.setdefault(name, i), i)
    most = max(FEW, LARGEST * len(names))
    for i, j in _nearest(own(vectors)):
        if sets.subset_size(i) + sets.subset_size(j) <= most:
            sets.merge(i, j)
    return np.array([sets[i] for i in range(len(names))], dtype=int)


def own(vectors: np.ndarray) -> np.ndarray:
    """The vectors of the answers alone, of length 1: those of question and answer together, less the question's direction.

    Otherwise all answers to one long question would be near-copies.
    """
    both, question = np.hsplit(vectors, 2)
    answer = both - (both * question).sum(axis=1, keepdims=True) * question
    length: np.ndarray = np.linalg.norm(answer, axis=1, keepdims=True)
    answered: np.ndarray = answer / np.maximum(length, 1e-9)
    return answered


def _nearest(vectors: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of near samples, equal ones first, then most similar first: a spanning tree of each connected group."""
    first: dict[bytes, int] = {}
    for i, vector in enumerate(vectors.astype(np.float16) if vectors.shape[1] else ()):
        if (other := first.setdefault(vector.tobytes(), i)) != i:
            yield other, i
    order = np.array(list(first.values()), dtype=int)
    if len(order) > CELL:
        along = PCA(1, svd_solver="randomized", random_state=0).fit_transform(vectors[order])[:, 0]
        order = order[along.argsort(kind="stable")]
    for at in range(0, len(order), CELL):
        cell = np.sort(order[at : at + CELL])
        graph = radius_neighbors_graph(vectors[cell], radius=np.sqrt(2 - 2 * NEAR), mode="distance")
        graph.data = (1 + graph.data).round(4)  # a distance of zero would be no edge
        tree = minimum_spanning_tree(graph).tocoo()
        for edge in np.lexsort((tree.col, tree.row, tree.data)):
            yield int(cell[tree.row[edge]]), int(cell[tree.col[edge]])


def folds(group: np.ndarray, count: int = FOLDS) -> np.ndarray:
    """The fold of every sample; groups stay whole, and a single group is one fold."""
    fold = np.zeros(len(group), dtype=int)
    count = min(count, len(np.unique(group)))
    if count > 1:
        for number, (_, test) in enumerate(GroupKFold(count).split(group, groups=group)):
            fold[test] = number
    return fold
