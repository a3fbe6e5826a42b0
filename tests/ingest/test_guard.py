"""The guard: archives and XML that are out to hurt are refused before a reader opens them, with place and remedy."""

import os
import stat
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hostile import office
from hostile.archives import archive_of, overlapping, stored, zipped
from studies import TESTS

from pipeline.config import Settings, StudySettings, load_settings
from pipeline.errors import UnreadableError
from pipeline.ingest import FileTask, guard, read_file
from pipeline.ingest.office import docx, odt
from pipeline.records import SourceEntry
from pipeline.registers.study_registers import load_registers
from pipeline.steps.ingest import read_all
from pipeline.study import Study
from pipeline.vocabulary import Kind

MB = 1 << 20
SETTINGS = Settings(study=StudySettings(title="t"))
ANEW = "open it in its program and save it again"


def task(data, *, path="interviews/x.docx", kind=Kind.INTERVIEW):
    return FileTask(path, data, kind, SourceEntry(path), (), SETTINGS)


def refused(data, **how):
    """What is said of a file that is not read."""
    with pytest.raises(UnreadableError) as caught:
        read_file(task(data, **how))
    (problem,) = caught.value.problems
    assert problem.what
    assert problem.remedy
    return problem


def read(data, **how):
    return read_file(task(data, **how))


def words_of(reading):
    return " ".join(text.text for text in reading.texts)


class Peak:
    """How much memory a piece of work takes at most."""

    def __enter__(self):
        tracemalloc.start()
        return self

    def __exit__(self, *_):
        self.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def test_case_01_a_swollen_shared_string_is_refused_before_it_is_unpacked():
    data = office.case_01_shared_string_bomb()
    with Peak() as peak:
        problem = refused(data, path="surveys/x.xlsx", kind=Kind.SURVEY)
    assert problem.where == "part xl/sharedStrings.xml"
    assert problem.what.startswith("unpacks to 300 MB, more than 100 MB, 10")
    assert peak.bytes < 50 * MB


def test_case_02_many_texts_below_the_parsers_limit_are_refused_by_their_sum():
    problem = refused(office.case_02_many_long_texts())
    assert problem.where == "part word/document.xml"
    assert problem.what.startswith("unpacks to 118 MB, more than 100 MB")


@pytest.mark.parametrize("megabytes", [64])
def test_case_03_a_part_that_gives_more_than_it_says_is_stopped_while_it_is_unpacked(megabytes):
    data = office.case_03_lying_header(megabytes)
    with Peak() as peak:
        problem = refused(data)
    assert problem.where == "part word/document.xml"
    assert problem.what == "unpacks to more than the 1024 bytes stated in its header"
    assert peak.bytes < 8 * MB


def test_case_03_a_part_that_gives_less_than_it_says_is_cut():
    parts = [stored(name, text.encode()) for name, text in office.docx_parts(office.SPOKEN).items()]
    parts[2]["size"] += 10
    with pytest.raises(UnreadableError, match="is cut"):
        docx.read(archive_of(parts))


def test_a_part_that_is_not_what_its_checksum_says_is_refused():
    parts = [stored(name, text.encode()) for name, text in office.docx_parts(office.SPOKEN).items()]
    parts[2]["packed"] = parts[2]["packed"].replace(b"The well", b"The wall")
    problem = refused(archive_of(parts))
    assert (problem.where, problem.what[:35]) == ("part word/document.xml", "does not match its checksum: it was")


def test_case_04_overlapping_parts_are_refused():
    data = overlapping(50, 100_000)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert sum(info.file_size for info in archive.infolist()) > 5_000_000  # a plain reader would unpack it
        archive.read(archive.infolist()[7])
    assert refused(data, kind=Kind.SURVEY).what == "overlaps with the part after it"


def test_case_05_an_archive_in_an_archive_is_named_and_not_followed():
    reading = read(office.case_05_archive_in_archive())
    assert "files inside the file are not opened: word/embeddings/inner.zip" in reading.sources[0].note
    assert "deep" not in words_of(reading)


def test_case_06_two_parts_of_one_name_are_refused_and_both_named():
    problem = refused(office.case_06_doubled_part())
    assert (problem.where, problem.what) == ("part word/document.xml", "occurs 2 times (entries 3, 5)")


def test_case_06_names_that_differ_in_case_or_slash_alone_are_doubles():
    with pytest.raises(UnreadableError, match="occurs 2 times"):
        guard.open_archive(zipped({"word/a.xml": "<a/>", "word\\A.XML": "<b/>"}))


@pytest.mark.parametrize("name", office.NAMES)
def test_case_07_names_that_lead_out_or_that_no_system_should_open_are_refused(name):
    problem = refused(office.case_07_name(name))
    assert problem.what == "has a name that leads out of the archive or that no system should open"
    assert problem.where.startswith(f"part {name[:20]}")
    assert len(problem.where) < 100


def test_case_07_a_link_is_refused():
    assert refused(office.case_07_name("word/link.xml", mode=stat.S_IFLNK | 0o777)).what == "is a link"


