"""Which columns of a survey are open answers, which name the row or the person, and which are closed answers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from pipeline.config import SurveySettings
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.survey_tools import Column, Hint, Table
from pipeline.records import Participant


class Use(StrEnum):
    """What a column is used for."""

    OPEN = "open answer"
    CLOSED = "closed answer"
    ROW_ID = "row id"
    PERSON = "person"
    IDENTITY = "names people"
    IGNORED = "left out by config.toml"


@dataclass(frozen=True, slots=True)
class Plan:
    """The use of every column, and the columns that name the row and the person, where there are such."""

    uses: Mapping[int, Use]
    row_id: Column | None
    person: Column | None

    def columns(self, table: Table, use: Use) -> list[Column]:
        """The columns of a use, in their order."""
        return [column for column in table.columns if self.uses[column.index] is use]


ID_HEADING = re.compile(
    r"_?(uu)?id|key|_uuid|instanceid|(response|respondent|record|submission|answer)[ _]?(id|number)|registro|folio|caso|"
    r"id de (la )?respuesta|id del? (encuestado|participante)|n[uú]mero de (registro|respuesta)|no\.?|n[º°]|#",
    re.IGNORECASE,
)
IDENTITY_HEADING = re.compile(
    r"(su |your |tu |full |first |last |middle |family |respondent.?s? )?(names?|nombres?|apellidos?|surname|nom|sobrenome)"
    r"( y apellidos?| completo| and surname| de la persona| del encuestado)?:?|"
    r".*\b(e-?mail|correo electr[oó]nico|correo|courriel|ip.?address|direcci[oó]n ip|ip-adresse)( address)?:?|"
    r"(n[uú]mero de )?(tel[eé]fono|celular|m[oó]vil|whatsapp|phone|mobile|t[eé]l[eé]phone)( number| m[oó]vil| de contacto)?:?|"
    r"(n[uú]mero de )?(c[eé]dula|dni|documento de identidad|passport|pasaporte|id card)( number)?:?|"
    r"(recipient|location)(last ?name|first ?name|email|latitude|longitude|accuracy)",
    re.IGNORECASE,
)
NUMBER = re.compile(r"[-+]?[\d.,  ]*\d[%€$]?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ,].*)?|\d{1,2}:\d{2}(:\d{2})?( ?[ap]\.? ?m\.?)?", re.IGNORECASE)
NO_PROSE = re.compile(r"\S+@\S+\.\w+|https?://\S+|\S{25,}|-?\d+\.\d{3,}[, ]+-?\d+\.\d{3,}.*")
# An open answer is prose: so many words at the mean, and seldom twice the same.
PROSE = ((3.0, 0.6), (8.0, 0.3))  # (words a cell, share of different cells), either will do
SAME_PERSON = 0.8  # of the filled cells must be ids of the register for a column to be taken as the person
DISTINCT = 0.95  # of the filled cells must differ for a column to be taken as the row's id


def plan_columns(table: Table, settings: SurveySettings, people: Sequence[Participant]) -> Plan:
    """The use of each column: what config.toml says, else what the tool says, else what the cells look like."""
    check_named(table, settings)
    cells = {column.index: filled(table, column) for column in table.columns}
    person = named(table, settings.person) or _person(table, cells, people)
    row_id = named(table, settings.id) or _row_id(table, cells, person)
    opened = [named(table, name) for name in settings.open]
    ignored = [named(table, name) for name in settings.ignore]
    uses = {}
    for column in table.columns:
        if column in ignored:
            use = Use.IGNORED
        elif column in opened:
            use = Use.OPEN
        elif column is person:
            use = Use.PERSON
        elif column is row_id:
            use = Use.ROW_ID
        else:
            use = _guess(column, cells[column.index], ask_open=not settings.open)
        uses[column.index] = use
    return Plan(uses, row_id, person)


def filled(table: Table, column: Column) -> list[str]:
    """The cells of a column that hold something, white space around it left out."""
    at = column.index
    return [cell for row in table.rows if at < len(row.cells) and (cell := row.cells[at].strip())]


def named(table: Table, name: str) -> Column | None:
    """The column that config.toml means: by its name, else by what was asked."""
    wanted = fold(name)
    if not wanted:
        return None
    by_name = [column for column in table.columns if fold(column.name) == wanted]
    by_question = [column for column in table.columns if fold(column.question) == wanted]
    return next(iter(by_name or by_question), None)


def fold(heading: str) -> str:
    """A heading for comparison: without differences of case and white space."""
    return " ".join(heading.split()).casefold()


def check_named(table: Table, settings: SurveySettings) -> None:
    """UnreadableError naming each column of config.toml that the file does not have."""
    problems = [
        Problem(
            f"config.toml [[surveys]] {settings.file} {key}", f"the file has no column {name!r}", _nearest(table, name)
        )
        for key, names in _choices(settings)
        for name in names
        if name and named(table, name) is None
    ]
    if problems:
        raise UnreadableError(problems)


def _choices(settings: SurveySettings) -> Iterable[tuple[str, Sequence[str]]]:
    return (("person", [settings.person]), ("id", [settings.id]), ("open", settings.open), ("ignore", settings.ignore))


def _nearest(table: Table, name: str) -> str:
    near = get_close_matches(name, [column.name for column in table.columns], 1, 0.6)
    return f"write it as in the file: {near[0]!r}" if near else "copy the heading from the file"


def _person(table: Table, cells: Mapping[int, list[str]], people: Sequence[Participant]) -> Column | None:
    known = {fold(person.participant_id) for person in people}
    for column in table.columns:
        values = cells[column.index]
        if known and values and sum(fold(value) in known for value in values) >= SAME_PERSON * len(values):
            return column
    return None


def _row_id(table: Table, cells: Mapping[int, list[str]], person: Column | None) -> Column | None:
    said = [column for column in table.columns if column.hint is Hint.ROW_ID]
    looks = [column for column in table.columns if not column.hint and ID_HEADING.fullmatch(column.name)]
    candidates: list[Column] = [*said, *looks, *([person] if person else [])]
    for column in candidates:
        values = cells[column.index]
        if values and len(set(values)) >= DISTINCT * len(values) and len(values) >= DISTINCT * len(table.rows):
            return column
    return None


def _guess(column: Column, cells: Sequence[str], *, ask_open: bool) -> Use:
    if column.hint is Hint.IDENTITY or IDENTITY_HEADING.fullmatch(column.name):
        return Use.IDENTITY
    if column.hint is Hint.OPEN:
        return Use.OPEN if ask_open else Use.CLOSED
    if column.hint or not ask_open:
        return Use.CLOSED
    return Use.OPEN if is_prose(cells) else Use.CLOSED


def is_prose(cells: Sequence[str]) -> bool:
    """Whether cells look like open answers: several words, seldom the same, neither numbers, dates, addresses nor ids."""
    prose = [cell for cell in cells if not (NUMBER.fullmatch(cell) or DATE.fullmatch(cell) or NO_PROSE.fullmatch(cell))]
    if not prose or len(prose) < len(cells) / 2:
        return False
    words = sum(len(cell.split()) for cell in prose) / len(prose)
    different = len(set(prose)) / len(prose)
    return any(words >= least and different >= share for least, share in PROSE)
