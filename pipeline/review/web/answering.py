"""From a coder's answers on the page to lines of the ledger, by the function that decides a workbook's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import ConfigError, Problem
from pipeline.records import Draft
from pipeline.review.form import NO, YES, Choices, Form, criterion_key
from pipeline.review.handouts import Handout
from pipeline.review.returned import Present, RowResult, decide_row
from pipeline.review.row_answers import TELLING, Suggestion
from pipeline.review.spans.marking import Mark, drafts_of_marks, undo_of_unmarked, unmarked
from pipeline.review.spans.of_coders import CoderSpan, spans_in_parts
from pipeline.review.undo import changes_since
from pipeline.review.web.ledger_view import LedgerView, OwnAnswers
from pipeline.vocabulary import DecisionKind, RowFate, Stance
from pipeline.wording.messages import message

STANCES = frozenset({*map(str, Stance), YES, NO, ""})
DIRECTIONS = frozenset({*map(str, TELLING), NO})


@dataclass(frozen=True, slots=True)
class Answers:
    """A coder's answers on one excerpt: code -> stance, "yes" or "no"; finding -> direction or "no"."""

    excerpt_id: str
    text_sha256: str
    base: int
    codes: Mapping[str, str]
    links: Mapping[str, str]
    memo: str = ""
    accepted: str = ""  # the suggestion as it was shown, where the coder accepts it
    is_rest_no: bool = False  # whether the coder says that all other codes are no
    lane: str = ""
    tab: str = ""
    also: tuple[str, ...] = ()  # excerpts with the same words that are settled alike
    spans: tuple[Mark, ...] | None = None  # all words that the coder has marked; None if the page says nothing of them


