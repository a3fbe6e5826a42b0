"""What comes out of the printer: the whole report, a finding a page."""

import subprocess

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
