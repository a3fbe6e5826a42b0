"""Transcripts in which one side has no label, or none has, and what `check` says where the file does not tell for certain."""

import io

import docx
import odfdo
import pytest
from small_interviews import read, settings

from pipeline.vocabulary import Role, Undecided

EXCHANGES = (
    ("How does the water come?", "By gravity, from the hill above the school."),
    ("Who dug the trench?", "All of us did, in two weekends."),
    ("And what is missing?", "The tap of the lower houses."),
)


def unknown(content, *, name="interview.txt"):
    return read(content, name=name, people=(), chosen=settings(interviewers=()))


def said(reading):
    """(role by its first letter, label, words) of every turn."""
    text = reading.texts[0].text
    return [(str(turn.role)[0], turn.speaker, text[turn.start : turn.end]) for turn in reading.turns]


def undecided(reading):
    return set(reading.transcript.undecided)


def as_docx(style=None):
    document, out = docx.Document(), io.BytesIO()
    for question, answer in EXCHANGES:
        document.add_paragraph(style=style).add_run(question).bold = None if style else True
        document.add_paragraph(answer)
    document.save(out)
    return out.getvalue()


def as_odt():
    document, out = odfdo.Document("text"), io.BytesIO()
    document.body.clear()
    bold = odfdo.Style("paragraph", name="Question", area="text", bold=True)
    document.insert_style(bold, automatic=True)
    for question, answer in EXCHANGES:
        document.body.append(odfdo.Paragraph(question, style="Question"))
        document.body.append(odfdo.Paragraph(answer))
    document.save(out)
    return out.getvalue()


def as_html():
    return (
        f"<html>{''.join(f'<p><b>{question}</b></p><p>{answer}</p>' for question, answer in EXCHANGES)}</html>".encode()
    )


def as_rtf():
    paragraphs = "".join(f"{{\\b {question}}}\\par {answer}\\par " for question, answer in EXCHANGES)
    return f"{{\\rtf1 {paragraphs}}}".encode()


FORMATS = {"docx": as_docx, "odt": as_odt, "html": as_html, "rtf": as_rtf}


@pytest.mark.parametrize("extension", FORMATS)
def test_questions_in_bold_are_the_interviewers_in_every_format(extension):
    reading = unknown(FORMATS[extension](), name=f"interview.{extension}")
    assert [(role, words) for role, _, words in said(reading)] == [
        turn for question, answer in EXCHANGES for turn in (("i", question), ("r", answer))
    ]


def test_a_paragraph_style_in_italics_marks_questions_too():
    assert [role for role, _, _ in said(unknown(as_docx(style="Intense Quote"), name="interview.docx"))] == [
        "i",
        "r",
    ] * 3


def test_where_only_answers_have_a_label_the_questions_between_are_the_interviewers():
    text = "\n\n".join(f"{n}. {q}\n\nAnswer: {a}" for n, (q, a) in enumerate(EXCHANGES, 1))
    assert [(role, speaker) for role, speaker, _ in said(unknown(text))] == [("i", ""), ("r", "Answer")] * 3


def test_letters_in_a_row_are_people_and_none_of_them_asks():
    text = "".join(
        f"{n}) {q}\n" + "".join(f"{letter}: {a}\n" for letter in "ABCDEFGHI") for n, (q, a) in enumerate(EXCHANGES, 1)
    )
    turns = said(unknown(text))
    assert {speaker: role for role, speaker, _ in turns} == {"": "i"} | dict.fromkeys("ABCDEFGHI", "r")
    assert [role for role, _, _ in turns].count("i") == 3


def test_the_only_person_with_whom_all_others_speak_interviews():
    people = ("104", "105", "106", "107")
    text = "".join(
        f"{{000}}: Tell me.\n{{{who}}}: It is heavy.\n{{000}}: Yes.\n{{{who}}}: And soft.\n" for who in people
    )
    reading = unknown(text)
    assert {turn.speaker: turn.role for turn in reading.turns} == {"000": Role.INTERVIEWER} | dict.fromkeys(
        people, Role.RESPONDENT
    )


