"""The review page of a study as a separate program, and a browser in front of it."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from studies import NOW, ROOT

from pipeline import study as folders
from pipeline.review import decisions as ledger
from pipeline.review.web.desk import Desk
from pipeline.steps.review_page import load_view, run_of

START_SECONDS = 60
Open = Callable[..., Any]


@dataclass
class Running:
    """A started review page."""

    process: subprocess.Popen[str]
    address: str  # opens the page once

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    def stop(self) -> None:
        self.process.terminate()
        self._wait()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def _wait(self) -> None:
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


def start(study: Path, coder: str, port: int = 0) -> Running:
    """The page of a coder, ready to answer."""
    command = [sys.executable, "-m", "pipeline", "review", "--study", str(study), "--coder", coder, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--no-browser"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "HALLAZGO_STARTED_BY": "hallazgo"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else ""
    match = re.search(r"http://\S+", line)
    if not match:
        process.kill()
        output = process.stdout.read()
        Running(process, "").stop()
        raise AssertionError(f"the page did not start: {line} {output}")
    return Running(process, match[0])


def with_a_long_interview(root: Path) -> Path:
    """The study with one interview more, sixty answers to settle, and a second open question in the survey."""
    talk = (
        f"Interviewer: What changed in month {n}?\nRosa: In month {n} the well gave {n * 7} buckets a day."
        for n in range(60)
    )
    alike = "Interviewer: Do you pay?\nRosa: Every family pays its share, WORD the poorest."
    talk = (*talk, *(alike.replace("WORD", word) for word in ("even", "EVEN", "even")))
    (root / "raw" / "interviews" / "well.txt").write_text("\n\n".join(talk), "utf-8")
    survey, config = root / "raw" / "surveys" / "vecinos.csv", root / "config.toml"
    rows = survey.read_text("utf-8").splitlines()
    answers = ("¿Qué falta?", "Falta una llave en la parte alta.", "Faltan repuestos para la bomba.", "")
    survey.write_text("\n".join(f"{row};{answer}" for row, answer in zip(rows, answers, strict=True)), "utf-8")
    one = '"¿Qué cambió con el agua?"'
    config.write_text(config.read_text("utf-8").replace(one, f'{one}, "¿Qué falta?"'), "utf-8")
    return root


def lines_of(study: Path, coder: str) -> list[ledger.Decision]:
    """What a coder wrote into the ledger of a study."""
    return [line for line in ledger.load(study / "coded" / "decisions.jsonl") if line.coder == coder]


def until(is_true: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


def hold(page: Any, pattern: str) -> list[Any]:
    """Hold back what the page asks for; each request held is in the list and may be let go by its `continue_()`."""
    held: list[Any] = []

    def keep(request: Any) -> None:
        held.append(request)

    page.route(pattern, keep)
    return held


def desk_of(root: Path, coder: str = "ana") -> Desk:
    """The desk of a coder, without a server."""
    study = folders.locate_study(root)
    return Desk(
        load=lambda: load_view(study),
        is_changed=lambda run: run_of(study) != run,
        ledger=ledger.Ledger(study.coded / "decisions.jsonl", folders.study_id(study)),
        coder=coder,
        session="s1",
        now=lambda: NOW,
        texts={},
    )


def words(page: Any) -> str:
    """The words of the excerpt in front."""
    return str(page.locator("#words").inner_text())


def go_on_until(page: Any, is_it: Callable[[], Any]) -> None:
    """Go on from excerpt to excerpt, to the first of which something is true."""
    while not is_it():
        before = words(page)
        page.keyboard.press("j")
        until(lambda before=before: words(page) != before)


def to_one_without_a_suggestion(page: Any) -> None:
    """Go on to the first excerpt for which no code is suggested."""
    go_on_until(page, lambda: not page.locator('.code.suggested[data-kind="code"]').count())


def saved(page: Any) -> bool:
    """Whether the page shows everything as saved."""
    return bool(page.locator("#unsaved").count() == 0)


def press_and_wait_for_the_next(page: Any, key: str) -> None:
    """Press a key that settles, and wait until the progress has moved."""
    before = page.locator("#foot").inner_text().split("\n")[0]
    page.keyboard.press(key)
    until(lambda: page.locator("#foot").inner_text().split("\n")[0] != before)


def look_up(page: Any, query: str) -> None:
    """Find excerpts and put the first of them in front."""
    page.keyboard.press("/")
    page.keyboard.type(query)
    page.wait_for_selector(".hit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#back")
