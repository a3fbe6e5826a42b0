"""The review page for somebody who codes all day: nothing moves under their eyes, nothing is cut off, no key is dead."""

from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import (
    Open,
    Running,
    desk_of,
    go_on_until,
    lines_of,
    look_up,
    press_and_wait_for_the_next,
    saved,
    start,
    to_one_without_a_suggestion,
    until,
    words,
)

from pipeline.codebook import load_codebook

pytestmark = needs_chromium

TOPS = "() => [...document.querySelectorAll('.code, #memo, #form-foot button')].map((e) => [e.dataset.id ?? e.id, e.offsetTop])"
CUT_OFF = """(selector) => [...document.querySelectorAll(selector)].filter(
    (e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map((e) => e.innerText)"""
FAINT = """() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255).map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const over = (top, below) => { const a = top[3] ?? 1; return [0, 1, 2].map((at) => top[at] * a + below[at] * (1 - a)); };
  const ground = (e) => { const own = parts(getComputedStyle(e).backgroundColor); const a = own[3] ?? 1;
    return a === 1 ? own : e.parentElement ? over(own, ground(e.parentElement)) : [255, 255, 255]; };
  const says = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility();
  return [...document.body.querySelectorAll('*')].filter(says).map((e) => {
    const back = ground(e), [a, b] = [light(over(parts(getComputedStyle(e).color), back)), light(back)].sort((x, y) => y - x);
    return [e.innerText.slice(0, 40), Math.round(100 * (a + .05) / (b + .05)) / 100];
  }).filter(([, contrast]) => contrast < 4.5);
}"""


def to_a_suggested_finding(page: Any) -> None:
    """Go on to the first excerpt with a suggested finding."""
    go_on_until(page, lambda: page.locator('.code.suggested[data-kind="link"]').count())


