"""Groups and attributes that a survey gives to those who answer in it."""

import csv
from pathlib import Path

from studies import NOW, quiet

from pipeline.steps.analyze import analyze


def matrix_of(study: Path, *, settings: str) -> set[tuple[str, str]]:
    """(kind, group) of every row of matrix.csv in which somebody speaks, with these settings of the survey."""
    config = study / "config.toml"
    config.write_text(config.read_text("utf-8").replace('open = ["', f'{settings}\nopen = ["', 1), "utf-8")
    register = study / "raw" / "participants.csv"
    register.write_text("participant_id;consent;stakeholder_group\nW1;yes;water_board\n", "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    with (study / "outputs" / "matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["kind"], row["group"]) for row in rows if row["excerpts"] != "0"}


def test_a_column_of_a_survey_gives_its_people_their_group(small_study: Path) -> None:
    cells = matrix_of(small_study, settings='attributes = { stakeholder_group = "Sexo" }')
    assert {("survey", "water_board"), ("survey", "m")} >= {cell for cell in cells if cell[0] == "survey"}
    assert ("survey", "m") in cells, "who is not in the register has the group of the column"


def test_the_register_comes_before_the_column(small_study: Path) -> None:
    assert ("survey", "f") not in matrix_of(small_study, settings='attributes = { stakeholder_group = "Sexo" }')


def test_one_value_for_all_rows_of_a_survey_is_their_group(small_study: Path) -> None:
    cells = matrix_of(small_study, settings='same_for_all = { stakeholder_group = "neighbours" }')
    assert ("survey", "neighbours") in cells


def test_any_closed_answer_is_crossed_with_codes_and_stances(small_study: Path) -> None:
    config = small_study / "config.toml"
    text = config.read_text("utf-8").replace("[study]\n", '[study]\ngroup_by = "sexo"\n', 1)
    config.write_text(text.replace('open = ["', 'attributes = { sexo = "Sexo" }\nopen = ["', 1), "utf-8")
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    with (small_study / "outputs" / "matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "survey"]
    assert {row["group"] for row in rows} >= {"f", "m"}
    assert {"criterion", "positive", "negative", "mixed"} <= rows[0].keys()
    stances = ("positive", "negative", "mixed")
    assert all(
        sum(int(row[name]) for name in stances) <= int(row["excerpts"]) for row in rows if row["excerpts"].isdigit()
    )
