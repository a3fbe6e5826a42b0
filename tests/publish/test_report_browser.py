"""report.html in a real browser: nothing runs that should not, and every way from a finding to the words and back works."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from chromium import needs_chromium
from small_publication import HOSTILE, measured, publication

from pipeline.publish.html import report

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("outputs")
    report.write(publication(quality=measured()), folder)
    return (folder / "report.html").as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The report opened; at the end nothing has been reported, asked for or thrown."""
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    trouble: list[str] = []
    page.on("dialog", lambda dialog: (trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: trouble.append(request.url) if request.url.startswith("http") else None)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.log('policy', e.violatedDirective))"
    )
    page.goto(address)
    yield page
    page.close()
    assert trouble == []


FIRST = next(name for name in publication().excerpts["excerpt_id"] if name.startswith("PE-01:23-"))


FOLLOW = """(anchor) => new Promise((followed) => {
    const before = location.hash;
    addEventListener('hashchange', () => followed(), { once: true });
    location.hash = anchor;
    if (location.hash === before) followed();
})"""


def wait_for(page: Any, name: str) -> None:
    """Wait until a page of the report is the one shown: a link is followed in a later step of the browser."""
    page.wait_for_selector(f".page.shown[data-page='{name}']")
    assert page.locator(".page.shown").count() == 1


def go(page: Any, anchor: str) -> None:
    """Follow an anchor; return when the page has followed it."""
    page.evaluate(FOLLOW, anchor)


def test_hostile_words_are_shown_as_typed_on_every_page_that_shows_them(page: Any) -> None:
    typed = " ".join(HOSTILE)
    for anchor, place in (
        ("#finding-F1", ".page.shown .voice[data-excerpt^='encuesta.2:'] blockquote"),
        (f"#excerpt-encuesta.2:0-{len(typed)}", "#reader mark.here"),
        ("#person-P-5N6P", ".page.shown blockquote"),
        ("#search-onload", ".page.shown blockquote"),
    ):
        go(page, anchor)
        assert page.locator(place).first.text_content() == typed, anchor
    go(page, "#sources")
    assert "<img src=x onerror=alert(6)>" in page.locator(".page.shown").inner_text()


def test_hostile_words_in_the_address_are_words(page: Any) -> None:
    for words in HOSTILE:
        for start in ("search", "person", "excerpt", "source", "finding"):
            go(page, f"#{start}-{words}")
    go(page, "#search-%E0%A4%A")  # not UTF-8
    assert page.locator(".page.shown").count() == 1


def test_one_page_is_shown_at_a_time_and_the_current_one_is_marked(page: Any) -> None:
    wait_for(page, "overview")
    page.get_by_role("link", name="Matrix").click()
    wait_for(page, "matrix")
    assert page.locator(".page:visible").count() == 1
    assert page.locator(".pages [aria-current=page]").inner_text() == "Matrix"


def test_a_quote_opens_the_transcript_at_the_place(page: Any) -> None:
    go(page, "#finding-F1")
    page.locator(".page.shown .voice blockquote").first.click()
    reader = page.locator("#reader")
    assert (
        reader.locator("mark.here").inner_text()
        == "They came when nobody else did. 🌱 We needed them and they listened."
    )
    assert reader.locator("mark.here").evaluate("(mark) => mark === document.activeElement")
    assert "What changed for you?" in reader.locator(".asked").inner_text()
    assert reader.locator(".turn").count() == 5
    assert reader.locator(".turn.interviewer .who").first.inner_text().startswith("Interviewer")
    assert page.url.endswith(f"#excerpt-{FIRST}")
    wait_for(page, "finding-F1")


def test_the_back_button_closes_the_transcript_and_goes_back_through_the_pages(page: Any) -> None:
    go(page, "#finding-F1")
    page.locator(".page.shown .voice .place").first.click()
    page.locator("#reader").wait_for()
    page.go_back()
    page.locator("#reader").wait_for(state="hidden")
    wait_for(page, "finding-F1")
    page.go_back()
    wait_for(page, "overview")