class Clash(Exception):  # noqa: N818 - what happened, not an error of the program
    """The same coder decided on the excerpt elsewhere, after it was shown here."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__("decided elsewhere")
        self.details = details


def cells_of(answers: Answers, form: Form) -> dict[str, str]:
    """The answers as the cells of a row, by machine key."""
    further = {code: value for code, value in answers.codes.items() if code not in form.criteria}
    cells = {
        "excerpt_id": answers.excerpt_id,
        "text_sha256": answers.text_sha256,
        "suggested": answers.accepted,
        "accept": YES if answers.accepted else "",
        "rest": NO if answers.is_rest_no else "",
        "memo": answers.memo,
    }
    cells |= {criterion_key(code): value for code, value in answers.codes.items() if code in form.criteria}
    for number, (code, value) in enumerate(further.items(), 1):
        cells |= {f"other{number}": code, f"other{number}_stance": "" if value == YES else value}
    for number, (finding, value) in enumerate(answers.links.items(), 1):
        cells |= {f"finding{number}": finding, f"direction{number}": value}
    return cells


def words_of_ledger(form: Form, language: str) -> Choices:
    """The lists of a form in the words of the ledger, as the page sends them."""
    lists = form.choices(language).lists
    return Choices({name: {word: word for word in words.values()} for name, words in lists.items()}, {})


def present_of(ledger: LedgerView, excerpt_id: str, own: OwnAnswers) -> Present:
    """What the coder has decided on one excerpt, as the deciding function reads it."""
    return Present(
        study="",
        texts={},
        hashes={},
        decisions={excerpt_id: own.decisions},
        memos={excerpt_id: own.memo} if own.memo else {},
        rulings=ledger.state.rulings,
        lines=ledger.lines,
        waiting=ledger.unconfirmed,
    )


def drafts_of(
    answers: Answers, handout: Handout, ledger: LedgerView, choices: Choices, *, is_second_look: bool
) -> RowResult:
    """The decisions of the answers, given what the coder decided before, as for a workbook's row.

    Raises ConfigError if they cannot be used, Clash where the coder decided otherwise elsewhere after the excerpt was shown
    here. A second look is decided as if it were the first: the same answers are written again.
    """
    own = ledger.own_on(answers.excerpt_id)
    _check_accepted(answers)
    if is_second_look:
        answers = replace(answers, codes={**_taken_away(answers, own), **answers.codes}, is_rest_no=True)
        own = OwnAnswers(codes=own.codes)
    form = replace(
        ledger.study.form, pairs_of_codes=max(1, len(answers.codes)), pairs_of_findings=max(1, len(answers.links))
    )
    cells, present = cells_of(answers, form), present_of(ledger, answers.excerpt_id, own)
    of_tab = replace(handout, base=max(answers.base, _latest_of(handout.key, answers.excerpt_id, ledger)))
    result = decide_row(cells, of_tab, form, choices, present)
    if result.fate not in (RowFate.DECIDED, RowFate.UNCHANGED, RowFate.CONFLICTING):
        raise ConfigError(list(result.problems))
    if _is_decided_elsewhere(answers, handout, ledger):
        on_top = decide_row(cells, replace(handout, base=ledger.seen), form, choices, present)
        if on_top.drafts:  # another answer than the one that was saved meanwhile
            raise Clash(_clash_details(answers.excerpt_id, ledger))
    return result


def span_drafts(answers: Answers, handout: Handout, ledger: LedgerView, *, is_second_look: bool) -> tuple[Draft, ...]:
    """What the coder marked and unmarked, as lines; spans that were marked elsewhere since the excerpt was shown stay.

    At a second look the spans of the first are not shown, and none of them is taken back.
    """
    if answers.spans is None:
        return ()
    shelf, present = ledger.study.shelf, ledger.marked(answers.excerpt_id)
    new = drafts_of_marks(
        answers.spans,
        present,
        excerpt_id=answers.excerpt_id,
        text=shelf.cell("text", shelf.position[answers.excerpt_id]),
        text_sha256=answers.text_sha256,
        codes=ledger.study.form.codebook.ids,
    )
    seen_until = max(answers.base, _latest_of(handout.key, answers.excerpt_id, ledger))
    shown = [span for span in present if span.seq <= seen_until] if not is_second_look else []
    undone = undo_of_unmarked(answers.spans, shown, ledger.own_lines(answers.excerpt_id))
    here = [replace(draft, excerpt_id=answers.excerpt_id, text_sha256=answers.text_sha256) for draft in undone]
    return tuple(
        replace(draft, base=seen_until, codebook=handout.codebook, handout=handout.key, shown=handout.shown)
        for draft in (*new, *here, *_left_elsewhere(answers, shown, ledger))
    )


def _left_elsewhere(answers: Answers, shown: Sequence[CoderSpan], ledger: LedgerView) -> Iterator[Draft]:
    """The words of a mark over the place of a cut that lie in the other part, where it is taken off this one alone."""
    for span in unmarked(answers.spans or (), shown):
        lines = [ledger.lines[seq] for seq in (span.seq, *span.again)]
        parts = [part for line in lines for part in spans_in_parts(line, ledger.excerpts_of(line))]
        for part in parts:
            if part.stretch and part.excerpt_id != answers.excerpt_id:
                yield Draft(
                    DecisionKind.SPAN,
                    excerpt_id=part.excerpt_id,
                    text_sha256=ledger.study.shelf.text_sha256(part.excerpt_id),
                    criterion=span.criterion,
                    span=part.stretch,
                )


def _taken_away(answers: Answers, own: OwnAnswers) -> dict[str, str]:
    """A "no" to each code that the coder gave at the first look and does not give now."""
    return {name: NO for name, d in own.decisions.items() if d.yes and name in own.codes and name not in answers.codes}


def _check_accepted(answers: Answers) -> None:
    """Refuse a suggestion that the page cannot have shown."""
    if not answers.accepted:
        return
    suggestion = Suggestion.of_cell(answers.accepted)
    if suggestion is None or not set(suggestion.codes.values()) <= STANCES:
        raise ConfigError(
            Problem("accepted", message("review/is_not_a_suggestion"), message("review/load_the_page_again"))
        )


def _latest_of(handout: str, excerpt_id: str, ledger: LedgerView) -> int:
    """The last line that this tab wrote on the excerpt, which its coder has seen."""
    return max((line.seq for line in ledger.by_excerpt.get(excerpt_id, ()) if line.handout == handout), default=0)


def _is_decided_elsewhere(answers: Answers, handout: Handout, ledger: LedgerView) -> bool:
    """Whether something else holds of the same coder's decisions on the excerpt than was shown, and not from this tab."""
    return any(
        line.coder == ledger.coder and line.handout != handout.key and line.kind is not DecisionKind.LATER
        for line in changes_since(ledger.by_excerpt.get(answers.excerpt_id, ()), answers.base)
    )


def _clash_details(excerpt_id: str, ledger: LedgerView) -> dict[str, Any]:
    """The decisions already made, for the page to show beside those it sent."""
    shelf = ledger.study.shelf
    text = shelf.cell("text", shelf.position[excerpt_id])
    return {"theirs": ledger.own_on(excerpt_id).as_json(), "base": ledger.seen, "text": text}
