"""The figures of docs/reliability.md on names in speech: at least 500 planted in each language, and no type below its bound."""

import pytest
from names_figures import CONTROLS, tally


@pytest.mark.parametrize("language", ["es", "en"])
def test_of_what_is_planted_nearly_all_is_met_and_everyday_words_are_left_alone(language: str) -> None:
    types, controls, _ = tally(language)
    planted, met, masked = (sum(counts[key] for counts in types.values()) for key in ("planted", "met", "masked"))
    assert planted >= 500
    assert met / planted >= 0.9
    assert masked / planted >= 0.8
    assert min(counts["met"] / counts["planted"] for counts in types.values()) >= 0.6
    assert controls["sentences"] == CONTROLS
    assert controls["masked"] <= CONTROLS / 100
    assert controls["proposed"] <= CONTROLS / 20