def test_a_deep_link_to_an_excerpt_opens_its_finding_and_its_transcript(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.goto(f"{address}#excerpt-{FIRST}")
    wait_for(page, "finding-F1")
    assert page.locator("#reader mark.here").is_visible()
    page.close()


def test_a_link_to_a_recommendation_opens_the_registers_at_it(page: Any) -> None:
    go(page, "#finding-F2")
    page.locator(".page.shown .hangs .entry-link", has_text="R1").click()
    wait_for(page, "registers")
    assert page.locator(".called").get_attribute("id") == "recommendation-1"


def test_escape_closes_the_transcript_and_gives_the_focus_back(page: Any) -> None:
    go(page, "#finding-F1")
    link = page.locator(".page.shown .voice .place").first
    link.focus()
    page.keyboard.press("Enter")
    page.locator("#reader").wait_for()
    page.keyboard.press("Escape")
    page.locator("#reader").wait_for(state="hidden")
    assert link.evaluate("(link) => link === document.activeElement")


def test_a_persons_code_shows_what_that_person_says_across_the_study(page: Any) -> None:
    go(page, "#finding-F1")
    page.locator(".page.shown .person", has_text="P-2B3C").first.click()
    wait_for(page, "person")
    assert page.locator(".page.shown .voice").count() == 2
    assert "relatives" in page.locator(".page.shown").inner_text()


def test_search_finds_findings_and_quotes_whatever_the_accents(page: Any) -> None:
    page.locator("#search-box").fill("DIA cursos")
    page.wait_for_selector(".page.shown[data-page=search]")
    assert page.locator(".page.shown .voice").count() == 1
    assert page.locator("mark.hit").all_inner_texts() == ["cursos", "día"]
    page.locator("#search-box").fill("relatives")
    page.locator(".page.shown .index").wait_for()
    assert "F1" in page.locator(".page.shown .index").inner_text()
    page.locator("#search-box").fill("zzz")
    page.locator(".page.shown h1", has_text="zzz").wait_for()
    assert "Nothing found" in page.locator(".page.shown").inner_text()


def test_a_cell_of_the_matrix_opens_onto_its_excerpts(page: Any) -> None:
    go(page, "#matrix")
    page.locator("a[href='#cell-relevance/interview/relatives']").click()
    assert page.locator(".page.shown .voice").count() == 2
    assert "relatives" in page.locator(".page.shown h1").inner_text()
    for words in HOSTILE:
        go(page, f"#cell-{words}/survey/{words}")
    go(page, "#matrix")
    page.locator("a[href^='#cell-relevance/survey/press']").click()
    assert page.locator(".page.shown .voice").count() == 1


def test_who_speaks_and_where_is_shown_in_the_language_of_the_page(page: Any) -> None:
    go(page, f"#excerpt-{FIRST}")
    who = page.locator("#reader .turn:has(mark.here) .who")
    assert who.locator("bdi").all_inner_texts() == ["relatives", "PE", "line 2"]
    page.get_by_role("button", name="Español").click()
    assert who.locator("bdi").all_inner_texts() == ["relatives", "PE", "línea 2"]


def test_the_switch_changes_the_language_of_the_page_but_of_no_quote(page: Any) -> None:
    page.get_by_role("button", name="Español").click()
    assert page.locator("h2#ladder-title").inner_text() == "Qué tan sólidos son los hallazgos"
    assert page.locator("#search-box").get_attribute("placeholder") == "Buscar"
    go(page, "#finding-F1")
    assert "Voces que lo respaldan" in page.locator(".page.shown").inner_text()
    assert "They came when nobody else did." in page.locator(".page.shown").inner_text()
    page.get_by_role("button", name="English").click()
    assert "Voices that support it" in page.locator(".page.shown").inner_text()


def test_a_survey_row_shows_its_question_and_leads_to_its_neighbour(page: Any) -> None:
    go(page, "#source-encuesta.1")
    reader = page.locator("#reader")
    assert "¿Qué cambió en su trabajo?" in reader.locator(".prompt").inner_text()
    reader.get_by_role("link", name="Next source").click()
    assert "encuesta.2" in reader.locator("h2").inner_text()


def test_a_document_is_read_under_its_headings(page: Any) -> None:
    go(page, "#source-acta")
    assert page.locator("#reader h3").all_inner_texts() == ["Acuerdos"]


@pytest.mark.parametrize("width", [360, 768, 1360, 1920])
def test_no_width_makes_the_page_scroll_sideways(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for anchor in (
        "#overview",
        "#finding-F1",
        "#registers",
        "#matrix",
        "#sources",
        "#unused",
        "#method",
        "#quality",
        "#person-P-2B3C",
        "#search-they",
        "#cell-relevance/interview/relatives",
        "#source-EC-02",
    ):
        go(page, anchor)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), anchor


def test_every_control_has_a_name_and_every_page_one_heading(page: Any) -> None:
    for role in ("link", "button", "searchbox"):
        for control in page.get_by_role(role).all():
            assert (
                control.inner_text() or control.get_attribute("aria-label") or control.get_attribute("aria-labelledby")
            )
    pages = "overview findings finding-F1 registers matrix sources unused method quality person-P-2B3C search-they"
    for name in (*pages.split(), "cell-relevance/interview/relatives"):
        go(page, f"#{name}")
        assert page.locator(".page.shown h1").count() == 1
    assert page.locator("header, main, nav, aside#reader").count() >= 5


def test_the_page_on_quality_is_reached_and_opened_by_the_keyboard(page: Any) -> None:
    page.locator(".pages a[href='#quality']").focus()
    page.keyboard.press("Enter")
    wait_for(page, "quality")
    assert page.locator(".page.shown h1").evaluate("(h) => h === document.activeElement")
    summary = page.locator(".page.shown details.grid > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".page.shown details.grid").first.get_attribute("open") is not None


def test_a_link_in_a_transcript_shows_whether_it_was_confirmed(page: Any) -> None:
    go(page, f"#excerpt-{FIRST}")
    assert page.locator("#reader .words .chip.confirmed").count() == 1
    assert page.locator("#reader .reader-head .chip.confirmed").count() == 1


def test_printing_the_whole_report_shows_every_page_and_no_control(page: Any) -> None:
    page.emulate_media(media="print")
    assert page.locator("article.finding:visible").count() == 3
    assert not page.locator("header.top").is_visible()


def test_without_scripts_findings_and_quotes_can_be_read(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    text = page.locator("main").inner_text()
    for words in ("The work met the needs of relatives.", "They came when nobody else did.", "Method and limits"):
        assert words in text
    context.close()


def test_the_policy_stops_what_an_editor_of_the_file_plants(browser: Any, address: str, tmp_path: Path) -> None:
    folder = tmp_path / "planted.html"
    html = Path(unquote(urlsplit(address).path)).read_text("utf-8")
    planted = "<script>alert(1)</script><img src=x onerror=alert(2)><img src='http://127.0.0.1:9/x.png'>"
    folder.write_text(html.replace("</main>", f"{planted}</main>"), "utf-8")
    page = browser.new_page()
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append("dialog"), dialog.dismiss()))
    page.on("console", lambda message: seen.append(message.text))
    page.goto(folder.as_uri())
    page.close()
    assert "dialog" not in seen
    assert len([each for each in seen if "Content Security Policy" in each]) >= 3
