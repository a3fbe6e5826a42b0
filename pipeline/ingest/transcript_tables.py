"""Transcripts as tables: one column for speakers, one for words."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from itertools import chain

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import clean, count_legal, write_out_references
from pipeline.ingest.spreadsheets import delimited, workbooks
from pipeline.ingest.spreadsheets.book import Book, Rows, Sheet
from pipeline.ingest.turn_columns import TurnColumns, turn_columns
from pipeline.provenance import count_chars
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Part
from pipeline.wording.messages import message


def read(data: bytes) -> Reading:
    """The rows of a transcript table; a row without a speaker continues the one above; other columns are listed."""
    return _read(delimited.read(data, ends_early=True))


def read_workbook(data: bytes) -> Reading:
    """The turns of the first sheet with such columns; the other sheets are listed."""
    return _read(workbooks.read(data))


def _read(book: Book) -> Reading:
    sheet = next((sheet for sheet in book.sheets if turn_columns(sheet.rows)), None)
    if sheet is None:
        remedy = message("ingest/name_the_columns_speaker_and_text")
        raise UnreadableError(Problem("row 1", message("ingest/no_columns_for_speaker_and_words"), remedy))
    other_sheets = [
        Exclusion(-1, -1, f"sheet {other.name}", "another sheet", count_chars(" ".join(chain(*other.rows))))
        for other in book.sheets
        if other is not sheet
    ]
    text, spans, outside = _spoken(sheet)
    outside += [exclusion for exclusion in (*other_sheets, *book.left_out) if exclusion.chars]
    chars = count_chars(text) + sum(exclusion.chars for exclusion in outside)
    return Reading("table 2", text, spans, chars, tuple(outside), book.notes, book.status)


def _spoken(sheet: Sheet) -> tuple[str, tuple[Span, ...], list[Exclusion]]:
    """One text of all rows' words, a span for each cell of words with its speaker, and what was left out."""
    columns = turn_columns(sheet.rows) or TurnColumns(0, 0, 0)
    rows = sheet.rows[columns.top + 1 :]
    left_out = _beside_the_words(sheet.rows[: columns.top + 1], rows, columns)
    pieces: list[str] = []
    spans: list[Span] = []
    outside: list[Exclusion] = []
    at = 0
    for number, words, speaker in _cells_of_words(rows, columns, left_out):
        place = f"row {columns.top + 2 + number}"
        if words and (speaker or columns.who < 0):
            spans.append(Span(at, at + len(words), place, Part.BODY, speaker))
            pieces.append(words)
            at += len(words) + 1
        elif words:
            outside.append(Exclusion(-1, -1, place, "no speaker", count_chars(words)))
    outside += [Exclusion(-1, -1, "whole file", why, chars) for why, chars in left_out.items() if chars]
    return "\n".join(pieces), tuple(spans), outside


def _cells_of_words(rows: Rows, columns: TurnColumns, left_out: Counter[str]) -> Iterator[tuple[int, str, str]]:
    """(number of the row, words, speaker) of every cell in which somebody speaks, in order."""
    sides = columns.sides or {columns.what: ""}
    words = {column: _words_of_rows(_column(rows, column), left_out) for column in sides}
    for number, speaker in enumerate(_speakers(rows, columns.who)):
        for column, side in sides.items():
            yield number, words[column][number], side or speaker


def _speakers(rows: Rows, who: int) -> list[str]:
    """The speaker of each row: the name in it, or the last one above."""
    labels = _column(rows, who)
    names = {label: _legal(_one_line(label).rstrip(":").rstrip()) for label in sorted(set(labels))}
    speakers: list[str] = []
    for label in labels:
        speakers.append(names[label] or (speakers[-1] if speakers else ""))
    return speakers


def _words_of_rows(cells: Sequence[str], left_out: Counter[str]) -> list[str]:
    """The words of each row in one line; what is not legal in them is counted among what is left out."""
    if _is_plain(cells):
        return list(map(_one_line, cells))
    return [_words(cell, left_out) for cell in cells]


def _beside_the_words(heads: Rows, rows: Rows, columns: TurnColumns) -> Counter[str]:
    """How many characters are in the headings and the rows above, in the speakers' column, and in the other columns."""
    spoken = {columns.who, columns.what, *columns.sides}
    other_cells = ("".join(_all_but(row, spoken)) for row in rows)
    return Counter(
        {
            "column headings": sum(map(count_chars, chain.from_iterable(heads))),
            "speaker label": count_chars("\n".join(_column(rows, columns.who))),
            "other columns": count_chars("\n".join(other_cells)),
        }
    )


def _all_but(row: Sequence[str], columns: Set[int]) -> list[str]:
    return [cell for number, cell in enumerate(row) if number not in columns]


def _column(rows: Rows, column: int) -> list[str]:
    return [_cell(row, column) for row in rows]


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if 0 <= column < len(row) else ""


def _is_plain(cells: Sequence[str]) -> bool:
    """Whether all cells can be kept as they are: no references such as &#39; and no invisible characters."""
    text = "\n".join(cells)
    return "&" not in text and count_legal(text) is not None


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _words(cell: str, left_out: Counter[str]) -> str:
    words, fewer = write_out_references(cell) if "&" in cell else (cell, 0)
    legal, removed = clean(words)
    left_out["markup"] += fewer
    for exclusion in removed:
        left_out[exclusion.reason] += exclusion.chars
    return _one_line(legal)


def _legal(label: str) -> str:
    return clean(label)[0]
