"""The texts of the review page: each one that the page asks for is there in both languages, and none is left over."""

import re
from collections.abc import Iterator
from itertools import chain

import pytest

from pipeline import wording
from pipeline.review.web.app import static_files
from pipeline.vocabulary import RefusalKind

ASKED = re.compile(r"say\([\"`]([a-z_]+\.[^\"`]*)[\"`]")
EITHER = re.compile(r"\? \"([a-z]+\.[a-z_]+)\" : \"([a-z]+\.[a-z_]+)\"")


def keys_of_the_page() -> set[str]:
    """The keys that the page's own files name, and "section.*" for those put together of a value."""
    keys: set[str] = set()
    for name, content in static_files().items():
        if name.endswith(".js"):
            script = content.decode()
            names = [*ASKED.findall(script), *chain.from_iterable(EITHER.findall(script))]
            keys |= {key.partition("$")[0] + ("*" if "$" in key else "") for key in names}
    return keys


def texts(language: str) -> Iterator[str]:
    for section, entries in wording.book("review_page", language).items():
        yield from (f"{section}.{name}" for name in entries)


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_text_that_the_page_asks_for_is_there(language: str) -> None:
    there = set(texts(language))
    assert {key for key in keys_of_the_page() if not key.endswith("*")} - there == set()
    assert {f"refusal.{kind}" for kind in RefusalKind} - there == set()


def test_no_text_is_left_over() -> None:
    asked = keys_of_the_page()
    built = {key.removesuffix("*") for key in asked if key.endswith("*")} | {"refusal."}
    keys = {key.removesuffix("_phone") for key in texts("en")}  # the page looks for both under the one key
    unused = {key for key in keys if key not in asked and not key.startswith(tuple(built))}
    assert unused == set()
