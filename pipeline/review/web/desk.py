"""One coder's desk: every request of the review page, answered. No HTTP here, and no file but the ledger.

What a coder may see in a round is decided by `rounds.is_visible` alone; what their answers decide, by `review.returned`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from pipeline.errors import ConfigError, Problem, UserError
from pipeline.records import Decision, Draft
from pipeline.review.decisions import Ledger
from pipeline.review.handouts import Handout
from pipeline.review.undo import undo_draft
from pipeline.review.web import rounds
from pipeline.review.web.answering import Answers, drafts_of, span_drafts, words_of_ledger
from pipeline.review.web.cards import card, study_card, turn_card
from pipeline.review.web.coder_queue import QUEUE, QueueEntry, entry_card, in_order_of_speech, queue_of, settled_on
from pipeline.review.web.differences import differences, ruling
from pipeline.review.web.ledger_view import LedgerView, word_keys_of
from pipeline.review.web.ranked import RankedSuggestions
from pipeline.review.web.refusals import refused
from pipeline.review.web.rounds import Item, Round, is_visible
from pipeline.review.web.study_view import Figures, StudyView
from pipeline.vocabulary import CoderView, DecisionKind, Lane, RefusalKind
from pipeline.wording.messages import message

STOP_AT = 0.9  # a review may stop where the lower end of the expected recall is at least this
BETWEEN_ESTIMATES = 10  # excerpts: the expected recall hardly moves with one, and costs more than a save
AHEAD = 3  # excerpts that come with the first answer, so that the page has something to show

Json = dict[str, Any]


class WordsChangedError(Exception):
    """The words that were decided on are not those of the excerpt now."""


class RoundClosedError(Exception):
    """The round in which the excerpt was shown is closed."""


@dataclass(frozen=True, slots=True)
class RoundOrder:
    """A round to be started."""

    name: str
    coders: tuple[str, ...]
    size: int
    shows: str
    ends: str = ""  # ISO date of the last day


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
        self.session, self.now, self.texts = session, now, texts
        self.study = load()
        self.ledger = LedgerView(ledger, coder, self.study, today=self._today)
        self._edition = self.study.edition()
        self._ranked = RankedSuggestions()
        self._settled_since_estimate = 0
        self._started_at, self._start = ("", -1, "", ""), Json()
        self._forget_counts()

    def _forget_counts(self) -> None:
        self.choices = words_of_ledger(self.study.form, self.study.language)
        self._lanes: dict[str, str] = {}
        self._agreements: dict[str, Figures | None] = {}
        self._counted_at = self.ledger.seen

    # ---- what is shown

    def start(self) -> Json:
        """All that the page needs to show its first excerpt, in one answer; made once for each state of ledger and codebook."""
        self.catch_up()
        state = (self.study.run, self.ledger.seen, self._today(), self._edition)
        if self._started_at != state:
            self._started_at, self._start = state, self._first_answer()
        return self._start

    def _first_answer(self) -> Json:
        queue = self.queue()
        settled = self._settled_today(queue)
        items = settled + queue[: max(AHEAD, QUEUE - len(settled))]  # a page loaded again has as much before it
        first = next((at for at, item in enumerate(items) if not item["done"]), 0)
        return {
            "study": {**study_card(self.study, self.ledger), "texts": self.texts, **self._progress()},
            "items": items,
            "excerpts": [self.excerpt(item["id"]) for item in items[first : first + AHEAD]],
        }

    def _settled_today(self, queue: Sequence[Json]) -> list[Json]:
        """What the coder settled today and the queue does not have: a page that is loaded again shows what is done."""
        if self.ledger.round:
            return []
        waiting = {item["id"] for item in queue}
        settled = settled_on(self._today(), self.ledger)
        return self._entry_cards([entry for entry in settled if entry.excerpt_id not in waiting])

    def _entry_cards(self, entries: Sequence[QueueEntry]) -> list[Json]:
        return [entry_card(entry, self.study, self.ledger) for entry in entries]

    def _today(self) -> str:
        return self.now().date().isoformat()

    def _progress(self) -> Json:
        current = self.ledger.round
        return {
            "round": self._round_as_json(current) if current else None,
            "recall": self._recall(),
            **self.counts(),
        }

    def counts(self) -> Json:
        """What each settled excerpt changes."""
        return {
            "settled": self.ledger.settled(self._today()),
            "ranking": self._ranked.figures(self.study, self.ledger),
        }

    def _round_as_json(self, current: Round) -> Json:
        done = sum(self.ledger.own_on(name).is_settled for name in current.ids)
        return {
            "name": current.name,
            "shows": str(current.shows),
            "ends": current.ends,
            "total": len(current.ids),
            "done": done,
            "coders": self.ledger.done_in(current),
        }

    def _recall(self) -> Json | None:
        if not is_visible(Item.COUNTS, self.ledger.round):
            return None
        estimate = self.study.recall(self.study.shelf.of_ids(self.ledger.own))
        if math.isnan(estimate.value):
            return None
        percent = {name: round(100 * getattr(estimate, name)) for name in ("value", "low", "high")}
        return {**percent, "may_stop": estimate.low >= STOP_AT}

    def check_rounds(self, excerpt_id: str) -> None:
        """Refuse to change what coders of an open round compare."""
        for current in self.ledger.rounds.values():
            if current.is_open and excerpt_id in current.ids:
                what, remedy = f"is in the open round {current.name}", "close the round first"
                raise refused(RefusalKind.BOUNDS_IN_ROUND, excerpt_id, what, remedy, name=current.name)

    def catch_up(self) -> None:
        """Take in new lines of the ledger and, where its file is another one, the codebook."""
        edition = self.study.edition()
        if edition == self._edition:
            self.ledger.refresh()
            return
        self._edition = edition
        try:
            self.study = self.study.with_codebook()
        except UserError:
            self.ledger.refresh()  # a file that cannot be read, as while somebody edits it: the codes stay as they were
            return
        self.ledger.read_again(self.study)
        self._forget_counts()

    def versions(self) -> Json:
        """What changes with each run, and with each change of the codebook and of the theory of change."""
        run = self.look_for_new_run()
        self.catch_up()
        return {"run": run, "codebook": self.study.form.codebook.version, "theory": self.study.theory.version}

    def codes(self) -> Json:
        """The codes and findings, for a page that was loaded before the codebook changed."""
        self.catch_up()
        return study_card(self.study, self.ledger)

    def look_for_new_run(self) -> str:
        """What changes with each run; the tables are read again where there was one."""
        if self._is_changed(self.study.run) or self.ledger.bounds_changed:
            self._read_tables_again()
        return self.run

    @property
    def run(self) -> str:
        """What changes with each run, and with each cut or join."""
        return f"{self.study.run} {self.ledger.last_bounds}"

    def _read_tables_again(self) -> None:
        self.study = self._load()
        self._edition = self.study.edition()
        self.ledger.read_again(self.study)
        self._forget_counts()

    def queue(self, *, is_in_order: bool = False) -> list[Json]:
        """The excerpts to review, the most useful first, or in the order of speech, which a round does not have."""
        self.catch_up()
        if is_in_order and not self.ledger.round:
            return self._entry_cards(in_order_of_speech(self.study, self.ledger))
        entries = queue_of(self.study, self.ledger)
        settled = settled_on(self._today(), self.ledger)
        self._lanes = {entry.excerpt_id: entry.lane or entry.why for entry in [*settled, *entries]}
        return self._entry_cards(entries)

    def _is_second_look(self, excerpt_id: str) -> bool:
        return self._lanes.get(excerpt_id) == Lane.SECOND_LOOK and excerpt_id in self.ledger.second_looks()

    def excerpt(self, excerpt_id: str) -> Json:
        """An excerpt with its context, the coder's own answers, and what may be seen of the suggestion. KeyError: unknown."""
        self.catch_up()
        return card(self.study, self.ledger, excerpt_id, is_second_look=self._is_second_look(excerpt_id))

    def source(self, source_id: str, *, around: int) -> Json:
        """The turns of a transcript around one of them."""
        return {"turns": [turn_card(self.study, source_id, row) for row in self.study.shelf.turns(source_id, around)]}

    def differences(self) -> Json:
        """Where coders differ and nothing is ruled yet; nothing while the coder is in a blind round."""
        if not is_visible(Item.OTHERS, self.ledger.round):
            return {"items": [], "second_looks": None, "is_hidden": True}
        return {
            "items": differences(self.study, self.ledger),
            "second_looks": self.study.second_looks(self.ledger.ledger.decisions, self.ledger.coder),
            "is_hidden": False,
        }

    def agreement(self, code: str) -> Json:
        """How far coders agree on a code, counted once for each state of the ledger; nothing in a blind round."""
        if not is_visible(Item.AGREEMENT, self.ledger.round) or code not in self.study.form.codebook.ids:
            return {"agreement": None}
        state = self.ledger.whole_state()
        if self._counted_at != self.ledger.seen:
            self._agreements, self._counted_at = {}, self.ledger.seen
        if code not in self._agreements:
            self._agreements[code] = self.study.agreement(state, code)
        return {"agreement": self._agreements[code]}

    # ---- what is decided

    def settle(self, answers: Answers) -> Json:
        """Write the answers to the ledger, in one append. Raises Clash, WordsChangedError, RoundClosedError, ConfigError."""
        self.catch_up()
        if self.study.shelf.text_sha256(answers.excerpt_id) != answers.text_sha256:
            raise WordsChangedError
        if answers.lane == Lane.ROUND and self.ledger.round is None:
            raise RoundClosedError
        drafts: list[Draft] = []
        problems: list[Problem] = []
        for name in self._settled_together(answers):
            sha = self.study.shelf.text_sha256(name)
            result = self._decide(replace(answers, excerpt_id=name, text_sha256=sha))
            drafts += [replace(draft, **self._shown_in(name, answers.lane)) for draft in result.drafts]
            problems += result.problems
        shown_in = self._shown_in(answers.excerpt_id, answers.lane)
        shown_here = partial(replace, lane=shown_in["lane"], round=shown_in["round"])
        marks = self._mark(answers)
        drafts += [shown_here(each) if each.excerpt_id == answers.excerpt_id else each for each in marks]
        if not drafts and answers.excerpt_id in self.ledger.unconfirmed:
            what, remedy = "decides nothing of what waits here", "choose an answer"
            raise refused(RefusalKind.NOTHING_CONFIRMED, answers.excerpt_id, what, remedy)
        written = self.ledger.append(drafts, now=self.now())
        return {
            "seq": [line.seq for line in written],
            "base": self.ledger.seen,
            "problems": [f"{problem.what}: {problem.remedy}" for problem in problems],
            "recall": self._estimate_now_and_then(),
            **self.counts(),
        }

    def _decide(self, answers: Answers) -> Any:
        is_second_look = self._is_second_look(answers.excerpt_id)
        handout = self._handout_of(answers, is_second_look=is_second_look)
        return drafts_of(answers, handout, self.ledger, self.choices, is_second_look=is_second_look)

    def _mark(self, answers: Answers) -> Sequence[Draft]:
        is_second_look = self._is_second_look(answers.excerpt_id)
        handout = self._handout_of(answers, is_second_look=is_second_look)
        return span_drafts(answers, handout, self.ledger, is_second_look=is_second_look)

    def _handout_of(self, answers: Answers, *, is_second_look: bool) -> Handout:
        return self._handout(answers.tab, shown=CoderView.BLIND if is_second_look else self._shown())

    def _shown_in(self, excerpt_id: str, lane: str) -> dict[str, str]:
        """Why an excerpt was shown, and in which round, as the ledger has it."""
        return {
            "lane": self._lanes.get(excerpt_id, lane),
            "round": self.ledger.round.name if self.ledger.round else "",
        }

    def _settled_together(self, answers: Answers) -> list[str]:
        alike = self.study.shelf.alike(self.study.shelf.position[answers.excerpt_id]) if answers.also else []
        if not set(answers.also) <= {answers.excerpt_id, *alike}:
            raise ConfigError(
                Problem(
                    "also",
                    message("review/names_excerpts_with_other_words"),
                    message("review/decide_on_them_one_by_one"),
                )
            )
        return list(dict.fromkeys([answers.excerpt_id, *answers.also]))

    def _estimate_now_and_then(self) -> Json | None:
        self._settled_since_estimate += 1
        if self._settled_since_estimate < BETWEEN_ESTIMATES:
            return None
        self._settled_since_estimate = 0
        return self._recall()

    def _handout(self, tab: str, *, shown: CoderView | None) -> Handout:
        """What this tab hands out: the page's counterpart of a workbook."""
        return Handout(
            key=f"page {self.session} {tab}".strip(),
            study=self.ledger.ledger.study,
            coder=self.ledger.coder,
            base=self.ledger.seen,
            codebook=self.study.form.codebook.version,
            shown=shown,
        )

    def _shown(self) -> CoderView:
        return self.ledger.round.shows if self.ledger.round else CoderView.SUGGESTION

    def undo(self, excerpt_id: str) -> Json:
        """Take back the coder's latest answers on an excerpt, those of one settling together; how many lines those were."""
        self.catch_up()
        latest = self.ledger.latest_settling(excerpt_id)
        if latest:
            self.ledger.append([undo_draft(latest)], now=self.now())
        return {"base": self.ledger.seen, "undone": len(latest), **self.counts()}

    def redo(self, excerpt_id: str) -> Json:
        """Put back what the coder last took back on an excerpt; how many lines. None if they have decided since."""
        self.catch_up()
        latest = self.ledger.latest_undo(excerpt_id)
        if latest:
            self.ledger.append([undo_draft(latest)], now=self.now())
        count = sum(len(line.value.split(";")) for line in latest)
        return {"base": self.ledger.seen, "redone": count, **self.counts()}

    def write_bounds(self, draft: Draft, *, handout: str) -> Decision:
        """Write a cut, a join or the taking back of one, and read the tables again with the bounds that it gives."""
        draft = replace(draft, base=self.ledger.seen, handout=handout)
        (written,) = self.ledger.append([draft], now=self.now())
        self._read_tables_again()
        return written

    def handout_key(self, tab: str) -> str:
        """The name of what a tab of the browser hands out."""
        return self._handout(tab, shown=None).key

    def later(self, excerpt_id: str) -> Json:
        """Put an excerpt at the end of the coder's queue."""
        sha = self.study.shelf.text_sha256(excerpt_id)
        draft = Draft(DecisionKind.LATER, excerpt_id=excerpt_id, text_sha256=sha, base=self.ledger.seen)
        self.ledger.append([draft], now=self.now())
        return {"base": self.ledger.seen}

    def memo(self, *, about: str, id: str, note: str) -> Json:  # noqa: A002 - the page's name
        """Write a memo on a code, a person or a finding."""
        draft = Draft(
            DecisionKind.MEMO,
            criterion=id if about == "code" else "",
            finding_id=id if about == "finding" else "",
            value=id if about == "person" else "",
            note=note,
            base=self.ledger.seen,
            handout=self._handout("", shown=None).key,
        )
        self.ledger.append([draft], now=self.now())
        return {"base": self.ledger.seen}

    def rule(self, *, excerpt_id: str, text_sha256: str, target: str, value: str, note: str) -> Json:
        """Write a ruling; ConfigError if it goes against most coders without a reason."""
        self.catch_up()
        if self.study.shelf.text_sha256(excerpt_id) != text_sha256:
            raise WordsChangedError
        cells = {
            "excerpt_id": excerpt_id,
            "text_sha256": text_sha256,
            "target": target,
            "ruling": value,
            "why": note.strip(),
        }
        drafts = ruling(cells, self._handout("", shown=CoderView.OTHERS), self.ledger, self.choices)
        return {"seq": [line.seq for line in self.ledger.append(drafts, now=self.now())]}

    # ---- rounds

    def start_round(self, order: RoundOrder) -> Json:
        """Start a round of excerpts drawn at random. ConfigError if a coder of it is in another, or it cannot be drawn."""
        self.catch_up()
        if order.ends and order.ends < self._today():
            raise refused(RefusalKind.ROUND_OVER, "round", "would end before today", "choose a later day")
        open_rounds = {name: rounds.open_round(self.ledger.rounds, name, today=self._today()) for name in order.coders}
        busy = [name for name, current in open_rounds.items() if current]
        if busy:
            names = ", ".join(busy)
            what = message("review/is_in_an_open_round", names=names)
            raise refused(RefusalKind.ROUND_BUSY, "round", what, "close it first", names=names)
        if order.name in self.ledger.rounds:
            what = message("review/there_is_already_a_round")
            raise refused(RefusalKind.ROUND_NAME_TAKEN, "round", what, "choose another name")
        draft = rounds.start_draft(
            order.name,
            coders=order.coders,
            shows=CoderView(order.shows),
            size=order.size,
            respondents=self.study.ranking.by_chance,
            seed=self.study.seed,
            ends=order.ends,
        )
        draft = rounds.with_words(draft, word_keys_of(self.study.shelf, self.study.ranking.by_chance))
        self.ledger.append([draft], now=self.now())
        return {"round": order.name}

    def close_round(self, name: str) -> Json:
        """Close a round: from then on everything of it can be seen. ConfigError if it is not open."""
        self.catch_up()
        if name not in self.ledger.rounds or not self.ledger.rounds[name].is_open:
            raise refused(RefusalKind.ROUND_NOT_OPEN, "round", "is not open", "load the page again")
        self.ledger.append([rounds.close_draft(name)], now=self.now())
        return {"round": name}
