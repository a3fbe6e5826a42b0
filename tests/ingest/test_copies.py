"""The same answer in two files, or twice in one, is one answer of one person."""

from pipeline.ingest.copies import find_copies

FIRST = "El agua llega solo dos veces por semana y nadie nos explica por qué, así que compramos del camión."
OTHER = "Desde que vino el taller hablamos más entre vecinos, sobre todo las mujeres de la parte alta."


def test_equal_words_are_a_copy_whatever_their_case_accents_and_marks() -> None:
    texts = [("a.1", FIRST), ("a.2", OTHER), ("b.1", FIRST.upper().replace("QUÉ,", "QUE;")), ("b.2", f"  {OTHER} ")]
    assert find_copies(texts) == {"b.1": "a.1", "b.2": "a.2"}


def test_a_corrected_copy_is_a_copy_of_the_first() -> None:
    long = f"{FIRST} {OTHER} {FIRST[::-1]}"
    assert find_copies([("a", long), ("b", long.replace("camión", "vecino")), ("c", long)]) == {"b": "a", "c": "a"}


def test_other_words_and_short_answers_are_not_copies() -> None:
    assert find_copies([("a", FIRST), ("b", OTHER), ("c", "Todo bien"), ("d", "Todo bien"), ("e", ""), ("f", "")]) == {}


def test_two_answers_that_begin_alike_are_two() -> None:
    assert (
        find_copies(
            [("a", f"{FIRST} {OTHER}"), ("b", f"{FIRST} Nadie viene ya, ni los sábados, y la bomba suena mal.")]
        )
        == {}
    )
