"""`export`: the study as a REFI-QDA project or codebook, or as one flat table, for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline import __version__, tables
from pipeline import study as folders
from pipeline.errors import ConfigError, Problem
from pipeline.evidence import evidence_rows
from pipeline.exchange import conventions, flat_table
from pipeline.exchange.codes import codes_of
from pipeline.exchange.kept.merging import Agreement, Merging
from pipeline.exchange.project import Original
from pipeline.exchange.project_xml import project_root, write_qdc, write_qdpx
from pipeline.exchange.study_project import StudyContent, project_of
from pipeline.privacy import consent
from pipeline.records import Participant
from pipeline.registers.study_registers import load_registers
from pipeline.steps.analyze import tables_are_current
from pipeline.steps.evidence import excerpts_with_persons, person_frame, unshown_turns
from pipeline.steps.exchange.kept_parts import agreement_of, load_kept
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import load_ledger, state_of
from pipeline.study import Study
from pipeline.vocabulary import ReadStatus, Reason
from pipeline.wording.messages import message

READ = (
    tables.SOURCES,
    tables.TEXTS,
    tables.TURNS,
    tables.ANSWERS,
    tables.ATTRIBUTES,
    tables.EXCERPTS,
    tables.CODINGS,
    tables.LINKS,
    tables.MASKS,
    tables.PLACEMENTS,
    tables.REJECTED,
    tables.SPANS,
)
WITHHELD = frozenset({Reason.REFUSED, Reason.ASKED_OF_REFUSER, Reason.PERSON_UNCLEAR})


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written, the counts of what it holds, and what was left out."""

    path: Path
    counts: Mapping[str, int]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """A study as analysed: what people wrote, the people, the tables, and the excerpts with persons beside them."""

    study: Study
    brief: Brief
    people: tuple[Participant, ...]
    frames: Mapping[str, pd.DataFrame]
    excerpts: pd.DataFrame
    persons: pd.DataFrame
    hidden: frozenset[consent.TurnId]

    @property
    def attributes(self) -> dict[str, dict[str, str]]:
        """The attributes of the register by the person's code; not of those whose words are not used."""
        by_id = {person.participant_id: dict(person.attributes) for person in self.people}
        refusing = consent.refusing(self.people)
        codes = zip(self.persons["participant_id"], self.persons["participant"], strict=True)
        return {code: by_id[person] for person, code in codes if person not in refusing}

    @property
    def withheld(self) -> frozenset[str]:
        """The sources with words that are not shown."""
        rejected = self.frames["rejected"]
        sources = rejected.loc[rejected["reason"].isin(WITHHELD), "source_id"]
        return frozenset((*sources, *(source for source, _ in self.hidden)))


def export(root: Path, target: Path) -> ExportResult:
    """Write the study to a file, in the format that its ending names; ConfigError for an unknown one, or if the tables are old."""
    writers = {".qdpx": _qdpx, ".qdc": _qdc, ".csv": _flat, ".xlsx": _flat, ".parquet": _flat}
    if target.suffix.lower() not in writers:
        remedy = message("steps/end_its_name_with_one_of", writers=", ".join(sorted(writers)))
        raise ConfigError(Problem(target.name, message("steps/is_not_a_format_to_export"), remedy))
    study = folders.locate_study(root)
    with folders.lock(study, "export"):
        return writers[target.suffix.lower()](study, target)


def _qdc(study: Study, target: Path) -> ExportResult:
    brief = load_brief(study)
    codes = codes_of(brief.codebook, folders.study_id(study), brief.settings.study.language)
    folders.write_atomic(target, write_qdc(codes, f"{conventions.ORIGIN} {__version__}"))
    return ExportResult(target, {"codes": len(brief.codebook.criteria)})


