"""Cutting and joining on the review page: the desk without a server, and the page in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import Open, Running, desk_of, lines_of, look_up, saved, until, words
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.review import decisions as ledger
from pipeline.review.spans.marking import Mark
from pipeline.review.undo import without_undone
from pipeline.review.web.answering import Answers
from pipeline.review.web.boundaries.desk import BoundariesDesk
from pipeline.review.web.desk import Desk, RoundOrder, WordsChangedError
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import Lane

WELL = "In month 7 the well gave 49 buckets a day."
FIRST, SECOND = "In month 7", "the well gave 49 buckets a day."


def named(desk: Desk, text: str) -> str:
    shelf = desk.study.shelf
    return next(name for name in shelf.ids if shelf.cell("text", shelf.position[name]) == text)


def texts(desk: Desk, answer: dict[str, Any]) -> list[str]:
    return [str(desk.excerpt(item["id"])["text"]) for item in answer["items"]]


def cut(desk: Desk, text: str, at: int) -> dict[str, Any]:
    card = desk.excerpt(named(desk, text))
    return BoundariesDesk(desk).cut(card["id"], card["sha"], at=at, tab="t1")


def settle(desk: Desk, text: str, **values: Any) -> None:
    card = desk.excerpt(named(desk, text))
    plain: dict[str, Any] = {"codes": {}, "links": {}, "tab": "t1", "base": card["base"], "is_rest_no": True}
    desk.settle(Answers(excerpt_id=card["id"], text_sha256=card["sha"], **{**plain, **values}))


@pytest.fixture
def desk(study: Path) -> Desk:
    return desk_of(study)


def test_the_parts_of_a_cut_are_there_at_once_with_what_waits_to_be_confirmed(study: Path, desk: Desk) -> None:
    settle(desk, WELL, codes={"efficiency": "negative"}, links={"F1": "supports"})
    before = desk.start()["study"]["settled"]
    answer = cut(desk, WELL, WELL.index("the well"))
    assert texts(desk, answer) == ["In month 7", "the well gave 49 buckets a day."]
    assert answer["settled"] == {"today": 0, "all": 0, "undecided": before["undecided"] + 2}, "two parts wait"
    assert not answer["is_moved"]
    for text in texts(desk, answer):
        card = desk.excerpt(named(desk, text))
        assert not card["own"]["settled"]
        assert [(code["code"], code["stance"]) for code in card["suggestion"]["codes"]] == [("efficiency", "negative")]
        assert [link["finding"] for link in card["suggestion"]["links"]] == ["F1"]
    first = desk.study.ranking.by_weight[:2]
    assert first == tuple((item["id"], Lane.STALE) for item in answer["items"])
    settle(desk, "In month 7", codes={"efficiency": "negative"})
    assert desk.excerpt(named(desk, "In month 7"))["own"]["settled"]
    analyze(study, fresh=False, now=NOW, tick=quiet)
    again = desk_of(study)
    assert again.excerpt(named(again, "In month 7"))["own"]["codes"]["efficiency"] == "negative"
    assert not again.excerpt(named(again, "the well gave 49 buckets a day."))["own"]["settled"]


def marks_shown(desk: Desk, text: str) -> list[str]:
    """The words that the page shows as marked in an excerpt."""
    return [text[each["start"] : each["end"]] for each in desk.excerpt(named(desk, text))["own"]["spans"]]


def test_marked_words_are_shown_on_the_part_in_which_they_lie_before_and_after_it_is_confirmed(
    study: Path, desk: Desk
) -> None:
    at = WELL.index("49 buckets")
    settle(desk, WELL, codes={"efficiency": "negative"}, spans=(Mark("efficiency", at, at + 10),))
    cut(desk, WELL, WELL.index("the well"))
    for each in (desk, desk_of(study)):
        assert (marks_shown(each, FIRST), marks_shown(each, SECOND)) == ([], ["49 buckets"])
    card = desk.excerpt(named(desk, SECOND))
    shown = tuple(Mark(each["code"], each["start"], each["end"]) for each in card["own"]["spans"])
    lines = len(desk.ledger.ledger.refresh())
    press_enter(desk, SECOND, spans=shown)
    assert not [line for line in desk.ledger.ledger.refresh()[lines:] if line.span], "the line of the whole counts"
    for each in (desk, desk_of(study)):
        assert marks_shown(each, SECOND) == ["49 buckets"]
    settle(desk, SECOND, codes={"efficiency": "negative"}, spans=())
    assert marks_shown(desk, SECOND) == []
    for each in (desk, desk_of(study)):
        assert each.undo(named(each, SECOND))["undone"] == 1
        assert marks_shown(each, SECOND) == ["49 buckets"]
        assert each.redo(named(each, SECOND))["redone"] == 1
        assert marks_shown(each, SECOND) == []


def test_a_code_that_is_taken_off_a_part_takes_its_marked_words_along(study: Path, desk: Desk) -> None:
    at = WELL.index("month 7 the well")
    settle(desk, WELL, codes={"efficiency": "negative"}, spans=(Mark("efficiency", at, at + 16),))
    cut(desk, WELL, WELL.index("the well"))
    assert (marks_shown(desk, FIRST), marks_shown(desk, SECOND)) == (["month 7"], ["the well"])
    press_enter(desk, FIRST, codes={"efficiency": "no"}, spans=())
    assert (marks_shown(desk, FIRST), marks_shown(desk, SECOND)) == ([], ["the well"])
    press_enter(desk, SECOND, spans=(Mark("efficiency", 0, 8),))
    for each in (desk, desk_of(study)):
        assert (marks_shown(each, FIRST), marks_shown(each, SECOND)) == ([], ["the well"])


def over_the_cut(desk: Desk, *marks: Mark) -> None:
    """The excerpt with marked words over the place of a cut, cut, and both parts confirmed."""
    settle(desk, WELL, codes={"efficiency": "negative"}, spans=marks)
    cut(desk, WELL, WELL.index("the well"))
    for text in (FIRST, SECOND):
        press_enter(desk, text, spans=None)


def marks_on_parts(*desks: Desk) -> tuple[list[str], list[str]]:
    """The words shown as marked on the first and on the second part, the same at all desks."""
    shown = [(marks_shown(desk, FIRST), marks_shown(desk, SECOND)) for desk in desks]
    assert shown == [shown[0]] * len(shown)
    return shown[0]


def holding(study: Path) -> list[int]:
    return [line.seq for line in without_undone(ledger.load(study / "coded/decisions.jsonl"))]


@pytest.mark.parametrize(("text", "removed"), [(FIRST, ([], ["the well"])), (SECOND, (["month 7"], []))])
def test_undoing_the_removal_of_a_mark_over_a_cut_brings_back_exactly_what_stood(
    study: Path, desk: Desk, text: str, removed: tuple[list[str], list[str]]
) -> None:
    at = WELL.index("month 7 the well")
    over_the_cut(desk, Mark("efficiency", at, at + 16))
    whole, before = (["month 7"], ["the well"]), holding(study)
    settle(desk, text, codes={"efficiency": "negative"}, spans=())
    after = holding(study)
    assert marks_on_parts(desk, desk_of(study)) == removed
    for each in (desk, desk_of(study)):
        assert each.undo(named(each, text))["undone"] == 2  # the removal, and what stayed on the other part
        assert (marks_on_parts(each, desk_of(study)), holding(study)) == (whole, before)
        assert each.redo(named(each, text))["redone"] == 2
        assert (marks_on_parts(each, desk_of(study)), holding(study)) == (removed, after)
    desk.undo(named(desk, text))
    other = SECOND if text == FIRST else FIRST
    settle(desk, other, codes={"efficiency": "negative"}, spans=())
    assert marks_shown(desk, other) == [], "no copy comes to light"


def test_a_removal_on_one_part_is_no_answer_of_the_other_that_could_be_undone_there(study: Path, desk: Desk) -> None:
    at = WELL.index("month 7 the well")
    over_the_cut(desk, Mark("efficiency", at, at + 16))
    settle(desk, FIRST, codes={"efficiency": "negative"}, spans=())
    removal = holding(study)
    desk.undo(named(desk, SECOND))  # its confirmation
    for each in (desk, desk_of(study)):
        card = each.excerpt(named(each, SECOND))
        assert (card["own"]["settled"], card["is_recut"]) == (False, True), "it waits to be confirmed again"
    assert marks_on_parts(desk, desk_of(study)) == ([], ["the well"])
    desk.redo(named(desk, SECOND))
    assert (marks_on_parts(desk, desk_of(study)), holding(study)) == (([], ["the well"]), removal)


def test_two_marks_that_are_the_same_words_of_a_part_are_unmarked_together(study: Path, desk: Desk) -> None:
    at = WELL.index("the well")
    over_the_cut(desk, Mark("efficiency", 0, at + 3), Mark("efficiency", 0, at + 8))
    assert marks_on_parts(desk) == ([FIRST], ["the", "the well"])
    settle(desk, FIRST, codes={"efficiency": "negative"}, spans=())
    assert marks_on_parts(desk, desk_of(study)) == ([], ["the", "the well"])
    desk.undo(named(desk, FIRST))
    assert marks_on_parts(desk, desk_of(study)) == ([FIRST], ["the", "the well"])


def test_a_cut_and_a_join_are_taken_back_and_put_back(desk: Desk) -> None:
    bounds = BoundariesDesk(desk)
    line = cut(desk, WELL, 12)["line"]
    assert texts(desk, bounds.take_back(line)) == [WELL]
    assert texts(desk, bounds.put_back(line)) == ["In month 7", "the well gave 49 buckets a day."]
    card = desk.excerpt(named(desk, "In month 7"))
    joined = bounds.join(card["id"], card["sha"], tab="t1")
    assert texts(desk, joined) == [WELL]
    with pytest.raises(ConfigError, match="again since"):
        bounds.take_back(line)
    assert len(texts(desk, bounds.take_back(joined["line"]))) == 2


def press_enter(desk: Desk, text: str, **values: Any) -> dict[str, Any]:
    """Accept what is shown of an excerpt that waits, as the page sends it."""
    card = desk.excerpt(named(desk, text))
    plain: dict[str, Any] = {"codes": {}, "links": {}, "tab": "t1", "base": card["base"], "lane": Lane.STALE}
    answers = {**plain, "accepted": card["suggestion"]["cell"], **values}
    return desk.settle(Answers(excerpt_id=card["id"], text_sha256=card["sha"], **answers))


def join_again(desk: Desk) -> dict[str, Any]:
    """Join the two parts; the card of the whole."""
    first = desk.excerpt(named(desk, FIRST))
    BoundariesDesk(desk).join(first["id"], first["sha"], tab="t1")
    return desk.excerpt(named(desk, WELL))


def is_done(desk: Desk) -> bool:
    """Whether the joined excerpt waits no more, here and where the page is loaded again."""
    card = desk.excerpt(named(desk, WELL))
    return not card["is_recut"] and bool(card["own"]["settled"])


def test_parts_that_were_both_decided_need_no_confirming_where_they_agree(study: Path, desk: Desk) -> None:
    cut(desk, WELL, WELL.index("the well"))
    settle(desk, FIRST, codes={"efficiency": "negative"})
    settle(desk, SECOND)  # all other codes are no
    card = join_again(desk)
    assert card["own"]["settled"]
    assert card["own"]["codes"] == {"efficiency": "negative"}
    assert is_done(desk)
    assert is_done(desk_of(study))


def test_what_disagrees_on_joined_parts_is_open_and_enter_drops_neither_answer(study: Path, desk: Desk) -> None:
    settle(desk, WELL, codes={"efficiency": "negative", "sustainability": "negative"}, links={"F1": "supports"})
    cut(desk, WELL, WELL.index("the well"))
    press_enter(desk, FIRST)
    press_enter(
        desk, SECOND, codes={"efficiency": "no", "sustainability": "no", "learning": "positive"}, links={"F1": "no"}
    )
    suggestion = join_again(desk)["suggestion"]
    assert [(code["code"], code["stance"]) for code in suggestion["codes"]] == [("learning", "positive")]
    assert suggestion["doubtful"] == ["efficiency", "sustainability"]
    assert suggestion["open"] == [
        {"kind": "code", "id": "efficiency", "answers": ["negative", "no"]},
        {"kind": "code", "id": "sustainability", "answers": ["negative", "no"]},
        {"kind": "link", "id": "F1", "answers": ["supports", "no"]},
    ]
    assert suggestion["links"] == [{"finding": "F1", "direction": "not_told"}]
    assert press_enter(desk, WELL)["seq"]
    for each in (desk, desk_of(study)):
        assert is_done(each)
        own = each.excerpt(named(each, WELL))["own"]
        assert own["codes"] == {"efficiency": "negative", "sustainability": "negative", "learning": "positive"}
    settle(
        desk, WELL, codes={"efficiency": "no", "sustainability": "negative", "learning": "positive"}, links={"F1": "no"}
    )
    assert desk.excerpt(named(desk, WELL))["own"]["codes"]["efficiency"] == "no"


def test_confirming_the_answer_that_a_joined_excerpt_had_before_is_written(study: Path, desk: Desk) -> None:
    settle(desk, WELL, codes={"efficiency": "negative"})
    cut(desk, WELL, WELL.index("the well"))
    settle(desk, FIRST, codes={"efficiency": "no"})
    settle(desk, SECOND, codes={"efficiency": "negative"})
    join_again(desk)
    assert press_enter(desk, WELL, codes={"efficiency": "negative"})["seq"]
    for each in (desk, desk_of(study)):
        assert is_done(each)
        assert each.excerpt(named(each, WELL))["own"]["codes"] == {"efficiency": "negative"}
    assert not press_enter(desk, WELL, accepted="", codes={"efficiency": "negative"}, is_rest_no=True)["seq"]


def test_what_both_parts_say_since_takes_the_place_of_the_answer_on_the_whole_with_one_enter(
    study: Path, desk: Desk
) -> None:
    settle(desk, WELL, codes={"efficiency": "negative"}, links={"F1": "supports"})
    cut(desk, WELL, WELL.index("the well"))
    for part in (FIRST, SECOND):
        settle(desk, part, links={"F1": "no"})
    card = join_again(desk)
    assert [(code["code"], code["stance"]) for code in card["suggestion"]["codes"]] == [("efficiency", "no")]
    assert card["suggestion"]["links"] == [{"finding": "F1", "direction": "no"}]
    assert press_enter(desk, WELL)["seq"]
    for each in (desk, desk_of(study)):
        assert is_done(each)
        own = each.excerpt(named(each, WELL))["own"]
        assert (own["codes"], own["links"]) == ({"efficiency": "no"}, {"F1": "no"})
    assert not desk.ledger.whole_state().unconfirmed


def test_enter_that_would_decide_nothing_of_what_waits_is_refused(desk: Desk) -> None:
    cut(desk, WELL, WELL.index("the well"))
    for part, word in ((FIRST, "negative"), (SECOND, "no")):
        settle(desk, part, codes={"efficiency": word}, is_rest_no=False)
    join_again(desk)
    with pytest.raises(ConfigError, match="decides nothing"):
        press_enter(desk, WELL)
    assert desk.excerpt(named(desk, WELL))["is_recut"]


def test_a_place_within_a_word_is_moved_to_the_nearest_gap_and_the_answer_says_so(desk: Desk) -> None:
    answer = cut(desk, WELL, WELL.index("month") + 2)
    assert answer["is_moved"]
    assert texts(desk, answer)[0] == "In"


@pytest.mark.parametrize("at", [0, len(WELL), len(WELL) + 5])
def test_a_cut_at_the_edge_is_refused(desk: Desk, at: int) -> None:
    with pytest.raises(ConfigError, match="one part empty"):
        cut(desk, WELL, at)


def test_the_last_excerpt_of_a_turn_is_joined_with_nothing(desk: Desk) -> None:
    card = desk.excerpt(named(desk, WELL))
    assert not card["can_join"]
    with pytest.raises(ConfigError, match="last excerpt of its turn"):
        BoundariesDesk(desk).join(card["id"], card["sha"], tab="t1")


def test_the_excerpts_of_an_open_round_are_left_as_they_are(desk: Desk) -> None:
    desk.start_round(RoundOrder(name="week 1", coders=("ana",), size=len(desk.study.ranking.by_chance), shows="blind"))
    with pytest.raises(ConfigError, match="week 1"):
        cut(desk, WELL, 12)


def test_somebody_else_s_cut_reaches_a_page_that_is_open(study: Path, desk: Desk) -> None:
    other = desk_of(study, "leo")
    before = other.look_for_new_run()
    cut(desk, WELL, 12)
    card = other.excerpt(named(other, WELL))  # not seen yet
    assert other.look_for_new_run() != before
    assert named(other, "In month 7")
    with pytest.raises(WordsChangedError):
        BoundariesDesk(other).cut(card["id"], card["sha"], at=12, tab="")


def click_before(page: Any, word: str) -> None:
    """Click in the words of the excerpt, just before one of them."""
    box = page.evaluate(
        """(word) => {
          const walker = document.createTreeWalker(document.querySelector("#words"), NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { left, top, height } = range.getBoundingClientRect();
            return { x: left + 1, y: top + height / 2 };
          }
        }""",
        word,
    )
    page.mouse.click(box["x"], box["y"])


@needs_chromium
def test_an_excerpt_is_cut_joined_undone_and_redone_by_mouse_and_by_key(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    look_up(page, '"49 buckets"')
    until(lambda: words(page) == WELL)
    click_before(page, "the well")
    page.click("#cut")
    until(lambda: words(page) == "In month 7")
    assert page.locator("#notice").inner_text().startswith("Cut in two.")
    page.keyboard.press("j")
    until(lambda: words(page) == "the well gave 49 buckets a day.")
    page.keyboard.press("u")
    until(lambda: words(page) == WELL)
    page.keyboard.press("U")
    until(lambda: words(page) == "In month 7")
    page.keyboard.press("t")
    until(lambda: words(page) == WELL)
    page.keyboard.press("e")  # no place was clicked: it is chosen by key
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    until(lambda: words(page) == "In month")
    page.keyboard.press("u")
    until(lambda: words(page) == WELL)
    page.keyboard.press("e")  # and by a click after that
    click_before(page, "gave")
    until(lambda: page.evaluate("getSelection().toString()") == "gave")
    page.keyboard.press("e")
    until(lambda: words(page) == "In month 7 the well")
    until(lambda: saved(page))
    lines = [line for line in lines_of(study, "ana") if line.parts]
    assert [line.value for line in lines] == ["cut", "join", "cut", "cut"]
    counted = page.evaluate("""async () => {
        const { withNewBounds } = await import('/static/bounds.js');
        const item = (id, nth, among) => ({ id, source: 'well', nth, among });
        const queue = [item('a', 1, 3), item('b', 2, 3), item('c', 3, 3), { ...item('d', 1, 1), source: 'jo' }];
        const after = withNewBounds(queue, { gone: ['b'], items: [item('b1', 2, 4), item('b2', 3, 4)] });
        return after.map(({ id, nth, among }) => `${id} ${nth} of ${among}`);
    }""")
    assert counted == ["a 1 of 4", "b1 2 of 4", "b2 3 of 4", "c 4 of 4", "d 1 of 1"]


@needs_chromium
def test_a_page_that_still_shows_an_excerpt_which_was_cut_elsewhere_goes_on_with_its_parts(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    other = page.context.new_page()
    other.goto(f"http://127.0.0.1:{running.port}/")
    other.wait_for_selector("#words")
    whole = words(page)
    click_before(other, whole.split()[2])
    other.click("#cut")
    until(lambda: words(other) != whole)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    until(
        lambda: page.locator("#notice").inner_text().startswith("This excerpt was cut, joined or corrected elsewhere.")
    )
    until(lambda: words(page) != whole)
    shown = page.locator(".queue button > span:first-child").all_inner_texts()
    assert page.locator(".queue .done").count() == 0, "nothing was decided"
    assert {line.kind for line in lines_of(study, "ana")} == {"excerpt"}
    in_front = page.locator('.queue [aria-current="true"] > span:first-child').inner_text()
    assert in_front in shown
    assert words(page).startswith(in_front.partition(" · ")[2].rstrip("…")[:20])


@needs_chromium
def test_a_decision_before_the_cut_is_shown_to_be_confirmed_in_spanish(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.click("#language")
    look_up(page, '"49 buckets"')
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    until(lambda: any(line.criterion for line in lines_of(study, "ana")))
    page.keyboard.press("b")
    look_up(page, '"49 buckets"')
    until(lambda: words(page) == WELL)
    click_before(page, "the well")
    page.keyboard.press("e")
    until(lambda: words(page) == "In month 7")
    assert "por confirmar" in page.locator(".suggestion").inner_text()
    assert page.locator("#join").inner_text().startswith("Unir con el siguiente")
    page.keyboard.press("Enter")
    until(lambda: words(page) == "the well gave 49 buckets a day.")
