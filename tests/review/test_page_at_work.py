"""What the page shows of an excerpt and of the progress, and what goes on around it while somebody codes."""

from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import (
    Open,
    Running,
    desk_of,
    lines_of,
    look_up,
    press_and_wait_for_the_next,
    saved,
    start,
    until,
    words,
)
from studies import NOW, quiet

from pipeline.registers.corrections import NAME as CORRECTIONS
from pipeline.review.web import desk as desks
from pipeline.review.web.search.desk import SearchDesk
from pipeline.steps import review_page
from pipeline.steps.analyze import analyze

SIZES = """() => [...document.querySelectorAll('.settle *')]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
    .map((e) => [parseFloat(getComputedStyle(e).fontSize), Boolean(e.closest('#words'))])"""


@needs_chromium
def test_the_excerpt_is_the_largest_text_and_the_matched_words_name_their_pattern(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    look_up(page, '"too expensive"')
    until(lambda: page.locator("#words mark").count())
    assert page.locator("#words mark").first.get_attribute("title") == "pattern too-expensive"
    assert "pattern too-expensive on “too expensive”" in page.locator(".suggestion").inner_text()
    sizes = page.evaluate(SIZES)
    assert min(size for size, is_words in sizes if is_words) > max(size for size, is_words in sizes if not is_words)


def test_an_excerpt_comes_with_two_neighbours_on_each_side_and_who_speaks(study: Path) -> None:
    desk = desk_of(study)
    name = SearchDesk(desk).find('"month 30 "', is_whole=False)["hits"][0]["id"]
    card = desk.excerpt(name)
    assert [len(card[side]) for side in ("before", "after")] == [2, 2]
    assert [near["role"] for near in card["before"]] == ["respondent", "interviewer"]
    assert card["before"][1]["text"] == card["question"] == "What changed in month 30?"


@needs_chromium
def test_excerpts_with_the_same_words_are_settled_together_only_on_asking(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    look_up(page, '"pays its share"')
    until(lambda: page.locator(".alike").count())
    assert "2 more with the same words" in page.locator(".alike").inner_text()
    press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    assert len([line for line in lines_of(study, "ana") if line.kind == "reviewed"]) == 1
    page.keyboard.press("1")
    page.keyboard.press("a")
    until(lambda: "will be coded together" in page.locator(".alike").inner_text())
    page.keyboard.press("Enter")
    until(lambda: len({line.excerpt_id for line in lines_of(study, "ana") if line.kind == "code"}) == 3)


def test_the_expected_recall_comes_with_its_interval_and_a_rule_to_stop(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = desk_of(study).start()["study"]["recall"]
    assert 0 <= expected["low"] <= expected["value"] <= expected["high"] <= 100
    assert expected["may_stop"] == (expected["low"] >= 90)
    monkeypatch.setattr(desks, "STOP_AT", expected["low"] / 100 - 0.01)
    assert desk_of(study).start()["study"]["recall"]["may_stop"]


@needs_chromium
def test_progress_pace_and_expected_recall_are_shown(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    for _ in range(4):
        press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    foot = page.locator("#foot").inner_text()
    for part in ("4 of ", "4 decided today, 4 in all", "per hour", "% of the true codings found"):
        assert part in foot


@needs_chromium
@pytest.mark.parametrize(("key", "field"), [("p", "value"), ("i", "criterion")])
def test_a_memo_on_a_person_or_a_code_is_saved_when_its_box_is_left(
    key: str, field: str, study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    if key == "p":
        look_up(page, "source:well")
        page.keyboard.press("p")
        until(lambda: "not in the register" in page.locator("#notice").inner_text())
        page.keyboard.press("b")
    look_up(page, "source:rosa")
    page.keyboard.press("1")
    page.keyboard.press(key)
    page.locator("#dialog textarea").focus()
    page.keyboard.type("ask again")
    page.keyboard.press("Escape")
    until(lambda: lines_of(study, "ana"))
    (line,) = lines_of(study, "ana")
    assert (str(line.kind), line.note) == ("memo", "ask again")
    assert getattr(line, field)
    assert page.locator("#dialog").is_hidden()


def in_queue(page: Any) -> int:
    return int(page.locator("#foot").inner_text().split("\n")[0].split()[-1])


@needs_chromium
def test_the_study_can_be_analysed_while_the_page_is_open_and_the_page_notices_also_what_was_corrected(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    before, total = words(page), in_queue(page)
    (study / CORRECTIONS).write_text("source,words,corrected,new_speaker\nrosa,¿Cómo era antes?,,Rosa Luna\n", "utf-8")
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    until(lambda: "again: queue and suggestions are up to date" in page.locator("#notice").inner_text())
    assert (words(page), in_queue(page)) == (before, total + 1)
    press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    assert len({line.excerpt_id for line in lines_of(study, "ana")}) == 2
    the_interviews_stay_in_order_after_a_run(study, page)


def the_interviews_stay_in_order_after_a_run(study: Path, page: Any) -> None:
    page.focus("#order")
    page.select_option("#order", "speech")
    until(lambda: page.locator("#main:focus").count() == 1)  # the queue is there
    for key in ("j", "j", "j", "j", "x"):  # past the turn that this run takes out
        before = words(page)
        page.keyboard.press(key)
        until(lambda before=before: words(page) != before)
    until(lambda: saved(page))
    (study / CORRECTIONS).unlink()
    page.evaluate("document.querySelector('#notice').textContent = ''")
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    until(lambda: "again: queue and suggestions are up to date" in page.locator("#notice").inner_text())
    order = [card["id"] for card in desk_of(study).queue(is_in_order=True)]
    assert in_queue(page) == len(order)
    now = next(
        name
        for name in order
        if " ".join(desk_of(study).excerpt(name)["text"].split()) == " ".join(words(page).split())
    )
    assert page.locator("#place").inner_text().strip() == f"{order.index(now) + 1} of {len(order)}"


@needs_chromium
def test_the_focus_is_visible_and_every_control_can_be_reached(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.id || ''"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid" or page.evaluate("document.activeElement.matches('body, main')")
    assert {"accept", "none", "rest", "later", "undo", "memo", "language", "whole", "efficiency"} <= reached


@needs_chromium
def test_a_screen_reader_is_read_the_excerpt_in_front_and_what_became_of_it(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    now = page.locator("#now")
    assert now.get_attribute("aria-live") == page.locator("#notice").get_attribute("aria-live") == "polite"
    before = words(page)
    assert " ".join(before.split()) in " ".join(now.inner_text().split())
    press_and_wait_for_the_next(page, "x")
    until(lambda: words(page) != before)
    assert " ".join(words(page).split()) in " ".join(now.inner_text().split())


def test_the_browser_is_opened_at_the_address_unless_it_is_not_wanted(
    analysed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(review_page.webbrowser, "open", opened.append)
    monkeypatch.setattr(review_page.uvicorn.Server, "run", lambda _, sockets: [each.close() for each in sockets])
    lines: list[str] = []
    for opens_browser in (True, False):
        review_page.serve(analysed, "ana", port=0, opens_browser=opens_browser, tell=lines.append)
    assert len(opened) == 1
    assert opened[0].startswith("http://127.0.0.1:")
    assert opened[0] in lines[0]


def served(program: Running) -> str:
    """All that a page program has printed, once it has ended."""
    program.process.terminate()
    assert program.process.stdout
    output = program.process.stdout.read()
    program.stop()
    return output


@needs_chromium
def test_no_request_and_no_word_is_logged(study: Path, open_page: Open) -> None:
    program = start(study, "ana")
    page = open_page(program.address)
    press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    assert served(program).splitlines() == [
        "It opens once. Stop with Ctrl-C; every decision shown as saved is on disk."
    ]
