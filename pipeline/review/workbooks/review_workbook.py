"""The review workbook: excerpts for a coder, each in one row with everything needed to decide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import wording
from pipeline.review.form import CODE, NO, YES, Choices, Form, criterion_key, list_of
from pipeline.review.handouts import Handout
from pipeline.review.row_answers import Suggestion
from pipeline.review.settle import CoderDecision
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.vocabulary import CoderView, Direction, Stance
from pipeline.wording.commands import in_files

INFO = "Info"
LOCKED = ("excerpt_id", "text", "context", "suggestion")  # before the cells to fill in
FROZEN = 2  # of them, the words to decide on stay in view
BEHIND = ("reason", "origin", "suggested", "text_sha256")  # after the cells to fill in
LEADING = frozenset({"suggestion", "accept", "reason", "suggested"})  # what a blind coder does not see
HIDDEN = frozenset({"suggested", "text_sha256"})  # for the program alone
IDS_IN_CELL = 500  # ids of about 40 characters each fit into a cell of 32,000


@dataclass(frozen=True, slots=True)
class Item:
    """One excerpt to decide on, with what the coder should see beside it."""

    excerpt_id: str
    text_sha256: str
    lane: str
    source_id: str
    place: str
    participant: str
    question: str
    before: str
    text: str
    after: str
    suggestion: str = ""  # in words
    suggested: Suggestion | None = None  # None: nothing to accept
    memo: str = ""  # the coder's own, from before
    old_words: str = ""  # that people decided on, where the words have changed since


def write(
    path: Path,
    items: Sequence[Item],
    *,
    handout: Handout,
    form: Form,
    decisions: Sequence[CoderDecision],
    language: str,
) -> None:
    """Write the workbook; the coder's own earlier decisions are in the cells already. Equal input gives equal bytes."""
    words = words_of(language)
    is_blind = handout.shown is CoderView.BLIND
    answers = _answers(decisions)
    codes = [_further_codes(answers.get(item.excerpt_id, {}), form) for item in items]
    links = [_links(item, answers.get(item.excerpt_id, {}), form, is_blind=is_blind) for item in items]
    form = form.with_pairs(max(map(len, codes), default=0), max(map(len, links), default=0))
    choices = form.choices(language)
    keys = [key for key in (*LOCKED, *form.answer_keys(), *BEHIND) if not (is_blind and key in LEADING)]
    rows = []
    for item, codes_of_item, links_of_item in zip(items, codes, links, strict=True):
        cells = {
            **_shown_cells(item, language),
            **_criteria_cells(answers.get(item.excerpt_id, {}), form, choices),
            **_pair_cells("other", codes_of_item, choices),
            **_pair_cells("finding", links_of_item, choices),
        }
        rows.append(tuple(cells.get(key, "") for key in keys))
    pages = (
        _read_me(words, handout, form, language),
        Sheet(words["title"], tuple(_field(key, words, form, language) for key in keys), rows, FROZEN, protected=True),
        info_sheet((*info_rows(handout, [item.excerpt_id for item in items]), *choices.info())),
    )
    lists = {name: tuple(shown) for name, shown in choices.lists.items()}
    write_book(path, pages, title=f"{words['title']} {handout.coder}", lists=lists)


def info_sheet(rows: Iterable[tuple[str, str]]) -> Sheet:
    """The hidden sheet by which a returned workbook is recognised."""
    fields = (Field("key", "key", 20), Field("value", "value", 60))
    return Sheet(INFO, fields, tuple(rows), protected=True, hidden=True)


def info_rows(handout: Handout, identities: Sequence[str], *, kind: str = "") -> list[tuple[str, str]]:
    """The rows of the sheet Info: the workbook's hand-out and its excerpts."""
    starts = range(0, len(identities), IDS_IN_CELL)
    chunks = [json.dumps(identities[start : start + IDS_IN_CELL], ensure_ascii=False) for start in starts]
    return [
        ("study", handout.study),
        ("handout", handout.key),
        ("coder", handout.coder),
        ("base", str(handout.base)),
        ("shown", str(handout.shown)),
        ("codebook", handout.codebook),
        *((("kind", kind),) if kind else ()),
        ("rows", str(len(identities))),
        *((f"id{number}", chunk) for number, chunk in enumerate(chunks, 1)),
    ]


WIDTHS = {
    "excerpt_id": 12,
    "text": 68,
    "context": 40,
    "suggestion": 34,
    "accept": 10,
    "code": 12,
    "rest": 11,
    "finding": 9,
    "direction": 12,
    "other": 19,
    "stance": 10,
    "memo": 28,
    "reason": 16,
    "origin": 18,
}


def _field(key: str, words: Mapping[str, Any], form: Form, language: str) -> Field:
    columns = words["columns"]
    if key in (*LOCKED, *BEHIND):
        return locked(key, columns[key], WIDTHS.get(key, 12))
    if key.startswith(CODE):
        code = key.removeprefix(CODE)
        heading = form.codebook[code].text("name", language) or code
        return Field(key, heading, WIDTHS["code"], open=True, choices=list_of(key))
    stem = "stance" if key.endswith("_stance") else key.rstrip("0123456789")
    return Field(key, columns[stem], WIDTHS[stem], open=True, choices=list_of(key))


