"""How alike all examples are to each other, as matrices: what training solves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from pipeline.tag.features import Features
from pipeline.tag.kernel import LEXICAL, PARTS, Lexicons, gaussian, scaled
from pipeline.tag.lexical import Lexicon

ROWS = 256  # of the lexical likeness that are worked on together


def table(lexicon: Lexicon, texts: Sequence[str]) -> Any:
    """The terms of texts as a sparse matrix, texts x terms."""
    rows = [lexicon.row(text) for text in texts]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([p for p, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
    values = np.concatenate([v for _, v in rows]) if rows else np.zeros(0)
    return sparse.csr_matrix((values, places, ends), shape=(len(rows), len(lexicon.terms)))


def tables(lexicons: Lexicons, features: Features) -> dict[str, Any]:
    """The sparse matrix of every lexical part."""
    return {name: table(*part) for name, part in zip(PARTS, lexicons.parts(features), strict=True)}


def likeness(features: Features, sparse: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The likeness of all samples to each other: by their vectors, and by their terms (`sparse`)."""
    vectors = scaled(features.vectors)
    return gaussian(vectors, vectors), _by_terms(sparse, len(vectors))


def _by_terms(sparse: Mapping[str, Any], samples: int) -> np.ndarray:
    """The lexical likeness, some rows at a time: a sparse product of many texts takes more room than a full matrix."""
    matrix = np.empty((samples, samples))
    across = {name: sparse[name].T.tocsr() for name in LEXICAL}
    for at in range(0, samples, ROWS):
        part = slice(at, at + ROWS)
        matrix[part] = sum(weight * (sparse[name][part] @ across[name]) for name, weight in LEXICAL.items()).toarray()
    return matrix
