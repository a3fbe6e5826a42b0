"""Survey exports: a source per row, its open answers as turns, its closed answers beside them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import SurveySettings
from pipeline.ingest import FileTask, safe_id
from pipeline.ingest.cells import read_cell, read_value
from pipeline.ingest.characters import count_visible
from pipeline.ingest.columns import Plan, Use, filled, fold, plan_columns
from pipeline.ingest.formats import detect
from pipeline.ingest.language import identify
from pipeline.ingest.sheets_in import read_book
from pipeline.ingest.survey_tools import Column, Export, Row, recognise
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import Answer, FileReading, Participant, Rejected, Role, Source, Text, Turn

STRANGER = "the person column names nobody of the register"
BETWEEN = "\n\n"  # answers of a row in its text


@dataclass(frozen=True, slots=True)
class Item:
    """A filled cell of a row: its column, what that is used for, and its place in the file."""

    column: Column
    use: Use
    cell: str
    place: str


@dataclass(frozen=True, slots=True)
class Said:
    """An open answer: its stretch of the row's text and where it comes from."""

    start: int
    end: int
    item: Item
    language: str


@dataclass(frozen=True, slots=True)
class RowReading:
    """A row as text: what was said, the closed answers, and the characters left out of it, by reason."""

    row: Row
    text: str
    said: tuple[Said, ...]
    answers: tuple[tuple[str, str], ...]
    left_out: Mapping[str, int]


def read(task: FileTask) -> FileReading:
    """The sources of a survey export. UnreadableError where the file cannot be read, or config.toml does not fit it."""
    export = recognise(read_book(task.data or b"", detect(task.data or b"", task.kind)))
    plan = plan_columns(export.table, settings_of(task), task.people)
    rows = [read_row(row, items_of(export, plan, row), task.settings.study.languages) for row in export.table.rows]
    return assembled(task, export, plan, rows)


def settings_of(task: FileTask) -> SurveySettings:
    """What config.toml says of this file."""
    name = task.path.rsplit("/", 1)[-1]
    return next((s for s in task.settings.surveys if s.file in (name, task.path)), SurveySettings(file=name))


def items_of(export: Export, plan: Plan, row: Row) -> Iterator[Item]:
    """The filled cells of a row."""
    sheet = f"sheet {export.table.sheet}, " if export.table.sheet else ""
    for column in export.table.columns:
        cell = row.cells[column.index] if column.index < len(row.cells) else ""
        if cell and not cell.isspace():
            yield Item(column, plan.uses[column.index], cell, f"{sheet}row {row.number}, column {column.letter}")


def read_row(row: Row, items: Iterable[Item], languages: tuple[str, ...]) -> RowReading:
    """A row's open answers as one text, its closed answers as they are; a blank cell is no answer at all."""
    pieces: list[str] = []
    said: list[Said] = []
    answers: list[tuple[str, str]] = []
    left_out: Counter[str] = Counter()
    at = 0
    for item in items:
        if item.use not in (Use.OPEN, Use.CLOSED):
            continue
        cell = read_cell(item.cell) if item.use is Use.OPEN else read_value(item.cell)
        left_out.update(dict(cell.left_out))
        if not cell.text:
            continue
        if item.use is Use.CLOSED:
            answers.append((item.column.name, cell.text))
            continue
        said.append(Said(at, at + len(cell.text), item, identify(cell.text, languages)))
        pieces.append(cell.text)
        at += len(cell.text) + len(BETWEEN)
    return RowReading(row, BETWEEN.join(pieces), tuple(said), tuple(answers), left_out)


