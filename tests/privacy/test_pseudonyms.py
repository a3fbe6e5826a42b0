"""Codes for people: never a name, never mistaken for a number or a date, never computed from what is published."""

import json
import re
import stat
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.privacy.pseudonyms import edition_name, pseudonyms
from pipeline.steps.analyze import analyze
from pipeline.study import locate_study, person_key

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@given(st.sets(st.text(min_size=1, max_size=8), max_size=40), st.binary(min_size=32, max_size=32))
def test_everybody_has_a_code_of_their_own_that_no_spreadsheet_takes_for_a_number(people: set[str], key: bytes) -> None:
    codes = pseudonyms(people, key=key)
    assert set(codes) == people - {""}
    assert len(set(codes.values())) == len(codes)
    for code in codes.values():
        assert re.fullmatch(r"P-[2-9B-DF-HJ-NP-TV-XZ]{4}", code)
        assert re.search("[A-Z]", code[2:])
        assert re.search("[0-9]", code[2:])


def test_codes_do_not_depend_on_the_order_of_the_register() -> None:
    assert pseudonyms(["a", "b", "c"], key=KEY) == pseudonyms(["c", "a", "b"], key=KEY)


def test_another_key_or_another_edition_gives_other_codes() -> None:
    assert pseudonyms(["a"], key=KEY) != pseudonyms(["a"], key=OTHER_KEY)
    assert pseudonyms(["a"], key=KEY) != pseudonyms(["a"], key=KEY, edition="public 1")
    assert edition_name(KEY, "public 1") != edition_name(KEY, "public 2")


def test_strangers_are_distinguished_from_people_of_the_register() -> None:
    assert pseudonyms(["a"], key=KEY, prefix="A")["a"].startswith("A-")


def test_thousands_of_rows_of_a_survey_get_their_codes_at_once() -> None:
    codes = pseudonyms((f"row {n}" for n in range(20_000)), key=KEY)
    assert len(set(codes.values())) == 20_000


def test_a_study_without_a_key_gets_one_that_nobody_else_has_and_only_its_owner_reads(small_study: Path) -> None:
    (small_study / "coded/person_key").unlink()
    study = locate_study(small_study)
    key = person_key(study)
    assert person_key(study) == key
    assert stat.S_IMODE((small_study / "coded/person_key").stat().st_mode) == 0o600
    (small_study / "coded/person_key").unlink()
    assert person_key(study) != key


def test_a_broken_key_stops_the_study(small_study: Path) -> None:
    (small_study / "coded/person_key").write_text("secret\n")
    with pytest.raises(ConfigError, match=r"coded/person_key: is not a key.*restore the file"):
        person_key(locate_study(small_study))


def test_the_key_is_an_input_and_the_same_key_gives_the_same_codes(analysed: Path) -> None:
    before = _codes(analysed)
    (analysed / "coded/person_key").write_text("ab" * 32 + "\n")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert before.isdisjoint(_codes(analysed))
    assert "coded/person_key" in json.loads((analysed / "outputs/run.json").read_text())["inputs"]


def test_no_output_holds_the_key(analysed: Path) -> None:
    key = (analysed / "coded/person_key").read_text().strip()
    for path in sorted((analysed / "outputs").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            assert key.encode() not in data
            assert bytes.fromhex(key) not in data


def _codes(study: Path) -> set[str]:
    return set(pd.read_csv(study / "outputs/evidence.csv", keep_default_na=False)["participant"]) - {""}
