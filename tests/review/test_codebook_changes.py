"""A decision follows its code: what changes of the codebook do to files, to decisions, and to what was decided in between."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from studies import NOW

from pipeline.codebook import load_codebook
from pipeline.codebook.theory_edits import codes_of_elements
from pipeline.errors import ConfigError
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage
from pipeline.review.placement import Places
from pipeline.review.settle import State, settle
from pipeline.steps.check import check
from pipeline.steps.codebook import Details, change_codebook, change_of
from pipeline.vocabulary import CodebookAction, DecisionKind

SPEAKS = Passage("rosa:0-10", "aa")
SILENT = Passage("rosa:20-30", "bb")


def decide(
    root: Path, code: str, *, yes: bool = True, coder: str = "ana", on: Passage = SPEAKS, value: str = "positive"
) -> None:
    kind = DecisionKind.CODE if yes else DecisionKind.UNCODE
    draft = Draft(kind, *on, criterion=code, value=value if yes else "")
    ledger.append(root / "coded/decisions.jsonl", [draft], coder=coder, now=NOW)


def change(
    root: Path, action: CodebookAction, codes: Sequence[str] = (), into: Sequence[str] = (), **more: object
) -> int:
    family, undoes = str(more.get("family", "")), int(str(more.get("undoes", 0)))
    record = CodebookChange(action, codes=tuple(codes), into=tuple(into), undoes=undoes)
    return change_codebook(root, record, details=Details(family=family), reason="clearer", coder="eva", now=NOW).seq


def state(root: Path) -> State:
    decisions = ledger.load(root / "coded/decisions.jsonl")
    places = Places({passage: passage.excerpt_id for passage in (SPEAKS, SILENT)})
    return settle(decisions, places, load_codebook(root / "coded/codebook.toml").families)


def answers(root: Path, on: Passage = SPEAKS) -> dict[str, str]:
    """What each coder answers of each code on an excerpt: "ana efficiency" -> the stance, yes or no."""
    return {
        f"{d.coder} {d.target}": (d.value or "yes") if d.yes else "no"
        for d in state(root).coder_decisions
        if d.excerpt_id == on.excerpt_id
    }


def named_in_files(root: Path, code: str) -> list[str]:
    files = ("codebook.toml", "seeds.jsonl", "findings.toml")
    return [name for name in files if f'"{code}"' in (root / "coded" / name).read_text("utf-8")]


def test_a1_a_renamed_code_keeps_its_decisions_its_seeds_and_its_findings(small_study: Path) -> None:
    decide(small_study, "sustainability", value="negative")
    decide(small_study, "sustainability", yes=False, coder="ben")
    change(small_study, CodebookAction.RENAME, ["sustainability"], ["lasting"])
    assert answers(small_study) == {"ana lasting": "negative", "ben lasting": "no"}
    assert named_in_files(small_study, "sustainability") == []
    assert named_in_files(small_study, "lasting") == ["codebook.toml", "seeds.jsonl", "findings.toml"]
    assert state(small_study).unknown_codes == {}


def test_a1_a_code_renamed_by_hand_stops_the_check_until_the_change_is_recorded(small_study: Path) -> None:
    decide(small_study, "sustainability")
    for name in ("codebook.toml", "seeds.jsonl", "findings.toml"):
        path = small_study / "coded" / name
        path.write_text(path.read_text("utf-8").replace('"sustainability"', '"lasting"'), "utf-8")
    problems = [str(problem) for problem in check(small_study)[0]]
    assert any(
        "code sustainability: 1 decision is on a code" in p and "rename sustainability NEW" in p for p in problems
    )
    change(small_study, CodebookAction.RENAME, ["sustainability"], ["lasting"])
    assert answers(small_study) == {"ana lasting": "positive"}
    assert check(small_study)[0] == ()


def test_a2_a_code_added_by_hand_is_missing_and_not_no_on_excerpts_gone_through_before(small_study: Path) -> None:
    decide(small_study, "efficiency")
    decide(small_study, "effectiveness", on=SILENT)
    gone_through = Draft(DecisionKind.REVIEWED, *SPEAKS, value="criterion")
    ledger.append(small_study / "coded/decisions.jsonl", [gone_through], coder="ana", now=NOW)
    with (small_study / "coded/codebook.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[criteria]]\nid = "fairness"\ndefinition = "New."\n')
    assert answers(small_study) == {"ana efficiency": "positive", "ana effectiveness": "no"}


def test_a_code_of_the_form_that_was_left_blank_is_no_and_a_code_that_came_later_is_missing(small_study: Path) -> None:
    form = ("efficiency", "effectiveness")
    gone_through = Draft(DecisionKind.REVIEWED, *SPEAKS, value="criterion", codes=form, codebook="1+a")
    ledger.append(small_study / "coded/decisions.jsonl", [gone_through], coder="ana", now=NOW)
    change(small_study, CodebookAction.NEW, [], ["fairness"], family="criterion")
    assert answers(small_study) == {"ana efficiency": "no", "ana effectiveness": "no"}


@pytest.mark.parametrize(
    ("first", "second", "merged"),
    [
        ((True, "positive"), (False, ""), "positive"),
        ((True, "positive"), (True, "negative"), "mixed"),
        ((False, ""), (False, ""), "no"),
        ((False, ""), None, None),
        ((True, "negative"), None, "negative"),
    ],
)
def test_merged_codes_are_yes_if_either_is_no_if_both_are_and_missing_otherwise(
    first: tuple[bool, str], second: tuple[bool, str] | None, merged: str | None, small_study: Path
) -> None:
    for code, answer in (("efficiency", first), ("effectiveness", second)):
        if answer:
            decide(small_study, code, yes=answer[0], value=answer[1])
    change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    assert answers(small_study) == ({"ana results": merged} if merged else {})
    assert load_codebook(small_study / "coded/codebook.toml").ids == ("results", "sustainability", "learning")
    patterns = load_codebook(small_study / "coded/codebook.toml")["results"].patterns
    assert {"too-expensive", "not-sick"} <= {pattern.id for pattern in patterns}


def test_a_split_code_is_missing_until_a_person_has_sorted_its_excerpts(small_study: Path) -> None:
    decide(small_study, "efficiency")
    change(small_study, CodebookAction.SPLIT, ["efficiency"], ["cost", "time"])
    assert answers(small_study) == {}
    assert [d.criterion for d in state(small_study).unsorted] == ["efficiency"]
    decide(small_study, "time")
    assert answers(small_study) == {"ana time": "positive"}
    assert state(small_study).unsorted == ()


@pytest.mark.parametrize("into", [["cost", "time"], ["efficiency", "time"]])
def test_who_said_no_to_a_code_that_is_split_says_no_to_each_part_and_may_answer_anew(
    into: list[str], small_study: Path
) -> None:
    decide(small_study, "efficiency", yes=False)
    line = change(small_study, CodebookAction.SPLIT, ["efficiency"], into)
    assert answers(small_study) == {f"ana {code}": "no" for code in into}
    decide(small_study, "time")
    assert answers(small_study) == {f"ana {into[0]}": "no", "ana time": "positive"}
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "positive"}


def test_a_merge_undone_after_new_decisions_brings_the_old_back_and_keeps_a_no_to_both(small_study: Path) -> None:
    before = {name: (small_study / "coded" / name).read_bytes() for name in ("seeds.jsonl", "findings.toml")}
    old = tomllib.loads((small_study / "coded/codebook.toml").read_text("utf-8"))
    decide(small_study, "efficiency", value="negative")
    line = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    decide(small_study, "results", yes=False, on=SILENT)
    decide(small_study, "results", coder="ben")
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "negative"}
    assert answers(small_study, SILENT) == {"ana efficiency": "no", "ana effectiveness": "no"}
    new = tomllib.loads((small_study / "coded/codebook.toml").read_text("utf-8"))
    assert {c["id"]: c for c in new["criteria"]} == {c["id"]: c for c in old["criteria"]}
    assert (small_study / "coded/findings.toml").read_bytes() == before["findings.toml"]
    seeds = [json.loads(line) for line in (small_study / "coded/seeds.jsonl").read_bytes().splitlines()]
    assert seeds == [json.loads(line) for line in before["seeds.jsonl"].splitlines()]


def test_a_yes_to_merged_codes_is_listed_after_the_merge_is_undone_until_its_coder_decides(small_study: Path) -> None:
    line = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    decide(small_study, "results")
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert [(d.criterion, d.coder) for d in state(small_study).unsorted] == [("results", "ana")]
    decide(small_study, "effectiveness")
    assert state(small_study).unsorted == ()


def test_a_merge_into_one_of_its_codes_undone_brings_back_what_that_code_was_before(small_study: Path) -> None:
    decide(small_study, "efficiency", value="negative")
    decide(small_study, "efficiency", coder="ben", on=SILENT)
    line = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["efficiency"])
    decide(small_study, "efficiency", value="positive")
    decide(small_study, "efficiency", yes=False, coder="ben", on=SILENT)
    assert answers(small_study) == {"ana efficiency": "positive"}
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "negative"}
    assert answers(small_study, SILENT) == {"ben efficiency": "no", "ben effectiveness": "no"}


def test_a_split_that_keeps_its_code_undone_brings_back_what_the_code_was_before(small_study: Path) -> None:
    decide(small_study, "efficiency", value="negative")
    line = change(small_study, CodebookAction.SPLIT, ["efficiency"], ["efficiency", "time"])
    decide(small_study, "efficiency", yes=False)
    decide(small_study, "time", coder="ben")
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "negative", "ben efficiency": "positive"}


@pytest.mark.parametrize("into", [["economy"], ["efficiency", "time"]])
def test_a_row_gone_through_before_a_change_is_undone_turns_no_yes_into_a_no(
    small_study: Path, into: list[str]
) -> None:
    decide(small_study, "efficiency")
    action = CodebookAction.RENAME if len(into) == 1 else CodebookAction.SPLIT
    line = change(small_study, action, ["efficiency"], into)
    gone_through = Draft(
        DecisionKind.REVIEWED, *SPEAKS, value="criterion", codes=(into[0], "effectiveness"), codebook="2"
    )
    ledger.append(small_study / "coded/decisions.jsonl", [gone_through], coder="ana", now=NOW)
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "positive", "ana effectiveness": "no"}


def test_a_ruling_follows_a_merge_and_comes_back_when_it_is_undone(small_study: Path) -> None:
    ruling = Draft(DecisionKind.ADJUDICATE, *SPEAKS, criterion="efficiency", value="yes:negative")
    ledger.append(small_study / "coded/decisions.jsonl", [ruling], coder="eva", now=NOW)
    line = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["efficiency"])
    assert {code: each.value for (_, code), each in state(small_study).rulings.items()} == {
        "efficiency": "yes:negative"
    }
    later = Draft(DecisionKind.ADJUDICATE, *SPEAKS, criterion="efficiency", value="yes:positive")
    ledger.append(small_study / "coded/decisions.jsonl", [later], coder="eva", now=NOW)
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert {code: each.value for (_, code), each in state(small_study).rulings.items()} == {
        "efficiency": "yes:negative"
    }


def test_a_change_is_not_undone_while_a_later_one_depends_on_it(small_study: Path) -> None:
    line = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    later = change(small_study, CodebookAction.MERGE, ["results", "sustainability"], ["results"])
    with pytest.raises(ConfigError, match=f"line {line} cannot be undone yet.*undo {later}"):
        change(small_study, CodebookAction.UNDO, undoes=line)
    change(small_study, CodebookAction.UNDO, undoes=later)
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert set(load_codebook(small_study / "coded/codebook.toml").ids) == {
        "efficiency", "effectiveness", "sustainability", "learning",
    }  # fmt: skip


def test_a_code_renamed_twice_and_back_keeps_its_decisions(small_study: Path) -> None:
    decide(small_study, "efficiency")
    change(small_study, CodebookAction.RENAME, ["efficiency"], ["economy"])
    line = change(small_study, CodebookAction.RENAME, ["economy"], ["thrift"])
    assert answers(small_study) == {"ana thrift": "positive"}
    decide(small_study, "thrift", yes=False, coder="ben")
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana economy": "positive", "ben economy": "no"}


def test_a_retired_code_does_not_count_until_that_is_undone(small_study: Path) -> None:
    decide(small_study, "efficiency")
    line = change(small_study, CodebookAction.RETIRE, ["efficiency"])
    assert answers(small_study) == {}
    assert state(small_study).unknown_codes == {}
    change(small_study, CodebookAction.UNDO, undoes=line)
    assert answers(small_study) == {"ana efficiency": "positive"}


def test_a_moved_code_keeps_its_decisions_and_what_was_gone_through_in_its_old_family(small_study: Path) -> None:
    decide(small_study, "efficiency", on=SILENT)
    gone_through = Draft(DecisionKind.REVIEWED, *SPEAKS, value="criterion")
    ledger.append(small_study / "coded/decisions.jsonl", [gone_through], coder="ana", now=NOW)
    change(small_study, CodebookAction.MOVE, ["efficiency"], family="learning")
    assert load_codebook(small_study / "coded/codebook.toml")["efficiency"].family == "learning"
    assert answers(small_study) == {"ana efficiency": "no"}


def test_a_line_of_another_laptop_that_still_names_the_old_code_follows_the_rename(small_study: Path) -> None:
    change(small_study, CodebookAction.RENAME, ["efficiency"], ["economy"])
    laptop = small_study / "laptop.jsonl"
    ledger.append(laptop, [Draft(DecisionKind.CODE, *SPEAKS, criterion="efficiency")], coder="ben", now=NOW)
    ledger.Ledger(small_study / "coded/decisions.jsonl").merge(laptop.read_bytes(), laptop.name)
    assert answers(small_study) == {"ben economy": "yes"}
    assert state(small_study).unknown_codes == {}


def test_a_rename_onto_a_code_that_is_there_is_refused_and_nothing_is_written(small_study: Path) -> None:
    before = (small_study / "coded/codebook.toml").read_bytes()
    with pytest.raises(ConfigError, match="already has a code effectiveness: choose another id, or merge"):
        change(small_study, CodebookAction.RENAME, ["efficiency"], ["effectiveness"])
    assert (small_study / "coded/codebook.toml").read_bytes() == before
    assert not (small_study / "coded/decisions.jsonl").exists()


def test_a_code_that_was_renamed_before_is_named_with_the_line(small_study: Path) -> None:
    line = change(small_study, CodebookAction.RENAME, ["efficiency"], ["economy"])
    with pytest.raises(
        ConfigError, match=rf"has no code efficiency any more \(line {line} of the ledger: renamed -> economy\)"
    ):
        change(small_study, CodebookAction.RENAME, ["efficiency"], ["thrift"])


def test_a_code_with_findings_is_not_retired(small_study: Path) -> None:
    with pytest.raises(ConfigError, match=r"findings would lose their criterion: F1 \(sustainability\)"):
        change(small_study, CodebookAction.RETIRE, ["sustainability"])


@pytest.mark.parametrize("typed", ["rename efficiency", "undo first", "merge a b", "retire a b"])
def test_a_change_that_is_typed_with_other_names_than_it_needs_is_explained(typed: str) -> None:
    action, *names = typed.split()
    with pytest.raises(ConfigError, match=f"type: {action}"):
        change_of(CodebookAction(action), names)


def test_a_change_without_a_reason_is_refused(small_study: Path) -> None:
    rename = CodebookChange(CodebookAction.RENAME, codes=("efficiency",), into=("economy",))
    with pytest.raises(ConfigError, match="a change needs a reason"):
        change_codebook(small_study, rename, reason=" ", coder="eva", now=NOW)


def test_a_rename_changes_the_line_of_the_id_alone(small_study: Path) -> None:
    path = small_study / "coded/codebook.toml"
    before = path.read_text("utf-8").splitlines()
    change(small_study, CodebookAction.RENAME, ["efficiency"], ["economy"])
    changed = [(a, b) for a, b in zip(before, path.read_text("utf-8").splitlines(), strict=True) if a != b]
    assert changed == [('id = "efficiency"', 'id = "economy"')]


ELEMENT = """
[[elements]]
id = "forms"
kind = "output"
name = "Forms"
code = "efficiency"
together_with = [
  "effectiveness",
]
"""


def test_the_theory_of_change_follows_a_rename_and_a_merge_and_their_undoing(small_study: Path) -> None:
    path = small_study / "coded" / "theory_of_change.toml"
    path.write_text(ELEMENT, "utf-8")
    renamed = change(small_study, CodebookAction.RENAME, ["efficiency"], ["use_of_funds"])
    assert codes_of_elements(path.read_text("utf-8")) == {"forms": ["use_of_funds", "effectiveness"]}
    change(small_study, CodebookAction.UNDO, undoes=renamed)
    merged = change(small_study, CodebookAction.MERGE, ["efficiency", "effectiveness"], ["results"])
    assert codes_of_elements(path.read_text("utf-8")) == {"forms": ["results"]}
    change(small_study, CodebookAction.UNDO, undoes=merged)
    assert codes_of_elements(path.read_text("utf-8")) == {"forms": ["efficiency", "effectiveness"]}


def test_a_code_that_an_element_of_the_theory_names_is_not_retired(small_study: Path) -> None:
    (small_study / "coded" / "findings.toml").write_text("", "utf-8")
    (small_study / "coded" / "theory_of_change.toml").write_text(ELEMENT, "utf-8")
    with pytest.raises(ConfigError, match=r"elements would lose their codes: forms \(efficiency, effectiveness\)"):
        change(small_study, CodebookAction.RETIRE, ["efficiency"])