def assembled(task: FileTask, export: Export, plan: Plan, rows: Sequence[RowReading]) -> FileReading:
    """The records of a survey: for each row a source, its text, its turns and answers; what was left out in `rejected`."""
    stem = task.entry.source_id or safe_id(task.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    people = spellings(task.people)
    given = settings_of(task).language or task.entry.language
    main = given or main_language(rows, task.settings.study.languages)
    file_hash = sha256_bytes(task.data or b"")
    sources, texts = [], []
    turns: list[Turn] = []
    answers: list[Answer] = []
    rejected = list(_of_the_file(export, plan, stem))
    for source_id, reading in zip(row_ids(stem, plan, rows), rows, strict=True):
        person = _cell(reading.row, plan.person)
        who = people.get(fold(person), "")
        language = _row_language(reading, main)
        left_out = sum(reading.left_out.values())
        chars = left_out + count_visible(reading.text) + sum(count_visible(value) for _, value in reading.answers)
        sources.append(
            Source(
                source_id, task.path, task.kind, file_hash, len(task.data or b""), chars, left_out, language, who,
                f"{export.reader} {export.tool}", export.status, "; ".join(export.notes), "", task.entry.date, task.entry.site,
            )
        )  # fmt: skip
        texts.append(Text(source_id, reading.text, sha256_text(reading.text)))
        turns += _turns(source_id, who, reading, language)
        answers += [Answer(source_id, column, value) for column, value in reading.answers]
        rejected += _of_the_row(source_id, reading)
        if person and not who:
            rejected.append(Rejected("ingest", source_id, f"row {reading.row.number}", STRANGER, 0))
    return FileReading(task.path, tuple(sources), tuple(texts), tuple(turns), tuple(answers), tuple(rejected))


def spellings(people: Sequence[Participant]) -> dict[str, str]:
    """How a person column may name people: by participant_id, or by a name that only one of them has."""
    names = Counter(fold(name) for person in people for name in set(person.names))
    known = {fold(name): p.participant_id for p in people for name in p.names if names[fold(name)] == 1}
    return known | {fold(person.participant_id): person.participant_id for person in people}


def _cell(row: Row, column: Column | None) -> str:
    return row.cells[column.index].strip() if column and column.index < len(row.cells) else ""


def row_ids(stem: str, plan: Plan, rows: Sequence[RowReading]) -> Iterator[str]:
    """A source id for every row: the file's and the row's own, or its number; a second row of one id is told by -2."""
    taken: set[str] = set()
    for reading in rows:
        own = _cell(reading.row, plan.row_id)
        wanted = f"{stem}.{safe_id(own) if own else reading.row.number}"
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name)
        yield name


def main_language(rows: Sequence[RowReading], languages: tuple[str, ...]) -> str:
    """The language that most is said in."""
    weight: Counter[str] = Counter()
    for reading in rows:
        for said in reading.said:
            weight[said.language] += said.end - said.start
    return max(languages, key=lambda language: weight[language])


def _row_language(reading: RowReading, main: str) -> str:
    return next((said.language for said in reading.said if said.language), main)


def _turns(source_id: str, who: str, reading: RowReading, language: str) -> Iterator[Turn]:
    for number, said in enumerate(reading.said, 1):
        column = said.item.column
        yield Turn(
            source_id, number, "", Role.RESPONDENT, who, said.start, said.end, column.question, said.item.place,
            said.language or language, column.name,
        )  # fmt: skip


def _of_the_row(source_id: str, reading: RowReading) -> Iterator[Rejected]:
    for reason, chars in reading.left_out.items():
        yield Rejected("ingest", source_id, f"row {reading.row.number}", reason, chars)


def _of_the_file(export: Export, plan: Plan, stem: str) -> Iterator[Rejected]:
    """Headings, and the columns that are neither open nor closed answers."""
    table = export.table
    yield Rejected("ingest", stem, "headings", "column headings", sum(map(count_visible, table.headings)))
    for column in table.columns:
        use = plan.uses[column.index]
        if use not in (Use.OPEN, Use.CLOSED) and (chars := sum(map(count_visible, filled(table, column)))):
            yield Rejected("ingest", stem, f"column {column.letter}", use, chars)
