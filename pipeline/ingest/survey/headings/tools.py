"""Exports by survey tool: heading rows, questions, and the tool's own columns."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import clean, count_visible
from pipeline.ingest.spreadsheets.book import Book, Rows, Sheet, is_blank, letters
from pipeline.ingest.survey.cells import read_cell
from pipeline.ingest.survey.headings.row_kinds import (
    IMPORT_ID,
    LOOKED_AT,
    HeadingRows,
    first_row,
    heading_rows,
    kinds_below,
)
from pipeline.ingest.survey.records import ANY_TABLE, Column, Hint, Row, Table
from pipeline.ingest.survey.vocabulary import TICKED, fold_heading, hint_of, is_listed, is_tool, tool_of, words
from pipeline.records import Exclusion
from pipeline.wording.messages import message

# What Qualtrics calls its own columns, in every language of the headings.
IMPORTS = {
    "_recordid": Hint.ROW_ID,
    **dict.fromkeys(
        "startdate enddate status progress duration finished recordeddate distributionchannel userlanguage".split(), Hint.TOOL
    ),
    **dict.fromkeys(
        "ipaddress recipientlastname recipientfirstname recipientemail locationlatitude locationlongitude".split(), Hint.PEOPLE
    ),
}  # fmt: skip
TYPED_NAME = re.compile(r"\w+_TEXT")
TYPED = re.compile(r"QID\d+(_\d+|#\d+_\d+_\d+)?_TEXT", re.IGNORECASE)
MADE_OF_TEXT = re.compile(r"_TEXT_\w+", re.IGNORECASE)  # topics, sentiment: what the tool says of an answer
OLD_NAME = re.compile(r"V\d+")
DATA = re.compile(r"[-+]?\d+([.,]\d+)*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[^@\s]+@[^@\s]+\.\w+")  # what no heading is
WRITTEN_BY_TOOL = 0.95  # of the rows above the last one have a cell in a column that the tool fills in
CHOSEN = frozenset({"0", "1", "true", "false", "0.0", "1.0"})
# What LimeSurvey asks beside choices: `temas[other]`, `cambio[SQ1comment]`, or the words of it behind the question.
PART = re.compile(r"(?P<code>^\w+\[(?:other|\w*comment)\])|\[(?P<text>[^\]\[]+)\]$")
BETWEEN = ("/", " > ")  # a question and its choice, in KoboToolbox


@dataclass(frozen=True, slots=True)
class Heads:
    """The headings of a sheet: the tool that wrote them, the rows that they take, and the columns."""

    tool: str
    rows: range
    columns: tuple[Column, ...]


def table_of(sheet: Sheet, book: Book, *, needs_rows: bool = True) -> tuple[str, Table, list[Exclusion]]:
    """The tool that wrote a sheet, its table, and the rows that are not responses (totals, headings and the like).

    UnreadableError if it needs rows and has none.
    """
    top = first_row(sheet.rows)
    heads = next(filter(None, (read(sheet.rows, top, book) for read in TOOLS)))
    start = heads.rows.stop
    kinds = kinds_below(sheet.rows, start, [column.name for column in heads.columns], _anchors(heads, sheet.rows))
    rows = tuple(row for row in _rows(sheet.rows, start) if row.number - 1 not in kinds)
    if needs_rows and not rows:
        raise UnreadableError(
            Problem(
                f"row {top + 1}",
                message("ingest/has_headings_but_no_answers_below"),
                message("ingest/export_it_with_its_answers"),
            )
        )
    headings = tuple(cell for row in sheet.rows[:start] for cell in row)
    table = Table(sheet.name, heads.columns, rows, headings, cases=bool(book.labels), file=sheet.file)
    left_out = [
        Exclusion(-1, -1, table.place(Row(number + 1, ())), str(kind), sum(map(count_visible, sheet.rows[number])))
        for number, kind in sorted(kinds.items())
    ]
    return heads.tool, replace(table, columns=_with_choices(table)), left_out


def _anchors(heads: Heads, rows: Rows) -> list[int]:
    """The columns that a tool fills in every row: its time stamp, its id of the row."""
    written = {word for group in words().get(heads.tool, {}).get("all_of", ()) for word in group}
    written |= set(words().get(heads.tool, {}).get("row_id", ()))
    columns = [column.index for column in heads.columns if fold_heading(column.name) in written]
    below = [row for row in rows[heads.rows.stop :] if not is_blank(row)]
    return [index for index in columns if _is_filled_above(below, index)]


def _is_filled_above(rows: Rows, index: int) -> bool:
    """Whether a column is filled in nearly all rows down to the last that has a cell in it."""
    filled = [number for number, row in enumerate(rows) if index < len(row) and row[index].strip()]
    return bool(filled) and len(filled) >= WRITTEN_BY_TOOL * (filled[-1] + 1)


def _rows(rows: Rows, first: int) -> Iterator[Row]:
    for number, cells in enumerate(rows[first:], first + 1):
        if not is_blank(cells):
            yield Row(number, cells)


def one_line(cells: Sequence[str]) -> list[str]:
    """Headings without line breaks, doubled spaces, markup, and characters that no reader can see."""
    return [
        " ".join((read_cell(cell).text if "<" in cell or "&" in cell else clean(cell)[0]).split()) for cell in cells
    ]


def spss(rows: Rows, top: int, book: Book) -> Heads | None:
    """A data file: variables with their labels."""
    if not book.labels:
        return None
    named = zip(rows[top], book.labels, strict=True)
    columns = (Column(n, name, label or name, hint_of(name, "")) for n, (name, label) in enumerate(named))
    return Heads("SPSS", range(top, top + 1), tuple(columns))


def qualtrics(rows: Rows, top: int, _: Book) -> Heads | None:
    """Two or three heading rows, the last with import ids; or, in workbooks and old exports, names and questions."""
    at = next((n for n in (top + 1, top + 2) if n < len(rows) and _is_import_row(rows[n])), None)
    if at is None:
        return _qualtrics_without_ids(rows, top)
    names, questions, ids = one_line(rows[top]), one_line(rows[at - 1]), [_import_id(cell) for cell in rows[at]]
    for row in (questions, ids):  # which may end early
        row.extend([""] * (len(names) - len(row)))
    hints = [IMPORTS.get(import_id.casefold(), _typed(import_id)) for import_id in ids]
    names = distinct_names(names, ids)
    columns = (Column(n, name, questions[n] or name, hints[n]) for n, name in enumerate(names))
    return Heads("Qualtrics", range(top, at + 1), tuple(columns))


def _is_import_row(row: Sequence[str]) -> bool:
    ids = sum(bool(IMPORT_ID.match(cell.strip())) for cell in row)
    return ids > 0 and ids >= sum(bool(cell.strip()) for cell in row) / 2


def _import_id(cell: str) -> str:
    try:
        return str(json.loads(cell)["ImportId"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _typed(import_id: str) -> Hint:
    if TYPED.fullmatch(import_id):
        return Hint.OPEN
    return Hint.CLOSED if MADE_OF_TEXT.search(import_id) else Hint.NONE


def _qualtrics_without_ids(rows: Rows, top: int) -> Heads | None:
    below = rows[top + 1] if top + 1 < len(rows) else ()
    first, second = one_line(rows[top]), one_line(below)
    if sum(map(bool, map(OLD_NAME.fullmatch, first))) > 1 and is_old_export(second):
        old = [question if OLD_NAME.fullmatch(name) else name for name, question in zip(first, second, strict=False)]
        return _named_by_qualtrics(top, old, second)
    if not is_tool("Qualtrics", {fold_heading(head) for head in first}):
        return None
    return _named_by_qualtrics(top, first, second if _is_questions(first, second) else None)


def _named_by_qualtrics(top: int, first: Sequence[str], questions: Sequence[str] | None) -> Heads:
    """The columns by the names of a first row, and the questions of a second, where it has such."""
    names = distinct_names(first, [])
    padded_questions = [*(questions or ()), *[""] * len(names)]
    columns = tuple(Column(n, name, padded_questions[n] or name, _typed_or_hint(name)) for n, name in enumerate(names))
    return Heads("Qualtrics", range(top, top + 1 + (questions is not None)), columns)


def _typed_or_hint(name: str) -> Hint:
    return Hint.OPEN if TYPED_NAME.fullmatch(name) else hint_of(name, "Qualtrics")


def is_old_export(second: Sequence[str]) -> bool:
    """Whether a second row names the columns that Qualtrics wrote before 2017."""
    folded = {fold_heading(cell) for cell in second}
    return "responseid" in folded and "responseset" in folded


def _is_questions(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a second row explains the first: its cell below a date's heading is words, not a date."""
    dates = [
        cell
        for head, cell in zip(first, second, strict=False)
        if fold_heading(head) in ("startdate", "enddate", "recordeddate")
    ]
    return bool(dates) and not any(re.search(r"\d", cell) for cell in dates)


