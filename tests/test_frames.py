"""A study in Python: its tables as frames, with consent and codes of persons as in the outputs, and a few verbs."""

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from studies import ROOT

import pipeline
from pipeline import tables
from pipeline.contract import PANDAS_TYPES
from pipeline.errors import ConfigError

WHAT_JO_SAYS = "half the budget on flights"
NAMES = r"\b(Rosa|Luna|Tito|Jo|Vale|Eli|Paz|W[1-4])\b"


def withdraw_quotes(study: Path, person: str) -> None:
    """Let the register say that somebody wants no quotes."""
    path = study / "raw/participants.csv"
    path.write_text(re.sub(rf"(?m)^({person},.*),yes,", r"\1,no quotes,", path.read_text("utf-8")), "utf-8")


def test_every_table_has_the_columns_and_types_that_are_declared(analysed: Path) -> None:
    opened = pipeline.open_study(analysed).tables
    assert set(opened) == {table.name for table in (*tables.TABLES, tables.EVIDENCE)}
    for table in (*tables.TABLES, tables.EVIDENCE):
        types = {name: str(dtype) for name, dtype in opened[table.name].dtypes.items()}
        assert types == {column.name: PANDAS_TYPES[column.type] for column in table.columns}, table.name


def test_evidence_is_that_of_the_csv_file_without_the_marks_for_spreadsheets(linked: Path) -> None:
    evidence = pipeline.open_study(linked).tables["evidence"]
    written = pd.read_csv(linked / "outputs/evidence.csv", keep_default_na=False)
    assert len(evidence) == len(written) > 0
    assert not evidence["quote"].str.startswith("'").any()


def test_words_are_at_their_place_and_nothing_else_is_shown(analysed: Path) -> None:
    opened = pipeline.open_study(analysed).tables
    texts = opened["texts"].set_index("source_id")["text"]
    for row in opened["excerpts"].itertuples():
        assert texts[row.source_id][row.start : row.end] == row.text
    assert not texts["rosa"][: opened["turns"].query("source_id == 'rosa'")["start"].min()].strip(), "labels are blank"


def test_no_frame_names_a_person(analysed: Path) -> None:
    opened = pipeline.open_study(analysed)
    for name in opened.tables:
        shown = opened.tables[name].drop(columns=["path", "source_id", "excerpt_id"], errors="ignore")
        assert not re.search(NAMES, shown.to_csv(index=False).replace("rosa", "")), name


def test_who_wants_no_quotes_is_counted_and_not_shown_even_before_the_next_run(analysed: Path) -> None:
    before = pipeline.open_study(analysed).excerpts(person="W3")
    assert before["text"].str.contains(WHAT_JO_SAYS).any()
    withdraw_quotes(analysed, "W3")
    opened = pipeline.open_study(analysed)
    after = opened.excerpts(person="W3")
    assert len(after) == len(before)
    assert set(after["shown"]) == {"withheld"}
    assert all(WHAT_JO_SAYS not in opened.tables[name].to_csv() for name in opened.tables)
    assert all("flights" not in opened.tables[name].to_csv() for name in opened.tables), (
        "not in the reason of a vote either"
    )


def test_closed_answers_of_who_wants_no_quotes_are_not_shown(analysed: Path) -> None:
    withdraw_quotes(analysed, "W4")
    answers = pipeline.open_study(analysed).tables["answers"]
    assert sorted(answers["value"].str.len() > 1) == [False, False, True]


def test_excerpts_can_be_chosen_by_code_and_by_person(analysed: Path) -> None:
    opened = pipeline.open_study(analysed)
    coded = opened.excerpts(code="efficiency")
    assert 0 < len(coded) < len(opened.excerpts())
    code = opened.excerpts(person="W3")["participant"].iloc[0]
    assert re.fullmatch(r"P-\w{4}", code)
    pd.testing.assert_frame_equal(opened.excerpts(person=code), opened.excerpts(person="W3"))


@pytest.mark.parametrize("chosen", [{"code": "beauty"}, {"person": "W99"}])
def test_a_code_or_person_that_is_not_there_is_an_error_with_a_remedy(analysed: Path, chosen: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"use one of efficiency|look it up in the report"):
        pipeline.open_study(analysed).excerpts(**chosen)


def test_findings_have_a_strength_and_the_persons_who_speak(linked: Path) -> None:
    findings = pipeline.open_study(linked).findings()
    assert list(findings["finding_id"]) == ["F1", "F2"]
    assert findings["confirmed"].sum() > 0
    assert (findings["confirmed"] <= findings["links"]).all()


def test_a_study_that_was_never_analysed_says_so(small_study: Path) -> None:
    with pytest.raises(ConfigError, match="has not been analysed yet"):
        pipeline.open_study(small_study).findings()


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: is missing"):
        pipeline.open_study(tmp_path)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import pipeline, sys; print(sorted({'pandas', 'numpy', 'spacy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_script_without_a_guard_is_not_run_again_by_the_workers(small_study: Path) -> None:
    script = small_study.parent / "script.py"
    script.write_text(
        f"import pipeline\nprint('once')\nprint(pipeline.open_study({str(small_study)!r}).analyze().exit_code)\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert (done.stdout.split(), done.stderr) == (["once", "0"], "")


def test_the_examples_of_the_page_on_python_give_what_they_show(
    analysed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(analysed, analysed.parent / "my-study")
    (analysed.parent / "here").mkdir()
    monkeypatch.chdir(analysed.parent / "here")
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(str(ROOT / "docs/python.md"), module_relative=False, optionflags=flags)
    assert (result.failed, result.attempted > 5) == (0, True)
