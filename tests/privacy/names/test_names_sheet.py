"""coded/names.csv: what waits for a person, what they decide, and that it holds."""

import csv
from functools import partial
from pathlib import Path

import pytest
from studies import quiet

from pipeline import tables
from pipeline.config import load_settings
from pipeline.errors import ConfigError, IntegrityError
from pipeline.registers.name_plan import load_numbers
from pipeline.registers.names_sheet import COLUMNS, load_names
from pipeline.registers.study_registers import load_registers
from pipeline.steps.check import check
from pipeline.steps.ingest import IngestResult, kept_paths, read_all
from pipeline.study import locate_study

MORE = (
    "Ana Rey: ¿Y quién más sabe de eso, de los baldes y del río?\n"
    "Tito Mar: Pregúntele a Rosa, ella sabe. Rosa Luna fue la primera. Mi número es =987 654 321, el de siempre.\n"
)


@pytest.fixture
def talkative(small_study: Path) -> Path:
    """The small study, in which somebody names somebody."""
    path = small_study / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8") + MORE, "utf-8")
    return small_study


def read(root: Path, before: IngestResult | None = None) -> IngestResult:
    study = locate_study(root)
    return read_all(
        study,
        load_settings(study.config),
        load_registers(study),
        before.frames if before else {},
        partial(quiet, "read"),
    )


def rows(root: Path) -> list[dict[str, str]]:
    with (root / "coded/names.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(root: Path, changed: list[dict[str, str]], **options: str) -> None:
    with (root / "coded/names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", **options)
        writer.writeheader()
        writer.writerows(changed)


def text_of(result: IngestResult) -> str:
    texts = result.frames["texts"]
    return str(texts.loc[texts["source_id"] == "rosa", "text"].iloc[0])


def decide(root: Path, words: str, **cells: str) -> None:
    write(root, [row | (cells if row["words"] == words else {}) for row in rows(root)])


def test_the_sheet_lists_every_name_with_its_places_what_waits_first(talkative: Path) -> None:
    read(talkative)
    first, *others = rows(talkative)
    assert (first["words"], first["status"], first["count"], first["decision"]) == ("Rosa", "waiting for you", "1", "")
    assert first["places"].startswith("interviews/rosa.txt line ")
    assert {row["words"] for row in others} == {"Rosa Luna", "987 654 321"}


def test_check_says_how_many_wait(talkative: Path) -> None:
    read(talkative)
    assert "nobody has decided whether to mask or show 1 name" in " ".join(
        remark.what for remark in check(talkative).remarks
    )


def test_a_decision_is_applied_and_holds_over_the_next_runs(talkative: Path) -> None:
    first = read(talkative)
    assert "Pregúntele a Rosa, ella" in text_of(first)
    decide(talkative, "Rosa", decision="ocultar", person="W1")
    second = read(talkative, first)
    number = load_numbers(locate_study(talkative))["W1"]
    assert f"Pregúntele a [person {number}], ella" in text_of(second)
    third = read(talkative, second)
    assert third.read_anew == ()
    assert text_of(third) == text_of(second)
    assert [row["decision"] for row in rows(talkative) if row["words"] == "Rosa"] == ["mask"]
    assert not load_names(locate_study(talkative)).waiting


def test_a_mask_can_be_lifted(talkative: Path) -> None:
    first = read(talkative)
    assert "Rosa Luna fue" not in text_of(first)
    decide(talkative, "Rosa Luna", decision="show")
    assert "Rosa Luna fue" in text_of(read(talkative, first))


def test_a_row_that_a_person_adds_masks_its_words(talkative: Path) -> None:
    first = read(talkative)
    write(talkative, [*rows(talkative), {"decision": "mask", "words": "los baldes", "kind": "address"}])
    second = read(talkative, first)
    assert "[address]" in text_of(second)
    assert rows(talkative)[-1]["words"] == "los baldes"


def test_a_sheet_saved_by_a_spreadsheet_means_the_same(talkative: Path) -> None:
    first = read(talkative)
    write(talkative, [row | {"words": "", "places": "", "decision": "mask"} for row in rows(talkative)], delimiter=";")
    second = read(talkative, first)
    assert "Rosa" not in text_of(second)
    assert {row["words"] for row in rows(talkative)} >= {"Rosa Luna"}


def test_a_row_that_is_lost_comes_back(talkative: Path) -> None:
    first = read(talkative)
    before = rows(talkative)
    (talkative / "coded/names.csv").unlink()
    second = read(talkative, first)
    assert rows(talkative) == before
    assert second.read_anew == ("interviews/rosa.txt",)


def test_no_cell_is_a_formula(talkative: Path) -> None:
    path = talkative / "raw/interviews/rosa.txt"
    path.write_text(
        path.read_text("utf-8") + "Tito Mar: Soy @tito_mar y mi número es +51 987 654 321, llame.\n", "utf-8"
    )
    read(talkative)
    assert not [row for row in rows(talkative) if row["words"].startswith(("=", "+", "-", "@"))]
    assert {"'@tito_mar", "'+51 987 654 321"} <= {row["words"] for row in rows(talkative)}


def test_a_decision_that_is_not_a_word_is_named_and_nothing_is_read(talkative: Path) -> None:
    read(talkative)
    decide(talkative, "Rosa", decision="perhaps")
    with pytest.raises(ConfigError, match=r"coded/names.csv line 2: its decision is unclear"):
        read(talkative)
    assert any("its decision is unclear" in problem.what for problem in check(talkative).problems)


def test_the_names_of_somebody_who_refuses_are_masked_and_in_no_row(talkative: Path) -> None:
    read(talkative)
    register = talkative / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace("W1,Rosa Luna,RL,,yes", "W1,Rosa Luna,RL,,no"), "utf-8")
    result = read(talkative)
    assert "Rosa Luna" not in (talkative / "coded/names.csv").read_text("utf-8-sig")
    assert "Rosa Luna" not in text_of(result)


