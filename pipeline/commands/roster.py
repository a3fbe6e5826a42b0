"""`roster`: names of people beside the register, encrypted in a file outside the study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, messages, show_json, show_lines


def roster(
    names: Annotated[Path, typer.Argument(metavar="NAMES", help="A CSV file with the columns id and names.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The encrypted roster, outside the study.")],
    as_json: AsJson = False,
) -> None:
    """Encrypt the names of a CSV file with the passphrase in HALLAZGO_ROSTER."""
    from pipeline.registers.roster import write_roster

    with messages(as_json):
        count = write_roster(names, file)
        if as_json:
            show_json({"people": count})
        else:
            people = "1 person" if count == 1 else f"{count} people"
            show_lines([f"{people} in {file}. Remove {names}, and write the path into config.toml: [privacy] roster"])
