"""How the tests of surveys make an export, read it, and count its characters by themselves."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import openpyxl
import pytest
import studies
import xlsxwriter

from pipeline.config import Settings, StudySettings, SurveySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.records import FileReading, Participant, SourceEntry
from pipeline.vocabulary import Consent, Kind, ReadStatus, Role

SHARED = studies.SHARED / "data" / "surveys"
PEOPLE = (
    Participant("P001", Consent.YES, ("Rufina Ccahuana Poma", "RC"), ()),
    Participant("P002", Consent.YES, ("Teófilo Ñaupari Sosa",), ()),
    Participant("P003", Consent.YES, ("Grace Ashdown-Pereira",), ()),
)
LONG = (
    "El agua llega solo dos veces por semana y nadie nos explica por qué.",
    "Desde que vino el taller hablamos más entre vecinos, sobre todo las mujeres.",
    "No sé qué decirle, la verdad es que casi no participé en las reuniones.",
    "Me gustó la paciencia de las capacitadoras y que hablaran quechua con nosotros.",
)
Rows = Sequence[Sequence[str]]


def comma(rows: Rows, delimiter: str = ",", *, end: str = "\r\n") -> bytes:
    """Rows as delimited text."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue().encode()


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], *, hidden: Sequence[str] = (), **options: Any) -> bytes:
    """Sheets as an .xlsx file; text stays text."""
    data = io.BytesIO()
    chosen = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False} | options
    with xlsxwriter.Workbook(data, chosen) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(number, column, cell)
            if name in hidden:
                sheet.hide()
    return data.getvalue()


def task(data: bytes, name: str = "encuesta.csv", *, people: Sequence[Participant] = PEOPLE, **survey: Any) -> FileTask:
    """A survey file of a study, with what config.toml says of it."""
    study = StudySettings(title="A study", languages=("es", "en", "fr", "pt"))
    chosen = (SurveySettings(file=name, **survey),) if survey else ()
    entry = SourceEntry(f"surveys/{name}", source_id=name.rsplit(".", 1)[0])
    return FileTask(entry.path, data, Kind.SURVEY, entry, tuple(people), Settings(study=study, surveys=chosen))


def read(data: bytes, name: str = "encuesta.csv", **survey: Any) -> FileReading:
    """What ingest makes of a survey; its records are checked against each other."""
    reading = read_file(task(data, name, **survey))
    check_rows(reading)
    return reading


def refused(data: bytes, name: str = "encuesta.csv", **survey: Any) -> str:
    """The message with which a survey is set aside."""
    with pytest.raises(UnreadableError) as error:
        read_file(task(data, name, **survey))
    return str(error.value)


def said(reading: FileReading) -> list[str]:
    """Every open answer, in order."""
    texts = {text.source_id: text.text for text in reading.texts}
    return [texts[turn.source_id][turn.start : turn.end] for turn in reading.turns]


def answers(reading: FileReading, source_id: str = "") -> dict[str, str]:
    """The closed answers of a source, by question."""
    wanted = source_id or reading.sources[0].source_id
    return {answer.column: answer.value for answer in reading.answers if answer.source_id == wanted}


def listed(reading: FileReading) -> list[tuple[str, str]]:
    """(place, reason) of all that was left out, or is to be looked at."""
    return [(row.place, row.reason) for row in reading.rejected]


def visible(text: str) -> int:
    """How many characters a text has that are not white space: counted one by one."""
    return sum(not character.isspace() for character in text)


def chars_of(reading: FileReading) -> int:
    """All characters of a file, as its records account for them."""
    own = {source.source_id for source in reading.sources}
    return sum(s.chars for s in reading.sources) + sum(r.chars for r in reading.rejected if r.source_id not in own)


def cells_of_text(data: bytes, delimiter: str) -> list[list[str]]:
    """The cells of a delimited text, by a machine of our own: the counter shares no code with the reader."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    rows, row, cell, quoted, at = [], [], "", False, 0
    while at < len(text):
        here = text[at]
        if here == '"' and quoted and text[at + 1 : at + 2] == '"':
            cell, at = cell + '"', at + 1
        elif here == '"' and (quoted or not cell):
            quoted = not quoted
        elif not quoted and here in (delimiter, "\n"):
            row.append(cell)
            cell = ""
            if here == "\n":
                rows.append(row)
                row = []
        else:
            cell += here
        at += 1
    return rows + ([[*row, cell]] if row or cell else [])


def chars_of_text(data: bytes, delimiter: str) -> int:
    return sum(visible(cell) for row in cells_of_text(data, delimiter) for cell in row)


def chars_of_workbook(data: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    return sum(visible(str(cell)) for cell in cells)


def check_rows(reading: FileReading) -> None:
    """Every row accounts for its characters, every turn stands in its text, and nothing but line breaks stands between."""
    ids = [source.source_id for source in reading.sources]
    assert len(ids) == len(set(ids)) == len(reading.texts)
    kept: Counter[str] = Counter()
    texts = {text.source_id: text.text for text in reading.texts}
    for turn in reading.turns:
        stretch = texts[turn.source_id][turn.start : turn.end]
        assert stretch == stretch.strip() != ""
        assert turn.role is Role.RESPONDENT
        kept[turn.source_id] += visible(stretch)
    for earlier, later in pairwise(reading.turns):
        assert earlier.source_id != later.source_id or texts[later.source_id][earlier.end : later.start] == "\n\n"
    for answer in reading.answers:
        kept[answer.source_id] += visible(answer.value)
    assert len({(answer.source_id, answer.column) for answer in reading.answers}) == len(reading.answers)
    for row in reading.rejected:
        kept[row.source_id] += row.chars
    for source in reading.sources:
        assert source.chars == kept[source.source_id]
        assert source.status in ReadStatus
