"""Workbooks as data: sheets of typed columns; the same data give the same bytes.

Every sheet has its machine keys in a hidden first row, headings in the second, and one fact a row from the third on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.spans import Stretch, of_cell, parts_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CELL = 32_000  # characters; Excel keeps 32,767 and cuts the rest silently
KEYS, HEADINGS, FIRST = 0, 1, 2  # rows of a sheet
LINE = 15  # points
PROSE, TITLE = 80, 56  # characters across, and of a heading; on A4 they stay inside the margins whatever the font
NARROW = 40  # characters below which words at the end of a line leave much room
CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 (what the format wants; of all workbooks, so that none carries the day of a run)
INK, HEAD, OPEN, SHADE = "#1F2933", "#E4E9EE", "#FFF8DC", "#F2F2F2"
AROUND = "#6B7280"  # what is around marked words: as light as can be read on white
RISKY = tuple("=+-@\t\r＝＋－＠")  # a spreadsheet may take a cell of a CSV file that begins so for a formula
LISTS = "Lists"  # the sheet of the words to choose from


def guarded_cell(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


class Rows(Protocol):
    """Rows with a length that can be iterated without being held in memory."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its machine key, its heading, its width in characters, and how cells behave.

    `choices` names one of the workbook's lists for a dropdown; `open` cells may be edited in a protected sheet; `shade`
    tints cells that hold 0 or nothing; `percent` shows a share as a percentage; `count` keeps cells at the right like the
    numbers beside them, also where a small count is given as <5; `hidden` columns are for the program alone. `marked_by` names
    the column that says which words of the cell are marked (`0-12;20-31`): the others are grey.
    """

    key: str
    heading: str
    width: int = 14
    wrap: bool = False
    open: bool = False
    choices: str = ""
    shade: bool = False
    percent: bool = False
    count: bool = False
    hidden: bool = False
    marked_by: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its columns, its rows (a tuple of cells each, gone through twice), how many columns stay in view.

    Of a wide sheet only the first `printed` columns are printed, so that they can be read on paper; 0: all.
    """

    name: str
    fields: tuple[Field, ...]
    rows: Rows
    frozen: int = 1
    printed: int = 0
    protected: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """A sheet of plain reading: headings and paragraphs."""

    name: str
    lines: Sequence[tuple[str, str]]  # (heading or "", text)


def write_book(
    path: Path,
    pages: Iterable[Sheet | Prose],
    *,
    title: str,
    lists: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write a workbook; equal pages give equal bytes. Cells are written as text or numbers, never as formulas or links."""
    with _book(path, title) as book:
        _write_pages(book, pages, lists or {})
        if lists:
            _write_lists(book, lists)


def write_large_book(path: Path, pages: Iterable[Sheet | Prose], *, title: str) -> None:
    """Write a workbook of many rows one by one, with the texts in the cells, so that memory stays constant.

    It takes more room on the disk, and some programs show the escapes of characters that XML cannot hold.
    """
    with _book(path, title, constant_memory=True) as book:
        _write_pages(book, pages, {})


@contextmanager
def _book(path: Path, title: str, **options: bool) -> Iterator[Workbook]:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    as_typed = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    # Temporary files hold participants' words: they are made beside the workbook, where an interrupted run is cleared away.
    data = BytesIO()  # an archive that cannot be completed on a full disk would complain again as it is dropped
    try:
        with Workbook(data, {"tmpdir": str(path.parent), **as_typed, **options}) as book:
            book.set_properties({"title": title, "author": "", "created": CREATED})
            _formats(book)
            yield book
    except FileCreateError as error:  # around an error of the system, such as a full disk
        raise OSError(*getattr(error.args[0], "args", error.args)) from error
    path.write_bytes(data.getbuffer())


def _write_pages(book: Workbook, pages: Iterable[Sheet | Prose], lists: Mapping[str, Sequence[str]]) -> None:
    taken = {LISTS.casefold()}
    for page in pages:
        sheet = book.add_worksheet(_free_name(page.name, taken))
        if isinstance(page, Prose):
            _write_prose(book, sheet, page)
        else:
            _write_sheet(book, sheet, _with_continuations(page), lists)


def _free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where another sheet has it: a workbook holds no two of one name, whatever their case."""
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name[:26]} ({number})", number + 1
    taken.add(free.casefold())
    return free


