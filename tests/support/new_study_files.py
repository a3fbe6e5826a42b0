"""The templates of a new study, cut out of the demonstration: its five criteria, their seeds, its configuration without choices.

The demonstration is where they are edited. `PYTHONPATH=. python tests/support/new_study_files.py` writes them anew.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.new_study import TEMPLATES, TITLE

DEMONSTRATION = Path(__file__).parents[2]
FAMILY = "criterion"


def templates() -> dict[str, str]:
    """The text of every template that the demonstration has, by its file's name."""
    return {
        "config.toml": config((DEMONSTRATION / "config.toml").read_text("utf-8")),
        "codebook.toml": codebook((DEMONSTRATION / "coded/codebook.toml").read_text("utf-8")),
        "seeds.jsonl": "".join(seeds((DEMONSTRATION / "coded/seeds.jsonl").read_text("utf-8"))),
    }


def config(demonstration: str) -> str:
    """The demonstration's commented configuration with its own choices taken out."""
    text = re.sub(r'(?m)^title = "[^"]*"', TITLE, demonstration)
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
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    for name, text in templates().items():
        (TEMPLATES / name).write_text(text, "utf-8")
