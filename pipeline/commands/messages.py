"""What all commands share: options, messages on standard error, results on standard output, a progress bar on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from pipeline.commands.folding import folded
from pipeline.commands.typed import as_typed
from pipeline.errors import Problem, UserError, problem_of
from pipeline.study import language_of
from pipeline.wording.messages import Message, in_language, message, place_in_language

StudyPath = Annotated[Path, typer.Option("--study", help="The study's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
UNBROKEN = "\u00a0\u202f"  # spaces inside numbers and shares in Spanish
Tick = Callable[[str, int, int], None]  # stage, done, total


_language: ContextVar[str] = ContextVar("language", default="en")  # of what the running command shows
_study: ContextVar[Path] = ContextVar("study", default=Path())  # for which it names commands


@contextmanager
def messages(as_json: bool, study: Path | None = None, *, created: Path | None = None) -> Iterator[None]:
    """Turn errors that a person can fix, and those of the operating system, into messages and an exit code.

    All that is shown meanwhile is in the language of the study; without one, in that of the terminal. Commands are named for the
    study, or for the one that is created.
    """
    token, token_of_study = _language.set(language_of(study)), _study.set(study or created or Path())
    try:
        yield
    except UserError as error:
        _show_errors(error.problems, as_json)
        raise typer.Exit(error.exit_code) from None
    except (OSError, MemoryError) as error:
        _show_errors([problem_of(error) if isinstance(error, OSError) else _memory_full()], as_json)
        raise typer.Exit(1) from None
    finally:
        _language.reset(token)
        _study.reset(token_of_study)


def _show_errors(problems: Sequence[Problem], as_json: bool) -> None:
    if as_json:
        show_json({"language": language(), "problems": as_dicts(problems)})
    show_problems(problems)


def _memory_full() -> Problem:
    return Problem(message("commands/the_memory"), message("commands/is_full"), message("study/close_other_programs"))


def language() -> str:
    """The language of what the running command shows: the study's, or the terminal's where no study says one."""
    return _language.get()


def shown(text: str) -> str:
    """A text in the language of the running command."""
    return in_language(text, language())


def show_problems(problems: Iterable[Problem]) -> None:
    """Print problems on lines of standard error, folded; control characters of file names are escaped."""
    for line in folded(in_words(problems)):
        write_line("  ! " + printable(as_typed(line, study=_study.get())), sys.stderr)


def in_words(problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the language of the running command."""
    return [
        Problem(Message(place_in_language(p.where, language())), Message(shown(p.what)), Message(shown(p.remedy)))
        for p in problems
    ]


def show_lines(lines: Iterable[str]) -> None:
    """Print the lines of a result, control characters written out."""
    for line in lines:
        write_line(printable(shown(line)), sys.stdout)


def show_now(line: str) -> None:
    """Print a line at once, by a command that goes on."""
    show_lines([line])
    flush_all()


def show_advice(lines: Iterable[str]) -> None:
    """Print lines that name commands, as they are typed here. Not for lines with participants' words: those stay as they are."""
    show_lines(as_typed(shown(line), study=_study.get()) for line in lines)


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
    return "".join(c if c.isprintable() or c in UNBROKEN else c.encode("unicode_escape").decode() for c in text)


def as_dicts(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as dicts of `where`, `what` and `remedy`, for JSON, in the language of the running command."""
    return [problem.in_words(language()) for problem in problems]


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
            tasks[stage] = bars.add_task(shown(message(f"commands/{stage}")), total=total)
        bars.update(tasks[stage], completed=done, total=total)

    try:
        yield tick
    finally:
        bars.stop()
