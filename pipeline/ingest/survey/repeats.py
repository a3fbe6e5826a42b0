"""Questions asked several times: rows of further sheets, joined to the row of the main sheet that they belong to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.ingest.spreadsheets.book import Sheet
from pipeline.ingest.survey.records import Column, Repeat, Row, Table
from pipeline.ingest.survey.vocabulary import fold_heading

# How a row of a repeat names its parent: the column there, and the column of the parent.
PARENTS = (("_parent_index", "_index"), ("parent_key", "key"))
UNIQUE = frozenset({"key"})  # unique over all sheets of an export
PARENT_SHEET = "_parent_table_name"
CUT_NAME = "..."  # at the end of a sheet's name that was too long for Excel

Place = tuple[str, int]  # sheet and row


@dataclass(frozen=True, slots=True)
class Link:
    """How a sheet is tied to its parent."""

    table: Table
    parent: Column  # holds the parent's key
    key: str  # the column of the parent that holds it
    parent_sheet: Column | None


@dataclass(frozen=True, slots=True)
class Joined:
    """What config.toml joins to a survey: the column that names a row, and by file the column there that holds the same."""

    row_id: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


NOTHING_JOINED = Joined()


def is_repeat(sheet: Sheet, joined: Joined = NOTHING_JOINED) -> bool:
    """Whether the rows of a sheet belong to rows of another."""
    heads = {fold_heading(cell) for row in sheet.rows[:1] for cell in row}
    is_joined = fold_heading(joined.columns.get(sheet.file, "")) in heads - {""}
    return is_joined or any(parent in heads for parent, _ in PARENTS)


def join(main: Table, tables: Sequence[Table], joined: Joined = NOTHING_JOINED) -> tuple[Repeat, ...]:
    """The repeats with the main table's row of each of their rows, and the rows whose parent is not there."""
    parents = dict(_parents(main, [_link(table, joined) for table in tables]))
    repeats = []
    for table in tables:
        rows_of: dict[int, list[Row]] = defaultdict(list)
        orphans: list[Row] = []
        for row in table.rows:
            number = _root((table.sheet, row.number), parents, main)
            if number:
                rows_of[number].append(row)
            else:
                orphans.append(row)
        repeats.append(Repeat(table, rows_of, tuple(orphans), is_joined=table.file in joined.columns))
    return tuple(repeats)


def _link(table: Table, joined: Joined) -> Link:
    by_name = {fold_heading(column.name): column for column in table.columns}
    if table.file in joined.columns:
        return Link(table, by_name[fold_heading(joined.columns[table.file])], fold_heading(joined.row_id), None)
    parent, key = next((by_name[parent], key) for parent, key in PARENTS if parent in by_name)
    return Link(table, parent, key, by_name.get(PARENT_SHEET))


def _parents(main: Table, links: Sequence[Link]) -> Iterator[tuple[Place, Place]]:
    """For every row of a repeat, the sheet and row of its parent."""
    tables = [main, *(link.table for link in links)]
    named = {key for _, key in PARENTS} | {link.key for link in links}
    keys = {(table.sheet, key): _by_key(table, key) for table in tables for key in named}
    for link in links:
        for row in link.table.rows:
            parents = tables if link.key in UNIQUE else [_sheet_named(row.cell(link.parent_sheet), tables)]
            for table in parents:
                if number := keys[table.sheet, link.key].get(row.cell(link.parent)):
                    yield (link.table.sheet, row.number), (table.sheet, number)
                    break


def _by_key(table: Table, key: str) -> dict[str, int]:
    column = next((column for column in table.columns if fold_heading(column.name) == key), None)
    return {row.cell(column): row.number for row in reversed(table.rows)} if column else {}


def _sheet_named(name: str, tables: Sequence[Table]) -> Table:
    """The table of that name, whose sheet's name may be cut; the main one if no name is given."""
    exact = next((table for table in tables if table.sheet == name), None)
    cut = (t for t in tables if t.sheet.endswith(CUT_NAME) and name.startswith(t.sheet.removesuffix(CUT_NAME)))
    return exact or next(cut, tables[0])


def _root(place: Place, parents: Mapping[Place, Place], main: Table) -> int:
    """The row of the main table at the end of the chain of parents; 0 where the chain breaks."""
    for _ in range(len(parents) + 1):
        if place[0] == main.sheet:
            return place[1]
        if place not in parents:
            return 0
        place = parents[place]
    return 0
