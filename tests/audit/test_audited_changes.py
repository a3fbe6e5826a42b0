"""After changes of the codebook the audit and the second verifier count the votes and rulings of coders as the program does."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from second_verifier import verify
from second_verifier.decisions import codings, votes
from second_verifier.stored import StoredStudy
from studies import NOW, quiet

from pipeline import tables
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.audit import trace as walk
from pipeline.steps.codebook import Details, change_codebook, change_of
from pipeline.vocabulary import CodebookAction, DecisionKind

CODED, DENIED, RULED = DecisionKind.CODE, DecisionKind.UNCODE, DecisionKind.ADJUDICATE
MERGED = ("efficiency", "effectiveness")


def respondents(study: Path) -> list[tuple[str, str]]:
    rows = tables.read_table(study / "coded/machine/excerpts.parquet", tables.EXCERPTS).query("role == 'respondent'")
    return list(zip(rows["excerpt_id"], rows["text_sha256"], strict=True))


def decide(study: Path, coder: str, number: int, *words: tuple[DecisionKind, str, str]) -> list[int]:
    """Decisions of a coder on one excerpt, each a kind, a code and a value; the numbers of their lines."""
    passage = respondents(study)[number]
    drafts = [Draft(kind, *passage, criterion=code, value=value) for kind, code, value in words]
    return [line.seq for line in ledger.append(study / "coded/decisions.jsonl", drafts, coder=coder, now=NOW)]


def go_through(study: Path, coder: str, number: int, *codes: str) -> int:
    draft = Draft(DecisionKind.REVIEWED, *respondents(study)[number], codes=codes, codebook="1+a")
    return ledger.append(study / "coded/decisions.jsonl", [draft], coder=coder, now=NOW)[0].seq


def change(study: Path, action: str, codes: tuple[str, ...] = (), into: tuple[str, ...] = (), undoes: int = 0) -> int:
    record = CodebookChange(CodebookAction(action), codes=codes, into=into, undoes=undoes)
    return change_codebook(
        study, record, details=Details(family="criterion"), reason="clearer", coder="eva", now=NOW
    ).seq


def add_element(study: Path, *names: str) -> int:
    record, details = change_of(CodebookAction.ELEMENT, names)
    return change_codebook(study, record, details=details, reason="told", coder="ana", now=NOW).seq


def both(first: str, second: str) -> tuple[tuple[DecisionKind, str, str], ...]:
    """What a coder answers of the two codes that are merged later: a stance, yes or no."""
    kinds = [DENIED if word == "no" else CODED for word in (first, second)]
    values = ["" if word in ("yes", "no") else word for word in (first, second)]
    return tuple(zip(kinds, MERGED, values, strict=True))


Lines = dict[str, list[int]]


@pytest.fixture(scope="module")
def changed_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines]:
    """Two codes merged, taken back and merged again; a split taken back; a rename; with answers and rulings before each.

    Then two elements of a theory of change, one taken back and put back, and a path between them.
    """
    study = shutil.copytree(analysed_once, tmp_path_factory.mktemp("changed") / "study")
    lines = {
        "negative and yes": decide(study, "ana", 0, *both("negative", "yes")),
        "yes and negative": decide(study, "ben", 0, *both("yes", "negative")),
        "negative and positive": decide(study, "ana", 1, *both("negative", "positive")),
        "positive and no": decide(study, "ben", 1, *both("positive", "no")),
        "no and no": decide(study, "ana", 2, *both("no", "no")),
        "no and left blank": [*decide(study, "ben", 2, (DENIED, MERGED[0], "")), go_through(study, "ben", 2, *MERGED)],
        "no alone": decide(study, "cy", 2, (DENIED, MERGED[0], "")),
        "decided again": decide(study, "cy", 0, *both("negative", "positive")),
        "between": decide(study, "dan", 0, *both("negative", "positive")),
        "split": decide(study, "cy", 1, (CODED, "sustainability", "positive")),
    }
    decide(study, "eva", 3, (RULED, MERGED[0], "yes:negative"), (RULED, MERGED[1], "yes:positive"))
    decide(study, "eva", 2, (RULED, "learning", "yes:positive"))
    merge = change(study, "merge", MERGED, ("worth",))
    decide(study, "dan", 0, (CODED, "worth", "positive"))
    undone = change(study, "undo", undoes=merge)
    change(study, "undo", undoes=undone)
    split = change(study, "split", ("sustainability",), ("sustainability", "fees"))
    lines["split undone"] = decide(study, "ben", 1, (CODED, "sustainability", "negative"), (CODED, "fees", "positive"))
    decide(study, "cy", 1, (DENIED, "sustainability", ""))
    change(study, "undo", undoes=split)
    change(study, "rename", ("learning",), ("lessons",))
    lines["decided again"] = decide(study, "cy", 0, (CODED, "worth", "mixed"))
    lines["between"] = decide(study, "dan", 0, (DENIED, "worth", ""))
    change(study, "new", into=("fairness",))
    lines["no before a split"] = decide(study, "dan", 3, (DENIED, "fairness", ""))
    lines["left blank before a split"] = [go_through(study, "cy", 3, "fairness")]
    change(study, "split", ("fairness",), ("fairness", "access"))
    lines["sorted"] = decide(study, "cy", 3, (CODED, "access", "positive"))
    add_element(study, "Wells that last", "output", "sustainability", "lessons")
    undone = change(study, "undo", undoes=add_element(study, "Health", "outcome", "lessons"))
    change(study, "undo", undoes=undone)
    path = Draft(DecisionKind.MEMO, *respondents(study)[1], note="wells_that_last -> health")
    ledger.append(study / "coded/decisions.jsonl", [path], coder="ana", now=NOW)
    analyze(study, fresh=False, now=NOW, tick=quiet)
    return study, lines


def votes_of(study: Path) -> dict[tuple[str, int, str], tuple[str, list[int]]]:
    """By coder, number of the excerpt and code: the stance, yes or no, and the lines that a vote stands on."""
    frame = tables.read_table(study / "coded/machine/votes.parquet", tables.VOTES)
    numbers = {name: number for number, (name, _) in enumerate(respondents(study))}
    result = {}
    for row in frame[frame["voter"].str.startswith("coder:")].to_dict("records"):
        because = json.loads(row["because"])
        key = (row["voter"].removeprefix("coder:"), numbers[row["excerpt_id"]], row["criterion"])
        word = (row["stance"] or "yes") if row["vote"] else "no"
        result[key] = (word, sorted([because["decision"], *because.get("with", ())]))
    return result


def test_a_vote_on_merged_codes_has_the_stance_of_its_yes_answers_and_names_the_line_of_each(
    changed_once: tuple[Path, Lines],
) -> None:
    study, lines = changed_once
    assert votes_of(study) == {
        ("ana", 0, "worth"): ("negative", lines["negative and yes"]),
        ("ben", 0, "worth"): ("negative", lines["yes and negative"]),
        ("ana", 1, "worth"): ("mixed", lines["negative and positive"]),
        ("ben", 1, "worth"): ("positive", lines["positive and no"][:1]),
        ("ana", 2, "worth"): ("no", lines["no and no"]),
        ("ben", 2, "worth"): ("no", lines["no and left blank"]),
        ("cy", 0, "worth"): ("mixed", lines["decided again"]),
        ("dan", 0, "worth"): ("no", lines["between"]),
        ("cy", 1, "sustainability"): ("positive", lines["split"]),
        ("ben", 1, "sustainability"): ("mixed", lines["split undone"]),
        ("dan", 3, "fairness"): ("no", lines["no before a split"]),
        ("dan", 3, "access"): ("no", lines["no before a split"]),
        ("cy", 3, "fairness"): ("no", lines["left blank before a split"]),
        ("cy", 3, "access"): ("positive", lines["sorted"]),
    }


def test_the_audit_and_the_second_verifier_agree_after_changes_of_the_codebook(
    changed_once: tuple[Path, Lines],
) -> None:
    study, _ = changed_once
    assert (study / "outputs/theory_of_change.csv").read_text("utf-8").count("\n") == 3
    assert "wells_that_last,health,undrawn" in (study / "outputs/causal_paths.csv").read_text("utf-8")
    assert [str(problem) for check in audit(study) for problem in check.problems] == []
    assert verify(study) == []


def test_a_trace_names_every_line_that_a_vote_stands_on(changed_once: tuple[Path, Lines]) -> None:
    study, lines = changed_once
    first, second = lines["negative and positive"]
    page = str(walk(study, respondents(study)[1][0]))
    assert f"coder:ana yes mixed (lines {first}, {second} of the ledger)" in page


def test_a_merge_taken_back_leaves_each_vote_with_its_own_line(
    changed_once: tuple[Path, Lines], tmp_path: Path
) -> None:
    study = shutil.copytree(changed_once[0], tmp_path / "study")
    merge = next(row["seq"] for row in StoredStudy(study).decisions if row["kind"] == "codebook")
    change(study, "undo", undoes=merge)
    analyze(study, fresh=False, now=NOW, tick=quiet)
    first, second = changed_once[1]["negative and yes"]
    now = votes_of(study)
    assert (now["ana", 0, MERGED[0]], now["ana", 0, MERGED[1]]) == (("negative", [first]), ("yes", [second]))
    assert [str(problem) for check in audit(study) for problem in check.problems if check.key != "decisions"] == []
    assert verify(study) == []


def problems_in(study: Path, words: str) -> list[str]:
    return [str(problem) for check in audit(study) for problem in check.problems if words in str(problem)]


def without_lines(data: pd.DataFrame, row: int) -> None:
    """The vote stands on its latest line alone, with the stance of that line."""
    data.loc[row, "because"] = json.dumps({"decision": json.loads(data.loc[row, "because"])["decision"]})
    data.loc[row, "stance"] = "positive"


def another_stance(data: pd.DataFrame, row: int) -> None:
    data.loc[row, "stance"] = "negative"


def another_code(data: pd.DataFrame, row: int) -> None:
    data.loc[row, "criterion"] = "sustainability"


@pytest.mark.parametrize("alter", [without_lines, another_stance, another_code])
def test_both_see_a_vote_on_merged_codes_that_is_altered(
    changed_once: tuple[Path, Lines], tmp_path: Path, alter: Callable[[pd.DataFrame, int], None]
) -> None:
    study = shutil.copytree(changed_once[0], tmp_path / "study")
    path = study / "coded/machine/votes.parquet"
    data = pd.read_parquet(path)
    place = data.query(f"voter == 'coder:ana' and excerpt_id == '{respondents(study)[1][0]}' and criterion == 'worth'")
    alter(data, place.index[0])
    data.to_parquet(path, index=False)
    assert problems_in(study, "votes.parquet (") + problems_in(study, "votes.parquet row") != []
    assert list(votes(StoredStudy(study))) != []


def test_both_see_a_ruling_on_merged_codes_that_is_altered(changed_once: tuple[Path, Lines], tmp_path: Path) -> None:
    study = shutil.copytree(changed_once[0], tmp_path / "study")
    path = study / "coded/machine/codings.parquet"
    data = pd.read_parquet(path)
    ruled = data.query("status == 'ruled' and criterion == 'worth'").index
    assert data.loc[ruled, "stance"].tolist() == ["mixed"]
    data.loc[ruled, "stance"] = "positive"
    data.to_parquet(path, index=False)
    assert problems_in(study, "rules something else") != []
    assert list(codings(StoredStudy(study))) != []
