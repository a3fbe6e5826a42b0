"""Studies so deep in folders that some of their paths are longer than the system allows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from faults.trials import Sweep, Trials, differences, run, state

LONGEST, NAME = 4095, 200  # characters of a path on Linux, and of a folder's name here
LENGTHS = range(3950, 4090, 10)  # of the path of a study


def sweep(trials: Trials, lengths: Iterable[int]) -> Sweep:
    """Run a command on a study whose path has each of these lengths, then nearer to the root of the disk."""
    result = Sweep(f"{trials.name}, deep in folders", len(trials.uninterrupted.operations))
    for length in lengths:
        result.trials["path"] += 1
        for what in _wrong(trials, length):
            result.wrong[f"{what} (path of {length} characters)"] += 1
    return result


def _wrong(trials: Trials, length: int) -> Iterator[str]:
    near = trials.copy()
    root = _deep(trials.work, length)
    near.parent.joinpath("codings.csv").rename(root.parent / "codings.csv")
    near.rename(root)
    outcome = run(trials.command, root)
    (root.parent / "codings.csv").rename(near.parent / "codings.csv")
    root.rename(near)
    shutil.rmtree(trials.work / ("d" * NAME))
    if "Traceback" in outcome.errors or (outcome.code not in (0, 2) and not outcome.errors.strip()):
        yield f"no message: {outcome.errors.strip()[-200:]}"
    if outcome.code in (0, 2) and (unlike := differences(state(near), trials.after)):
        yield f"exit code {outcome.code}, but {', '.join(unlike)[:200]} differs"
    again = run(trials.command, near)
    if unlike := differences(state(near), trials.after):
        yield f"nearer to the root exit code {again.code}, and {', '.join(unlike)[:200]} differs"


def _deep(folder: Path, length: int) -> Path:
    """The path of a study of this length, in folders that are made."""
    parent = folder / ("d" * NAME)
    while length - len(str(parent)) > 2 * NAME + 2:
        parent /= "d" * NAME
    parent /= "d" * ((length - len(str(parent))) // 2)
    parent.mkdir(parents=True)
    return parent / ("s" * (length - len(str(parent)) - 1))