def test_a_name_without_its_colon_is_a_label_where_names_stand_alone():
    text = "".join(f"Speaker 1:\n{q}\nSpeaker 2:\n{a}\n" for q, a in EXCHANGES) + "Speaker 1\nThank you, that is all.\n"
    assert said(unknown(text))[-1] == ("i", "Speaker 1", "Thank you, that is all.")


def test_a_repeated_header_is_not_speech_and_check_says_that_there_are_several_interviews():
    header = "The following interview with {} was held in May.\n\n"
    turns = "".join(f"I: {q}\n\nB: {a}\n\n" for q, a in EXCHANGES)
    reading = unknown(header.format("Ana") + turns + header.format("Luis") + turns)
    assert [role for role, _, _ in said(reading)] == ["i", "r"] * 6
    assert not [words for _, _, words in said(reading) if "following" in words]
    assert Undecided.SEVERAL_INTERVIEWS in undecided(reading)


def test_a_guess_is_called_one():
    text = "".join(
        "Rosa: Is it? It was.\n\nLuis: So it was. Or was it?\n\nRosa: Yes.\n\nLuis: No.\n\n" for _ in range(3)
    )
    assert undecided(unknown(text)) & {Undecided.GUESSED, Undecided.NOBODY_ASKS}


def test_a_last_paragraph_without_a_label_is_shown_where_all_others_have_one():
    text = "".join(f"Interviewer: {q}\n\nRespondent: {a}\n\n" for q, a in EXCHANGES * 2)
    assert undecided(unknown(text)) == set()
    assert undecided(unknown(text + "Here the recording breaks off.\n")) == {Undecided.UNLABELLED_WORDS}


def test_somebody_unknown_who_says_more_than_a_word_is_shown():
    more = "I was there as well, with my two sisters, and we carried the stones down from the quarry."
    text = "".join(f"Interviewer: {q}\n\nRespondent: {a}\n\nCarmen: {more}\n\n" for q, a in EXCHANGES)
    assert Undecided.UNKNOWN_SPEAKERS in undecided(unknown(text))


@pytest.mark.parametrize("sign", ["- ", "– ", "—", ">> "])
def test_where_every_turn_begins_with_a_dash_or_arrows_those_that_ask_alternate(sign):
    text = "\n\n".join(f"{sign}{words}" for exchange in EXCHANGES for words in exchange)
    reading = unknown(text)
    assert [role for role, _, _ in said(reading)] == ["i", "r"] * 3
    assert Undecided.GUESSED not in undecided(reading)


def test_questions_alone_behind_a_dash_are_the_interviewers():
    text = "\n\n".join(f"— {question}\n\n{answer}" for question, answer in EXCHANGES)
    assert [role for role, _, _ in said(unknown(text))] == ["i", "r"] * 3


@pytest.mark.parametrize(("asking", "answering"), [("R", "P"), ("E", "I"), ("Q", "A"), ("P", "R")])
def test_letters_of_a_pair_mean_what_their_questions_say(asking, answering):
    text = "".join(f"{asking}: {question}\n{answering}: {answer}\n" for question, answer in EXCHANGES * 2)
    assert {speaker: role for role, speaker, _ in said(unknown(text))} == {asking: "i", answering: "r"}


def test_a_file_in_which_nobody_answers_is_named():
    reading = unknown("".join(f"Interviewer: {question}\n" for question, _ in EXCHANGES))
    assert Undecided.NOBODY_ANSWERS in undecided(reading)


def test_a_list_of_questions_behind_dashes_is_not_an_interview():
    assert "r" not in {
        role for role, _, _ in said(unknown("\n".join(f"- {question}" for question, _ in EXCHANGES * 2)))
    }


MORE = (
    *EXCHANGES,
    ("Would you dig it again?", "I would, with my brothers."),
    ("Too many stones, right?", "Yes, we carried them for weeks."),
    ("And what do you want to know (from us, or from the town)?", "Who pays for the pump."),
)


def exchanges(pairs=MORE):
    return "\n\n".join(f"{question}\n\n{answer}" for question, answer in pairs)


