"""Words and pieces of words with TF-IDF weights, without accents or case; transformed with NumPy alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

import numpy as np

from pipeline.tag.folding import fold

WORD = re.compile(r"[^\W_]+")
LEAST_TEXTS = 2  # a term of fewer texts is not learnt
PIECES = range(2, 6)  # letters in a piece of a word


def words(text: str) -> list[str]:
    """The words of a text and its pairs of neighbouring words, as often as they occur."""
    single = WORD.findall(fold(text))
    return single + [f"{a} {b}" for a, b in pairwise(single)]


def pieces_of(word: str) -> list[str]:
    """The pieces of two to five letters of a word, its ends marked by a space."""
    marked = f" {word} "
    return [marked[at : at + n] for n in PIECES for at in range(len(marked) - n + 1)]


@dataclass(frozen=True)
class Lexicon:
    """The terms that were learnt, in order, and how telling each is (inverse document frequency, sublinear counts, length 1).

    `kind` says what a term is: "words" (a word or two neighbours) or "pieces" (letters within a word). The pieces of a word
    are looked up once per word, however often it is said.
    """

    kind: str
    terms: tuple[str, ...]
    idf: np.ndarray
    _places: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    _of_word: dict[str, list[int]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._places.update({term: i for i, term in enumerate(self.terms)})

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a text's known terms, ascending, and their weights."""
        places, counts = np.unique(np.array(self._numbers(text), dtype=np.int64), return_counts=True)
        weights = (1 + np.log(counts)) * self.idf[places]
        return places, weights / (np.sqrt((weights * weights).sum()) or 1.0)

    def _numbers(self, text: str) -> list[int]:
        if self.kind == "words":
            return [self._places[term] for term in words(text) if term in self._places]
        return [number for word in WORD.findall(fold(text)) for number in self._pieces(word)]

    def _pieces(self, word: str) -> list[int]:
        if word not in self._of_word:
            self._of_word[word] = [self._places[piece] for piece in pieces_of(word) if piece in self._places]
        return self._of_word[word]

    def scores(self, texts: Sequence[str], weights: np.ndarray) -> np.ndarray:
        """What each text's terms add up to under weights (terms x columns): texts x columns."""
        numbers = {text: i for i, text in enumerate(dict.fromkeys(texts))}  # many people were asked the same question
        sums = np.zeros((len(numbers), weights.shape[1]))
        for text, i in numbers.items():
            places, values = self.row(text)
            sums[i] = values @ weights[places]
        return sums[[numbers[text] for text in texts]]


def learn(texts: Iterable[str], kind: str) -> Lexicon:
    """The terms of at least two of the texts, which are gone through once."""
    frequency: Counter[str] = Counter()
    count = 0
    for text in texts:
        frequency.update(_distinct(text, kind))
        count += 1
    terms = sorted(term for term, n in frequency.items() if n >= LEAST_TEXTS)
    idf = np.log((1 + count) / (1 + np.array([frequency[term] for term in terms], dtype=float))) + 1
    return Lexicon(kind, tuple(terms), idf)


def _distinct(text: str, kind: str) -> set[str]:
    if kind == "words":
        return set(words(text))
    return {piece for word in set(WORD.findall(fold(text))) for piece in pieces_of(word)}


def cosines(statements: Sequence[str], texts: Iterable[str]) -> Callable[[Sequence[str]], np.ndarray]:
    """What gives the cosines of every statement and some of the texts (statements x texts), by TF-IDF weights over all of them."""
    lexicon = learn(chain(statements, texts), "words")
    weights = np.zeros((len(lexicon.terms), len(statements)))
    for i, statement in enumerate(statements):
        places, values = lexicon.row(statement)
        weights[places, i] = values
    return lambda some: lexicon.scores(some, weights).T
