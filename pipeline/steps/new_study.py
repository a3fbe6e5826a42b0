"""`study PATH`: a new study with a commented configuration, the five criteria with patterns and seeds, and empty registers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ConfigError, Problem
from pipeline.study import Study, write_atomic, write_study_id

DEMONSTRATION = Path(__file__).parents[2]  # the repository's root is itself a study
FAMILY = "criterion"
FOLDERS = ("raw/interviews", "raw/surveys", "raw/documents", "coded", "outputs")
PARTICIPANTS = "participant_id,name,initials,aliases,consent,gender,age_group,country,stakeholder_group\n"
SOURCES = "path,source_id,kind,participant_ids,language,date,site,speakers\n"
FINDINGS = """# What the evaluation says, and what rests on what. One [[findings]] block a finding; see docs/findings.md.
#
# [[findings]]
# id = "F1"
# criterion = "relevance"
# statement = "The project answered to what people needed most."
#
# [[conclusions]]
# id = "C1"
# statement = "..."
# findings = ["F1"]
#
# [[recommendations]]
# id = "R1"
# statement = "..."
# priority = "high"
# timeframe = "2027"
# addressees = ["the country office"]
# findings = ["F1"]
"""


def lay_out(path: Path) -> list[str]:
    """Write a new study at `path` and return the files written; ConfigError where something stands there already."""
    if path.exists() and any(path.iterdir() if path.is_dir() else [path]):
        raise ConfigError(Problem(str(path), "is not an empty folder", "name a folder that does not exist yet"))
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True, exist_ok=True)
    files = {
        "config.toml": config((DEMONSTRATION / "config.toml").read_text("utf-8"), path.resolve().name),
        "raw/participants.csv": PARTICIPANTS,
        "raw/sources.csv": SOURCES,
        "coded/codebook.toml": codebook((DEMONSTRATION / "coded/codebook.toml").read_text("utf-8")),
        "coded/seeds.jsonl": "".join(seeds((DEMONSTRATION / "coded/seeds.jsonl").read_text("utf-8"))),
        "coded/findings.toml": FINDINGS,
    }
    for name, text in files.items():
        write_atomic(path / name, text.encode())
    write_study_id(Study(path))
    return sorted([*files, "coded/study_id"])


def config(demonstration: str, title: str) -> str:
    """The demonstration's commented configuration with its own choices taken out."""
    text = re.sub(r'(?m)^title = "[^"]*"', f"title = {json.dumps(title, ensure_ascii=False)}", demonstration)
    text = re.sub(r'(?m)^subtitle = "[^"]*"', 'subtitle = ""', text)
    text = re.sub(r"(?m)^interviewers = \[[^\]]*\]", "interviewers = []", text)
    surveys = re.compile(r"(?ms)^\[\[surveys\]\].*?(?=^\[segment\])")
    return surveys.sub(lambda match: re.sub(r"(?m)^(?=.)", "# ", match.group()), text)


def codebook(demonstration: str) -> str:
    """The codebook's head and the codes of the first family, as they are written in the demonstration."""
    head, *blocks = re.split(r"(?m)^(?=\[\[criteria\]\])", demonstration)
    return head + "".join(block for block in blocks if f'family = "{FAMILY}"' in block)


def seeds(demonstration: str) -> Iterator[str]:
    """The seeds as lines that speak of the five criteria only."""
    own = ("relevance", "efficiency", "effectiveness", "value_added", "sustainability")
    for line in demonstration.splitlines():
        row = json.loads(line)
        row["codes"] = {code: stance for code, stance in row["codes"].items() if code in own}
        row.pop("asked", None)
        yield json.dumps(row, ensure_ascii=False) + "\n"
