"""The codes with their counts: confirmed by people and suggested by the machine apart, also by group of persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.review.settle import State
from pipeline.review.web.shelf import Shelf
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import CodingStatus

Json = dict[str, Any]
Places = set[int]  # places of excerpts on the shelf


@dataclass(frozen=True, slots=True)
class CodeUses:
    """Where a code is used: excerpts to which people gave it, and those for which the machine alone suggests it."""

    confirmed: frozenset[int]
    suggested: frozenset[int]
    own: frozenset[int]  # of those confirmed: the code itself was given, not only one below it


def uses_of_codes(study: StudyView, state: State) -> dict[str, CodeUses]:
    """Where each code is used. A code has the excerpts of the codes below it too, unless people said no to it there."""
    codes, shelf = study.form.codebook.ids, study.shelf
    ayes: dict[str, Places] = {code: set() for code in codes}
    decided: dict[str, Places] = {code: set() for code in codes}
    for coding in state.codings:
        at = shelf.position.get(coding.excerpt_id)
        if at is None or coding.target not in ayes:
            continue
        decided[coding.target].add(at)
        if coding.yes:
            ayes[coding.target].add(at)
    given = {code: frozenset(places) for code, places in ayes.items()}
    for code, parent in study.form.codebook.lineage.items():  # the deepest first
        ayes[parent] |= ayes[code] - (decided[parent] - ayes[parent])
    suggested = _suggested(shelf, codes)
    return {
        code: CodeUses(
            confirmed=frozenset(ayes[code]),
            suggested=frozenset(suggested[code] - decided[code] - ayes[code]),
            own=given[code],
        )
        for code in codes
    }


def _suggested(shelf: Shelf, codes: Iterable[str]) -> dict[str, Places]:
    """The excerpts that the machine gives each code."""
    rows = shelf.codings.rows
    is_machine = pc.and_(rows["coded"], pc.equal(rows["status"].cast(pa.string()), str(CodingStatus.MACHINE)))
    is_suggested = is_machine.to_numpy(zero_copy_only=False).astype(bool)
    names = np.array(rows["criterion"].cast(pa.string()).to_pylist(), dtype=object)[is_suggested]
    at = shelf.codings.places[is_suggested]
    return {code: set(at[names == code].tolist()) for code in codes}


def counts_of(uses: CodeUses, shelf: Shelf) -> Json:
    """The counts of one code: excerpts and persons, in all and by group."""
    groups: dict[str, Json] = {}
    for name, places in (("confirmed", uses.confirmed), ("suggested", uses.suggested)):
        for at in places:
            group = groups.setdefault(shelf.groups[at], {"confirmed": 0, "suggested": 0})
            group[name] += 1
    for name, group in groups.items():
        group["persons"] = _persons([at for at in uses.confirmed if shelf.groups[at] == name], shelf)
    return {
        "confirmed": len(uses.confirmed),
        "own": len(uses.own),
        "suggested": len(uses.suggested),
        "persons": _persons(uses.confirmed, shelf),
        "groups": dict(sorted(groups.items())),
    }


def _persons(places: Iterable[int], shelf: Shelf) -> int:
    return len({shelf.persons[at] for at in places} - {""})


def quote_of(shelf: Shelf, at: int, *, is_confirmed: bool) -> Json:
    """An excerpt with a code, as the page lists it."""
    return {**shelf.quote(at), "is_confirmed": is_confirmed}


def code_rows(study: StudyView, memos: Mapping[str, str]) -> list[Json]:
    """The codes as the page lists them, without counts."""
    return [
        {
            "id": code.id,
            "family": code.family,
            "parent": code.parent,
            "memo": memos.get(code.id, ""),
            "patterns": len(code.patterns),
            **{name: dict(getattr(code, name)) for name in ("name", "definition", "include", "exclude")},
        }
        for code in study.form.codebook.criteria
    ]
