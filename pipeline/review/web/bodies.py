"""What the review page may send, as models that refuse everything else, and how routes read and write it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from pipeline.review.spans.marking import Mark
from pipeline.review.web.answering import Answers

Respond = Callable[[Request], Awaitable[Response]]
Reading = Callable[[Callable[[Request], Any]], Respond]
Writing = Callable[[type[Any], Callable[[Any], Any]], Respond]


class Body(BaseModel):
    """A request body: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MarkBody(Body):
    """Words of an excerpt that carry a code."""

    code: str = Field(max_length=200)
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class SettleBody(Body):
    """A coder's answers on one excerpt."""

    excerpt_id: str = Field(max_length=500)
    text_sha256: str = Field(max_length=64)
    base: int = Field(ge=0)
    lane: str = Field(default="", max_length=40)
    codes: dict[str, str] = Field(default={}, max_length=1000)
    links: dict[str, str] = Field(default={}, max_length=1000)
    memo: str = Field(default="", max_length=20_000)
    accepted: str = Field(default="", max_length=20_000)
    is_rest_no: bool = False
    also: list[str] = Field(default=[], max_length=500)
    tab: str = Field(default="", pattern="^[0-9a-f-]{0,36}$")
    spans: list[MarkBody] | None = Field(default=None, max_length=1000)

    def as_answers(self) -> Answers:
        """The answers as the desk reads them."""
        spans = None if self.spans is None else tuple(Mark(**mark.model_dump()) for mark in self.spans)
        return Answers(**{**self.model_dump(), "also": tuple(self.also), "spans": spans})


class ExcerptBody(Body):
    """An excerpt to come back to, or whose latest answers are taken back."""

    excerpt_id: str = Field(max_length=500)


class RuleBody(Body):
    """A ruling on what coders differ on."""

    excerpt_id: str = Field(max_length=500)
    text_sha256: str = Field(max_length=64)
    target: str = Field(max_length=200)
    value: str = Field(max_length=40)
    note: str = Field(default="", max_length=20_000)


class MemoBody(Body):
    """A memo on a code, a person or a finding."""

    about: str = Field(pattern="^(code|person|finding)$")
    id: str = Field(max_length=200)
    note: str = Field(max_length=20_000)


class RoundBody(Body):
    """A round to start or to close."""

    action: str = Field(pattern="^(start|close)$")
    name: str = Field(min_length=1, max_length=80)
    coders: list[str] = Field(default=[], max_length=50)
    size: int = Field(default=40, ge=1, le=5000)
    shows: str = Field(default="blind", pattern="^(blind|suggestion)$")
    ends: date | None = None  # its last day
