"""The sheets of the evidence book as rows, and how their cells are compared with texts, numbers and closed words."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import openpyxl

from pipeline.audit.recount.strengths import DIGITS
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

WORKBOOK = "outputs/evidence.xlsx"
LEAST_DIFFERENCE: float = 10**-DIGITS
NOT_IN_CELLS = dict.fromkeys(code for code in range(ord(" ")) if chr(code) not in "\n\t")
HEADINGS = 2  # rows above the first row of a sheet: keys, headings


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet by its keys; `first` is the number of its first row."""

    title: str
    keys: tuple[str, ...]
    rows: tuple[Row, ...]

    def where(self, index: int) -> str:
        """The place of a row."""
        return f"{WORKBOOK} sheet {self.title} row {index + HEADINGS + 1}"


@dataclass(slots=True)
class Translation:
    """The word of the book for each word of a table, by column; the first pair seen counts."""

    words: dict[tuple[str, str], str] = field(default_factory=dict)
    originals: dict[tuple[str, str], str] = field(default_factory=dict)

    def fits(self, column: str, original: str, word: str) -> bool:
        """Whether a pair agrees with the pairs before it."""
        is_word = self.words.setdefault((column, original), word) == word
        return is_word and self.originals.setdefault((column, word), original) == original


def sheets_of(stored: Stored, having: Set[str] = frozenset()) -> list[SheetRows]:
    """The sheets of the evidence book that begin with a row of keys and have these, in their order; of others no rows are read."""
    book = openpyxl.load_workbook(stored.root / WORKBOOK, read_only=True, data_only=True)
    try:
        sheets = []
        for sheet in book:
            cells = sheet.iter_rows(values_only=True)
            keys = tuple(str(key) for key in next(cells, ()) if key is not None)
            if having <= set(keys):
                below = islice(cells, HEADINGS - 1, None)
                rows = tuple(dict(zip(keys, map(_text, row), strict=False)) for row in below)
                sheets.append(SheetRows(sheet.title, keys, rows))
        return sheets
    finally:
        book.close()


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def cell_text(text: str) -> str:
    """The text as a cell can hold it: without control characters, and with one kind of line end."""
    return text.replace("\r\n", "\n").translate(NOT_IN_CELLS)


def is_number(cell: str, expected: object) -> bool:
    """Whether a cell holds the number."""
    return abs(float(cell or 0) - float(str(expected) or 0)) < LEAST_DIFFERENCE


def differs(sheet: SheetRows, index: int, name: str, beside: str) -> Problem:
    """A problem of a cell that differs from a file."""
    return Problem(sheet.where(index), message("audit/its_differs_from", name=name, beside=beside), message(RERUN))


def other_length(sheet: SheetRows, beside: str, length: int) -> Problem:
    """A sheet with more or fewer rows than a file."""
    return Problem(
        f"{WORKBOOK} sheet {sheet.title}",
        message("audit/has_rows_and", rows=len(sheet.rows), beside=beside, length=length),
        message(RERUN),
    )
