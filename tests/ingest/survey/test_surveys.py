"""A survey export comes to a source per row, with nothing lost on the way."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_surveys import (
    LONG,
    PEOPLE,
    SHARED,
    chars_of,
    chars_of_text,
    chars_of_workbook,
    check_rows,
    comma,
    listed,
    read,
    refused,
    said,
    visible,
    workbook,
)
from studies import ROOT

from pipeline.config import load_settings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, read_file
from pipeline.records import FileReading, SourceEntry
from pipeline.registers.participants import load_participants
from pipeline.vocabulary import Kind, Role

DEMONSTRATION = ROOT / "raw" / "surveys" / "encuesta-2023.csv"


def demonstration() -> FileReading:
    people, _ = load_participants(ROOT / "raw")
    entry = SourceEntry("surveys/encuesta-2023.csv", source_id="ENC-2023", language="es")
    settings = load_settings(ROOT / "config.toml")
    reading = read_file(FileTask(entry.path, DEMONSTRATION.read_bytes(), Kind.SURVEY, entry, people, settings))
    check_rows(reading)
    return reading


def shared(name: str) -> bytes:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared/data is not here: {name}")
    return path.read_bytes()


def test_every_row_of_the_demonstration_is_a_source_of_its_person() -> None:
    reading = demonstration()
    assert len(reading.sources) == 96
    assert {s.source_id: s.participant_ids for s in reading.sources}["ENC-2023.row2"] == "P109"
    assert all(s.participant_ids for s in reading.sources)


def test_a_source_id_never_reveals_who_answered() -> None:
    reading = demonstration()
    assert all(s.participant_ids not in s.source_id for s in reading.sources)


def test_every_open_answer_is_a_turn_of_a_respondent_at_its_row_and_column() -> None:
    reading = demonstration()
    first = [turn for turn in reading.turns if turn.source_id == "ENC-2023.row2"]
    assert [turn.place for turn in first] == ["row 2, column J", "row 2, column K", "row 2, column L"]
    assert {turn.role for turn in reading.turns} == {Role.RESPONDENT}
    assert first[2].question == first[2].heading == "¿Qué pasará cuando la Misión ya no esté?"
    text = next(text.text for text in reading.texts if text.source_id == "ENC-2023.row2")
    assert text[first[2].start : first[2].end] == "El protocolo es acuerdo ministerial vigente y se usa a diario."


def test_the_demonstration_has_as_many_answers_as_counted_by_hand() -> None:
    reading = demonstration()
    per_column = [sum(turn.place.endswith(letter) for turn in reading.turns) for letter in "JKL"]
    assert per_column == [93, 88, 86]  # without 4 times NS/NC, 3 times nada, once ninguno
    assert len(reading.answers) == 6 * 96 + 83 + 81


def test_a_blank_answer_is_missing_and_not_a_no() -> None:
    reading = demonstration()
    assert sum(turn.source_id == "ENC-2023.row4" for turn in reading.turns) == 1
    assert "" not in {answer.value for answer in reading.answers}


def test_no_character_of_the_demonstration_is_lost() -> None:
    assert chars_of(demonstration()) == chars_of_text(DEMONSTRATION.read_bytes(), ",")


@pytest.mark.parametrize(
    ("name", "delimiter", "rows", "turns"),
    [
        ("madrid_es/proposals_latest.csv", ";", 2738, 2738 + 2233),
        ("kobo/grouped_repeatable__kobo.csv", ";", 6, 0),
        ("kobo/grouped_translated__kobo.csv", ";", 3, 0),
        ("kobo/or_other__kobo.csv", ";", 3, 0),
        ("qualtrics/sample.csv", ",", 1, 1),
        ("qualtrics/sample_legacy.csv", ",", 1, 0),
        ("google_forms/Spanish_recoded.csv", ",", 50, 0),
        ("google_forms/export_2020-04-16.csv", ",", 2225, 0),
    ],
)
def test_real_exports_as_text_lose_nothing(name: str, delimiter: str, rows: int, turns: int) -> None:
    data = shared(name)
    reading = read(data, Path(name).name)
    assert (len(reading.sources), len(reading.turns)) == (rows, turns)
    assert chars_of(reading) == chars_of_text(data, delimiter)


@pytest.mark.parametrize("style", ["labels_details_header", "labels_hier", "labels_summary", "xml_values_sep_slash"])
@pytest.mark.parametrize(
    ("form", "rows"),
    [("customer_satisfaction", 3), ("grouped_repeatable", 6), ("grouped_translated", 3), ("or_other", 3)],
)
def test_real_workbooks_lose_nothing(form: str, style: str, rows: int) -> None:
    data = shared(f"kobo/{form}__{style}.xlsx")
    reading = read(data, f"{form}.xlsx")
    assert len(reading.sources) == rows
    assert chars_of(reading) == chars_of_workbook(data)


def test_a_real_data_file_of_spss_loses_nothing() -> None:
    import pyreadstat

    reading = read(shared("spss_es/Datos.sav"), "Datos.sav")
    assert (len(reading.sources), len(reading.turns)) == (552, 540)  # one row is blank; 12 answers are words for none
    assert reading.turns[0].place == "case 1, variable FINAL"
    frame, _ = pyreadstat.read_sav(SHARED / "spss_es" / "Datos.sav")
    numbers = sum(len(str(int(value))) for value in frame["REGISTRO"])
    assert chars_of(reading) == sum(map(visible, frame["FINAL"])) + numbers + len("REGISTRO" + "FINAL")


def test_html_in_cells_becomes_text_to_which_offsets_point() -> None:
    cell = "<p>Falta <b>agua</b> &amp; luz.</p>\r\n<ul><li>Uno</li><li>Dos &lt; tres</li></ul>"
    data = comma([["id", "q"], ["1", cell]])
    reading = read(data, open=["q"])
    assert said(reading) == ["Falta agua & luz.\nUno\nDos < tres"]
    assert chars_of(reading) == chars_of_text(data, ",")
    assert ("row 2", "markup") in listed(reading)


def test_what_only_looks_like_markup_stays() -> None:
    words = "si x < 3 y z > 4 entonces <nada> cambia, ¿ve? &c."
    assert said(read(comma([["id", "q"], ["1", words]]), open=["q"])) == [words]


def test_a_cell_of_markup_alone_is_not_an_answer() -> None:
    reading = read(comma([["id", "q"], ["1", "<p>&nbsp;</p>"]]), open=["q"])
    assert reading.turns == ()
    assert chars_of(reading) == len("id" + "q" + "1" + "<p>&nbsp;</p>")


def test_line_breaks_inside_a_cell_stay() -> None:
    reading = read(comma([["id", "q"], ["1", "Primero.\nSegundo.\r\nTercero."]]), open=["q"])
    assert said(reading) == ["Primero.\nSegundo.\nTercero."]


def test_words_for_no_answer_are_listed_and_no_answer() -> None:
    reading = read(comma([["id", "q"], ["1", "NS/NC"], ["2", " nada "], ["3", "  "], ["4", "Poco"]]), open=["q"])
    assert said(reading) == ["Poco"]
    assert [row for row in listed(reading) if row[1] == "no answer"] == [
        ("row 2, column B", "no answer"),
        ("row 3, column B", "no answer"),
    ]


def test_somebody_not_in_the_register_is_listed_and_the_answer_kept() -> None:
    rows = [["quién", "q"], ["P001", LONG[0]], ["P404", LONG[1]], ["", LONG[2]], ["p002", LONG[3]]]
    reading = read(comma(rows), person="quién", open=["q"])
    assert [turn.participant_id for turn in reading.turns] == ["P001", "", "", "P002"]
    assert ("row 3", "person not in the register") in listed(reading)
    assert ("row 4", "no person given") in listed(reading)
    assert not any("P404" in reason for _, reason in listed(reading))


def test_a_person_may_be_identified_by_name_if_only_one_has_it() -> None:
    rows = [["Nombre", "q"], ["rufina  ccahuana poma", LONG[0]], ["TEÓFILO ÑAUPARI SOSA", LONG[1]], ["RC", LONG[2]]]
    reading = read(comma(rows), person="Nombre", open=["q"])
    assert [turn.participant_id for turn in reading.turns] == ["P001", "P002", "P001"]
    twins = (*PEOPLE, replace(PEOPLE[0], participant_id="P009", names=("RC",)))
    reading = read(comma(rows), person="Nombre", open=["q"], people=twins)
    assert [turn.participant_id for turn in reading.turns] == ["P001", "P002", ""]


def test_names_of_people_reach_no_record() -> None:
    rows = [["Nombre", "Correo electrónico", "q"], ["Rufina Ccahuana Poma", "rufina@example.org", LONG[0]]]
    data = comma(rows)
    reading = read(data, person="Nombre", open=["q"])
    assert "Rufina" not in repr(reading)
    assert "example.org" not in repr(reading)
    assert chars_of(reading) == chars_of_text(data, ",")


def test_languages_are_recognised_answer_by_answer() -> None:
    english = "I think that the workshop was good but they did not come back to us."
    reading = read(
        comma([["id", "q", "r"], ["1", LONG[0], ""], ["2", english, "ok"], ["3", "sí", ""]]), open=["q", "r"]
    )
    assert [turn.language for turn in reading.turns] == ["es", "en", "en", "es"]
    assert [source.language for source in reading.sources] == ["es", "en", "es"]


def test_a_row_without_an_id_is_named_by_its_number() -> None:
    reading = read(comma([["a", "q"], ["x", LONG[0]], ["", ""], ["x", LONG[1]]]), open=["q"])
    assert [source.source_id for source in reading.sources] == ["encuesta.row2", "encuesta.row4"]


def test_ids_that_no_path_can_hold_are_made_safe_and_stay_apart() -> None:
    reading = read(comma([["id", "q"], ["a:b", LONG[0]], ["a/b", LONG[1]], ["a b", LONG[2]]]), open=["q"])
    assert [source.source_id for source in reading.sources] == ["encuesta.a-b", "encuesta.a-b-2", "encuesta.a-b-3"]


def test_a_file_without_answers_is_set_aside() -> None:
    assert "no answers below" in refused(comma([["id", "q"]]))
    assert "is empty" in refused(b"")
    assert "has no row of answers" in refused(b'"";""\n"";""\n')


def test_a_first_row_of_answers_is_not_taken_for_headings() -> None:
    message = refused(comma([["1", "2023-05-01", "7"], ["2", "2023-05-02", "8"]]))
    assert message.startswith("row 1: contains numbers or dates, not headings")


def test_another_sheet_is_read_if_config_says_so() -> None:
    data = workbook({"Leyenda": [["clave", "texto"], ["a", "b"]], "Datos": [["id", "q"], ["1", LONG[0]]]})
    reading = read(data, "encuesta.xlsx", sheet="datos", open=["q"])
    assert said(reading) == [LONG[0]]
    assert reading.turns[0].place == "sheet Datos, row 2, column B"
    assert ("sheet Leyenda", "another sheet of the file") in listed(reading)
    assert chars_of(reading) == chars_of_workbook(data)
    assert "no visible sheet 'Hoja'" in refused(data, "encuesta.xlsx", sheet="Hoja")


CELLS = st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"]), max_size=30).map(
    lambda t: unicodedata.normalize("NFC", t)
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.sampled_from(",;\t|"))
@settings(deadline=None, max_examples=200)
def test_whatever_cells_hold_no_character_is_lost(rows: list[tuple[str, str, str]], delimiter: str) -> None:
    table = [("uno", "dos", "tres"), *rows, ("a", "b", "c")]
    reading = read(comma(table, delimiter), open=["dos"])
    assert chars_of(reading) == sum(visible(cell) for row in table for cell in row)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
@settings(deadline=None, max_examples=50)
def test_whatever_cells_of_a_workbook_hold_no_character_is_lost(rows: list[tuple[str, str]]) -> None:
    table = [
        ("uno", "dos"),
        *(row for row in rows if not any("_x" in cell or "\r" in cell for cell in row)),
        ("a", "b"),
    ]
    reading = read(workbook({"A": table}), "a.xlsx", open=["dos"])
    assert chars_of(reading) == sum(visible(cell) for row in table for cell in row)


def test_the_same_file_gives_the_same_records() -> None:
    assert demonstration() == demonstration()


def test_config_gives_the_people_of_a_survey_a_group_and_attributes() -> None:
    rows = [["id", "Rol", "q"], *[[str(n), ("docente", "madre")[n % 2], words] for n, words in enumerate(LONG)]]
    reading = read(comma(rows), attributes={"stakeholder_group": "Rol"}, same_for_all={"country": "Peru"})
    of_the_first = [(each.attribute, each.value) for each in reading.attributes if each.source_id == "encuesta.0"]
    assert of_the_first == [("country", "Peru"), ("stakeholder_group", "docente")]
    assert len(reading.attributes) == 8
    assert "has no column 'Role'" in refused(comma(rows), attributes={"stakeholder_group": "Role"})


def test_a_closed_answer_has_its_question_and_what_its_value_means() -> None:
    heads = [["id", "Q1", "Q5"], ["Id", "¿Qué edad tiene?", "¿Qué cambió?"]]
    reading = read(comma([*heads, *[[f"R{n}", str(30 + n), words] for n, words in enumerate(LONG)]]))
    assert {(a.question, a.value, a.label) for a in reading.answers if a.source_id == "encuesta.R0"} == {
        ("¿Qué edad tiene?", "30", "30")
    }


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ["", "-", "n/a", "Total", "preview", "No", "3", "2023-05-01", "a@example.org", "muy de acuerdo", "agua;luz", *LONG]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=8))
def test_every_cell_is_kept_or_listed(rows: list[list[str]]) -> None:
    data = comma([["id", "Status", "edad", "¿Qué cambió?"], *rows])
    try:
        reading = read(data)
    except UnreadableError:
        return
    assert chars_of(reading) == chars_of_text(data, ",")