def _qdpx(study: Study, target: Path) -> ExportResult:
    material = load_material(study)
    originals, notes = originals_of(material)
    project = project_of(content_of(material, originals))
    imported_parts = load_kept(study)
    merging = Merging(project_root(project), _agreement(material))
    merging.add(imported_parts.projects)
    folders.write_atomic(target, write_qdpx(project, merging.root, merging.files))
    selections = [selection for source in project.sources for selection in source.selections]
    machine = project.users[-1].guid
    by_people = sum(len(selection.codings) for selection in selections if selection.user != machine)
    counts = {
        "sources": len(project.sources),
        "originals": len(originals),
        "codes": len(material.brief.codebook.criteria),
        "coders": len(project.users) - 1,
        "codings by people": by_people,
        "codings by the machine": sum(len(selection.codings) for selection in selections) - by_people,
        "cases": len(project.cases),
        "notes": len(project.notes),
        "links": len(project.links),
        **({"kept of imported projects": merging.count} if imported_parts.projects else {}),
    }
    return ExportResult(target, counts, (*notes, *imported_parts.problems, *merging.problems()))


def _agreement(material: Material) -> Agreement:
    return agreement_of(
        material.study,
        people=material.people,
        persons=material.persons,
        excerpts=material.excerpts,
        withheld=material.withheld,
        settings=material.brief.settings,
    )


def _flat(study: Study, target: Path) -> ExportResult:
    material = load_material(study)
    settings = material.brief.settings.study
    excerpts = evidence_rows.with_note(material.excerpts, material.hidden, consent.note(settings.language))
    data = flat_table.coded_quotes(
        {**material.frames, "votes": tables.read_table(study.table("votes"), tables.VOTES)},
        excerpts,
        codebook=material.brief.codebook,
        findings=material.brief.register.findings,
        attributes=material.attributes,
        language=settings.language,
    )
    beside = target.with_name(f".{target.stem}.new{target.suffix}")
    try:
        flat_table.write_flat(data, beside, title=settings.title)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return ExportResult(target, {"rows": len(data), "excerpts": data["excerpt_id"].nunique()})


def load_material(study: Study) -> Material:
    """A study as of its last run; ConfigError if anything changed since."""
    folders.recover(study)
    record = folders.last_run(study)
    if not record or not tables_are_current(study, record):
        what = message("steps/are_missing_or_out_of_date")
        raise ConfigError(Problem("outputs", what, message("steps/run_make_analyze_first")))
    key = folders.person_key(study)
    brief, people = load_brief(study), load_registers(study).people
    frames = {table.name: tables.read_table(study.table(table.name), table) for table in READ}
    persons = person_frame(people, frames["turns"], key=key, group_by=brief.settings.study.group_by)
    excerpts = excerpts_with_persons(frames, persons, key=key, settings=brief.settings)
    return Material(study, brief, people, frames, excerpts, persons, unshown_turns(people, frames))


def content_of(material: Material, originals: Mapping[str, Original]) -> StudyContent:
    """The content of a project."""
    settings = material.brief.settings.study
    decisions = load_ledger(material.study)
    return StudyContent(
        study_id=folders.study_id(material.study),
        title=settings.title,
        version=__version__,
        language=settings.language,
        codebook=material.brief.codebook,
        findings=material.brief.register.findings,
        frames=material.frames,
        excerpts=material.excerpts,
        hidden=material.hidden,
        attributes=material.attributes,
        originals=originals,
        state=state_of(decisions, material.frames, material.brief.codebook),
        decisions=decisions,
    )


def originals_of(material: Material) -> tuple[dict[str, Original], tuple[Problem, ...]]:
    """The files of raw/ that may go out, by source: those of one source with every word shown, where no names are masked."""
    if material.brief.settings.privacy.names == "mask":
        what = message("steps/are_left_out_names_are_masked")
        return {}, (Problem(message("steps/the_original_files"), what, message("steps/nothing_to_do_the_texts")),)
    sources, withheld = material.frames["sources"], material.withheld
    several = sources.loc[sources.duplicated("path", keep=False), "source_id"]
    files = sources[~sources["source_id"].isin({*withheld, *several}) & (sources["status"] != ReadStatus.REJECTED)]
    originals = {
        source: Original(Path(path).suffix.lower(), (material.study.raw / path).read_bytes())
        for source, path in files[["source_id", "path"]].itertuples(index=False, name=None)
    }
    return originals, tuple(_left_out(sorted(withheld)))


def _left_out(withheld: Sequence[str]) -> list[Problem]:
    what = message("steps/its_original_file_is_left_out")
    return [Problem(source, what, message("steps/nothing_to_do_its_text")) for source in withheld]
