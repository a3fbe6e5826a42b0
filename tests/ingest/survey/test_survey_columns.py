"""Open answers, people and row ids are found by the program, shown by check, and fixed in config.toml."""

import pytest
from small_surveys import LONG, PEOPLE, SHARED, answers, comma, listed, read, refused, said, task

from pipeline.ingest import FileTask, read_file
from pipeline.ingest.spreadsheets.book import read_book
from pipeline.ingest.survey.export import recognise
from pipeline.ingest.survey.person_column import PersonColumn, count_ids, ids_of
from pipeline.ingest.survey.proposals import propose
from pipeline.ingest.survey.prose import is_prose
from pipeline.records import Participant
from pipeline.vocabulary import Consent


@pytest.mark.parametrize(
    "cells",
    [
        [str(n) for n in range(40)],
        ["2023-05-01 10:00:00", "2023-05-02 11:00:00", "2023-05-03 12:00:00"],
        ["01/05/2023", "02/05/2023", "1.5.23", "10:30", "10:30 a. m."],
        ["Sí", "No", "Sí", "No", "No sabe"],
        ["Muy de acuerdo con eso", "Nada de acuerdo con eso"] * 10,
        [f"https://example.org/{n}" for n in range(9)],
        [f"persona.{n}@example.org" for n in range(9)],
        ["-12.0464 -77.0428 0 0", "-12.0465 -77.0429 0 0"],
        ["8f14e45f-ceea-467f-a1d6-1d2b3c4d5e6f", "c9f0f895-fb98-4b91-99d5-1b2c3d4e5f60"],
        ["Lima", "Cusco", "Puno"],
        ["1.234,50 €", "3,5", "12 %"],
        ["", ""],
        [],
    ],
)
def test_ids_dates_numbers_and_choices_are_not_open_answers(cells: list[str]) -> None:
    assert not is_prose(cells)


@pytest.mark.parametrize(
    "cells", [list(LONG), [*LONG, "nada", "no"], [f"{words} {n % 7}" for n in range(9) for words in LONG[:1]]]
)
def test_prose_is(cells: list[str]) -> None:
    assert is_prose(cells)


def test_without_a_word_in_config_the_columns_are_found() -> None:
    heads = ["caso", "fecha", "sexo", "código", "qué cambió", "teléfono"]
    people = ["P001", "P002", "p003", ""]
    rows = [
        [f"C{n}", f"0{n + 1}/05/2023", "MH"[n % 2], people[n], words, "999 888 777"] for n, words in enumerate(LONG)
    ]
    reading = read(comma([heads, *rows]))
    assert said(reading) == list(LONG)
    assert [turn.participant_id for turn in reading.turns] == ["P001", "P002", "P003", ""]
    assert next(source.source_id for source in reading.sources) == "encuesta.C0"
    assert answers(reading) == {"fecha": "01/05/2023", "sexo": "M"}


@pytest.mark.parametrize("heading", ["response_id", "ResponseId", "token", "interview_id", "ID de la encuesta"])
def test_an_id_of_the_row_is_not_an_answer(heading: str) -> None:
    reading = read(comma([[heading, "qué cambió"], *([str(1001 + n), words] for n, words in enumerate(LONG))]))
    assert answers(reading) == {}


def test_check_proposes_an_id_for_the_rows_where_only_its_heading_tells() -> None:
    rows = [[str(1001 + n), words] for n, words in enumerate(LONG)]
    remarks = propose(task(comma([["response_id", "qué cambió"], *rows])))
    (remark,) = [remark for remark in remarks if "rows are identified by their number" in remark.what]
    assert remark.remedy.endswith('id = "response_id"')


def test_a_second_id_is_not_an_answer_either() -> None:
    rows = [[str(71 + n), f"R_3HJ8s9dKf{n}x", f"{n}a91f03bc77", words] for n, words in enumerate(LONG)]
    reading = read(comma([["response_id", "ResponseId", "enlace", "qué cambió"], *rows]))
    assert answers(reading) == {}
    assert said(reading) == list(LONG)