def locked(key: str, heading: str, width: int) -> Field:
    """A read-only column; those for the program only are hidden."""
    return Field(key, heading, width, wrap=key not in HIDDEN, hidden=key in HIDDEN)


def _shown_cells(item: Item, language: str) -> dict[str, str]:
    """The locked cells of a row, and the memo."""
    return {
        "excerpt_id": item.excerpt_id,
        "text": item.text,
        "context": context_of(item, language),
        "suggestion": item.suggestion,
        "reason": wording.closed_word("queue", item.lane, language),
        "origin": origin_of(item, language),
        "suggested": item.suggested.as_cell() if item.suggested else "",
        "text_sha256": item.text_sha256,
        "memo": item.memo,
    }


def context_of(item: Item, language: str) -> str:
    """Old words, the question, and the text before and after, each on its own lines."""
    words = words_of(language)["context"]
    parts = [
        (words["old_words"], item.old_words),
        (words["question"], item.question),
        (words["before"], item.before if item.before != item.question else ""),
        (words["after"], item.after),
    ]
    return "\n".join(f"{label}: {text}" for label, text in parts if text)


def origin_of(item: Item, language: str) -> str:
    """Who speaks, and where."""
    parts = (item.participant, item.source_id, wording.place(item.place, language))
    return "\n".join(part for part in parts if part)


def _answers(decisions: Sequence[CoderDecision]) -> dict[str, dict[str, str]]:
    """excerpt_id -> code or finding -> the word of the ledger shown in the cell."""
    answers: dict[str, dict[str, str]] = {}
    for decision in decisions:
        word = (decision.value or YES) if decision.yes else NO
        answers.setdefault(decision.excerpt_id, {})[decision.target] = word
    return answers


def _further_codes(answers: Mapping[str, str], form: Form) -> list[tuple[str, str]]:
    """The further codes that the coder gave; a *no* needs no cell."""
    return [(code, answers[code]) for code in form.further_codes if answers.get(code, NO) != NO]


def _links(item: Item, answers: Mapping[str, str], form: Form, *, is_blind: bool) -> list[tuple[str, str]]:
    """The findings that the coder decided on, and those suggested, which have no direction yet."""
    decided = [(finding, answers[finding]) for finding in form.finding_ids if finding in answers]
    if is_blind or item.suggested is None:
        return decided
    return [*decided, *((finding, "") for finding in item.suggested.links if finding not in answers)]


def _criteria_cells(answers: Mapping[str, str], form: Form, choices: Choices) -> dict[str, str]:
    words = {criterion_key(code): answers[code] for code in form.criteria if code in answers}
    return {key: choices.shown("answers", word) for key, word in words.items()}


def _pair_cells(stem: str, pairs: Sequence[tuple[str, str]], choices: Choices) -> dict[str, str]:
    """The cells of further codes or findings with their words; a plain yes leaves the second blank."""
    names, words = ("codes", "stances") if stem == "other" else ("findings", "directions")
    second = "other{}_stance" if stem == "other" else "direction{}"
    cells: dict[str, str] = {}
    for number, (name, word) in enumerate(pairs, 1):
        cells[f"{stem}{number}"] = choices.shown(names, name)
        cells[second.format(number)] = "" if word == YES else choices.shown(words, word)
    return cells


def _read_me(words: Mapping[str, Any], handout: Handout, form: Form, language: str) -> Prose:
    lines = instructions(words["read_me"], handout.coder, language)
    for criterion in form.codebook.criteria:
        parts = [text for text in (criterion.text("definition", language),) if text]
        for key in ("include", "exclude"):
            if text := criterion.text(key, language):
                parts.append(f"{words[key]}: {text}")
        lines.append((f"{criterion.text('name', language)} ({criterion.id})", "\n".join(parts)))
    lines += [(finding.id, finding.statement) for finding in form.findings]
    return Prose(words["sheet"], lines)


def instructions(lines: Iterable[Mapping[str, str]], coder: str, language: str) -> list[tuple[str, str]]:
    """Headings and paragraphs of the sheet of instructions, with the words that the cells take."""
    sections: dict[str, Iterable[str]] = {"answer": (YES, NO), "stance": Stance, "direction": Direction}
    words = dict(_words_of_sections(sections, language))
    return [(line["heading"].format(coder=coder), in_files(line["text"].format(**words), language)) for line in lines]


def _words_of_sections(sections: Mapping[str, Iterable[str]], language: str) -> Iterator[tuple[str, str]]:
    for section, words in sections.items():
        yield from ((str(word), wording.closed_word(section, word, language)) for word in words)


def words_of(language: str) -> dict[str, Any]:
    """The workbook's headings and instructions in a language."""
    return wording.book("review_workbook", language)
