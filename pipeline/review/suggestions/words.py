"""Words that tell the excerpts of a code from those to which people did not give it.

The log-odds of a term with an informative Dirichlet prior, divided by its standard error: Monroe, Colaresi & Quinn (2008),
Fightin' Words, *Political Analysis* 16. The prior is how often the study uses the term, and weighs as much as all that was decided
on: a rare word in two excerpts does not look telling. A term counts once for each excerpt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

FEWEST_AYES = 5  # excerpts with the code: from fewer, any word is as telling as any other
FEWEST_PERSONS = (
    2  # who use a term in excerpts with the code: one person's word is a habit, and may be known for theirs
)
LEAST_SCORE = 1.28  # standard errors: one in ten terms that tell nothing lies above; a person decides on each


@dataclass(frozen=True, slots=True)
class SpokenTerms:
    """The terms of an excerpt, and whose words they are."""

    person: str
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class TellingTerm:
    """A term with the excerpts in which it occurs, and of how many persons: with the code, and without it."""

    term: str
    score: float
    ayes: int
    persons: int
    noes: int
    persons_without: int


def telling_terms(
    ayes: Sequence[SpokenTerms], noes: Sequence[SpokenTerms], study: Iterable[SpokenTerms]
) -> list[TellingTerm]:
    """The terms of the excerpts with a code (`ayes`) against those without, the most telling first; `study` gives the prior."""
    if len(ayes) < FEWEST_AYES or not noes:
        return []
    yes, no = _counts(ayes), _counts(noes)
    usual = _counts([*study, *ayes, *noes])
    weight = (yes.total() + no.total()) / usual.total()
    terms = []
    for term, count in yes.items():
        persons = _persons(term, ayes)
        score = _score(
            count, yes.total(), no[term], no.total(), prior=usual[term] * weight, whole=usual.total() * weight
        )
        if persons >= FEWEST_PERSONS and score >= LEAST_SCORE:
            terms.append(TellingTerm(term, score, count, persons, no[term], _persons(term, noes)))
    return sorted(terms, key=_most_telling_first)


def without_repeats(terms: Iterable[TellingTerm], most: int) -> list[TellingTerm]:
    """The first terms that have no word in common with one before them."""
    chosen: list[TellingTerm] = []
    words: set[str] = set()
    for each in terms:
        if len(chosen) < most and words.isdisjoint(each.term.split()):
            chosen.append(each)
            words.update(each.term.split())
    return chosen


def _most_telling_first(each: TellingTerm) -> tuple[float, int, str]:
    return -round(each.score, 6), -len(each.term.split()), each.term


def _counts(excerpts: Iterable[SpokenTerms]) -> Counter[str]:
    return Counter(term for excerpt in excerpts for term in excerpt.terms)


def _persons(term: str, excerpts: Iterable[SpokenTerms]) -> int:
    return len({excerpt.person for excerpt in excerpts if term in excerpt.terms})


def _score(count: int, total: int, other: int, other_total: int, *, prior: float, whole: float) -> float:
    odds = log((count + prior) / (total + whole - count - prior))
    other_odds = log((other + prior) / (other_total + whole - other - prior))
    return (odds - other_odds) / sqrt(1 / (count + prior) + 1 / (other + prior))
