"""`analyze`: ingest, segment, tag, evidence, publish; only what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from pipeline import study as folders
from pipeline.errors import Problem
from pipeline.provenance import program
from pipeline.study import Study

Tick = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: the record it wrote, what could not be used, and the exit code."""

    record: dict[str, Any]
    problems: tuple[Problem, ...]
    unchanged: bool = False

    @property
    def exit_code(self) -> int:
        """0 where all was read, 2 where something was set aside."""
        return 2 if self.problems else 0


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds spent in each stage, and what each counted."""

    stages: dict[str, dict[str, float | int]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, float | int]]:
        """Time a stage; the counts put into the dict yielded stand beside its seconds."""
        counts: dict[str, float | int] = {}
        began = perf_counter()
        yield counts
        self.stages[name] = {"seconds": round(perf_counter() - began, 3), **counts}


def analyze(root: Path, *, fresh: bool, now: datetime, tick: Tick) -> Outcome:
    """Bring a study's tables and outputs up to date, all together or not at all.

    Where inputs, program and outputs are as the last run left them, nothing is done. Raises UserError for what stops a
    study as a whole (configuration, codebook); a file that cannot be read is set aside and named in the outcome.
    """
    study = folders.locate_study(root)
    with folders.lock(study, "analyze"):
        folders.recover(study)
        inputs = folders.input_hashes(study)
        previous = folders.last_run(study)
        if not fresh and is_current(study, previous, inputs):
            problems = tuple(Problem(**p) for p in previous["problems"])
            return Outcome(previous, problems, unchanged=True)
        return _run(study, {} if fresh else previous, inputs, now, tick)


def is_current(study: Study, previous: dict[str, Any], inputs: dict[str, str]) -> bool:
    """Whether the last run still holds: same program, same inputs, outputs as it wrote them."""
    return (
        previous.get("program") == program()
        and previous.get("inputs") == inputs
        and folders.is_intact(study, {**previous.get("machine", {}), **previous.get("outputs", {})})
    )


def _run(study: Study, previous: dict[str, Any], inputs: dict[str, str], now: datetime, tick: Tick) -> Outcome:
    from pipeline.registers import study_registers
    from pipeline.review import decisions as ledger
    from pipeline.steps import apply_decisions, evidence, review_queue
    from pipeline.steps import ingest as ingest_step
    from pipeline.steps import inputs as loading
    from pipeline.steps import publish as publish_step
    from pipeline.steps import review as review_step
    from pipeline.steps import tag as tag_step

    clock = Clock()
    with folders.transaction(study, folders.written(study)) as staging:
        with clock.stage("check"):
            field = study_registers.load_field(study)
            brief = loading.load_brief(study, field.problems)
            study_registers.check_register(field)
            kept = loading.kept_tables(study, previous)
        with clock.stage("ingest") as counts:
            read = ingest_step.read_all(study, brief.settings, field, kept, partial(tick, "read"))
            loading.write_tables(staging, read.frames)
            counts.update({name: len(frame) for name, frame in read.frames.items()}, read_anew=len(read.read_anew))
        with clock.stage("tag") as counts:
            state = review_step.state_of(review_step.load_ledger(study), read.frames["excerpts"], brief.codebook)
            informed = apply_decisions.with_examples(brief, state, read.frames["excerpts"])
            tagged = apply_decisions.decide(
                tag_step.tag_all(study, staging, informed, (read.frames, kept), partial(tick, "tag")),
                state,
                read.frames,
            )
            counts.update({name: len(frame) for name, frame in tagged.frames.items()})
        frames = {**read.frames, **tagged.frames}
        with clock.stage("evidence") as counts:
            evidence_result = evidence.stand(brief, field.people, frames, tagged)
            frames["queue"] = review_queue.queue_of(brief, state, frames["codings"], evidence_result)
            counts.update(links=len(evidence_result.links), queue=len(frames["queue"]))
        in_part = publish_step.read_in_part(frames["sources"])
        problems = (*field.problems, *read.problems, *in_part, *brief.register.problems, *tagged.problems)
        cut = ledger.cut_lines(study.coded / "decisions.jsonl")
        said = publish_step.RunMessages(problems, (*field.remarks, *tagged.remarks, *cut))
        with clock.stage("publish"):
            made = {name: frames[name] for name in ("codings", "queue")}
            loading.write_tables(staging, {**made, "votes": frames.pop("votes"), "links": evidence_result.links})
            del tagged  # its votes are written, and nobody asks for them again
            publication = publish_step.publication(study, brief, (frames, evidence_result), said, inputs)
            publish_step.publish(staging, publication, partial(tick, "publish"))
        loading.check_unchanged(study, inputs)
        record = publish_step.run_record((study.root, staging), publication, inputs, clock.stages, now)
        publish_step.write_record(staging, record)
    return Outcome(record, problems)
