"""The audit pack: findings to walk and sign, what is covered, an RO-Crate; and no names."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline.errors import ConfigError
from pipeline.privacy.word_search import texts_of
from pipeline.steps.audit import write_pack

VALIDATOR = os.environ.get("ROCRATE_VALIDATOR") or shutil.which("rocrate-validator")


@pytest.fixture(scope="module")
def pack(linked_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack") / "pack"
    checks = write_pack(linked_once, folder)
    assert not any(check.problems for check in checks)
    return folder


def sheet(pack: Path, number: int) -> pd.DataFrame:
    rows = list(openpyxl.load_workbook(pack / "sign-off.xlsx").worksheets[number].iter_rows(values_only=True))
    return pd.DataFrame(rows[2:], columns=rows[0])


def test_a_sampled_voice_can_be_walked_to_its_words_and_signed(pack: Path, linked_once: Path) -> None:
    walks, excerpts = sheet(pack, 1), pd.read_parquet(linked_once / "coded/machine/excerpts.parquet")
    texts = dict(zip(excerpts["excerpt_id"], excerpts["text"], strict=True))
    assert set(walks["finding_id"]) == {"F1", "F2"}
    assert [texts[name] for name in walks["excerpt_id"]] == list(walks["quote"])
    to_fill_in = walks[["is_there", "fits", "signed_by", "signed_on"]]
    assert set(to_fill_in.fillna("").to_numpy().ravel()) == {""}


def test_it_shows_empty_cells_of_the_matrix_and_what_was_not_coded(pack: Path) -> None:
    assert (sheet(pack, 2)["excerpts"].astype(int) == 0).any()
    counts = sheet(pack, 3)
    assert list(counts["share"]) == list(1 - counts["coded"] / counts["excerpts"])


def test_no_name_of_a_participant_is_in_it(pack: Path, linked_once: Path) -> None:
    names = pd.read_csv(linked_once / "raw" / "participants.csv", dtype=str)["name"].dropna()
    texts = [text for path in pack.iterdir() for text in texts_of(path.read_bytes())]
    assert not [name for name in names if any(name in text for text in texts)]


def test_the_same_study_gives_the_same_pack(pack: Path, linked_once: Path, tmp_path: Path) -> None:
    write_pack(linked_once, tmp_path / "again")
    assert [(path.name, path.read_bytes()) for path in sorted(pack.iterdir())] == [
        (path.name, path.read_bytes()) for path in sorted((tmp_path / "again").iterdir())
    ]


def test_a_folder_that_holds_something_is_refused(pack: Path, linked_once: Path) -> None:
    with pytest.raises(ConfigError, match="is not empty"):
        write_pack(linked_once, pack)


def test_the_crate_describes_every_file(pack: Path) -> None:
    content = json.loads((pack / "ro-crate-metadata.json").read_bytes())
    described = {entity["@id"] for entity in content["@graph"] if entity["@type"] == "File"}
    assert described == {path.name for path in pack.iterdir()} - {"ro-crate-metadata.json"}


@pytest.mark.skipif(not VALIDATOR, reason="roc-validator is not installed")
def test_roc_validator_accepts_the_crate(pack: Path) -> None:
    command = [str(VALIDATOR), "-y", "validate", "-p", "ro-crate-1.1", "-l", "required", "--no-paging", str(pack)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
