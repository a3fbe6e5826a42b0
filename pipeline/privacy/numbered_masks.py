"""Masks with the numbers of persons: an edition leaves the numbers out, which would link mentions of one person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.spans import Stretch, united

NUMBERED_MASK = re.compile(r"\[([^\[\]\d]{2,30}) \d+\]")  # [person 3]


def without_numbers(text: str) -> str:
    """The text with [person] in the place of [person 3]."""
    return NUMBERED_MASK.sub(r"[\1]", text)


def stretches_without_numbers(text: str, stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Stretches of a text as they are in the text without numbers; one that begins or ends in a mask has all of it."""
    return united(
        Stretch(_moved(text, start, is_end=False), _moved(text, end, is_end=True)) for start, end in stretches
    )


def _moved(text: str, at: int, *, is_end: bool) -> int:
    return at - sum(_left_out_before(text, at, is_end=is_end))


def _left_out_before(text: str, at: int, *, is_end: bool) -> Iterator[int]:
    """How many characters less each mask before a place has; of a mask around it, how far the place is moved to its edge."""
    for mask in NUMBERED_MASK.finditer(text):
        shorter = len(mask.group()) - len(without_numbers(mask.group()))
        if mask.end() <= at:
            yield shorter
        elif mask.start() < at:
            yield shorter + at - mask.end() if is_end else at - mask.start()
