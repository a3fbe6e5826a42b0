"""The find language of the review page, from words to a mask over the excerpts.

`plazo "tres meses" code:relevance near/3 code:sustainability not code:efficiency person:P-53K4 group:police
source:BO-01 by:ana status:conflicted finding:F3 strength:weak`, joined as in `query_language`. The keys are read in Spanish, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import ConfigError
from pipeline.query_language import Places, QueryError, Term, mask_of, parse
from pipeline.review.settle import ConsensusCoding
from pipeline.review.web.refusals import refused
from pipeline.review.web.shelf import Shelf
from pipeline.vocabulary import RefusalKind

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
NEEDS = {
    "term": (RefusalKind.QUERY_NEEDS_TERM, "write a term behind it"),
    "terms": (RefusalKind.QUERY_NEEDS_TERMS, "write a term on each side of near/N"),
    "bracket": (RefusalKind.QUERY_NEEDS_BRACKET, "close every bracket that is open"),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, as the find language asks for it."""

    by_coder: Mapping[str, frozenset[str]]  # coder, folded -> excerpt ids
    by_status: Mapping[str, frozenset[str]]  # status of a coding -> excerpt ids
    strengths: Mapping[str, str]  # finding -> its strength, as of the last run
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # key -> name as typed, folded -> id
    ayes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # code or finding -> excerpt ids
    noes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hides_tables: bool = False  # the tables would reveal the opinion of others


def decided_by(answers: Iterable[ConsensusCoding], *, yes: bool) -> dict[str, frozenset[str]]:
    """The excerpts to which people together give each code or finding, or do not give it."""
    groups: dict[str, set[str]] = {}
    for each in answers:
        if each.yes is yes:
            groups.setdefault(each.target, set()).add(each.excerpt_id)
    return {target: frozenset(excerpts) for target, excerpts in groups.items()}


def with_sub_codes(
    ayes: Mapping[str, frozenset[str]], noes: Mapping[str, frozenset[str]], lineage: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """The excerpts of each code with those of the codes below it, unless people said no to it there."""
    carried = dict(ayes)
    for code, parent in lineage.items():  # the deepest first
        below = carried.get(code, frozenset()) - noes.get(parent, frozenset())
        carried[parent] = carried.get(parent, frozenset()) | below
    return carried


def find(query: str, shelf: Shelf, decided: Decided) -> np.ndarray:
    """A mask over the excerpts of respondents that meet the query.

    Raises ConfigError that names the part of the query that cannot be used.
    """
    try:
        tree = parse(query)
    except QueryError as error:
        kind, remedy = NEEDS[error.needs]
        raise _refused(kind, error.part, remedy) from error
    places = Places(shelf.sources.codes, shelf.excerpts["turn"].to_numpy())
    return np.asarray(shelf.is_respondent & mask_of(tree, lambda term: _term(term, shelf, decided), places))


def _term(term: Term, shelf: Shelf, decided: Decided) -> np.ndarray:
    key, value = IN_SPANISH.get(term.key, term.key), term.value
    if not key:
        return shelf.with_words(value)
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
    """The excerpts with a code or finding: by the tables, and by what people decided since, or by the latter alone."""
    ayes, noes = (shelf.of_ids(each.get(target, frozenset())) for each in (decided.ayes, decided.noes))
    return ayes if decided.hides_tables else ayes | (in_tables(target) & ~noes)


def _refused(kind: RefusalKind, part: str, remedy: str, **values: str) -> ConfigError:
    return refused(kind, "find", f"cannot use {part!r}", remedy, part=part, **values)
