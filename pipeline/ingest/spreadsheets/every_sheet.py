"""Every sheet of a workbook (.xlsx, .ods), hidden ones too, as text: for files that this program wrote and people filled in."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.guard import SAVE_ANEW, Archive, open_archive
from pipeline.ingest.spreadsheets.book import Rows, as_text
from pipeline.ingest.spreadsheets.comments import comments
from pipeline.ingest.spreadsheets.formatting import read_marks
from pipeline.wording.messages import message

ANNOTATION = b"<office:annotation "


@dataclass(frozen=True, slots=True)
class FilledBook:
    """The sheets by name, the places of comments, and per sheet the cells whose formula has no value."""

    sheets: Mapping[str, Rows]
    comments: tuple[str, ...] = ()
    without_value: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_every_sheet(data: bytes) -> FilledBook:
    """The content of a workbook, rows counted from the first of the sheet. UnreadableError if it is not a workbook, or broken."""
    archive = open_archive(data)
    marks = read_marks(archive) if "xl/workbook.xml" in archive.parts else {}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        sheets = {name: _rows(book, name) for name in names}
    except CalamineError:
        raise UnreadableError(
            Problem("", message("ingest/is_a_broken_workbook_truncated"), message(SAVE_ANEW))
        ) from None
    without_value = {name: mark.without_value for name, mark in marks.items() if mark.without_value}
    return FilledBook(sheets, tuple(_comments(archive)), without_value)


def _rows(book: CalamineWorkbook, name: str) -> Rows:
    values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [list(map(as_text, row)) for row in values]


def _comments(archive: Archive) -> list[str]:
    if "content.xml" in archive.parts:
        return ["a cell"] * archive.xml("content.xml").count(ANNOTATION)
    return sorted({exclusion.place.partition(" (")[0] for exclusion in comments(archive)})
