"""Causal paths on the review page: what it shows of the theory, what the words suggest, and what a memo marks."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from review_page import desk_of

from pipeline.codebook.theory_of_change import Arrow, Element, TheoryOfChange
from pipeline.errors import ConfigError
from pipeline.evidence.theory.paths import marks_of
from pipeline.review.web.answering import Answers
from pipeline.review.web.codebook.desk import CodebookDesk
from pipeline.review.web.codebook.orders import ChangeOrder
from pipeline.review.web.desk import Desk
from pipeline.review.web.study_view import SuggestedPath
from pipeline.steps.review_page import _suggested_paths
from pipeline.vocabulary import CodebookAction, ElementKind

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


WELLS = {"name": "Wells in every village", "kind": "output", "codes": ["efficiency", "sustainability"]}
WRITTEN = """[[elements]]
id = "wells_in_every_village"
kind = "output"
name = "Wells in every village"
code = "efficiency"
together_with = ["sustainability"]
"""


def add(desk: Desk, *, base: str | None = None, **element: Any) -> dict[str, Any]:
    seen = desk.study.theory.version if base is None else base
    order = ChangeOrder(CodebookAction.ELEMENT, "told in an excerpt", seen, element={**WELLS, **element})
    return CodebookDesk(desk).change(order)


def take_back(desk: Desk, line: int) -> dict[str, Any]:
    order = ChangeOrder(CodebookAction.UNDO, "too early", desk.study.form.codebook.version, line=line)
    return CodebookDesk(desk).change(order)


def elements(desk: Desk) -> list[str]:
    return [element["id"] for element in desk.codes()["elements"]]


def test_an_element_is_added_to_a_new_file_taken_back_put_back_and_in_the_history(analysed: Path) -> None:
    path, desk = analysed / "coded" / "theory_of_change.toml", desk_of(analysed)
    added = add(desk)
    assert path.read_text("utf-8") == WRITTEN
    (latest,) = added["history"]
    assert (latest["who"], latest["action"], latest["note"], latest["can"], latest["element"]) == (
        "ana", "element", "told in an excerpt", "undo", {"id": "wells_in_every_village", "name": {"": WELLS["name"]}},
    )  # fmt: skip
    assert elements(desk) == ["wells_in_every_village"]
    undone = take_back(desk, added["line"])
    assert (path.read_text("utf-8"), elements(desk)) == ("", [])
    assert [(row["action"], row["of"], row["can"]) for row in undone["history"]] == [
        ("undo", "element", "redo"),
        ("element", "", ""),
    ]
    take_back(desk, undone["line"])
    assert (path.read_text("utf-8"), elements(desk)) == (WRITTEN, ["wells_in_every_village"])
    assert desk.versions()["theory"] == desk.study.theory.version


def test_an_element_goes_below_the_others_whose_comments_and_order_stay(analysed: Path) -> None:
    path = analysed / "coded" / "theory_of_change.toml"
    before = f"# what the programme hopes for{FILE}# to be discussed\n"
    path.write_text(before, "utf-8")
    desk = desk_of(analysed)
    line = add(desk)["line"]
    assert path.read_text("utf-8") == f"{before}\n{WRITTEN}"
    path.write_text(f"{before}\n{WRITTEN}leads_to = ['health']\n", "utf-8")  # edited by hand: comes back with the redo
    undone = take_back(desk, line)["line"]
    assert path.read_text("utf-8") == before
    take_back(desk, undone)
    assert path.read_text("utf-8") == f"{before}\n{WRITTEN}leads_to = ['health']\n"


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ({"name": "Pump"}, "already has the element pump: A pump"),
        ({"name": " ?! "}, "needs letters or digits"),
        ({"codes": ["luck"]}, "code 'luck' is not in the codebook"),
        ({"codes": ["efficiency", "luck"]}, "code 'luck' is not in the codebook"),
        ({"codes": []}, "needs a code"),
        ({"kind": "wish"}, "kind"),
        ({"base": "an earlier state"}, "edited in the file in the meantime"),
    ],
)
def test_an_element_that_cannot_be_is_refused_with_the_reason(
    analysed: Path, element: dict[str, Any], why: str
) -> None:
    path = analysed / "coded" / "theory_of_change.toml"
    path.write_text(FILE, "utf-8")
    desk = desk_of(analysed)
    with pytest.raises(ConfigError, match=re.escape(why)):
        add(desk, **element)
    assert path.read_text("utf-8") == FILE
    assert desk.ledger.ledger.refresh() == ()


@pytest.mark.parametrize("text", ["[[elements]\n", "elements = [{id = 'a'}]\n", "elements = 3\n"])
def test_a_theory_that_cannot_be_read_or_added_to_stays_as_it_is(analysed: Path, text: str) -> None:
    path = analysed / "coded" / "theory_of_change.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"theory_of_change\.toml"):
        add(desk_of(analysed))
    assert path.read_text("utf-8") == text


def test_of_two_people_who_add_elements_the_second_is_told_what_the_first_one_did(analysed: Path) -> None:
    ana, ben = desk_of(analysed), desk_of(analysed, "ben")
    seen = ben.study.theory.version
    add(ana)
    with pytest.raises(
        ConfigError, match=r"meantime by ana: new element of the theory of change, Wells in every village"
    ):
        add(ben, base=seen, name="Pumps that last")
    assert elements(ben) == ["wells_in_every_village"]
    add(ben, name="Pumps that last")
    assert elements(ana) == ["wells_in_every_village", "pumps_that_last"]