@pytest.mark.parametrize("heading", ["National ID", "Tax ID", "patient_id"])
def test_an_id_of_a_person_is_not_an_answer_and_never_names_a_row(heading: str) -> None:
    rows = [[f"4571203{n}", words] for n, words in enumerate(LONG)]
    reading = read(comma([[heading, "qué cambió"], *rows]))
    assert answers(reading) == {}
    assert "4571203" not in " ".join(source.source_id for source in reading.sources)


def test_ids_that_come_again_and_amounts_are_answers() -> None:
    rows = [["E1", f"{n}500", words] for n, words in enumerate(LONG)]
    reading = read(comma([["school_id", "ingreso", "qué cambió"], *rows]))
    assert answers(reading) == {"school_id": "E1", "ingreso": "0500"}


def test_the_few_people_of_the_register_are_known_among_strangers() -> None:
    people = ["P001", "X17", "visitor", "X18"]
    reading = read(comma([["código", "qué cambió"], *([people[n], words] for n, words in enumerate(LONG))]))
    assert [turn.participant_id for turn in reading.turns] == ["P001", "", "", ""]


NUMBERED = tuple(Participant(str(n), Consent.YES, (), ()) for n in range(1, 31))


def numbered(heading: str, cells: list[str], *, people: tuple[Participant, ...] = NUMBERED) -> FileTask:
    """A survey with a column of numbers, of a study whose people have numbers."""
    rows = [[cell, f"{words} ({n})"] for n, (cell, words) in enumerate(zip(cells, LONG * len(cells), strict=False))]
    return task(comma([[heading, "qué cambió"], *rows]), people=people)


def test_numbers_that_are_mostly_the_registers_ids_identify_who_answers() -> None:
    reading = read_file(numbered("código", ["7", "8", "9", "12", "99"]))
    assert [turn.participant_id for turn in reading.turns] == ["7", "8", "9", "12", ""]


def test_answers_of_few_numbers_are_not_ids() -> None:
    reading = read_file(numbered("satisfacción", ["1", "2", "3", "5", "1", "2", "2", "4", "5", "1", "1", "2"]))
    assert {turn.participant_id for turn in reading.turns} == {""}


def test_numbers_that_are_ids_here_and_there_are_named_with_what_to_write() -> None:
    asked = numbered("Código", ["7", "8", "201", "202", "203", "204"])
    (remark,) = [remark for remark in propose(asked) if "ids or names from the register" in remark.what]
    assert remark.where == "raw/surveys/encuesta.csv"
    assert remark.what == (
        "no column identifies the respondent, but some cells are ids or names from the register: column A (Código): 2 of 6 cells"
    )
    assert (
        'file = "encuesta.csv": person = "Código", if that column identifies the respondent; until then'
        in remark.remedy
    )
    assert "no consent can be applied to them" in remark.remedy
    assert ("column A (Código): 2 of 6 cells", "column that may say who answers") in listed(read_file(asked))


def test_names_that_stand_here_and_there_are_counted_like_ids() -> None:
    teacher = Participant("P4", Consent.YES, ("Maestra Santa Lucía",), ())
    asked = numbered(
        "escuela", ["Santa Lucía", "San Roque", "Yhú", "Santa Lucía", "San Roque", "Yhú"], people=(teacher,)
    )
    (remark,) = [remark for remark in propose(asked) if "ids or names from the register" in remark.what]
    assert remark.what.endswith("column A (escuela): 2 of 6 cells")


def test_ages_that_are_ids_by_chance_are_said_by_check_alone() -> None:
    asked = numbered("edad", ["17", "18", "21", "42", "63", "64"])
    assert "column A (edad): 3 of 6 cells" in " ".join(map(str, propose(asked)))
    assert not any("no column identifies" in reason for _, reason in listed(read_file(asked)))


def test_a_column_of_people_with_gaps_is_named() -> None:
    asked = numbered("Código", ["7", "8", "9", "", "", "12"])
    told = " ".join(map(str, propose(asked)))
    assert "column A (Código) identifies people but is blank in 2 of 6 rows: fill it in if you know it" in told


