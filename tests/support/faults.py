"""Faults at every file operation of a command: a kill, an error of the system or a short write, one at a time.

`PYTHONPATH=.:tests/support python tests/support/faults.py` prints the figures of docs/reliability.md.
Each trial runs in a child process on a copy of a study. Afterwards every file that people wrote must be as before or as after;
the command, run again, must end as one that was never interrupted; nothing temporary may be left.
"""

from __future__ import annotations

import argparse
import builtins
import errno
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from decided_study import decide
from studies import NOW, SMALL, quiet

from pipeline import engine
from pipeline.commands.messages import messages
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.agreement import agree
from pipeline.steps.analyze import analyze
from pipeline.steps.review import import_codings
from pipeline.steps.withdraw import withdraw
from pipeline.vocabulary import DecisionKind

EVENTS = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.scandir", "os.listdir"}
)
KINDS = ("kill", "ENOSPC", "EACCES", "EIO", "EMFILE", "short write")
KILLED, TRACEBACK, HUNG = 137, 70, 124
SECONDS = 120
HUMAN = ("coded/decisions.jsonl", "coded/quotes.jsonl", "coded/refusals.jsonl", "coded/withdrawals.jsonl", "raw/")
VOLATILE = (".hallazgo.lock", ".hallazgo.holder", ".decisions.jsonl.lock")


