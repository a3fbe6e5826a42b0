"""The ledger as the page of one coder sees it: read once, then only its tail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline.records import Decision, Draft
from pipeline.review.boundaries.confirming import waiting_of
from pipeline.review.boundaries.standing import standings
from pipeline.review.conflicts import word
from pipeline.review.decisions import Ledger
from pipeline.review.settle import CoderDecision, State
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.review.undo import undo_lines_that_hold, without_undone
from pipeline.review.web import rounds
from pipeline.review.web.rounds import Round
from pipeline.review.web.shelf import Shelf
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import DecisionKind, Lane


@dataclass(frozen=True, slots=True)
class OwnAnswers:
    """What the coder has decided on an excerpt, by code and finding, and their memo."""

    decisions: Mapping[str, CoderDecision] = field(default_factory=dict)
    memo: Decision | None = None
    implied: frozenset[str] = frozenset()  # codes that are "no" because all codes left blank were
    codes: tuple[str, ...] = ()  # of the codebook
    above: frozenset[str] = frozenset()  # codes that the excerpt carries by a sub-code
    latest: Decision | None = None  # of the lines that decide
    spans: tuple[CoderSpan, ...] = ()  # the words that the coder marked

    @property
    def is_settled(self) -> bool:
        """Whether the coder has decided on the excerpt, even if not on every code."""
        return bool(self.decisions)

    @property
    def latest_seq(self) -> int:
        """The number of the latest line that decides; 0 if there is none."""
        return self.latest.seq if self.latest else 0

    def is_settled_on(self, day: str) -> bool:
        """Whether the coder decided on the excerpt on a day (ISO date)."""
        return self.latest is not None and self.latest.at.startswith(day)

    @property
    def undecided(self) -> list[str]:
        """The codes that a settled excerpt leaves undecided."""
        if not self.is_settled:
            return []
        return [code for code in self.codes if code not in self.decisions and code not in self.above]

    @property
    def words_on_codes(self) -> dict[str, str]:
        """What was decided on each code, including the no of an excerpt gone through."""
        return {name: word(decision) for name, decision in self.decisions.items() if name in self.codes}

    def as_json(self) -> dict[str, Any]:
        """As the page reads it; a code that was only gone through is left out."""
        words = {name: word(d) for name, d in self.decisions.items() if name not in self.implied}
        return {
            "codes": {name: each for name, each in words.items() if name in self.codes},
            "links": {name: each for name, each in words.items() if name not in self.codes},
            "memo": self.memo.note if self.memo else "",
            "settled": self.is_settled,
            "undecided": self.undecided,
            "spans": as_marks(self.spans),
        }


def as_marks(spans: Iterable[CoderSpan]) -> list[dict[str, Any]]:
    """Marked words as the page reads them."""
    return [{"code": span.criterion, "start": span.start, "end": span.end} for span in spans]


def word_keys_of(shelf: Shelf, excerpt_ids: Iterable[str]) -> dict[str, str]:
    """The keys by which a round finds its excerpts, of all excerpts of the sources of these."""
    sources = dict.fromkeys(name.rpartition(":")[0] for name in excerpt_ids)
    names = [name for source_id in sources for name in shelf.ids_of_source(source_id)]
    return rounds.word_keys((name, shelf.text_sha256(name)) for name in names)


class LedgerView:
    """What one coder and the others have decided, kept up to date with the ledger line by line."""

    def __init__(self, ledger: Ledger, coder: str, study: StudyView, *, today: Callable[[], str]) -> None:
        self.ledger, self.coder, self.today = ledger, coder, today
        self.read_again(study)

    def read_again(self, study: StudyView) -> None:
        """Resolve the whole ledger on the excerpts of a study."""
        self.study = study
        self.seen = len(self.ledger.refresh())
        self.state = study.resolve(self.ledger.decisions)
        self._resolved = self.seen
        self.lines: dict[int, Decision] = {}
        self.by_excerpt: dict[str, list[Decision]] = {}
        self._elsewhere: dict[str, set[str]] = {}  # hash of a line -> the excerpts where its words are now
        self._touched: dict[str, set[str]] = {}  # hash of a line -> the excerpts whose answers it may change
        for decision, excerpt_id in (*self.state.renamed, *self.state.recut):
            self.by_excerpt.setdefault(excerpt_id, []).append(decision)
            for name in _names_of(decision):
                self._elsewhere.setdefault(name, set()).add(excerpt_id)
                self._touched.setdefault(name, set()).add(excerpt_id)
        self._add(self.ledger.decisions)
        self.rounds = self._rounds()
        self.own: dict[str, OwnAnswers] = {}
        for excerpt, decisions in _by_excerpt(d for d in self.state.coder_decisions if d.coder == self.coder).items():
            self.own[excerpt] = self._own_of(excerpt, decisions, ())
        for span in self.state.spans:
            if span.coder == self.coder:
                own = self.own[span.excerpt_id]
                self.own[span.excerpt_id] = replace(own, spans=(*own.spans, span))
        self.open_spans = _spans_by_excerpt(self.state, self.coder)
        self.decided_by_others = {d.excerpt_id for d in self.state.coder_decisions if d.coder != self.coder}
        self.last_bounds = self._last_line_on_bounds()
        self.bounds_changed = False
        self.stale = dict(study.stale(self.state, self.coder))
        self.unconfirmed = waiting_of(
            self.state, self.coder, self.ledger.decisions
        )  # excerpt -> the last line that waits

    def refresh(self) -> None:
        """Take in new lines of the ledger; only their excerpts are resolved again."""
        added = self.ledger.refresh()[self.seen :]
        if not added:
            return
        if any(line.kind is DecisionKind.CODEBOOK for line in added):
            self.read_again(self.study)
            return
        self.seen += len(added)
        self._add(added)
        self._note_new_bounds(added)
        if any(line.kind is DecisionKind.ROUND for line in added):
            self.rounds = self._rounds()
        self.decided_by_others |= {line.excerpt_id for line in added if line.coder != self.coder}
        own = (self._excerpts_with(line) for line in added if line.coder == self.coder)
        for excerpt in set().union(*own) - {""}:
            self._resolve(excerpt)

    def _rounds(self) -> dict[str, Round]:
        """The rounds with the excerpts as they are now: a correction before them moves their ids."""
        stored = rounds.rounds_of(self.ledger.decisions)
        moving = [name for each in stored.values() if each.words for name in each.ids]
        keys = word_keys_of(self.study.shelf, moving)
        return {name: rounds.with_present_ids(each, keys) for name, each in stored.items()}

    def _note_new_bounds(self, added: Sequence[Decision]) -> None:
        """Remember whether others cut or joined excerpts: the tables are read again when the page asks for news."""
        if any(line.kind in (DecisionKind.EXCERPT, DecisionKind.UNDO) for line in added):
            self.bounds_changed = self._last_line_on_bounds() != self.last_bounds

    def _last_line_on_bounds(self) -> int:
        """The last line that cut or joined excerpts, or took that back; 0 if there is none."""
        held = standings(self.ledger.decisions)
        return held[-1].since if held else 0

    def _resolve(self, excerpt: str) -> None:
        """Resolve the coder's decisions on one excerpt again."""
        lines = self._lines_on(excerpt)
        state = self.study.resolve(lines)
        decisions = [d for d in state.coder_decisions if d.coder == self.coder and d.excerpt_id == excerpt]
        self.unconfirmed.pop(excerpt, None)
        waiting = waiting_of(state, self.coder, lines)
        if excerpt in waiting:  # also where a confirmation is taken back
            self.unconfirmed[excerpt] = waiting[excerpt]
        spans = [span for span in state.spans if span.coder == self.coder and span.excerpt_id == excerpt]
        self.open_spans[excerpt] = _spans_by_excerpt(state, self.coder).get(excerpt, ())
        self.own[excerpt] = self._own_of(excerpt, decisions, spans)

    def _add(self, added: Sequence[Decision]) -> None:
        for line in added:
            self.lines[line.seq] = line
            excerpts = self._excerpts_with(line)
            for name in _names_of(line):
                self._touched.setdefault(name, set()).update(excerpts)
            for excerpt in excerpts:
                of_excerpt = self.by_excerpt.setdefault(excerpt, [])
                if excerpt == line.excerpt_id or line not in of_excerpt:
                    of_excerpt.append(line)

    def _excerpts_with(self, line: Decision) -> set[str]:
        """The excerpts that a line is about; of a line that takes others back also those of these."""
        names = line.value.split(";") if line.kind is DecisionKind.UNDO else ()
        return {line.excerpt_id}.union(*(self._touched.get(name, set()) for name in names))

    def _lines_on(self, excerpt: str) -> list[Decision]:
        """The lines on an excerpt, and all changes of the codebook, in order."""
        changes = [line for line in self.by_excerpt.get("", ()) if line.kind is DecisionKind.CODEBOOK]
        return sorted([*changes, *self.by_excerpt[excerpt]], key=lambda line: line.seq)

    def whole_state(self) -> State:
        """The state of the whole ledger as it is now."""
        self.refresh()
        if self._resolved != self.seen:
            self.read_again(self.study)
        return self.state

    def _own_of(self, excerpt: str, decisions: Sequence[CoderDecision], spans: Sequence[CoderSpan]) -> OwnAnswers:
        memos = [line for line in self.own_lines(excerpt) if line.kind is DecisionKind.MEMO]
        return OwnAnswers(
            decisions={d.target: d for d in decisions},
            memo=memos[-1] if memos else None,
            implied=frozenset(d.target for d in decisions if self.lines[d.seq].kind is DecisionKind.REVIEWED),
            codes=self.study.form.codebook.ids,
            above=frozenset(self.study.form.codebook.above(d.target for d in decisions if d.yes)),
            latest=max((self.lines[d.seq] for d in decisions), key=lambda line: line.seq, default=None),
            spans=tuple(spans),
        )

    def marked(self, excerpt: str) -> tuple[CoderSpan, ...]:
        """The words that the coder marked in an excerpt, also for codes that wait there to be confirmed."""
        waiting = self.open_spans.get(excerpt, ()) if excerpt in self.unconfirmed else ()
        return (*self.own_on(excerpt).spans, *waiting)

    def excerpts_of(self, line: Decision) -> list[str]:
        """The excerpts with words of a line that was written on one which was cut or joined since; none for others."""
        return [excerpt for each, excerpt in self.state.recut if each.seq == line.seq]

    def own_lines(self, excerpt: str) -> list[Decision]:
        """The coder's lines on an excerpt that hold, in order."""
        return [line for line in without_undone(self.by_excerpt.get(excerpt, ())) if line.coder == self.coder]

    def latest_settling(self, excerpt: str) -> list[Decision]:
        """The coder's latest answers on an excerpt that hold, those that were given together; also what they took back.

        With them go the words of a mark over a cut that they left on another part; of answers there that left words here, none.
        """
        lines = self._answers_on(excerpt)
        latest = [line for line in lines if (line.at, line.base) == (lines[-1].at, lines[-1].base)]
        left = (copy for line in latest for copy in self._left_elsewhere(line))
        return [*latest, *(copy for copy in left if copy not in latest)]

    def _answers_on(self, excerpt: str) -> list[Decision]:
        """The coder's answers on an excerpt itself that hold, and what they took back with them, in order."""
        undone = [line for line in self._own_undo_lines(excerpt) if line.handout]
        here = [line for line in undone if self._is_on(line, excerpt)]
        of_others = {copy.seq for line in undone if line not in here for copy in self._left_elsewhere(line)}
        own = [line for line in self.own_lines(excerpt) if line.seq not in of_others]
        return sorted([*own, *here], key=_by_seq)

    def _is_on(self, line: Decision, excerpt: str) -> bool:
        """Whether a line was written on an excerpt, or on words that are now in it."""
        return line.excerpt_id == excerpt or any(excerpt in self._elsewhere.get(name, ()) for name in _names_of(line))

    def _left_elsewhere(self, undone: Decision) -> list[Decision]:
        """The words that were marked on other parts of a cut when a mark over its place was taken off one part."""
        if undone.kind is not DecisionKind.UNDO:
            return []
        settling = (undone.at, undone.base, undone.handout)
        parts = sorted(self._excerpts_with(undone))
        lines = {line.seq: line for part in parts for line in self.own_lines(part) if line.kind is DecisionKind.SPAN}
        together = (line for line in lines.values() if (line.at, line.base, line.handout) == settling)
        return [line for line in together if line.excerpt_id != undone.excerpt_id]

    def latest_undo(self, excerpt: str) -> list[Decision]:
        """The line by which the coder last took back answers on an excerpt; none if they have decided anything since."""
        undone = [line for line in self._own_undo_lines(excerpt) if not line.handout]
        names = {line.hash for line in self.by_excerpt.get(excerpt, ()) if _is_taking_back(line)}
        candidates = [line for line in undone if names.isdisjoint(line.value.split(";"))]
        decided = [line.seq for line in self.by_excerpt.get(excerpt, ()) if self._is_own_answer(line)]
        return [line for line in candidates[-1:] if line.seq > max(decided, default=0)]

    def _own_undo_lines(self, excerpt: str) -> list[Decision]:
        lines = undo_lines_that_hold(self.by_excerpt.get(excerpt, ()))
        return [line for line in lines if line.coder == self.coder]

    def _is_own_answer(self, line: Decision) -> bool:
        return line.coder == self.coder and not _is_taking_back(line)

    def own_on(self, excerpt: str) -> OwnAnswers:
        """What the coder has decided on an excerpt."""
        return self.own.get(excerpt) or OwnAnswers(codes=self.study.form.codebook.ids)

    def settled(self, day: str) -> dict[str, int]:
        """How many excerpts the coder has settled: on a day (ISO date), and in all; and how many nobody has."""
        settled = [own for own in self.own.values() if own.is_settled]
        decided = self.decided_by_others.union(name for name, own in self.own.items() if own.is_settled)
        undecided = sum(name not in decided for name in self.study.ranking.by_chance)
        return {"undecided": undecided, "today": sum(own.is_settled_on(day) for own in settled), "all": len(settled)}

    def own_by_target(self) -> dict[str, frozenset[str]]:
        """The excerpts to which the coder gave each code or finding."""
        groups: dict[str, set[str]] = {}
        for excerpt, own in self.own.items():
            for target, decision in own.decisions.items():
                if decision.yes:
                    groups.setdefault(target, set()).add(excerpt)
        return {target: frozenset(excerpts) for target, excerpts in groups.items()}

    def memo_on(self, *, code: str = "", finding: str = "", person: str = "") -> str:
        """The coder's latest memo on a code, a finding or a person."""
        about = (code, finding, person)
        memos = [
            line.note
            for line in self.by_excerpt.get("", ())
            if line.kind is DecisionKind.MEMO
            and line.coder == self.coder
            and (line.criterion, line.finding_id, line.value) == about
        ]
        return memos[-1] if memos else ""

    @property
    def round(self) -> Round | None:
        """The open round that the coder takes part in."""
        return rounds.open_round(self.rounds, self.coder, today=self.today())

    def done_in(self, current: Round) -> dict[str, int]:
        """How many excerpts of a round each of its coders has decided, which does not reveal how."""
        done: dict[str, int] = dict.fromkeys(current.coders, 0)
        for excerpt in current.ids:
            lines = without_undone(self.by_excerpt.get(excerpt, ()))
            decided = {
                line.coder for line in lines if line.round == current.name and line.kind is not DecisionKind.LATER
            }
            for coder in decided & done.keys():
                done[coder] += 1
        return done

    def put_off(self) -> set[str]:
        """The excerpts that the coder has put off and not taken back."""
        put_off = {line.excerpt_id for line in self.lines.values() if _is_of(line, self.coder, DecisionKind.LATER)}
        return {name for name in put_off if any(line.kind is DecisionKind.LATER for line in self.own_lines(name))}

    def second_looks(self) -> list[str]:
        """The excerpts that come back to the coder, and on which they have not decided a second time."""
        reviewed = [line for line in self.lines.values() if _is_of(line, self.coder, DecisionKind.REVIEWED)]
        again = {line.excerpt_id for line in reviewed if line.lane == Lane.SECOND_LOOK}
        there = self.study.shelf.position
        first = dict.fromkeys(line.excerpt_id for line in reviewed if line.excerpt_id in there)
        return rounds.second_looks(list(first), seed=self.study.seed, already=again)

    def append(self, drafts: Sequence[Draft], *, now: datetime) -> tuple[Decision, ...]:
        """Write drafts as lines of the coder, on disk before this returns."""
        if not drafts:
            return ()
        written = self.ledger.append(self.study.with_selectors(drafts), coder=self.coder, now=now)
        self.refresh()
        return written


def _spans_by_excerpt(state: State, coder: str) -> dict[str, tuple[CoderSpan, ...]]:
    """The words that a coder marked for codes on which they have to answer again."""
    spans: dict[str, tuple[CoderSpan, ...]] = {}
    for span in state.open_spans:
        if span.coder == coder:
            spans[span.excerpt_id] = (*spans.get(span.excerpt_id, ()), span)
    return spans


def _names_of(line: Decision) -> set[str]:
    """The hashes by which other lines name a line."""
    return {line.hash, line.origin} - {""}


def _by_seq(line: Decision) -> int:
    return line.seq


def _is_taking_back(line: Decision) -> bool:
    """Whether a line takes back an earlier settling as a whole; one that is part of a settling names its hand-out."""
    return line.kind is DecisionKind.UNDO and not line.handout


def _is_of(line: Decision, coder: str, kind: DecisionKind) -> bool:
    return line.kind is kind and line.coder == coder


def _by_excerpt(decisions: Iterable[CoderDecision]) -> dict[str, list[CoderDecision]]:
    groups: dict[str, list[CoderDecision]] = {}
    for decision in decisions:
        groups.setdefault(decision.excerpt_id, []).append(decision)
    return groups
