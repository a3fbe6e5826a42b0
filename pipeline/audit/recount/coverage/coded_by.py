"""The codings that people confirmed, and those of the machine, from the tables."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.audit.stored import Row, Stored, json_object

BY_PEOPLE = ("single", "agreed", "ruled", "carried")


def people_cells(stored: Stored) -> Iterator[Row]:
    """The codings that people confirmed."""
    return (row for row in stored.tables["codings"] if row["coded"] and row["status"] in BY_PEOPLE)


def machine_cells(stored: Stored) -> Iterator[Row]:
    """The votes with which the classifier codes; with others it only suggests."""
    for row in stored.tables["votes"]:
        if row["vote"] == 1 and row["voter"].startswith("classifier:"):
            because = json_object(row["because"].encode())
            if "suggested" not in because and "definition" not in because:
                yield row
