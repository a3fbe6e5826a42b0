"""Tables inside a document: kept cell by cell, or read as turns if one column names the speaker."""

import re
from collections.abc import Iterator, Sequence

from pipeline.ingest.reading_builder import Piece
from pipeline.ingest.transcript import speaker_labels, times
from pipeline.ingest.turn_columns import SPEAKER_COLUMNS, WORD_COLUMNS
from pipeline.vocabulary import Part

Cell = list[Piece]
Row = list[Cell]

LEAST_ROWS = 3
MOST_LETTERS = 40  # of a speaker's name
TIME = re.compile(times.TIME)


def as_turns(rows: Sequence[Row]) -> list[Piece]:
    """The pieces of a table in order; where a column holds speakers, each cell of words carries its speaker."""
    texts = [list(map(_words_of, row)) for row in rows]
    who = _speaker_column(texts)
    if who < 0:
        return [piece for row in rows for cell in row for piece in cell]
    what = max((column for column in range(_width(texts)) if column != who), key=lambda column: _size(texts, column))
    return [
        piece
        for row, words in zip(rows, texts, strict=True)
        for column, cell in enumerate(row)
        for piece in _labelled(cell, words, column=column, who=who, what=what)
    ]


def _words_of(cell: Cell) -> str:
    return " ".join(" ".join(piece.words for piece in cell).split())


def _width(texts: Sequence[Sequence[str]]) -> int:
    return max((len(row) for row in texts), default=0)


def _size(texts: Sequence[Sequence[str]], column: int) -> int:
    return sum(len(row[column]) for row in texts if column < len(row))


def _speaker_column(texts: Sequence[Sequence[str]]) -> int:
    """The column whose cells are repeated names, or -1."""
    if _width(texts) < 2:
        return -1
    for column in range(min(3, _width(texts))):
        names = [row[column].rstrip(": ") for row in texts[_heads(texts) :] if column < len(row) and row[column]]
        if len(names) < LEAST_ROWS or len(set(names)) > len(names) / 2:
            continue
        if all(len(name) <= MOST_LETTERS and speaker_labels.looks_like_name(name) for name in names):
            return column
    return -1


def _heads(texts: Sequence[Sequence[str]]) -> int:
    """1 where the first row names the columns."""
    names = {speaker_labels.fold(cell) for cell in texts[0]}
    return int(bool(names & SPEAKER_COLUMNS) and bool(names & WORD_COLUMNS))


def _labelled(cell: Cell, row: Sequence[str], *, column: int, who: int, what: int) -> Iterator[Piece]:
    """The pieces of a cell, each with its part; `who` and `what` are the columns of speakers and of words."""
    if {speaker_labels.fold(row[who] if who < len(row) else "")} & SPEAKER_COLUMNS:
        return (piece._replace(part=Part.MARKUP) for piece in cell)
    if column == who:
        return (piece._replace(part=Part.LABEL) for piece in cell)
    if column == what:
        speaker = row[who].rstrip(": ") if who < len(row) else ""
        return (piece._replace(part=Part.BODY, speaker=speaker) for piece in cell)
    part = Part.TIME if TIME.fullmatch(row[column]) else Part.NOTE
    return (piece._replace(part=part) for piece in cell)
