"""Recorded changes of the codebook, and their effect on earlier decisions.

Rename and move keep every decision. Merge: yes where the coder said yes to either code, no only where to both, else nothing.
Split: no to each new code where the coder said no, nothing
until a person has sorted it where they said yes. Retire: the decisions do not count. A change that is taken back leaves what
was decided before it as it was; what was decided in between follows the inverse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.codebook import stance_of_all
from pipeline.errors import Problem
from pipeline.records import CodebookChange, Decision
from pipeline.vocabulary import CodebookAction, DecisionKind
from pipeline.wording.messages import message

KEEPS_CODES = frozenset(
    {
        CodebookAction.MOVE,
        CodebookAction.DESCRIBE,
        CodebookAction.PATTERN,
        CodebookAction.DROP_PATTERN,
        CodebookAction.ELEMENT,
    }
)  # every code is afterwards what it was before


@dataclass(frozen=True, slots=True)
class Answer:
    """What one coder answers of one code or finding; `is_explicit` is False for a code left blank of an excerpt gone through.

    `seq` is the latest line of the ledger that the answer stands on; after a merge there may be `others`.
    """

    yes: bool
    value: str  # stance, or direction
    seq: int
    at: str
    is_explicit: bool = True
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the codebook in the order of the ledger; where `undoes` is a line, the taking back of that line's change."""

    seq: int
    change: CodebookChange
    undoes: int = 0


@dataclass(frozen=True, slots=True)
class CodebookHistory:
    """All codebook changes in a ledger, with the families of today's codebook."""

    steps: tuple[Step, ...]
    undone: frozenset[int]  # lines of changes that were taken back
    families: Mapping[str, Sequence[str]]
    lives: Mapping[str, tuple[tuple[int, bool], ...]] = field(
        default_factory=dict
    )  # code -> (line, whether it then exists)

    def position(self, decision: Decision) -> float:
        """Where a decision belongs among the changes: a line written later by an older codebook belongs before the change.

        So does the line of another coder's ledger that was merged after a code was renamed.
        """
        position: float = decision.seq
        for code in (decision.criterion, *decision.codes):
            before = [(seq, is_alive) for seq, is_alive in self.lives.get(code, ()) if seq < decision.seq]
            if before and not before[-1][1]:
                position = min(position, before[-1][0] - 0.5)
        return position

    def family_at(self, code: str, position: float) -> str:
        """The family of a code when the line at `position` was written; "" if unknown."""
        for step in self.steps:
            if step.seq <= position or step.undoes or step.seq in self.undone or code not in step.change.codes:
                continue
            recorded = dict(step.change.families).get(code)
            return recorded or self.family_at(step.change.into[0] if step.change.into else "", step.seq)
        return next((family for family, codes in self.families.items() if code in codes), "")

    def now(self, code: str, position: float) -> frozenset[str]:
        """The present names of a code that a line at `position` names; several after a split, none after it was retired."""
        codes = {code}
        for step in self.steps:
            if step.seq <= position or step.seq in self.undone or position < step.undoes:
                continue
            before, after = (
                (step.change.into, step.change.codes) if step.undoes else (step.change.codes, step.change.into)
            )
            if codes & set(before) and step.change.action not in KEEPS_CODES:
                codes = (codes - set(before)) | set(after)
        return frozenset(codes)


def names_since(changes: CodebookHistory, codes: Iterable[str], line: int) -> dict[str, str]:
    """Today's ids of codes that were handed out at a line of the ledger.

    A code that has been merged, split or retired since is no longer what was handed out: it gets a name that no code has.
    """
    return {code: _renamed(changes, code, line) or f"{code}@{line}" for code in codes}


