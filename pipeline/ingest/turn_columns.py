"""Which columns of a table hold speakers and words, by headings, otherwise by cells."""

import csv
import re
from collections.abc import Mapping, Sequence, Set
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import NamedTuple

from pipeline.ingest.transcript.roles import is_word_for_respondent
from pipeline.ingest.transcript.speaker_labels import fold, looks_like_name
from pipeline.ingest.transcript.times import TIME

SPEAKER_COLUMNS = frozenset(
    """speaker speakers hablante interlocutor orador persona locuteur falante name nombre participant who quien quem qui wer
    sprecher role rol participante speaker_name speakername nom nome teilnehmer actor voz voice voix label etiqueta etiquette
    rotulo participant_id""".split()
) | {"participant id", "speaker code", "speaker name",
     "name of speaker", "who speaks", "quien habla", "speaker id", "speaker label"}  # fmt: skip
WORD_COLUMNS = frozenset(
    """words text texto transcript transcripcion utterance content contenido dialogue intervencion texte parole fala what que
    message mensaje said speech turn turno transcription transcricao sentence dialogo discurso utterances verbatim""".split()
) | {"texto literal", "texto transcrito", "full text",
     "what was said", "que dice", "que dijo", "transcript text", "spoken text"}  # fmt: skip
# Headings of a column of questions and of one of answers, folded, each with the word for one of them.
QUESTION_COLUMNS = {
    **dict.fromkeys(("question", "questions"), "Question"),
    **dict.fromkeys(("pregunta", "preguntas"), "Pregunta"),
    **dict.fromkeys(("pergunta", "perguntas", "questao", "questoes"), "Pergunta"),
    **dict.fromkeys(("frage", "fragen"), "Frage"),
}
ANSWER_COLUMNS = {
    **dict.fromkeys(("answer", "answers"), "Answer"),
    **dict.fromkeys(("respuesta", "respuestas"), "Respuesta"),
    **dict.fromkeys(("resposta", "respostas"), "Resposta"),
    **dict.fromkeys(("reponse", "reponses"), "Réponse"),
    **dict.fromkeys(("antwort", "antworten"), "Antwort"),
}
TIME_COLUMNS = frozenset("start end begin time timestamp inicio fin hora from to start_time end_time".split())
LEAST_ROWS = 3
FRONT = 6  # rows among which the headings of questions and answers are
LEAST_WORDS = 2.5  # of what is spoken, on average
BESIDE = 0.15  # of the characters may be in other columns of words: with more it is another kind of table
NUMBER = re.compile(r"[\d.,:;\s-]*")
A_TIME = re.compile(TIME)
MOST_DIFFERENT = 0.75  # of the names in a column: speakers come again
SHORT = 3  # words of a heading


class TurnColumns(NamedTuple):
    """The row of the headings (-1: none), the column of speakers (-1: none), and those of words.

    Several columns of words hold what one side says each, by the word for it: *Question*, *Answer*.
    """

    top: int
    who: int
    what: int
    sides: Mapping[int, str] = MappingProxyType({})


def turn_columns(rows: Sequence[Sequence[str]]) -> TurnColumns | None:
    """The columns of a transcript among the rows of a table; None if it is not a transcript."""
    filled = [number for number, row in enumerate(rows) if _is_filled(row)]
    if not filled:
        return None
    for number in filled[:FRONT]:
        if sides := questions_and_answers(rows[number]):
            return TurnColumns(number, -1, max(sides), sides)
    top = filled[0]
    heads = [fold(head.strip("\ufeff \t")) for head in rows[top]]
    who, what = _first_of(SPEAKER_COLUMNS, heads), _widest_of(WORD_COLUMNS, heads, rows[top + 1 :])
    if min(who, what) >= 0:
        return TurnColumns(top, who, what)
    if what >= 0 and not TIME_COLUMNS.isdisjoint(heads) and len(heads) <= SHORT + 1:
        return TurnColumns(top, -1, what)
    return _by_content(rows, top)


def questions_and_answers(cells: Sequence[str]) -> dict[int, str]:
    """The columns of questions and of answers with the word for each, if a row of headings names just one of both."""
    heads = [fold(cell) for cell in cells]
    asking = {column: QUESTION_COLUMNS[head] for column, head in enumerate(heads) if head in QUESTION_COLUMNS}
    answering = {column: ANSWER_COLUMNS[head] for column, head in enumerate(heads) if head in ANSWER_COLUMNS}
    is_in_order = len(asking) == len(answering) == 1 and min(asking) < min(answering)
    return asking | answering if is_in_order else {}


