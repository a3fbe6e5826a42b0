"""Survey exports: a source per row, its open answers as turns, its closed answers beside them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import SurveySettings
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest import FileTask, safe_id
from pipeline.ingest.characters import count_visible
from pipeline.ingest.formats import detect
from pipeline.ingest.spreadsheets.book import Book, Sheet, read_book
from pipeline.ingest.survey.columns import ANSWERS, Plan, Use, named, plans_of
from pipeline.ingest.survey.export import recognise
from pipeline.ingest.survey.headings.xlsform import is_form, labelled, read_form
from pipeline.ingest.survey.person_column import candidates, is_called_so
from pipeline.ingest.survey.records import Export, Hint, Row, describe
from pipeline.ingest.survey.repeat_files import with_repeats
from pipeline.ingest.survey.repeats import Joined
from pipeline.ingest.survey.response_states import instrument_columns, is_test, state_columns, state_of
from pipeline.ingest.survey.rows import Layout, RowReading, items_of, layout_of, main_language, read_row, row_language
from pipeline.ingest.survey.warnings import RowSeen, date_doubts, doubles
from pipeline.people import GENDER, NOBODY, NameRegister, PersonMatch, find_person, is_code, words_of_gender
from pipeline.provenance import sha256_bytes, sha256_text
from pipeline.records import (
    Answer,
    Attribute,
    Exclusion,
    FileReading,
    Rejected,
    Source,
    Text,
    Turn,
    UnidentifiedSpeaker,
)
from pipeline.vocabulary import RESPONSE_STATES, ReadStatus, Reason, Role
from pipeline.wording.messages import in_language, message, noted, separated


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey ready to be written down: its layout, its rows with their persons, and what a person should know of the whole."""

    layout: Layout
    rows: Sequence[RowReading]
    persons: Sequence[PersonMatch]
    notes: Sequence[str]
    status: ReadStatus
    set_aside: Sequence[Exclusion]

    @property
    def plan(self) -> Plan:
        """The use of the columns of the main table."""
        return self.layout.plans[0]


def read(task: FileTask) -> FileReading:
    """The sources of a survey export, worded by the XLSForm behind it where there is one.

    Raises UnreadableError if either cannot be read.
    """
    book = book_of(task)
    if is_form(book):
        return _form_itself(task, book)
    settings = settings_of(task)
    layout = layout_for(task, book)
    responses, left_out = counted_rows(layout, settings)
    rows, doubled = without_doubles(layout, settings, responses)
    readings = [read_row(row, items_of(layout, row), task.settings.study.languages) for row in rows]
    register = NameRegister(task.people)
    person_column = layout.plans[0].person
    persons = [find_person(row.cell(person_column), register) for row in rows]
    notes, status = _whole(layout.export, settings)
    notes += states_note(left_out)
    return survey_reading(task, Survey(layout, readings, persons, notes, status, [*left_out, *doubled]))


def book_of(task: FileTask) -> Book:
    """The sheets of the file, and those of the files of its repeats."""
    data = task.data or b""
    return with_repeats(read_book(data, detect(data, task.kind)), task.path, task.repeats)


def layout_for(task: FileTask, book: Book) -> Layout:
    """How the file's columns are used."""
    settings = settings_of(task)
    check_blocks(task)
    check_joined(task, settings)
    export = recognise(book, settings.sheet, Joined(settings.id, settings.joined))
    if task.form:
        language = settings.language or task.entry.language or task.settings.study.languages[0]
        export = labelled(export, read_form(read_book(task.form, detect(task.form, task.kind)), language))
    return layout_of(export, plans_of(export, settings, task.people))


def check_blocks(task: FileTask) -> None:
    """UnreadableError if config.toml has a block for a file of repeats: its keys belong to the survey's own block."""
    main = task.path.rsplit("/", 1)[-1]
    repeats = {file.path.rsplit("/", 1)[-1] for file in task.repeats}
    problems = [
        Problem(
            f"config.toml [[surveys]] {block.file}",
            message("ingest/its_rows_are_part", main=main),
            message("ingest/remove_the_block_and_write", main=main),
        )
        for block in task.settings.surveys
        if block.file in repeats
    ]
    if problems:
        raise UnreadableError(problems)


def check_joined(task: FileTask, settings: SurveySettings) -> None:
    """UnreadableError if a file that config.toml joins is missing, or if the column of row ids is unknown."""
    beside = {file.path.rsplit("/", 1)[-1] for file in task.repeats}
    where = f"config.toml [[surveys]] {settings.file} joined"
    problems = [
        Problem(where, message("ingest/there_is_no_file", name=name), message("ingest/put_it_there_or_correct"))
        for name in sorted(settings.joined.keys() - beside)
    ]
    if settings.joined and not settings.id:
        remedy = message("ingest/write_id_the_heading")
        problems.append(Problem(where, message("ingest/it_is_not_clear"), remedy))
    if problems:
        raise UnreadableError(problems)