def surveymonkey(rows: Rows, top: int, _: Book) -> Heads | None:
    """A row of questions, each over as many columns as it has answers, and a row of these answers' headings."""
    first = one_line(rows[top])
    if tool_of(first) != "SurveyMonkey":
        return None
    below = one_line(rows[top + 1]) if top + 1 < len(rows) else []
    has_parts = not any(below[:2]) or below[:2] == first[:2]
    parts = [*below, *[""] * len(first)] if has_parts else [""] * len(first)
    questions = list(accumulate(first, _or_above))
    names = [_name_of_part(question, part) for question, part in zip(questions, parts, strict=False)]
    check_are_headings(names, top)
    hints = [
        Hint.OPEN if _is_typed_part(part) else hint_of(question, "SurveyMonkey")
        for question, part in zip(questions, parts, strict=False)
    ]
    columns = (Column(n, name, names[n], hints[n]) for n, name in enumerate(distinct_names(names, [])))
    return Heads("SurveyMonkey", range(top, top + 1 + has_parts), tuple(columns))


def _or_above(above: str, head: str) -> str:
    return head or above


def _name_of_part(question: str, part: str) -> str:
    """`question [choice]`, or the question alone above its only answer."""
    is_only = any(is_listed(part, "SurveyMonkey", key) for key in ("open_answer", "answer"))
    return f"{question} [{part}]" if part and part != question and not is_only else question


