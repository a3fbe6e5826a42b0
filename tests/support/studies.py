"""Where the tests find the repository and its small study, and what every run of a study is handed."""

from datetime import UTC, datetime
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared"
SMALL = Path(__file__).parent / "small_study"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def quiet(stage: str, done: int, total: int) -> None:
    """Draw no progress."""