def test_if_paragraphs_alternate_those_that_ask_are_the_interviewers_and_check_calls_it_a_guess():
    reading = unknown(f"Interview in the valley\n\nMay 2019\n\n{exchanges()}")
    assert [(role, words) for role, _, words in said(reading)] == [
        turn for question, answer in MORE for turn in (("i", question), ("r", answer))
    ]
    assert Undecided.GUESSED in undecided(reading)


def test_what_follows_the_last_answer_is_left_out():
    after = "\n\n".join(f"Conclusion {n}: the pump comes first." for n in range(6))
    reading = unknown(f"{exchanges()}\n\n{after}")
    assert [role for role, _, _ in said(reading)] == ["i", "r"] * 6
    assert "no speaker after the last answer" in {row.reason for row in reading.rejected}


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(question for question, _ in MORE * 2),  # a guide
        exchanges(
            [(f"How do I open file {n}?", f"The file {n} is opened by the menu of the program.") for n in range(6)]
        ),
        "It rained. Did anyone see it?\n\n" + "The hills were green.\n\nWho knew?\n\n" + "Nothing grew there.\n\n" * 9,
    ],
    ids=["a guide", "frequent questions", "an essay"],
)
def test_question_marks_alone_make_no_interview_of_other_texts(text):
    assert "r" not in {role for role, _, _ in said(unknown(text))}


def test_where_answers_are_in_bold_the_plain_questions_are_the_interviewers():
    document, out = docx.Document(), io.BytesIO()
    for question, answer in EXCHANGES:
        document.add_paragraph(question)
        document.add_paragraph().add_run(answer).bold = True
    document.save(out)
    turns = said(unknown(out.getvalue(), name="interview.docx"))
    assert [(role, words) for role, _, words in turns] == [
        turn for question, answer in EXCHANGES for turn in (("i", question), ("r", answer))
    ]


def test_a_question_whose_bold_was_forgotten_is_the_interviewers():
    document, out = docx.Document(), io.BytesIO()
    for number, (question, answer) in enumerate(MORE):
        document.add_paragraph().add_run(question).bold = number != 3
        document.add_paragraph(answer)
    document.save(out)
    reading = unknown(out.getvalue(), name="interview.docx")
    assert [role for role, _, _ in said(reading)] == ["i", "r"] * 6
    assert Undecided.GUESSED in undecided(reading)


def test_a_title_above_numbered_questions_is_not_speech():
    text = "".join(f"{n}. {q}\n\n{a}\n\n" for n, (q, a) in enumerate(EXCHANGES, 1))
    assert [role for role, _, _ in said(unknown(f"Interviewee: My neighbour\n\n{text}"))] == ["i", "r"] * 3


@pytest.mark.parametrize("words", [("Question", "Answer"), ("Pregunta", "Respuesta"), ("QUESTION", "RÉPONSE")])
def test_question_with_a_number_and_answer_are_labels_without_a_colon(words):
    question, answer = words
    text = "".join(f"{question} {n} {q}\n{answer}\n{a}\n" for n, (q, a) in enumerate(EXCHANGES, 1))
    assert [(role, words) for role, _, words in said(unknown(text))] == [
        turn for pair in EXCHANGES for turn in (("i", pair[0]), ("r", pair[1]))
    ]


def test_a_mark_at_the_end_of_the_tape_is_not_speech():
    text = "".join(f"I: {q}\n\nB: {a}\n\n" for q, a in EXCHANGES * 2)
    assert said(unknown(f"{text}END OF TAPE\n"))[-1][2] == EXCHANGES[-1][1]


def test_answers_in_quotation_marks_below_plain_questions_are_the_respondents():
    text = "\n\n".join(f"{question}\n\n“{answer} Was it easy? No.\n\nNobody knew.”" for question, answer in MORE)
    assert [role for role, _, _ in said(unknown(text))][:2] == ["i", "r"]
    assert [words for role, _, words in said(unknown(text)) if role == "i"] == [question for question, _ in MORE]


def test_a_guide_may_lack_a_number_and_what_follows_its_last_answer_is_left_out():
    numbers = (1, 2, 3, 5, 6, 7)
    text = "".join(f"{n}.¿{q}\n\n{a}\n\n" for n, (q, a) in zip(numbers, MORE, strict=True))
    reading = unknown(text + "".join(f"Conclusion {n}: the pump comes first.\n\n" for n in range(6)))
    assert [role for role, _, _ in said(reading)] == ["i", "r"] * 6
    assert Undecided.END_LEFT_OUT in undecided(reading)


