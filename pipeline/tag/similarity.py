"""How similar the words of excerpts are to statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import pandas as pd

from pipeline.tag import embeddings
from pipeline.tag.coding import RespondentExcerpts
from pipeline.tag.embeddings import Vectors
from pipeline.tag.learning.terms import WordTerms

PARAPHRASE = 0.6  # cosine of a finding and someone's own words for the same thing: taken as fully similar


def similarity(
    statements: Sequence[str],
    excerpts: RespondentExcerpts,
    vectors: Vectors | None,
    *,
    least: float,
    always: Collection[str] = (),
) -> pd.DataFrame:
    """The similarity of excerpts to statements, 0 to 1: a row per statement, a column per excerpt by its id.

    It is the cosine of their vectors, or of their terms where there are no vectors, as a share of PARAPHRASE and at most 1.
    Excerpts below `least` throughout are left out, unless their id is in `always`.
    """
    cosines = _cosines(statements, excerpts, vectors)
    ids: list[str] = []
    parts = [np.zeros((len(statements), 0))]
    for names, texts in excerpts.columns("excerpt_id", "text"):
        scores = np.clip(cosines(texts) / PARAPHRASE, 0.0, 1.0).round(4)
        is_needed = np.array([name in always for name in names], dtype=bool)
        similar = np.flatnonzero((scores >= least).any(axis=0) | is_needed)
        ids += [names[i] for i in similar]
        parts.append(scores[:, similar])
    return pd.DataFrame(np.hstack(parts), columns=ids, copy=False)


def _cosines(
    statements: Sequence[str], excerpts: RespondentExcerpts, vectors: Vectors | None
) -> Callable[[Sequence[str]], np.ndarray]:
    """A function from texts of excerpts to their cosines with every statement: statements x texts."""
    if vectors is None:
        terms = WordTerms().fit([*statements, *(excerpt.text for excerpt in excerpts)])
        stated = terms.transform(statements)
        return lambda texts: (stated @ terms.transform(texts).T).toarray()
    rows = embeddings.matrix(statements, vectors)
    return lambda texts: rows @ embeddings.matrix(texts, vectors).T