def _first_of(names: Set[str], heads: Sequence[str]) -> int:
    return next((number for number, head in enumerate(heads) if head in names), -1)


def _widest_of(names: Set[str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The column with one of these headings whose cells hold most: *Turn* may hold the words, or their number."""
    sizes = {
        number: sum(len(row[number]) for row in rows if number < len(row))
        for number, head in enumerate(heads)
        if head in names
    }
    return max(sizes, key=lambda number: (sizes[number], -number), default=-1)


def _is_filled(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The stripped cells of each column; short rows are filled up with blanks."""
    return [list(map(str.strip, column)) for column in zip_longest(*rows, fillvalue="")]


def _by_content(rows: Sequence[Sequence[str]], top: int) -> TurnColumns | None:
    """The column of a few repeated names beside one of sentences, if the others hold times and numbers."""
    columns = _columns(list(filter(_is_filled, rows[top:])))
    if len(columns) < 2 or len(columns[0]) < LEAST_ROWS:
        return None
    sizes = [sum(map(len, column)) for column in columns]
    what = sizes.index(max(sizes))
    who = next((n for n in range(len(columns)) if n != what and _are_names_below(columns[n])), -1)
    if who < 0 or not _are_sentences(columns[what][1:]) or _chars_beside(columns, who, what) > BESIDE * sizes[what]:
        return None
    return TurnColumns(top if _is_heading(columns[who], columns[what]) else -1, who, what)


def _are_names_below(column: Sequence[str]) -> bool:
    """Whether a column holds names, with or without a heading."""
    return _are_names(column[1:]) or _are_names(column)


def _are_sentences(cells: Sequence[str]) -> bool:
    return sum(len(cell.split()) for cell in cells) >= LEAST_WORDS * len(cells)


def _chars_beside(columns: Sequence[Sequence[str]], who: int, what: int) -> int:
    """How many characters the other columns hold below their first row, without times and figures."""
    cells = chain.from_iterable(column[1:] for number, column in enumerate(columns) if number not in (who, what))
    return sum(len(cell) for cell in cells if not _is_figure(cell))


def _is_heading(who: Sequence[str], what: Sequence[str]) -> bool:
    """Whether the first row of the two columns is their heading: no name from below, beside a few words."""
    return fold(who[0]) not in set(map(fold, who[1:])) and len(what[0].split()) <= SHORT


def _are_names(cells: Sequence[str]) -> bool:
    """Whether all cells are names or words for a role, with few different ones."""
    names = [cell.rstrip(": ") for cell in cells if cell]
    if len(names) < max(2, len(cells) / 2) or len(set(names)) > max(2, MOST_DIFFERENT * len(names)):
        return False
    return all(len(name) <= 40 and (looks_like_name(name) or is_word_for_respondent(fold(name))) for name in names)


def _is_figure(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None or A_TIME.fullmatch(cell) is not None


def is_table(beginning: str) -> bool:
    """Whether a text that begins like this is a table, of turns or not: rows of equally many cells, some in quotes or tabs."""
    lines = beginning.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = "\n".join(lines[:-1] if len(lines) > LEAST_ROWS else lines)
    return any(_has_two_sides(lines, delimiter) or _is_table_of(whole, delimiter) for delimiter in "\t,;")


def _has_two_sides(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a line at the beginning is the headings of a table of questions and answers."""
    return any(questions_and_answers(line.split(delimiter)) for line in lines[:FRONT])


def _is_table_of(text: str, delimiter: str) -> bool:
    """Whether a text is a table whose cells this character divides."""
    if text.count(delimiter) < LEAST_ROWS:
        return False
    rows = [row for row in csv.reader(text.split("\n"), delimiter=delimiter) if row]
    width = max(map(len, rows), default=0)
    if len(rows) < LEAST_ROWS or width < SHORT or any(len(row) != width for row in rows):
        return False
    is_quoted = delimiter != "\t" and '"' in text and len(rows) > LEAST_ROWS and width > SHORT
    return is_quoted or turn_columns(rows) is not None
