"""What coders' answers on excerpts that were cut or joined say of the excerpts that hold their words now.

Of an excerpt that was cut, every answer waits to be confirmed on each part. On an excerpt that was joined, yes where the coder
said yes to a part, no where to all of them; what disagrees (another stance, or an express no) waits to be confirmed. An answer
on the excerpt itself takes precedence; if parts were decided since and say otherwise, their answers wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pipeline.review.boundaries.recut import Recut, counts_of_parts
from pipeline.review.codebook_changes import Answer
from pipeline.review.identity import Passage

Cell = Mapping[str, Answer]  # code or finding -> a coder's answer
Coded = tuple[str, str]  # (excerpt, coder)
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that waits to be confirmed on an excerpt: the line of the ledger, and the code or finding."""

    seq: int
    target: str
    excerpt_id: str


@dataclass(frozen=True, slots=True)
class Followed:
    """The answers that hold on joined excerpts, by (excerpt, coder), and those that wait to be confirmed.

    `rejoined` has, for joined excerpts, what the waiting answers say, by code or finding: several words if they disagree.
    """

    answers: Mapping[Coded, Cell] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()
    rejoined: Mapping[Coded, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


def followed(cells: Mapping[tuple[Passage, str], Cell], direct: Mapping[Coded, Cell], recut: Recut) -> Followed:
    """What the answers on passages that were cut or joined say, `cells` by (passage, coder), `direct` by (excerpt, coder)."""
    waiting: list[Waiting] = []
    joined: dict[Coded, list[Cell]] = {}
    for (passage, coder), cell in cells.items():
        if len(recut[passage]) == 1:
            joined.setdefault((recut[passage][0], coder), []).append(cell)
            continue
        for excerpt in recut[passage]:
            decided_directly = direct.get((excerpt, coder), {})
            waiting += _unanswered(excerpt, cell, decided_directly)
    parts = counts_of_parts(recut)
    answers: dict[Coded, Cell] = {}
    rejoined: dict[Coded, dict[str, tuple[str, ...]]] = {}
    for (excerpt, coder), of_parts in joined.items():
        decided_directly = direct.get((excerpt, coder), {})
        answers[excerpt, coder] = _joined(of_parts, decided_directly, parts=parts[excerpt])
        for each in _open_on(of_parts, decided_directly, parts=parts[excerpt]):
            waiting += [Waiting(answer.seq, each.target, excerpt) for answer in each.answers]
            if each.words:
                rejoined.setdefault((excerpt, coder), {})[each.target] = each.words
    return Followed(answers, tuple(waiting), rejoined)


def _unanswered(excerpt: str, cell: Cell, own: Cell) -> Iterator[Waiting]:
    """The answers on an excerpt that was cut which its coder has not given again on one of its parts."""
    for target, answer in cell.items():
        if target not in own or own[target].seq < answer.seq:
            yield Waiting(answer.seq, target, excerpt)


def _joined(cells: Sequence[Cell], own: Cell, *, parts: int) -> Cell:
    """What holds on a joined excerpt beside a coder's own answers on it."""
    targets = sorted({target for cell in cells for target in cell} - own.keys())
    answers = {target: joined_answer(_on(target, cells), parts=parts) for target in targets}
    return {target: answer for target, answer in answers.items() if answer}


def _on(target: str, cells: Sequence[Cell]) -> list[Answer]:
    return [cell[target] for cell in cells if target in cell]


@dataclass(frozen=True, slots=True)
class _Open:
    """A coder's answers on the parts of a joined excerpt that do not hold on it, and what they say together.

    No words where the coder only left the code blank, on some of the parts.
    """

    target: str
    answers: Sequence[Answer]
    words: tuple[str, ...]


def _open_on(cells: Sequence[Cell], own: Cell, *, parts: int) -> Iterator[_Open]:
    """What waits on a joined excerpt: its parts disagree, or say otherwise than an older answer on it.

    Of a part that was not decided since, the older answer still speaks.
    """
    for target in sorted({target for cell in cells for target in cell}):
        before = own.get(target)
        newer = [answer for answer in _on(target, cells) if before is None or answer.seq > before.seq]
        every = [*newer, *([before] * (parts - len(newer)) if before else [])]
        together = joined_answer(every, parts=parts)
        if newer and (together is None or (before and _word(together) != _word(before))):
            yield _Open(target, newer, _words(every, together, is_first=before is None))


def _words(answers: Sequence[Answer], together: Answer | None, *, is_first: bool) -> tuple[str, ...]:
    if together:
        return (_word(together),)
    express = [answer for answer in answers if answer.yes or answer.is_explicit or not is_first]
    return tuple(dict.fromkeys(map(_word, express)))


def _word(answer: Answer) -> str:
    return answer.value or YES if answer.yes else NO


def joined_answer(answers: Sequence[Answer], *, parts: int) -> Answer | None:
    """The answer on an excerpt that was joined from `parts`, by a coder's answers on them; None where it waits."""
    ayes = [answer for answer in answers if answer.yes]
    noes = [answer for answer in answers if not answer.yes]
    if ayes:
        is_one = len({answer.value for answer in ayes}) == 1 and not any(answer.is_explicit for answer in noes)
        return max(ayes, key=attrgetter("seq")) if is_one else None
    return max(noes, key=attrgetter("seq")) if len(noes) == parts else None
