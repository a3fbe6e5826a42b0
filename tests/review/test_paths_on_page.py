"""Causal paths on the review page: what it shows of the theory, what the words suggest, and what a memo marks."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from review_page import desk_of

from pipeline.codebook.theory_of_change import Arrow, Element, TheoryOfChange
from pipeline.evidence.theory.paths import marks_of
from pipeline.review.web.answering import Answers
from pipeline.review.web.study_view import SuggestedPath
from pipeline.steps.review_page import _suggested_paths
from pipeline.vocabulary import ElementKind

FILE = """
[[elements]]
id = "pump"
kind = "activity"
name.en = "A pump"
name.es = "Una bomba"
code = "efficiency"
leads_to = ["health"]

[[elements]]
id = "health"
kind = "outcome"
name = "Healthy children"
code = "effectiveness"
"""
CAUSE = "Gracias a la bomba los niños ya no se enferman en el barrio."


def test_the_page_has_the_elements_in_both_languages(analysed: Path) -> None:
    (analysed / "coded" / "theory_of_change.toml").write_text(FILE, "utf-8")
    pump, health = desk_of(analysed).start()["study"]["elements"]
    assert (pump["name"], pump["leads_to"]) == ({"en": "A pump", "es": "Una bomba"}, ["health"])
    assert (health["name"]["es"], health["kind"]) == ("Healthy children", {"en": "outcome", "es": "efecto"})


def test_a_study_without_a_theory_has_no_elements_and_no_suggestions(analysed: Path) -> None:
    desk = desk_of(analysed)
    assert desk.start()["study"]["elements"] == []
    shown = [desk.excerpt(item["id"])["suggestion"] for item in desk.queue()]
    assert {tuple(each["paths"]) for each in shown if each} == {()}


def excerpt(text: str, **statuses: str) -> Any:
    """A shelf with one excerpt that carries codes, each with the status of its coding."""
    codings = [{"criterion": code, "coded": True, "status": status} for code, status in statuses.items()]
    return SimpleNamespace(
        ids=["x"], codings=SimpleNamespace(of=lambda _: codings), row=lambda _: {"language": "es", "text": text}
    )


THEORY = TheoryOfChange(
    (
        Element("pump", ElementKind.ACTIVITY, (("", "Pump"),), "efficiency", leads_to=("health",)),
        Element("health", ElementKind.OUTCOME, (("", "Health"),), "effectiveness"),
    )
)


def test_words_of_cause_on_two_elements_suggest_the_path_between_them() -> None:
    shelf = excerpt(CAUSE, efficiency="machine", effectiveness="single")
    assert _suggested_paths(THEORY, shelf, 0) == [SuggestedPath("pump", "health", "Gracias a")]


@pytest.mark.parametrize(
    "shelf",
    [
        excerpt(CAUSE, efficiency="machine"),
        excerpt(CAUSE, efficiency="machine", effectiveness="conflicted"),
        excerpt("La bomba anda y los niños ya no se enferman.", efficiency="machine", effectiveness="machine"),
    ],
    ids=["one element", "coders differ", "no word of cause"],
)
def test_nothing_is_suggested_without_two_elements_and_words_of_cause(shelf: Any) -> None:
    assert _suggested_paths(THEORY, shelf, 0) == []


def test_a_path_that_is_marked_is_a_memo_that_counts_and_is_taken_back_with_the_answers(analysed: Path) -> None:
    (analysed / "coded" / "theory_of_change.toml").write_text(FILE, "utf-8")
    desk = desk_of(analysed)
    name = desk.queue()[0]["id"]
    shown = desk.excerpt(name)
    desk.settle(
        Answers(
            excerpt_id=name,
            text_sha256=shown["sha"],
            base=shown["base"],
            codes={"efficiency": "yes"},
            links={},
            memo="pump -> health",
        )
    )
    (mark,) = marks_of([line for line in desk.ledger.ledger.refresh() if line.note])
    assert (mark.excerpt_id, mark.coder, mark.arrow, mark.is_told) == (name, "ana", Arrow("pump", "health"), True)
    assert desk.excerpt(name)["own"]["memo"] == "pump -> health"
    desk.undo(name)
    assert not desk.excerpt(name)["own"]["memo"]
