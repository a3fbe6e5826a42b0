"""A review workbook as a spreadsheet program saved it: its rows by machine key, wherever columns and sheets were moved."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.review.workbook import INFO

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet, by machine key, with its number in the workbook."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class SavedWorkbook:
    """A workbook as it came back: what it says of itself, its rows, and the excerpts that were handed out."""

    name: str
    info: Mapping[str, str]
    rows: tuple[Row, ...]
    handed_out: tuple[str, ...]


def open_workbook(data: bytes, name: str) -> SavedWorkbook:
    """The content of a workbook; UnreadableError where it is none, or none of ours. The sheet is known by its machine keys."""
    sheets = _cells(data, name)
    info = {row.get("key", ""): row.get("value", "") for row in _keyed(sheets.get(INFO, []))}
    review = next((rows for rows in sheets.values() if rows and {"excerpt_id", "text_sha256"} <= set(rows[0])), None)
    if review is None or "study" not in info:
        raise UnreadableError(
            Problem(name, "is not a review workbook of this program", "use a workbook made by: make review-export")
        )
    rows = tuple(
        Row(number, _joined(cells))
        for number, cells in enumerate(_keyed(review), 2)
        if number > 2 and any(cells.values())
    )
    chunks = (json.loads(info[key]) for key in sorted(info) if re.fullmatch(r"id\d+", key))
    return SavedWorkbook(name, info, rows, tuple(identity for chunk in chunks for identity in chunk))


def _cells(data: bytes, name: str) -> dict[str, list[list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return {
            sheet.title: [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
        }
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        what = "cannot be opened as an .xlsx workbook"
        raise UnreadableError(Problem(name, what, "close it in Excel, save it as .xlsx and try again")) from error


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _keyed(rows: list[list[str]]) -> Iterator[Cells]:
    """Every row below the first as a dict by the keys in the first."""
    keys = rows[0] if rows else []
    for row in rows[1:]:
        yield {key: cell for key, cell in zip(keys, row, strict=False) if key}


def _joined(cells: Cells) -> Cells:
    """The row with texts that were carried on in `key#2`, `key#3`, ... in one piece again."""
    joined = {key: cell for key, cell in cells.items() if "#" not in key}
    for key in sorted(key for key in cells if "#" in key):
        joined[key.partition("#")[0]] += cells[key]
    return joined
