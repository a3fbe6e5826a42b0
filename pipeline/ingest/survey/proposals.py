"""What `check` reports on a file: its format, how a survey's columns would be read, and how to change that."""

from collections.abc import Iterator, Sequence

from pipeline.config import SurveySettings
from pipeline.errors import Problem, first_few
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
from pipeline.people import NameRegister, find_person
from pipeline.vocabulary import RESPONSE_STATES, Kind, Reason

UNREACHED = "until then these answers count for no person, and no consent can be applied to them"
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
        return (Problem(where, "is a form definition without answers", "keep it, or move it out of raw/"),)
    settings = settings_of(task)
    layout = layout_for(task, book)
    export, plan = layout.export, layout.plans[0]
    read_as = f"read as {export.tool}, {len(export.table.rows)} rows of answers"
    remarks = [Problem(where, "; ".join([read_as, *export.notes]), "nothing to do if that is right")]
    remarks += [*_open_columns(where, layout, settings), *_short_answers(where, layout, settings)]
    remarks += _rows_and_people(where, export.table, plan, settings)
    remarks += [*_maybe_people(where, task, export.table, plan, settings)]
    remarks += [*_several_choices(where, export.table, settings), *_not_counted(where, layout, settings)]
    remarks += [*_strangers(where, task, export.table, plan), *_left_out(where, layout)]
    remarks += [Problem(where, doubt, "write them as 2023-05-31 if it matters") for doubt in date_doubts(export.table)]
    return tuple(remarks)


