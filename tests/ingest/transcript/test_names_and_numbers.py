"""Speakers called differently at first, questions with the numbers of a guide, answers behind dashes, forms, turns with numbers."""

import csv
import io

import docx
import pytest
from small_interviews import read, settings

EXCHANGES = (
    ("How does the water come?", "It comes by gravity, from the hill above the school, and it never stopped."),
    ("Who dug the trench?", "All of us did, in two weekends, with the tools that each family had."),
    ("And what is missing?", "The tap of the lower houses, which the committee promised us last year."),
    ("Who pays for it?", "Each house pays three soles a month, and nobody has owed anything so far."),
)


def unknown(content, *, name="interview.txt"):
    return read(content, name=name, people=(), chosen=settings(interviewers=()))


def roles(reading):
    """The roles of the turns by their first letters."""
    return "".join(str(turn.role)[0] for turn in reading.turns)


def words(reading):
    text = reading.texts[0].text
    return [text[turn.start : turn.end] for turn in reading.turns]


def dialogue(asks, answers, *, mark="{}: ", between="\n\n", exchanges=EXCHANGES):
    """The exchanges, one label a side or one a turn."""
    lines = []
    for number, exchange in enumerate(exchanges):
        for label, said in zip((asks, answers), exchange, strict=True):
            lines.append(mark.format(label if isinstance(label, str) else label[number]) + said)
    return between.join(lines) + "\n"


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        (["Ana Rojas", "Rojas", "Rojas", "Rojas"], ["Luis Vega", "Vega", "Vega", "Vega"]),
        (["Marta Silva", "Marta", "Marta", "Marta"], ["João Prado", "Prado", "Prado", "Prado"]),
        (["Dr Claire Petit", "Petit", "Petit", "Petit"], ["Paul Roux", "Roux", "Roux", "Roux"]),
    ],
)
def test_a_full_name_and_then_one_word_of_it_are_one_person_in_tables_too(asks, answers):
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["speaker", "words"])
    for number, (question, answer) in enumerate(EXCHANGES):
        table.writerow([asks[number], question])
        table.writerow([answers[number], answer])
    assert roles(unknown(out.getvalue(), name="interview.csv")) == "ir" * 4


@pytest.mark.parametrize("mark", ["**{}:** ", "{}: ", "[{}] "])
def test_full_names_at_first_and_then_their_initials_are_the_same_people(mark):
    asks, answers = ["Ana Rojas", "AR", "AR", "AR"], ["Luis Vega", "LV", "LV", "LV"]
    assert roles(unknown(dialogue(asks, answers, mark=mark))) == "ir" * 4


@pytest.mark.parametrize(("one", "other"), [("AR", "MS"), ("Ana", "Marta"), ("Ana Rojas", "Marta Silva")])
def test_two_who_ask_in_turn_are_both_interviewers(one, other):
    reading = unknown(dialogue([one, other] * 4, "Luis Vega", exchanges=EXCHANGES * 2))
    assert roles(reading) == "ir" * 8
    assert reading.transcript.undecided  # a guess, which `check` shows


@pytest.mark.parametrize(
    ("asks", "answers"),
    [("Interviewer", "Participant 3"), ("Entrevistador", "Entrevistado 5"), ("Pesquisadora", "Respondente 2")],
)
def test_a_question_of_the_guide_with_its_number_is_the_interviewers(asks, answers):
    assert roles(unknown(dialogue(["Q1", asks, "Q2", "Q3"], answers, between="\n"))) == "ir" * 4


def test_people_whose_code_is_a_letter_with_a_number_stay_people():
    text = dialogue("Moderator", ["Q1", "Q2", "Q1", "Q2"], between="\n")
    assert roles(unknown(text)) == "ir" * 4


