"""Workbooks (.xlsx, .ods) to sheets of text: values as a person sees them, and whatever is hidden, merged or broken by name."""

import io
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import count_visible
from pipeline.ingest.guard import SAVE_ANEW, XML_NAME, Archive, open_archive
from pipeline.ingest.spreadsheets.book import Book, Sheet, as_text
from pipeline.ingest.spreadsheets.comments import comments
from pipeline.ingest.spreadsheets.formatting import Marks, read_marks
from pipeline.records import Exclusion
from pipeline.vocabulary import ReadStatus
from pipeline.wording.messages import message

NAMED = 5  # cells or rows that a note names; the others are counted
FULL = 32_767  # characters that Excel keeps of a cell
EXACT = 1e15  # whole numbers from here on lose their last digits in Excel


def read(data: bytes) -> Book:
    """The sheets that are shown, with formulas as their values. Hidden sheets, errors and empty formulas are listed."""
    archive = open_archive(data)
    _check_parts(archive)
    marks = read_marks(archive) if "xl/workbook.xml" in archive.parts else {}
    sheets, left_out, notes = [], [], []
    for name, shown, values in _values(data):
        mark = marks.get(name, Marks(shown))
        rows = [list(map(as_text, row)) for row in values]
        if mark.shown and shown:
            sheets.append(Sheet(name, rows))
            notes += [*_notes(name, mark), *_cell_notes(name, rows, values)]
            left_out += list(_broken(name, mark))
        else:
            left_out += list(_hidden(name, rows))
    is_partial = any(mark.without_value for mark in marks.values() if mark.shown)
    status = ReadStatus.PARTIAL if is_partial else ReadStatus.READ
    left_out += comments(archive)
    return Book("workbook 1", tuple(sheets), (*archive.notes, *notes), status, left_out=tuple(left_out))


def _check_parts(archive: Archive) -> None:
    """UnreadableError if a part is not XML, or dangerous; an empty one, as OpenDocument has, is passed over."""
    for name, part in archive.parts.items():
        if XML_NAME.search(name) and part.file_size:
            archive.xml(name)


def _hidden(name: str, rows: Sequence[Sequence[str]]) -> Iterator[Exclusion]:
    if chars := sum(count_visible(cell) for row in rows for cell in row):
        yield Exclusion(-1, -1, f"sheet {name}", "hidden sheet", chars)


def _values(data: bytes) -> Iterator[tuple[str, bool, Sequence[Sequence[object]]]]:
    """(name, whether it is shown, rows of values) of every sheet."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                yield sheet.name, sheet.visible == SheetVisibleEnum.Visible, rows
    except CalamineError:
        raise UnreadableError(
            Problem("", message("ingest/is_a_broken_workbook_truncated"), message(SAVE_ANEW))
        ) from None


def _notes(name: str, marks: Marks) -> Iterator[str]:
    if marks.hidden_rows:
        yield message("ingest/sheet_rows_are_hidden_a_filter", name=name, value=few(marks.hidden_rows))
    if marks.hidden_columns:
        yield message("ingest/sheet_columns_are_hidden", name=name, value=few(marks.hidden_columns))
    if marks.merged:
        yield message("ingest/sheet_cells_are_merged_only", name=name, value=few(marks.merged))
    if marks.without_value:
        yield message("ingest/sheet_formulas_without_a_value", name=name, value=few(marks.without_value))


def _broken(name: str, marks: Marks) -> Iterator[Exclusion]:
    for cell, shown in marks.errors:
        yield Exclusion(
            -1, -1, f"sheet {name}, cell {cell}", f"an error of the workbook ({shown})", count_visible(shown)
        )
    for cell in marks.without_value:
        yield Exclusion(-1, -1, f"sheet {name}, cell {cell}", "a formula without a value", 0)


def _cell_notes(name: str, rows: Sequence[Sequence[str]], values: Sequence[Sequence[object]]) -> Iterator[str]:
    full = [number for number, row in enumerate(rows, 1) if max(map(len, row), default=0) >= FULL]
    if full:
        yield message("ingest/sheet_a_cell_of_row", name=name, value=few(full), full=FULL)
    long = [n for n, row in enumerate(values, 1) if _has_long_number(row)]
    if long:
        yield message("ingest/sheet_row_has_a_number", name=name, value=few(long))


def _has_long_number(row: Sequence[object]) -> bool:
    return any(isinstance(value, float) and abs(value) >= EXACT for value in row)


def few(things: Sequence[object]) -> str:
    """The first of many things, and how many more there are."""
    more = f" and {len(things) - NAMED} more" if len(things) > NAMED else ""
    return ", ".join(map(str, things[:NAMED])) + more
