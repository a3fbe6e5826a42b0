"""How a stage has work done: in this process, by workers on this computer, or by a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import engine
from pipeline.config import EngineSettings
from pipeline.engine import Failure, Limits, cluster
from pipeline.errors import UserError

Tick = Callable[[int, int], None]  # items done, items in all
IN_PROCESS = 120  # items below which starting workers costs more than it saves


@dataclass(frozen=True, slots=True)
class Task:
    """One call of a function that a worker can import. `size`: how many items it counts for in the progress."""

    function: Callable[[Any], Any]
    argument: Any
    size: int = 1


def perform(task: Task) -> Any:
    """The result of a task; runs in a worker."""
    return task.function(task.argument)


@dataclass
class Work:
    """Performs tasks, in processes where that pays, and reports the progress.

    `workers`: how many processes (0: one per core); `scheduler`: of a cluster, which performs them instead (empty: none).
    """

    workers: int
    tick: Tick
    scheduler: str = ""
    done: int = 0
    total: int = 0

    @classmethod
    def of(cls, settings: EngineSettings, tick: Tick) -> Work:
        """Work done where a study's settings say."""
        return cls(settings.workers, tick, settings.scheduler)

    def expect(self, items: int) -> None:
        """Announce how many items are still to come, before they are worked on in portions."""
        self.total = self.done + items

    def results(self, tasks: Sequence[Task]) -> list[Any]:
        """The results of trusted tasks in their order; UserError if one could not be performed."""
        items = sum(task.size for task in tasks)
        self.total = max(self.total, self.done + items)
        self._advance(0)
        is_little = items < IN_PROCESS and not engine.is_ready()
        outcomes = enumerate(map(perform, tasks)) if is_little else self.outcomes(perform, tasks, Limits())
        results: list[Any] = [None] * len(tasks)
        for index, result in outcomes:
            if isinstance(result, Failure):
                raise UserError(result.problems)
            results[index] = result
            self._advance(tasks[index].size)
        return results

    def outcomes(
        self, function: Callable[[Any], Any], items: Sequence[Any], limits: Limits
    ) -> Iterator[tuple[int, Any]]:
        """(index, result or Failure) of the function over every item, as each is done, by processes held to the limits."""
        if self.scheduler:
            return cluster.run(function, items, scheduler=self.scheduler, limits=limits)
        return engine.run(function, items, workers=self.workers, limits=limits)

    def _advance(self, items: int) -> None:
        self.done += items
        self.tick(self.done, max(1, self.total))
