"""The evaluation matrix: criterion × kind of source × group, empty cells included, because a gap is a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.vocabulary import Kind, Stance

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["criterion", "kind", "group", "persons", "sources", "excerpts", *map(str, Stance)]


def matrix(coded: pd.DataFrame, criteria: Sequence[str], groups: Sequence[str], *, smallest_cell: int) -> pd.DataFrame:
    """A row for every criterion, kind and group with counts of persons, sources, excerpts and stances.

    `coded` has a row per coded excerpt: criterion, kind, group, participant, source_id, stance. Counts of persons above 0
    and below `smallest_cell` are given as "<k". Documents speak for no group and stand under the group "".
    """
    import pandas as pd

    cells = [(c, str(kind), group) for c in criteria for kind in Kind for group in _groups_of(kind, groups)]
    places = coded.groupby(["criterion", "kind", "group"]).indices
    counted = coded[["participant", "source_id", "stance"]]
    rows = [(*cell, *_counts(counted.iloc[places.get(cell, [])], smallest_cell)) for cell in cells]
    return pd.DataFrame(rows, columns=COLUMNS)


def _groups_of(kind: Kind, groups: Sequence[str]) -> Sequence[str]:
    return ("",) if kind is Kind.DOCUMENT else groups


def _counts(cell: pd.DataFrame, smallest_cell: int) -> tuple[str | int, ...]:
    persons = len(set(cell["participant"]) - {""})
    stances = [int((cell["stance"] == word).sum()) for word in Stance]
    return (shown(persons, smallest_cell), cell["source_id"].nunique(), len(cell), *stances)


def shown(persons: int, smallest_cell: int) -> str:
    """A count of persons as it may be shown: small ones as "<k"."""
    return f"<{smallest_cell}" if 0 < persons < smallest_cell else str(persons)