def _renamed(changes: CodebookHistory, code: str, line: int) -> str:
    """The name today of a code that was only renamed or moved since a line; "" for any other change."""
    for step in changes.steps:
        if step.seq <= line or step.seq in changes.undone or line < step.undoes:
            continue
        before, after = (step.change.into, step.change.codes) if step.undoes else (step.change.codes, step.change.into)
        if code in before and step.change.action is CodebookAction.RENAME:
            code = after[0]
        elif code in before and step.change.action not in KEEPS_CODES:
            return ""
    return code


def history(decisions: Iterable[Decision], families: Mapping[str, Sequence[str]]) -> CodebookHistory:
    """The changes of the codebook that a ledger records, in order; which of them were taken back."""
    recorded = {d.seq: d.change for d in decisions if d.kind is DecisionKind.CODEBOOK and d.change}
    changes = effective({seq: c for seq, c in recorded.items() if not _is_undoing(c) or c.undoes in recorded})
    steps = [
        Step(seq, changes[change.undoes], undoes=change.undoes) if _is_undoing(change) else Step(seq, change)
        for seq, change in changes.items()
    ]
    return CodebookHistory(
        steps=tuple(steps),
        undone=frozenset(step.undoes for step in steps if step.undoes),
        families=families,
        lives=_lives(changes),
    )


def at_the_root(change: CodebookChange, changes: Mapping[int, CodebookChange]) -> CodebookChange:
    """The change that a chain of undoings takes back or makes again, as far as its lines are there; else the change itself."""
    while change.action is CodebookAction.UNDO and change.undoes in changes:
        change = changes[change.undoes]
    return change


def effective(changes: Mapping[int, CodebookChange]) -> dict[int, CodebookChange]:
    """The changes that count, by line: an undoing that was itself taken back does not, nor does the line that did so."""
    void: set[int] = set()
    for line, change in sorted(changes.items(), reverse=True):
        target = changes.get(change.undoes)
        if line not in void and target and _is_undoing(target):
            void |= {line, change.undoes}
    return {line: change for line, change in changes.items() if line not in void}


def _is_undoing(change: CodebookChange) -> bool:
    return change.action is CodebookAction.UNDO


def _lives(changes: Mapping[int, CodebookChange]) -> dict[str, tuple[tuple[int, bool], ...]]:
    """For each code that a change ended or began: the lines that did, and whether it is there from then on."""
    lives: dict[str, list[tuple[int, bool]]] = {}
    for seq, change in changes.items():
        done = changes[change.undoes] if _is_undoing(change) else change
        before, after = (done.into, done.codes) if _is_undoing(change) else (done.codes, done.into)
        if done.action in KEEPS_CODES:
            continue
        for code in set(before) - set(after):
            lives.setdefault(code, []).append((seq, False))
        for code in set(after) - set(before):
            lives.setdefault(code, []).append((seq, True))
    return {code: tuple(events) for code, events in lives.items()}


def follow(answers: Mapping[str, Answer], change: CodebookChange) -> dict[str, Answer]:
    """One coder's answers on one excerpt, by code, after a change of the codebook."""
    if change.action in KEEPS_CODES:
        return dict(answers)
    left = {code: answer for code, answer in answers.items() if code not in change.codes}
    return {**left, **_followed(change, [answers.get(code) for code in change.codes])}


def _followed(change: CodebookChange, before: Sequence[Answer | None]) -> dict[str, Answer]:
    """What answers on the codes of a change say of the codes that it made."""
    answers = [answer for answer in before if answer]
    if not answers:
        return {}
    match change.action:
        case CodebookAction.RENAME:
            return {change.into[0]: answers[0]}
        case CodebookAction.MERGE:
            merged = merged_answer(before)
            return {change.into[0]: merged} if merged else {}
        case CodebookAction.SPLIT if not answers[0].yes:  # who says no to all says no to each part
            return dict.fromkeys(change.into, answers[0])
        case _:
            return {}


