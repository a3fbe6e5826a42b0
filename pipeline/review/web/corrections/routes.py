"""The routes by which the page corrects the transcript."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.routing import Route

from pipeline.review.web.bodies import Body, Reading, Writing
from pipeline.review.web.corrections.desk import CorrectionsDesk
from pipeline.review.web.corrections.orders import CorrectionOrder, Withdrawal
from pipeline.review.web.desk import Desk

KEY = "[0-9a-f]{16}"  # of a correction


class CorrectionBody(Body):
    """Words of an excerpt or turn and what they should be, or the turn whose speaker is that of this one."""

    passage_id: str = Field(max_length=500)
    text_sha256: str = Field(max_length=64)
    start: int = Field(default=0, ge=0, le=100_000_000)
    end: int = Field(default=0, ge=0, le=100_000_000)
    corrected: str = Field(default="", max_length=20_000)
    speaker_of: int | None = Field(default=None, ge=0)
    reason: str = Field(default="", max_length=2000)


class WithdrawalBody(Body):
    """A correction to be withdrawn, those to be put back in its place, and the excerpt or turn that shows them."""

    passage_id: str = Field(max_length=500)
    key: str = Field(default="", pattern=f"^({KEY})?$")
    restored: tuple[Annotated[str, Field(pattern=f"^{KEY}$")], ...] = Field(default=(), max_length=100)

    def as_withdrawal(self) -> Withdrawal:
        """What the desk is asked for."""
        return Withdrawal(self.key, self.restored)


def correction_routes(desk: Desk, reading: Reading, writing: Writing) -> list[Route]:
    """The routes of corrections."""
    corrections = CorrectionsDesk(desk)
    write = writing(CorrectionBody, lambda body: corrections.correct(CorrectionOrder(**body.model_dump())))
    withdraw = writing(WithdrawalBody, lambda body: corrections.withdraw(body.passage_id, body.as_withdrawal()))
    return [
        Route("/api/speakers", reading(lambda r: {"speakers": corrections.speakers(r.query_params.get("id", ""))})),
        Route("/api/correct", write, methods=["POST"]),
        Route("/api/withdraw", withdraw, methods=["POST"]),
    ]