def test_the_tables_hold_no_name_of_the_sheet(talkative: Path) -> None:
    result = read(talkative)
    stored = " ".join(result.frames[table.name].to_csv() for table in tables.TABLES if table.name in result.frames)
    assert "Rosa Luna" not in stored
    assert "987 654 321" not in stored


def test_off_leaves_the_words_as_they_are(talkative: Path) -> None:
    config = talkative / "config.toml"
    config.write_text(config.read_text("utf-8") + '\n[privacy]\nnames = "off"\n', "utf-8")
    result = read(talkative)
    assert "Rosa Luna fue" in text_of(result)
    assert result.frames["masks"].empty
    assert not (talkative / "coded/names.csv").exists()


def test_numbers_of_persons_behind_a_broken_link_are_not_taken_for_none(talkative: Path) -> None:
    (talkative / "coded/name_numbers.jsonl").symlink_to("gone.jsonl")
    with pytest.raises(IntegrityError, match=r"name_numbers.jsonl: is a broken link"):
        load_numbers(locate_study(talkative))


# ---- which files are read again


def test_nothing_that_was_read_before_names_were_masked_is_kept(talkative: Path) -> None:
    first = read(talkative)
    before = {name: frame for name, frame in first.frames.items() if name != "masks"}
    keys = dict(first.frames["sources"][["path", "reading_key"]].itertuples(index=False, name=None))
    assert kept_paths(before, keys, {}) == set()
    assert kept_paths(first.frames, keys, load_names(locate_study(talkative)).entries) == set(keys)


def test_a_file_is_read_again_if_one_of_its_names_is_no_longer_in_the_sheet(talkative: Path) -> None:
    first = read(talkative)
    keys = dict(first.frames["sources"][["path", "reading_key"]].itertuples(index=False, name=None))
    assert kept_paths(first.frames, keys, {}) == set(keys) - {"interviews/rosa.txt"}
