"""The column that identifies respondents, by ids and names of the register, and candidates if none is certain."""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from pipeline.ingest.survey.identifying import identity_of
from pipeline.ingest.survey.records import Column, Hint, Table
from pipeline.ingest.survey.vocabulary import fold_heading
from pipeline.people import NameRegister, find_person, is_name
from pipeline.records import Participant
from pipeline.vocabulary import Identity

MOST = 0.8  # of the filled cells must be ids or names of the register for a column to be taken as the person
SEVERAL = 0.5  # of the cells that are ids must differ where ids are mere numbers: the answers 1 to 5 are no ids
MARKED_ID = re.compile(r"(?=.*\d)(?=.*[^\W\d_]).+")  # with a digit and a letter: no answer is one by chance
CALLED_SO = re.compile(
    r"\b(ids?|uid|cod|codigo|code|participante?|person[ae]?|folio|registro|clave|ficha|numero|number|num|no|nr|key|caso|case"
    r"|respondent|encuestad[oa]|entrevistad[oa]|usuari[oa]|beneficiari[oa])\b|#"
)
SHORT_HEADING = 3  # words of a heading that asks for a name only
NAMED = 3  # columns that may say who answers
LONGEST_NAME = 60  # characters
WORDS_OF_A_NAME = 6
TRIED = 40  # different cells of a column that are looked up as names before it is given up


@dataclass(frozen=True, slots=True)
class Ids:
    """The folded ids of a register, those that cannot be an answer by chance, and the names."""

    ids: Set[str]
    marked: Set[str]
    longest: int
    names: NameRegister
    has_refusers: bool


def ids_of(people: Sequence[Participant]) -> Ids:
    """The ids and names of the people of a register."""
    ids = {fold_heading(person.participant_id) for person in people}
    marked = {fold_heading(p.participant_id) for p in people if MARKED_ID.fullmatch(p.participant_id)}
    longest = 2 * max(map(len, ids), default=0)
    has_refusers = any(not person.consent.is_used for person in people)
    return Ids(ids=ids, marked=marked, longest=longest, names=NameRegister(people), has_refusers=has_refusers)


@dataclass(frozen=True, slots=True)
class PersonColumn:
    """How many cells of a column are filled, are ids or names of the register, are ids with letters and digits, and differ."""

    cells: int
    ids: int
    marked: int
    different: int
    names: int = 0

    @property
    def is_most(self) -> bool:
        """Whether nearly all cells are ids or names, so that the column holds them."""
        return self.ids + self.names > 0 and self.ids + self.names >= MOST * self.cells

    @property
    def is_several(self) -> bool:
        """Whether the ids are of several people, as answers of few numbers are not."""
        return self.marked + self.names > 0 or self.different >= max(min(2, self.ids), SEVERAL * self.ids)


def count_ids(table: Table, column: Column, ids: Ids) -> PersonColumn:
    """What a column holds of the register's ids and names."""
    values = Counter(table.filled(column) if ids.ids else [])
    folded: Counter[str] = Counter()
    for value, times in values.items():
        if len(value) <= ids.longest and (name := fold_heading(value)) in ids.ids:
            folded[name] += times
    marked = sum(times for name, times in folded.items() if name in ids.marked)
    names = 0 if folded else _count_names(values, ids.names)
    return PersonColumn(values.total(), folded.total(), marked, len(folded), names)


def _count_names(values: Counter[str], register: NameRegister) -> int:
    """How many cells name a person of the register; 0 if none of many first cells does."""
    count = 0
    for tried, (value, times) in enumerate(values.items()):
        if tried == TRIED and not count:
            return 0
        is_short = len(value) <= LONGEST_NAME and 1 < len(value.split()) <= WORDS_OF_A_NAME
        if is_short and is_name(value) and find_person(value, register).participant_id:
            count += times
    return count


def person_of(table: Table, ids: Ids) -> Column | None:
    """The column of the register's ids or names; otherwise the one with most ids, if they have letters and digits.

    Even if only a few respondents are in the register, their consent must be respected.
    """
    counts = {column.index: count_ids(table, column, ids) for column in table.columns}
    whole = [
        column for column in table.columns if counts[column.index].is_most and _may_be(column, counts[column.index])
    ]
    whole.sort(key=lambda column: not counts[column.index].ids)  # a column of ids says it better than one of names
    best = max(table.columns, key=lambda column: counts[column.index].marked, default=None)
    return next(iter(whole), best if best and counts[best.index].marked else _column_of_names(table, ids))


def _column_of_names(table: Table, ids: Ids) -> Column | None:
    """The column that asks for people's names and has most of the register's; where somebody refuses, one with any names at all."""
    matches = {column.index: _names_that_count(table, column, ids) for column in table.columns}
    best = max(table.columns, key=lambda column: matches[column.index], default=None)
    return best if best and matches[best.index] else None


def _names_that_count(table: Table, column: Column, ids: Ids) -> int:
    """How many cells of a column that asks for a name may be the register's; one more where any name counts.

    The names must differ: the interviewer's name may be in every row.
    """
    filled = table.filled(column)
    names = [cell for cell in filled if is_name(cell)]
    asks_for_name = identity_of((column.name, column.question), names) is Identity.NAME
    is_short = len(column.name.split()) <= SHORT_HEADING
    if not (asks_for_name or (is_short and is_called_so(column))) or len(set(names)) <= SEVERAL * len(filled):
        return 0
    return sum(find_person(cell, ids.names).candidates != () for cell in names) + (asks_for_name and ids.has_refusers)


def _may_be(column: Column, count: PersonColumn) -> bool:
    return count.is_several and (count.marked + count.names > 0 or column.hint not in (Hint.TOOL, Hint.ROW_ID))


def candidates(table: Table, people: Sequence[Participant]) -> list[tuple[Column, PersonColumn]]:
    """Columns that may identify respondents, best first, if none is certain: a few of their cells are in the register."""
    ids = ids_of(people)
    counts = [(column, count_ids(table, column, ids)) for column in table.columns]
    possible = [(column, count) for column, count in counts if count.ids + count.names and _may_be(column, count)]
    return sorted(possible, key=lambda each: (not is_called_so(each[0]), -each[1].ids - each[1].names, each[0].index))[
        :NAMED
    ]


def is_called_so(column: Column) -> bool:
    """Whether the heading is one usual for respondents' ids."""
    return any(CALLED_SO.search(fold_heading(heading).replace("_", " ")) for heading in (column.name, column.question))
