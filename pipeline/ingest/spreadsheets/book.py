"""Exports of survey tools as sheets of cells, every cell as text, unchanged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module

from pipeline.errors import Problem, UnreadableError
from pipeline.records import Exclusion
from pipeline.vocabulary import ReadStatus
from pipeline.wording.messages import message

Rows = Sequence[Sequence[str]]
# format -> module of this package and its function (bytes -> Book)
READERS = {
    "csv": ("delimited", "read"),
    "xlsx": ("workbooks", "read"),
    "ods": ("workbooks", "read"),
    "sav": ("spss", "read"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name (blank for a text file) and all rows from the first on, blank ones included.

    `file` is the name of the file that holds it, if that is not the survey's own.
    """

    name: str
    rows: Rows
    file: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A file as sheets, with what a person should know about how it was read, and what was left out of it."""

    reader: str
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...] = ()
    status: ReadStatus = ReadStatus.READ
    labels: tuple[str, ...] = ()  # of the columns, where the format keeps them apart from the names
    left_out: tuple[Exclusion, ...] = ()  # cells and sheets that are no answers


def read_book(data: bytes, name: str) -> Book:
    """The sheets of a file of format `name`. UnreadableError if there are none."""
    if name not in READERS:
        raise UnreadableError(
            Problem("", message("ingest/a_file_is_not_a_survey", name=name), message("ingest/export_it_as_csv_xlsx"))
        )
    module, function = READERS[name]
    book: Book = getattr(import_module(f"pipeline.ingest.spreadsheets.{module}"), function)(data)
    return book


def letters(number: int) -> str:
    """The name that spreadsheets give the column of a number from 0: A, B, ... Z, AA."""
    name = ""
    number += 1
    while number:
        number, remainder = divmod(number - 1, 26)
        name = chr(ord("A") + remainder) + name
    return name


def is_blank(row: Sequence[str]) -> bool:
    """Whether no cell of a row has a visible character."""
    return not any(cell and not cell.isspace() for cell in row)


def as_text(value: object) -> str:
    """A value of a workbook or data file as a person would read it: 2, not 2.0; dates as 2023-05-01."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(value, ".15g")
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != datetime.min.time() else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
