"""A REFI-QDA project as records: what its XML and its sources hold, free of any program's dialect.

Positions count Unicode code points of the source's plain text. The standard: https://www.qdasoftware.org.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

NAMESPACE = UUID(
    "5f1c2d0e-3d4b-5a57-8a0e-8d0f1c7a9b11"
)  # drawn once; from it and a study's id come all GUIDs of a study


def guid_of(study: str, kind: str, *parts: str) -> str:
    """The GUID of a thing of a study: the same in every export."""
    return str(uuid5(NAMESPACE, "\x1f".join((study, kind, *parts))))


@dataclass(frozen=True, slots=True)
class User:
    """Who works in a project."""

    guid: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its sub-codes; one that cannot be used for coding only groups others."""

    guid: str
    name: str
    description: str = ""
    color: str = ""
    is_codable: bool = True
    codes: tuple[Code, ...] = ()


def codes_in(codes: tuple[Code, ...]) -> Iterator[Code]:
    """All codes of a tree, each before its sub-codes."""
    waiting = list(reversed(codes))
    while waiting:
        code = waiting.pop()
        yield code
        waiting.extend(reversed(code.codes))


@dataclass(frozen=True, slots=True)
class Coding:
    """One user gives one code; `notes` are GUIDs."""

    guid: str
    code: str
    user: str = ""
    at: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A stretch `[start, end)` of a source's text with what one user says of it."""

    guid: str
    start: int
    end: int
    name: str = ""
    description: str = ""
    user: str = ""
    codings: tuple[Coding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a variable, as text."""

    variable: str
    text: str


@dataclass(frozen=True, slots=True)
class Original:
    """The file that a text was read from: its ending, with the dot, and its bytes."""

    ending: str
    data: bytes


@dataclass(frozen=True, slots=True)
class TextSource:
    """A source as text."""

    guid: str
    name: str
    text: str
    description: str = ""
    selections: tuple[Selection, ...] = ()
    codings: tuple[Coding, ...] = ()  # of the whole source
    notes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """An attribute of cases or sources."""

    guid: str
    name: str
    type: str = "Text"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A person, or another unit of analysis, with its attributes and where its words are."""

    guid: str
    name: str
    description: str = ""
    values: tuple[Value, ...] = ()
    sources: tuple[str, ...] = ()
    selections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A memo."""

    guid: str
    name: str
    text: str
    description: str = ""
    user: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A link from one thing to another, by GUID."""

    guid: str
    name: str
    origin: str
    target: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A whole project."""

    name: str
    origin: str
    users: tuple[User, ...] = ()
    codes: tuple[Code, ...] = ()
    variables: tuple[Variable, ...] = ()
    cases: tuple[Case, ...] = ()
    sources: tuple[TextSource, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()
    description: str = ""
