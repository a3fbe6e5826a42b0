"""What persons of each group speak of, and how: codes and stances by sex, group, country and other attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.evidence.coded_by import by_people
from pipeline.evidence.groups import groups_of, members, memberships
from pipeline.evidence.matrix import shown
from pipeline.vocabulary import PERSON_ATTRIBUTES, Stance

FIGURES = ["speaking", "excerpts", *map(str, Stance)]
COLUMNS = ["attribute", "value", "criterion", "persons", *FIGURES, *(f"machine_{name}" for name in FIGURES)]
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
    people = sorted(set(voices["participant"]))
    counted = {prefix: cells.merge(voices, on="excerpt_id") for prefix, cells in _coders(codings, machine).items()}
    rows = []
    for attribute in grouping_attributes({who: attributes.get(who, {}) for who in people}):
        value_of = {who: attributes.get(who, {}).get(attribute, "") for who in people}
        persons = members(value_of)
        of_cells = {prefix: _by_cell(cells, value_of) for prefix, cells in counted.items()}
        for value in persons:
            for code in criteria:
                figures = (of_cell.get((value, code), NOTHING) for of_cell in of_cells.values())
                cells = [cell for figure in figures for cell in (shown(figure[0], smallest_cell), *figure[1:])]
                rows.append((attribute, value, code, shown(len(persons[value]), smallest_cell), *cells))
    return pd.DataFrame(rows, columns=COLUMNS)


NOTHING = (0,) * len(FIGURES)


def _coders(codings: pd.DataFrame, machine: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"": by_people(codings), "machine_": machine}


def _by_cell(cells: pd.DataFrame, value_of: Mapping[str, str]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The figures of each value and code that has any."""
    rows = cells.assign(value=cells["participant"].map(value_of).map(groups_of)).explode("value")
    grouped = rows.groupby(["value", "criterion"], observed=True)
    table = pd.DataFrame({"speaking": grouped["participant"].nunique(), "excerpts": grouped.size()})
    for stance in Stance:
        of_stance = rows[rows["stance"] == stance].groupby(["value", "criterion"], observed=True).size()
        table[str(stance)] = of_stance.reindex(table.index, fill_value=0)
    return {(str(value), str(code)): tuple(map(int, figures)) for (value, code), *figures in table.itertuples()}