def test_rows_and_buttons_stay_where_they_are_when_a_code_is_chosen(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.keyboard.press("3")
    before = page.evaluate(TOPS)
    for key in ("1", "-", "2", "=", "2", "0"):
        page.keyboard.press(key)
        assert page.evaluate(TOPS) == before, key


def test_a_notice_moves_nothing(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    to_one_without_a_suggestion(page)
    before = page.locator("#words").bounding_box()
    header, main = page.locator("header").bounding_box(), page.locator("main").bounding_box()
    assert main["y"] == header["y"] + header["height"]
    page.keyboard.press("=")
    assert page.locator("#notice").inner_text()
    assert page.locator("#words").bounding_box() == before
    assert page.locator("#notice").bounding_box()["y"] > 400


def test_a_suggested_finding_is_shown_with_its_whole_statement_beside_the_criteria(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    to_a_suggested_finding(page)
    assert page.evaluate(CUT_OFF, '.code[data-kind="link"] .definition, .suggestion li, .suggestion li *') == []
    ids = page.evaluate("() => [...document.querySelectorAll('.code')].map((e) => e.dataset.kind)")
    assert ids == sorted(ids), "codes in one place, findings below them"


def test_arrow_keys_choose_a_row_and_leave_it_as_it_is(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    rows = page.locator(".code")
    values = rows.evaluate_all("(all) => all.map((e) => e.dataset.value)")
    page.keyboard.press("ArrowUp")
    assert "touched" in rows.last.get_attribute("class")
    page.keyboard.press("ArrowDown")
    assert "touched" in rows.first.get_attribute("class")
    assert rows.evaluate_all("(all) => all.map((e) => e.dataset.value)") == values
    page.keyboard.press("-")
    assert rows.first.get_attribute("data-value") == "negative"
    page.keyboard.press("Space")
    assert rows.first.get_attribute("data-value") == "no"


def test_the_words_and_keys_for_a_stance_are_shown_with_the_definition_of_the_row(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("1")
    chosen = page.locator("#chosen")
    assert "How well money" in chosen.inner_text()
    assert chosen.locator("kbd").all_inner_texts() == ["+", "-", "=", "0"]
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    assert [b.split() for b in chosen.locator("button").all_inner_texts()] == [
        ["supports", "+"],
        ["contradicts", "-"],
        ["qualifies", "="],
        ["no", "0"],
    ]


def test_who_reads_interview_by_interview_keeps_the_place_and_a_click_takes_no_answer_away(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    items = desk_of(study).queue(is_in_order=True)
    texts = [" ".join(desk_of(study).excerpt(item["id"])["text"].split()) for item in items[:4]]
    page.select_option("#order", "speech")
    for text in texts[:2]:
        until(lambda text=text: " ".join(words(page).split()) == text)
        page.keyboard.press("j")
    until(lambda: page.locator("#place").inner_text().strip() == f"3 of {len(items)}")
    page.reload()
    until(lambda: page.locator("#words").count() == 1 and " ".join(words(page).split()) == texts[2])
    row = page.locator('.code[data-kind="code"][data-value=""]').first
    code = row.get_attribute("data-id")
    for _ in range(2):
        page.click(f'.code[data-id="{code}"]')
        assert page.locator(f'.code[data-id="{code}"]').get_attribute("data-value") == "yes"
    page.keyboard.press("c")
    page.keyboard.type("learning")
    page.keyboard.press("Enter")
    assert page.locator(".rows h3.family").all_inner_texts() == ["Criteria", "Learning"]
    page.click("#accept")
    until(lambda: saved(page) and " ".join(words(page).split()) == texts[3])
    count = len(lines_of(study, "ana"))
    page.evaluate(
        "() => { for (const name of ['undo', 'redo']) document.getElementById(name).click(); }"
    )  # the second at once
    until(lambda: len(lines_of(study, "ana")) == count + 2)


def test_what_enter_says_of_the_other_codes_and_how_many_are_not_shown_is_always_written(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    codes = load_codebook(study / "coded/codebook.toml").ids
    for _ in range(12):
        line = page.locator("#undecided").inner_text()
        assert "leaves undecided" in line or "says no to all other codes" in line
        hidden = len(codes) - page.locator(".code[data-kind=code], .form .chips button").count()
        hint = page.locator(".form h2 small").all_inner_texts()
        assert [each.strip().lower() for each in hint] == ([f"{hidden} not shown"] if hidden else [])
        before = words(page)
        page.keyboard.press("j")
        until(lambda before=before: words(page) != before)


def test_a_list_of_codes_leaves_the_excerpt_in_view(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    for key in ("c", "f", "i"):
        page.keyboard.press(key)
        box, text = page.locator("#dialog").bounding_box(), page.locator("#words").bounding_box()
        assert box["x"] >= text["x"] + text["width"]
        page.keyboard.press("Escape")


def test_undo_after_later_brings_the_excerpt_back_and_takes_no_decision_away(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    press_and_wait_for_the_next(page, "x")
    second = words(page)
    page.keyboard.press("l")
    until(lambda: words(page) != second)
    until(lambda: "end of the queue" in page.locator("#saved").inner_text())
    page.keyboard.press("u")
    until(lambda: words(page) == second)
    assert [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed", "later", "undo"]
    assert page.locator("#foot").inner_text().startswith("1 of ")
    put_back = desk_of(study).queue()[0]
    assert put_back["start"][:20] in " ".join(second.split())


def test_neighbours_show_who_speaks_and_to_which_question_a_survey_answer_belongs(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    look_up(page, "source:rosa bomba")
    until(lambda: "bomba" in words(page))
    near = page.locator(".near").all_inner_texts()
    tito = next(text for text in near if "Cuando se rompa" in text)
    assert tito.startswith("P-")
    assert "Ana Rey" not in "".join(near)
    assert page.locator(".near.interviewer, .question").count()
    page.keyboard.press("b")
    look_up(page, "repuestos bomba not source:rosa")
    until(lambda: page.locator(".closed").count())
    assert page.locator(".question").inner_text() == "¿Qué falta?"
    assert page.locator(".near").inner_text().startswith("¿Qué cambió con el agua?")


def test_the_transcript_opens_and_closes_with_g_and_names_what_it_is(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    for query, name in (("source:well", "Transcript"), ("source:report", "Document"), ("sucia", "All answers")):
        look_up(page, query)
        until(lambda name=name: page.locator("#whole").inner_text().startswith(name))
        page.keyboard.press("g")
        page.wait_for_selector("#drawer .here")
        assert page.locator("#drawer h2").inner_text().startswith(f"{name}: ")
        page.keyboard.press("g")
        assert page.locator("#drawer").is_hidden()
        page.keyboard.press("b")
        until(lambda: page.locator("#back").count() == 0)


def test_enter_in_the_search_reviews_what_was_found_and_a_code_may_be_named_in_any_way(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("/")
    counts = []
    for query in ("code:sustainability", "code:Sustainability", "CODE:SUSTAINABILITY"):
        page.fill("#query", "")
        page.keyboard.type(query)
        until(lambda: page.locator("#count").count())
        counts.append(page.locator("#count").inner_text())
        page.fill("#query", "")
        until(lambda: page.locator("#count").count() == 0)
    assert len(set(counts)) == 1
    assert not counts[0].startswith("0")
    page.keyboard.type("code:sustainability")
    page.wait_for_selector("#count")
    page.keyboard.press("Enter")
    page.wait_for_selector("#back")


def test_the_search_explains_itself_with_a_code_a_finding_and_the_coder_of_the_study(
    study: Path, running: Running, open_page: Open
) -> None:
    card = desk_of(study).start()["study"]
    page = open_page(running.address)
    page.keyboard.press("/")
    page.click("#drawer summary")
    terms = page.locator("#drawer dt code").all_inner_texts()
    code = card["codes"][0]["name"]["en"]
    assert terms[1] == f"code:{code}"
    assert terms[2].startswith("family:")
    assert terms[6] == f"by:{card['coder']}"
    assert terms[8] == f"finding:{card['findings'][0]['id']} strength:weak"
    page.click("#drawer summary")
    terms_are_picked_and_families_crossed(page, code)


def terms_are_picked_and_families_crossed(page: Any, code: str) -> None:
    """Lists write the search; what it finds is counted by two sides, and a press on a cell shows its excerpts."""
    page.wait_for_selector("#pick-code")
    page.select_option("#pick-code", label=code)
    page.select_option("#joint", "not")
    page.select_option("#pick-attribute", label="staff")
    assert page.input_value("#query") == f"code:{code} not group:staff"
    until(lambda: page.locator("#count").count())
    page.fill("#query", "")
    page.select_option("#count-by", label="Criteria")
    page.wait_for_selector(".counted")
    page.select_option("#count-with", label="Group")
    page.wait_for_selector(".crossed")
    assert page.locator(".counts-figure").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    with page.expect_download() as saving:
        page.click("#counts-csv")
    assert Path(saving.value.path()).read_text("utf-8-sig").startswith("rows,columns,persons,excerpts,sources")
    page.locator(".crossed td button").first.click()
    until(lambda: page.locator("#count").count())
    assert "group:" in page.input_value("#query")
    assert not page.locator("#count").inner_text().startswith("0")


def test_a_search_for_what_there_is_not_and_what_was_just_done_are_said_in_the_language_of_the_page(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("u")
    until(lambda: page.locator("#saved").inner_text().startswith("nothing to undo"))
    assert page.locator("#notice").inner_text().startswith("nothing to undo")
    page.click("#language")
    assert page.locator("#saved").inner_text().startswith("no hay nada que deshacer")
    assert page.locator("#notice").inner_text() == ""
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: page.locator("#saved").inner_text().startswith("guardado"))
    page.click("#language")
    assert page.locator("#saved").inner_text().startswith("saved")
    page.click("#language")
    page.keyboard.press("/")
    for query, answer in (
        ("code:sostenible", "No existe «code:sostenible»"),
        ("colour:red", "No se entiende «colour:»"),
    ):
        page.fill("#query", query)
        until(lambda answer=answer: answer in page.locator("#hits").inner_text())
    assert "cannot" not in page.locator("#hits").inner_text()


def settle_as(study: Path, coder: str, name: str, value: str) -> None:
    from pipeline.review.web.answering import Answers

    desk = desk_of(study, coder)
    card = desk.excerpt(name)
    desk.settle(
        Answers(
            excerpt_id=name, text_sha256=card["sha"], base=card["base"], codes={"efficiency": value}, links={}, tab="t"
        )
    )


@pytest.fixture
def disputed(study: Path) -> Path:
    """The study after two coders disagreed on two excerpts."""
    for item in desk_of(study).queue()[:2]:
        for coder, value in (("ben", "positive"), ("eva", "negative")):
            settle_as(study, coder, item["id"], value)
    return study


def test_a_difference_is_ruled_by_key_taken_back_and_left_for_later(disputed: Path, open_page: Open) -> None:
    program = start(disputed, "ana")
    try:
        page = open_page(program.address)
        page.keyboard.press("d")
        page.wait_for_selector(".difference")
        current = page.locator(".difference.current")
        first = current.inner_text()
        assert current.locator(".where").inner_text()
        page.keyboard.press("j")
        until(lambda: current.inner_text() != first)
        page.keyboard.press("k")
        until(lambda: current.inner_text().split("\n")[0] == first.split("\n")[0])
        top = current.bounding_box()["y"]
        page.keyboard.press("1")
        until(lambda: page.locator(".difference").count() == 1 and saved(page))
        assert abs(current.bounding_box()["y"] - top) < 2
        page.keyboard.press("u")
        until(lambda: page.locator(".difference").count() == 2 and saved(page))
        page.keyboard.press("=")
        page.wait_for_selector("#why")
        page.keyboard.type("both sides have a point")
        page.keyboard.press("Enter")
        until(lambda: page.locator(".difference").count() == 1 and saved(page))
        assert [(str(d.kind), d.value) for d in lines_of(disputed, "ana") if d.kind != "undo"] == [
            ("adjudicate", "yes:positive"),
            ("adjudicate", "yes:mixed"),
        ]
    finally:
        program.stop()


def test_the_buttons_are_in_the_same_places_for_every_excerpt(disputed: Path, open_page: Open) -> None:
    program = start(disputed, "ana")
    try:
        page = open_page(program.address)
        places = set()
        for query in ("by:ben", "not by:ben"):
            look_up(page, query)
            page.wait_for_timeout(200)
            places.add(
                str(page.locator("#form-foot button").evaluate_all("(all) => all.map((e) => [e.id, e.offsetLeft])"))
            )
            page.keyboard.press("b")
        assert len(places) == 1
    finally:
        program.stop()


def test_a_long_context_is_scrolled_by_keyboard(running: Running, open_page: Open) -> None:
    page = open_page(running.address, height=420)
    go_on_until(page, lambda: page.locator(".reading").evaluate("(e) => e.scrollHeight > e.clientHeight"))
    page.keyboard.press("PageDown")
    until(lambda: page.evaluate("document.querySelector('.reading').scrollTop") > 0)
    page.keyboard.press("PageUp")
    until(lambda: page.evaluate("document.querySelector('.reading').scrollTop") == 0)


@pytest.mark.parametrize("width", [1280, 820, 390])
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_button_is_cut_off(width: int, language: str, running: Running, open_page: Open) -> None:
    page = open_page(running.address, width=width, height=900)
    if language == "es":
        page.click("#language")
    for key in ("", "f"):
        if key:
            page.keyboard.press(key)
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("1")
        assert page.evaluate(CUT_OFF, "button:not(.queue button), .signs, #form-foot .buttons, header nav") == []


@pytest.mark.parametrize("key", ["", "d", "/", "?", "r", "c", "i"])
def test_all_text_has_enough_contrast(key: str, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.keyboard.press("2")
    if key:
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    assert page.evaluate(FAINT) == []
