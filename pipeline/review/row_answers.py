"""The decisions of one row of answers, by machine key, from a workbook or the review page.

A row says one thing, or it is listed: unknown words, two answers to one question, half an answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.errors import Problem
from pipeline.records import Draft
from pipeline.review.form import NO, YES, Choices, Form, criterion_key, list_of
from pipeline.vocabulary import DecisionKind, Direction, RowFate
from pipeline.wording.messages import listed, message

Cells = Mapping[str, str]
TELLING = frozenset(Direction) - {Direction.NOT_TOLD}  # directions that can be accepted; the others wait for a person
LONGEST_SHOWN = 40  # characters of a cell that a message repeats


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the machine suggests for an excerpt, as it was shown: codes with stances, links with directions, doubtful codes."""

    codes: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    disagreeing: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # code or finding -> the coder's own answers on the parts of a joined excerpt, which differ

    def as_cell(self) -> str:
        """The suggestion as a hidden cell carries it."""
        return json.dumps({"codes": self.codes, "links": self.links, "doubtful": self.doubtful}, separators=(",", ":"))

    @classmethod
    def of_cell(cls, cell: str) -> Suggestion | None:
        """The suggestion of a hidden cell; None if the cell was lost or edited."""
        try:
            content = json.loads(cell)
            return cls(_as_texts(content["codes"]), _as_texts(content["links"]), tuple(map(str, content["doubtful"])))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def with_codes(self, names: Mapping[str, str]) -> Suggestion:
        """The suggestion with codes under other names."""
        codes = {names.get(code, code): stance for code, stance in self.codes.items()}
        return replace(self, codes=codes, doubtful=tuple(names.get(code, code) for code in self.doubtful))


def _as_texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


@dataclass(frozen=True, slots=True)
class RowAnswers:
    """The decisions of a row, or why none of them can be used; `fate` is None if they can."""

    drafts: tuple[Draft, ...] = ()
    fate: RowFate | None = None
    problems: tuple[Problem, ...] = ()


def answers_of(
    cells: Cells,
    form: Form,
    choices: Choices,
    *,
    decided: Collection[str] = (),
    headings: Mapping[str, str] | None = None,
) -> RowAnswers:
    """The answers of a row. `decided` are codes and findings that the coder decided on before: their cells may be incomplete.

    `headings` names the cells in messages as the coder sees them.
    """
    headings = headings or {}
    meanings, misspelt = meanings_of(cells, form, choices, headings)
    if misspelt:
        return RowAnswers(fate=RowFate.DAMAGED, problems=misspelt)
    suggestion = Suggestion.of_cell(cells.get("suggested", "")) or Suggestion()
    expected = {*decided, *suggestion.links}
    contradictory = (
        *_contradictions(meanings, "other", form.pairs_of_codes, headings),
        *_contradictions(meanings, "finding", form.pairs_of_findings, headings),
        *_without_direction(meanings, form, expected, headings),
        *_nothing_to_accept(meanings, cells, headings),
        *_lost_codes(meanings, suggestion, form, headings),
    )
    if contradictory:
        return RowAnswers(fate=RowFate.CONTRADICTORY, problems=contradictory)
    blank = Draft(kind=DecisionKind.CODE, excerpt_id=cells["excerpt_id"], text_sha256=cells["text_sha256"])
    return RowAnswers(drafts=tuple(_drafts(meanings, form, suggestion, blank)))


