"""`import FILE --coder NAME`: codings that somebody made in a spreadsheet, as that coder's lines of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline import study as folders
from pipeline.errors import Problem, UnreadableError, UserError
from pipeline.ingest.spreadsheets.book import read_book
from pipeline.provenance import key_of
from pipeline.records import Draft
from pipeline.review.coders import coder_name
from pipeline.review.form import Form
from pipeline.review.handouts import Handout
from pipeline.review.returned import Present, decide
from pipeline.review.workbooks.spreadsheet_codings import ExcerptIndex, PlacedCodings, place_codings
from pipeline.steps.inputs import load_brief
from pipeline.steps.review import IMPORT_FRAMES, ImportResult, append, load_frames, load_ledger, state_of
from pipeline.vocabulary import Role

FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".ods": "ods"}
UNPLACED = "unplaced"


def import_codings(root: Path, file: Path, *, coder: str, now: datetime) -> ImportResult:
    """Read the codings of a spreadsheet into the ledger. What cannot be placed is listed; nothing else is guessed.

    Read again after a correction, the file of the same name corrects its own lines; decisions that the coder made
    elsewhere stand.
    """
    study = folders.locate_study(root)
    with folders.lock(study, "import"):
        brief = load_brief(study)
        frames = load_frames(study, *IMPORT_FRAMES)
        excerpts = frames["excerpts"]
        excerpts = excerpts[excerpts["role"] == Role.RESPONDENT]
        decisions = load_ledger(study)
        coder = coder_name(coder, {decision.coder for decision in decisions})
        texts = dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True))
        hashes = dict(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
        form = Form.of(brief.codebook, brief.register.findings)
        index = ExcerptIndex.of(texts, hashes)
        placed = place_codings(_rows(file), file.name, index=index, form=form, choices=form.choices("en"))
        identity = folders.study_id(study)
        present = Present.of(
            identity,
            coder,
            texts=texts,
            hashes=hashes,
            state=state_of(decisions, frames, brief.codebook),
            ledger=decisions,
        )
        handout = Handout(
            key=key_of("import", file.name, coder),
            study=identity,
            coder=coder,
            base=0,  # whoever made the file knew no line of this ledger
            codebook=brief.codebook.version,
            shown=None,
        )
        result, drafts = _decided(placed, file.name, index=index, form=form, handout=handout, present=present)
        return replace(result, written=append(study, drafts, frames, coder=coder, now=now))


def _rows(file: Path) -> Sequence[Sequence[str]]:
    """The rows of the first sheet that has some; UnreadableError where the file is no table."""
    try:
        book = read_book(file.read_bytes(), FORMATS.get(file.suffix.lower(), file.suffix.lower().lstrip(".")))
    except OSError:
        problem = Problem(file.name, "cannot be opened", "check the path, and close the file in other programs")
        raise UnreadableError(problem) from None
    except UserError as error:
        raise UnreadableError([replace(p, where=f"{file.name} {p.where}".strip()) for p in error.problems]) from None
    return next((sheet.rows for sheet in book.sheets if sheet.rows), ())


def _decided(
    placed: PlacedCodings, name: str, *, index: ExcerptIndex, form: Form, handout: Handout, present: Present
) -> tuple[ImportResult, list[Draft]]:
    """What becomes of the answers of every excerpt, and the lines to write."""
    form = form.with_pairs(placed.most_further_codes, 0)
    choices = form.choices("en")
    counts: Counter[str] = Counter({UNPLACED: placed.unplaced} if placed.unplaced else {})
    problems = list(placed.problems)
    drafts: list[Draft] = []
    for cells in placed.rows(index, form):
        outcome = decide(cells, handout, form, choices, present)
        counts[outcome.fate] += 1
        drafts += outcome.drafts
        problems += [replace(p, where=f"{name} {cells['excerpt_id']} {p.where}".strip()) for p in outcome.problems]
    return ImportResult(dict(sorted(counts.items())), 0, tuple(problems)), drafts
