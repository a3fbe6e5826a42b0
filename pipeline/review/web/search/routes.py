"""The routes of searches and counts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from pipeline.review.web.bodies import Reading
from pipeline.review.web.desk import Desk
from pipeline.review.web.search.desk import SearchDesk


def search_routes(desk: Desk, reading: Reading) -> list[Route]:
    """The routes, made with the page's own way of reading requests and wording refusals."""
    search = SearchDesk(desk)

    def find(request: Request) -> Any:
        return search.find(request.query_params.get("q", ""), is_whole=request.query_params.get("texts") == "all")

    def count(request: Request) -> Any:
        values = request.query_params
        by = tuple(filter(None, values.getlist("by")))
        return search.count(values.get("q", ""), by=by, language=values.get("language", ""))

    return [
        Route("/api/find", reading(find)),
        Route("/api/choices", reading(lambda _: search.choices())),
        Route("/api/count", reading(count)),
    ]
