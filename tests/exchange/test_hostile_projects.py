"""Hostile and faulty projects: nothing is written outside the study, and each fault is a message with its place."""

import zipfile
from pathlib import Path

import pytest
from hostile.archives import overlapping
from projects import CODE, GUID, foreign_qde, packed, selection, text_source
from studies import NOW

from pipeline.errors import UnreadableError
from pipeline.exchange import archive, reading
from pipeline.exchange.reading import read_qdc, read_qdpx
from pipeline.ingest import guard
from pipeline.review import decisions as ledger
from pipeline.steps.exchange.import_project import ProjectImport, import_project

WORDS = "Ana Rey: ¿Cómo?\nRosa Luna: 😀 bien, muchas gracias.\n"


def read(path: Path) -> reading.ProjectReading:
    return read_qdpx(path.read_bytes())


def refused(path: Path, match: str) -> None:
    with pytest.raises(UnreadableError, match=match):
        read(path)


def project(tmp_path: Path, *selections: str, more: str = "") -> Path:
    qde = foreign_qde(origin="any", source=text_source(*selections), more=more)
    return packed(tmp_path / "t.qdpx", qde, {"sources/words.txt": WORDS.encode()})


@pytest.mark.parametrize("name", ["../../x.txt", "/abs.txt", "C:\\x.txt", "..\\x.txt", "sources/CON.txt", "x" * 300])
def test_case_07_a_member_that_leads_out_is_named_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=text_source()), {name: b"x"})
    refused(path, "leads out of the archive or that no system should open")
    assert [each.name for each in tmp_path.iterdir()] == ["t.qdpx"]


def test_case_07_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("sources/words.txt")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "t.qdpx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("project.qde", foreign_qde(origin="any", source=text_source()))
        file.writestr(link, "/etc/passwd")
    refused(path, "is a link")


def test_case_03_a_bomb_is_stopped_before_it_is_unpacked(tmp_path: Path) -> None:
    refused(packed(tmp_path / "t.qdpx", b" " * (120 << 20), {}), "unpacks to 120 MB")


def test_case_04_overlapping_parts_are_refused() -> None:
    with pytest.raises(UnreadableError, match="overlaps with the part after it"):
        read_qdpx(overlapping(50, 100_000))


def test_case_06_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.qdpx", "w") as file:
        file.writestr("project.qde", foreign_qde(origin="any", source=text_source()))
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("project.qde", "<Project/>")
    refused(tmp_path / "t.qdpx", "occurs 2 times")


def test_case_05_an_archive_inside_is_not_opened(tmp_path: Path) -> None:
    inner = project(tmp_path, selection(0, 3)).read_bytes()
    qde = foreign_qde(origin="any", source=text_source(path="internal://inner.qdpx"))
    assert (
        read(packed(tmp_path / "outer.qdpx", qde, {"sources/inner.qdpx": inner})).project.codes[0].name == "Efficiency"
    )


@pytest.mark.parametrize("count", [0, 2])
def test_an_archive_without_one_project_is_refused(tmp_path: Path, count: int) -> None:
    path = tmp_path / "t.qdpx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.txt", "x")
        for number in range(count):
            file.writestr(f"{number}.qde", "<Project/>")
    refused(path, f"contains {count} projects")


ENTITY = '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE Project [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("doctype", [ENTITY, LAUGHS, '<!DOCTYPE Project SYSTEM "http://127.0.0.1:9/x.dtd">'])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_case_09_and_10_a_doctype_is_refused(tmp_path: Path, doctype: str, encoding: str) -> None:
    qde = doctype + foreign_qde(origin="any", source=text_source()).partition("\n")[2]
    refused(packed(tmp_path / "t.qdpx", qde.encode(encoding), {}), "declares a DOCTYPE")


def test_xml_that_is_broken_or_of_another_kind_is_named_with_its_line(tmp_path: Path) -> None:
    refused(
        packed(tmp_path / "a.qdpx", b"<Project><Users>\n</Project>", {}),
        r"part project\.qde line 2: is not well-formed",
    )
    refused(packed(tmp_path / "b.qdpx", b"<html></html>", {}), "is not a REFI-QDA file: it begins with <html>")
    (tmp_path / "c.qdpx").write_bytes(b"PK no archive")
    refused(tmp_path / "c.qdpx", "is a broken archive")
    deep = "<Code name='x'>" * 300 + "</Code>" * 300
    refused(packed(tmp_path / "d.qdpx", f"<Project>{deep}</Project>", {}), "nested too deeply")


def test_a_million_codes_are_refused_with_their_number() -> None:
    codes = b"".join(b'<Code name="c%d"/>' % number for number in range(60_000))
    with pytest.raises(UnreadableError, match="has 60,000 codes, more than 50,000"):
        read_qdc(b"<CodeBook><Codes>" + codes + b"</Codes></CodeBook>")
    with pytest.raises(UnreadableError, match=r"has 4,000,000 tags, more than 3,000,000"):
        archive.document_of(b"<a/>" * 4_000_000, "project.qde")


