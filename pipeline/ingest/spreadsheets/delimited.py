"""Tables as text (.csv, .tsv, "Unicode text") to rows of cells. No row is swallowed, shifted or cut silently."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import decode
from pipeline.ingest.formats import beginning
from pipeline.ingest.spreadsheets.book import Book, Rows, Sheet, is_blank
from pipeline.vocabulary import ReadStatus
from pipeline.wording.messages import message

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LOOKED_AT = 40  # rows in which the delimiter is looked for
LINE_END = re.compile(r"\r\n|\r|\n")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
NAMED = 5  # places that a message names; the others are counted
LONGEST = 2**31 - 1
NARROW = 4  # columns below which prose may well have as many delimiters in a line as a row
ANEW = "ingest/export_the_table_again_as_csv"


def read(data: bytes, *, ends_early: bool = False) -> Book:
    """The rows of a delimited text. UnreadableError names the line of a quote left open, and each row of another width.

    `ends_early`: all rows may lack the same last cells, where the first columns are those that matter.
    """
    csv.field_size_limit(LONGEST)
    decoded = decode(data)
    text, declared = _declared_delimiter(decoded.text)
    delimiter = declared or find_delimiter(text)
    notes = [message("ingest/columns_separated_by", value=message(f"ingest/{DELIMITERS[delimiter]}")), *decoded.notes]
    if delimiter == "\t" and (unquoted := _unquoted(text)):
        rows = unquoted
        notes.append(message("ingest/it_quotes_nothing_quotation_marks"))
    else:
        rows = records(text, delimiter)
    rows = _filled(rows) if ends_early else rows
    check_widths(rows, delimiter, first=2 if declared else 1)
    if not text.endswith(("\n", "\r")):
        notes.append(message("ingest/does_not_end_with_a_line"))
    if lost := text.count("\ufffd"):
        notes.append(message("ingest/characters_were_lost_before_the_file", n=lost))
    status = ReadStatus.PARTIAL if decoded.status is ReadStatus.PARTIAL else ReadStatus.READ
    return Book("csv 1", (Sheet("", [[], *rows] if declared else rows),), tuple(notes), status)


def _filled(rows: list[list[str]]) -> list[list[str]]:
    """The rows, with empty cells at the end where all have the same number of cells and the headings more."""
    width = len(rows[0]) if rows else 0
    widths = {len(row) for row in rows[1:] if not is_blank(row)}
    if len(widths) != 1 or not 1 < max(widths) < width:
        return rows
    return [row + [""] * (width - len(row)) if not is_blank(row) else row for row in rows]


def _unquoted(text: str) -> list[list[str]]:
    """The rows of a text that quotes nothing, as Google's with tabs; none if a quotation mark closes what another opens.

    A cell may begin with a quotation mark. Where each line has as many tabs as the first, no cell has a tab or line end to quote.
    """
    cells = [line.split("\t") for line in LINE_END.split(text.rstrip("\r\n"))]
    if not any(cell.startswith('"') and not cell.endswith('"') for row in cells for cell in row):
        return []
    is_even = all(len(row) == len(cells[0]) for row in cells)
    return cells if is_even and len(cells[0]) > 1 else []


def headings(data: bytes) -> list[str]:
    """The cells of the first row of a text table, from its first bytes; none if these are not one."""
    text, declared = _declared_delimiter(beginning(data))
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=declared or find_delimiter(text)), [])
    except csv.Error:
        return []


def _declared_delimiter(text: str) -> tuple[str, str]:
    """The text without the line `sep=;` by which some programs declare the delimiter, and that delimiter."""
    first, _, following = text.partition("\n")
    line = first.rstrip("\r")
    if len(line) == len("sep=;") and line.lower().startswith("sep=") and line[-1] in DELIMITERS:
        return following, line[-1]
    return text, ""


def find_delimiter(text: str) -> str:
    """The delimiter under which most of the first rows are as wide as the first, and widest."""
    return max(DELIMITERS, key=lambda delimiter: _fit(text, delimiter))


def _fit(text: str, delimiter: str) -> tuple[bool, float, int]:
    widths = []
    try:
        for row in islice(csv.reader(_lines(text), delimiter=delimiter), LOOKED_AT):
            widths += [len(row)] if row else []
    except csv.Error:
        return False, 0.0, 0
    wide = widths[0] if widths else 0
    return wide > 1, round(widths.count(wide) / max(1, len(widths)), 1), wide


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, one after the other; of a long text only as many as are asked for."""
    return (match.group() for match in LINE.finditer(text))


