"""`roster`: names of people beside the register, encrypted in a file outside the study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, messages, show_json, show_lines
from pipeline.wording.messages import counted, message


def roster(
    names: Annotated[Path, typer.Argument(metavar="NAMES", help="A CSV file with the columns id and names.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The encrypted roster to write, outside the study.")],
    as_json: AsJson = False,
) -> None:
    """Encrypt the names in a CSV file with the passphrase in HALLAZGO_ROSTER."""
    from pipeline.registers.roster import write_roster

    with messages(as_json):
        count = write_roster(names, file)
        if as_json:
            show_json({"people": count})
        else:
            show_lines([message("commands/roster_written", people=counted(count, "people"), file=file, names=names)])
