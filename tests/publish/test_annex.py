"""report.docx: the annex as an evaluator hands it in."""

import html
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from small_publication import NAMES, measured, publication
from studies import NOW, ROOT, quiet

from pipeline import wording
from pipeline.findings import Register
from pipeline.publish import Publication
from pipeline.publish.html.report import page
from pipeline.publish.references import references
from pipeline.publish.word import annex
from pipeline.publish.word.blocks import Column, Heading, Paragraph, Part, Table, TitlePage
from pipeline.publish.word.document import FileFacts, as_docx, column_widths
from pipeline.steps.analyze import analyze

RESERVED_SIGNS = 'Water <&" pump'
LONG_TITLE = "A long title " * 23


def opened(made: Publication) -> Any:
    return Document(io.BytesIO(annex.annex(made)))


def paragraphs(made: Publication) -> list[str]:
    return [paragraph.text for paragraph in opened(made).paragraphs]


def table(made: Publication, caption: str) -> list[list[str]]:
    """The rows of the table below the first caption that holds these words."""
    document = opened(made)
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    number = next(number for number, text in enumerate(captions) if caption in text)
    return [[cell.text for cell in row.cells] for row in document.tables[number].rows]


def test_no_line_ends_within_a_reference() -> None:
    assert re.search(r"FGD</w:t><w:noBreakHyphen/><w:t[^>]*>02", xml(publication()))


def test_conclusions_and_recommendations_stand_with_the_findings_that_they_rest_on() -> None:
    made = publication()
    head, first, _ = table(made, "Conclusions and the findings")
    assert head == ["No.", "Statement", "Findings"]
    assert first == ["C1", "It was needed.", "F1 (weak), F9"]
    head, first, second = table(made, "Recommendations, and the findings")
    assert head == ["No.", "Statement", "Priority", "Time frame", "Addressees", "Findings", "Conclusions"]
    assert first == ["R1", "Go on.", "high", "2024", "Office", "F2 (unsupported)", "C2, C8"]
    assert second[2] == "low"
    assert table(publication("es"), "Recomendaciones, y")[1][2] == "alta"
    assert table(made, "Lessons learned")[1] == ["L1", "Stay long."]


def test_without_conclusions_and_recommendations_the_annex_has_no_such_part() -> None:
    assert "Conclusions and recommendations" not in "\n".join(paragraphs(without_findings()))


def xml(made: Publication, member: str = "word/document.xml") -> str:
    return zipfile.ZipFile(io.BytesIO(annex.annex(made))).read(member).decode()


def without_findings() -> Publication:
    made = publication()
    return replace(made, register=Register(), assessments={}, evidence=made.evidence.iloc[:0])


# ---------------------------------------------------------------- what it says


def test_the_matrix_leads_from_criterion_and_question_to_finding_sources_and_strength() -> None:
    head, first, *_ = table(publication(), "evaluation questions")
    assert head[:3] == ["Criterion and evaluation question", "Finding", "Statement"]
    assert head[5:8] == ["Excerpts for", "qualify", "against"]
    assert first == [
        "Relevance\nDid it meet needs?",
        "F1",
        "The work met the needs of relatives.",
        "FGD-02",
        "1",
        "1",
        "0",
        "0",
        "3",
        "weak",
    ]


def replies(made: Publication, finding: str) -> dict[str, str]:
    """The answers of the first table of a finding."""
    return dict(table(made, f"{finding} in short")[1:])


def test_the_first_table_of_a_finding_answers_what_a_commissioner_asks_of_it() -> None:
    asked = replies(publication(), "F1")
    assert asked["Which evaluation question does it answer?"] == "Did it meet needs?"
    assert asked["How sure are we?"].startswith("Weak. Support that coders confirmed: 1 person")
    assert asked["Who says so?"] == "1 person (relatives 1)"
    assert asked["Who disagrees?"].splitlines()[0] == "Nobody, in what people confirmed."
    assert asked["What rests on it?"] == "C1, R1"
    assert list(asked)[-3:-1] == ["What does the machine alone believe?", "What does it hang on?"]


def test_objections_documents_and_what_the_machine_alone_suggests_are_counted_apart() -> None:
    made = publication()
    is_undecided = (made.evidence["finding_id"] == "F1") & (made.evidence["status"] == "suggested")
    person, other = made.evidence.index[is_undecided & (made.evidence["participant"] != "")][:2]
    (paper,) = made.sources.loc[made.sources["kind"] == "document", "source_id"]
    changed = made.evidence.copy()
    changed.loc[person, ["status", "direction"]] = ["confirmed", "contradicts"]
    changed.loc[other, ["source_id", "participant", "group", "kind"]] = [paper, "", "", "document"]
    asked = replies(replace(made, evidence=changed), "F1")
    assert asked["Who disagrees?"].startswith("Contradicts: 1 person (")
    assert "the machine recognised only 9% of critical texts" in asked["Who disagrees?"]
    assert "document DOC-01" in asked["What does the machine alone believe?"]


