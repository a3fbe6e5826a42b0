"""Interviews inside a page of a project, with its tables, other sections and notes around them. All people are invented."""

import pytest
from small_interviews import read, settings

from pipeline.vocabulary import Undecided

ROWS = "| Ana: | How does the water come? |\n| Luis: | By gravity. |\n| Ana: | Who dug it? |\n| Luis: | We did. |\n"
FOUR = [
    ("interviewer", "How does the water come?"),
    ("respondent", "By gravity."),
    ("interviewer", "Who dug it?"),
    ("respondent", "We did."),
]


def unknown(content, *, name="page.md"):
    return read(content, name=name, people=(), chosen=settings("en", "es", "pt", "fr", interviewers=()))


def said(reading):
    """(role, words) of every turn."""
    text = reading.texts[0].text
    return [(str(turn.role), text[turn.start : turn.end]) for turn in reading.turns]


def undecided(reading):
    return set(reading.transcript.undecided)


@pytest.mark.parametrize("head", ["| Who | Words |", "| Nome do participante | Diálogo |", "| Nombre | Lo dicho |"])
def test_a_table_of_markdown_with_a_column_of_speakers_is_read_row_by_row(head):
    assert said(unknown(f"# Interview\n\nA page.\n\n{head}\n|---|---|\n{ROWS}")) == FOUR


@pytest.mark.parametrize("rule", ["|:--|:-:|", "|:---:|:---:|", "| ---: | ---: |", "| --- | --- |", "---|---"])
def test_the_rule_of_such_a_table_may_be_written_in_any_way(rule):
    assert said(unknown(f"| Who | Words |\n{rule}\n{ROWS}")) == FOUR


@pytest.mark.parametrize(
    "head", ["Question | Answer", "Preguntas | Respuestas", "Questões | Respostas", "Questions | Réponses"]
)
def test_a_table_of_questions_and_answers_is_read_by_its_headings(head):
    rows = "| 1 | How does the water come? | By gravity. |\n| 2 | Who dug it? | We did. |\n"
    assert said(unknown(f"# Interview\n\n| No. | {head} |\n|---|---|---|\n{rows}")) == FOUR


def test_a_table_of_frequent_questions_is_named():
    rows = "| How is water billed? | By the meter. |\n| Where is the office? | Behind the market. |\n"
    reading = unknown(f"# Help\n\n| Question | Answer |\n|---|---|\n{rows}")
    assert Undecided.IMPERSONAL in undecided(reading)


def test_what_follows_such_a_table_is_not_speech():
    page = f"| Who | Words |\n|---|---|\n{ROWS}\nThe team met twice to write the requirements down.\n"
    assert said(unknown(page))[-1] == FOUR[-1]


def test_other_tables_of_a_page_stay_as_they_are():
    page = "Interviewer: Who dug it?\n\nLuis: We did.\n\n| Place | Date |\n|---|---|\n| Puno | 3 May |\n"
    assert "| Puno | 3 May |" in said(unknown(page))[-1][1]


def test_words_in_small_letters_that_begin_a_line_are_not_labels():
    lines = (
        "Ana: How is it?\nLuis: I do not know how to\nanswer those questions.\nAna: Why?\nLuis: I cannot\nanswer you.\n"
    )
    reading = unknown(lines, name="a.txt")
    assert {turn.speaker for turn in reading.turns} == {"Ana", "Luis"}


INTERVIEW = "**How does the water come?**\n\nBy gravity.\n\n**Who dug it?**\n\nWe did.\n"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Methodology", "We met Luis, a farmer."),
        ("Metodología", "Nos reunimos con Luis."),
        ("1. Introdução", "A entrevista é uma técnica."),
        ("Consent", "Luis has signed."),
    ],
)
def test_other_sections_before_an_interview_are_not_speech(title, words):
    assert said(unknown(f"# Page\n\n## {title}\n\n{words}\n\n## Interview\n\n{INTERVIEW}")) == FOUR


