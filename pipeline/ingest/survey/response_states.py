"""Rows that are not answers of people who took part: previews, tests, spam, unfinished, not approved, without consent."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.ingest.survey.records import Column, Row, Table
from pipeline.ingest.survey.vocabulary import fold_heading, words_of
from pipeline.vocabulary import RESPONSE_STATES, Reason

WHOLE = 100.0  # of the progress that Qualtrics counts
MOST_WORDS = 20  # of a cell that says a state
MOST_ANSWERS = 3  # different cells of a question for consent; one with more asks for an opinion
DONE = "complete"  # how the last column of a form's page is headed in REDCap: `visit_complete`
STUDIES = (
    r"encuesta|estudio|entrevista|investigacion|evaluacion|cuestionario|survey|study|research|interview|evaluation|questionnaire"
    r"|enquete|etude|entretien|recherche|pesquisa|estudo|questionario"
)
CONSENT = re.compile(
    r"\b(consent\w*|consient\w*|consint\w*)\b"
    r"|\b(acept\w*|accept\w*|aceit\w*|agree\w*|acuerdo|concord\w*|desea|quiere|dispuest\w*|willing|souhaite\w*|deseja)\b.{0,40}"
    rf"\b(particip\w*|take part|ser entrevistad\w*|be interviewed|respond\w*|contest\w*)\b.{{0,30}}\b({STUDIES})\b"
    r"|\b(acept\w*|accept\w*|aceit\w*|agree\w*|acuerdo|concord\w*)\b.{0,25}\b(particip\w*|take part|be interviewed)\W*$"
    r"|\b(autoriz\w*|authori[sz]\w*|acept\w*|accept\w*|aceit\w*|agree\w*)\b.{0,60}\b(sus|mis|my|your|mes|vos|seus|meus)\b.{0,20}"
    r"\b(datos|respuestas|data|answers|responses|donnees|reponses|dados|respostas)\b"
)
# Consent to something else than taking part.
OTHER_CONSENT = re.compile(
    r"photo|foto|image|imagen|imagem|audio|video|record|grab|gravad|enregistr|contact|futur|follow|seguimiento|quote|citar|citad|cite[rs]?\b"
)


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A column that says the state of its row: `state_in` gives it for a cell."""

    column: Column
    state_in: Callable[[str], Reason | None]


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "response_states.toml").read_text("utf-8"))


def _plain(text: str) -> str:
    return " ".join(words_of(text))


def state_columns(table: Table, tool: str, ignored: Collection[int]) -> list[StateColumn]:
    """The columns of a table that say the state of a row, those for consent first; `ignored` are indices that are not asked."""
    columns = [column for column in table.columns if column.index not in ignored]
    consent = [StateColumn(column, _consent_of(table, column)) for column in columns if asks_consent(table, column)]
    return [*consent, *_columns_of_rules(columns, tool), *_handed_in(columns, tool), *_progress(columns)]


def asks_consent(table: Table, column: Column) -> bool:
    """Whether a column asks people whether they agree to take part."""
    texts = [fold_heading(text).replace("_", " ") for text in (column.name, column.question)]
    if not any(CONSENT.search(text) for text in texts) or any(OTHER_CONSENT.search(text) for text in texts):
        return False
    return len({fold_heading(cell) for cell in table.filled(column)}) <= MOST_ANSWERS


def _consent_of(table: Table, column: Column) -> Callable[[str], Reason | None]:
    """`no` in any common form; 2, too, where the answers are 1 and 2."""
    is_coded = set(table.filled(column)) <= {"1", "2"}
    words = _lists()["words"]

    def state(cell: str) -> Reason | None:
        plain = _plain(cell)
        is_no = plain in words["no"] or plain.startswith(tuple(words["no_begins"])) or (is_coded and plain == "2")
        return Reason.CONSENT_REFUSED if is_no else None

    return state


def _columns_of_rules(columns: Sequence[Column], tool: str) -> Iterator[StateColumn]:
    for rule in _lists()["rules"]:
        if tool not in rule.get("tools", [tool]):
            continue
        for column in columns:
            if _is_headed(column, rule):
                yield StateColumn(column, _state_of_rule(rule))


def _is_headed(column: Column, rule: dict[str, Any]) -> bool:
    for heading in (_plain(column.name), _plain(column.question)):
        if heading in rule.get("headings", ()) or heading.endswith(tuple(rule.get("ends", ()))):
            return True
    return False


def _state_of_rule(rule: dict[str, Any]) -> Callable[[str], Reason | None]:
    cells = frozenset(rule["cells"])
    phrases = tuple(f" {cell} " for cell in cells if " " in cell)

    def state(cell: str) -> Reason | None:
        plain = _plain(cell)
        is_state = plain in cells or any(phrase in f" {plain} " for phrase in phrases)
        return RESPONSE_STATES[rule["state"]] if is_state and plain.count(" ") < MOST_WORDS else None

    return state


def _handed_in(columns: Sequence[Column], tool: str) -> Iterator[StateColumn]:
    """Columns of the tool with the time of handing in, which are blank if that did not happen."""
    for column in columns:
        if _plain(column.name) in _lists()["handed_in"].get(tool, ()):
            yield StateColumn(column, lambda cell: None if cell else Reason.UNFINISHED)


def _progress(columns: Sequence[Column]) -> Iterator[StateColumn]:
    """How far people came, where no column says that they finished."""
    finished = next(rule for rule in _lists()["rules"] if RESPONSE_STATES[rule["state"]] is Reason.UNFINISHED)
    if any(_is_headed(column, finished) for column in columns):
        return
    for column in columns:
        if _plain(column.name) in _lists()["words"]["progress"]:
            yield StateColumn(column, _state_of_progress)


def _state_of_progress(cell: str) -> Reason | None:
    number = cell.strip("% ").replace(",", ".")
    try:
        return Reason.UNFINISHED if float(number) < WHOLE else None
    except ValueError:
        return None


def instrument_columns(table: Table) -> list[Column]:
    """REDCap's columns that say of each form whether it is complete."""
    return [column for column in table.columns if column.name.casefold().endswith(f"_{DONE}")]


def state_of(row: Row, columns: Sequence[StateColumn], instruments: Sequence[Column]) -> Reason | None:
    """Why a row does not count as a response, by the first column that says so; None if it counts."""
    for each in columns:
        if state := each.state_in(row.cell(each.column)):
            return state
    cells = [_plain(row.cell(column)) for column in instruments]
    is_begun = any(cells) and all(cell in ("0", "incomplete", "incompleto", "") for cell in cells)
    return Reason.UNFINISHED if is_begun else None


def is_test(answers: Sequence[str], questions: int) -> bool:
    """Whether somebody wrote nothing but words for trying out a form; one of several answers may be meant."""
    return len(answers) >= min(2, questions) > 0 and all(
        _plain(answer) in _lists()["words"]["test_answers"] for answer in answers
    )
