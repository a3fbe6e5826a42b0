"""Marking words on the review page in a real browser: by mouse, by keyboard, on a phone, and in Spanish."""

from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import Open, Running, lines_of, press_and_wait_for_the_next, saved, until, words

pytestmark = needs_chromium

SELECT = """([from, to]) => {
    const letters = [];
    const walker = document.createTreeWalker(document.querySelector('#words'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (let i = 0; i < node.data.length; i += 1) letters.push([node, i]);
    const range = document.createRange();
    range.setStart(...letters[from]);
    range.setEnd(letters[to - 1][0], letters[to - 1][1] + 1);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


def marked(study: Path) -> list[tuple[str, int, int]]:
    spans = [line for line in lines_of(study, "ana") if line.span]
    return [(line.criterion, line.span.start, line.span.end) for line in spans if line.span]


def carried(page: Any) -> str:
    return "|".join(page.locator(".carries").all_inner_texts())


def test_words_are_marked_by_mouse_saved_undone_and_put_back(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    first = words(page)
    page.keyboard.press("1")
    box = page.locator("#words").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 16)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 16, steps=4)
    page.mouse.up()
    chosen = page.evaluate("getSelection().toString()").strip()
    page.click("#mark")
    assert carried(page) == chosen
    assert page.locator(".spans li").count() == 1
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    (code, start, end) = marked(study)[0]
    assert (code, first[start:end]) == ("efficiency", chosen)
    page.keyboard.press("u")
    until(lambda: words(page) == first)
    assert str(lines_of(study, "ana")[-1].kind) == "undo"
    page.keyboard.press("U")
    until(lambda: page.locator(".settled").count() == 1)
    assert carried(page) == chosen
    assert [str(line.kind) for line in lines_of(study, "ana")][-2:] == ["undo", "undo"]
    page.keyboard.press("U")
    until(lambda: page.locator("#notice").inner_text() == "nothing to redo")


def test_words_are_marked_by_keyboard_alone(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    first = words(page).split()
    page.keyboard.press("2")
    page.keyboard.press("w")
    assert page.locator("#notice").inner_text().startswith("By key")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("getSelection().toString()") == " ".join(first[1:3])
    page.keyboard.press("Enter")
    assert carried(page) == " ".join(first[1:3])
    page.keyboard.press("w")
    page.keyboard.press("Escape")
    assert page.locator(".spans li").count() == 1
    page.keyboard.press("w")
    page.keyboard.press("w")
    assert page.locator(".spans li").count() == 2
    page.keyboard.press("w")
    page.keyboard.press("w")  # the same words again: no longer
    assert carried(page) == " ".join(first[1:3])
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    assert len(marked(study)) == 1


def test_without_a_code_the_page_asks_which_one_the_words_carry(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    while page.locator(".code.suggested, .code.own").count():
        page.keyboard.press("j")
        page.wait_for_timeout(100)
    page.evaluate(SELECT, [0, 6])
    page.keyboard.press("w")
    page.wait_for_selector("#dialog input")
    assert "Which code" in page.locator("#dialog h2").inner_text()
    page.keyboard.type("learn")
    page.keyboard.press("Enter")
    assert page.locator('.spans li[data-code="learning"]').count() == 1
    assert page.locator('.code.own[data-id="learning"]').get_attribute("data-value") == "yes"


def test_spans_overlap_and_go_with_their_code_and_a_reload_shows_them(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    text = words(page)
    for key, stretch in (("1", (0, 9)), ("2", (5, 14)), ("2", (20, 26))):
        if key != "2" or not page.locator(".spans li").count() > 1:
            page.keyboard.press(key)
        page.evaluate(SELECT, list(stretch))
        page.keyboard.press("w")
    assert page.locator(".spans li").count() == 3
    page.keyboard.press("1")  # no to the first code: what it carried is gone
    assert page.locator(".spans li").count() == 2
    page.keyboard.press("1")
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    page.reload()
    page.wait_for_selector(".reading")
    page.keyboard.press("k")
    until(lambda: words(page) == text)
    assert page.locator(".spans li").count() >= 2
    assert len(carried(page)) > 10


@pytest.mark.parametrize("language", ["en", "es"])
def test_on_a_phone_words_are_marked_without_a_scroll_to_the_side(
    language: str, running: Running, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(running.address, width=390, height=844)
    if language == "es":
        page.click("#language")
    page.locator(".code").first.click()
    page.evaluate(SELECT, [0, 12])
    button = page.locator("#mark")
    assert button.inner_text().startswith("Mark" if language == "en" else "Marcar")
    button.click()
    assert page.locator(".carries").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert (
        page.locator(".spans li button")
        .first.get_attribute("aria-label")
        .startswith(page.locator(".spans li strong").first.inner_text())
    )
    page.screenshot(path=tmp_path / f"phone-{language}.png", full_page=True)
