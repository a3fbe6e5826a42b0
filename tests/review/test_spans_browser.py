"""Marking words on the review page in a real browser: by mouse, by keyboard, on a phone, and in Spanish."""

import tomllib
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
    assert page.locator("#notice").inner_text().startswith("With the keyboard")
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
    page.evaluate(SELECT, [0, 4])
    page.keyboard.press("2")  # a code that is pressed while words are selected is carried by them
    assert page.locator(".spans li").count() == 2
    page.evaluate(SELECT, [1, 5])
    page.locator('.code[data-kind="code"]').nth(2).click()
    assert page.locator(".spans li").count() == 3
    page.evaluate(SELECT, [0, 3])
    page.keyboard.press("w")
    page.keyboard.press("w")  # no words are selected: they are chosen
    assert "With the keyboard" in page.locator("#notice").inner_text()
    page.evaluate(SELECT, [2, 8])
    page.dispatch_event("#words", "mouseup")
    page.wait_for_timeout(50)
    before = page.evaluate("getSelection().toString()")
    page.keyboard.press("w")
    assert f"“{before.strip()}”" in page.locator(".spans ul").inner_text()
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


THEORY = """
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
name.en = "Healthy children"
name.es = "Niños sanos"
code = "effectiveness"

[[elements]]
id = "lasting"
kind = "impact"
name.en = "Water that lasts"
name.es = "Agua que dura"
code = "sustainability"
"""
ALSO_SUGGESTED = {"influence": "health", "consequence": "lasting", "cue": "thanks to"}


def suggest_a_path(route: Any) -> None:
    """Let the program suggest one path on the first excerpts; the small study has no words of cause."""
    answer = route.fetch()
    content = answer.json()
    for each in content["excerpts"]:
        if each["suggestion"]:
            each["suggestion"]["paths"] = [ALSO_SUGGESTED]
    route.fulfill(response=answer, json=content)


def path_rows(page: Any) -> list[tuple[str, str, str]]:
    """Of every path on the page: by whom, between what, and the answer that is pressed."""
    rows = page.locator(".paths li").all()
    pressed = [row.locator('[aria-pressed="true"]').all_inner_texts() for row in rows]
    return [
        (str(row.get_attribute("class")), str(row.get_attribute("data-path")), "".join(each))
        for row, each in zip(rows, pressed, strict=True)
    ]


def memos(study: Path) -> list[str]:
    return [line.note for line in lines_of(study, "ana") if line.note and not line.change]


