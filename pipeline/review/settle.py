"""From the ledger to the present state: what each coder decides now, where coders agree, and what became stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter

from pipeline.records import CodebookChange, Decision
from pipeline.review.boundaries.following import followed, joined_answer
from pipeline.review.boundaries.recut import counts_of_parts
from pipeline.review.codebook_changes import (
    Answer,
    CodebookHistory,
    Step,
    codes_of_older_lines,
    follow,
    history,
    taken_back,
)
from pipeline.review.identity import Passage, bounds_of, overlap, passage_of, passages
from pipeline.review.placement import Places
from pipeline.review.spans.of_coders import (
    CoderSpan,
    PlacedSpan,
    lines_outside,
    open_spans_of,
    placed_span,
    spans_in_parts,
    spans_of,
)
from pipeline.review.undo import without_undone
from pipeline.vocabulary import CodebookAction, CodingStatus, DecisionKind, LinkStatus

CODES = frozenset({DecisionKind.CODE, DecisionKind.UNCODE, DecisionKind.STANCE})
LINKS = frozenset({DecisionKind.LINK, DecisionKind.UNLINK})
NO = frozenset({DecisionKind.UNCODE, DecisionKind.UNLINK})


@dataclass(frozen=True, slots=True)
class CoderDecision:
    """What one coder now decides on one excerpt and one code or finding."""

    excerpt_id: str
    target: str  # criterion, or finding
    coder: str
    yes: bool
    value: str  # stance, or direction
    seq: int
    is_carried: bool = False  # made on the same words at another place of the source
    others: tuple[int, ...] = ()  # further lines, of codes that were merged


@dataclass(frozen=True, slots=True)
class ConsensusCoding:
    """What coders together decide on one excerpt and one code or finding; `yes` is None if they are evenly divided.

    `value` is "" where coders agree on the code and are divided over its stance or direction.
    """

    excerpt_id: str
    target: str
    yes: bool | None
    value: str
    status: CodingStatus
    decided_by: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """An older decision that was merged after the coder's newer one, which counts."""

    older: Decision
    newer_seq: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A decision on an excerpt that was cut or joined since, and an excerpt on which its coder has not confirmed it."""

    decision: Decision
    excerpt_id: str


@dataclass(frozen=True, slots=True)
class State:
    """The present state of a ledger over the present excerpts.

    Stale, unconfirmed and withheld decisions are listed and do not count.
    """

    coder_decisions: tuple[CoderDecision, ...]
    codings: tuple[ConsensusCoding, ...]
    links: tuple[ConsensusCoding, ...]
    memos: tuple[Decision, ...]
    stale: tuple[Decision, ...]
    rulings: Mapping[tuple[str, str], Decision]  # (excerpt, code or finding) -> the latest ruling
    carried: tuple[tuple[Decision, str], ...] = ()  # each with the excerpt where its words are now, at another place
    renamed: tuple[
        tuple[Decision, str], ...
    ] = ()  # these and those masked or corrected since, each with its present id
    withheld: tuple[Decision, ...] = ()  # on words of people who do not consent
    successors: Mapping[Passage, str] = field(default_factory=dict)  # of stale passages: the excerpt in their place
    superseded: tuple[Superseded, ...] = ()
    moved: Mapping[int, int] = field(
        default_factory=dict
    )  # line of a codebook change -> codings by people that it touched
    unconfirmed: tuple[Unconfirmed, ...] = ()
    rejoined: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict
    )  # (joined excerpt, coder) -> code or finding -> what waits there; several words where the parts disagree
    recut: tuple[
        tuple[Decision, str], ...
    ] = ()  # lines, also those taken back, each with an excerpt that holds words of it, cut or joined since
    unsorted: tuple[Decision, ...] = ()  # yes to a code that was split: missing until a person sorts them
    unknown_codes: Mapping[str, int] = field(
        default_factory=dict
    )  # code -> decisions that neither codebook nor change explains
    spans: tuple[CoderSpan, ...] = ()  # the words that coders mark for codes that they give
    open_spans: tuple[CoderSpan, ...] = ()  # the words marked for codes on which their coder has to answer again
    outside: tuple[Decision, ...] = ()  # spans that are not in their excerpt, or empty

    @property
    def waiting(self) -> Iterator[tuple[Decision, str]]:
        """The decisions that their coder has to make again, each with the excerpt on which; "" where there is none."""
        for decision in self.stale:
            yield decision, self.successors.get(passage_of(decision), "")
        for each in self.unconfirmed:
            yield each.decision, each.excerpt_id

    @property
    def decided(self) -> frozenset[str]:
        """The excerpts on which somebody has decided anything."""
        return frozenset(decision.excerpt_id for decision in self.coder_decisions)


def settle(decisions: Sequence[Decision], places: Places, families: Mapping[str, Sequence[str]]) -> State:
    """The state of the decisions over the present places of their passages, and codes given by family.

    Lines that their own coder took back do not count. A decision on words that changed is stale until its coder has decided
    again on what is there. Of one coder's decisions the latest in the ledger holds; the clock is consulted only for lines of
    two ledgers, which have no order of their own.
    """
    every = decisions
    decisions = [d for d in without_undone(every) if d.kind not in (DecisionKind.LATER, DecisionKind.EXCERPT)]
    changes = history(decisions, families)
    fold = _Fold(changes, places, codes_of_older_lines(decisions))
    fold.run(decisions)
    unconfirmed = tuple(fold.follow_words())
    placed = _placed(decisions, places)
    codes, links = tuple(fold.decisions_in(fold.answers)), tuple(fold.decisions_in(fold.links))
    rulings = fold.present_rulings()
    return State(
        coder_decisions=(*codes, *links),
        codings=_consensus(codes, {key: ruling for key, ruling in rulings.items() if ruling.criterion}),
        links=_consensus(links, {key: ruling for key, ruling in rulings.items() if ruling.finding_id}),
        memos=tuple(fold.latest_memos()),
        stale=tuple(_unanswered(decisions, placed, places, changes)),
        rulings=rulings,
        carried=tuple((each.decision, each.excerpt_id) for each in placed if each.is_carried),
        renamed=tuple(
            (each.decision, each.excerpt_id) for each in placed if each.excerpt_id != each.decision.excerpt_id
        ),
        withheld=tuple(_withheld(decisions, places)),
        successors=places.successors,
        superseded=tuple(fold.superseded),
        moved=fold.moved,
        unconfirmed=unconfirmed,
        rejoined=fold.rejoined,
        recut=tuple(_recut(every, places)),
        unsorted=tuple(fold.unsorted()),
        unknown_codes=fold.unknown_codes(families),
        spans=tuple(spans_of(fold.spans, fold.answers, changes)),
        open_spans=tuple(open_spans_of(fold.spans, fold.answers, changes)),
        outside=tuple(lines_outside(fold.spans)),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A decision, and the excerpt where its words are now."""

    decision: Decision
    excerpt_id: str
    is_carried: bool  # at another place of the source


