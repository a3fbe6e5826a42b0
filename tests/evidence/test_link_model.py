"""The probability that an excerpt bears on a finding: shipped pairs, what people's decisions correct, what it is worth."""

import csv
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from studies import ROOT

from pipeline import tables
from pipeline.evidence import link_model
from pipeline.evidence.link_model import Bearing, Pair, StudyExcerpt, StudyFinding

PAIRS = ROOT / "pipeline" / "evidence" / "link_pairs.csv"


def shipped() -> list[dict[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_shipped_pairs_are_many_judged_twice_and_at_least_half_near_misses_of_one_criterion() -> None:
    rows = shipped()
    near_misses = [row for row in rows if row["first"] == row["second"] == "0"]
    assert len(rows) >= 600
    assert len({row["pair"] for row in rows}) == len({(row["statement"], row["excerpt"]) for row in rows}) == len(rows)
    assert len(near_misses) >= len(rows) / 2
    assert {row["first"] for row in rows} == {row["second"] for row in rows} == {"0", "1"}
    for hand, direction in (("first", "direction"), ("second", "second_direction")):
        assert all(bool(row[direction]) == (row[hand] == "1") for row in rows)


def test_the_shipped_pairs_are_of_many_evaluations_in_two_languages_and_across_them() -> None:
    rows = shipped()
    languages = Counter((row["statement_language"], row["excerpt_language"]) for row in rows)
    assert len({row["programme"] for row in rows}) >= 40
    assert set(languages) == {(a, b) for a in ("en", "es") for b in ("en", "es")}
    assert min(languages.values()) >= 60
    assert len({row["criterion"] for row in rows}) == 5


def test_the_shipped_pairs_are_not_words_of_the_demonstration() -> None:
    seeds = (ROOT / "coded" / "seeds.jsonl").read_text("utf-8")
    findings = (ROOT / "coded" / "findings.toml").read_text("utf-8")
    assert not [row["pair"] for row in shipped() if row["excerpt"] in seeds or row["statement"] in findings]


STATEMENT = "The irrigation committees collect fees and maintain the canals without the project."


def words_alone(text: str, question: str = "") -> float:
    pair = Pair(STATEMENT, text, question, f"{question} {text}".strip())
    model = link_model.load(link_model.WORDS_ALONE)
    return float(model.logits(link_model.features([pair], None))[0])


def test_words_and_question_in_common_make_a_link_likelier() -> None:
    far = words_alone("The school has new desks.")
    assert words_alone("Our committee collects the fees in March.") > far
    assert words_alone("Yes, ours.", "Who will maintain the canals?") > words_alone("Yes, ours.", "How old are you?")


@pytest.mark.parametrize("text", ["", "…", "42", "水"])
def test_a_text_without_words_bears_on_nothing(text: str) -> None:
    assert words_alone(text) < 0


def study(count: int) -> Bearing:
    """A study of one finding with sub-codes, and excerpts of which every second carries them."""
    finding = StudyFinding(STATEMENT, "sustainability", ("sustainability.water",))
    excerpts = {
        f"s:{i}-{i + 1}": StudyExcerpt(
            "We pay.", "", "We pay.", {"sustainability": 0.9, "sustainability.water": 1.0 if i % 2 else 0.0}
        )
        for i in range(count)
    }
    return Bearing({"F1": finding}, excerpts, None)


def decided(count: int) -> pd.DataFrame:
    rows = [
        ("F1", f"s:{i}-{i + 1}", "supports", 0.0, 0.0, "confirmed" if i % 2 else "rejected", "ana")
        for i in range(count)
    ]
    return tables.typed(pd.DataFrame(rows, columns=tables.LINKS.names), tables.LINKS)


def test_a_studys_own_decisions_teach_which_sub_codes_bear_on_the_finding() -> None:
    bearing = study(30)
    before = bearing.of("F1", ["s:0-1", "s:1-2"])
    bearing.learn(decided(24))
    after = bearing.of("F1", ["s:28-29", "s:29-30"])
    assert before[0] == before[1]
    assert after[1] > 0.7 > 0.3 > after[0]


def test_a_few_decisions_or_confirmations_alone_correct_nothing() -> None:
    bearing = study(30)
    bearing.learn(decided(18))
    assert bearing.corrected == link_model.UNCORRECTED
    bearing.learn(decided(24).assign(status="confirmed"))
    assert bearing.corrected == link_model.UNCORRECTED


def test_words_that_are_not_there_any_more_bear_on_nothing() -> None:
    bearing = study(2)
    bearing.learn(decided(24))
    assert bearing.of("F1", ["s:0-1", "gone:1-2"])[1] == 0.0


def test_no_pairs_have_no_features() -> None:
    assert link_model.features([], None).shape == (0, len(link_model.FEATURES))
    assert np.array_equal(study(0).of("F1", []), np.zeros(0))
