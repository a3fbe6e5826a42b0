"""A book to a survey: its main sheet, the repeats joined to it, and all that is read but no answer."""

from collections.abc import Sequence

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import count_visible
from pipeline.ingest.spreadsheets.book import Book, Sheet, is_blank
from pipeline.ingest.survey.records import Export
from pipeline.ingest.survey.repeats import is_repeat, join
from pipeline.ingest.survey.tools import table_of
from pipeline.ingest.survey.vocabulary import fold
from pipeline.records import Exclusion

EXPORT_LIMITS = {30_000: "KoboToolbox's", 65_535: "old Excel's", 1_048_575: "Excel's"}  # rows that an export may have

ALONE = "its rows belong to rows of another file, and none beside it fits: each is read as an answer of its own"


def recognise(book: Book, wanted: str = "") -> Export:
    """The survey of a book: the sheet `wanted`, else the first with content that is no repeat."""
    sheets = [sheet for sheet in book.sheets if any(not is_blank(row) for row in sheet.rows)]
    if not sheets:
        raise UnreadableError(Problem("", "has no row of answers", "export it again, with its answers"))
    main = _main_sheet(sheets, wanted)
    tool, table = table_of(main, book)
    rest = [sheet for sheet in sheets if sheet is not main]
    repeats = join(table, [table_of(sheet, book, needs_rows=False)[1] for sheet in rest if is_repeat(sheet)])
    others = [_unread(sheet) for sheet in rest if not is_repeat(sheet)]
    notes = [*book.notes, *_limit_notes(len(table.rows)), *([ALONE] if is_repeat(main) else [])]
    return Export(tool, book.reader, table, tuple(notes), book.status, repeats, (*book.left_out, *others))


def _main_sheet(sheets: Sequence[Sheet], wanted: str) -> Sheet:
    if not wanted:
        return next((sheet for sheet in sheets if not is_repeat(sheet)), sheets[0])
    found = next((sheet for sheet in sheets if fold(sheet.name) == fold(wanted)), None)
    if found is None:
        what = f"the file has no sheet {wanted!r} that is shown and has content"
        raise UnreadableError(Problem("config.toml [[surveys]] sheet", what, "write its name as in the file"))
    return found


def _unread(sheet: Sheet) -> Exclusion:
    chars = sum(count_visible(cell) for row in sheet.rows for cell in row)
    return Exclusion(-1, -1, f"sheet {sheet.name}", "another sheet of the file", chars)


def _limit_notes(rows: int) -> list[str]:
    limit = EXPORT_LIMITS.get(rows)
    return [f"{rows} rows are {limit} limit: the export may be cut there"] if limit else []
