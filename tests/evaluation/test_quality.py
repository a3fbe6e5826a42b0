"""Known answers of every figure of quality.json, and of the reading of gold files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.codebook import Codebook, Criterion, Pattern
from pipeline.errors import ConfigError
from pipeline.evaluation import metrics, pattern_report
from pipeline.evaluation.baselines import words
from pipeline.evaluation.gold import codebook_for, read_gold
from pipeline.evaluation.metrics import Scored
from pipeline.records import Example, Vote
from pipeline.review.agreement import coefficients
from pipeline.tag.features import Features

NAN = float("nan")


def scored() -> Scored:
    truth = np.array([[1, 0], [1, 0], [0, NAN], [0, 1]])
    chances = np.array([[0.9, 0.2], [0.4, 0.1], [0.6, 0.9], [0.1, 0.7]])
    coded = chances >= 0.5
    stances = {(0, 0): ("positive", "positive"), (3, 1): ("negative", "mixed")}
    groups, languages = ("p1", "p1", "p2", "p3"), ("es", "es", "en", "en")
    prompted = np.array([[1, 0], [0, 0], [0, 1], [0, 1]], dtype=bool)
    return Scored(("a", "b"), truth, chances, coded, chances >= 0.3, coded, stances, groups, languages, prompted)


def test_figures_have_their_known_values() -> None:
    report = metrics.report(scored(), seed=1)
    first, second = report["criteria"]["a"], report["criteria"]["b"]
    assert (first["precision"]["value"], first["recall"]["value"], first["f1"]["value"]) == (0.5, 0.5, 0.5)
    assert second["f1"]["value"] == 1.0, "a cell that nobody decided on counts nowhere"
    assert (second["n"], second["positive"]) == (3, 1)
    assert report["macro_f1"] == 0.75
    assert report["micro_f1"] == pytest.approx(4 / 6, abs=1e-4)
    assert first["candidates"] == {"recall": 1.0, "precision": 0.6667}
    assert first["average_precision"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert report["stance_accuracy"] == 0.5
    assert report["languages"]["es"] == {"macro_f1": 0.6667, "n": 2}
    assert (report["n"], report["groups"]) == (4, 3)


def test_the_machine_is_one_more_coder() -> None:
    by_two = np.column_stack([scored().coded[:, 0].astype(float), scored().truth[:, 0]])
    assert metrics.report(scored(), seed=1)["criteria"]["a"]["alpha"] == round(coefficients.alpha(by_two).value, 4)


def test_hits_that_come_by_chance_are_no_better_than_guessing() -> None:
    rows = metrics.report(scored(), seed=1)["criteria"]
    assert rows["a"]["chance"] == round(5 / 6, 4), "one hit or two, of two true and two coded among four"
    assert rows["b"]["chance"] == round(1 / 3, 4)


def test_what_is_said_without_a_trigger_word_has_figures_of_its_own() -> None:
    assert metrics.report(scored(), seed=1)["unprompted"] == {"recall": 0.0, "precision": 0.0, "true": 1}


def test_stance_has_beside_it_what_always_positive_would_give() -> None:
    stances = metrics.report(scored(), seed=1)["stances"]
    assert stances == {"always_positive": 0.5, "positive": 1.0, "negative": 0.0, "mixed": None}


def test_a_code_that_nobody_carries_has_no_f1() -> None:
    nobody = replace(scored(), truth=scored().truth * np.array([1, 0]))
    row = metrics.report(nobody, seed=1)["criteria"]["b"]
    assert row["f1"] == {"value": None, "low": None, "high": None}


def test_intervals_hold_the_value_and_are_repeatable() -> None:
    one, two = (metrics.report(scored(), seed=5)["criteria"]["a"]["f1"] for _ in range(2))
    assert one == two
    assert one["low"] <= one["value"] <= one["high"]


def test_the_bootstrap_draws_whole_groups() -> None:
    drawn = metrics.draws(("p1", "p1", "p2"), seed=1)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert set(drawn[:, 0] + drawn[:, 2]) == {2.0}


def test_calibration_error_is_the_gap_of_probability_and_truth() -> None:
    assert metrics.calibration_error(np.array([0.8] * 10), np.array([1.0] * 8 + [0.0] * 2)) == pytest.approx(0)
    assert metrics.calibration_error(np.array([0.9] * 10), np.array([0.0] * 10)) == pytest.approx(0.9)


def test_the_reliability_of_all_counts_every_decided_cell_once() -> None:
    rows = metrics.report(scored(), seed=1)["reliability"]
    assert sum(row["n"] for row in rows) == 7, "of eight cells nobody decided on one"
    assert [row["true"] for row in rows if row["probability"] == 0.9] == [1.0]


def test_f1_by_code_knows_no_figure_for_a_code_that_never_occurs() -> None:
    coded, truth = np.array([[1, 1], [1, 0]]), np.array([[1, 0], [0, NAN]])
    assert metrics.f1_by_code(("a", "b"), coded, truth) == {"a": 0.6667, "b": None}


def test_macro_and_samples_f1_agree_with_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    generator = np.random.default_rng(3)
    truth, coded = (generator.random((60, 4)) < 0.4 for _ in range(2))
    truth[:, 0] |= ~truth.any(axis=1)
    expected = f1_score(truth, coded, average="samples", zero_division=0)
    assert metrics.samples_f1(coded.astype(int), truth.astype(float)) == pytest.approx(expected)
    assert metrics.macro_f1(coded, truth.astype(float)) == pytest.approx(f1_score(truth, coded, average="macro"))


def test_errors_that_follow_an_attribute_are_found_and_others_not() -> None:
    persons = [f"p{i}" for i in range(40) for _ in range(3)]
    sex = ["f" if i % 2 else "m" for i in range(40) for _ in range(3)]
    even = metrics.errors_by(sex, persons, [float(i % 3 == 0) for i in range(120)], seed=1)
    biased = metrics.errors_by(sex, persons, [float(s == "f" and i % 3 > 0) for i, s in enumerate(sex)], seed=1)
    assert even["p"] > 0.5
    assert biased["p"] < 0.01
    assert biased["error"] == {"f": 0.6667, "m": 0.0}
    assert metrics.errors_by(["f"] * 3, ["p", "p", "q"], [0.0, 1.0, 1.0], seed=1)["p"] is None


def test_a_report_per_pattern_counts_precision_overlaps_and_the_dead() -> None:
    named = [Pattern(name, "a", "en", "x") for name in ("p", "q", "dead")]
    codebook = Codebook("1", (Criterion("a", "criterion", (), (), (), (), (), tuple(named)),))
    votes = [Vote(str(i), "a", f"rule:{name}", 1, 1.0, "", "{}", "1") for name in "pq" for i in range(4)]
    rows = pattern_report.report(codebook, votes, {("0", "a"): True, ("1", "a"): False})
    assert rows[0] == {
        "pattern": "p", "criterion": "a", "language": "en", "fires": 4, "judged": 2, "precision": 0.5,
        "overlaps": ["q"], "dead": False,
    }  # fmt: skip
    assert rows[2]["dead"]


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "gold.csv"
    path.write_text(content, "utf-8")
    return path


def test_a_gold_file_gives_codes_groups_and_stances(tmp_path: Path) -> None:
    gold = read_gold(
        written(tmp_path, "text,language,group,year,a,b,a_stance\nOne,es,g1,2020,1,,negative\nTwo,en,,2021,0,1,\n")
    )
    assert gold.codes == ("a", "b")
    first, second = gold.examples
    assert (first.codes, first.asked, first.group) == ((("a", "negative"),), ("a",), "g1")
    assert (second.codes, second.asked, second.group) == ((("b", ""),), ("a", "b"), "row 2")


@pytest.mark.parametrize(
    ("content", "what"),
    [("", "has no rows"), ("words,a\nx,1\n", "no column `text`"), ("text,a\nx,maybe\n", "no column of 0 and 1")],
)
def test_a_gold_file_that_cannot_be_used_says_why(tmp_path: Path, content: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        read_gold(written(tmp_path, content))


def test_labels_of_any_kind_get_a_codebook() -> None:
    study = Codebook("1", (Criterion("a", "family", (), (), (), (), (), ()),))
    assert [c.family for c in codebook_for(("a", "new"), study).criteria] == ["family", "criterion"]


def test_words_of_a_single_text_teach_the_naive_tagger_nothing() -> None:
    examples = [Example("alpha", "", "en", (("a", ""),), ("a",), "1"), Example("beta", "", "en", (), ("a",), "2")]
    none = np.zeros((2, 0))
    learn = Features(none, none, none, ("alpha", "beta"), ("", ""))
    assert not words(examples, learn, Features(none, none, none, ("gamma", "delta"), ("", "")), ("a",)).any()
