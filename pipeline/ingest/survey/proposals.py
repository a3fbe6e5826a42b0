"""What `check` reports on a file: its format, how a survey's columns would be read, and how to change that."""

from collections.abc import Iterator, Sequence

from pipeline.config import SurveySettings
from pipeline.errors import Problem
from pipeline.ingest import FileTask, format_of
from pipeline.ingest.survey.columns import Plan, Use, named
from pipeline.ingest.survey.headings.xlsform import is_form
from pipeline.ingest.survey.person_column import candidates
from pipeline.ingest.survey.prose import is_ticked, may_be_open, share_that_differs, words_a_cell
from pipeline.ingest.survey.records import Column, Row, Table, describe
from pipeline.ingest.survey.rows import Layout
from pipeline.ingest.survey.sources import book_of, layout_for, row_states, settings_of
from pipeline.ingest.survey.vocabulary import may_name_row
from pipeline.ingest.survey.warnings import date_doubts
from pipeline.people import GENDER, NameRegister, find_person, remark_on_genders
from pipeline.vocabulary import RESPONSE_STATES, Kind, Reason
from pipeline.wording.messages import Message, first_few, message, separated

SIGN_OF_CHOICES = ";"  # between the choices of a person who is counted in several groups
PARTED = "ingest/is_read_from_which_holds_several", "ingest/take_a_column_with_one_choice"
NOT_PARTED = "ingest/holds_combinations", "ingest/part_the_choices"
UNREACHED = "ingest/until_then_these_answers"
MOST = 6  # columns that a remark names; the others are counted


def propose(task: FileTask) -> tuple[Problem, ...]:
    """Remarks on a survey: which columns are taken as open, person and row id, and what is in doubt.

    UnreadableError if the file is in no format that can be read. Headings are named, answers never.
    """
    if task.kind is not Kind.SURVEY:
        format_of(task)
        return ()
    book = book_of(task)
    where = f"raw/{task.path}"
    if is_form(book):
        return (
            Problem(
                where, message("ingest/is_a_form_definition_without_answers"), message("ingest/keep_it_or_move_it_out")
            ),
        )
    settings = settings_of(task)
    layout = layout_for(task, book)
    export, plan = layout.export, layout.plans[0]
    read_as = message("ingest/read_as", tool=export.tool_in_words, rows=len(export.table.rows))
    remarks = [
        Problem(where, separated("; ", [read_as, *export.notes]), message("ingest/nothing_to_do_if_that_is_right"))
    ]
    remarks += [*_open_columns(where, layout, settings), *_short_answers(where, layout, settings)]
    remarks += _rows_and_people(where, export.table, plan, settings)
    remarks += [*_maybe_people(where, task, export.table, plan, settings)]
    remarks += [*_several_choices(where, export.table, settings), *_genders(where, export.table, settings)]
    remarks += [*_not_counted(where, layout, settings)]
    remarks += [*_strangers(where, task, export.table, plan), *_left_out(where, layout)]
    remarks += [
        Problem(where, doubt, message("ingest/write_them_as_2023_05_31")) for doubt in date_doubts(export.table)
    ]
    return tuple(remarks)


def _open_columns(where: str, layout: Layout, settings: SurveySettings) -> Iterator[Problem]:
    if settings.open:
        return
    tables = zip(layout.tables, layout.plans, strict=True)
    columns = [(table, column) for table, plan in tables for column in plan.columns(table, Use.OPEN)]
    if not columns:
        yield Problem(
            where,
            message("ingest/no_column_looks_like_open_answers"),
            _say(settings, message("ingest/open_is_its_heading")),
        )
        return
    named = [separated(": ", [describe(column), _measured(table, column)]) for table, column in columns[:MOST]]
    more = [message("ingest/and_more", more=len(columns) - MOST)] if len(columns) > MOST else []
    headings = ", ".join(f'"{_quoted(column.name)}"' for _, column in columns)
    yield Problem(
        where,
        message("ingest/open_answers_are_taken_from", columns=separated("; ", [*named, *more])),
        _say(settings, f"open = [{headings}]"),
    )


def _short_answers(where: str, layout: Layout, settings: SurveySettings) -> Iterator[Problem]:
    """The columns of short answers that people typed: read as closed, so that codes can be crossed with them."""
    if settings.open:
        return
    tables = list(zip(layout.tables, layout.plans, strict=True))
    closed = [(table, column) for table, plan in tables for column in plan.columns(table, Use.CLOSED)]
    columns = [column for table, column in closed if may_be_open(column, table.filled(column))]
    if not columns:
        return
    named = [describe(column) for column in columns[:MOST]]
    more = [message("ingest/and_more", more=len(columns) - MOST)] if len(columns) > MOST else []
    now_open = [column for table, plan in tables for column in plan.columns(table, Use.OPEN)]
    headings = ", ".join(f'"{_quoted(column.name)}"' for column in [*now_open, *columns])
    what = message("ingest/short_answers_in_peoples_own_words", columns=separated("; ", [*named, *more]))
    yield Problem(
        where, what, message("ingest/nothing_to_do_if_they_are_facts", otherwise=_say(settings, f"open = [{headings}]"))
    )


def _measured(table: Table, column: Column) -> Message:
    cells = table.filled(column)
    words, differ = words_a_cell(cells), share_that_differs(cells)
    return message("ingest/answers_measured", answers=len(cells), words=words, differ=differ)


def _id_column(table: Table, plan: Plan) -> str:
    """The heading of a column of ids that may identify rows, if no column is known to; '' if there is none."""
    columns = plan.columns(table, Use.ROW_ID) if plan.row_id is None else []
    return next((column.name for column in columns if may_name_row(column.name)), "")


