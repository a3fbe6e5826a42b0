"""What the words of texts say: TF-IDF of words and of pieces of words as sparse columns, without case and accents.

scikit-learn counts and weighs. Ours are two things: a text set in which no term comes twice gives no columns (the library raises
an error), and pieces are looked up once for every different word (its `char_wb` goes through every text: six times as long).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from pipeline.tag.folding import fold

WORD = r"[^\W_]+"
LEAST_TEXTS = 2  # a term of fewer texts is not learnt


class WordTerms(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Words and pairs of neighbouring words: texts in, texts x terms out (sublinear counts, rows of length 1)."""

    def fit(self, texts: Sequence[str], _truth: object = None) -> Self:
        """Learn the terms of at least two of the texts, and how telling each is."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Sequence[str], _truth: object = None) -> Any:
        """Learn the terms, and return the weights of the texts' terms."""
        counts, terms = self._count(texts)
        often = np.flatnonzero(np.asarray((counts > 0).sum(axis=0)).ravel() >= LEAST_TEXTS)
        self.terms_ = tuple(np.array(terms, dtype=object)[often])
        self.idf_ = TfidfTransformer().fit(counts[:, often]).idf_ if len(often) else np.zeros(0)
        return self._weighted(counts[:, often])

    def transform(self, texts: Sequence[str]) -> Any:
        """The weights of the texts' terms, sparse."""
        return self._weighted(self._count(texts, self.terms_)[0] if self.terms_ else sparse.csr_matrix((len(texts), 0)))

    def _weighted(self, counts: Any) -> Any:
        weigh = TfidfTransformer(sublinear_tf=True)
        weigh.idf_ = self.idf_
        return weigh.transform(counts) if self.terms_ and counts.shape[0] else counts

    def _count(self, texts: Sequence[str], terms: Sequence[str] | None = None) -> tuple[Any, Sequence[str]]:
        return _counted(texts, vocabulary=terms, token_pattern=WORD, ngram_range=(1, 2))


class PieceTerms(WordTerms):
    """Pieces of two to five letters of each word, its ends marked by a space."""

    def _count(self, texts: Sequence[str], terms: Sequence[str] | None = None) -> tuple[Any, Sequence[str]]:
        words, names = _counted(texts, token_pattern=WORD)
        pieces, terms = _counted(names, vocabulary=terms, analyzer="char_wb", ngram_range=(2, 5))
        return words @ pieces, terms


def _counted(texts: Sequence[str], **choices: Any) -> tuple[Any, Sequence[str]]:
    """How often each term occurs in each text, texts x terms, and the terms in order."""
    counter = CountVectorizer(preprocessor=fold, dtype=np.float32, **choices)
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # no word in any text
        return sparse.csr_matrix((len(texts), 0)), ()
    return counts, counter.get_feature_names_out()
