"""Who asks and who answers by the use of labels, by a form, by names in full and in short. All people are invented."""

import io

import docx
from small_interviews import read, settings

from pipeline.vocabulary import Role, Undecided


def unknown(content, *, name="interview.txt"):
    return read(content, name=name, people=(), chosen=settings(interviewers=()))


def roles_of(reading):
    """(label, role by its first letter) of everybody who speaks."""
    return {one.speaker: str(one.role)[0] for one in reading.transcript.speakers}


def words_of(reading, role):
    text = reading.texts[0].text
    return [text[turn.start : turn.end] for turn in reading.turns if turn.role is role]


def test_lines_with_a_time_each_make_one_turn_of_one_speaker():
    """Cut by lines, who asks long questions asks in one of many turns only."""
    asks = [
        "Buenas tardes, soy estudiante",
        "y quiero contarle de la idea",
        "de un mercado en la plaza",
        "que ya existe en otras",
        "¿qué le parece?",
    ]
    answers = ["Me parece una idea buena", "porque la gente ya viene", "los domingos con sus cosas"]
    lines = []
    for turn in range(6):
        for who, said in (("Irma", asks), ("Vicerrector", answers)):
            lines += [f"(0:{turn:02}) **{who}:** {said[0]}", *(f"(0:{turn:02}) {words}" for words in said[1:])]
    reading = unknown("\n".join(lines), name="interview.md")
    assert roles_of(reading) == {"Irma": "i", "Vicerrector": "r"}


def test_who_films_and_asks_once_is_not_the_one_who_asks():
    exchanges = "".join(
        f"Alma,How was it in year {n}?\nPia,It was hard and I walked to school every day that winter.\n"
        f"Alma,I see.\nPia,Yes it was like that for all of us then.\nAlma,Go on.\nPia,There is no more to tell.\n"
        for n in range(8)
    )
    reading = unknown(f"speaker,words\nCamera,Can you sit here?\n{exchanges}", name="interview.csv")
    assert roles_of(reading)["Alma"] == "i"
    assert roles_of(reading)["Pia"] == "r"


def test_two_who_take_turns_in_asking_one_person():
    answer = "I grew up beside the river and wrote about it for years, because nobody else did. " * 3
    asks = "There is a long chapter on the flood, in which you say that you were not there. "
    text = "".join(
        f"**CR:** {asks}Why did you write part {n}?\n\n**EL:** {answer}\n\n**TN:** {asks}And after it?\n\n**EL:** {answer}\n\n"
        for n in range(4)
    )
    assert roles_of(unknown(text, name="interview.md")) == {"CR": "i", "EL": "r", "TN": "i"}


def test_a_full_name_once_and_then_its_initials():
    answer = "I began with a notebook that my aunt gave me, and I still have it. " * 6
    text = (
        "**Meg O’Dunne** lives in the hills.\n\n"
        f"**Tom Lee Ward**: Where did it begin?\n\n**Meg O’Dunne**: {answer}\n\n**TW**: And then?\n\n**MO**: {answer}\n\n"
        f"**TW**: Did it help?\n\n**MO**: {answer}\n\n**TW**: And today?\n\n**MO**: {answer}\n"
    )
    reading = unknown(text, name="interview.md")
    assert roles_of(reading) == {"TW": "i", "MO": "r"}
    assert len(words_of(reading, Role.RESPONDENT)) == 4


def test_the_form_below_long_texts_says_who_asks_with_whom():
    about = "Olga Prieto was born in 1954 and has studied rivers all her life, first in the south and then abroad. " * 2
    text = (
        f"## About Olga Prieto\n\n{about}\n\n## Copyright\n\n{about}\n\n## Interview\n\n"
        "INTERVIEWEE: Olga Prieto\nINTERVIEWER: Nora Sanz with Ivo Brandt\nDATE: 3 May 2011\nPLACE: Lima\n\n"
    ) + "".join(
        f"Nora Sanz:\n\nWhat did you find in year {n}?\n\nOlga Prieto:\n\nMud, and a great many shells.\n\n"
        f"Ivo Brandt:\n\nAnd then?\n\nOlga Prieto:\n\nMore mud.\n\n"
        for n in range(4)
    )
    assert roles_of(unknown(text, name="interview.md")) == {"Nora Sanz": "i", "Olga Prieto": "r", "Ivo Brandt": "i"}


def test_the_form_that_names_who_asks_and_the_place_is_no_speech():
    text = (
        "## Interview\n\nINTERVIEW: Olga Prieto\nINTERVIEWER: Nora Sanz\nDATE: 3 May 2011\nPLACE: Lima\n\n"
        + "".join(
            f"Q:\n\nWhat did you find in year {n}?\n\nPrieto:\n\nMud, and a great many shells.\n\n" for n in range(4)
        )
    )
    assert roles_of(unknown(text, name="interview.md")) == {"Q": "i", "Prieto": "r"}


def test_one_line_names_who_answers_by_the_first_name_below():
    text = "Interviewee: Iván Soto (26, student in Lima, travels with friends)\n\n" + "".join(
        f"Interviewer: How was trip {n}?\n\nIván: We took the bus and slept at a farm.\n\n" for n in range(4)
    )
    reading = unknown(text)
    assert roles_of(reading) == {"Interviewer": "i", "Iván": "r"}
    assert len(words_of(reading, Role.RESPONDENT)) == 4


QUESTIONS = (
    "¿Qué datos se registran de la obra?\n- Lugar, fecha y costo.\n¿Cómo se aprueba el pedido?\n- Con dos firmas.\n"
    "¿Quién lleva la lista?\n- La tesorera de turno.\n¿Cuándo vence el plazo?\n- A los treinta días.\n"
    "¿Dónde se guardan las actas?\n- En el local comunal.\n"
)


