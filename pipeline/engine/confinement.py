"""What a child that reads untrusted files may not do: use more than its share, reach the network, start programs, write files."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.engine import landlock, seccomp

try:
    import resource
except ImportError:  # Windows has no such limits: a reader is held to its time alone
    resource = None  # type: ignore[assignment]

MB = 1 << 20
NO_NEW_PRIVILEGES = 38  # prctl
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/proc/self", "/sys/devices/system/cpu")
DEVICES = (os.devnull, "/dev/zero", "/dev/urandom", "/dev/random")
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty.spawn")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGING = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink"})


def confine(memory_mb: int, folder: str) -> None:
    """Limit the memory of this process (0: no limit), and cut it off from network, other programs, disk and standard error.

    The kernel enforces this where it can (`missing_protections`); a Python audit hook does so everywhere.
    """
    sys.dont_write_bytecode = True
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    if memory_mb and resource:
        # RLIMIT_AS would count address space that libraries reserve and never use; only Linux counts use in RLIMIT_DATA.
        kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
        _lower(kind, memory_mb * MB)
        _lower(resource.RLIMIT_FSIZE, memory_mb * MB)
    if resource:
        _lower(resource.RLIMIT_CORE, 0)
    _leave_network()
    _be_silent()
    _give_up_privileges()
    landlock.restrict(_readable(), folder, DEVICES)
    seccomp.restrict()
    sys.addaudithook(partial(_refuse, folder))


def missing_protections() -> tuple[str, ...]:
    """The protections that the kernel of this machine does not enforce."""
    is_held = {"Landlock": landlock.version() > 0, "seccomp": seccomp.is_known(), "limits": resource is not None}
    return tuple(name for name, is_active in is_held.items() if not is_active)


def _readable() -> list[str]:
    """Where the program and its libraries are, and nothing else: what is read of a file comes through a pipe."""
    program_folders = {str(Path(__file__).parents[1]), sys.prefix, sys.base_prefix, *SYSTEM}
    working = os.path.realpath(".")
    return sorted(program_folders | {path for path in sys.path if path and os.path.realpath(path) != working})


def _lower(kind: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def _leave_network() -> None:
    """Move into an empty network namespace, if the system allows it; the audit hook applies in any case."""
    if sys.platform == "linux":
        flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(flags)


def _give_up_privileges() -> None:
    """Give up new privileges, as Landlock and seccomp require."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _be_silent() -> None:
    """Discard what native libraries write to standard error: it may hold words of a file."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _refuse(folder: str, event: str, args: tuple[Any, ...]) -> None:
    """Audit hook (PEP 578): refuses connections, other programs, and changes on the disk outside the child's own folder."""
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"a reader may not use {event}")
    is_writing = event == "open" and args[2] & WRITING and args[0] != os.devnull
    if is_writing or (event in CHANGING and not _is_relative(args)):
        for path in args[: 1 if event == "open" else 2]:
            if isinstance(path, str) and not _is_in(folder, path):
                raise PermissionError("a reader may not write files")


def _is_relative(args: tuple[Any, ...]) -> bool:
    """Whether a path is below a folder that is open already, as when a folder is removed with all that is in it."""
    return isinstance(args[-1], int) and args[-1] >= 0


def _is_in(folder: str, path: str) -> bool:
    absolute = os.path.abspath(path)  # noqa: PTH100  (an audit hook must be cheap)
    return absolute == folder or absolute.startswith(folder + os.sep)


def allow_seconds(seconds: int) -> None:
    """End a child that works on when its parent is gone: processor time for one item more, and a little (0: no limit)."""
    if seconds and resource:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + seconds + 2
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def processor_seconds(process: int | None) -> float | None:
    """The processor time that a process has used; None where the system does not tell it, or the process is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