class Short:
    """A file of which the next write stores half, and then says that the disk is full."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        self._file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def __enter__(self) -> Short:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Faults:
    """Counts the file operations of this process inside a folder, and lets one of them fail. For a child process only."""

    def __init__(self, root: Path, point: int, kind: str) -> None:
        self.root, self.point, self.kind = f"{root}{os.sep}", point, kind
        self.count, self.is_shortening = 0, False
        self._open, self._fsync = io.open, os.fsync

    def install(self) -> None:
        sys.addaudithook(self._look)
        io.open = builtins.open = self._opened
        os.fsync = self._synced

    def _look(self, event: str, details: tuple[Any, ...]) -> None:
        if event in EVENTS and (path := self._path(event, details)):
            self._operate(path, is_writing=event == "open" and bool((details[2] or 0) & (os.O_WRONLY | os.O_RDWR)))

    def _path(self, event: str, details: tuple[Any, ...]) -> str:
        """The path of an operation inside the folder; of one beside an open folder, its name."""
        path = details[0] if details and isinstance(details[0], str | bytes | os.PathLike) else ""
        name = os.fsdecode(path)
        is_beside = event in ("os.remove", "os.rmdir") and details[-1] not in (-1, None) and not name.startswith(os.sep)
        return name if is_beside or name.startswith(self.root) else ""

    def _operate(self, path: str, *, is_writing: bool) -> None:
        self.count += 1
        if self.count != self.point:
            return
        if self.kind == "kill":
            os._exit(KILLED)
        if self.kind == "short write" and is_writing:
            self.is_shortening = True
            return
        number = getattr(errno, self.kind, errno.ENOSPC)
        raise OSError(number, os.strerror(number), path)

    def _opened(self, *args: Any, **kwargs: Any) -> Any:
        file = self._open(*args, **kwargs)
        if self.is_shortening:
            self.is_shortening = False
            return Short(file)
        return file

    def _synced(self, descriptor: int) -> None:
        self._operate("", is_writing=False)
        self._fsync(descriptor)


@dataclass(frozen=True)
class Command:
    """What is run on a study, and whether a second run after a whole one changes nothing."""

    run: Callable[[Path], object]
    is_repeatable: bool = True


def _import(root: Path) -> object:
    return import_codings(root, root.parent / "codings.csv", coder="eva", now=NOW)


def _save(root: Path) -> object:
    row = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'").iloc[0]
    draft = Draft(DecisionKind.CODE, row["excerpt_id"], row["text_sha256"], "effectiveness", value="positive")
    return ledger.append(root / "coded" / "decisions.jsonl", [draft], coder="zoe", now=NOW)


COMMANDS = {
    "analyze": Command(lambda root: analyze(root, fresh=False, now=NOW, tick=quiet)),
    "import": Command(_import),
    "agree": Command(agree),
    "save": Command(_save, is_repeatable=False),
    "withdraw": Command(lambda root: withdraw(root, "W1", is_removing=False, now=NOW, tick=quiet), is_repeatable=False),
}


def lay_out(root: Path) -> Path:
    """Write decisions into an analysed study, the last of them not analysed yet, and a file of codings beside it."""
    decide(root)
    words = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")["text"].iloc[1]
    pd.DataFrame({"quote": [words], "effectiveness": ["positive"]}).to_csv(root.parent / "codings.csv", index=False)
    _save(root)
    return root


@dataclass
class Outcome:
    """How a child process ended: its exit code, how many operations it made, what it printed as errors."""

    code: int
    count: int
    errors: str


def in_child(command: Command, root: Path, point: int = 0, kind: str = "kill") -> Outcome:
    """Run a command on a study in a child process, with a fault at one file operation; point 0: none."""
    report = root.parent / "count"
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(_child(command, root, Faults(root, point, kind), report))
    try:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.alarm(SECONDS)
        _, status = os.waitpid(child, 0)
    finally:
        signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    count = int(report.read_text() or 0) if report.exists() else 0
    errors = (root.parent / "errors").read_text("utf-8", "replace")
    return Outcome(HUNG if code == -signal.SIGKILL else code, count, errors)


def _child(command: Command, root: Path, faults: Faults, report: Path) -> int:
    report.unlink(missing_ok=True)
    stream = os.open(root.parent / "errors", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(stream, 2)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    signal.alarm(0)
    _forget_servers()
    faults.install()
    code = 0
    try:
        with messages(as_json=False):
            command.run(root)
    except typer.Exit as end:
        code = end.exit_code
    except BaseException:  # noqa: BLE001 - a traceback is what is counted
        traceback.print_exc()
        code = TRACEBACK
    faults.point = 0
    report.write_text(str(faults.count))
    return code


def _forget_servers() -> None:
    """Let this process start its own readers: those of its parent are not its children."""
    server, tracker = forkserver._forkserver, resource_tracker._resource_tracker
    server._forkserver_pid = server._forkserver_address = server._forkserver_alive_fd = None
    tracker._fd = tracker._pid = None
    engine._resting.clear()


def state(root: Path) -> dict[str, bytes]:
    """The files of a study, without what differs from run to run: locks, and times and hashes in run.json."""
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.name not in VOLATILE)
    return {path.relative_to(root).as_posix(): _lasting(path) for path in paths}


def _lasting(path: Path) -> bytes:
    data = path.read_bytes()
    if path.name != "run.json":
        return data
    record = json.loads(data)
    return json.dumps({key: value for key, value in record.items() if key not in ("stages", "seal")}).encode()


@dataclass
class Sweep:
    """What came of the faults in one command."""

    command: str
    operations: int
    trials: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        yield f"{self.command}: {self.operations} operations, {self.trials} faults, {self.wrong.total()} wrong"
        yield from (f"  {count} x {what}" for what, count in self.wrong.most_common())


def sweep(name: str, master: Path, points: Callable[[int], Iterable[int]], kinds: Iterable[str] = KINDS) -> Sweep:
    """Let one operation of a command fail in each trial; `points` chooses among the numbers of all operations."""
    command, work = COMMANDS[name], master.parent / "trial"
    before = state(master)
    root = _copy(master, work)
    whole = in_child(command, root)
    assert whole.code == 0, whole.errors
    after = state(root)
    result = Sweep(name, whole.count)
    for point in points(whole.count):
        for kind in kinds:
            result.trials += 1
            root = _copy(master, work)
            outcome = in_child(command, root, point, kind)
            for what in _wrong(command, root, outcome, before, after):
                result.wrong[f"{what} ({kind} at {point})"] += 1
    return result


def _copy(master: Path, work: Path) -> Path:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(master, work / "study")
    shutil.copy(master.parent / "codings.csv", work)
    return work / "study"


def _wrong(
    command: Command, root: Path, outcome: Outcome, before: dict[str, bytes], after: dict[str, bytes]
) -> Iterator[str]:
    if outcome.code == TRACEBACK or "Traceback" in outcome.errors:
        yield f"traceback: {(outcome.errors.strip().splitlines() or [''])[-1][:100]}"
    if outcome.code == HUNG:
        yield "hangs"
    if outcome.code in (1, 3) and not outcome.errors.strip():
        yield "no message"
    now = state(root)
    for name in sorted(before.keys() | after.keys() | now.keys()):
        is_old_or_new = now.get(name) in (before.get(name), after.get(name))
        if name.startswith(HUMAN) and not is_old_or_new and ".cut-" not in name:
            yield f"{name} is between old and new"
    if command.is_repeatable:
        again = in_child(command, root)
        last = state(root)
        if again.code != 0:
            yield f"cannot be resumed: {again.errors.strip()[:100]}"
        elif last != after:
            unlike = sorted(name for name in last.keys() | after.keys() if last.get(name) != after.get(name))
            yield f"resumed, {', '.join(unlike)[:100]} differs"


def main() -> None:
    """Sweep the commands and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--commands", nargs="+", default=list(COMMANDS))
    parser.add_argument("--every", type=int, default=1, help="a fault at every n-th operation")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = shutil.copytree(SMALL, Path(folder) / "study")
        analyze(root, fresh=True, now=NOW, tick=quiet)
        master = lay_out(root)
        for name in options.commands:
            result = sweep(name, master, lambda count: range(1, count + 1, options.every), options.kinds)
            print("\n".join(result.lines()), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
