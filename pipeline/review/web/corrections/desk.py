"""Words and speakers that a coder corrects on the page: written to coded/corrections.csv, applied by the next run."""

from __future__ import annotations

from typing import Any

from pipeline.review.web.cards import shown_corrections
from pipeline.review.web.corrections.orders import CorrectionOrder
from pipeline.review.web.desk import Desk
from pipeline.vocabulary import Role

Json = dict[str, Any]


class CorrectionsDesk:
    """The part of a coder's desk that corrects the transcript."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def speakers(self, excerpt_id: str) -> list[Json]:
        """Who speaks in the source of an excerpt, whose turn it is first: the first turn, the role and the person's code."""
        shelf = self.desk.study.shelf
        row = shelf.row(shelf.position[excerpt_id])
        if shelf.kinds.get(row["source_id"], "") != "interview":
            return []
        first: dict[tuple[str, str, str], Json] = {}
        for turn in shelf.all_turns(row["source_id"]):
            who = (turn["speaker"], turn["participant_id"], turn["role"])
            person = shelf.person_codes.get(turn["participant_id"], "")
            label = turn["speaker"] if turn["speaker"].startswith("[") or not person else ""
            first.setdefault(
                who, {"turn": turn["turn"], "role": turn["role"], "who": person or label, "is_here": False}
            )
            first[who]["is_here"] |= turn["turn"] == row["turn"]
        speakers = sorted(first.values(), key=lambda each: not each["is_here"])
        if all(each["role"] != Role.INTERVIEWER for each in speakers):
            speakers.append({"turn": 0, "role": str(Role.INTERVIEWER), "who": "", "is_here": False})
        return speakers

    def correct(self, order: CorrectionOrder) -> Json:
        """Write a correction. ConfigError, in both languages, says why it is refused."""
        self.desk.check_change(order.excerpt_id, order.text_sha256)
        self.desk.study.corrector.correct(order, self.desk.ledger.coder)
        return self._shown(order.excerpt_id)

    def withdraw(self, excerpt_id: str, key: str) -> Json:
        """Withdraw a correction, of whoever it is: the file says who did."""
        self.desk.study.corrector.withdraw(key, self.desk.ledger.coder)
        return self._shown(excerpt_id)

    def _shown(self, excerpt_id: str) -> Json:
        shelf = self.desk.study.shelf
        row = shelf.row(shelf.position[excerpt_id])
        return {"corrections": shown_corrections(self.desk.study, row)}
