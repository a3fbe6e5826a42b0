"""The rows of a returned workbook by outcome: decided, unchanged, or listed with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import Problem, UnreadableError
from pipeline.records import Draft
from pipeline.review import conflicts
from pipeline.review.form import Choices, Form, criterion_key
from pipeline.review.handouts import Handout
from pipeline.review.returned import Present, RowResult, decide_row, plain, rule
from pipeline.review.row_answers import answered
from pipeline.review.workbooks.saved import Row, SavedWorkbook
from pipeline.review.workbooks.spreadsheet_codings import ExcerptIndex, PlacedCodings
from pipeline.vocabulary import RowFate
from pipeline.wording.messages import Message, message

ANEW = "review/copy_the_row_again"
UNPLACED = "unplaced"  # rows of codings that are about no one excerpt
SHOWN_IDS = 5  # ids that a message names; the others are counted


@dataclass(slots=True)
class Sorted:
    """The rows of a workbook by what became of them; every row is counted once."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def sort_rows(book: SavedWorkbook, handout: Handout, form: Form, present: Present) -> Sorted:
    """The rows of a workbook by outcome. Raises UnreadableError for a workbook of another study."""
    if handout.study != present.study:
        raise UnreadableError(
            Problem(book.name, message("review/belongs_to_another_study"), message("review/import_it_there_study_path"))
        )
    form = form.with_pairs(_numbered(book.headings, "other"), _numbered(book.headings, "finding"))
    form = form.showing(book.codes) if book.lists_codes else form
    choices = form.choices("en").with_words_of(book.info)
    keys = ("ruling", "why") if is_of_conflicts(book) else form.answer_keys()
    result = Sorted(problems=[*book.problems, *_unknown_codes(book, form)])
    groups = _grouped(book.rows)
    for rows in groups.values():
        _sort_group(rows, keys, book, result, _Deciding(book, handout, form, choices, present))
    _list_missing(book, groups, result)
    return result


def sort_codings(
    placed: PlacedCodings, name: str, *, index: ExcerptIndex, form: Form, handout: Handout, present: Present
) -> Sorted:
    """Codings made elsewhere by what becomes of the answers on each excerpt; `name` is that of their file."""
    form = form.with_pairs(placed.most_further_codes, 0)
    choices = form.choices("en")
    result = Sorted(
        problems=list(placed.problems), counts=Counter({UNPLACED: placed.unplaced} if placed.unplaced else {})
    )
    for cells in placed.rows(index, form):
        outcome = decide_row(cells, handout, form, choices, present)
        result.counts[outcome.fate] += 1
        result.drafts += outcome.drafts
        where = f"{name} {cells['excerpt_id']}"
        result.problems += [replace(p, where=f"{where} {p.where}".strip()) for p in outcome.problems]
    return result


def is_of_conflicts(book: SavedWorkbook) -> bool:
    """Whether the workbook hands out what coders differ on."""
    return book.info.get("kind") == conflicts.KIND


def _numbered(headings: Iterable[str], stem: str) -> int:
    """The number of columns stem1, stem2, ..."""
    return sum(key.startswith(stem) and key.removeprefix(stem).isdecimal() for key in headings)


def _unknown_codes(book: SavedWorkbook, form: Form) -> Iterator[Problem]:
    """Columns with answers on codes that are no longer in the codebook."""
    columns = set(map(criterion_key, form.criteria))
    for key in book.headings:
        count = sum(bool(row.cells.get(key, "").strip()) for row in book.rows)
        if key.startswith(criterion_key("")) and key not in columns and count:
            what = message("review/is_about_a_code", count=count)
            yield Problem(f"{book.name} column {book.headings[key]}", what, message("review/decide_on_it_in_a_new"))


def _identity(row: Row) -> str:
    """What was handed out in the row: an excerpt, or an excerpt and a code or finding that coders differ on."""
    excerpt = row.cells.get("excerpt_id", "")
    return conflicts.identity(excerpt, row.cells["target"]) if "target" in row.cells else excerpt


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_identity(row), []).append(row)
    return groups


