"""The report's page *Reading*: how each file was read, beside its beginning, without names and without words that are withheld."""

import re

import pytest
from small_publication import NAMES, publication

from pipeline import wording
from pipeline.publish.html.readings import readings
from pipeline.publish.html.report import page
from pipeline.publish.html.tables import files

PUBLICATION = publication()


def shown(html: str) -> str:
    """The page *Reading* alone."""
    (section,) = re.findall(r'<section class="page readings".*?\n</section>', html, re.DOTALL)
    return str(section)


@pytest.fixture(scope="module")
def reading_page() -> str:
    return shown(page(PUBLICATION))


def test_what_a_person_must_decide_comes_first_and_is_open() -> None:
    made = readings(PUBLICATION, files(PUBLICATION))
    assert [each.sureness for each in made][:2] == ["undecided", ""]
    assert [each.is_open for each in made] == [True, False, False, False]
    assert made[0].waiting == 23


def test_a_file_is_shown_with_layout_speakers_and_share_of_questions(reading_page: str) -> None:
    for text in (
        "name and colon",
        "nombre y dos puntos",
        wording.closed_word("role_evidence", "questions", "en"),
        "100%",
        wording.text("reading_page.undecided", "en", n=1, all=2),
    ):
        assert text in reading_page


def test_the_beginning_is_shown_beside_what_became_of_it() -> None:
    first = next(each for each in readings(PUBLICATION, files(PUBLICATION)) if each.file.first == "PE-01")
    assert [(part.role, part.who) for part in first.beginning[:2]] == [("interviewer", ""), ("respondent", "P-2B3C")]
    assert first.beginning[0].words == "What changed for you?"
    assert first.left_out[0].reason == "speaker label"


def test_a_survey_is_shown_with_its_open_questions(reading_page: str) -> None:
    survey = next(each for each in readings(PUBLICATION, files(PUBLICATION)) if each.file.kind == "survey")
    assert survey.questions == ("¿Qué cambió en su trabajo?",)
    assert wording.text("reading_page.questions", "en", n=1) in reading_page


def test_who_asks_and_who_answers_is_shown_by_label_and_pseudonym(reading_page: str) -> None:
    reading = next(each for each in readings(PUBLICATION, files(PUBLICATION)) if each.file.first == "PE-01")
    asks, answers = reading.speakers
    assert (asks.role, asks.label, asks.who) == ("interviewer", "Moderator", "")
    assert (answers.role, answers.label, answers.who) == ("respondent", "", "P-2B3C")
    assert "<bdi>Moderator</bdi>" in reading_page
    assert wording.text("reading_page.hidden_label", "en") in reading_page


def test_no_label_that_may_be_a_name_is_shown(reading_page: str) -> None:
    assert not any(name in reading_page for name in NAMES)


def test_words_that_are_withheld_are_not_shown() -> None:
    text = PUBLICATION.texts["PE-01"]
    words = "They came when nobody else did. 🌱 We needed them and they listened."
    blanked = {**PUBLICATION.texts, "PE-01": text.replace(words, " " * len(words))}
    section = shown(page(publication(texts=blanked)))
    assert "They came when" not in section
    assert "[withheld]" in section


def test_a_long_turn_is_shown_by_its_beginning() -> None:
    assert all(len(part.words) <= 241 for each in readings(PUBLICATION, files(PUBLICATION)) for part in each.beginning)
