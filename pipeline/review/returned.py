"""A review workbook that comes back: what is decided in it, and which rows cannot be used and why. Nothing is written here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import Problem, UnreadableError
from pipeline.records import Decision, Draft
from pipeline.review import conflicts
from pipeline.review.choices import NO, YES, Choices, list_of
from pipeline.review.saved import Cells, Row, SavedWorkbook
from pipeline.review.settle import CoderDecision
from pipeline.review.workbook import Form, criterion_key
from pipeline.vocabulary import DecisionKind, Direction


@dataclass(frozen=True, slots=True)
class Present:
    """What the study holds now: the words of every excerpt, their hashes, and the coder's present opinions."""

    study_key: str
    texts: Mapping[str, str]
    hashes: Mapping[str, str]
    opinions: Mapping[str, Sequence[CoderDecision]]  # of the coder, by excerpt
    memos: frozenset[tuple[str, str]] = frozenset()  # (excerpt_id, note) that the coder has written
    rulings: Mapping[tuple[str, str], Decision] = field(default_factory=dict)


@dataclass(slots=True)
class Sorted:
    """The rows of a workbook by what became of them; every row is counted once."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def sort_rows(returned: SavedWorkbook, form: Form, present: Present) -> Sorted:
    """The rows by what becomes of them: decided, unchanged, conflicting, stale, foreign, damaged.

    Raises UnreadableError for a workbook of another study.
    """
    if returned.info["study"] != present.study_key:
        raise UnreadableError(Problem(returned.name, "belongs to another study", "import it there: STUDY=path"))
    result = Sorted()
    form = form.with_room(*(_numbered(returned.rows, stem) for stem in ("other", "finding")))
    base, told = int(returned.info.get("base") or 0), choices_of(returned, form)
    doubled, done = _doubled(returned.rows), set[str]()
    for row in returned.rows:
        kind, problem = _fate(row, returned, present, doubled)
        if kind:
            result.counts[kind] += 1
            result.problems.append(replace(problem, where=f"{returned.name} row {row.number}{problem.where}"))
        elif _identity(row) in done:
            result.counts["unchanged"] += 1
        else:
            done.add(_identity(row))
            take = _rule if returned.info.get("kind") == conflicts.KIND else _decide
            meant = replace(row, cells=_meant(row.cells, form, told))
            if wrong := list(_misspelt(row.cells, meant.cells, form, told)):
                result.counts["damaged"] += 1
                where = f"{returned.name} row {row.number}"
                result.problems += [replace(p, where=f"{where} {p.where}") for p in wrong]
            else:
                take(meant, (returned.name, base), form, present, result)
    _list_missing(returned, result)
    return result


def _numbered(rows: Sequence[Row], stem: str) -> int:
    """How many columns stem1, stem2, ... the workbook has."""
    return sum(bool(re.fullmatch(rf"{stem}\d+", key)) for key in (rows[0].cells if rows else ()))


def _identity(row: Row) -> str:
    """What was handed out in the row: an excerpt, or an excerpt and a code or finding that coders differ on."""
    excerpt = row.cells.get("excerpt_id", "")
    return conflicts.identity(excerpt, row.cells["target"]) if "target" in row.cells else excerpt


def _doubled(rows: Sequence[Row]) -> set[str]:
    """Excerpts that stand in several rows with different answers; the same row twice is harmless."""
    seen: dict[str, set[str]] = {}
    for row in rows:
        seen.setdefault(_identity(row), set()).add(json.dumps(row.cells, sort_keys=True))
    return {identity for identity, variants in seen.items() if len(variants) > 1}


def _fate(row: Row, returned: SavedWorkbook, present: Present, doubled: set[str]) -> tuple[str, Problem]:
    """Why a row as a whole cannot be used ("" where it can)."""
    identity, digest = row.cells.get("excerpt_id", ""), row.cells.get("text_sha256", "")
    if _identity(row) in doubled:
        return "damaged", Problem("", f"{identity} stands in several rows with different answers", "keep one of them")
    if _identity(row) not in returned.handed_out:
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


def _rule(row: Row, handout: tuple[str, int], form: Form, present: Present, result: Sorted) -> None:
    name, base = handout
    where = f"{name} row {row.number}"
    ruling = conflicts.ruling_of(row.cells, form, base)
    held = present.rulings.get((row.cells["excerpt_id"], row.cells["target"]))
    if ruling is None or (held and (held.value, held.note) == (ruling.value, ruling.note)):
        result.counts["unchanged"] += 1
    elif held and held.seq > base:
        result.counts["conflicting"] += 1
        what = f"{held.criterion or held.finding_id}: the workbook rules {ruling.value}; line {held.seq} of the ledger {held.value}"
        result.problems.append(Problem(where, what, "rule again: make review-export CODER=name CONFLICTS=1 AGAIN=1"))
    else:
        result.counts["decided"] += 1
        result.drafts.append(ruling)


def _was_shown(opinion: CoderDecision, form: Form) -> bool:
    """Whether a decision stood in a cell when the workbook was handed out: a "no" to a further code has none."""
    return opinion.target in form.criteria or opinion.target in form.finding_ids or opinion.yes


def _emptied(where: str, opinion: CoderDecision) -> Problem:
    what = f"{opinion.target} was emptied; line {opinion.seq} of the ledger says {conflicts.word(opinion)} and stands"
    return Problem(where, what, 'choose "no", or another word: blank is not an answer')


def _target(draft: Draft) -> str:
    return draft.criterion or draft.finding_id


def _is_held(
    draft: Draft, held: Mapping[str, CoderDecision], codes: set[str], memos: frozenset[tuple[str, str]]
) -> bool:
    if draft.kind is DecisionKind.REVIEWED:
        return codes <= set(held)
    if draft.kind is DecisionKind.MEMO:
        return (draft.excerpt_id, draft.note) in memos
    opinion = held.get(_target(draft))
    return opinion is not None and _says(draft) == (opinion.yes, opinion.value)


def _says(draft: Draft) -> tuple[bool, str]:
    yes = draft.kind in (DecisionKind.CODE, DecisionKind.LINK)
    return yes, draft.value if yes else ""


def _conflict(where: str, draft: Draft, opinion: CoderDecision) -> Problem:
    here = draft.value or (YES if _says(draft)[0] else NO)
    there = conflicts.word(opinion)
    later = f"line {opinion.seq} of the ledger, written after the workbook was handed out, says {there} and stands"
    what = f"{opinion.target}: the workbook says {here}; {later}"
    return Problem(where, what, "change it in a workbook made by: make review-export CODER=name AGAIN=1")


def choices_of(returned: SavedWorkbook, form: Form) -> Choices:
    """The words that the workbook was handed out with; one that does not tell them has those of the ledger."""
    plain = form.choices("en")
    own = {**plain.lists, "codes": {code: code for code in form.others}}
    return Choices(own).as_told(returned.info)


def _lists(cells: Cells, form: Form) -> Iterator[tuple[str, str]]:
    """The columns of a row that hold a word of a list, each with its list."""
    if "target" in cells:
        yield "ruling", conflicts.list_of_ruling(cells["target"], form)
    else:
        yield from ((key, list_of(key)) for key in form.answer_keys() if list_of(key))


def _meant(cells: Cells, form: Form, told: Choices) -> Cells:
    """The row in the words of the ledger; a cell that holds none of its words becomes blank."""
    return {**cells, **{key: told.meant(name, cells.get(key, "").strip()) for key, name in _lists(cells, form)}}


def _misspelt(cells: Cells, meant: Cells, form: Form, told: Choices) -> Iterator[Problem]:
    for key, name in _lists(cells, form):
        if cells.get(key, "").strip() and not meant[key]:
            yield Problem(f"column {key}", "does not hold one of its words", f"use {', '.join(told.lists[name])}")


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


def _list_missing(returned: SavedWorkbook, result: Sorted) -> None:
    gone = set(returned.handed_out) - {_identity(row) for row in returned.rows}
    if gone:
        result.counts["missing"] += len(gone)
        listed = ", ".join(sorted(gone)[:5]) + (" ..." if len(gone) > 5 else "")
        what = f"{len(gone)} rows that were handed out are not in it ({listed}); they stay undecided"
        result.problems.append(Problem(returned.name, what, "nothing to do, or export them again"))