def _is_typed_part(part: str) -> bool:
    return any(is_listed(part, "SurveyMonkey", key) for key in ("open_answer", "open_part"))


def plain_rows(rows: Rows, top: int, _: Book) -> Heads:
    """One row of headings, or several by the cells below: LimeSurvey, Forms, KoboToolbox, ODK, REDCap, any table."""
    lines = [one_line(row) for row in rows[top : top + LOOKED_AT]]
    headings = heading_rows(lines, 0)
    check_are_headings(headings.names, top)
    tool = tool_of(headings.names) or tool_of(headings.questions)
    is_surveymonkey = headings.has_parts and _has_typed_parts(lines[1])
    if not tool and headings.stop == 1:  # tools write one heading for questions that are worded alike
        check_different(headings.names, top)
    names = distinct_names(headings.names, [])
    hints = _hints(headings, lines, tool, is_surveymonkey=is_surveymonkey)
    columns = tuple(
        Column(n, name, headings.questions[n] or name, hint)
        for n, (name, hint) in enumerate(zip(names, hints, strict=True))
    )
    return Heads("SurveyMonkey" if is_surveymonkey else tool or ANY_TABLE, range(top, top + headings.stop), columns)


def _has_typed_parts(line: Sequence[str]) -> bool:
    """Whether a second row of headings is SurveyMonkey's, whose own columns may have been taken out."""
    return any(is_listed(part, "SurveyMonkey", key) for part in line for key in ("open_answer", "open_part", "answer"))


