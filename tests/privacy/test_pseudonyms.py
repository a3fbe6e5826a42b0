"""Codes that stand for people: never a name, never mistaken for a number or a date."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.privacy.pseudonyms import pseudonyms


@given(st.sets(st.text(min_size=1, max_size=8), max_size=40), st.integers(0, 5))
def test_everybody_has_a_code_of_their_own_that_no_spreadsheet_takes_for_a_number(people: set[str], seed: int) -> None:
    codes = pseudonyms(people, seed=seed)
    assert set(codes) == people - {""}
    assert len(set(codes.values())) == len(codes)
    for code in codes.values():
        assert re.fullmatch(r"P-[2-9B-DF-HJ-NP-TV-XZ]{4}", code)
        assert re.search("[A-Z]", code[2:])
        assert re.search("[0-9]", code[2:])


def test_codes_do_not_depend_on_the_order_of_the_register() -> None:
    assert pseudonyms(["a", "b", "c"], seed=1) == pseudonyms(["c", "a", "b"], seed=1)


def test_another_seed_gives_other_codes() -> None:
    assert pseudonyms(["a"], seed=1) != pseudonyms(["a"], seed=2)


def test_strangers_are_told_from_people_of_the_register() -> None:
    assert pseudonyms(["a"], seed=1, prefix="A")["a"].startswith("A-")
