"""The headings of each survey tool are distinguished from its answers, whatever the language."""

import io
from dataclasses import replace
from datetime import date

import pytest
from small_surveys import (
    LONG,
    SHARED,
    answers,
    chars_of,
    comma,
    listed,
    read,
    refused,
    said,
    visible,
    workbook,
)

from pipeline.ingest.survey.sources import read as read_survey

IMPORTS = ['{"ImportId":"startDate","timeZone":"America/Lima"}', '{"ImportId":"_recordId"}', '{"ImportId":"ipAddress"}']
KOBO = ["start", "end", "nombre_del_lugar", "opinion", "_id", "_uuid", "_index"]


def note(reading: object) -> str:
    return str(reading.sources[0].note)  # type: ignore[attr-defined]


def test_qualtrics_with_three_heading_rows_is_known_by_its_import_ids() -> None:
    rows = [
        ["StartDate", "ResponseId", "IPAddress", "Q1", "Q2", "Q2"],
        ["Anfangsdatum", "Antwort-ID", "IP-Adresse", "Wie oft?", "Warum?", "Warum? - Themen"],
        [*IMPORTS, '{"ImportId":"QID1"}', '{"ImportId":"QID2_TEXT"}', '{"ImportId":"QID2_TEXT_a1b2Topics"}'],
        ["2023-05-01 10:00:00", "R_1a", "10.1.2.3", "2", "Corto", "agua,luz"],
    ]
    reading = read(comma(rows))
    assert note(reading).startswith("read as Qualtrics")
    assert [source.source_id for source in reading.sources] == ["encuesta.R_1a"]
    assert said(reading) == ["Corto"]
    assert reading.turns[0].question == "Warum?"
    assert reading.turns[0].place == "row 4, column E"
    assert answers(reading)["Warum? - Themen"] == "agua,luz"
    assert "10.1.2.3" not in repr(reading)


def test_qualtrics_with_two_heading_rows_is_known_by_its_import_ids() -> None:
    rows = [
        ["¿Cuándo?", "Id", "IP", "¿Qué cambió?"],
        [*IMPORTS, '{"ImportId":"QID7_4_TEXT"}'],
        ["2023", "R_9", "", "Poco"],
    ]
    reading = read(comma(rows))
    assert [(turn.question, turn.place) for turn in reading.turns] == [("¿Qué cambió?", "row 3, column D")]


@pytest.mark.parametrize("second", [["Start Date", "End Date", "Response Type", "ID", "¿Qué cambió?"], None])
def test_qualtrics_in_a_workbook_has_one_or_two_heading_rows(second: list[str] | None) -> None:
    first = ["StartDate", "EndDate", "Status", "ResponseId", "Q5"]
    data = [["2023-05-01 10:00:00", "2023-05-01 10:09:00", "0", f"R_{n}", words] for n, words in enumerate(LONG)]
    reading = read(workbook({"Sheet0": [first, *([second] if second else []), *data]}), "q.xlsx")
    assert said(reading) == list(LONG)
    assert reading.turns[0].question == ("¿Qué cambió?" if second else "Q5")


def test_the_old_qualtrics_names_its_columns_in_the_second_row() -> None:
    rows = [["V1", "V2", "V3", "Q1", ""], ["ResponseID", "ResponseSet", "Name", "¿Qué cambió?", ""]]
    reading = read(comma([*rows, *[[f"R_{n}", "Default", "Ana", words, ""] for n, words in enumerate(LONG)]]))
    assert [source.source_id for source in reading.sources][:2] == ["encuesta.R_0", "encuesta.R_1"]
    assert (reading.turns[0].heading, reading.turns[0].question) == ("Q1", "¿Qué cambió?")
    assert "Ana" not in repr(reading)


