"""The flat table: a quote with its person, place, code path, stance and findings; people and the machine side by side."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from studies import NOW, quiet

from pipeline import tables
from pipeline.steps.analyze import analyze
from pipeline.steps.exchange.export import export


@pytest.fixture(scope="session")
def flat(decided_once: Path) -> pd.DataFrame:
    return pd.read_parquet(export(decided_once, decided_once.parent / "flat.parquet").path)


def test_every_coding_has_its_row_with_the_exact_words(decided_once: Path, flat: pd.DataFrame) -> None:
    codings = tables.read_table(decided_once / "coded" / "machine" / "codings.parquet", tables.CODINGS)
    coded = codings[codings["coded"]]
    assert set(zip(coded["excerpt_id"], coded["criterion"], strict=True)) <= set(
        zip(flat["excerpt_id"], flat["criterion"], strict=True)
    )
    texts = tables.read_table(decided_once / "coded" / "machine" / "texts.parquet", tables.TEXTS)
    by_source = dict(zip(texts["source_id"], texts["text"], strict=True))
    for row in flat.itertuples():
        assert row.quote == by_source[row.source_id][row.start : row.end]


def test_people_and_the_machine_have_columns_of_their_own(flat: pd.DataFrame) -> None:
    agreed = flat[flat["people_yes"] == "ana;leo"].iloc[0]
    assert (agreed["people_stances"], agreed["coding_status"]) == ("ana=negative;leo=negative", "agreed")
    ruled = flat[flat["coding_status"] == "ruled"].iloc[0]
    assert (ruled["people_yes"], ruled["people_no"], ruled["coded"]) == ("ana", "leo", True)
    alone = flat[flat["coding_status"] == "machine"]
    assert set(alone["machine"]) == {"yes"}
    assert set(alone["people_yes"]) == {""}


def test_a_row_has_code_path_person_attributes_and_findings(flat: pd.DataFrame) -> None:
    assert set(flat["code_path"]) >= {"Criteria > Efficiency", "Criteria > Sustainability"}
    persons = flat[flat["participant"] != ""]
    assert set(persons["person_age_group"]) >= {"40-59", "25-39"}
    linked = flat[flat["finding_ids"] != ""]
    assert {"supports"} <= set(linked["directions"])
    assert {"confirmed", "rejected"} <= set(linked["link_status"])


def test_csv_workbook_and_parquet_hold_the_same_and_run_no_formula(decided_once: Path, tmp_path: Path) -> None:
    study = shutil.copytree(decided_once, tmp_path / "study")
    raw = study / "raw" / "interviews" / "rosa.txt"
    raw.write_text(raw.read_text("utf-8").replace("No hay repuestos", "=HYPERLINK(1). No hay repuestos"), "utf-8")
    register = study / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("60+", "=60+"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    paths = [export(study, tmp_path / f"flat.{ending}").path for ending in ("csv", "xlsx", "parquet")]
    table = pd.read_parquet(paths[2])
    with paths[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(table)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert {"person_age_group"} <= {name for row in rows for name in row["guarded"].split(";")}
    sheet = load_workbook(paths[1])["Coded quotes"]
    keys, _, *cells = sheet.iter_rows(values_only=True)
    assert list(keys) == list(table.columns)
    assert [row[list(keys).index("quote")] for row in cells] == list(table["quote"])
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_words_that_are_not_shown_are_a_note(decided_once: Path, tmp_path: Path) -> None:
    study = shutil.copytree(decided_once, tmp_path / "study")
    register = study / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("Rosa Luna,RL,,yes", "Rosa Luna,RL,,no quotes"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    text = export(study, tmp_path / "flat.csv").path.read_text("utf-8")
    assert "nosotros mismos la cuidamos" not in text
    assert "withheld" in text
