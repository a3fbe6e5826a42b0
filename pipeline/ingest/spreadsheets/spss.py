"""SPSS data files (.sav, .zsav) as a sheet: coded values as their labels, numbers and dates as text."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.spreadsheets.book import Book, Sheet, as_text
from pipeline.wording.messages import message


def read(data: bytes) -> Book:
    """A first row of variables' names, then a row a case; missing values are blank, missing values with a label are kept."""
    import pyreadstat

    try:
        values, meta = pyreadstat.read_sav(io.BytesIO(data), user_missing=True, output_format="dict")
    except (pyreadstat.ReadstatError, ValueError, OverflowError, UnicodeError):
        what = message("ingest/is_a_broken_spss_file_truncated")
        raise UnreadableError(Problem("", what, message("ingest/save_it_again_in_spss"))) from None
    names: list[str] = list(meta.column_names)
    columns = [_texts(values[name], meta.variable_value_labels.get(name, {})) for name in names]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if meta.number_rows is not None and 0 <= meta.number_rows != len(rows):
        what = message("ingest/is_cut_off_it_holds", rows=len(rows), announced=meta.number_rows)
        raise UnreadableError(Problem(f"case {len(rows)}", what, message("ingest/get_the_complete_file")))
    labels = tuple(label or "" for label in meta.column_labels)
    return Book("sav 1", (Sheet("", [names, *rows]),), labels=labels)


def _texts(values: Sequence[Any], labels: Mapping[Any, str]) -> list[str]:
    """The cells of a variable, each distinct value written once."""
    texts: dict[Any, str] = {}
    write: Callable[[Any], str] = lambda value: labels.get(value) or as_text(value)  # noqa: E731
    return [texts[value] if value in texts else texts.setdefault(value, write(value)) for value in _plain(values)]


def _plain(values: Sequence[Any]) -> list[Any]:
    return list(values.tolist()) if hasattr(values, "tolist") else list(values)
