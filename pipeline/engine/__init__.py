"""Worker processes: where the work of stages runs, with the same results whatever their number.

A worker is a child process that can be held to limits of time and memory. What hostile input does, it does there: with
limits a child opens no connection, starts no program and writes no file but in a temporary folder of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

from pipeline.engine.confinement import allow_seconds, confine, processor_seconds
from pipeline.errors import Problem, UserError
from pipeline.wording.messages import Message, message

TEMPORARY = "hallazgo-"  # begins the name of a temporary folder; then comes the process that it belongs to
READY = "ready"  # sent by a child process once it has started; its time runs from then on
MOST_FAILED_STARTS = 3
LOOK = 1.0  # seconds between two looks at what a limited child has used and written
WAITING = 4  # times as long as it may work, a child may wait: for the processor or the disk of a busy computer
BLOCK = 4096  # bytes that the smallest file takes
THREADED = ("OPENBLAS", "OMP", "MKL")
SAVE_ANEW = "engine/open_it_and_save_it_again"
MORE_TIME = "engine/try_again_with_more_time"  # mostly the computer is busy, and nothing is wrong with the file


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item of work may cost: seconds of work, megabytes of memory and of temporary files (0: no limit).

    Work is processor time, where the system tells it, so that a busy computer reads the same files as an idle one.

    `folder` is where temporary files are written; empty: in the system's folder for them.
    """

    seconds: int = 0
    memory_mb: int = 0
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be worked on, and why."""

    problems: tuple[Problem, ...]


def workers_for(workers: int, items: int) -> int:
    """The number of processes: as many as requested (0: one per core), but not more than there are tasks."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(workers or cores, items))


def run(
    function: Callable[[Any], Any], items: Sequence[Any], *, workers: int, limits: Limits
) -> Iterator[tuple[int, Any]]:
    """(index, result or Failure) for every item, as they are done. `function` must be importable by name, items picklable.

    A child that runs out of time or memory, or dies, costs its one item: it is replaced and the rest continues. Children
    without limits stay for the next call, with all that they have loaded, until this process ends.
    """
    if not items:
        return
    for library in THREADED:  # as many processes as cores, and one thread in each; their stacks count as memory, too
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    context = _context(getattr(function, "func", function).__module__)  # a partial is in functools
    waiting = list(range(len(items)))[::-1]
    crew = _crew(context, workers_for(workers, len(items)), limits)
    try:
        while waiting or any(worker.index is not None for worker in crew):
            for worker in crew:
                if worker.index is None and waiting:
                    index = waiting.pop()
                    worker.give(index, (function, items[index]))
            yield from _collect(crew)
    finally:
        for worker in crew:
            worker.rest()


