"""`prevalence`: the share of persons who speak of each code, with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, show_json, show_lines


def prevalence(
    code: Annotated[str, typer.Argument(help="Id of a code; all codes if left out.")] = "",
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Show what share of the persons speaks of each code, corrected for the machine's errors by a random sample."""
    from pipeline.steps.results.shares import as_lines, shares

    with messages(as_json):
        rows = shares(study, code)
        if as_json:
            show_json(rows)
        else:
            show_lines(as_lines(rows))
