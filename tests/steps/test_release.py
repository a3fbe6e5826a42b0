"""Editions that leave the team: what they hold, what they never hold, and when nothing is written."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from docx import Document
from links_by_hand import link_by_hand
from settings import set_key
from studies import NOW, SMALL, quiet

from pipeline import wording
from pipeline.config import load_settings
from pipeline.errors import ConfigError, IntegrityError
from pipeline.privacy.numbered_masks import stretches_without_numbers, without_numbers
from pipeline.privacy.word_search import texts_of
from pipeline.records import Draft, MarkedSpan
from pipeline.review import decisions as ledger
from pipeline.spans import Stretch
from pipeline.steps.analyze import analyze
from pipeline.steps.release import ReleaseResult, as_lines, load_material, reduce, release
from pipeline.steps.results.agreement import agree
from pipeline.study import locate_study
from pipeline.vocabulary import DecisionKind, Edition, QuoteReason

KIM = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ana Rey>What changed?</v>

00:00:04.500 --> 00:00:12.000
<v Kim Dale>The children are not sick any more, and the clinic is quiet on market days.</v>
"""


@pytest.fixture(scope="module")
def open_study_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with one more English voice and links made by people, in which counts of two persons may be shown."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("open") / "study")
    (root / "raw/interviews/kim.vtt").write_text(KIM, "utf-8")
    with (root / "raw/participants.csv").open("a", encoding="utf-8") as register:
        register.write("W5,Kim Dale,KD,,yes,f,25-39,EC,staff\n")
    set_key(root, "disclosure.smallest_cell", 2)
    analyze(root, fresh=True, now=NOW, tick=quiet)
    link_by_hand(root)
    return root


@pytest.fixture
def study(open_study_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(open_study_once, tmp_path / "study")


def released(root: Path, edition: Edition = Edition.PUBLIC) -> ReleaseResult:
    return release(root, edition, NOW)


def files_of(root: Path, edition: str = "public") -> dict[str, bytes]:
    folder = root / "outputs" / edition
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything_in(root: Path, edition: str = "public") -> str:
    return "\n".join(text for data in files_of(root, edition).values() for text in texts_of(data))


def quotes_of(root: Path, edition: str = "public") -> pd.DataFrame:
    return pd.read_csv(root / "outputs" / edition / "evidence.csv", keep_default_na=False)


def test_an_edition_is_report_workbook_tables_figures_and_record(study: Path) -> None:
    released(study)
    names = {name for name in files_of(study) if not name.startswith("figures/")}
    assert names == {"report.html", "report.docx", "evidence.csv", "evidence.xlsx", "matrix.csv", "run.json"}
    record = json.loads((study / "outputs/public/run.json").read_text())
    assert set(record) == {"at", "edition", "ledger", "name", "outputs", "version"}


def test_the_annex_of_an_edition_shows_the_quotes_and_the_counts_of_its_other_outputs(study: Path) -> None:
    released(study)
    document = Document(study / "outputs/public/report.docx")
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows[1:]]
    quotes = quotes_of(study)
    assert sorted(row[1] for row in rows if row[0].endswith(tuple(quotes["quote_id"]))) == sorted(quotes["quote"])
    assert document.sections[0].header.paragraphs[0].text == "Public edition"
    book = openpyxl.load_workbook(study / "outputs/public/evidence.xlsx")["Findings"]
    keys = [cell.value for cell in book[1]]
    for cells in book.iter_rows(min_row=3, values_only=True):
        finding = dict(zip(keys, map(str, cells), strict=True))
        (row,) = [row for row in rows if finding["finding_id"] in row and finding["statement"] in row]
        assert row[-4:-1] == [finding[word] for word in ("supports", "contradicts", "qualifies")]


def test_conclusions_and_recommendations_stand_in_the_annex_of_an_edition_with_the_strength_of_their_findings(
    study: Path,
) -> None:
    released(study)
    document = Document(study / "outputs/public/report.docx")
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows[1:]]
    book = openpyxl.load_workbook(study / "outputs/public/evidence.xlsx")
    entries = list(book["Registers"].iter_rows(min_row=3, values_only=True))
    strengths = {row[0]: row[3] for row in book["Findings"].iter_rows(min_row=3, values_only=True)}
    assert entries
    for _, number, statement, findings in entries:
        (row,) = [row for row in rows if row[:2] == [number, statement]]
        assert [f"{name} ({strengths[name]})" for name in findings.split(", ")] in [cell.split(", ") for cell in row]


