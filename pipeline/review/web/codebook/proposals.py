"""Patterns proposed for a code: words that tell the excerpts to which people gave it from those to which they did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.codebook import Criterion
from pipeline.review.spans.of_coders import CoderSpan
from pipeline.review.suggestions.words import SpokenTerms, TellingTerm, telling_terms, without_repeats
from pipeline.review.web.codebook.tree import Places
from pipeline.review.web.study_view import StudyView

MOST = 5  # proposals for each code and language
CONSIDERED = 30  # terms of each code that are looked at for patterns that catch them already
BACKGROUND = 1000  # excerpts that say how often the study uses a word; more change the order of proposals little

Json = dict[str, Any]
Stretches = Mapping[int, Sequence[tuple[int, int]]]  # place of an excerpt -> what is marked in it


@dataclass(frozen=True, slots=True)
class DecidedExcerpts:
    """The excerpts to which people gave a code and did not give it, and what they marked for it."""

    code: Criterion
    ayes: Places
    noes: Places
    marked: Stretches


def proposals(study: StudyView, decided: Mapping[str, tuple[Places, Places]], spans: Iterable[CoderSpan]) -> list[Json]:
    """The proposals for all codes; `spans` are the words that people marked, which then count alone."""
    marked: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for span in spans:
        if span.excerpt_id in study.shelf.position:
            of_code = marked.setdefault(span.criterion, {})
            of_code.setdefault(study.shelf.position[span.excerpt_id], []).append((span.start, span.end))
    every = np.flatnonzero(study.shelf.is_respondent).tolist()
    background = every[:: len(every) // BACKGROUND + 1]
    rows: list[Json] = []
    for code in study.form.codebook.criteria:
        ayes, noes = decided.get(code.id, (set(), set()))
        decisions = DecidedExcerpts(code, ayes, noes, marked.get(code.id, {}))
        for language in sorted({study.shelf.cell("language", at) for at in ayes} - {""}):
            rows += _in_language(language, decisions, study, background)
    return rows


def _in_language(
    language: str, decided: DecidedExcerpts, study: StudyView, background: Sequence[int]
) -> Iterator[Json]:
    def terms(places: Iterable[int], marked: Stretches) -> dict[int, Mapping[str, str]]:
        there = [at for at in sorted(places) if study.shelf.cell("language", at) == language]
        return {at: study.editor.terms(at, marked.get(at, ())) for at in there}

    written, code = terms(decided.ayes, decided.marked), decided.code
    others = terms(decided.noes, {}), terms(background, {})
    telling = telling_terms(*(_spoken(each, study) for each in (written, *others)))[:CONSIDERED]
    names = _as_written(written.values(), {each.term for each in telling})
    is_new = [each for each in telling if not study.editor.is_caught(code.patterns, language, names[each.term])]
    for each in without_repeats(is_new, MOST):
        yield _row(each, code.id, language, names[each.term])


def _spoken(terms: Mapping[int, Mapping[str, str]], study: StudyView) -> list[SpokenTerms]:
    """The terms of excerpts, with the person who speaks or, where nobody is known, the source."""
    shelf = study.shelf
    return [SpokenTerms(shelf.persons[at] or shelf.sources[at], frozenset(each)) for at, each in terms.items()]


def _as_written(written: Iterable[Mapping[str, str]], terms: Collection[str]) -> dict[str, str]:
    """How each term is mostly written."""
    forms: dict[str, Counter[str]] = {}
    for of_excerpt in written:
        for term in terms & of_excerpt.keys():
            forms.setdefault(term, Counter())[of_excerpt[term]] += 1
    return {term: min(counts, key=lambda form: (-counts[form], form)) for term, counts in forms.items()}


def _row(each: TellingTerm, code: str, language: str, match: str) -> Json:
    return {
        "code": code,
        "language": language,
        "match": match,
        "ayes": each.ayes,
        "persons": each.persons,
        "noes": each.noes,
        "persons_without": each.persons_without,
    }