@pytest.mark.parametrize(
    ("system", "open_answer", "answer"),
    [
        (["Respondent ID", "Collector ID", "Start Date", "IP Address"], "Open-Ended Response", "Response"),
        (
            ["ID del encuestado", "ID del recopilador", "Fecha de inicio", "Dirección IP"],
            "Respuesta abierta",
            "Respuesta",
        ),
        (
            ["Identifiant du répondant", "Identifiant du collecteur", "Date de début", "Adresse IP"],
            "Réponse libre",
            "Réponse",
        ),
    ],
)
def test_surveymonkey_has_questions_over_the_headings_of_their_answers(
    system: list[str], open_answer: str, answer: str
) -> None:
    rows = [
        [*system, "¿Qué temas?", "", "¿Cuánto?", "¿Por qué?"],
        ["", "", "", "", "Agua", "Luz", answer, open_answer],
        ["118", "400", "05/01/2023", "10.1.2.3", "Agua", "", "3", "Porque sí"],
    ]
    reading = read(comma(rows))
    assert note(reading).startswith("read as SurveyMonkey")
    assert [(turn.question, turn.place) for turn in reading.turns] == [("¿Por qué?", "row 3, column H")]
    closed = answers(reading, "encuesta.118")
    assert (closed["¿Qué temas? [Agua]"], closed["¿Cuánto?"]) == ("Agua", "3")
    assert "¿Qué temas? [Luz]" not in closed
    assert "10.1.2.3" not in repr(reading)


def test_surveymonkey_condensed_has_one_row_of_headings() -> None:
    rows = [["Respondent ID", "Collector ID", "What changed?"], *[[str(n), "7", words] for n, words in enumerate(LONG)]]
    assert said(read(comma(rows))) == list(LONG)


@pytest.mark.parametrize(
    "system",
    [
        ["id", "submitdate", "lastpage", "startlanguage", "seed"],
        ["ID de respuesta", "Fecha de envío", "Última página", "Idioma inicial", "Semilla"],
        [
            "id. Response ID",
            "submitdate. Date submitted",
            "lastpage. Last page",
            "startlanguage. Start language",
            "seed. Seed",
        ],
    ],
)
def test_limesurvey_may_have_one_heading_twice_and_both_answers_stay(system: list[str]) -> None:
    asked = ["¿Qué cambió? [En casa]", "¿Qué cambió? [En el trabajo]", "Comentario", "Comentario"]
    data = [[str(n), "2023-05-01 10:00:00", "3", "es", "99887", *(f"{words} {n}" for words in LONG)] for n in range(4)]
    reading = read(comma([[*system, *asked], *data]))
    assert note(reading).startswith("read as LimeSurvey")
    last = [turn for turn in reading.turns if turn.source_id == "encuesta.3"]
    assert [turn.question for turn in last] == asked
    assert [turn.heading for turn in last] == [*asked[:3], "Comentario (2)"]


def test_limesurvey_keeps_two_closed_answers_under_one_heading_apart() -> None:
    reading = read(comma([["id", "submitdate", "lastpage", "Otro", "Otro"], ["1", "2023-05-01", "3", "a", "b"]]))
    assert (answers(reading)["Otro"], answers(reading)["Otro (2)"]) == ("a", "b")


@pytest.mark.parametrize("stamp", ["Timestamp", "Marca temporal", "Horodateur", "Carimbo de data/hora"])
def test_google_forms_is_known_by_its_time_stamp(stamp: str) -> None:
    heads = [stamp, "Dirección de correo electrónico", "¿Cómo lo ve? [El agua]", "¿Qué cambió?"]
    data = [["1/05/2023 10:00:00", f"a{n}@example.org", "Bien", words] for n, words in enumerate(LONG)]
    reading = read(comma([heads, *data]))
    assert note(reading).startswith("read as Google Forms")
    assert said(reading) == list(LONG)
    assert "example.org" not in repr(reading)


