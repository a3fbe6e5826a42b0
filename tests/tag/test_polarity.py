"""What a text says of its subject, well or badly, in general: right where it speaks, silent where it cannot tell."""

from pathlib import Path

import numpy as np
import pytest
from studies import ROOT

from pipeline.engine.work import Work
from pipeline.evaluation import polarity as measuring
from pipeline.tag import embeddings, polarity
from pipeline.tag.polarity import WITH_VECTORS, WORDS_ALONE, PolarityModel

OPPOSITE = (
    "The naming is so bad that nobody can tell what is tested here.",
    "I waste whole days to understand one single test, honestly.",
    "Readability is zero, it looks like it was written by a drunk parrot.",
    "Clear? They are the opposite of clear, I gave up on them.",
    "Understandable only to the man who wrote it and he left.",
    "You need a week of training before any test is clear to you.",
)


def chances(texts: tuple[str, ...]) -> np.ndarray:
    return polarity.load(WITH_VECTORS).chances(texts, np.array(embeddings.encode(texts), dtype=float))


def stance(text: str) -> str:
    return polarity.load(WITH_VECTORS).stances(chances((text,)))[0]


@pytest.mark.parametrize("text", OPPOSITE)
def test_words_that_say_the_opposite_of_a_welcome_finding_never_speak_well(text: str) -> None:
    assert stance(text) in ("negative", "")


@pytest.mark.parametrize("text", ["It was good, but it came too late.", "Fue bueno, pero llegó tarde."])
def test_a_text_with_a_contrast_is_left_to_people(text: str) -> None:
    assert stance(text) == ""


def test_a_negation_marks_the_words_behind_it_up_to_the_next_stop() -> None:
    terms = polarity.terms_of("No sirvió. Gracias.")
    assert "not_sirvio" in terms
    assert "gracias" in terms


@pytest.mark.parametrize("text", ["", "…", "42", "¿?"])
def test_a_text_without_words_says_nothing(text: str) -> None:
    assert stance(text) == ""
    assert polarity.load(WORDS_ALONE).stances(polarity.load(WORDS_ALONE).chances([text], None)) == [""]


def test_a_coded_stance_counts_only_where_the_model_is_sure_of_the_same_side() -> None:
    model = polarity.load(WITH_VECTORS)
    coded = ["positive", "negative", "positive", "negative", "mixed", ""]
    assert model.agreed(np.array([0.01, 0.01, 0.5, 0.4, 0.99, 0.99]), coded) == ["", "negative", "", "", "", "positive"]


def wrong_side(count: int) -> tuple[np.ndarray, list[str]]:
    """Chances that are on the wrong side throughout, and what people decided."""
    return np.array([0.3, 0.7] * count), ["positive", "negative"] * count


def test_what_people_decided_corrects_the_model() -> None:
    model = polarity.load(WITH_VECTORS)
    right = np.array([0.9, 0.2] * 20)
    corrected = model.corrected(right, ["positive", "negative"] * 20)
    assert corrected.slope > 1
    assert model.corrected(*wrong_side(20)).slope == 0.0
    assert model.corrected(*wrong_side(5)) == model


def test_stances_that_speak_both_ways_or_are_missing_teach_nothing() -> None:
    model: PolarityModel = polarity.load(WITH_VECTORS)
    assert model.corrected(np.full(60, 0.7), ["mixed", ""] * 30) == model


@pytest.fixture(scope="module")
def figures() -> dict:
    return measuring.evaluate(Path(ROOT), lambda _done, _total: None)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("tested", ["criteria", "speech", measuring.SETS["pairs"]])
def test_it_is_right_where_it_speaks_of_writers_that_it_never_read(figures: dict, tested: str) -> None:
    measured = figures[WITH_VECTORS]["sets"][tested]
    assert measured["right"] >= 0.85
    assert measured["recall_negative"] >= polarity.load(WITH_VECTORS).recall > 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_shipped_weights_are_those_of_the_shipped_stances() -> None:
    material = measuring.load(ROOT, Work(1, lambda _done, _total: None))
    fitted, shipped = measuring.fit_with_threshold(material, with_vectors=True), polarity.load(WITH_VECTORS)
    assert fitted.good.of_vector == pytest.approx(shipped.good.of_vector, abs=0.01)
    assert (fitted.threshold, fitted.recall) == (shipped.threshold, shipped.recall)


def test_the_threshold_is_the_least_confidence_from_which_on_enough_is_right() -> None:
    chances = np.repeat([0.95, 0.9, 0.8, 0.7], 40)
    truth = np.concatenate([np.ones(40), np.ones(39), [0.0], np.ones(36), np.zeros(4), np.full(40, 0.5)])
    texts = measuring.StanceTexts(("",) * 160, np.zeros((160, 1)), truth, np.full(160, "w"), np.full(160, "en"))
    assert measuring.threshold_of(texts, chances) == 0.71
    assert measuring.threshold_of(texts, np.full(160, 0.5)) == 1.0
