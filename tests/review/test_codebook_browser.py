"""A study grows in the browser, from no code at all; every step is undone and redone, and the audit holds."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from review_page import (
    Open,
    Running,
    hold,
    lines_of,
    look_up,
    press_and_wait_for_the_next,
    saved,
    start,
    until,
    with_a_long_interview,
    words,
)
from studies import NOW, SMALL, quiet

from pipeline.codebook import Codebook, load_codebook
from pipeline.codebook.theory_of_change import load_theory
from pipeline.new_study import lay_out
from pipeline.review import decisions as ledger
from pipeline.review.undo import without_undone
from pipeline.review.web.rounds import start_draft
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.codebook import change_codebook, change_of
from pipeline.vocabulary import CodebookAction, CoderView, NewCodebook

pytestmark = needs_chromium

SELECT = """([words, key]) => {
    const walk = document.createTreeWalker(document.querySelector('#words'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        if (key) document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        return;
    }
    throw new Error('these words are not in one piece: ' + words);
}"""
PLACE_BEFORE = """(word) => {
    const walk = document.createTreeWalker(document.querySelector('#words'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode());) {
        const at = node.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { left, top, height } = range.getBoundingClientRect();
        return { x: left + 1, y: top + height / 2 };
    }
    throw new Error('this word is not there: ' + word);
}"""
TOPICS, BARRIERS = ("Water", "Health", "Roads", "School"), ("Cost", "Distance", "Rules", "Time")


@pytest.fixture(scope="module")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study laid out with an empty codebook, with interviews in it, analysed once."""
    root = tmp_path_factory.mktemp("empty") / "study"
    lay_out(root, NewCodebook.EMPTY)
    with_a_long_interview(Path(shutil.copytree(SMALL, root, dirs_exist_ok=True, ignore=_human_files)))
    assert analyze(root, fresh=True, now=NOW, tick=quiet).exit_code == 0
    return root


def _human_files(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if folder.endswith("coded") or name == "coded"]


@pytest.fixture
def study(empty_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_once, tmp_path / "study"))


@pytest.fixture
def running(study: Path) -> Iterator[Running]:
    page = start(study, "ana")
    yield page
    page.stop()


def audited(study: Path) -> list[str]:
    """What the audit says after a run."""
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    return [str(problem) for check in audit(study) for problem in check.problems]


def book(study: Path) -> Codebook:
    return load_codebook(study / "coded/codebook.toml")


def press(page: Any, selector: str) -> None:
    """Press a button of a dialog that changes the codebook, and wait until it is done."""
    page.click(selector)
    until(lambda: page.locator("#dialog").is_hidden())


def make(page: Any, name: str, family: str, *, below: str = "") -> None:
    page.keyboard.press("n")
    page.fill("#code-name", name)
    page.fill("#code-family", family)
    if below:
        page.select_option("#code-parent", below)
        page.fill("#why", "needed")
    press(page, "#do-change")


def open_codebook(page: Any) -> None:
    page.keyboard.press("o")
    page.wait_for_selector(".tree")


def reading_with_a_code(page: Any) -> Any:
    """The page with the code Water, and the first excerpt in front."""
    open_codebook(page)
    make(page, "Water", "topic")
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    return page


def choose(page: Any, code: str) -> None:
    page.click(f'.tree [data-code="{code}"]')
    until(lambda: page.locator(f'.tree [data-code="{code}"][aria-selected="true"]').count() == 1)


