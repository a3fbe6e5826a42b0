"""Counts of persons in released editions: nobody can compute what is withheld."""

from itertools import product

import numpy as np
import pytest

from pipeline.privacy.disclosure import (
    Counts,
    Interval,
    Relation,
    at_least,
    at_most,
    protect,
    recoverable_counts,
    sums_to,
)

TOTAL = ("persons",)
KEY = b"k" * 32


def table(*rows: list[int]) -> Counts:
    """A table of counts with row totals, column totals and a grand total."""
    height, width = len(rows), len(rows[0])
    values = {("cell", str(i), str(j)): rows[i][j] for i, j in product(range(height), range(width))}
    values |= {("row", str(i)): sum(rows[i]) for i in range(height)}
    values |= {("column", str(j)): sum(row[j] for row in rows) for j in range(width)}
    values[TOTAL] = sum(map(sum, rows))
    relations = [sums_to(("row", str(i)), [("cell", str(i), str(j)) for j in range(width)]) for i in range(height)]
    relations += [sums_to(("column", str(j)), [("cell", str(i), str(j)) for i in range(height)]) for j in range(width)]
    relations += [sums_to(TOTAL, [("row", str(i)) for i in range(height)])]
    relations += [sums_to(TOTAL, [("column", str(j)) for j in range(width)])]
    return Counts(values, tuple(relations))


def test_a_small_count_is_withheld_with_others_so_that_totals_do_not_give_it_away() -> None:
    protected = protect(table([3, 20, 30], [15, 40, 9], [12, 8, 25]), smallest=5, key=KEY)
    assert protected.shown(("cell", "0", "0")) is None
    assert len(protected.withheld) > 1
    assert recoverable_counts(protected, smallest=5) == {}


def test_primary_suppression_alone_is_recovered_from_the_totals() -> None:
    counts = table([3, 20, 30], [15, 40, 9], [12, 8, 25])
    small = frozenset({("cell", "0", "0")})
    naive = Counts(counts.numbers, counts.relations, withheld=small, small=small)
    assert recoverable_counts(naive, smallest=5) == {("cell", "0", "0"): Interval(3, 3)}


def test_a_count_of_nobody_and_a_large_one_are_published() -> None:
    protected = protect(Counts({("a",): 0, ("b",): 12}), smallest=5, key=KEY)
    assert (protected.shown(("a",)), protected.shown(("b",))) == (0, 12)


def test_two_small_counts_that_add_up_to_two_give_each_other_away() -> None:
    counts = Counts({TOTAL: 22, ("a",): 1, ("b",): 1, ("c",): 20}, (sums_to(TOTAL, [("a",), ("b",), ("c",)]),))
    protected = protect(counts, smallest=5, key=KEY)
    assert {("c",), TOTAL} & protected.withheld
    assert recoverable_counts(protected, smallest=5) == {}


def test_quotes_of_three_people_give_a_withheld_count_of_three_away() -> None:
    counts = Counts({("finding", "F1"): 3}, (at_least(("finding", "F1"), 3),))
    small = frozenset({("finding", "F1")})
    assert recoverable_counts(Counts(counts.numbers, counts.relations, withheld=small, small=small), smallest=5)


def test_what_is_not_true_of_the_counts_is_not_knowledge() -> None:
    counts = Counts({("a",): 9, ("b",): 4}, (at_most(("a",), ("b",)),))
    assert protect(counts, smallest=5, key=KEY).withheld == {("b",)}


def test_case_66_totals_in_prose_take_part_in_the_audit() -> None:
    prose = Relation({("cell", "0", "0"): 1.0, ("cell", "0", "1"): 1.0}, low=23, high=23)
    counts = table([3, 20, 30], [15, 40, 9], [12, 8, 25])
    counts = Counts(counts.numbers, (*counts.relations, prose))
    protected = protect(counts, smallest=5, key=KEY)
    assert recoverable_counts(protected, smallest=5) == {}


def people(number: int) -> frozenset[str]:
    return frozenset(f"P-{n}" for n in range(number))


def test_case_66_an_edition_with_one_more_interview_publishes_no_count() -> None:
    first = protect(Counts({TOTAL: 40, ("a",): 12}, persons=people(40)), smallest=5, key=KEY)
    second = protect(Counts({TOTAL: 41, ("a",): 13}, persons=people(41)), smallest=5, key=KEY, before=[first])
    assert first.withheld == frozenset()
    assert second.withheld == {TOTAL, ("a",)}


def test_a_count_that_moved_by_less_than_the_smallest_is_withheld_and_an_equal_one_shown() -> None:
    first = protect(Counts({("a",): 12, ("b",): 20}, persons=people(40)), smallest=5, key=KEY)
    second = protect(Counts({("a",): 14, ("b",): 20}, persons=people(40)), smallest=5, key=KEY, before=[first])
    assert (second.shown(("a",)), second.shown(("b",))) == (None, 20)


