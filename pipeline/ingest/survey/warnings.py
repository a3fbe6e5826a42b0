"""What a person should look at in a survey: rows that occur twice, people under several ids, ambiguous dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.ingest.survey.records import Row, Table
from pipeline.wording.messages import message

DATE_PARTS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
MONTHS = 12
LONG = 40  # characters from which equal words in two rows are no accident
MOSTLY = 0.8  # of the cells of a column must be dates


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What is compared of a row: its own id, the person, its answers, and its open answers."""

    row: Row
    own_id: str
    person: str
    answers: tuple[tuple[str, str], ...]
    words: str


def doubles(rows: Sequence[RowSeen]) -> Iterator[tuple[int, str]]:
    """(index of a row, what it shares with a row above) where something comes again; the words themselves are not repeated."""
    by_id: dict[str, RowSeen] = {}
    by_person: dict[str, RowSeen] = {}
    by_words: dict[str, RowSeen] = {}
    for index, seen in enumerate(rows):
        first = by_id.setdefault(seen.own_id, seen) if seen.own_id else seen
        if first is not seen:
            same = "the same answers" if (first.words, first.answers) == (seen.words, seen.answers) else "other answers"
            yield index, f"has the same id as row {first.row.number}, and {same}"
        elif seen.person and by_person.setdefault(seen.person, seen) is not seen:
            yield index, f"its person also answers in row {by_person[seen.person].row.number}"
        elif len(seen.words) >= LONG and by_words.setdefault(seen.words, seen) is not seen:
            yield index, f"has exactly the words of row {by_words[seen.words].row.number}: one person under two ids?"


def date_doubts(table: Table) -> Iterator[str]:
    """What cannot be known of the dates of each column: day or month first, or the century. They are kept as written."""
    for column in table.columns:
        cells = table.filled(column)
        dates = [date for cell in cells if (date := DATE_PARTS.match(cell))]
        if dates and len(dates) >= MOSTLY * len(cells):
            where = f"variable {column.name}" if table.cases else f"column {column.letter}"
            yield from (message("ingest/dates_kept_as_written", where=where, doubt=doubt) for doubt in _doubts(dates))


def _doubts(dates: Sequence[re.Match[str]]) -> Iterator[str]:
    first = max(int(date[1]) for date in dates)
    second = max(int(date[2]) for date in dates)
    if first <= MONTHS and second <= MONTHS:
        yield message("ingest/its_dates_may_be_day_month")
    elif first > MONTHS and second > MONTHS:
        yield message("ingest/some_of_its_dates_are_day")
    if any(len(date[3]) == len("23") for date in dates):
        yield message("ingest/its_years_have_two_digits")
