"""The words that evidence.csv and the report show as marked, counted again from the table `spans`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pipeline.audit.stored import Row, Stored
from pipeline.spans import GAP

Cell = tuple[str, str]  # excerpt, code


def marked_words(stored: Stored, parents: Mapping[str, str]) -> dict[Cell, dict[str, str]]:
    """The cells `span` and `span_at` by excerpt and code: of a code that is carried, and of those above it that are.

    A character is marked where any coder marked it; `parents` has the code above each.
    """
    coded = {(row["excerpt_id"], row["criterion"]) for row in stored.tables["codings"] if row["coded"]}
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    characters: dict[Cell, set[int]] = defaultdict(set)
    for row in stored.tables.get("spans", ()):  # an older program has none
        excerpt, code = row["excerpt_id"], row["criterion"]
        first = excerpts[excerpt]["start"]
        while (row["excerpt_id"], row["criterion"]) in coded and code:
            if (excerpt, code) in coded:
                characters[excerpt, code] |= set(range(row["start"] - first, row["end"] - first))
            code = parents.get(code, "")
    return {cell: _cells(marked, excerpts[cell[0]]) for cell, marked in characters.items()}


def _cells(marked: set[int], excerpt: Row) -> dict[str, str]:
    starts = sorted(at for at in marked if at - 1 not in marked)
    ends = sorted(at + 1 for at in marked if at + 1 not in marked)
    pairs = list(zip(starts, ends, strict=True))
    return {
        "span": GAP.join(excerpt["text"][start:end] for start, end in pairs),
        "span_at": ";".join(f"{start}-{end}" for start, end in pairs),
    }
