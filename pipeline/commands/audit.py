"""`audit` and `trace`: whether anything was changed, and the path from a finding to the words and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, language, messages, show_advice, show_json, show_lines


def audit(
    study: StudyPath = Path(),
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the result into this folder, and nothing into the study."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Compare hashes only; count nothing again.")] = False,
    head: Annotated[
        str, typer.Option(metavar="HEX", help="A head kept from an earlier run: what it covers must be unchanged.")
    ] = "",
    sign: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Sign the heads with this Ed25519 private key.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A signature of heads: what it covers must be unchanged.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The signer's public key.")] = None,
    pack: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write an audit pack into this new folder: findings to walk through and sign."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every file, quote and link, and count everything again; exit with code 3 if anything is wrong."""
    from pipeline.steps import audit as audit_step

    with messages(as_json, study):
        keys = audit_step.Keys(sign=sign, signature=signature, public=key)
        checks = (
            audit_step.write_pack(study, pack)
            if pack
            else audit_step.audit(study, to, is_quick=quick, head=head, keys=keys)
        )
        if as_json:
            show_json(audit_step.as_rows(checks, language()))
        else:
            show_advice(audit_step.as_text(checks, language()))
    raise typer.Exit(3 if any(check.problems for check in checks) else 0)


def trace(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The id to start from.")],
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Show the path from a recommendation, conclusion or finding to the words, or back from an excerpt, a source or a person."""
    from pipeline.steps import audit as audit_step

    with messages(as_json, study):
        walk = audit_step.trace(study, identity)
        if as_json:
            show_json({"language": language(), **audit_step.as_json(walk, language())})
        else:
            show_lines(audit_step.as_walk(walk))
