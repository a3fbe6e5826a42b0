"""`python -m faults`: the figures of docs/reliability.md on faults at file operations."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from faults import deep_paths
from faults.commands import COMMANDS, lay_out
from faults.operations import USUAL, Fault
from faults.trials import Trials, warmed


def main() -> None:
    """Sweep the commands and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--commands", nargs="+", default=list(COMMANDS), choices=list(COMMANDS))
    parser.add_argument("--every", type=int, default=1, help="every n-th case")
    parser.add_argument("--first", type=int, default=0, help="number of cases that are left out at the start")
    parser.add_argument("--paths", action="store_true", help="studies deep in folders instead")
    parser.add_argument("--kinds", nargs="+", type=Fault, default=USUAL)
    memory = Path("/dev/shm")  # noqa: S108 - faster than a disk
    parser.add_argument(
        "--folder", type=Path, default=memory if memory.is_dir() else None, help="where studies are written"
    )
    options = parser.parse_args()
    with warmed(), tempfile.TemporaryDirectory(dir=options.folder) as folder:
        studies = lay_out(Path(folder))
        for name in options.commands:
            trials = Trials(name, studies[COMMANDS[name].study])
            cases = trials.cases(options.kinds)[options.first :: options.every]
            result = deep_paths.sweep(trials, deep_paths.LENGTHS) if options.paths else trials.sweep(cases)
            print("\n".join(result.lines()), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
