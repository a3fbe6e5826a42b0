"""The query language of the review page and of `query`: from words to a tree of terms.

`plazo "tres meses" code:relevance near/3 code:sustainability (group:police or group:prosecutors) not code:efficiency`. Terms beside
each other are joined by *and*; *or* binds weaker, *not* turns the next term round, `near/N` asks for N excerpts of each
other in one source, `near/Nturns` for N turns. Which keys there are is up to who asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

TOKEN = re.compile(
    r"(?P<near>(?:near|cerca)/(?P<n>\d{1,3})(?P<turns>turns?|turnos?)?)(?=[\s()]|$)"
    r"|(?P<joint>and|y|or|o|not|excepto)(?=[\s()]|$)"
    r"|(?P<bracket>[()])"
    r'|(?:(?P<key>[^\W\d]\w*):)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"()]+))',
    re.I,
)
AND, OR, NOT = ("and", "y"), ("or", "o"), ("not", "excepto")
DEEPEST = 20  # brackets within each other
IN_SPANISH = {  # keys that `query` and the review page share
    "código": "code",
    "codigo": "code",
    "familia": "family",
    "persona": "person",
    "grupo": "group",
    "género": "gender",
    "genero": "gender",
    "país": "country",
    "pais": "country",
    "fuente": "source",
    "documento": "source",
    "document": "source",
    "tipo": "kind",
    "idioma": "language",
    "positiva": "positive",
    "positivo": "positive",
    "negativa": "negative",
    "negativo": "negative",
    "mixta": "mixed",
    "mixto": "mixed",
}


@dataclass(frozen=True, slots=True)
class Term:
    """Words, or a key with its value; `part` is how it was typed, `at` its first character, from 1.

    `coders` are those whose codings it asks for, where a term that must hold too names them; see `with_coders`.
    """

    key: str
    value: str
    part: str
    at: int
    coders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Two parts at most `distance` excerpts, or turns, from each other."""

    left: Node
    right: Node
    distance: int
    in_turns: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts of which all hold, any, or (a single one) not: `how` is and, or, not."""

    how: str
    parts: tuple[Node, ...]


Node = Term | Near | Joined


class QueryError(ValueError):
    """A query that cannot be understood: what is missing (`needs`: term, terms, bracket), at which part."""

    def __init__(self, needs: str, part: str, at: int) -> None:
        super().__init__(needs)
        self.needs, self.part, self.at = needs, part, at


def parse(query: str) -> Node:
    """The tree of a query; one without terms is `and` of nothing, which everything meets. QueryError names the wrong part."""
    return _Parser([match for match in TOKEN.finditer(query) if match[0]]).whole()


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[re.Match[str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def whole(self) -> Node:
        if not self.tokens:
            return Joined("and", ())
        node = self._any()
        if self.at < len(self.tokens):
            raise self._needs("bracket")
        return node

    def _is(self, words: Sequence[str], group: str = "joint") -> bool:
        return self.at < len(self.tokens) and (self.tokens[self.at][group] or "").lower() in words

    def _needs(self, what: str) -> QueryError:
        token = self.tokens[min(self.at, len(self.tokens) - 1)]
        return QueryError(what, token[0], token.start() + 1)

    def _any(self) -> Node:
        parts = [self._all()]
        while self._is(OR):
            self.at += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _all(self) -> Node:
        parts = [self._near()]
        while self.at < len(self.tokens) and not self._is(OR) and not self._is([")"], "bracket"):
            self.at += self._is(AND)
            parts.append(self._near())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _near(self) -> Node:
        node = self._single()
        while self.at < len(self.tokens) and self.tokens[self.at]["near"]:
            token = self.tokens[self.at]
            self.at += 1
            node = Near(node, self._single(), int(token["n"]), bool(token["turns"]))
        return node

    def _single(self) -> Node:
        if self.at >= len(self.tokens):
            raise self._needs("term")
        token = self.tokens[self.at]
        if token["near"]:
            raise self._needs("terms")
        if self._is(NOT):
            self.at += 1
            return Joined("not", (self._single(),))
        if token["joint"] or token["bracket"] == ")":
            raise self._needs("term")
        self.at += 1
        if token["bracket"]:
            return self._in_brackets()
        value = token["quoted"] if token["quoted"] is not None else token["bare"]
        return Term((token["key"] or "").lower(), value, token[0], token.start() + 1)

    def _in_brackets(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._needs("bracket")
        node = self._any()
        if not self._is([")"], "bracket"):
            raise self._needs("bracket")
        self.at += 1
        self.depth -= 1
        return node


def with_coders(node: Node, coder_of: Callable[[Term], str], coders: tuple[str, ...] = ()) -> Node:
    """The tree in which every term knows whose codings it asks for.

    A coder who is named beside other terms holds for all of these, also within their brackets and behind *not*. `coder_of` gives
    the coder that a term names, or "".
    """
    if isinstance(node, Term):
        return replace(node, coders=coders)
    if isinstance(node, Near):
        left, right = (with_coders(each, coder_of, coders) for each in (node.left, node.right))
        return replace(node, left=left, right=right)
    named = (coder_of(part) for part in node.parts if isinstance(part, Term) and node.how == "and")
    holding = (*coders, *filter(None, named))
    return replace(node, parts=tuple(with_coders(part, coder_of, holding) for part in node.parts))


def terms_of(node: Node) -> list[Term]:
    """The terms that a query asks for; not those behind *not*."""
    if isinstance(node, Term):
        return [node]
    parts = (node.left, node.right) if isinstance(node, Near) else () if node.how == "not" else node.parts
    return [term for part in parts for term in terms_of(part)]


def fold_text(text: str) -> str:
    """A text without regard to case and accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def fold_value(value: str) -> str:
    """A value without regard to case, accents and underscores: `armed forces` is `armed_forces`."""
    return fold_text(value).replace("_", " ")


Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Places:
    """Where excerpts are, in reading order: the number of the source of each, and of its turn."""

    sources: np.ndarray
    turns: np.ndarray


def mask_of(node: Node, of_term: Callable[[Term], Mask], places: Places) -> Mask:
    """A mask over the excerpts that meet a query; `of_term` gives that of a single term."""
    if isinstance(node, Term):
        return of_term(node)
    if isinstance(node, Near):
        left, right = (mask_of(each, of_term, places) for each in (node.left, node.right))
        at = places.turns if node.in_turns else np.arange(len(left))
        return np.asarray(
            (left & _reaches(right, places.sources, at, node.distance))
            | (right & _reaches(left, places.sources, at, node.distance))
        )
    masks = [mask_of(part, of_term, places) for part in node.parts]
    if node.how == "not":
        return np.asarray(~masks[0])
    if not masks:
        return np.ones(len(places.sources), dtype=bool)
    join = np.logical_and if node.how == "and" else np.logical_or
    return np.asarray(join.reduce(masks))


def _reaches(mask: Mask, sources: np.ndarray, at: np.ndarray, distance: int) -> Mask:
    """Where an excerpt of the mask is at most `distance` away in the same source."""
    hits = np.flatnonzero(mask)
    if not len(hits):
        return np.zeros(len(mask), dtype=bool)
    here = np.arange(len(mask))
    after = hits[np.minimum(np.searchsorted(hits, here), len(hits) - 1)]
    before = hits[np.maximum(np.searchsorted(hits, here, side="right") - 1, 0)]
    is_near = ((np.abs(at[each] - at) <= distance) & (sources[each] == sources) for each in (after, before))
    return np.asarray(np.logical_or.reduce(list(is_near)))