def _withheld(decisions: Iterable[Decision], places: Places) -> Iterator[Decision]:
    return (decision for decision in decisions if passage_of(decision) in places.withheld)


def _placed(decisions: Iterable[Decision], places: Places) -> list[_Placed]:
    """The decisions whose words still exist."""
    return [
        _Placed(d, excerpt, _is_carried(d, excerpt, places)) for d in decisions if (excerpt := places.excerpt_of(d))
    ]


def _is_carried(decision: Decision, excerpt: str, places: Places) -> bool:
    """Whether the words of a decision are at another place now; masks of names, which change offsets, are no other place."""
    is_masked = passage_of(decision) in places.masked
    return excerpt != decision.excerpt_id and not is_masked


def _recut(decisions: Iterable[Decision], places: Places) -> Iterator[tuple[Decision, str]]:
    """The lines on excerpts that were cut or joined, each with the excerpts that hold its words; with the cuts and joins."""
    for decision in decisions:
        for passage in passages([decision]):
            now = places.excerpt_ids.get(passage) if decision.parts else None
            yield from ((decision, name) for name in places.recut.get(passage, (now,)) if name)


STALE = "\0"  # prefix for excerpts whose words changed, so that they are never confused with current ones
RULED = "\0ruled"  # the coder of answers that are rulings
Coded = tuple[str, str]  # (excerpt, coder)


