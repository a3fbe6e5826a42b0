"""One coder's desk: what the review page shows them of each excerpt, and how their answers become lines of the ledger.

No HTTP here, and no file but the ledger. What a coder may see in a round is decided by `rounds.is_visible` alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from pipeline.codebook import Codebook, Criterion
from pipeline.errors import ConfigError, Problem
from pipeline.findings import Finding
from pipeline.records import Decision, Draft
from pipeline.review.conflicts import conflicts, word
from pipeline.review.decisions import Ledger
from pipeline.review.form import NO, YES
from pipeline.review.row_answers import TELLING, code_draft, link_draft
from pipeline.review.settle import CoderDecision, State
from pipeline.review.undo import undo_draft, without_undone
from pipeline.review.web import rounds
from pipeline.review.web.query import Decided, find
from pipeline.review.web.rounds import Item, Round, is_visible
from pipeline.review.web.shelf import Shelf
from pipeline.vocabulary import CoderView, DecisionKind, Direction, Stance

HITS = 50  # excerpts that a search shows at once; the others can be made a queue or a table
QUEUE = 500  # excerpts handed out at a time
FIRST_WORDS = 60  # characters of an excerpt in the queue
DIFFERENCES = 50  # conflicts shown at a time
DIGITS = 9  # criteria that have a key of their own
STOP_AT = 0.9  # a review may stop where the lower end of the expected recall is at least this


class Clash(Exception):  # noqa: N818 - what happened, not an error of the program
    """The same coder decided on the excerpt elsewhere, after it was shown here."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__("decided elsewhere")
        self.details = details


class WordsChangedError(Exception):
    """The words that were decided on are not those of the excerpt now."""


class RoundClosedError(Exception):
    """The round in which the excerpt was shown is closed."""


@dataclass(frozen=True, slots=True)
class Answers:
    """A coder's answers on one excerpt: code -> stance, "yes" or "no"; finding -> direction or "no"."""

    excerpt_id: str
    text_sha256: str
    base: int
    codes: Mapping[str, str]
    links: Mapping[str, str]
    memo: str = ""
    lane: str = ""
    tab: str = ""
    also: tuple[str, ...] = ()  # excerpts with the same words that are settled alike


@dataclass(frozen=True, slots=True)
class RoundOrder:
    """A round to be started."""

    name: str
    coders: tuple[str, ...]
    size: int
    shows: str


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """An excerpt to review, why, and what it is about (a code or finding)."""

    excerpt_id: str
    why: str
    about: str = ""
    lane: str = ""  # as the ledger has it: what came by chance with the fraction drawn


