"""The pictures of docs/reviewing.md and docs/es/reviewing.md, taken of a copy of an analysed study."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from chromium import CHROMIUM, FLAGS
from playwright.sync_api import sync_playwright
from review_page import press_and_wait_for_the_next, start, until
from studies import ROOT

SIZE = {"width": 1280, "height": 760}
FOLDERS = {"en": ROOT / "docs", "es": ROOT / "docs" / "es"}
FIRST = 2  # excerpts settled before the picture: with more there would be a pace, that of this program


def with_a_finding_and_few_codes(page: Any, language: str) -> None:
    """Go on to an excerpt of an interview in the language that shows every part of the page without scrolling."""
    for _ in range(200):
        rows = page.locator(".code.suggested").count()
        is_readable = page.locator("#words").get_attribute("lang") == language
        is_interview = page.locator("#whole").inner_text().split()[0] in ("Transcript", "Transcripción")
        links = page.locator('.code.suggested[data-kind="link"]').count()
        if is_readable and is_interview and links == 1 and page.locator("mark").count() and rows < 6:
            return
        before = page.locator("#words").inner_text()
        page.keyboard.press("j")
        until(lambda before=before: page.locator("#words").inner_text() != before)


def take(page: Any, language: str) -> None:
    """The pictures of one language."""
    folder = FOLDERS[language]
    with_a_finding_and_few_codes(page, language)
    page.keyboard.press("1")
    page.keyboard.press("=")
    page.screenshot(path=folder / "review.png")
    page.keyboard.press("d")
    page.wait_for_selector(".raw")
    page.screenshot(path=folder / "differences.png")


def main() -> None:
    """Write the pictures into docs/ and docs/es/."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("study", type=Path, help="an analysed study, such as the demonstration")
    study = parser.parse_args().study
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        copy = Path(shutil.copytree(study, Path(folder) / "study", ignore=shutil.ignore_patterns(".git", ".venv")))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for language in FOLDERS:
            program = start(copy, "ana")
            page = browser.new_page(viewport=SIZE)
            page.goto(program.address)
            page.wait_for_selector(".reading")
            if language == "es":
                page.click("#language")
            for _ in range(FIRST):
                press_and_wait_for_the_next(page, "n")
            take(page, language)
            page.close()
            program.stop()
        browser.close()
    sys.stdout.write(
        "".join(f"{target / name}\n" for target in FOLDERS.values() for name in ("review.png", "differences.png"))
    )


if __name__ == "__main__":
    main()
