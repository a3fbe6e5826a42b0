"""`codebook`: rename, move, merge, split, retire and add codes; decisions follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, show_advice, show_json
from pipeline.vocabulary import CodebookAction
from pipeline.wording.messages import message


def codebook(
    action: Annotated[CodebookAction, typer.Argument(metavar="ACTION", help="What to do.")],
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAMES", help="Depends on the action: rename OLD NEW, merge CODE CODE ... INTO, undo LINE, ..."
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; required, and kept in the ledger.")] = "",
    coder: Annotated[str, typer.Option("--coder", help="Who makes the change.")] = "",
    element: Annotated[
        list[str] | None,
        typer.Option(
            "--element",
            metavar="ELEMENT=CODE[,CODE]",
            help="Other codes for an element of the theory of change, if the change takes its own away; may be repeated.",
        ),
    ] = None,
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Add, rename, move, merge, split or retire codes, and add or remove patterns; decisions on a code go with it."""
    from pipeline.steps.codebook import change_codebook, change_of
    from pipeline.steps.codebook.elements import codes_by_element

    with messages(as_json, study):
        change, details = change_of(action, names)
        details = replace(details, elements=codes_by_element(element or ()))
        line = change_codebook(study, change, details=details, reason=reason, coder=coder, now=datetime.now(UTC))
        if as_json:
            show_json({"line": line.seq, "action": action, "codebook": line.codebook})
        else:
            show_advice([message("commands/recorded", line=line.seq)])