def test_persons_in_several_answers_are_said_to_be_counted_above() -> None:
    made = publication()
    rows = made.evidence[made.evidence["finding_id"] == "F1"]
    supporting = rows[(rows["status"] == "confirmed") & (rows["direction"] == "supports")].iloc[0]
    first, second = rows.index[rows["status"] == "suggested"][:2]
    changed = made.evidence.copy()
    changed.loc[[first, second], ["participant", "group"]] = [supporting["participant"], supporting["group"]]
    changed.loc[first, ["status", "direction"]] = ["confirmed", "qualifies"]
    asked = replies(replace(made, evidence=changed), "F1")
    assert asked["Who disagrees?"].splitlines()[:2] == [
        "Nobody contradicts it in what people confirmed.",
        "Qualifies: 1 person (relatives 1), 1 of them also counted above",
    ]
    assert "1 of them also counted above" in asked["What does the machine alone believe?"]


def test_how_sure_we_are_says_which_stances_the_support_has() -> None:
    made = publication()
    is_support = (made.evidence["status"] == "confirmed") & (made.evidence["direction"] == "supports")
    sure = [
        replies(replace(made, evidence=changed), "F1")["How sure are we?"].splitlines()[-1]
        for changed in (
            made.evidence.assign(stance=made.evidence["stance"].mask(is_support, stance)) for stance in ("negative", "")
        )
    ]
    said = (
        "An excerpt counts if it supports any part of the statement. Stance of the supporting ones on the criterion: "
    )
    assert sure == [f"{said}negative 1.", f"{said}no stance 1."]


def test_a_quote_has_a_reference_in_place_of_a_name() -> None:
    _, row = table(publication(), "F1: confirmed by people, supports it")
    assert row[0] == "FGD-02.1 (P-2B3C), woman, relatives, PE"
    assert row[1].startswith("They came when nobody else did.")


def test_what_the_machine_believes_is_apart_from_what_people_confirmed() -> None:
    suggested = [row[1] for row in table(publication(), "F1: suggested by the machine")[1:]]
    assert any(quote.startswith("Los cursos") for quote in suggested)
    assert not any(quote.startswith("They came") for quote in suggested)


def test_quotes_on_which_coders_differ_have_a_table_of_their_own() -> None:
    made = publication()
    rows = made.evidence.query("finding_id == 'F1' and status == 'suggested'")
    apart = replace(made, divided=frozenset({("F1", str(rows["excerpt_id"].iloc[0]))}))
    (divided,) = table(apart, "F1: coders differ, not settled")[1:]
    assert divided[1] == rows["quote"].iloc[0]
    assert divided[1] not in [row[1] for row in table(apart, "F1: suggested by the machine")[1:]]
    assert "coders differ" not in xml(made)
    in_spanish = replace(publication("es"), divided=apart.divided)
    assert table(in_spanish, "F1: los codificadores difieren; sin resolver")[1][1] == divided[1]


def test_nothing_that_people_rejected_is_quoted() -> None:
    assert "Al contrario" not in xml(publication())


def test_no_name_and_no_label_of_a_speaker_is_in_any_part_of_the_file() -> None:
    archive = zipfile.ZipFile(io.BytesIO(annex.annex(publication())))
    text = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert [name for name in (*NAMES, "python-docx") if name in text] == []


def test_the_checklist_leaves_to_the_team_what_the_study_does_not_record() -> None:
    rows = table(publication(), "Items 24 to 32")[1:]
    assert [row[0] for row in rows] == [str(number) for number in range(24, 33)]
    assert rows[0][2].startswith("0 persons decided")
    assert "To be completed by the team" in rows[4][2]
    assert rows[5][2].startswith("7 quotes for 2 of 3 findings")


def test_persons_are_counted_by_category_and_small_counts_are_not_given_exactly() -> None:
    rows = table(publication(), "Persons in the register")[1:]
    assert ["Gender", "woman", "6", "6"] in rows
    assert ["Group", "police", "<5", "<5"] in rows


