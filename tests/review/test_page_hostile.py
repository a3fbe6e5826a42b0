"""Hostile words and calls at the review page, by number: words stay words, and nothing is written that was not allowed."""

import asyncio
import csv
import io
import json
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium
from page_client import Client
from review_page import desk_of, lines_of, start, until
from studies import NOW, ROOT, SMALL, quiet

from pipeline.review.web import app
from pipeline.review.web.answering import Answers
from pipeline.review.web.guard import Session
from pipeline.review.web.search.desk import SearchDesk
from pipeline.steps.analyze import analyze

HOSTILE = (
    '<script>alert(1)</script> <img src=x onerror=alert(2)> "><svg onload=alert(3)> javascript:alert(4) </script> '
    "{{7*7}} {% raw %} ![a](http://127.0.0.1:1/x) \\input{secret} \u2028 and the well works."
)
FORMULA = "=cmd|'/c calc'!A1 is what the note at the well said."


@pytest.fixture(scope="module")
def hostile_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with an interview, a finding and a code that try to be more than words."""
    root = tmp_path_factory.mktemp("hostile") / "study"
    shutil.copytree(SMALL, root)
    talk = f"Interviewer: What <b>changed</b>?\nRosa: {HOSTILE}\n\nInterviewer: And then?\nRosa: {FORMULA}\n"
    (root / "raw" / "interviews" / "hostile.txt").write_text(talk, "utf-8")
    for name, old in (("findings.toml", 'statement = "'), ("codebook.toml", 'name.en = "')):
        path = root / "coded" / name
        path.write_text(path.read_text("utf-8").replace(old, f"{old}<img src=x onerror=alert(5)> ", 1), "utf-8")
    analyze(root, fresh=True, now=NOW, tick=quiet)
    return root


@pytest.fixture
def study(hostile_study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hostile_study, tmp_path / "study"))


@needs_chromium
def test_case_42_case_44_case_45_words_are_shown_as_typed_and_leave_as_no_formula(study: Path, browser: Any) -> None:
    page_program = start(study, "<b>ana</b>")
    page = browser.new_page()
    trouble: list[str] = []
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => { throw new Error('policy ' + e.violatedDirective) })"
    )
    try:
        page.goto(page_program.address)
        page.wait_for_selector("#words")
        page.keyboard.press("/")
        page.keyboard.type("source:hostile")
        page.wait_for_selector(".hit")
        with page.expect_download() as download:
            page.click("#as-table")
        rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
        assert f"'{FORMULA}" in [row[3] for row in rows]
        page.locator(".hit").first.click()
        until(lambda: "alert(1)" in page.locator("#words").inner_text())
        shown = page.locator("#words").text_content()
        assert shown == next(hit["text"] for hit in SearchDesk(desk_of(study)).find("alert", is_whole=True)["hits"])
        assert "<img src=x onerror=alert(5)>" in page.locator(".form").inner_text()
        page.keyboard.press("f")
        assert "<img src=x onerror=alert(5)>" in page.locator("#dialog").inner_text()
        page.keyboard.press("Escape")
        assert "<b>ana</b>" in page.locator("header").inner_text()
        assert page.locator("#main img, #main svg, #main script, #main b").count() == 0
    finally:
        page.close()
        page_program.stop()
    assert trouble == []


def test_case_43_a_memo_comes_back_letter_for_letter(study: Path) -> None:
    memo = "_x0041_ a\r\nb \x0b \ud7ff \U0001f4a7 \u2028 end"
    desk = desk_of(study)
    card = desk.excerpt(desk.queue()[0]["id"])
    desk.settle(
        Answers(excerpt_id=card["id"], text_sha256=card["sha"], base=0, codes={}, links={}, memo=memo, is_rest_no=True)
    )
    assert desk.excerpt(card["id"])["own"]["memo"] == memo
    assert desk_of(study).excerpt(card["id"])["own"]["memo"] == memo


def test_case_54_the_order_is_that_of_the_ledger_when_the_clock_is_set_back(study: Path) -> None:
    desk = desk_of(study)
    name = desk.queue()[0]["id"]
    for value, clock in (("positive", NOW), ("negative", NOW - timedelta(days=300))):
        desk.now = lambda clock=clock: clock  # type: ignore[misc]
        card = desk.excerpt(name)
        codes = {"efficiency": value}
        desk.settle(
            Answers(excerpt_id=name, text_sha256=card["sha"], base=card["base"], codes=codes, links={}, tab="t1")
        )
    assert desk.excerpt(name)["own"]["codes"] == codes
    assert desk_of(study).excerpt(name)["own"]["codes"] == codes


def test_case_54_a_tab_of_an_earlier_start_is_refused_and_writes_nothing(study: Path) -> None:
    before = start(study, "ana")
    client = Client(before.address)
    card = client.get("/api/start")["excerpts"][0]
    client.wire.close()
    before.kill()
    again = start(study, "ana", port=before.port)
    try:
        status, answer = client.settle(card)
        assert (status, answer["error"]) == (401, "open the page again from the terminal")
        assert lines_of(study, "ana") == []
    finally:
        client.wire.close()
        again.stop()


def test_case_55_a_taken_port_is_named_and_what_to_do(study: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "pipeline", "review", "--study", str(study), "--coder", "ana", "--port", port]
        ended = subprocess.run([*command, "--no-browser"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_case_55_a_body_that_comes_too_slowly_is_given_up(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "SECONDS_FOR_A_BODY", 0.05)
    session = Session(4000)
    headers = {
        "host": "127.0.0.1:4000",
        "origin": "http://127.0.0.1:4000",
        "cookie": f"hallazgo={session.cookie}",
        "x-hallazgo": session.header,
        "content-type": "application/json",
        "content-length": "1000",
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/settle",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    with ThreadPoolExecutor(1) as apart:  # the browser's loop runs in this thread
        apart.submit(asyncio.run, app.make_app(desk_of(study), session)(scope, receive, send)).result()
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"]) == {"error": "too slow"}
    assert lines_of(study, "ana") == []
