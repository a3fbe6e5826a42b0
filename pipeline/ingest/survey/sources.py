"""Survey exports: a source per row, its open answers as turns, its closed answers beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import SurveySettings
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest import FileTask, safe_id
from pipeline.ingest.characters import count_visible
from pipeline.ingest.formats import detect
from pipeline.ingest.spreadsheets.book import Book, read_book
from pipeline.ingest.survey.columns import ANSWERS, Plan, plans_of
from pipeline.ingest.survey.export import recognise
from pipeline.ingest.survey.person_column import MAYBE_PERSON, candidates, is_called_so
from pipeline.ingest.survey.records import Export, Row, told
from pipeline.ingest.survey.repeat_files import with_repeats
from pipeline.ingest.survey.rows import Layout, RowReading, items_of, layout_of, main_language, read_row, row_language
from pipeline.ingest.survey.warnings import RowSeen, date_doubts, doubles
from pipeline.ingest.survey.xlsform import is_form, labelled, read_form
from pipeline.people import NOBODY, NameRegister, PersonMatch, find_person, is_code
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import Answer, Exclusion, FileReading, Rejected, Source, Text, Turn, UnidentifiedSpeaker
from pipeline.vocabulary import ReadStatus, Reason, Role

ORPHAN = "its parent row is not in the export"


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey ready to be written down: its layout, its rows, and what a person should know of the whole."""

    layout: Layout
    rows: Sequence[RowReading]
    notes: Sequence[str]
    status: ReadStatus
    set_aside: Sequence[Exclusion]

    @property
    def plan(self) -> Plan:
        """The use of the columns of the main table."""
        return self.layout.plans[0]


def read(task: FileTask) -> FileReading:
    """The sources of a survey export, worded by the XLSForm behind it where there is one.

    Raises UnreadableError where either cannot be read.
    """
    book = book_of(task)
    if is_form(book):
        return _form_itself(task, book)
    settings = settings_of(task)
    layout = layout_for(task, book)
    kept, set_aside = without_doubles(layout, settings)
    rows = [read_row(row, items_of(layout, row), task.settings.study.languages) for row in kept]
    notes, status = _whole(layout.export, settings)
    return assembled(task, Survey(layout, rows, notes, status, set_aside))


def book_of(task: FileTask) -> Book:
    """The sheets of the file, and those of the files of its repeats."""
    data = task.data or b""
    return with_repeats(read_book(data, detect(data, task.kind)), task.path, task.repeats)


def layout_for(task: FileTask, book: Book) -> Layout:
    """How the file's columns are used."""
    settings = settings_of(task)
    check_blocks(task)
    export = recognise(book, settings.sheet)
    if task.form:
        language = settings.language or task.entry.language or task.settings.study.languages[0]
        export = labelled(export, read_form(read_book(task.form, detect(task.form, task.kind)), language))
    return layout_of(export, plans_of(export, settings, task.people))


def check_blocks(task: FileTask) -> None:
    """UnreadableError where config.toml says something of a file of repeats, which is said under the survey's own file."""
    main = task.path.rsplit("/", 1)[-1]
    repeats = {file.path.rsplit("/", 1)[-1] for file in task.repeats}
    problems = [
        Problem(
            f"config.toml [[surveys]] {block.file}",
            f"its rows are read with those of {main}, to which they belong, and what is said of it alone is not used",
            f'take the block out, and write its keys under file = "{main}"; its columns are known there',
        )
        for block in task.settings.surveys
        if block.file in repeats
    ]
    if problems:
        raise UnreadableError(problems)


def stem_of(task: FileTask) -> str:
    """The source id of the file itself, with which those of its rows begin."""
    return task.entry.source_id or safe_id(task.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])


def _form_itself(task: FileTask, book: Book) -> FileReading:
    """A form definition lies among the answers: it is listed as one, and nothing of it is taken for an answer."""
    reason = "a form definition (XLSForm): questions, no answers"
    chars = {sheet.name: sum(count_visible(cell) for row in sheet.rows for cell in row) for sheet in book.sheets}
    total = sum(chars.values()) + sum(exclusion.chars for exclusion in book.left_out)
    source = Source(
        stem_of(task), task.path, task.kind, sha256_bytes(task.data or b""), len(task.data or b""), total, total, "", "",
        book.reader, book.status, reason, "",
    )  # fmt: skip
    listed = [*((f"sheet {name}", reason, count) for name, count in chars.items()), *_places(book.left_out)]
    rejected = tuple(Rejected("ingest", source.source_id, *each) for each in listed)
    return FileReading(task.path, (source,), (Text(source.source_id, "", sha256_text("")),), rejected=rejected)


