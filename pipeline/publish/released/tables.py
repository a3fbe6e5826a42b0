"""evidence.csv and matrix.csv of a released edition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.publish import csvs
from pipeline.publish.released import ReducedPublication
from pipeline.vocabulary import Shown

MATRIX = ["criterion", "row", "group", "persons"]


def write(publication: ReducedPublication, folder: Path) -> None:
    """Write evidence.csv (a row per quote) and matrix.csv (a row per criterion and group, and the total) into `folder`."""
    csvs.write_table(publication.quotes, folder / "evidence.csv")
    csvs.write_table(pd.DataFrame(matrix_rows(publication), columns=MATRIX).astype("str"), folder / "matrix.csv")


def matrix_rows(publication: ReducedPublication) -> list[list[str]]:
    """(criterion, group | others | total, group, persons) of every cell; what is not shown is "withheld"."""
    rows = []
    for code in publication.criteria:
        for group in publication.groups:
            count = publication.counts["matrix", code.id, group]
            rows.append([code.id, "group" if group else "others", group, shown(count)])
        rows.append([code.id, "total", "", shown(publication.counts["criterion", code.id])])
    return rows


def shown(count: int | None) -> str:
    """A count as programs read it."""
    return str(Shown.WITHHELD) if count is None else str(count)
