"""Votes of patterns: what fires, on which words, with which cues."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codebook import Codebook, Criterion, Pattern
from pipeline.records import Excerpt, Vote
from pipeline.tag.folding import fold
from pipeline.tag.rules.rules import compile_rules, votes
from pipeline.vocabulary import Role

PATTERNS = (
    Pattern("left", "sustainability", "es", "cuando ..2 (irse|ir|terminar)", stance="negative"),
    Pattern("helped", "effectiveness", "es", "(ayudar|servir)", stance="positive"),
    Pattern("asked", "sustainability", "es", "(después|quedar)", scope="question", weight=0.5),
    Pattern("helped-en", "effectiveness", "en", "help", stance="positive"),
)


def codebook() -> Codebook:
    return Codebook("1", tuple(_criterion(c) for c in ("sustainability", "effectiveness")))


def _criterion(name: str) -> Criterion:
    return Criterion(name, "criterion", (), (), (), (), (), tuple(p for p in PATTERNS if p.criterion == name))


def votes_on(text: str, question: str = "", language: str = "es") -> list[Vote]:
    excerpt = Excerpt("x:0-1", "x", 1, "", Role.RESPONDENT, language, 0, 1, text, "", question, "")
    return votes(compile_rules(codebook()), [excerpt])


def test_a_vote_names_pattern_words_and_stance() -> None:
    (vote,) = votes_on("Y cuando ya se fueron, nos quedamos solos.")
    assert (vote.voter, vote.criterion, vote.vote, vote.stance) == ("rule:left", "sustainability", 1, "negative")
    assert json.loads(vote.because) == {"words": "cuando ya se fueron"}


@pytest.mark.parametrize(
    ("text", "cue", "stance"),
    [
        ("Eso no nos ayudó.", "negation: no", "negative"),
        ("Creo que nos sirvió.", "hedge: creo", "positive"),
        ("Dicen que les ayudaron.", "reported: dicen", "positive"),
        ("Si nos ayudaran más...", "conditional: si", "positive"),
        ("Nos ayudaron bastante, pero tarde.", "contrast: pero", "mixed"),
    ],
)
def test_cues_change_stance_or_weight_and_are_kept(text: str, cue: str, stance: str) -> None:
    (vote,) = votes_on(text)
    assert json.loads(vote.because)["cues"] == [cue]
    assert vote.stance == stance
    assert vote.score < 1 or cue.startswith("contrast")


def test_a_cue_beyond_the_end_of_a_sentence_does_not_count() -> None:
    (vote,) = votes_on("Les dijimos que no. Ayudaron mucho.")
    assert vote.stance == "positive"


def test_the_question_is_asked_only_by_patterns_of_that_scope() -> None:
    (vote,) = votes_on("Nada, señorita.", question="¿Y qué quedó después?")
    assert (vote.voter, json.loads(vote.because)["in"]) == ("rule:asked", "question")
    assert votes_on("quedó después") == []


def test_a_language_is_read_by_its_own_patterns_and_an_unknown_one_by_all() -> None:
    assert [v.voter for v in votes_on("They helped us", language="en")] == ["rule:helped-en"]
    assert [v.voter for v in votes_on("They helped us", language="")] == ["rule:helped-en"]
    assert votes_on("They helped us", language="fr") == []


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_folding_keeps_white_space_where_it_is() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [letter for letter in every if fold(letter).isspace() != letter.isspace()] == []
