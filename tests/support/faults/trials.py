"""Trials: a command on a copy of a study, one fault, what it left; then the command again."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import pickle
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import typer
from drawn_once import drawn_once
from jinja2 import Environment
from studies import NOW

from faults.commands import COMMANDS, Command
from faults.operations import BEFALLS, KILLED, Disk, Fault, Operation
from pipeline import engine
from pipeline.commands.messages import messages
from pipeline.publish.html import report
from pipeline.registers.refusals import PENDING

TRACEBACK, HUNG, INTERRUPTED = 70, 124, 130
SECONDS = 120
TEMPORARY = (".staging/", ".work/")  # what is left there is for the next command to remove
MADE = ("outputs/", "coded/machine/", *TEMPORARY)  # by the program: all else people wrote
VOLATILE = (".hallazgo.lock", ".hallazgo.holder", ".decisions.jsonl.lock")
State = dict[str, bytes]  # path below the study -> content; of a folder, with / at its end, nothing


@dataclass
class Outcome:
    """How a run ended: its exit code, its file operations, where it met a fault, what it printed as errors."""

    code: int
    operations: list[str]
    struck: str
    errors: str


def run(command: Command, root: Path, point: int = 0, fault: Fault = Fault.KILL, now: datetime = NOW) -> Outcome:
    """Run a command on a study in a child process, with a fault at one of its file operations; point 0: none."""
    report = root.parents[1] / "report.json"
    report.unlink(missing_ok=True)
    errors = root.parents[1] / "errors"
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        disk = Disk(root.parent, point, fault)
        os._exit(_run_here(lambda: command.run(root, now), disk, report, errors))
    try:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.alarm(SECONDS)
        _, status = os.waitpid(child, 0)
    finally:
        signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    counted = json.loads(report.read_bytes()) if report.exists() else {"operations": [], "struck": ""}
    return Outcome(HUNG if code == -signal.SIGKILL else code, errors=errors.read_text("utf-8", "replace"), **counted)


def _run_here(act: Callable[[], int], disk: Disk, report: Path, errors: Path) -> int:
    stream = os.open(errors, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(stream, 2)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
    signal.alarm(0)
    gc.disable()
    forkserver._forkserver.ensure_running = lambda: (
        None
    )  # the server of the parent starts the readers of its children, too
    engine._resting.clear()
    disk.install()
    code = 0
    try:
        with messages(as_json=False):
            code = act()
    except typer.Exit as end:
        code = end.exit_code
    except KeyboardInterrupt:  # of which the command line says that it was aborted
        code = INTERRUPTED
    except BaseException:  # noqa: BLE001 - a traceback is what is counted
        traceback.print_exc()
        code = TRACEBACK
    disk.end()
    report.write_text(json.dumps({"operations": disk.operations, "struck": disk.struck}))
    return code


@contextmanager
def warmed() -> Iterator[None]:
    """Let all runs of this process share what costs time and touches no file of a study: drawn figures, compiled pages."""
    compile_anew = Environment.compile

    @cache
    def compiled(*source: Any) -> Any:
        return compile_anew(report.template_environment(), *source)

    with drawn_once(), patch.object(Environment, "compile", lambda _, *source: compiled(*source)):
        yield


def state(root: Path) -> State:
    """The files and folders of a study, without locks, and without times and hashes of times in run.json."""
    content: State = {}
    for folder, _, names in os.walk(root):
        content[f"{Path(folder).relative_to(root).as_posix()}/"] = b""
        for name in names:
            path = Path(folder) / name
            if name not in VOLATILE:
                content[path.relative_to(root).as_posix()] = _lasting(path)
    return content


def _lasting(path: Path) -> bytes:
    data = path.read_bytes()
    if path.parent.name == "review" and path.suffix == ".xlsx":  # its library writes the time into it
        book = openpyxl.load_workbook(io.BytesIO(data))
        return repr([list(sheet.values) for sheet in book]).encode()
    if path.name != "run.json":
        return data
    try:
        record = json.loads(data)
    except ValueError:
        return data
    return json.dumps({key: value for key, value in record.items() if key not in ("stages", "seal")}).encode()


def differences(one: State, other: State) -> list[str]:
    """The paths at which two states differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


