"""The route by which the page cuts and joins excerpts."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.routing import Route

from pipeline.review.web.bodies import Body, Writing
from pipeline.review.web.boundaries.desk import BoundariesDesk
from pipeline.review.web.desk import Desk


class BoundsBody(Body):
    """An excerpt to be cut at a place or joined with the next one, or a line that did so to be taken back or put back."""

    action: str = Field(pattern="^(cut|join|undo|redo)$")
    excerpt_id: str = Field(default="", max_length=500)
    text_sha256: str = Field(default="", max_length=64)
    at: int = Field(default=0, ge=0, le=100_000_000)
    line: int = Field(default=0, ge=0)
    tab: str = Field(default="", pattern="^[0-9a-f-]{0,36}$")


def boundary_routes(desk: Desk, writing: Writing) -> list[Route]:
    """The routes of cuts and joins."""
    bounds = BoundariesDesk(desk)

    def act(body: BoundsBody) -> Any:
        match body.action:
            case "cut":
                return bounds.cut(body.excerpt_id, body.text_sha256, at=body.at, tab=body.tab)
            case "join":
                return bounds.join(body.excerpt_id, body.text_sha256, tab=body.tab)
            case "undo":
                return bounds.take_back(body.line)
            case _:
                return bounds.put_back(body.line)

    return [Route("/api/bounds", writing(BoundsBody, act), methods=["POST"])]
