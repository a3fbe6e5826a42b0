"""How alike two samples are: their vectors under a Gaussian, their words, pieces of words and questions by cosine.

The weights were chosen by leaving out one writer of seeds at a time (docs/quality.md); none was tuned on a gold set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.tag import lexical
from pipeline.tag.embeddings import DIMENSIONS
from pipeline.tag.features import Features
from pipeline.tag.lexical import Lexicon

QUESTION = 0.3  # weight of the question's vector beside that of question and text together
PARTS = ("words", "pieces", "question")  # the lexical parts of the likeness
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
    if not vectors.shape[1]:
        return vectors
    return np.hstack([vectors[:, :DIMENSIONS], vectors[:, DIMENSIONS:] * np.sqrt(QUESTION)])


def gaussian(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """exp(-squared distance) of every row and column; zeros where there are no vectors."""
    if not columns.shape[1]:
        return np.zeros((len(rows), len(columns)))
    squares = (rows * rows).sum(axis=1)[:, None] + (columns * columns).sum(axis=1)[None, :]
    distances: np.ndarray = rows @ columns.T
    distances *= -2
    distances += squares
    np.negative(distances, out=distances)
    np.exp(np.minimum(distances, 0.0, out=distances), out=distances)
    return distances
