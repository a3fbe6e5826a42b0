"""Messages to the people who run a study, English and Spanish side by side, one file for each package.

A message is written in code as its key and values, is English wherever it is treated as text, and is put into the language
of the study where it is shown: `message("registers/has_no_path")`, then `in_language(problem.what, "es")`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Self

from pipeline import wording

FOLDER = Path(__file__).parent
MOST_NAMED = 6  # places in one message: enough to start with, and they fit on two lines


class Message(str):
    """An English text that keeps its key and values, or the pieces that it is joined from, to be read in any language."""

    key: str
    values: Mapping[str, object]
    pieces: tuple[str, ...]

    def __new__(  # noqa: D102
        cls, english: str, key: str = "", values: Mapping[str, object] | None = None, pieces: tuple[str, ...] = ()
    ) -> Self:
        created = super().__new__(cls, english)
        created.key, created.values, created.pieces = key, values or {}, pieces
        return created

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, object], tuple[str, ...]]:  # type: ignore[override]
        """What a copy is made of; messages come back from worker processes."""
        return str(self), self.key, self.values, self.pieces


class _InLanguage(Formatter):
    """Fills places, in the language: messages, shares, {n:,} with a thousands separator, and {where:place} of a file."""

    def __init__(self, language: str) -> None:
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == ",":
            return wording.number(value, self.language)
        shown = in_language(value, self.language) if isinstance(value, str) else value
        if format_spec == "place":
            return wording.place(str(shown), self.language)
        return wording.percentage(str(super().format_field(shown, format_spec)), self.language)


@cache
def _file(name: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def message(key: str, /, **values: object) -> Message:
    """A message with its values; of "one|many" the form that the value `n` asks for. KeyError for an unknown key.

    The key is `file/name`, or `section.name` for a text of the outputs, such as a closed word.
    """
    shown = {name: _kept(value) for name, value in values.items()}
    return Message(_filled(key, "en", shown), key, shown)


def _kept(value: object) -> str | int | float:
    """A value that a message can keep and a process can pass on; for an error, its text."""
    if isinstance(value, Exception) and value.args and isinstance(value.args[0], Message):
        return value.args[0]
    return value if isinstance(value, str | int | float) else str(value)


def _filled(key: str, language: str, values: Mapping[str, object]) -> str:
    file, _, name = key.partition("/")
    form = (_file(file)[name] if name else wording.texts()[key])[language]
    if "|" in form and "n" in values:
        one, many = form.split("|")
        form = one if values["n"] == 1 else many
    return _InLanguage(language).vformat(form, (), values)


def in_language(text: str, language: str) -> str:
    """A message in the language; any other text as it is written."""
    if not isinstance(text, Message) or language == "en":
        return str(text)
    if text.pieces:
        return "".join(in_language(piece, language) for piece in text.pieces)
    return _filled(text.key, language, text.values) if text.key else str(text)


def place_in_language(where: str, language: str) -> str:
    """Where a problem is, in the language: a message, or the name of a file with the place behind it."""
    return str(where) if language == "en" else wording.place_of_problem(in_language(where, language), language)


def separated(separator: str, texts: Iterable[str]) -> Message:
    """Messages and other texts one after the other."""
    pieces: list[str] = []
    for text in texts:
        pieces += [separator, text] if pieces else [text]
    return Message("".join(pieces), pieces=tuple(pieces))


def noted(notes: Iterable[str], language: str) -> str:
    """Notes on one thing as they are stored, in the language of the study."""
    return "; ".join(in_language(note, language) for note in notes)


def listed(texts: Sequence[str], key: str = "count/and") -> Message:
    """Texts as a list: a, b and c; with `count/or` a, b or c."""
    if len(texts) < 2:
        return separated("", texts)
    return message(key, before=separated(", ", texts[:-1]), last=texts[-1])


def counted(number: int, noun: str) -> Message:
    """A number with its noun: 1 person, 2 persons. The nouns are in count.toml."""
    return message(f"count/{noun}", n=number)


def and_more(places: Sequence[str]) -> Message:
    """The first of several places, and how many more follow."""
    more = len(places) - 1
    return message("count/first_few", places=places[0], more=more) if more else separated("", places)


def first_few(places: Sequence[str]) -> Message:
    """The first places (or ids) of a list, and how many more follow."""
    first = separated(", ", places[:MOST_NAMED])
    more = len(places) - MOST_NAMED
    return message("count/first_few", places=first, more=more) if more > 0 else first
