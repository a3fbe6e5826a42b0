"""Two runs compared: what moved, and the decision, file, codebook or program behind it."""

import json
import shutil
from html import unescape
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from decided_study import decide
from studies import NOW, quiet
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.errors import UserError
from pipeline.new_study import lay_out
from pipeline.steps.analyze import analyze
from pipeline.steps.results.difference import as_lines, difference


@pytest.fixture(scope="module")
def decided_later(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study after a run in which people decided."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("later") / "study")
    decide(root)
    return root


def test_a_run_compared_with_itself_shows_nothing(analysed_once: Path) -> None:
    result = difference(analysed_once, analysed_once)
    assert [result[kind] for kind in ("findings", "codings", "links", "decisions", "sources", "files")] == [[]] * 6
    assert result["program"] is False


def test_what_people_decided_is_behind_what_moved(analysed_once: Path, decided_later: Path) -> None:
    result = difference(analysed_once, decided_later)
    decided = [
        change for change in result["codings"] if change["criterion"] == "efficiency" and change.get("decisions")
    ]
    assert decided
    assert all(change["to"].endswith("(people)") for change in decided)
    assert {line for change in decided for line in change["decisions"]} <= set(result["decisions"])
    links = [change for change in result["links"] if "confirmed" in change["to"]]
    assert links
    assert all(change["decisions"] for change in links)
    moved = {finding["finding_id"]: finding for finding in result["findings"]}
    assert moved["F1"]["decisions"]


def test_every_change_has_a_cause(analysed_once: Path, decided_later: Path) -> None:
    result = difference(analysed_once, decided_later)
    causes = {"decisions", "sources", "codebook", "files", "program", "learned_from"}
    assert all(causes & change.keys() for change in (*result["codings"], *result["links"]))


def test_a_changed_file_is_behind_the_codings_in_it(analysed: Path, tmp_path: Path) -> None:
    later = shutil.copytree(analysed, tmp_path / "later")
    path = next((later / "raw" / "interviews").glob("*.txt"), None) or next((later / "raw" / "interviews").iterdir())
    path.unlink()
    analyze(later, fresh=False, now=NOW, tick=quiet)
    result = difference(analysed, later)
    assert result["sources"] == [f"raw/interviews/{path.name}"]
    gone = [change for change in result["codings"] if change["to"] == ""]
    assert gone
    assert {tuple(change["sources"]) for change in gone} == {(f"raw/interviews/{path.name}",)}


def test_two_studies_and_the_wrong_order_are_refused(analysed_once: Path, decided_later: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="put the earlier copy first"):
        difference(decided_later, analysed_once)
    lay_out(tmp_path / "new")
    with pytest.raises(UserError, match="has no run to compare"):
        difference(analysed_once, tmp_path / "new")
    other = shutil.copytree(analysed_once, tmp_path / "other")
    record = json.loads((other / "outputs" / "run.json").read_bytes())
    (other / "outputs" / "run.json").write_text(json.dumps({**record, "study": "0" * 32}), "utf-8")
    with pytest.raises(UserError, match="is not the same study"):
        difference(analysed_once, other)


def test_the_command_prints_counts_causes_and_the_first_changes(analysed_once: Path, decided_later: Path) -> None:
    ran = CliRunner().invoke(app, ["diff", str(analysed_once), str(decided_later)])
    assert ran.exit_code == 0
    assert "by decisions on the excerpt" in ran.stdout
    as_json = CliRunner().invoke(app, ["diff", str(analysed_once), str(decided_later), "--json"])
    assert json.loads(as_json.stdout)["links"]
    assert pd.Series(list(as_lines(json.loads(as_json.stdout), str))).str.len().max() < 400


def written_page(before: Path, after: Path, target: Path) -> str:
    """The page of what moved, as `diff --page` writes it."""
    done = CliRunner().invoke(app, ["diff", str(before), str(after), "--page", str(target)])
    assert done.exit_code == 0, done.output
    return target.read_text("utf-8")


def test_the_page_shows_every_move_with_its_words_and_its_cause(
    analysed_once: Path, decided_later: Path, tmp_path: Path
) -> None:
    result = difference(analysed_once, decided_later)
    page = lxml.html.fromstring(written_page(analysed_once, decided_later, tmp_path / "moved.html"))
    rows = ["".join(row.itertext()) for row in page.xpath("//tbody/tr")]
    assert len(rows) == sum(len(result[kind]) for kind in ("findings", "codings", "links"))
    lines = {line for change in result["links"] for line in change.get("decisions", ())}
    assert all(any(f"line {line}" in row or f", {line}" in row for row in rows) for line in lines)
    excerpts = pd.read_parquet(decided_later / "coded/machine/excerpts.parquet").set_index("excerpt_id")["text"]
    moved = {change["excerpt_id"] for change in result["links"]}
    shown = [name for name in moved if any(excerpts[name] in row for row in rows)]
    assert shown
    assert not page.xpath("//script")


def test_the_page_shows_no_words_of_who_wants_no_quotes(
    analysed_once: Path, decided_later: Path, tmp_path: Path
) -> None:
    later = shutil.copytree(decided_later, tmp_path / "later")
    register = later / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace("RL,,yes", "RL,,no quotes"), "utf-8")
    analyze(later, fresh=False, now=NOW, tick=quiet)
    excerpts = pd.read_parquet(later / "coded/machine/excerpts.parquet")
    unshown = excerpts[excerpts["participant_id"] == "W1"]
    moved = {change["excerpt_id"] for change in difference(analysed_once, later)["codings"]}
    page = unescape(written_page(analysed_once, later, tmp_path / "moved.html"))
    assert moved & set(unshown["excerpt_id"])
    assert not [text for text in unshown["text"] if text in page]


def test_a_run_compared_with_itself_gives_a_page_that_says_so(analysed_once: Path, tmp_path: Path) -> None:
    page = written_page(analysed_once, analysed_once, tmp_path / "same.html")
    assert "Nothing moved." in page
    assert "Nothing changed." in page