def stem_of(task: FileTask) -> str:
    """The source id of the file itself, with which those of its rows begin."""
    return task.entry.source_id or safe_id(task.path.rsplit("/", 1)[-1].rsplit(".", 1)[0])


def _chars_of(sheet: Sheet) -> int:
    return sum(count_visible(cell) for row in sheet.rows for cell in row)


def _form_itself(task: FileTask, book: Book) -> FileReading:
    """A form definition among the answers: it is listed, not read."""
    reason = Reason.FORM_DEFINITION
    chars = {sheet.name: _chars_of(sheet) for sheet in book.sheets}
    total = sum(chars.values()) + sum(exclusion.chars for exclusion in book.left_out)
    source = Source(
        stem_of(task), task.path, task.kind, sha256_bytes(task.data or b""), len(task.data or b""), total, total, "", "",
        book.reader, book.status, reason, "",
    )  # fmt: skip
    sheets = [Exclusion(-1, -1, f"sheet {name}", reason, count) for name, count in chars.items()]
    rejected = tuple(
        Rejected("ingest", source.source_id, exclusion.place, exclusion.reason, exclusion.chars)
        for exclusion in (*sheets, *book.left_out)
    )
    return FileReading(task.path, (source,), (Text(source.source_id, "", sha256_text("")),), rejected=rejected)


def settings_of(task: FileTask) -> SurveySettings:
    """The settings of config.toml for this file."""
    name = task.path.rsplit("/", 1)[-1]
    return next((s for s in task.settings.surveys if s.file == name), SurveySettings(file=name))


def _whole(export: Export, settings: SurveySettings) -> tuple[list[str], ReadStatus]:
    """Notes on the survey, and whether it is complete."""
    notes = [message("ingest/read_as_tool", tool=export.tool_in_words), *export.notes, *date_doubts(export.table)]
    count = len(export.table.rows)
    if settings.rows and count != settings.rows:
        notes.append(message("ingest/rows_are_there_config_toml_says", count=count, rows=settings.rows))
    return notes, ReadStatus.PARTIAL if count < settings.rows else export.status


def counted_rows(layout: Layout, settings: SurveySettings) -> tuple[list[Row], list[Exclusion]]:
    """The rows that count, and those left out: previews, tests, unfinished and the like, unless config.toml includes them.

    If every row would be left out as unfinished, the export does not say who finished, and all rows count.
    """
    table = layout.export.table
    included = {RESPONSE_STATES[state] for state in settings.include}
    states = {row.number: state for row, state in row_states(layout) if state not in included}
    if table.rows and all(states.get(row.number) is Reason.UNFINISHED for row in table.rows):
        states = {}
    left_out = [
        Exclusion(-1, -1, table.place(row), state, _answered(layout, row))
        for row in table.rows
        if (state := states.get(row.number))
    ]
    return [row for row in table.rows if row.number not in states], left_out


def row_states(layout: Layout) -> Iterator[tuple[Row, Reason]]:
    """The rows that do not count as responses, each with the reason."""
    table, plan = layout.export.table, layout.plans[0]
    ignored = {index for index, use in plan.uses.items() if use is Use.IGNORED}
    columns = state_columns(table, layout.export.tool, ignored)
    instruments = instrument_columns(table)
    questions = len(plan.columns(table, Use.OPEN))
    for row in table.rows:
        items = list(items_of(layout, row))
        words = [item.cell for item in items if item.use is Use.OPEN]
        if state := state_of(row, columns, instruments):
            yield row, state
        elif all(item.column.hint is Hint.TOOL for item in items):
            yield row, Reason.NO_ANSWERS
        elif is_test(words, questions):
            yield row, Reason.TEST


def states_note(left_out: Sequence[Exclusion]) -> list[str]:
    """How many rows do not count, by reason."""
    times = Counter(exclusion.reason for exclusion in left_out)
    counts = [separated(": ", [message(f"reason.{reason}"), str(count)]) for reason, count in sorted(times.items())]
    return [message("ingest/rows_that_do_not_count", counts=separated(", ", counts))] if counts else []


def without_doubles(layout: Layout, settings: SurveySettings, rows: Sequence[Row]) -> tuple[list[Row], list[Exclusion]]:
    """The rows that count, and those left out because their id is repeated and config.toml says which one to keep."""
    table, row_id = layout.export.table, layout.plans[0].row_id
    if settings.twice == "all" or row_id is None:
        return list(rows), []
    ordered = rows if settings.twice == "first" else rows[::-1]
    chosen: dict[str, Row] = {}
    for row in ordered:
        chosen.setdefault(row.cell(row_id) or f"row {row.number}", row)
    numbers = {row.number for row in chosen.values()}
    aside = [
        Exclusion(-1, -1, table.place(row), Reason.DOUBLE_ROW, _answered(layout, row))
        for row in rows
        if row.number not in numbers
    ]
    return [row for row in rows if row.number in numbers], aside