def taken_back(answers: Mapping[str, Answer], step: Step, before: Mapping[str, Answer]) -> dict[str, Answer]:
    """One coder's answers on one excerpt after a change was taken back: those from `before` it, and the inverse of later ones.

    What was decided in between on the codes that the change made takes precedence over earlier decisions on its codes; but a yes to
    a code that was split stays a yes where its quote was sorted into none of the parts.
    """
    change = step.change
    if change.action in KEEPS_CODES:
        return dict(answers)
    since = {code: answers[code] for code in change.into if code in answers and answers[code].seq > step.undoes}
    left = {code: answer for code, answer in answers.items() if code not in change.into}
    inverse = _inverse(change, since)
    if change.action is CodebookAction.SPLIT:
        inverse = {code: answer for code, answer in inverse.items() if answer.yes or not _is_yes(before.get(code))}
    return {**left, **before, **inverse}


def _is_yes(answer: Answer | None) -> bool:
    return answer is not None and answer.yes


def _inverse(change: CodebookChange, since: Mapping[str, Answer]) -> dict[str, Answer]:
    """What answers on the codes that a change made say of the codes before it."""
    match change.action:
        case CodebookAction.RENAME:
            return dict.fromkeys(change.codes, since[change.into[0]]) if since else {}
        case CodebookAction.MERGE:  # a no to all is a no to each; a yes may be to either, so it stays open
            return {code: answer for answer in since.values() if not answer.yes for code in change.codes}
        case CodebookAction.SPLIT:
            merged = merged_answer([since.get(code) for code in change.into])
            return dict.fromkeys(change.codes, merged) if merged else {}
        case _:
            return {}


def merged_answer(answers: Sequence[Answer | None]) -> Answer | None:
    """The answer on codes that became one: yes where any is yes, no where all are no, else none.

    A yes has the stance that the yes answers have in common, blank ones left out, and is mixed where they differ. The answer
    stands on the lines of all yes answers, or if none is yes, of all.
    """
    present = [answer for answer in answers if answer is not None]
    ayes = [answer for answer in present if answer.yes]
    if not ayes and len(present) < len(answers):
        return None
    deciding = ayes or present
    base = max(deciding, key=_by_seq)
    lines = {line for answer in deciding for line in (answer.seq, *answer.others)}
    return replace(
        base,
        value=stance_of_all(answer.value for answer in ayes),
        is_explicit=any(answer.is_explicit for answer in deciding),
        others=tuple(sorted(lines - {base.seq})),
    )


def _by_seq(answer: Answer) -> int:
    return answer.seq


def unlike_ledger(changes: CodebookHistory, codes: Collection[str]) -> list[str]:
    """The codes that the codebook lacks although a line began them, or has although a line ended them."""
    return sorted(code for code, events in changes.lives.items() if events and events[-1][1] is not (code in codes))


def codes_of_older_lines(decisions: Iterable[Decision]) -> frozenset[str]:
    """The codes that are named by lines without a codebook version: the codebook of that time, as far as it is recorded."""
    return frozenset(
        d.criterion for d in decisions if d.criterion and not d.codebook and d.kind is not DecisionKind.CODEBOOK
    )


def unexplained_codes(decisions: Iterable[Decision], codes: Collection[str]) -> dict[str, int]:
    """Codes that lines name and that are neither among `codes` nor in a recorded change; each with how many lines name it."""
    lines = list(decisions)
    changes = [d.change for d in lines if d.change]
    explained = {*codes, *(code for change in changes for code in (*change.codes, *change.into))}
    counts = Counter(code for d in lines for code in {d.criterion, *d.codes} if code and code not in explained)
    return dict(sorted(counts.items()))


def unknown_codes(codes: Mapping[str, int]) -> tuple[Problem, ...]:
    """Codes that people decided on and that neither the codebook nor a change of it explains, each as a problem."""
    return tuple(
        Problem(
            f"coded/decisions.jsonl code {code}",
            message("common/on_a_code_that_coded_codebook", n=count),
            message("review/record_what_became_of_it_make", code=code),
        )
        for code, count in codes.items()
    )
