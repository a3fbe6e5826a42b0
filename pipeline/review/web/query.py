"""The find language of the review page, from words to a mask over the excerpts.

`plazo "tres meses" code:relevance near/3 code:sustainability not code:efficiency person:P-53K4 group:police
source:BO-01 by:ana status:conflicted finding:F3 strength:weak`. Terms are joined by *and*; `not` turns the next term round;
`near/N` between two terms keeps excerpts within N excerpts of each other in one source. The keys are read in Spanish, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import ConfigError
from pipeline.review.web.refusals import refused
from pipeline.review.web.shelf import Shelf
from pipeline.vocabulary import RefusalKind

TERM = re.compile(
    r'(?P<near>(?:near|cerca)/(?P<n>\d{1,3}))(?!\S)|(?P<not>not)(?!\S)|(?:(?P<key>[a-zó]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))',
    re.I,
)
KEYS = ("code", "person", "group", "source", "by", "status", "finding", "strength")
IN_SPANISH = {
    "código": "code",
    "codigo": "code",
    "persona": "person",
    "grupo": "group",
    "fuente": "source",
    "por": "by",
    "estado": "status",
    "hallazgo": "finding",
    "solidez": "strength",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, as the find language asks for it."""

    by_coder: Mapping[str, frozenset[str]]  # coder, folded -> excerpt ids
    by_status: Mapping[str, frozenset[str]]  # status of a coding -> excerpt ids
    strengths: Mapping[str, str]  # finding -> its strength, as of the last run
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # key -> name as typed, folded -> id
    by_target: Mapping[str, frozenset[str]] | None = None  # code or finding -> excerpt ids; None: as the tables have it


def find(query: str, shelf: Shelf, decided: Decided) -> np.ndarray:
    """A mask over the excerpts of respondents that meet the query.

    Raises ConfigError that names the part of the query that cannot be used.
    """
    clauses: list[np.ndarray] = []
    negate, distance = False, 0
    for match in TERM.finditer(query):
        if match["near"]:
            if not clauses:
                raise _refused(RefusalKind.QUERY_NEEDS_TERMS, match[0], "write a term on each side of near/N")
            distance = int(match["n"])
            continue
        if match["not"]:
            negate = True
            continue
        mask = _term(match, shelf, decided)
        if distance:
            clauses[-1] = _within(clauses[-1], mask, distance, shelf)
        else:
            clauses.append(~mask if negate else mask)
        negate, distance = False, 0
    if negate or distance:
        raise _refused(RefusalKind.QUERY_NEEDS_TERM, query.split()[-1], "write a term behind it")
    return np.asarray(np.logical_and.reduce([shelf.is_respondent, *clauses]))


def _term(match: re.Match[str], shelf: Shelf, decided: Decided) -> np.ndarray:
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    key = (match["key"] or "").lower()
    if not key:
        return shelf.with_words(value)
    key = IN_SPANISH.get(key, key)
    value = _in_study(key, value, decided)
    masks: dict[str, Callable[[], np.ndarray]] = {
        "code": lambda: _with_target(value, shelf.with_code, shelf, decided),
        "finding": lambda: _with_target(value, lambda name: shelf.with_finding([name]), shelf, decided),
        "strength": lambda: shelf.with_finding([f for f, s in decided.strengths.items() if s == value.casefold()]),
        "person": lambda: shelf.persons.equal(value),
        "group": lambda: shelf.groups.equal(value),
        "source": lambda: shelf.sources.equal(value),
        "by": lambda: shelf.of_ids(decided.by_coder.get(value.casefold(), frozenset())),
        "status": lambda: shelf.of_ids(decided.by_status.get(value.casefold(), frozenset())),
    }
    if key not in masks:
        keys = ", ".join(f"{name}:" for name in KEYS)
        raise _refused(RefusalKind.QUERY_UNCLEAR, f"{key}:", f"use {keys} or put the words in quotes", keys=keys)
    return masks[key]()


def _in_study(key: str, typed: str, decided: Decided) -> str:
    """The code, finding, status or strength that was typed, by its id or any of its names; a refusal that lists what there is."""
    if key not in decided.names:
        return typed
    names = decided.names[key]
    if typed.casefold() not in names:
        listed = ", ".join(dict.fromkeys(names.values()))
        raise _refused(RefusalKind.QUERY_NOT_THERE, f"{key}:{typed}", f"use one of: {listed}", names=listed)
    return names[typed.casefold()]


def _with_target(target: str, in_tables: Callable[[str], np.ndarray], shelf: Shelf, decided: Decided) -> np.ndarray:
    """The excerpts with a code or finding; where the tables would reveal the opinion of others, those of the coder alone."""
    return in_tables(target) if decided.by_target is None else shelf.of_ids(decided.by_target.get(target, frozenset()))


def _within(left: np.ndarray, right: np.ndarray, distance: int, shelf: Shelf) -> np.ndarray:
    """Excerpts of either side that have one of the other side at most `distance` excerpts away in the same source."""
    block = shelf.sources.codes
    near = (left & _reaches(right, block, distance)) | (right & _reaches(left, block, distance))
    return np.asarray(near)


def _reaches(mask: np.ndarray, block: np.ndarray, distance: int) -> np.ndarray:
    """Where an excerpt of the mask is at most `distance` away in the same block."""
    at = np.arange(len(mask))
    hits = np.flatnonzero(mask)
    if not len(hits):
        return np.zeros(len(mask), dtype=bool)
    after = hits[np.minimum(np.searchsorted(hits, at), len(hits) - 1)]
    before = hits[np.maximum(np.searchsorted(hits, at, side="right") - 1, 0)]
    is_near_after = (np.abs(after - at) <= distance) & (block[after] == block)
    is_near_before = (np.abs(before - at) <= distance) & (block[before] == block)
    return np.asarray(is_near_after | is_near_before)


def _refused(kind: RefusalKind, part: str, remedy: str, **values: str) -> ConfigError:
    return refused(kind, "find", f"cannot use {part!r}", remedy, part=part, **values)
