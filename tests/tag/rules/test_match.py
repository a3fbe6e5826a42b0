"""What the match language of patterns means, sentence by sentence."""

import pytest

from pipeline.codebook import Codebook, Criterion, Pattern
from pipeline.tag.rules.match import MatchError, doubtful, parse, unreadable
from pipeline.tag.rules.rules import LanguageRules

ALL = frozenset({"answer", "question", "both"})


def words_found(match: str, text: str, language: str = "es") -> list[str]:
    rules = LanguageRules(language, [Pattern("p", "c", language, match)])
    return [text[found.start : found.end] for found in rules.find(text, ALL)]


@pytest.mark.parametrize(
    ("match", "text", "words"),
    [
        ("pedir", "Nosotros PEDIMOS agua", "PEDIMOS"),
        ("pedir", "nadie quiso pedírselo", "pedírselo"),
        ("necesitar", "lo necesitábamos", "necesitábamos"),
        ("=pedir", "pedimos agua, sin pedir nada", "pedir"),
        ("pertinen*", "fue muy PERTINENTE", "PERTINENTE"),
        ("lo que ..2 (pedir|hacer falta)", "era lo que de verdad hacía falta", "lo que de verdad hacía falta"),
        ("cambiar [(el|la)] horario", "cambiaron el horario", "cambiaron el horario"),
        ("cambiar [(el|la)] horario", "cambiaron horario", "cambiaron horario"),
        ("año", "hace dos años", "años"),
        ("(dejar ..2 solo|abandonar)", "nos dejaron muy solos", "dejaron muy solos"),
        ("quedar  fuera", "quedó\n  fuera", "quedó\n  fuera"),
    ],
)
def test_a_match_finds_its_words_in_any_form_case_and_accent(match: str, text: str, words: str) -> None:
    assert words_found(match, text) == [words]


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("=pedir", "pedimos"),
        ("lo que ..1 pedir", "lo que entonces nosotros pedimos"),
        ("irse ..3 acabar", "se fueron. Acabó"),
        ("quedar fuera", "quedó, fuera"),
        ("=ano", "anotado"),
    ],
)
def test_a_match_leaves_other_words_alone(match: str, text: str) -> None:
    assert words_found(match, text) == []


@pytest.mark.parametrize("text", ["We don't need it", "we DON’T need it", "they do not need it"])
def test_contractions_are_two_words(text: str) -> None:
    assert len(words_found("not need", text, "en")) == 1


@pytest.mark.parametrize(
    "match", ["", "..3 word", "word ..3", "[word]", "a (b|", "(a|)", "=word*", "a ..99 b", "(a ..2|b)"]
)
def test_what_cannot_be_read_is_refused(match: str) -> None:
    with pytest.raises(MatchError):
        parse(match)


def codebook_of(*matches: str) -> Codebook:
    patterns = tuple(Pattern(f"p{i}", "c", "en", match) for i, match in enumerate(matches))
    return Codebook("1", (Criterion("c", "criterion", (), (), (), (), (), patterns),))


def test_patterns_that_are_broken_or_too_costly_are_named() -> None:
    many = "(" + "|".join(f"one{i} two{i}" for i in range(30)) + ")"
    found = unreadable(codebook_of("fine word", "broken (", "the ..3 of", f"{many} {many}"))
    broken, costly = (problem.what for problem in found)
    assert "cannot read '('" in broken
    assert "more than the" in costly


def test_patterns_that_are_too_broad_or_doubled_are_named() -> None:
    broad, doubled = (
        problem.what for problem in doubtful(codebook_of("fine word", "the ..3 of", "fine word"), ("en",))
    )
    assert "nearly every answer" in broad
    assert "matches the same words as p0" in doubled