@pytest.mark.parametrize("doctype", office.DOCTYPES)
@pytest.mark.parametrize(("kind", "part"), [(k, part) for k, parts in office.XML_PARTS.items() for part in parts])
def test_case_09_any_doctype_in_any_part_is_refused(kind, part, doctype, tmp_path):
    canary = tmp_path / "canary.txt"
    canary.write_text(office.CANARY)
    data = office.case_09_doctype(kind, part, doctype, str(canary))
    problem = refused(data, kind=Kind.SURVEY if kind == "xlsx" else Kind.INTERVIEW)
    assert problem.where == f"part {part}"
    assert problem.what.startswith("declares a DOCTYPE or entities")


def test_case_09_the_same_files_without_their_doctype_are_read():
    for kind in ("docx", "odt"):
        assert "The well" in words_of(read(zipped(office.whole_parts(kind))))


@pytest.mark.parametrize("with_mark", [True, False])
@pytest.mark.parametrize("doctype", office.DOCTYPES)
def test_case_10_a_doctype_in_utf16_is_refused(doctype, with_mark):
    problem = refused(office.case_10_other_encoding("UTF-16", doctype, with_mark=with_mark))
    assert problem.what.startswith("declares a DOCTYPE or entities")


@pytest.mark.parametrize("encoding", ["UTF-7", "utf-7", "UTF-32", "cp037", "UCS-4", "ISO-2022-JP", "HZ", "x-unknown"])
def test_case_10_xml_in_an_encoding_that_hides_a_doctype_is_refused(encoding):
    problem = refused(office.case_10_other_encoding("UTF-7") if encoding == "UTF-7" else _said(encoding))
    assert problem.where == "part word/document.xml"
    assert problem.what == "is XML in an encoding other than UTF-8 and UTF-16"


def _said(encoding):
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document.xml"] = parts["word/document.xml"].replace("UTF-8", encoding)
    return zipped(parts)


def test_case_10_the_encoding_is_seen_behind_any_amount_of_white_space():
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document.xml"] = (
        parts["word/document.xml"].replace(" encoding", " " * 5000 + "encoding").replace("UTF-8", "UTF-7")
    )
    assert refused(zipped(parts)).what == "is XML in an encoding other than UTF-8 and UTF-16"


def test_case_10_utf16_without_a_doctype_is_read():
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document.xml"] = parts["word/document.xml"].replace("UTF-8", "UTF-16").encode("utf-16")
    assert "The well" in words_of(read(zipped(parts)))


@pytest.mark.parametrize("stream", ["WordDocument", "Workbook", "EncryptedPackage"])
def test_case_12_old_and_encrypted_office_files_are_named_with_the_remedy(stream):
    problem = refused(office.case_12_old_office(stream))
    assert problem.what == "is in an old Office format, or encrypted"
    assert "save it as .docx or .xlsx" in problem.remedy


def test_case_12_macros_are_named_and_never_run():
    problem = refused(office.case_12_macros())
    assert problem.what == "contains macros (.docm), which are never run"
    assert problem.remedy == "save it as .docx"


def test_case_12_an_encrypted_part_and_an_encrypted_opendocument_are_named():
    assert refused(office.case_12_encrypted_part()).what == "is encrypted"
    with pytest.raises(UnreadableError, match="is encrypted with a password"):
        odt.read(office.case_12_encrypted_odt())


def test_case_14_things_elsewhere_are_named_and_not_fetched():
    note = read(office.case_14_things_elsewhere()).sources[0].note
    assert "it refers to content elsewhere, which was not fetched: a picture, a template, an object" in note
    assert "files inside the file are not opened: word/embeddings/oleObject1.bin" in note


def test_case_14_a_template_named_in_the_settings_is_seen():
    more = {
        "word/settings.xml": "<x/>",
        "word/_rels/settings.xml.rels": office.relations(("attachedTemplate", "file:///x", True)),
    }
    note = read(office.docx(office.SPOKEN, more=more)).sources[0].note
    assert "not fetched: a template" in note


def test_case_15_an_empty_file_is_named():
    assert refused(b"").what == "is empty"