def _open_columns(where: str, layout: Layout, settings: SurveySettings) -> Iterator[Problem]:
    if settings.open:
        return
    tables = zip(layout.tables, layout.plans, strict=True)
    columns = [(table, column) for table, plan in tables for column in plan.columns(table, Use.OPEN)]
    if not columns:
        yield Problem(where, "no column looks like open answers", _say(settings, 'open = ["its heading"]'))
        return
    named = [f"{describe(column)}: {_measured(table, column)}" for table, column in columns[:MOST]]
    more = [f"and {len(columns) - MOST} more"] if len(columns) > MOST else []
    headings = ", ".join(f'"{_quoted(column.name)}"' for _, column in columns)
    yield Problem(
        where, f"open answers are taken from {'; '.join([*named, *more])}", _say(settings, f"open = [{headings}]")
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
    more = [f"and {len(columns) - MOST} more"] if len(columns) > MOST else []
    now_open = [column for table, plan in tables for column in plan.columns(table, Use.OPEN)]
    headings = ", ".join(f'"{_quoted(column.name)}"' for column in [*now_open, *columns])
    what = f"short answers in people's own words are treated as closed: {'; '.join([*named, *more])}"
    yield Problem(where, what, f"nothing to do if they are facts; {_say(settings, f'open = [{headings}]')}")


def _measured(table: Table, column: Column) -> str:
    cells = table.filled(column)
    words, differ = words_a_cell(cells), share_that_differs(cells)
    return f"{len(cells)} answers, {words:.0f} words on average, {differ:.0%} different"


def _id_column(table: Table, plan: Plan) -> str:
    """The heading of a column of ids that may name a row, where none is known to do so; '' if there is none."""
    columns = plan.columns(table, Use.ROW_ID) if plan.row_id is None else []
    return next((column.name for column in columns if may_name_row(column.name)), "")


def _rows_and_people(where: str, table: Table, plan: Plan, settings: SurveySettings) -> Iterator[Problem]:
    ids = _id_column(table, plan)
    if not settings.id and (ids or plan.row_id is not plan.person):
        taken = (
            f"rows are identified by {describe(plan.row_id)}" if plan.row_id else "rows are identified by their number"
        )
        heading = _quoted(ids) if ids else "the heading of the column that names a row"
        yield Problem(where, taken, _say(settings, f'id = "{heading}"'))
    if not settings.person:
        taken = (
            f"people are identified by {describe(plan.person)}"
            if plan.person
            else "no column identifies the respondent"
        )
        yield Problem(where, taken, _say(settings, 'person = "the heading of the column with the participant_id"'))


def _maybe_people(where: str, task: FileTask, table: Table, plan: Plan, settings: SurveySettings) -> Iterator[Problem]:
    """Columns of which some cells are ids of the register, and cells of the person's column that are blank."""
    if plan.person:
        blank = len(table.rows) - len(table.filled(plan.person))
        if 0 < blank < len(table.rows):
            what = f"{describe(plan.person)} identifies people and is blank in {blank} of {len(table.rows)} rows"
            yield Problem(where, what, f"fill it in if you know it; {UNREACHED}")
        return
    columns = candidates(table, task.people)
    if columns:
        named = "; ".join(f"{describe(column)}: {count.ids} of {count.cells} cells" for column, count in columns)
        what = f"no column identifies the respondent, but some cells are ids of the register: {named}"
        line = f'person = "{_quoted(columns[0][0].name)}"'
        yield Problem(where, what, f"{_say(settings, line)}, if it is that one; {UNREACHED}")


def _several_choices(where: str, table: Table, settings: SurveySettings) -> Iterator[Problem]:
    """Attributes of people that are read from a column in which they ticked several choices."""
    for name, heading in sorted(settings.attributes.items()):
        column = named(table, heading)
        cells = table.filled(column) if column else []
        if column and is_ticked(cells):
            what = f"{name} is read from {describe(column)}, which holds several choices: each combination counts as a group"
            yield Problem(where, what, "take a column with one choice for each person")


def _strangers(where: str, task: FileTask, table: Table, plan: Plan) -> Iterator[Problem]:
    """Rows whose person is not in the register; the value is not repeated, it may be a name."""
    names = NameRegister(task.people)
    matches = [(row, find_person(row.cell(plan.person), names)) for row in table.rows if row.cell(plan.person)]
    guessed = [row for row, match in matches if match.is_guess]
    if guessed:
        what = f"{_rows(len(guessed))} identified by a variant of a name ({_places(table, guessed)})"
        remedy = "nothing to do if that is right; otherwise write the participant_id, or the spelling as an alias"
        yield Problem(where, what, f"{remedy} in raw/participants")
    rows = [row for row, match in matches if not match.participant_id]
    if rows:
        what = f"rows whose person is not in the register: {len(rows)} ({_places(table, rows)})"
        remedy = "add the person to raw/participants.csv, or correct the id; until then these rows count for no person"
        yield Problem(where, what, remedy)


def _places(table: Table, rows: Sequence[Row]) -> str:
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
        remedy = (
            _say(settings, f'include = ["{key}"]')
            if key
            else "nothing to do; list a column under ignore if it is read wrongly"
        )
        yield Problem(where, f"{len(rows)} rows do not count, {reason}: {places}", remedy)


def _left_out(where: str, layout: Layout) -> Iterator[Problem]:
    people = [
        (column, plan.identities[column.index])
        for table, plan in zip(layout.tables, layout.plans, strict=True)
        for column in plan.columns(table, Use.PEOPLE)
        if table.filled(column)
    ]
    if people:
        named = ", ".join(f"{describe(column)}: {identity}" for column, identity in people[:MOST])
        more = f" and {len(people) - MOST} more" if len(people) > MOST else ""
        remedy = "nothing to do; a column that identifies nobody can be listed under open"
        yield Problem(where, f"not read, because they identify people: {named}{more}", remedy)


def _quoted(heading: str) -> str:
    return heading.replace("\\", "\\\\").replace('"', '\\"')


def _say(settings: SurveySettings, line: str) -> str:
    return f'to set it yourself, write in config.toml under [[surveys]] file = "{settings.file}": {line}'


def _rows(count: int) -> str:
    return "1 row is" if count == 1 else f"{count} rows are"