def _context(module: str) -> Any:
    """How child processes are started: forked from a small server that has loaded the module, if the system can fork."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([module])
    return context


_resting: list[_Worker] = []


def is_ready() -> bool:
    """Whether child processes are waiting, so that they do even a little work sooner."""
    return bool(_resting)


@atexit.register
def dismiss() -> None:
    """End the children that wait for another call."""
    while _resting:
        _resting.pop().end()


def _crew(context: Any, size: int, limits: Limits) -> list[_Worker]:
    """Children that rest from an earlier call, where they have no limits, and new ones."""
    crew: list[_Worker] = []
    while _resting and limits == Limits() and len(crew) < size:
        worker = _resting.pop()
        if worker.process.is_alive():
            crew.append(worker)
        else:
            worker.end()
    return crew + [_Worker(context, limits) for _ in range(size - len(crew))]


def _collect(crew: list[_Worker]) -> Iterator[tuple[int, Any]]:
    busy = [worker for worker in crew if worker.index is not None]
    ready = wait([worker.pipe for worker in busy], timeout=min(worker.patience() for worker in busy))
    for worker in busy:
        if worker.pipe in ready or worker.pipe.poll():  # its answer may have come while another was replaced
            yield from worker.take()
        elif worker.seconds_left() <= 0:
            yield worker.give_up(message("engine/not_read_within", seconds=worker.limits.seconds), remedy=MORE_TIME)
        elif worker.fills_disk():
            yield worker.give_up(message("engine/wrote_too_much", mb=worker.limits.memory_mb))


class _Worker:
    """One child process and what it is working on."""

    def __init__(self, context: Any, limits: Limits) -> None:
        self.context, self.limits = context, limits
        self.index: int | None = None
        self.item: Any = None
        self.failed_starts = 0
        self.start()

    def start(self) -> None:
        self.has_started, self.since = False, 0.0
        self.worked_before: float | None = None
        self.pipe, child_end = self.context.Pipe()
        self.folder = tempfile.TemporaryDirectory(
            prefix=f"{TEMPORARY}{os.getpid()}-", dir=self.limits.folder or None, ignore_cleanup_errors=True
        )
        work = (self.limits, self.folder.name)
        self.process = self.context.Process(target=_serve, args=(child_end, *work), daemon=True)
        with _no_main_module():
            self.process.start()
        child_end.close()

    def give(self, index: int, item: Any) -> None:
        self.index, self.item, self.since = index, item, monotonic()
        if self.has_started:
            self.send()

    def send(self) -> None:
        """Hand the item over; that a child has died meanwhile is seen when its answer is taken."""
        self.since, self.worked_before = monotonic(), processor_seconds(self.process.pid)
        with contextlib.suppress(OSError):
            self.pipe.send(self.item)

    def seconds_left(self) -> float:
        if not self.limits.seconds or not self.has_started:
            return 3600.0
        passed, worked = monotonic() - self.since, processor_seconds(self.process.pid)
        if worked is None or self.worked_before is None:
            return self.limits.seconds - passed
        return self.limits.seconds - max(worked - self.worked_before, passed / WAITING)

    def patience(self) -> float:
        """Seconds to wait for an answer before time and disk are looked at again."""
        return 3600.0 if self.limits == Limits() else min(self.seconds_left(), LOOK)

    def fills_disk(self) -> bool:
        """Whether the child process has written more than it may."""
        if not self.limits.memory_mb:
            return False
        size = 0
        with contextlib.suppress(OSError):
            for path in Path(self.folder.name).rglob("*"):
                size += max(BLOCK, path.lstat().st_size)
        return size > self.limits.memory_mb << 20

    def take(self) -> Iterator[tuple[int, Any]]:
        """The answer that waits in the pipe, if it is one: a child that has just started is given its item."""
        try:
            result = self.pipe.recv()
        except (EOFError, OSError):
            yield from self.bury()
            return
        if not self.has_started:
            self.has_started, self.failed_starts = True, 0
            self.send()
            return
        index, self.index, self.item = self.index, None, None
        assert index is not None  # noqa: S101
        yield index, result

    def bury(self) -> Iterator[tuple[int, Any]]:
        """What to do with a child that is gone: its item has failed, unless it never began."""
        if self.has_started:
            yield self.give_up(message("engine/the_reader_stopped"))
            return
        self.failed_starts += 1
        if self.failed_starts == MOST_FAILED_STARTS:
            remedy = message("engine/see_the_message_above_close_other")
            raise UserError(
                Problem(message("engine/worker_processes"), message("engine/stop_as_soon_as_they_start"), remedy)
            )
        self.end()
        self.start()

    def give_up(self, what: Message, remedy: str = SAVE_ANEW) -> tuple[int, Failure]:
        self.end()
        self.start()
        index, self.index, self.item = self.index, None, None
        assert index is not None  # noqa: S101
        return index, Failure((Problem("", what, message(remedy)),))

    def rest(self) -> None:
        """Wait for the next call where that is safe: nothing is under way, and nothing hostile was read."""
        if self.limits == Limits() and self.index is None and self.has_started:
            _resting.append(self)
        else:
            self.end()

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()
        self.folder.cleanup()


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Start a child without the program's main module: it would run a script of the user's a second time."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(pipe: Connection, limits: Limits, folder: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its children
    _too_large()
    pipe.send(READY)
    if limits.seconds or limits.memory_mb:
        confine(limits.memory_mb, folder)
    while True:
        try:
            function, item = pipe.recv()
        except (EOFError, OSError):
            return
        allow_seconds(limits.seconds)
        _answer(pipe, _attempt(function, item))


@cache
def _too_large() -> Failure:
    """The message for full memory, made beforehand because nothing can be read once memory is full."""
    what = message("engine/needs_more_memory_than_allowed")
    return Failure((Problem("", what, message("engine/raise_ingest_memory_mb_or_split")),))


def _answer(pipe: Connection, result: Any) -> None:
    try:
        pipe.send(result)
    except (MemoryError, TypeError, AttributeError, ValueError, RecursionError) as error:
        what = message("engine/what_was_read_from_the_file", name=type(error).__name__)
        pipe.send(Failure((Problem("", what, message("engine/raise_ingest_memory_mb_or_split")),)))


def _attempt(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except UserError as error:
        return Failure(error.problems)
    except MemoryError:
        return _too_large()
    except Exception as error:  # noqa: BLE001  (one file must not end the run; its words must not reach a log)
        return Failure(
            (
                Problem(
                    "",
                    message("engine/the_reader_failed", name=type(error).__name__),
                    message("common/please_report_this_with_the_files"),
                ),
            )
        )
