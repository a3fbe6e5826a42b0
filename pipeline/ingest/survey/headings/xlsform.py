"""Form definitions (XLSForm): the questions behind the column names of an export, and which are open."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.spreadsheets.book import Book, Sheet, is_blank
from pipeline.ingest.survey.records import Column, Export, Hint, Table
from pipeline.ingest.survey.vocabulary import fold_heading

HINTS = {
    **dict.fromkeys("start end today audit simserial subscriberid start-geopoint".split(), Hint.TOOL),
    **dict.fromkeys("username deviceid phonenumber email geopoint geotrace geoshape".split(), Hint.PEOPLE),
    "text": Hint.NONE,
}
BEGIN = re.compile(r"begin[ _](group|repeat)", re.IGNORECASE)
END = re.compile(r"end[ _](group|repeat)", re.IGNORECASE)
SEPARATORS = re.compile(r"/|-| > ")
LONG_TEXT = "multiline"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a form: its name with the groups around it, what is asked, and what an answer may be."""

    path: tuple[str, ...]
    label: str
    hint: Hint
    choices: Mapping[str, str]  # name -> label

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


def is_form(book: Book) -> bool:
    """Whether a workbook defines a form instead of holding answers."""
    return any(_is_survey(sheet) for sheet in book.sheets)


def read_form(book: Book, language: str) -> tuple[Question, ...]:
    """The questions of a form, in the given language if the form has it, otherwise in its first."""
    sheets = {fold_heading(sheet.name): sheet for sheet in book.sheets}
    survey = next((sheet for sheet in book.sheets if _is_survey(sheet)), Sheet("", ()))
    choices: dict[str, dict[str, str]] = {}
    for row in _records(sheets.get("choices", Sheet("", ()))):
        kind = row.get("list_name") or row.get("list name", "")
        choices.setdefault(kind, {})[row.get("name", "")] = _label(row, language)
    return tuple(_questions(survey, choices, language))


def _is_survey(sheet: Sheet) -> bool:
    heads = {fold_heading(cell) for row in sheet.rows[:1] for cell in row}
    return fold_heading(sheet.name) == "survey" and {"type", "name"} <= heads


def _records(sheet: Sheet) -> Iterator[dict[str, str]]:
    heads = [fold_heading(cell) for cell in sheet.rows[0]] if sheet.rows else []
    for row in sheet.rows[1:]:
        if not is_blank(row):
            yield dict(zip(heads, (cell.strip() for cell in row), strict=False))


def _label(row: Mapping[str, str], language: str) -> str:
    """A row's label in a language: of `label::Español (es)` the code counts."""
    labels = {head: text for head, text in row.items() if re.match(r"label\b", head) and text}
    in_language = (text for head, text in labels.items() if re.search(rf"(\(|::?){language}\)?$", head))
    return next(in_language, next(iter(labels.values()), row.get("name", "")))


def _questions(sheet: Sheet, choices: Mapping[str, Mapping[str, str]], language: str) -> Iterator[Question]:
    groups: list[str] = []
    for row in _records(sheet):
        kind, name = row.get("type", ""), row.get("name", "")
        if BEGIN.match(kind):
            groups.append(name)
        elif END.match(kind):
            groups = groups[:-1]
        elif kind and name:
            first, _, listed = kind.partition(" ")
            hint = HINTS.get(first.casefold(), Hint.CLOSED)
            hint = Hint.OPEN if first == "text" and LONG_TEXT in row.get("appearance", "") else hint
            of_list = choices.get(listed.split(" ")[0], {})
            yield Question((*groups, name), _label(row, language), hint, of_list)


def labelled(export: Export, questions: Sequence[Question]) -> Export:
    """The export with questions as the form words them, and open answers where the form says so."""
    names = Counter(question.name for question in questions)
    repeats = tuple(replace(r, table=_labelled(r.table, questions, names)) for r in export.repeats)
    return replace(export, table=_labelled(export.table, questions, names), repeats=repeats)


def _labelled(table: Table, questions: Sequence[Question], names: Counter[str]) -> Table:
    return replace(table, columns=tuple(_asked(column, questions, names) for column in table.columns))


def _asked(column: Column, questions: Sequence[Question], names: Counter[str]) -> Column:
    steps = tuple(SEPARATORS.split(column.name))
    alone = (column.name,)
    for question in questions:
        is_label = fold_heading(question.label) in (fold_heading(column.name), fold_heading(steps[-1]))
        if is_label or _ends_with(steps, question, names) or _ends_with(alone, question, names):
            return replace(column, question=question.label, hint=column.hint or question.hint, labels=question.choices)
        choice = steps[-1]
        if len(steps) > 1 and choice in question.choices and _ends_with(steps[:-1], question, names):
            return replace(column, question=f"{question.label} [{question.choices[choice]}]", hint=Hint.CLOSED)
    return column


def _ends_with(steps: tuple[str, ...], question: Question, names: Counter[str]) -> bool:
    """Whether a heading ends in a question's name: with all its groups, or alone where the name is the only one."""
    return steps == question.path or (steps[-1:] == question.path[-1:] and names[question.name] == 1)
