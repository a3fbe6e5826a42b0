"""The names of coders: one person under one name, and nobody under the machine's."""

from pathlib import Path

import pytest
from studies import NOW

from pipeline.errors import ConfigError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.coders import CoderNames, coder_name
from pipeline.review.identity import Passage
from pipeline.review.placement import Places
from pipeline.review.settle import settle
from pipeline.steps.check import check
from pipeline.vocabulary import CodingStatus, DecisionKind


@pytest.mark.parametrize("typed", ["Ana", " ana", "ANA ", "ana"])
def test_a_coder_keeps_the_spelling_that_the_ledger_has(typed: str) -> None:
    assert coder_name(typed, ["ana", "ben"]) == "ana"


def test_a_new_coder_is_written_as_typed_without_white_space_around() -> None:
    assert coder_name("  María   José ") == "María José"
    assert coder_name("Jose\u0301", ["José"]) == "José"


@pytest.mark.parametrize("typed", ["", "   ", "machine", "Machine ", "MÁQUINA", "a;b", "ana & ben", "ana\x00"])
def test_a_blank_reserved_or_double_name_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(ConfigError) as error:
        coder_name(typed)
    (problem,) = error.value.problems
    assert problem.where.startswith("--coder")
    assert problem.remedy


def ledger_by(path: Path, *coders: str) -> Path:
    """A ledger in which each coder says yes to the same code of the same excerpt, as earlier versions wrote it."""
    for coder in coders:
        ledger.append(path, [Draft(DecisionKind.CODE, "rosa:0-5", "aa", criterion="efficiency")], coder=coder, now=NOW)
    return path


def test_a8_a_ledger_that_spells_one_coder_in_several_ways_has_one_coder(tmp_path: Path) -> None:
    path = ledger_by(tmp_path / "decisions.jsonl", "Ana", "ana", "ana ", "ANA")
    decisions = ledger.load(path)
    places = Places({Passage("rosa:0-5", "aa"): "rosa:0-5"})
    (coding,) = settle(decisions, places, {"criterion": ("efficiency",)}).codings
    assert (coding.status, coding.decided_by) == (CodingStatus.SINGLE, "Ana")
    assert b'"coder":"ana "' in path.read_bytes()  # the lines stay as they were written


def test_a8_the_check_names_the_spellings_that_count_as_one_coder(small_study: Path) -> None:
    ledger_by(small_study / "coded" / "decisions.jsonl", "Ana", "ana ", "ben")
    (remark,) = [str(remark) for remark in check(small_study).remarks if "count as one coder" in str(remark)]
    assert '"Ana" and "ana " count as one coder: Ana' in remark


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("machine", "machine (person)"), ("", "no name"), ("ana;ben", "ana+ben"), (" Ana  B ", "Ana B")],
)
def test_a8_a_name_that_earlier_versions_took_is_not_mixed_up_with_another(spelling: str, name: str) -> None:
    assert CoderNames().read(spelling) == name
