"""Commands in advice as this user types them: `make` if make started the program, otherwise the program itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline.wording.commands import MAKE, OWN_NAME, named

STARTED_BY = "HALLAZGO_STARTED_BY"  # set by the Makefile: what its user types is make


def as_typed(advice: str, *, study: Path, program: str = "") -> str:
    """A line of advice with its commands as the user of `program` types them, for this study.

    `program` is by default the one that is running.
    """
    return named(advice, study=study, program=program or os.environ.get(STARTED_BY, MAKE))


def note_program(started: str) -> None:
    """Remember how the program was started: by make, if the Makefile says so, by its own name, or with Python."""
    python = "py -m pipeline" if sys.platform == "win32" else "python -m pipeline"
    os.environ.setdefault(STARTED_BY, OWN_NAME if Path(started).stem == OWN_NAME else python)
