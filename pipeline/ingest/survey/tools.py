"""What a survey tool wrote: which rows are headings, what was asked, and which columns are the tool's own."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.characters import clean
from pipeline.ingest.spreadsheets.book import Book, Rows, Sheet, is_blank, letters
from pipeline.ingest.survey.records import Column, Hint, Row, Table
from pipeline.ingest.survey.vocabulary import fold, hint_of, is_tool, says, tool_of

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
IMPORT_ID = re.compile(r'\{\s*"+ImportId"+\s*:')
TYPED = re.compile(r"QID\d+(_\d+|#\d+_\d+_\d+)?_TEXT", re.IGNORECASE)
MADE_OF_TEXT = re.compile(r"_TEXT_\w+", re.IGNORECASE)  # topics, sentiment: what the tool says of an answer
OLD_NAME = re.compile(r"V\d+")
DATA = re.compile(r"[-+]?\d+([.,]\d+)*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[^@\s]+@[^@\s]+\.\w+")  # what no heading is
TITLED = 2  # headings from which one filled cell in the row above them is their title
CHOSEN = frozenset({"0", "1", "true", "false", "0.0", "1.0"})
TICKED = frozenset("y n yes no si oui non sim nao ja nein n/a na 0 1".split())
# What LimeSurvey asks beside choices: `temas[other]`, `cambio[SQ1comment]`, or the words of it behind the question.
PART = re.compile(r"(?P<code>^\w+\[(?:other|\w*comment)\])|\[(?P<text>[^\]\[]+)\]$")
BETWEEN = ("/", " > ")  # a question and its choice, in KoboToolbox


@dataclass(frozen=True, slots=True)
class Heads:
    """The headings of a sheet: the tool that wrote them, the rows that they take, and the columns."""

    tool: str
    rows: range
    columns: tuple[Column, ...]


def table_of(sheet: Sheet, book: Book, *, needs_rows: bool = True) -> tuple[str, Table]:
    """The tool that wrote a sheet, and its table. UnreadableError where it needs rows and has none."""
    top = first_row(sheet.rows)
    heads = next(filter(None, (read(sheet.rows, top, book) for read in TOOLS)))
    rows = tuple(_rows(sheet.rows, heads.rows.stop))
    if needs_rows and not rows:
        raise UnreadableError(
            Problem(f"row {top + 1}", "has headings, and there is no answer below", "export it with its answers")
        )
    headings = tuple(cell for row in sheet.rows[: heads.rows.stop] for cell in row)
    table = Table(sheet.name, heads.columns, rows, headings, cases=bool(book.labels), file=sheet.file)
    return heads.tool, replace(table, columns=_with_choices(table))


def first_row(rows: Rows) -> int:
    """The first row of headings: the first that is not blank, or the one below the title of the table."""
    first, second = (*(number for number, row in enumerate(rows) if not is_blank(row)), -1, -1)[:2]
    if second < 0:
        return first
    above, below = (sum(bool(cell.strip()) for cell in rows[number]) for number in (first, second))
    is_title = above == 1 and rows[first][0].strip() and below > 1 and (below > TITLED or second > first + 1)
    return second if is_title else first


def _rows(rows: Rows, first: int) -> Iterator[Row]:
    for number, cells in enumerate(rows[first:], first + 1):
        if not is_blank(cells):
            yield Row(number, cells)


def one_line(cells: Sequence[str]) -> list[str]:
    """Headings without line breaks, doubled spaces, and characters that no reader can see."""
    return [" ".join(clean(cell)[0].split()) for cell in cells]


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
    names = told_apart(names, ids)
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
    is_old = sum(map(bool, map(OLD_NAME.fullmatch, first))) > 1 and is_old_export(second)
    if not is_old and not is_tool("Qualtrics", {fold(head) for head in first}):
        return None
    has_questions = is_old or _is_questions(first, second)
    names = [q if is_old and OLD_NAME.fullmatch(name) else name for name, q in zip(first, second, strict=False)]
    names = told_apart(names if is_old else first, [])
    questions = second if has_questions else names
    columns = (
        Column(n, name, questions[n] or name if n < len(questions) else name, hint_of(name, "Qualtrics"))
        for n, name in enumerate(names)
    )
    return Heads("Qualtrics", range(top, top + 1 + has_questions), tuple(columns))


def is_old_export(second: Sequence[str]) -> bool:
    """Whether a second row names the columns that Qualtrics wrote before 2017."""
    folded = {fold(cell) for cell in second}
    return "responseid" in folded and "responseset" in folded


def _is_questions(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a second row explains the first: its cell below a date's heading is words, not a date."""
    dates = [
        cell
        for head, cell in zip(first, second, strict=False)
        if fold(head) in ("startdate", "enddate", "recordeddate")
    ]
    return bool(dates) and not any(re.search(r"\d", cell) for cell in dates)


