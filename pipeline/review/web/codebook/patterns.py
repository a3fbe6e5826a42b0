"""Patterns of the codebook: what a new one would catch, how often each is right, and which should be removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.codebook.edits import pattern_id
from pipeline.records import Decision
from pipeline.review.web.codebook.tree import Places
from pipeline.review.web.shelf import Shelf
from pipeline.review.web.study_view import StudyView

RULE = "rule:"
FEWEST_DECIDED = 5  # excerpts with decisions before a pattern is called imprecise: fewer say little
IMPRECISE = 0.5  # a pattern that is wrong more often than right costs more reading than it saves
SHOWN = 60  # excerpts of a preview that are shown with their words

Json = dict[str, Any]


def precision_on(places: Places, *, ayes: Places, noes: Places) -> Json:
    """How often people gave the code to excerpts that a pattern catches, where they decided."""
    right, wrong = len(places & ayes), len(places & noes)
    return {"decided": right + wrong, "right": right, "precision": right / (right + wrong) if right + wrong else None}


def preview_of(catches: Sequence[tuple[int, int, int]], shelf: Shelf, *, ayes: Places, noes: Places) -> Json:
    """Everything that a pattern would catch: (place of the excerpt, start and end of the words)."""
    places = {at for at, _, _ in catches}
    first = [
        {
            **shelf.quote(at),
            "start": start,
            "end": end,
            "is_right": True if at in ayes else False if at in noes else None,
        }
        for at, start, end in catches[:SHOWN]
    ]
    persons = {shelf.persons[at] for at in places} - {""}
    return {
        "count": len(places),
        "persons": len(persons),
        **precision_on(places, ayes=ayes, noes=noes),
        "hits": first,
    }


def patterns_added(lines: Iterable[Decision]) -> set[str]:
    """The patterns that some lines wrote to the codebook."""
    written = (str(line.change.before.get("pattern", "")) for line in lines if line.change)
    return {pattern_id(text) for text in written if text}


def pattern_rows(study: StudyView, decided: dict[str, tuple[Places, Places]], live: Mapping[str, Places]) -> list[Json]:
    """Each pattern with what it catches and how often it is right; `advice` says why to remove it.

    What a pattern catches is as of the last run or, where it was added since, in `live`.
    """
    catches = {**_catches(study.shelf), **live}
    rows = []
    for pattern in study.form.codebook.patterns:
        ayes, noes = decided.get(pattern.criterion, (set(), set()))
        places = catches.get(pattern.id, set())
        figures = precision_on(places, ayes=ayes, noes=noes)
        rows.append(
            {
                "id": pattern.id,
                "code": pattern.criterion,
                "language": pattern.language,
                "match": pattern.match,
                "count": len(places),
                "advice": _advice(len(places), figures),
                **figures,
            }
        )
    return rows


def _advice(count: int, figures: Json) -> str:
    if not count:
        return "dead"
    is_imprecise = figures["decided"] >= FEWEST_DECIDED and figures["precision"] < IMPRECISE
    return "imprecise" if is_imprecise else ""


def _catches(shelf: Shelf) -> dict[str, Places]:
    """The excerpts that each pattern voted for in the last run."""
    voters = shelf.votes.rows["voter"].cast(pa.string())
    is_rule = pc.starts_with(voters, RULE).to_numpy(zero_copy_only=False).astype(bool)
    places = shelf.votes.places[is_rule]
    names = np.array(voters.to_pylist(), dtype=object)[is_rule]
    catches: dict[str, Places] = {}
    for name, at in zip(names, places, strict=True):
        catches.setdefault(str(name).removeprefix(RULE), set()).add(int(at))
    return catches
