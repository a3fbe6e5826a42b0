"""The evaluation matrix: criterion × kind of source × group, empty cells included, because a gap is a result."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.vocabulary import Kind, Stance

COLUMNS = tables.MATRIX.names


def matrix(
    coded: pd.DataFrame,
    respondents: pd.DataFrame,
    criteria: Sequence[str],
    groups: Sequence[str],
    *,
    smallest_cell: int,
) -> pd.DataFrame:
    """A row for every criterion, kind and group with counts of persons, sources, excerpts and stances.

    `coded` has a row per coded excerpt: criterion, kind, group, participant, source_id, stance; `respondents` has kind and
    group of every respondent's excerpt, coded or not. The group "" holds persons without a group, where somebody of the kind
    has none, and all documents, which speak for no group: the rows of a criterion add up to its coded excerpts. Counts of
    persons above 0 and below `smallest_cell` are given as "<k".
    """
    present = set(tables.rows_of(respondents, ["kind", "group"]))
    cells = [(criterion, kind, group) for criterion in criteria for kind, group in rows_of(present, groups)]
    places = coded.groupby(["criterion", "kind", "group"]).indices
    counted = [coded[name].to_numpy(dtype=object) for name in ("participant", "source_id", "stance")]
    nowhere = np.array([], dtype=int)
    rows = []
    for cell in cells:
        persons, sources, stances = (column[places.get(cell, nowhere)] for column in counted)
        rows.append((*cell, *_counts(persons, sources, stances, smallest_cell=smallest_cell)))
    return pd.DataFrame(rows, columns=COLUMNS)


def rows_of(present: Collection[tuple[str, str]], groups: Sequence[str]) -> list[tuple[str, str]]:
    """The (kind, group) of every row of the matrix: all groups for interviews and surveys, "" where somebody has no group.

    A kind in which nobody speaks has no rows, unless nobody speaks at all.
    """
    rows: list[tuple[str, str]] = []
    spoken = {kind for kind, _ in present} or set(Kind)
    for kind in (kind for kind in map(str, Kind) if kind in spoken):
        if kind == Kind.DOCUMENT:
            rows.append((kind, ""))
            continue
        named = sorted({*groups, *(group for of_kind, group in present if of_kind == kind)} - {""})
        rows += [(kind, group) for group in (*named, *([""] if (kind, "") in present else []))]
    return rows


def _counts(
    persons: np.ndarray, sources: np.ndarray, stances: np.ndarray, *, smallest_cell: int
) -> tuple[str | int, ...]:
    """The counts of one cell: who speaks in each of its excerpts, in which source, with which stance."""
    of_stances = [int((stances == word).sum()) for word in Stance]
    return (shown(len({*persons} - {""}), smallest_cell), len({*sources}), len(persons), *of_stances)


def shown(persons: int, smallest_cell: int) -> str:
    """A count of persons as it may be shown: small ones as "<k"."""
    return f"<{smallest_cell}" if 0 < persons < smallest_cell else str(persons)
