"""Codes that stand for people in everything that is published: never a name, never mistaken for a number or a date."""

import hashlib
from collections.abc import Iterable

LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; none of 0, 1, which look like letters


def pseudonyms(participant_ids: Iterable[str], *, seed: int, prefix: str = "P") -> dict[str, str]:
    """A code such as `P-7Q3K` for every participant id, the same for the same seed; each holds a letter and a digit."""
    codes: dict[str, str] = {}
    for person in sorted(set(participant_ids) - {""}):
        attempt = 0
        while (code := f"{prefix}-{_code(person, seed, attempt)}") in codes.values() or not _has_letter_and_digit(code):
            attempt += 1
        codes[person] = code
    return codes


def _code(person: str, seed: int, attempt: int) -> str:
    digest = hashlib.sha256(f"{seed}|{attempt}|{person}".encode()).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:4])


def _has_letter_and_digit(code: str) -> bool:
    tail = code.partition("-")[2]
    return any(c.isalpha() for c in tail) and any(c.isdigit() for c in tail)
