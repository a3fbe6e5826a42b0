"""The use of each survey column: open answer, closed answer, row id or person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from pipeline.config import SurveySettings
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.survey.identifying import identity_of
from pipeline.ingest.survey.person_column import count_ids, ids_of, person_of
from pipeline.ingest.survey.prose import is_open
from pipeline.ingest.survey.records import Column, Export, Hint, Table
from pipeline.ingest.survey.vocabulary import fold_heading, has_id_word, rank_of_id, words
from pipeline.records import Participant
from pipeline.vocabulary import Identity, Reason
from pipeline.wording.messages import Message, message


class Use(StrEnum):
    """What a column is used for; a column without answers is left out with its use as the reason."""

    OPEN = "open answer"
    CLOSED = "closed answer"
    ROW_ID = Reason.ROW_ID
    PERSON = Reason.PERSON_COLUMN
    PEOPLE = Reason.IDENTIFYING_COLUMN
    IGNORED = Reason.IGNORED_COLUMN


ANSWERS = frozenset({Use.OPEN, Use.CLOSED})


@dataclass(frozen=True, slots=True)
class Plan:
    """The use of every column of a table, and the columns that identify the row and the person, if any."""

    uses: Mapping[int, Use]
    row_id: Column | None = None
    person: Column | None = None
    identities: Mapping[int, Identity] = field(default_factory=dict)  # of the columns that tell who somebody is

    def columns(self, table: Table, *uses: Use) -> list[Column]:
        """The columns of these uses, in their order."""
        return [column for column in table.columns if self.uses[column.index] in uses]


LONGEST_ID = 100  # characters
LEAST_IDS = 4  # cells; fewer differ by chance
# A machine's code: a UUID, or at least eight letters and figures in one piece: `R_3HJ8s9dKf2`, `a91f03bc77`.
CODE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\S*\d)(?=\S*[a-z])\w{8,}", re.IGNORECASE)
DISTINCT = 0.95  # of the rows must have a cell, and of the cells must differ, for a column to be taken as the row's id


def plans_of(export: Export, settings: SurveySettings, people: Sequence[Participant]) -> list[Plan]:
    """The use of each column of the main table and of each repeat: what config.toml says, else the tool, else the cells."""
    tables = [export.table, *(repeat.table for repeat in export.repeats)]
    check_named(tables, settings)
    ids = ids_of(people)
    plans = []
    for number, table in enumerate(tables):
        own_id = settings.joined.get(table.file, settings.id) if table.file else settings.id
        is_part = number > 0 and table.file not in settings.joined  # a repeat
        person = named(table, settings.person) or (None if settings.person or is_part else person_of(table, ids))
        by_id = person if person and count_ids(table, person, ids).is_most else None
        row_id = named(table, own_id) or (None if number else _row_id(table, export.tool, by_id))
        plans.append(_plan(table, settings, row_id=row_id, person=person))
    return plans


def _plan(table: Table, settings: SurveySettings, *, row_id: Column | None, person: Column | None) -> Plan:
    chosen = {column.index: Use.OPEN for name in settings.open if (column := named(table, name))}
    chosen |= {column.index: Use.IGNORED for name in settings.ignore if (column := named(table, name))}
    uses: dict[int, Use] = {}
    identities: dict[int, Identity] = {}
    for column in table.columns:
        cells = table.filled(column)
        if column.index in chosen:
            uses[column.index] = chosen[column.index]
        elif column is person:
            uses[column.index] = Use.PERSON
        elif column is row_id:
            uses[column.index] = Use.ROW_ID
        elif identity := identity_in(column, cells):
            uses[column.index], identities[column.index] = Use.PEOPLE, identity
        elif is_id(table, column):
            uses[column.index] = Use.ROW_ID
        else:
            uses[column.index] = _guess(column, cells, finds_open=not settings.open)
    return Plan(uses, row_id, person, identities)


def identity_in(column: Column, cells: Sequence[str]) -> Identity | None:
    """The identity that a column holds (name, mail ...): by its tool, otherwise by its heading and cells."""
    identity = None if column.hint in (Hint.TOOL, Hint.ROW_ID) else identity_of((column.name, column.question), cells)
    return identity or (Identity.ACCOUNT if column.hint is Hint.PEOPLE else None)


def named(table: Table, name: str) -> Column | None:
    """The column that config.toml names: by heading, otherwise by question."""
    folded = fold_heading(name)
    if not folded:
        return None
    by_name = [column for column in table.columns if fold_heading(column.name) == folded]
    by_question = [column for column in table.columns if fold_heading(column.question) == folded]
    return next(iter(by_name or by_question), None)


def check_named(tables: Sequence[Table], settings: SurveySettings) -> None:
    """UnreadableError naming each column of config.toml that the file does not have."""
    problems = [
        Problem(
            f"config.toml [[surveys]] {key}",
            message("ingest/the_file_has_no_column", name=name),
            _nearest(tables, name),
        )
        for key, names in _choices(settings)
        for name in names
        if name and not _has_column(tables, name)
    ]
    if problems:
        raise UnreadableError(problems)


def _has_column(tables: Sequence[Table], name: str) -> bool:
    return any(named(table, name) for table in tables)


def _choices(settings: SurveySettings) -> Iterable[tuple[str, Sequence[str]]]:
    return (
        ("person", [settings.person]),
        ("id", [settings.id]),
        ("open", settings.open),
        ("ignore", settings.ignore),
        ("joined", sorted(settings.joined.values())),
        ("attributes", sorted(settings.attributes.values())),
    )


def _nearest(tables: Sequence[Table], name: str) -> Message:
    headings = [text for table in tables for column in table.columns for text in (column.name, column.question)]
    near = get_close_matches(name, headings, 1, 0.6)
    return message("ingest/write_it_as_in_the_file", heading=near[0]) if near else message("ingest/copy_the_heading")


def _row_id(table: Table, tool: str, person: Column | None) -> Column | None:
    """The best column that is headed as a row id, otherwise the person's, if it is filled and its cells differ."""
    ranks = {column.index: rank_of_id(column.name, tool) for column in table.columns}
    named_as_ids = [column for column in table.columns if ranks[column.index] is not None or column.hint is Hint.ROW_ID]
    named_as_ids.sort(key=lambda column: -1 if (rank := ranks[column.index]) is None else rank)
    for column in [*named_as_ids, *([person] if person else [])]:
        values = table.filled(column)
        is_whole = _are_different(table, values) and max(map(len, values), default=0) <= LONGEST_ID
        if values and is_whole and not _tells_who(column, values, tool):
            return column
    return None


