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
