"""The routes of the review page: requests in, JSON out. What they mean is decided in `desk`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from jinja2 import Environment
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.errors import IntegrityError, StudyBusyError, UserError, problem_of
from pipeline.review.web.answering import Clash
from pipeline.review.web.bodies import Body, ExcerptBody, MemoBody, RoundBody, RuleBody, SettleBody
from pipeline.review.web.boundaries.routes import boundary_routes
from pipeline.review.web.codebook.routes import codebook_routes
from pipeline.review.web.corrections.routes import correction_routes
from pipeline.review.web.desk import Desk, RoundClosedError, RoundOrder, WordsChangedError
from pipeline.review.web.guard import COOKIE, LARGEST_BODY, SECONDS_FOR_A_BODY, Guard, Session
from pipeline.review.web.refusals import Refusal
from pipeline.review.web.search.routes import search_routes
from pipeline.vocabulary import RefusalKind
from pipeline.wording import LANGUAGES
from pipeline.wording.messages import in_language, separated

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


Model = TypeVar("Model", bound=Body)


class BodyError(Exception):
    """A request body that cannot be used, with the HTTP status."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


def make_app(desk: Desk, session: Session, *, as_typed: Callable[[str], str] = str) -> Guard:
    """The application that serves one coder at one desk. `as_typed` names commands as this user types them."""
    files_by_name = static_files()
    html = Environment(autoescape=True).from_string(files_by_name.pop("page.html").decode())
    modules = sorted(name for name in files_by_name if name.endswith(".js"))

    def reading(act: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            return answer(lambda: act(request), as_typed)

        return respond

    def writing(model: type[Model], act: Callable[[Model], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def respond(request: Request) -> Response:
            try:
                body = model.model_validate_json(await _body(request))
            except ValidationError as error:
                first = error.errors()[0]
                return JSONResponse({"error": f"{'.'.join(map(str, first['loc']))}: {first['msg']}"}, 422)
            except BodyError as error:
                return JSONResponse({"error": str(error)}, error.status)
            return answer(lambda: act(body), as_typed)

        return respond

    async def open_page(request: Request) -> Response:
        if not session.open_once(request.query_params.get("token", "")):
            return HTMLResponse("Start the page again from the terminal.", 401)
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, session.cookie, httponly=True, samesite="strict")
        return response

    async def page(_: Request) -> Response:
        return HTMLResponse(html.render(secret=session.header, modules=modules))

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files_by_name:
            return JSONResponse({"error": "no such file"}, 404)
        return Response(files_by_name[name], media_type=MEDIA_TYPES[f".{name.rpartition('.')[2]}"])

    return Guard(
        Starlette(
            routes=[
                Route("/open", open_page),
                Route("/", page),
                Route("/static/{name:path}", static),
                Route("/api/start", reading(lambda _: desk.start())),
                Route("/api/run", reading(lambda _: desk.versions())),
                Route("/api/study", reading(lambda _: desk.codes())),
                *codebook_routes(desk, reading, writing),
                *boundary_routes(desk, writing),
                *correction_routes(desk, reading, writing),
                *search_routes(desk, reading),
                Route(
                    "/api/queue", reading(lambda r: {"items": desk.queue(is_in_order=_text(r, "order") == "speech")})
                ),
                Route("/api/excerpt", reading(lambda r: desk.excerpt(_text(r, "id")))),
                Route("/api/source", reading(lambda r: desk.source(_text(r, "id"), around=_number(r, "around")))),
                Route("/api/differences", reading(lambda _: desk.differences())),
                Route("/api/agreement", reading(lambda r: desk.agreement(_text(r, "code")))),
                Route("/api/settle", writing(SettleBody, lambda b: desk.settle(b.as_answers())), methods=["POST"]),
                Route("/api/undo", writing(ExcerptBody, lambda b: desk.undo(b.excerpt_id)), methods=["POST"]),
                Route("/api/redo", writing(ExcerptBody, lambda b: desk.redo(b.excerpt_id)), methods=["POST"]),
                Route("/api/later", writing(ExcerptBody, lambda b: desk.later(b.excerpt_id)), methods=["POST"]),
                Route("/api/rule", writing(RuleBody, lambda b: desk.rule(**b.model_dump())), methods=["POST"]),
                Route("/api/memo", writing(MemoBody, lambda b: desk.memo(**b.model_dump())), methods=["POST"]),
                Route("/api/round", writing(RoundBody, lambda b: _round(desk, b)), methods=["POST"]),
            ]
        ),
        session,
    )


def answer(act: Callable[[], Any], as_typed: Callable[[str], str]) -> Response:
    """What the desk returns as JSON; and what it refuses as a status that the page understands."""
    try:
        return JSONResponse(act())
    except KeyError:
        return JSONResponse({"error": "no such excerpt", "kind": RefusalKind.NO_SUCH_EXCERPT}, 404)
    except Clash as clash:
        return JSONResponse({"error": "decided elsewhere meanwhile", **clash.details}, 409)
    except WordsChangedError:
        error = "the words of this excerpt changed; load the page again"
        return JSONResponse({"error": error, "kind": RefusalKind.WORDS_CHANGED}, 410)
    except RoundClosedError:
        return JSONResponse({"error": "this round is closed", "kind": RefusalKind.ROUND_CLOSED}, 423)
    except StudyBusyError as error:
        return JSONResponse({"error": as_typed(str(error))}, 503)
    except (IntegrityError, OSError) as error:  # the page keeps the decision and sends it again
        what = problem_of(error) if isinstance(error, OSError) else error
        return JSONResponse({"error": as_typed(str(what))}, 507)
    except UserError as error:
        return JSONResponse(_as_json(error, as_typed), 400)


def _as_json(error: UserError, as_typed: Callable[[str], str]) -> dict[str, object]:
    """An error as the page reads it; a refusal with what it needs to say it in another language."""
    if isinstance(error.problems[0], Refusal):
        return error.problems[0].as_json()
    problems = [separated(": ", [p.what, p.remedy]) for p in error.problems]
    texts = {each: as_typed("; ".join(in_language(text, each) for text in problems)) for each in LANGUAGES}
    return {"error": as_typed("; ".join(problems)), "texts": texts}


async def _body(request: Request) -> bytes:
    """The body; BodyError if it is larger or slower than a decision can be."""
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            async for part in request.stream():
                parts.append(part)
                if sum(map(len, parts)) > LARGEST_BODY:
                    raise BodyError(413, "too large")
    except TimeoutError:
        raise BodyError(408, "too slow") from None
    return b"".join(parts)


def _round(desk: Desk, body: RoundBody) -> Any:
    if body.action == "close":
        return desk.close_round(body.name)
    ends = body.ends.isoformat() if body.ends else ""
    order = RoundOrder(name=body.name, coders=tuple(body.coders), size=body.size, shows=body.shows, ends=ends)
    return desk.start_round(order)


def _text(request: Request, name: str) -> str:
    return request.query_params.get(name, "")


def _number(request: Request, name: str) -> int:
    value = _text(request, name)
    return int(value) if value.isdecimal() and len(value) < 9 else 1


def static_files() -> dict[str, bytes]:
    """The files of the page by their path below static/, read once."""
    return dict(_files_below(files(__package__) / "static"))


def _files_below(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files_below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_bytes()
