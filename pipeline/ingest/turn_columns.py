"""Which columns of a table hold a transcript: who speaks, and what; by their headings, else by what stands in them."""

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.ingest.transcript.roles import answers
from pipeline.ingest.transcript.speaker_labels import fold, looks_like_name
from pipeline.ingest.transcript.times import TIME

SPEAKER_COLUMNS = frozenset(
    """speaker speakers hablante interlocutor orador persona locuteur falante name nombre participant who quien quem qui wer
    sprecher role rol participante speaker_name speakername nom nome teilnehmer actor""".split()
) | {"speaker name", "name of speaker", "who speaks", "quien habla", "speaker id", "speaker label"}  # fmt: skip
WORD_COLUMNS = frozenset(
    """words text texto transcript transcripcion utterance content contenido dialogue intervencion texte parole fala what que
    message mensaje said speech turn turno transcription transcricao sentence dialogo discurso utterances""".split()
) | {"what was said", "que dice", "que dijo", "transcript text", "spoken text"}  # fmt: skip
TIME_COLUMNS = frozenset("start end begin time timestamp inicio fin hora from to start_time end_time".split())
LEAST_ROWS = 3
LEAST_WORDS = 2.5  # of what is spoken, on average
BESIDE = 0.15  # of the characters may stand in columns of other words: more make it a table of something else
NUMBER = re.compile(r"[\d.,:;\s-]*")
A_TIME = re.compile(TIME)
MOST_DIFFERENT = 0.75  # of the names in a column: speakers come again
SHORT = 3  # words of a heading


class TurnColumns(NamedTuple):
    """The row of the headings (-1: none), the column that says who speaks (-1: none), and that of the words."""

    top: int
    who: int
    what: int


def turn_columns(rows: Sequence[Sequence[str]]) -> TurnColumns | None:
    """The columns of a transcript among the rows of a table; None where it is no transcript."""
    top = next((number for number, row in enumerate(rows) if _is_filled(row)), None)
    if top is None:
        return None
    heads = [fold(head.strip("\ufeff \t")) for head in rows[top]]
    who = next((n for n, head in enumerate(heads) if head in SPEAKER_COLUMNS), -1)
    what = next((n for n, head in enumerate(heads) if head in WORD_COLUMNS), -1)
    if min(who, what) >= 0:
        return TurnColumns(top, who, what)
    if what >= 0 and len(TIME_COLUMNS & set(heads)) > 0 and len(heads) <= SHORT + 1:
        return TurnColumns(top, -1, what)
    return _by_content(rows, top)


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _column(rows: Sequence[Sequence[str]], number: int) -> list[str]:
    return [row[number].strip() if number < len(row) else "" for row in rows]


def _by_content(rows: Sequence[Sequence[str]], top: int) -> TurnColumns | None:
    """The column of a few names that come again, beside one of sentences, where the others hold times and numbers."""
    filled = [row for row in rows[top:] if _is_filled(row)]
    width = max(map(len, filled), default=0)
    if len(filled) < LEAST_ROWS or width < 2:
        return None
    columns = [_column(filled, number) for number in range(width)]
    sizes = [sum(map(len, column)) for column in columns]
    what = max(range(width), key=lambda n: sizes[n])
    who = next((n for n in range(width) if n != what and (_are_names(columns[n][1:]) or _are_names(columns[n]))), -1)
    spoken = columns[what][1:]
    if who < 0 or sum(len(cell.split()) for cell in spoken) < LEAST_WORDS * len(spoken):
        return None
    other_chars = sum(
        len(cell) for n in range(width) if n not in (who, what) for cell in columns[n][1:] if not _is_figure(cell)
    )
    if other_chars > BESIDE * sizes[what]:
        return None
    first, words = columns[who][0], columns[what][0]
    is_heading = fold(first) not in set(map(fold, columns[who][1:])) and len(words.split()) <= SHORT
    return TurnColumns(top if is_heading else -1, who, what)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether all cells are names or words for a role, of which few are different."""
    names = [cell.rstrip(": ") for cell in cells if cell]
    if len(names) < max(2, len(cells) / 2) or len(set(names)) > max(2, MOST_DIFFERENT * len(names)):
        return False
    return all(len(name) <= 40 and (looks_like_name(name) or answers(fold(name))) for name in names)


def _is_figure(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None or A_TIME.fullmatch(cell) is not None


def is_table(beginning: str) -> bool:
    """Whether a text that begins so is a table of turns, or a table at all: rows of equally many cells, some in quotes or tabs."""
    lines = beginning.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = "\n".join(lines[:-1] if len(lines) > LEAST_ROWS else lines)
    for delimiter in "\t,;":
        if whole.count(delimiter) < LEAST_ROWS:
            continue
        rows = [row for row in csv.reader(whole.split("\n"), delimiter=delimiter) if row]
        widths = {len(row) for row in rows}
        if len(rows) < LEAST_ROWS or widths != {max(widths)} or max(widths) < SHORT:
            continue
        if turn_columns(rows) or (
            delimiter != "\t" and '"' in whole and len(rows) > LEAST_ROWS and max(widths) > SHORT
        ):
            return True
    return False