def test_the_report_shows_every_condition_of_strength(study: Path) -> None:
    released(study)
    report = files_of(study)["report.html"].decode()
    settings = load_settings(study / "config.toml")
    for condition in settings.evidence.strong.conditions():
        assert wording.text(f"method.{condition.key}", settings.study.language) in report


def test_an_edition_says_that_counts_by_criterion_hold_what_the_machine_coded(study: Path) -> None:
    released(study)
    note = wording.text("release.coded_note", "en")
    assert note.startswith("Persons by criterion: coded by people or by the machine")
    assert note in files_of(study)["report.html"].decode().replace("&#39;", "'")
    assert any(note in text for text in texts_of(files_of(study)["evidence.xlsx"]))


def test_no_path_id_name_or_key_of_the_study_leaves(study: Path) -> None:
    released(study)
    text = everything_in(study)
    for word in ("rosa.txt", "jo.vtt", "vecinos", "Rosa Luna", "Jo Vale", "W1", "W3", "Ana Rey"):
        assert not re.search(rf"\b{re.escape(word)}\b", text), word
    assert (study / "coded/person_key").read_text().strip() not in text
    inputs = json.loads((study / "outputs/run.json").read_text())["inputs"]
    assert not any(digest in text for digest in inputs.values())


def test_codes_are_new_for_each_edition_and_stable_within_it(study: Path) -> None:
    internal = set(pd.read_csv(study / "outputs/evidence.csv", keep_default_na=False)["participant"])
    released(study)
    first = files_of(study)
    public = set(quotes_of(study)["participant"])
    released(study)
    assert files_of(study) == first
    released(study, Edition.PARTNER)
    partner = set(quotes_of(study, "partner")["participant"])
    assert public & internal <= {""}
    assert public & partner <= {""}


def test_only_confirmed_quotes_of_people_who_said_yes_are_public(study: Path) -> None:
    result = released(study)
    rows = quotes_of(study)
    assert len(rows)
    assert set(rows["status"]) == {"confirmed"}
    assert set(rows.loc[rows["participant"] == "", "kind"]) <= {"document"}
    assert result.quotes == len(rows)


