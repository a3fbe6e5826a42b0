"""Which columns of a survey are open answers, which name the row or the person, and which are closed answers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from pipeline.config import SurveySettings
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.survey.person_column import count_ids, ids_of, person_of
from pipeline.ingest.survey.records import Column, Export, Hint, Table
from pipeline.ingest.survey.vocabulary import fold, rank_of_id
from pipeline.records import Participant


class Use(StrEnum):
    """What a column is used for."""

    OPEN = "open answer"
    CLOSED = "closed answer"
    ROW_ID = "row id"
    PERSON = "person column"
    PEOPLE = "names people"
    IGNORED = "left out by config.toml"


ANSWERS = frozenset({Use.OPEN, Use.CLOSED})


@dataclass(frozen=True, slots=True)
class Plan:
    """The use of every column of a table, and the columns that name the row and the person, where there are such."""

    uses: Mapping[int, Use]
    row_id: Column | None = None
    person: Column | None = None

    def columns(self, table: Table, use: Use) -> list[Column]:
        """The columns of a use, in their order."""
        return [column for column in table.columns if self.uses[column.index] is use]


NUMBER = re.compile(r"[-+]?[\d.,' \u00a0]*\d ?[%€$]?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ,].*)?|\d{1,2}:\d{2}(:\d{2})?( ?[ap]\.? ?m\.?)?", re.IGNORECASE)
NO_PROSE = re.compile(r"\S+@\S+\.\w+|https?://\S+|\S{25,}|-?\d+\.\d{3,}[, ]+-?\d+\.\d{3,}.*")
# What says who somebody is, or where they live: an address of mail or of a computer, a place on the map.
IDENTIFIES = re.compile(
    r"[^@\s]+@[^@\s]+\.\w{2,}|\d{1,3}(\.\d{1,3}){3}|-?\d{1,3}\.\d{3,}[, ]+-?\d{1,3}\.\d{3,}( -?[\d.]+){0,2}"
)
# An open answer is prose: so many words a cell, and seldom the same twice. Either will do.
PROSE = ((3.0, 0.6), (8.0, 0.3))  # (words a cell, share of cells that differ)
LONGEST_ID = 100  # characters
BETWEEN_CHOICES = (";", ", ", "|")  # of Microsoft Forms, of Google Forms, of others
LEAST_TICKED = 5  # cells from which choices can be told from sentences
SAME_CHOICES = 0.4  # of the parts at most differ where they are choices
DISTINCT = 0.95  # of the rows must have a cell, and of the cells must differ, for a column to be taken as the row's id


def plans_of(export: Export, settings: SurveySettings, people: Sequence[Participant]) -> list[Plan]:
    """The use of each column of the main table and of each repeat: what config.toml says, else the tool, else the cells."""
    tables = [export.table, *(repeat.table for repeat in export.repeats)]
    check_named(tables, settings)
    ids = ids_of(people)
    plans = []
    for number, table in enumerate(tables):
        person = named(table, settings.person) or (None if settings.person or number else person_of(table, ids))
        by_id = person if person and count_ids(table, person, ids).is_most else None
        row_id = named(table, settings.id) or (None if number else _row_id(table, export.tool, by_id))
        plans.append(Plan(_uses(table, settings, row_id, person), row_id, person))
    return plans


def _uses(table: Table, settings: SurveySettings, row_id: Column | None, person: Column | None) -> dict[int, Use]:
    ignored = [named(table, name) for name in settings.ignore]
    opened = [named(table, name) for name in settings.open]
    uses = {}
    for column in table.columns:
        if column in ignored:
            use = Use.IGNORED
        elif column in opened:
            use = Use.OPEN
        elif column in (person, row_id):
            use = Use.PERSON if column is person else Use.ROW_ID
        else:
            use = _guess(column, table, ask_open=not settings.open)
        uses[column.index] = use
    return uses


def named(table: Table, name: str) -> Column | None:
    """The column that config.toml means: by its name, else by what was asked."""
    wanted = fold(name)
    if not wanted:
        return None
    by_name = [column for column in table.columns if fold(column.name) == wanted]
    by_question = [column for column in table.columns if fold(column.question) == wanted]
    return next(iter(by_name or by_question), None)


def check_named(tables: Sequence[Table], settings: SurveySettings) -> None:
    """UnreadableError naming each column of config.toml that the file does not have."""
    problems = [
        Problem(f"config.toml [[surveys]] {key}", f"the file has no column {name!r}", _nearest(tables, name))
        for key, names in _choices(settings)
        for name in names
        if name and not any(named(table, name) for table in tables)
    ]
    if problems:
        raise UnreadableError(problems)


def _choices(settings: SurveySettings) -> Iterable[tuple[str, Sequence[str]]]:
    return (("person", [settings.person]), ("id", [settings.id]), ("open", settings.open), ("ignore", settings.ignore))


def _nearest(tables: Sequence[Table], name: str) -> str:
    headings = [text for table in tables for column in table.columns for text in (column.name, column.question)]
    near = get_close_matches(name, headings, 1, 0.6)
    return f"write it as in the file: {near[0]!r}" if near else "copy the heading from the file"


def _row_id(table: Table, tool: str, person: Column | None) -> Column | None:
    """The best of the columns that name rows by what they are called, else the person's, if its cells are there and differ."""
    ranks = {column.index: rank_of_id(column.name, tool) for column in table.columns}
    known = [column for column in table.columns if ranks[column.index] is not None or column.hint is Hint.ROW_ID]
    known.sort(key=lambda column: -1 if (rank := ranks[column.index]) is None else rank)
    for column in [*known, *([person] if person else [])]:
        values = table.filled(column)
        is_whole = len(values) >= DISTINCT * len(table.rows) and len(set(values)) >= DISTINCT * len(values)
        if is_whole and max(map(len, values)) <= LONGEST_ID and not tells_who(values):
            return column
    return None


