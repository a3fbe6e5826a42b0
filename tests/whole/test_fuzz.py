"""Readers fed with files changed at random: a few of each here, more with tests/support/fuzz.py."""

import fuzz
import pytest

FEW = 40


@pytest.mark.parametrize("name", fuzz.READERS)
def test_a_changed_file_is_read_whole_or_refused_with_a_remedy(name: str) -> None:
    for number, said, _ in fuzz.outcomes(name, range(FEW)):
        # the library for .sav may die of a damaged file: the child is lost, and the file is named
        is_named = name == "sav" and said.startswith("the reader ended without an answer")
        assert said in ("", fuzz.REFUSED) or is_named, f"{name} {number}: {said}"


def test_a_changed_file_is_the_same_each_time() -> None:
    for name in fuzz.READERS:
        assert fuzz.changed(name, 7) == fuzz.changed(name, 7)
    assert len({fuzz.changed("turns", number) for number in range(50)}) > 45


def test_the_checks_bite() -> None:
    from dataclasses import replace

    from small_interviews import read
    from small_interviews import settings as chosen

    from pipeline.steps.reading.one_file import FileResult

    reading = read(fuzz.TALK, chosen=chosen("es"))
    with pytest.raises(AssertionError, match="characters lost"):
        fuzz.check_file(b"", FileResult(replace(reading, turns=reading.turns[1:])))
