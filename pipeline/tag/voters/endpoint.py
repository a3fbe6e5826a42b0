"""One question to a server: JSON there and back, within a time and a size, to the machine that was named and to no other.

Python's `http.client` is used as it is: it follows no redirect and asks no proxy, so that nothing is sent on to another machine.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import Any
from urllib.parse import urlsplit

from pipeline.wording.messages import Message, message

LONGEST = 1_000_000  # bytes of an answer that are read
OK = 200


class NoAnswerError(Exception):
    """A server did not answer as it should. Says why, and nothing that it sent."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, taken apart."""

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def of(cls, url: str) -> Address | None:
        """The address in a text; None if it is none, or holds more: a name, a password, a question."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        is_plain = url.isprintable() and url.isascii() and " " not in url
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        if not (is_plain and is_whole) or "@" in parts.netloc or parts.query or parts.fragment:
            return None
        return cls(parts.scheme, parts.hostname or "", port, parts.path.rstrip("/"))

    @property
    def is_here(self) -> bool:
        """Whether it names this machine."""
        return self.host == "localhost" or _is_loopback(self.host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that is asked. `leaves_the_machine`: whether it may be another one; `key`: what it is shown, never stored."""

    address: Address
    seconds: float
    leaves_the_machine: bool
    key: str = ""

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that the server answers; NoAnswerError if it does not, takes too long, or sends too much."""
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        kind = HTTPSConnection if self.address.scheme == "https" else HTTPConnection
        try:
            with closing(kind(self.address.host, self.address.port, timeout=self.seconds)) as connection:
                connection.connect()
                self._check_machine(connection.sock)
                return self._answer(connection, path=f"{self.address.path}{path}", data=data, headers=headers)
        except TimeoutError:
            raise NoAnswerError(message("tag/did_not_answer_in_time", seconds=self.seconds)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswerError(message("tag/could_not_be_asked", name=type(error).__name__)) from None

    def _check_machine(self, connected: socket.socket) -> None:
        """NoAnswerError if a name such as localhost leads to another machine, before anything is sent there."""
        if not self.leaves_the_machine and not _is_loopback(connected.getpeername()[0]):
            raise NoAnswerError(message("tag/is_another_machine"))

    def _answer(self, connection: HTTPConnection, *, path: str, data: bytes, headers: Mapping[str, str]) -> Any:
        """What is answered within the time in all: a server that sends a byte now and then is ended as well."""
        is_late = Event()
        watch = Timer(self.seconds, _end, [connection.sock, is_late])
        watch.daemon = True
        watch.start()
        try:
            connection.request("POST", path, data, dict(headers))
            with connection.getresponse() as response:
                content = response.read(LONGEST + 1) if response.status == OK else b""
        except (OSError, HTTPException):
            if not is_late.is_set():
                raise
        finally:
            watch.cancel()
        if is_late.is_set():
            raise TimeoutError
        if response.status != OK:
            raise NoAnswerError(message("tag/answered_with_a_status", status=response.status))
        if len(content) > LONGEST:
            raise NoAnswerError(message("tag/sent_too_much", most=LONGEST))
        return _parsed(content)


def _end(connected: socket.socket, is_late: Event) -> None:
    is_late.set()
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise NoAnswerError(message("tag/sent_no_json")) from None
