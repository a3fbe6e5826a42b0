"""Rows of headings are recognised by what is below them: question texts, parts of questions, marks for machines, blocks."""

import pytest
from small_surveys import LONG, answers, chars_of, chars_of_text, comma, read, refused, said

AGES = ("34", "51", "28", "45")


def rows(*columns: tuple[str, ...]) -> list[list[str]]:
    return [list(cells) for cells in zip(*columns, strict=True)]


IDS = ("R1", "R2", "R3", "R4")
SIX = tuple(f"{LONG[n % 4]} {n}" for n in range(4))


@pytest.mark.parametrize(
    ("heads", "questions"),
    [
        (["id", "Q1", "Q2", "Q5"], ["Id", "¿Qué edad tiene?", "Sexo de la persona que responde", "¿Qué cambió?"]),
        (
            ["StartDate", "Q1", "Q2", "Q5"],
            ["Start Date", "How old are you?", "Gender - Selected Choice", "What changed?"],
        ),
        (
            ["record_id", "age", "sex", "change"],
            ["Record ID", "Age of the person in years", "Sex", "What has changed?"],
        ),
    ],
)
def test_a_row_of_question_texts_is_not_a_respondent(heads: list[str], questions: list[str]) -> None:
    data = comma([heads, questions, *rows(IDS, AGES, ("M", "F", "F", "M"), SIX)])
    reading = read(data)
    assert len(reading.sources) == 4
    assert {turn.question for turn in reading.turns} == {questions[3]}
    assert {turn.heading for turn in reading.turns} == {heads[3]}
    assert answers(reading)[questions[1]] == "34"
    assert chars_of(reading) == chars_of_text(data, ",")


def test_names_may_be_below_the_questions() -> None:
    heads = ["Identificador de la persona", "¿Qué edad tiene?", "¿Qué cambió desde el taller?"]
    reading = read(comma([heads, ["id", "edad_1", "p_cambio"], *rows(IDS, AGES, SIX)]))
    assert len(reading.sources) == 4
    assert {(turn.question, turn.heading) for turn in reading.turns} == {(heads[2], "p_cambio")}


def test_tags_for_machines_are_not_respondents() -> None:
    reading = read(comma([["id", "edad", "cambio"], ["#meta+id", "#population+age", "#note"], *rows(IDS, AGES, SIX)]))
    assert len(reading.sources) == 4


def test_qualtrics_without_its_import_ids_and_its_own_columns() -> None:
    heads = ["Q1", "Q2_1", "Q2_2", "Q3_TEXT"]
    asked = ["Rate the workshop", "How useful was - the water", "How useful was - the light", "Why? Please explain"]
    reading = read(comma([heads, asked, *rows(("1", "4", "5", "3"), ("4", "4", "2", "1"), ("1", "2", "2", "5"), SIX)]))
    assert len(reading.sources) == 4
    assert {turn.question for turn in reading.turns} == {"Why? Please explain"}
    assert answers(reading) == dict(zip(asked[:3], ("1", "4", "1"), strict=True))


def test_surveymonkey_without_its_own_columns() -> None:
    heads = ["Which topics?", "", "", "How satisfied are you?", "What changed?"]
    parts = ["Water", "Light", "Other (please specify)", "Response", "Open-Ended Response"]
    data = [["Water", "", "", "4", SIX[0]], ["", "Light", "", "3", SIX[1]], ["Water", "Light", "Roads", "5", SIX[2]]]
    reading = read(comma([heads, parts, *data]))
    assert len(reading.sources) == 3
    assert answers(reading, "encuesta.row5") == {
        "Which topics? [Water]": "Water",
        "Which topics? [Light]": "Light",
        "How satisfied are you?": "5",
    }
    assert [turn.question for turn in reading.turns[-2:]] == ["Which topics? [Other (please specify)]", "What changed?"]


def test_blocks_above_the_questions_are_headings() -> None:
    data = comma(
        [["Datos", "", "Opinión", ""], ["id", "edad", "¿Qué cambió?", "¿Qué falta?"], *rows(IDS, AGES, SIX, SIX[::-1])]
    )
    reading = read(data)
    assert len(reading.sources) == 4
    assert {turn.question for turn in reading.turns} == {"¿Qué cambió?", "¿Qué falta?"}
    assert "¿Qué cambió?" not in said(reading)
    assert chars_of(reading) == chars_of_text(data, ",")


def test_lines_above_the_table_are_passed_over() -> None:
    above = [["Encuesta de satisfacción", "", "", ""], ["Fecha:", "mayo de 2023", "", ""], ["", "", "", ""]]
    reading = read(comma([*above, ["id", "edad", "sexo", "¿Qué cambió?"], *rows(IDS, AGES, ("M", "F", "F", "M"), SIX)]))
    assert [source.source_id for source in reading.sources] == [f"encuesta.{id_}" for id_ in IDS]


@pytest.mark.parametrize(
    "first",
    [
        ["R0", "39", "M", "El camino sigue cerrado desde la lluvia de marzo."],
        ["R0", "", "F", "¿Y quién va a cuidar la bomba cuando se vayan?"],
        ["R0", "no sabe", "M", "Nada"],
    ],
)
def test_the_first_respondent_is_not_a_heading(first: list[str]) -> None:
    data = comma([["id", "edad", "sexo", "q"], first, *rows(IDS, AGES, ("M", "F", "F", "M"), SIX)])
    assert len(read(data).sources) == 5


def test_questions_without_answers_are_refused() -> None:
    data = comma([["StartDate", "EndDate", "Q1"], ["Start Date", "End Date", "What changed?"]])
    assert "but no answers below" in refused(data)


FILLED_DOWN = (
    ("Respondent ID", "Start Date", *["What do you do? (all that apply)"] * 3, "What changed?", *["How often?"] * 2),
    ("Respondent ID", "Start Date", "Read about it", "Teach it", "Other (please explain)", "Response", "Meet", "Write"),
    ("11676764933", "2020-06-08", "Read about it", "", "", "We talk more", "Sometimes", "Never"),
    ("11676764934", "2020-06-08", "", "Teach it", "", "Nothing changed here", "Never", "Never"),
    ("11676764935", "2020-06-09", "Read about it", "", "I sing it", "More people come now", "Often", "Rarely"),
)


def test_questions_repeated_above_each_of_their_options_are_one_heading_row_of_two() -> None:
    reading = read(comma(FILLED_DOWN))
    columns = {answer.column for answer in reading.answers}
    assert len(reading.sources) == 3
    assert "What do you do? (all that apply) [Teach it]" in columns
    assert next(turn.heading for turn in reading.turns) == "What changed?"


def test_the_same_with_surveymonkeys_own_columns() -> None:
    rows = [("Respondent ID", "Collector ID", *FILLED_DOWN[0][2:]), ("Respondent ID", "Collector ID", *FILLED_DOWN[1][2:]),
            *FILLED_DOWN[2:]]  # fmt: skip
    assert len(read(comma(rows)).sources) == 3
