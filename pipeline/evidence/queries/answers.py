"""The answer to a query: persons, excerpts and sources, by one or two families or attributes, people and machine apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product

import pandas as pd

from pipeline.evidence.groups import groups_of
from pipeline.evidence.matrix import shown
from pipeline.evidence.queries.terms import COLUMNS, STANCES, Searched, sides
from pipeline.query_language import Mask

COUNTS = ["persons", "excerpts", "sources"]
SIDES = ("rows", "columns")


def counts_of(
    masks: Mapping[str, Mask],
    searched: Searched,
    cells: Mapping[str, pd.DataFrame],
    *,
    by: Sequence[str],
    smallest_cell: int,
) -> pd.DataFrame:
    """A row for the excerpts of `masks`, and one for each value, or pair of values, of the families and attributes `by`.

    `cells` has excerpt_id, criterion and stance of what people confirmed (key "") and of what the machine codes ("machine_").
    Columns: `rows` and `columns` (blank: all together), then persons, excerpts, sources, and, if the rows are codes, the
    excerpts by stance, for either. Counts of persons above 0 and below `smallest_cell` are given as "<k". Values
    that nobody has are left out, but not codes: that nobody speaks of one is an answer. A person with several values of
    an attribute counts in each.
    """
    names = sides(by, searched)
    labels = [_labels(name, searched) for name in names]
    has_stances = bool(names) and names[0] in searched.codebook.families
    counted = [*COUNTS, *(STANCES if has_stances else ())]
    rows: dict[tuple[str, ...], dict[str, object]] = {(): {}, **{key: {} for key in product(*labels) if key}}
    for prefix, of_coders in cells.items():
        hits = searched.spoken[masks[prefix]]
        groups = _grouped(hits, names, of_coders, searched)
        nothing = hits.iloc[:0].assign(stance="")
        for key, figures in rows.items():
            figures.update(_figures(groups.get(key, nothing), prefix, counted, smallest_cell))
    return _table(rows, names, [f"{prefix}{name}" for prefix in cells for name in counted])


def _table(
    rows: Mapping[tuple[str, ...], Mapping[str, object]], names: Sequence[str], counted: Sequence[str]
) -> pd.DataFrame:
    shown_sides = SIDES[: len(names)]
    records = [{**dict(zip(SIDES, key, strict=False)), **figures} for key, figures in rows.items()]
    return pd.DataFrame(records, columns=[*shown_sides, *counted]).fillna(dict.fromkeys(shown_sides, ""))


def _labels(name: str, searched: Searched) -> list[str]:
    """The values of a side, in order."""
    if name in searched.codebook.families:
        return list(searched.codebook.families[name])
    is_person = name in searched.attribute_names() or name == "person"
    values = searched.values_of(name)
    present = values[searched.spoken["participant"] != ""] if is_person else values
    return sorted({group for value in set(present) for group in _groups(name, value)})


def _groups(name: str, value: str) -> tuple[str, ...]:
    """The groups that a value of a side stands for: several where a person has several values of an attribute."""
    return (value,) if name in COLUMNS else groups_of(value)


def _grouped(
    rows: pd.DataFrame, names: Sequence[str], cells: pd.DataFrame, searched: Searched
) -> dict[tuple[str, ...], pd.DataFrame]:
    """The excerpts of each value or pair of values, and of all together, each excerpt once in each."""
    parts = rows.assign(stance="")
    keys = []
    for place, name in enumerate(names):
        column = SIDES[place]
        if name in searched.codebook.families:
            of_family = cells[cells["criterion"].isin(searched.codebook.families[name])]
            of_family = of_family.rename(columns={"criterion": column, "stance": f"stance_{place}"})
            parts = parts.merge(of_family, on="excerpt_id")
            parts = parts.assign(stance=parts[f"stance_{place}"]) if place == 0 else parts
        else:
            values = pd.Series(searched.values_of(name).to_numpy(), index=searched.spoken["excerpt_id"])
            own_groups = values.reindex(parts["excerpt_id"]).map(partial(_groups, name)).to_numpy()
            parts = parts.assign(**{column: own_groups}).explode(column)
            is_person = name in searched.attribute_names() or name == "person"
            parts = parts[parts["participant"] != ""] if is_person else parts
        keys.append(column)
    groups: dict[tuple[str, ...], pd.DataFrame] = {(): rows.assign(stance="")}
    if keys:
        groups |= {tuple(map(str, key)): of_key for key, of_key in parts.groupby(keys, observed=True)}
    return groups


def _figures(rows: pd.DataFrame, prefix: str, counted: Sequence[str], smallest_cell: int) -> dict[str, object]:
    persons = len(set(rows["participant"]) - {""})
    counts: dict[str, object] = {
        "persons": shown(persons, smallest_cell),
        "excerpts": int(rows["excerpt_id"].nunique()),
        "sources": int(rows["source_id"].nunique()),
        **{stance: int((rows["stance"] == stance).sum()) for stance in STANCES},
    }
    return {f"{prefix}{name}": counts[name] for name in counted}
