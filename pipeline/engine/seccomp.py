"""Seccomp: the system calls that a process may no longer make, enforced by the kernel.

Landlock protects files; this protects what is not a file: sockets, other programs and processes, shared memory, permissions.
Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from dataclasses import dataclass

FILTER, ALL_THREADS = 1, 1  # operation and flag of the system call seccomp
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # a refusal carries the number of its error
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # offsets in what the filter sees of a call
OTHER_ABI = 0x40000000  # numbers from here on are those of another calling convention (x32)
THREAD = 0x00010000  # flag of clone: a thread of this process, and no new one


@dataclass(frozen=True, slots=True)
class Architecture:
    """The numbers of system calls on one architecture."""

    code: int  # as the kernel names it to a filter
    seccomp: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


# Refused: sockets; starting, signalling, tracing and reading other processes; shared memory, queues and semaphores; owners,
# permissions, times and attributes of files; namespaces, mounts, keys, and calls that go round this filter (io_uring, bpf).
ARCHITECTURES = {
    "x86_64": Architecture(
        code=0xC000003E, seccomp=317, clone=56, clone3=435,
        refused=(
            41, 42, 43, 49, 50, 53, 288,
            57, 58, 59, 322, 62, 200, 101, 310, 311, 424, 434,
            29, 30, 31, 64, 68, 240, 319,
            90, 91, 92, 93, 94, 260, 268, 452, 132, 235, 261, 280, 188, 189, 190,
            165, 166, 272, 308, 248, 249, 250, 298, 321, 323, 425,
        ),
    ),
    "aarch64": Architecture(
        code=0xC00000B7, seccomp=277, clone=220, clone3=435,
        refused=(
            198, 199, 200, 201, 202, 203, 242,
            221, 281, 129, 130, 117, 270, 271, 424, 434,
            194, 195, 196, 190, 186, 180, 279,
            52, 53, 54, 55, 452, 88, 5, 6, 7,
            40, 39, 97, 268, 217, 218, 219, 241, 280, 282, 425,
        ),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    """A filter as the kernel takes it (struct sock_fprog)."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_known() -> bool:
    """Whether the system call numbers of this machine are known."""
    return sys.platform.startswith("linux") and platform.machine() in ARCHITECTURES


def restrict() -> bool:
    """Refuse these calls to this process, its threads and all that it becomes; True if the kernel enforces it.

    The process must have given up new privileges.
    """
    if not is_known():
        return False
    architecture = ARCHITECTURES[platform.machine()]
    code = program(architecture)
    held = _Program(len(code) // 8, code)
    return bool(ctypes.CDLL(None).syscall(architecture.seccomp, FILTER, ALL_THREADS, ctypes.byref(held)) == 0)


def program(architecture: Architecture) -> bytes:
    """The filter: calls of another architecture or convention and those that are refused fail, threads may be made."""
    no, absent = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    steps = [
        _step(LOAD, ARCHITECTURE_AT),
        _step(JUMP_IF_EQUAL, architecture.code, yes=1),
        _step(RETURN, no),
        _step(LOAD, NUMBER_AT),
        _step(JUMP_IF_AT_LEAST, OTHER_ABI, no=1),
        _step(RETURN, no),
        _step(JUMP_IF_EQUAL, architecture.clone3, no=1),
        _step(RETURN, absent),  # the library then uses clone, whose flags a filter can see
    ]
    for number in architecture.refused:
        steps += [_step(JUMP_IF_EQUAL, number, no=1), _step(RETURN, no)]
    steps += [
        _step(JUMP_IF_EQUAL, architecture.clone, no=3),
        _step(LOAD, FIRST_ARGUMENT_AT),
        _step(JUMP_IF_BITS, THREAD, yes=1),
        _step(RETURN, no),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no` say how many instructions to leap over after a comparison."""
    return struct.pack("=HBBI", code, yes, no, value)