def _guess(column: Column, table: Table, *, ask_open: bool) -> Use:
    cells = table.filled(column)
    if column.hint is Hint.PEOPLE or tells_who(cells):
        return Use.PEOPLE
    is_open = ask_open and (column.hint is Hint.OPEN or (not column.hint and is_prose(cells) and not is_ticked(cells)))
    return Use.OPEN if is_open else Use.CLOSED


def tells_who(cells: Sequence[str]) -> bool:
    """Whether most cells say who somebody is, or where they live."""
    return sum(map(bool, map(IDENTIFIES.fullmatch, cells))) > len(cells) / 2


def is_prose(cells: Sequence[str]) -> bool:
    """Whether cells look like open answers: several words, seldom the same, neither numbers, dates, addresses nor ids."""
    prose = [cell for cell in cells if not (NUMBER.fullmatch(cell) or DATE.fullmatch(cell) or NO_PROSE.fullmatch(cell))]
    if not prose or len(prose) < len(cells) / 2:
        return False
    words, different = words_a_cell(prose), share_that_differs(prose)
    return any(words >= least and different >= share for least, share in PROSE)


def is_ticked(cells: Sequence[str]) -> bool:
    """Whether cells are several choices of a list: parts between the same marks that come again and again."""
    for mark in BETWEEN_CHOICES:
        parts = [part.strip() for cell in cells for part in cell.split(mark) if part.strip()]
        if len(parts) > len(cells) >= LEAST_TICKED and len(set(parts)) <= SAME_CHOICES * len(parts):
            return True
    return False


def words_a_cell(cells: Sequence[str]) -> float:
    """How many words a cell has at the mean."""
    return sum(len(cell.split()) for cell in cells) / max(1, len(cells))


def share_that_differs(cells: Sequence[str]) -> float:
    """The share of cells that are not the same as another."""
    return len(set(cells)) / max(1, len(cells))
