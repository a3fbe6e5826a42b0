"""`import` of a codebook: the codes that a study does not have are added to codebook.toml, and to the ledger."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from pipeline import study as folders
from pipeline.codebook import Codebook, codebook_of, load_codebook
from pipeline.codebook.edits import CodebookText
from pipeline.config import load_settings
from pipeline.errors import Problem, UserError
from pipeline.exchange.codebook_blocks import new_codes
from pipeline.exchange.codebooks import BELOW, is_codebook, read_codebook
from pipeline.exchange.placing import CodeNames
from pipeline.exchange.project import Project, codes_in
from pipeline.ingest.spreadsheets.book import read_book
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.review.coders import coder_name
from pipeline.steps.exchange.confined import named, read_confined
from pipeline.steps.review import LEDGER, load_ledger
from pipeline.study import Study
from pipeline.validation import read_toml
from pipeline.vocabulary import CodebookAction, DecisionKind

ALWAYS = (".qdc", ".yaml", ".yml")  # files that can be nothing else here
TABLES = (".csv", ".xlsx", ".ods")


@dataclass(frozen=True, slots=True)
class CodebookImport:
    """The codes that were added, those that were there already, and what was corrected or left out."""

    added: tuple[str, ...]
    present: int
    mended: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()


def holds_codebook(file: Path) -> bool:
    """Whether a file is a codebook: by its ending, the headings of its table, or the sign that QualCoder puts between names."""
    ending = file.suffix.lower()
    if ending in ALWAYS:
        return True
    try:
        data = file.read_bytes()
        if ending == ".txt":
            lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
            return bool(lines) and sum(BELOW in line for line in lines) * 2 >= len(lines)
        if ending in TABLES:
            return is_codebook(next((sheet.rows for sheet in read_book(data, ending[1:]).sheets if sheet.rows), ()))
    except (OSError, UserError):
        pass  # the reader reports what is wrong
    return False


def import_codebook(root: Path, file: Path, *, coder: str, now: datetime) -> CodebookImport:
    """Add the codes of a file that the study does not have: by GUID, id or name. Those that it has stay as they are."""
    study = folders.locate_study(root)
    with folders.lock(study, "import"):
        reading = read_confined(partial(read_codebook, name=file.name), file, load_settings(study.config))
        added = add_codes(study, reading.project, file.name, coder=coder, now=now)
    codable = sum(code.is_codable for code in codes_in(reading.project.codes))
    return CodebookImport(
        added=added,
        present=codable - len(added),
        mended=named(reading.mended, file.name),
        left_out=named(reading.left_out, file.name),
    )


def add_codes(study: Study, project: Project, name: str, *, coder: str, now: datetime) -> tuple[str, ...]:
    """Add the codes of a project that a study does not have to codebook.toml, a line of the ledger each; returns their ids."""
    path = study.coded / "codebook.toml"
    codebook = _codebook(path)
    present = CodeNames.of(project, codebook, folders.study_id(study)).ids
    new = new_codes(project.codes, (*codebook.ids, *_sub_codes(codebook)), present)
    text = CodebookText.of(path.read_text("utf-8-sig"))
    for code in new:
        text = text.added(code.id, code.block)
    if not new:
        return ()
    version = codebook_of(tomllib.loads(text.text()), path.name).version
    decisions = load_ledger(study)
    who = coder_name(coder, {decision.coder for decision in decisions}) if coder.strip() else ""
    folders.write_atomic(path, text.text().encode())
    drafts = [
        Draft(
            DecisionKind.CODEBOOK,
            note=f"imported from {name}",
            codebook=version,
            change=CodebookChange(CodebookAction.NEW, into=(code.id,)),
        )
        for code in new
    ]
    ledger.append(study.coded / LEDGER, drafts, coder=who, now=now, study=folders.study_id(study))
    return tuple(code.id for code in new)


def _codebook(path: Path) -> Codebook:
    """The codebook of a study, which may be without codes, as in a new study."""
    return load_codebook(path) if read_toml(path).get("criteria") else Codebook("", ())


def _sub_codes(codebook: Codebook) -> tuple[str, ...]:
    return tuple(name for criterion in codebook.criteria for name in criterion.sub_codes)
