"""One run of `analyze` after a change: every stage in order, committed as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any

from pipeline import study as folders
from pipeline.evidence import movement
from pipeline.evidence.robustness import pivots
from pipeline.evidence.theory.paths import marks_of, remarks_on_marks
from pipeline.privacy import consent
from pipeline.registers import name_plan, names_sheet, refusals, study_registers
from pipeline.registers.report.own_report import own_reports
from pipeline.review import decisions as ledger
from pipeline.review import priorities
from pipeline.steps import apply_decisions, evidence, inputs, voters
from pipeline.steps import ingest as ingest_step
from pipeline.steps import publish as publish_step
from pipeline.steps import review as review_step
from pipeline.steps import tag as tag_step
from pipeline.steps.analyze import Tick
from pipeline.steps.evidence import EvidenceResult
from pipeline.steps.inputs import Brief
from pipeline.steps.links import decided_links
from pipeline.steps.tag import Judges
from pipeline.study import Study
from pipeline.tag import model

Counts = dict[str, float | int]


@dataclass(frozen=True, slots=True)
class Clock:
    """The seconds and the counts of each stage."""

    stages: dict[str, Counts] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[Counts]:
        """Time a stage; counts put into the yielded dict are recorded with its seconds."""
        counts: Counts = {}
        began = perf_counter()
        yield counts
        self.stages[name] = {"seconds": round(perf_counter() - began, 3), **counts}


def run(study: Study, *, previous: dict[str, Any], hashes: dict[str, str], now: datetime, tick: Tick) -> dict[str, Any]:
    """Update a study's tables and outputs after a change, and return the record of the run.

    `previous` is the record of the last run (empty: start from nothing), `hashes` are those of what this run reads.
    """
    clock = Clock()
    with folders.transaction(study, folders.written(study)) as staging:
        with clock.stage("check"):
            registers = study_registers.load_registers(study)
            brief = inputs.brief_to_code(study, registers.problems)
            study_registers.check_register(registers)
            refusals.record_refusals(study, registers.stated, now)
            decisions = review_step.load_ledger(study)
            ledger_state = review_step.state_of_ledger(study, decisions)
            refusing = consent.refusing(registers.people)
            quotes = apply_decisions.remember_words(study, decisions, refusing)
            hashes = folders.with_hash_of(study, hashes, "coded/quotes.jsonl")
            hashes = folders.with_hash_of(study, hashes, refusals.NAME)
            stored = inputs.kept_tables(study, previous)
        with clock.stage("ingest") as counts:
            read = ingest_step.read_all(study, brief.settings, registers, stored, partial(tick, "read"))
            inputs.check_opened(read.unread, hashes)
            for name in (names_sheet.NAME, name_plan.NUMBERS):  # the run completed them
                hashes = folders.with_hash_of(study, hashes, name)
            placed = apply_decisions.place_decisions(
                decisions, quotes, read.frames, brief.settings.segment, refusing=refusing
            )
            read.frames.update(
                excerpts=placed.excerpts, placements=apply_decisions.without_names(placed.placements, read.plan)
            )
            inputs.write_tables(staging, read.frames)
            counts.update({name: len(frame) for name, frame in read.frames.items()}, read_anew=len(read.read_anew))
        with clock.stage("tag") as counts:
            state = review_step.state_of(decisions, read.frames, brief.codebook)
            informed = apply_decisions.with_examples(brief, state, read.frames["excerpts"])
            voting = voters.ask_voters(study, informed, read.frames, registers.people, partial(tick, "ask"))
            hashes = voters.with_answers(study, hashes)
            by_machine = tag_step.tag_all(
                study,
                staging,
                informed,
                excerpts=read.frames["excerpts"],
                previous=stored,
                tick=partial(tick, "tag"),
                judges=Judges({each.excerpt_id for each in (*state.codings, *state.links)}, voting.panel),
            )
            tagged = apply_decisions.apply(by_machine, state, brief.codebook.lineage)
            del by_machine  # its votes are in `tagged`, and must not be held twice
            counts.update({name: len(frame) for name, frame in tagged.frames.items()}, **tagged.counts)
        spans = apply_decisions.spans_table(state, read.frames["excerpts"], brief.codebook.ids)
        frames = {**read.frames, **tagged.frames, "spans": spans}
        marks = tuple(marks_of(state.memos))
        with clock.stage("evidence") as counts:
            evidence_result = evidence.build_evidence(
                brief,
                registers.people,
                frames,
                tagged,
                decided=evidence.Decided(
                    links=decided_links(state), drawn=apply_decisions.drawn_by_chance(decisions, state), marks=marks
                ),
                key=folders.person_key(study),
            )
            pivotal = _pivotal_excerpts(brief, evidence_result)
            frames["queue"] = priorities.queue_of(state, frames["codings"], evidence_result.links, pivotal)
            counts.update(links=len(evidence_result.links), queue=len(frames["queue"]))
        written = (*brief.register.problems, *brief.theory.problems, *own_reports(brief.register.findings, frames))
        problems = (
            *(*registers.problems, *read.problems, *publish_step.read_in_part(frames["sources"])),
            *(*written, *voting.problems, *tagged.problems),
        )
        cut = ledger.cut_lines(study.coded / "decisions.jsonl")
        remarks = (
            *(*registers.remarks, *read.remarks, *voting.remarks, *tagged.remarks, *cut, *brief.theory.remarks),
            *apply_decisions.notes_on_bounds(placed),
            *remarks_on_marks(marks, brief.theory),
        )
        messages = publish_step.RunMessages(problems, remarks, voting.names)
        with clock.stage("publish") as counts:
            made = {name: frames[name] for name in ("codings", "queue", "spans")}
            inputs.write_tables(staging, {**made, "votes": frames.pop("votes"), "links": evidence_result.links})
            only_suggested = tagged.model.only_suggested()
            lacking = model.lacking(informed.seeds, tagged.model.not_learnt())
            del tagged  # its votes are written and not needed any more
            publication = publish_step.publication(
                study,
                brief,
                frames=frames,
                result=evidence_result,
                messages=messages,
                inputs=hashes,
                ledger=publish_step.LedgerOfRun(ledger_state, state.decided),
            )
            before = publish_step.drawn_before(study, previous)
            figures = publish_step.publish(staging, publication, partial(tick, "publish"), before)
            counts.update(figures=len(figures), drawn_anew=len(set(figures.values()) - set(before)))
        inputs.check_unchanged(study, hashes)
        strengths = movement.strengths_of(evidence_result.assessments)
        moved = movement.moved_findings(
            folders.last_run(study),
            strengths,
            register=brief.register,
            decisions=decisions,
            links=evidence_result.links,
            sources=frames["sources"],
            inputs=hashes,
        )
        record = publish_step.run_record(
            publication,
            root=study.root,
            staging=staging,
            inputs=hashes,
            stages=clock.stages,
            registered={
                "study": folders.study_id(study),
                "people": len(registers.stated),
                "refusals": refusals.state_of_refusals(study),
                "lifted": refusals.lifted_since(study, folders.last_run(study).get("refusals", {})),
                "ledger": ledger_state,
                "strengths": strengths,
                "figures": figures,
                "voters": voting.facts,
                "moved": moved,
                "codes": {
                    **movement.moved_codes(folders.last_run(study), only_suggested, brief.codebook.ids),
                    "lacking": lacking,
                },
            },
            now=now,
        )
        publish_step.write_record(staging, record)
    return record


def _pivotal_excerpts(brief: Brief, result: EvidenceResult) -> dict[str, list[str]]:
    """The excerpts whose suggested links would change a finding's strength if confirmed, by finding."""
    by_finding = {finding.id: result.evidence["finding_id"] == finding.id for finding in brief.register.findings}
    return {name: pivots(result.evidence[rows], brief.settings.evidence) for name, rows in by_finding.items()}
