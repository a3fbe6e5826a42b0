"""What the classifier sees of a text: its vector and its question's, its terms, and what the rules voted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.records import Vote
from pipeline.tag import embeddings

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Sample:
    """A text with its question, and the score of the rules for each code."""

    text: str
    question: str
    rules: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Features:
    """Samples as the classifier takes them: dense (samples x 1024, or x 0 without vectors), rules (samples x codes), texts."""

    dense: np.ndarray
    rules: np.ndarray
    texts: tuple[str, ...]


def build(samples: Sequence[Sample], codes: Sequence[str], vectors: Mapping[str, np.ndarray] | None) -> Features:
    """The features of samples; without vectors (None) only terms and rules are used."""
    import numpy as np

    texts, questions = tuple(s.text for s in samples), tuple(s.question for s in samples)
    dense = np.zeros((len(samples), 0))
    if vectors is not None:
        dense = np.hstack([embeddings.matrix(texts, vectors), embeddings.matrix(questions, vectors)])
    rules = np.array([[sample.rules.get(code, 0.0) for code in codes] for sample in samples])
    return Features(dense, rules.reshape(len(samples), len(codes)), texts)


def rule_scores(votes: Iterable[Vote]) -> dict[str, dict[str, float]]:
    """What the rules say of each excerpt: excerpt_id -> code -> score, votes for the same code joined as independent hints."""
    scores: dict[str, dict[str, float]] = {}
    for vote in votes:
        of_excerpt = scores.setdefault(vote.excerpt_id, {})
        doubt = (1 - of_excerpt.get(vote.criterion, 0.0)) * (1 - vote.score * HINT)
        of_excerpt[vote.criterion] = round(1 - doubt, 6)
    return scores


HINT = 0.6  # how much of a pattern's weight is taken as the chance that it is right
