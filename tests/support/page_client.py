"""The review page over HTTP, as many programs at once and through kills: what is acknowledged is in the ledger."""

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from review_page import Running, start, with_a_long_interview

from pipeline.bench.review_page import Client
from pipeline.review import decisions as ledger


@dataclass
class Edits:
    """What a client sent and what was acknowledged."""

    sent: int = 0
    lines: list[int] = field(default_factory=list)  # numbers of the lines that the page said are on disk
    refused: int = 0


def edit(address: str, count: int, seed: int, *, begins: threading.Event | None = None) -> Edits:
    """Settle excerpts, again and again with another answer, until `count` answers are acknowledged or the page is gone."""
    client, dice, edits = Client(address), random.Random(seed), Edits()  # noqa: S311 (no secret)
    ids = [item["id"] for item in client.get("/api/start")["items"]]
    if begins:
        begins.set()
    try:
        while edits.sent < count:
            _edit_one(client, dice.choice(ids), dice, edits)
    except (OSError, HTTPException, ValueError):
        pass  # the page is gone
    finally:
        client.wire.close()
    return edits


def _edit_one(client: Client, name: str, dice: random.Random, edits: Edits) -> None:
    card = client.get(f"/api/excerpt?id={name}")
    code = dice.choice(("efficiency", "effectiveness"))
    value = dice.choice([v for v in ("positive", "negative", "mixed") if v != card["own"]["codes"].get(code)])
    edits.sent += 1
    status, answer = client.settle(card, codes={code: value})
    if status == 200:
        edits.lines += answer["seq"]
    else:
        edits.refused += 1


def _edit_there(arguments: tuple[str, int, int]) -> Edits:
    return edit(*arguments)


def at_once(study: Path, *, programs: int, edits: int) -> dict[str, int]:
    """Several programs serve the page, each with a client that edits as fast as it can; counts of what came of it."""
    pages = [start(study, f"coder{number}") for number in range(programs)]
    try:
        with multiprocessing.get_context("spawn").Pool(programs) as pool:
            done = pool.map(_edit_there, [(page.address, edits // programs, n) for n, page in enumerate(pages)])
    finally:
        for page in pages:
            page.stop()
    return checked(study, done)


def through_kills(study: Path, *, kills: int, seed: int = 1) -> dict[str, int]:
    """Kill the page at a random moment while a client edits, start it again, and so on; counts of what came of it."""
    dice = random.Random(seed)  # noqa: S311 (no secret)
    return checked(study, [_edit_until_killed(start(study, "ana"), dice.uniform(0, 0.4), n) for n in range(kills)])


def _edit_until_killed(page: Running, seconds: float, seed: int) -> Edits:
    results: list[Edits] = []
    begins = threading.Event()
    editing = threading.Thread(target=lambda: results.append(edit(page.address, 10_000, seed, begins=begins)))
    editing.start()
    begins.wait(30)
    time.sleep(seconds)
    page.kill()
    editing.join()
    return results[0]


def checked(study: Path, done: list[Edits]) -> dict[str, int]:
    """How many edits were sent, acknowledged and refused, lines there are, and acknowledged lines that are not there.

    Reading the ledger checks the hash of every line: a half line or a broken chain raises.
    """
    path = study / "coded" / "decisions.jsonl"
    there = {line.seq for line in ledger.load(path)}
    assert path.read_bytes().endswith(b"\n")
    acknowledged = [seq for edits in done for seq in edits.lines]
    return {
        "sent": sum(edits.sent for edits in done),
        "acknowledged lines": len(acknowledged),
        "refused": sum(edits.refused for edits in done),
        "lines": len(there),
        "twice": len(acknowledged) - len(set(acknowledged)),
        "lost": len(set(acknowledged) - there),
    }


def main() -> None:
    """Print the figures of docs/reliability.md."""
    from studies import NOW, SMALL, quiet

    from pipeline.steps.analyze import analyze

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = with_a_long_interview(Path(shutil.copytree(SMALL, Path(folder) / "study")))
        analyze(root, fresh=True, now=NOW, tick=quiet)
        if wishes.edits:
            written = at_once(Path(shutil.copytree(root, Path(folder) / "edited")), programs=4, edits=wishes.edits)
            _show(f"{wishes.edits:,} edits by 4 programs", written)
        if wishes.kills:
            _show(f"{wishes.kills} kills", through_kills(root, kills=wishes.kills))


def _show(name: str, counts: dict[str, int]) -> None:
    sys.stdout.write(f"{name}: {', '.join(f'{what} {count:,}' for what, count in counts.items())}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
