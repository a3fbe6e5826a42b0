"""`export`: the study for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, as_dicts, in_words, language, messages, show_json, show_lines
from pipeline.wording.messages import message, separated


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

    with messages(as_json, study):
        result = run(study, file)
        if as_json:
            show_json(
                {
                    "language": language(),
                    "file": str(result.path),
                    "counts": dict(result.counts),
                    "notes": as_dicts(result.notes),
                }
            )
        else:
            counts = separated(
                ", ", (message(f"commands/exported_{name.replace(' ', '_')}", n=n) for name, n in result.counts.items())
            )
            show_lines(
                [separated(": ", [str(result.path), counts]), *(f"  - {note}" for note in in_words(result.notes))]
            )
