"""The same work on a cluster: a Dask scheduler hands each item to a worker on some computer.

A worker has the item done by a child process of its own, as `engine.run` does here: with the same limits, and the same result.
What a lost worker had in hand goes to another one; an item with which one worker after another is lost has failed.
"""

from __future__ import annotations

import logging
import multiprocessing
import platform
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from itertools import islice
from typing import Any

from pipeline import engine
from pipeline.engine import Failure, Limits
from pipeline.errors import Problem, UserError
from pipeline.provenance import key_of, program
from pipeline.wording.messages import message

PATIENCE = 15  # seconds that scheduler and first worker may take to answer
AHEAD = 2  # items handed out for each thread of the cluster, so that none waits for this computer
COMPUTING = ("numpy", "scipy", "scikit-learn", "spacy")  # libraries that numbers depend on


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a worker can do no order at all, so that the run must end: nothing is wrong with the item."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Order:
    """One item for a worker, and which version of the program must work on it."""

    function: Callable[[Any], Any]
    item: Any
    limits: Limits
    version: str


def run(
    function: Callable[[Any], Any], items: Sequence[Any], *, scheduler: str, limits: Limits
) -> Iterator[tuple[int, Any]]:
    """(index, result or Failure) for every item, as they are done by the workers of a scheduler.

    UserError if the scheduler cannot be reached, has no worker, or is lost.
    """
    with _connected(scheduler) as client:
        yield from _handed_out(client, function, items, scheduler=scheduler, limits=replace(limits, folder=""))


def _handed_out(
    client: Any, function: Callable[[Any], Any], items: Sequence[Any], *, scheduler: str, limits: Limits
) -> Iterator[tuple[int, Any]]:
    from distributed import as_completed

    index_of: dict[Any, int] = {}
    waiting = iter(range(len(items)))
    done = as_completed()

    def hand_out() -> None:
        """Hand out the next item, which is opened only now."""
        for index in islice(waiting, 1):
            order = Order(function, items[index], limits, running_version())
            with warnings.catch_warnings(action="ignore", category=UserWarning):  # that an order is large
                future = client.submit(perform, order, pure=False)
            index_of[future] = index
            done.add(future)

    for _ in range(AHEAD * _threads(client, scheduler)):
        hand_out()
    for future in done:
        result = _outcome(future, scheduler)
        hand_out()
        yield index_of.pop(future), result


def perform(order: Order) -> Any:
    """The result of an order, or a Failure; runs in a worker of the cluster. It raises nothing: Dask would log the item."""
    try:
        if multiprocessing.current_process().daemon:
            return Unfit(_problem("engine/worker_may_start_nothing", "engine/start_workers_like_this"))
        if order.version != running_version():
            return Unfit(_problem("engine/worker_of_another_version", "engine/install_the_same_version"))
        ((_, result),) = engine.run(order.function, [order.item], workers=1, limits=order.limits)
    except UserError as error:
        return Failure(error.problems)
    except Exception as error:  # noqa: BLE001
        what = "engine/the_reader_failed"
        return Failure((_problem(what, "common/please_report_this_with_the_files", name=type(error).__name__),))
    return result


@cache
def running_version() -> str:
    """The version of this program and of what its numbers depend on: equal where results are equal."""
    return key_of(program(), platform.python_version_tuple()[:2], *map(version, COMPUTING))


def _problem(what: str, remedy: str, where: str = "", **names: str) -> Problem:
    return Problem(where, message(what, **names), message(remedy))


def _outcome(future: Any, scheduler: str) -> Any:
    from distributed import CancelledError, KilledWorker

    try:
        result = future.result()
    except KilledWorker:
        return Failure((_problem("engine/the_reader_stopped", "engine/open_it_and_save_it_again"),))
    except (CancelledError, OSError) as error:
        raise _without(scheduler, "engine/the_cluster_was_lost", "engine/start_it_then_analyze") from error
    except RuntimeError as error:  # it cannot even read an order
        raise _without(scheduler, "engine/worker_of_another_version", "engine/install_the_same_version") from error
    if isinstance(result, Unfit):
        raise UserError(replace(result.problem, where=_where(scheduler)))
    return result


def _without(scheduler: str, what: str, remedy: str) -> UserError:
    return UserError(_problem(what, remedy, _where(scheduler)))


def _where(scheduler: str) -> str:
    return f"config.toml [engine] scheduler = {scheduler}"


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    """A connection to a scheduler."""
    try:
        from distributed import Client
    except ImportError as error:
        raise _without(scheduler, "engine/dask_is_not_installed", "engine/install_cluster") from error
    _be_quiet()
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError, RuntimeError) as error:
        raise _without(scheduler, "engine/the_cluster_cannot_be_reached", "engine/start_it_then_analyze") from error
    try:
        yield client
    finally:
        client.close(timeout=1)


def _be_quiet() -> None:
    """Say nothing in Dask's words: what is lost is said by a UserError."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _threads(client: Any, scheduler: str) -> int:
    """How many items the cluster works on at one time."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        return sum(client.nthreads().values())
    except (OSError, TimeoutError) as error:
        raise _without(scheduler, "engine/the_cluster_has_no_worker", "engine/start_it_then_analyze") from error
