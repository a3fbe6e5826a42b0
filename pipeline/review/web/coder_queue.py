"""Which excerpts the page hands to a coder, in which order, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.review.queue import build_queue
from pipeline.review.web import rounds
from pipeline.review.web.ledger_view import LedgerView
from pipeline.review.web.rounds import Item, Round, is_visible
from pipeline.review.web.shelf import Shelf
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import Lane

QUEUE = 500  # excerpts handed out at a time
FIRST_WORDS = 60  # characters of an excerpt in the queue
OWN_REASONS = (Lane.STALE, Lane.RANDOM, Lane.FOUND)  # they do not reveal what the machine or others think
BETWEEN_SECOND_LOOKS = 10  # other excerpts before the first and between two that come back


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """An excerpt to review, why, and what it is about (a code or finding)."""

    excerpt_id: str
    why: str
    about: str = ""
    lane: str = ""  # as the ledger has it: of a random draw with the fraction drawn


def queue_of(study: StudyView, ledger: LedgerView) -> list[QueueEntry]:
    """The excerpts of the open round; otherwise the study's queue for the coder, with second looks among them."""
    if ledger.round:
        return list(_of_round(ledger.round, ledger.coder, study.shelf))
    entries = list(_by_need(study, ledger))
    put_off = ledger.put_off()
    entries.sort(key=lambda entry: entry.excerpt_id in put_off)
    return _with_second_looks(entries, ledger.second_looks())


def in_order_of_speech(study: StudyView, ledger: LedgerView) -> list[QueueEntry]:
    """Interview after interview in reading order, decided excerpts too, from the first source in which some wait for the coder."""
    shelf = study.shelf
    places = sorted(shelf.position[name] for name in study.ranking.by_chance)
    waiting = (at for at in places if not ledger.own_on(shelf.ids[at]).is_settled)
    first = shelf.sources.codes[next(waiting, places[0])] if places else 0
    begin = next((n for n, at in enumerate(places) if shelf.sources.codes[at] == first), 0)
    return [QueueEntry(shelf.ids[at], "") for at in places[begin : begin + QUEUE]]


def _of_round(current: Round, coder: str, shelf: Shelf) -> Iterator[QueueEntry]:
    there = [name for name in current.ids if name in shelf.position]
    lane = f"{Lane.RANDOM} {len(current.ids)}/{current.drawn_from}" if current.drawn_from else Lane.ROUND
    for name in rounds.order_of(there, current, coder):
        yield QueueEntry(name, Lane.ROUND, lane=lane)


def settled_on(day: str, ledger: LedgerView) -> list[QueueEntry]:
    """What the coder settled on a day (ISO date), in that order; the ledger keeps the lane in which it was shown."""
    there = ledger.study.shelf.position
    of_day = {name: own.latest for name, own in ledger.own.items() if own.is_settled_on(day) and name in there}
    lines = {name: line for name, line in of_day.items() if line}
    return [QueueEntry(name, "", lane=lines[name].lane) for name in sorted(lines, key=lambda name: lines[name].seq)]


def _by_need(study: StudyView, ledger: LedgerView) -> Iterator[QueueEntry]:
    """The excerpts that the coder has not decided, best first: those of a workbook of this size."""
    done = {name for name, own in ledger.own.items() if own.is_settled} - ledger.unconfirmed.keys()
    decided = {*done, *ledger.decided_by_others}
    sample = build_queue(study.ranking, done=done, decided=decided, size=QUEUE, chance_share=study.chance_share)
    for name, lane in sample.lanes.items():
        fraction = f" {sample.drawn}/{sample.drawn_from}" if lane is Lane.RANDOM else ""
        yield QueueEntry(name, str(lane), study.about.get(name, ""), f"{lane}{fraction}")


def _with_second_looks(entries: Sequence[QueueEntry], again: Sequence[str]) -> list[QueueEntry]:
    """The queue with an excerpt that comes back after every few others; it looks like one drawn at random."""
    mixed: list[QueueEntry] = []
    waiting = [QueueEntry(name, Lane.SECOND_LOOK) for name in again]
    names = set(again)
    for place, entry in enumerate((entry for entry in entries if entry.excerpt_id not in names), 1):
        mixed.append(entry)
        if waiting and place % BETWEEN_SECOND_LOOKS == 0:
            mixed.append(waiting.pop(0))
    return [*mixed, *waiting][:QUEUE]


def entry_card(entry: QueueEntry, study: StudyView, ledger: LedgerView) -> dict[str, Any]:
    """An entry of the queue as JSON; why it is there only where it may be seen."""
    shelf, index = study.shelf, study.shelf.position[entry.excerpt_id]
    is_second_look = entry.why == Lane.SECOND_LOOK
    is_others = entry.excerpt_id in ledger.decided_by_others and entry.why not in OWN_REASONS
    shows_lane = is_visible(Item.LANE, ledger.round, is_second_look=is_second_look, is_decided_by_others=is_others)
    is_done = ledger.own_on(entry.excerpt_id).is_settled and not is_second_look and entry.why != Lane.STALE
    is_done = is_done and entry.excerpt_id not in ledger.unconfirmed
    return {
        "id": entry.excerpt_id,
        "why": entry.why if shows_lane or entry.why == Lane.ROUND else "",
        "about": entry.about if shows_lane else "",
        "person": shelf.persons[index],
        "source": shelf.sources[index],
        "start": shelf.cell("text", index)[:FIRST_WORDS],
        **shelf.place_in_source(index),
        "done": is_done,
    }
