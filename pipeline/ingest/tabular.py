"""Transcripts kept as rows of a table: a column says who speaks, another what."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest import tables_in, workbooks_in
from pipeline.ingest.characters import clean, write_out_references
from pipeline.ingest.formats import SPEAKER_COLUMNS, WORD_COLUMNS
from pipeline.ingest.sheets_in import Book, Sheet, is_blank
from pipeline.provenance import count_chars
from pipeline.records import Exclusion, Reading, Span


def read(data: bytes) -> Reading:
    """The rows of a transcript table; one without a speaker goes on with the one above, other columns are listed."""
    return _read(tables_in.read(data))


def read_workbook(data: bytes) -> Reading:
    """The same from the first sheet of a workbook that has such columns; its other sheets are listed."""
    return _read(workbooks_in.read(data))


def _read(book: Book) -> Reading:
    sheet = next((sheet for sheet in book.sheets if _columns(sheet)), None)
    if sheet is None:
        remedy = "name the columns speaker and text in the first row"
        raise UnreadableError(Problem("row 1", "no columns for speaker and words", remedy))
    others = [
        Exclusion(-1, -1, f"sheet {other.name}", "another sheet", count_chars(" ".join(chain(*other.rows))))
        for other in book.sheets
        if other is not sheet
    ]
    text, spans, outside = _spoken(sheet)
    outside += [exclusion for exclusion in (*others, *book.left_out) if exclusion.chars]
    chars = count_chars(text) + sum(exclusion.chars for exclusion in outside)
    return Reading("table 2", text, spans, chars, tuple(outside), book.notes, book.status)


def _columns(sheet: Sheet) -> tuple[int, int, int] | None:
    """The row of the headings, the column that says who speaks, and that of the words; None where there are none."""
    top = next((number for number, row in enumerate(sheet.rows) if not is_blank(row)), None)
    heads = [head.strip("\ufeff \t").casefold() for head in sheet.rows[top]] if top is not None else []
    who = next((n for n, head in enumerate(heads) if head in SPEAKER_COLUMNS), -1)
    what = next((n for n, head in enumerate(heads) if head in WORD_COLUMNS), -1)
    return None if top is None or min(who, what) < 0 else (top, who, what)


def _spoken(sheet: Sheet) -> tuple[str, tuple[Span, ...], list[Exclusion]]:
    """The words of the rows in one text, a span for each with its speaker, and what was left out."""
    top, who, what = _columns(sheet) or (0, 0, 0)
    left_out: Counter[str] = Counter({"column headings": sum(map(count_chars, sheet.rows[top]))})
    pieces: list[str] = []
    spans: list[Span] = []
    outside: list[Exclusion] = []
    at, speaker = 0, ""
    for number, row in enumerate(sheet.rows[top + 1 :], top + 2):
        words, named = _cells(row, (who, what), left_out)
        speaker = named or speaker
        if words and speaker:
            spans.append(Span(at, at + len(words), f"row {number}", speaker=speaker))
            pieces.append(words)
            at += len(words) + 1
        elif words:
            outside.append(Exclusion(-1, -1, f"row {number}", "no speaker", count_chars(words)))
    outside += [Exclusion(-1, -1, "whole file", why, chars) for why, chars in left_out.items() if chars]
    return "\n".join(pieces), tuple(spans), outside


def _cells(row: Sequence[str], columns: tuple[int, int], left_out: Counter[str]) -> tuple[str, str]:
    """The words and the speaker of a row; all else of it is counted as left out."""
    who, what = (row[column] if column < len(row) else "" for column in columns)
    left_out["speaker label"] += count_chars(who)
    left_out["other columns"] += sum(count_chars(cell) for n, cell in enumerate(row) if n not in columns)
    return _words(what, left_out), _legal(" ".join(who.split()).rstrip(":").rstrip())


def _words(cell: str, left_out: Counter[str]) -> str:
    words, fewer = write_out_references(cell) if "&" in cell else (cell, 0)
    legal, removed = clean(words)
    left_out["markup"] += fewer
    for exclusion in removed:
        left_out[exclusion.reason] += exclusion.chars
    return " ".join(legal.split())


def _legal(label: str) -> str:
    return clean(label)[0]
