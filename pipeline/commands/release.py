"""`release`: an edition that may leave the team."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, StudyPath, messages, show_advice, show_json
from pipeline.errors import ConfigError, Problem
from pipeline.vocabulary import Edition
from pipeline.wording.messages import message


def release(
    edition: Annotated[Edition, typer.Option(metavar="public|partner", help="Who may read it.")],
    study: StudyPath = Path(),
    as_json: AsJson = False,
) -> None:
    """Write an edition for partners or for the public, after a check that nothing in it identifies anybody."""
    with messages(as_json, study):
        if edition is Edition.INTERNAL:
            what, remedy = message("commands/is_what_analyze_writes"), message("commands/choose_public_or_partner")
            raise ConfigError(Problem("--edition internal", what, remedy))
        from pipeline.steps import release as release_step  # heavy

        result = release_step.release(study, edition, datetime.now(UTC))
        if as_json:
            show_json(release_step.as_record(result))
        else:
            show_advice(release_step.as_lines(result))