def _formats(book: Workbook) -> None:
    base = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
    right = {"align": "right", "indent": 1}  # keeps numbers apart from the text of the next column
    book.hallazgo = {
        "text": book.add_format({**base, "num_format": "@"}),
        "wrap": book.add_format({**base, "num_format": "@", "text_wrap": True}),
        "open": book.add_format({**base, "num_format": "@", "text_wrap": True, "locked": False, "bg_color": OPEN, "border": 1,
                                 "border_color": "#D9D2B0"}),
        "marked": book.add_format({"font_name": "Calibri", "font_size": 11, "font_color": INK}),
        "around": book.add_format({"font_name": "Calibri", "font_size": 11, "font_color": AROUND}),
        "number": book.add_format({**base, **right}),
        "count": book.add_format({**base, **right, "num_format": "@"}),
        "percent": book.add_format({**base, **right, "num_format": "0%"}),
        "shade": book.add_format({**base, **right, "bg_color": SHADE, "font_color": "#66707A"}),
        "head": book.add_format({**base, "bold": True, "bg_color": HEAD, "text_wrap": True, "bottom": 1}),
        "head of numbers": book.add_format({**base, **right, "bold": True, "bg_color": HEAD, "text_wrap": True, "bottom": 1}),
        "title": book.add_format({**base, "bold": True, "font_size": 14, "text_wrap": True}),
    }  # fmt: skip


def _write_prose(book: Workbook, sheet: Worksheet, page: Prose) -> None:
    sheet.set_column(0, 0, PROSE)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.fit_to_pages(1, 0)
    row = 0
    for heading, text in page.lines:
        for words, style, width in ((heading, "title", TITLE), (text, "wrap", PROSE)):
            if words:
                sheet.set_row(
                    row, (LINE + 4) * lines_of(words, width) + 6 if style == "title" else LINE * lines_of(words, width)
                )
                sheet.write_string(row, 0, words, book.hallazgo[style])
                row += 1


def _write_sheet(book: Workbook, sheet: Worksheet, page: Sheet, lists: Mapping[str, Sequence[str]]) -> None:
    for number, column in enumerate(page.fields):
        sheet.set_column(number, number, column.width, None, {"hidden": column.hidden})
        sheet.write_string(KEYS, number, column.key)
    sheet.set_row(KEYS, None, None, {"hidden": True})
    sheet.set_row(HEADINGS, 3 * LINE)
    for number, column in enumerate(page.fields):
        sheet.write_string(HEADINGS, number, column.heading, book.hallazgo[_head(column)])
    keys = [column.key for column in page.fields]
    for row, cells in enumerate(page.rows, FIRST):
        sheet.set_row(row, row_height(page.fields, cells))
        for number, (column, cell) in enumerate(zip(page.fields, cells, strict=True)):
            marked = of_cell(cells[keys.index(column.marked_by)]) if column.marked_by else ()
            if marked and marked[-1].end <= len(cell):
                _write_marked(book, sheet, cell, marked, row=row, number=number)
            else:
                _write_cell(book, sheet, column, cell, row=row, number=number)
    last = max(HEADINGS, FIRST + len(page.rows) - 1)
    sheet.autofilter(HEADINGS, 0, last, len(page.fields) - 1)
    sheet.freeze_panes(FIRST, page.frozen)
    if page.hidden:
        sheet.hide()
    _set_page(sheet)
    if page.printed:
        sheet.print_area(HEADINGS, 0, last, page.printed - 1)
    _set_choices(sheet, page, last, lists)
    if page.protected:
        sheet.protect(
            "",
            {
                "autofilter": True,
                "sort": True,
                "format_columns": True,
                "format_rows": True,
                "select_locked_cells": True,
            },
        )


