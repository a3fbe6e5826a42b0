"""What comes out of the printer: the whole report, a finding a page."""

import subprocess
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS, needs_chromium
from small_publication import publication

from pipeline.publish.html import report


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The text of every page of the report as Chromium prints it."""
    pdf = pytest.importorskip("pypdfium2")
    folder = tmp_path_factory.mktemp("printed")
    report.write(publication(), folder)
    to = folder / "report.pdf"
    options = [f"--user-data-dir={folder / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={to}"]
    command = [str(CHROMIUM), *FLAGS, *options, (folder / "report.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [each.get_textpage().get_text_range() for each in pdf.PdfDocument(to)]


@needs_chromium
def test_printing_gives_every_page_of_the_report(pages: list[str]) -> None:
    text = "\n".join(pages)
    for words in (
        "How strong the findings are",
        "Voices that support it",
        "Conclusions",
        "Sources",
        "Not used",
        "Limits",
    ):
        assert words in text, words


@needs_chromium
def test_each_finding_begins_on_a_page_of_its_own(pages: list[str]) -> None:
    statements = [finding.statement.split(" </")[0] for finding in publication().register.findings]
    for statement in statements:
        words = statement.split()[:4]
        assert any(" ".join(words) in " ".join(text.split())[:80] for text in pages), statement


@needs_chromium
def test_what_is_folded_on_the_screen_is_open_on_paper(pages: list[str]) -> None:
    text = " ".join(" ".join(pages).split())
    assert "Al contrario" in text
    assert "The missing" in text


@needs_chromium
def test_no_printed_page_is_blank_and_none_shows_a_control(pages: list[str]) -> None:
    assert [number for number, text in enumerate(pages, 1) if not text.strip()] == []
    assert "Print the whole report" not in "\n".join(pages)


@needs_chromium
def test_no_table_is_wider_than_the_paper_on_which_all_pages_would_shrink(tmp_path: Path) -> None:
    report.write(publication(), tmp_path)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = chromium.new_page(viewport={"width": 673, "height": 1000})  # A4 without margins, in CSS pixels
        page.emulate_media(media="print")
        page.goto((tmp_path / "report.html").as_uri())
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(SIXTEEN_GROUPS) > 16
        assert page.evaluate("document.documentElement.scrollWidth") <= 673


SIXTEEN_GROUPS = """() => {
    const rows = [...document.querySelectorAll(".matrix.profile tr")];
    for (const row of rows) for (let n = 0; n < 16; n++) row.append(row.lastElementChild.cloneNode(true));
    return Math.max(0, ...rows.map((row) => row.children.length));
}"""
