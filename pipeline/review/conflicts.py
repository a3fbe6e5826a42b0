"""Where coders differ: both values side by side in a workbook, and what a third person, or all of them together, rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import wording
from pipeline.records import Decision, Draft
from pipeline.review.choices import NO, YES, list_of
from pipeline.review.settle import CoderDecision, State, grouped
from pipeline.review.workbook import Form, Handout, Item, chunks, info_sheet, instructions, locked, words_of
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.vocabulary import DecisionKind

KIND = "conflicts"  # what the workbook says of itself
SHOWN = ("excerpt_id", "target", "text", "about", "question", "before", "after")  # before what coders said
FROZEN = 3  # of them, the words and what is asked of them stay in view
BEHIND = ("source_id", "place", "text_sha256")
WIDTHS = {"text": 80, "question": 32, "before": 32, "after": 32, "about": 40, "memos": 40, "why": 40, "excerpt_id": 18}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One excerpt and one code or finding of which coders say different things, and how it was ruled (None: not yet)."""

    excerpt_id: str
    target: str
    opinions: tuple[CoderDecision, ...]
    ruling: Decision | None


def identity(excerpt_id: str, target: str) -> str:
    """What tells the rows of the workbook apart."""
    return f"{excerpt_id} {target}"


def conflicts(state: State, *, ruled: bool) -> list[Conflict]:
    """Where coders differ on whether, on the stance or on the direction; by excerpt. `ruled`: those already settled too."""
    found = [
        Conflict(excerpt, target, tuple(opinions), state.rulings.get((excerpt, target)))
        for (excerpt, target), opinions in sorted(grouped(state.coder_decisions).items())
        if len({(o.yes, o.value) for o in opinions}) > 1
    ]
    return [conflict for conflict in found if ruled or conflict.ruling is None]


def word(opinion: CoderDecision) -> str:
    """What an opinion says, as it stands in a cell."""
    return (opinion.value or YES) if opinion.yes else NO


def _ruled_word(ruling: Decision | None) -> str:
    if ruling is None:
        return ""
    answer, _, value = ruling.value.partition(":")
    return value or answer


def write(path: Path, found: Sequence[Conflict], items: Mapping[str, Item], handout: Handout, form: Form) -> None:
    """Write the workbook: a row per conflict, a column per coder, their memos, and the cell for the ruling."""
    words = words_of(handout.language)
    coders = sorted({o.coder for conflict in found for o in conflict.opinions})
    headings = {**words["columns"], **words[KIND]["columns"], **{f"said:{coder}": coder for coder in coders}}
    keys = (*SHOWN, *(f"said:{coder}" for coder in coders), "memos")
    before, behind = ([locked(key, headings[key], WIDTHS.get(key, 12)) for key in some] for some in (keys, BEHIND))
    answers = (
        Field("ruling", headings["ruling"], 14, open=True, choices=list_of("ruling")),
        Field("why", headings["why"], 40, open=True),
    )
    rows = [tuple(_cells(conflict, items[conflict.excerpt_id], coders, form, handout.language)) for conflict in found]
    told, title = form.choices(handout.language), words[KIND]["title"]
    pages = (
        Prose(words["sheet"], instructions(words[KIND]["read_me"], handout)),
        Sheet(title, (*before, *answers, *behind), rows, frozen=FROZEN, protected=True),
        info_sheet((*_info(found, handout), *told.info())),
    )
    write_book(path, pages, title=f"{title} {handout.coder}", lists={"rulings": tuple(told.lists["rulings"])})


def _cells(conflict: Conflict, item: Item, coders: Sequence[str], form: Form, language: str) -> Iterator[str]:
    about, told = _about(conflict.target, form, language), form.choices(language)
    in_words = {"target": conflict.target, "about": about, "place": wording.place(item.place, language)}
    before, behind = ([in_words.get(key) or str(getattr(item, key)) for key in keys] for keys in (SHOWN, BEHIND))
    yield from before
    said = {o.coder: told.shown("rulings", word(o)) for o in conflict.opinions}
    yield from (said.get(coder, "") for coder in coders)
    yield item.memo
    yield told.shown("rulings", _ruled_word(conflict.ruling))
    yield conflict.ruling.note if conflict.ruling else ""
    yield from behind


def _about(target: str, form: Form, language: str) -> str:
    """What the code means, or what the finding states."""
    statements = {finding.id: finding.statement for finding in form.findings}
    if target in statements:
        return statements[target]
    if target not in form.codebook.ids:
        return target
    code = form.codebook[target]
    return f"{code.text('name', language) or target}: {code.text('definition', language)}"


def _info(found: Sequence[Conflict], handout: Handout) -> list[tuple[str, str]]:
    rows = [identity(conflict.excerpt_id, conflict.target) for conflict in found]
    head = [("study", handout.study_key), ("coder", handout.coder), ("base", str(handout.base)), ("kind", KIND)]
    return head + [(f"id{n}", json.dumps(list(chunk))) for n, chunk in enumerate(chunks(rows, 500), 1)]


def list_of_ruling(target: str, form: Form) -> str:
    """The list that a ruling on a code or finding is chosen from."""
    return "directions" if target in form.finding_ids else "answers"


def ruling_of(cells: Mapping[str, str], form: Form, base: int) -> Draft | None:
    """What a row rules, as a draft; nothing where the cell is blank."""
    said, target = cells.get("ruling", ""), cells["target"]
    if not said:
        return None
    value = said if said in (YES, NO) else f"{YES}:{said}"
    names = ("", target) if target in form.finding_ids else (target, "")
    why = cells.get("why", "").strip()
    return Draft(DecisionKind.ADJUDICATE, cells["excerpt_id"], cells["text_sha256"], *names, value, why, base)