def _head(column: Field) -> str:
    return "head of numbers" if column.count or column.percent else "head"


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a cell of this width; letters are narrower than the digits that widths count."""
    room = max(1, width - 2) if width < NARROW else round(1.06 * width)
    return sum(max(1, math.ceil(len(line) / room)) for line in text.split("\n"))


def row_height(fields: Sequence[Field], cells: Sequence[Any]) -> float:
    """The height at which the longest wrapped text of a row is read whole, in points; not every program finds it by itself."""
    wrapped = (
        lines_of(cell, f.width)
        for f, cell in zip(fields, cells, strict=True)
        if (f.wrap or f.open) and isinstance(cell, str)
    )
    return float(min(409, LINE * max(wrapped, default=1)))


def _set_page(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADINGS)
    sheet.set_footer("&L&A&R&P / &N")


def _set_choices(sheet: Worksheet, page: Sheet, last: int, lists: Mapping[str, Sequence[str]]) -> None:
    for number, column in enumerate(page.fields):
        if column.choices and page.rows:
            at = list(lists).index(column.choices)
            letter = chr(ord("A") + at)
            source = f"={LISTS}!${letter}$1:${letter}${max(1, len(lists[column.choices]))}"
            sheet.data_validation(
                FIRST, number, last, number, {"validate": "list", "source": source, "ignore_blank": True}
            )


def _write_cell(book: Workbook, sheet: Worksheet, column: Field, cell: Any, *, row: int, number: int) -> None:
    formats = book.hallazgo
    if column.shade and cell in (0, "0", ""):
        sheet.write(row, number, cell, formats["shade"])
    elif isinstance(cell, bool):
        sheet.write_string(row, number, "yes" if cell else "no", formats["text"])
    elif isinstance(cell, int | float):
        sheet.write_number(row, number, cell, formats["percent" if column.percent else "number"])
    else:
        style = formats["open" if column.open else "wrap" if column.wrap else "count" if column.count else "text"]
        sheet.write_string(row, number, str(cell), style)


def _write_marked(
    book: Workbook, sheet: Worksheet, text: str, marked: Sequence[Stretch], *, row: int, number: int
) -> None:
    """Write a text in which what is around the marked words is grey."""
    formats = book.hallazgo
    pieces_ = [(formats["marked" if part.is_marked else "around"], part.words) for part in parts_of(text, marked)]
    if len(pieces_) < 2:  # all of it is marked
        sheet.write_string(row, number, text, formats["wrap"])
    else:
        sheet.write_rich_string(row, number, *chain.from_iterable(pieces_), formats["wrap"])


def _write_lists(book: Workbook, lists: Mapping[str, Sequence[str]]) -> None:
    sheet = book.add_worksheet(LISTS)
    for number, values in enumerate(lists.values()):
        for row, value in enumerate(values):
            sheet.write_string(row, number, value)
    sheet.protect()
    sheet.hide()


def _with_continuations(page: Sheet) -> Sheet:
    """The sheet with texts longer than a cell holds carried on in further columns `key#2`, `key#3`, ... at its end."""
    parts = [1] * len(page.fields)
    for row in page.rows:
        parts = [max(part, len(pieces(cell))) for part, cell in zip(parts, row, strict=True)]
    extra = [(i, part) for i, count in enumerate(parts) for part in range(1, count)]
    if not extra:
        return page
    fields = tuple(replace(page.fields[i], key=f"{page.fields[i].key}#{part + 1}", heading="…") for i, part in extra)
    return replace(page, fields=(*page.fields, *fields), rows=_Continued(page.rows, extra))


@dataclass(frozen=True, slots=True)
class _Continued:
    """Rows whose cells hold the first piece of a long value; the other pieces, (column, number), follow at the end."""

    rows: Rows
    extra: Sequence[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self.rows:
            continued = ((*pieces(row[i]), *[""] * part)[part] for i, part in self.extra)
            yield (*(pieces(cell)[0] for cell in row), *continued)


def pieces(cell: Any) -> list[Any]:
    """A cell's value as the pieces that fit into cells; joined they are the value."""
    if not isinstance(cell, str) or len(cell) <= CELL:
        return [cell]
    return [cell[i : i + CELL] for i in range(0, len(cell), CELL)]
