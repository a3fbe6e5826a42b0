"""The columns of every table, for docs/tables.md on the documentation site: as pipeline/tables.py declares them."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from pipeline import tables

CONTRACTS = (*tables.TABLES, tables.EVIDENCE, tables.CODED_QUOTES)


def shared_columns() -> list[tables.Column]:
    """The columns that occur in several tables with one meaning, in the order of their first appearance."""
    every = [column for table in CONTRACTS for column in table.columns]
    meanings = Counter(column.name for column in dict.fromkeys(every))
    return [column for column in dict.fromkeys(every) if every.count(column) > 1 and meanings[column.name] == 1]


def described(columns: Iterable[tables.Column]) -> str:
    """A list of columns: name, meaning and closed vocabulary; neighbours with one meaning share a line.

    Columns whose name says what they hold are left out.
    """
    lines = []
    for (says, words), alike in groupby(filter(_described, columns), key=lambda column: (column.says, column.words)):
        names = ", ".join(f"`{column.name}`" for column in alike)
        vocabulary = ", ".join(word or "(blank)" for word in words)
        lines.append(f"- {names}: {': '.join(filter(None, (says.replace('<', '&lt;'), vocabulary)))}")
    return "\n".join(lines)


def _described(column: tables.Column) -> bool:
    return bool(column.says or column.words)


def own_columns(table: tables.Table) -> str:
    """The columns of one table: by name the shared ones and those that need no description, the others described."""
    shared = shared_columns()
    own = described(column for column in table.columns if column not in shared)
    keys = table.key if table in tables.TABLES else ()
    others = [
        f"`{column.name}`"
        for column in table.columns
        if column.name not in keys and (column in shared or not _described(column))
    ]
    names = f"Also: {', '.join(others)}." if others else ""
    return f"{names}\n\n{own}".strip()


def stored_tables() -> str:
    """The sections of the shared columns and of every stored table."""
    note = "*Also*, below, names these, and columns that need no description."
    parts = [f"### Shared columns\n\n{note}\n\n{described(shared_columns())}"]
    for table in tables.TABLES:
        key = ", ".join(f"`{name}`" for name in table.key)
        text = f"{table.says}. Key: {key}. {own_columns(table)}".replace(". \n", ".\n")
        parts.append(f"### {table.name}\n\n{text}")
    return "\n\n".join(parts)


def with_columns(page: str) -> str:
    """The page, with the columns of the tables at the end of the sections about them."""
    page = _before(page, "## The ledger", stored_tables())
    page = _before(page, "### Counts", own_columns(tables.EVIDENCE))
    counts = "\n\n".join(f"### {table.name}\n\n{table.says}.\n\n{described(table.columns)}" for table in tables.COUNTS)
    page = _before(page, "### Coded quotes", counts)
    return _before(page, "### evidence.xlsx", own_columns(tables.CODED_QUOTES))


def _before(page: str, heading: str, text: str) -> str:
    head, mark, rest = page.partition(f"\n{heading}")
    return f"{head.rstrip()}\n\n{text}\n{mark}{rest}"
