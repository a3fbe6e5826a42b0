"""Repeats exported as files of their own are read with the survey to which they belong."""

from pathlib import Path

import pandas as pd
import pytest
from small_surveys import LONG, Rows, comma, visible
from studies import NOW, quiet

from pipeline import tables
from pipeline.steps.analyze import Outcome, analyze
from pipeline.steps.check import check

MAIN = [["SubmissionDate", "hogar", "KEY"], ["2023-05-01", "Norte", "uuid:1"], ["2023-05-02", "Sur", "uuid:2"]]
PERSON = [
    ["relato", "edad", "PARENT_KEY", "KEY", "SET-OF-queja"],
    [LONG[0], "40", "uuid:2", "uuid:2/persona[1]", "uuid:2/persona[1]/queja"],
    [LONG[1], "41", "uuid:2", "uuid:2/persona[2]", ""],
    [LONG[2], "42", "uuid:9", "uuid:9/persona[1]", ""],
]
COMPLAINT = [["queja", "PARENT_KEY", "KEY"], [LONG[3], "uuid:2/persona[1]", "uuid:2/persona[1]/queja[1]"]]
FILES = {"hogares.csv": MAIN, "hogares-persona.csv": PERSON, "hogares-persona-queja.csv": COMPLAINT}


def put(study: Path, files: dict[str, Rows]) -> None:
    for name, rows in files.items():
        (study / "raw" / "surveys" / name).write_bytes(comma(rows))


def run(study: Path) -> Outcome:
    return analyze(study, fresh=False, now=NOW, tick=quiet)


def table(study: Path, name: str) -> pd.DataFrame:
    found = next(t for t in tables.TABLES if t.name == name)
    return tables.read_table(study / "coded" / "machine" / f"{name}.parquet", found)


def of_homes(study: Path, name: str) -> pd.DataFrame:
    frame = table(study, name)
    return frame[frame["source_id"].str.startswith("hogares")].reset_index(drop=True)


@pytest.fixture
def homes(small_study: Path) -> Path:
    put(small_study, FILES)
    assert run(small_study).exit_code == 0
    return small_study


def test_open_answers_of_repeats_are_turns_of_the_row_to_which_they_belong(homes: Path) -> None:
    turns = of_homes(homes, "turns")
    assert list(turns["source_id"]) == ["hogares.uuid-2"] * 3
    assert list(turns["place"]) == [
        "hogares-persona-queja.csv, row 2, column A",
        "hogares-persona.csv, row 2, column A",
        "hogares-persona.csv, row 3, column A",
    ]
    closed = of_homes(homes, "answers").set_index("column")["value"]
    assert (closed["persona 1: edad"], closed["persona 2: edad"]) == ("40", "41")


def test_case_40_rows_of_a_repeat_file_without_a_parent_are_listed(homes: Path) -> None:
    rejected = of_homes(homes, "rejected")
    orphan = rejected[rejected["reason"] == "its parent row is not in the export"]
    assert orphan[["source_id", "place", "chars"]].to_numpy().tolist() == [
        ["hogares-persona", "hogares-persona.csv, row 4", sum(map(visible, PERSON[3]))]
    ]


def test_a_file_of_repeats_is_one_source_and_its_characters_are_accounted_for(homes: Path) -> None:
    sources = of_homes(homes, "sources")
    assert sorted(sources["source_id"]) == [
        "hogares-persona",
        "hogares-persona-queja",
        "hogares.uuid-1",
        "hogares.uuid-2",
    ]
    rejected = of_homes(homes, "rejected")
    elsewhere = rejected.loc[~rejected["source_id"].isin(sources["source_id"]), "chars"].sum()
    cells = sum(visible(cell) for rows in FILES.values() for row in rows for cell in row)
    assert sources["chars"].sum() + elsewhere == cells


def test_a_changed_repeat_is_read_again_with_its_survey_and_an_unchanged_one_is_kept(homes: Path) -> None:
    before = of_homes(homes, "sources")
    (homes / "raw" / "interviews" / "otra.txt").write_text("Jo: Hello, we have water at last, it is good.\n")
    run(homes)
    pd.testing.assert_frame_equal(of_homes(homes, "sources"), before)
    put(homes, {"hogares-persona-queja.csv": [*COMPLAINT, [LONG[2], "uuid:1", "uuid:1/queja[1]"]]})
    run(homes)
    assert list(of_homes(homes, "turns")["source_id"]) == ["hogares.uuid-1", *["hogares.uuid-2"] * 3]


def test_a_repeat_that_nobody_filled_in_is_listed_by_its_headings(small_study: Path) -> None:
    put(small_study, {"hogares.csv": MAIN, "hogares-persona.csv": PERSON[:1]})
    assert run(small_study).exit_code == 0
    rejected = of_homes(small_study, "rejected")
    assert ["hogares-persona", "hogares-persona.csv, headings"] in rejected[["source_id", "place"]].to_numpy().tolist()


def test_a_broken_repeat_is_named_and_its_survey_is_not_read_without_it(small_study: Path) -> None:
    put(small_study, {"hogares.csv": MAIN, "hogares-persona.csv": [*PERSON, ["uno", "dos", "tres"]]})
    outcome = run(small_study)
    assert outcome.exit_code == 2
    assert [p.where for p in outcome.problems] == ["raw/surveys/hogares.csv hogares-persona.csv row 5"]
    assert set(of_homes(small_study, "sources")["status"]) == {"rejected"}
    assert len(of_homes(small_study, "sources")) == 2


def test_of_several_surveys_in_a_folder_the_one_after_which_the_repeat_is_named_is_its_parent(
    small_study: Path,
) -> None:
    put(small_study, {"otra.csv": MAIN, "hogares.csv": MAIN, "hogares-persona.csv": PERSON, "suelta.csv": PERSON})
    run(small_study)
    turns = table(small_study, "turns")
    assert len(turns[turns["source_id"] == "hogares.uuid-2"]) == 2
    sources = table(small_study, "sources")
    (note,) = set(sources.loc[sources["path"] == "surveys/suelta.csv", "note"])
    assert "its rows belong to another file, but no file beside it matches" in note


def test_settings_for_a_file_of_repeats_are_refused_with_the_place_where_they_belong(
    small_study: Path,
) -> None:
    put(small_study, FILES)
    config = small_study / "config.toml"
    before = config.read_text("utf-8")
    config.write_text(f'{before}\n[[surveys]]\nfile = "hogares-persona.csv"\nopen = ["relato"]\n', "utf-8")
    told = [p for p in run(small_study).problems if "hogares-persona.csv" in str(p)]
    assert [str(problem) for problem in told] == [
        (
            "raw/surveys/hogares.csv config.toml [[surveys]] hogares-persona.csv: its rows are part of hogares.csv and "
            "are read with it, so this block is not used: remove the block, and write its keys under "
            'file = "hogares.csv"; its columns can be named there'
        )
    ]
    assert any("is not used" in problem.what for problem in check(small_study)[0])
    config.write_text(f'{before}\n[[surveys]]\nfile = "hogares.csv"\nopen = ["relato"]\n', "utf-8")
    assert run(small_study).exit_code == 0
    assert set(of_homes(small_study, "turns")["heading"]) == {"relato"}
