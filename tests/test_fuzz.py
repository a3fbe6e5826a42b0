"""Readers fed with files changed at random: a few of each here, as many as wanted with `python -m tests.fuzz`."""

import fuzz
import pytest

from pipeline import engine

FEW = 40


@pytest.mark.parametrize("name", fuzz.READERS)
def test_a_changed_file_is_read_whole_or_refused_with_a_remedy(name: str) -> None:
    items = [(name, number) for number in range(FEW)]
    for index, outcome in engine.run(fuzz.attempt, items, workers=1, limits=fuzz.LIMITS):
        if name == "sav" and isinstance(outcome, engine.Failure):
            continue  # the library for .sav may die of a damaged file: the child is lost, the file is named
        assert not isinstance(outcome, engine.Failure), f"{name} {index}: {outcome}"
        assert outcome[0] in ("", fuzz.REFUSED), f"{name} {index}: {outcome[0]}"


def test_a_changed_file_is_the_same_each_time() -> None:
    for name in fuzz.READERS:
        assert fuzz.changed(name, 7) == fuzz.changed(name, 7)
    assert len({fuzz.changed("turns", number) for number in range(50)}) > 45


def test_the_checks_bite() -> None:
    from dataclasses import replace

    from small_interviews import read
    from small_interviews import settings as chosen

    reading = read(fuzz.TALK, chosen=chosen("es"))
    with pytest.raises(AssertionError, match="characters lost"):
        fuzz.check_file(b"", replace(reading, turns=reading.turns[1:]), [])
