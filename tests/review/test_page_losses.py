"""Nothing that the page acknowledged is lost: with programs side by side, and with the program killed at any moment."""

from pathlib import Path

from page_client import at_once, through_kills


def test_case_54_programs_that_write_at_once_lose_no_line_and_the_chain_stays_whole(analysed: Path) -> None:
    counts = at_once(analysed, programs=2, edits=120)
    assert counts["sent"] == 120
    assert counts["refused"] == counts["twice"] == counts["lost"] == 0
    assert counts["lines"] == counts["acknowledged lines"] >= 120


def test_a_page_that_is_killed_at_any_moment_loses_nothing_that_it_acknowledged(analysed: Path) -> None:
    counts = through_kills(analysed, kills=3)
    assert counts["refused"] == counts["twice"] == counts["lost"] == 0
    assert counts["lines"] >= counts["acknowledged lines"]
