"""Words and pairs of words with TF-IDF weights, without accents or case; transformed with NumPy alone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.tag.forms import fold

if TYPE_CHECKING:
    import numpy as np

WORD = re.compile(r"[^\W\d_]{2,}")
LEAST_TEXTS = 2  # a term of fewer texts is not learnt

Row = list[tuple[int, float]]  # (term, weight), of length 1


def terms(text: str) -> list[str]:
    """The words of a text and its pairs of neighbouring words, as often as they occur."""
    words = WORD.findall(fold(text))
    return words + [f"{a} {b}" for a, b in pairwise(words)]


@dataclass(frozen=True)
class Lexicon:
    """The terms that were learnt, in order, and how telling each is (inverse document frequency)."""

    terms: tuple[str, ...]
    idf: tuple[float, ...]

    @cached_property
    def places(self) -> dict[str, int]:
        """Term -> its number."""
        return {term: i for i, term in enumerate(self.terms)}

    def row(self, text: str) -> Row:
        """The weights of a text's known terms, sublinear in their counts; sums of squares are 1."""
        counts = Counter(self.places[term] for term in terms(text) if term in self.places)
        raw = [(i, (1 + math.log(n)) * self.idf[i]) for i, n in sorted(counts.items())]
        length = math.sqrt(sum(weight * weight for _, weight in raw))
        return [(i, weight / length) for i, weight in raw]

    def scores(self, text: str, weights: np.ndarray) -> np.ndarray:
        """What the text's terms add up to under weights (codes x terms): one number per code."""
        import numpy as np

        row = self.row(text)
        if not row:
            return np.zeros(len(weights))
        found: np.ndarray = weights[:, [i for i, _ in row]] @ np.array([weight for _, weight in row])
        return found


def learn(texts: Sequence[str]) -> Lexicon:
    """The terms of at least two texts."""
    frequency = Counter(term for text in texts for term in set(terms(text)))
    kept = sorted(term for term, n in frequency.items() if n >= LEAST_TEXTS)
    return Lexicon(tuple(kept), tuple(math.log((1 + len(texts)) / (1 + frequency[term])) + 1 for term in kept))


def closeness(statements: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    """The cosine of the TF-IDF weights of every statement and every text: statements x texts."""
    import numpy as np

    lexicon = learn([*statements, *texts])
    weights = np.zeros((len(statements), len(lexicon.terms)))
    for i, statement in enumerate(statements):
        for term, weight in lexicon.row(statement):
            weights[i, term] = weight
    scores: np.ndarray = np.array([lexicon.scores(text, weights) for text in texts])
    return scores.reshape(len(texts), len(statements)).T
