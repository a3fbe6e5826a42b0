"""Which questions people answered in their own words, by the cells and by the words of the question."""

import pytest
from small_surveys import LONG, comma, read, said, task

from pipeline.ingest.survey.proposals import propose

OPTIONS = ("Radio", "Carteles", "Una vecina", "El promotor")
VARIED = ("pandas, Matplotlib, requests", "numpy, scipy", "Numpy, Plotly and pandas", "scikit-learn", "matplotlib, Dask",
          "Pandas, seaborn", "numpy, dask", "Scipy, statsmodels")  # fmt: skip


def opened(question: str, cells: list[str] | tuple[str, ...]) -> bool:
    """Whether the column of a question is taken as open, in a survey with another one."""
    rows = [[str(n), LONG[n % len(LONG)] + f" ({n})", cell] for n, cell in enumerate(cells)]
    reading = read(comma([["folio", "¿Qué cambió?", question], *rows]))
    return any(turn.heading == question for turn in reading.turns)


def test_answers_are_found_among_many_cells_that_say_nothing() -> None:
    cells = ["NA"] * 30 + [f"Me ayudaron con los errores, {n} veces, y con calma" for n in range(6)]
    assert opened("instructor_example", cells)


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("Comentarios sobre el río", ["No hay riesgo", "El río pasa lejos", "No hay riesgo", "Mahesh khola", "Poca agua"]),
        ("Why do you use it?", ["Research", "research work", "reaction kinetics", "For my thesis", "Teaching courses"]),
        ("List any professional qualifications", ["Certified ScrumMaster", "P. Eng", "MIOP, PMP", "PhD in physics", "none"]),
        ("Which training are you involved in (for example, university courses)?",
         ["Software Carpentry, local ones", "Departmental training", "a summer school", "on-site training for PhDs"]),
    ],
)  # fmt: skip
def test_a_question_that_asks_for_words_has_short_open_answers(question: str, cells: list[str]) -> None:
    assert opened(question, cells)


def test_a_list_that_people_type_is_open_although_its_words_come_again() -> None:
    assert opened("What libraries do you use with it?", VARIED)


def test_a_list_of_options_is_closed_however_long() -> None:
    cells = [", ".join(OPTIONS[: 1 + n % 4]) for n in range(12)]
    assert not opened("¿Por qué medios se enteró?", cells)


@pytest.mark.parametrize(
    ("question", "cells"),
    [
        ("¿Qué usa? [Plan de la familia (antes ahorro)]", ["Plan de la familia (antes ahorro)"]),
        ("Which do you use? [Other (please specify)]", ["Other (please specify)"] * 3),
        ("¿Por qué medios se enteró? Marque todas las que correspondan", [", ".join(OPTIONS[n:]) for n in range(4)]),
        ("¿Qué opción refleja mejor su razón?",
         ["Creo que me abrirá nuevas oportunidades", "Se requiere para mi trabajo actual", "Tengo curiosidad por el tema",
          "Creo que me abrirá nuevas oportunidades", "Se requiere para mi trabajo actual", "Por mi familia y mis hijos"]),
        ("What is your job title?", ["research assistant in biology", "Data analyst", "head of the statistics unit", "nurse"]),
        ("Versión", ["v6.1 a v8.9", "de 4.0 a 6.1", "v6 y v8 (1.2)", "7.1 -> 8.2"]),
        ("In which discipline is your degree?", ["PHYSICAL GEOGRAPHY", "CIVIL ENGINEERING", "EVOLUTION AND ECOLOGY", "LAW"]),
    ],
)  # fmt: skip
def test_options_facts_and_versions_are_closed(question: str, cells: list[str]) -> None:
    assert not opened(question, cells)


def test_an_attention_check_is_not_an_open_answer() -> None:
    ids = ['{""ImportId"":""startDate""}', '{""ImportId"":""QID1_TEXT""}', '{""ImportId"":""QID2_TEXT""}']
    rows = [f'2024-01-0{n + 1} 10:00:00,I pay attention,"{LONG[n % 4]} ({n})"' for n in range(6)]
    first = ["StartDate,Attention,Q2", "Start Date,Please type: I pay attention,What changed?"]
    text = "\n".join([*first, ",".join(f'"{each}"' for each in ids), *rows, ""])
    assert {turn.heading for turn in read(text.encode()).turns} == {"Q2"}


def test_check_names_the_columns_that_might_be_open_with_the_line_that_settles_it() -> None:
    cells = ["analista de datos", "Profesora rural", "promotor de salud", "Enfermera jefe"]
    rows = [[str(n), words, cell] for n, (words, cell) in enumerate(zip(LONG, cells, strict=True))]
    remarks = propose(task(comma([["folio", "¿Qué cambió?", "¿Cuál es su cargo?"], *rows])))
    (remark,) = [each for each in remarks if "short answers in people's own words" in each.what]
    assert "column C (¿Cuál es su cargo?)" in remark.what
    assert 'open = ["¿Qué cambió?", "¿Cuál es su cargo?"]' in remark.remedy


def test_quotation_marks_of_a_text_with_tabs_that_quotes_nothing_stay_as_they_are() -> None:
    rows = ["folio\tq", '1\t"Kubectl init" podría generar un archivo', "2\tBien", '3\tun 5" de largo, o "más']
    assert said(read("\n".join([*rows, ""]).encode(), open=["q"])) == [
        '"Kubectl init" podría generar un archivo', "Bien", 'un 5" de largo, o "más',
    ]  # fmt: skip


def test_a_box_may_be_headed_by_its_option_and_then_the_question() -> None:
    assert not opened("El promotor de la salud:¿Por qué medios se enteró?", ["El promotor de la salud"])
