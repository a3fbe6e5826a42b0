"""Words marked on the review page: they become lines of the ledger with the answers, and are taken back and put back with them."""

from pathlib import Path
from typing import Any

import pytest
from review_page import desk_of

from pipeline.errors import ConfigError
from pipeline.records import Decision
from pipeline.review.spans.marking import Mark
from pipeline.review.web.answering import Answers
from pipeline.review.web.bodies import SettleBody
from pipeline.review.web.desk import Desk


@pytest.fixture
def desk(analysed: Path) -> Desk:
    return desk_of(analysed)


def first(desk: Desk) -> str:
    return str(desk.queue()[0]["id"])


def settle(desk: Desk, name: str, *marks: Mark, **values: Any) -> None:
    shown = desk.excerpt(name)
    plain: dict[str, Any] = {"codes": {"efficiency": "yes"}, "links": {}, "tab": "t1", "base": shown["base"]}
    desk.settle(Answers(excerpt_id=name, text_sha256=shown["sha"], **{**plain, "spans": marks, **values}))


def shown(desk: Desk, name: str) -> list[tuple[str, str]]:
    """The marked words of an excerpt as the page has them, each with its code."""
    card = desk.excerpt(name)
    return [(each["code"], card["text"][each["start"] : each["end"]]) for each in card["own"]["spans"]]


def lines(desk: Desk) -> list[Decision]:
    return list(desk.ledger.ledger.refresh())


def test_marked_words_are_saved_with_the_answers_and_shown_again(desk: Desk, analysed: Path) -> None:
    name = first(desk)
    text = desk.excerpt(name)["text"]
    settle(desk, name, Mark("efficiency", 0, 8), Mark("efficiency", 4, 12))
    assert shown(desk, name) == [("efficiency", text[:8].strip()), ("efficiency", text[4:12].strip())]
    assert [str(line.kind) for line in lines(desk)][-2:] == ["span", "span"]
    assert {line.handout for line in lines(desk) if line.kind == "span"} != {""}
    assert shown(desk_of(analysed), name) == shown(desk, name)


def test_the_same_words_are_not_written_twice_and_unmarked_ones_are_taken_back(desk: Desk) -> None:
    name = first(desk)
    settle(desk, name, Mark("efficiency", 0, 5), Mark("efficiency", 0, 12))
    count = len(lines(desk))
    settle(desk, name, *(Mark("efficiency", each["start"], each["end"]) for each in desk.excerpt(name)["own"]["spans"]))
    assert len(lines(desk)) == count
    kept = desk.excerpt(name)["own"]["spans"][1]
    settle(desk, name, Mark("efficiency", kept["start"], kept["end"]))
    assert [each["end"] for each in desk.excerpt(name)["own"]["spans"]] == [kept["end"]]
    assert str(lines(desk)[-1].kind) == "undo"


def test_a_page_that_says_nothing_of_marked_words_leaves_them(desk: Desk) -> None:
    name = first(desk)
    settle(desk, name, Mark("efficiency", 0, 5))
    settle(desk, name, spans=None)
    assert len(shown(desk, name)) == 1


def test_every_step_is_undone_and_redone(desk: Desk) -> None:
    name = first(desk)
    settle(desk, name, Mark("efficiency", 0, 5))
    once = shown(desk, name)
    settle(desk, name, Mark("efficiency", 6, 14))
    moved = shown(desk, name)
    assert once != moved
    for _ in range(2):
        assert desk.undo(name)["undone"] == 2  # the new mark, and the taking back of the old one
        assert shown(desk, name) == once
        assert desk.redo(name)["redone"] == 2
        assert shown(desk, name) == moved
    desk.undo(name)
    desk.undo(name)
    assert (shown(desk, name), desk.excerpt(name)["own"]["codes"]) == ([], {})
    desk.redo(name)
    assert shown(desk, name) == once
    desk.redo(name)
    assert shown(desk, name) == moved
    assert desk.redo(name)["redone"] == 0


def test_what_was_undone_is_not_put_back_over_a_later_answer(desk: Desk) -> None:
    name = first(desk)
    settle(desk, name, Mark("efficiency", 0, 5))
    desk.undo(name)
    settle(desk, name, codes={"efficiency": "no"})
    assert desk.redo(name)["redone"] == 0
    assert shown(desk, name) == []


def test_what_another_tab_marked_meanwhile_stays(desk: Desk) -> None:
    name = first(desk)
    base = desk.excerpt(name)["base"]
    settle(desk, name, Mark("efficiency", 0, 5), tab="t2")
    settle(desk, name, Mark("efficiency", 6, 14), base=base)
    assert len(shown(desk, name)) == 2


@pytest.mark.parametrize("mark", [Mark("efficiency", 3, 3), Mark("efficiency", 5, 9999), Mark("nothing", 0, 4)])
def test_marks_of_nothing_are_refused_and_nothing_is_written(mark: Mark, desk: Desk) -> None:
    name = first(desk)
    with pytest.raises(ConfigError, match="mark"):
        settle(desk, name, mark)
    assert lines(desk) == []


def test_a_mark_inside_an_emoji_or_an_accent_takes_the_whole_character(desk: Desk, monkeypatch: Any) -> None:
    name = first(desk)
    text = "Sí 👩‍👩‍👧 e\u0301xito, gracias a todos"
    cell = type(desk.study.shelf).cell
    monkeypatch.setattr(type(desk.study.shelf), "cell", lambda *of: text if of[1] == "text" else cell(*of))
    settle(desk, name, Mark("efficiency", 4, 5), Mark("efficiency", 10, 12))
    marks = [line.span for line in lines(desk) if line.span]
    assert [text[mark.start : mark.end] for mark in marks] == ["👩‍👩‍👧", "e\u0301x"]


def test_a_body_without_marks_says_nothing_of_them() -> None:
    body = {"excerpt_id": "a:0-4", "text_sha256": "0", "base": 0}
    assert SettleBody.model_validate(body).as_answers().spans is None
    marked = SettleBody.model_validate({**body, "spans": [{"code": "c", "start": 0, "end": 2}]})
    assert marked.as_answers().spans == (Mark("c", 0, 2),)
