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
    """A list of columns: name, meaning and closed vocabulary; neighbours with one meaning share a line."""
    lines = []
    for (says, words), alike in groupby(columns, key=lambda column: (column.says, column.words)):
        names = ", ".join(f"`{column.name}`" for column in alike)
        vocabulary = f": {', '.join(word or '(blank)' for word in words)}" if words else ""
        lines.append(f"- {names}: {says.replace('<', '&lt;')}{vocabulary}")
    return "\n".join(lines)


def own_columns(table: tables.Table) -> str:
    """The columns of one table: shared ones by name, the others described."""
    shared = [column for column in table.columns if column in shared_columns()]
    own = described(column for column in table.columns if column not in shared)
    keys = table.key if table in tables.TABLES else ()
    others = [f"`{column.name}`" for column in shared if column.name not in keys]
    names = f"Shared columns: {', '.join(others)}." if others else ""
    return f"{names}\n\n{own}"


def stored_tables() -> str:
    """The sections of the shared columns and of every stored table."""
    parts = [f"### Shared columns\n\n{described(shared_columns())}"]
    for table in tables.TABLES:
        key = ", ".join(f"`{name}`" for name in table.key)
        text = f"{table.says}. Key: {key}. {own_columns(table)}".replace(". \n", ".\n")
        parts.append(f"### {table.name}\n\n{text}")
    return "\n\n".join(parts) + "\n\n"


def updated(page: str) -> str:
    """The page with its columns as they are declared; the rest was written by a person and stays."""
    page = _replaced(page, "### Shared columns\n", "## The ledger", stored_tables())
    head, mark, rest = page.partition("### evidence.csv\n")
    page = head + mark + _replaced(rest, "Shared columns: ", "- `guarded`", own_columns(tables.EVIDENCE) + "\n")
    head, mark, rest = page.partition("### Coded quotes\n")
    return head + mark + _replaced(rest, "Shared columns: ", "- `person_", own_columns(tables.CODED_QUOTES) + "\n")


def _replaced(text: str, begin: str, end: str, new: str) -> str:
    return re.sub(
        rf"{re.escape(begin)}.*?(?=^{re.escape(end)})", lambda _: new, text, count=1, flags=re.DOTALL | re.MULTILINE
    )


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text("utf-8")), "utf-8")
