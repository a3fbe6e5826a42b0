"""Hallazgo: from what people said to the evidence behind each finding of an evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.frames import OpenStudy

__all__ = ["__version__", "open_study"]
__version__ = "0.1.0"


def open_study(path: Path | str = ".") -> OpenStudy:
    """The study in a folder, for scripts and notebooks: `docs/python.md` shows what it can do.

    ConfigError, with what to do about it, if there is no study.
    """
    from pipeline.frames import OpenStudy  # heavy, and the command line imports this module first

    return OpenStudy(Path(path))
