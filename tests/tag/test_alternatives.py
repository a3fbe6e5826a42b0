"""One pattern for many phrases finds what a list of them finds."""

import random
import re

from pipeline.tag.alternatives import beginnings, whole

PHRASES = ["no", "no one", "no one else", "nobody", "on", "on our own", "our own", "can't", "a. b", "caro", "car"]


def texts() -> list[str]:
    dice = random.Random(7)  # noqa: S311 - a test
    return ["".join(dice.choice(["", " ", "x", ", "]) + dice.choice(PHRASES) for _ in range(6)) for _ in range(500)]


def spans(pattern: str, text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(pattern, text)]


def test_beginnings_are_those_that_a_sorted_list_gives() -> None:
    listed = "|".join(map(re.escape, sorted(PHRASES)))
    for text in texts():
        assert spans(rf"(?<!\w){beginnings(PHRASES)}", text) == spans(rf"(?<!\w)(?:{listed})", text)


def test_whole_phrases_are_those_that_a_list_with_the_longest_first_gives() -> None:
    listed = "|".join(map(re.escape, sorted(PHRASES, key=len, reverse=True)))
    for text in texts():
        assert spans(rf"(?<!\w){whole(PHRASES)}(?!\w)", text) == spans(rf"(?<!\w)(?:{listed})(?!\w)", text)


def test_one_phrase_is_itself() -> None:
    assert (beginnings(["a. b"]), whole(["a. b"])) == (re.escape("a. b"),) * 2