def _rows_and_people(where: str, table: Table, plan: Plan, settings: SurveySettings) -> Iterator[Problem]:
    ids = _id_column(table, plan)
    if not settings.id and (ids or plan.row_id is not plan.person):
        taken = (
            message("ingest/rows_are_identified_by", column=describe(plan.row_id))
            if plan.row_id
            else message("ingest/rows_are_identified_by_their_number")
        )
        line = f'id = "{_quoted(ids)}"' if ids else message("ingest/id_is_the_heading")
        yield Problem(where, taken, _say(settings, line))
    if not settings.person:
        taken = (
            message("ingest/people_are_identified_by", column=describe(plan.person))
            if plan.person
            else message("ingest/no_column_identifies_the_respondent")
        )
        yield Problem(where, taken, _say(settings, message("ingest/person_is_the_heading")))


def _maybe_people(where: str, task: FileTask, table: Table, plan: Plan, settings: SurveySettings) -> Iterator[Problem]:
    """Columns of which some cells are ids of the register, and cells of the person's column that are blank."""
    if plan.person:
        blank = len(table.rows) - len(table.filled(plan.person))
        if 0 < blank < len(table.rows):
            what = message(
                "ingest/identifies_people_and_is_blank",
                column=describe(plan.person),
                blank=blank,
                rows=len(table.rows),
            )
            yield Problem(where, what, message("ingest/fill_it_in_if_you_know", unreached=message(UNREACHED)))
        return
    columns = candidates(table, task.people)
    if columns:
        named = separated(
            "; ",
            (
                message("ingest/ids_in_cells", column=describe(column), ids=count.ids + count.names, cells=count.cells)
                for column, count in columns
            ),
        )
        what = message("ingest/no_column_identifies_the_respondent_but", named=named)
        line = f'person = "{_quoted(columns[0][0].name)}"'
        yield Problem(
            where, what, message("ingest/if_it_is_that_one", line=_say(settings, line), unreached=message(UNREACHED))
        )


def _several_choices(where: str, table: Table, settings: SurveySettings) -> Iterator[Problem]:
    """Attributes of people that are read from a column in which they ticked several choices."""
    for name, heading in sorted(settings.attributes.items()):
        column = named(table, heading)
        cells = table.filled(column) if column else []
        if column and is_ticked(cells):
            is_parted = SIGN_OF_CHOICES in "".join(map(column.label_of, cells))
            what, remedy = PARTED if is_parted else NOT_PARTED
            yield Problem(where, message(what, name=name, value=describe(column)), message(remedy))


def _genders(where: str, table: Table, settings: SurveySettings) -> Iterator[Problem]:
    """What is taken for woman and man in the column of gender."""
    column = named(table, settings.attributes.get(GENDER, ""))
    yield from remark_on_genders(where, map(column.label_of, table.filled(column)) if column else ())


def _strangers(where: str, task: FileTask, table: Table, plan: Plan) -> Iterator[Problem]:
    """Rows whose person is not in the register; the value is not repeated, it may be a name."""
    names = NameRegister(task.people)
    matches = [(row, find_person(row.cell(plan.person), names)) for row in table.rows if row.cell(plan.person)]
    guessed = [row for row, match in matches if match.is_guess]
    if guessed:
        what = message("ingest/identified_by_a_variant", n=len(guessed), places=_places(table, guessed))
        yield Problem(where, what, message("ingest/nothing_to_do_or_write_the_id"))
    rows = [row for row, match in matches if not match.participant_id]
    if rows:
        what = message("ingest/rows_whose_person", rows=len(rows), places=_places(table, rows))
        remedy = message("ingest/add_the_person_to_raw_participants")
        yield Problem(where, what, remedy)


def _places(table: Table, rows: Sequence[Row]) -> Message:
    return first_few([table.place(row) for row in rows])


def _not_counted(where: str, layout: Layout, settings: SurveySettings) -> Iterator[Problem]:
    """Rows that do not count, by reason, and how to include them."""
    states = {row.number: state for row, state in row_states(layout)}
    by_reason: dict[Reason, list[Row]] = {}
    for row in layout.export.table.rows:
        if state := states.get(row.number):
            by_reason.setdefault(state, []).append(row)
    keys = {reason: key for key, reason in RESPONSE_STATES.items()}
    for reason, rows in sorted(by_reason.items()):
        places = _places(layout.export.table, rows)
        key = keys.get(reason)
        if key in settings.include:
            continue
        remedy = _say(settings, f'include = ["{key}"]') if key else message("ingest/nothing_to_do_list_a_column")
        yield Problem(
            where,
            message("ingest/rows_do_not_count", n=len(rows), reason=message(f"reason.{reason}"), places=places),
            remedy,
        )


def _left_out(where: str, layout: Layout) -> Iterator[Problem]:
    people = [
        (column, plan.identities[column.index])
        for table, plan in zip(layout.tables, layout.plans, strict=True)
        for column in plan.columns(table, Use.PEOPLE)
        if table.filled(column)
    ]
    if people:
        named = [
            separated(": ", [describe(column), message(f"identity.{identity}")]) for column, identity in people[:MOST]
        ]
        columns = separated(", ", named)
        if len(people) > MOST:
            columns = separated(" ", [columns, message("ingest/and_more", more=len(people) - MOST)])
        remedy = message("ingest/nothing_to_do_a_column")
        yield Problem(where, message("ingest/not_read_because_they_identify_people", columns=columns), remedy)


def _quoted(heading: str) -> str:
    return heading.replace("\\", "\\\\").replace('"', '\\"')


def _say(settings: SurveySettings, line: str) -> Message:
    return message("ingest/to_set_it_yourself", file=settings.file, line=line)
