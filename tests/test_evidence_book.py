"""evidence.xlsx: what its sheets say of findings and registers."""

from dataclasses import replace
from typing import Any

import pytest
from small_publication import publication

from pipeline.publish import resting, workbook
from pipeline.sheets import Sheet
from pipeline.words import Strength


def rows(name: str, language: str = "en") -> list[dict[str, Any]]:
    """The rows of a sheet of the small publication's evidence book, by the keys of its columns."""
    (sheet,) = (each for each in workbook.pages(publication(language)) if isinstance(each, Sheet) and each.name == name)
    return [dict(zip((field.key for field in sheet.fields), row, strict=True)) for row in sheet.rows]


def test_a_finding_says_what_people_confirmed_of_it() -> None:
    shown = ("finding_id", "strength_confirmed", "suggested_only", "persons", "confirmed_persons")
    assert [tuple(row[key] for key in shown) for row in rows("Findings")] == [
        ("F1", "weak", "", 2, 1),
        ("F2", "unsupported", "suggested only", 1, 0),
        ("F3", "unsupported", "", 0, 0),
    ]


def test_the_mark_speaks_spanish_too() -> None:
    assert [row["suggested_only"] for row in rows("Hallazgos", "es")] == ["", "solo sugerido", ""]


def test_an_entry_that_rests_on_shaky_findings_says_so() -> None:
    said = [(row["id"], row["remarks"]) for row in rows("Registers") if row["section"] in resting.SHAKY]
    assert said == [
        ("C1", "refers to F9, which does not exist; rests on F1 (contested)"),
        ("C2", "rests on F2 (contested)"),
        ("R1", "this number is used 2 times; rests on F2 (contested)"),
        ("R1", "this number is used 2 times; rests on F1 (contested)"),
    ]
    assert "se apoya en F2 (contested)" in [row["remarks"] for row in rows("Registros", "es")]


@pytest.mark.parametrize(("reached", "shaky"), [
    (Strength.STRONG, set()), (Strength.MODERATE, set()), (Strength.WEAK, {"R1"}),
    (Strength.CONTESTED, {"C1", "C2", "R1"}), (Strength.UNSUPPORTED, {"C1", "C2", "R1"}),
])  # fmt: skip
def test_a_recommendation_needs_more_than_a_conclusion(reached: Strength, shaky: set[str]) -> None:
    made = publication()
    standings = {name: replace(standing, strength=reached) for name, standing in made.standings.items()}
    said = resting.remarks(replace(made, standings=standings))
    assert {remark.where.removeprefix("findings.toml ") for remark in said} == shaky