def test_case_08_a_missing_text_and_a_selection_past_the_end_are_listed_with_their_source(tmp_path: Path) -> None:
    past = read(project(tmp_path, selection(5000, 5010), selection(-4, -1, number=20), selection(3, 3, number=30)))
    assert "source rosa: has selections beyond its end, or empty ones: 3, with codings: 3" in str(past.left_out[0])
    qde = foreign_qde(origin="any", source=text_source(selection(0, 3), path="internal://gone.txt"))
    gone = read(packed(tmp_path / "g.qdpx", qde, {}))
    assert "source rosa: its text is not in the archive" in str(gone.left_out[0])
    outside = foreign_qde(origin="any", source=text_source(selection(0, 3), path="internal://../../etc/passwd"))
    assert "is not in the archive" in str(
        read(packed(tmp_path / "o.qdpx", outside, {"sources/passwd": b"x"})).left_out[0]
    )


def test_case_08_a_guid_that_is_used_twice_is_listed(tmp_path: Path) -> None:
    twice = read(project(tmp_path, selection(0, 3), selection(4, 7)))
    assert "2 GUIDs are used more than once" in str(twice.left_out[0])


def test_ends_in_the_wrong_order_are_exchanged_and_one_inside_a_character_is_widened(tmp_path: Path) -> None:
    start = WORDS.index("😀")
    named = [selection(start + 3, start + 23, number=10 * n, name="bien, muchas gracias") for n in range(3, 30)]
    odd = (selection(start + 7, start), selection(start + 1, start + 7, number=20))
    qde = foreign_qde(origin="NVivo", source=text_source(*named, *odd))
    result = read(packed(tmp_path / "t.qdpx", qde, {"sources/words.txt": WORDS.encode()}))
    listed = " ".join(map(str, result.mended))
    assert "its positions count UTF-16 units" in listed
    assert "end before they start; their ends were swapped: 1" in listed
    assert "positions inside a character: 1" in listed
    first, second = result.project.sources[0].selections[-2:]
    assert (WORDS[first.start : first.end], WORDS[second.start : second.end]) == ("😀 bien", "😀 bien")


def test_missing_names_guids_and_numbers_are_replaced_or_listed(tmp_path: Path) -> None:
    wrong = '<PlainTextSelection startPosition="x" endPosition="4"/>'
    qde = foreign_qde(origin="any", source=text_source(wrong)).replace(
        f'guid="{CODE}" name="Efficiency" isCodable="true"', ""
    )
    result = read(packed(tmp_path / "t.qdpx", qde, {"sources/words.txt": WORDS.encode()}))
    listed = " ".join(map(str, result.mended))
    assert "GUIDs that are missing or wrong: 2" in listed
    assert "codes without a name: 1" in listed


def test_a_recording_that_is_too_large_or_leads_out_is_listed_and_its_place_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LARGEST_PART", 5000)
    paths = (
        "internal://large.mp3",
        "internal://../../etc/passwd",
        "absolute:///home/ben/far.mp3",
        "internal://fit.mp3",
    )
    media = "".join(
        f'<AudioSource guid="{GUID.format(20 + n)}" name="a" path="{path}"/>' for n, path in enumerate(paths)
    )
    parts = {"sources/large.mp3": b"x" * 6000, "sources/passwd": b"y", "sources/fit.mp3": b"z"}
    result = read(packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=media), parts))
    assert result.remainder
    assert dict(result.remainder.files) == {f"{GUID.format(23)}.mp3": b"z"}
    listed = [str(problem) for problem in result.remainder.left_out]
    assert ["unpacks to more than" in listed[0], "is not in the archive" in listed[1], len(listed)] == [True, True, 2]
    assert result.remainder.xml.count(b"<AudioSource") == len(paths)
    assert result.remainder.xml.count(b"path=") == 2


def imported(study: Path, file: Path) -> ProjectImport:
    return import_project(study, file, coder="", now=NOW)


def test_a_file_that_cannot_be_read_leaves_the_ledger_as_it_is(analysed: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.qdpx").write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreadableError, match=r"broken\.qdpx: is a broken archive"):
        imported(analysed, tmp_path / "broken.qdpx")
    with pytest.raises(UnreadableError, match=r"gone\.qdpx: cannot be opened"):
        imported(analysed, tmp_path / "gone.qdpx")
    assert not ledger.load(analysed / "coded" / "decisions.jsonl")


def test_names_of_users_that_mean_the_machine_or_two_coders_are_written_as_a_persons(
    analysed: Path, tmp_path: Path
) -> None:
    rosa = (analysed / "raw" / "interviews" / "rosa.txt").read_text("utf-8")
    start = rosa.index("No hay repuestos")
    for name, coder in (("machine", "machine (person)"), ("Ana; Ben", "Ana+ Ben")):
        source = text_source(selection(start, start + 20))
        qde = foreign_qde(origin="any", source=source).replace('name="Ben"', f'name="{name}"')
        imported(analysed, packed(tmp_path / "t.qdpx", qde, {"sources/words.txt": rosa.encode()}))
        assert ledger.load(analysed / "coded" / "decisions.jsonl")[-1].coder == coder


def test_a_code_that_points_nowhere_is_listed(tmp_path: Path) -> None:
    result = read(project(tmp_path, selection(0, 3, code=GUID.format(77))))
    assert "1 coding names a code that is not in it" in str(result.left_out[0])
