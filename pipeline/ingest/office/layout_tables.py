"""Tables inside a document: kept cell by cell, or read as turns if one column names the speaker."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pipeline.ingest.reading_builder import Piece
from pipeline.ingest.transcript import times
from pipeline.ingest.transcript.speaker_labels import fold, looks_like_name
from pipeline.ingest.turn_columns import SPEAKER_COLUMNS, WORD_COLUMNS, questions_and_answers
from pipeline.vocabulary import Part

Cell = list[Piece]
Row = list[Cell]


class CellUse(NamedTuple):
    """What a cell of a table of turns is, and who speaks in it."""

    part: Part
    speaker: str = ""


LEAST_ROWS = 3
MOST_LETTERS = 40  # of a speaker's name
MARKS = "*_: []"  # around a speaker's name
TIME = re.compile(times.TIME)
CHOICES = frozenset(
    """si no sim nao yes oui non alta alto media medio baja bajo baixa baixo high medium low must should could would done
    pending pendiente pendente feito hecho ok true false functional funcional""".split()
)  # folded: in a column of these nobody speaks


def as_turns(rows: Sequence[Row]) -> list[Piece]:
    """The pieces of a table in order; where a column holds speakers, each cell of words carries its speaker.

    So in a table with a column of questions and one of answers, in which the headings name the two.
    """
    texts = [list(map(_words_of, row)) for row in rows]
    if sides := questions_and_answers(texts[0] if texts else ()):
        return _pieces_of(rows, lambda number, column: _of_side(number, column, sides))
    who = _speaker_column(texts)
    if who < 0:
        return [piece for row in rows for cell in row for piece in cell]
    what = max((column for column in range(_width(texts)) if column != who), key=lambda column: _size(texts, column))
    heads, speakers = _heads(texts), _speakers(texts, who)
    is_time = [[TIME.fullmatch(words) is not None for words in row] for row in texts]

    def kind_of(number: int, column: int) -> CellUse:
        if number < heads or fold(speakers[number]) in SPEAKER_COLUMNS:
            return CellUse(Part.MARKUP)
        if column in (who, what):
            return CellUse(Part.LABEL) if column == who else CellUse(Part.BODY, speakers[number])
        return CellUse(Part.TIME if is_time[number][column] else Part.NOTE)

    return _pieces_of(rows, kind_of)


def _pieces_of(rows: Sequence[Row], kind_of: Callable[[int, int], CellUse]) -> list[Piece]:
    """The pieces of a table, each with the part and the speaker of its row and column."""
    pieces: list[Piece] = []
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            use = kind_of(number, column)
            pieces += [piece._replace(part=use.part, speaker=use.speaker) for piece in cell]
    return pieces


def _of_side(number: int, column: int, sides: Mapping[int, str]) -> CellUse:
    """A cell of a table of questions and answers: a heading, what one of the two sides says, or a note."""
    if number == 0:
        return CellUse(Part.MARKUP)
    return CellUse(Part.BODY, sides[column]) if column in sides else CellUse(Part.NOTE)


def _speakers(texts: Sequence[Sequence[str]], who: int) -> list[str]:
    """The speaker of each row: the name in it, or the last one above."""
    speakers: list[str] = []
    for row in texts:
        name = row[who].strip(MARKS) if who < len(row) else ""
        speakers.append(name or (speakers[-1] if speakers else ""))
    return speakers


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
        names = [row[column].strip(MARKS) for row in texts[_heads(texts) :] if column < len(row) and row[column]]
        if len(names) < LEAST_ROWS or len(set(names)) > len(names) / 2:
            continue
        if not CHOICES.isdisjoint(map(fold, names)):
            continue
        if all(len(name) <= MOST_LETTERS and looks_like_name(name) for name in names):
            return column
    return -1


def _heads(texts: Sequence[Sequence[str]]) -> int:
    """1 where the first row names the columns: one of speakers and one of words, or one whose cells are names below it."""
    names = [fold(cell) for cell in texts[0]]
    if not SPEAKER_COLUMNS.isdisjoint(names) and not WORD_COLUMNS.isdisjoint(names):
        return 1
    first = names[0] if names else ""
    is_heading = first.split(" ")[0] in SPEAKER_COLUMNS
    return int(is_heading and first not in {fold(row[0]) for row in texts[1:] if row})
