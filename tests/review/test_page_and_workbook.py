"""Page and workbook are two faces of one function: the same answers give the same lines of the ledger."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from review_page import desk_of
from review_workbooks import FIRST, answer, back, cells_of, decided, handed_out

from pipeline.records import Decision
from pipeline.review.decisions import row_of
from pipeline.review.web.answering import Answers
from pipeline.review.web.coder_queue import QUEUE
from pipeline.review.web.desk import Desk
from pipeline.review.web.search.desk import SearchDesk

OF_THE_FACE = {"handout", "shown", "at", "prev", "hash"}  # which face, when, and the hashes that follow from it

# What a coder does on an excerpt: cells of a workbook's row, and the same on the page.
ANSWERS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "accepts": ({"accept": "yes"}, {"accepts": True}),
    "accepts, and all others are no": ({"accept": "yes", "rest": "no"}, {"accepts": True, "is_rest_no": True}),
    "accepts but for one code": (
        {"accept": "yes", "code:effectiveness": "negative", "code:efficiency": "no"},
        {"accepts": True, "codes": {"effectiveness": "negative", "efficiency": "no"}},
    ),
    "carries nothing": ({"rest": "no"}, {"is_rest_no": True}),
    "one code and no other": (
        {"code:sustainability": "mixed", "rest": "no"},
        {"codes": {"sustainability": "mixed"}, "is_rest_no": True},
    ),
    "one code, the others undecided": ({"code:sustainability": "yes"}, {"codes": {"sustainability": "yes"}}),
    "a finding and a memo": (
        {"accept": "yes", "finding1": "F2", "direction1": "qualifies", "memo": "see F2"},
        {"accepts": True, "links": {"F2": "qualifies"}, "memo": "see F2"},
    ),
    "a further code": (
        {"other1": "learning", "other1_stance": "negative", "rest": "no"},
        {"codes": {"learning": "negative"}, "is_rest_no": True},
    ),
}


def on_page(desk: Desk, card: dict[str, Any], does: dict[str, Any]) -> None:
    values = {"codes": {}, "links": {}, **{name: value for name, value in does.items() if name != "accepts"}}
    accepted = card["suggestion"]["cell"] if does.get("accepts") else ""
    desk.settle(
        Answers(
            excerpt_id=card["id"], text_sha256=card["sha"], base=card["base"], accepted=accepted, tab="t1", **values
        )
    )


def lines_of(study: Path) -> list[dict[str, Any]]:
    return [_comparable(line) for line in decided(study)]


def _comparable(line: Decision) -> dict[str, Any]:
    return {key: value for key, value in row_of(line).items() if key not in OF_THE_FACE}


@pytest.fixture
def two_copies(analysed: Path, tmp_path: Path) -> tuple[Path, Path]:
    return analysed, Path(shutil.copytree(analysed, tmp_path / "page"))


@pytest.mark.parametrize("name", ANSWERS)
def test_the_same_answers_give_the_same_lines(name: str, two_copies: tuple[Path, Path]) -> None:
    of_workbook, of_page = two_copies
    cells, does = ANSWERS[name]
    workbook = handed_out(of_workbook, size=QUEUE)
    desk = desk_of(of_page)
    items = desk.queue()
    row = next(r for r in range(len(items)) if cells_of(workbook, FIRST + r)["suggested"])
    excerpt = str(cells_of(workbook, FIRST + row)["excerpt_id"])
    assert items[row]["id"] == excerpt
    back(of_workbook, answer(workbook, cells, FIRST + row))
    on_page(desk, desk.excerpt(excerpt), does)
    assert lines_of(of_page) == lines_of(of_workbook) != []


def test_a_change_of_mind_and_a_code_taken_away_give_the_same_lines(two_copies: tuple[Path, Path]) -> None:
    of_workbook, of_page = two_copies
    workbook = handed_out(of_workbook, size=QUEUE)
    excerpt = str(cells_of(workbook)["excerpt_id"])
    back(of_workbook, answer(workbook, {"code:efficiency": "positive", "rest": "no"}))
    back(of_workbook, answer(workbook, {"code:efficiency": "", "code:effectiveness": "mixed"}))
    desk = desk_of(of_page)
    desk.queue()
    on_page(desk, desk.excerpt(excerpt), {"codes": {"efficiency": "positive"}, "is_rest_no": True})
    changed = {"codes": {"efficiency": "no", "effectiveness": "mixed"}, "is_rest_no": True}
    on_page(desk, desk.excerpt(excerpt), changed)
    keys = {"kind", "excerpt_id", "criterion", "value", "codes"}
    of_both = [{tuple(str(line.get(key)) for key in keys) for line in lines_of(s)} for s in (of_page, of_workbook)]
    assert of_both[0] == of_both[1]


def test_accepting_leaves_undecided_what_is_doubtful_until_all_others_are_no(analysed: Path) -> None:
    desk = desk_of(analysed)
    cards = (desk.excerpt(item["id"]) for item in desk.queue())
    card = next(card for card in cards if card["suggestion"]["doubtful"])
    on_page(desk, card, {"accepts": True})
    shown = {code["code"] for code in card["suggestion"]["codes"]}
    own = desk.excerpt(card["id"])["own"]
    assert {code for code, value in own["codes"].items() if value != "no"} == shown
    assert own["undecided"] == sorted(card["suggestion"]["doubtful"], key=desk.study.form.codebook.ids.index)
    assert next(item for item in SearchDesk(desk).find("", is_whole=False)["items"] if item["id"] == card["id"])["done"]
    on_page(desk, desk.excerpt(card["id"]), {"is_rest_no": True, "codes": own["codes"]})
    assert desk.excerpt(card["id"])["own"]["undecided"] == []
