"""RTF as tokens: control words, bytes, groups and runs of text, with the code page that each font writes in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.errors import Problem, UnreadableError
from pipeline.wording.messages import message

TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
MOST_DEPTH = 1000  # open groups; Word writes some dozens
# Character sets of fonts, as the RTF specification 1.9.1 numbers them.
CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437", 255: "cp850",
}  # fmt: skip
FAMILIES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


class Token(NamedTuple):
    """A control word with its number, a byte, a control sign, a brace or plain text, at offset `at`."""

    at: int
    word: str = ""
    number: int | None = None
    byte: str = ""
    sign: str = ""
    brace: str = ""
    text: str = ""


def tokens(source: str) -> Iterator[Token]:
    """The tokens of a file (each byte one character); binary data after `bin` is passed over."""
    at, depth = 0, 0
    while match := TOKEN.match(source, at):
        at = match.end()
        token = _token(match)
        if token.word == "bin":
            at += max(0, token.number or 0)
        elif token.brace:
            depth += 1 if token.brace == "{" else -1
            _check_depth(depth, token.at)
            yield token
        elif token.word or token.text or token.byte or token.sign:  # else a line end, which means nothing
            yield token


def _token(match: re.Match[str]) -> Token:
    word, number, byte, sign, brace, text = match.groups("")
    return Token(match.start(), word, int(number) if number else None, byte, sign, brace, text)


def _check_depth(depth: int, at: int) -> None:
    if depth > MOST_DEPTH:
        what = message("ingest/more_than_groups_are_open", most_depth=MOST_DEPTH)
        raise UnreadableError(Problem(f"byte {at}", what, message("ingest/open_it_in_its_program")))


def encoding_of(page: int) -> str:
    """Python's name of a Windows code page, or nothing if it is not known."""
    name = {10000: "mac_roman", 65001: "utf-8", 0: "cp1252"}.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
