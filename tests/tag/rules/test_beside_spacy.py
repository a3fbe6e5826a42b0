"""Patterns match what spaCy's Matcher matches on the whole text, and the texts are split as spaCy splits them."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import Matcher
from spacy.tokens import Doc

from pipeline.codebook import Pattern
from pipeline.tag.folding import fold
from pipeline.tag.rules.cues import LONGEST_CUE, _phrases
from pipeline.tag.rules.forms import Forms, tokenizer
from pipeline.tag.rules.match import SENTENCE_ENDS, Element, Word, parse, words_of
from pipeline.tag.rules.rules import LanguageRules
from pipeline.tag.rules.sequence import END, sequence_of
from pipeline.tag.rules.tokens import Tokens

MATCHES = (
    "cuando ..2 (irse|ir|terminar)",
    "(ayudar|=se =va|no ..3 serv*) [ya] ..4 (lo =que|el|sirve* ..1 no)",
    "no (=se|=lo =que =se|que*) ..2 fueron",
    "(lo que|que lo|que) (que|lo)",
    "ayud* [(no|ya se)] [el] va",
)
WORDS = "no cuando ya se fueron ayudaron. ¿sirve? - termina! el x’y “va” lo que servían, lo\nque (va). no… a.m. :) don't".split(
    " "
)


@cache
def forms() -> Forms:
    return Forms("es", [word.text for match in MATCHES for word in words_of(parse(match)) if word.how == "lemma"])


@cache
def rules() -> LanguageRules:
    return LanguageRules("es", [Pattern(str(i), "c", "es", match) for i, match in enumerate(MATCHES)])


def of_spacy(elements: Sequence[Element], text: str) -> set[tuple[int, int]]:
    nlp = tokenizer("es")
    tokens = [token for token in nlp.make_doc(fold(text)) if not token.is_space]
    doc = Doc(nlp.vocab, words=[token.text for token in tokens])
    for copy, token in zip(doc, tokens, strict=True):
        copy.norm_ = token.norm_
    matcher = Matcher(nlp.vocab)
    readings = product(*([*map(_reading, element.alternatives), *([[]] * element.optional)] for element in elements))
    matcher.add("p", [list(chain.from_iterable(parts)) for parts in readings], greedy="LONGEST")
    return {(start, end) for _, start, end in matcher(doc)}


def _reading(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [part for word in words for part in _parts(word)]


def _parts(word: Word) -> list[dict[str, Any]]:
    if word.is_gap:
        return [{"NORM": {"NOT_IN": list(SENTENCE_ENDS)}, "OP": f"{{0,{word.text}}}"}]
    return [
        {"NORM": {"REGEX": "^(?:" + "|".join(map(re.escape, sorted(texts))) + ")"}}
        if how == "prefix"
        else {"NORM": {"IN": sorted(texts)}}
        for texts, how in forms().tokens(word.text, word.how)
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.sampled_from(MATCHES))
def test_a_pattern_matches_as_in_spacy(text: str, match: str) -> None:
    elements = parse(match)
    norms = [token.norm for token in Tokens(tokenizer("es")).of(text.split())]
    assert set(sequence_of(elements, forms()).spans([*norms, END])) == of_spacy(elements, text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_every_pattern_that_matches_is_a_candidate(text: str) -> None:
    candidates = rules().prefilter.candidates(text.split())
    matching = [i for i, match in enumerate(MATCHES) if of_spacy(parse(match), text)]
    assert set(matching) <= set(candidates)


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt"])
@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.sampled_from([*WORDS, "l'eau", "pa'l", "e.g.", "\u00a0", "can't.", "10km", "d’água"])).map(
        " ".join
    )
)
def test_a_text_is_split_as_spacy_splits_it(language: str, text: str) -> None:
    tokens = Tokens(tokenizer(language))
    whole = [token for token in tokenizer(language).make_doc(fold(text)) if not token.is_space]
    assert [token.norm for token in tokens.of(text.split())] == [token.norm_ for token in whole]
    places = [tokens.token(text, number) for number in range(len(whole))]
    assert places == [(token.idx, token.idx + len(token)) for token in whole]


@pytest.mark.parametrize("language", ["es", "en", "fr", "pt"])
def test_cues_are_looked_for_as_far_away_as_the_longest_begins(language: str) -> None:
    assert max(len(words) for phrases in _phrases(language).values() for words, _ in phrases) <= LONGEST_CUE