def is_id(table: Table, column: Column) -> bool:
    """Whether a column holds ids, not answers: by its heading, or because its cells have the form of ids and all differ."""
    cells = table.filled(column)
    if len(cells) < LEAST_IDS or not _are_different(table, cells) or any(" " in cell for cell in cells):
        return False
    is_named = column.hint is Hint.ROW_ID or has_id_word(column.name)
    return is_named or sum(map(bool, map(CODE.fullmatch, cells))) >= DISTINCT * len(cells)


def _are_different(table: Table, cells: Sequence[str]) -> bool:
    """Whether nearly every row has a cell and nearly every cell is another."""
    return len(cells) >= DISTINCT * len(table.rows) and len(set(cells)) >= DISTINCT * len(cells)


def _tells_who(column: Column, cells: Sequence[str], tool: str) -> bool:
    """Whether the cells of a column headed as a row id identify people; a tool's own ids are mere numbers."""
    identity = identity_of((), cells)
    is_of_the_tool = column.hint is Hint.ROW_ID or fold_heading(column.name) in words().get(tool, {}).get("row_id", ())
    return identity is not None and not (is_of_the_tool and identity in (Identity.IDENTITY_NUMBER, Identity.TELEPHONE))


def _guess(column: Column, cells: Sequence[str], *, finds_open: bool) -> Use:
    """The use of a column that config.toml does not name and that does not identify people."""
    return Use.OPEN if finds_open and is_open(column, cells) else Use.CLOSED
