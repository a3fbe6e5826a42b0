"""`export`: the study for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, as_dicts, messages, show_json, show_lines
from pipeline.errors import counted


def export(
    file: Annotated[
        Path,
        typer.Argument(
            help="The file to write: a project (.qdpx), a codebook (.qdc) or a table (.csv, .xlsx, .parquet)."
        ),
    ],
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the study for other programs: REFI-QDA project, codebook, or one flat table of coded quotes."""
    from pipeline.steps.exchange.export import export as run

    with messages(as_json):
        result = run(study, file)
        if as_json:
            show_json({"file": str(result.path), "counts": dict(result.counts), "notes": as_dicts(result.notes)})
        else:
            counts = ", ".join(_counted(number, name) for name, number in result.counts.items())
            show_lines([f"{result.path}: {counts}", *(f"  - {note}" for note in result.notes)])


def _counted(number: int, name: str) -> str:
    """A number with what it counts, named in the plural: 1 coder, 2 coders, 1 coding by people."""
    noun, *rest = name.split(" ")
    return " ".join([counted(number, noun.removesuffix("s")), *rest])
