"""Decisions follow their codes: recorded changes of the codebook, and what they do to decisions made before them.

Rename and move keep every decision. Merge: yes where the coder said yes to either code, no only where to both, else nothing.
Split: nothing until a person has sorted it. Retire: the decisions count for nothing. What is undone was never done; what was
decided in between follows the inverse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import Problem
from pipeline.records import CodebookChange, Decision
from pipeline.vocabulary import CodebookAction, DecisionKind, Stance

INVERSE = {
    CodebookAction.RENAME: CodebookAction.RENAME,
    CodebookAction.MERGE: CodebookAction.SPLIT,
    CodebookAction.SPLIT: CodebookAction.MERGE,
    CodebookAction.NEW: CodebookAction.RETIRE,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one coder answers of one code or finding; `is_explicit` is False for a code left blank of an excerpt gone through."""

    yes: bool
    value: str  # stance, or direction
    seq: int
    at: str
    is_explicit: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the codebook in the order of the ledger, as decisions made before it follow it.

    `since` limits it to decisions made after that line: of an undone change, those between it and its undoing.
    """

    seq: int
    change: CodebookChange
    since: int = 0


@dataclass(frozen=True, slots=True)
class CodebookHistory:
    """All changes of the codebook of a ledger, with the families of today's codebook."""

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
        """The family that a code was in when the line at `position` was written; "" where nothing says so."""
        for step in self.steps:
            if step.seq <= position or step.since or code not in step.change.codes:
                continue
            recorded = dict(step.change.families).get(code)
            return recorded or self.family_at(step.change.into[0] if step.change.into else "", step.seq)
        return next((family for family, codes in self.families.items() if code in codes), "")

    def now(self, code: str, position: float) -> frozenset[str]:
        """What a code is called today that a line at `position` names; several after a split, none after it was retired."""
        codes = {code}
        for step in self.steps:
            is_later = step.seq > position >= step.since and step.change.action is not CodebookAction.MOVE
            if is_later and codes & set(step.change.codes):
                codes = (codes - set(step.change.codes)) | set(step.change.into)
        return frozenset(codes)


def history(decisions: Iterable[Decision], families: Mapping[str, Sequence[str]]) -> CodebookHistory:
    """The changes of the codebook that a ledger records, in order, with what was undone taken out."""
    changes = {d.seq: d.change for d in decisions if d.kind is DecisionKind.CODEBOOK and d.change}
    changes = {seq: c for seq, c in changes.items() if c.action is not CodebookAction.UNDO or c.undoes in changes}
    undone = {change.undoes: seq for seq, change in changes.items() if change.action is CodebookAction.UNDO}
    steps = []
    for seq, change in changes.items():
        if change.action is CodebookAction.UNDO:
            if inverse := inverse_of(changes[change.undoes]):
                steps.append(Step(seq, inverse, since=change.undoes))
        elif seq not in undone:
            steps.append(Step(seq, change))
    lives: dict[str, list[tuple[int, bool]]] = {}
    for seq, change in changes.items():
        done = changes[change.undoes] if change.action is CodebookAction.UNDO else change
        before, after = (done.into, done.codes) if done is not change else (done.codes, done.into)
        if done.action is CodebookAction.MOVE:
            continue
        for code in set(before) - set(after):
            lives.setdefault(code, []).append((seq, False))
        for code in set(after) - set(before):
            lives.setdefault(code, []).append((seq, True))
    return CodebookHistory(
        steps=tuple(steps),
        undone=frozenset(undone),
        families=families,
        lives={code: tuple(events) for code, events in lives.items()},
    )


def inverse_of(change: CodebookChange) -> CodebookChange | None:
    """What takes a change back for decisions made after it; None where no decision is touched by that."""
    action = INVERSE.get(change.action)
    return CodebookChange(action=action, codes=change.into, into=change.codes) if action else None


def follow(answers: dict[str, Answer], step: Step) -> dict[str, Answer]:
    """One coder's answers on one excerpt, by code, after a change of the codebook."""
    change = step.change
    touched = {code: answers[code] for code in change.codes if code in answers and answers[code].seq > step.since}
    if not touched or change.action is CodebookAction.MOVE:
        return answers
    left = {code: answer for code, answer in answers.items() if code not in touched}
    if change.action is CodebookAction.RENAME:
        return {**left, change.into[0]: next(iter(touched.values()))}
    if change.action is CodebookAction.MERGE:
        merged = merged_answer([touched.get(code) or answers.get(code) for code in change.codes])
        return {**left, change.into[0]: merged} if merged else left
    if step.since and change.action is CodebookAction.SPLIT:  # a merge taken back: who said no to both says no to each
        no = next(iter(touched.values()))
        return left if no.yes else {**left, **dict.fromkeys(change.into, no)}
    return left


def merged_answer(answers: Sequence[Answer | None]) -> Answer | None:
    """The answer on codes that became one: yes where any is yes, no where all are no, else none."""
    present = [answer for answer in answers if answer is not None]
    ayes = [answer for answer in present if answer.yes]
    if not ayes and len(present) < len(answers):
        return None
    base = max(ayes or present, key=_by_seq)
    stances = {answer.value for answer in ayes if answer.value}
    value = stances.pop() if len(stances) == 1 else str(Stance.MIXED) if stances else ""
    return replace(base, value=value, is_explicit=any(answer.is_explicit for answer in ayes or present))


def _by_seq(answer: Answer) -> int:
    return answer.seq


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
            f"{count} {'decision is' if count == 1 else 'decisions are'} on a code that coded/codebook.toml does not have",
            f"record what became of it: make codebook ARGS='rename {code} NEW --reason ...', or: retire {code} --reason ...",
        )
        for code, count in codes.items()
    )