def _answered(layout: Layout, row: Row) -> int:
    return sum(count_visible(item.cell) for item in items_of(layout, row))


def survey_reading(task: FileTask, survey: Survey) -> FileReading:
    """The records of a survey: for each row a source, its text, its turns and answers; what was left out in `rejected`."""
    stem = stem_of(task)
    language = settings_of(task).language or task.entry.language
    main = language or main_language(survey.rows, task.settings.study.languages)
    ids = list(row_ids(stem, survey))
    languages = [row_language(row, main) for row in survey.rows]
    who = [person.participant_id for person in survey.persons]
    files = {"": stem} | {beside.path.rsplit("/", 1)[-1]: beside.source_id for beside in task.repeats}
    rejected = (*_of_the_file(survey, files), *_maybe_people(task, survey))
    return FileReading(
        task.path,
        sources=(*_sources(task, survey, ids, who, languages), *_repeat_files(task, survey, rejected)),
        texts=tuple(_texts(task, survey, ids)),
        turns=tuple(turn for each in zip(ids, who, survey.rows, languages, strict=True) for turn in _turns(*each)),
        answers=tuple(_answers(survey, ids)),
        rejected=(*rejected, *_of_the_rows(survey, ids)),
        attributes=tuple(_attributes(settings_of(task), survey, ids)),
        unidentified=tuple(_unidentified(survey, ids)),
    )


def _texts(task: FileTask, survey: Survey, ids: Sequence[str]) -> Iterator[Text]:
    """The open answers of each row; a file of repeats has no words of its own."""
    for source_id, row in zip(ids, survey.rows, strict=True):
        yield Text(source_id, row.text, sha256_text(row.text))
    for file in task.repeats:
        yield Text(file.source_id, "", sha256_text(""))


def _answers(survey: Survey, ids: Sequence[str]) -> Iterator[Answer]:
    for source_id, row in zip(ids, survey.rows, strict=True):
        for answer in row.answers:
            yield Answer(
                source_id=source_id,
                column=answer.name,
                value=answer.value,
                question=answer.question,
                label=answer.label,
            )


def _unidentified(survey: Survey, ids: Sequence[str]) -> Iterator[UnidentifiedSpeaker]:
    """The rows whose name cannot be identified. An id that the register does not have is another person's."""
    for source_id, match, reading in zip(ids, survey.persons, survey.rows, strict=True):
        person = reading.row.cell(survey.plan.person)
        if match.is_uncertain or (match == NOBODY and person and not is_code(person)):
            yield UnidentifiedSpeaker(source_id, None, match.candidates)


def _attributes(settings: SurveySettings, survey: Survey, ids: Sequence[str]) -> Iterator[Attribute]:
    """What config.toml says of the people who answer, from a column or the same for all of them."""
    table = survey.layout.export.table
    columns = {name: named(table, heading) for name, heading in sorted(settings.attributes.items())}
    gender = columns.get(GENDER)
    words = words_of_gender([*map(gender.label_of, table.filled(gender))] if gender else [])
    words |= words_of_gender([settings.same_for_all.get(GENDER, "")])
    for source_id, reading in zip(ids, survey.rows, strict=True):
        for name, value in sorted(settings.same_for_all.items()):
            yield Attribute(source_id, name, words.get(value, value) if name == GENDER else value)
        for name, column in columns.items():
            if column and (value := reading.row.cell(column)):
                label = column.label_of(value)
                yield Attribute(source_id, name, words.get(label, label) if name == GENDER else label)


def row_ids(stem: str, survey: Survey) -> Iterator[str]:
    """A source id for every row: the file's and the row's own, or its number; a second row of one id ends in -2.

    Where the row is known by the person who answered, its number is taken: source ids are published, people are not.
    """
    plan = survey.plan
    named = plan.row_id is not None and plan.row_id != plan.person
    taken: set[str] = set()
    for reading in survey.rows:
        row_id = reading.row.cell(plan.row_id) if named else ""
        base = f"{stem}.{safe_id(row_id) if row_id else f'row{reading.row.number}'}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name)
        yield name


