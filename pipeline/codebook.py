"""codebook.toml as Criteria and Patterns; rejects doubled ids and unknown words, all at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import read_toml
from pipeline.errors import ConfigError, Problem
from pipeline.provenance import key_of
from pipeline.words import Stance

SCOPES = ("answer", "question", "both")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named way of saying something, in one language. The match language is described in docs/codebook.md."""

    id: str
    criterion: str
    language: str
    match: str
    scope: str = "answer"
    stance: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """A code of any family. Texts are kept per language: {"es": ..., "en": ...} as pairs."""

    id: str
    family: str
    name: tuple[tuple[str, str], ...]
    definition: tuple[tuple[str, str], ...]
    include: tuple[tuple[str, str], ...]
    exclude: tuple[tuple[str, str], ...]
    sub_codes: tuple[str, ...]
    patterns: tuple[Pattern, ...]

    def text(self, field: str, language: str) -> str:
        """A text of the criterion in the language asked for, else in the first one that it has."""
        texts = dict(getattr(self, field))
        return texts.get(language) or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Codebook:
    """The codes of a study in the order of the file, and its version (the author's and a hash of the content)."""

    version: str
    criteria: tuple[Criterion, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all codes."""
        return tuple(criterion.id for criterion in self.criteria)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of all codes."""
        return tuple(pattern for criterion in self.criteria for pattern in criterion.patterns)

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """The ids of the codes by family, in the order of the file."""
        names = dict.fromkeys(criterion.family for criterion in self.criteria)
        return {name: tuple(c.id for c in self.criteria if c.family == name) for name in names}

    def of_family(self, family: str) -> tuple[Criterion, ...]:
        """The codes of one family."""
        return tuple(criterion for criterion in self.criteria if criterion.family == family)

    def __getitem__(self, criterion: str) -> Criterion:
        return next(c for c in self.criteria if c.id == criterion)


def load_codebook(path: Path) -> Codebook:
    """The codebook of a study, or ConfigError with every problem of the file."""
    content = read_toml(path)
    problems = list(_problems(content, path.name))
    if problems:
        raise ConfigError(problems)
    criteria = tuple(_criterion(entry) for entry in content["criteria"])
    return Codebook(f"{content.get('version', '0')}+{key_of(content)}", criteria)


def _criterion(entry: dict[str, Any]) -> Criterion:
    texts = {name: _texts(entry.get(name, {})) for name in ("name", "definition", "include", "exclude")}
    patterns = tuple(_pattern(entry["id"], pattern) for pattern in entry.get("patterns", ()))
    family = entry.get("family", "criterion")
    return Criterion(entry["id"], family, **texts, sub_codes=tuple(entry.get("sub_codes", ())), patterns=patterns)


def _texts(value: str | dict[str, str]) -> tuple[tuple[str, str], ...]:
    return (("", value),) if isinstance(value, str) else tuple(value.items())


def _pattern(criterion: str, entry: dict[str, Any]) -> Pattern:
    return Pattern(criterion=criterion, **entry)


PATTERN_KEYS = {"id", "language", "match", "scope", "stance", "weight"}


def _problems(content: dict[str, Any], file: str) -> Iterator[Problem]:
    criteria = content.get("criteria")
    if not criteria:
        yield Problem(file, "holds no [[criteria]]", "add at least one code with id, name and definition")
        return
    yield from _doubled("code", [entry.get("id", "") for entry in criteria], file)
    patterns = [pattern for entry in criteria for pattern in entry.get("patterns", ())]
    yield from _doubled("pattern", [pattern.get("id", "") for pattern in patterns], file)
    for number, entry in enumerate(criteria, 1):
        where = f"{file} criterion {entry.get('id', f'number {number}')}"
        if not entry.get("id") or not entry.get("definition"):
            yield Problem(where, "has no id or no definition", 'give both: definition.en = "..."')
        for pattern in entry.get("patterns", ()):
            yield from _pattern_problems(pattern, where)


def _doubled(what: str, ids: list[str], file: str) -> Iterator[Problem]:
    for name, times in Counter(ids).items():
        if times > 1:
            yield Problem(file, f"{what} id {name!r} stands {times} times", "give each its own id")


def _pattern_problems(pattern: dict[str, Any], where: str) -> Iterator[Problem]:
    place = f"{where} pattern {pattern.get('id', '(no id)')}"
    for key in ("id", "language", "match"):
        if not pattern.get(key):
            yield Problem(place, f"has no {key}", "every pattern needs id, language and match")
    for key in sorted(set(pattern) - PATTERN_KEYS):
        yield Problem(place, f"has an unknown key {key!r}", f"use {', '.join(sorted(PATTERN_KEYS))}")
    if pattern.get("scope", "answer") not in SCOPES:
        yield Problem(place, f"scope = {pattern['scope']!r}", f"use {', '.join(SCOPES)}")
    if pattern.get("stance", "") not in (*Stance, ""):
        yield Problem(place, f"stance = {pattern['stance']!r}", f"use {', '.join(Stance)} or leave it out")
    if not 0 < pattern.get("weight", 1.0) <= 1:
        yield Problem(place, f"weight = {pattern['weight']}", "use more than 0 and at most 1")
