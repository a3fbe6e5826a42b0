"""A code with a parent: what carries the code counts for the parent, in every table, report and workbook that counts codes."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from studies import NOW, quiet

from pipeline import tables
from pipeline.codebook import load_codebook, with_parents
from pipeline.errors import ConfigError
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.apply_decisions import rolled_up
from pipeline.steps.audit import audit
from pipeline.steps.codebook import change_codebook
from pipeline.steps.inputs import load_brief
from pipeline.study import locate_study
from pipeline.vocabulary import CodebookAction, DecisionKind


def with_parent(root: Path, code: str, parent: str) -> None:
    path = root / "coded/codebook.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace(f'id = "{code}"\n', f'id = "{code}"\nparent = "{parent}"\n'), "utf-8")


def row(excerpt: str, code: str, stance: str = "negative", *, coded: bool = True, **more: object) -> dict[str, object]:
    """A coding by the machine, unless more says that it is by people."""
    cells = {"excerpt_id": excerpt, "criterion": code, "coded": coded, "stance": stance if coded else ""}
    return {**cells, "status": "machine", "probability": 0.9, "decided_by": "m", "doubtful": False, **more}


def test_d6_a_sub_code_counts_for_its_parent_unless_people_decided_on_the_parent() -> None:
    codings = pd.DataFrame([
        row("s:0-5", "whole", coded=False), row("s:0-5", "part", coded=False), row("s:0-5", "piece"),
        row("s:9-12", "whole", coded=False, status="single"), row("s:9-12", "part"),
    ])  # fmt: skip
    lineage = {"piece": "part", "part": "whole"}
    assert list(rolled_up(codings, lineage)["coded"]) == [True, True, True, False, True]


def test_what_carries_a_code_below_the_criterion_of_a_finding_may_be_its_evidence(small_study: Path) -> None:
    with_parent(small_study, "efficiency", "sustainability")
    codebook = load_codebook(small_study / "coded/codebook.toml")
    assert codebook.with_codes_below({"sustainability"}) == {"sustainability", "efficiency"}
    assert codebook.with_codes_below({"efficiency"}) == {"efficiency"}


LINEAGE = {"cost": "whole", "time": "whole"}


def parent_of(*children: dict[str, object], coded: bool = False) -> pd.Series:
    """The coding of the parent of these codings."""
    codings = pd.DataFrame([row("s:0-5", "whole", "positive", coded=coded, probability=0.5), *children])
    return rolled_up(codings, LINEAGE).iloc[0]


def test_d6_a_parent_is_mixed_where_its_sub_codes_differ_in_stance() -> None:
    assert parent_of(row("s:0-5", "cost", "positive"), row("s:0-5", "time", "negative"))["stance"] == "mixed"
    assert parent_of(row("s:0-5", "cost", "negative"), row("s:0-5", "time", ""))["stance"] == "negative"


def test_d6_a_decision_on_a_sub_code_overrides_the_machine_on_the_parent() -> None:
    people = {"status": "agreed", "decided_by": "ana;ben", "probability": 0.2}
    parent = parent_of(row("s:0-5", "cost", "positive"), row("s:0-5", "time", "negative", **people), coded=True)
    assert (parent["status"], parent["decided_by"], parent["stance"]) == ("agreed", "ana;ben", "negative")
    assert parent_of(row("s:0-5", "cost", "negative"), coded=True)["stance"] == "positive"  # the machine's own word


def test_d6_an_example_of_a_sub_code_is_not_an_example_against_its_parent(small_study: Path) -> None:
    with_parent(small_study, "efficiency", "effectiveness")
    seeds = load_brief(locate_study(small_study)).seeds
    of_part = [dict(seed.codes) for seed in seeds if "efficiency" in dict(seed.codes)]
    assert of_part
    assert all("effectiveness" in codes for codes in of_part)
    assert with_parents({"time": "positive", "cost": "negative"}, LINEAGE)["whole"] == "mixed"


@pytest.mark.slow
def test_d6_codings_workbook_matrix_and_report_count_a_sub_code_for_its_parent(small_study: Path) -> None:
    with_parent(small_study, "efficiency", "effectiveness")
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    excerpts = tables.read_table(small_study / "coded/machine/excerpts.parquet", tables.EXCERPTS)
    chosen = excerpts.query("role == 'respondent'").iloc[:4]
    drafts = [
        Draft(DecisionKind.CODE, each.excerpt_id, each.text_sha256, criterion="efficiency", value="negative")
        for each in chosen.itertuples()
    ]
    ledger.append(small_study / "coded/decisions.jsonl", drafts, coder="ana", now=NOW)
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    codings = tables.read_table(small_study / "coded/machine/codings.parquet", tables.CODINGS).query("coded")
    carrying = {code: set(group["excerpt_id"]) for code, group in codings.groupby("criterion")}
    assert set(chosen["excerpt_id"]) <= carrying["efficiency"] <= carrying["effectiveness"]
    book = load_workbook(small_study / "outputs/evidence.xlsx")
    on_sheet = {cell.value for cell in book["Effectiveness"]["A"]}
    assert carrying["effectiveness"] <= on_sheet
    matrix = pd.read_csv(small_study / "outputs/matrix.csv").query("criterion == 'effectiveness'")
    assert matrix["excerpts"].sum() == len(carrying["effectiveness"])
    assert [problem for check in audit(small_study) for problem in check.problems] == []


def test_a_renamed_parent_keeps_its_sub_codes(small_study: Path) -> None:
    with_parent(small_study, "efficiency", "effectiveness")
    rename = CodebookChange(CodebookAction.RENAME, codes=("effectiveness",), into=("results",))
    change_codebook(small_study, rename, reason="clearer", coder="eva", now=NOW)
    assert load_codebook(small_study / "coded/codebook.toml").lineage == {"efficiency": "results"}


@pytest.mark.parametrize(
    ("parent", "what"),
    [("prophecy", "is not a code of its family"), ("learning", "is not a code"), ("efficiency", "itself")],
)
def test_a_parent_that_cannot_be_one_is_named(parent: str, what: str, small_study: Path) -> None:
    with_parent(small_study, "efficiency", parent)
    with pytest.raises(ConfigError, match=what):
        load_codebook(small_study / "coded/codebook.toml")
