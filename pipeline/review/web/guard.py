"""Who may call the review page: one browser on this machine, with two secrets, and no other site through it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

COOKIE = "hallazgo"
HEADER = "x-hallazgo"
LARGEST_BODY = 64 * 1024  # bytes: a memo of many pages fits
SECONDS_FOR_A_BODY = 10.0
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Session:
    """The secrets of one run of the page. The token opens it once; cookie and header secret go with every call after."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    header: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def hosts(self) -> tuple[str, str]:
        """What the Host header may say; anything else is a foreign name made to point at this machine (DNS rebinding)."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def open_once(self, token: str) -> bool:
        """Whether the token is the right one; it is used up by the first right try."""
        is_right = bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())
        if is_right:
            self.token = ""
        return is_right


class Guard:
    """Middleware that answers a call itself unless it comes from the page that this session opened."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], session: Session) -> None:
        self.app, self.session = app, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with the security headers added to the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        refusal = refuse(Request(scope), self.session)

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        await (refusal or self.app)(scope, receive, send_guarded)


def refuse(request: Request, session: Session) -> Response | None:
    """Why a call is refused, or None. Host and origin are checked before the path."""
    if request.headers.getlist("host") not in ([session.hosts[0]], [session.hosts[1]]):
        return _error(403, "wrong host")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return _error(403, "another site")
    origin = request.headers.get("origin")
    if origin is not None and origin not in {f"http://{host}" for host in session.hosts}:
        return _error(403, "another origin")
    if request.method not in ("GET", "POST"):
        return _error(405, "GET or POST")
    if request.url.path == "/open":
        return None
    if not _equal(request.cookies.get(COOKIE, ""), session.cookie):
        return _error(401, "open the page again from the terminal")
    if request.url.path.startswith("/api/") and not _equal(request.headers.get(HEADER, ""), session.header):
        return _error(401, "open the page again from the terminal")
    return _refuse_post(request) if request.method == "POST" else None


def _refuse_post(request: Request) -> Response | None:
    if request.headers.get("origin") is None:
        return _error(403, "no origin")
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return _error(415, "application/json only")
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return _error(411, "content-length is missing")
    return _error(413, "too large") if int(length) > LARGEST_BODY else None


def _equal(value: str, secret: str) -> bool:
    return hmac.compare_digest(value.encode("utf-8", "replace"), secret.encode())


def _error(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status)
