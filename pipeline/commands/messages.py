"""What all commands share: options, messages on standard error, results on standard output, a progress bar on a terminal."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from pipeline.commands.folding import folded
from pipeline.commands.typed import as_typed
from pipeline.errors import Problem, UserError, problem_of

StudyPath = Annotated[Path, typer.Option("--study", help="The study's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Tick = Callable[[str, int, int], None]  # stage, done, total


MEMORY_FULL = Problem("the memory of this machine", "is full", "close other programs, then try again")


@contextmanager
def messages(as_json: bool) -> Iterator[None]:
    """Turn errors that a person can fix, and those of the operating system, into messages and an exit code."""
    try:
        yield
    except UserError as error:
        if as_json:
            show_json({"problems": as_dicts(error.problems)})
        show_problems(error.problems)
        raise typer.Exit(error.exit_code) from None
    except (OSError, MemoryError) as error:
        problem = problem_of(error) if isinstance(error, OSError) else MEMORY_FULL
        if as_json:
            show_json({"problems": as_dicts([problem])})
        show_problems([problem])
        raise typer.Exit(1) from None


def show_problems(problems: Iterable[Problem]) -> None:
    """Print problems on lines of standard error, folded; control characters of file names are escaped."""
    for line in folded(problems):
        write_line("  ! " + printable(as_typed(line)), sys.stderr)


def show_lines(lines: Iterable[str]) -> None:
    """Print the lines of a result, control characters written out."""
    for line in lines:
        write_line(printable(line), sys.stdout)


def show_advice(lines: Iterable[str]) -> None:
    """Print lines that name commands, as they are typed here. Not for lines with participants' words: those stay as they are."""
    show_lines(as_typed(line) for line in lines)


def show_json(result: Any) -> None:
    """Print a result as one JSON value; where the console cannot show every letter, in ASCII."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    write_line(json.dumps(result, ensure_ascii=not is_unicode), sys.stdout)


def write_line(line: str, stream: TextIO) -> None:
    """Write a line to standard output or error, as long as somebody reads it."""
    try:
        print(line, file=stream)
    except BrokenPipeError:
        stop_writing(stream)


def flush_all() -> None:
    """Write out what is still to be written, as long as somebody reads it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            stop_writing(stream)


def stop_writing(stream: TextIO) -> None:
    """Discard further output: the program that reads it (`| head`) has stopped reading."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def printable(text: str) -> str:
    """The text with control characters written out, so that no input can forge a line of the log."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def of_study(study: Path) -> str:
    """` STUDY=...`, which a make command needs for this study; '' if the study is the current folder."""
    return "" if study == Path() else f" STUDY={shlex.quote(str(study))}"


def as_dicts(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as dicts of `where`, `what` and `remedy`, for JSON."""
    return [{"where": p.where, "what": p.what, "remedy": p.remedy} for p in problems]


@contextmanager
def progress() -> Iterator[Tick]:
    """A function that draws a progress bar per stage on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, Any] = {}

    def tick(stage: str, done: int, total: int) -> None:
        if not tasks:
            bars.start()
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    try:
        yield tick
    finally:
        bars.stop()