def test_who_wants_no_quotes_is_counted_and_not_quoted(study: Path) -> None:
    released(study)
    quoted = [quote for quote in quotes_of(study)["quote"] if "pump" in quote.casefold() or "bomba" in quote.casefold()]
    register = study / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace(",yes,", ",no quotes,"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    result = released(study)
    rows = quotes_of(study)
    assert set(rows["kind"]) <= {"document"}
    assert result.left_out["consent"] > 0
    text = everything_in(study)
    assert not any(quote in text for quote in quoted)


def test_a_name_in_a_statement_stops_the_release_and_nothing_is_written(study: Path) -> None:
    findings = study / "coded/findings.toml"
    findings.write_text(
        findings.read_text("utf-8").replace('statement = "', 'statement = "Rosa Luna says: ', 1), "utf-8"
    )
    analyze(study, fresh=False, now=NOW, tick=quiet)
    with pytest.raises(IntegrityError) as stopped:
        released(study)
    assert not (study / "outputs/public").exists()
    assert not (study / "coded/released").exists()
    assert any(problem.where.startswith("report.html") for problem in stopped.value.problems)
    assert "Rosa" not in str(stopped.value)


def test_an_entry_of_the_deny_list_stops_the_release(study: Path) -> None:
    title = "small water"
    (study / "coded/deny_list.txt").write_text(f"# places\n{title}\n", "utf-8")
    with pytest.raises(IntegrityError, match=r"contains an entry of coded/deny_list.txt"):
        released(study)


def test_a_study_that_changed_is_analysed_before_it_is_released(study: Path) -> None:
    set_key(study, "study.date", "May 2024")
    with pytest.raises(ConfigError, match="make analyze"):
        released(study)


def test_figures_measured_after_the_last_run_stop_no_release_and_are_in_the_edition(study: Path) -> None:
    agree(study)
    released(study)
    assert (study / "outputs" / "public" / "run.json").exists()


def test_case_66_an_edition_with_one_voice_less_shows_no_count(study: Path) -> None:
    first = released(study)
    register = study / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace("W2,Tito Mar,TM,,yes", "W2,Tito Mar,TM,,no"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    second = released(study)
    assert first.counts_withheld < first.counts
    assert second.counts_withheld == second.counts
    assert 0 < second.withheld_for_earlier < second.counts
    assert any("fewer than 2 persons joined or left since" in line for line in as_lines(second))
    assert set(pd.read_csv(study / "outputs/public/matrix.csv")["persons"]) == {"withheld"}


def test_after_a_mask_and_a_corrected_typo_every_equal_count_is_shown_again(study: Path) -> None:
    first = released(study)
    (study / "coded/names.csv").write_text("decision,person,kind,words,name_id\nmask,,person,baldes,\n", "utf-8")
    (study / "coded/corrections.csv").write_text(
        "source,words,nth,corrected\ninterviews/rosa.txt,camino,1,caminata\n", "utf-8"
    )
    analyze(study, fresh=False, now=NOW, tick=quiet)
    second = released(study)
    assert second.name != first.name
    assert (second.counts, second.counts_withheld) == (first.counts, first.counts_withheld)
    assert second.earlier_reason is None
    assert not any("earlier editions" in line for line in as_lines(second))


def test_an_edition_holds_no_head_of_the_ledger_and_no_version_of_the_codebook(study: Path) -> None:
    released(study)
    inside = json.loads((study / "outputs/run.json").read_text("utf-8"))
    everything = everything_in(study)
    assert inside["ledger"]["tree"] not in everything
    assert inside["codebook"] not in everything


def test_later_editions_show_of_somebody_quoted_only_what_earlier_ones_showed(study: Path) -> None:
    released(study)
    [record] = (study / "coded/released").iterdir()
    content = json.loads(record.read_text("utf-8"))
    assert content["classes"]
    for shown in content["classes"].values():
        shown["gender"] = ""
    record.write_text(json.dumps(content), "utf-8")
    released(study, Edition.PARTNER)
    quoted = quotes_of(study, "partner")
    assert set(quoted.loc[quoted["participant"] != "", "gender"]) == {""}


def test_the_number_of_a_masked_person_does_not_join_quotes() -> None:
    text = "[person 129] told [phone] to [persona 3] twice"
    shown = without_numbers(text)
    assert shown == "[person] told [phone] to [persona] twice"
    marked = {
        "told": "told",
        "29] told": "[person] told",
        "to [per": "to [persona]",
        "[persona 3] twice": "[persona] twice",
    }
    for words, expected in marked.items():
        start = text.index(words)
        (stretch,) = stretches_without_numbers(text, [Stretch(start, start + len(words))])
        assert shown[stretch.start : stretch.end] == expected


def test_an_edition_shows_the_marked_words_of_a_quote_with_the_others_in_grey(study: Path) -> None:
    released(study, Edition.PARTNER)
    quotes = quotes_of(study, "partner")
    (shown,) = quotes[quotes["quote"].str.startswith("The children are not sick")].to_dict("records")
    excerpts = pd.read_parquet(study / "coded/machine/excerpts.parquet")
    row = excerpts[excerpts["text"] == shown["quote"]].iloc[0]
    at = shown["quote"].index("the clinic is quiet")
    passage = (row["excerpt_id"], row["text_sha256"])
    drafts = [
        Draft(DecisionKind.CODE, *passage, criterion=shown["criterion"], value="positive"),
        Draft(DecisionKind.SPAN, *passage, criterion=shown["criterion"], span=MarkedSpan(at, at + 19)),
    ]
    ledger.append(study / "coded/decisions.jsonl", drafts, coder="ana", now=NOW)
    analyze(study, fresh=False, now=NOW, tick=quiet)
    released(study, Edition.PARTNER)
    again = quotes_of(study, "partner")
    (marked,) = again[again["span"] != ""].to_dict("records")
    assert (marked["span"], marked["span_at"], marked["quote"]) == (
        "the clinic is quiet",
        f"{at}-{at + 19}",
        shown["quote"],
    )
    report = (study / "outputs/partner/report.html").read_text("utf-8")
    assert '<b class="marked">the clinic is quiet</b><span class="around"> on market days.</span>' in report
    (cell,) = [
        cell
        for table in Document(study / "outputs/partner/report.docx").tables
        for line in table.rows
        for cell in line.cells
        if cell.text == shown["quote"]
    ]
    runs = [run for paragraph in cell.paragraphs for run in paragraph.runs]
    assert [run.text for run in runs if run.text == "the clinic is quiet"]
    book = openpyxl.load_workbook(study / "outputs/partner/evidence.xlsx", rich_text=True)
    assert any("the clinic is quiet" in str(cell.value) for line in book["Evidence"].rows for cell in line)


def test_the_workbook_shows_the_counts_of_the_edition_and_no_more(study: Path) -> None:
    released(study)
    book = openpyxl.load_workbook(study / "outputs/public/evidence.xlsx")
    assert book.sheetnames == ["Read me", "Findings", "Evidence", "Matrix", "Participants", "Registers", "Codebook"]
    assert (book.properties.creator or "") == ""


def test_a_record_that_cannot_be_read_stops_the_release(study: Path) -> None:
    (study / "coded/released").mkdir()
    (study / "coded/released/public-0.json").write_text("{")
    with pytest.raises(IntegrityError, match="it is unknown what was released before"):
        released(study)


def test_what_the_command_prints_as_json_is_json_whatever_its_libraries_print(study: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "release", "--edition", "public", "--study", str(study), "--json"]
    analyze(study, fresh=False, now=NOW, tick=quiet)
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout)["edition"] == "public"


def test_the_command_says_what_is_shown_and_left_out(study: Path) -> None:
    lines = as_lines(released(study))
    assert lines[0].startswith("Public edition ")
    assert any("left out" in line for line in lines)
    assert lines[-1].endswith("read every quote before you send it")


def test_a_quote_with_words_that_may_be_a_name_waits_until_somebody_decides(study: Path) -> None:
    quote = quotes_of_person(study)
    excerpts = pd.read_parquet(study / "coded/machine/excerpts.parquet")
    (place,) = excerpts[excerpts["text"] == quote].to_dict("records")
    material = load_material(locate_study(study))
    row = {"source_id": place["source_id"], "start": place["start"], "end": place["start"] + 3, "status": "waiting"}
    material.frames["masks"] = pd.DataFrame([row])
    reduction = reduce(material, Edition.PUBLIC)
    publication, left_out = reduction.publication, reduction.left_out
    assert quote not in set(publication.quotes["quote"])
    assert left_out["identifier"] == 1


def quotes_of_person(study: Path) -> str:
    released(study)
    rows = quotes_of(study)
    return str(rows.loc[rows["participant"] != "", "quote"].iloc[0])


def test_an_edition_without_quotes_says_why_and_what_to_do(study: Path) -> None:
    register = study / "raw/participants.csv"
    register.write_text(register.read_text("utf-8").replace(",yes,", ",no quotes,"), "utf-8")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    result = released(study)
    assert (result.quotes, set(result.left_out)) == (0, {"consent"})
    assert f"  to quote   {wording.text('quote_remedy.consent', 'en')}" in as_lines(result)


def test_an_edition_without_confirmed_links_says_that_links_must_be_confirmed(tmp_path: Path) -> None:
    root = shutil.copytree(SMALL, tmp_path / "study")
    analyze(root, fresh=True, now=NOW, tick=quiet)
    assert f"  to quote   {wording.text('quote_remedy.no_link', 'en')}" in as_lines(released(root))


@pytest.mark.parametrize("reason", [*QuoteReason, "no_link"])
def test_every_reason_without_a_quote_has_a_remedy(reason: str) -> None:
    for language in wording.LANGUAGES:
        assert wording.text(f"quote_remedy.{reason}", language, n=5)