@dataclass(frozen=True, slots=True)
class Own:
    """What the coder has decided on an excerpt; `is_complete` where they went through all codes."""

    codes: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    memo: str = ""
    is_complete: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the page reads it; codes that were only gone through are left out."""
        shown = {code: value for code, value in self.codes.items() if value != NO or not self.is_complete}
        return {"codes": shown, "links": dict(self.links), "memo": self.memo, "complete": self.is_complete}


@dataclass(frozen=True, slots=True)
class StudyView:
    """What a desk needs of a study, made anew after each run."""

    title: str
    language: str
    seed: int
    run: str  # changes with each run
    codebook: Codebook
    findings: tuple[Finding, ...]
    shelf: Shelf
    queue: Callable[[str, State], list[QueueEntry]]  # of a coder, weightiest first
    resolve: Callable[[Sequence[Decision]], State]  # decisions -> what they come to on the present excerpts
    recall: Callable[[np.ndarray], tuple[float, float, float]]  # mask of the excerpts looked at -> value, low, high
    agreement: Callable[[State, str], dict[str, Any] | None]  # on a code
    old_words: Mapping[str, str]  # excerpt -> the words decided on before they changed, where they are kept
    with_selectors: Callable[[Sequence[Draft]], Sequence[Draft]]  # drafts -> with what finds their words again
    because: Callable[
        [list[dict[str, Any]]], Mapping[str, str]
    ]  # votes on an excerpt -> code -> why the machine coded it


class Desk:
    """The desk of one coder; `now` is the clock, `load` makes the view of the study, `texts` are those of the interface."""

    def __init__(
        self,
        *,
        load: Callable[[], StudyView],
        is_changed: Callable[[str], bool],
        ledger: Ledger,
        coder: str,
        session: str,
        now: Callable[[], datetime],
        texts: Mapping[str, Any],
    ) -> None:
        self._load, self._is_changed = load, is_changed
        self.ledger, self.coder, self.session, self.now, self.texts = ledger, coder, session, now, texts
        self.view = load()
        self._settled_since_recall = 0
        self._lanes: dict[str, str] = {}
        self._take_in()

    def _take_in(self) -> None:
        """Read the whole ledger against the present excerpts."""
        self._seen = len(self.ledger.refresh())
        self._state = self.view.resolve(self.ledger.decisions)
        self._by_excerpt: dict[str, list[Decision]] = {}
        for decision in self.ledger.decisions:
            self._by_excerpt.setdefault(decision.excerpt_id, []).append(decision)
        for decision, excerpt_id in self._state.carried:
            self._by_excerpt.setdefault(excerpt_id, []).append(decision)
        self._own: dict[str, Own] = {}
        of_coder = [d for d in self._state.coder_decisions if d.coder == self.coder]
        for excerpt, decisions in _grouped(of_coder).items():
            self._own[excerpt] = self._own_of(excerpt, decisions)
        self._rounds = rounds.rounds_of(self.ledger.decisions)
        self._agreements: dict[str, dict[str, Any] | None] = {}
        self._seen_by_state = self._seen

    def _refresh(self) -> None:
        """Take in what was added to the ledger since the last look; excerpts of the new lines are resolved anew."""
        added = self.ledger.refresh()[self._seen :]
        if not added:
            return
        self._seen += len(added)
        for decision in added:
            self._by_excerpt.setdefault(decision.excerpt_id, []).append(decision)
        if any(d.kind is DecisionKind.ROUND for d in added):
            self._rounds = rounds.rounds_of(self.ledger.decisions)
        for excerpt in {d.excerpt_id for d in added if d.coder == self.coder and d.excerpt_id}:
            changes = [d for d in self._by_excerpt.get("", ()) if d.kind is DecisionKind.CODEBOOK]
            state = self.view.resolve(sorted([*changes, *self._by_excerpt[excerpt]], key=lambda d: d.seq))
            self._own[excerpt] = self._own_of(
                excerpt, [d for d in state.coder_decisions if d.coder == self.coder and d.excerpt_id == excerpt]
            )

    def _own_of(self, excerpt: str, decisions: Sequence[CoderDecision]) -> Own:
        codes = {d.target: word(d) for d in decisions if d.target in self.view.codebook.ids}
        links = {d.target: word(d) for d in decisions if d.target not in self.view.codebook.ids}
        memos = [
            d.note
            for d in without_undone(self._by_excerpt.get(excerpt, ()))
            if d.kind is DecisionKind.MEMO and d.coder == self.coder
        ]
        return Own(
            codes=codes,
            links=links,
            memo=memos[-1] if memos else "",
            is_complete=set(codes) >= set(self.view.codebook.ids),
        )

    @property
    def round(self) -> Round | None:
        """The open round that the coder takes part in."""
        return rounds.open_round(self._rounds, self.coder)

    def study(self) -> dict[str, Any]:
        """What the page needs once: codes, findings, texts, the round, and the expected recall."""
        self._refresh()
        view, current = self.view, self.round
        return {
            "title": view.title,
            "coder": self.coder,
            "language": view.language,
            "run": view.run,
            "texts": self.texts,
            "codes": [self._code(code) for code in view.codebook.criteria],
            "findings": [{"id": f.id, "statement": f.statement, "criterion": f.criterion} for f in view.findings],
            "round": self._round_as_json(current) if current else None,
            "recall": self._recall(),
        }

    def _code(self, code: Criterion) -> dict[str, Any]:
        first = self.view.codebook.of_family(self.view.codebook.criteria[0].family)
        number = first.index(code) + 1 if code in first and first.index(code) < DIGITS else None
        texts = {name: dict(getattr(code, name)) for name in ("name", "definition", "include", "exclude")}
        memos = [
            d.note
            for d in self._by_excerpt.get("", ())
            if d.kind is DecisionKind.MEMO and d.criterion == code.id and d.coder == self.coder
        ]
        return {"id": code.id, "family": code.family, "number": number, "memo": memos[-1] if memos else "", **texts}

    def _round_as_json(self, current: Round) -> dict[str, Any]:
        done = sum(name in self._own and self._own[name].is_complete for name in current.ids)
        return {"name": current.name, "shows": str(current.shows), "total": len(current.ids), "done": done}

    def _recall(self) -> dict[str, Any] | None:
        if not is_visible(Item.COUNTS, self.round):
            return None
        value, low, high = self.view.recall(self.view.shelf.of_ids(self._own))
        if math.isnan(value):
            return None
        percent = {name: round(100 * share) for name, share in (("value", value), ("low", low), ("high", high))}
        return {**percent, "may_stop": low >= STOP_AT}

    def look_for_new_run(self) -> str:
        """What changes with each run; the tables are read again where there was one."""
        if self._is_changed(self.view.run):
            self.view = self._load()
            self._take_in()
        return self.view.run

    def queue(self) -> list[dict[str, Any]]:
        """The excerpts to review, in their order: those of the open round, else the study's queue for this coder."""
        self._refresh()
        current = self.round
        if current:
            ids = rounds.order_of(
                [name for name in current.ids if name in self.view.shelf.position], current, self.coder
            )
            entries = [QueueEntry(name, "round") for name in ids]
        else:
            entries = self.view.queue(self.coder, self._state)
            decided = [d.excerpt_id for d in self.ledger.decisions if d.coder == self.coder and d.excerpt_id]
            again = rounds.repeats(list(dict.fromkeys(decided)), seed=self.view.seed, already=self._repeated())
            entries += [QueueEntry(name, rounds.REPEAT_LANE) for name in again if name in self.view.shelf.position]
            entries = self._later_last(entries)
        self._lanes = {entry.excerpt_id: entry.lane or entry.why for entry in entries}
        is_open = is_visible(Item.LANE, current)
        return [self._entry(entry, is_lane_visible=is_open) for entry in entries[:QUEUE]]

    def _repeated(self) -> set[str]:
        return {d.excerpt_id for d in self.ledger.decisions if d.coder == self.coder and d.lane == rounds.REPEAT_LANE}

    def _later_last(self, entries: list[QueueEntry]) -> list[QueueEntry]:
        put_off = {
            d.excerpt_id for d in self.ledger.decisions if d.kind is DecisionKind.LATER and d.coder == self.coder
        }
        return sorted(entries, key=lambda entry: entry.excerpt_id in put_off)

    def _entry(self, entry: QueueEntry, *, is_lane_visible: bool) -> dict[str, Any]:
        shelf, index = self.view.shelf, self.view.shelf.position[entry.excerpt_id]
        is_repeat = entry.why == rounds.REPEAT_LANE
        decided = self._own.get(entry.excerpt_id)
        return {
            "id": entry.excerpt_id,
            "why": entry.why if is_lane_visible or entry.why == "round" else "",
            "about": entry.about if is_lane_visible else "",
            "person": shelf.persons.get(shelf.speakers[index], ""),
            "source": shelf.sources[index],
            "start": str(shelf.excerpts["text"][index].as_py())[:FIRST_WORDS],
            "done": bool(decided and decided.is_complete and not is_repeat and entry.why != "stale"),
        }

    def excerpt(self, excerpt_id: str) -> dict[str, Any]:
        """An excerpt with its context, the coder's own word, and what of the suggestion may be seen. KeyError: no such excerpt."""
        self._refresh()
        shelf, index = self.view.shelf, self.view.shelf.position[excerpt_id]
        row = shelf.row(index)
        before, after = shelf.neighbours(index)
        shows_suggestion = is_visible(Item.SUGGESTION, self.round)
        marks = shelf.marks(index) if shows_suggestion else []
        return {
            "id": excerpt_id,
            "sha": row["text_sha256"],
            "base": self._seen,
            "question": row["question"],
            "before": before,
            "text": row["text"],
            "after": after,
            "marks": [{"start": m.start, "end": m.end, "pattern": m.pattern} for m in marks],
            "place": row["place"],
            "source": row["source_id"],
            "kind": shelf.kinds.get(row["source_id"], ""),
            "turn": row["turn"],
            "language": row["language"],
            "person": shelf.persons.get(row["participant_id"], ""),
            "closed": shelf.closed_answers(row["source_id"]),
            "own": self._own.get(excerpt_id, Own()).as_json(),
            "suggestion": self._suggestion(index) if shows_suggestion else None,
            "why": "",
            "about": "",
            "alike": shelf.alike(index),
            "old": self.view.old_words.get(excerpt_id, ""),
        }

    def _suggestion(self, index: int) -> dict[str, Any]:
        shelf = self.view.shelf
        ids = self.view.codebook.ids
        codings = [row for row in shelf.codings.of(index) if row["criterion"] in ids]
        because = self.view.because(shelf.votes.of(index))
        return {
            "codes": [
                {
                    "code": row["criterion"],
                    "stance": row["stance"],
                    "probability": round(row["probability"], 2),
                    "doubtful": bool(row["doubtful"] and not row["coded"]),
                    "because": because.get(row["criterion"], ""),
                }
                for row in sorted(codings, key=lambda row: (-row["probability"], ids.index(row["criterion"])))
            ],
            "links": [
                {"finding": row["finding_id"], "direction": row["direction"]}
                for row in shelf.links.of(index)
                if row["status"] != "rejected"
            ],
        }

    def source(self, source_id: str, *, around: int) -> dict[str, Any]:
        """The turns of a transcript around one of them."""
        shelf = self.view.shelf
        rows = shelf.turns(source_id, around)
        return {"turns": rows}

    def find(self, query: str, *, is_whole: bool) -> dict[str, Any]:
        """The excerpts that meet a query: how many, of how many persons, the first of them with their words."""
        self._refresh()
        shelf = self.view.shelf
        at = np.flatnonzero(find(query, shelf, self._decided()))
        people = {shelf.speakers[i] for i in at} - {""}
        shown = at if is_whole else at[:HITS]
        hits = [
            {
                "id": shelf.ids[i],
                "person": shelf.persons.get(shelf.speakers[i], ""),
                "source": shelf.sources[i],
                "place": shelf.excerpts["place"][int(i)].as_py(),
                "text": shelf.excerpts["text"][int(i)].as_py(),
            }
            for i in shown
        ]
        entries = [self._entry(QueueEntry(shelf.ids[i], "found"), is_lane_visible=True) for i in at[:QUEUE]]
        return {"count": len(at), "persons": len(people), "hits": hits, "items": entries}

    def _decided(self) -> Decided:
        if not is_visible(Item.OTHERS, self.round):
            return Decided(by_coder={self.coder.casefold(): frozenset(self._own)}, by_status={})
        by_coder: dict[str, set[str]] = {}
        for decision in self._state.coder_decisions:
            by_coder.setdefault(decision.coder.casefold(), set()).add(decision.excerpt_id)
        by_coder.setdefault(self.coder.casefold(), set()).update(self._own)
        by_status: dict[str, set[str]] = {}
        for coding in self._state.codings:
            by_status.setdefault(str(coding.status), set()).add(coding.excerpt_id)
        return Decided(
            by_coder={name: frozenset(ids) for name, ids in by_coder.items()},
            by_status={name: frozenset(ids) for name, ids in by_status.items()},
        )

    def settle(self, answers: Answers) -> dict[str, Any]:
        """Write the answers to the ledger, in one append. Raises Clash, WordsChangedError, RoundClosedError, ConfigError."""
        self._check(answers)
        self._refresh()
        ids = [answers.excerpt_id, *(name for name in answers.also if name != answers.excerpt_id)]
        if self.view.shelf.text_sha256(answers.excerpt_id) != answers.text_sha256:
            raise WordsChangedError
        alike = {answers.excerpt_id, *self.view.shelf.alike(self.view.shelf.position[answers.excerpt_id])}
        if not set(ids) <= alike:
            raise ConfigError(Problem("also", "names excerpts with other words", "settle them one by one"))
        if answers.lane == "round" and self.round is None:
            raise RoundClosedError
        self._check_base(answers)
        drafts = [draft for name in ids for draft in self._drafts(replace(answers, excerpt_id=name))]
        written = self._append(drafts)
        self._settled_since_recall += 1
        return {
            "seq": [d.seq for d in written],
            "base": self._seen,
            "progress": {"recall": self._recall_now_and_then()},
        }

    def _recall_now_and_then(self) -> dict[str, Any] | None:
        """The expected recall after every tenth excerpt: it hardly moves with one, and costs more than a save."""
        if self._settled_since_recall < 10:
            return None
        self._settled_since_recall = 0
        return self._recall()

    def _check(self, answers: Answers) -> None:
        stances = {*map(str, Stance), YES, NO}
        directions = {*map(str, TELLING), NO}
        findings = {finding.id for finding in self.view.findings}
        wrong = [
            *(f"code {c}" for c, v in answers.codes.items() if c not in self.view.codebook.ids or v not in stances),
            *(f"finding {f}" for f, v in answers.links.items() if f not in findings or v not in directions),
        ]
        if wrong:
            raise ConfigError(Problem("answers", f"cannot use {', '.join(wrong)}", "load the page again"))

    def _handout(self, tab: str) -> str:
        return f"page {self.session} {tab}".strip()

    def _check_base(self, answers: Answers) -> None:
        """Raise Clash where the coder decided on the excerpt elsewhere after it was shown here, and differently."""
        later = [
            d
            for d in self._by_excerpt.get(answers.excerpt_id, ())
            if d.coder == self.coder and d.seq > answers.base and d.handout != self._handout(answers.tab)
        ]
        present = self._own.get(answers.excerpt_id, Own())
        is_same = present.as_json()["codes"] == dict(answers.codes) and dict(present.links) == dict(answers.links)
        if later and not is_same:
            text = self.view.shelf.row(self.view.shelf.position[answers.excerpt_id])["text"]
            raise Clash({"theirs": present.as_json(), "base": self._seen, "text": text})

    def _drafts(self, answers: Answers) -> list[Draft]:
        """The lines that the answers become: what changed, and that all codes were gone through."""
        before = self._own.get(answers.excerpt_id, Own())
        blank = Draft(
            DecisionKind.CODE,
            excerpt_id=answers.excerpt_id,
            text_sha256=self.view.shelf.text_sha256(answers.excerpt_id),
            base=self._seen,
            codebook=self.view.codebook.version,
            handout=self._handout(answers.tab),
            shown=self._shown(),
            lane=self._lanes.get(answers.excerpt_id, answers.lane),
            round=self.round.name if self.round else "",
        )
        is_repeat = answers.lane == rounds.REPEAT_LANE
        codes = _changed(before.codes, answers.codes, is_repeat=is_repeat)
        links = _changed(before.links, answers.links, is_repeat=is_repeat)
        drafts = [
            *(code_draft(blank, code, value) for code, value in codes.items()),
            *(link_draft(blank, finding, value) for finding, value in links.items()),
        ]
        if answers.memo != before.memo:
            drafts.append(replace(blank, kind=DecisionKind.MEMO, note=answers.memo))
        if not before.is_complete or is_repeat:
            families = ";".join(self.view.codebook.families)
            ids = tuple(self.view.codebook.ids)
            drafts.append(replace(blank, kind=DecisionKind.REVIEWED, value=families, codes=ids))
        return drafts

    def _shown(self) -> CoderView:
        return self.round.shows if self.round else CoderView.SUGGESTION

    def _append(self, drafts: Sequence[Draft]) -> tuple[Decision, ...]:
        selected = self.view.with_selectors(drafts) if drafts else ()
        written = self.ledger.append(selected, coder=self.coder, now=self.now()) if drafts else ()
        self._refresh()
        return written

    def undo(self, excerpt_id: str) -> dict[str, Any]:
        """Take back the coder's latest answers on an excerpt, those of one settling together."""
        self._refresh()
        lines = [
            d
            for d in without_undone(self._by_excerpt.get(excerpt_id, ()))
            if d.coder == self.coder and d.kind is not DecisionKind.UNDO
        ]
        if lines:
            latest = [d for d in lines if (d.at, d.base) == (lines[-1].at, lines[-1].base)]
            self._append([undo_draft(latest)])
        return {"base": self._seen}

    def later(self, excerpt_id: str) -> dict[str, Any]:
        """Put an excerpt at the end of the coder's queue."""
        sha = self.view.shelf.text_sha256(excerpt_id)
        self._append([Draft(DecisionKind.LATER, excerpt_id=excerpt_id, text_sha256=sha, base=self._seen)])
        return {"base": self._seen}

    def memo(self, *, about: str, id: str, note: str) -> dict[str, Any]:  # noqa: A002 - the page's name
        """Write a memo on a code, a person or a finding."""
        draft = Draft(
            DecisionKind.MEMO,
            criterion=id if about == "code" else "",
            finding_id=id if about == "finding" else "",
            value=id if about == "person" else "",
            note=note,
            base=self._seen,
            handout=self._handout(""),
        )
        self._append([draft])
        return {"base": self._seen}

    def differences(self) -> dict[str, Any]:
        """Where coders differ and nothing is ruled yet; nothing of it while the coder is in a blind round."""
        if not is_visible(Item.OTHERS, self.round):
            return {"items": [], "is_hidden": True}
        if self._seen_by_state != len(self.ledger.refresh()):
            self._take_in()
        return {"items": [self._difference(c) for c in self._conflicts()[:DIFFERENCES]], "is_hidden": False}

    def _conflicts(self) -> list[Any]:
        shelf = self.view.shelf
        return [c for c in conflicts(self._state, ruled=False) if c.excerpt_id in shelf.position]

    def _difference(self, conflict: Any) -> dict[str, Any]:
        row = self.view.shelf.row(self.view.shelf.position[conflict.excerpt_id])
        is_code = conflict.target in self.view.codebook.ids
        memos = {d.coder: d.note for d in self._state.memos if d.excerpt_id == conflict.excerpt_id}
        return {
            "id": conflict.excerpt_id,
            "sha": row["text_sha256"],
            "target": conflict.target,
            "text": row["text"],
            "question": row["question"],
            "definition": self.view.codebook[conflict.target].text("definition", self.view.language) if is_code else "",
            "sides": [{"coder": d.coder, "value": word(d), "memo": memos.get(d.coder, "")} for d in conflict.decisions],
            "agreement": self._agreement(conflict.target) if is_code else None,
        }

    def _agreement(self, code: str) -> dict[str, Any] | None:
        """The figures on a code, counted once for each state of the ledger."""
        if code not in self._agreements:
            self._agreements[code] = self.view.agreement(self._state, code)
        return self._agreements[code]

    def rule(self, *, excerpt_id: str, text_sha256: str, target: str, value: str, note: str) -> dict[str, Any]:
        """Write a ruling; ConfigError where it goes against most coders and says no reason."""
        self._refresh()
        if self.view.shelf.text_sha256(excerpt_id) != text_sha256:
            raise WordsChangedError
        is_code = target in self.view.codebook.ids
        allowed = {*map(str, Stance), YES, NO} if is_code else {*map(str, Direction), NO}
        if value not in allowed or not (is_code or target in {f.id for f in self.view.findings}):
            raise ConfigError(Problem("ruling", "is not one of the words", f"use {', '.join(sorted(allowed))}"))
        sides = [word(d) for d in self._state.coder_decisions if (d.excerpt_id, d.target) == (excerpt_id, target)]
        if 2 * sides.count(value) < len(sides) and not note.strip():
            raise ConfigError(Problem("ruling", "goes against most coders", "say why"))
        ruled = value if value in (YES, NO) else f"yes:{value}"
        draft = Draft(
            DecisionKind.ADJUDICATE,
            excerpt_id=excerpt_id,
            text_sha256=text_sha256,
            criterion=target if is_code else "",
            finding_id="" if is_code else target,
            value=ruled,
            note=note.strip(),
            base=self._seen,
            codebook=self.view.codebook.version,
            handout=self._handout(""),
            shown=CoderView.OTHERS,
        )
        return {"seq": [d.seq for d in self._append([draft])]}

    def start_round(self, order: RoundOrder) -> dict[str, Any]:
        """Start a round of excerpts drawn by chance. ConfigError where a coder of it is in another, or it cannot be drawn."""
        self._refresh()
        shelf = self.view.shelf
        busy = [name for name in order.coders if rounds.open_round(self._rounds, name)]
        if busy or order.name in self._rounds:
            what = f"{', '.join(busy)} is in an open round" if busy else "there is a round of this name"
            raise ConfigError(Problem("round", what, "close it first" if busy else "choose another name"))
        respondents = [shelf.ids[i] for i in np.flatnonzero(shelf.is_respondent)]
        draft = rounds.start_draft(
            order.name,
            coders=order.coders,
            shows=CoderView(order.shows),
            size=order.size,
            respondents=respondents,
            seed=self.view.seed,
        )
        self._append([draft])
        return {"round": order.name}

    def close_round(self, name: str) -> dict[str, Any]:
        """Close a round: from then on everything of it can be seen. ConfigError where it is not open."""
        self._refresh()
        if name not in self._rounds or not self._rounds[name].is_open:
            raise ConfigError(Problem("round", "is not open", "load the page again"))
        self._append([rounds.close_draft(name)])
        return {"round": name}


def _grouped(decisions: Iterable[CoderDecision]) -> dict[str, list[CoderDecision]]:
    groups: dict[str, list[CoderDecision]] = {}
    for decision in decisions:
        groups.setdefault(decision.excerpt_id, []).append(decision)
    return groups


def _changed(before: Mapping[str, str], now: Mapping[str, str], *, is_repeat: bool) -> dict[str, str]:
    """The answers that differ from those before, all of them in a second look; a yes that was taken away is a no."""
    answered = {name: value for name, value in now.items() if is_repeat or before.get(name) != value}
    removed = {name: NO for name, value in before.items() if name not in now and value != NO}
    return {**answered, **removed}