def records(text: str, delimiter: str) -> list[list[str]]:
    """The records of a table; UnreadableError names the line where a quotation mark opens that is not closed."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnreadableError(_open_quote(text, delimiter, *_whole(text, delimiter))) from None


def _whole(text: str, delimiter: str) -> tuple[int, int]:
    """How many lines the whole records of a faulty table take, and the number of the record after them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = rows = 0
    try:
        for _ in reader:
            line, rows = reader.line_num, rows + 1
    except csv.Error:
        pass
    return line, rows + 1


def _open_quote(text: str, delimiter: str, after: int, row: int) -> Problem:
    lines = io.StringIO(text, newline="").readlines()
    opened, closed, at_end = _find_open_quote("".join(lines[after:]), delimiter)
    opened, closed = opened + after, closed + after
    if at_end and opened == len(lines):
        return Problem(
            f"line {opened}",
            message("ingest/the_file_ends_in_the_middle_of_row", row=row),
            message("ingest/get_the_complete_export"),
        )
    what = (
        message("ingest/a_quotation_mark_is_not_closed_by_the_end", row=row)
        if at_end
        else message("ingest/a_quotation_mark_is_not_closed_properly", row=row, line=closed)
    )
    remedy = message("ingest/close_the_quotation_mark_there_or", anew=message(ANEW))
    return Problem(f"line {opened}", what, remedy)


def _find_open_quote(text: str, delimiter: str) -> tuple[int, int, bool]:
    """(line where the cell opens, line where that shows, whether it shows at the end only) of the first faulty quote."""
    at = opened_at = -1
    while (at := text.find('"', at + 1)) >= 0:
        before, following = text[at - 1 : at], text[at + 1 : at + 2]
        if opened_at < 0:
            opened_at = at if before in ("", delimiter, "\n", "\r") else -1
        elif following == '"':
            at += 1
        elif following in ("", delimiter, "\n", "\r"):
            opened_at = -1
        else:
            return _line(text, opened_at), _line(text, at), False
    last = _line(text, len(text))
    return (last if opened_at < 0 else _line(text, opened_at)), last, True


def _line(text: str, at: int) -> int:
    """The number of the line at an offset of a text, from 1."""
    return 1 + len(LINE_END.findall(text, 0, at))


class _OddRow(NamedTuple):
    """A row with more or fewer cells than there are headings."""

    number: int
    cells: int


def check_widths(rows: Rows, delimiter: str, *, first: int) -> None:
    """UnreadableError unless every row has as many cells as the first, naming the rows that do not."""
    width = len(rows[0]) if rows else 0
    odd = [_OddRow(n, len(row)) for n, row in enumerate(rows, first) if len(row) != width and not is_blank(row)]
    swallowed = list(_swallowed(rows, width, delimiter, first))
    if swallowed:
        remedy = message("ingest/look_for_a_missing_or_extra", anew=message(ANEW))
        raise UnreadableError(
            [Problem(f"row {n}", message("ingest/one_cell_contains_several_rows"), remedy) for n in swallowed[:NAMED]]
        )
    if not odd:
        return
    last = len(rows) + first - 1
    if len(odd) == 1 and odd[0].number == last and odd[0].cells < width:
        what = message("ingest/the_file_ends_in_the_middle", cells=odd[0].cells, width=width)
        raise UnreadableError(Problem(f"row {last}", what, message("ingest/get_the_complete_export")))
    raise UnreadableError(_width_problems(odd, width, sum(not is_blank(row) for row in rows[1:])))


def _width_problems(odd: Sequence[_OddRow], width: int, rows: int) -> Iterator[Problem]:
    for number, cells in odd[:NAMED]:
        key = "ingest/more_cells_than_headings" if cells > width else "ingest/fewer_cells_than_headings"
        what = message(key, cells=cells, width=width)
        yield Problem(f"row {number}", what, message("ingest/put_text_with_delimiters_or_line"))
    if len(odd) > NAMED:
        what = message("ingest/of_rows_have_more_or_fewer", odd=len(odd), rows=rows)
        yield Problem(f"row {odd[NAMED].number} and after", what, message(ANEW))


def _swallowed(rows: Rows, width: int, delimiter: str, first: int) -> Iterator[int]:
    """Rows in which one cell holds whole lines that look like rows, and not like prose: an open quote met another one."""
    for number, row in enumerate(rows if width >= NARROW else (), first):
        if "\n" in "".join(row) and any(_holds_rows(cell, width, delimiter) for cell in row):
            yield number


def _holds_rows(cell: str, width: int, delimiter: str) -> bool:
    return sum(_is_row(line, width, delimiter) for line in cell.split("\n")[1:-1]) > 1


def _is_row(line: str, width: int, delimiter: str) -> bool:
    """Whether a line has as many delimiters as a row, none followed by a space as in prose."""
    return line.count(delimiter) == width - 1 and f"{delimiter} " not in line