@dataclass
class Sweep:
    """What came of the faults in one command."""

    command: str
    operations: int
    trials: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """The figures, and what went wrong at how many operations."""
        by_fault = ", ".join(f"{count} {fault}" for fault, count in sorted(self.trials.items()))
        yield (
            f"{self.command}: {self.operations} operations, {self.trials.total()} faults ({by_fault}), "
            f"{self.wrong.total()} wrong"
        )
        yield from (f"  {count} x {what}" for what, count in self.wrong.most_common())


@dataclass
class Trials:
    """The trials of one command on copies of a study."""

    name: str
    master: Path

    def __post_init__(self) -> None:
        self.command = COMMANDS[self.name]
        self.work = self.master.parents[1] / "trial"
        self.before = state(self.master)
        self.command.run(self.copy(), NOW)  # here, so that every child has loaded and drawn what it needs
        self.uninterrupted = run(self.command, self.copy())
        assert self.uninterrupted.code in (0, 2), self.uninterrupted.errors
        self.after = state(self.work / "study")
        self.resumed: dict[str, tuple[str, ...]] = {}

    def copy(self) -> Path:
        """A fresh copy of the study, and of what is beside it."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.master.parent, self.work)
        return self.work / "study"

    def cases(self, faults: Iterable[Fault]) -> list[tuple[int, Fault]]:
        """Every operation with every fault that can befall it."""
        numbered = enumerate(self.uninterrupted.operations, 1)
        return [(point, fault) for point, each in numbered for fault in faults if Operation(each) in BEFALLS[fault]]

    def sweep(self, cases: Iterable[tuple[int, Fault]]) -> Sweep:
        """Let one operation fail in each trial."""
        result = Sweep(self.name, len(self.uninterrupted.operations))
        for point, fault in cases:
            result.trials[fault] += 1
            outcome = run(self.command, self.copy(), point, fault)
            operation = self.uninterrupted.operations[point - 1]
            for what in self._wrong(outcome):
                at = Path(outcome.struck).name if outcome.struck else point
                result.wrong[f"{what} ({fault} at {point}: {operation} {at})"] += 1
                print(self.name, what, fault, point, operation, at, file=sys.stderr, flush=True)  # noqa: T201 - while it runs
        return result

    def _wrong(self, outcome: Outcome) -> Iterator[str]:
        root = self.work / "study"
        if outcome.code == TRACEBACK or "Traceback" in outcome.errors:
            yield f"traceback: {(outcome.errors.strip().splitlines() or [''])[-1][:200]}"
        if outcome.code == HUNG:
            yield "hangs"
        if outcome.code not in (0, KILLED, INTERRUPTED) and not outcome.errors.strip():
            yield f"exit code {outcome.code} without a message"
        now = state(root)
        unlike = [name for name in differences(now, self.after) if not name.startswith(TEMPORARY)]
        if outcome.code == 0 and unlike:
            yield f"exit code 0, but {', '.join(unlike)[:200]} differs"
        for name in differences(now, self.before):
            is_made = name.startswith(MADE) or name.endswith("/")
            if not is_made and now.get(name) != self.after.get(name) and not _is_set_aside(name):
                yield f"{name} is between old and new"
        if not self.command.is_repeatable and outcome.code == self.uninterrupted.code and not unlike:
            return  # it came to its end
        key = hashlib.sha256(pickle.dumps(sorted(now.items()))).hexdigest()
        if key not in self.resumed:
            self.resumed[key] = tuple(self._resume(root))
        yield from self.resumed[key]

    def _resume(self, root: Path) -> Iterator[str]:
        """What is wrong after the command was run again; the same for the same state before it."""
        again = run(self.command, root)
        last = state(root)
        if again.code != self.uninterrupted.code:
            yield f"cannot be resumed: exit code {again.code}, {again.errors.strip()[-200:]}"
        elif unlike := differences(last, self.after):
            yield f"resumed, {', '.join(unlike)[:200]} differs"


def _is_set_aside(name: str) -> bool:
    """Whether a file is what the program keeps: of a cut line, for the place of another file, or until a withdrawal ends."""
    is_pending = name.startswith(PENDING)
    return is_pending or ".cut-" in name or (Path(name).name.startswith(".") and name.endswith(".new"))
