"""Other programs that read our exports, each in an environment of its own below .pytest_cache, made once.

Their packages do not go together with ours. Without a network the tests that need them are skipped, with the reason.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from filelock import FileLock
from studies import ROOT, SHARED

ENVIRONMENTS = ROOT / ".pytest_cache" / "programs"
PATIENCE = 240  # seconds: the largest brings 200 MB
QUALCODER = "https://github.com/ccbogel/QualCoder"


def python_with(name: str, *packages: str) -> Path:
    """The Python of an environment that has these packages; skips the test if they cannot be installed."""
    folder = ENVIRONMENTS / name
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    ready = folder / "ready"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    with FileLock(ENVIRONMENTS / f"{name}.lock"):
        if not ready.exists():
            venv.create(folder, clear=True, with_pip=True)
            _run(
                [str(python), "-m", "pip", "install", "--quiet", *packages],
                f"{' and '.join(packages)} cannot be installed",
            )
            ready.touch()
    return python


def qualcoder_sources() -> Path:
    """The folder that holds QualCoder's package: a checkout that HALLAZGO_QUALCODER names, ../shared, or a clone."""
    named = os.environ.get("HALLAZGO_QUALCODER")
    for folder in (
        Path(named) if named else None,
        SHARED / "data" / "qualcoder" / "src",
        ENVIRONMENTS / "QualCoder" / "src",
    ):
        if folder and (folder / "qualcoder").is_dir():
            return folder
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    clone = ["git", "clone", "--quiet", "--depth", "1", QUALCODER, str(ENVIRONMENTS / "QualCoder")]
    _run(clone, "QualCoder cannot be fetched: name a checkout's src in HALLAZGO_QUALCODER")
    return ENVIRONMENTS / "QualCoder" / "src"


def _run(words: list[str], reason: str) -> None:
    try:
        subprocess.run(
            words, check=True, capture_output=True, timeout=PATIENCE, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        )
    except (OSError, subprocess.SubprocessError):
        pytest.skip(reason)
