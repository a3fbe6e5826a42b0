"""Where the tests find the repository and its small study, and what every run of a study is handed."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared"
SMALL = Path(__file__).parent / "small_study"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def quiet(stage: str, done: int, total: int) -> None:
    """Draw no progress."""


def hashes(study: Path) -> dict[str, str]:
    """Every file that a run wrote, run.json apart (it holds the seconds that each stage took)."""
    files = [
        p
        for folder in ("outputs", "coded/machine")
        for p in (study / folder).rglob("*")
        if p.is_file() and p.name != "run.json"
    ]
    return {p.relative_to(study).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
