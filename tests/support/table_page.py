"""The columns of docs/tables.md, written from their declaration in pipeline/tables.py.

After a change of a table: `PYTHONPATH=.:tests/support python tests/support/table_page.py`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from studies import ROOT

from pipeline import tables

PAGE = ROOT / "docs" / "tables.md"
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
    return f"{names}\n\n{own}".rstrip()


def stored_tables() -> str:
    """The sections of the shared columns and of every stored table."""
    note = "*Also*, below, names these, and columns that need no description."
    parts = [f"### Shared columns\n\n{note}\n\n{described(shared_columns())}"]
    for table in tables.TABLES:
        key = ", ".join(f"`{name}`" for name in table.key)
        text = f"{table.says}. Key: {key}. {own_columns(table)}".replace(". \n", ".\n")
        parts.append(f"### {table.name}\n\n{text}")
    return "\n\n".join(parts) + "\n\n"


def updated(page: str) -> str:
    """The page with its columns as they are declared; the rest was written by a person and stays."""
    page = _replaced(page, "### Shared columns\n", "## The ledger", stored_tables())
    head, mark, rest = page.partition("### evidence.csv\n")
    page = head + mark + _replaced(rest, "Also: ", "### matrix.csv", own_columns(tables.EVIDENCE) + "\n\n")
    head, mark, rest = page.partition("### Coded quotes\n")
    return head + mark + _replaced(rest, "Also: ", "- `person_", own_columns(tables.CODED_QUOTES) + "\n")


def _replaced(text: str, begin: str, end: str, new: str) -> str:
    return re.sub(
        rf"{re.escape(begin)}.*?(?=^{re.escape(end)})", lambda _: new, text, count=1, flags=re.DOTALL | re.MULTILINE
    )


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text("utf-8")), "utf-8")
