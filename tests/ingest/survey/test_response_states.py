"""Rows that are no answers of people who took part are named and left out; config.toml can include them."""

import pytest
from small_surveys import LONG, answers, chars_of, chars_of_text, comma, listed, read, said, task

from pipeline.ingest.survey.proposals import propose
from pipeline.records import FileReading

QUESTION = "¿Qué cambió?"


def with_state(heading: str, cells: list[str], *own: str) -> bytes:
    """A table whose second column holds a state a row."""
    heads = [*(own or ("id",)), heading, QUESTION]
    rows = [[*(f"{n}" for _ in own or ("id",)), cell, f"{LONG[n % 4]} {n}"] for n, cell in enumerate(cells)]
    return comma([heads, *rows])


def out(reading: FileReading) -> dict[str, str]:
    """The rows that do not count, with their reason."""
    return {place: str(reason) for place, reason in listed(reading) if place.startswith("row ")}


@pytest.mark.parametrize(
    ("heading", "cell", "reason"),
    [
        ("Distribution Channel", "preview", "preview response"),
        ("Status", "Survey Preview", "preview response"),
        ("DistributionChannel", "test", "test response"),
        ("Status", "Survey Test", "test response"),
        ("Is Test Data", "Yes", "test response"),
        ("Status", "Spam", "spam response"),
        ("Status", "Imported Spam", "spam response"),
        ("Finished", "False", "unfinished response"),
        ("Finished", "0", "unfinished response"),
        ("Terminado", "No", "unfinished response"),
        ("Response Type", "partial", "unfinished response"),
        ("Estado de la respuesta", "Incompleta", "unfinished response"),
        ("Progress", "40", "unfinished response"),
        ("Status", "Disqualified", "screened-out response"),
        ("_validation_status", "Not Approved", "response not approved"),
        ("_submission__validation_status", "No aprobado", "response not approved"),
        ("_validation_status", "validation_status_not_approved", "response not approved"),
        ("_validation_status", "On Hold", "response on hold"),
        ("ReviewState", "rejected", "rejected response"),
        ("__system/reviewState", "hasIssues", "response on hold"),
        ("review_status", "REJECTED", "rejected response"),
        ("interview__status", "RejectedBySupervisor", "rejected response"),
        ("¿Acepta participar en esta encuesta?", "No", "consent refused in the survey"),
        ("consentimiento_informado", "0", "consent refused in the survey"),
        ("Do you agree to participate in this study?", "I do not agree", "consent refused in the survey"),
        ("Acceptez-vous de participer à cette enquête ?", "Non", "consent refused in the survey"),
        ("Você concorda em participar da pesquisa?", "Não", "consent refused in the survey"),
    ],
)
def test_a_row_in_a_state_that_does_not_count_is_listed_with_it(heading: str, cell: str, reason: str) -> None:
    good = {"Finished": "True", "Progress": "100", "Terminado": "Sí", "Is Test Data": "No"}.get(heading, "x y")
    good = "1" if cell == "0" else good
    data = with_state(heading, [good, cell, good, good])
    reading = read(data)
    assert out(reading) == {"row 3": reason}
    assert len(reading.sources) == 3
    assert LONG[1] not in "".join(said(reading))
    assert chars_of(reading) == chars_of_text(data, ",")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Status", "IP Address"),
        ("Status", "1"),  # of no known tool: nobody knows what 1 means
        ("_validation_status", "Approved"),
        ("_validation_status", ""),
        ("ReviewState", "approved"),
        ("consent_photo", "no"),
        ("¿Acepta que lo contactemos en el futuro?", "No"),
        ("¿Está de acuerdo con el proyecto?", "No"),
        ("¿Participa en la asamblea?", "No"),
        ("Finished school", "No"),
    ],
)
def test_other_states_and_answers_count(heading: str, cell: str) -> None:
    assert out(read(with_state(heading, ["si", cell, "si", "si"]))) == {}


def test_config_includes_a_state() -> None:
    data = with_state("Finished", ["True", "False", "True", "True"])
    assert out(read(data, include=["unfinished"])) == {}
    assert out(read(data, include=["preview"])) == {"row 3": "unfinished response"}


def test_an_ignored_column_says_nothing_of_its_rows() -> None:
    data = with_state("¿Acepta participar en la encuesta?", ["Sí", "No", "Sí", "Sí"])
    assert out(read(data, ignore=["¿Acepta participar en la encuesta?"])) == {}


def test_where_nobody_finished_the_export_does_not_say_who_did() -> None:
    assert len(read(with_state("Finished", ["False"] * 4)).sources) == 4


def test_a_row_without_an_answer_is_not_a_person() -> None:
    data = comma([["id", "edad", QUESTION], *[[str(n), "30", words] for n, words in enumerate(LONG)], ["9", "", ""]])
    assert out(read(data)) == {"row 6": "response without answers"}


