"""A row of a survey as text: its open answers, its closed ones, and what was left out of either."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.ingest.characters import count_visible
from pipeline.ingest.language import identify, languages_of
from pipeline.ingest.survey.cells import is_answer, read_cell, read_value
from pipeline.ingest.survey.columns import ANSWERS, Plan, Use
from pipeline.ingest.survey.records import Column, Export, Row, Table
from pipeline.vocabulary import Reason

LOOKED_AT = 100  # rows that tell a survey's language where no answer alone does
BETWEEN = "\n\n"  # answers of a row in its text


@dataclass(frozen=True, slots=True)
class Item:
    """A filled cell that answers something: what it is called, what was asked, and, of an open answer, its place in the file."""

    use: Use
    cell: str
    name: str
    column: Column
    place: str


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An open answer: its stretch of the row's text and where it comes from."""

    start: int
    end: int
    item: Item
    language: str


@dataclass(frozen=True, slots=True)
class ClosedAnswer:
    """A closed answer: what it is called in its row, what was asked, the value as exported, and what the value means."""

    name: str
    question: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Characters of a row that are in no answer, with their reason; `place` where that is a cell and not the whole row."""

    place: str
    reason: str
    chars: int


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row as text: its open answers, the closed ones, and what was left out of it."""

    row: Row
    text: str
    open_answers: tuple[AnswerText, ...]
    answers: tuple[ClosedAnswer, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of an export are read: the use of each column and what its answers are called, table by table."""

    export: Export
    plans: Sequence[Plan]
    names: Sequence[Mapping[int, str]]

    @property
    def tables(self) -> list[Table]:
        """The main table and those of the repeats."""
        return [self.export.table, *(repeat.table for repeat in self.export.repeats)]


def layout_of(export: Export, plans: Sequence[Plan]) -> Layout:
    """The layout of an export whose columns are planned."""
    names = [answer_names(export.table), *(answer_names(repeat.table) for repeat in export.repeats)]
    return Layout(export, plans, names)


def items_of(layout: Layout, row: Row) -> Iterator[Item]:
    """The answers of a row and of the rows of the repeats that belong to it."""
    yield from _items(layout.export.table, layout.plans[0], row, layout.names[0])
    for number, repeat in enumerate(layout.export.repeats, 1):
        for time, child in enumerate(repeat.rows_of.get(row.number, ()), 1):
            names = {n: repeat.name_of(time, name) for n, name in layout.names[number].items()}
            yield from _items(repeat.table, layout.plans[number], child, names)


def _items(table: Table, plan: Plan, row: Row, names: Mapping[int, str]) -> Iterator[Item]:
    for column in table.columns:
        use = plan.uses[column.index]
        if use in ANSWERS and (cell := row.cell(column)):
            place = table.place(row, column) if use is Use.OPEN else ""
            yield Item(use, cell, names[column.index], column, place)


def answer_names(table: Table) -> dict[int, str]:
    """What each column's answers are called: by the question, with the column's name where several ask the same."""
    times = Counter(column.question for column in table.columns)
    return {
        column.index: column.question if times[column.question] == 1 else _with_name(column) for column in table.columns
    }


def _with_name(column: Column) -> str:
    return column.name if column.name.startswith(column.question) else f"{column.question} ({column.name})"


def read_row(row: Row, items: Iterable[Item], languages: tuple[str, ...]) -> RowReading:
    """A row's open answers as one text, and its closed answers; a blank cell is not an answer."""
    pieces: list[str] = []
    open_answers: list[AnswerText] = []
    answers: list[ClosedAnswer] = []
    left_out: Counter[tuple[str, str]] = Counter()
    at = 0
    for item in items:
        cell = read_cell(item.cell) if item.use is Use.OPEN else read_value(item.cell)
        for reason, chars in cell.left_out:
            left_out["", reason] += chars
        if not cell.text:
            continue
        if item.use is Use.CLOSED:
            answers.append(ClosedAnswer(item.name, item.column.question, cell.text, item.column.label_of(cell.text)))
        elif not is_answer(cell.text, item.column.question):
            left_out[item.place, Reason.NO_ANSWER] += count_visible(cell.text)
        else:
            open_answers.append(AnswerText(at, at + len(cell.text), item, identify(cell.text, languages)))
            pieces.append(cell.text)
            at += len(cell.text) + len(BETWEEN)
    excluded = tuple(LeftOut(place, reason, chars) for (place, reason), chars in left_out.items())
    return RowReading(row, BETWEEN.join(pieces), tuple(open_answers), tuple(answers), excluded)


def main_language(rows: Sequence[RowReading], languages: tuple[str, ...]) -> str:
    """The language of most of the open answers."""
    weight: Counter[str] = Counter()
    for reading in rows:
        for answer in reading.open_answers:
            weight[answer.language] += (answer.end - answer.start) * bool(answer.language)
    if not any(weight.values()):
        return languages_of([row.text for row in rows[:LOOKED_AT] if row.text], languages, "")[0]
    return max(languages, key=lambda language: weight[language])


def row_language(reading: RowReading, main: str) -> str:
    """The language of most of a row's open answers; the survey's where they are too short to tell."""
    languages = tuple(dict.fromkeys(answer.language for answer in reading.open_answers if answer.language))
    return main_language([reading], languages) if languages else main
