"""Files among the interviews that are none: nobody in them is taken for a respondent without a word from `check`."""

import pytest
from small_interviews import read, settings

from pipeline.vocabulary import Role, Undecided

LETTER = """Dear Mr Vega,

Thank you for your letter. We have read it with care, and I share your worry.

The second tranche will arrive in June, and we thank you for your patience.

Yours sincerely,

Carmen Soto
"""
FIELD_NOTES = """I arrived at eight. The participants were waiting outside, most of them women.

The facilitator explained the method. I observed that two participants left the room.

I think that the participants were proud of their pump.
"""
PAPER = """Water committees and trust

Abstract. We study how committees build trust. We interviewed 120 people [1].

1 Introduction

We follow Ostrom et al. (1994), and we extend it.

2 Methods

We sampled forty villages.

3 Results

Our respondents named the committee first.
"""
QUOTATIONS = '"The water comes every day."\n\n"We dug it ourselves."\n\n"Nobody asked us."\n\n"I like the new tap."\n'
OBSERVATIONS = "09:00 Stalls open.\n09:20 First customers.\n09:45 A man carries sacks.\n10:10 The scale is broken.\n"
PLAY = """FRANCISCO: Stand, ho! Who is there?
HORATIO: Friends to this ground.
MARCELLUS: And liegemen to the Dane.
FRANCISCO: Give you good night.
MARCELLUS: O, farewell, honest soldier: who hath relieved you?
FRANCISCO: Bernardo hath my place.
MARCELLUS: Holla! Bernardo!
BERNARDO: Say, what, is Horatio there?
HORATIO: A piece of him.
"""
CHAT = "".join(
    f"12/03/2021, 10:0{n} - {who}: {words}\n"
    for n, (who, words) in enumerate(
        [
            ("Ana", "¿Vamos mañana?"),
            ("Luis", "Sí, ¿a qué hora?"),
            ("Ana", "A las nueve"),
            ("Carmen", "yo no"),
            ("Luis", "¿no?"),
        ]
    )
)
PAGE = "**How do I register?**\n\nGo to the page.\n\n**Who may come?**\n\nAll households.\n\n**What does it cost?**\n\nNothing.\n"


def unknown(text):
    return read(text, people=(), chosen=settings(interviewers=()))


@pytest.mark.parametrize("text", [LETTER, FIELD_NOTES, PAPER, QUOTATIONS, OBSERVATIONS, PLAY, CHAT])
def test_what_is_not_an_interview_has_no_respondent_and_waits(text):
    reading = unknown(text)
    assert Role.RESPONDENT not in {turn.role for turn in reading.turns}
    assert reading.transcript.undecided


def test_a_page_of_frequent_questions_is_shown_to_a_person():
    assert set(unknown(PAGE).transcript.undecided) == {Undecided.IMPERSONAL}


def test_a_story_without_labels_is_one_respondents_and_check_says_so():
    reading = unknown("I got up at five and fetched the water.\n\nMy daughter helped me.\n")
    assert {turn.role for turn in reading.turns} == {Role.RESPONDENT}
    assert reading.transcript.undecided == (Undecided.ONE_VOICE,)


def test_captions_without_punctuation_wait_as_they_may_hold_questions():
    cues = "".join(
        f"00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\nand so we dug the trench for the new tap\n\n"
        for n in range(60)
    )
    reading = unknown(f"WEBVTT\n\n{cues}")
    assert {turn.role for turn in reading.turns} == {Role.OTHER}
    assert Undecided.UNPUNCTUATED in reading.transcript.undecided


def test_a_short_page_about_a_project_is_a_document():
    page = "# Water study\n\n## Overview\n\nThis repository holds transcripts.\n\n## Purpose\n\n- Provide a place for them.\n"
    assert Undecided.DOCUMENT in unknown(page).transcript.undecided


@pytest.mark.parametrize("word", ["Interview", "Entrevista", "Entrevistado", "Participant"])
def test_several_interviews_without_speakers_wait_as_several_persons_answer(word):
    part = (
        "How is the water?\n\nIt comes every day.\n\nWho dug it?\n\nAll of us, I did too.\n\nWhy?\n\nWe had none.\n\n"
    )
    reading = unknown(f"{word} 1\n\n{part}{word} 2\n\n{part}")
    assert Role.RESPONDENT not in {turn.role for turn in reading.turns}
    assert Undecided.SEVERAL_INTERVIEWS in reading.transcript.undecided


@pytest.mark.parametrize(
    ("asks", "answers"), [("Q", "A"), ("Question", "Answer"), ("P", "R"), ("Pregunta", "Respuesta")]
)
def test_frequent_questions_with_labels_are_named(asks, answers):
    entry = f"{asks}: How is water billed?\n{answers}: The meter is read every month.\n"
    assert Undecided.IMPERSONAL in unknown(entry * 4).transcript.undecided


def test_personal_answers_with_such_labels_are_not():
    entry = "Q: How do you pay for water?\nA: I go to the office with my sister.\n"
    assert Undecided.IMPERSONAL not in unknown(entry * 4).transcript.undecided


def test_answers_of_one_word_stay_answers():
    answers = {"Who dug it?": "Everybody.", "Where?": "Uphill", "When?": "Sunday"}
    text = "".join(f"Interviewer: {question}\nInterviewee: {answer}\n" for question, answer in answers.items())
    assert [str(turn.role)[0] for turn in unknown(text).turns] == ["i", "r"] * 3
