"""What an excerpt says of a code: positive, negative or mixed, learnt from examples of the code and of its family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.records import Example

STANCES = ("positive", "negative", "mixed")
RIDGE = 0.3
WORDS = 0.6  # weight of the likeness by words beside that by vectors
OF_FAMILY, OF_CODE = (
    1 / 3,
    2 / 3,
)  # how far likeness by vectors counts between codes of a family, and more of the same code
UNANIMOUS = 5  # examples of one stance and no other from which it is taken for granted
MOST = 6000  # pairs learnt from at most, of a family; decisions and then the first seeds come first

Pair = tuple[int, int, int]  # example, code, stance


@dataclass(frozen=True, slots=True)
class Stances:
    """What likeness to each example says of a code's stance: by vectors, by words (codes x examples x stances), and the prior."""

    by_vectors: np.ndarray
    by_words: np.ndarray
    prior: np.ndarray  # codes x stances; zeros where nothing was learnt


def learn_stances(
    examples: Sequence[Example],
    codes: Sequence[str],
    families: Sequence[str],
    *,
    by_vectors: np.ndarray,
    words: Any,
) -> Stances:
    """Kernel ridge regression over every (example, code) with a stance, family by family.

    `by_vectors`: the likeness of all examples to each other; `words`: their words as a sparse matrix.
    """
    number = {code: i for i, code in enumerate(codes)}
    pairs = [(i, number[c], STANCES.index(s)) for i, e in enumerate(examples) for c, s in e.codes if s and c in number]
    shape = (len(codes), len(examples), len(STANCES))
    learnt = Stances(np.zeros(shape), np.zeros(shape), np.zeros((len(codes), len(STANCES))))
    weight = np.array([example.weight for example in examples])
    for family in sorted(set(families)):
        of_family = [pair for pair in pairs if families[pair[1]] == family]
        of_family = sorted(sorted(of_family, key=lambda pair: -weight[pair[0]])[:MOST])
        if len({stance for _, _, stance in of_family}) > 1 or len(of_family) >= UNANIMOUS:
            own_codes = [c for c in range(len(codes)) if families[c] == family]
            _learn_family(learnt, of_family, own_codes, weight, by_vectors=by_vectors, words=words)
    return learnt


def _learn_family(
    learnt: Stances, pairs: list[Pair], codes: list[int], weight: np.ndarray, *, by_vectors: np.ndarray, words: Any
) -> None:
    """Fill in what was learnt for the codes of one family."""
    row, code, stance = (np.array(column) for column in zip(*pairs, strict=True))
    truth = np.eye(len(STANCES))[stance]
    prior = np.average(truth, axis=0, weights=weight[row])
    related = OF_FAMILY + OF_CODE * (code[:, None] == code[None, :])
    rows = words[row]
    by_words = (rows @ rows.T).toarray()
    alike = by_vectors[np.ix_(row, row)] * related + WORDS * by_words + np.diag(RIDGE / weight[row])
    solved = np.linalg.solve(alike, truth - prior)
    for target in codes:
        np.add.at(learnt.by_vectors[target], row, solved * (OF_FAMILY + OF_CODE * (code == target))[:, None])
        np.add.at(learnt.by_words[target], row, WORDS * solved)
        learnt.prior[target] = prior
