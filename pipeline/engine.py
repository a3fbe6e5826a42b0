"""Where per-source work runs: in process or over worker processes, with the same results in the same order.

A worker is a child process that can be held to limits of time and memory: what hostile input does, it does there.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any

from pipeline.errors import Problem, UserError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item of work may cost: seconds of time, megabytes of memory (0: no limit)."""

    seconds: int = 0
    memory_mb: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be worked on, and why."""

    problems: tuple[Problem, ...]


type_of_item = Any


def workers_for(asked: int, items: int) -> int:
    """How many processes to use: those asked for (0: one per core), never more than there is work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(asked or cores, items))


def run(
    function: Callable[[Any], Any], items: Sequence[Any], *, workers: int, limits: Limits
) -> Iterator[tuple[int, Any]]:
    """(index, result or Failure) for every item, as they are done. `function` must be importable by name, items picklable.

    A child that runs out of time or memory, or dies, costs its one item: it is replaced and the rest goes on.
    """
    context = multiprocessing.get_context("forkserver")
    waiting = list(enumerate(items))[::-1]
    crew = [_Worker(context, function, limits) for _ in range(workers_for(workers, len(items)))]
    try:
        while waiting or any(worker.index is not None for worker in crew):
            for worker in crew:
                if worker.index is None and waiting:
                    worker.give(*waiting.pop())
            yield from _collect(crew)
    finally:
        for worker in crew:
            worker.end()


def _collect(crew: list[_Worker]) -> Iterator[tuple[int, Any]]:
    busy = [worker for worker in crew if worker.index is not None]
    ready = wait([worker.pipe for worker in busy], timeout=min(worker.seconds_left() for worker in busy))
    for worker in busy:
        if worker.pipe in ready:
            yield worker.take()
        elif worker.seconds_left() <= 0:
            yield worker.give_up(f"not read within {worker.limits.seconds} s")


class _Worker:
    """One child process and what it is working on."""

    def __init__(self, context: Any, function: Callable[[Any], Any], limits: Limits) -> None:
        self.context, self.function, self.limits = context, function, limits
        self.index: int | None = None
        self.since = 0.0
        self.start()

    def start(self) -> None:
        self.pipe, theirs = self.context.Pipe()
        self.process = self.context.Process(target=_serve, args=(theirs, self.function, self.limits), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, index: int, item: Any) -> None:
        self.index, self.since = index, monotonic()
        self.pipe.send(item)

    def seconds_left(self) -> float:
        return self.since + self.limits.seconds - monotonic() if self.limits.seconds else 3600.0

    def take(self) -> tuple[int, Any]:
        try:
            result = self.pipe.recv()
        except (EOFError, ConnectionError):
            return self.give_up("the reader ended without an answer (out of memory, or broken by the file)")
        index, self.index = self.index, None
        assert index is not None  # noqa: S101
        return index, result

    def give_up(self, what: str) -> tuple[int, Failure]:
        self.end()
        self.start()
        index, self.index = self.index, None
        assert index is not None  # noqa: S101
        return index, Failure((Problem("", what, "open it and save it anew, or take it out of raw/"),))

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, function: Callable[[Any], Any], limits: Limits) -> None:
    if limits.memory_mb:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_mb << 20,) * 2)
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        pipe.send(_attempt(function, item))


def _attempt(function: Callable[[Any], Any], item: Any) -> Any:
    try:
        return function(item)
    except UserError as error:
        return Failure(error.problems)
    except MemoryError:
        return Failure((Problem("", "needs more memory than allowed", "raise [ingest] memory_mb, or split the file"),))
    except Exception as error:  # noqa: BLE001  (one file must not end the run; its words must not reach a log)
        return Failure(
            (Problem("", f"the reader failed ({type(error).__name__})", "please report it with the file's format"),)
        )
