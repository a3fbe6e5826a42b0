"""A small server that speaks the protocol of a language model, answers as a test wants, and keeps what it was asked."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[
    ["ChatServer", dict[str, Any]], Any
]  # of the server and what was asked: a text, or (status, headers, bytes)


class ChatServer(ThreadingHTTPServer):
    """`asked`: the requests, with their headers."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.asked, self.headers = answer, list[dict[str, Any]](), list[dict[str, str]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def data(self) -> list[dict[str, str]]:
        """What was sent about each excerpt: its question and words."""
        return [json.loads(body["messages"][1]["content"]) for body in self.asked]


class Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.headers.append(dict(self.headers))
        answer = self.server.answer(self.server, body)
        status, headers, content = answer if isinstance(answer, tuple) else (200, {}, completion(answer))
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            pass  # who asked has gone

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def completion(text: Any, reason: str = "stop") -> bytes:
    """A text as the answer of a model; bytes as they are."""
    if isinstance(text, bytes):
        return text
    return json.dumps({"choices": [{"message": {"content": text}, "finish_reason": reason}]}).encode()


def votes(*rows: tuple[str, str, str]) -> str:
    """Votes as the model should write them: code, yes or no, quote."""
    return json.dumps({"votes": [{"code": code, "vote": vote, "quote": quote} for code, vote, quote in rows]})


def slow(_server: ChatServer, _body: dict[str, Any]) -> str:
    time.sleep(2)
    return votes()


def first_words(_server: ChatServer, body: dict[str, Any]) -> str:
    """Yes to the first code with the first three words of the excerpt, no to the second code."""
    first, second, *_ = body["response_format"]["json_schema"]["schema"]["properties"]["votes"]["items"]["properties"][
        "code"
    ]["enum"]
    words = json.loads(body["messages"][1]["content"])["excerpt"].split()[:3]
    return votes((first, "yes", " ".join(words)), (second, "no", ""))


@contextmanager
def chat_server(answer: Answer) -> Iterator[ChatServer]:
    """A server that answers so, as long as the block runs."""
    server = ChatServer(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
