"""The engine: every item has its answer, a child that misbehaves costs its one item, and children reach nothing outside."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest
from studies import ROOT

from pipeline import engine
from pipeline.engine import Failure, Limits
from pipeline.errors import Problem, UnreadableError, UserError

TIGHT = Limits(seconds=2, memory_mb=256)
NONE = Limits()


def double(number):
    return 2 * number


def misbehave(how):
    """What a hostile file could make a reader do."""
    if callable(how):
        return how()
    return how


def wait_a_little():
    """Take longer than a second by the clock and next to nothing of the processor, as on a busy computer."""
    time.sleep(1.5)
    return "done"


def spin():
    while True:
        pass


def sleep_long():
    time.sleep(60)


def swell():
    return len(bytearray(2 << 30))


def swell_slowly():
    held = []
    while True:
        held.append(bytearray(10 << 20))


def die():
    os.abort()


def leave():
    os._exit(0)


def crash():
    import ctypes

    ctypes.string_at(0)


def dive():
    return [dive()]


def quote():
    raise ValueError("what the participant said")


def refuse():
    raise UnreadableError(Problem("p. 3", "is torn", "mend it"))


def give_unpicklable():
    return lambda: None


def connect():
    return socket.create_connection(("127.0.0.1", 9), timeout=1)


def look_up():
    return socket.getaddrinfo("localhost", 80)


def start_program():
    return subprocess.run(["true"], check=True)


def write_to(path):
    Path(path).write_text("x")


def remove(path):
    Path(path).unlink()


def rename(path):
    Path(path).rename(f"{path}.new")


def link_to(path):
    (Path(tempfile.gettempdir()) / "link").symlink_to(path)
    (Path(tempfile.gettempdir()) / "link").rename(f"{path}.new")


def complain():
    return os.write(2, b"a trace\n") - 1


def write_temporary():
    with tempfile.TemporaryFile() as file, tempfile.NamedTemporaryFile(), tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").write_text("x")
        return file.write(b"x")


def name_temporary():
    Path(tempfile.gettempdir(), "left").write_text("x")
    return tempfile.gettempdir()


def results(items, *, workers=2, limits=NONE, function=misbehave):
    found = dict(engine.run(function, items, workers=workers, limits=limits))
    return [found[index] for index in range(len(items))]


def what(outcome):
    assert isinstance(outcome, Failure), outcome
    return outcome.problems[0].what


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_item_has_its_answer_whatever_the_number_of_workers(workers):
    assert results(list(range(20)), workers=workers, function=double) == [2 * n for n in range(20)]


def test_no_items_start_no_process():
    assert list(engine.run(double, [], workers=0, limits=NONE)) == []


def test_large_items_and_answers_pass_whole():
    assert results(["x" * 20_000_000], limits=TIGHT) == ["x" * 20_000_000]


@pytest.mark.parametrize("how", [spin, sleep_long])
def test_a_reader_without_end_is_ended_at_the_limit_and_the_rest_goes_on(how):
    start = time.monotonic()
    first, second, third = results([how, 1, 2], limits=Limits(seconds=1, memory_mb=256))
    assert what(first) == "not read within 1 s"
    assert first.problems[0].remedy.startswith("run it again when the computer is less busy, or raise [ingest] seconds")
    assert (second, third) == (1, 2)
    assert time.monotonic() - start < 30


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell the processor time of a child")
def test_what_a_child_waits_for_a_busy_computer_is_not_counted_as_its_work():
    assert results([wait_a_little, 1], workers=1, limits=Limits(seconds=1, memory_mb=256)) == ["done", 1]


@pytest.mark.parametrize("how", [swell, swell_slowly])
def test_memory_beyond_the_limit_is_named_and_the_rest_goes_on(how):
    first, second = results([how, 1], workers=1, limits=Limits(seconds=20, memory_mb=256))
    assert what(first) == "needs more memory than allowed"
    assert first.problems[0].remedy == "raise [ingest] memory_mb, or split the file"
    assert second == 1


@pytest.mark.parametrize("how", [die, leave, crash])
def test_a_child_that_dies_silently_is_named_and_replaced(how):
    first, second = results([how, 1], workers=1, limits=TIGHT)
    assert what(first) == "the reader stopped without a result (out of memory, or crashed by the file)"
    assert second == 1


def test_the_words_of_an_error_do_not_leave_the_child():
    (outcome,) = results([quote])
    assert what(outcome) == "the reader failed (ValueError)"
    assert "participant" not in repr(outcome)


def test_what_a_reader_reports_of_a_file_arrives_unchanged():
    (outcome,) = results([refuse])
    assert outcome == Failure((Problem("p. 3", "is torn", "mend it"),))


def test_endless_recursion_and_unpicklable_answers_are_failures():
    deep, odd, good = results([dive, give_unpicklable, 7], workers=1)
    assert what(deep) == "the reader failed (RecursionError)"
    assert what(odd).startswith("the text was read, but could not be handed back to the program")
    assert good == 7


@pytest.mark.parametrize("how", [connect, look_up, start_program])
def test_a_limited_child_reaches_no_network_and_no_program(how):
    (outcome,) = results([how], limits=TIGHT)
    assert what(outcome) == "the reader failed (PermissionError)"


@pytest.mark.parametrize("how", [write_to, remove, rename, link_to])
def test_a_limited_child_changes_no_file_not_even_in_the_temporary_folder_of_all(how, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("mine")
    (outcome,) = results([partial(how, str(path))], limits=TIGHT)
    assert what(outcome) == "the reader failed (PermissionError)"
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    assert path.read_text() == "mine"


@pytest.mark.parametrize("limits", [TIGHT, NONE])
def test_what_a_library_writes_to_standard_error_stays_in_a_limited_child(limits):
    program = (
        f"import test_engine as t; print(t.results([t.complain], limits=t.Limits{limits.seconds, limits.memory_mb}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "[7]\n"
    assert done.stderr == ("" if limits == TIGHT else "a trace\n")


def test_a_limited_child_may_write_a_temporary_file():
    assert results([write_temporary], limits=TIGHT) == [1]


def test_each_child_has_a_temporary_folder_of_its_own_that_goes_with_it():
    folders = results([name_temporary, spin, name_temporary], workers=1, limits=Limits(seconds=1, memory_mb=256))
    assert folders[0] != folders[2]
    assert not [folder for folder in (folders[0], folders[2]) if Path(folder).exists()]


def test_work_without_limits_may_do_all_of_that():
    assert results([write_temporary, look_up], limits=NONE)[0] == 1


def threads():
    import numpy as np

    np.ones((50, 50)) @ np.ones((50, 50))
    return len(list(Path("/proc/self/task").iterdir()))


def test_a_child_works_in_one_thread():
    assert results([threads], limits=TIGHT) == [1]


def test_workers_that_cannot_start_are_not_the_files_fault(monkeypatch):
    engine.dismiss()
    monkeypatch.setattr(engine, "_serve", os._exit)
    with pytest.raises(UserError, match="worker processes: stop as soon as they start"):
        results([1])


def test_the_engine_leaves_no_child_behind():
    before = set(_children())
    results([1, spin], limits=Limits(seconds=1, memory_mb=256))
    assert set(_children()) <= before | set(_children(name="forkserver"))


def _children(name=""):
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines()[1:]:
        pid, parent, command = line.split(None, 2)
        if int(parent) == os.getpid() and name in command and "ps -eo" not in command:
            yield int(pid)


def test_workers_are_never_more_than_the_work():
    assert engine.workers_for(8, 3) == 3
    assert engine.workers_for(2, 100) == 2
    assert engine.workers_for(0, 100) >= 1


def loaded(_):
    """The process that works."""
    return os.getpid()


def test_children_without_limits_stay_for_the_next_call_and_others_do_not():
    engine.dismiss()
    first = {pid for _, pid in engine.run(loaded, range(3), workers=1, limits=Limits())}
    again = {pid for _, pid in engine.run(loaded, range(3), workers=1, limits=Limits())}
    other = {pid for _, pid in engine.run(loaded, range(3), workers=1, limits=Limits(seconds=20))}
    assert first == again
    assert not first & other
    assert engine.is_ready()
    engine.dismiss()
    assert not engine.is_ready()


def test_a_child_that_died_while_it_waited_is_replaced():
    (pid,) = {pid for _, pid in engine.run(loaded, [0], workers=1, limits=Limits())}
    os.kill(pid, signal.SIGKILL)
    while engine._resting[-1].process.is_alive():
        time.sleep(0.01)
    assert [pid for _, pid in engine.run(loaded, [0], workers=1, limits=Limits())] != [pid]
