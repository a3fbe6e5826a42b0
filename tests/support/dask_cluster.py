"""A cluster on this computer, of a scheduler and two workers, each a process of its own; alone, it shows a study on it.

    PYTHONPATH=.:tests/support python tests/support/dask_cluster.py

analyses the demonstration here and on the cluster, of which one worker is killed meanwhile, and compares every byte.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from distributed import Client
from studies import NOW, ROOT, hashes, quiet

from pipeline.steps.analyze import analyze


class Cluster:
    """A scheduler and two workers, which find the modules that this process finds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", str(port))
        worker = ("worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
        self.workers = [self.start(*worker) for _ in range(2)]
        with Client(self.address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)

    def start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        """A process of Dask, whose words go to a file."""
        with (self.folder / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--no-dashboard"],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )

    def logged(self) -> str:
        """All that scheduler and workers have said."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def close(self) -> None:
        """End all that still runs."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def on(study: Path, scheduler: str) -> Path:
    """A study whose work is done by a cluster."""
    config = study / "config.toml"
    lines = [line for line in config.read_text("utf-8").splitlines(keepends=True) if not line.startswith("scheduler")]
    config.write_text("".join(lines).replace("[engine]", f'[engine]\nscheduler = "{scheduler}"'), "utf-8")
    return study


def show(folder: Path) -> tuple[str, ...]:
    """Analyse two copies of the demonstration; the files that differ."""
    here, there = (copy(folder / name) for name in ("here", "there"))
    analyze(here, fresh=True, now=NOW, tick=quiet)
    (folder / "logs").mkdir()
    with closing(Cluster(folder / "logs")) as cluster:
        threading.Timer(5, cluster.workers[0].kill).start()
        analyze(on(there, cluster.address), fresh=True, now=NOW, tick=quiet)
        assert cluster.workers[0].wait()
    one, other = hashes(here), hashes(there)
    sys.stdout.write(f"{len(one)} files compared, one of two workers killed\n")
    return tuple(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))


def copy(study: Path) -> Path:
    """The demonstration as people wrote it."""
    for name in ("raw", "coded"):
        shutil.copytree(ROOT / name, study / name, ignore=shutil.ignore_patterns("machine"))
    shutil.copy(ROOT / "config.toml", study)
    return study


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        differing = show(Path(folder))
    sys.exit(f"these differ: {', '.join(differing)}" if differing else 0)
