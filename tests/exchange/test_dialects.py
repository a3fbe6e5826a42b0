"""Projects as other programs write them: what coders decided there is found again, and corrections are listed."""

import unicodedata
from pathlib import Path

import pytest
from projects import CODE, CODER, GUID, SOURCE, foreign_qde, packed, selection, text_source
from studies import NOW, SHARED

from pipeline import tables
from pipeline.exchange.reading import read_qdpx
from pipeline.records import Decision
from pipeline.review import decisions as ledger
from pipeline.steps.exchange.import_project import ProjectImport, import_project
from pipeline.vocabulary import DecisionKind

WORDS = "nosotros mismos la cuidamos y cada familia paga su cuota. ¡Nadie nos manda! 😀"
AFTER_EMOJI = "Cuando se rompa, ya nadie viene."


@pytest.fixture
def rosa(analysed: Path) -> str:
    return (analysed / "raw" / "interviews" / "rosa.txt").read_text("utf-8")


def placed(study: Path, file: Path, coder: str = "") -> tuple[ProjectImport, list[Decision]]:
    result = import_project(study, file, coder=coder, now=NOW)
    path = study / "coded" / "decisions.jsonl"
    return result, [line for line in ledger.load(path) if line.kind is not DecisionKind.SPAN]


def marked(study: Path) -> list[str]:
    """The words of excerpts that the codings are on."""
    rows = tables.read_table(study / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    texts = dict(zip(rows["excerpt_id"], rows["text"], strict=True))
    lines = ledger.load(study / "coded" / "decisions.jsonl")
    return [texts[line.excerpt_id][line.span.start : line.span.end] for line in lines if line.span]


def excerpt_with(study: Path, words: str) -> str:
    rows = tables.read_table(study / "coded" / "machine" / "excerpts.parquet", tables.EXCERPTS)
    return str(rows.loc[rows["text"].str.contains(words, regex=False), "excerpt_id"].iloc[0])


def at(text: str, words: str) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


DIALECTS = {
    "QualCoder: a byte order mark, code points, the words as a name": (
        "QualCoder-4",
        lambda t: t,
        len,
        "utf-8-sig",
        True,
    ),
    "MAXQDA: lines end with CRLF, which count two": (
        "MAXQDA 2022",
        lambda t: t.replace("\n", "\r\n"),
        len,
        "utf-8",
        False,
    ),
    "ATLAS.ti: CRLF in the text, and counts one": ("ATLAS.ti 23", None, None, "utf-8", True),
    "NVivo: UTF-16 units": ("NVivo 14", lambda t: t, utf16, "utf-8-sig", False),
    "NVivo: UTF-16 units and CRLF": ("NVivo 14", lambda t: t.replace("\n", "\r\n"), utf16, "utf-8-sig", False),
    "Transana: accents apart from their letters": (
        "Transana",
        lambda t: unicodedata.normalize("NFD", t),
        len,
        "utf-8",
        False,
    ),
    "f4analyse: UTF-16 text": ("f4analyse 3", lambda t: t, len, "utf-16", True),
    "Quirkos: LF in the text, and counts two": ("Quirkos 2", None, None, "utf-8", True),
    "an old Windows program: cp1252 (no emoji)": ("Dedoose", lambda t: t.replace("😀", "x"), len, "cp1252", False),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_positions_are_understood_as_each_program_counts_them(
    analysed: Path, rosa: str, tmp_path: Path, dialect: str
) -> None:
    origin, written, measure, encoding, named = DIALECTS[dialect]
    text = (written or (lambda t: t.replace("\n", "\r\n") if "ATLAS" in dialect else t))(rosa)
    words = unicodedata.normalize("NFD", AFTER_EMOJI) if "Transana" in dialect else AFTER_EMOJI
    if measure:
        start, end = (measure(text[:offset]) for offset in at(text, words))
    else:
        counted = rosa if "ATLAS" in dialect else rosa.replace("\n", "\r\n")
        start, end = at(counted, words)
    qde = foreign_qde(origin=origin, source=text_source(selection(start, end, name=words if named else "")))
    file = packed(tmp_path / "theirs.qdpx", qde, {"sources/words.txt": text.encode(encoding)})
    result, lines = placed(analysed, file)
    assert result.left_out == ()
    assert [(line.coder, line.kind, line.criterion) for line in lines] == [("Ben", DecisionKind.CODE, "efficiency")]
    assert lines[0].excerpt_id == excerpt_with(analysed, AFTER_EMOJI)
    assert marked(analysed) == [AFTER_EMOJI]


PATHS = {
    "a capital in the folder": ("internal://words.txt", "Sources/words.txt"),
    "a capital in the name": ("internal://WORDS.TXT", "sources/words.txt"),
    "one slash": ("internal:/words.txt", "sources/words.txt"),
    "three slashes": ("internal:///words.txt", "sources/words.txt"),
    "the folder in the path": ("internal://sources/words.txt", "sources/words.txt"),
    "no scheme": ("words.txt", "words.txt"),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_text_is_found_however_its_path_is_written(analysed: Path, rosa: str, tmp_path: Path, path: str) -> None:
    written, part = PATHS[path]
    source = text_source(selection(*at(rosa, AFTER_EMOJI)), path=written)
    file = packed(
        tmp_path / "t.qdpx", foreign_qde(origin="any", source=source), {part: rosa.encode()}, "Their Name.QDE"
    )
    result, lines = placed(analysed, file)
    assert (result.left_out, len(lines)) == ((), 1)


@pytest.mark.parametrize("scheme", ["relative:///words.txt", "absolute:///home/ben/words.txt"])
def test_a_text_outside_the_archive_is_listed_and_not_looked_for(
    analysed: Path, rosa: str, tmp_path: Path, scheme: str
) -> None:
    source = text_source(selection(*at(rosa, AFTER_EMOJI)), path=scheme)
    result, lines = placed(analysed, packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=source), {}))
    assert "is outside the archive" in str(result.left_out[0])
    assert lines == []


def test_plain_text_inside_the_xml_braces_and_capitals_of_guids_and_another_version_are_understood(
    analysed: Path, rosa: str, tmp_path: Path
) -> None:
    inside = f"<PlainTextContent>{rosa}</PlainTextContent>"
    coded = selection(*at(rosa, AFTER_EMOJI), code=f"{{{CODE.upper()}}}")
    source = f'<TextSource guid="{SOURCE}" name="rosa">{inside}{coded}</TextSource>'
    qde = foreign_qde(origin="any", source=source, more="<Sets/>", space="urn:QDA-XML:project:0.4")
    result, lines = placed(analysed, packed(tmp_path / "t.qdpx", qde, {}))
    assert (result.left_out, len(lines)) == ((), 1)


def test_a_code_is_known_by_its_path_and_an_unknown_one_is_listed_with_its_codings(
    analysed: Path, rosa: str, tmp_path: Path
) -> None:
    for name, written, said in (
        ("Criteria::Efficiency", 2, ""),  # the code, and the words that carry it
        ("Weather", 0, "code Weather: is not a code of the codebook"),
    ):
        qde = foreign_qde(origin="any", source=text_source(selection(*at(rosa, AFTER_EMOJI))), code=name)
        result, _ = placed(analysed, packed(tmp_path / f"{written}.qdpx", qde, {"sources/words.txt": rosa.encode()}))
        assert result.written == written
        assert said in " ".join(map(str, result.left_out))


def test_half_an_excerpt_questions_and_other_words_are_listed_and_a_part_codes_the_whole(
    analysed: Path, rosa: str, tmp_path: Path
) -> None:
    text = rosa + "\nAnother page, which the study does not have.\n"
    first, question, other = (at(text, w) for w in ("dos horas de camino", "¿Cómo era antes?", "which the study does"))
    across = (text.index("todo el tiempo"), text.index("Y ahora que"))
    parts = [selection(*span, number=10 * n) for n, span in enumerate((first, question, other, across), 2)]
    file = packed(
        tmp_path / "t.qdpx", foreign_qde(origin="any", source=text_source(*parts)), {"sources/words.txt": text.encode()}
    )
    result, lines = placed(analysed, file)
    assert len(lines) == 1
    assert marked(analysed) == ["dos horas de camino"]
    assert "1 coding covers only part of an excerpt" in str(result.mended[0])
    listed = " ".join(map(str, result.left_out))
    assert "on the interviewer's words; not read: 1" in listed
    assert "on words that are not in the study's text; not read: 1" in listed
    assert "on less than half of each excerpt that they touch; not read: 1" in listed


def test_a_corrected_transcript_is_aligned_and_a_source_of_other_name_is_known_by_its_words(
    analysed: Path, rosa: str, tmp_path: Path
) -> None:
    theirs = "Transcribed by Ben\n\n" + rosa.replace("baldes", "valdes")
    source = text_source(selection(*at(theirs, AFTER_EMOJI)), name="Interview 1")
    file = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=source), {"sources/words.txt": theirs.encode()})
    result, lines = placed(analysed, file)
    assert (result.left_out, [line.excerpt_id for line in lines]) == ((), [excerpt_with(analysed, AFTER_EMOJI)])


