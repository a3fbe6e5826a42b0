"""A review workbook that comes back: what is decided in it, and which rows cannot be used and why. Nothing is written here."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.errors import Problem, UnreadableError
from pipeline.records import Draft
from pipeline.review.settle import Opinion
from pipeline.review.workbook import CODE_WORDS, INFO, NO, YES, Form, criterion_key
from pipeline.words import DecisionKind, Direction, Stance

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet, by machine key, with its number in the workbook."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class Returned:
    """A workbook as it came back: what it says of itself, its rows, and the excerpts that were handed out."""

    name: str
    info: Mapping[str, str]
    rows: tuple[Row, ...]
    handed_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """What the study holds now: the words of every excerpt, their hashes, and the coder's present opinions."""

    study_key: str
    texts: Mapping[str, str]
    hashes: Mapping[str, str]
    opinions: Mapping[str, Sequence[Opinion]]  # of the coder, by excerpt
    memos: frozenset[tuple[str, str]] = frozenset()  # (excerpt_id, note) that the coder has written


@dataclass(slots=True)
class Sorted:
    """The rows of a workbook by what became of them; every row is counted once."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def open_workbook(data: bytes, name: str) -> Returned:
    """The content of a workbook; UnreadableError where it is none, or none of ours. The sheet is known by its machine keys."""
    sheets = _cells(data, name)
    info = {row.get("key", ""): row.get("value", "") for row in _keyed(sheets.get(INFO, []))}
    review = next((rows for rows in sheets.values() if rows and {"excerpt_id", "text_sha256"} <= set(rows[0])), None)
    if review is None or "study" not in info:
        raise UnreadableError(
            Problem(name, "is not a review workbook of this program", "use a workbook made by: make review-export")
        )
    rows = tuple(
        Row(number, _joined(cells))
        for number, cells in enumerate(_keyed(review), 2)
        if number > 2 and any(cells.values())
    )
    chunks = (json.loads(info[key]) for key in sorted(info) if re.fullmatch(r"id\d+", key))
    return Returned(name, info, rows, tuple(identity for chunk in chunks for identity in chunk))


def _cells(data: bytes, name: str) -> dict[str, list[list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return {
            sheet.title: [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
        }
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        what = "cannot be opened as an .xlsx workbook"
        raise UnreadableError(Problem(name, what, "close it in Excel, save it as .xlsx and try again")) from error


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _keyed(rows: list[list[str]]) -> Iterator[Cells]:
    """Every row below the first as a dict by the keys in the first."""
    keys = rows[0] if rows else []
    for row in rows[1:]:
        yield {key: cell for key, cell in zip(keys, row, strict=False) if key}


def _joined(cells: Cells) -> Cells:
    """The row with texts that were carried on in `key#2`, `key#3`, ... in one piece again."""
    joined = {key: cell for key, cell in cells.items() if "#" not in key}
    for key in sorted(key for key in cells if "#" in key):
        joined[key.partition("#")[0]] += cells[key]
    return joined


def sort_rows(returned: Returned, form: Form, present: Present) -> Sorted:
    """The rows by what becomes of them: decided, unchanged, conflicting, stale, foreign, damaged.

    Raises UnreadableError for a workbook of another study.
    """
    if returned.info["study"] != present.study_key:
        raise UnreadableError(Problem(returned.name, "belongs to another study", "import it there: STUDY=path"))
    result = Sorted()
    form = form.with_room(*(_numbered(returned.rows, stem) for stem in ("other", "finding")))
    base = int(returned.info.get("base") or 0)
    doubled, done = _doubled(returned.rows), set[str]()
    for row in returned.rows:
        kind, problem = _fate(row, returned, present, doubled)
        if kind:
            result.counts[kind] += 1
            result.problems.append(replace(problem, where=f"{returned.name} row {row.number}{problem.where}"))
        elif row.cells["excerpt_id"] in done:
            result.counts["unchanged"] += 1
        else:
            done.add(row.cells["excerpt_id"])
            _decide(row, (returned.name, base), form, present, result)
    _list_missing(returned, result)
    return result


def _numbered(rows: Sequence[Row], stem: str) -> int:
    """How many columns stem1, stem2, ... the workbook has."""
    return sum(bool(re.fullmatch(rf"{stem}\d+", key)) for key in (rows[0].cells if rows else ()))


def _doubled(rows: Sequence[Row]) -> set[str]:
    """Excerpts that stand in several rows with different answers; the same row twice is harmless."""
    seen: dict[str, set[str]] = {}
    for row in rows:
        seen.setdefault(row.cells.get("excerpt_id", ""), set()).add(json.dumps(row.cells, sort_keys=True))
    return {identity for identity, variants in seen.items() if len(variants) > 1}


def _fate(row: Row, returned: Returned, present: Present, doubled: set[str]) -> tuple[str, Problem]:
    """Why a row as a whole cannot be used ("" where it can)."""
    identity, digest = row.cells.get("excerpt_id", ""), row.cells.get("text_sha256", "")
    if identity in doubled:
        return "damaged", Problem("", f"{identity} stands in several rows with different answers", "keep one of them")
    if identity not in returned.handed_out:
        return "foreign", Problem(
            "", "its excerpt id is not one that was handed out", "copy the row anew from the workbook you were given"
        )
    if present.hashes.get(identity) != digest:
        return "stale", Problem("", f"the text of {identity} has changed since", "decide on it again in a new workbook")
    if _plain(row.cells.get("text", "")) != _plain(present.texts[identity]):
        what = f"the text beside {identity} is another: it was edited, or one column was sorted by itself"
        return "damaged", Problem("", what, "copy the row anew from the workbook you were given")
    return "", Problem("", "", "")


def _plain(text: str) -> str:
    """A text as it survives any spreadsheet program: line ends and runs of white space made equal."""
    return " ".join(text.replace("_x000D_", " ").split())


def _decide(row: Row, handout: tuple[str, int], form: Form, present: Present, result: Sorted) -> None:
    name, base = handout
    where = f"{name} row {row.number}"
    if wrong := list(_misspelt(row.cells, form)):
        result.counts["damaged"] += 1
        result.problems += [replace(p, where=f"{where} {p.where}") for p in wrong]
        return
    held = {opinion.target: opinion for opinion in present.opinions.get(row.cells["excerpt_id"], ())}
    codes = set(form.codebook.ids)
    new = [draft for draft in answers_of(row.cells, form, base) if not _is_held(draft, held, codes, present.memos)]
    clashes = [
        (draft, held[_target(draft)]) for draft in new if _target(draft) in held and held[_target(draft)].seq > base
    ]
    drafts = [draft for draft in new if draft not in [clash for clash, _ in clashes]]
    result.counts["conflicting" if clashes else "decided" if drafts else "unchanged"] += 1
    result.drafts += drafts
    result.problems += [_conflict(where, draft, opinion) for draft, opinion in clashes]
    said = {_target(draft) for draft in answers_of(row.cells, form, base)}
    emptied = [o for o in held.values() if o.seq <= base and o.target not in said and _was_shown(o, form)]
    result.problems += [_emptied(where, opinion) for opinion in emptied]


def _was_shown(opinion: Opinion, form: Form) -> bool:
    """Whether a decision stood in a cell when the workbook was handed out: a "no" to a further code has none."""
    return opinion.target in form.criteria or opinion.target in form.finding_ids or opinion.yes


def _emptied(where: str, opinion: Opinion) -> Problem:
    what = f"{opinion.target} was emptied; line {opinion.seq} of the ledger says {_word(opinion)} and stands"
    return Problem(where, what, 'choose "no", or another word: blank is not an answer')


def _word(opinion: Opinion) -> str:
    return opinion.value or (YES if opinion.yes else NO)


def _target(draft: Draft) -> str:
    return draft.criterion or draft.finding_id


def _is_held(draft: Draft, held: Mapping[str, Opinion], codes: set[str], memos: frozenset[tuple[str, str]]) -> bool:
    if draft.kind is DecisionKind.REVIEWED:
        return codes <= set(held)
    if draft.kind is DecisionKind.MEMO:
        return (draft.excerpt_id, draft.note) in memos
    opinion = held.get(_target(draft))
    return opinion is not None and _says(draft) == (opinion.yes, opinion.value)


def _says(draft: Draft) -> tuple[bool, str]:
    yes = draft.kind in (DecisionKind.CODE, DecisionKind.LINK)
    return yes, draft.value if yes else ""


def _conflict(where: str, draft: Draft, opinion: Opinion) -> Problem:
    here = draft.value or (YES if _says(draft)[0] else NO)
    later = (
        f"line {opinion.seq} of the ledger, written after the workbook was handed out, says {_word(opinion)} and stands"
    )
    what = f"{opinion.target}: the workbook says {here}; {later}"
    return Problem(where, what, "change it in a workbook made by: make review-export CODER=name AGAIN=1")


def _misspelt(cells: Cells, form: Form) -> Iterator[Problem]:
    for key, words in _allowed(form).items():
        if (cell := cells.get(key, "").strip()) and cell not in words:
            yield Problem(f"column {key}", "does not hold one of its words", f"use {', '.join(words)}")


def _allowed(form: Form) -> dict[str, tuple[str, ...]]:
    """The words of every column that has a list, by machine key."""
    allowed: dict[str, tuple[str, ...]] = {criterion_key(c): CODE_WORDS for c in form.criteria}
    allowed["rest"] = (NO,)
    for n in range(1, form.room[0] + 1):
        allowed.update({f"other{n}": form.others, f"other{n}_stance": (*Stance, NO)})
    for n in range(1, form.room[1] + 1):
        allowed.update({f"finding{n}": tuple(f.id for f in form.findings), f"direction{n}": (*Direction, NO)})
    return allowed


def answers_of(cells: Cells, form: Form, base: int) -> Iterator[Draft]:
    """What a row decides, as drafts."""
    blank = Draft(DecisionKind.CODE, cells["excerpt_id"], cells["text_sha256"], base=base)
    said = {key: cell.strip() for key, cell in cells.items()}
    for criterion in form.criteria:
        yield from _of_criterion(blank, criterion, said.get(criterion_key(criterion), ""))
    if said.get("rest"):
        yield replace(blank, kind=DecisionKind.REVIEWED, value=";".join(form.codebook.families))
    for n in range(1, form.room[0] + 1):
        if code := said.get(f"other{n}"):
            yield from _of_criterion(blank, code, said.get(f"other{n}_stance", "") or YES)
    for n in range(1, form.room[1] + 1):
        if finding := said.get(f"finding{n}"):
            yield _of_finding(blank, finding, said.get(f"direction{n}") or Direction.SUPPORTS)
    if said.get("memo"):
        yield replace(blank, kind=DecisionKind.MEMO, note=said["memo"])


def _of_criterion(blank: Draft, criterion: str, word: str) -> Iterator[Draft]:
    if word == NO:
        yield replace(blank, kind=DecisionKind.UNCODE, criterion=criterion)
    elif word:
        yield replace(blank, criterion=criterion, value="" if word == YES else word)


def _of_finding(blank: Draft, finding: str, word: str) -> Draft:
    if word == NO:
        return replace(blank, kind=DecisionKind.UNLINK, finding_id=finding)
    return replace(blank, kind=DecisionKind.LINK, finding_id=finding, value=str(word))


def _list_missing(returned: Returned, result: Sorted) -> None:
    gone = set(returned.handed_out) - {row.cells.get("excerpt_id", "") for row in returned.rows}
    if gone:
        result.counts["missing"] += len(gone)
        listed = ", ".join(sorted(gone)[:5]) + (" ..." if len(gone) > 5 else "")
        what = f"{len(gone)} rows that were handed out are not in it ({listed}); they stay undecided"
        result.problems.append(Problem(returned.name, what, "nothing to do, or export them again"))
