"""Not a character is lost: every file of raw/ and of ../shared/data, counted again by a counter that shares no code."""

import sys

import conservation
import pytest


@pytest.mark.slow
def test_every_file_holds_as_many_characters_as_a_second_counter_finds(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(conservation.counts())
    with capsys.disabled():
        sys.stdout.write(f"\ntext conserved, files per format: {list(conservation.report(found))[-1]}\n")
    assert [(path.name, ours, theirs) for _, path, ours, theirs in found if ours != theirs] == []
    assert {suffix for suffix, *_ in found} >= {".csv", ".docx", ".md", ".srt", ".txt", ".vtt"}