def test_case_15_a_cut_file_is_named():
    whole = office.case_13_everything()
    for length in (len(whole) - 1024, len(whole) - 1, len(whole) // 2, 100):
        assert refused(whole[:length]) == refused(whole[:-1024])
    assert refused(whole[:-1024]).what == "is a broken archive: truncated or altered"
    assert refused(whole[:-1024]).remedy == ANEW


def test_case_15_a_part_changed_in_the_middle_is_named():
    whole = bytearray(office.docx(office.SPOKEN * 50))
    at = whole.index(b"word/document.xml") + 60
    whole[at : at + 8] = b"\xff" * 8
    assert refused(bytes(whole)).where == "part word/document.xml"


def test_case_15_xml_that_does_not_hold_together_is_named_by_line_without_its_words():
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document.xml"] = parts["word/document.xml"].replace("</w:t>", "", 1)
    problem = refused(zipped(parts))
    assert problem.where.startswith("part word/document.xml, line ")
    assert "What was of use" not in str(problem)


def test_case_16_the_content_decides_what_a_file_is():
    from hostile import pdf

    reading = read(pdf.talk(), path="interviews/x.docx")
    assert reading.sources[0].reader.startswith("pdf")
    page = b"<html><body><p>Interviewer: What?</p><p>Respondent: The well.</p></body></html>"
    assert read(page, path="interviews/x.xls").sources[0].reader.startswith("html")


def test_case_15_what_is_not_a_whole_file_is_named_and_the_rest_is_read(small_study):
    interviews = small_study / "raw" / "interviews"
    (interviews / "folder.docx").mkdir()
    os.mkfifo(interviews / "pipe.docx")
    (interviews / "empty.docx").write_bytes(b"")
    (interviews / "cut.docx").write_bytes(office.docx(office.SPOKEN)[:-100])
    (interviews / "doctype.docx").write_bytes(
        office.case_09_doctype("docx", "word/document.xml", "file outside", "etc/passwd")
    )
    (interviews / "good.docx").write_bytes(office.docx(office.SPOKEN))
    study = Study(small_study)
    settings = load_settings(study.config)
    read = read_all(study, settings, load_registers(study), {}, lambda *_: None)
    assert [(problem.where, problem.what) for problem in read.problems] == [
        ("raw/interviews/cut.docx", "is a broken archive: truncated or altered"),
        (
            "raw/interviews/doctype.docx part word/document.xml",
            "declares a DOCTYPE or entities, which can make a reader fetch files or fill the memory",
        ),
        ("raw/interviews/empty.docx", "is empty"),
        ("raw/interviews/folder.docx", "cannot be opened"),
        ("raw/interviews/pipe.docx", "cannot be opened"),
    ]
    status = dict(zip(read.frames["sources"]["source_id"], read.frames["sources"]["status"], strict=True))
    assert {name for name in ("cut", "doctype", "empty", "folder", "pipe") if status[name] == "rejected"} == {
        "cut", "doctype", "empty", "folder", "pipe"
    }  # fmt: skip
    assert status["good"] == status["rosa"] == "read"


def test_an_archive_that_unpacks_to_too_much_in_all_is_refused(monkeypatch):
    monkeypatch.setattr(guard, "LARGEST_ALL", 1000)
    with pytest.raises(UnreadableError, match="the archive unpacks to more than"):
        docx.read(office.docx(office.SPOKEN * 50))


def test_an_archive_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(guard, "MOST_PARTS", 3)
    with pytest.raises(UnreadableError, match="is an archive of 4 parts, more than 3"):
        guard.open_archive(office.docx(""))


def test_check_all_looks_at_every_part():
    guard.check_archive(zipped(office.xlsx_parts()))
    for part in office.XML_PARTS["xlsx"]:
        with pytest.raises(UnreadableError, match=part):
            guard.check_archive(office.case_09_doctype("xlsx", part, "billion laughs"))


def test_a_part_that_has_two_names_is_refused():
    data = zipped({"word/document.xml": "<a/>", "word/b.xml": "<b/>"})
    changed = data.replace(b"word/b.xml", b"word/c.xml", 1)
    with pytest.raises(UnreadableError, match="has another name in its own header"):
        guard.open_archive(changed)


def test_a_part_that_is_not_where_the_directory_says_is_refused():
    data = zipped({"word/document.xml": "<a/>"})
    with pytest.raises(UnreadableError, match="is not where the directory says"):
        guard.open_archive(b"PK\x05\x04" + data[4:])


def test_a_swollen_part_below_the_largest_size_is_refused_by_its_ratio():
    problem = refused(office.case_02_many_long_texts(9.9, 3))
    assert problem.what.startswith("unpacks to 29 MB, ")
    assert problem.what.endswith(" times its compressed size")


def test_an_office_file_without_its_document_is_named():
    with pytest.raises(UnreadableError, match="is an Office file without its document"):
        docx.read(zipped({"_rels/.rels": office.relations()}))


def test_utf16_that_breaks_off_is_named():
    parts = office.docx_parts(office.SPOKEN)
    parts["word/document.xml"] = parts["word/document.xml"].encode("utf-16")[:-1]
    assert refused(zipped(parts)).what == "is not the UTF-16 that its first bytes announce"


def test_broken_styles_and_relations_are_named_by_part():
    for part in ("word/_rels/document.xml.rels", "word/styles.xml"):
        parts = office.whole_parts("docx")
        parts[part] = parts[part][:-5]
        assert refused(zipped(parts)).where.startswith(f"part {part}, line ")


def test_another_way_of_packing_is_named():
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refused(file.getvalue()).what == "is compressed with a method (12) that is not supported"


def test_the_maker_writes_each_file_by_its_case(tmp_path):
    from hostile import make

    names = sorted(make.files())
    assert {int(name[:2]) for name in names} >= {
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        9,
        10,
        12,
        13,
        14,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        22,
        28,
    }
    assert not [path for path in TESTS.rglob("*") if path.suffix in (".docx", ".docm", ".pdf", ".rtf", ".zip")]
