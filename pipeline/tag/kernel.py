"""How alike two samples are: their vectors under a Gaussian, their words, pieces of words and questions by cosine.

The weights were chosen by leaving out one writer of seeds at a time (docs/quality.md); none was tuned on a gold set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.tag import lexical
from pipeline.tag.embeddings import DIMENSIONS
from pipeline.tag.features import Features
from pipeline.tag.lexical import Lexicon

if TYPE_CHECKING:
    import numpy as np

QUESTION = 0.3  # weight of the question's vector beside that of question and text together
PARTS = ("words", "pieces", "question")  # the lexical parts of the likeness
ROWS = 256  # of the lexical likeness that are worked on together
LEXICAL: Mapping[str, float] = {"words": 0.3, "pieces": 0.3, "question": 0.15}


@dataclass(frozen=True, slots=True)
class Lexicons:
    """The terms of each lexical part."""

    words: Lexicon
    pieces: Lexicon
    question: Lexicon

    def parts(self, features: Features) -> tuple[tuple[Lexicon, Sequence[str]], ...]:
        """Each part's terms with the texts that it reads."""
        texts, questions = features.texts, features.questions
        return (self.words, texts), (self.pieces, texts), (self.question, questions)


def learn(features: Features) -> Lexicons:
    """The terms of the samples' texts and questions."""
    texts, questions = features.texts, features.questions
    return Lexicons(lexical.learn(texts, "words"), lexical.learn(texts, "pieces"), lexical.learn(questions, "words"))


def scaled(vectors: np.ndarray) -> np.ndarray:
    """The vectors with the question's half weighted, so that squared distances add up as the Gaussian wants them."""
    import numpy as np

    if not vectors.shape[1]:
        return vectors
    return np.hstack([vectors[:, :DIMENSIONS], vectors[:, DIMENSIONS:] * np.sqrt(QUESTION)])


def gaussian(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """exp(-squared distance) of every row and column; zeros where there are no vectors."""
    import numpy as np

    if not columns.shape[1]:
        return np.zeros((len(rows), len(columns)))
    squares = (rows * rows).sum(axis=1)[:, None] + (columns * columns).sum(axis=1)[None, :]
    distances: np.ndarray = rows @ columns.T
    distances *= -2
    distances += squares
    np.negative(distances, out=distances)
    np.exp(np.minimum(distances, 0.0, out=distances), out=distances)
    return distances


def table(lexicon: Lexicon, texts: Sequence[str]) -> Any:
    """The terms of texts as a sparse matrix, texts x terms."""
    import numpy as np
    from scipy import sparse

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
    import numpy as np

    found = np.empty((samples, samples))
    across = {name: sparse[name].T.tocsr() for name in LEXICAL}
    for at in range(0, samples, ROWS):
        part = slice(at, at + ROWS)
        found[part] = sum(weight * (sparse[name][part] @ across[name]) for name, weight in LEXICAL.items()).toarray()
    return found
