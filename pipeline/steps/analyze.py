"""`analyze`: ingest, segment, tag, evidence, publish; nothing if nothing changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import study as folders
from pipeline.errors import IntegrityError, Problem
from pipeline.provenance import program
from pipeline.registers.refusals import check_refusals_kept
from pipeline.steps.codebook import complete_change
from pipeline.study import Study
from pipeline.vocabulary import VoterState
from pipeline.wording.messages import counted, message

Tick = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, slots=True)
class Outcome:
    """The record of a run, and whether it is the last run's because nothing changed."""

    record: dict[str, Any]
    unchanged: bool = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be used."""
        return tuple(Problem(**problem) for problem in self.record["problems"])

    @property
    def exit_code(self) -> int:
        """0 if everything was read, 2 if something was set aside."""
        return 2 if self.problems else 0


def analyze(root: Path, *, fresh: bool, now: datetime, tick: Tick) -> Outcome:
    """Bring a study's tables and outputs up to date, all together or not at all.

    Does nothing if inputs, program and outputs are as the last run left them. Raises UserError for what stops a
    study as a whole (configuration, codebook); a file that cannot be read is set aside and named in the outcome.
    """
    study = folders.locate_study(root)
    complete_change(study)
    with folders.lock(study, "analyze"):
        folders.person_key(study)  # an input of the run: it must be there before inputs are hashed
        inputs = folders.input_hashes(study)
        previous = folders.last_run(study)
        check_appended(study, previous)
        if not fresh and is_current(study, previous, inputs) and not would_ask_again(previous):
            return Outcome(previous, unchanged=True)
        from pipeline.steps.run import run  # what a run needs is heavy, and a run that finds nothing changed ends above

        record = run(study, previous={} if fresh else previous, hashes=inputs, now=now, tick=tick)
        return Outcome(record)


def check_appended(study: Study, previous: dict[str, Any]) -> None:
    """IntegrityError if a file that only grows does not begin with what the last run recorded of it."""
    before = previous.get("ledger", {})
    path = study.coded / "decisions.jsonl"
    lines = path.read_bytes().splitlines() if before.get("lines") and path.is_file() else []
    if before.get("lines") and not _has_line(lines, before["lines"], before["head"]):
        what = message("steps/does_not_continue", lines=counted(before["lines"], "line"))
        raise IntegrityError(Problem("coded/decisions.jsonl", what, message("common/restore_the_file_from_your_own")))
    check_refusals_kept(study, previous.get("refusals", {}))


def _has_line(lines: list[bytes], number: int, line_hash: str) -> bool:
    try:
        return bool(json.loads(lines[number - 1])["hash"] == line_hash)
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        return False


def tables_are_current(study: Study, previous: dict[str, Any]) -> bool:
    """Whether the tables of the last run are still valid; what `agree` and `evaluate` measured since changes none of them."""
    before, now = _unmeasured(previous.get("inputs", {})), _unmeasured(folders.input_hashes(study))
    return is_current(study, {**previous, "inputs": before}, now)


def _unmeasured(inputs: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in inputs.items() if path not in folders.MEASURED}


def would_ask_again(previous: Mapping[str, Any]) -> bool:
    """Whether a voter failed in the last run: it is asked again though nothing changed."""
    return any(each["state"] == VoterState.DOWN for each in previous.get("voters", {}).values())


def is_current(study: Study, previous: dict[str, Any], inputs: dict[str, str]) -> bool:
    """Whether the last run is still valid: same program, same inputs, outputs as it wrote them."""
    return (
        previous.get("program") == program()
        and previous.get("inputs") == inputs
        and folders.is_intact(study, {**previous.get("machine", {}), **previous.get("outputs", {})})
    )
