"""A roster of names outside the study: encrypted, and nothing is read without its passphrase."""

from functools import partial
from pathlib import Path

import pytest
import spacy
from small_names import PLAN, masked
from studies import quiet
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.config import load_settings
from pipeline.errors import ConfigError
from pipeline.privacy.names.plan import NamePlan
from pipeline.registers.roster import PASSPHRASE, load_roster, write_roster
from pipeline.registers.study_registers import load_registers
from pipeline.steps.ingest import read_all
from pipeline.study import locate_study

NAMES = "id,names\nx1,Teodosia Vilcape Ramos;mamá Teo\nx2,Hermelinda Ccori\n"


@pytest.fixture
def roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(PASSPHRASE, "a long one of the team")
    (tmp_path / "people.csv").write_text(NAMES, "utf-8")
    write_roster(tmp_path / "people.csv", tmp_path / "people.roster")
    return tmp_path / "people.roster"


def test_a_roster_holds_no_name_in_the_clear(roster: Path) -> None:
    assert b"Vilcape" not in roster.read_bytes()
    assert load_roster(roster)[0] == ("roster x1", ("Teodosia Vilcape Ramos", "mamá Teo"))


def test_without_its_passphrase_nothing_is_read(
    roster: Path, small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_study / "config.toml"
    config.write_text(config.read_text("utf-8") + f'\n[privacy]\nroster = "{roster.as_posix()}"\n', "utf-8")
    study = locate_study(small_study)
    path = small_study / "raw/interviews/rosa.txt"
    path.write_text(path.read_text("utf-8") + "Tito Mar: Lo sabe Teodosia Vilcape, que vive allá arriba.\n", "utf-8")
    texts = read_all(study, load_settings(config), load_registers(study), {}, partial(quiet, "read")).frames["texts"]
    assert "Vilcape" not in " ".join(texts["text"])
    for passphrase in ("another", ""):
        monkeypatch.setenv(PASSPHRASE, passphrase)
        with pytest.raises(ConfigError, match="passphrase"):
            read_all(study, load_settings(config), load_registers(study), {}, partial(quiet, "read"))


def test_a_file_that_is_not_a_roster_or_was_changed_is_named(roster: Path, tmp_path: Path) -> None:
    roster.write_bytes(roster.read_bytes()[:-9])
    with pytest.raises(ConfigError, match="or the file was changed"):
        load_roster(roster)
    with pytest.raises(ConfigError, match="is not a roster"):
        load_roster(tmp_path / "people.csv")
    with pytest.raises(ConfigError, match="cannot be opened"):
        load_roster(tmp_path / "missing")


def test_the_command_writes_a_roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE, "a long one of the team")
    (tmp_path / "people.csv").write_text(NAMES, "utf-8")
    result = CliRunner().invoke(app, ["roster", str(tmp_path / "people.csv"), str(tmp_path / "people.roster")])
    assert result.exit_code == 0
    assert "2 people" in result.stdout
    assert len(load_roster(tmp_path / "people.roster")) == 2


def test_a_model_proposes_what_no_list_has(tmp_path: Path) -> None:
    model = spacy.blank("es")
    model.add_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "Sinchi"}])
    model.to_disk(tmp_path / "model")
    plan = NamePlan(PLAN.language, PLAN.secret, models=(str(tmp_path / "model"),))
    assert masked("lo dijo Sinchi ayer", plan) == "lo dijo {Sinchi} ayer"
    assert masked("lo dijo Sinchi ayer") == "lo dijo Sinchi ayer"