def test_kobo_rows_are_named_by_their_uuid() -> None:
    data = [["2023", "2023", "Lima", words, str(100 + n), f"u-{n}", str(n + 1)] for n, words in enumerate(LONG)]
    reading = read(b"\xef\xbb\xbf" + comma([KOBO, *data], ";"))
    assert note(reading).startswith("read as KoboToolbox; columns separated by semicolon")
    assert [source.source_id for source in reading.sources][:2] == ["encuesta.u-0", "encuesta.u-1"]
    assert {turn.heading for turn in reading.turns} == {"opinion"}


def test_repeats_are_joined_to_their_parents_and_repeats_in_repeats_too() -> None:
    homes = [["hogar", "_index"], ["Norte", "1"], ["Sur", "2"]]
    people = [["edad", "_index", "_parent_table_name", "_parent_index"], ["40", "1", "Encuesta de hogares", "1"]]
    people += [["7", "2", "Encuesta de hogares", "1"], ["63", "3", "Encuesta de hogares", "2"]]
    told = [
        ["relato", "_parent_table_name", "_parent_index"],
        *[[words, "persona", str(n)] for n, words in zip((2, 3, 3, 1), LONG, strict=True)],
    ]
    data = workbook({"Encuesta de...": homes, "persona": people, "relatos": told})
    reading = read(data, "hogares.xlsx")
    assert [source.source_id for source in reading.sources] == ["hogares.1", "hogares.2"]
    assert [turn.place for turn in reading.turns if turn.source_id == "hogares.2"] == [
        "sheet relatos, row 3, column A",
        "sheet relatos, row 4, column A",
    ]
    closed = answers(reading, "hogares.1")
    assert (closed["persona 1: edad"], closed["persona 2: edad"]) == ("40", "7")
    assert chars_of(reading) == sum(visible(cell) for rows in (homes, people, told) for row in rows for cell in row)


def test_odk_repeats_are_joined_by_their_keys() -> None:
    main = [["SubmissionDate", "KEY"], ["2023-05-01", "uuid:1"], ["2023-05-02", "uuid:2"]]
    child = [["relato", "PARENT_KEY", "KEY"], [LONG[0], "uuid:2", "uuid:2/r[1]"], [LONG[1], "uuid:2", "uuid:2/r[2]"]]
    reading = read(workbook({"casa": main, "casa-r": child}), "odk.xlsx")
    assert note(reading).startswith("read as ODK")
    assert {turn.source_id for turn in reading.turns} == {"odk.uuid-2"}


def form() -> bytes:
    survey = [
        ["type", "name", "label::English (en)", "label::Español (es)", "appearance"],
        ["start", "start", "", "", ""],
        ["begin_group", "casa", "Home", "Casa", ""],
        ["text", "opinion", "What do you think?", "¿Qué opina?", "multiline"],
        ["text", "otro", "Anything else?", "¿Algo más?", ""],
        ["select_multiple temas", "temas", "Which topics?", "¿Qué temas?", ""],
        ["geopoint", "gps_casa", "Where?", "¿Dónde?", ""],
        ["end_group", "", "", "", ""],
    ]
    choices = [["list_name", "name", "label::English (en)", "label::Español (es)"], ["temas", "agua", "Water", "Agua"]]
    return workbook({"survey": survey, "choices": choices})


def with_form(data: bytes, name: str) -> object:
    from small_surveys import check_rows, task

    reading = read_survey(replace(task(data, name, language="es"), form=form()))
    check_rows(reading)
    return reading


def test_the_form_says_what_was_asked_and_what_is_open() -> None:
    heads = ["start", "casa/opinion", "casa/otro", "casa/temas", "casa/temas/agua", "casa/gps_casa", "_uuid"]
    reading = with_form(comma([heads, ["2023", "Bien", "no", "agua", "1", "-12.05 -77.04 0 0", "u1"]], ";"), "k.csv")
    assert [(turn.question, turn.heading) for turn in reading.turns] == [("¿Qué opina?", "casa/opinion")]  # type: ignore[attr-defined]
    assert answers(reading) == {"¿Algo más?": "no", "¿Qué temas?": "agua", "¿Qué temas? [Agua]": "1", "start": "2023"}  # type: ignore[arg-type]


