"""Two files of one survey are joined by the ids of their rows, as config.toml says."""

from dataclasses import replace

import pytest
from small_surveys import LONG, answers, comma, listed, said, task

from pipeline.config import SurveySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, RepeatsFile, read_file
from pipeline.ingest.survey.repeat_files import parents_of

FIRST = comma([["folio", "edad", "¿Qué cambió?"], *[[f"A{n}", str(30 + n), words] for n, words in enumerate(LONG)]])
SECOND = comma(
    [["caso", "¿Sigue en el comité?", "¿Qué falta?"],
     ["A1", "sí", "Falta que vengan las autoridades, porque sin ellas nada avanza."],
     ["A3", "no", "Falta el dinero para las herramientas que nos prometieron."],
     ["Z9", "no", "Nadie me preguntó antes, y esta es la primera encuesta que respondo."]]
)  # fmt: skip
JOINED = {"id": "folio", "joined": {"final.csv": "caso"}}


def both(**survey: object) -> FileTask:
    """The task of the survey with the other file beside it."""
    return replace(task(FIRST, **survey), repeats=(RepeatsFile("surveys/final.csv", "final", SECOND),))


def test_the_rows_of_both_files_are_one_source_a_person() -> None:
    reading = read_file(both(**JOINED))
    ids = [source.source_id for source in reading.sources]
    assert ids == ["encuesta.A0", "encuesta.A1", "encuesta.A2", "encuesta.A3", "final"]
    assert [turn.heading for turn in reading.turns if turn.source_id == "encuesta.A1"] == [
        "¿Qué cambió?",
        "¿Qué falta?",
    ]
    assert answers(reading, "encuesta.A3") == {"edad": "33", "final: ¿Sigue en el comité?": "no"}


def test_a_row_that_fits_none_is_listed_and_counts_for_nobody() -> None:
    reading = read_file(both(**JOINED))
    assert not any("primera encuesta" in words for words in said(reading))
    assert ("final.csv, row 4", "its parent row is not in the export") in listed(reading)


def test_what_is_missing_for_the_join_is_named_all_at_once() -> None:
    with pytest.raises(UnreadableError) as error:
        read_file(task(FIRST, joined={"nada.csv": "caso"}))
    assert "there is no file 'nada.csv' in the folder of the survey" in str(error.value)
    assert "it is not clear which column identifies the rows to be joined" in str(error.value)


def test_a_column_that_the_other_file_lacks_is_named() -> None:
    with pytest.raises(UnreadableError, match="the file has no column 'código'"):
        read_file(both(id="folio", joined={"final.csv": "código"}))


def test_config_says_which_file_belongs_to_which_survey() -> None:
    blocks = (SurveySettings(file="encuesta.csv", id="folio", joined={"final.csv": "caso"}),)
    headings = {"surveys/encuesta.csv": ["folio"], "surveys/final.csv": ["caso"], "surveys/otra/final.csv": ["caso"]}
    assert parents_of(headings, blocks) == {"surveys/final.csv": "surveys/encuesta.csv"}
