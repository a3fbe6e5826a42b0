"""What the review page costs on a large study: the demonstration's tables repeated, a program that serves them, a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.bench.cost import PROC, cost_of, pipeline_command, processor_seconds
from pipeline.bench.figures import Figure

REPEATED = 74  # times: 1,370 excerpts become 101,380
ONE_OF_A_KIND = ("queue", "placements")  # tables that name excerpts of the study as it was
READING = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
held = [pq.read_table(path) for path in sorted(Path(sys.argv[1]).glob("*.parquet"))]
"""
KEYS = 100
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WATCH = """async (count) => {
  const shown = () => document.querySelector('#words').dataset.id;
  const frame = () => new Promise(requestAnimationFrame);
  const painted = [], saved = [];
  for (let i = 0; i < count; i++) {
    const before = shown(), start = performance.now();
    document.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', bubbles: true}));
    while (shown() === before) await frame();
    painted.push(performance.now() - start);
    while (document.querySelector('#unsaved')) await new Promise((go) => setTimeout(go, 1));
    saved.push(performance.now() - start);
    await new Promise((go) => setTimeout(go, 150));
  }
  return {painted, saved};
}"""


def repeated(demonstration: Path, folder: Path, times: int = REPEATED) -> Path:
    """The analysed demonstration with every table repeated under new sources."""
    root = folder / "repeated"
    shutil.copytree(demonstration, root, ignore=shutil.ignore_patterns("*.parquet", "vectors*", "model", "review"))
    for table in tables.TABLES:
        path = demonstration / "coded/machine" / f"{table.name}.parquet"
        if not path.exists():
            continue
        frame = pd.read_parquet(path)
        copies = 1 if table.name in ONE_OF_A_KIND else times
        parts = [_renamed(frame, f"x{number}-" if number else "") for number in range(copies)]
        tables.write_table(pd.concat(parts, ignore_index=True), root / "coded/machine" / path.name, table)
    return root


def _renamed(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    names = [name for name in ("source_id", "excerpt_id") if name in frame]
    return frame.assign(**{name: prefix + frame[name].astype(str) for name in names})


@dataclass
class Page:
    """A running review page."""

    process: subprocess.Popen[str]
    address: str
    seconds: float  # until it printed its address

    @property
    def processor(self) -> float:
        """Processor seconds used so far."""
        return processor_seconds(self.process.pid)

    @property
    def peak_mb(self) -> float:
        """The most memory that it held; 0 if the system does not report it."""
        status = PROC / str(self.process.pid) / "status"
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text("utf-8")) if status.exists() else None
        return int(peak[1]) / 1000 if peak else 0.0


@contextmanager
def served(root: Path) -> Iterator[Page]:
    """The review page of a study, as people start it."""
    command = pipeline_command("review", "--study", str(root), "--coder", "bench", "--port", "0", "--no-browser")
    began = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own command)
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = re.search(r"http://\S+", line)
        if not address:
            raise RuntimeError(f"the page did not start: {line}")
        yield Page(process, address[0], perf_counter() - began)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


