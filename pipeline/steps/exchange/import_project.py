"""`import FILE.qdpx`: what coders decided in other programs becomes their lines of the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline.config import load_settings
from pipeline.errors import ConfigError, Problem
from pipeline.exchange import conventions
from pipeline.exchange.new_material import material_of
from pipeline.exchange.placing import Answers, Placing, Span
from pipeline.exchange.reading import read_qdpx
from pipeline.exchange.sources import SourceIndex, StudySource
from pipeline.exchange.study_project import rows_by, shown_text
from pipeline.privacy import consent
from pipeline.records import Decision, Draft
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.review import returned
from pipeline.review.coders import coder_name
from pipeline.review.form import NO, Form
from pipeline.review.handouts import Handout
from pipeline.review.placement import with_selectors
from pipeline.review.spans.marking import drafts_of_marks
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.steps.evidence import unshown_turns
from pipeline.steps.exchange.confined import named, read_confined
from pipeline.steps.exchange.import_codebook import add_codes
from pipeline.steps.exchange.kept_parts import keep
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import LEDGER, load_frames, load_ledger, state_of
from pipeline.study import Study
from pipeline.vocabulary import DecisionKind, Role
from pipeline.wording.messages import message

FRAMES = ("sources", "excerpts", "placements", "texts", "turns", "masks", "corrections")


@dataclass(frozen=True, slots=True)
class ProjectImport:
    """What became of a project: counts, lines written, corrections, and what was not used."""

    counts: Mapping[str, int]
    written: int
    mended: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()


def import_project(root: Path, file: Path, *, coder: str, now: datetime) -> ProjectImport:
    """Read the codings of a project into the ledger, each under the coder who made it.

    A study without files of the field is started from the project: see `start_study`. `coder` is used for those who are not named.
    The machine's codings, which an export of a study holds, are not read. Read again after a correction, a file of the same name
    corrects its own lines; decisions that a coder made elsewhere stay.
    """
    study = folders.locate_study(root)
    if not folders.raw_files(study):
        return start_study(study, file, coder=coder, now=now)
    with folders.lock(study, "import"):
        brief = load_brief(study)
        frames = load_frames(study, *FRAMES)
        reading = read_confined(read_qdpx, file, brief.settings)
        placing = Placing(
            reading.project,
            study_id=folders.study_id(study),
            codebook=brief.codebook,
            finding_ids=[finding.id for finding in brief.register.findings],
            excerpts=_spans(frames["excerpts"]),
            coder=coder,
        )
        placed = placing.place(SourceIndex(folders.study_id(study), _sources(study, frames)))
        entry = _Entry(study, brief, frames, file.name, now)
        for name in sorted(placed.answers):
            entry.enter(name, placed.answers[name])
        lost = keep(
            study,
            reading,
            file.name,
            brief=brief,
            people=load_registers(study).people,
            sources=placed.sources,
            coders={decision.coder for decision in load_ledger(study)},
        )
    return ProjectImport(
        counts={**dict(sorted(placed.counts.items())), **dict(sorted(entry.counts.items()))},
        written=entry.written,
        mended=named((*reading.mended, *placed.mended), file.name),
        left_out=named((*reading.left_out, *placed.left_out, *entry.problems, *lost), file.name),
    )


def start_study(study: Study, file: Path, *, coder: str, now: datetime) -> ProjectImport:
    """Write the texts of a project into raw/, its people and sources into the registers, and its codes into codebook.toml.

    Codings need excerpts, and these a run: they are read when the project is imported again. ConfigError if a register has rows.
    """
    with folders.lock(study, "import"):
        reading = read_confined(read_qdpx, file, load_settings(study.config))
        for name in ("participants.csv", "sources.csv"):
            path = study.raw / name
            if path.exists() and len(path.read_bytes().split()) > 1:
                raise ConfigError(
                    Problem(
                        f"raw/{name}", message("steps/has_rows_but_raw"), message("steps/add_the_files_or_empty_it")
                    )
                )
        material = material_of(reading.project)
        added = add_codes(study, reading.project, file.name, coder=coder, now=now)
        for name, data in sorted(material.files.items()):
            folders.write_atomic(study.raw / name, data)
    codings = sum(len(selection.codings) for source in reading.project.sources for selection in source.selections)
    waiting = Problem(
        message("common/the_project"),
        message("steps/codings_are_not_read_yet", n=codings),
        message("steps/look_at_raw_run_make_analyze"),
    )
    return ProjectImport(
        counts={"sources": material.sources, "persons": material.persons, "codes": len(added)},
        written=0,
        mended=named((*reading.mended, waiting), file.name),
        left_out=named(reading.left_out, file.name),
    )


def _spans(excerpts: pd.DataFrame) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = defaultdict(list)
    columns = excerpts.sort_values(["source_id", "start"])[["source_id", "excerpt_id", "start", "end", "role"]]
    for source, excerpt, start, end, role in columns.itertuples(index=False, name=None):
        spans[source].append(Span(excerpt, int(start), int(end), role == Role.RESPONDENT))
    return spans


def _sources(study: Study, frames: Mapping[str, pd.DataFrame]) -> list[StudySource]:
    texts = dict(zip(frames["texts"]["source_id"], frames["texts"]["text"], strict=True))
    turns: Mapping[str, list[dict[str, Any]]] = rows_by(frames["turns"], "source_id")
    hidden: frozenset[consent.TurnId] = unshown_turns(load_registers(study).people, frames)
    several = frames["sources"].duplicated("path", keep=False)  # rows of a survey: the file's name is none of theirs
    named = frames["sources"].assign(path=frames["sources"]["path"].mask(several, ""))
    return [
        StudySource(source, texts[source], shown_text(texts[source], source, turns.get(source, ()), hidden), path)
        for source, path in named[["source_id", "path"]].itertuples(index=False, name=None)
        if source in texts
    ]


@dataclass(slots=True)
class _Entry:
    """Writes what coders decided into the ledger, one coder after another."""

    study: Study
    brief: Brief
    frames: Mapping[str, pd.DataFrame]
    file: str
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    written: int = 0

    def enter(self, name: str, by_excerpt: Mapping[str, Answers]) -> None:
        """Write what is new of one coder's answers; list what the ledger holds otherwise."""
        decisions = load_ledger(self.study)
        coder = coder_name(name, {decision.coder for decision in decisions})
        drafts = list(self._drafts(coder, by_excerpt, decisions))
        book = ledger.Ledger(self.study.coded / LEDGER, folders.study_id(self.study))
        ready = with_selectors([draft for _, draft in drafts], self.frames)
        by_time: dict[datetime, list[Draft]] = defaultdict(list)
        for (at, _), draft in zip(drafts, ready, strict=True):
            by_time[at].append(draft)
        for at in sorted(by_time):
            self.written += len(book.append(by_time[at], coder=coder, now=at))

    def _drafts(
        self, coder: str, by_excerpt: Mapping[str, Answers], decisions: Sequence[Decision]
    ) -> Iterator[tuple[datetime, Draft]]:
        """The new decisions of a coder, each with the time at which it was made."""
        excerpts = self.frames["excerpts"]
        excerpts = excerpts[excerpts["excerpt_id"].isin(by_excerpt)]
        hashes = dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
        identity = folders.study_id(self.study)
        state = state_of(decisions, self.frames, self.brief.codebook)
        spans = [span for span in state.spans if span.coder == coder]
        present = returned.Present.of(
            identity,
            coder,
            texts=dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True)),
            hashes=hashes,
            state=state,
            ledger=decisions,
        )
        handout = Handout.of_import(self.file, coder, study=identity, codebook=self.brief.codebook.version)
        form = Form.of(self.brief.codebook, self.brief.register.findings).with_pairs(
            max((len(answers.codes) for answers in by_excerpt.values()), default=0),
            max((len(answers.findings) for answers in by_excerpt.values()), default=0),
        )
        choices = form.choices("en")
        for excerpt, answers in sorted(by_excerpt.items()):
            rows = [(returned.decide_row, answers.cells(excerpt, hashes[excerpt], form))]
            rows += [(returned.rule, cells) for cells in answers.ruling_cells(excerpt, hashes[excerpt])]
            for decide, cells in rows:
                shown = form.showing(answers.gone_through) if answers.gone_through else form
                outcome = decide(cells, handout, shown, choices, present)
                self.counts[f"excerpts {outcome.fate}"] += 1
                self.problems += [replace(p, where=f"{excerpt} {p.where} of {coder}") for p in outcome.problems]
                for draft in outcome.drafts:
                    yield self._time(answers, draft), _with_reason(draft, answers)
            for draft in self._spans(excerpt, answers, present, spans):
                made_on = replace(draft, handout=handout.key, codebook=handout.codebook, base=handout.base)
                yield self._time(answers, draft), made_on

    def _spans(
        self, excerpt: str, answers: Answers, present: returned.Present, spans: Sequence[CoderSpan]
    ) -> Iterator[Draft]:
        """The words of an excerpt that codings are on, where these are a part of it and not marked yet."""
        yield from drafts_of_marks(
            [mark for mark in answers.words if answers.codes.get(mark.code, {NO}) != {NO}],
            [span for span in spans if span.excerpt_id == excerpt],
            excerpt_id=excerpt,
            text=present.texts[excerpt],
            text_sha256=present.hashes[excerpt],
            codes=self.brief.codebook.ids,
        )

    def _time(self, answers: Answers, draft: Draft) -> datetime:
        """When a decision was made according to the file; now if the file gives no time, or one in the future."""
        target = draft.criterion or draft.finding_id
        key = f"{conventions.RULING}{target}" if draft.kind is DecisionKind.ADJUDICATE else target
        written = "" if draft.kind is DecisionKind.REVIEWED else answers.times.get(key, "")
        try:
            at = datetime.fromisoformat(written)
        except ValueError:
            return self.now
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        return min(at, self.now)


def _with_reason(draft: Draft, answers: Answers) -> Draft:
    """The draft of an answer with its reason; a ruling has it already."""
    is_answer = draft.kind not in (DecisionKind.ADJUDICATE, DecisionKind.MEMO, DecisionKind.REVIEWED)
    reason = answers.reasons.get(draft.criterion or draft.finding_id, "") if is_answer else ""
    return replace(draft, note=reason) if reason else draft
