"""A workbook that is out while the codebook changes: its answers follow their codes, and a code that came later is missing."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from review_workbooks import answer, answers, back, cells_of, decided, handed_out, problems
from studies import NOW

from pipeline.codebook import load_codebook
from pipeline.records import CodebookChange
from pipeline.review.row_answers import Suggestion
from pipeline.steps.codebook import Details, change_codebook
from pipeline.vocabulary import CodebookAction


def change(root: Path, action: CodebookAction, codes: Sequence[str], into: Sequence[str]) -> None:
    record = CodebookChange(action, codes=tuple(codes), into=tuple(into))
    change_codebook(root, record, details=Details(family="criterion"), reason="clearer", coder="eva", now=NOW)


def suggesting(study: Path, code: str) -> tuple[Path, int]:
    """A workbook, and a row of it that suggests a code."""
    path = handed_out(study, size=8)
    cells = {row: str(cells_of(path, row)["suggested"] or "{}") for row in range(3, 11)}
    row = next(row for row, cell in cells.items() if (said := Suggestion.of_cell(cell)) and code in said.codes)
    return path, row


def test_a1_an_answer_on_a_code_that_was_renamed_since_is_one_on_its_new_name(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=1), {"code:efficiency": "negative"})
    change(analysed, CodebookAction.RENAME, ["efficiency"], ["economy"])
    result = back(analysed, path)
    assert (result.written, result.problems) == (1, ())
    assert answers(analysed)[-1] == ("code", "economy", "negative")
    assert back(analysed, path).written == 0


def test_a1_an_accepted_suggestion_of_a_code_that_was_renamed_since_is_a_yes_and_no_no(analysed: Path) -> None:
    path, row = suggesting(analysed, "effectiveness")
    change(analysed, CodebookAction.RENAME, ["effectiveness"], ["results"])
    result = back(analysed, answer(path, {"accept": "x"}, row))
    assert result.problems == ()
    assert [kind for kind, code, _ in answers(analysed) if code == "results"] == ["code"]
    assert back(analysed, path).written == 0


def test_a2_a_code_that_came_after_the_hand_out_is_missing_and_not_no(analysed: Path) -> None:
    path = answer(handed_out(analysed, size=1), {"rest": "no"})
    change(analysed, CodebookAction.NEW, [], ["fairness"])
    back(analysed, path)
    (line,) = [line for line in decided(analysed) if line.codes]
    assert set(line.codes) == set(load_codebook(analysed / "coded/codebook.toml").ids) - {"fairness"}


def test_an_accepted_suggestion_of_a_code_that_means_less_since_a_split_is_listed(analysed: Path) -> None:
    path, row = suggesting(analysed, "effectiveness")
    change(analysed, CodebookAction.SPLIT, ["effectiveness"], ["effectiveness", "water"])
    result = back(analysed, answer(path, {"accept": "x"}, row))
    assert result.written == 0
    assert "suggests effectiveness, which is no longer a code, or has become another one" in problems(result)


def test_answers_on_a_code_that_was_merged_since_are_listed_and_the_others_count(analysed: Path) -> None:
    path = answer(
        handed_out(analysed, size=1), {"code:efficiency": "negative", "code:sustainability": "no", "rest": "no"}
    )
    change(analysed, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    result = back(analysed, path)
    assert "is for a code that new workbooks have no column for; cells not read: 1" in problems(result)
    assert ("uncode", "sustainability", "") in answers(analysed)
    (line,) = [line for line in decided(analysed) if line.codes]
    assert "results" not in line.codes  # nobody said no to what is left of it


@pytest.mark.parametrize("ruling", ["no", "positive"])
def test_a_ruling_on_a_code_that_was_renamed_since_is_one_on_its_new_name(analysed: Path, ruling: str) -> None:
    for coder, word, how in (("ana", "positive", {"size": 1}), ("ben", "no", {"same_as": "ana"})):
        back(analysed, answer(handed_out(analysed, coder, **how), {"code:efficiency": word}))
    path = answer(handed_out(analysed, "eva", conflicts=True), {"ruling": ruling, "why": "read together"})
    change(analysed, CodebookAction.RENAME, ["efficiency"], ["economy"])
    result = back(analysed, path)
    assert (result.written, result.problems) == (1, ())
    assert decided(analysed)[-1].criterion == "economy"
    assert back(analysed, path).written == 0
