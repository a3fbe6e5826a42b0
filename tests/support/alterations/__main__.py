"""`python -m alterations`: the figures of docs/reliability.md on altered studies."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from decided_study import decide
from studies import NOW, SMALL, quiet

from alterations import consistent, plain
from alterations.study_copy import StudyCopy
from alterations.trials import run
from pipeline.steps.analyze import analyze
from pipeline.steps.results.agreement import agree


def main() -> None:
    """Make the alterations and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plain", type=int, default=2000)
    parser.add_argument("--consistent", type=int, default=100)
    parser.add_argument("--unseen", type=int, default=20, help="alterations that only a head shows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--study", type=Path, help="an analysed study, of which a copy is altered; else the small one")
    options = parser.parse_args()
    memory = Path("/dev/shm")  # noqa: S108 - a copy of a study of inventions, quicker than on a disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        root = Path(folder) / "study"
        shutil.copytree(options.study or SMALL, root)
        if not options.study:
            analyze(root, fresh=True, now=NOW, tick=quiet)
            decide(root)
            agree(root)
            analyze(root, fresh=False, now=NOW, tick=quiet)
        study = StudyCopy(root)
        sorts = {
            "plain": ([plain.alter], options.plain),
            "consistent": (consistent.ALTERATIONS, options.consistent),
            "not visible to a recount": (consistent.UNSEEN, options.unseen),
        }
        head = json.loads((root / "outputs" / "run.json").read_bytes())["ledger"]["tree"]
        for name, (alterations, trials) in sorts.items():
            kept = head if alterations is consistent.UNSEEN else ""
            tally = run(study, alterations, trials=trials, seed=options.seed, head=kept)
            print("\n".join(tally.lines(name)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