def _hints(headings: HeadingRows, lines: Rows, tool: str, *, is_surveymonkey: bool) -> list[Hint]:
    if is_surveymonkey:
        parts = [*lines[1], *[""] * len(headings.names)]
        return [
            Hint.OPEN if _is_typed_part(part) else hint_of(name, "SurveyMonkey")
            for name, part in zip(headings.names, parts, strict=False)
        ]
    by_name = [_hint(name, tool) for name in headings.names]
    by_question = [hint_of(question, tool) for question in headings.questions]
    return [name or question for name, question in zip(by_name, by_question, strict=True)]


def _hint(heading: str, tool: str) -> Hint:
    """The use of a column according to its tool; in LimeSurvey, text beside choices is open."""
    part = PART.search(heading) if tool == "LimeSurvey" else None
    is_open = part is not None and (part["code"] or is_listed(part["text"], tool, "open_part"))
    return Hint.OPEN if is_open else hint_of(heading, tool)


TOOLS: tuple[Callable[[Rows, int, Book], Heads | None], ...] = (spss, qualtrics, surveymonkey, plain_rows)


def distinct_names(names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Distinct headings: repeated ones get the tool's own id or a number."""
    times = Counter(names)
    seen: Counter[str] = Counter()
    distinct = []
    for n, name in enumerate(names):
        seen[name] += 1
        if not name:
            distinct.append(f"column {letters(n)}")
        elif times[name] > 1 and n < len(ids) and ids[n]:
            distinct.append(f"{name} ({ids[n]})")
        else:
            distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def check_are_headings(heads: Sequence[str], top: int) -> None:
    """Raise UnreadableError if the first row holds answers instead of headings."""
    if sum(map(bool, map(DATA.fullmatch, heads))) > len(heads) / 2:
        remedy = message("ingest/put_a_first_row")
        raise UnreadableError(Problem(f"row {top + 1}", message("ingest/holds_numbers_or_dates_not_headings"), remedy))


def check_different(heads: Sequence[str], top: int) -> None:
    """UnreadableError if two columns have one heading, which would mix their answers."""
    seen: dict[str, int] = {}
    problems = []
    for number, head in enumerate(heads):
        if head and head in seen:
            what = message(
                "ingest/columns_and_have_the_same_heading", value=letters(seen[head]), value_2=letters(number)
            )
            remedy = message("ingest/give_each_its_own_for_example", column=letters(number))
            problems.append(Problem(f"row {top + 1}", what, remedy))
        seen.setdefault(head, number)
    if problems:
        raise UnreadableError(problems)


def _with_choices(table: Table) -> tuple[Column, ...]:
    """The columns, those marked as closed that hold the choices of one question, or each choice of it as 0 or 1.

    Where a column that is to be open holds nothing but yes and no, it is a choice.
    """
    may_be_open = [column for column in table.columns if column.hint in (Hint.NONE, Hint.OPEN)]
    closed = _choices(table) | {column.name for column in may_be_open if _is_only_ticked(column, table)}
    closed &= {column.name for column in may_be_open}
    return tuple(replace(each, hint=Hint.CLOSED) if each.name in closed else each for each in table.columns)


def _choices(table: Table) -> set[str]:
    """The names of questions with a column for each of their choices, and of these columns."""
    names = {column.name for column in table.columns}
    choices: set[str] = set()
    for column in table.columns:
        question = next((q for sep in BETWEEN if (q := column.name.rpartition(sep)[0]) in names), "")
        if question and {cell.casefold() for cell in table.filled(column)} <= CHOSEN:
            choices |= {question, column.name}
    return choices


def _is_only_ticked(column: Column, table: Table) -> bool:
    return column.hint is Hint.OPEN and {fold_heading(cell) for cell in table.filled(column)} <= TICKED
