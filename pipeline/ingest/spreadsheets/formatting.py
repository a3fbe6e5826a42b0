"""What a workbook holds that its values do not show: hidden sheets and rows, merged cells, errors, formulas without a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import SAVE_ANEW, Archive
from pipeline.ingest.spreadsheets.book import letters
from pipeline.wording.messages import message

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
BEYOND = "ingest/is_beyond_the_last_row"
LARGE = 5_000_000  # cells of an area that may be read if it is well filled
FILLED = 0.05
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
NUMBER = re.compile(rb"\br\s*=\s*[\"'](\d+)[\"']")
CELL_AT = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,10})[\"']")
# Cells and rows whose names no program writes so; what opens the sheet would take the letters for a number without end.
ODD_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\sr\s*=\s*(?![\"'][A-Z]{1,3}\d{1,10}[\"'])[\"']?([^\"'>]{0,20})")
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
FROM, TO = re.compile(rb'\bmin="(\d+)"'), re.compile(rb'\bmax="(\d+)"')
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([^"]+)"')
HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>]*>([^<]*)<")
ERROR = re.compile(rb'\bt="e"')
REF = re.compile(rb'\br="([A-Z]{1,3}\d+)"')


@dataclass(frozen=True, slots=True)
class Marks:
    """What a sheet holds besides values: hidden rows, comments, formulas. Cells are named as in a spreadsheet."""

    shown: bool
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    without_value: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()  # cell and what it shows, such as #REF!


def read_marks(archive: Archive) -> dict[str, Marks]:
    """The marks of every sheet by its name. UnreadableError if a sheet is larger than allowed, or nearly empty."""
    try:
        sheets = list(_sheets(archive))
    except (ParseError, KeyError, ValueError):
        raise UnreadableError(
            Problem("part xl/workbook.xml", message("common/cannot_be_read"), message(SAVE_ANEW))
        ) from None
    return {name: _marks(archive.xml(part), name, shown=shown) for name, part, shown in sheets if part in archive.parts}


def _sheets(archive: Archive) -> Iterator[tuple[str, str, bool]]:
    """(name, part, whether it is shown) of every sheet."""
    rels = ElementTree.fromstring(archive.xml("xl/_rels/workbook.xml.rels"))
    targets = {rel.get("Id"): str(rel.get("Target")) for rel in rels}
    book = ElementTree.fromstring(archive.xml("xl/workbook.xml"))
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") or sheet.tag == "sheet":
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
            target = targets.get(link, "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            yield sheet.get("name", ""), part, sheet.get("state", "visible") == "visible"


def _marks(xml: bytes, name: str, *, shown: bool) -> Marks:
    check_size(xml, name)
    rows, columns = _hidden(xml) if HIDDEN.search(xml) else ((), ())
    merged = tuple(ref.decode() for ref in MERGED.findall(xml))
    marks = Marks(shown, rows, columns, merged)
    return replace(marks, **_broken_cells(xml)) if FORMULA.search(xml) or ERROR.search(xml) else marks


def _broken_cells(xml: bytes) -> dict[str, Any]:
    """The cells with an error or with a formula that has no value, by the field of Marks that keeps them."""
    without, errors = [], []
    for attributes, content in CELL.findall(xml):
        cell, value = _first(REF, attributes) or "?", _first(VALUE, content)
        if ERROR.search(attributes):
            errors.append((cell, value or "an error"))
        elif not value and FORMULA.search(content):
            without.append(cell)
    return {"without_value": tuple(without), "errors": tuple(errors)}


def _first(form: re.Pattern[bytes], content: bytes) -> str:
    match = form.search(content)
    return match.group(1).decode("utf-8", "replace") if match else ""


def _hidden(xml: bytes) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The rows and the columns that are hidden."""
    rows = [number for row in ROW.findall(xml) if HIDDEN.search(row) and (number := NUMBER.search(row))]
    columns = [(FROM.search(column), TO.search(column)) for column in COLUMN.findall(xml) if HIDDEN.search(column)]
    spans = [(int(first.group(1)), int(last.group(1))) for first, last in columns if first and last]
    named = [letters(first - 1) + (f" to {letters(last - 1)}" if last > first else "") for first, last in spans]
    return tuple(int(row.group(1)) for row in rows), tuple(named)


def check_size(xml: bytes, name: str) -> None:
    """Raise UnreadableError if a cell is outside the limits of a sheet, or too far from the others to hold the area in memory."""
    if ODD_CELL.search(xml):
        where = f"sheet {name}, a cell with an invalid address"
        raise UnreadableError(Problem(where, message(BEYOND), message(SAVE_ANEW)))
    rows = {int(n.group(1)) for row in ROW.finditer(xml) if (n := NUMBER.search(row.group(1)))}
    places = CELL_AT.findall(xml)
    rows |= {int(row) for _, row in places}
    last_row = max(rows, default=1)
    column = max({column for column, _ in places}, key=lambda name: (len(name), name), default=b"A")
    last_column = _number(column)
    far = f"sheet {name}, {'row ' + str(last_row) if last_row > MOST_ROWS else 'cell ' + letters(last_column) + str(last_row)}"
    if last_row > MOST_ROWS or last_column >= MOST_COLUMNS:
        raise UnreadableError(Problem(far, message(BEYOND), message(SAVE_ANEW)))
    area = last_row * (last_column + 1)
    if area > LARGE and len(places) < FILLED * area:
        what = message("ingest/the_sheet_extends_to_here_but", filled=len(places), area=area)
        raise UnreadableError(Problem(far, what, message("ingest/delete_the_empty_rows_and_columns")))


def _number(column: bytes) -> int:
    """A column's number from 0."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