def test_the_form_also_fits_an_export_with_labels() -> None:
    heads = ["¿Qué opina?", "¿Algo más?", "Casa/¿Qué temas?", "_uuid"]
    reading = with_form(comma([heads, ["Bien", "no", "Agua", "u1"]], ";"), "k.csv")
    assert said(reading) == ["Bien"]  # type: ignore[arg-type]


def test_a_form_among_the_answers_is_listed_and_not_read_as_answers() -> None:
    data = form()
    reading = read(data, "form.xlsx")
    assert reading.turns == () == reading.answers
    assert [source.source_id for source in reading.sources] == ["form"]
    assert ("sheet survey", "a form definition (XLSForm)") in listed(reading)


@pytest.mark.parametrize("name", ["case_insensitivity", "extra_columns", "extra_sheet_names"])
def test_real_forms_are_known_as_forms(name: str) -> None:
    path = SHARED / "xlsforms" / f"{name}.xlsx"
    if not path.exists():
        pytest.skip(f"shared/data is not here: xlsforms/{name}.xlsx")
    assert read(path.read_bytes(), path.name).turns == ()


def test_the_choices_of_one_question_are_closed_answers_even_if_they_read_like_prose() -> None:
    heads = ["id", "temas", "temas/agua y luz", "temas/salud"]
    data = [[str(n), f"agua y luz salud opción {n} más", str(n % 2), ""] for n in range(8)]
    assert read(comma([heads, *data])).turns == ()


def test_a_title_above_the_headings_is_not_a_heading() -> None:
    data = workbook(
        {"A": [["Encuesta de satisfacción 2023"], [], ["id", "q"], *[[str(n), w] for n, w in enumerate(LONG)]]}
    )
    reading = read(data, "t.xlsx")
    assert said(reading) == list(LONG)
    assert reading.turns[0].place == "sheet A, row 4, column B"


def test_value_labels_of_spss_are_the_answers(tmp_path: object) -> None:
    import pandas as pd
    import pyreadstat

    path = tmp_path / "s.sav"  # type: ignore[operator]
    frame = pd.DataFrame(
        {"CASO": [1.0, 2.0], "P1": [1.0, 99.0], "P2": ["Porque sí, por todo eso", ""], "P3": [2.5, None]}
    )
    labels = {"P1": {1: "Sí", 99: "NS/NC"}}
    pyreadstat.write_sav(
        frame, path, column_labels=["Caso", "¿Participó?", "¿Por qué?", None], variable_value_labels=labels
    )
    reading = read(path.read_bytes(), "s.sav", id="CASO", open=["P2"])
    assert answers(reading, "s.1") == {"¿Participó?": "Sí", "P3": "2.5"}
    assert answers(reading, "s.2") == {"¿Participó?": "NS/NC"}
    assert [(t.question, t.place) for t in reading.turns] == [("¿Por qué?", "case 1, variable P2")]


def test_a_sheet_of_opendocument_is_read() -> None:
    odfdo = pytest.importorskip("odfdo")
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    sheet = odfdo.Table("Datos")
    for cells in [
        ["id", "fecha", "n", "q"],
        *[[f"0{n}", date(2023, 5, n), n / 2, words] for n, words in enumerate(LONG, 1)],
    ]:
        row = odfdo.Row()
        row.set_values(cells)
        sheet.append_row(row)
    document.body.append(sheet)
    file = io.BytesIO()
    document.save(file)
    reading = read(file.getvalue(), "a.ods")
    assert said(reading) == list(LONG)
    assert answers(reading, "a.01") == {"fecha": "2023-05-01", "n": "0.5"}


def test_a_cut_data_file_of_spss_is_refused() -> None:
    assert "broken SPSS file" in refused(b"$FL2@(#) SPSS DATA FILE" + b"\0" * 400, "s.sav")
