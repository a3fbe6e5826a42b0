"""The codings that people confirmed, and those of the machine, from the tables."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.audit.recount.codings import is_suggestion
from pipeline.audit.stored import Row, Stored

BY_PEOPLE = ("single", "agreed", "ruled", "carried")


def people_cells(stored: Stored) -> Iterator[Row]:
    """The codings that people confirmed."""
    return (row for row in stored.tables["codings"] if row["coded"] and row["status"] in BY_PEOPLE)


def machine_cells(stored: Stored) -> Iterator[Row]:
    """The votes with which the classifier codes; with others it only suggests."""
    for row in stored.tables["votes"]:
        if row["vote"] == 1 and row["voter"].startswith("classifier:") and not is_suggestion(row):
            yield row
