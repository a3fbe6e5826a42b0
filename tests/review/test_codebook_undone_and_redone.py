"""Every change of the codebook is taken back and made again: the files and the decisions are as they were."""

import json
from pathlib import Path

import pytest
from studies import NOW, SMALL
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.codebook import Codebook, load_codebook
from pipeline.codebook.theory_edits import codes_of_elements
from pipeline.codebook.theory_of_change import load_theory
from pipeline.errors import ConfigError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.review.identity import Passage
from pipeline.review.placement import Places
from pipeline.review.settle import settle
from pipeline.review.web.rounds import start_draft
from pipeline.steps.check import check
from pipeline.steps.codebook import Details, applying, change_codebook, change_of
from pipeline.steps.codebook.files import JOURNAL
from pipeline.vocabulary import CodebookAction, CoderView, DecisionKind

SPEAKS = Passage("rosa:0-10", "aa")


def change(root: Path, action: str, *names: str, details: Details | None = None, base: str = "") -> int:
    record, typed = change_of(CodebookAction(action), names)
    return change_codebook(root, record, details=details or typed, reason="why", coder="eva", now=NOW, base=base).seq


def undo(root: Path, line: int) -> int:
    return change(root, "undo", str(line))


def decide(root: Path, code: str, value: str = "positive") -> None:
    draft = Draft(DecisionKind.CODE, *SPEAKS, criterion=code, value=value)
    ledger.append(root / "coded/decisions.jsonl", [draft], coder="ana", now=NOW)


def book(root: Path) -> Codebook:
    return load_codebook(root / "coded/codebook.toml")


def answers(root: Path) -> dict[str, str]:
    state = settle(
        ledger.load(root / "coded/decisions.jsonl"), Places({SPEAKS: SPEAKS.excerpt_id}), book(root).families
    )
    return {d.target: d.value or "yes" for d in state.coder_decisions if d.yes}


def files(root: Path) -> dict[str, object]:
    names = ("codebook.toml", "findings.toml")
    seeds = [json.loads(line) for line in (root / "coded/seeds.jsonl").read_text("utf-8").splitlines()]
    return {
        name: book(root).criteria if name == "codebook.toml" else (root / "coded" / name).read_text() for name in names
    } | {"seeds": seeds}


CHANGES = [
    ("new", "fairness", "criterion"),
    ("new", "spare_parts", "criterion", "sustainability"),
    ("rename", "sustainability", "lasting"),
    ("move", "efficiency", "learning"),
    ("move", "efficiency", "criterion", "sustainability"),
    ("merge", "efficiency", "effectiveness", "worth"),
    ("merge", "efficiency", "effectiveness", "efficiency"),
    ("split", "efficiency", "cost", "time"),
    ("split", "efficiency", "efficiency", "time"),
    ("describe", "efficiency", 'What it "cost".'),
    ("pattern", "efficiency", "cheap-en", "en", "cheap"),
    ("drop-pattern", "efficiency", "too-expensive"),
]


@pytest.mark.parametrize("names", CHANGES, ids=lambda names: " ".join(names[:2]))
def test_a_change_is_undone_redone_and_undone_again(small_study: Path, names: tuple[str, ...]) -> None:
    decide(small_study, "efficiency", "negative")
    before, decided = files(small_study), answers(small_study)
    line = change(small_study, *names)
    after, decided_after = files(small_study), answers(small_study)
    assert after != before
    undone = undo(small_study, line)
    assert (files(small_study), answers(small_study)) == (before, decided)
    undo(small_study, undone)
    assert (files(small_study), answers(small_study)) == (after, decided_after)
    undo(small_study, line)
    assert (files(small_study), answers(small_study)) == (before, decided)


TEXT_STAYS = [names for names in CHANGES if names[0] in ("merge", "split")] + [
    ("merge", "sustainability", "learning", "fit"),
    ("merge", "sustainability", "effectiveness", "efficiency", "all"),
    ("retire", "efficiency"),
    ("retire", "effectiveness"),
]


@pytest.mark.parametrize("names", TEXT_STAYS, ids=" ".join)
def test_a_change_taken_back_leaves_the_file_as_it_was_with_its_order_and_comments(
    small_study: Path, names: tuple[str, ...]
) -> None:
    path = small_study / "coded/codebook.toml"
    (small_study / "coded/findings.toml").write_text("", "utf-8")
    pieces = [*path.read_text("utf-8").split("[[criteria]]"), '\nid = "last"\ndefinition = "Of last things."\n']
    headed = (f"{piece.rstrip()}\n\n# Number {number}\n" for number, piece in enumerate(pieces[:-1]))
    path.write_text("[[criteria]]".join((*headed, pieces[-1])), "utf-8")
    before = path.read_text("utf-8")
    line = change(small_study, *names)
    after = path.read_text("utf-8")
    undone = undo(small_study, line)
    assert path.read_text("utf-8") == before
    undo(small_study, undone)
    assert path.read_text("utf-8") == after