@dataclass(frozen=True, slots=True)
class _Deciding:
    """What a row of a workbook is decided with."""

    book: SavedWorkbook
    handout: Handout
    form: Form
    choices: Choices
    present: Present

    def row(self, row: Row) -> RowResult:
        """The outcome of a single row."""
        if unusable := _unusable(row, self.book, self.present):
            return unusable
        of_row = rule if is_of_conflicts(self.book) else decide_row
        return of_row(row.cells, self.handout, self.form, self.choices, self.present, headings=self.book.headings)


def _sort_group(
    rows: Sequence[Row], keys: Sequence[str], book: SavedWorkbook, result: Sorted, deciding: _Deciding
) -> None:
    """Sort the rows of one excerpt. Repeated equal answers and rows without answers are harmless."""
    by_answers = {answers: row for row in reversed(rows) if (answers := answered(row.cells, keys))}
    if len(by_answers) > 1:
        result.counts[RowFate.DAMAGED] += len(rows)
        for row in rows:
            places = ", ".join(book.place(other) for other in rows if other is not row)
            what = message("review/is_in_several_rows_with_different", identity=_identity(row), places=places)
            result.problems.append(Problem(book.place(row), what, message("review/keep_one_of_them")))
        return
    deciding_row = next(iter(by_answers.values()), rows[0])
    outcome = deciding.row(deciding_row)
    result.counts[outcome.fate] += 1
    if len(rows) > 1:
        result.counts[RowFate.UNCHANGED] += len(rows) - 1
    result.drafts += outcome.drafts
    where = f"{book.place(deciding_row)} ({_identity(deciding_row)})"
    result.problems += [replace(p, where=f"{where} {p.where}".rstrip()) for p in outcome.problems]


def _unusable(row: Row, book: SavedWorkbook, present: Present) -> RowResult | None:
    """Why a row as a whole cannot be used; None if it can."""
    excerpt, digest = row.cells.get("excerpt_id", ""), row.cells.get("text_sha256", "")
    if _identity(row) not in book.handed_out:
        return _refused(RowFate.FOREIGN, message("review/its_excerpt_id_was_not_handed_out"), message(ANEW))
    if present.hashes.get(excerpt) != digest:
        return _refused(
            RowFate.STALE,
            message("review/its_text_has_changed_since"),
            message("review/decide_on_it_again_in_a_new_workbook"),
        )
    if plain(row.cells.get("text", "")) != plain(present.texts[excerpt]):
        what = message("review/its_words_differ_from_those_handed")
        return _refused(RowFate.DAMAGED, what, message(ANEW))
    for key in row.formulas:
        heading = book.headings.get(key, key)
        return _refused(
            RowFate.DAMAGED,
            message("review/column_holds_a_formula", heading=heading),
            message("review/type_the_answer_itself"),
        )
    for key in row.twice:
        heading = book.headings.get(key, key)
        what = message("review/column_occurs_twice_in_the_sheet", heading=heading)
        return _refused(RowFate.CONTRADICTORY, what, message("review/keep_one_of_the_columns"))
    return None


def _refused(fate: RowFate, what: Message, remedy: Message) -> RowResult:
    return RowResult(fate, problems=(Problem("", what, remedy),))


def _list_missing(book: SavedWorkbook, present_rows: Mapping[str, Sequence[Row]], result: Sorted) -> None:
    gone = sorted(set(book.handed_out) - set(present_rows))
    if gone:
        result.counts[RowFate.MISSING] += len(gone)
        ids = ", ".join(gone[:SHOWN_IDS]) + (" ..." if len(gone) > SHOWN_IDS else "")
        what = message("review/rows_that_were_handed_out", ids=ids)
        result.problems.append(Problem(book.name, what, message("review/nothing_to_do_or_export_them")))
