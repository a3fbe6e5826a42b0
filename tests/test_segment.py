"""Excerpts: nothing but white space is left out, and every offset is exact."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import SegmentSettings
from pipeline.provenance import sha256_text
from pipeline.records import Text, Turn
from pipeline.segment import segment
from pipeline.sentences import LONGEST, sentences
from pipeline.vocabulary import Role

LIMITS = SegmentSettings(sentences=3, chars=200)


def turn(text: str, start: int = 0, end: int | None = None) -> Turn:
    return Turn("s", 1, "A", Role.RESPONDENT, "P1", start, len(text) if end is None else end, "why?", "¶ 1", "es")


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, 0, len(text))]


def test_sentences_end_at_full_stops_questions_and_exclamations() -> None:
    assert split("Vino. ¿Y luego? ¡Nada! Se fue…") == ["Vino.", "¿Y luego?", "¡Nada!", "Se fue…"]


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    assert split("Habló el Dr. Soto con la Sra. Luz. Luego nada.") == [
        "Habló el Dr. Soto con la Sra. Luz.",
        "Luego nada.",
    ]
    assert split("J. Paz came. He left.") == ["J. Paz came.", "He left."]


def test_a_word_that_looks_like_an_abbreviation_may_end_a_sentence() -> None:
    assert split("I said no. Then he left.") == ["I said no.", "Then he left."]


def test_numbers_with_points_stay_whole() -> None:
    assert split("Costó 3.500 soles en 2019. Eso fue.") == ["Costó 3.500 soles en 2019.", "Eso fue."]


def test_a_blank_line_ends_a_sentence_without_a_stop() -> None:
    assert split("primera parte\n\nsegunda parte") == ["primera parte", "segunda parte"]


def test_a_line_break_within_a_sentence_does_not_end_it() -> None:
    assert split("se fueron\nsin avisar. Así.") == ["se fueron\nsin avisar.", "Así."]


def test_excerpts_hold_at_most_this_many_sentences() -> None:
    text = " ".join(f"Esta es la frase número {i} de un relato bastante largo." for i in range(8))
    found = segment(Text("s", text, sha256_text(text)), [turn(text)], LIMITS)
    assert [excerpt.text.count(".") for excerpt in found] == [3, 3, 2]


def test_a_short_tail_joins_the_excerpt_before() -> None:
    text = "Una frase. Otra frase. Una tercera. Sí."
    assert len(segment(Text("s", text, sha256_text(text)), [turn(text)], LIMITS)) == 1


@given(st.text(alphabet=st.sampled_from("aé ñ.?!…¿😀\n\u0301Z9-«»\t"), max_size=300), st.integers(0, 20))
def test_every_character_of_a_turn_is_in_exactly_one_excerpt(words: str, lead: int) -> None:
    text = "x" * lead + words
    found = segment(Text("s", text, ""), [turn(text, start=lead)], LIMITS)
    assert all(text[e.start : e.end] == e.text and e.excerpt_id == f"s:{e.start}-{e.end}" for e in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert "".join("".join(e.text.split()) for e in found) == "".join(words.split())


@pytest.mark.parametrize("piece", ["a.", ".", "...b", "_", "!?"])
def test_a_long_run_without_a_space_is_looked_at_once(piece: str) -> None:
    run = piece * 200_000
    assert "".join(split(f"{run} fin. Otra.")).replace(" ", "") == f"{run}fin.Otra."


@pytest.mark.parametrize("word", ["agua ", "agua\n", "a"])
def test_case_77_a_text_without_marks_is_cut_so_that_no_excerpt_grows_without_bound(word: str) -> None:
    text = word * 20_000
    spans = list(sentences(text, 0, len(text)))
    assert max(end - start for start, end in spans) <= LONGEST
    assert sum(end - start for start, end in spans) >= len(text) - 2 * len(spans)
    assert "".join(text[start:end] for start, end in spans).replace(" ", "").replace("\n", "") == "".join(text.split())
    if word != "a":
        assert not any(text[start:end].startswith(("gua", "ua")) for start, end in spans)
