"""`import REPORT`: the numbered findings and recommendations of a report, as a findings file for a person to look over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import study as folders
from pipeline.codebook import load_codebook
from pipeline.config import Settings, load_settings
from pipeline.engine import Failure
from pipeline.engine.work import Work
from pipeline.errors import ConfigError, Problem, UserError
from pipeline.findings import SECTIONS, load_register
from pipeline.ingest import FileTask
from pipeline.records import SourceEntry
from pipeline.registers.report.blocks import Block, read_blocks
from pipeline.registers.report.findings_file import findings_text
from pipeline.registers.report.register import counts, register_of
from pipeline.steps.ingest import confined
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import Kind
from pipeline.wording.messages import message

FINDINGS = "findings.toml"
BESIDE = "findings_imported.toml"  # where the study has findings already


@dataclass(frozen=True, slots=True)
class ReportImport:
    """The file that was written, the number of entries of each section, and what could not be read."""

    path: Path
    counts: dict[str, int]
    unread: tuple[Problem, ...]


def import_report(root: Path, report: Path) -> ReportImport:
    """Write the entries of a report into coded/findings.toml, or beside it if the study has findings already.

    UserError if the report cannot be read or has no numbered entries, or if an earlier import waits beside the findings.
    """
    study = folders.locate_study(root)
    with folders.lock(study, "import"):
        settings, codebook = load_settings(study.config), load_codebook(study.coded / "codebook.toml")
        path = _free_path(study)
        reading = register_of(_blocks(study, settings, report), codebook, report.name)
        if not any(counts(reading.register).values()):
            raise ConfigError(reading.unread or _nothing(report))
        write_atomic(path, findings_text(reading.register, reading.unread, report.name).encode())
    return ReportImport(path, counts(reading.register), reading.unread)


def _nothing(report: Path) -> Problem:
    what = message("steps/has_no_findings_conclusions_recommendations_lessons")
    return Problem(report.name, what, message("steps/number_them_in_a_copy"))


def _free_path(study: Study) -> Path:
    """Where the entries go: never over findings that somebody wrote."""
    path, beside = study.coded / FINDINGS, study.coded / BESIDE
    if not _has_entries(path):
        return path
    if beside.exists():
        what = message("steps/already_exists_from_an_earlier_import")
        remedy = message("steps/copy_what_you_need", findings=FINDINGS)
        raise ConfigError(Problem(f"coded/{BESIDE}", what, remedy))
    return beside


def _has_entries(path: Path) -> bool:
    """Whether a findings file holds anything: an entry, even a wrong one, or something that cannot be read."""
    register = load_register(path, None)
    return bool(register.problems) or any(getattr(register, section) for section in SECTIONS)


def _blocks(study: Study, settings: Settings, report: Path) -> tuple[Block, ...]:
    """The blocks of a report, read by a child process with the limits of files of the field."""
    try:
        data = report.read_bytes()
    except OSError as error:
        what = message("common/cannot_be_opened", strerror=error.strerror)
        raise ConfigError(Problem(str(report), what, message("common/check_that_it_is_a_file"))) from None
    entry = SourceEntry(report.name)
    task = FileTask(path=report.name, data=data, kind=Kind.DOCUMENT, entry=entry, people=(), settings=settings)
    work = Work(settings.engine.workers, lambda _done, _total: None)
    ((_, outcome),) = confined(work, read_blocks, [task], study=study, settings=settings)
    if isinstance(outcome, Failure):
        raise UserError(replace(p, where=f"{report.name} {p.where}".strip()) for p in outcome.problems)
    blocks: tuple[Block, ...] = outcome
    return blocks
