"""A condition of strength shows wherever the others do: in sentences, report, workbook, configuration, documents and audit."""

from pathlib import Path

import pytest
from second_verifier.counts import strength_of

from pipeline import wording
from pipeline.audit.recount.strengths import recount
from pipeline.config import Condition, EvidenceSettings
from pipeline.evidence import strength
from pipeline.publish.workbook import COUNTED

ROOT = Path(__file__).parents[2]
CONDITIONS = EvidenceSettings().strong.conditions()
each_condition = pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.key)


@each_condition
@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_sentence_says_that_the_condition_is_missing(condition: Condition, language: str) -> None:
    nobody = strength.tally([])
    count = getattr(nobody, condition.counted)
    lenient = {other.key: 1.0 if other.at_most else type(other.limit)(0) for other in CONDITIONS}
    alone = {**lenient, condition.key: -1.0 if condition.at_most else count + 1}
    rules = EvidenceSettings.model_construct(strong=EvidenceSettings().strong.model_construct(**alone))
    [shortfall] = strength.shortfalls(nobody, rules.strong)
    assert shortfall.what == condition.counted
    assert strength.shortfall_in_words(shortfall, language)


@each_condition
@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_report_and_workbook_have_words_for_the_condition(condition: Condition, language: str) -> None:
    report, workbook = wording.book("report", language), wording.book("evidence_book", language)
    assert condition.key in report["finding"]
    assert condition.key in report["method"]
    assert condition.counted in COUNTED
    assert condition.counted in workbook["columns"]
    assert condition.counted in workbook["meanings"]


@each_condition
def test_configuration_and_method_describe_the_condition(condition: Condition) -> None:
    assert f"\n- `{condition.key}` = " in (ROOT / "docs/configuration.md").read_text("utf-8")
    assert f"\n- `{condition.counted}`: " in (ROOT / "docs/method.md").read_text("utf-8")
    above = (ROOT / "config.toml").read_text("utf-8").partition("[evidence.strong]")[0].rpartition("\n\n")[2]
    assert condition.key in above


def test_the_audit_counts_all_that_the_program_counts() -> None:
    assert set(recount([], EvidenceSettings()).counts) == set(strength.Counts.__slots__)


def test_the_second_verifier_counts_all_that_the_program_counts() -> None:
    assert set(strength_of([], LENIENT)[1]) == set(strength.Counts.__slots__)


VOICE = dict.fromkeys(strength.EvidenceRow._fields, "one") | {"status": "confirmed", "direction": "supports"}
NO_LIMITS = {condition.key: 1.0 if condition.at_most else 0 for condition in CONDITIONS}
LENIENT = {"contested": 1.0, "strong": NO_LIMITS, "moderate": NO_LIMITS}


@each_condition
def test_the_second_verifier_applies_the_condition(condition: Condition) -> None:
    reached, counts = strength_of([VOICE], LENIENT)
    count = counts[condition.counted]
    alone = {**NO_LIMITS, condition.key: count - 1 if condition.at_most else count + 1}
    assert reached == "strong"
    assert strength_of([VOICE], {**LENIENT, "strong": alone})[0] == "moderate"
    assert strength_of([VOICE], {**LENIENT, "strong": alone, "moderate": alone})[0] == "weak"


@pytest.mark.parametrize(
    "count", sorted({*strength.Counts.__slots__} - {condition.counted for condition in CONDITIONS})
)
def test_the_second_verifier_applies_a_new_condition_on_any_other_count(count: str) -> None:
    beyond = strength_of([VOICE], LENIENT)[1][count] + 1
    assert strength_of([VOICE], {**LENIENT, "strong": {**NO_LIMITS, count: beyond}})[0] == "moderate"