def surveymonkey(rows: Rows, top: int, _: Book) -> Heads | None:
    """A row of questions, each over as many columns as it has answers, and a row of these answers' headings."""
    first = one_line(rows[top])
    if tool_of(first) != "SurveyMonkey":
        return None
    below = one_line(rows[top + 1]) if top + 1 < len(rows) else []
    is_second = not any(below[:2])
    asked, names, hints = "", [], []
    for n, head in enumerate(first):
        asked = head or asked
        part = below[n] if is_second and n < len(below) else ""
        is_open = says(part, "SurveyMonkey", "open_answer")
        plain = is_open or says(part, "SurveyMonkey", "answer")
        names.append(f"{asked} [{part}]" if part and not plain else asked)
        is_open = is_open or says(part, "SurveyMonkey", "open_part")
        hints.append(Hint.OPEN if is_open else hint_of(asked, "SurveyMonkey"))
    check_are_headings(names, top)
    told = zip(told_apart(names, []), names, hints, strict=True)
    columns = (Column(n, name, asked, hint) for n, (name, asked, hint) in enumerate(told))
    return Heads("SurveyMonkey", range(top, top + 1 + is_second), tuple(columns))


def one_row(rows: Rows, top: int, _: Book) -> Heads:
    """One row of headings: LimeSurvey, Google and Microsoft Forms, KoboToolbox, ODK, or a plain table."""
    heads = one_line(rows[top])
    tool = tool_of(heads)
    check_are_headings(heads, top)
    if not tool:  # tools write one heading for questions that are worded alike
        check_different(heads, top)
    names = told_apart(heads, [])
    columns = (Column(n, name, heads[n] or name, _hint(heads[n] or name, tool)) for n, name in enumerate(names))
    return Heads(tool or "table", range(top, top + 1), tuple(columns))


def _hint(heading: str, tool: str) -> Hint:
    """What the tool says of a column; of LimeSurvey's, what was written beside choices is open."""
    part = PART.search(heading) if tool == "LimeSurvey" else None
    is_open = part is not None and (part["code"] or says(part["text"], tool, "open_part"))
    return Hint.OPEN if is_open else hint_of(heading, tool)


TOOLS: tuple[Callable[[Rows, int, Book], Heads | None], ...] = (spss, qualtrics, surveymonkey, one_row)


def told_apart(names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Headings of which no two are the same: the tool's own id, or a number, is added to those that come again."""
    times = Counter(names)
    seen: Counter[str] = Counter()
    told = []
    for n, name in enumerate(names):
        seen[name] += 1
        if not name:
            told.append(f"column {letters(n)}")
        elif times[name] > 1 and n < len(ids) and ids[n]:
            told.append(f"{name} ({ids[n]})")
        else:
            told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def check_are_headings(heads: Sequence[str], top: int) -> None:
    """UnreadableError where the first row is no headings but answers."""
    if sum(map(bool, map(DATA.fullmatch, heads))) > len(heads) / 2:
        remedy = "put a first row with the questions above the answers"
        raise UnreadableError(Problem(f"row {top + 1}", "holds numbers or dates, not headings", remedy))


def check_different(heads: Sequence[str], top: int) -> None:
    """UnreadableError where two columns have one heading, which would mix their answers."""
    seen: dict[str, int] = {}
    problems = []
    for number, head in enumerate(heads):
        if head and head in seen:
            what = f"columns {letters(seen[head])} and {letters(number)} have the same heading"
            remedy = f"give each its own, for example by adding 2 to that of column {letters(number)}"
            problems.append(Problem(f"row {top + 1}", what, remedy))
        seen.setdefault(head, number)
    if problems:
        raise UnreadableError(problems)


def _with_choices(table: Table) -> tuple[Column, ...]:
    """The columns, those marked as closed that hold the choices of one question, or each choice of it as 0 or 1.

    Where a column that is to be open holds nothing but yes and no, it is a choice.
    """
    names = {column.name for column in table.columns}
    closed: set[str] = set()
    for column in table.columns:
        question = next((q for sep in BETWEEN if (q := column.name.rpartition(sep)[0]) in names), "")
        if question and {cell.casefold() for cell in table.filled(column)} <= CHOSEN:
            closed |= {question, column.name}
        if column.hint is Hint.OPEN and {fold(cell) for cell in table.filled(column)} <= TICKED:
            closed.add(column.name)
    return tuple(
        replace(column, hint=Hint.CLOSED) if column.name in closed and column.hint in (Hint.NONE, Hint.OPEN) else column
        for column in table.columns
    )
