"""`audit` and `trace`: whether everything is as it was written, and the path from a finding to the words and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, show_json, show_lines


def audit(
    study: StudyPath = Path(),
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the result there, and nothing else.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Compare hashes and places only; count nothing anew.")] = False,
    head: Annotated[
        str, typer.Option(metavar="HEX", help="A head that was kept: what it stood for must still stand.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check every artefact and every link, and count everything again; exit code 3 if anything is wrong."""
    from pipeline.steps import audit as audit_step

    with messages(as_json):
        checks = audit_step.audit(study, to, is_quick=quick, head=head)
        if as_json:
            show_json(audit_step.as_rows(checks))
        else:
            show_lines(audit_step.as_text(checks))
    raise typer.Exit(3 if any(check.problems for check in checks) else 0)


def trace(
    identity: Annotated[str, typer.Argument(metavar="ID")], study: StudyPath = Path(), as_json: AsJson = False
) -> None:
    """Walk from a recommendation, conclusion, finding, excerpt, source or participant to the words, and back."""
    from pipeline.steps import audit as audit_step

    with messages(as_json):
        walk = audit_step.trace(study, identity)
        if as_json:
            show_json(audit_step.as_json(walk))
        else:
            show_lines(audit_step.as_walk(walk))
