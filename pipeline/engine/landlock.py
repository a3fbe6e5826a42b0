"""Landlock: the files that a process may still read and write, enforced by the kernel (Linux 5.13 and later).

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls, the same on every architecture
VERSION = 1  # flag of CREATE_RULESET: which version of Landlock there is
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FIRST_RIGHTS = (1 << 13) - 1  # of version 1: the four above, removing and making of every kind
RIGHTS_SINCE = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # version -> moving between folders, cutting, device control
TCP_SINCE, TCP = 4, 0b11  # binding and connecting
SCOPES_SINCE, SCOPES = 6, 0b11  # abstract unix sockets and signals to others
READING = READ_FILE | READ_FOLDER


def version() -> int:
    """The version of Landlock that the kernel has; 0 if it has none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _call(CREATE_RULESET, None, 0, VERSION))


def restrict(readable: Iterable[str], writable: str, devices: Iterable[str]) -> bool:
    """Let this process read below some folders, and write only below one; True if the kernel enforces it.

    `devices` may be read and written. The process must have given up new privileges. There is no way back:
    children and threads of the process are held to the same.
    """
    number = version()
    if not number:
        return False
    rights = FIRST_RIGHTS | sum(right for since, right in RIGHTS_SINCE.items() if number >= since)
    tcp, scopes = TCP if number >= TCP_SINCE else 0, SCOPES if number >= SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", rights, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    ruleset = _call(CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path, READING)
        _allow(ruleset, writable, rights & ~EXECUTE)
        for path in devices:
            _allow(ruleset, path, READ_FILE | WRITE_FILE)
        return _call(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Allow these rights below a folder, or on a file; a path that is not there needs no rule."""
    with suppress(OSError):
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
        finally:
            os.close(opened)


def _call(number: int, *arguments: object) -> int:
    """The result of a system call; -1 where the kernel refuses it or does not have it."""
    result: int = ctypes.CDLL(None).syscall(number, *arguments)
    return result
