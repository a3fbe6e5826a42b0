"""From the ledger to the present state: what each coder says now, where coders agree, and what became stale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Decision
from pipeline.vocabulary import CodingStatus, DecisionKind, Direction, LinkStatus

CODES = frozenset({DecisionKind.CODE, DecisionKind.UNCODE, DecisionKind.STANCE})
LINKS = frozenset({DecisionKind.LINK, DecisionKind.UNLINK})


@dataclass(frozen=True, slots=True)
class CoderDecision:
    """What one coder now decides on one excerpt and one code or finding."""

    excerpt_id: str
    target: str  # criterion, or finding
    coder: str
    yes: bool
    value: str  # stance, or direction
    seq: int


@dataclass(frozen=True, slots=True)
class ConsensusCoding:
    """What coders together decide on one excerpt and one code or finding; `yes` is None where they are evenly divided."""

    excerpt_id: str
    target: str
    yes: bool | None
    value: str
    status: CodingStatus
    decided_by: str


@dataclass(frozen=True, slots=True)
class State:
    """The present state of a ledger over the present excerpts. Stale decisions are listed and count for nothing."""

    coder_decisions: tuple[CoderDecision, ...]
    codings: tuple[ConsensusCoding, ...]
    links: tuple[ConsensusCoding, ...]
    memos: tuple[Decision, ...]
    stale: tuple[Decision, ...]
    rulings: Mapping[tuple[str, str], Decision]  # (excerpt, code or finding) -> the latest ruling


def settle(decisions: Sequence[Decision], hashes: Mapping[str, str], families: Mapping[str, Sequence[str]]) -> State:
    """The state of the decisions over excerpts given as excerpt_id -> text_sha256, and codes given by family.

    A decision upon a text that is no longer there is stale until its coder has decided anew on what stands there. Of one
    coder's decisions the latest in the ledger holds; the clock is not consulted.
    """
    fresh = [d for d in decisions if hashes.get(d.excerpt_id) == d.text_sha256]
    stale = tuple(_unanswered([d for d in decisions if hashes.get(d.excerpt_id) != d.text_sha256], fresh))
    codings = _completed(_opinions(d for d in fresh if d.kind in CODES), fresh, families)
    links = _opinions(d for d in fresh if d.kind in LINKS)
    rulings = {(d.excerpt_id, d.criterion or d.finding_id): d for d in fresh if d.kind is DecisionKind.ADJUDICATE}
    memos = tuple(d for d in fresh if d.kind is DecisionKind.MEMO)
    return State(
        (*codings, *links),
        _settled(codings, {key: d for key, d in rulings.items() if d.criterion}),
        _settled(links, {key: d for key, d in rulings.items() if d.finding_id}),
        memos,
        stale,
        rulings,
    )


def _unanswered(stale: Iterable[Decision], fresh: Sequence[Decision]) -> Iterator[Decision]:
    """The stale decisions whose coder has not decided the same thing since, on the words that took the place of the old."""
    for old in stale:
        if not any(new.coder == old.coder and new.seq > old.seq and _answers(new, old) for new in fresh):
            yield old


def _answers(new: Decision, old: Decision) -> bool:
    is_of_all = not (old.criterion or old.finding_id)  # a memo, or a row that was gone through
    is_same = (new.criterion, new.finding_id) == (old.criterion, old.finding_id)
    goes_through = new.kind is DecisionKind.REVIEWED and old.criterion != ""
    return (is_of_all or is_same or goes_through) and _took_the_place(new, old)


def _took_the_place(new: Decision, old: Decision) -> bool:
    """Whether an excerpt lies in the same source and overlaps the old one, or holds its very words."""
    (source, start, end), (was, first, last) = (_stretch(d.excerpt_id) for d in (new, old))
    return source == was and (new.text_sha256 == old.text_sha256 or (start < last and first < end))


def _stretch(excerpt: str) -> tuple[str, int, int]:
    source, _, place = excerpt.rpartition(":")
    start, _, end = (part if part.isdecimal() else "" for part in place.partition("-"))
    return source, int(start or 0), int(end or 0)


def _settled(opinions: list[CoderDecision], rulings: Mapping[tuple[str, str], Decision]) -> tuple[ConsensusCoding, ...]:
    """What coders together say, and in its place what was ruled."""
    together = {key: _together(group) for key, group in grouped(opinions).items()}
    ruled = {key: _ruled(ruling) for key, ruling in rulings.items()}
    return tuple(sorted({**together, **ruled}.values(), key=_order))


def _order(settled: ConsensusCoding) -> tuple[str, str]:
    return settled.excerpt_id, settled.target


def _opinions(decisions: Iterable[Decision]) -> list[CoderDecision]:
    latest: dict[tuple[str, str, str], CoderDecision] = {}
    for d in decisions:
        target = d.criterion or d.finding_id
        yes = d.kind not in (DecisionKind.UNCODE, DecisionKind.UNLINK)
        latest[d.excerpt_id, target, d.coder] = CoderDecision(
            d.excerpt_id, target, d.coder, yes, d.value if yes else "", d.seq
        )
    return [latest[key] for key in sorted(latest)]


def _completed(
    opinions: list[CoderDecision], decisions: Iterable[Decision], families: Mapping[str, Sequence[str]]
) -> list[CoderDecision]:
    """The opinions with a "no" to every code of the families that a coder has gone through, where they decided nothing else."""
    found = {(o.excerpt_id, o.target, o.coder): o for o in opinions}
    for d in decisions:
        if d.kind is DecisionKind.REVIEWED:
            for code in (code for family in d.value.split(";") for code in families.get(family, ())):
                absent = CoderDecision(d.excerpt_id, code, d.coder, yes=False, value="", seq=d.seq)
                found.setdefault((d.excerpt_id, code, d.coder), absent)
    return [found[key] for key in sorted(found)]


def grouped(opinions: Iterable[CoderDecision]) -> dict[tuple[str, str], list[CoderDecision]]:
    """The opinions on each excerpt and code or finding."""
    groups: dict[tuple[str, str], list[CoderDecision]] = {}
    for opinion in opinions:
        groups.setdefault((opinion.excerpt_id, opinion.target), []).append(opinion)
    return groups


def _together(opinions: list[CoderDecision]) -> ConsensusCoding:
    ayes = [o for o in opinions if o.yes]
    yes = None if 2 * len(ayes) == len(opinions) else 2 * len(ayes) > len(opinions)
    if len(opinions) == 1:
        status = CodingStatus.SINGLE
    else:
        status = CodingStatus.AGREED if len(ayes) in (0, len(opinions)) else CodingStatus.CONFLICTED
    values = {o.value for o in ayes if o.value}
    value = values.pop() if len(values) == 1 else _divided(ayes)
    return ConsensusCoding(
        opinions[0].excerpt_id, opinions[0].target, yes, value, status, ";".join(o.coder for o in opinions)
    )


def _divided(ayes: Sequence[CoderDecision]) -> str:
    """Coders who give different stances together say mixed; different directions, that it qualifies."""
    if not any(o.value for o in ayes):
        return ""
    return str(Direction.QUALIFIES) if any(o.value in tuple(Direction) for o in ayes) else "mixed"


def _ruled(ruling: Decision) -> ConsensusCoding:
    answer, _, stance = ruling.value.partition(":")
    target = ruling.criterion or ruling.finding_id
    return ConsensusCoding(ruling.excerpt_id, target, answer == "yes", stance, CodingStatus.AGREED, ruling.coder)


def link_status(settled: ConsensusCoding) -> LinkStatus:
    """Where a link stands after the coders' word; evenly divided coders leave it a suggestion."""
    if settled.yes is None:
        return LinkStatus.SUGGESTED
    return LinkStatus.CONFIRMED if settled.yes else LinkStatus.REJECTED
