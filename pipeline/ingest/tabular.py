"""Transcripts kept as rows of a table: a column says who speaks, another what."""

import csv
import io

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import clean, read_text, write_out_references
from pipeline.ingest.formats import SPEAKER_COLUMNS, WORD_COLUMNS
from pipeline.ingest.participants import read_xlsx
from pipeline.provenance import count_chars
from pipeline.records import Exclusion, Reading, Span


def read(data: bytes) -> Reading:
    """The rows of a transcript table; a row without a speaker and all other columns are listed, not spoken."""
    return _read(_csv_rows(data))


def read_workbook(data: bytes) -> Reading:
    """The same from the first sheet of a workbook."""
    return _read(read_xlsx(data))


def _csv_rows(data: bytes) -> list[list[str]]:
    text = read_text(data, references=False).text
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    begins = 1
    try:
        for row in reader:
            rows.append(row)
            begins = reader.line_num + 1
    except csv.Error as error:
        where = f"row that begins in line {begins}"
        raise UnreadableError(
            Problem(where, f"is not valid CSV ({error})", "save the table anew as CSV, UTF-8")
        ) from None
    return [row for row in rows if row]


def _read(rows: list[list[str]]) -> Reading:
    heads = [head.strip().casefold() for head in rows[0]]
    who = next((i for i, head in enumerate(heads) if head in SPEAKER_COLUMNS), -1)
    what = next((i for i, head in enumerate(heads) if head in WORD_COLUMNS), -1)
    if who < 0 or what < 0:
        remedy = "name the columns speaker and text in the first row"
        raise UnreadableError(Problem("row 1", "no columns for speaker and words", remedy))
    left_out = {"column headings": sum(map(count_chars, rows[0])), "other columns": 0, "speaker label": 0, "markup": 0}
    pieces: list[str] = []
    spans: list[Span] = []
    outside: list[Exclusion] = []
    at = 0
    for number, row in enumerate(rows[1:], 2):
        cells = [*row, *[""] * (len(heads) - len(row))]
        words, speaker = _words(cells[what], left_out), " ".join(cells[who].split()).rstrip(":").rstrip()
        left_out["speaker label"] += count_chars(cells[who])
        left_out["other columns"] += sum(count_chars(cell) for i, cell in enumerate(cells) if i not in (who, what))
        if words and speaker:
            spans.append(Span(at, at + len(words), f"row {number}", speaker=speaker))
            pieces.append(words)
            at += len(words) + 1
        elif words:
            outside.append(Exclusion(-1, -1, f"row {number}", "no speaker", count_chars(words)))
    outside += [Exclusion(-1, -1, "whole file", why, chars) for why, chars in left_out.items() if chars]
    text = "\n".join(pieces)
    chars = count_chars(text) + sum(exclusion.chars for exclusion in outside)
    return Reading("table 1", text, tuple(spans), chars, tuple(outside))


def _words(cell: str, left_out: dict[str, int]) -> str:
    words, fewer = write_out_references(cell) if "&" in cell else (cell, 0)
    legal, removed = clean(words)
    left_out["markup"] += fewer + sum(exclusion.chars for exclusion in removed)
    return " ".join(legal.split())
