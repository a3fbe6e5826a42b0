"""What a text says of its subject, well or badly, in general: right where it speaks, silent where it cannot tell."""

import pytest
from studies import ROOT

from pipeline.evaluation import polarity as measuring
from pipeline.steps.inputs import load_seeds
from pipeline.tag import polarity

OPPOSITE = (
    "The naming is so bad that nobody can tell what is tested here.",
    "I waste whole days to understand one single test, honestly.",
    "Readability is zero, it looks like it was written by a drunk parrot.",
    "Clear? They are the opposite of clear, I gave up on them.",
    "Understandable only to the man who wrote it and he left.",
    "You need a week of training before any test is clear to you.",
)


@pytest.mark.parametrize("text", OPPOSITE)
def test_words_that_say_the_opposite_of_a_welcome_finding_never_speak_well(text: str) -> None:
    assert polarity.load().stance(text) in ("negative", "")


@pytest.mark.parametrize("text", ["It was good, but it came too late.", "Fue bueno, pero llegó tarde."])
def test_a_text_with_a_contrast_is_left_to_people(text: str) -> None:
    assert polarity.load().stance(text) == ""


def test_a_negation_marks_the_words_behind_it_up_to_the_next_stop() -> None:
    terms = polarity.terms_of("No sirvió. Gracias.")
    assert "not_sirvio" in terms
    assert "gracias" in terms


@pytest.mark.parametrize("text", ["", "…", "42", "¿?"])
def test_a_text_without_words_says_nothing(text: str) -> None:
    assert polarity.load().stance(text) == ""


def test_a_coded_stance_counts_only_where_the_model_leans_to_its_side() -> None:
    model = polarity.load()
    badly = "The courses were useless, nobody learned anything."
    assert model.agreed(badly, "positive") == ""
    assert model.agreed(badly, "negative") == "negative"
    assert model.agreed("It was good, but it came too late.", "positive") == ""


@pytest.mark.slow
def test_it_is_right_where_it_speaks_of_writers_that_it_never_read() -> None:
    figures = measuring.measure(load_seeds(ROOT / "coded" / "seeds.jsonl", None))
    assert figures["right_of_one_sided"] >= 0.91
    assert figures["recall_negative"] == pytest.approx(polarity.load().recall, abs=0.02)
    assert figures["threshold"] == pytest.approx(polarity.load().threshold, abs=0.02)
