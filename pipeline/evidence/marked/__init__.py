"""The words of an excerpt that carry a code: the union of what the coders who give it marked."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline import tables
from pipeline.codebook import ancestors
from pipeline.spans import Stretch, as_cell, united, words_of
from pipeline.vocabulary import Shown

Cell = tuple[str, str]  # excerpt, code
CELL = ["excerpt_id", "criterion"]


def marked_stretches(
    spans: pd.DataFrame, codings: pd.DataFrame, excerpts: pd.DataFrame, lineage: Mapping[str, str]
) -> dict[Cell, tuple[Stretch, ...]]:
    """What is marked in each excerpt for each code that it carries in the end, from the start of the excerpt.

    Words that carry a code carry those above it, too; what was marked for a code that most coders deny does not count.
    `spans`, `codings` and `excerpts` are the tables of those names, `lineage` has the parent of each code.
    """
    marked = set(spans["excerpt_id"].tolist())
    coded = set(tables.rows_of(codings[codings["coded"] & tables.is_among(codings["excerpt_id"], marked)], CELL))
    begin = dict(tables.rows_of(excerpts[tables.is_among(excerpts["excerpt_id"], marked)], ["excerpt_id", "start"]))
    stretches: dict[Cell, list[Stretch]] = {}
    columns = ["excerpt_id", "criterion", "start", "end"]
    for excerpt, code, start, end in tables.rows_of(spans, columns):
        if (excerpt, code) in coded:
            stretch = Stretch(int(start) - int(begin[excerpt]), int(end) - int(begin[excerpt]))
            for each in (code, *ancestors(code, lineage)):
                if (excerpt, each) in coded:
                    stretches.setdefault((excerpt, each), []).append(stretch)
    return {cell: united(of_cell) for cell, of_cell in stretches.items()}


def with_marked_words(
    rows: pd.DataFrame, marked: Mapping[Cell, tuple[Stretch, ...]], *, words: str = "quote"
) -> pd.DataFrame:
    """The rows with `span`, the marked words, and `span_at`, where they are in the column `words`; blank if withheld."""
    texts, offsets = [], []
    columns = ["excerpt_id", "criterion", "shown", words]
    for excerpt, code, shown, text in tables.rows_of(rows, columns):
        stretches = marked.get((excerpt, code), ()) if shown != Shown.WITHHELD else ()
        texts.append(words_of(text, stretches))
        offsets.append(as_cell(stretches))
    return rows.assign(
        span=pd.Series(texts, index=rows.index, dtype="str"), span_at=pd.Series(offsets, index=rows.index, dtype="str")
    )
