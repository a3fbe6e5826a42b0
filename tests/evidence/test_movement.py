"""After a run, what moved: which findings changed strength, and what did it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from studies import NOW, quiet

from pipeline import tables
from pipeline.commands.study import code_lines, moved_line
from pipeline.evidence.movement import moved_codes, moved_findings
from pipeline.findings import Finding, Register
from pipeline.records import CodebookChange, Decision, Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import CodebookAction, DecisionKind


@pytest.mark.slow
def test_a_decision_that_moves_a_finding_is_named_with_it_and_only_once(analysed: Path) -> None:
    path = analysed / "coded" / "machine" / "codings.parquet"
    codings = tables.read_table(path, tables.CODINGS).query("coded and criterion == 'sustainability'")
    excerpts = tables.read_table(path.with_name("excerpts.parquet"), tables.EXCERPTS)
    chosen = excerpts[excerpts["excerpt_id"].isin(list(codings["excerpt_id"]))]
    drafts = [
        Draft(DecisionKind.LINK, row.excerpt_id, row.text_sha256, finding_id="F1", value="supports")
        for row in chosen.itertuples()
    ]
    drafts.append(replace(drafts[0], kind=DecisionKind.CODE, criterion="efficiency", finding_id="", value="negative"))
    written = ledger.append(analysed / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    record = analyze(analysed, fresh=False, now=NOW, tick=quiet).record
    (moved,) = [finding for finding in record["moved"] if finding["finding_id"] == "F1"]
    assert moved["from"] != moved["to"] == record["strengths"]["F1"]
    assert moved["decisions"] == [d.seq for d in written[:-1]]
    assert analyze(analysed, fresh=True, now=NOW, tick=quiet).record["moved"] == []


def test_a_code_that_became_reliable_or_ceased_to_be_is_named_once() -> None:
    codes = ["access", "cost", "trust"]
    first = moved_codes({}, ["access", "trust"], codes)
    assert first == {
        "only_suggested": ["access", "trust"], "assigned": ["cost"], "reliable_now": [], "only_suggested_now": []
    }  # fmt: skip
    second = moved_codes({"codes": first}, ["access", "cost"], codes)
    assert (second["reliable_now"], second["only_suggested_now"]) == (["trust"], ["cost"])
    third = moved_codes({"codes": second}, ["access", "cost"], codes)
    assert (third["reliable_now"], third["only_suggested_now"]) == ([], [])


def test_a_code_that_is_new_or_gone_did_not_change_how_the_machine_uses_it() -> None:
    before = moved_codes({}, ["trust"], ["trust", "cost"])
    new = moved_codes({"codes": before}, ["trust", "pumps"], ["trust", "cost", "pumps"])
    gone = moved_codes({"codes": before}, [], ["cost"])
    assert [new[key] or gone[key] for key in ("reliable_now", "only_suggested_now")] == [[], []]


def test_the_closing_lines_name_codes_that_the_machine_may_use_and_no_more() -> None:
    codes = {"only_suggested": ["cost"], "reliable_now": ["trust", "access"], "only_suggested_now": ["cost"]}
    coded, suggested = code_lines(codes)
    assert coded.startswith("trust, access: the machine now assigns what it only suggested before")
    assert suggested.startswith("cost: the machine now only suggests what it assigned before")
    assert list(code_lines({**codes, "reliable_now": [], "only_suggested_now": []})) == []


def test_the_closing_line_names_the_finding_the_change_and_its_causes() -> None:
    moved = {
        "finding_id": "F11", "from": "moderate", "to": "contested", "decisions": [1419, 1420], "codebook": [1421],
        "sources": ["raw/interviews/BO-01.docx"], "files": [],
    }  # fmt: skip
    causes = "2 decisions: lines 1419, 1420; codebook change of line 1421; raw/interviews/BO-01.docx"
    assert moved_line(moved) == f"F11 moderate -> contested ({causes})"


EXCERPT = "rosa:0-5"
BEFORE = {
    "strengths": {"F1": "weak"},
    "ledger": {"lines": 1},
    "inputs": {"raw/rosa.txt": "a", "raw/jo.txt": "a", "raw/eva.txt": "a", "config.toml": "a"},
}
OLD = Decision(DecisionKind.LINK, "eva:0-5", "aa", finding_id="F1", seq=1)  # its words are gone: there is no link now


def causes(*new: Decision, **changed: str) -> dict[str, list]:
    """What is named as the causes of a finding that grew stronger, by the lines written since and the files that changed."""
    inputs = {**BEFORE["inputs"], **{name.replace("_", "/", 1): content for name, content in changed.items()}}
    finding = Finding(id="F1", criterion="efficiency", statement="It was cheap.")
    (moved,) = moved_findings(
        BEFORE,
        {"F1": "moderate"},
        register=Register(findings=(finding,)),
        decisions=[OLD, *new],
        links=pd.DataFrame({"finding_id": ["F1"], "excerpt_id": [EXCERPT]}),
        sources=pd.DataFrame({"source_id": ["rosa", "jo", "eva"], "path": ["rosa.txt", "jo.txt", "eva.txt"]}),
        inputs=inputs,
    )
    return {name: moved[name] for name in ("decisions", "codebook", "sources", "files") if moved[name]}


def test_a_decision_on_the_finding_is_its_cause_and_one_elsewhere_is_not() -> None:
    link = Decision(DecisionKind.LINK, EXCERPT, "aa", finding_id="F1", seq=2)
    elsewhere = Decision(DecisionKind.CODE, "jo:0-5", "bb", criterion="learning", seq=3)
    assert causes(link, elsewhere) == {"decisions": [2]}
    assert causes(elsewhere) == {"decisions": [3]}  # the classifier learned from it


def test_a_change_of_the_codebook_is_named_as_the_cause_by_its_line() -> None:
    merge = CodebookChange(CodebookAction.MERGE, codes=("cost", "efficiency"), into=("efficiency",))
    line = Decision(DecisionKind.CODEBOOK, change=merge, seq=2)
    assert causes(line) == {"codebook": [2]}


def test_a_source_that_changed_is_named_where_the_finding_has_links_or_had_them() -> None:
    assert causes(**{"raw_rosa.txt": "b", "raw_jo.txt": "b"}) == {"sources": ["raw/rosa.txt"]}
    assert causes(**{"raw_eva.txt": "b", "raw_jo.txt": "b"}) == {"sources": ["raw/eva.txt"]}


def test_where_no_source_of_the_finding_changed_every_source_that_did_is_named() -> None:
    assert causes(**{"raw_jo.txt": "b"}) == {"sources": ["raw/jo.txt"]}


def test_a_file_that_people_wrote_is_named() -> None:
    assert causes(**{"config.toml": "b"}) == {"files": ["config.toml"]}
