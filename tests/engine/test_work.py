"""Work that stages have done: in order wherever it runs, here where it is little, with its progress."""

import os

import pytest

from pipeline import engine
from pipeline.engine import Failure, Limits
from pipeline.engine.work import IN_PROCESS, Task, Work
from pipeline.errors import Problem, UserError


def quiet(done: int, total: int) -> None:
    """Draw no progress."""


def where(_: int) -> int:
    """The process that works."""
    return os.getpid()


def refuse(_: int) -> int:
    raise UserError(Problem("a task", "cannot be done", "leave it out"))


def test_results_come_in_the_order_of_the_tasks_wherever_they_are_performed() -> None:
    pieces = [[f"text {i}"] * (50 + i) for i in range(4)]
    for workers in (1, 2):
        assert Work(workers, quiet).results([Task(len, piece, 50) for piece in pieces]) == [50, 51, 52, 53]


def test_a_little_work_is_done_here_unless_workers_are_at_hand() -> None:
    engine.dismiss()
    little = [Task(where, 0, 1)]
    assert Work(1, quiet).results(little) == [os.getpid()]
    much = Work(1, quiet).results([Task(where, 0, IN_PROCESS)])
    assert much != [os.getpid()]
    assert Work(1, quiet).results(little) == much


@pytest.mark.parametrize("size", [1, IN_PROCESS])
def test_a_task_that_fails_ends_the_work_with_its_problem(size: int) -> None:
    with pytest.raises(UserError, match="a task: cannot be done: leave it out"):
        Work(1, quiet).results([Task(refuse, 0, size)])


def test_an_item_that_fails_under_limits_costs_itself_alone() -> None:
    outcomes = dict(Work(1, quiet).outcomes(int, ["1", "x", "3"], Limits(seconds=20)))
    assert (outcomes[0], outcomes[2]) == (1, 3)
    assert isinstance(outcomes[1], Failure)


def test_progress_counts_what_was_announced_and_never_runs_over() -> None:
    seen: list[tuple[int, int]] = []
    work = Work(1, lambda done, total: seen.append((done, total)))
    work.expect(10)
    work.results([Task(len, [], 4)])
    work.results([Task(len, [], 8)])
    assert seen == [(0, 10), (4, 10), (4, 12), (12, 12)]
