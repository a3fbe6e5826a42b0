"""What work costs: processor seconds and memory of a command with all its children, and of functions side by side."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import Any

PROC = Path("/proc")
EVERY = 0.03  # seconds between two looks at the processes
SESSION, USER, SYSTEM, PAGES = 3, 11, 12, 21  # fields of /proc/PID/stat, counted behind the name
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Cost:
    """Clock and processor seconds, and the peak MB of all processes together and of the largest."""

    clock: float
    processor: float
    peak_mb: float
    largest_mb: float = 0.0


def cost_of(command: Sequence[str], folder: Path, *, allowed: frozenset[int] = frozenset({0})) -> Cost:
    """The cost of a command with all that it starts. RuntimeError if it ends with an exit code that is not allowed."""
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    with tempfile.TemporaryFile() as messages:
        began = perf_counter()
        child = subprocess.Popen(  # noqa: S603 (our own command)
            command, cwd=folder, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=messages
        )
        processor, peak, largest = _watched(child)
        clock = perf_counter() - began
        if child.returncode not in allowed:
            messages.seek(0)
            last = messages.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {last}")
    return Cost(clock, processor, peak, largest)


def _watched(child: subprocess.Popen[bytes]) -> tuple[float, float, float]:
    """Processor seconds of a child and all of its session until it ends, and the most MB of all together and of one."""
    used: dict[int, float] = {}
    peak = largest = 0.0
    while child.poll() is None:
        seen = list(_processes(child.pid))
        used.update({pid: seconds for pid, seconds, _ in seen})
        peak = max(peak, sum(mb for _, _, mb in seen))
        largest = max(largest, *(mb for _, _, mb in seen), 0.0)
        sleep(EVERY)
    return sum(used.values()), peak, largest


def processor_seconds(process: int) -> float:
    """Processor seconds that a process has used so far; 0 if the system does not report it."""
    path = PROC / str(process) / "stat"
    if not path.exists():
        return 0.0
    fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) / os.sysconf("SC_CLK_TCK")


def _processes(session: int) -> Iterator[tuple[int, float, float]]:
    """(process, its processor seconds, MB that it holds) of every process of a session; none if the system does not report them."""
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE") / 1e6
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[SESSION]) == session:
            seconds = (int(fields[USER]) + int(fields[SYSTEM])) / tick
            yield int(path.parent.name), seconds, int(fields[PAGES]) * page


def pipeline_command(*arguments: str) -> list[str]:
    """The command that runs this program with some arguments."""
    return [sys.executable, "-m", "pipeline", *arguments]


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        clock=median(cost.clock for cost in costs),
        processor=median(cost.processor for cost in costs),
        peak_mb=median(cost.peak_mb for cost in costs),
        largest_mb=median(cost.largest_mb for cost in costs),
    )


def side_by_side(works: Mapping[str, Callable[[], Any]], *, times: int = 5) -> dict[str, float]:
    """The median processor seconds of each function in this process; they take turns, so that a busy machine is busy for all."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # what is loaded once is not counted
    for _ in range(times):
        for name, work in works.items():
            gc.collect()
            began = process_time()
            work()
            spent[name].append(process_time() - began)
    return {name: median(seconds) for name, seconds in spent.items()}
