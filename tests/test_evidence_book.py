"""evidence.xlsx: what its sheets say of findings and registers."""

from typing import Any

from small_publication import publication

from pipeline.publish import workbook
from pipeline.sheets import Sheet


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