def test_the_findings_of_each_criterion_stand_under_their_strength_and_are_counted_below() -> None:
    rows = [dict(zip(head, row, strict=True)) for head, *body in [table(publication(), "by strength")] for row in body]
    assert sum(int(row["Findings"]) for row in rows[:-1]) == int(rows[-1]["Findings"]) == 3
    assert next(row["weak"] for row in rows if row["Criterion"] == "Relevance") == "F1"
    named = [name for row in rows[:-1] for name in row["weak"].split(", ") if name != "–"]
    assert str(len(named)) == rows[-1]["weak"]


def test_a_table_that_counts_ends_with_the_sum() -> None:
    *kinds, total = [row[1:] for row in table(publication(), "Sources by kind")[1:]]
    assert [sum(map(int, column)) for column in zip(*kinds, strict=True)] == [int(cell) for cell in total]


def test_the_annex_speaks_the_language_of_the_study() -> None:
    text = paragraphs(publication("es"))
    assert "1  Matriz de evaluación" in text
    assert any(line.startswith("Tabla 1. Hallazgos") for line in text)
    assert table(publication("es"), "lo respalda")[1][0].startswith("GF-02.1 (P-2B3C), mujer")


def test_the_sentences_on_method_are_those_of_the_report() -> None:
    shown = html.unescape(page(publication()))
    for line in paragraphs(publication()):
        if line.startswith(("4 of 5 files were read", "Only links that a person confirmed")):
            assert line in shown


# ---------------------------------------------------------------- how it is made


def test_the_contents_name_every_heading_with_its_page_as_a_field() -> None:
    document = opened(publication())
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    lines = [p for p in document.paragraphs if p.style.name.startswith("toc")]
    assert [line.text.rstrip("\t") for line in lines] == headings
    for line in lines:
        (anchor,) = line._p.xpath("./w:hyperlink/@w:anchor")
        assert line._p.xpath("string(.//w:instrText)").split() == ["PAGEREF", anchor, "\\h"]


def test_every_entry_of_the_contents_leads_to_its_heading() -> None:
    content = Document(io.BytesIO(annex.annex(publication()))).element
    anchors = content.xpath("//w:hyperlink/@w:anchor")
    assert anchors
    assert set(anchors) <= set(content.xpath("//w:bookmarkStart/@w:name"))


def test_tables_repeat_their_headings_and_keep_rows_whole_and_say_what_they_are() -> None:
    for each in opened(publication()).tables:
        first = each._tbl.tr_lst[0]
        assert first.xpath("./w:trPr/w:tblHeader")
        assert all(row.xpath("./w:trPr/w:cantSplit") for row in each._tbl.tr_lst)
        assert each._tbl.xpath("./w:tblPr/w:tblCaption/@w:val")[0]
        assert "columns" in each._tbl.xpath("./w:tblPr/w:tblDescription/@w:val")[0]


def test_pages_are_a4_and_those_of_wide_tables_are_turned() -> None:
    pages = [(round(s.page_width.mm), round(s.page_height.mm)) for s in opened(publication()).sections]
    assert set(pages) == {(210, 297), (297, 210)}


def test_no_column_is_narrower_than_its_longest_word() -> None:
    narrow, wide = Column("Undecided", 1), Column("Statement", 20)
    table = Table("t", "", "", (narrow, wide), [["unsupported", "a statement of some words"]])
    first, second = column_widths(table, 6000)
    assert first > 11 * 110  # twips: what eleven bold letters need
    assert first + second == 6000


def test_columns_share_what_there_is_where_it_is_too_little_for_all_words() -> None:
    table = Table("t", "", "", (Column("Undecided", 1), Column("Statement", 3)), [])
    first, second = column_widths(table, 1500)
    assert (first < second, first + second) == (True, 1500)


def test_pages_are_numbered_and_marked_as_internal() -> None:
    section = opened(publication()).sections[0]
    assert "Internal edition" in section.header.paragraphs[0].text
    assert "PAGE" in section.footer._element.xml


def test_the_properties_of_the_file_name_nobody() -> None:
    properties = opened(publication()).core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.title.startswith("A small study")
    assert properties.created.year == 1980


def test_equal_publications_give_equal_bytes() -> None:
    assert annex.annex(publication()) == annex.annex(publication())


def test_a_column_in_which_nothing_is_written_and_a_question_that_nobody_asked_are_left_out() -> None:
    made = publication()
    unasked = tuple(replace(finding, question="") for finding in made.register.findings)
    changed = replace(made, register=replace(made.register, findings=unasked))
    assert table(changed, "evaluation questions")[1][0] == "Relevance"
    assert "Conclusions" not in table(made, "Conclusions and the findings")[0]