def test_a_code_that_came_after_a_merge_stays_where_it_is_when_the_merge_is_taken_back(small_study: Path) -> None:
    before = book(small_study).ids
    line = change(small_study, "merge", before[-1], before[0], "both")
    change(small_study, "new", "later", "criterion")
    undo(small_study, line)
    assert book(small_study).ids == (*before, "later")


@pytest.mark.parametrize("names", [CHANGES[5], CHANGES[7], ("retire", "effectiveness")], ids=" ".join)
def test_a_change_recorded_without_the_order_of_the_codes_is_taken_back_with_all_of_them(
    small_study: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_study / "coded/findings.toml").write_text("", "utf-8")
    whole = applying._before
    monkeypatch.setattr(applying, "_before", lambda *of: {k: v for k, v in whole(*of).items() if k != "order"})
    before = book(small_study).criteria
    undone = undo(small_study, change(small_study, *names))
    assert sorted(book(small_study).criteria, key=str) == sorted(before, key=str)
    undo(small_study, undone)
    assert len(book(small_study).criteria) == len(before) + {"merge": -1, "split": 1, "retire": -1}[names[0]]


def test_quotes_that_were_sorted_after_a_split_are_still_sorted_when_it_is_redone(small_study: Path) -> None:
    decide(small_study, "efficiency", "negative")
    line = change(small_study, "split", "efficiency", "cost", "time")
    decide(small_study, "time", "negative")
    change(small_study, "describe", "time", "How long it took.")
    undone = None
    with pytest.raises(ConfigError, match="cannot be undone yet"):
        undo(small_study, line)
    undo(small_study, line + 2)
    undone = undo(small_study, line)
    assert answers(small_study) == {"efficiency": "negative"}
    undo(small_study, undone)
    assert answers(small_study) == {"time": "negative"}


def test_undo_of_a_split_gives_a_quote_back_that_was_sorted_into_none_of_the_parts(small_study: Path) -> None:
    decide(small_study, "efficiency", "negative")
    line = change(small_study, "split", "efficiency", "cost", "time")
    noes = [Draft(DecisionKind.UNCODE, *SPEAKS, criterion=code) for code in ("cost", "time")]
    ledger.append(small_study / "coded/decisions.jsonl", noes, coder="ana", now=NOW)
    assert answers(small_study) == {}
    undone = undo(small_study, line)
    assert answers(small_study) == {"efficiency": "negative"}
    undo(small_study, undone)
    assert answers(small_study) == {}


def test_a_merge_whose_code_an_element_needs_is_undone_with_another_code_for_the_element(small_study: Path) -> None:
    line = change(small_study, "merge", "efficiency", "effectiveness", "worth")
    change(small_study, "element", "Cheap water", "outcome", "worth")

    def codes() -> tuple[str, ...]:
        return load_theory(small_study / "coded/theory_of_change.toml", book(small_study).ids).elements[0].codes

    with pytest.raises(ConfigError, match="would lose their codes") as refused:
        undo(small_study, line)
    body = refused.value.problems[0].as_json()  # type: ignore[attr-defined]
    assert json.loads(body["values"]["elements"]) == {"cheap_water": ["worth"]}
    assert codes() == ("worth",)
    elements = {"cheap_water": ["effectiveness", "efficiency"]}
    undone = change(small_study, "undo", str(line), details=Details(elements=elements))
    assert codes() == ("effectiveness", "efficiency")
    undo(small_study, undone)
    assert codes() == ("worth",)
    change(small_study, "new", "fees", "criterion")
    assert codes() == ("worth",)


def test_the_command_gives_elements_other_codes_where_a_change_takes_theirs_away(small_study: Path) -> None:
    merged = change(small_study, "merge", "efficiency", "effectiveness", "worth")
    change(small_study, "element", "Cheap water", "outcome", "worth")
    theory = small_study / "coded/theory_of_change.toml"

    def command(*words: str) -> str:
        result = CliRunner().invoke(app, ["codebook", *words, "--reason", "why", "--study", str(small_study)])
        return result.output

    undo_it = ("undo", str(merged))
    assert "give other codes to each: --element cheap_water=CODE" in " ".join(command(*undo_it).split())
    for wrong, why in (
        ("cheap_water=", "is not ELEMENT=CODE"),
        ("cheap water", "is not ELEMENT=CODE"),
        ("cheep=learning", "has no element cheep"),
        ("cheap_water=nothing", "would lose their codes"),
    ):
        assert why in " ".join(command(*undo_it, "--element", wrong).split()), wrong
    assert codes_of_elements(theory.read_text("utf-8")) == {"cheap_water": ["worth"]}
    assert "records it" in command(*undo_it, "--element", "cheap_water=effectiveness,efficiency")
    assert codes_of_elements(theory.read_text("utf-8")) == {"cheap_water": ["effectiveness", "efficiency"]}
    (small_study / "coded/findings.toml").write_text("", "utf-8")
    assert "records it" in command("retire", "efficiency", "--element", "cheap_water=effectiveness")
    assert codes_of_elements(theory.read_text("utf-8")) == {"cheap_water": ["effectiveness"]}