@pytest.mark.parametrize(
    "title", ["Conclusion", "## Requisitos elicitados", "## 4. Referencias", "Informe final:", "## Version history"]
)
def test_a_section_after_an_interview_is_not_speech(title):
    closing = "The system must store its data.\n\nThe team was happy.\n\n- It must be quick.\n"
    assert said(unknown(f"# Page\n\n{INTERVIEW}\n{title}\n\n{closing}")) == FOUR


@pytest.mark.parametrize("title", ["Guide", "Roteiro", "Guion de la entrevista", "Perguntas"])
def test_the_guide_before_an_interview_is_not_part_of_it(title):
    guide = "- **What about water?**\n- **What about the trench?**\n- **And the tap?**\n"
    assert said(unknown(f"# Page\n\n## {title}\n\n{guide}\n## Interview\n\n{INTERVIEW}")) == FOUR


def test_what_an_observer_notes_below_the_interview_is_not_speech():
    notes = "**Did the participant hesitate?**\n\nNo, never.\n\n**Were there errors?**\n\nNone.\n"
    assert said(unknown(f"# Page\n\n## Interview\n\n{INTERVIEW}\n## Observations\n\n{notes}")) == FOUR


def test_a_topic_with_labelled_speakers_below_it_is_part_of_the_interview():
    talk = "Ana: Ready?\n\nLuis: Yes.\n\n"
    page = f"# Talk\n\n{talk}## Introduction\n\n{talk}## Conclusion\n\n{talk}"
    assert len(said(unknown(page))) == 6


def test_a_topic_with_questions_in_bold_below_it_is_part_of_the_interview():
    page = f"# Talk\n\n## Introduction\n\n{INTERVIEW}\n## Results\n\n**And the tap?**\n\nIt drips.\n"
    assert len(said(unknown(page))) == 6


def test_a_page_of_nothing_but_such_sections_is_read_as_before():
    reading = unknown("# Methodology\n\nWe walked to the spring.\n\nI was glad to see it, and my wife, too.\n")
    assert reading.turns


def test_a_long_section_left_out_below_is_named():
    closing = "The committee met and decided on the new tap of the lower houses. " * 10
    assert Undecided.END_LEFT_OUT in undecided(unknown(f"{INTERVIEW}\n## Conclusion\n\n{closing}\n"))


@pytest.mark.parametrize("title", ["Q&A", "Questions and answers", "Transcript", "Desarrollo de la entrevista:"])
def test_an_interview_begins_below_its_title(title):
    article = "**The Farmer.**\n\nLuis was fifteen when he dug his first trench.\n\nHe never stopped.\n"
    assert said(unknown(f"{article}\n**{title}**\n\n{INTERVIEW}")) == FOUR


def test_bold_marks_with_spaces_inside_mark_a_question():
    page = "** How does the water come? **\n\nBy gravity.\n\n** Who dug it? **\n\nWe did.\n"
    assert said(unknown(page)) == FOUR


def test_questions_repeated_for_the_next_person_are_not_a_header():
    part = "1. How does the water come?\nAnswer: By gravity.\n2. Who dug it?\nAnswer: We did.\n3. And the tap?\nAnswer: Dry.\n"
    reading = unknown(f"{part}\n{part}", name="a.txt")
    assert [role for role, _ in said(reading)] == ["interviewer", "respondent"] * 6


def test_a_numbered_guide_may_begin_below_a_long_title_page():
    front = "".join(f"Line {word} of the title page\n\n" for word in "one two three four five six seven".split())
    guide = (
        "1. How does the water come?\n\nBy gravity.\n\n2.Problems of the committee\n\nNone.\n\n3. Who pays?\n\nWe do.\n"
    )
    asked = [words for role, words in said(unknown(front + guide, name="a.txt")) if role == "interviewer"]
    assert asked == ["1. How does the water come?", "2.Problems of the committee", "3. Who pays?"]


def test_a_dash_behind_one_number_of_a_guide_changes_nothing():
    page = "1) How does the water come?\n\nBy gravity.\n\n2)- who dug it?\n\nWe did.\n\n3) And the tap?\n\nDry.\n"
    assert [role for role, _ in said(unknown(page, name="a.txt"))] == ["interviewer", "respondent"] * 3


