"""The find language of the review page, from words to a mask over the excerpts.

`plazo "tres meses" code:relevance near/3 family:priority not positive:efficiency person:P-53K4 group:police gender:woman
source:BO-01 by:ana status:conflicted finding:F3 strength:weak`, joined as in `query_language`. The keys are read in Spanish, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline import query_language
from pipeline.errors import ConfigError
from pipeline.query_language import Places, QueryError, Term, mask_of, parse, terms_of, with_coders
from pipeline.review.web.refusals import refused
from pipeline.review.web.search.decided import Decided, Opinions
from pipeline.review.web.search.names import MACHINE, PEOPLE, SELF, SearchNames
from pipeline.review.web.search.orders import Attribute
from pipeline.review.web.shelf import Shelf
from pipeline.vocabulary import RefusalKind, Stance

STANCES = tuple(map(str, Stance))
KEYS = ("code", "family", *STANCES, "person", "source", "kind", "language", "by", "status", "finding", "strength")
IN_SPANISH = {
    **query_language.IN_SPANISH,
    "por": "by",
    "estado": "status",
    "hallazgo": "finding",
    "solidez": "strength",
}
NEEDS = {
    "term": (RefusalKind.QUERY_NEEDS_TERM, "write a term behind it"),
    "terms": (RefusalKind.QUERY_NEEDS_TERMS, "write a term on each side of near/N"),
    "bracket": (RefusalKind.QUERY_NEEDS_BRACKET, "close every bracket that is open"),
}


@dataclass(frozen=True, slots=True)
class Search:
    """A study as one coder searches it."""

    shelf: Shelf
    decided: Decided
    names: SearchNames
    families: dict[str, tuple[str, ...]]  # with their codes
    attributes: dict[str, Attribute]
    coder: str

    def find(self, query: str, *, coders: tuple[str, ...] = ()) -> np.ndarray:
        """A mask over the excerpts of respondents that meet the query.

        `coders` are those whose codings count where the query names nobody; () is everybody, and the machine where nobody decided.
        Raises ConfigError that names the part of the query that cannot be used.
        """
        try:
            tree = parse(query)
        except QueryError as error:
            kind, remedy = NEEDS[error.needs]
            raise _refused(kind, error.part, remedy) from error
        places = Places(self.shelf.sources.codes, self.shelf.excerpts["turn"].to_numpy())
        scoped = with_coders(tree, self._coder_of)
        return np.asarray(self.shelf.is_respondent & mask_of(scoped, lambda term: self._mask(term, coders), places))

    def coders_named(self, query: str) -> tuple[str, ...]:
        """The coders whose codings the whole of a query asks for."""
        tree = parse(query)
        parts = (tree,) if isinstance(tree, Term) else getattr(tree, "parts", ()) if _is_and(tree) else ()
        return tuple(name for part in parts if isinstance(part, Term) and (name := self._coder_of(part)))

    def codes_asked(self, query: str) -> tuple[str, ...]:
        """The codes that a query asks for."""
        codes: list[str] = []
        for term in terms_of(parse(query)):
            key = IN_SPANISH.get(term.key, term.key)
            if key in ("code", *STANCES):
                codes.append(self._value(key, term))
            elif key == "family":
                codes += self.families[self._value(key, term)]
        return tuple(dict.fromkeys(codes))

    def is_by_people(self, excerpt_id: str, code: str) -> bool | None:
        """Whether people, not only the machine, give an excerpt a code; None where neither does."""
        if excerpt_id in self.decided.together.ayes.get(code, {}):
            return True
        if excerpt_id in self.decided.together.noes.get(code, ()) or self.decided.hides_tables:
            return None
        return False if self.shelf.carries(self.shelf.position[excerpt_id], code) else None

    def opinions(self, coders: tuple[str, ...]) -> Opinions:
        """What some coders say; of several, each code to which any of them says yes."""
        each = [self._opinions_of(name) for name in coders]
        if len(each) == 1:
            return each[0]
        ayes: dict[str, dict[str, str]] = {}
        for opinions in each:
            for target, excerpts in opinions.ayes.items():
                ayes[target] = {**excerpts, **ayes.get(target, {})}
        return Opinions(ayes)

    def _opinions_of(self, coder: str) -> Opinions:
        if coder == MACHINE:
            return self.decided.machine()
        return self.decided.confirmed if coder == PEOPLE else self.decided.by_coder.get(coder.casefold(), Opinions())

    def _coder_of(self, term: Term) -> str:
        """The coder that a term names, or ""."""
        if IN_SPANISH.get(term.key, term.key) != "by":
            return ""
        coder = self._value("by", term)
        return self.coder if coder == SELF else coder

    def _mask(self, term: Term, coders: tuple[str, ...]) -> np.ndarray:
        key = IN_SPANISH.get(term.key, term.key)
        if not key:
            return self.shelf.with_words(term.value)
        if key not in KEYS and key not in self.attributes:
            keys = ", ".join(f"{name}:" for name in (*KEYS, *self.attributes))
            raise _refused(RefusalKind.QUERY_UNCLEAR, f"{key}:", f"use {keys} or put the words in quotes", keys=keys)
        value = self._value(key, term)
        if key in self.attributes:
            return self.attributes[key].equal(value)
        shelf, asked = self.shelf, term.coders or coders
        masks: dict[str, Callable[[], np.ndarray]] = {
            "code": lambda: self._with_codes((value,), asked),
            "family": lambda: self._with_codes(self.families[value], asked),
            **{stance: lambda: self._with_codes((value,), asked, stance=key) for stance in STANCES},
            "finding": lambda: self._with_finding(value),
            "strength": lambda: shelf.with_finding([f for f, s in self.decided.strengths.items() if s == value]),
            "person": lambda: shelf.persons.equal(value),
            "source": lambda: shelf.sources.equal(value) | shelf.sources.renamed(shelf.paths).equal(value),
            "kind": lambda: shelf.of_kind(value),
            "language": lambda: shelf.languages.equal(value),
            "by": lambda: shelf.of_ids(self._opinions_of(self._coder_of(term)).excerpts),
            "status": lambda: shelf.of_ids(self.decided.by_status.get(value, frozenset())),
        }
        return masks[key]()

    def _value(self, key: str, term: Term) -> str:
        """What the value of a term stands for; a refusal with the nearest names, or with those there are."""
        if (meant := self.names.meant(key, term.value)) is not None:
            return meant
        part = f"{term.key}:{term.value}"
        if nearest := " / ".join(self.names.nearest(key, term.value)):
            raise _refused(RefusalKind.QUERY_NEAREST, part, f"did you mean {nearest}?", names=nearest)
        listed = self.names.listed(key) or "-"
        raise _refused(RefusalKind.QUERY_NOT_THERE, part, f"use one of: {listed}", names=listed)

    def _with_codes(self, codes: tuple[str, ...], coders: tuple[str, ...], *, stance: str = "") -> np.ndarray:
        """The excerpts with any of some codes, and this stance on it: by the coders named, else by everybody and the machine."""
        mask = np.zeros(len(self.shelf), dtype=bool)
        opinions = self.opinions(coders) if coders else self.decided.together
        for code in codes:
            carried = opinions.ayes.get(code, {})
            ayes = self.shelf.of_ids([each for each, value in carried.items() if stance in ("", value)])
            mask |= ayes if coders or self.decided.hides_tables else ayes | self._by_tables(code, opinions, stance)
        return mask

    def _by_tables(self, code: str, opinions: Opinions, stance: str) -> np.ndarray:
        """The excerpts that the tables of the last run give a code, but for those on which people decided since."""
        decided = self.shelf.of_ids({*opinions.ayes.get(code, {}), *opinions.noes.get(code, ())})
        return np.asarray(self.shelf.with_code(code, stance=stance) & ~decided)

    def _with_finding(self, finding: str) -> np.ndarray:
        """The excerpts with a finding: by the tables, and by what people decided since, or by the latter alone."""
        together = self.decided.together
        ayes, noes = (self.shelf.of_ids(each.get(finding, ())) for each in (together.ayes, together.noes))
        return np.asarray(ayes if self.decided.hides_tables else ayes | (self.shelf.with_finding([finding]) & ~noes))


def _is_and(node: object) -> bool:
    return getattr(node, "how", "") == "and"


def _refused(kind: RefusalKind, part: str, remedy: str, **values: str) -> ConfigError:
    return refused(kind, "find", f"cannot use {part!r}", remedy, part=part, **values)