def test_long_cells_are_not_compared_with_ids() -> None:
    table = recognise(read_book(comma([["código"], ["x" * 10**6], ["P001"]]), "csv")).table
    assert count_ids(table, table.columns[0], ids_of(PEOPLE)) == PersonColumn(2, 1, 1, 1)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("contacto", "rufina@example.org"),
        ("origen", "192.0.2.17"),
        ("casa", "-12.04640 -77.04280 154.0 4.9"),
        ("_casa_latitude", "-12.0464"),
        ("¿Cuál es su nombre?", "Rufina"),
        ("Correo electrónico:", "-"),
    ],
)
def test_what_identifies_people_reaches_no_record(heading: str, cell: str) -> None:
    reading = read(comma([["folio", heading, "q"], *[[str(n), cell, words] for n, words in enumerate(LONG)]]))
    reasons = {row.place: row.reason for row in reading.rejected}
    assert reasons["column B"] in ("column that tells who somebody is", "person column")
    assert reading.answers == ()


def test_ids_that_identify_people_name_no_row() -> None:
    data = comma([["id", "q"], *[[f"persona{n}@example.org", words] for n, words in enumerate(LONG)]])
    assert [source.source_id for source in read(data).sources] == [f"encuesta.row{n}" for n in (2, 3, 4, 5)]


def test_headings_are_shown_without_what_could_forge_a_log() -> None:
    reading = read(comma([["folio", "qué\x1b[31m\r\ncambió\u202e"], ["1", "Bien"]]), open=["qué[31m cambió"])
    assert reading.turns[0].question == "qué[31m cambió"


def test_config_has_the_last_word() -> None:
    data = comma([["n", "a", "b", "c"], *[[str(n), words, words[::-1], "poco"] for n, words in enumerate(LONG)]])
    assert {turn.heading for turn in read(data).turns} == {"a", "b"}
    reading = read(data, open=["c"], ignore=["B"], id="a")
    assert {turn.heading for turn in reading.turns} == {"c"}
    assert set(answers(reading)) == {"n"}
    assert ("column C", "left out by config.toml") in [(row.place, row.reason) for row in reading.rejected]


def test_a_column_may_be_named_by_its_question() -> None:
    rows = [
        ["Q1", "Q2"],
        ["¿Cuándo?", "¿Qué  cambió?"],
        ['{"ImportId":"startDate"}', '{"ImportId":"QID3_1"}'],
        ["2023", "Bien"],
    ]
    assert said(read(comma(rows), open=["¿qué cambió?"])) == ["Bien"]


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    data = comma([["id", "¿Qué cambió?"], ["1", "Bien"]])
    message = refused(data, open=["Otra cosa", "¿Qué canbió?"], person="DNI")
    assert message.split("\n") == [
        "config.toml [[surveys]] person: the file has no column 'DNI': copy the heading from the file",
        "config.toml [[surveys]] open: the file has no column 'Otra cosa': copy the heading from the file",
        "config.toml [[surveys]] open: the file has no column '¿Qué canbió?': write it as in the file: '¿Qué cambió?'",
    ]


def test_a_column_whose_ids_come_again_names_no_row() -> None:
    data = comma([["id", "q"], *[["1", words] for words in LONG]])
    assert [source.source_id for source in read(data).sources] == [f"encuesta.row{n}" for n in (2, 3, 4, 5)]


