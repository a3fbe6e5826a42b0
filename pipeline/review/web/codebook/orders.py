"""What the page asks to be changed in the codebook, and what makes the changes: the functions of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.codebook import Pattern
from pipeline.records import Decision
from pipeline.vocabulary import CodebookAction

Texts = Mapping[str, str]  # by language; "" is one text for all


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """A change as somebody asks for it: by the names that people read; nobody has to make up ids."""

    action: CodebookAction
    reason: str
    base: str  # the version of the codebook, or for an element of the theory, that was seen
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # of the codes that the change makes
    family: str = ""
    parent: str = ""
    texts: Mapping[str, Texts] = field(default_factory=dict)
    pattern: Mapping[str, str] = field(default_factory=dict)
    element: Mapping[str, Any] = field(default_factory=dict)  # of the theory of change: name, kind, codes
    elements: Mapping[str, Sequence[str]] = field(default_factory=dict)  # that get other codes: id -> codes
    line: int = 0  # of "undo"


@dataclass(frozen=True, slots=True)
class CodebookEditor:
    """Changes of the codebook, what a pattern catches, and of which words one may be made, as functions of the study."""

    change: Callable[[ChangeOrder, str], Decision]  # an order and its coder -> the line written
    preview: Callable[[str, str], list[tuple[int, int, int]]]  # language, match -> place of the excerpt, start, end
    terms: Callable[
        [int, Sequence[tuple[int, int]]], Mapping[str, str]
    ]  # place of the excerpt, stretches (none: whole)
    is_caught: Callable[[Sequence[Pattern], str, str], bool]  # patterns, language, words