def test_whom_the_machine_expects_to_speak_about_a_finding_is_said_as_in_the_report() -> None:
    made = publication()
    expects = {"expected_persons": 3.7, "expected_low": 1, "expected_high": 6}
    changed = replace(made, assessments={name: replace(each, **expects) for name, each in made.assessments.items()})
    believed = [replies(changed, name)["What does the machine alone believe?"] for name in ("F1", "F2", "F3")]
    said = [
        wording.text(f"finding.{key}", "en", n=6, between="1 to 6") for key in ("estimate_shown", "estimate_unshown")
    ]
    assert [sum(text.endswith(each) for text in believed) for each in said] == [2, 1]
    assert believed[2] == said[1]
    assert all(each in " ".join(html.unescape(page(changed)).split()) for each in said)


def test_what_is_said_below_a_table_stays_with_its_last_row_and_not_with_the_next_finding() -> None:
    rows = [["a"], ["b"], ["c"]]
    blocks = (Table("t", "T", "", (Column("Letter", 1),), rows), Paragraph("All of them.", "remark"), Heading("Next"))
    first, facts = TitlePage("", "", "", (), ""), FileFacts("", "", "en", "", "")
    document = Document(io.BytesIO(as_docx(first, (Part("Letters", blocks),), facts)))
    remarks = [p for p in document.paragraphs if p.style.name == "Remark"]
    assert remarks
    assert not any(p.style.paragraph_format.keep_with_next for p in remarks)
    tables = [each for each in map(_table_before, remarks) if each is not None]
    assert tables
    for rows in (each.tr_lst for each in tables):
        assert all(p.xpath("./w:pPr/w:keepNext") for p in rows[-1].iter(qn("w:p")))
        assert not rows[1].xpath(".//w:keepNext") or len(rows) == 2


def _table_before(paragraph: Any) -> Any:
    """The table above a paragraph and the empty line below the table; None if something else is there."""
    line = paragraph._p.getprevious()
    before = line.getprevious() if line.tag == qn("w:p") and not line.xpath("string()") else None
    return before if before is not None and before.tag == qn("w:tbl") else None


def test_the_limits_say_once_how_many_critical_texts_the_machine_recognised_and_in_which_test() -> None:
    (said,) = [line for line in paragraphs(publication()) if "9%" in line and "critical" in line]
    assert "not measured on this study" in said
    assert said in html.unescape(page(publication()))


def test_what_was_not_measured_is_on_the_page_of_the_limits() -> None:
    body = list(opened(publication(quality={})).element.body)
    texts = [part.xpath("string()") for part in body]
    first = next(at for at, text in enumerate(texts) if text == "9  Quality of the machine's coding")
    assert not any(part.xpath(".//w:sectPr") for part in body[first:-1])


# ---------------------------------------------------------------- studies that are not as they should be


def test_a_study_without_findings_has_an_annex_that_says_so() -> None:
    assert "There are no findings yet: write the first one into coded/findings.toml." in paragraphs(without_findings())


def test_a_finding_without_evidence_has_no_empty_table() -> None:
    text = paragraphs(publication())
    assert not any("F3: confirmed" in line for line in text)
    assert replies(publication(), "F3")["What does the machine alone believe?"] == "The machine suggests nothing more."


def test_a_study_without_people_has_an_annex() -> None:
    made = publication()
    excerpts = made.excerpts.assign(participant="", group="", country="", gender="")
    evidence = made.evidence.assign(participant="", group="", country="", gender="")
    nobody = replace(made, people=made.people.iloc[:0], excerpts=excerpts, evidence=evidence)
    assert not any("Persons in the register" in line for line in paragraphs(nobody))
    assert table(nobody, "F1: confirmed by people, supports it")[1][0] == "KII-02"


def test_signs_of_markup_control_characters_and_halves_of_characters_are_text_or_gone() -> None:
    made = publication()
    first = replace(made.register.findings[0], statement=f"{RESERVED_SIGNS}\x07\ud800\r\n\x0bwater")
    changed = replace(made, register=replace(made.register, findings=(first, *made.register.findings[1:])))
    assert f"{RESERVED_SIGNS}\nwater" in paragraphs(changed)


def test_words_from_right_to_left_and_pictures_are_whole() -> None:
    made = publication()
    quote = "ساعدنا المشروع كثيرا 🌱👩‍🌾"
    is_first = made.evidence["quote"].str.startswith("They came")
    evidence = made.evidence.assign(quote=made.evidence["quote"].mask(is_first, quote))
    changed = replace(made, evidence=evidence)
    assert table(changed, "F1: confirmed by people, supports it")[1][1] == quote
    assert "<w:bidi/>" in xml(changed)