def test_words_that_try_a_form_out_are_a_test() -> None:
    rows = [[str(n), words, words[::-1]] for n, words in enumerate(LONG)] + [["8", "prueba", "test"]]
    assert out(read(comma([["id", QUESTION, "¿Qué falta?"], *rows]))) == {"row 6": "test response"}


def test_redcap_forms_that_are_all_incomplete_are_unfinished() -> None:
    heads = ["record_id", "redcap_event_name", "visit_complete", "exit_complete", QUESTION]
    states = [("2", "2"), ("0", "0"), ("2", "0"), ("Complete", "Incomplete")]
    rows = [[str(n), "baseline", *pair, f"{LONG[n]} {n}"] for n, pair in enumerate(states)]
    assert out(read(comma([heads, *rows]))) == {"row 3": "unfinished response"}


def test_check_names_the_rows_and_the_line_that_includes_them() -> None:
    remarks = " ".join(map(str, propose(task(with_state("Finished", ["True", "False", "False", "True"])))))
    assert "2 rows do not count, unfinished response: row 3, row 4" in remarks
    assert 'include = ["unfinished"]' in remarks


def test_rows_of_totals_of_groups_and_of_headings_are_not_persons() -> None:
    heads = ["id", "edad", "comunidad", QUESTION]
    people = [[f"H{n}", str(30 + n), "Norte", f"{LONG[n % 4]} {n}"] for n in range(8)]
    rows = [["Comunidad Norte", "", "", ""], *people[:4], heads, ["Comunidad Sur", "", "", ""], *people[4:]]
    rows += [
        ["Total", "268", "", ""],
        ["Promedio", "33.5", "", ""],
        ["", "", "", ""],
        ["Fuente: trabajo de campo", "", "", ""],
    ]
    data = comma([heads, *rows])
    reading = read(data)
    assert out(reading) == {
        "row 2": "heading of a group",
        "row 7": "headings again",
        "row 8": "heading of a group",
        "row 13": "row of totals",
        "row 14": "row of totals",
        "row 16": "heading of a group",
    }
    assert len(reading.sources) == 8
    assert chars_of(reading) == chars_of_text(data, ",")


def test_tallies_below_the_rows_that_a_tool_wrote_are_not_persons() -> None:
    rows = [[f"14/5/2023 22:26:5{n}", "Sí", f"{LONG[n]} {n}"] for n in range(4)]
    reading = read(comma([["Marca temporal", "¿Vive aquí?", QUESTION], *rows, ["", "Sí", "4"], ["", "No", "0"]]))
    assert out(reading) == {"row 6": "below the table", "row 7": "below the table"}


def test_an_unnamed_row_of_sums_is_not_a_person() -> None:
    rows = [[f"H{n}", str(n + 2), str(3 * n + 1), f"{LONG[n]} {n}"] for n in range(4)]
    reading = read(comma([["id", "hijos", "cabras", QUESTION], *rows, ["", "14", "22", ""]]))
    assert out(reading) == {"row 6": "row of totals"}


@pytest.mark.parametrize(
    "cell",
    [
        "-",
        "--",
        ".",
        "…",
        "N/A",
        "n/a",
        "No aplica",
        "ninguno",
        "Ninguna.",
        "nada",
        "no sé",
        "NS/NR",
        "none",
        "I don't know",
        "rien",
        "sans objet",
        "Não sei",
        "sin comentarios",
        "No comments.",
        "nothing to add",
    ],
)
def test_stock_words_are_not_answers_and_are_listed_with_their_cell(cell: str) -> None:
    data = comma([["id", "edad", QUESTION], *[[str(n), "30", words] for n, words in enumerate([*LONG, cell])]])
    reading = read(data)
    assert cell not in said(reading)
    assert ("row 6, column C", "no answer") in listed(reading)
    assert answers(reading, "encuesta.4") == {"edad": "30"}
    assert chars_of(reading) == chars_of_text(data, ",")


@pytest.mark.parametrize(
    ("question", "cell", "is_kept"),
    [
        (QUESTION, "No", True),
        (QUESTION, "Nada cambió, todo sigue igual", True),
        (QUESTION, "👍", True),
        ("¿Algún comentario adicional?", "No", False),
        ("Do you have any other comments?", "no thanks", False),
    ],
)
def test_no_is_an_answer_but_to_a_question_for_anything_further(question: str, cell: str, *, is_kept: bool) -> None:
    reading = read(comma([["id", question], *[[str(n), words] for n, words in enumerate([*LONG, cell])]]))
    assert (cell in said(reading)) is is_kept


@pytest.mark.parametrize("count", ["8 respuestas", "n = 8", "8 of 12 responses", "100 %"])
def test_a_row_of_totals_may_count_the_answers_in_words(count: str) -> None:
    people = [[f"H{n}", str(30 + n), f"{LONG[n % 4]} {n}"] for n in range(8)]
    reading = read(comma([["id", "edad", QUESTION], *people, ["Total", "8", count]]))
    assert out(reading) == {"row 10": "row of totals"}
