"""The closed words of a study as people read them, in both languages: one list for everything that is handed out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipeline.errors import Problem

LANGUAGES = ("en", "es")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Every closed word: "section.word" -> {"en": ..., "es": ...}."""
    content = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {f"{section}.{word}": texts for section, entries in content.items() for word, texts in entries.items()}


def said(section: str, word: str, language: str) -> str:
    """A closed word as people read it; one that the list does not know, such as a study's own, stands as typed."""
    return words().get(f"{section}.{word}", {}).get(language, word)


@cache
def _parts_of_places() -> re.Pattern[str]:
    known = sorted((key.removeprefix("place.") for key in words() if key.startswith("place.")), key=len, reverse=True)
    return re.compile(rf"(?:^|(?<=, )|(?<=\())({'|'.join(known)})\b|and (\d+) more$")


def place(where: str, language: str) -> str:
    """A place in a file as people read it: `table 2, row 3` is "tabla 2, fila 3"."""

    def part(found: re.Match[str]) -> str:
        return said("place", found[1], language) if found[1] else said("place", "more", language).format(n=found[2])

    return _parts_of_places().sub(part, where)


REMARKS = {
    "broken": re.compile(r"refers to (?P<target>.+), which does not exist"),
    "elsewhere": re.compile(r"refers to (?P<target>.+), which is left out or stands elsewhere"),
    "doubled": re.compile(r"this number is used (?P<n>\d+) times"),
    "untaken": re.compile(r"no recommendation takes it up"),
}


def remark(problem: Problem, language: str) -> str:
    """What the check says of the registers; a remark that is not known stands as it is."""
    for key, form in REMARKS.items():
        if found := form.fullmatch(problem.what):
            return said("remark", key, language).format(**found.groupdict())
    return problem.what
