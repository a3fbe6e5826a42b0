"""What persons of each group speak of, and how: codes and stances by sex, group, country and other attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from pipeline import tables
from pipeline.evidence.coded_by import by_people
from pipeline.evidence.groups import members, memberships
from pipeline.evidence.matrix import shown
from pipeline.vocabulary import PERSON_ATTRIBUTES, Stance

COLUMNS = tables.PROFILES.names
MOST_VALUES = 12  # of an attribute: what has more is a name or a date, not a group
LEAST_SHARED = 2  # persons per value on average: a column in which everybody differs tells who somebody is


def grouping_attributes(attributes: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The attributes that put persons into groups, in order; `attributes` has those of each person.

    Those that are published beside quotes always do; a further one does if few values are shared by many.
    """
    names = sorted({name for of_person in attributes.values() for name in of_person} - set(PERSON_ATTRIBUTES))
    return [*PERSON_ATTRIBUTES, *(name for name in names if _groups(attributes, name))]


def _groups(attributes: Mapping[str, Mapping[str, str]], name: str) -> bool:
    values = memberships(of_person.get(name, "") for of_person in attributes.values())
    different = len(set(values))
    return 1 < different <= MOST_VALUES and LEAST_SHARED * different <= len(values)


def profiles(
    spoken: pd.DataFrame,
    codings: pd.DataFrame,
    machine: pd.DataFrame,
    *,
    attributes: Mapping[str, Mapping[str, str]],
    criteria: Sequence[str],
    smallest_cell: int,
) -> pd.DataFrame:
    """A row for each attribute, value and code, by what people confirmed (`excerpts`, ...) and by the machine (`machine_...`).

    `spoken` has a row per excerpt of a respondent: excerpt_id, participant ("" for documents, which have no row here); copies
    are left out. `machine` has the cells of the classifier (`by_machine`), `attributes` those of each person; "" is not known.
    A person of several groups (`groups_of`) counts in each. `persons` of the group answer, `speaking` of them speak in excerpts
    that carry the code. Codes of which nobody speaks have a row, too: silence is a result. Counts of persons above 0 and below
    `smallest_cell` are given as "<k".
    """
    voices = spoken.loc[spoken["participant"] != "", ["excerpt_id", "participant"]]
    people = sorted(set(voices["participant"].tolist()))
    counted = {
        prefix: _Counts(cells, voices, people=people, criteria=criteria)
        for prefix, cells in _coders(codings, machine).items()
    }
    rows = []
    for attribute in grouping_attributes({who: attributes.get(who, {}) for who in people}):
        value_of = {who: attributes.get(who, {}).get(attribute, "") for who in people}
        persons = members(value_of)
        belongs = _belonging(persons, people)
        figures_of = [counts.by_group(belongs) for counts in counted.values()]
        for value, of_value in zip(persons, np.stack(figures_of, axis=2), strict=True):
            for code, of_code in zip(criteria, of_value.tolist(), strict=True):
                cells = [cell for figures in of_code for cell in (shown(figures[0], smallest_cell), *figures[1:])]
                rows.append((attribute, value, code, shown(len(persons[value]), smallest_cell), *cells))
    return pd.DataFrame(rows, columns=COLUMNS)


def _coders(codings: pd.DataFrame, machine: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"": by_people(codings), "machine_": machine}


def _belonging(persons: Mapping[str, Sequence[str]], people: Sequence[str]) -> csr_array:
    """Who belongs to which group: groups x people."""
    place = {who: number for number, who in enumerate(people)}
    pairs = [(number, place[who]) for number, of_group in enumerate(persons.values()) for who in of_group]
    rows, columns = np.array(pairs, dtype=int).reshape(-1, 2).T
    return csr_array((np.ones(len(pairs), dtype=int), (rows, columns)), shape=(len(persons), len(people)))


class _Counts:
    """How many excerpts of each person carry each code, by one kind of coders: people x codes, in all and by stance."""

    def __init__(
        self, cells: pd.DataFrame, voices: pd.DataFrame, *, people: Sequence[str], criteria: Sequence[str]
    ) -> None:
        at = pd.Index(voices["excerpt_id"]).get_indexer(pd.Index(cells["excerpt_id"]))
        code = pd.Index(criteria).get_indexer(pd.Index(cells["criterion"]))
        counted = (at >= 0) & (code >= 0)
        person = pd.Index(people).get_indexer(pd.Index(voices["participant"]))[at[counted]]
        code, stances = code[counted], cells["stance"].to_numpy()[counted]
        size = {"height": len(people), "width": len(criteria)}
        self.excerpts = _table(person, code, **size)
        self.by_stance = []
        for stance in Stance:
            of_stance = stances == stance
            self.by_stance.append(_table(person[of_stance], code[of_stance], **size))

    def by_group(self, belongs: csr_array) -> np.ndarray:
        """The figures of every group and code (groups x codes x figures), as the columns are; `belongs`: groups x people."""
        of_persons = (self.excerpts > 0, self.excerpts, *self.by_stance)
        return np.stack([belongs @ table.astype(int) for table in of_persons], axis=2)


def _table(rows: np.ndarray, columns: np.ndarray, *, height: int, width: int) -> np.ndarray:
    """How often each row goes with each column."""
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)
