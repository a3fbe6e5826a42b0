"""Which column of a survey says who answers, by the ids of the register, and which may where none says it for certain."""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from pipeline.ingest.survey.records import Column, Hint, Table
from pipeline.ingest.survey.vocabulary import fold, says
from pipeline.people import NameRegister, find_person, is_name
from pipeline.records import Participant
from pipeline.vocabulary import Consent

MOST = 0.8  # of the filled cells must be ids of the register for a column to be taken as the person
SEVERAL = 0.5  # of the cells that are ids must differ where ids are mere numbers: the answers 1 to 5 are nobody's
MARKED_ID = re.compile(r"(?=.*\d)(?=.*[^\W\d_]).+")  # with a digit and a letter: no answer is one by chance
CALLED_SO = re.compile(
    r"\b(ids?|uid|cod|codigo|code|participante?|person[ae]?|folio|registro|clave|ficha|numero|number|num|no|nr|key|caso|case"
    r"|respondent|encuestad[oa]|entrevistad[oa]|usuari[oa]|beneficiari[oa])\b|#"
)
MAYBE_PERSON = "cells are ids of the register, and no column tells who answers"
SHORT_HEADING = 3  # words of a heading that asks for a name, and for nothing else about a person
NAMED = 3  # columns that may say who answers


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of a register as they are compared, and those of them that no answer is by chance."""

    known: Set[str]
    marked: Set[str]
    longest: int
    names: NameRegister
    has_refusers: bool


def ids_of(people: Sequence[Participant]) -> Ids:
    """The ids of the people of a register."""
    known = {fold(person.participant_id) for person in people}
    marked = {fold(p.participant_id) for p in people if MARKED_ID.fullmatch(p.participant_id)}
    longest = 2 * max(map(len, known), default=0)
    has_refusers = any(person.consent is Consent.NO for person in people)
    return Ids(known=known, marked=marked, longest=longest, names=NameRegister(people), has_refusers=has_refusers)


@dataclass(frozen=True, slots=True)
class PersonColumn:
    """How many cells of a column are filled, are ids of the register, are ids with letters and digits, and differ among ids."""

    cells: int
    ids: int
    marked: int
    different: int

    @property
    def is_most(self) -> bool:
        """Whether so many cells are ids that the column holds them."""
        return self.ids > 0 and self.ids >= MOST * self.cells

    @property
    def is_several(self) -> bool:
        """Whether the ids are of several people, as answers of few numbers are not."""
        return self.marked > 0 or self.different >= max(min(2, self.ids), SEVERAL * self.ids)


def count_ids(table: Table, column: Column, ids: Ids) -> PersonColumn:
    """What a column holds of the register's ids; names may be in the register too, and are none."""
    values = Counter(table.filled(column) if ids.known else [])
    folded: Counter[str] = Counter()
    for value, times in values.items():
        if len(value) <= ids.longest and (name := fold(value)) in ids.known:
            folded[name] += times
    marked = sum(times for name, times in folded.items() if name in ids.marked)
    return PersonColumn(values.total(), folded.total(), marked, len(folded))


def person_of(table: Table, ids: Ids) -> Column | None:
    """The column of register ids; else the one with most of them, if they have letters and digits and are no mere numbers.

    Where only some who answered are in the register, what those few consented to must hold all the same.
    """
    found = {column.index: count_ids(table, column, ids) for column in table.columns}
    whole = (column for column in table.columns if found[column.index].is_most and _may_be(column, found[column.index]))
    best = max(table.columns, key=lambda column: found[column.index].marked, default=None)
    return next(whole, best if best and found[best.index].marked else _column_of_names(table, ids))


def _column_of_names(table: Table, ids: Ids) -> Column | None:
    """The column that asks for people's names and has most of the register's; where somebody refuses, one with any names at all."""
    matches = {column.index: _count_names(table, column, ids) for column in table.columns}
    best = max(table.columns, key=lambda column: matches[column.index], default=None)
    return best if best and matches[best.index] else None


def _count_names(table: Table, column: Column, ids: Ids) -> int:
    """How many cells of a column that asks for a name may be the register's; one more where any name counts.

    The names must differ: who collected the answers may stand in every row.
    """
    asks_for_name = any(says(heading, "any", "names_people") for heading in (column.name, column.question))
    is_short = len(column.name.split()) <= SHORT_HEADING
    filled = table.filled(column)
    names = [cell for cell in filled if is_name(cell)]
    if not (asks_for_name or (is_short and is_called_so(column))) or len(set(names)) <= SEVERAL * len(filled):
        return 0
    return sum(find_person(cell, ids.names).candidates != () for cell in names) + (asks_for_name and ids.has_refusers)


def _may_be(column: Column, found: PersonColumn) -> bool:
    return found.is_several and (found.marked > 0 or column.hint not in (Hint.TOOL, Hint.ROW_ID))


def candidates(table: Table, people: Sequence[Participant]) -> list[tuple[Column, PersonColumn]]:
    """Columns that may say who answers, best first, where none says it for certain: some of their cells are the register's ids."""
    ids = ids_of(people)
    counted = [(column, count_ids(table, column, ids)) for column in table.columns]
    some = [(column, found) for column, found in counted if found.ids and _may_be(column, found)]
    return sorted(some, key=lambda each: (not is_called_so(each[0]), -each[1].ids, each[0].index))[:NAMED]


def is_called_so(column: Column) -> bool:
    """Whether a column is headed as those are that say who answers."""
    return any(CALLED_SO.search(fold(heading).replace("_", " ")) for heading in (column.name, column.question))
