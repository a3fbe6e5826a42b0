"""The review workbook: excerpts out to a coder, with everything needed to decide in one row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.findings import Finding
from pipeline.review.choices import NO, YES, Choices, choices, list_of
from pipeline.review.settle import CoderDecision
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.vocabulary import Direction, Stance

INFO = "Info"
OTHERS = 3  # columns for codes of other families
FINDINGS = 2  # pairs of columns for findings and directions
LOCKED = ("excerpt_id", "text", "question", "before", "after", "suggestion")  # before the cells to fill in
FROZEN = 2  # of them, the words to decide on stay in view
BEHIND = ("reason", "participant", "source_id", "place", "text_sha256")  # after the cells to fill in


@dataclass(frozen=True, slots=True)
class Item:
    """One excerpt to decide on, with what the coder should see beside it."""

    excerpt_id: str
    text_sha256: str
    reason: str
    source_id: str
    place: str
    participant: str
    question: str
    before: str
    text: str
    after: str
    suggestion: str
    memo: str = ""  # the coder's own, from before


@dataclass(frozen=True, slots=True)
class Handout:
    """What is handed to one coder: whose, of which study, upon which line of the ledger, blind or not."""

    study_key: str
    coder: str
    base: int
    blind: bool
    language: str


def criterion_key(criterion: str) -> str:
    """The machine key of a criterion's column."""
    return f"code:{criterion}"


@dataclass(frozen=True, slots=True)
class Form:
    """What can be answered: the codes of the first family each in a column of its own, further codes, findings."""

    codebook: Codebook
    findings: tuple[Finding, ...]
    room: tuple[int, int] = (OTHERS, FINDINGS)  # columns for further codes, pairs of columns for findings

    def with_room(self, others: int, findings: int) -> Form:
        """The form with room for at least so many further codes and findings in a row."""
        return replace(self, room=(max(OTHERS, others), max(FINDINGS, findings)))

    @property
    def criteria(self) -> tuple[str, ...]:
        """Codes with a column of their own."""
        return tuple(criterion.id for criterion in self.codebook.of_family(self.codebook.criteria[0].family))

    @property
    def others(self) -> tuple[str, ...]:
        """Codes chosen from a list."""
        return tuple(code for code in self.codebook.ids if code not in self.criteria)

    @property
    def finding_ids(self) -> tuple[str, ...]:
        """The findings that an excerpt may bear on."""
        return tuple(finding.id for finding in self.findings)

    def choices(self, language: str) -> Choices:
        """The words to choose from, in a language."""
        return choices(self.codebook, self.others, self.finding_ids, language)

    def answer_keys(self) -> tuple[str, ...]:
        """The machine keys of the columns that a coder fills in, in order."""
        others = [key for n in range(1, self.room[0] + 1) for key in (f"other{n}", f"other{n}_stance")]
        links = [key for n in range(1, self.room[1] + 1) for key in (f"finding{n}", f"direction{n}")]
        return (*map(criterion_key, self.criteria), "rest", *others, *links, "memo")


def write(path: Path, items: Sequence[Item], handout: Handout, form: Form, own: Sequence[CoderDecision]) -> None:
    """Write the workbook; the coder's own earlier decisions stand in the cells already. Equal input gives equal bytes."""
    words = words_of(handout.language)
    answers = _answers(own)
    form = form.with_room(*_most(answers.values(), form))
    told = form.choices(handout.language)
    shown = [key for key in LOCKED if not (handout.blind and key == "suggestion")]
    fields = tuple(_field(key, words, form) for key in (*shown, *form.answer_keys(), *BEHIND))
    rows = [
        (
            *_shown(item, shown, handout.language),
            *_filled(answers.get(item.excerpt_id, {}), form, told),
            item.memo,
            *_shown(item, BEHIND, handout.language),
        )
        for item in items
    ]
    review = Sheet(words["title"], fields, rows, frozen=FROZEN, protected=True)
    pages = (_instructions(words, handout, form), review, info_sheet((*_info(items, handout, form), *told.info())))
    lists = {name: tuple(said) for name, said in told.lists.items()}
    write_book(path, pages, title=f"{words['title']} {handout.coder}", lists=lists)


def info_sheet(rows: Iterable[tuple[str, str]]) -> Sheet:
    """The hidden sheet by which a workbook is known when it comes back."""
    fields = (Field("key", "key", 20), Field("value", "value", 60))
    return Sheet(INFO, fields, tuple(rows), protected=True, hidden=True)


def _shown(item: Item, keys: Iterable[str], language: str) -> Iterator[str]:
    """What stands in the locked cells of a row."""
    in_words = {
        "reason": wording.closed_word("queue", item.reason, language),
        "place": wording.place(item.place, language),
    }
    yield from (in_words.get(key) or str(getattr(item, key)) for key in keys)


