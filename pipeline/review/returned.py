"""One row of answers compared with the ledger: what it decides, or why it cannot be used. Nothing is read or written here.

Rows come by machine key from whatever sent them: a workbook, the review page, a spreadsheet of codings.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.codebook import with_parents
from pipeline.errors import Problem
from pipeline.records import Decision, Draft
from pipeline.review import conflicts
from pipeline.review.boundaries.confirming import waiting_of
from pipeline.review.form import NO, YES, Choices, Form
from pipeline.review.handouts import Handout
from pipeline.review.row_answers import Cells, answers_of, code_draft
from pipeline.review.settle import CoderDecision, State
from pipeline.vocabulary import DecisionKind, RowFate
from pipeline.wording.messages import message

RULE_AGAIN = "review/rule_again_make_review_export_coder"
AGAIN = "review/change_it_in_a_workbook_made"


@dataclass(frozen=True, slots=True)
class Present:
    """What the study holds now: the words of every excerpt, and the present decisions, memos and lines of one coder."""

    study: str
    texts: Mapping[str, str]
    hashes: Mapping[str, str]
    decisions: Mapping[str, Mapping[str, CoderDecision]]  # excerpt -> code or finding -> what the coder decides
    memos: Mapping[str, Decision]  # excerpt -> the coder's latest memo
    rulings: Mapping[tuple[str, str], Decision]
    lines: Mapping[int, Decision]  # the ledger by number
    waiting: Mapping[str, int] = field(
        default_factory=dict
    )  # excerpt -> the latest of the coder's lines that wait to be confirmed on it

    @classmethod
    def of(
        cls,
        study: str,
        coder: str,
        *,
        texts: Mapping[str, str],
        hashes: Mapping[str, str],
        state: State,
        ledger: Sequence[Decision],
    ) -> Present:
        """The current decisions of one coder."""
        decisions: dict[str, dict[str, CoderDecision]] = {}
        for decision in state.coder_decisions:
            if decision.coder == coder:
                decisions.setdefault(decision.excerpt_id, {})[decision.target] = decision
        return cls(
            study=study,
            texts=texts,
            hashes=hashes,
            decisions=decisions,
            memos={memo.excerpt_id: memo for memo in state.memos if memo.coder == coder},
            rulings=state.rulings,
            lines={line.seq: line for line in ledger},
            waiting=waiting_of(state, coder, ledger),
        )

    def is_known_to(self, handout: Handout, seq: int) -> bool:
        """Whether who fills in the hand-out knew a line of the ledger: it was there before, or came from this very hand-out."""
        return seq <= handout.base or (bool(handout.key) and self.lines[seq].handout == handout.key)


@dataclass(frozen=True, slots=True)
class RowResult:
    """The outcome of one row. Problems name the place in the row; the caller adds the file."""

    fate: RowFate
    drafts: tuple[Draft, ...] = ()
    problems: tuple[Problem, ...] = ()


FOLDED = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "‑": "-"}
)


def plain(text: str) -> str:
    """A text normalised so that spreadsheet programs and autocorrection do not matter: letters, quotes, dashes and spaces."""
    folded = unicodedata.normalize("NFC", text.replace("_x000D_", " ")).translate(FOLDED)
    return " ".join(folded.replace("…", "...").split())


# ---- one row


def decide_row(
    cells: Cells,
    handout: Handout,
    form: Form,
    choices: Choices,
    present: Present,
    *,
    headings: Mapping[str, str] | None = None,
) -> RowResult:
    """What a row of answers changes in its coder's decisions: the one rule for workbook and review page.

    Accepting a suggestion as it is shown (*Accept as suggested*, Enter) decides what it shows: yes to the codes and links that
    it names, no to the codes that it leaves out. Codes that it shows as doubtful stay undecided, unless the row answers them
    itself or says that all other codes are no (*All codes left blank are: no*, and the page's key for it). What the row answers
    itself always goes before the suggestion. A decision of the same coder that is newer than the hand-out stays: the row
    is conflicting in it. Where earlier answers wait to be confirmed, what the row accepts is written though it is in force.
    """
    excerpt = cells["excerpt_id"]
    before = present.decisions.get(excerpt, {})
    answers = answers_of(cells, form, choices, decided=before, headings=headings)
    if answers.fate:
        return RowResult(answers.fate, problems=answers.problems)
    emptied = _emptied_codes(answers.drafts, before, handout, present)
    drafts = (*answers.drafts, *emptied, *_parents_no_longer_blank(answers.drafts, before, form, present))
    is_confirming = _is_confirming(cells, handout, present)
    new = [draft for draft in drafts if not _is_in_force(draft, before, present, is_confirming=is_confirming)]
    clashes = [draft for draft in new if _is_overtaken(draft, before, handout, present)]
    accepted = tuple(_stamped(draft, handout) for draft in new if draft not in clashes)
    problems = (
        *(_conflict(draft, before, present) for draft in clashes),
        *(_now_no(before[draft.criterion]) for draft in emptied),
        *_emptied(drafts, before, excerpt, handout, present, form),
    )
    fate = RowFate.CONFLICTING if clashes else RowFate.DECIDED if accepted else RowFate.UNCHANGED
    return RowResult(fate, accepted, problems)


def _is_confirming(cells: Cells, handout: Handout, present: Present) -> bool:
    """Whether the row settles an excerpt on which earlier answers wait, as its hand-out knew."""
    waiting = present.waiting.get(cells["excerpt_id"])
    return waiting is not None and waiting <= handout.base and bool(cells.get("accept") or cells.get("rest"))


def _stamped(draft: Draft, handout: Handout) -> Draft:
    """The draft with what it was made on."""
    return replace(
        draft,
        base=handout.base,
        codebook=handout.codebook,
        handout=handout.key,
        shown=handout.shown,
        lane=handout.lane_of(draft.excerpt_id),
    )


def _target(draft: Draft) -> str:
    return draft.criterion or draft.finding_id


def _word(draft: Draft) -> str:
    """The value of a draft, as shown in a cell."""
    if draft.kind is DecisionKind.MEMO:
        return draft.note
    if draft.kind in (DecisionKind.UNCODE, DecisionKind.UNLINK):
        return NO
    return draft.value or YES


def _emptied_codes(
    drafts: Sequence[Draft], before: Mapping[str, CoderDecision], handout: Handout, present: Present
) -> tuple[Draft, ...]:
    """A *no* to every code that had a yes and is now blank in a row whose blanks mean no."""
    reviewed = next((draft for draft in drafts if draft.kind is DecisionKind.REVIEWED), None)
    if reviewed is None:
        return ()
    answered_now = {_target(draft) for draft in drafts}
    blank = replace(reviewed, value="", codes=())
    return tuple(
        code_draft(blank, code, NO)
        for code in reviewed.codes
        if code not in answered_now
        and (decision := before.get(code))
        and decision.yes
        and present.is_known_to(handout, decision.seq)
    )


def _parents_no_longer_blank(
    drafts: Sequence[Draft], before: Mapping[str, CoderDecision], form: Form, present: Present
) -> tuple[Draft, ...]:
    """A yes to every code above one that the row gives, if the coder had left it blank where blanks meant no."""
    ayes = {draft.criterion: draft for draft in drafts if draft.kind is DecisionKind.CODE}
    stances = with_parents({code: draft.value for code, draft in ayes.items()}, form.codebook.lineage)
    answered_now = {_target(draft) for draft in drafts}
    return tuple(
        code_draft(next(iter(ayes.values())), code, stances[code] or YES)
        for code in sorted(form.codebook.above(ayes) - answered_now)
        if (decision := before.get(code)) and not decision.yes and _is_of_all(decision, present)
    )


def _now_no(decision: CoderDecision) -> Problem:
    what = message("review/is_left_blank", target=decision.target, seq=decision.seq, word=conflicts.word(decision))
    return Problem("", what, message("review/put_the_word_back"))


def _is_in_force(draft: Draft, before: Mapping[str, CoderDecision], present: Present, *, is_confirming: bool) -> bool:
    """Whether the coder has decided the same already, and does not confirm it."""
    if draft.kind is DecisionKind.MEMO:
        memo = present.memos.get(draft.excerpt_id)
        return memo is not None and memo.note == draft.note
    if is_confirming:
        return False
    if draft.kind is DecisionKind.REVIEWED:
        return set(draft.codes) <= set(before)
    decision = before.get(_target(draft))
    return decision is not None and conflicts.word(decision) == _word(draft)


def _is_overtaken(draft: Draft, before: Mapping[str, CoderDecision], handout: Handout, present: Present) -> bool:
    """Whether a later decision of the coder holds, made elsewhere or as a correction of this very answer."""
    seq = _seq_before(draft, before, present)
    if seq is None:
        return False
    return not present.is_known_to(handout, seq) or _was_corrected(draft, seq, handout, present)


def _seq_before(draft: Draft, before: Mapping[str, CoderDecision], present: Present) -> int | None:
    """The number of the line that currently holds the draft's decision."""
    if draft.kind is DecisionKind.MEMO:
        memo = present.memos.get(draft.excerpt_id)
        return memo.seq if memo else None
    decision = before.get(_target(draft))
    return decision.seq if decision else None


def _was_corrected(draft: Draft, seq: int, handout: Handout, present: Present) -> bool:
    """Whether this hand-out gave the same answer before and corrected it since: then this is an older copy of the file."""
    between = (present.lines[number] for number in range(handout.base + 1, seq))
    return any(
        line.handout == handout.key
        and (line.excerpt_id, _target(line)) == (draft.excerpt_id, _target(draft))
        and _question(line) == _question(draft)
        and _word(line) == _word(draft)
        for line in between
    )


def _question(draft: Draft) -> str:
    """What a draft answers: whether its target is carried, how it is ruled, what is noted."""
    kinds = (DecisionKind.MEMO, DecisionKind.ADJUDICATE, DecisionKind.REVIEWED)
    return str(draft.kind) if draft.kind in kinds else "answer"


def _conflict(draft: Draft, before: Mapping[str, CoderDecision], present: Present) -> Problem:
    seq = _seq_before(draft, before, present)
    if draft.kind is DecisionKind.MEMO:
        return Problem("", message("review/the_memo_differs", seq=seq), message(AGAIN))
    target = _target(draft)
    what = message(
        "review/the_workbook_says", target=target, word=_word(draft), seq=seq, later=conflicts.word(before[target])
    )
    return Problem("", what, message(AGAIN))


def _emptied(
    drafts: Sequence[Draft],
    before: Mapping[str, CoderDecision],
    excerpt: str,
    handout: Handout,
    present: Present,
    form: Form,
) -> Iterator[Problem]:
    """Answers that were in the row and are gone: they stay in the ledger until another word takes their place."""
    goes_through = any(draft.kind is DecisionKind.REVIEWED for draft in drafts)
    answered_now = {_target(draft) for draft in drafts} | (set(form.codes) if goes_through else set())
    for target, decision in before.items():
        is_missed = target not in answered_now and present.is_known_to(handout, decision.seq)
        if is_missed and _had_a_cell(decision, handout, present, form):
            what = message(
                "review/was_emptied_line_of_the_ledger", target=target, seq=decision.seq, word=conflicts.word(decision)
            )
            yield Problem("", what, message("review/choose_or_another_word_blank", no=NO))
    if not goes_through:
        yield from _emptied_rest(before, handout, present)
    yield from _emptied_memo(drafts, present.memos.get(excerpt), handout, present)


def _emptied_rest(before: Mapping[str, CoderDecision], handout: Handout, present: Present) -> Iterator[Problem]:
    """The emptied cell *All codes left blank are*, if this workbook had filled it before."""
    by_this = [d.seq for d in before.values() if _is_of_all(d, present) and present.lines[d.seq].handout == handout.key]
    if by_this:
        what = message("review/the_answer_for_all_codes_left", seq=min(by_this))
        yield Problem("", what, message("review/decide_on_each_code"))


def _is_of_all(decision: CoderDecision, present: Present) -> bool:
    """Whether a *no* was given to all codes at once."""
    return present.lines[decision.seq].kind is DecisionKind.REVIEWED


def _emptied_memo(
    drafts: Sequence[Draft], memo: Decision | None, handout: Handout, present: Present
) -> Iterator[Problem]:
    if memo and present.is_known_to(handout, memo.seq) and not any(d.kind is DecisionKind.MEMO for d in drafts):
        yield Problem(
            "", message("review/the_memo_was_emptied_line", seq=memo.seq), message("review/write_another_memo")
        )


def _had_a_cell(decision: CoderDecision, handout: Handout, present: Present, form: Form) -> bool:
    """Whether a decision had its own cell: a *no* to a further code, or to all codes at once, has none."""
    if decision.seq > handout.base and _is_of_all(decision, present):
        return False
    return decision.target in form.criteria or decision.target in form.finding_ids or decision.yes


# ---- rulings


def rule(
    cells: Cells,
    handout: Handout,
    form: Form,
    choices: Choices,
    present: Present,
    *,
    headings: Mapping[str, str] | None = None,
) -> RowResult:
    """The ruling of a row on one disagreement, given how it was ruled before."""
    answers = conflicts.ruling_of(cells, form, choices, headings=headings)
    if answers.fate:
        return RowResult(answers.fate, problems=answers.problems)
    before = present.rulings.get((cells["excerpt_id"], cells["target"]))
    if not answers.drafts:
        return RowResult(RowFate.UNCHANGED, problems=tuple(_emptied_ruling("the_ruling", before, handout, present)))
    (ruling,) = answers.drafts
    if before is None:
        return RowResult(RowFate.DECIDED, (_stamped(ruling, handout),))
    if before.value == ruling.value and ruling.note in ("", before.note):
        lost = (
            () if ruling.note == before.note else _emptied_ruling("the_reason_of_the_ruling", before, handout, present)
        )
        return RowResult(RowFate.UNCHANGED, problems=tuple(lost))
    if not present.is_known_to(handout, before.seq) or _was_corrected(ruling, before.seq, handout, present):
        what = message(
            "review/the_workbook_rules_line",
            target=cells["target"],
            word=ruling.value,
            seq=before.seq,
            later=before.value,
        )
        return RowResult(RowFate.CONFLICTING, problems=(Problem("", what, message(RULE_AGAIN)),))
    return RowResult(RowFate.DECIDED, (_stamped(ruling, handout),))


def _emptied_ruling(what: str, before: Decision | None, handout: Handout, present: Present) -> Iterator[Problem]:
    """A ruling, or its reason, that was in the row and is gone."""
    if before and present.is_known_to(handout, before.seq):
        yield Problem("", message(f"review/{what}_was_emptied", seq=before.seq), message("review/write_another_one"))
