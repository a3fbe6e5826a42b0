"""A study leaves for other programs: valid, with exact offsets, and without a word that people did not agree to."""

import shutil
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from projects import NAMES, coded_words, document_of, faults, names_of, text_of
from settings import set_key
from studies import NOW, quiet

from pipeline import tables
from pipeline.errors import ConfigError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.exchange.export import export
from pipeline.steps.results.agreement import agree
from pipeline.vocabulary import DecisionKind


def codings_of(study: Path) -> set[tuple[str, str]]:
    rows = tables.read_table(study / "coded" / "machine" / "codings.parquet", tables.CODINGS)
    rows = rows[rows["coded"] & (rows["status"] == "machine")]
    return set(zip(rows["excerpt_id"], rows["criterion"], strict=True))


def test_a_project_is_valid_and_lists_sources_codes_coders_and_people(project: Path) -> None:
    document = document_of(project)
    assert faults(document) == []
    assert {"jo.txt", "rosa.txt", "report.txt"} < set(names_of(document, "TextSource").values())
    assert set(names_of(document, "User").values()) == {"ana", "leo", "eva", "Hallazgo (machine)"}
    assert {"Criteria", "Efficiency", "Learning"} < set(names_of(document, "Code").values())
    assert len(names_of(document, "Case")) == 4
    assert "finding: F1" in names_of(document, "Note").values()


def test_every_coding_points_at_the_very_words_of_its_excerpt(decided_once: Path, project: Path) -> None:
    rows = tables.read_table(decided_once / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    texts = dict(zip(rows["excerpt_id"], rows["text"], strict=True))
    every = list(coded_words(project))
    assert any("😀" in coding.words for coding in every)
    assert {coding.excerpt: coding.words for coding in every}.items() <= texts.items()


def test_the_machine_is_a_user_of_its_own(decided_once: Path, project: Path) -> None:
    by_machine = {
        (coding.excerpt, coding.code.lower()) for coding in coded_words(project) if coding.user == "Hallazgo (machine)"
    }
    assert by_machine == codings_of(decided_once)
    by_people = [coding for coding in coded_words(project) if coding.user != "Hallazgo (machine)"]
    assert {coding.user for coding in by_people} == {"ana", "leo", "eva"}


def test_the_same_study_gives_the_same_bytes(decided_once: Path, project: Path, tmp_path: Path) -> None:
    again = export(shutil.copytree(decided_once, tmp_path / "elsewhere"), tmp_path / "again.qdpx").path
    assert again.read_bytes() == project.read_bytes()


def test_stance_answers_of_no_rulings_and_links_are_written_by_the_convention(project: Path) -> None:
    document = document_of(project)
    notes = names_of(document, "Note")
    assert {"stance: negative", "no: effectiveness", "no: learning", "ruling"} < set(notes.values())
    assert {link.get("name") for link in document.iterfind(".//p:Link", NAMES)} >= {"supports", "no"}


def test_a_memo_becomes_a_note_of_its_coder(analysed: Path, tmp_path: Path) -> None:
    row = tables.read_table(analysed / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS).iloc[-1]
    memo = Draft(DecisionKind.MEMO, row["excerpt_id"], row["text_sha256"], note="agua <b>\x0b😀")
    ledger.append(analysed / "coded" / "decisions.jsonl", [memo], coder="ana", now=NOW)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    document = document_of(export(analysed, tmp_path / "memo.qdpx").path)
    assert faults(document) == []
    (note,) = [each for each in document.iterfind(".//p:Note", NAMES) if each.get("name") == "memo"]
    assert note.findtext("p:PlainTextContent", namespaces=NAMES) == "agua <b>�😀"
    assert names_of(document, "User")[note.get("creatingUser")] == "ana"


def consenting(study: Path, old: str, new: str) -> None:
    register = study / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace(old, new), "utf-8")


def unpacked(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_words_of_who_said_no_are_not_in_a_project_and_no_quotes_leaves_blanks(analysed: Path, tmp_path: Path) -> None:
    consenting(analysed, "Tito Mar,TM,,yes", "Tito Mar,TM,,no")
    consenting(analysed, "Jo Vale,JV,,yes", "Jo Vale,JV,,no quotes")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    path = export(analysed, tmp_path / "consent.qdpx").path
    content = unpacked(path)
    for words in ("Cuando se rompa", "ya nadie viene", "half the budget", "pump arrived", "not sick any more"):
        assert words not in content
    blank = [coding for coding in coded_words(path) if coding.excerpt.startswith("jo:")]
    assert blank
    assert {coding.words.strip() for coding in blank} == {""}
    assert "Antes íbamos al río" in content


def test_originals_go_along_where_no_names_are_masked_and_nothing_is_withheld(analysed: Path, tmp_path: Path) -> None:
    masked = export(analysed, tmp_path / "masked.qdpx")
    assert masked.counts["originals"] == 0
    assert "names are masked" in str(masked.notes[0])
    set_key(analysed, "privacy.names", "off")
    consenting(analysed, "Jo Vale,JV,,yes", "Jo Vale,JV,,no quotes")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    result = export(analysed, tmp_path / "whole.qdpx")
    document = document_of(result.path)
    guids = {name: guid for guid, name in names_of(document, "TextSource").items()}
    with zipfile.ZipFile(result.path) as archive:
        original = archive.read(f"sources/{guids['rosa.txt']}.original.txt")
        assert f"sources/{guids['jo.txt']}.vtt" not in archive.namelist()
    assert original == (analysed / "raw" / "interviews" / "rosa.txt").read_bytes()
    assert [note.where for note in result.notes] == ["jo"]


def test_a_codebook_is_valid_and_a_tree(analysed: Path, tmp_path: Path) -> None:
    document = etree.fromstring(export(analysed, tmp_path / "study.qdc").path.read_bytes())
    assert faults(document, "Codebook") == []
    family = document.find("c:Codes/c:Code", NAMES)
    assert (family.get("name"), family.get("isCodable")) == ("Criteria", "false")
    assert {code.get("name") for code in family.iterfind("c:Code", NAMES)} >= {"Efficiency", "Sustainability"}


def test_texts_are_whole_and_free_of_a_byte_order_mark(decided_once: Path, project: Path) -> None:
    stored = tables.read_table(decided_once / "coded" / "machine" / "texts.parquet", tables.TEXTS)
    texts = dict(zip(stored["source_id"], stored["text"], strict=True))
    for source in document_of(project).iterfind(".//p:TextSource", NAMES):
        assert text_of(project, source) == texts[source.get("name").removesuffix(".txt")]


def test_figures_measured_after_the_last_run_stop_no_export(analysed: Path, tmp_path: Path) -> None:
    agree(analysed)
    assert export(analysed, tmp_path / "study.qdpx").counts["sources"]


def test_another_ending_and_a_study_that_changed_are_refused(analysed: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"study\.mx24: is not a format"):
        export(analysed, tmp_path / "study.mx24")
    (analysed / "raw" / "interviews" / "rosa.txt").write_text("Ana Rey: ¿Y?\nRosa Luna: Nada.\n", "utf-8")
    with pytest.raises(ConfigError, match="run make analyze first"):
        export(analysed, tmp_path / "old.qdpx")
