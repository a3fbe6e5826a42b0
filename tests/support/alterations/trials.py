"""Trials: alter, audit, count, put back."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import second_verifier

from alterations import plain
from alterations.study_copy import StudyCopy
from pipeline.audit.verify import HEAD_STANDS
from pipeline.errors import UserError
from pipeline.steps.audit import audit

MACHINE = "coded/machine"
# What is derived from a file: of two files that contradict each other, either may be named.
DERIVED_FROM = {
    "coded/decisions.jsonl": (f"{MACHINE}/votes", f"{MACHINE}/links", f"{MACHINE}/codings"),
    "raw/participants.csv": ("outputs/evidence.csv", "outputs/matrix.csv"),
    f"{MACHINE}/votes.parquet": (f"{MACHINE}/codings",),
    f"{MACHINE}/texts.parquet": (f"{MACHINE}/excerpts", "raw/"),
    f"{MACHINE}/turns.parquet": (f"{MACHINE}/excerpts", "raw/"),
    f"{MACHINE}/rejected.parquet": (f"{MACHINE}/sources", "raw/"),
    f"{MACHINE}/sources.parquet": ("raw/",),
}
Alteration = Callable[[StudyCopy, Random], str]


@dataclass
class Tally:
    """What was found of the alterations of one sort."""

    made: int = 0
    found: int = 0
    named: int = 0
    found_by_second: int = 0
    found_by_head: int = 0
    tracebacks: int = 0
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    missed: Counter[str] = field(default_factory=Counter)
    missed_by_second: Counter[str] = field(default_factory=Counter)
    misplaced: Counter[str] = field(default_factory=Counter)

    def lines(self, name: str) -> list[str]:
        """The tally as lines of text."""
        counts = (
            f"{name}: {self.made} made, audit found {self.found} and named the place of {self.named}, "
            f"second verifier found {self.found_by_second}, tracebacks {self.tracebacks}"
        )
        lists = (
            ("missed", self.missed),
            ("place not named", self.misplaced),
            ("missed by second", self.missed_by_second),
        )
        if self.found_by_head:
            counts += f", found with a head that was kept {self.found_by_head}"
        kinds = [
            f"  {kind}: {of_kind['made']} made, {of_kind['found']} found, {of_kind['second']} by the second verifier"
            for kind, of_kind in sorted(self.kinds.items())
        ]
        return [
            counts,
            *kinds,
            *(f"  {title} {count} x {what}" for title, each in lists for what, count in each.most_common()),
        ]


def run(study: StudyCopy, alterations: Sequence[Alteration], *, trials: int, seed: int, head: str = "") -> Tally:
    """Make `trials` alterations, one at a time, each drawn from `alterations`, and tally what is found.

    With the head of the ledger as it was, also what is found by somebody who kept it.
    """
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(trials):
            dice = Random(f"{seed} {number}")  # noqa: S311 - trials that can be repeated, no secret
            try:
                while not (what := (alteration := dice.choice(alterations))(study, dice)) or not study.altered():
                    study.restore()
                kind = tally.kinds.setdefault(what if alteration is plain.alter else alteration.__name__, Counter())
                before = Counter(found=tally.found, second=tally.found_by_second)
                _judge(study, what, tally, Path(folder))
                kind.update(
                    made=1, found=tally.found - before["found"], second=tally.found_by_second - before["second"]
                )
                tally.found_by_head += bool(head) and _is_found_by(head, study, Path(folder))
            finally:
                study.restore()
    return tally


def _is_found_by(head: str, study: StudyCopy, folder: Path) -> bool:
    """Whether the audit finds that the study does not continue what a head covers."""
    checks = audit(study.root, folder, is_quick=True, head=head)
    return any(check.problems for check in checks if check.name == HEAD_STANDS)


def _judge(study: StudyCopy, what: str, tally: Tally, folder: Path) -> None:
    names = study.altered()
    label = f"{what} ({', '.join(names)})"
    tally.made += 1
    try:
        problems = [problem for check in audit(study.root, folder) for problem in check.problems]
        places = [problem.where for problem in problems]
    except UserError as error:
        places = [str(problem) for problem in error.problems]
    except Exception as error:  # noqa: BLE001 - a traceback is what is counted
        tally.tracebacks += 1
        tally.missed[f"{label}: {type(error).__name__}"] += 1
        return
    tally.found += bool(places)
    tally.missed[label] += not places
    right_places = [place for name in names for place in (name, *DERIVED_FROM.get(name, ()))]
    is_named = any(right in place for right in right_places for place in places)
    tally.named += is_named
    tally.misplaced[label] += bool(places) and not is_named
    found = bool(second_verifier.verify(study.root))
    tally.found_by_second += found
    tally.missed_by_second[label] += not found
    for counter in (tally.missed, tally.misplaced, tally.missed_by_second):
        counter[label] or counter.pop(label, None)