def test_a_sub_code_finds_its_parent_again_after_a_merge_is_undone(small_study: Path) -> None:
    change(small_study, "new", "fees", "criterion", "efficiency")
    line = change(small_study, "merge", "efficiency", "effectiveness", "worth")
    assert book(small_study)["fees"].parent == "worth"
    undo(small_study, line)
    assert book(small_study)["fees"].parent == "efficiency"


def test_codes_below_a_moved_code_go_with_it(small_study: Path) -> None:
    change(small_study, "new", "fees", "criterion", "efficiency")
    line = change(small_study, "move", "efficiency", "barrier")
    assert (book(small_study)["fees"].family, book(small_study)["fees"].parent) == ("barrier", "efficiency")
    undo(small_study, line)
    assert book(small_study)["fees"].family == "criterion"


def test_the_second_of_two_people_is_refused_with_what_was_changed_and_nothing_is_written(small_study: Path) -> None:
    seen = book(small_study).version
    change(small_study, "rename", "efficiency", "economy", base=seen)
    before = (small_study / "coded/codebook.toml").read_bytes()
    with pytest.raises(ConfigError, match=r"changed in the meantime by eva: renamed, efficiency → economy \(why\)"):
        change(small_study, "new", "fairness", "criterion", base=seen)
    assert (small_study / "coded/codebook.toml").read_bytes() == before
    with (small_study / "coded/codebook.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[criteria]]\nid = "by_hand"\ndefinition = "x"\n')
    with pytest.raises(ConfigError, match="has been edited in the file in the meantime"):
        change(small_study, "new", "fairness", "criterion", base=seen)


def test_a_merge_in_an_open_round_is_refused_with_the_reason_and_a_new_code_is_not(small_study: Path) -> None:
    line = change(small_study, "merge", "efficiency", "effectiveness", "worth")
    draft = start_draft("week 3", coders=["ana"], shows=CoderView.BLIND, size=1, respondents=["rosa:0-10"], seed=1)
    ledger.append(small_study / "coded/decisions.jsonl", [draft], coder="eva", now=NOW)
    for names in (("merge", "worth", "sustainability", "all"), ("retire", "worth"), ("undo", str(line))):
        with pytest.raises(ConfigError, match=r"while a round is open \(week 3\)"):
            change(small_study, *names)
    change(small_study, "new", "fairness", "criterion")


def test_a_change_that_a_killed_program_had_begun_is_completed_by_the_next(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(small_study, "efficiency")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ledger.Ledger, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            change(small_study, "merge", "efficiency", "effectiveness", "worth")
    assert (small_study / "coded" / JOURNAL).exists()
    change(small_study, "new", "fairness", "criterion")
    assert [line.change.action for line in ledger.load(small_study / "coded/decisions.jsonl") if line.change] == [
        "merge",
        "new",
    ]
    assert answers(small_study) == {"worth": "positive"}
    assert not (small_study / "coded" / JOURNAL).exists()


def test_a_code_removed_from_the_file_by_hand_is_noticed(small_study: Path) -> None:
    path = small_study / "coded/codebook.toml"
    before = path.read_bytes()
    change(small_study, "new", "fairness", "criterion")
    assert not [remark for remark in check(small_study).remarks if "fairness" in remark.where]
    path.write_bytes(before)
    assert [
        "codebook.toml fairness: is not in the file, though a recorded change made this code" in str(remark)
        for remark in check(small_study).remarks
        if "fairness" in remark.where
    ] == [True]


def test_the_small_study_has_what_these_tests_change() -> None:
    assert {"efficiency", "effectiveness", "sustainability"} <= set(book(SMALL).ids)


def test_a_code_may_get_its_definition_later_and_the_check_lists_those_without_one(small_study: Path) -> None:
    line = change(small_study, "new", "fairness", "criterion")
    assert (book(small_study)["fairness"].definition, book(small_study).without_definition) == ((), ("fairness",))
    (remark,) = [str(each) for each in check(small_study).remarks if "fairness" in str(each)]
    assert remark.startswith("codebook.toml: has codes without a definition: fairness: write what each covers")
    described = change(small_study, "describe", "fairness", "Who is treated how.")
    assert book(small_study).without_definition == ()
    for without in (("fairness",), ()):
        described = undo(small_study, described)
        assert book(small_study).without_definition == without
    with pytest.raises(ConfigError, match="later"):
        undo(small_study, line)


def test_a_merge_that_keeps_an_empty_definition_has_none(small_study: Path) -> None:
    for code in ("fairness", "voice"):
        change(small_study, "new", code, "criterion")
    change(small_study, "describe", "voice", "Who is heard.")
    record, _ = change_of(CodebookAction("merge"), ("fairness", "voice", "fairness"))
    details = Details(texts={"definition": {"": ""}})
    change_codebook(small_study, record, details=details, reason="why", coder="eva", now=NOW)
    assert book(small_study).without_definition == ("fairness",)