def test_two_editions_together_do_not_give_away_what_the_first_withheld() -> None:
    parts = [("a",), ("b",), ("c",)]
    first = protect(
        Counts({TOTAL: 29, ("a",): 3, ("b",): 6, ("c",): 20}, (sums_to(TOTAL, parts),), people(29)), smallest=5, key=KEY
    )
    grown = Counts({TOTAL: 40, ("a",): 3, ("b",): 17, ("c",): 20}, (sums_to(TOTAL, parts),), people(40))
    second = protect(grown, smallest=5, key=KEY, before=[first])
    assert recoverable_counts(second, smallest=5, before=[first]) == {}
    assert second.shown(("a",)) is None


@pytest.mark.parametrize("seed", range(25))
def test_no_withheld_count_of_a_random_table_can_be_computed(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.poisson(random.choice([3, 6, 12], size=(4, 5))).tolist()
    protected = protect(table(*rows), smallest=5, key=KEY)
    assert recoverable_counts(protected, smallest=5) == {}
    assert {name for name, count in protected.numbers.items() if 0 < count < 5} <= protected.withheld


def test_which_counts_are_withheld_beside_small_ones_depends_on_the_key_and_not_on_their_values() -> None:
    row = {("cell", name): value for name, value in zip("abcdefghij", (4, 4, 4, 4, 5, 5, 6, 6, 6, 8), strict=True)}
    counts = Counts({TOTAL: sum(row.values()), **row}, (sums_to(TOTAL, row),))
    patterns = {protect(counts, smallest=5, key=bytes([number]) * 32).withheld for number in range(20)}
    assert len(patterns) > 5
    assert {name for withheld in patterns for name in withheld} >= row.keys()  # the largest one, too


def test_the_pattern_is_the_same_where_the_complements_have_other_values() -> None:
    def withheld(*large: int) -> frozenset[tuple[str, ...]]:
        row = {("cell", name): value for name, value in zip("abcdef", (2, 3, *large), strict=True)}
        return protect(Counts({TOTAL: sum(row.values()), **row}, (sums_to(TOTAL, row),)), smallest=5, key=KEY).withheld

    assert withheld(9, 7, 30, 12) == withheld(12, 30, 7, 9) == withheld(40, 41, 42, 43)


def registered(*, voices: int = 30, likes: int = 23) -> Counts:
    """The counts of a study in which two persons have no country, so that other counts must be withheld for their sake."""
    values = {
        TOTAL: voices,
        ("country", ""): 2,
        ("country", "PE"): voices - 2,
        ("gender", "man"): 11,
        ("gender", "woman"): voices - 11,
        ("likes",): likes,
        ("likes", "man"): 9,
        ("likes", "woman"): likes - 9,
    }
    relations = (
        sums_to(TOTAL, [("country", ""), ("country", "PE")]),
        sums_to(TOTAL, [("gender", "man"), ("gender", "woman")]),
        sums_to(("likes",), [("likes", "man"), ("likes", "woman")]),
        at_most(("likes",), TOTAL),
        at_most(("likes", "man"), ("gender", "man")),
        at_most(("likes", "woman"), ("gender", "woman")),
    )
    return Counts(values, relations, people(voices))


def test_an_edition_of_equal_counts_shows_what_the_first_showed() -> None:
    first = protect(registered(), smallest=5, key=KEY)
    again = protect(registered(), smallest=5, key=KEY, before=[first])
    assert again.withheld == first.withheld
    third = protect(registered(), smallest=5, key=KEY, before=[first, again])
    assert third.withheld == first.withheld


def test_one_count_that_moved_a_little_withholds_itself_and_what_gives_it_away_alone() -> None:
    first = protect(registered(), smallest=5, key=KEY)
    second = protect(registered(likes=24), smallest=5, key=KEY, before=[first])
    assert second.withheld > first.withheld
    assert second.withheld - first.withheld <= {("likes",), ("likes", "man"), ("likes", "woman")}
    assert recoverable_counts(second, smallest=5, before=[first]) == {}


def test_beside_one_new_person_even_equal_counts_are_withheld_as_the_others_would_be_hers() -> None:
    first = protect(registered(), smallest=5, key=KEY)
    second = protect(registered(voices=31, likes=24), smallest=5, key=KEY, before=[first])
    assert second.withheld == second.numbers.keys()


def test_an_edition_that_showed_no_count_is_compared_with_none() -> None:
    first = protect(registered(), smallest=5, key=KEY)
    silent = protect(registered(voices=33, likes=26), smallest=5, key=KEY, before=[first])
    grown = protect(registered(voices=36, likes=29), smallest=5, key=KEY, before=[first, silent])
    assert silent.withheld == silent.numbers.keys()
    assert grown.withheld < grown.numbers.keys()
    assert recoverable_counts(grown, smallest=5, before=[first, silent]) == {}