def test_impersonal_answers_are_those_of_the_person_whom_the_form_names():
    reading = unknown(f"Fecha: 3 de mayo\nEntrevistado: Pareja de jubilados\n\n{QUESTIONS}")
    assert len(words_of(reading, Role.RESPONDENT)) == 5
    assert Undecided.GUESSED in reading.transcript.undecided


def test_impersonal_answers_without_such_a_form_wait():
    assert words_of(unknown(f"Fecha: 3 de mayo\n\n{QUESTIONS}"), Role.RESPONDENT) == []


def test_a_dash_before_the_answer_instead_of_the_question():
    text = (
        "- ¿Por qué lo cambian?\nPorque es lento y nos cansa.\n- ¿Quiénes lo usan?\nNosotras dos.\n- ¿Es caro?\nNo.\n"
        "¿El servicio es gratuito?\n- Sí, es gratuito.\n- ¿Qué falta?\nUna lista.\n- ¿Y después?\nYa veremos.\n"
    )
    assert "- Sí, es gratuito." in words_of(unknown(text), Role.RESPONDENT)
    assert "¿El servicio es gratuito?" in words_of(unknown(text), Role.INTERVIEWER)


def test_rows_that_all_lack_the_last_empty_cells():
    rows = "".join(f"Alma,How was it in year {n}?\nPia,It was hard and we walked.\n" for n in range(3))
    assert roles_of(unknown(f"speaker,words,tags,link\n{rows}", name="interview.csv")) == {"Alma": "i", "Pia": "r"}


def test_forms_between_interviews_are_no_speech():
    text = "".join(
        f"Entrevista {n}\n\nFecha: 3 de mayo\nEntrevistador: Equipo de campo\nEntrevistada: {name}\n\n"
        f"Entrevistador: ¿Cómo llega el agua?\n\n{name}: Por gravedad, desde el cerro.\n\n"
        f"Entrevistador: ¿Y en verano?\n\n{name}: Nos turnamos por sectores.\n\n"
        for n, name in enumerate(("Rita Salas", "Olga Prieto", "Nora Sanz"), 1)
    )
    reading = unknown(text)
    assert roles_of(reading) == {"Entrevistador": "i", "Rita Salas": "r", "Olga Prieto": "r", "Nora Sanz": "r"}
    assert len(words_of(reading, Role.INTERVIEWER)) == 6
    assert Undecided.SEVERAL_INTERVIEWS in reading.transcript.undecided


def test_two_titles_of_which_one_asks_once_are_a_guess():
    text = (
        "Paths:\nThe walker said that the map is clear.\n\nEvents:\nThe walker wanted to know when they begin. When?\n\n"
        "Paths:\nThe second one found the marks too small.\n\nEvents:\nThe second one would register at once.\n"
    )
    assert Undecided.GUESSED in unknown(text).transcript.undecided


def test_numbered_questions_that_are_headings():
    text = "".join(
        f"{'## ' if n % 2 else ''}Q{n}: How often do you use tap {n}?\n\nAnswer: Every day, as we all do here.\n\n"
        for n in range(1, 7)
    )
    assert len(words_of(unknown(text, name="interview.md"), Role.INTERVIEWER)) == 6


def test_a_title_in_bold_that_ends_with_a_colon_is_no_question():
    text = (
        "**Purpose of the visit:**\n\nThe team wanted to see the tank.\n\n**Who built it?**\n\nWe did, with my cousins.\n\n"
        "**Who paid?**\n\nThe parish paid for us.\n\n**What is missing?**\n\nI would say a second tap.\n"
    )
    reading = unknown(text, name="interview.md")
    assert words_of(reading, Role.RESPONDENT)[0] == "We did, with my cousins."


def test_answers_whose_label_has_its_own_line():
    text = "".join(
        f"{question}\n\nResponse:\n\nWe did it in week {n}.\n\nI helped my neighbour.\n\n"
        for n, question in enumerate(
            ("Who dug the trench?", "Who paid for it?", "Describe the tank", "What is missing?")
        )
    )
    reading = unknown(text)
    assert len(words_of(reading, Role.INTERVIEWER)) == 4
    assert not any("?" in words or "Describe" in words for words in words_of(reading, Role.RESPONDENT))


def as_list(exchanges):
    document, out = docx.Document(), io.BytesIO()
    for question, answer in exchanges:
        document.add_paragraph(question, style="List Number")
        document.add_paragraph(answer)
    document.save(out)
    return out.getvalue()


def test_questions_of_a_list_without_question_marks():
    asked = ["Waar dient de put voor.", "Voor wie is hij.", "Welke pomp is er.", "Wat kost het.", "Wie betaalt dat."]
    exchanges = [(question, f"Dat weten wij sinds {n} jaar.") for n, question in enumerate(asked, 1)]
    reading = unknown(as_list(exchanges), name="interview.docx")
    assert words_of(reading, Role.INTERVIEWER) == asked
    assert Undecided.GUESSED in reading.transcript.undecided


def test_a_list_of_questions_without_question_marks_is_nobodys_words():
    asked = ["Hvad dyrker I", "Hvor ofte", "Hvad koster det", "Hvilke ting mangler", "Hvem hjælper"]
    reading = unknown("Spørgsmål:\n" + "\n".join(f"{n}. {words}" for n, words in enumerate(asked, 1)))
    assert words_of(reading, Role.RESPONDENT) == []
