"""What a survey tool wrote: which rows are headings, what was asked, and which columns are the tool's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.sheets_in import Book, Sheet, is_blank, letters
from pipeline.records import ReadStatus


class Hint(StrEnum):
    """What a tool's headings say of a column."""

    NONE = ""
    ROW_ID = "row id"
    SYSTEM = "of the tool"  # times, versions, states
    IDENTITY = "names a person"
    OPEN = "open answer"
    CLOSED = "closed answer"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where it stands, its name (unique in the sheet), what was asked, and what the tool says of it."""

    index: int
    name: str
    question: str
    hint: Hint = Hint.NONE

    @property
    def letter(self) -> str:
        """Its name in a spreadsheet."""
        return letters(self.index)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of answers with its number in the sheet (the first row is 1)."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """The answers of one sheet, and the rows of other sheets that belong to them."""

    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    headings: tuple[str, ...]  # every cell that is a heading


@dataclass(frozen=True, slots=True)
class Export:
    """A survey as its tool exported it."""

    tool: str
    reader: str
    table: Table
    notes: tuple[str, ...] = ()
    status: ReadStatus = ReadStatus.READ
    repeats: tuple[Table, ...] = field(default=())


def recognise(book: Book) -> Export:
    """The export of a book's first sheet with content."""
    sheets = [sheet for sheet in book.sheets if any(not is_blank(row) for row in sheet.rows)]
    if not sheets:
        raise UnreadableError(Problem("", "has no row of answers", "export it again, with its answers"))
    return Export("table", book.reader, plain_table(sheets[0]), book.notes, book.status)


def plain_table(sheet: Sheet) -> Table:
    """A sheet whose first row holds the headings."""
    top = next(number for number, row in enumerate(sheet.rows) if not is_blank(row))
    heads = [" ".join(cell.split()) for cell in sheet.rows[top]]
    check_headings(heads, where=f"row {top + 1}")
    columns = tuple(Column(n, head or f"column {letters(n)}", head) for n, head in enumerate(heads))
    rows = tuple(_rows(sheet, top + 1))
    if not rows:
        raise UnreadableError(
            Problem(f"row {top + 1}", "has headings, and no answers below", "export it with its answers")
        )
    return Table(sheet.name, columns, rows, tuple(sheet.rows[top]))


def _rows(sheet: Sheet, first: int) -> Iterator[Row]:
    for number, cells in enumerate(sheet.rows[first:], first + 1):
        if not is_blank(cells):
            yield Row(number, cells)


def check_headings(heads: Sequence[str], *, where: str) -> None:
    """UnreadableError where two columns have one heading: nobody could tell their answers apart."""
    seen: dict[str, int] = {}
    problems = []
    for number, head in enumerate(heads):
        if head and head in seen:
            what = f"columns {letters(seen[head])} and {letters(number)} have the same heading"
            problems.append(
                Problem(where, what, f"give each its own, for example by adding 2 to that of column {letters(number)}")
            )
        seen.setdefault(head, number)
    if problems:
        raise UnreadableError(problems)
