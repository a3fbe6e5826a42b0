"""`bench`: how much time and memory the program needs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.messages import AsJson, messages, show_json
from pipeline.errors import ConfigError, Problem
from pipeline.wording.messages import message


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which benchmarks; default: all.")] = None,
    files: Annotated[int, typer.Option(help="Number of transcripts in the largest study.")] = 200,
    table: Annotated[Path | None, typer.Option(help="Also write the figures with a target into this CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure time and memory, compared with other libraries in the same run."""
    with messages(as_json):
        try:
            from pipeline.bench import run
        except ModuleNotFoundError as error:
            what = message("commands/compares_with_libraries", name=error.name)
            raise ConfigError(Problem("bench", what, message("commands/install_bench"))) from None
        stream = sys.stderr if as_json else sys.stdout
        figures = run.bench(names or (), table, files=files, tell=lambda line: print(line, file=stream, flush=True))
        if as_json:
            show_json([asdict(figure) for figure in figures])
