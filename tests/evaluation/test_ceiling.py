"""The human ceiling that stands beside the tagger's figures."""

from pipeline.evaluation.human_ceiling import ceiling
from pipeline.review.settle import CoderDecision


def opinions(coder: str, yes: str, no: str = "") -> list[CoderDecision]:
    """A coder's opinions: excerpts with and without the code, by their letters."""
    return [
        CoderDecision(e, "a", coder, answer, "", 0) for letters, answer in ((yes, True), (no, False)) for e in letters
    ]


GROUPS = {letter: letter for letter in "abcdefgh"}


def test_the_ceiling_is_the_f1_of_one_coder_against_another() -> None:
    found = ceiling({"a": [*opinions("ana", "abc", "def"), *opinions("ben", "abd", "cef")]}, GROUPS)
    row = found["criteria"]["a"]
    assert row["f1"]["value"] == round(2 * 2 / 6, 4)
    assert row["f1"]["low"] <= row["f1"]["value"] <= row["f1"]["high"]
    assert row["n"] == found["n"] == 6
    assert (found["coders"], found["macro_f1"]) == (2, row["f1"]["value"])


def test_what_one_coder_alone_decided_is_not_part_of_it() -> None:
    both = [*opinions("ana", "ab", "c"), *opinions("ben", "a", "bc")]
    more = ceiling({"a": [*both, *opinions("ana", "defgh")]}, GROUPS)
    assert more == ceiling({"a": both}, GROUPS)


def test_without_an_excerpt_of_two_coders_there_is_no_ceiling() -> None:
    assert ceiling({"a": opinions("ana", "ab", "c")}, GROUPS) == {}
    assert ceiling({"a": [*opinions("ana", "ab"), *opinions("ben", "cd")]}, GROUPS) == {}


def test_where_nobody_ever_says_yes_the_figure_is_not_known() -> None:
    found = ceiling({"a": [*opinions("ana", "", "abc"), *opinions("ben", "", "abc")]}, GROUPS)
    assert found["criteria"]["a"]["f1"]["value"] is None
    assert found["macro_f1"] is None