def test_the_foot_of_a_web_page_is_not_speech():
    page = (
        "<html><h2>How is it?</h2><p>Good.</p><h2>And the tap?</h2><p>Dry.</p><footer><p>Ana Rojas</p></footer></html>"
    )
    assert said(unknown(page, name="a.html"))[-1] == ("respondent", "Dry.")


@pytest.mark.parametrize("option", ["o a) Very", "a) Very", "☐ Very", "[ ] Very"])
def test_options_below_numbered_questions_are_not_answers(option):
    page = "".join(f"{number}. How good is the tap?\n{option}\n{option}\n" for number in range(1, 6))
    reading = unknown(page, name="a.txt")
    assert "respondent" not in dict(said(reading))
    assert Undecided.LIST_OF_QUESTIONS in undecided(reading)


def test_headings_below_a_question_in_a_heading_are_its_parts_if_they_ask_or_it_announces_them():
    page = (
        "### Who are you?\n\nLuis.\n\n### Have you used these? If so, how was it:\n\n- ### The tap\n\nIt drips.\n\n"
        "- ### The pump\n\nNever.\n\n### Is it dear?\n\nYes.\n\n#### Why is it?\n\nNobody knows.\n\n### And now?\n\nWe wait.\n"
    )
    asked = [words for role, words in said(unknown(page)) if role == "interviewer"]
    assert asked[1:5] == ["Have you used these? If so, how was it:", "The tap", "The pump", "Is it dear?"]
    assert len(asked) == 7


HTML_ROWS = "".join(
    f"<tr>\n  <td>{question}</td>\n  <td>{answer}</td>\n</tr>\n"
    for question, answer in [("How does the water come?", "By gravity."), ("Who dug it?", "We did.")]
)


@pytest.mark.parametrize("head", ["<th>Questions</th><th>Answers</th>", "<td>Pregunta</td>\n<td>Respuesta</td>"])
def test_a_table_of_html_in_a_page_of_markdown_is_read_row_by_row(head):
    page = f"# Page\n\n<table>\n<tr>\n{head}\n</tr>\n{HTML_ROWS}</table>\n\nA source: the team.\n"
    assert said(unknown(page)) == FOUR


def test_tags_of_html_are_not_speakers():
    page = "# Page\n\n" + "<td>How does the water come?</td>\n<p align='center'>By gravity.</p>\n</p>\n" * 4
    assert {turn.speaker for turn in unknown(page).turns} <= {""}


@pytest.mark.parametrize("values", ["Sim Não Sim", "Must Should Must", "Alta Media Alta", "Done Pending Done"])
def test_a_column_of_choices_names_no_speakers(values):
    rows = "".join(f"| {value} | The tap must be strong. |\n" for value in values.split() * 2)
    assert {turn.speaker for turn in unknown(f"# Page\n\n| Kind | Need |\n|---|---|\n{rows}").turns} == {""}


@pytest.mark.parametrize(
    ("title", "legend"),
    [
        ("Requisitos elicitados", ("ENT: Entrevista", "RF: Requisito funcional", "RNF: Requisito não funcional")),
        ("Requirements", ("INT: interview", "FR: functional requirement", "NFR: non-functional requirement")),
        ("Conclusiones", ("P: pregunta", "RF: requerimiento funcional", "RN: requerimiento no funcional")),
    ],
)
def test_the_legend_and_table_of_what_was_concluded_is_not_speech(title, legend):
    codes = [line.partition(":")[0] for line in legend]
    rows = "".join(f"| {codes[1 + number % 2]} | It must show the water of each house. |\n" for number in range(6))
    exchange = "**Interviewer:** How is the water?\n\n**Rosa:** It comes every day.\n\n"
    table = f"| Type | Requirement |\n| --- | --- |\n{rows}"
    below = "".join(f"- {line}\n" for line in legend)
    tag = '<div style="text-align: center">\n\n'
    reading = unknown(f"# Interview\n\n{tag}{exchange * 3}## {title}\n\n### Legend\n\n{below}\n{tag}{table}")
    assert [str(turn.role)[0] for turn in reading.turns] == ["i", "r"] * 3
