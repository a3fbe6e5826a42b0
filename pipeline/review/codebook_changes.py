"""Decisions follow their codes: recorded changes of the codebook, and what they do to decisions made before them.

Rename and move keep every decision. Merge: yes where the coder said yes to either code, no only where to both, else nothing.
Split: nothing until a person has sorted it. Retire: the decisions count for nothing. What is undone was never done; what was
decided in between follows the inverse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.codebook import stance_of_all
from pipeline.errors import Problem
from pipeline.records import CodebookChange, Decision
from pipeline.vocabulary import CodebookAction, DecisionKind

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
class Episode:
    """A change that was taken back later: what was decided between its line and that of its undoing means something else.

    After a merge into one of the merged codes, say, a yes to that code is a yes to one or the other.
    """

    seq: int
    until: int
    codes: frozenset[str]  # codes that are there before the change and after it, with another meaning in between

    def name(self, code: str) -> str:
        """What a code of the episode is called among answers, so that it is not mixed up with what it means outside."""
        return f"{code}{BETWEEN}{self.seq}"


BETWEEN = "\0"  # in no id of a code


@dataclass(frozen=True, slots=True)
class CodebookHistory:
    """All changes of the codebook of a ledger, with the families of today's codebook."""

    steps: tuple[Step, ...]
    undone: frozenset[int]  # lines of changes that were taken back
    families: Mapping[str, Sequence[str]]
    lives: Mapping[str, tuple[tuple[int, bool], ...]] = field(
        default_factory=dict
    )  # code -> (line, whether it then exists)
    episodes: tuple[Episode, ...] = ()

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

    def name_at(self, code: str, position: float) -> str:
        """What a code that a line at `position` names is called among answers."""
        return _name_in(self.episodes, code, position)

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
        codes = {self.name_at(code, position)}
        for step in self.steps:
            is_later = step.seq > position >= step.since and step.change.action is not CodebookAction.MOVE
            if is_later and codes & set(step.change.codes):
                codes = (codes - set(step.change.codes)) | set(step.change.into)
        return frozenset(codes)


def history(decisions: Iterable[Decision], families: Mapping[str, Sequence[str]]) -> CodebookHistory:
    """The changes of the codebook that a ledger records, in order, with what was undone taken out."""
    recorded = {d.seq: d.change for d in decisions if d.kind is DecisionKind.CODEBOOK and d.change}
    changes = {seq: c for seq, c in recorded.items() if not _is_undoing(c) or c.undoes in recorded}
    undone = {change.undoes: seq for seq, change in changes.items() if _is_undoing(change)}
    episodes = tuple(
        Episode(seq, until, frozenset(changes[seq].codes) & frozenset(changes[seq].into))
        for seq, until in undone.items()
    )
    return CodebookHistory(
        steps=tuple(_steps(changes, undone, episodes)),
        undone=frozenset(undone),
        families=families,
        lives=_lives(changes),
        episodes=episodes,
    )


def _is_undoing(change: CodebookChange) -> bool:
    return change.action is CodebookAction.UNDO


def _steps(
    changes: Mapping[int, CodebookChange], undone: Collection[int], episodes: Sequence[Episode]
) -> Iterator[Step]:
    """Changes as decisions follow them: one that was taken back is only followed back, by what was decided in between."""
    for seq, change in changes.items():
        if seq in undone:
            continue
        if not _is_undoing(change):
            yield Step(seq, _within(episodes, change, before=seq, after=seq))
        elif inverse := inverse_of(changes[change.undoes]):
            yield Step(seq, _within(episodes, inverse, before=seq - 0.5, after=seq), since=change.undoes)


def _within(episodes: Sequence[Episode], change: CodebookChange, *, before: float, after: float) -> CodebookChange:
    """The change with its codes as they are called among answers before and after it."""
    return replace(
        change,
        codes=tuple(_name_in(episodes, code, before) for code in change.codes),
        into=tuple(_name_in(episodes, code, after) for code in change.into),
    )


def _name_in(episodes: Sequence[Episode], code: str, position: float) -> str:
    around = [each for each in episodes if each.seq < position < each.until and code in each.codes]
    return max(around, key=_by_start).name(code) if around else code


def _by_start(episode: Episode) -> int:
    return episode.seq


def _lives(changes: Mapping[int, CodebookChange]) -> dict[str, tuple[tuple[int, bool], ...]]:
    """For each code that a change ended or began: the lines that did, and whether it is there from then on."""
    lives: dict[str, list[tuple[int, bool]]] = {}
    for seq, change in changes.items():
        done = changes[change.undoes] if _is_undoing(change) else change
        before, after = (done.into, done.codes) if _is_undoing(change) else (done.codes, done.into)
        if done.action is CodebookAction.MOVE:
            continue
        for code in set(before) - set(after):
            lives.setdefault(code, []).append((seq, False))
        for code in set(after) - set(before):
            lives.setdefault(code, []).append((seq, True))
    return {code: tuple(events) for code, events in lives.items()}


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
    return {**left, **_answers_after(step, touched, answers)}


def _answers_after(step: Step, touched: Mapping[str, Answer], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """What the answers that a change touches become under the codes that come after it."""
    change = step.change
    match change.action:
        case CodebookAction.RENAME:
            return {change.into[0]: next(iter(touched.values()))}
        case CodebookAction.MERGE:
            merged = merged_answer([touched.get(code) or answers.get(code) for code in change.codes])
            return {change.into[0]: merged} if merged else {}
        case CodebookAction.SPLIT if step.since:  # a merge taken back: who said no to all says no to each
            answer = next(iter(touched.values()))
            return {} if answer.yes else dict.fromkeys(change.into, answer)
        case _:
            return {}


def merged_answer(answers: Sequence[Answer | None]) -> Answer | None:
    """The answer on codes that became one: yes where any is yes, no where all are no, else none."""
    present = [answer for answer in answers if answer is not None]
    ayes = [answer for answer in present if answer.yes]
    if not ayes and len(present) < len(answers):
        return None
    base = max(ayes or present, key=_by_seq)
    return replace(
        base,
        value=stance_of_all(answer.value for answer in ayes),
        is_explicit=any(answer.is_explicit for answer in ayes or present),
    )


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
