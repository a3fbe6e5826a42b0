"""A record and the table it is stored in have the same fields, so that no value lands in another's column."""

from dataclasses import fields, replace

import pytest

from pipeline import tables
from pipeline.records import Answer, Excerpt, Rejected, Source, Text, Turn, Vote

STORED = [
    (Source, tables.SOURCES),
    (Text, tables.TEXTS),
    (Turn, tables.TURNS),
    (Answer, tables.ANSWERS),
    (Rejected, tables.REJECTED),
    (Excerpt, tables.EXCERPTS),
    (Vote, tables.VOTES),
]


@pytest.mark.parametrize(("record", "table"), STORED, ids=[table.name for _, table in STORED])
def test_a_record_has_exactly_the_fields_of_its_table(record: type, table: tables.Table) -> None:
    assert {field.name for field in fields(record)} == set(table.names)


def test_columns_in_another_order_hold_the_same_values() -> None:
    turn = Turn("s", 1, "ANA", "respondent", "P1", 0, 4, "Why?", "line 2", "en", "")
    shuffled = replace(tables.TURNS, columns=tuple(reversed(tables.TURNS.columns)))
    row = tables.frame([turn], shuffled).iloc[0]
    assert (row["speaker"], row["question"], row["place"]) == ("ANA", "Why?", "line 2")
