"""Files of other programs, read in a sandboxed process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline import engine
from pipeline.config import Settings
from pipeline.engine import Failure, Limits
from pipeline.errors import Problem, UnreadableError
from pipeline.exchange.reading import ProjectReading
from pipeline.wording.messages import message

LARGEST = 1 << 30  # bytes of a file that is read; projects beyond it are recordings
PATIENCE = 5  # times the seconds that a source may take: a project holds many


def read_confined(read: Callable[[bytes], ProjectReading], file: Path, settings: Settings) -> ProjectReading:
    """A file as a confined process reads it; UnreadableError if it cannot be opened or read."""
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LARGEST else b""
    except OSError:
        problem = Problem(file.name, message("steps/cannot_be_opened"), message("steps/check_the_path_and_close"))
        raise UnreadableError(problem) from None
    if size > LARGEST:
        what = message("steps/has_mb_more_than", mb=size >> 20, most=LARGEST >> 20)
        raise UnreadableError(Problem(file.name, what, message("steps/export_the_project_without_its_recordings")))
    limits = Limits(seconds=PATIENCE * settings.ingest.seconds, memory_mb=settings.ingest.memory_mb + 2 * (size >> 20))
    ((_, result),) = engine.run(read, [data], workers=1, limits=limits)
    if isinstance(result, Failure):
        raise UnreadableError(named(result.problems, file.name))
    assert isinstance(result, ProjectReading)  # noqa: S101
    return result


def named(problems: Sequence[Problem], name: str) -> tuple[Problem, ...]:
    """The problems, each place with the file's name before it."""
    return tuple(replace(problem, where=f"{name} {problem.where}".strip()) for problem in problems)
