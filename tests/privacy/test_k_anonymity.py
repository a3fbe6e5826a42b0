"""Attributes beside quotes: nobody is alone with what is published of them."""

import numpy as np
import pandas as pd
import pytest

from pipeline.privacy.edition_counts import cells_of_quote
from pipeline.privacy.k_anonymity import coarsened, generalised, too_few
from pipeline.privacy.quotes import few_persons

ATTRIBUTES = ("group", "gender")


def persons(*groups: str) -> pd.DataFrame:
    """Persons as "3 teachers woman": how many, their group, their gender."""
    rows = []
    for group in groups:
        number, *values = group.split(" ")
        rows += [values] * int(number)
    return pd.DataFrame(rows, columns=list(ATTRIBUTES))


def published(*groups: str, smallest: int = 5) -> dict[tuple[str, str], int]:
    shown = generalised(persons(*groups), ATTRIBUTES, smallest=smallest)
    return shown.value_counts(list(ATTRIBUTES)).to_dict()


def test_combinations_of_enough_persons_are_published() -> None:
    shown = published("6 teachers woman", "5 teachers man", "7 nurses woman")
    assert shown == {("teachers", "woman"): 6, ("teachers", "man"): 5, ("nurses", "woman"): 7}


def test_one_man_among_women_hides_the_gender_of_all_of_them() -> None:
    assert published("6 teachers woman", "1 teachers man") == {("teachers", ""): 7}


def test_small_groups_are_one_class_without_a_group() -> None:
    assert published("8 teachers woman", "3 nurses woman", "2 mayors woman") == {
        ("teachers", "woman"): 8,
        ("", "woman"): 5,
    }


def test_a_single_small_group_takes_the_rarest_of_the_others_with_it() -> None:
    assert published("9 teachers woman", "6 nurses woman", "1 mayors woman") == {
        ("teachers", "woman"): 9,
        ("", "woman"): 7,
    }


@pytest.mark.parametrize("seed", range(30))
def test_nobody_is_found_by_any_published_attributes(seed: int) -> None:
    random = np.random.default_rng(seed)
    names = ["group", "gender", "country", "kind"]
    frame = pd.DataFrame(
        {name: random.choice(["a", "b", "c", "d", ""], size=60, p=[0.5, 0.3, 0.1, 0.05, 0.05]) for name in names}
    )
    shown = generalised(frame, names, smallest=5)
    for _, row in shown.iterrows():
        visible = [name for name in names if row[name]]
        alike = (frame[visible] == row[visible]).all(axis=1) if visible else pd.Series(data=True, index=frame.index)
        assert alike.sum() >= 5


def test_what_one_edition_shows_and_another_leaves_blank_does_not_add_up() -> None:
    earlier = {"P-1": {"group": "teachers", "gender": "woman", "country": ""}}
    now = pd.DataFrame(
        {"participant": ["P-1", "P-2"], "group": ["teachers"] * 2, "gender": ["", "man"], "country": ["PE", "PE"]}
    )
    shown = coarsened(now, ["group", "gender", "country"], before=[earlier])
    assert shown.to_dict("records") == [
        {"participant": "P-1", "group": "teachers", "gender": "", "country": ""},
        {"participant": "P-2", "group": "teachers", "gender": "man", "country": "PE"},
    ]


def test_who_could_be_too_few_by_all_editions_together_is_not_quoted_again() -> None:
    left = persons("4 teachers woman", "6 teachers man")  # one woman withdrew after she was quoted as one of five
    earlier = [{"P-1": {"group": "teachers", "gender": "woman"}}, {"P-2": {"group": "teachers", "gender": ""}}]
    assert too_few(left, list(ATTRIBUTES), smallest=5, before=earlier) == {"P-1"}


def quoted(*people: str) -> pd.DataFrame:
    """Quotes behind the supporting persons of F1, one by each of the people; "" is a document."""
    row = {
        "finding_id": "F1",
        "direction": "supports",
        "criterion": "relevance",
        "group": "",
        "gender": "",
        "country": "",
    }
    return pd.DataFrame([{**row, "participant": who} for who in people])


SMALL_CELL = ("finding", "F1", "supports")


def test_behind_a_small_count_one_person_is_quoted_and_documents_displace_nobody() -> None:
    is_left_out = few_persons(quoted("", "P-1", "P-2", "P-1", ""), {SMALL_CELL}, cells_of_quote, before={})
    assert list(is_left_out) == [False, False, True, False, False]


def test_behind_a_small_count_only_persons_quoted_there_in_an_earlier_edition_are_quoted() -> None:
    earlier = {SMALL_CELL: "P-9"}  # two different speakers in two editions would say that the count is at least two
    assert list(few_persons(quoted("P-1", "P-9"), {SMALL_CELL}, cells_of_quote, before=earlier)) == [True, False]
    assert list(few_persons(quoted("P-1", "P-2"), {SMALL_CELL}, cells_of_quote, before=earlier)) == [True, True]
    assert list(few_persons(quoted("P-1", "P-2"), set(), cells_of_quote, before=earlier)) == [False, False]
