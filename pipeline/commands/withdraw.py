"""`withdraw`: takes one person's words out of the study."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import (
    AsJson,
    StudyPath,
    messages,
    progress,
    show_json,
    show_lines,
)
from pipeline.commands.study import moved_line
from pipeline.wording.messages import message


def withdraw(
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="The person's id in raw/participants.")],
    remove: Annotated[
        bool, typer.Option("--remove", help="Also delete files in raw/ in which only this person speaks.")
    ] = False,
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Take a person's words out of the study, and analyse what is left."""
    from pipeline.steps import withdraw as withdraw_step

    with messages(as_json, study):
        with progress() as tick:
            result = withdraw_step.withdraw(study, participant, is_removing=remove, now=datetime.now(UTC), tick=tick)
        if as_json:
            show_json(asdict(result))
        else:
            moved = [message("commands/moved", finding=moved_line(finding)) for finding in result.moved]
            show_lines([*withdraw_step.as_lines(result), *moved])
    raise typer.Exit(2 if result.remaining else 0)