def _sources(
    task: FileTask, survey: Survey, ids: Sequence[str], who: Sequence[str], languages: Sequence[str]
) -> Iterator[Source]:
    digest, size = sha256_bytes(task.data or b""), len(task.data or b"")
    export = survey.layout.export
    note = noted(survey.notes, task.settings.study.language)
    for source_id, person, language, row in zip(ids, who, languages, survey.rows, strict=True):
        left_out = sum(part.chars for part in row.left_out)
        chars = left_out + count_visible(row.text) + sum(count_visible(answer.value) for answer in row.answers)
        yield Source(
            source_id, task.path, task.kind, digest, size, chars, left_out, language, person, export.reader,
            survey.status, note, "", task.entry.date, task.entry.site,
        )  # fmt: skip


def _repeat_files(task: FileTask, survey: Survey, rejected: Sequence[Rejected]) -> Iterator[Source]:
    """The files of the repeats: their answers count where they belong, what was left out of them counts here."""
    text = message("ingest/its_rows_are_read_with_those", value=task.path.rsplit("/", 1)[-1])
    note = in_language(text, task.settings.study.language)
    for file in task.repeats:
        chars = sum(row.chars for row in rejected if row.source_id == file.source_id)
        yield Source(
            file.source_id, file.path, task.kind, sha256_bytes(file.data), len(file.data), chars, chars, "", "",
            survey.layout.export.reader, survey.status, note, "",
        )  # fmt: skip


def _turns(source_id: str, who: str, reading: RowReading, language: str) -> Iterator[Turn]:
    for number, answer in enumerate(reading.open_answers, 1):
        column = answer.item.column
        yield Turn(
            source_id, number, "", Role.RESPONDENT, who, answer.start, answer.end, column.question, answer.item.place,
            answer.language or language, column.name,
        )  # fmt: skip


def _of_the_rows(survey: Survey, ids: Sequence[str]) -> Iterator[Rejected]:
    """What was left out of each row, and what a person should look at in it."""
    table, plan = survey.layout.export.table, survey.plan
    twice: Mapping[int, str] = dict(doubles(list(_seen(survey))))
    for index, (source_id, person, reading) in enumerate(zip(ids, survey.persons, survey.rows, strict=True)):
        place = table.place(reading.row)
        for part in reading.left_out:
            yield Rejected("ingest", source_id, part.place or place, part.reason, part.chars)
        if index in twice:
            yield Rejected("ingest", source_id, place, twice[index], 0)
        if plan.person and (doubt := _doubt(person, reading.row.cell(plan.person))):
            yield Rejected("ingest", source_id, place, doubt, 0)


def _doubt(person: PersonMatch, cell: str) -> Reason | None:
    """What is not certain of who answers in a row."""
    if not cell:
        return Reason.PERSON_BLANK
    if not person.participant_id:
        return Reason.PERSON_UNKNOWN
    return Reason.PERSON_GUESSED if person.is_guess else None


def _seen(survey: Survey) -> Iterator[RowSeen]:
    plan = survey.plan
    for reading in survey.rows:
        row = reading.row
        answers = tuple((answer.name, answer.value) for answer in reading.answers)
        yield RowSeen(row, row.cell(plan.row_id), row.cell(plan.person), answers, reading.text)


def _maybe_people(task: FileTask, survey: Survey) -> Iterator[Rejected]:
    """Columns headed like those that identify respondents, but with too few ids of the register to count as one."""
    if survey.plan.person:
        return
    for column, count in candidates(survey.layout.export.table, task.people):
        if is_called_so(column):
            place = f"{describe(column)}: {count.ids} of {count.cells} cells"
            yield Rejected("ingest", stem_of(task), place, Reason.MAYBE_PERSON_COLUMN, 0)


def _of_the_file(survey: Survey, files: Mapping[str, str]) -> Iterator[Rejected]:
    """Headings, columns other than answers, and rows and sheets left out, under the id of the file that holds them."""
    for table, plan in zip(survey.layout.tables, survey.layout.plans, strict=True):
        chars = sum(map(count_visible, table.headings))
        yield Rejected("ingest", files[table.file], f"{table.before}headings", Reason.HEADINGS, chars)
        for column in table.columns:
            use = plan.uses[column.index]
            if use not in ANSWERS and (chars := sum(map(count_visible, table.filled(column)))):
                place = f"{table.before}column {column.letter}"
                yield Rejected("ingest", files[table.file], place, str(use), chars)
    for repeat, plan in zip(survey.layout.export.repeats, survey.layout.plans[1:], strict=True):
        for row in repeat.orphans:
            chars = sum(count_visible(row.cell(column)) for column in plan.columns(repeat.table, *ANSWERS))
            yield Rejected("ingest", files[repeat.table.file], repeat.table.place(row), Reason.ORPHAN_ROW, chars)
    for exclusion in (*survey.layout.export.left_out, *survey.set_aside):
        yield Rejected("ingest", files[""], exclusion.place, exclusion.reason, exclusion.chars)
