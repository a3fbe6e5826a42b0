"""Case 75: native code inside a reader, which no hook of Python sees, is held by the kernel."""

import ctypes
import errno
import os
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from pipeline import engine
from pipeline.engine import Failure, Limits, confinement, seccomp

TIGHT = Limits(seconds=20, memory_mb=512)
REFUSALS = (errno.EPERM, errno.EACCES)

pytestmark = pytest.mark.skipif(
    bool(confinement.missing_protections()), reason="the kernel has no Landlock or seccomp to hold a reader"
)


def perform(act):
    return act()


def results(items, limits=TIGHT):
    return [
        outcome for _, outcome in sorted(engine.run(perform, items, workers=1, limits=limits), key=lambda each: each[0])
    ]


def library():
    return ctypes.CDLL(None, use_errno=True)


def error_of(result):
    """The error of a call to the C library; 0 where it succeeded."""
    return ctypes.get_errno() if result < 0 else 0


def open_for_writing(path):
    return error_of(library().open(path.encode(), os.O_WRONLY | os.O_CREAT, 0o600))


def open_for_reading(path):
    return error_of(library().open(path.encode(), os.O_RDONLY))


def truncate(path):
    return error_of(library().truncate(path.encode(), 0))


def change_mode(path):
    return error_of(library().chmod(path.encode(), 0o777))


def unlink(path):
    return error_of(library().unlink(path.encode()))


def rename(path):
    return error_of(library().rename(path.encode(), f"{path}.new".encode()))


def fork():
    child = library().fork()
    if child == 0:
        os._exit(0)
    return error_of(child)


def send_signal(process):
    return error_of(library().kill(process, 0))


def signal_thread(process):
    return error_of(library().syscall(234, process, process, 0))  # tgkill


def open_socket(family):
    return error_of(library().socket(family, socket.SOCK_STREAM, 0))


def run_program():
    return error_of(library().execve(b"/bin/true", None, None))


def share_memory():
    return error_of(library().shmget(0, 4096, 0o1600))


def make_file_of_memory():
    return error_of(library().memfd_create(b"x", 0))


def trace_process(process):
    return error_of(library().ptrace(16, process, None, None))


def ring():
    return error_of(library().syscall(425, 1, None))


def write_by_sqlite(path):
    import sqlite3

    try:
        with sqlite3.connect(path) as database:
            database.execute("create table t (x)")
    except sqlite3.OperationalError:
        return errno.EACCES
    return 0


def write_by_arrow(path):
    import pyarrow as pa

    try:
        pa.OSFile(path, "wb").close()
    except OSError as error:
        return error.errno or errno.EACCES
    return 0


def write_many():
    folder = Path(tempfile.gettempdir())
    number = 0
    while True:
        (folder / str(number)).write_bytes(b"x" * 1_000_000)
        number += 1


def write_own():
    path = Path(tempfile.gettempdir()) / "own"
    path.write_text("words")
    return path.read_text()


ON_A_FILE = (open_for_writing, truncate, change_mode, unlink, rename, write_by_sqlite, write_by_arrow)
OTHERS = (fork, run_program, share_memory, make_file_of_memory, ring)


@pytest.mark.parametrize("act", ON_A_FILE)
def test_case_75_native_code_changes_no_file(act, tmp_path):
    path = tmp_path / "transcript.txt"
    path.write_text("words")
    (error,) = results([partial(act, str(path))])
    assert error in REFUSALS
    assert path.read_text() == "words"
    assert [each.name for each in tmp_path.iterdir()] == ["transcript.txt"]


def test_case_75_native_code_reads_nothing_of_the_study(tmp_path):
    path = tmp_path / "transcript.txt"
    path.write_text("words")
    assert results([partial(open_for_reading, str(path))])[0] in REFUSALS


@pytest.mark.parametrize("act", OTHERS)
def test_case_75_native_code_starts_and_shares_nothing(act):
    assert results([act])[0] in REFUSALS


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET, socket.AF_NETLINK])
def test_case_75_native_code_opens_no_socket(family):
    assert results([partial(open_socket, family)])[0] in REFUSALS


@pytest.mark.parametrize("act", [send_signal, trace_process])
def test_case_75_native_code_reaches_no_other_process(act):
    assert results([partial(act, os.getpid())])[0] in REFUSALS


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="the number of one architecture")
def test_case_75_a_thread_of_another_process_is_not_signalled():
    assert results([partial(signal_thread, os.getpid())])[0] in REFUSALS


def test_case_75_a_reader_that_fills_the_disk_is_ended():
    (outcome,) = results([write_many], limits=Limits(seconds=60, memory_mb=256))
    assert isinstance(outcome, Failure)
    assert "temporary files" in outcome.problems[0].what


def test_what_readers_need_they_may_still_do():
    assert results([write_own]) == ["words"]


def test_a_filter_is_whole_on_every_architecture_that_is_known():
    for architecture in seccomp.ARCHITECTURES.values():
        assert len(seccomp.program(architecture)) % 8 == 0
        assert len(set(architecture.refused)) == len(architecture.refused)


def test_a_protection_that_the_kernel_lacks_is_named(monkeypatch):
    monkeypatch.setattr(confinement.landlock, "version", lambda: 0)
    assert confinement.missing_protections() == ("Landlock",)
