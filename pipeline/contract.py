"""Contracts of tables, and the frames and files that follow them: built from records, typed, sorted, joined, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import IntegrityError, Problem, is_of_the_disk
from pipeline.wording.messages import listed, message, separated

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PANDAS_TYPES = {"text": "str", "whole": "int64", "number": "float64", "truth": "bool"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, its type (text, whole, number, truth) and the words it may use."""

    name: str
    says: str
    type: str = "text"
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A stored table: its file name, its columns in order, and the columns that identify and sort its rows."""

    name: str
    says: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    repeats: bool = False  # whether rows may have the same key

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


def words(closed: type[StrEnum], *, or_blank: bool = False) -> tuple[str, ...]:
    """The words of a closed vocabulary, as a column lists them."""
    return tuple(closed) + (("",) if or_blank else ())


def frame(records: Iterable[object], table: Table) -> pd.DataFrame:
    """A data frame of records: each column holds the field of its name, typed and sorted by the table's key."""
    import pandas as pd

    row_of = attrgetter(*table.names)
    rows = [row_of(record) for record in records]
    return typed(pd.DataFrame(rows, columns=table.names), table)


def rows_of(data: pd.DataFrame, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of some columns, as tuples. Ten times faster than going through the columns of text themselves."""
    return zip(*(data[name].tolist() for name in names), strict=True)


def is_among(texts: pd.Series[str], values: Iterable[str]) -> np.ndarray:
    """Which texts are among the values. `Series.isin` is ten times slower where these are many."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    return np.asarray(
        compute.is_in(pa.array(texts, pa.large_string()), pa.array(listed, pa.large_string())), dtype=bool
    )


def typed(data: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with the table's columns, types and order of rows."""
    types = {column.name: PANDAS_TYPES[column.type] for column in table.columns}
    return data[table.names].astype(types).sort_values(list(table.key), kind="stable", ignore_index=True)


def joined(frames: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Frames of one table, concatenated in its order. They are emptied column by column to save memory."""
    import pandas as pd

    if len(frames) == 1:
        return frames[0]
    key = list(table.key)
    order = (
        pd.concat([frame[key] for frame in frames], ignore_index=True).sort_values(key, kind="stable").index.to_numpy()
    )
    return pd.DataFrame({name: _column(frames, name, order) for name in table.names})


def _column(frames: list[pd.DataFrame], name: str, order: np.ndarray) -> pd.Series[Any]:
    import pandas as pd

    column = pd.concat([frame.pop(name) for frame in frames], ignore_index=True).take(order).reset_index(drop=True)
    hand_back()
    return column


def hand_back() -> None:
    """Return the memory of deleted columns to the system; the allocator would keep it for later columns."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def write_table(data: pd.DataFrame, path: Path, table: Table) -> None:
    """Write the frame as parquet after checking it against its contract. Equal frames give equal bytes."""
    checked = typed(data, table)
    check_table(checked, table, where=path.name)
    checked.to_parquet(path, engine="pyarrow", compression="zstd", index=False)


def read_table(path: Path, table: Table) -> pd.DataFrame:
    """The table at `path`, or IntegrityError that names every column and row at odds with the contract."""
    import pandas as pd

    try:
        data = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and is_of_the_disk(error):
            raise
        raise IntegrityError(
            Problem(path.name, message("common/cannot_be_read_as_a_table"), message(REBUILD))
        ) from error
    missing = [name for name in table.names if name not in data.columns]
    if missing:
        raise IntegrityError(
            Problem(path.name, message("common/columns_missing", missing=", ".join(missing)), message(REBUILD))
        )
    check_table(data, table, where=path.name)
    return typed(data, table)


REBUILD = "study/delete_coded_machine_and_run_make"


def check_table(data: pd.DataFrame, table: Table, *, where: str) -> None:
    """Raise IntegrityError listing cells outside the closed vocabulary and rows with a duplicate key."""
    problems = [problem for column in table.columns if column.words for problem in _strange_words(data, column, where)]
    doubled = data.index[data.duplicated(list(table.key))] if not table.repeats else ()
    problems += [
        Problem(
            f"{where} row {i + 1}",
            message("study/second_row_with_the_same", columns=listed(table.key)),
            message(REBUILD),
        )
        for i in list(doubled)[:20]
    ]
    if problems:
        raise IntegrityError(problems)


def _strange_words(data: pd.DataFrame, column: Column, where: str) -> list[Problem]:
    strange = data.index[~data[column.name].isin(column.words)]
    allowed = separated(", ", [word or message("study/blank") for word in column.words])
    return [
        Problem(
            f"{where} row {i + 1} column {column.name}",
            message("study/is_not_an_allowed_value"),
            message("study/use", words=allowed),
        )
        for i in list(strange)[:20]
    ]