def test_a_source_that_the_study_does_not_have_is_listed_with_its_codings(analysed: Path, tmp_path: Path) -> None:
    source = text_source(selection(0, 5), name="elsewhere")
    file = packed(
        tmp_path / "t.qdpx", foreign_qde(origin="any", source=source), {"sources/words.txt": b"Other words of nobody."}
    )
    result, lines = placed(analysed, file)
    assert "source elsewhere: is not a source of this study; its 1 coding is not read" in str(result.left_out[0])
    assert lines == []


def test_memos_of_descriptions_notes_and_links_come_in(analysed: Path, rosa: str, tmp_path: Path) -> None:
    note, linked, marked = (GUID.format(number) for number in (90, 91, 10))
    inside = "<Description>telling</Description>"
    more = (
        f'<Notes><Note guid="{note}" name="m"><PlainTextContent>of a note</PlainTextContent></Note>'
        f'<Note guid="{linked}" name="m"><PlainTextContent>of a link</PlainTextContent></Note></Notes>'
        f'<Links><Link guid="{GUID.format(92)}" originGUID="{linked}" targetGUID="{marked}"/></Links>'
    )
    coded = selection(*at(rosa, AFTER_EMOJI), inside=inside).replace(
        "</PlainTextSelection>", f'<NoteRef targetGUID="{note}"/></PlainTextSelection>'
    )
    file = packed(
        tmp_path / "t.qdpx",
        foreign_qde(origin="NVivo", source=text_source(coded), more=more),
        {"sources/words.txt": rosa.encode()},
    )
    _, lines = placed(analysed, file)
    (memo,) = [line for line in lines if line.kind is DecisionKind.MEMO]
    assert sorted(memo.note.split("\n")) == ["of a link", "of a note", "telling"]


