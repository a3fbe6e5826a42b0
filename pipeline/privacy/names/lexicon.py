"""What the detectors know of words: titles, given names and their short forms, names that are ordinary words, words of context."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.people import fold_name

WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]{2,})*")  # O'Brien is one word; of Quispe's, the name is


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """A list of words.toml, folded."""
    return frozenset(map(fold_name, _lists()[name].split()))


@cache
def context(name: str) -> frozenset[str]:
    """The words that, near a number or a code, say what it is."""
    return frozenset(map(fold_name, _lists()["context"][name].split()))


@cache
def is_word(word: str) -> bool:
    """Whether a dictionary of Spanish or English has a word that is written in small letters."""
    import simplemma  # its dictionaries are loaded where the first doubt arises, and few words are looked up

    return simplemma.is_known(word.lower(), ("es", "en"), low_memory=True)


@cache
def introductions() -> tuple[str, ...]:
    """Phrases after which somebody says a name."""
    return tuple(_lists()["introductions"])


@cache
def _short_forms() -> Mapping[str, frozenset[str]]:
    """The forms that mean a given name: its short forms and, of a short form, the names that it is short for."""
    forms: dict[str, set[str]] = defaultdict(set)
    for name, short in _lists()["diminutives"].items():
        for form in map(fold_name, short.split()):
            forms[name].add(form)
            forms[form].add(name)
    return {name: frozenset(forms[name]) for name in forms}


def short_forms(given: str) -> frozenset[str]:
    """Other forms of a folded given name: Pepe for José, José for Pepe, and the regular -ito of Spanish."""
    return _short_forms().get(given, frozenset()) | frozenset(_regular(given))


def _regular(given: str) -> Iterator[str]:
    """Juanito, Rosita, Carmencita: only of names long enough that no other word comes of it."""
    if len(given) < 4:
        return
    stem, gender = (given[:-1], given[-1]) if given[-1] in "oa" else (given, "")
    if gender:
        yield f"{stem}it{gender}"
    elif given[-1] not in "eiouy":
        yield from (f"{given}{ending}" for ending in ("ito", "ita", "cito", "cita"))
