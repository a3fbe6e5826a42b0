"""What the words of texts say: TF-IDF of words and of pieces of words as sparse columns, without case and accents.

Terms are counted and weighted as scikit-learn does it. Ours are three things: a run that judges with a model it has needs no
scikit-learn, which takes a second to load; a text set in which no term comes twice gives no columns (the library raises an error);
and pieces are looked up once for every different word (its `char_wb` goes through every text: six times as long).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy import sparse

from pipeline.tag.folding import fold

WORD = re.compile(r"[^\W_]+")
PIECES = range(2, 6)  # lengths in letters
LEAST_TEXTS = 2  # a term of fewer texts is not learnt


class WordTerms:
    """Words and pairs of neighbouring words: texts in, texts x terms out (sublinear counts, rows of length 1)."""

    def fit(self, texts: Sequence[str], _truth: object = None) -> Self:
        """Learn the terms of at least two of the texts, and how telling each is."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Sequence[str], _truth: object = None) -> Any:
        """Learn the terms, and return the weights of the texts' terms."""
        counts, terms = self._count(texts)
        in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
        often = np.flatnonzero(in_texts >= LEAST_TEXTS)
        self.terms_ = tuple(np.array(terms, dtype=object)[often])
        self.idf_ = how_telling(in_texts[often], counts.shape[0]) if len(often) else np.zeros(0)
        return self._weighted(counts[:, often])

    def transform(self, texts: Sequence[str]) -> Any:
        """The weights of the texts' terms, sparse."""
        return self._weighted(self._count(texts, self.terms_)[0] if self.terms_ else sparse.csr_matrix((len(texts), 0)))

    def _weighted(self, counts: Any) -> Any:
        return weighted(counts, self.idf_) if self.terms_ and counts.shape[0] else counts

    def _count(self, texts: Sequence[str], terms: Sequence[str] | None = None) -> tuple[Any, Sequence[str]]:
        return counted(texts, words_and_pairs, terms)


class PieceTerms(WordTerms):
    """Pieces of two to five letters of each word, its ends marked by a space."""

    def _count(self, texts: Sequence[str], terms: Sequence[str] | None = None) -> tuple[Any, Sequence[str]]:
        words, names = counted(texts, WORD.findall)
        pieces, terms = counted(names, pieces_of_words, terms)
        return words @ pieces, terms


def words_and_pairs(text: str) -> list[str]:
    """The words of a text, and each two that are neighbours."""
    words = WORD.findall(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def pieces_of_words(text: str) -> Iterator[str]:
    """The pieces of each word of a text."""
    for word in text.split():
        marked = f" {word} "
        for length in PIECES:
            yield from (marked[at : at + length] for at in range(max(1, len(marked) - length + 1)))
            if length >= len(marked):
                break


def counted(
    texts: Sequence[str], split: Callable[[str], Any], terms: Sequence[str] | None = None
) -> tuple[Any, Sequence[str]]:
    """How often each term occurs in each text, texts x terms, and the terms in order: the given ones, or all that occur."""
    places = {} if terms is None else {term: place for place, term in enumerate(terms)}
    columns, counts, ends = array("i"), array("f"), array("q", [0])
    for text in texts:
        for term, count in Counter(split(fold(text))).items():
            place = places.setdefault(term, len(places)) if terms is None else places.get(term)
            if place is not None:
                columns.append(place)
                counts.append(count)
        ends.append(len(columns))
    chosen = np.array(columns, dtype=np.int32)
    if terms is None:
        terms = sorted(places)
        sorted_place = np.empty(len(terms), dtype=np.int32)
        sorted_place[[places[term] for term in terms]] = np.arange(len(terms))
        chosen = sorted_place[chosen]
    shape = len(texts), len(terms)
    table = sparse.csr_matrix((np.array(counts, dtype=np.float32), chosen, np.array(ends, dtype=np.int32)), shape=shape)
    table.sort_indices()
    return table, terms


def how_telling(in_texts: np.ndarray, texts: int) -> np.ndarray:
    """The inverse document frequency of terms that occur in so many of the texts, smoothed as by scikit-learn."""
    idf: np.ndarray = np.log(np.float32(texts + 1) / (in_texts + 1).astype(np.float32)) + np.float32(1)
    return idf


def weighted(counts: Any, idf: np.ndarray) -> Any:
    """The weights of terms that occur so often: sublinear, times how telling they are, rows of length 1."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    weights = (np.log(counts.data) + np.float32(1)) * idf[counts.indices].astype(counts.dtype)
    lengths = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=counts.shape[0]))
    data = (weights / lengths[rows]).astype(counts.dtype)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)