@dataclass(slots=True)
class _Fold:
    """The answers of coders as the ledger goes on: decisions are added, changes of the codebook move them."""

    changes: CodebookHistory
    places: Places
    older_codes: frozenset[str]
    answers: dict[Coded, dict[str, Answer]] = field(default_factory=dict)
    links: dict[Coded, dict[str, Answer]] = field(default_factory=dict)
    rulings: dict[tuple[str, str], Decision] = field(default_factory=dict)
    memos: dict[Coded, Decision] = field(default_factory=dict)
    superseded: list[Superseded] = field(default_factory=list)
    split: list[tuple[Decision, Step]] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    lines: dict[int, Decision] = field(default_factory=dict)
    spans: list[PlacedSpan] = field(default_factory=list)
    before: dict[tuple[int, str, str], dict[str, Answer]] = field(
        default_factory=dict
    )  # a change taken back -> answers
    recut: dict[str, Passage] = field(default_factory=dict)  # keys of excerpts that were cut or joined
    rejoined: dict[Coded, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def run(self, decisions: Sequence[Decision]) -> None:
        """Go through all decisions and changes, each at its place."""
        events: list[tuple[float, int, Decision | Step]] = [(step.seq, step.seq, step) for step in self.changes.steps]
        events += [
            (self.changes.position(d), d.seq, d)
            for d in decisions
            if d.excerpt_id and d.kind is not DecisionKind.CODEBOOK
        ]
        for position, _, event in sorted(events, key=itemgetter(0, 1)):
            if isinstance(event, Step):
                self._change(event)
            else:
                self._decide(event, position)

    def _key(self, decision: Decision) -> str:
        passage = passage_of(decision)
        now = self.places.recut.get(passage, ())
        if len(now) == 1 and decision.kind is DecisionKind.MEMO:
            return now[0]
        if now:
            key = f"{STALE}{decision.excerpt_id}{STALE}{decision.text_sha256}"
            self.recut[key] = passage
            return key
        return self.places.excerpt_of(decision) or f"{STALE}{decision.excerpt_id}"

    def _decide(self, decision: Decision, position: float) -> None:
        excerpt = self._key(decision)
        self.lines[decision.seq] = decision
        target = decision.criterion or decision.finding_id
        if decision.kind is DecisionKind.ADJUDICATE:
            ruling = replace(decision, excerpt_id=excerpt)
            self.rulings[excerpt, target] = self._later(self.rulings.get((excerpt, target)), ruling)
        elif decision.kind is DecisionKind.MEMO:
            memo = replace(decision, excerpt_id=excerpt)
            self.memos[excerpt, decision.coder] = self._later(self.memos.get((excerpt, decision.coder)), memo)
        elif decision.kind in CODES | LINKS:
            yes = decision.kind not in NO
            answer = Answer(yes, decision.value if yes else "", decision.seq, decision.at)
            self._take(self._cell(excerpt, decision), target, answer, decision)
        elif decision.kind is DecisionKind.SPAN:
            self._mark(decision)
        elif decision.kind is DecisionKind.REVIEWED:
            no = Answer(yes=False, value="", seq=decision.seq, at=decision.at, is_explicit=False)
            for code in decision.codes or self._codes_of_families(decision, position):
                self._cell(excerpt, decision).setdefault(code, no)

    def _mark(self, decision: Decision) -> None:
        excerpt = self.places.excerpt_of(decision)
        if names := self.places.recut.get(passage_of(decision)):
            self.spans += spans_in_parts(decision, names)
        if excerpt and decision.span:
            self.spans.append(placed_span(decision, excerpt, self.places.span_now(passage_of(decision), decision.span)))

    def _cell(self, excerpt: str, decision: Decision) -> dict[str, Answer]:
        cells = self.links if decision.kind in LINKS else self.answers
        return cells.setdefault((excerpt, decision.coder), {})

    def _take(self, cell: dict[str, Answer], target: str, answer: Answer, decision: Decision) -> None:
        """Replace the earlier answer; a merged line older than the present answer is listed instead."""
        before = cell.get(target)
        if before is None or not _is_overtaken(decision, before.at):
            cell[target] = answer
        elif (before.yes, before.value) != (answer.yes, answer.value):
            self.superseded.append(Superseded(decision, before.seq))

    def _later(self, before: Decision | None, line: Decision) -> Decision:
        """Of two rulings or memos on the same thing the one that holds, as `_take` has it of answers."""
        if before is None or not _is_overtaken(line, before.at):
            return line
        if (before.value, before.note) != (line.value, line.note):
            self.superseded.append(Superseded(line, before.seq))
        return before

    def _codes_of_families(self, decision: Decision, position: float) -> list[str]:
        """The codes that an older line went through, which names families alone: never a code that came later."""
        families = decision.value.split(";")
        return sorted(code for code in self.older_codes if self.changes.family_at(code, position) in families)

    def _change(self, step: Step) -> None:
        if step.change.action is (CodebookAction.MERGE if step.undoes else CodebookAction.SPLIT):
            self._list_unsorted(step)
        touched = step.change.into if step.undoes else step.change.codes
        answers = (cell.get(code) for cell in self.answers.values() for code in touched)
        self.moved[step.seq] = sum(answer is not None and answer.yes for answer in answers)
        for key, cell in self.answers.items():
            self.answers[key] = self._after(step, key, cell)
        for excerpt, cell in self._ruled_answers(step.change).items():
            self._move_rulings(excerpt, cell, self._after(step, (excerpt, RULED), cell))

    def _after(self, step: Step, key: Coded, cell: Mapping[str, Answer]) -> dict[str, Answer]:
        """The answers of a cell after a change. What a change touches that is taken back later is kept until then."""
        if step.undoes:
            return taken_back(cell, step, self.before.pop((step.undoes, *key), {}))
        if step.seq in self.changes.undone:
            self.before[step.seq, *key] = {code: cell[code] for code in step.change.codes if code in cell}
        return follow(cell, step.change)

    def _list_unsorted(self, step: Step) -> None:
        """Remember who says yes to a code that is now several codes, after a split or an undone merge."""
        codes = step.change.into if step.undoes else step.change.codes
        for (excerpt, _), cell in self.answers.items():
            ayes = [cell[code].seq for code in codes if code in cell and cell[code].yes]
            if step.seq not in self.changes.undone:
                self.split += [
                    (replace(self.lines[seq], excerpt_id=excerpt), step) for seq in ayes if seq > step.undoes
                ]

    def _ruled_answers(self, change: CodebookChange) -> dict[str, dict[str, Answer]]:
        """What was ruled on the codes of a change, as answers by excerpt."""
        by_excerpt: dict[str, dict[str, Answer]] = {excerpt: {} for _, excerpt, coder in self.before if coder == RULED}
        for (excerpt, code), ruling in self.rulings.items():
            if code in (*change.codes, *change.into):
                by_excerpt.setdefault(excerpt, {})[code] = ruled_answer(ruling)
        return by_excerpt

    def _move_rulings(self, excerpt: str, before: Mapping[str, Answer], after: Mapping[str, Answer]) -> None:
        for code in before:
            del self.rulings[excerpt, code]
        for code, answer in after.items():
            value = f"yes:{answer.value}" if answer.value else "yes" if answer.yes else "no"
            line = self.lines[answer.seq]
            self.rulings[excerpt, code] = replace(line, excerpt_id=excerpt, criterion=code, value=value)

    def follow_words(self) -> Iterator[Unconfirmed]:
        """Take over what was decided on excerpts that were joined since; yield what waits to be confirmed."""
        waiting: set[tuple[int, str, str]] = set()
        for cells in (self.answers, self.links):
            of_recut = {(self.recut[key], coder): cell for (key, coder), cell in cells.items() if key in self.recut}
            result = followed(of_recut, cells, self.places.recut)
            for cell, answers in result.answers.items():
                cells.setdefault(cell, {}).update(answers)
            for cell, words in result.rejoined.items():
                self.rejoined.setdefault(cell, {}).update(words)
            for each in result.waiting:
                line = self.lines[each.seq]
                target = each.target if line.criterion or line.finding_id else ""
                waiting.add((each.seq, target, each.excerpt_id))
        for seq, target, excerpt in sorted(waiting):
            line = self.lines[seq]
            yield Unconfirmed(replace(line, criterion=target) if line.criterion else line, excerpt)
        self._take_rulings_over()
        yield from self._unconfirmed_rulings()
        yield from self._unconfirmed_memos()

    def _take_rulings_over(self) -> None:
        """What was ruled on the parts of joined excerpts holds of the whole as a coder's answers do; a ruling on it goes before."""
        on_parts: dict[tuple[str, str], list[Decision]] = {}
        for (key, target), ruling in self.rulings.items():
            if len(now := self._now(key)) == 1:
                on_parts.setdefault((now[0], target), []).append(ruling)
        parts = counts_of_parts(self.places.recut)
        for (excerpt, target), rulings in on_parts.items():
            answer = joined_answer([ruled_answer(ruling) for ruling in rulings], parts=parts[excerpt])
            of_parts = {ruling.seq: ruling for ruling in rulings}
            if answer:
                self.rulings.setdefault((excerpt, target), replace(of_parts[answer.seq], excerpt_id=excerpt))

    def _unconfirmed_rulings(self) -> Iterator[Unconfirmed]:
        for (key, target), ruling in sorted(self.rulings.items()):
            for excerpt in self._now(key):
                later = self.rulings.get((excerpt, target))
                if later is None or later.seq < ruling.seq:
                    yield Unconfirmed(replace(ruling, excerpt_id=self.lines[ruling.seq].excerpt_id), excerpt)

    def _unconfirmed_memos(self) -> Iterator[Unconfirmed]:
        for (key, coder), memo in sorted(self.memos.items()):
            for excerpt in self._now(key):
                later = self.memos.get((excerpt, coder))
                decided = [answer.seq for answer in self.answers.get((excerpt, coder), {}).values()]
                if max([*decided, later.seq if later else 0]) < memo.seq:
                    yield Unconfirmed(self.lines[memo.seq], excerpt)

    def _now(self, key: str) -> tuple[str, ...]:
        """The excerpts that hold the words of one that was cut or joined; none for others."""
        return self.places.recut[self.recut[key]] if key in self.recut else ()

    def latest_memos(self) -> list[Decision]:
        """The latest memo of each coder on each excerpt that is there, in the order of the ledger."""
        present = [memo for (excerpt, _), memo in self.memos.items() if not excerpt.startswith(STALE)]
        return sorted(present, key=attrgetter("seq"))

    def present_rulings(self) -> dict[tuple[str, str], Decision]:
        """The rulings on words that are there."""
        return {key: ruling for key, ruling in self.rulings.items() if not key[0].startswith(STALE)}

    def decisions_in(self, cells: Mapping[Coded, Mapping[str, Answer]]) -> Iterator[CoderDecision]:
        """The present decisions of some cells, sorted by excerpt, target and coder."""
        rows = [
            (excerpt, target, coder, answer)
            for (excerpt, coder), cell in cells.items()
            for target, answer in cell.items()
            if not excerpt.startswith(STALE)
        ]
        for excerpt, target, coder, answer in sorted(rows, key=itemgetter(0, 1, 2)):
            line = self.lines[answer.seq]
            yield CoderDecision(
                excerpt_id=excerpt,
                target=target,
                coder=coder,
                yes=answer.yes,
                value=answer.value,
                seq=answer.seq,
                is_carried=_is_carried(line, excerpt, self.places),
                others=answer.others,
            )

    def unsorted(self) -> Iterator[Decision]:
        """The yes decisions on one code that is several now, until their coder has decided on one of these.

        A code becomes several by a split or an undone merge. A coder who says yes to one of these has decided.
        """
        for decision, step in self.split:
            cell = self.answers.get((decision.excerpt_id, decision.coder), {})
            codes = step.change.codes if step.undoes else step.change.into
            now = [cell[code] for code in codes if code in cell]
            is_sorted = any(answer.yes or answer.seq > decision.seq for answer in now)
            if not is_sorted and not decision.excerpt_id.startswith(STALE):
                yield decision

    def unknown_codes(self, families: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """Decided codes that the codebook does not have, each with its number of decisions."""
        codes = {code for family in families.values() for code in family}
        counts = Counter(code for cell in self.answers.values() for code in cell if code not in codes)
        counts.update(code for (_, code), ruling in self.rulings.items() if ruling.criterion and code not in codes)
        return dict(sorted(counts.items()))


def _is_overtaken(line: Decision, since: str) -> bool:
    """Whether a line was merged from another ledger after a decision on the same thing that was made later than it."""
    return bool(line.origin) and since > line.at


def ruled_answer(ruling: Decision) -> Answer:
    """A ruling as an answer."""
    answer, _, value = ruling.value.partition(":")
    return Answer(yes=answer == "yes", value=value, seq=ruling.seq, at=ruling.at)


def _unanswered(
    decisions: Iterable[Decision], placed: Sequence[_Placed], places: Places, changes: CodebookHistory
) -> Iterator[Decision]:
    """The stale decisions that their coder has not made again on the new words."""
    by_coder: dict[str, list[Decision]] = {}
    for each in placed:
        by_coder.setdefault(each.decision.coder, []).append(each.decision)
    for old in decisions:
        passage = passage_of(old)
        is_elsewhere = passage in places.withheld or passage in places.recut
        if not old.excerpt_id or places.excerpt_of(old) or is_elsewhere:
            continue
        if not any(new.seq > old.seq and _answers(new, old, places, changes) for new in by_coder.get(old.coder, ())):
            codes = changes.now(old.criterion, changes.position(old)) if old.criterion else ()
            yield replace(old, criterion=next(iter(codes))) if len(codes) == 1 else old


def _answers(new: Decision, old: Decision, places: Places, changes: CodebookHistory) -> bool:
    is_of_all = not (old.criterion or old.finding_id)  # a memo, or a row that was gone through
    goes_through = new.kind is DecisionKind.REVIEWED and old.criterion != ""
    return (is_of_all or goes_through or _is_same_matter(new, old, changes)) and _took_the_place(new, old, places)


def _is_same_matter(new: Decision, old: Decision, changes: CodebookHistory) -> bool:
    """Whether two decisions are about the same finding, or about codes that are the same today."""
    if old.finding_id or new.finding_id or not new.criterion:
        return (new.criterion, new.finding_id) == (old.criterion, old.finding_id)
    codes = changes.now(old.criterion, changes.position(old))
    return not codes or bool(codes & changes.now(new.criterion, changes.position(new)))


def _took_the_place(new: Decision, old: Decision, places: Places) -> bool:
    """Whether an excerpt holds the old words, or is the one in their place."""
    now = places.excerpt_ids[passage_of(new)]
    successor = places.successors.get(passage_of(old))
    if now.rpartition(":")[0] != old.excerpt_id.rpartition(":")[0]:
        return False
    if new.text_sha256 == old.text_sha256 or now == successor:
        return True
    return overlap(bounds_of(now), bounds_of(old.excerpt_id))


def _consensus(
    decisions: Sequence[CoderDecision], rulings: Mapping[tuple[str, str], Decision]
) -> tuple[ConsensusCoding, ...]:
    """What coders decide together, and in its place what was ruled."""
    together = {key: _together(group) for key, group in grouped(decisions).items()}
    ruled = {key: _ruled(ruling) for key, ruling in rulings.items()}
    return tuple(sorted({**together, **ruled}.values(), key=_order))


def _order(coding: ConsensusCoding) -> tuple[str, str]:
    return coding.excerpt_id, coding.target


def grouped(decisions: Iterable[CoderDecision]) -> dict[tuple[str, str], list[CoderDecision]]:
    """The decisions on each excerpt and code or finding."""
    groups: dict[tuple[str, str], list[CoderDecision]] = {}
    for decision in decisions:
        groups.setdefault((decision.excerpt_id, decision.target), []).append(decision)
    return groups


def _together(decisions: list[CoderDecision]) -> ConsensusCoding:
    ayes = [d for d in decisions if d.yes]
    yes = None if 2 * len(ayes) == len(decisions) else 2 * len(ayes) > len(decisions)
    values = Counter(d.value for d in ayes if d.value)
    return ConsensusCoding(
        excerpt_id=decisions[0].excerpt_id,
        target=decisions[0].target,
        yes=yes,
        value="" if yes is False else _of_most(values),
        status=_status_of(decisions),
        decided_by=";".join(d.coder for d in decisions),
    )


def _status_of(decisions: Sequence[CoderDecision]) -> CodingStatus:
    """The consensus of coders: those who differ in yes or no, in the stance or in the direction are in conflict."""
    values = {d.value for d in decisions if d.yes and d.value}
    if len({d.yes for d in decisions}) > 1 or len(values) > 1:
        return CodingStatus.CONFLICTED
    if any(d.is_carried for d in decisions):
        return CodingStatus.CARRIED
    return CodingStatus.SINGLE if len(decisions) == 1 else CodingStatus.AGREED


def _of_most(values: Counter[str]) -> str:
    """The stance or direction that most coders give; "" if none has a majority."""
    ranked = values.most_common(2)
    return ranked[0][0] if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]) else ""


def _ruled(ruling: Decision) -> ConsensusCoding:
    answer = ruled_answer(ruling)
    return ConsensusCoding(
        excerpt_id=ruling.excerpt_id,
        target=ruling.criterion or ruling.finding_id,
        yes=answer.yes,
        value=answer.value,
        status=CodingStatus.RULED,
        decided_by=ruling.coder,
    )


def link_status(coding: ConsensusCoding) -> LinkStatus:
    """The status of a link after coders decided; if they are evenly divided, or differ on the direction, it stays a suggestion."""
    if coding.yes is None or (coding.yes and coding.status is CodingStatus.CONFLICTED and not coding.value):
        return LinkStatus.SUGGESTED
    return LinkStatus.CONFIRMED if coding.yes else LinkStatus.REJECTED
