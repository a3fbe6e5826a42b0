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


@pytest.mark.parametrize("rule", ["|:--|:-:|", "| --- | --- |", "---|---"])
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


def test_what_follows_such_a_table_is_nobodys_words():
    page = f"| Who | Words |\n|---|---|\n{ROWS}\nThe team met twice to write the requirements down.\n"
    assert said(unknown(page))[-1] == FOUR[-1]


def test_other_tables_of_a_page_stay_as_they_are():
    page = "Interviewer: Who dug it?\n\nLuis: We did.\n\n| Place | Date |\n|---|---|\n| Puno | 3 May |\n"
    assert "| Puno | 3 May |" in said(unknown(page))[-1][1]


def test_words_in_small_letters_that_begin_a_line_are_no_labels():
    lines = (
        "Ana: How is it?\nLuis: I do not know how to\nanswer those questions.\nAna: Why?\nLuis: I cannot\nanswer you.\n"
    )
    reading = unknown(lines, name="a.txt")
    assert {turn.speaker for turn in reading.turns} == {"Ana", "Luis"}
