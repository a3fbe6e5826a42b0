"""A survey as its tool exported it: columns, rows, and rows of further sheets that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.ingest.spreadsheets.book import letters
from pipeline.records import Exclusion
from pipeline.vocabulary import ReadStatus
from pipeline.wording.messages import Message, message

LONGEST = 60  # characters of a heading in a remark
ANY_TABLE = "table"  # of no known tool


class Hint(StrEnum):
    """What a tool's headings, or the form behind them, say of a column."""

    NONE = ""
    ROW_ID = "row id"
    TOOL = "of the tool"  # times, versions, states
    PEOPLE = "names people"
    OPEN = "open answer"
    CLOSED = "closed answer"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its position, its name (unique in its sheet), what was asked, and what the tool says of it."""

    index: int
    name: str
    question: str
    hint: Hint = Hint.NONE
    labels: Mapping[str, str] = field(default_factory=dict)  # what its values mean, if a form defines them

    def label_of(self, value: str) -> str:
        """What a value means (of several, joined by spaces, each); the value itself if no form defines it."""
        if value in self.labels or not self.labels:
            return self.labels.get(value, value)
        parts = value.split(" ")
        return "; ".join(self.labels[part] for part in parts) if all(part in self.labels for part in parts) else value

    @property
    def letter(self) -> str:
        """Its name in a spreadsheet."""
        return letters(self.index)


def describe(column: Column) -> Message:
    """A column as remarks call it: by its letter and the beginning of its heading."""
    name = column.name if len(column.name) <= LONGEST else column.name[: LONGEST - 1] + "…"
    return message("ingest/column", letter=column.letter, name=name)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of answers with its number in the sheet (the first row is 1)."""

    number: int
    cells: Sequence[str]

    def cell(self, column: Column | None) -> str:
        """The cell of a column, stripped; blank if there is no such column."""
        return self.cells[column.index].strip() if column and column.index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Table:
    """The answers of one sheet. `cases`: it is a data file, in which rows are cases and columns variables.

    `file` is the name of the file that holds it, where that is another than the survey's own.
    """

    sheet: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    headings: tuple[str, ...]  # every cell that is a heading
    cases: bool = False
    file: str = ""

    @property
    def before(self) -> str:
        """What a place in it begins with: its file or its sheet, where it is not the only one."""
        if self.file:
            return f"{self.file}, "
        return f"sheet {self.sheet}, " if self.sheet else ""

    def place(self, row: Row, column: Column | None = None) -> str:
        """The place of a row or cell, as the program that shows the file names it."""
        if self.cases:
            return f"case {row.number - 1}" + (f", variable {column.name}" if column else "")
        return f"{self.before}row {row.number}" + (f", column {column.letter}" if column else "")

    def filled(self, column: Column) -> list[str]:
        """The cells of a column that hold something, white space around it left out."""
        return [cell for row in self.rows if (cell := row.cell(column))]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A group of questions asked several times: a sheet whose rows belong to rows of the main one, by these rows' numbers."""

    table: Table
    rows_of: Mapping[int, Sequence[Row]]
    orphans: Sequence[Row] = ()  # rows whose parent is not there
    is_joined: bool = False  # another file of the survey, by the rows' own ids

    def name_of(self, time: int, name: str) -> str:
        """The name of an answer in a repeated row; rows of a file with one row each are not numbered."""
        is_once = self.is_joined and all(len(rows) == 1 for rows in self.rows_of.values())
        return f"{self.table.sheet}: {name}" if is_once else f"{self.table.sheet} {time}: {name}"


@dataclass(frozen=True, slots=True)
class Export:
    """A survey as exported: its main table, the repeats, what was left out and what a person should know of the reading."""

    tool: str
    reader: str
    table: Table
    notes: tuple[str, ...] = ()
    status: ReadStatus = ReadStatus.READ
    repeats: tuple[Repeat, ...] = ()
    left_out: tuple[Exclusion, ...] = field(default=())

    @property
    def tool_in_words(self) -> str:
        """The name of the program that wrote it, or that it is a table of any program."""
        return message("ingest/any_table") if self.tool == ANY_TABLE else self.tool