def confirmed(page: Any) -> dict[str, int]:
    """The excerpts that people gave each code, as the tree shows them."""
    counted: dict[str, int] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.tree [data-code]')].map(
            (row) => [row.dataset.code, Number(row.querySelector('.counts strong').textContent)]))"""
    )
    return counted


def undo_and_redo(page: Any, study: Path) -> None:
    """Take the last change back and make it again: the codes and their counts go and come back."""
    before, counts = book(study).criteria, confirmed(page)
    lines = len(ledger.load(study / "coded/decisions.jsonl"))
    for number, key in enumerate(("u", "U"), 1):
        page.keyboard.press(key)
        until(lambda n=number: len(ledger.load(study / "coded/decisions.jsonl")) == lines + n)
        if key == "u":
            assert book(study).criteria != before
    until(lambda: confirmed(page) == counts)
    assert book(study).criteria == before


@pytest.mark.timeout(1200)
def test_from_no_code_to_eight_with_decisions_a_merge_a_split_cuts_and_spans_all_undone_and_redone(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    eight_codes(page, study)
    assert audited(study) == []
    decisions_on_topics(page)
    assert audited(study) == []
    merge_of_two(page, study)
    assert audited(study) == []
    split_in_two_sittings(page, study)
    assert audited(study) == []
    page.keyboard.press("x")
    page.fill("#why", "not needed")
    press(page, "#do-change")
    undo_and_redo(page, study)
    page.keyboard.press("2")
    history = page.locator(".history").inner_text()
    assert "never told apart" in history
    assert "split · Services → Buses, Clinics & más ñ" in history
    assert "6 codings" in history
    assert audited(study) == []
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    for month in (7, 8):
        a_cut(page, study, f"In month {month} the well gave {month * 7} buckets a day.")
        assert audited(study) == []
    for month in (20, 21, 22):
        a_span(page, study, f'"{month * 7} buckets"', f"{month * 7} buckets")
        assert audited(study) == []
    decisions_up_to_forty(page, study)
    assert audited(study) == []


def a_cut(page: Any, study: Path, sentence: str) -> None:
    """An excerpt cut before "the well", by mouse and key; the cut taken back and made again."""
    look_up(page, f'"{sentence.split(" gave ")[1].removesuffix(" a day.")}"')
    until(lambda: words(page) == sentence)
    box = page.evaluate(PLACE_BEFORE, "the well")
    page.mouse.click(box["x"], box["y"])
    page.click("#cut")
    first = sentence.partition(" the well")[0]
    until(lambda: words(page) == first and page.locator("#saved").inner_text() == "")
    for key, expected, status in (("u", sentence, "undone"), ("U", first, "redone")):
        page.keyboard.press(key)
        until(lambda expected=expected: words(page) == expected)
        until(lambda status=status: page.locator("#saved").inner_text() == status)
    until(lambda: saved(page))
    cuts = [line for line in ledger.load(study / "coded/decisions.jsonl") if line.parts]
    assert cuts[-1].value == "cut"


def a_span(page: Any, study: Path, query: str, carrying: str) -> None:
    """Words that carry a code marked and saved; the decision taken back and made again."""
    look_up(page, query)
    until(lambda: carrying in words(page))
    sentence = words(page)
    page.keyboard.press("2")
    page.evaluate(SELECT, [carrying, ""])
    page.keyboard.press("w")
    until(lambda: page.locator(".carries").all_inner_texts() == [carrying])
    page.keyboard.press("Enter")
    until(lambda: words(page) != sentence and saved(page))
    for key in "uU":
        lines = len(lines_of(study, "ana"))
        page.keyboard.press(key)
        until(lambda lines=lines: len(lines_of(study, "ana")) > lines)
    until(lambda: words(page) == sentence)
    assert page.locator(".carries").all_inner_texts() == [carrying]


def decisions_up_to_forty(page: Any, study: Path) -> None:
    """As many further excerpts with a code as make forty; each decision taken back and put back."""
    page.reload()
    page.wait_for_selector(".reading")
    while (before := codes_given(study)) < 40:
        page.keyboard.press("2")
        press_and_wait_for_the_next(page, "Enter")
        until(lambda before=before: codes_given(study) > before)
        for key, count in (("u", before), ("U", codes_given(study))):
            page.keyboard.press(key)
            until(lambda count=count: codes_given(study) == count)
        redone = words(page)
        page.keyboard.press("j")
        until(lambda redone=redone: words(page) != redone)


def codes_given(study: Path) -> int:
    """How often a line that holds gives an excerpt a code."""
    return sum(line.kind == "code" for line in without_undone(ledger.load(study / "coded/decisions.jsonl")))


def eight_codes(page: Any, study: Path) -> None:
    """The first named after selected words and then renamed, one below another; each undone and redone."""
    assert page.locator("#chosen").inner_text().startswith("There is no code yet. Select words and press v")
    first = words(page)
    for key in ("Enter", "x", "n"):  # there is nothing to decide
        page.keyboard.press(key)
        assert page.locator("#notice").inner_text().startswith("There is no code yet.")
    assert (words(page), page.locator(".queue .done").count()) == (first, 0)
    page.keyboard.press("c")
    assert page.locator("#dialog .options").inner_text() == "A name that is not listed makes a new code."
    page.keyboard.press("Escape")
    for key in "wv":  # without a code there is none to choose from
        page.evaluate(SELECT, ["the well gave", key])  # at once: before the browser tells of the selection
        page.wait_for_selector("#code-name")
        assert page.input_value("#code-name") == "the well gave"
        if key == "w":
            page.keyboard.press("Escape")
    page.fill("#code-family", "topic")
    page.locator("#code-definition").press("Control+Enter")
    until(lambda: page.locator('.code[data-id="the_well_gave"][data-value="yes"]').count() == 1)
    for key, ids, carrying in (("", 1, ["the well gave"]), ("u", 0, []), ("U", 1, ["the well gave"])):
        if key:
            page.keyboard.press(key)
        until(lambda ids=ids: len(book(study).ids) == ids)
        until(lambda carrying=carrying: page.locator(".carries").all_inner_texts() == carrying)
        until(lambda key=key: page.locator("#saved").inner_text() == {"": "", "u": "undone", "U": "redone"}[key])
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    open_codebook(page)
    undo_and_redo(page, study)
    page.keyboard.press("e")
    page.fill("#code-name", "Water")
    page.fill("#why", "shorter")
    press(page, "#do-change")
    until(lambda: confirmed(page) == {"water": 1})
    undo_and_redo(page, study)
    for name in TOPICS[1:]:
        make(page, name, "topic")
        undo_and_redo(page, study)
    for name in BARRIERS:
        make(page, name, "barrier", below="cost" if name == "Time" else "")
        undo_and_redo(page, study)
    assert book(study).families == {
        "topic": ("water", "health", "roads", "school"),
        "barrier": ("cost", "distance", "rules", "time"),
    }
    assert book(study)["time"].parent == "cost"
    assert set(book(study).without_definition) == set(book(study).ids), "what was not typed is no definition"
    assert "Definition still to be written." in page.locator(".detail").inner_text()
    notes = {line.note for line in lines_of(study, "ana") if line.change and line.change.action is CodebookAction.NEW}
    assert notes == {"came up while reading", "new code", "needed"}


def decisions_on_topics(page: Any) -> None:
    """Three more excerpts for each topic."""
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    for number in range(12):  # water, health, roads and school in turn; one of the roads by its first word
        if number == 2:
            page.evaluate(SELECT, [words(page).split()[0], ""])
        page.keyboard.press(str(number % 4 + 1))
        press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    open_codebook(page)
    until(lambda: confirmed(page)["water"] == 4)


def merge_of_two(page: Any, study: Path) -> None:
    choose(page, "roads")
    page.keyboard.press("m")
    page.check('input[name=merge][value="school"]')
    page.fill("#merge-name", "Services")
    page.fill("#why", "never told apart")
    press(page, "#do-change")
    until(lambda: confirmed(page).get("services") == 6)
    undo_and_redo(page, study)
    until(lambda: page.locator('.tree [data-code="services"][aria-selected="true"]').count() == 1)


def split_in_two_sittings(page: Any, study: Path) -> None:
    """Half of the quotes sorted, the split undone and redone, the page loaded again, and the rest."""
    choose(page, "services")
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.id") == "split-names"
    page.fill("#split-names", "Buses\nClinics & más ñ")
    page.fill("#why", "two things after all")
    press(page, "#do-change")
    page.wait_for_selector(".sorting")
    marked = page.locator("#sort-words").inner_text().split()[0]
    assert page.locator(".sorting .carries").all_inner_texts() == [marked]
    for key in ("1", "u", "2", "u", "1", "2", "0"):
        before = page.locator("#sort-progress").inner_text()
        page.keyboard.press(key)
        until(lambda before=before: page.locator("#sort-progress").inner_text() != before)
    until(lambda: saved(page))
    assert page.locator("#dialog").is_hidden()  # nobody else decided
    assert "emptied" not in page.locator("#notice").inner_text()
    page.keyboard.press("b")  # abandoned half way
    page.wait_for_selector("#sort")
    assert page.locator("#sort").inner_text().startswith("3 quotes to sort")
    undo_and_redo(page, study)
    page.reload()
    page.wait_for_selector(".reading")
    open_codebook(page)
    page.click("#sort")
    for _ in range(3):
        page.keyboard.press("1")
    until(lambda: page.locator(".sorting").count() == 0 and page.locator("#sort").count() == 0)
    until(lambda: (confirmed(page)["buses"], confirmed(page)["clinics_mas_n"]) == (4, 1))


def test_the_second_of_two_people_reads_what_changed_and_keeps_what_was_typed(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    open_codebook(page)
    make(page, "Water", "topic")
    page.keyboard.press("n")
    page.fill("#code-name", "Roads")
    page.fill("#why", "needed")
    record, details = change_of(CodebookAction.NEW, ["fees", "topic"])
    change_codebook(study, record, details=details, reason="asked for", coder="ben", now=NOW)
    page.click("#do-change")
    until(lambda: "ben: new code, fees (asked for)" in page.locator("#dialog .alert").inner_text())
    assert page.input_value("#code-name") == "Roads"
    press(page, "#do-change")
    assert book(study).ids == ("water", "fees", "roads")


def test_a_name_that_exists_and_one_without_letters_are_refused_in_the_language_of_the_page(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    page.click("#language")
    open_codebook(page)
    make(page, "Agua", "tema")
    for name, said in (("AGUA", "ya tiene un código agua"), ("!?", "un nombre necesita letras o cifras")):
        page.keyboard.press("n")
        page.fill("#code-name", name)
        page.fill("#why", "prueba")
        page.click("#do-change")
        until(lambda said=said: said in page.locator("#dialog .alert").inner_text())
        page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.fill("#code-name", 'Lo "nuevo" <b>]]\\ 水 🚰')
    page.fill("#why", "prueba")
    press(page, "#do-change")
    assert dict(book(study).criteria[-1].name) == {"": 'Lo "nuevo" <b>]]\\ 水 🚰'}
    assert page.locator(".detail h2").inner_text() == 'Lo "nuevo" <b>]]\\ 水 🚰'


def test_a_merge_in_an_open_round_says_why_not(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    open_codebook(page)
    for name in ("Water", "Roads"):
        make(page, name, "topic")
    draft = start_draft("week 3", coders=["ben"], shows=CoderView.BLIND, size=1, respondents=["a:0-1"], seed=1)
    ledger.append(study / "coded/decisions.jsonl", [draft], coder="ben", now=NOW)
    page.keyboard.press("m")
    page.check('input[name=merge][value="water"]')
    page.fill("#why", "same")
    page.click("#do-change")
    until(lambda: "while a round is open (week 3)" in page.locator("#dialog .alert").inner_text())
    assert book(study).ids == ("water", "roads")


def test_words_always_suggest_a_code_with_a_preview_of_all_that_it_would_catch(
    study: Path, running: Running, open_page: Open
) -> None:
    page = reading_with_a_code(open_page(running.address))
    before = words(page)
    page.keyboard.press("1")
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: words(page) != before)
    page.evaluate(SELECT, ["the well gave", ""])
    page.click("#always")
    until(lambda: "Matches 60 excerpts" in page.locator("#pattern-preview").inner_text())
    assert "Right in 1 of 1 decided (1.00)" in page.locator("#pattern-count").inner_text()
    press(page, "#do-change")
    for key, patterns in (("", ["the well gave"]), ("u", []), ("U", ["the well gave"])):
        if key:
            page.keyboard.press(key)
        until(lambda patterns=patterns: [p.match for p in book(study).patterns] == patterns)
    open_codebook(page)
    undo_and_redo(page, study)
    page.keyboard.press("p")
    page.fill("#pattern-match", "unicorn")
    page.fill("#why", "hoped for")
    press(page, "#do-change")
    page.keyboard.press("3")
    page.wait_for_selector(".advice-dead")
    page.click('.advice-dead [data-pattern="unicorn-en"]')
    press(page, "#do-change")
    until(lambda: page.locator(".advice-dead").count() == 0)
    assert [p.id for p in book(study).patterns] == ["the-well-gave-en"]
    assert audited(study) == []


def test_a_new_pattern_says_when_it_suggests_and_does_so_in_front_after_the_run(
    study: Path, running: Running, open_page: Open
) -> None:
    page = reading_with_a_code(open_page(running.address))
    page.evaluate(SELECT, ["the well gave", ""])
    page.click("#always")
    page.wait_for_selector("#pattern-match:focus")
    command = f"hallazgo analyze --study {study}"
    assert (
        page.locator("#pattern-when").inner_text().startswith(f"It takes effect with the next {command}, not before.")
    )
    press(page, "#do-change")
    until(lambda: "As of the last run" in page.locator(".suggestion").inner_text())
    open_codebook(page)
    for key in "123":
        page.keyboard.press(key)
        until(lambda: f"follows with the next {command}." in page.locator("#newer").inner_text())
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    page.keyboard.press("m")
    page.keyboard.type("a memo")
    assert analyze(study, fresh=False, now=NOW, tick=quiet).exit_code == 0
    until(lambda: page.locator(".suggestion .in-doubt").all_inner_texts() == ["In doubt: Water"])
    assert "no code" not in page.locator(".suggestion").inner_text()
    assert "As of the last run" not in page.locator(".suggestion").inner_text()
    page.keyboard.type(" typed on")
    assert page.input_value("#memo") == "a memo typed on"


def test_excerpts_of_a_code_are_listed_and_a_press_puts_one_in_front(running: Running, open_page: Open) -> None:
    page = reading_with_a_code(open_page(running.address))
    in_front = words(page)
    page.keyboard.press("1")
    press_and_wait_for_the_next(page, "Enter")
    open_codebook(page)
    page.keyboard.press("q")
    page.click("#drawer .hit")
    until(lambda: page.locator("#words").count() == 1 and words(page) == in_front)


def test_a_code_is_dragged_below_another_a_family_renamed_and_a_definition_chosen_where_codes_are_merged(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    open_codebook(page)
    for name, family in (("Water", "topic"), ("Cost", "barrier")):
        make(page, name, family)
    page.drag_and_drop('.tree [data-code="cost"]', '.tree [data-code="water"]')
    page.fill("#why", "belongs there")
    press(page, "#do-change")
    assert (book(study)["cost"].family, book(study)["cost"].parent) == ("topic", "water")
    page.keyboard.press("u")
    until(lambda: book(study)["cost"].family == "barrier")
    until(lambda: page.locator("#notice").inner_text().startswith("Undone"))
    choose(page, "water")
    for name in ("Wells", "Pumps"):
        page.keyboard.press("N")
        page.fill("#code-name", name)
        page.fill("#code-definition", f"All about {name}.")
        press(page, "#do-change")
    assert [book(study)[code].parent for code in ("wells", "pumps")] == ["water", "water"]
    page.click('.rename-family[data-family="topic"]')
    page.fill("#family-name", "Water and Health")
    press(page, "#do-change")
    assert book(study).families == {"Water and Health": ("water", "wells", "pumps"), "barrier": ("cost",)}
    assert page.locator(".tree h2").all_inner_texts() == ["Water and Health ✎+", "barrier ✎+"]
    page.keyboard.press("u")
    until(lambda: book(study).families.get("topic") == ("water", "wells", "pumps"))
    choose(page, "wells")
    page.keyboard.press("m")
    page.check('input[name=merge][value="pumps"]')
    shown = page.locator("#merge-definition").inner_text()
    assert "All about Wells." in shown
    assert "All about Pumps." in shown
    page.check('input[name=definition][value="pumps"]')
    page.fill("#why", "the same")
    press(page, "#do-change")
    assert dict(book(study)["wells"].definition) == {"": "All about Pumps."}
    choose(page, "water")
    page.keyboard.press("m")
    page.check('input[name=merge][value="wells"]')
    assert page.locator("#merge-definition").is_hidden(), "one of the two has none: there is nothing to choose"
    page.fill("#why", "the same too")
    press(page, "#do-change")
    assert dict(book(study)["water"].definition) == {"": "All about Pumps."}


def test_a_code_chosen_while_a_change_is_taken_back_stays_chosen(
    study: Path, running: Running, open_page: Open
) -> None:
    page = open_page(running.address)
    open_codebook(page)
    make(page, "Water", "topic")
    make(page, "Cost", "barrier")
    choose(page, "cost")
    page.keyboard.press("e")
    page.fill("#code-name", "Price")
    page.fill("#why", "clearer")
    press(page, "#do-change")
    undo_and_choose = """() => {
        document.querySelector("#codebook-undo").click();
        document.querySelector('.tree [data-code="water"]').click();
    }"""
    page.evaluate(undo_and_choose)
    page.wait_for_selector('.tree [data-code="cost"]')
    assert page.locator('.tree [aria-selected="true"]').get_attribute("data-code") == "water"


def test_keys_and_news_that_come_while_the_last_sorted_quote_is_saved_find_none_left(
    study: Path, running: Running, open_page: Open
) -> None:
    page = reading_with_a_code(open_page(running.address))
    page.keyboard.press("1")
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    open_codebook(page)
    page.keyboard.press("s")
    page.fill("#split-names", "Wells\nBuckets")
    page.fill("#why", "two things")
    press(page, "#do-change")
    page.wait_for_selector(".sorting")
    held = hold(page, "**/api/settle")
    with page.expect_request("**/api/settle"):
        page.keyboard.press("1")
    page.keyboard.press("1")
    assert page.locator("#sort-progress").inner_text().startswith("1 of 1")
    assert page.locator("#sort-words").count() == 0
    page.keyboard.press("o")
    page.wait_for_selector("#words")
    page.keyboard.press("o")  # as when another person has changed the codebook
    for request in held:
        request.continue_()
    page.wait_for_selector(".tree")
    until(lambda: confirmed(page) == {"wells": 1, "buckets": 0})
    assert page.locator("#sort").count() == 0
    assert len(held) == 1


def test_a_memo_is_undone_and_redone(study: Path, running: Running, open_page: Open) -> None:
    page = open_page(running.address)
    open_codebook(page)
    make(page, "Water", "topic")
    page.fill("#code-memo", "ask the committee")
    page.keyboard.press("Escape")
    for key, memo in (("u", ""), ("U", "ask the committee")):
        page.keyboard.press(key)
        until(lambda memo=memo: page.input_value("#code-memo") == memo)
    until(lambda: [line.note for line in lines_of(study, "ana") if line.kind == "memo"][-1] == "ask the committee")
    undo_goes_back_step_by_step_also_after_a_redo(page, study)


def undo_goes_back_step_by_step_also_after_a_redo(page: Any, study: Path) -> None:
    """What was made again last is the first to go, before newer changes; a memo keeps its place among them."""

    def after(act: Callable[[], None], *codes: str) -> None:
        act()
        until(lambda: set(book(study).ids) == set(codes))

    page.click(".new-in-family")
    page.fill("#code-name", "Wells")
    press(page, "#do-change")
    after(lambda: make(page, "Pumps", "topic"), "water", "wells", "pumps")
    page.keyboard.press("2")
    line = next(
        line.seq
        for line in ledger.load(study / "coded/decisions.jsonl")
        if line.change and line.change.into == ("wells",)
    )
    for codes in (("water", "pumps"), ("water", "wells", "pumps")):
        page.locator(f'[data-line="{line}"]').click()
        page.wait_for_selector("#do-change")
        after(lambda: press(page, "#do-change"), *codes)
        line = ledger.load(study / "coded/decisions.jsonl")[-1].seq
    page.keyboard.press("1")
    after(lambda: page.keyboard.press("u"), "water", "pumps")
    after(lambda: page.keyboard.press("u"), "water")
    after(lambda: page.keyboard.press("U"), "water", "pumps")
    after(lambda: page.keyboard.press("U"), "water", "pumps", "wells")
    a_merge_is_undone_whose_code_an_element_needs(page, study)


def a_merge_is_undone_whose_code_an_element_needs(page: Any, study: Path) -> None:
    """The refusal asks which code the element is to have, and makes the change with it."""
    choose(page, "wells")
    page.keyboard.press("m")
    page.check('input[name=merge][value="pumps"]')
    page.fill("#merge-name", "Supply")
    page.fill("#why", "one thing")
    press(page, "#do-change")
    until(lambda: "supply" in book(study).ids)
    change, details = change_of(CodebookAction.ELEMENT, ("Water for all", "outcome", "supply"))
    change_codebook(study, change, details=details, reason="said so", coder="ana", now=NOW)
    page.keyboard.press("2")
    row = page.locator("tr", has_text="Supply").last
    row.locator("button").click()
    page.click("#do-change")
    page.wait_for_selector('[data-element="water_for_all"]')
    assert "Water for all" in page.locator("#dialog").inner_text()
    page.select_option('[data-element="water_for_all"]', label="Pumps")
    press(page, "#do-change")
    until(lambda: "pumps" in book(study).ids)
    elements = load_theory(study / "coded/theory_of_change.toml", book(study).ids).elements
    assert [element.codes for element in elements] == [("pumps",)]


def test_of_a_long_codebook_every_family_is_unfolded_and_coded_with_while_reading(study: Path, open_page: Open) -> None:
    families = {"topic": TOPICS, "barrier": (*BARRIERS, "Fear", "Mud")}
    blocks = (
        f'[[criteria]]\nid = "{name.lower()}"\nfamily = "{family}"\nname = "{name}"\n\n'
        for family, names in families.items()
        for name in names
    )
    (study / "coded/codebook.toml").write_text("".join(blocks), "utf-8")
    running = start(study, "ana")
    page = open_page(running.address)
    assert page.locator(".code .name").all_inner_texts() == list(TOPICS)
    assert page.locator(".further summary").all_inner_texts() == ["barrier: 6 more"]
    page.click(".further summary")
    until(lambda: page.locator(".further button").all_inner_texts() == list(families["barrier"]))
    page.evaluate(SELECT, ["the well gave", ""])
    page.click(".further button >> text=Fear")
    assert page.locator(".carries").all_inner_texts() == ["the well gave"]
    page.click(".further button >> text=Mud")
    assert page.locator(".code[data-part=further] .name").all_inner_texts() == ["Fear", "Mud"]
    assert page.locator(".further summary").all_inner_texts() == ["barrier: 4 more"]
    press_and_wait_for_the_next(page, "Enter")
    until(lambda: saved(page))
    assert {line.criterion for line in lines_of(study, "ana") if line.kind == "code"} == {"fear", "mud"}
    assert page.locator(".further button").count() == 6, "it stays unfolded"
    running.stop()


KEYS_NAMED = """() => {
    const visible = (e) => e.checkVisibility() && e.textContent.trim();
    const keys = [...document.querySelectorAll('kbd')].filter(visible).map((e) => e.textContent);
    const text = [...document.querySelectorAll('#main, #notice, #dialog:not([hidden]), header')].map((e) => e.innerText).join(' ');
    return [...keys, ...(text.match(/(Enter|Esc|[←→↑↓])(?![\\p{L}])|(press|presione|Press|Presione) [a-zA-Z]\\b/gu) ?? [])];
}"""


@pytest.mark.parametrize("language", ["en", "es"])
def test_on_a_phone_what_to_press_is_on_the_screen_and_no_key_is_named(
    language: str, running: Running, open_page: Open
) -> None:
    page = open_page(running.address, width=390, height=844)
    if language == "es":
        page.click("#language")

    def shown() -> str:
        assert page.evaluate(KEYS_NAMED) == []
        return str(page.locator("#notice").inner_text())

    assert shown() == ""
    page.click("#accept")
    assert {"en": "press “add a code”", "es": "presione «agregar un código»"}[language] in shown()
    page.click("#mark")
    assert {"en": "Tap a word", "es": "Toque una palabra"}[language] in shown()
    page.keyboard.press("Escape")
    page.evaluate(SELECT, ["the well gave", ""])
    page.click("#in-vivo")
    shown()
    press(page, "#do-change")
    until(lambda: "↶" in shown())
    page.click("#cut")
    assert {"en": "“Cut here” again", "es": "de nuevo «Cortar aquí»"}[language] in shown()
    page.mouse.click(**page.evaluate(PLACE_BEFORE, "gave"))
    page.click("#cut")
    until(lambda: {"en": "Cut in two", "es": "Cortado en dos"}[language] in shown())
    page.click("#undo")
    until(lambda: "↷" in shown())
    page.click("#accept")
    page.locator("header nav button").nth(1).click()
    page.wait_for_selector(".tree")
    for part in ("#part-history", "#part-patterns", "#part-theory", "#part-codes"):
        page.click(part)
        until(
            lambda part=part: page.locator(part).get_attribute("aria-pressed") == "true", seconds=60
        )  # patterns load much
        until(lambda: "…" not in page.locator("#main").inner_text(), seconds=60)  # the proposals are there
        shown()


def test_on_a_phone_nothing_is_wider_than_the_screen(running: Running, open_page: Open) -> None:
    page = open_page(running.address, width=390, height=844)
    open_codebook(page)
    make(page, "A very long name of a code that somebody typed while reading on the bus", "topic")
    for key in "123":
        page.keyboard.press(key)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