def _places(exclusions: Iterable[Exclusion]) -> Iterator[tuple[str, str, int]]:
    return ((exclusion.place, exclusion.reason, exclusion.chars) for exclusion in exclusions)


def settings_of(task: FileTask) -> SurveySettings:
    """What config.toml says of this file."""
    name = task.path.rsplit("/", 1)[-1]
    return next((s for s in task.settings.surveys if s.file == name), SurveySettings(file=name))


def _whole(export: Export, settings: SurveySettings) -> tuple[list[str], ReadStatus]:
    """What is to be said of the survey as a whole, and whether it is whole."""
    notes = [f"read as {export.tool}", *export.notes, *date_doubts(export.table)]
    count = len(export.table.rows)
    if settings.rows and count != settings.rows:
        notes.append(f"{count} rows are there, config.toml says {settings.rows}")
    return notes, ReadStatus.PARTIAL if count < settings.rows else export.status


def without_doubles(layout: Layout, settings: SurveySettings) -> tuple[list[Row], list[Exclusion]]:
    """The rows that count, and those set aside because their id comes again and config.toml says which one to keep."""
    table, row_id = layout.export.table, layout.plans[0].row_id
    rows = list(table.rows)
    if settings.twice == "all" or row_id is None:
        return rows, []
    ordered = rows if settings.twice == "first" else rows[::-1]
    chosen: dict[str, Row] = {}
    for row in ordered:
        chosen.setdefault(row.cell(row_id) or f"row {row.number}", row)
    kept = {row.number for row in chosen.values()}
    reason = f"its row id comes again; config.toml keeps the {settings.twice}"
    aside = [
        Exclusion(-1, -1, table.place(row), reason, _answered(layout, row)) for row in rows if row.number not in kept
    ]
    return [row for row in rows if row.number in kept], aside


def _answered(layout: Layout, row: Row) -> int:
    return sum(count_visible(item.cell) for item in items_of(layout, row))


def assembled(task: FileTask, survey: Survey) -> FileReading:
    """The records of a survey: for each row a source, its text, its turns and answers; what was left out in `rejected`."""
    stem = stem_of(task)
    given = settings_of(task).language or task.entry.language
    main = given or main_language(survey.rows, task.settings.study.languages)
    persons = [row.row.cell(survey.plan.person) for row in survey.rows]
    ids = list(row_ids(stem, survey))
    languages = [row_language(row, main) for row in survey.rows]
    names = NameRegister(task.people)
    matches = [find_person(person, names) for person in persons]
    who = [match.participant_id for match in matches]
    files = {"": stem} | {beside.path.rsplit("/", 1)[-1]: beside.source_id for beside in task.repeats}
    rejected = (*_of_the_file(survey, files), *_maybe_people(task, survey))
    texts = [*zip(ids, (row.text for row in survey.rows), strict=True), *((b.source_id, "") for b in task.repeats)]
    return FileReading(
        task.path,
        (*_sources(task, survey, ids, who, languages), *_repeat_files(task, survey, rejected)),
        tuple(Text(source_id, text, sha256_text(text)) for source_id, text in texts),
        tuple(turn for each in zip(ids, who, survey.rows, languages, strict=True) for turn in _turns(*each)),
        tuple(
            Answer(source_id, name, value)
            for source_id, row in zip(ids, survey.rows, strict=True)
            for name, value in row.answers
        ),
        (*rejected, *_of_the_rows(survey, ids, matches)),
        unidentified=tuple(_unidentified(ids, persons, matches)),
    )


def _unidentified(
    ids: Sequence[str], persons: Sequence[str], matches: Sequence[PersonMatch]
) -> Iterator[UnidentifiedSpeaker]:
    """The rows whose name cannot be identified. An id that the register does not have is another person's."""
    for source_id, person, match in zip(ids, persons, matches, strict=True):
        if match.is_uncertain or (match == NOBODY and person and not is_code(person)):
            yield UnidentifiedSpeaker(source_id, None, match.candidates)


def row_ids(stem: str, survey: Survey) -> Iterator[str]:
    """A source id for every row: the file's and the row's own, or its number; a second row of one id is told by -2.

    Where the row is known by the person who answered, its number is taken: source ids are published, people are not.
    """
    plan = survey.plan
    named = plan.row_id is not None and plan.row_id != plan.person
    taken: set[str] = set()
    for reading in survey.rows:
        own = reading.row.cell(plan.row_id) if named else ""
        wanted = f"{stem}.{safe_id(own) if own else f'row{reading.row.number}'}"
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name)
        yield name


