"""A study of many interviews on which people decided, and what only reads its files: what `audit` is measured on and beside."""

from __future__ import annotations

import csv
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pandas as pd

from pipeline.bench.inputs import DEMONSTRATION, SEED, speech
from pipeline.new_study import lay_out
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.vocabulary import DecisionKind

TURNS = 20  # of each interview: ten questions, ten answers
DECIDED = 3000  # excerpts that each coder decides on
LINKED = 60  # excerpts on which each coder decides for each finding
NOW = datetime(2026, 1, 2, tzinfo=UTC)
GROUPS = ("relatives", "officials", "health staff", "teachers", "journalists")
COUNTRIES = ("PE", "EC", "BO")
READING = """
import csv, hashlib, json, sys
from pathlib import Path
import openpyxl
from lxml import html
from pyarrow import parquet
root = Path(sys.argv[1])
run = json.loads((root / "outputs/run.json").read_bytes())
for name in {**run["inputs"], **run["machine"], **run["outputs"]}:
    hashlib.sha256((root / name).read_bytes()).hexdigest()
for path in (root / "coded/machine").glob("*.parquet"):
    parquet.read_table(path).to_pylist()
for path in (root / "outputs").glob("*.csv"):
    list(csv.DictReader(path.open(encoding="utf-8", newline="")))
for sheet in openpyxl.load_workbook(root / "outputs/evidence.xlsx", read_only=True):
    list(sheet.values)
html.fromstring((root / "outputs/report.html").read_bytes())
for line in (root / "coded/decisions.jsonl").open("rb"):
    json.loads(line)
"""  # every file and every cell once, and nothing compared


def study(folder: Path, sources: int) -> Path:
    """A study of `sources` interviews with a person each, all in the register, 2 % of them without quotes."""
    root = folder / "interviews"
    lay_out(root)
    for name in ("codebook.toml", "seeds.jsonl", "findings.toml"):
        shutil.copy(DEMONSTRATION / "coded" / name, root / "coded")
    config = root / "config.toml"
    config.write_text(config.read_text("utf-8").replace("embeddings = true", "embeddings = false"), "utf-8")
    words = speech()
    with (
        (root / "raw/participants.csv").open("a", encoding="utf-8", newline="") as people,
        (root / "raw/sources.csv").open("a", encoding="utf-8", newline="") as listed,
    ):
        persons, files = csv.writer(people), csv.writer(listed)
        for number in range(sources):
            person, name = f"P{number:04}", f"interviews/I{number:04}.md"
            consent = "no quotes" if number % 50 == 7 else "yes"
            group, country = GROUPS[number % len(GROUPS)], COUNTRIES[number % len(COUNTRIES)]
            gender = ("woman", "man")[number % 2]
            persons.writerow([person, f"Persona {number:04}", "", "", consent, gender, "30-44", country, group])
            files.writerow([name, f"I{number:04}", "interview", person, "es", "", "", f"E=INTERVIEWER; R={person}"])
            turns = [f"**{'ER'[turn % 2]}:** {next(words)}" for turn in range(TURNS)]
            (root / "raw" / name).write_text("\n\n".join(turns) + "\n", "utf-8")
    return root


def decide(root: Path) -> int:
    """Write decisions of two coders on codes and links into the ledger of an analysed study; how many."""
    machine, path, dice = root / "coded/machine", root / "coded/decisions.jsonl", Random(SEED)  # noqa: S311 (no secret)
    excerpts = pd.read_parquet(machine / "excerpts.parquet").query("role == 'respondent'")
    hashes = dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
    findings = tomllib.loads((root / "coded/findings.toml").read_text("utf-8"))["findings"]
    drawn = dice.sample(sorted(hashes), min(DECIDED, len(hashes)))
    linked = {finding["id"]: dice.sample(drawn, min(LINKED, len(drawn))) for finding in findings}
    count = 0
    for coder in ("ana", "leo"):
        drafts = [_code(name, hashes[name], dice) for name in drawn]
        drafts += [_link(name, hashes[name], finding, dice) for finding, names in linked.items() for name in names]
        count += len(ledger.append(path, drafts, coder=coder, now=NOW))
    return count


def _code(excerpt: str, text_sha256: str, dice: Random) -> Draft:
    criterion = dice.choice(("relevance", "efficiency", "effectiveness", "sustainability"))
    if dice.random() < 0.5:
        return Draft(DecisionKind.UNCODE, excerpt, text_sha256, criterion)
    return Draft(DecisionKind.CODE, excerpt, text_sha256, criterion, value=dice.choice(("positive", "negative")))


def _link(excerpt: str, text_sha256: str, finding: str, dice: Random) -> Draft:
    if dice.random() < 0.2:
        return Draft(DecisionKind.UNLINK, excerpt, text_sha256, finding_id=finding)
    direction = dice.choice(("supports", "supports", "contradicts", "qualifies"))
    return Draft(DecisionKind.LINK, excerpt, text_sha256, finding_id=finding, value=direction)