@pytest.mark.parametrize(
    "questions",
    [
        (
            "Como vem a água?",
            "O que falta?",
            "Quem paga?",
            "A escola ajuda?",
            "E à noite?",
            "O que mais?",
            "Quem cuida?",
            "Por quê?",
        ),
        (
            "Qui paie ?",
            "À qui est la source ?",
            "Et le puits ?",
            "Y a-t-il de l'eau ?",
            "Qui creuse ?",
            "A t-il plu ?",
            "Où ?",
            "Et l'école ?",
        ),
        (
            "How is it?",
            "A few houses have none, or all?",
            "Who pays?",
            "I see, and at night?",
            "Why?",
            "A tap each?",
            "Who dug?",
            "What else?",
        ),
    ],
)
@pytest.mark.parametrize("label", ["", "R: ", "A: "])
def test_a_number_before_a_word_of_one_letter_is_the_number_of_a_question(questions, label):
    answers = [label + answer for _, answer in EXCHANGES * 2]
    asked = [f"{number}.{question}" for number, question in enumerate(questions, 1)]
    text = "\n\n".join(f"{question}\n{answer}" for question, answer in zip(asked, answers, strict=True))
    reading = unknown(f"Nome: Rosa\n\nLugar: Vale\n\nEmpresa: Sol\n\n{text}\n")
    assert roles(reading) == "ir" * 8
    assert not any(label and said.startswith(label) for said in words(reading))


@pytest.mark.parametrize("dash", ["- ", "– ", "• "])
def test_answers_behind_dashes_below_plain_questions_are_the_respondents(dash):
    text = "\n\n".join(f"{question}\n{dash}{answer}" for question, answer in EXCHANGES)
    assert roles(unknown(text)) == "ir" * 4


@pytest.mark.parametrize(
    "fields",
    [
        (
            "Lima, 23 de abril de 2022.",
            "Entrevistador: Ana Rojas",
            "Nombre entrevistado: Luis Vega (el nombre se cambió para proteger su identidad)",
            "Compañía: Sol S.A.",
            "Puesto: Administrador",
        ),
        ("Interviewer: Ana Rojas", "Name of interviewee: Luis Vega", "Position: Head of the water committee"),
        ("Entrevistadora: Marta Silva", "Nome da entrevistada: Rosa Prado", "Função: professora"),
    ],
)
def test_a_form_in_bold_above_questions_in_bold_is_not_speech(fields):
    document, out = docx.Document(), io.BytesIO()
    for field in fields:
        key, colon, value = field.partition(":")
        paragraph = document.add_paragraph()
        paragraph.add_run(key + colon).bold = True
        paragraph.add_run(value)
    for question, answer in EXCHANGES:
        document.add_paragraph().add_run(question).bold = True
        document.add_paragraph(answer)
    document.save(out)
    assert roles(unknown(out.getvalue(), name="interview.docx")) == "ir" * 4


@pytest.mark.parametrize(
    ("heading", "asks", "answers"),
    [
        ("## Intervención {} — {}", "Estudiante", "Cliente"),
        ("### Turn {}: {}", "Student", "Guest"),
        ("Fala {} - {}", "Aluna", "Entrevistada"),
    ],
)
def test_a_heading_with_the_number_of_a_turn_and_who_speaks_is_a_label(heading, asks, answers):
    lines = []
    for number, exchange in enumerate(EXCHANGES):
        for at, (label, said) in enumerate(zip((asks, answers), exchange, strict=True), 1):
            lines += [heading.format(2 * number + at, label), "", f"> {said}" if heading[0] == "#" else said, ""]
    assert roles(unknown("\n".join(lines), name="interview.md")) == "ir" * 4


@pytest.mark.parametrize(
    "credit", ["**Photo credit: Rosa Prado. Courtesy of Sol.**", "*Fotografía: Rosa Prado*", "Photos by Rosa Prado."]
)
def test_a_credit_below_the_last_answer_is_not_speech(credit):
    reading = unknown(dialogue("AR", "LV") + f"\n{credit}\n", name="interview.md")
    assert words(reading)[-1] == EXCHANGES[-1][1]


@pytest.mark.parametrize("marks", [("- **", "**"), ("- *", "*"), ("- ", "")])
def test_a_question_in_bold_among_others_behind_dashes_is_the_interviewers_too(marks):
    opened, closed = marks
    asked = [f"- {question}" for question, _ in EXCHANGES * 2]
    asked[5] = f"{opened}Once more about the trench, please, and who dug it.{closed}"
    text = "\n\n---\n\n".join(
        f"{question}\n\n{answer}" for question, (_, answer) in zip(asked, EXCHANGES * 2, strict=True)
    )
    assert roles(unknown(text, name="interview.md")) == "ir" * 8
