"""Work on a cluster: a real scheduler and two real workers, one of which is killed midway; and clusters that are not there."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import Cluster, on
from studies import NOW, hashes, quiet

from pipeline import engine
from pipeline.engine import Failure, Limits, cluster
from pipeline.engine.work import IN_PROCESS, Task, Work
from pipeline.errors import UserError
from pipeline.steps.analyze import analyze
from pipeline.steps.check import check


@pytest.fixture
def two_workers(tmp_path: Path) -> Iterator[Cluster]:
    with closing(Cluster(tmp_path)) as made:
        yield made


def still(_done: int, _total: int) -> None:
    """Draw no progress."""


def slow_square(number: int) -> int:
    time.sleep(0.1)
    return number * number


def refuse(words: str) -> None:
    raise ValueError(words)


def who_works(_: int) -> int:
    return os.getppid()


class Killing(Sequence[int]):
    """Numbers to work on; when the tenth is asked for, a worker is killed."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self.kill = kill

    def __len__(self) -> int:
        return 40

    def __getitem__(self, index: int) -> int:  # type: ignore[override]
        if index == 10:
            self.kill()
        return index


def test_no_item_is_lost_and_none_is_done_twice_although_a_worker_is_killed_midway(two_workers: Cluster) -> None:
    doomed = two_workers.workers[0]
    items = Killing(lambda: os.kill(doomed.pid, signal.SIGKILL))
    outcomes = list(Work(1, still, two_workers.address).outcomes(slow_square, items, Limits(seconds=20)))
    assert doomed.wait(10) == -signal.SIGKILL
    assert sorted(outcomes) == [(number, number * number) for number in range(40)]


def test_both_workers_work_and_results_keep_their_order(two_workers: Cluster) -> None:
    tasks = [Task(slow_square, number, IN_PROCESS) for number in range(8)]
    assert Work(1, still, two_workers.address).results(tasks) == [number * number for number in range(8)]
    asked = [Task(who_works, number, IN_PROCESS) for number in range(20)]
    assert len(set(Work(1, still, two_workers.address).results(asked))) == 2


def test_an_item_that_fails_costs_itself_alone_and_its_words_reach_no_log(two_workers: Cluster) -> None:
    words = "Nobody in the valley was asked"
    outcomes = dict(Work(1, still, two_workers.address).outcomes(refuse, [words], Limits(seconds=20)))
    assert isinstance(outcomes[0], Failure)
    assert words not in two_workers.logged()


def test_a_scheduler_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with pytest.raises(UserError, match=r"scheduler = tcp://127.0.0.1:9: the scheduler cannot be reached"):
        list(Work(1, still, "tcp://127.0.0.1:9").outcomes(slow_square, [1], Limits()))


def test_a_scheduler_without_workers_is_named(two_workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for worker in two_workers.workers:
        worker.kill()
        worker.wait()
    monkeypatch.setattr(cluster, "PATIENCE", 5)
    with pytest.raises(UserError, match="the scheduler has no worker"):
        list(Work(1, still, two_workers.address).outcomes(slow_square, [1], Limits()))


def test_a_scheduler_that_is_lost_during_the_work_ends_it(two_workers: Cluster) -> None:
    items = Killing(two_workers.close)
    with pytest.raises(UserError, match="the scheduler was lost during the run"):
        list(Work(1, still, two_workers.address).outcomes(slow_square, items, Limits()))


def test_a_worker_of_another_version_ends_the_work(two_workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "running_version", lambda: "another")
    with pytest.raises(UserError, match="a worker has another version of this program"):
        list(Work(1, still, two_workers.address).outcomes(slow_square, [1], Limits()))


@pytest.mark.slow
def test_a_study_has_the_same_bytes_on_a_cluster_and_on_one_computer(
    two_workers: Cluster, small_study: Path, analysed_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.engine.work.IN_PROCESS", 0)
    assert analyze(on(small_study, two_workers.address), fresh=True, now=NOW, tick=quiet).exit_code == 0
    assert hashes(small_study) == hashes(analysed_once)


def test_a_study_stays_as_it_was_where_its_cluster_is_not_there(
    analysed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    before = hashes(analysed)
    with pytest.raises(UserError, match="the scheduler cannot be reached"):
        analyze(on(analysed, "tcp://127.0.0.1:9"), fresh=True, now=NOW, tick=quiet)
    assert hashes(analysed) == before


@pytest.mark.parametrize(
    ("scheduler", "what"),
    [
        ("tcp://10.0.0.1:8786", "sends everything in raw/ to the workers of a cluster, without encryption"),
        ("tls://10.0.0.1:8786", "sends everything in raw/ to the workers of a cluster"),
    ],
)
def test_the_check_says_who_gets_the_words(
    small_study: Path, monkeypatch: pytest.MonkeyPatch, scheduler: str, what: str
) -> None:
    def here(function: Callable[[Any], Any], items: Sequence[Any], *, scheduler: str, limits: Limits) -> Iterator[Any]:
        return engine.run(function, items, workers=1, limits=limits)

    monkeypatch.setattr(cluster, "run", here)
    assert what in [str(remark.what) for remark in check(on(small_study, scheduler)).remarks]