def test_a_full_name_and_then_the_surname_are_one_speaker():
    text = "Ana Rojas:\nHow is the water?\n\nLuis Vega:\nIt comes.\n\n"
    text += "".join(f"Rojas:\n{q}\n\nVega:\n{a}\n\n" for q, a in EXCHANGES)
    assert [(role, speaker) for role, speaker, _ in said(unknown(text))] == [("i", "Rojas"), ("r", "Vega")] * 4


def test_a_form_that_names_both_sides_below_a_biography_begins_the_interview():
    text = (
        "LUIS VEGA: An interview for the archive of the valley\n\n"
        + "He was born above the river, and he has dug trenches and canals for as long as anybody there remembers. " * 3
        + "\n\nINTERVIEWEE: Luis Vega\n\nINTERVIEWER: Ana Rojas\n\nDATE: 4 May 2019\n\n"
        + "".join(f"Q:\n\n{q}\n\nLuis Vega:\n\n{a}\n\n" for q, a in EXCHANGES)
        + 'Retrieved from "https://example.org/interviews/4"\n'
    )
    turns = said(unknown(text))
    assert [(role, words) for role, _, words in turns] == [
        turn for question, answer in EXCHANGES for turn in (("i", question), ("r", answer))
    ]


def test_a_line_of_common_words_that_takes_turns_with_the_interviewer_is_a_speaker():
    text = "".join(f"### Interviewer\n\n{q}\n\n### Field Engineer\n\nThe field engineer said: {a}\n\n" for q, a in MORE)
    assert [(role, speaker) for role, speaker, _ in said(unknown(text))] == [
        ("i", "Interviewer"),
        ("r", "Field Engineer"),
    ] * 6


@pytest.mark.parametrize("sound", ["[Música]", "[Applause]", "(Rires)"])
def test_a_sound_is_not_a_speaker(sound):
    text = "".join(f"I: {q}\n\n{sound}\n\nB: {a}\n\n" for q, a in EXCHANGES)
    assert {speaker for _, speaker, _ in said(unknown(text))} == {"I", "B"}


TASK = """1. Open the page. What do you think of it?
It is fine, I think.
2. Explore the Heat map and the Box plot. Are they clear?
Heat map:
The colours tell me nothing at all.
Box plots
There is a big outlier here.
3. Which of them do you prefer?
Box plot
4. Would you use it again?
I would, yes.
"""


def test_titles_of_the_parts_of_a_task_are_not_speech():
    turns = said(unknown(TASK))
    assert ("r", "", "The colours tell me nothing at all.") in turns
    assert not {"Heat map:", "Box plots"} & {words for _, _, words in turns}


def test_an_answer_in_the_words_of_its_question_is_an_answer():
    assert ("r", "", "Box plot") in said(unknown(TASK))


NUMBERED_IN_BOLD = """1. **Como você encontrou a página?**

- Foi fácil, **muito** fácil.

2. **O que falta nela?**

- Um botão para voltar.

3. **Você usaria de novo?**

- Sim, com certeza.
"""


def test_questions_whose_marks_stand_behind_their_number_are_questions():
    turns = said(unknown(NUMBERED_IN_BOLD, name="entrevista.md"))
    assert [role for role, _, _ in turns] == ["i", "r"] * 3
    assert turns[1][2].endswith("Foi fácil, muito fácil.")


PROMPTED = """1 Open the page. What do you think of it?
It is fine, I think.
Should I click here?
MODERATOR: Yes, please go on.
2 Explore the map. Is it clear?
What is this colour?
I do not know what it means.
3 Would you use it again?
I would, yes.
And I would tell others.
Would I not?
So yes.
"""


def test_numbered_tasks_with_a_moderator_who_seldom_speaks_leave_nothing_to_decide():
    reading = unknown(PROMPTED)
    assert undecided(reading) == set()
    assert sum(turn.role == "respondent" for turn in reading.turns) == 8
