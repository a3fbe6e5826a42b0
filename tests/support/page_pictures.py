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
FIRST = 5  # excerpts settled before the picture, so that the progress shows something


def with_a_finding_and_few_codes(page: Any) -> None:
    """Go on to an excerpt of an interview that shows every part of the page without scrolling."""
    for _ in range(200):
        rows = page.locator(".code.suggested").count()
        is_interview = page.locator("#whole").inner_text().split()[0] in ("Transcript", "Transcripción")
        links = page.locator('.code.suggested[data-kind="link"]').count()
        if is_interview and links == 1 and page.locator("mark").count() and rows < 6:
            return
        before = page.locator("#words").inner_text()
        page.keyboard.press("j")
        until(lambda before=before: page.locator("#words").inner_text() != before)


def take(page: Any, folder: Path) -> None:
    """The pictures of one language."""
    with_a_finding_and_few_codes(page)
    page.keyboard.press("2")
    page.keyboard.press("-")
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
        for language, target in FOLDERS.items():
            program = start(copy, "ana")
            page = browser.new_page(viewport=SIZE)
            page.goto(program.address)
            page.wait_for_selector(".reading")
            if language == "es":
                page.click("#language")
            for _ in range(FIRST):
                press_and_wait_for_the_next(page, "n")
            take(page, target)
            page.close()
            program.stop()
        browser.close()
    sys.stdout.write(
        "".join(f"{target / name}\n" for target in FOLDERS.values() for name in ("review.png", "differences.png"))
    )


if __name__ == "__main__":
    main()
