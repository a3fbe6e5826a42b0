"""A book to a survey: its main sheet, the repeats joined to it, and all that is read but is not an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import count_visible
from pipeline.ingest.spreadsheets.book import Book, Sheet, is_blank
from pipeline.ingest.survey.headings.tools import table_of
from pipeline.ingest.survey.records import Export, Table
from pipeline.ingest.survey.repeats import NOTHING_JOINED, Joined, is_repeat, join
from pipeline.ingest.survey.vocabulary import fold_heading
from pipeline.records import Exclusion
from pipeline.wording.messages import message

EXPORT_LIMITS = {30_000: "KoboToolbox", 65_535: "Excel 97-2003", 1_048_575: "Excel"}  # rows that an export may have

LARGER = 5  # times as many rows as the first sheet has the one that holds the answers behind a cover or a summary


def recognise(book: Book, name: str = "", joined: Joined = NOTHING_JOINED) -> Export:
    """The survey of a book: the sheet `name`, otherwise the first with content that is not a repeat; `joined` are its files."""
    sheets = [sheet for sheet in book.sheets if not all(map(is_blank, sheet.rows))]
    if not sheets:
        raise UnreadableError(
            Problem("", message("ingest/has_no_row_of_answers"), message("ingest/export_it_again_with_its_answers"))
        )
    main = _main_sheet([sheet for sheet in sheets if sheet.file not in joined.columns], name)
    tool, table, left_out = table_of(main, book)
    further = [sheet for sheet in sheets if sheet is not main]
    repeats = _Repeats.of([sheet for sheet in further if is_repeat(sheet, joined)], book)
    unread = [_unread(sheet) for sheet in further if not is_repeat(sheet, joined)]
    return Export(
        tool=tool,
        reader=book.reader,
        table=table,
        notes=(*book.notes, *_limit_notes(len(table.rows)), *_alone(main)),
        status=book.status,
        repeats=join(table, repeats.tables, joined),
        left_out=(*book.left_out, *left_out, *repeats.left_out, *unread),
    )


@dataclass(frozen=True, slots=True)
class _Repeats:
    """The sheets of repeats as tables, and what was left out of them."""

    tables: list[Table]
    left_out: list[Exclusion]

    @classmethod
    def of(cls, sheets: Sequence[Sheet], book: Book) -> Self:
        repeats = cls([], [])
        for sheet in sheets:
            _, table, left_out = table_of(sheet, book, needs_rows=False)
            repeats.tables.append(table)
            repeats.left_out.extend(left_out)
        return repeats


def _main_sheet(sheets: Sequence[Sheet], name: str) -> Sheet:
    if not name:
        tables = [sheet for sheet in sheets if not is_repeat(sheet)] or sheets[:1]
        largest = max(tables, key=_filled_rows)
        return largest if _filled_rows(largest) >= LARGER * _filled_rows(tables[0]) else tables[0]
    main = next((sheet for sheet in sheets if fold_heading(sheet.name) == fold_heading(name)), None)
    if main is None:
        what = message("ingest/the_file_has_no_sheet", name=name)
        raise UnreadableError(Problem("config.toml [[surveys]] sheet", what, message("ingest/write_its_name")))
    return main


def _filled_rows(sheet: Sheet) -> int:
    return sum(not is_blank(row) for row in sheet.rows)


def _unread(sheet: Sheet) -> Exclusion:
    chars = sum(count_visible(cell) for row in sheet.rows for cell in row)
    return Exclusion(-1, -1, f"sheet {sheet.name}", "another sheet of the file", chars)


def _alone(main: Sheet) -> list[str]:
    return [message("ingest/its_parent_file_is_missing")] if is_repeat(main) else []


def _limit_notes(rows: int) -> list[str]:
    limit = EXPORT_LIMITS.get(rows)
    return [message("ingest/ends_at_a_limit", rows=rows, program=limit)] if limit else []
