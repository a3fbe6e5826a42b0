"""The file operations of a process inside a folder, counted, and one of them made to fail. For a child process only."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

PIPELINE = f"{Path(__file__).parents[3] / 'pipeline'}{os.sep}"
KILLED = 137


class Operation(StrEnum):
    """What a process does with files."""

    OPEN = "open to read"
    READ = "read"  # the first time after a file was opened
    CREATE = "open to write"
    WRITE = "write"
    SYNC = "sync"
    RENAME = "rename"
    REMOVE = "remove"
    MAKE = "make a folder"
    CHANGE = "truncate, set times or permissions"
    LIST = "list a folder"
    LOOK = "look at a file"  # the first time for each line of the program


class Fault(StrEnum):
    """What befalls an operation."""

    KILL = "kill"
    ENOSPC = "ENOSPC"
    EACCES = "EACCES"
    EIO = "EIO"
    EMFILE = "EMFILE"
    SHORT = "short write"
    INTERRUPT = "Ctrl-C"
    MEMORY = "out of memory"


CHANGING = (
    Operation.CREATE,
    Operation.WRITE,
    Operation.SYNC,
    Operation.RENAME,
    Operation.REMOVE,
    Operation.MAKE,
    Operation.CHANGE,
)
BEFALLS = {  # a kill before an operation that changes nothing is one before the next that does
    Fault.KILL: CHANGING,
    Fault.ENOSPC: (Operation.CREATE, Operation.WRITE, Operation.SYNC, Operation.RENAME, Operation.MAKE),
    Fault.EACCES: (
        Operation.OPEN,
        Operation.CREATE,
        Operation.RENAME,
        Operation.REMOVE,
        Operation.MAKE,
        Operation.CHANGE,
        Operation.LIST,
    ),
    Fault.EIO: tuple(Operation),
    Fault.EMFILE: (Operation.OPEN, Operation.CREATE, Operation.LIST),
    Fault.SHORT: (Operation.WRITE,),
    Fault.INTERRUPT: CHANGING,
    Fault.MEMORY: CHANGING,
}
USUAL = (Fault.KILL, Fault.ENOSPC, Fault.EACCES, Fault.EIO, Fault.EMFILE, Fault.SHORT)
FULL = (Operation.CREATE, Operation.WRITE, Operation.MAKE)  # what fails from then on where a disk is full
LASTS = {Fault.ENOSPC: FULL, Fault.SHORT: FULL, Fault.EMFILE: BEFALLS[Fault.EMFILE]}
RAISED = {Fault.INTERRUPT: KeyboardInterrupt, Fault.MEMORY: MemoryError}
EVENTS = {
    "os.rename": Operation.RENAME,
    "os.remove": Operation.REMOVE,
    "os.rmdir": Operation.REMOVE,
    "os.mkdir": Operation.MAKE,
    "os.truncate": Operation.CHANGE,
    "os.chmod": Operation.CHANGE,
    "os.utime": Operation.CHANGE,
    "os.scandir": Operation.LIST,
    "os.listdir": Operation.LIST,
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Disk:
    """Counts the file operations of this process inside `root`; that of number `point` (from 1) meets `fault`.

    No space and too many open files last from then on; no access lasts for the same path. An input or output error comes once.
    """

    root: Path
    point: int = 0
    fault: Fault = Fault.KILL
    operations: list[Operation] = field(default_factory=list)
    struck: str = ""  # the path at which it happened

    def __post_init__(self) -> None:
        self._inside = f"{self.root}{os.sep}"
        self._looked: set[tuple[str, int]] = set()
        self._is_over = False
        self._open = io.open

    def install(self) -> None:
        """Let every operation of this process pass here, for good."""
        sys.addaudithook(self._hear)
        io.open = builtins.open = self._opened  # type: ignore[assignment]
        os.open = _in_folder(os.open, self)  # type: ignore[assignment]
        os.fsync = _synced(os.fsync, self)  # type: ignore[assignment]
        os.stat, os.lstat = _looking(os.stat, self), _looking(os.lstat, self)  # type: ignore[assignment]

    def end(self) -> None:
        """Let everything succeed from now on."""
        self._is_over = True

    def meets(self, operation: Operation, path: str) -> bool:
        """Count an operation; whether it is to be a short write. OSError where it fails."""
        if self._is_over or not path.startswith(self._inside):
            return False
        self.operations.append(operation)
        is_here = len(self.operations) == self.point
        if is_here:
            self.struck = path
        if is_here and self.fault is Fault.KILL:
            os._exit(KILLED)
        if is_here and self.fault in RAISED:
            raise RAISED[self.fault]
        if is_here and self.fault is Fault.SHORT:
            return True
        if is_here or self._lasts(operation, path):
            number = getattr(errno, self.fault, errno.ENOSPC)
            raise OSError(number, os.strerror(number), path)
        return False

    def looks(self, path: str) -> None:
        """Count the first look of each line of the program."""
        if self._is_over or not path.startswith(self._inside):
            return
        place = _line_of_program()
        if place not in self._looked:
            self._looked.add(place)
            self.meets(Operation.LOOK, path)

    def _lasts(self, operation: Operation, path: str) -> bool:
        if not self.struck:
            return False
        is_path_closed = self.fault is Fault.EACCES and path == self.struck and operation in BEFALLS[Fault.EACCES]
        return is_path_closed or operation in LASTS.get(self.fault, ())

    def _hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = details
            operation = Operation.CREATE if (flags or 0) & WRITING else Operation.OPEN
            self.meets(operation, _text(path))
        elif event in EVENTS and not _is_by_the_clock(event):
            folder = details[-1] if event in ("os.remove", "os.rmdir") else -1
            self.meets(EVENTS[event], _path(details[0], folder))

    def _opened(self, file: Any, mode: str = "r", *args: Any, **settings: Any) -> Any:
        """As `open`, but for a file of the folder one that counts."""
        if not _text(file).startswith(self._inside):
            return self._open(file, mode, *args, **settings)
        choices = {**dict(zip(("buffering", "encoding", "errors", "newline"), args, strict=False)), **settings}
        raw = _Raw(self, _text(file), mode.replace("b", "").replace("t", ""))
        if choices.get("buffering") == 0:
            return raw
        sort = io.BufferedRandom if "+" in mode else io.BufferedReader if "r" in mode else io.BufferedWriter
        buffer: Any = sort(raw)  # type: ignore[arg-type]
        if "b" in mode:
            return buffer
        encoding = io.text_encoding(choices.get("encoding"))
        return io.TextIOWrapper(buffer, encoding, choices.get("errors"), choices.get("newline"))


class _Raw(io.FileIO):
    """A file of which every read and write that reaches the system is counted."""

    def __init__(self, disk: Disk, path: str, mode: str) -> None:
        super().__init__(path, mode)
        self.disk, self.path = disk, path
        self._is_read = False

    def _meet_read(self) -> None:
        if not self._is_read:
            self._is_read = True
            self.disk.meets(Operation.READ, self.path)

    def write(self, data: Any) -> int:
        if self.disk.meets(Operation.WRITE, self.path):
            return super().write(memoryview(data)[: len(data) // 2])
        return super().write(data)

    def read(self, size: int | None = -1) -> bytes:
        self._meet_read()
        return super().read(-1 if size is None else size)

    def readall(self) -> bytes:
        self._meet_read()
        return super().readall()

    def readinto(self, buffer: Any) -> int:
        self._meet_read()
        return super().readinto(buffer)

    def truncate(self, size: int | None = None) -> int:
        self.disk.meets(Operation.CHANGE, self.path)
        return super().truncate(size)


def _in_folder(original: Callable[..., int], disk: Disk) -> Callable[..., int]:
    """`os.open` with the names in open folders, which its event does not tell."""

    def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is not None:
            disk.meets(Operation.CREATE if flags & WRITING else Operation.OPEN, _path(path, dir_fd))
        return original(path, flags, mode, dir_fd=dir_fd)

    return opened


def _synced(original: Callable[[int], None], disk: Disk) -> Callable[[int], None]:
    def synced(descriptor: int) -> None:
        disk.meets(Operation.SYNC, _path(descriptor, -1))
        original(descriptor)

    return synced


def _looking(original: Callable[..., Any], disk: Disk) -> Callable[..., Any]:
    def looked(path: Any, *args: Any, **settings: Any) -> Any:
        disk.looks(_text(path))
        return original(path, *args, **settings)

    return looked


def _text(path: Any) -> str:
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""


def _path(path: Any, folder: Any) -> str:
    """The path of an open file, of a name in an open folder, or as it is."""
    if isinstance(path, int):
        return _of_open(path)
    name = _text(path)
    is_inside = isinstance(folder, int) and folder >= 0 and not name.startswith(os.sep)
    return f"{_of_open(folder)}{os.sep}{name}" if is_inside else name


def _of_open(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _is_by_the_clock(event: str) -> bool:
    """Whether this is a look at what a reader has written, which the program takes once a second."""
    frame = sys._getframe(1) if event == "os.scandir" else None
    while frame and frame.f_code.co_name != "fills_disk":
        frame = frame.f_back
    return frame is not None


def _line_of_program() -> tuple[str, int]:
    """The innermost line of the program that is being run."""
    frame = sys._getframe(1)
    while frame and not frame.f_code.co_filename.startswith(PIPELINE):
        frame = frame.f_back  # type: ignore[assignment]
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
