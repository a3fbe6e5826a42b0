"""The review workbook out and back: decided, unchanged, conflicting, stale, foreign and damaged rows; nothing overwritten."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter as letter
from openpyxl.worksheet.worksheet import Worksheet
from studies import NOW, quiet

from pipeline.errors import ConfigError
from pipeline.review import decisions as ledger
from pipeline.review.agreement.text import as_text
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import audit
from pipeline.steps.results.agreement import agree
from pipeline.steps.review import ImportResult, Order, export, import_files
from pipeline.study import locate_study, write_study_id

CODES = ("efficiency", "effectiveness", "sustainability")


def handed_out(study: Path, coder: str = "ana", **how: object) -> Path:
    return export(study, Order(coder, **{"size": 50, **how}), NOW)  # type: ignore[arg-type]


def columns(sheet: Worksheet) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[1] if cell.value}


def edit(path: Path, change: Callable[[Worksheet, dict[str, int]], None]) -> Path:
    """The workbook as a person saves it after a change."""
    book = load_workbook(path)
    change(book["Review"], columns(book["Review"]))
    book.save(path)
    return path


def filled(sheet: Worksheet, keys: dict[str, int]) -> None:
    """Decide every row: effectiveness positive, all else no."""
    for row in range(3, sheet.max_row + 1):
        sheet.cell(row, keys["code:effectiveness"]).value = "positive"
        sheet.cell(row, keys["rest"]).value = "no"


def back(study: Path, *paths: Path) -> ImportResult:
    return import_files(study, list(paths), NOW)


def decided(study: Path) -> list[ledger.Decision]:
    return list(ledger.load(study / "coded" / "decisions.jsonl"))


def test_a_workbook_has_a_row_per_excerpt_with_what_is_needed_to_decide(analysed: Path) -> None:
    book = load_workbook(handed_out(analysed))
    sheet = book["Review"]
    keys = columns(sheet)
    assert {"excerpt_id", "text", "context", "suggestion", "accept", "memo", "rest"} <= set(keys)
    assert {f"code:{code}" for code in CODES} <= set(keys)
    assert sheet.protection.sheet
    assert sheet.cell(3, keys["text"]).protection.locked
    assert not sheet.cell(3, keys["memo"]).protection.locked
    assert sheet.freeze_panes == "C3"
    hidden = sheet.column_dimensions[letter(keys["suggested"])]  # one entry for all hidden columns side by side
    assert hidden.hidden
    assert hidden.max == keys["text_sha256"]
    heights = [sheet.row_dimensions[row].height for row in range(3, sheet.max_row + 1)]
    assert max(heights) < 200  # as high as its words, not as its hash
    assert sheet.auto_filter.ref
    assert len(sheet.data_validations.dataValidation) >= len(CODES)
    assert "came about" in " ".join(str(cell.value) for cell in book["Read me"]["A"])


def test_the_machines_suggestion_can_be_left_out(analysed: Path) -> None:
    assert "suggestion" not in columns(load_workbook(handed_out(analysed, blind=True))["Review"])


def test_the_same_study_and_ledger_give_the_same_workbook(analysed: Path) -> None:
    assert handed_out(analysed).read_bytes() == handed_out(analysed).read_bytes()


def test_names_of_participants_are_not_handed_out(analysed: Path) -> None:
    book = load_workbook(handed_out(analysed))
    words = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert not any(name in words for name in ("Rosa Luna", "Tito Mar", "Jo Vale"))


def test_decisions_come_back_and_change_the_finding(analysed: Path) -> None:
    before = (analysed / "outputs" / "evidence.csv").read_text("utf-8")

    def confirm(sheet: Worksheet, keys: dict[str, int]) -> None:
        for row in range(3, sheet.max_row + 1):
            sheet.cell(row, keys["code:sustainability"]).value = "negative"
            sheet.cell(row, keys["finding1"]).value = "F1"
            sheet.cell(row, keys["direction1"]).value = "supports"

    result = back(analysed, edit(handed_out(analysed), confirm))
    assert result.problems == ()
    assert result.written == 2 * result.counts["decided"]
    outcome = analyze(analysed, fresh=False, now=NOW, tick=quiet)
    after = (analysed / "outputs" / "evidence.csv").read_text("utf-8")
    assert "confirmed" in after
    assert "confirmed" not in before
    assert outcome.record["summary"]["links_confirmed"] == result.counts["decided"]
    assert outcome.record["summary"]["confirmed"] == result.counts["decided"]


def test_the_same_workbook_twice_is_once(analysed: Path) -> None:
    path = edit(handed_out(analysed), filled)
    first, second = back(analysed, path), back(analysed, path)
    assert first.written > 0
    assert second.written == 0
    assert set(second.counts) == {"unchanged"}


def test_links_of_the_same_workbook_twice_are_written_once(analysed: Path) -> None:
    def link(sheet: Worksheet, keys: dict[str, int]) -> None:
        sheet.cell(3, keys["finding1"]).value = "F1"
        sheet.cell(3, keys["direction1"]).value = "qualifies"

    path = edit(handed_out(analysed), link)
    first, second = back(analysed, path), back(analysed, path)
    assert (first.written, second.written) == (1, 0)
    assert set(second.counts) == {"unchanged"}


def test_blank_is_not_no(analysed: Path) -> None:
    def one(sheet: Worksheet, keys: dict[str, int]) -> None:
        sheet.cell(3, keys["code:efficiency"]).value = "mixed"

    back(analysed, edit(handed_out(analysed), one))
    (decision,) = decided(analysed)
    assert (decision.criterion, decision.value, decision.coder) == ("efficiency", "mixed", "ana")


def test_a_coder_who_goes_on_finds_the_earlier_decisions_in_place(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, size=2), filled))
    again = handed_out(analysed, "ben", same_as="ana")
    assert load_workbook(again)["Review"].max_row == 4


@pytest.mark.slow
def test_a_study_in_which_no_words_count_yet_says_so_and_not_that_all_is_decided(analysed: Path) -> None:
    for path in (analysed / "raw").glob("*/*.*"):
        path.unlink()
    (analysed / "raw/interviews/talk.txt").write_text(
        "Kim: What changed?\nBea: What do you mean?\nAl: What else?\n", "utf-8"
    )
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    with pytest.raises(ConfigError, match=r"no words of respondents count yet: settle what make check-study lists"):
        handed_out(analysed)


def test_it_is_said_if_nothing_is_left_to_decide(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed), filled))
    with pytest.raises(ConfigError, match="there is nothing left for ana to decide"):
        handed_out(analysed)


def problems(result: ImportResult) -> str:
    return "\n".join(map(str, result.problems))


def ids(sheet: Worksheet, keys: dict[str, int]) -> list[str]:
    return [sheet.cell(row, keys["excerpt_id"]).value for row in range(3, sheet.max_row + 1)]


def test_case_50_a_deleted_row_is_named_and_the_others_count(analysed: Path) -> None:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        filled(sheet, keys)
        sheet.delete_rows(4)

    result = back(analysed, edit(handed_out(analysed), change))
    assert result.counts["missing"] == 1
    assert "rows that were handed out are missing" in problems(result)
    assert result.counts["decided"] > 1


def test_case_50_a_doubled_row_with_another_answer_is_damaged_and_named_twice(analysed: Path) -> None:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        filled(sheet, keys)
        sheet.append([cell.value for cell in sheet[3]])
        sheet.cell(sheet.max_row, keys["code:effectiveness"]).value = "negative"

    result = back(analysed, edit(handed_out(analysed), change))
    assert result.counts["damaged"] == 2
    assert problems(result).count("is in several rows with different answers") == 2


def test_case_50_one_column_sorted_by_itself_is_refused_row_by_row(analysed: Path) -> None:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        filled(sheet, keys)
        column = keys["text"]
        words = [sheet.cell(row, column).value for row in range(3, sheet.max_row + 1)]
        for row, word in enumerate(words[1:] + words[:1], 3):
            sheet.cell(row, column).value = word

    result = back(analysed, edit(handed_out(analysed), change))
    assert result.written == 0
    assert "they were edited, or one column was sorted by itself" in problems(result)


def test_case_50_an_edited_id_a_misspelt_code_and_an_edited_quote_are_each_named(analysed: Path) -> None:
    def change(sheet: Worksheet, keys: dict[str, int]) -> None:
        filled(sheet, keys)
        sheet.cell(3, keys["excerpt_id"]).value = "rosa:0-1"
        sheet.cell(4, keys["code:effectiveness"]).value = "possitive"
        sheet.cell(5, keys["text"]).value += " y algo más"

    result = back(analysed, edit(handed_out(analysed), change))
    said = problems(result)
    assert "row 3 (rosa:0-1): its excerpt id was not handed out" in said
    assert (
        'column Effectiveness: says "possitive", which is not a possible answer: use positive, negative, mixed, yes, no'
        in said
    )
    assert "its words differ from those handed out" in said
    assert result.counts["foreign"] == 1
    assert result.counts["damaged"] == 2
    assert result.counts["decided"] > 0


def test_case_50_a_moved_column_and_a_renamed_sheet_do_not_matter(analysed: Path) -> None:
    path = edit(handed_out(analysed), filled)
    book = load_workbook(path)
    sheet = book["Review"]
    sheet.title = "Mi hoja"
    sheet.move_range(f"A1:A{sheet.max_row}", cols=sheet.max_column)
    book.save(path)
    result = back(analysed, path)
    assert result.problems == ()
    assert result.counts["decided"] > 0


def test_case_51_a_workbook_of_another_study_is_refused(analysed: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    shutil.copytree(analysed, other)
    write_study_id(locate_study(other))
    result = back(other, edit(handed_out(analysed), filled))
    assert "belongs to another study" in problems(result)
    assert result.written == 0


def test_a_corrected_title_refuses_no_workbook_that_is_out(analysed: Path) -> None:
    path = edit(handed_out(analysed), filled)
    config = analysed / "config.toml"
    config.write_text(config.read_text().replace("A small water project", "A small project on water"))
    result = back(analysed, path)
    assert result.problems == ()
    assert result.written > 0


def test_case_51_words_that_changed_since_make_the_row_stale(analysed: Path) -> None:
    path = edit(handed_out(analysed), filled)
    raw = analysed / "raw" / "interviews" / "rosa.txt"
    raw.write_text(raw.read_text("utf-8").replace("dos horas", "tres horas"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    result = back(analysed, path)
    assert result.counts["stale"] >= 1
    assert "has changed since" in problems(result)


def test_case_51_an_older_copy_does_not_overwrite_a_later_decision(analysed: Path) -> None:
    path = edit(handed_out(analysed, size=1), say("positive"))
    copy = path.with_stem("copy")
    shutil.copy(path, copy)
    back(analysed, path)
    back(analysed, edit(path, say("negative")))
    result = back(analysed, copy)
    assert result.counts == {"conflicting": 1}
    assert "the workbook says positive; line 2 of the ledger" in problems(result)
    assert [d.value for d in decided(analysed)] == ["positive", "negative"]


def test_two_coders_workbooks_are_kept_apart(analysed: Path) -> None:
    for coder, word in (("ana", "positive"), ("ben", "negative")):
        path = handed_out(analysed, coder, size=1)
        back(analysed, edit(path, lambda s, k, w=word: setattr(s.cell(3, k["code:efficiency"]), "value", w)))  # type: ignore[misc]
    assert {(d.coder, d.value) for d in decided(analysed)} == {("ana", "positive"), ("ben", "negative")}


def test_agreement_is_measured_between_coders_and_with_a_machine_that_has_not_learnt_from_them(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, "ana"), filled))
    back(analysed, edit(handed_out(analysed, "ben", same_as="ana"), filled))
    result = agree(analysed)
    assert result["coders"] == ["ana", "ben"]
    assert result["criteria"]["efficiency"]["percent"]["value"] == 1
    assert result["criteria"]["efficiency"]["kappa"]["value"] is None  # nobody said yes: not defined
    assert (
        result["pairs"]["ana & ben"]["effectiveness"]["counts"]["yes_yes"] == result["criteria"]["effectiveness"]["n"]
    )
    counts = result["pairs"]["ana & ben"]["effectiveness"]["counts"]
    printed = [line.split() for line in as_text(result) if line.startswith("effectiveness")]
    assert printed[1][1:] == [str(counts[cell]) for cell in ("yes_yes", "yes_no", "no_yes", "no_no")]
    assert result["machine"] == {}  # both had its suggestion in sight
    assert set(result["machine_in_sight"]) == {"ana", "ben"}
    assert result["machine_in_sight"]["ana"]["efficiency"]["n"] == result["criteria"]["efficiency"]["n"]
    assert (analysed / "outputs" / "agreement.json").exists()
    assert not analyze(analysed, fresh=False, now=NOW, tick=quiet).unchanged  # the report takes the new figures up


def test_a_file_that_is_not_our_workbook_is_refused_with_a_remedy(analysed: Path, tmp_path: Path) -> None:
    plain, text = tmp_path / "plain.xlsx", tmp_path / "text.xlsx"
    Workbook().save(plain)
    text.write_text("not a workbook")
    said = problems(back(analysed, plain, text, tmp_path / "gone.xlsx"))
    assert "plain.xlsx: is not a review workbook of this program" in said
    assert "text.xlsx: is a broken" in said
    assert "gone.xlsx: cannot be opened" in said


def test_a_memo_is_kept_once(analysed: Path) -> None:
    path = edit(
        handed_out(analysed),
        lambda sheet, keys: setattr(sheet.cell(3, keys["memo"]), "value", "Ver también la otra voz"),
    )
    back(analysed, path)
    back(analysed, path)
    assert [d.note for d in decided(analysed)] == ["Ver también la otra voz"]


FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "ods": "ods:calc8"}


def saved_by_libreoffice(path: Path, folder: Path, kind: str = "xlsx") -> Path:
    """The workbook opened and saved again by LibreOffice, without a screen, in `folder`/saved."""
    office = f"-env:UserInstallation=file://{folder / 'office'}"
    target = ["--convert-to", FILTERS[kind], "--outdir", str(folder / "saved")]
    command = ["soffice", "--headless", office, *target, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / "saved" / path.name).with_suffix(f".{kind}")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_thirty_rows_decided_in_libreoffice_change_the_finding_and_the_audit_holds(
    small_study: Path, tmp_path: Path
) -> None:
    talk = "".join(f"Interviewer: And well {n}?\n\nP1: We pay for well {n} ourselves.\n\n" for n in range(30))
    (small_study / "raw/interviews/wells.txt").write_text(talk, "utf-8")
    before = analyze(small_study, fresh=False, now=NOW, tick=quiet).record["summary"]

    def support(sheet: Worksheet, keys: dict[str, int]) -> None:
        for row in range(3, sheet.max_row + 1):
            for key, word in (("code:sustainability", "positive"), ("finding1", "F1"), ("direction1", "supports")):
                sheet.cell(row, keys[key]).value = word

    path = edit(handed_out(small_study, size=30), support)
    result = back(small_study, saved_by_libreoffice(path, tmp_path))
    assert (result.problems, result.counts["decided"], result.written) == ((), 30, 60)
    after = analyze(small_study, fresh=False, now=NOW, tick=quiet).record["summary"]
    assert (before["links_confirmed"], after["links_confirmed"]) == (0, 30)
    assert before["findings_unsupported"] > after["findings_unsupported"]
    assert [check.problems for check in audit(small_study)] == [()] * len(audit(small_study))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_case_52_a_workbook_saved_by_libreoffice_gives_the_same_decisions(
    analysed: Path, tmp_path: Path, kind: str
) -> None:
    path = edit(handed_out(analysed), filled)
    result = back(analysed, saved_by_libreoffice(path, tmp_path, kind))
    assert result.problems == ()
    assert result.counts["decided"] > 1
    again = back(analysed, path)
    assert set(again.counts) == {"unchanged"}


# ---- changing one's mind


def say(word: str, key: str = "code:efficiency", row: int = 3) -> Callable[[Worksheet, dict[str, int]], None]:
    return lambda sheet, keys: setattr(sheet.cell(row, keys[key]), "value", word)


def everything(sheet: Worksheet, keys: dict[str, int]) -> None:
    """A decision of every kind in the first row: criterion, the rest, two links (one rejected), a memo."""
    for key, word in (("code:efficiency", "positive"), ("rest", "no"), ("finding1", "F1"), ("direction1", "qualifies"),
                      ("finding2", "F2"), ("direction2", "no"), ("memo", "Mirar otra vez")):  # fmt: skip
        sheet.cell(3, keys[key]).value = word


def test_what_a_coder_decided_is_handed_out_again_with_every_decision_in_place(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, size=1), everything))
    path = handed_out(analysed, again=True)
    sheet = load_workbook(path)["Review"]
    keys = columns(sheet)
    shown = {key: sheet.cell(3, at).value for key, at in keys.items()}
    assert sheet.max_row == 3
    assert (shown["code:efficiency"], shown["code:effectiveness"]) == ("positive", "no")
    assert (shown["finding1"], shown["direction1"], shown["finding2"], shown["direction2"]) == (
        "F1", "qualifies", "F2", "no",
    )  # fmt: skip
    assert shown["memo"] == "Mirar otra vez"
    result = back(analysed, path)
    assert (result.written, result.problems, result.counts) == (0, (), {"unchanged": 1})


def test_a_changed_cell_supersedes_ones_own_decision_and_the_ledger_keeps_both(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, size=1), everything))
    seen = len(decided(analysed))
    path = edit(handed_out(analysed, again=True), say("negative"))
    result = back(analysed, edit(path, say("supports", "direction2")))
    assert (result.written, result.problems) == (2, ())
    history = [d for d in decided(analysed) if d.criterion == "efficiency"]
    assert [(d.value, d.base) for d in history] == [("positive", 0), ("negative", seen)]
    assert [(d.kind, d.value) for d in decided(analysed) if d.finding_id == "F2"] == [
        ("unlink", ""), ("link", "supports"),
    ]  # fmt: skip
    assert back(analysed, path).written == 0


def test_case_51_a_workbook_older_than_a_change_of_mind_is_conflicting_with_both_values(analysed: Path) -> None:
    first = edit(handed_out(analysed, size=1), everything)
    back(analysed, first)
    back(analysed, edit(handed_out(analysed, again=True), say("negative")))
    result = back(analysed, first)
    assert result.written == 0
    assert result.counts == {"conflicting": 1}
    assert "efficiency: the workbook says positive" in problems(result)
    assert "says negative and still holds" in problems(result)


def test_a_decision_that_was_emptied_is_kept_and_listed(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, size=1), everything))
    before = len(decided(analysed))
    path = edit(handed_out(analysed, again=True), say("", "code:efficiency"))
    result = back(analysed, path)
    assert len(decided(analysed)) == before
    assert "the cell of efficiency was emptied" in problems(result)


def test_a_further_code_can_be_taken_back(analysed: Path) -> None:
    back(analysed, edit(handed_out(analysed, size=1), say("Lesson", "other1")))
    again = edit(handed_out(analysed, again=True), say("no", "other1_stance"))
    assert back(analysed, again).written == 1
    assert [(d.kind, d.criterion) for d in decided(analysed)] == [("code", "learning"), ("uncode", "learning")]


def test_c7_more_links_than_a_new_workbook_has_columns_for_are_all_handed_out_again(analysed: Path) -> None:
    register = analysed / "coded" / "findings.toml"
    third = '\n[[findings]]\nid = "F3"\ncriterion = "efficiency"\nstatement = "The work took long."\n'
    register.write_text(register.read_text("utf-8") + third, "utf-8")
    back(analysed, edit(handed_out(analysed, size=1), everything))
    row = decided(analysed)[0]
    extra = ledger.Draft(ledger.DecisionKind.LINK, row.excerpt_id, row.text_sha256, finding_id="F3", value="supports")
    ledger.append(analysed / "coded" / "decisions.jsonl", [extra], coder="ana", now=NOW)
    again = handed_out(analysed, again=True)
    assert "finding3" in columns(load_workbook(again)["Review"])
    assert back(analysed, again).counts == {"unchanged": 1}
    assert back(analysed, edit(again, say("contradicts", "direction3"))).written == 1


# ---- what coders differ on


def differing(study: Path) -> None:
    """Ana and Ben decide one excerpt: they differ on a code, on a stance and on a link, and agree on another code."""
    for coder, words in (("ana", ("positive", "negative", "positive", "supports")),
                         ("ben", ("no", "mixed", "positive", "contradicts"))):  # fmt: skip
        how = {"size": 1} if coder == "ana" else {"same_as": "ana"}
        path = handed_out(study, coder, **how)
        keys = ("code:efficiency", "code:effectiveness", "code:sustainability", "direction1")
        for key, word in zip(keys, words, strict=True):
            edit(path, say(word, key))
        edit(path, say("F1", "finding1"))
        back(study, edit(path, say(f"memo of {coder}", "memo")))


def rule(path: Path, **rulings: str) -> Path:
    book = load_workbook(path)
    sheet = book["Conflicts"]
    keys = columns(sheet)
    for row in range(3, sheet.max_row + 1):
        ruling = rulings.get(sheet.cell(row, keys["target"]).value)
        sheet.cell(row, keys["ruling"]).value = ruling
        sheet.cell(row, keys["why"]).value = "read together" if ruling else None
    book.save(path)
    return path


def test_what_coders_differ_on_is_shown_side_by_side(analysed: Path) -> None:
    differing(analysed)
    sheet = load_workbook(handed_out(analysed, "eva", conflicts=True))["Conflicts"]
    keys = columns(sheet)
    shown = {
        sheet.cell(row, keys["target"]).value: (sheet.cell(row, keys["said:ana"]).value, sheet.cell(row, keys["said:ben"]).value)
        for row in range(3, sheet.max_row + 1)
    }  # fmt: skip
    assert shown == {
        "efficiency": ("positive", "no"), "effectiveness": ("negative", "mixed"), "F1": ("supports", "contradicts"),
    }  # fmt: skip
    assert sheet.cell(3, keys["memos"]).value == "ana: memo of ana\nben: memo of ben"
    assert not sheet.cell(3, keys["ruling"]).protection.locked


def test_a_ruling_counts_in_codings_and_links_and_leaves_agreement_as_it_was(analysed: Path) -> None:
    differing(analysed)
    before = agree(analysed)["pairs"]
    path = rule(handed_out(analysed, "eva", conflicts=True), efficiency="negative", F1="contradicts")
    result = back(analysed, path)
    assert (result.written, result.problems, result.counts) == (2, (), {"decided": 2, "unchanged": 1})
    assert back(analysed, path).written == 0
    ruled = decided(analysed)[-2:]
    assert {(d.kind, d.coder, d.criterion or d.finding_id, d.value, d.note) for d in ruled} == {
        ("adjudicate", "eva", "efficiency", "yes:negative", "read together"),
        ("adjudicate", "eva", "F1", "yes:contradicts", "read together"),
    }
    assert agree(analysed)["pairs"] == before
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    excerpt = ruled[0].excerpt_id
    (link,) = stored(analysed, "links", excerpt_id=excerpt, finding_id="F1")
    assert (link["direction"], link["status"], link["decided_by"]) == ("contradicts", "confirmed", "eva")
    (coding,) = stored(analysed, "codings", excerpt_id=excerpt, criterion="efficiency")
    assert (coding["coded"], coding["stance"], coding["status"]) == (True, "negative", "ruled")


def stored(study: Path, name: str, **wanted: str) -> list[dict[str, object]]:
    from pipeline import tables

    table = next(table for table in tables.TABLES if table.name == name)
    rows = tables.read_table(study / "coded" / "machine" / f"{name}.parquet", table).to_dict("records")
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def test_what_was_ruled_is_handed_out_again_when_asked_and_a_later_ruling_holds(analysed: Path) -> None:
    differing(analysed)
    first = rule(handed_out(analysed, "eva", conflicts=True), efficiency="no", effectiveness="mixed", F1="no")
    back(analysed, first)
    with pytest.raises(ConfigError, match="there are no disagreements without a ruling"):
        handed_out(analysed, "eva", conflicts=True)
    again = rule(handed_out(analysed, "eva", conflicts=True, again=True), efficiency="yes")
    assert back(analysed, again).written == 1
    late = back(analysed, first)
    assert late.counts == {"conflicting": 1, "unchanged": 2}
    assert "efficiency: the workbook rules no; line" in problems(late)


def test_case_50_a_ruling_in_a_wrong_word_and_a_row_of_another_code_are_named(analysed: Path) -> None:
    differing(analysed)
    path = rule(handed_out(analysed, "eva", conflicts=True), efficiency="supports", F1="positive", effectiveness="no")
    book = load_workbook(path)
    sheet = book["Conflicts"]
    keys = columns(sheet)
    at = next(r for r in range(3, sheet.max_row + 1) if sheet.cell(r, keys["target"]).value == "effectiveness")
    sheet.cell(at, keys["target"]).value = "relevance"
    book.save(path)
    result = back(analysed, path)
    assert result.written == 0
    assert (result.counts["damaged"], result.counts["foreign"]) == (2, 1)
