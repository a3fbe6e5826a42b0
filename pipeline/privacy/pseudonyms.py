"""Codes for people and sources in everything that is published.

A code is a keyed hash (HMAC-SHA-256) under the secret key of the study: without `coded/person_key` nobody can
compute it from an id, nor an id from it. A released edition adds its own name to what is hashed, so that codes of two
editions cannot be matched.
"""

import hmac
from collections.abc import Iterable

LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; none of 0, 1, which look like letters


def pseudonyms(ids: Iterable[str], *, key: bytes, prefix: str = "P", edition: str = "") -> dict[str, str]:
    """A code such as `P-7Q3K` for every id, the same for the same key and edition; each holds a letter and a digit."""
    codes: dict[str, str] = {}
    taken: set[str] = set()
    for identity in sorted(set(ids) - {""}):
        attempt = 0
        while (code := f"{prefix}-{_letters(key, edition, attempt, identity)}") in taken or not _is_mixed(code):
            attempt += 1
        codes[identity] = code
        taken.add(code)
    return codes


def edition_name(key: bytes, edition: str) -> str:
    """The name of a released edition: 8 hex digits that reveal nothing of the study to anybody without the key."""
    return keyed(key, f"edition|{edition}").hex()[:8]


def _letters(key: bytes, edition: str, attempt: int, identity: str) -> str:
    digest = keyed(key, f"{edition}|{attempt}|{identity}")
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:4])


def keyed(key: bytes, message: str) -> bytes:
    """The HMAC-SHA-256 of a message: nobody without the key can compute it, or compare a guess with it."""
    return hmac.digest(key, message.encode("utf-8", "surrogatepass"), "sha256")


def _is_mixed(code: str) -> bool:
    """Whether a code holds a letter and a digit."""
    tail = code.partition("-")[2]
    return any(c.isalpha() for c in tail) and any(c.isdigit() for c in tail)
