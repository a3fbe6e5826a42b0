"""Words and speakers that a coder corrects on the page: written to coded/corrections.csv, applied by the next run."""

from __future__ import annotations

from typing import Any

from pipeline.errors import ConfigError, Problem
from pipeline.review.web.cards import shown_corrections
from pipeline.review.web.corrections.correctable import Correctable, correctable_of, excerpts_of
from pipeline.review.web.corrections.orders import CorrectionOrder, Withdrawal
from pipeline.review.web.desk import Desk, WordsChangedError
from pipeline.vocabulary import Kind, Role
from pipeline.wording.messages import message

Json = dict[str, Any]


class CorrectionsDesk:
    """The part of a coder's desk that corrects the transcript."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def speakers(self, passage_id: str) -> list[Json]:
        """Who speaks in the source of an excerpt or turn, its own speaker first: the first turn, the role and the person's code."""
        shelf, passage = self.desk.study.shelf, self._passage(passage_id)
        if shelf.kinds.get(passage.source_id, "") != Kind.INTERVIEW:
            return []
        first: dict[tuple[str, str, str], Json] = {}
        for turn in shelf.all_turns(passage.source_id):
            who = (turn["speaker"], turn["participant_id"], turn["role"])
            person = shelf.person_codes.get(turn["participant_id"], "")
            label = turn["speaker"] if turn["speaker"].startswith("[") or not person else ""
            first.setdefault(
                who, {"turn": turn["turn"], "role": turn["role"], "who": person or label, "is_here": False}
            )
            first[who]["is_here"] |= turn["turn"] == passage.turn
        speakers = sorted(first.values(), key=lambda each: not each["is_here"])
        if all(each["role"] != Role.INTERVIEWER for each in speakers):
            speakers.append({"turn": 0, "role": str(Role.INTERVIEWER), "who": "", "is_here": False})
        return speakers

    def correct(self, order: CorrectionOrder) -> Json:
        """Write a correction. ConfigError, in both languages, says why it is refused."""
        self.desk.catch_up()
        shelf = self.desk.study.shelf
        passage = correctable_of(shelf, order.passage_id)
        if passage is None or passage.text_sha256 != order.text_sha256:
            raise WordsChangedError
        is_of_excerpt = order.speaker_of is None and order.passage_id in shelf.position
        for excerpt_id in [order.passage_id] if is_of_excerpt else excerpts_of(shelf, passage):
            self.desk.check_rounds(excerpt_id)
        if passage.is_withheld:
            what, remedy = message("review/words_are_withheld"), message("review/nobody_may_read_them")
            raise ConfigError(Problem(order.passage_id, what, remedy))
        self.desk.study.corrector.correct(order, self.desk.ledger.coder)
        return self._shown(order.passage_id)

    def withdraw(self, passage_id: str, withdrawal: Withdrawal) -> Json:
        """Withdraw a correction, whoever made it: the file says who withdrew it."""
        self.desk.study.corrector.withdraw(withdrawal, self.desk.ledger.coder)
        return self._shown(passage_id)

    def _passage(self, passage_id: str) -> Correctable:
        passage = correctable_of(self.desk.study.shelf, passage_id)
        if passage is None:
            raise KeyError(passage_id)
        return passage

    def _shown(self, passage_id: str) -> Json:
        return {"corrections": shown_corrections(self.desk.study, self._passage(passage_id))}