def measured(demonstration: Path, folder: Path) -> Iterator[Figure]:
    """Start, memory, and what a coder waits for."""
    root = repeated(demonstration, folder)
    count = len(
        pd.read_parquet(root / "coded/machine/excerpts.parquet", columns=["role"]).query("role == 'respondent'")
    )
    reading = cost_of([sys.executable, "-c", READING, str(root / "coded/machine")], Path.cwd())
    with served(root) as page:
        started, seconds = page.processor, page.seconds
        waits = _in_browser(page.address) or _over_http(page.address)
        memory = page.peak_mb
    small = _small(demonstration)
    what = f"{count:,} excerpts"
    peer = f"pyarrow, same tables: {reading.processor:.1f} s"
    yield Figure(f"start, {what}", f"{started:.1f} s CPU ({seconds:.1f} s)", peer, started / reading.processor, "< 4 s")
    yield Figure("memory", f"{memory:,.0f} MB", target="< 1,000 MB")
    for name, target in (
        ("ready", "< 1 s"),
        ("next", "≤ 50 ms"),
        ("saved", "≤ 100 ms"),
    ):
        ours, same = waits.shown(name), small.shown(name)
        ratio = waits.of(name) / small.of(name)
        yield Figure(f"{name}, {waits.where}", ours, f"demonstration: {same}", ratio, target)


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds that a coder waits: until the page is ready, from a key to the next excerpt, from a key to saved."""

    where: str
    ready: float
    next: tuple[float, ...]
    saved: tuple[float, ...]

    def of(self, name: str) -> float:
        """The wait, or the 95th percentile of the waits."""
        return float(np.percentile(getattr(self, name), 95))

    def shown(self, name: str) -> str:
        """The wait for people."""
        if name == "ready":
            return f"{self.ready:.0f} ms"
        return f"{self.of(name):.0f} ms (half within {np.percentile(getattr(self, name), 50):.0f})"


def _small(demonstration: Path) -> Waits:
    with served(demonstration) as page:
        return _in_browser(page.address) or _over_http(page.address)


def _in_browser(address: str) -> Waits | None:
    """The waits in a headless Chromium; None if there is none, or no playwright."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return None
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto("about:blank")
        began = perf_counter()
        page.goto(address)
        page.wait_for_selector("#words")
        ready = 1000 * (perf_counter() - began)
        page.wait_for_timeout(500)
        waits = page.evaluate(WATCH, KEYS)
        browser.close()
    return Waits("in Chromium", ready, tuple(waits["painted"]), tuple(waits["saved"]))


def _over_http(address: str) -> Waits:
    """The waits of a client without a browser."""
    began = perf_counter()
    client = Client(address)
    start = client.get("/api/start")
    ready = 1000 * (perf_counter() - began)
    ids = [item["id"] for item in start["items"] if not item["done"]][:KEYS]
    cards: list[dict[str, Any]] = []
    shown = _milliseconds(lambda name: cards.append(client.get(f"/api/excerpt?id={quote(name)}")), ids)
    saved = _milliseconds(client.settle, cards)
    return Waits("over HTTP", ready, shown, saved)


def _milliseconds(work: Callable[[Any], Any], items: Sequence[Any]) -> tuple[float, ...]:
    """How long each item takes, with a pause between two."""
    spent = []
    for item in items:
        began = perf_counter()
        work(item)
        spent.append(1000 * (perf_counter() - began))
        sleep(0.02)
    return tuple(spent)


class Client:
    """A client that has opened the page, with its cookie and its second secret."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.origin = f"http://{parts.netloc}"
        self.wire = HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
        self.wire.request("GET", f"{parts.path}?{parts.query}")
        opened = self.wire.getresponse()
        opened.read()
        self.headers = {"Cookie": (opened.getheader("set-cookie") or "").partition(";")[0]}
        self.wire.request("GET", "/", headers=self.headers)
        secret = re.search(rb'name="secret" content="([^"]+)"', self.wire.getresponse().read())
        self.headers["X-Hallazgo"] = secret[1].decode() if secret else ""

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        self.wire.request("GET", path, headers=self.headers)
        return json.loads(self.wire.getresponse().read())

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and JSON of an answer."""
        headers = {**self.headers, "Content-Type": "application/json", "Origin": self.origin}
        self.wire.request("POST", path, json.dumps(body).encode(), headers)
        answer = self.wire.getresponse()
        return answer.status, json.loads(answer.read())

    def settle(self, card: dict[str, Any], **values: Any) -> tuple[int, Any]:
        """Settle an excerpt: it carries nothing, unless values say otherwise."""
        body = {
            "excerpt_id": card["id"],
            "text_sha256": card["sha"],
            "base": card["base"],
            "is_rest_no": True,
            "tab": "a",
        }
        return self.post("/api/settle", {**body, **values})
