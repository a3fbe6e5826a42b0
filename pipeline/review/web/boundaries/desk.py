"""Excerpts that a coder cuts or joins on the page: written to the ledger, and shown in their new bounds at once."""

from __future__ import annotations

from typing import Any

from pipeline.records import Draft
from pipeline.review.boundaries.drafting import Stretch, cut_draft, join_draft, nearest_gap
from pipeline.review.boundaries.standing import Standing, standings
from pipeline.review.identity import bounds_of, overlap
from pipeline.review.undo import undo_draft, undo_lines_that_hold
from pipeline.review.web.coder_queue import QueueEntry, entry_card
from pipeline.review.web.desk import Desk, WordsChangedError
from pipeline.review.web.refusals import refused
from pipeline.vocabulary import Lane, RefusalKind

Json = dict[str, Any]


class BoundariesDesk:
    """The part of a coder's desk that changes the bounds of excerpts."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def cut(self, excerpt_id: str, text_sha256: str, *, at: int, tab: str) -> Json:
        """Cut an excerpt at the gap between words nearest to a place, counted in characters from its start."""
        excerpt = self._excerpt(excerpt_id, text_sha256)
        if not 0 < at < len(excerpt.text):
            remedy = "choose a place between two words"
            raise refused(RefusalKind.CUT_AT_EDGE, excerpt_id, "would leave one part empty", remedy)
        gap = nearest_gap(excerpt.text, at)
        if gap is None:
            remedy = "cut a longer excerpt"
            raise refused(RefusalKind.CUT_WITHOUT_PLACE, excerpt_id, "has no space between words to cut at", remedy)
        return {**self._write(cut_draft(excerpt, gap), tab), "is_moved": not gap.holds(at)}

    def join(self, excerpt_id: str, text_sha256: str, *, tab: str) -> Json:
        """Join an excerpt with the next one of the same turn."""
        shelf = self.desk.study.shelf
        first = self._excerpt(excerpt_id, text_sha256)
        index = shelf.position[excerpt_id]
        if not shelf.is_followed_in_turn(index):
            remedy = "join excerpts of one turn only"
            raise refused(RefusalKind.JOIN_OTHER_TURN, excerpt_id, "is the last excerpt of its turn", remedy)
        second = self._stretch(shelf.ids[index + 1])
        self.desk.check_rounds(shelf.ids[index + 1])
        between = shelf.words_between(first.source_id, first.end, second.start)
        return self._write(join_draft(first, second, between), tab)

    def take_back(self, line: int) -> Json:
        """Take back a cut or a join, as its own coder."""
        standing = self._standing(line, holds=True)
        return self._changed(undo_draft([standing.line]), standing)

    def put_back(self, line: int) -> Json:
        """Do a cut or a join again that its coder took back."""
        standing = self._standing(line, holds=False)
        names = {standing.line.hash, standing.line.origin} - {""}
        undos = [
            undo
            for undo in undo_lines_that_hold(self.desk.ledger.ledger.decisions)
            if undo.coder == self.desk.ledger.coder and not names.isdisjoint(undo.value.split(";"))
        ]
        return self._changed(undo_draft(undos[-1:]), standing)

    def _standing(self, line: int, *, holds: bool) -> Standing:
        """A cut or join of the coder that holds, or was taken back, and whose excerpts are still as it left them."""
        self.desk.catch_up()
        decisions = self.desk.ledger.ledger.decisions
        shelf = self.desk.study.shelf
        for standing in standings(decisions):
            is_own = standing.line.seq == line and standing.line.coder == self.desk.ledger.coder
            if is_own and standing.is_holding is holds:
                if any(name not in shelf.position for name in self._names(standing)):
                    break
                for name in self._names(standing):
                    self.desk.check_rounds(name)
                return standing
        what, remedy = "was cut or joined again since", "take that back first"
        raise refused(RefusalKind.BOUNDS_CHANGED_SINCE, f"line {line}", what, remedy)

    def _names(self, standing: Standing) -> list[str]:
        """The ids of the excerpts that stand by a cut or a join, as its coder took them."""
        return [passage.excerpt_id for passage in standing.passages]

    def _excerpt(self, excerpt_id: str, text_sha256: str) -> Stretch:
        self.desk.catch_up()
        if self.desk.study.shelf.text_sha256(excerpt_id) != text_sha256:
            raise WordsChangedError
        self.desk.check_rounds(excerpt_id)
        return self._stretch(excerpt_id)

    def _stretch(self, excerpt_id: str) -> Stretch:
        shelf = self.desk.study.shelf
        row = shelf.row(shelf.position[excerpt_id])
        return Stretch(str(row["source_id"]), int(row["start"]), str(row["text"]))

    def _write(self, draft: Draft, tab: str) -> Json:
        return self._append(draft, draft.excerpt_id, handout=self.desk.handout_key(tab))

    def _changed(self, draft: Draft, standing: Standing) -> Json:
        return {**self._append(draft, standing.whole.excerpt_id, handout=""), "line": standing.line.seq}

    def _append(self, draft: Draft, whole: str, *, handout: str) -> Json:
        """Write a line, and show the excerpts that are now where the whole is, in place of those that were there."""
        before = self._within(whole)
        written = self.desk.write_bounds(draft, handout=handout)
        now = self._within(whole)
        return {
            "line": written.seq,
            "base": self.desk.ledger.seen,
            "run": self.desk.run,
            "gone": [name for name in before if name not in now],
            "items": [self._card(name) for name in now],
            **self.desk.counts(),
        }

    def _card(self, name: str) -> Json:
        waits = name in self.desk.ledger.unconfirmed
        entry = QueueEntry(name, str(Lane.STALE) if waits else "")
        return entry_card(entry, self.desk.study, self.desk.ledger)

    def _within(self, whole: str) -> list[str]:
        """The excerpts that share words with a stretch of a source, in order."""
        bounds, source = bounds_of(whole), whole.rpartition(":")[0]
        return [name for name in self.desk.study.shelf.ids_of_source(source) if overlap(bounds_of(name), bounds)]
