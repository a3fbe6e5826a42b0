"""All texts that people read, English and Spanish side by side.

`messages/` holds messages to the people who run a study, `closed.toml` the closed words, `report.toml` the report and
figures, `evidence.toml` the sentences about findings, `release.toml` released editions, `exchange.toml` projects for other
programs, `annex.toml` the annex, `difference.toml` the page of `diff`, `evidence_book.toml` and `review_workbook.toml` the two
workbooks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Self

LANGUAGES = ("en", "es")
FOLDER = Path(__file__).parent
SHARE = re.compile(r"\d+(?:\.\d+)?%")
FLAT = (
    "closed",
    "report",
    "evidence",
    "release",
    "exchange",
    "annex",
    "difference",
)  # files whose texts share one namespace: "section.key"


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Every text of the flat files: "section.key" -> {"en": ..., "es": ...}. ValueError if a key is defined twice."""
    merged: dict[str, Mapping[str, str]] = {}
    for name in FLAT:
        for key, entry in _entries(name):
            if key in merged:
                raise ValueError(f"wording/{name}.toml: {key} is defined twice")
            merged[key] = entry
    return merged


def _entries(name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    content = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    for section, keys in content.items():
        for key, entry in keys.items():
            yield f"{section}.{key}", entry


@cache
def book(name: str, language: str) -> dict[str, Any]:
    """The texts of a workbook in one language, nested as in its file."""
    chosen = _in_language(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")), language)
    assert isinstance(chosen, dict)  # noqa: S101 - a TOML file is a table
    return chosen


def _in_language(node: Any, language: str) -> Any:
    if isinstance(node, list):
        return [_in_language(entry, language) for entry in node]
    if set(node) == set(LANGUAGES):
        return node[language]
    return {key: _in_language(entry, language) for key, entry in node.items()}


def text(key: str, language: str, **values: object) -> str:
    """The text with its places filled in; of "one|many" the form that the value `n` asks for. KeyError for an unknown key."""
    form = texts()[key][language]
    if "|" in form:
        one, many = form.split("|")
        form = one if values["n"] == 1 else many
    shown = {name: _shown(value, language) for name, value in values.items()}
    return form.format(**shown) if values else form


def _shown(value: object, language: str) -> object:
    if type(value) is int:
        return number(value, language)
    if isinstance(value, float):
        return _Share(value, language)
    return percentage(value, language) if isinstance(value, str) else value


class _Share(float):
    """A number that has the form of the language where it is written as a share."""

    language: str

    def __new__(cls, value: float, language: str) -> Self:
        share = super().__new__(cls, value)
        share.language = language
        return share

    def __format__(self, spec: str) -> str:
        return percentage(super().__format__(spec), self.language)


def number(value: int, language: str) -> str:
    """A count, with the thousands separator of the language."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", "\u202f" if value > 9999 else "")


def percentage(text: str, language: str) -> str:
    """A share as it is read in the language: 82%, in Spanish with a space that keeps both together; other texts unchanged."""
    if language == "en" or not SHARE.fullmatch(text):
        return text
    return text.replace(".", ",").replace("%", "\u00a0%")


def closed_word(section: str, word: str, language: str) -> str:
    """A closed word as people read it; a word that the list does not have, such as a study's own, is returned as typed.

    Of a list with places, such as "has the same id as row {row}", these are filled in from the word.
    """
    if entry := texts().get(f"{section}.{word}"):
        return entry[language]
    for form, key in _forms_of(section):
        if match := form.fullmatch(word):
            return texts()[key][language].format(**match.groupdict())
    return word


@cache
def _forms_of(section: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The closed words of a list that have places, as patterns of what may stand there."""
    keys = [key for key in texts() if key.startswith(f"{section}.") and "{" in key]
    return tuple((re.compile(_as_pattern(key.removeprefix(f"{section}."))), key) for key in keys)


def _as_pattern(form: str) -> str:
    return "".join(
        re.escape(fixed) + (f"(?P<{name}>.+)" if name else "") for fixed, name, _, _ in Formatter().parse(form)
    )


@cache
def _parts_of_places() -> re.Pattern[str]:
    parts = [key.removeprefix("place.") for key in texts() if key.startswith("place.")]
    longest_first = sorted(parts, key=len, reverse=True)
    return re.compile(rf"(?:^|(?<=, )|(?<=\())({'|'.join(longest_first)})\b|and (\d+) more$")


def place(where: str, language: str) -> str:
    """A place in a file as people read it: `table 2, row 3` is "tabla 2, fila 3"."""

    def part(match: re.Match[str]) -> str:
        if match[1]:
            return closed_word("place", match[1], language)
        return closed_word("place", "more", language).format(n=match[2])

    return _parts_of_places().sub(part, where)


@cache
def _places_behind_files() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A file with a place behind it, and the words of that place."""
    words = "|".join(key.removeprefix("place.") for key in texts() if key.startswith("place."))
    place_behind = re.compile(rf"(.*?\.[A-Za-z]{{2,5}}|raw/[a-z]+)((?:,? (?:{words}|and) .+)+)", re.DOTALL)
    return place_behind, re.compile(rf"(?<=[ (])(?:({words})(?= \S)|and (\d+) more$)")


def place_of_problem(where: str, language: str) -> str:
    """Where a problem is: the names of files stay as they are, and a place behind one is read in the language."""
    place_behind, word = _places_behind_files()
    behind = place_behind.fullmatch(where)
    if not behind:
        return place(where, language)
    return behind[1] + word.sub(
        lambda match: closed_word("place", match[1] or "more", language).format(n=match[2]), behind[2]
    )


def place_by_language(where: str) -> dict[str, str]:
    """A place in a file in each language."""
    return {language: place(where, language) for language in LANGUAGES}