def test_a_title_of_300_characters_is_whole_on_the_first_page_and_short_at_the_foot() -> None:
    made = publication()
    study = made.settings.study.model_copy(update={"title": LONG_TITLE})
    long = replace(made, settings=made.settings.model_copy(update={"study": study}))
    assert LONG_TITLE in paragraphs(long)
    assert len(opened(long).sections[0].footer.paragraphs[0].text) < 160


def test_an_unreviewed_study_shows_suggestions_alone() -> None:
    made = publication()
    unseen = replace(made, evidence=made.evidence.assign(status="suggested"))
    text = paragraphs(unseen)
    assert not any("confirmed by people, supports it" in line for line in text)
    assert replies(unseen, "F1")["Who says so?"] == "Nobody, in what people confirmed."
    assert table(unseen, "evaluation questions")[1][3] == "none"


def test_one_person_in_one_interview_is_not_a_group() -> None:
    made = publication()
    spoken = made.excerpts["participant"].isin(["", "P-2B3C"])
    alone = replace(
        made, excerpts=made.excerpts[spoken], evidence=made.evidence[made.evidence["participant"] == "P-2B3C"]
    )
    assert table(alone, "F1: confirmed by people, supports it")[1][0].startswith("KII-")
    assert ["Gender", "woman", "6", "<5"] in table(alone, "Persons in the register")


def test_what_was_measured_is_shown_and_coders_have_numbers_in_place_of_names() -> None:
    figures = {"n": 9, "percent": 0.9, "kappa": {"value": 0.8, "low": 0.7, "high": 0.9}}
    agreement = {"criteria": {"relevance": figures}, "machine": {"ines": {"relevance": figures}, "bruno": {}}}
    made = publication(quality=measured(), agreement=agreement)
    assert table(made, "How well coders agree")[1][:4] == ["Relevance", "9", "0.90", "0.80 (0.70–0.90)"]
    assert table(made, "The machine after it learnt")[1][:2] == ["Relevance", "0.70 (0.50–0.80)"]
    assert any(line.endswith("How well the machine agrees with coder 1, by code") for line in paragraphs(made))
    assert ">ines<" not in xml(made).replace(" ", "><")


def test_words_that_are_withheld_are_a_note() -> None:
    made = publication()
    evidence = made.evidence.assign(quote=made.note, shown="withheld")
    assert table(replace(made, evidence=evidence), "F1: confirmed by people, supports it")[1][1] == made.note


def test_quotes_of_a_file_in_two_hundred_sources_have_references_of_the_same_length() -> None:
    made = publication()
    row = made.sources[made.sources["kind"] == "document"]
    many = pd.concat([row.assign(source_id=f"acta{number}") for number in range(1, 201)], ignore_index=True)
    named = references(replace(made, sources=many)).sources
    assert (named["acta2"], named["acta10"], named["acta200"]) == ("DOC-002", "DOC-010", "DOC-200")


# ---------------------------------------------------------------- in a run


def test_a_run_writes_the_annex_and_an_unchanged_run_leaves_it(analysed: Path) -> None:
    path = analysed / "outputs" / "report.docx"
    record = json.loads((analysed / "outputs" / "run.json").read_text("utf-8"))
    assert "outputs/report.docx" in record["outputs"]
    before = path.stat().st_mtime_ns
    assert analyze(analysed, fresh=False, now=NOW, tick=quiet).unchanged
    assert path.stat().st_mtime_ns == before


def test_only_a_run_that_writes_loads_the_library(analysed: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from pipeline.__main__ import main\n"
        "sys.argv = ['hallazgo', 'analyze', '--study', sys.argv[1]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('docx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(analysed)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_libreoffice_opens_the_annex(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice is installed here")
    annex.write(publication(), tmp_path)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "report.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = pytest.importorskip("pypdfium2").PdfDocument(tmp_path / "report.pdf")
    pages = [each.get_textpage().get_text_range() for each in pdf]
    text = "\n".join(pages)
    lines = re.findall(r"^(\d+ +\D.*?) +(\d+)\r?$", pages[0].partition("Contents")[2], flags=re.MULTILINE)
    assert len(lines) == 11
    for title, number in lines:
        assert title.split(maxsplit=1)[1] in pages[int(number) - 1], title
    assert "They came when nobody else did" in text