WIDTHS = {
    "text": 80,
    "question": 32,
    "before": 32,
    "after": 32,
    "suggestion": 40,
    "memo": 40,
    "excerpt_id": 18,
    "place": 16,
    "reason": 22,
    "other": 24,
}


def _field(key: str, words: Mapping[str, Any], form: Form) -> Field:
    if key in (*LOCKED, *BEHIND):
        return locked(key, words["columns"][key], WIDTHS.get(key, 12))
    if key == "memo":
        return Field(key, words["columns"][key], WIDTHS[key], open=True)
    stem = key.rstrip("0123456789") if not key.endswith("_stance") else "stance"
    if key.startswith("code:"):
        heading = form.codebook[key[5:]].text("name", words["language"]) or key[5:]
    else:
        heading = words["columns"][stem]
    return Field(key, heading, WIDTHS.get(stem, 14), open=True, choices=list_of(key))


def locked(key: str, heading: str, width: int) -> Field:
    """A column that is only read; the hash of the words is there for the program alone."""
    is_hash = key == "text_sha256"
    return Field(key, heading, width, wrap=not is_hash, hidden=is_hash)


def _answers(own: Sequence[CoderDecision]) -> dict[str, dict[str, str]]:
    """excerpt_id -> target -> the word that stands in the cell."""
    answers: dict[str, dict[str, str]] = {}
    for opinion in own:
        word = (opinion.value or YES) if opinion.yes else NO
        answers.setdefault(opinion.excerpt_id, {})[opinion.target] = word
    return answers


def _filled(answers: Mapping[str, str], form: Form, told: Choices) -> Iterator[str]:
    """The cells of a row that the coder's earlier decisions fill, in the order of the answer columns."""
    yield from (told.shown("answers", answers.get(criterion, "")) for criterion in form.criteria)
    yield ""
    others, links = _beside(answers, form)
    yield from _pairs(others, form.room[0], told, ("codes", "stances"))
    yield from _pairs(links, form.room[1], told, ("findings", "directions"))


def _beside(answers: Mapping[str, str], form: Form) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The further codes that were given, and the findings that were decided on, each with its word."""
    others = [(code, word) for code, word in answers.items() if code in form.others and word != NO]
    return others, [(f.id, answers[f.id]) for f in form.findings if f.id in answers]


def _most(answers: Iterable[Mapping[str, str]], form: Form) -> tuple[int, int]:
    """How many further codes, and how many findings, one row needs at most."""
    needed = [tuple(map(len, _beside(row, form))) for row in answers]
    return max((n for n, _ in needed), default=0), max((n for _, n in needed), default=0)


def _pairs(given: Sequence[tuple[str, str]], count: int, told: Choices, lists: tuple[str, str]) -> Iterator[str]:
    """What was given and its word, in so many pairs of cells; a plain yes leaves the second blank."""
    for number in range(count):
        name, word = given[number] if number < len(given) else ("", "")
        yield told.shown(lists[0], name)
        yield "" if word == YES else told.shown(lists[1], word)


def _info(items: Sequence[Item], handout: Handout, form: Form) -> list[tuple[str, str]]:
    return [
        ("study", handout.study_key),
        ("coder", handout.coder),
        ("base", str(handout.base)),
        ("blind", YES if handout.blind else NO),
        ("codebook", form.codebook.version),
        ("rows", str(len(items))),
        *((f"id{n}", json.dumps(list(chunk))) for n, chunk in enumerate(chunks([i.excerpt_id for i in items], 500), 1)),
    ]


def chunks(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Values in groups that fit into a cell."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _instructions(words: Mapping[str, Any], handout: Handout, form: Form) -> Prose:
    language = words["language"]
    lines = instructions(words["read_me"], handout)
    for criterion in form.codebook.criteria:
        parts = [criterion.text("definition", language)]
        for field in ("include", "exclude"):
            if said := criterion.text(field, language):
                parts.append(f"{words[field]}: {said}")
        lines.append((f"{criterion.text('name', language)} ({criterion.id})", "\n".join(parts)))
    lines += [(f"{finding.id}", finding.statement) for finding in form.findings]
    return Prose(words["sheet"], lines)


def instructions(lines: Iterable[Mapping[str, str]], handout: Handout) -> list[tuple[str, str]]:
    """Headings and paragraphs of the sheet of instructions, with the words that the cells take."""
    sections: dict[str, Iterable[str]] = {"answer": (YES, NO), "stance": Stance, "direction": Direction}
    told = {
        str(w): wording.closed_word(section, w, handout.language) for section, words in sections.items() for w in words
    }
    return [(line["heading"].format(coder=handout.coder), line["text"].format(**told)) for line in lines]


def words_of(language: str) -> dict[str, Any]:
    """The workbook's headings and instructions in a language."""
    return {**wording.book("review_workbook", language), "language": language}