def test_elements_are_added_and_causal_paths_marked_confirmed_rejected_refused_and_undone(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    add_elements(study, page)
    (study / "coded" / "theory_of_change.toml").write_text(THEORY, "utf-8")
    mark_paths(study, page)


def add_elements(study: Path, page: Any) -> None:
    """The first two elements of a study, named while the path between them is marked, and taken back."""
    theory = study / "coded" / "theory_of_change.toml"

    def name_an_element(name: str) -> None:
        page.keyboard.type(name)
        assert page.locator("#dialog .options button").all_inner_texts()[-1].startswith(f"New element: {name}")
        page.keyboard.press("Enter")
        page.wait_for_selector("#element-name")
        assert page.input_value("#element-name") == name

    page.keyboard.press("2")
    page.keyboard.press("y")
    assert page.locator("#dialog .options").inner_text().startswith("There is no theory of change yet")
    name_an_element("Tap water")
    assert page.locator("#element-code option").first.get_attribute("value") == "effectiveness"
    page.select_option("#element-kind", "activity")
    page.keyboard.press("Enter")
    page.wait_for_selector('#dialog h2:has-text("“Tap water” led to")')
    assert page.locator("#notice").inner_text().startswith("Added to the theory of change: Tap water.")
    page.keyboard.type("tap water")
    assert page.locator("#dialog .options").inner_text() == "An element does not lead to itself: type another one."
    page.locator("#dialog input").fill("")
    name_an_element("Health")
    page.click("#do-change")
    page.wait_for_selector('.paths [data-path="tap_water health"]')
    entries = tomllib.loads(theory.read_text("utf-8"))["elements"]
    assert [(entry["id"], entry["kind"], entry["code"]) for entry in entries] == [
        ("tap_water", "activity", "effectiveness"),
        ("health", "outcome", "effectiveness"),
    ]
    page.click('.paths [data-path="tap_water health"] button:has-text("×")')
    page.keyboard.press("o")
    page.wait_for_selector("#codebook-undo")
    page.keyboard.press("5")  # the elements of the theory
    rows = page.locator("#theory tbody tr")
    until(lambda: rows.count() == 2)
    assert rows.first.inner_text().split("\t") == ["Tap water", "activity", "Effectiveness", ""]
    page.click("#new-element")
    page.fill("#element-name", "Clean water")
    page.fill("#why", "missing")
    page.keyboard.press("Enter")
    until(lambda: rows.count() == 3)
    for left, name in ((2, "Clean water"), (1, "Health"), (0, "Tap water")):
        page.keyboard.press("u")
        until(lambda name=name: page.locator("#notice").inner_text().startswith(f"Undone: new element · {name}"))
        until(lambda left=left: rows.count() == left)
    assert theory.read_text("utf-8") == ""
    page.keyboard.press("o")
    page.wait_for_selector(".reading")
    page.keyboard.press("2")
    page.keyboard.press("2")


def mark_paths(study: Path, page: Any) -> None:
    page.route("**/api/start", suggest_a_path)
    page.reload()
    page.wait_for_selector(".paths li.suggested")
    first = words(page)
    assert path_rows(page) == [("suggested", "health lasting", "")]
    assert "◇ Suggested by its words" in page.locator(".paths li").inner_text()

    page.keyboard.press("y")  # by key: what is suggested comes first, then what is drawn
    page.wait_for_selector("#dialog input")
    page.keyboard.type("pump")
    page.keyboard.press("Enter")
    page.wait_for_selector("#dialog input")
    assert "A pump" in page.locator("#dialog h2").inner_text()
    assert page.locator("#dialog .options button").all_inner_texts()[0].startswith("Healthy children")
    page.keyboard.press("Enter")
    assert path_rows(page) == [("marked", "pump health", "Says so"), ("suggested", "health lasting", "")]
    page.click('.paths li.suggested button:has-text("Does not say so")')
    assert path_rows(page) == [("marked", "pump health", "Says so"), ("marked", "health lasting", "Does not say so")]
    assert page.input_value("#memo") == "pump -> health\nhealth -/-> lasting"

    page.fill("#memo", "look again\npump -> health\nhealth -/-> lasting\nwell -> health")
    assert page.locator(".paths .unknown").inner_text().startswith("well is not an element")
    page.fill("#memo", "pump -> health; health -/-> lasting")
    page.keyboard.press("Escape")

    page.keyboard.press("1")
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    assert memos(study) == ["pump -> health; health -/-> lasting"]
    page.keyboard.press("k")
    until(lambda: words(page) == first)
    page.click('.paths [data-path="health lasting"] button:has-text("×")')
    page.click('.paths [data-path="pump health"] button:has-text("×")')
    assert page.locator("#notice").inner_text().startswith("The memo was saved with this path")
    assert path_rows(page)[0] == ("marked", "pump health", "Says so")
    page.click('.paths [data-path="pump health"] button:has-text("Does not say so")')
    page.keyboard.press("Enter")
    until(lambda: len(memos(study)) == 2 and saved(page))
    assert memos(study)[-1] == "pump -/-> health"
    page.keyboard.press("u")
    until(lambda: str(lines_of(study, "ana")[-1].kind) == "undo")

    page.click("#language")
    page.wait_for_selector('.paths:has-text("Una bomba")')
    assert "Marcar un camino causal" in page.locator("#path").inner_text()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
