"""Cases 50 to 55: calls that do not come from the page that the coder opened, sent by raw socket."""

import hmac
import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_page import Running, lines_of, start
from starlette.requests import Request

from pipeline.review.web.guard import Session, refuse


@pytest.fixture(scope="module")
def running(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    root = tmp_path_factory.mktemp("page") / "study"
    shutil.copytree(analysed_once, root)
    page = start(root, "ana")
    yield page, root
    page.stop()


@pytest.fixture(scope="module")
def secrets(running: tuple[Running, Path]) -> dict[str, str]:
    """The cookie and the header secret, as the coder's own browser gets them."""
    page, _ = running
    path = page.address.split(str(page.port), 1)[1]
    opened = call(page.port, f"GET {path} HTTP/1.1", {"Host": f"127.0.0.1:{page.port}"})
    cookie = re.search(r"set-cookie: (hallazgo=[^;]+)", opened, re.I)
    assert cookie
    assert "303" in opened.split("\r\n")[0]
    body = call(page.port, "GET / HTTP/1.1", {"Host": f"127.0.0.1:{page.port}", "Cookie": cookie[1]})
    secret = re.search(r'name="secret" content="([^"]+)"', body)
    assert secret
    return {"Cookie": cookie[1], "X-Hallazgo": secret[1]}


def call(port: int, line: str, headers: dict[str, str], body: bytes = b"") -> str:
    """The whole answer to one request."""
    head = "\r\n".join([line, *(f"{name}: {value}" for name, value in headers.items()), "Connection: close"])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(head.encode() + b"\r\n\r\n" + body)
        parts = []
        while part := wire.recv(65536):
            parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def status(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def own(port: int, secrets: dict[str, str]) -> dict[str, str]:
    return {"Host": f"127.0.0.1:{port}", **secrets}


FORGED_READS = {
    "another host": ({"Host": "evil.example"}, 403),
    "a host that only begins like ours": ({"Host": "127.0.0.1.evil.example"}, 403),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "another origin": ({"Origin": "http://evil.example"}, 403),
    "an origin that hides itself": ({"Origin": "null"}, 403),
    "another port of this machine": ({"Origin": "http://127.0.0.1:1"}, 403),
    "no cookie": ({"Cookie": ""}, 401),
    "a wrong cookie": ({"Cookie": "hallazgo=x"}, 401),
    "the cookie alone, as every port of this machine has it": ({"X-Hallazgo": ""}, 401),
    "a wrong secret": ({"X-Hallazgo": "é"}, 401),
}


@pytest.mark.parametrize("name", FORGED_READS)
def test_case_55_a_forged_read_is_refused(name: str, running: tuple[Running, Path], secrets: dict[str, str]) -> None:
    port = running[0].port
    changed, expected = FORGED_READS[name]
    answer = call(port, "GET /api/queue HTTP/1.1", {**own(port, secrets), **changed})
    assert status(answer) == expected
    assert "jo:" not in answer


def test_the_page_itself_answers_with_a_policy_that_lets_nothing_in(
    running: tuple[Running, Path], secrets: dict[str, str]
) -> None:
    port = running[0].port
    answer = call(port, "GET / HTTP/1.1", own(port, secrets))
    assert status(answer) == 200
    head = answer.split("\r\n\r\n")[0].lower()
    assert "content-security-policy: default-src 'none'; script-src 'self'" in head
    for header in ("x-content-type-options: nosniff", "referrer-policy: no-referrer", "cache-control: no-store"):
        assert header in head
    assert "server:" not in head


SETTLE = {"excerpt_id": "jo:24-174", "text_sha256": "0" * 64, "base": 0}
FORGED_WRITES = {
    "no origin": ({}, {}, 403),
    "a form": ({"Content-Type": "text/plain"}, {}, 415),
    "another site": ({"Sec-Fetch-Site": "same-site"}, {}, 403),
    "too large": ({"Content-Length": "70000"}, {}, 413),
    "a hundred megabytes": ({"Content-Length": "100000000"}, {}, 413),
    "no length": ({"Transfer-Encoding": "chunked"}, {}, 411),
    "a key too many": ({}, {"extra": 1}, 422),
    "a number as text": ({}, {"base": "0"}, 422),
    "words that are not there": ({}, {}, 410),
}


@pytest.mark.parametrize("name", FORGED_WRITES)
def test_case_55_a_forged_write_is_refused_and_writes_nothing(
    name: str, running: tuple[Running, Path], secrets: dict[str, str]
) -> None:
    page, root = running
    changed, body, expected = FORGED_WRITES[name]
    sent = json.dumps({**SETTLE, **body}).encode()
    headers = {
        **own(page.port, secrets),
        "Content-Type": "application/json",
        "Content-Length": str(len(sent)),
        "Origin": f"http://127.0.0.1:{page.port}",
        **changed,
    }
    if name == "no origin":
        del headers["Origin"]
    if "Transfer-Encoding" in headers:
        del headers["Content-Length"]
        sent = b"%x\r\n" % len(sent) + sent + b"\r\n0\r\n\r\n"
    assert status(call(page.port, "POST /api/settle HTTP/1.1", headers, sent)) == expected
    assert lines_of(root, "ana") == []


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../desk.py", "/static/%2e%2e/guard.py", "/coded/decisions.jsonl", "/docs"]
)
def test_nothing_but_the_page_is_served(path: str, running: tuple[Running, Path], secrets: dict[str, str]) -> None:
    port = running[0].port
    assert status(call(port, f"GET {path} HTTP/1.1", own(port, secrets))) == 404


def test_the_address_opens_the_page_once(running: tuple[Running, Path], secrets: dict[str, str]) -> None:
    page, _ = running
    path = page.address.split(str(page.port), 1)[1]
    assert secrets
    assert status(call(page.port, f"GET {path} HTTP/1.1", {"Host": f"localhost:{page.port}"})) == 401


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?other=1"])
def test_case_55_a_wrong_token_opens_nothing(query: str, running: tuple[Running, Path]) -> None:
    port = running[0].port
    answer = call(port, f"GET /open{query} HTTP/1.1", {"Host": f"127.0.0.1:{port}"})
    assert status(answer) == 401
    assert "set-cookie" not in answer.lower()


def test_only_this_machine_is_listened_to(running: tuple[Running, Path]) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", running[0].port), timeout=5)


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or False)
    session = Session(4000)
    assert not session.open_once(session.token)
    headers = {"host": "127.0.0.1:4000", "cookie": f"hallazgo={session.cookie}", "x-hallazgo": session.header}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "path": "/api/queue", "query_string": b"", "headers": raw})
    assert refuse(request, session).status_code == 401  # type: ignore[union-attr]
    assert compared == [(session.token.encode(),) * 2, (session.cookie.encode(),) * 2]


def test_other_methods_are_refused(running: tuple[Running, Path], secrets: dict[str, str]) -> None:
    port = running[0].port
    for method in ("PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"):
        assert status(call(port, f"{method} /api/queue HTTP/1.1", own(port, secrets))) == 405
