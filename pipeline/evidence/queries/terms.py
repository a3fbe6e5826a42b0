"""The terms of a query: codes, stances, families, attributes of persons, places and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.codebook import Codebook
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.groups import groups_of
from pipeline.query_language import (
    IN_SPANISH,
    Mask,
    Node,
    Places,
    QueryError,
    Term,
    fold_text,
    fold_value,
    mask_of,
    parse,
)
from pipeline.vocabulary import Shown, Stance
from pipeline.wording.messages import Message, message

COLUMNS = {"source": "source_id", "kind": "kind", "language": "language", "person": "participant"}
STANCES = tuple(map(str, Stance))
MOST_LISTED = 12  # values that a remedy names


@dataclass(frozen=True, slots=True)
class Searched:
    """What a query searches: the excerpts of respondents in reading order, copies left out, and who speaks in them.

    `spoken` has excerpt_id, source_id, turn, participant ("" for documents), kind, language, shown, text; `attributes` are those of
    each person. `codebook` names the codes.
    """

    spoken: pd.DataFrame
    attributes: Mapping[str, Mapping[str, str]]
    codebook: Codebook

    @property
    def places(self) -> Places:
        """Where the excerpts are."""
        return Places(pd.factorize(self.spoken["source_id"])[0], self.spoken["turn"].to_numpy())

    def attribute_names(self) -> list[str]:
        """The attributes that somebody has."""
        return sorted({name for of_person in self.attributes.values() for name in of_person})

    def values_of(self, name: str) -> pd.Series[str]:
        """An attribute of who speaks in each excerpt, or a column of the excerpts."""
        if name in COLUMNS:
            return self.spoken[COLUMNS[name]].astype("str")
        of_person = {who: row.get(name, "") for who, row in self.attributes.items()}
        return self.spoken["participant"].map(lambda who: of_person.get(who, "")).astype("str")


def english(key: str) -> str:
    """A key of the language in English."""
    return IN_SPANISH.get(key, key)


def matching(query: str, searched: Searched, cells: pd.DataFrame) -> Mask:
    """A mask over the excerpts that meet a query; `cells` has excerpt_id, criterion and stance of the codings that count.

    ConfigError names the part of the query that cannot be used, and what could replace it.
    """
    return mask_of(parsed(query), lambda term: _mask(term, searched, cells), searched.places)


def parsed(query: str) -> Node:
    """The tree of a query; ConfigError at the part that cannot be used."""
    try:
        return parse(query)
    except QueryError as error:
        where = _where(error.part, error.at)
        raise ConfigError(
            Problem(
                where, message(f"evidence/query_needs_{error.needs}"), message(f"evidence/query_write_{error.needs}")
            )
        ) from error


def _where(part: str, at: int) -> Message:
    return message("evidence/query_place", at=at, part=part)


def _mask(term: Term, searched: Searched, cells: pd.DataFrame) -> Mask:
    key = english(term.key)
    if not key:
        return _with_words(term.value, searched)
    if key in ("code", *STANCES):
        chosen = cells["criterion"] == _code(term, searched.codebook)
        chosen &= (cells["stance"] == key) if key in STANCES else True
        return _with_cells(cells[chosen], searched)
    if key == "family":
        family = _one_of(term, {name.casefold(): name for name in searched.codebook.families})
        return _with_cells(cells[cells["criterion"].isin(searched.codebook.families[family])], searched)
    if key not in COLUMNS and key not in searched.attribute_names():
        keys = ("code", *STANCES, "family", *COLUMNS, *searched.attribute_names())
        listed = ", ".join(f"{name}:" for name in keys)
        raise _refused(term, message("evidence/query_no_key"), message("evidence/query_use_key", keys=listed))
    return _with_value(term, key, searched)


def _with_value(term: Term, key: str, searched: Searched) -> Mask:
    """The excerpts of those who have a value of an attribute, alone or among others, or of a column."""
    values = searched.values_of(key)
    groups = {value: (value,) if key in COLUMNS else groups_of(value) for value in dict.fromkeys(values)}
    folded_value = fold_value(
        _one_of(term, {fold_value(group): group for each in groups.values() for group in each if group})
    )
    meant = {value: folded_value in map(fold_value, each) for value, each in groups.items()}
    return np.asarray(values.map(meant), dtype=bool)


def _with_cells(cells: pd.DataFrame, searched: Searched) -> Mask:
    return np.asarray(searched.spoken["excerpt_id"].isin(cells["excerpt_id"]))


def _code(term: Term, codebook: Codebook) -> str:
    names: dict[str, str] = {}
    for code in codebook.criteria:
        names |= {fold_value(name): code.id for _, name in code.name}
    names |= {fold_value(code): code for code in codebook.ids}
    return _one_of(term, names)


def _one_of(term: Term, names: Mapping[str, str]) -> str:
    """What the value of a term names; a refusal that lists what there is."""
    typed = fold_value(term.value)
    if typed in names:
        return names[typed]
    listed = sorted(set(names.values()))
    more = ", ..." if len(listed) > MOST_LISTED else ""
    remedy = message("evidence/query_use_value", values=", ".join(listed[:MOST_LISTED]) + more)
    raise _refused(term, message("evidence/query_no_value"), remedy)


def _with_words(words: str, searched: Searched) -> Mask:
    """The excerpts with these words, of which the words may be shown, without regard to case and accents."""
    folded = fold_text(words)
    texts, shown = searched.spoken["text"], searched.spoken["shown"]
    return np.array(
        [may_be == Shown.WHOLE and folded in fold_text(text) for text, may_be in zip(texts, shown, strict=True)],
        dtype=bool,
    )


def _refused(term: Term, what: Message, remedy: Message) -> ConfigError:
    return ConfigError(Problem(_where(term.part, term.at), what, remedy))


def side_name(typed: str, searched: Searched) -> str:
    """What a side of a table is: a family, an attribute of persons, or a column; ConfigError lists what there is."""
    names = [*searched.codebook.families, *searched.attribute_names(), *COLUMNS]
    by_name = {fold_value(name): name for name in names} | {
        key: name for key, name in IN_SPANISH.items() if name in names
    }
    for name in (typed, english(typed.lower())):
        if fold_value(name) in by_name:
            return by_name[fold_value(name)]
    what, remedy = message("evidence/query_no_side"), message("evidence/query_use_value", values=", ".join(names))
    raise ConfigError(Problem(typed, what, remedy))


def sides(names: Sequence[str], searched: Searched) -> list[str]:
    """The sides of a table by their names; blank ones left out."""
    return [side_name(name, searched) for name in names if name]
