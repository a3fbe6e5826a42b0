"""The routes of the codebook screen."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from pipeline.review.web.bodies import Body, Reading, Writing
from pipeline.review.web.codebook.desk import CodebookDesk
from pipeline.review.web.codebook.orders import ChangeOrder
from pipeline.review.web.desk import Desk
from pipeline.vocabulary import CodebookAction, ElementKind


class ElementBody(Body):
    """An element of the theory of change."""

    name: str = Field(max_length=200)
    kind: str = Field(pattern=f"^({'|'.join(ElementKind)})$")
    codes: list[str] = Field(max_length=30)


class ChangeBody(Body):
    """A change of the codebook, with its reason."""

    action: str = Field(pattern=f"^({'|'.join(CodebookAction)})$")
    reason: str = Field(max_length=2000)
    base: str = Field(max_length=200)
    codes: list[str] = Field(default=[], max_length=1000)
    names: list[str] = Field(default=[], max_length=30)
    family: str = Field(default="", max_length=200)
    parent: str = Field(default="", max_length=200)
    texts: dict[str, dict[str, str]] = Field(default={}, max_length=4)
    pattern: dict[str, str] = Field(default={}, max_length=6)
    element: ElementBody | None = None
    elements: dict[str, list[str]] = Field(default={}, max_length=200)
    line: int = Field(default=0, ge=0)

    def as_order(self) -> ChangeOrder:
        """The change as the desk reads it."""
        values = self.model_dump()
        values |= {
            "action": CodebookAction(self.action),
            "codes": tuple(self.codes),
            "names": tuple(self.names),
            "element": values["element"] or {},
        }
        return ChangeOrder(**values)


def codebook_routes(desk: Desk, reading: Reading, writing: Writing) -> list[Route]:
    """The routes, made with the page's own way of reading requests and wording refusals."""
    codebook = CodebookDesk(desk)

    def preview(request: Request) -> Any:
        values = {name: request.query_params.get(name, "") for name in ("code", "language", "match")}
        return codebook.preview(**values)

    return [
        Route("/api/codebook", reading(lambda _: codebook.show())),
        Route("/api/codebook/quotes", reading(lambda r: codebook.quotes(r.query_params.get("code", "")))),
        Route("/api/codebook/preview", reading(preview)),
        Route("/api/codebook/proposals", reading(lambda _: codebook.proposals())),
        Route("/api/codebook/patterns", reading(lambda _: codebook.patterns())),
        Route("/api/codebook/change", writing(ChangeBody, lambda b: codebook.change(b.as_order())), methods=["POST"]),
    ]