def test_check_says_where_the_answers_are_taken_from() -> None:
    data = comma(
        [["folio", "Nombre", "fecha", "q"], *[[str(n), "Ana", "01/02/2023", words] for n, words in enumerate(LONG)]]
    )
    remarks = [str(remark) for remark in propose(task(data))]
    where = "raw/surveys/encuesta.csv"
    say = 'to set it yourself, write in config.toml under [[surveys]] file = "encuesta.csv"'
    assert remarks == [
        f"{where}: read as table, 4 rows of answers; columns separated by comma: nothing to do if that is right",
        (
            f"{where}: open answers are taken from column D (q): 4 answers, 14 words on average, 100% different: "
            f'{say}: open = ["q"]'
        ),
        f'{where}: rows are identified by column A (folio): {say}: id = "the heading of the column that identifies the row"',
        f'{where}: no column identifies the respondent: {say}: person = "the heading of the column with the participant_id"',
        (
            f"{where}: not read, because they identify people: column B (Nombre): name: "
            "nothing to do; a column that identifies nobody can be listed under open"
        ),
        (
            f"{where}: column C: its dates may be day/month or month/day; they are kept as written: "
            "write them as 2023-05-31 if it matters"
        ),
    ]


def test_check_is_silent_on_what_config_says() -> None:
    data = comma([["folio", "q"], ["P001", LONG[0]]])
    remarks = propose(task(data, person="folio", open=["q"]))
    assert [remark.what for remark in remarks] == ["read as table, 1 rows of answers; columns separated by comma"]


def test_check_names_the_rows_of_strangers_and_not_the_strangers() -> None:
    data = comma([["quién", "q"], ["P001", LONG[0]], ["Ana Poma", LONG[1]]])
    told = " ".join(map(str, propose(task(data, person="quién", open=["q"]))))
    assert "rows of people who are not in the register: 1 (row 3)" in told
    assert "Ana" not in told


def test_check_says_that_nothing_looks_open() -> None:
    assert "no column looks like open answers" in " ".join(map(str, propose(task(comma([["a", "b"], ["x", "y"]])))))


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("madrid_es/proposals_latest.csv", {"title", "description"}),
        ("spss_es/Datos.sav", {"FINAL"}),
        ("qualtrics/sample.csv", {"Q2"}),
        ("google_forms/export_2020-04-16.csv", set()),
        ("kobo/grouped_repeatable__labels_hier.xlsx", set()),
    ],
)
def test_real_surveys_are_planned_as_a_person_would(name: str, opened: set[str]) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared/data is not here: {name}")
    assert {turn.heading for turn in read(path.read_bytes(), path.name).turns} == opened


def test_an_attribute_with_several_choices_is_named() -> None:
    roles = ["madre; lideresa", "madre; docente", "docente; lideresa", "madre"]
    rows = [[role, words] for role, words in zip(roles, LONG, strict=True)]
    survey = task(comma([["rol", "qué cambió"], *rows]), attributes={"stakeholder_group": "rol"})
    (remark,) = [remark for remark in propose(survey) if "several choices" in remark.what]
    assert remark.what.startswith("stakeholder_group is read from column A (rol)")


@pytest.mark.parametrize("mark", [" ", ","])
def test_choices_that_no_semicolon_parts_are_not_said_to_be_parted_by_one(mark: str) -> None:
    roles = [mark.join(parts) for parts in (("a1", "b2"), ("a1", "c3"), ("c3", "b2"), ("a1",))] * 3
    rows = [[role, f"{words} {number}"] for number, (role, words) in enumerate(zip(roles, [*LONG] * 3, strict=False))]
    survey = task(comma([["rol", "qué cambió"], *rows]), attributes={"stakeholder_group": "rol"})
    (remark,) = [remark for remark in propose(survey) if "several choices" in remark.what]
    assert "semicolon" not in remark.what
    assert remark.what.endswith("each combination is a group of its own")


def test_words_for_woman_and_man_in_a_survey_are_those_of_the_register() -> None:
    rows = [[sex, words] for sex, words in zip(("Mujer", "F", "Hombre", "otra"), LONG, strict=True)]
    survey = task(comma([["sexo", "qué cambió"], *rows]), attributes={"gender": "sexo"})
    assert [each.value for each in read_file(survey).attributes] == ["woman", "woman", "man", "otra"]
    (remark,) = [remark for remark in propose(survey) if "are taken as woman" in remark.what]
    assert remark.what == "in the column gender, these words are taken as woman: F, Mujer; as man: Hombre"