def _sources(
    task: FileTask, survey: Survey, ids: Sequence[str], who: Sequence[str], languages: Sequence[str]
) -> Iterator[Source]:
    digest, size = sha256_bytes(task.data or b""), len(task.data or b"")
    export = survey.layout.export
    note = "; ".join(survey.notes)
    for source_id, person, language, row in zip(ids, who, languages, survey.rows, strict=True):
        left_out = sum(row.left_out.values())
        chars = left_out + count_visible(row.text) + sum(count_visible(value) for _, value in row.answers)
        yield Source(
            source_id, task.path, task.kind, digest, size, chars, left_out, language, person, export.reader,
            survey.status, note, "", task.entry.date, task.entry.site,
        )  # fmt: skip


def _repeat_files(task: FileTask, survey: Survey, rejected: Sequence[Rejected]) -> Iterator[Source]:
    """The files of the repeats: their answers count where they belong, what was left out of them counts here."""
    note = f"its rows are read with those of {task.path.rsplit('/', 1)[-1]}, to which they belong"
    for file in task.repeats:
        chars = sum(row.chars for row in rejected if row.source_id == file.source_id)
        yield Source(
            file.source_id, file.path, task.kind, sha256_bytes(file.data), len(file.data), chars, chars, "", "",
            survey.layout.export.reader, survey.status, note, "",
        )  # fmt: skip


def _turns(source_id: str, who: str, reading: RowReading, language: str) -> Iterator[Turn]:
    for number, said in enumerate(reading.said, 1):
        column = said.item.column
        yield Turn(
            source_id, number, "", Role.RESPONDENT, who, said.start, said.end, column.question, said.item.place,
            said.language or language, column.name,
        )  # fmt: skip


def _of_the_rows(survey: Survey, ids: Sequence[str], matches: Sequence[PersonMatch]) -> Iterator[Rejected]:
    """What was left out of each row, and what a person should look at in it."""
    table, plan = survey.layout.export.table, survey.plan
    twice: Mapping[int, str] = dict(doubles(list(_seen(survey))))
    for index, (source_id, match, reading) in enumerate(zip(ids, matches, survey.rows, strict=True)):
        place = table.place(reading.row)
        for reason, chars in reading.left_out.items():
            yield Rejected("ingest", source_id, place, reason, chars)
        if index in twice:
            yield Rejected("ingest", source_id, place, twice[index], 0)
        if plan.person and not match.participant_id:
            is_blank = not reading.row.cell(plan.person)
            yield Rejected("ingest", source_id, place, Reason.PERSON_BLANK if is_blank else Reason.PERSON_UNKNOWN, 0)
        if match.is_guess:
            yield Rejected("ingest", source_id, place, Reason.PERSON_GUESSED, 0)


def _seen(survey: Survey) -> Iterator[RowSeen]:
    plan = survey.plan
    for reading in survey.rows:
        row = reading.row
        yield RowSeen(row, row.cell(plan.row_id), row.cell(plan.person), reading.answers, reading.text)


def _maybe_people(task: FileTask, survey: Survey) -> Iterator[Rejected]:
    """Columns that are headed as those are that say who answers, and hold too few ids of the register to be taken for one."""
    if survey.plan.person:
        return
    for column, found in candidates(survey.layout.export.table, task.people):
        if is_called_so(column):
            yield Rejected("ingest", stem_of(task), told(column), f"{found.ids} of {found.cells} {MAYBE_PERSON}", 0)


def _of_the_file(survey: Survey, files: Mapping[str, str]) -> Iterator[Rejected]:
    """Headings, columns that are no answers, rows and sheets left out: under the own id of the file that holds them."""
    for table, plan in zip(survey.layout.tables, survey.layout.plans, strict=True):
        chars = sum(map(count_visible, table.headings))
        yield Rejected("ingest", files[table.file], f"{table.before}headings", "column headings", chars)
        for column in table.columns:
            use = plan.uses[column.index]
            if use not in ANSWERS and (chars := sum(map(count_visible, table.filled(column)))):
                place = f"{table.before}column {column.letter}"
                yield Rejected("ingest", files[table.file], place, str(use), chars)
    for repeat in survey.layout.export.repeats:
        for row in repeat.orphans:
            chars = sum(map(count_visible, row.cells))
            yield Rejected("ingest", files[repeat.table.file], repeat.table.place(row), ORPHAN, chars)
    for place, reason, chars in _places((*survey.layout.export.left_out, *survey.set_aside)):
        yield Rejected("ingest", files[""], place, reason, chars)
