"""The review page in a real browser, by keyboard: what is shown as saved is in the ledger, and nothing is lost."""

from pathlib import Path

import pytest
from chromium import needs_chromium
from review_page import (
    Open,
    Running,
    desk_of,
    go_on_until,
    hold,
    lines_of,
    press_and_wait_for_the_next,
    saved,
    start,
    to_one_without_a_suggestion,
    until,
    words,
)

pytestmark = needs_chromium


def test_excerpts_are_settled_by_keyboard_and_a_reload_shows_the_same(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("1")
    page.keyboard.press("-")
    first = words(page)
    press_and_wait_for_the_next(page, "Enter")
    for _ in range(19):
        press_and_wait_for_the_next(page, "x")
    until(lambda: saved(page))
    reviewed = [line for line in lines_of(study, "ana") if line.kind == "reviewed"]
    coded = [line for line in lines_of(study, "ana") if line.kind == "code"]
    assert len(reviewed) == 20
    assert {line.excerpt_id for line in coded} == {reviewed[0].excerpt_id}
    assert "negative" in [line.value for line in coded if line.criterion == "efficiency"]
    page.reload()
    page.wait_for_selector(".reading")
    assert words(page) != first
    assert page.locator("#notice").inner_text() == ""
    assert page.locator("#settled").inner_text() == "20 decided today, 20 in all"
    assert page.locator(".queue .done").count() > 0


def test_enter_leaves_what_is_in_doubt_and_n_says_no_to_it(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    cards = [desk_of(study).excerpt(entry["id"]) for entry in desk_of(study).queue()]
    in_doubt = {" ".join(card["text"].split()) for card in cards if card["suggestion"]["doubtful"]}
    for _ in range(2):
        while " ".join(words(page).split()) not in in_doubt:
            before = words(page)
            page.keyboard.press("j")
            until(lambda before=before: words(page) != before)
        press_and_wait_for_the_next(page, "Enter" if not lines_of(study, "ana") else "n")
        until(lambda: saved(page))
    accepted, complete = [line for line in lines_of(study, "ana") if line.kind == "reviewed"]
    doubtful = {card["id"]: set(card["suggestion"]["doubtful"]) for card in cards}
    codes = set(desk_of(study).study.form.codebook.ids)
    assert codes - set(accepted.codes) == doubtful[accepted.excerpt_id] != set()
    assert set(complete.codes) == codes
    assert doubtful[complete.excerpt_id]


def test_keys_pressed_while_an_answer_is_taken_back_are_followed_in_their_order(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("x")
    until(lambda: lines_of(study, "ana") and page.locator("#saved").inner_text().startswith("saved"))
    held = hold(page, "**/api/excerpt?*")
    with page.expect_request("**/api/excerpt?*"):
        page.keyboard.press("u")
    for key in "1o2":  # a code, the codebook, and a key that the codebook uses too
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".codebook").count() == 0
    for request in held:
        request.continue_()
    page.wait_for_selector(".tree")
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    assert page.locator(".code.own").count() == 1


def test_a_burst_of_keys_gives_a_line_each_in_their_order(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.wait_for_timeout(300)
    expected = [entry["id"] for entry in desk_of(study).queue()][:50]
    page.evaluate(
        """async () => {
            for (let i = 0; i < 50; i++) {
                document.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', bubbles: true}));
                await new Promise((go) => setTimeout(go, 30));
            }
        }"""
    )
    until(lambda: saved(page))
    reviewed = [line.excerpt_id for line in lines_of(study, "ana") if line.kind == "reviewed"]
    assert len(reviewed) == len(set(reviewed)) == 50
    assert reviewed == expected


def test_a_queue_that_is_done_says_so_and_goes_on_with_what_waits(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.keyboard.press("/")
    page.keyboard.type('source:well "month 1 "')
    page.wait_for_selector(".hit")
    page.click("#as-queue")
    until(lambda: "0 of 1\n" in page.locator("#foot").inner_text())
    page.keyboard.press("x")
    until(lambda: "That excerpt is decided" in page.locator("#notice").inner_text())
    assert "0 of 1\n" not in page.locator("#foot").inner_text()


def test_undo_brings_the_excerpt_back_undecided(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    first = words(page)
    press_and_wait_for_the_next(page, "x")
    page.keyboard.press("u")
    until(lambda: words(page) == first)
    assert [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed", "undo"]


def test_undo_brings_answers_and_memo_back_as_a_draft_and_says_what_it_did(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    first = words(page)
    page.keyboard.press("u")
    until(lambda: page.locator("#saved").inner_text().startswith("nothing to undo"))
    page.keyboard.press("2")
    page.keyboard.press("-")
    page.fill("#memo", "ask the committee")
    page.keyboard.press("Escape")
    press_and_wait_for_the_next(page, "Enter")
    page.keyboard.press("u")
    until(lambda: words(page) == first)
    assert page.locator("#memo").input_value() == "ask the committee"
    assert page.locator('.code[data-value="negative"].own').count() == 1
    assert page.locator("#notice").inner_text().startswith("Undone")
    assert str(lines_of(study, "ana")[-1].kind) == "undo"
    undone = len(lines_of(study, "ana"))
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    again = lines_of(study, "ana")[undone:]
    assert "ask the committee" in [line.note for line in again]
    assert "negative" in [line.value for line in again]


def test_undo_after_saving_without_a_change_takes_nothing_back(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    first = words(page)
    press_and_wait_for_the_next(page, "x")
    page.keyboard.press("k")
    until(lambda: words(page) == first)
    assert "carries nothing" in page.locator(".settled").inner_text()
    assert page.locator(".code.implied").first.locator(".value").inner_text() == "no"
    page.keyboard.press("Enter")
    until(lambda: words(page) != first)
    page.keyboard.press("u")
    until(lambda: words(page) == first)
    assert page.locator(".settled").count() == 1
    assert [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed"]


def test_a_search_keeps_the_queue_and_b_leads_back_to_it(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    first = words(page)
    foot = page.locator("#foot").inner_text().split("\n")[0]
    for back in ("b", "Escape", "#back"):
        page.keyboard.press("/")
        page.keyboard.type('source:well "month 1 "')
        page.click(".hit")
        page.wait_for_selector("#back")
        until(lambda: "0 of 1\n" in page.locator("#foot").inner_text())
        if back == "#back":
            page.click(back)
        else:
            page.keyboard.press(back)
        until(lambda: words(page) == first)
        assert page.locator("#back").count() == 0
        assert page.locator("#foot").inner_text().split("\n")[0] == foot


def test_enter_and_a_click_are_never_for_what_was_found_before_the_last_letter(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    for answer in (lambda: page.keyboard.press("Enter"), lambda: page.click(".hit")):
        page.keyboard.press("/")
        page.keyboard.type('source:well "month 1')
        until(lambda: page.locator(".hit").count() > 1)
        page.keyboard.type(' "')
        answer()
        page.wait_for_selector("#back")
        until(lambda: "0 of 1\n" in page.locator("#foot").inner_text())
        page.keyboard.press("b")
        until(lambda: page.locator("#back").count() == 0)


def test_what_was_settled_among_results_can_be_undone_from_the_queue(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.keyboard.press("/")
    page.keyboard.type('source:well "month 1 "')
    page.click(".hit")
    page.wait_for_selector("#back")
    until(lambda: "month 1 " in words(page))
    result = words(page)
    page.keyboard.press("x")
    until(lambda: page.locator("#back").count() == 0)
    page.keyboard.press("u")
    until(lambda: words(page) == result)
    assert page.locator("#foot").inner_text().startswith("0 of ")
    assert page.locator("#settled").inner_text() == "0 decided today, 0 in all"
    assert [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed", "undo"]


def test_the_page_says_what_enter_leaves_undecided_before_and_after(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    go_on_until(page, lambda: "leaves undecided" in page.locator("#undecided").inner_text())
    before, _, left = page.locator("#undecided").inner_text().partition(": ")
    assert before.endswith("leaves undecided")
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: page.locator("#saved").inner_text() == f"saved; left undecided: {left}")


def test_a_remark_that_nothing_is_chosen_goes_away_with_a_choice(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    to_one_without_a_suggestion(page)
    page.keyboard.press("=")
    assert "Choose a code" in page.locator("#notice").inner_text()
    page.keyboard.press("1")
    assert page.locator("#notice").inner_text() == ""


def test_a_finding_is_bold_when_it_is_mine_and_its_digit_brings_it_into_view(running: Running, open_page: Open) -> None:
    page = open_page(running.address, height=420)
    page.keyboard.press("f")
    page.keyboard.press("Enter")
    row = page.locator('.code.own[data-value="supports"]')
    assert row.locator(".value").evaluate("(e) => getComputedStyle(e).fontWeight") == "600"
    assert row.locator(".value").evaluate("(e) => getComputedStyle(e).fontStyle") == "normal"
    page.evaluate("document.querySelector('.rows').scrollTop = 0")
    name, key = row.get_attribute("data-id"), row.locator("kbd").inner_text()
    page.keyboard.press(key)
    inside = """(e) => {
        const [row, box] = [e, e.closest('.rows')].map((each) => each.getBoundingClientRect());
        return row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
    }"""
    until(lambda: page.locator(f'.code[data-id="{name}"]').evaluate(inside))
    keys = page.evaluate("""async () => {
        const [{ Answers }, { listen }] = await Promise.all([import('/static/answers.js'), import('/static/keys.js')]);
        listen({ first: () => false, digit: (key) => { window.pressed = key; } });
        const codes = Array.from({ length: 9 }, (_, n) => ({ id: `c${n}`, is_criterion: true }));
        const study = { codes, families: {}, codesById: new Map(codes.map((code) => [code.id, code])) };
        const excerpt = { id: 'x', sha: 'y', own: { codes: {}, links: { F1: 'supports', F2: 'supports' }, undecided: [] } };
        return new Answers(excerpt, study).rows(study).slice(7).map(({ id, key }) => id + key);
    }""")
    assert keys == ["c78", "c89", "F1⇧1", "F2⇧2"]
    page.keyboard.press("Shift+Digit2")
    assert page.evaluate("window.pressed") == "⇧2"


def test_on_a_phone_the_next_excerpt_is_in_view_and_a_transcript_can_be_closed(
    running: Running, open_page: Open
) -> None:
    page = open_page(running.address, width=390, height=844)
    page.evaluate("scrollTo(0, 100000)")
    press_and_wait_for_the_next(page, "x")
    until(lambda: abs(page.evaluate("document.querySelector('.reading').getBoundingClientRect().top")) < 80)
    page.keyboard.press("/")
    page.keyboard.type('source:well "month 50 "')
    page.click(".hit")
    page.wait_for_selector("#back")
    until(lambda: "month 50 " in words(page))
    page.keyboard.press("g")
    page.wait_for_selector("#drawer .here")
    assert page.evaluate("document.querySelector('#drawer').scrollTop") > 500
    box = page.locator("#close-drawer").bounding_box()
    assert 0 <= box["y"] < 60


def test_two_browsers_on_one_excerpt_show_both_versions_and_lose_none(
    study: Path, running: Running, open_page: Open
) -> None:
    second = start(study, "ana")
    try:
        one, two = open_page(running.address), open_page(second.address)
        assert words(one) == words(two)
        one.keyboard.press("1")
        one.keyboard.press("+")
        two.keyboard.press("1")
        two.keyboard.press("-")
        press_and_wait_for_the_next(one, "Enter")
        until(lambda: saved(one) and lines_of(study, "ana"))
        two.keyboard.press("Enter")
        two.wait_for_selector("#keep-mine")
        assert "positive" in two.locator("#dialog").inner_text()
        assert "negative" in two.locator("#dialog").inner_text()
        two.click("#keep-mine")
        until(
            lambda: [d.value for d in lines_of(study, "ana") if d.criterion == "efficiency"] == ["positive", "negative"]
        )
    finally:
        second.stop()


def test_a_decision_made_while_the_program_is_down_is_kept_and_shown_as_unsaved(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.wait_for_timeout(500)
    running.kill()
    page.keyboard.press("x")
    page.wait_for_selector("#unsaved")
    until(lambda: "does not answer" in page.locator("#notice").inner_text())
    assert lines_of(study, "ana") == []
    again = start(study, "ana", port=running.port)
    try:
        until(lambda: "Open it again" in page.locator("#notice").inner_text())
        page.goto(again.address)
        page.wait_for_selector(".reading")
        until(lambda: [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed"])
    finally:
        again.stop()


def test_a_draft_outlives_a_reload(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.keyboard.press("1")
    page.keyboard.press("=")
    page.reload()
    page.wait_for_selector(".reading")
    assert page.locator(".code").first.get_attribute("data-value") == "mixed"
    page.keyboard.press("j")
    until(lambda: page.locator('.queue li:first-child [aria-current="false"]').count() == 1)
    assert "not saved" in page.locator(".queue li").first.inner_text()
    text = words(page)
    beside = page.context.new_page()
    beside.goto(page.url)
    beside.wait_for_selector(".reading")
    assert words(beside) == text, "a new tab opens where the last one is"


def test_the_spanish_page_has_no_english_word_of_the_interface(running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.click("#language")
    page.keyboard.press("?")
    shown = page.locator("body").inner_text()
    for english in ("Keys", "Differences", "Carries nothing", "Your decision", "next, previous", "To review", "Memo"):
        assert english not in shown, english


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (820, 1180), (390, 844)])
def test_nothing_is_wider_than_the_screen_and_every_control_has_a_name(
    width: int, height: int, running: Running, open_page: Open
) -> None:
    page = open_page(running.address, width=width, height=height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea, select')].filter(
            (e) => !(e.innerText?.trim() || e.getAttribute('aria-label') || e.closest('label'))).length"""
    )
    assert nameless == 0


def test_it_works_without_a_mouse_and_without_keys_of_its_own(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    page.locator("#none").focus()
    page.keyboard.press("Enter")
    until(lambda: [str(line.kind) for line in lines_of(study, "ana")] == ["reviewed"])
    assert [line for line in lines_of(study, "ana") if line.kind == "code"] == []