def test_codings_of_nobody_are_those_of_the_coder_who_is_named(analysed: Path, rosa: str, tmp_path: Path) -> None:
    nobody = selection(*at(rosa, AFTER_EMOJI)).replace(f'creatingUser="{CODER}"', "")
    file = packed(
        tmp_path / "t.qdpx", foreign_qde(origin="any", source=text_source(nobody)), {"sources/words.txt": rosa.encode()}
    )
    result, lines = placed(analysed, file)
    assert "does not say who made some codings; not read: 1" in str(result.left_out[0])
    assert lines == []
    result, lines = placed(analysed, file, coder="eva")
    assert (result.left_out, [line.coder for line in lines]) == ((), ["eva"])


def test_media_sets_and_graphs_are_listed(analysed: Path, rosa: str, tmp_path: Path) -> None:
    media = f'<AudioSource guid="{GUID.format(50)}" name="a.mp3" path="internal://a.mp3"/>'
    more = f'<Sets><Set guid="{GUID.format(51)}" name="all"/></Sets>'
    file = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=media, more=more), {"sources/a.mp3": b"ID3"})
    listed = " ".join(map(str, placed(analysed, file)[0].left_out))
    assert "has audio recordings (1), for which a study has no place" in listed
    assert "has sets (1), for which a study has no place" in listed


def test_cases_variables_and_notes_of_no_passage_are_listed(analysed: Path, tmp_path: Path) -> None:
    more = (
        f'<Cases><Case guid="{GUID.format(50)}" name="Rosa"/></Cases>'
        f'<Notes><Note guid="{GUID.format(51)}" name="plan"><PlainTextContent>Ask again</PlainTextContent></Note></Notes>'
    )
    file = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source="", more=more), {})
    listed = " ".join(map(str, placed(analysed, file)[0].left_out))
    assert "has cases (1) and variables (0); the study keeps its own registers" in listed
    assert "has notes that belong to no passage (1)" in listed


def test_a_transcript_of_a_recording_is_a_text(analysed: Path, rosa: str, tmp_path: Path) -> None:
    start, end = at(rosa, AFTER_EMOJI)
    points = "".join(
        f'<SyncPoint guid="{GUID.format(number)}" position="{position}"/>'
        for number, position in ((60, start), (61, end))
    )
    coded = (
        selection(0, 0)
        .replace("PlainTextSelection", "TranscriptSelection")
        .replace(
            'startPosition="0" endPosition="0"', f'fromSyncPoint="{GUID.format(60)}" toSyncPoint="{GUID.format(61)}"'
        )
    )
    media = (
        f'<AudioSource guid="{SOURCE}" name="rosa" path="internal://a.mp3">'
        f'<Transcript guid="{GUID.format(62)}" plainTextPath="internal://words.txt">{points}{coded}</Transcript></AudioSource>'
    )
    file = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=media), {"sources/words.txt": rosa.encode()})
    assert [line.criterion for line in placed(analysed, file)[1]] == ["efficiency"]


@pytest.mark.skipif(not (SHARED / "data" / "refi").exists(), reason="../shared/data/refi is absent")
def test_the_project_of_atlas_ti_is_read_with_a_list_of_what_is_missing() -> None:
    reading = read_qdpx((SHARED / "data" / "refi" / "atlas_mac" / "TestProject.qdpx").read_bytes())
    assert (len(reading.project.codes), len(reading.project.users)) == (14, 3)
    selections = [selection for source in reading.project.sources for selection in source.selections]
    assert (len(selections), sum(len(selection.codings) for selection in selections)) == (8, 9)
    listed = " ".join(map(str, reading.left_out))
    for words in ("is not in the archive", "has pictures (1)", "has sets (16)", "has graphs (1)"):
        assert words in listed
