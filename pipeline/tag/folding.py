"""A copy of a text without case and accents, of the same length, so that places in the copy are places in the text."""

from __future__ import annotations

import unicodedata

APOSTROPHES = "’‘ʼ´`"


class _Folding(dict[int, str]):
    """For `str.translate`: each character without case and accent, one for one."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFD", chr(code))[:1].lower()
        self[code] = plain if len(plain) == 1 else chr(code)
        return self[code]


FOLDING = _Folding({ord(mark): "'" for mark in APOSTROPHES})


def fold(text: str) -> str:
    """The text without case and accents; offsets into the result are offsets into the text."""
    return text.translate(FOLDING)