def meanings_of(
    cells: Cells, form: Form, choices: Choices, headings: Mapping[str, str]
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The answers in the words of the ledger, and the cells that hold none of their words."""
    meanings: dict[str, str] = {}
    problems: list[Problem] = []
    for key in form.answer_keys():
        cell, name = cells.get(key, "").strip(), list_of(key)
        meanings[key] = choices.meant(name, cell) if name and cell else cell
        if cell and not meanings[key]:
            problems.append(misspelt(key, cell, choices.lists[name], headings))
    return meanings, tuple(problems)


def misspelt(key: str, cell: str, words: Collection[str], headings: Mapping[str, str]) -> Problem:
    """Cells that hold an unknown word, each as a problem."""
    shown = cell if len(cell) <= LONGEST_SHOWN else cell[: LONGEST_SHOWN - 1] + "…"
    return Problem(
        _column(key, headings),
        message("review/says_which_is_not_a_possible", shown=shown),
        message("study/use", words=", ".join(words)),
    )


def _column(key: str, headings: Mapping[str, str]) -> str:
    return f"column {headings.get(key, key)}"


VALUE_KEY = {"other": "other{}_stance", "finding": "direction{}"}


def _pairs(meanings: Mapping[str, str], stem: str, count: int) -> Iterator[tuple[int, str, str]]:
    """The cells of further codes or findings, in pairs: number, code or finding, its word."""
    for number in range(1, count + 1):
        yield number, meanings.get(f"{stem}{number}", ""), meanings.get(VALUE_KEY[stem].format(number), "")


def _contradictions(
    meanings: Mapping[str, str], stem: str, count: int, headings: Mapping[str, str]
) -> Iterator[Problem]:
    """Answers without a code or finding, and codes or findings with two different answers."""
    words: dict[str, set[str]] = {}
    for number, name, word in _pairs(meanings, stem, count):
        if word and not name:
            where = _column(VALUE_KEY[stem].format(number), headings)
            what = message(f"review/names_no_{stem}", word=word)
            yield Problem(where, what, message("review/choose_what_it_belongs"))
        elif name and (word or stem == "other"):
            words.setdefault(name, set()).add(word)
    for name, answers in words.items():
        if len(answers) > 1:
            shown = listed(sorted(answer or YES for answer in answers))
            yield Problem(
                _column(f"{stem}1", headings),
                message("review/is_answered_twice", name=name, shown=shown),
                message("common/keep_one_answer"),
            )


def _without_direction(
    meanings: Mapping[str, str], form: Form, expected: Collection[str], headings: Mapping[str, str]
) -> Iterator[Problem]:
    """Findings that the coder named without a direction; one that the program put there is merely not decided."""
    pairs = list(_pairs(meanings, "finding", form.pairs_of_findings))
    directed = {finding for _, finding, word in pairs if word}
    for number, finding, word in pairs:
        if finding and not word and finding not in expected and finding not in directed:
            directions = ", ".join((*Direction, NO))
            where = _column(f"direction{number}", headings)
            yield Problem(
                where,
                message("review/is_named_without_a_direction", finding=finding),
                message("review/choose_one_of", directions=directions),
            )


def _nothing_to_accept(meanings: Mapping[str, str], cells: Cells, headings: Mapping[str, str]) -> Iterator[Problem]:
    if meanings.get("accept") and Suggestion.of_cell(cells.get("suggested", "")) is None:
        what = message("review/accepts_a_suggestion_but_the_row")
        yield Problem(_column("accept", headings), what, message("review/answer_in_the_other_cells"))


def _lost_codes(
    meanings: Mapping[str, str], suggestion: Suggestion, form: Form, headings: Mapping[str, str]
) -> Iterator[Problem]:
    """Codes of an accepted suggestion that have changed since, so that it is unclear what was accepted."""
    lost = [code.partition("@")[0] for code in suggestion.codes if code not in form.codebook.ids]
    if meanings.get("accept") and lost:
        what = message("review/suggests_which_is_no_longer", lost=", ".join(lost))
        yield Problem(_column("accept", headings), what, message("review/empty_the_cell_and_answer"))


def _drafts(meanings: Mapping[str, str], form: Form, suggestion: Suggestion, blank: Draft) -> Iterator[Draft]:
    codes, links = _code_words(meanings, form), _link_words(meanings, form)
    if meanings.get("accept"):  # what the row answers itself goes before what was suggested
        codes = {**{code: stance or YES for code, stance in suggestion.codes.items()}, **codes}
        links = {**{finding: word for finding, word in suggestion.links.items() if word in (*TELLING, NO)}, **links}
    yield from (code_draft(blank, code, word) for code, word in codes.items())
    if reviewed := _codes_gone_through(meanings, form, suggestion, codes):
        families = ";".join(form.codebook.families)
        yield replace(blank, kind=DecisionKind.REVIEWED, value=families, codes=reviewed)
    yield from (link_draft(blank, finding, word) for finding, word in links.items())
    if meanings.get("memo"):
        yield replace(blank, kind=DecisionKind.MEMO, note=meanings["memo"])


def _link_words(meanings: Mapping[str, str], form: Form) -> dict[str, str]:
    """The word of every finding that the row answers: a direction or no."""
    return {finding: word for _, finding, word in _pairs(meanings, "finding", form.pairs_of_findings) if word}


def _code_words(meanings: Mapping[str, str], form: Form) -> dict[str, str]:
    """The word of every code that the row answers: a stance, yes or no."""
    words = {code: meanings[criterion_key(code)] for code in form.criteria if meanings.get(criterion_key(code))}
    return {**words, **{code: word or YES for _, code, word in _pairs(meanings, "other", form.pairs_of_codes) if code}}


def _codes_gone_through(
    meanings: Mapping[str, str], form: Form, suggestion: Suggestion, codes: Mapping[str, str]
) -> tuple[str, ...]:
    """The codes that the row goes through: all that its form shows, or where it only accepts, all but those shown as doubtful.

    A code added to the codebook after the hand-out is not among them, nor is one above a code that the row says yes to: left
    blank it is carried by its sub-code, and not denied.
    """
    if not (meanings.get("rest") or meanings.get("accept")):
        return ()
    undecided = set() if meanings.get("rest") else set(suggestion.doubtful) - set(codes)
    above = form.codebook.above(code for code, word in codes.items() if word != NO)
    return tuple(code for code in form.codes if code not in undecided | above)


def code_draft(blank: Draft, code: str, word: str) -> Draft:
    """A decision on a code from its word: a stance, yes or no."""
    if word == NO:
        return replace(blank, kind=DecisionKind.UNCODE, criterion=code)
    return replace(blank, kind=DecisionKind.CODE, criterion=code, value="" if word == YES else word)


def link_draft(blank: Draft, finding: str, word: str) -> Draft:
    """A decision on a link from its word: a direction or no."""
    if word == NO:
        return replace(blank, kind=DecisionKind.UNLINK, finding_id=finding)
    return replace(blank, kind=DecisionKind.LINK, finding_id=finding, value=word)


def answered(cells: Cells, keys: Sequence[str]) -> frozenset[tuple[str, str]]:
    """The cells of a row that hold an answer; a finding without a direction is not one."""
    filled = {(key, cells[key].strip()) for key in keys if cells.get(key, "").strip()}
    bare = {
        (key, cell)
        for key, cell in filled
        if list_of(key) == "findings" and not cells.get(f"direction{key.removeprefix('finding')}", "").strip()
    }
    return frozenset(filled - bare)
