"""What other programs hold and a study does not goes out again: media, sets, graphs, variables, notes; with consent alone."""

import shutil
import zipfile
from pathlib import Path

import pytest
from projects import CODE, CODER, GUID, NAMES, SOURCE, document_of, faults, foreign_qde, packed, selection, text_source
from settings import set_key
from studies import NOW, SHARED, quiet

from pipeline.steps.analyze import analyze
from pipeline.steps.exchange.export import ExportResult, export
from pipeline.steps.exchange.import_project import ProjectImport, import_project
from pipeline.steps.withdraw import withdraw

TALK = GUID.format(50)  # a recording, with a case of Rosa
VIEW = GUID.format(51)  # a picture of nobody who is known
ROSA, VILLAGE, SET, NOTE, WATER, VOICE = (GUID.format(number) for number in range(52, 58))
AFTER = "Cuando se rompa, ya nadie viene."


def theirs(folder: Path, rosa: str, *, more: str = "", name: str = "theirs.qdpx") -> Path:
    """A project with a recording of Rosa, a picture of nobody known, a set of all things, a variable, a graph and a loose note."""
    coded = f'<Coding guid="{GUID.format(60)}" creatingUser="{CODER}"><CodeRef targetGUID="{CODE}"/></Coding>'
    heard = f'<AudioSelection guid="{VOICE}" name="laughs" begin="10" end="20">{coded}</AudioSelection>'
    media = f'<AudioSource guid="{TALK}" name="talk.mp3" path="internal://a b.MP3">{heard}</AudioSource>'
    media += f'<PictureSource guid="{VIEW}" name="view.jpg" path="internal://view.jpg"/>'
    value = f'<VariableValue><VariableRef targetGUID="{WATER}"/><TextValue>river</TextValue></VariableValue>'
    variables = f'<Variables><Variable guid="{WATER}" name="Water" typeOfVariable="Text"/></Variables>'
    cases = (
        f'<Cases><Case guid="{ROSA}" name="Rosa Luna">{value}<SourceRef targetGUID="{TALK}"/></Case>'
        f'<Case guid="{VILLAGE}" name="Upper village">{value}</Case></Cases>'
    )
    members = f'<MemberCode targetGUID="{CODE}"/><MemberCode targetGUID="{GUID.format(99)}"/>'
    members += "".join(f'<MemberSource targetGUID="{guid}"/>' for guid in (SOURCE, TALK, VIEW))
    sets = f'<Sets><Set guid="{SET}" name="all">{members}<MemberNote targetGUID="{NOTE}"/></Set></Sets>'
    vertices = "".join(
        f'<Vertex guid="{GUID.format(70 + n)}" representedGUID="{guid}" name="Rosa Luna" firstX="{n}" firstY="1"/>'
        for n, guid in enumerate((ROSA, CODE, VILLAGE))
    )
    edges = f'<Edge guid="{GUID.format(75)}" sourceVertex="{GUID.format(70)}" targetVertex="{GUID.format(71)}"/>'
    edges += f'<Edge guid="{GUID.format(76)}" sourceVertex="{GUID.format(70)}" targetVertex="{GUID.format(72)}"/>'
    graphs = f'<Graphs><Graph guid="{GUID.format(77)}" name="map">{vertices}{edges}</Graph></Graphs>'
    notes = (
        f'<Notes><Note guid="{NOTE}" name="plan"><PlainTextContent>Ask again in May</PlainTextContent></Note></Notes>'
    )
    start = rosa.index(AFTER)
    source = text_source(selection(start, start + len(AFTER))) + media
    qde = foreign_qde(origin="NVivo", source=source, more=f"{notes}{sets}{graphs}{more}")
    qde = qde.replace("<Sources>", f"{variables}{cases}<Sources>")
    parts = {"sources/words.txt": rosa.encode(), "sources/a b.MP3": b"ID3 voice", "sources/view.jpg": b"JPEG view"}
    return packed(folder / name, qde, parts)


def rosa_of(study: Path) -> str:
    return (study / "raw" / "interviews" / "rosa.txt").read_text("utf-8")


def imported(study: Path, file: Path) -> ProjectImport:
    return import_project(study, file, coder="", now=NOW)


def exported(study: Path, name: str = "out.qdpx") -> ExportResult:
    result = export(study, study.parent / name)
    assert faults(document_of(result.path)) == []
    assert dangling(result.path) == set()
    return result


def dangling(path: Path) -> set[str]:
    """The GUIDs that something in a project refers to and nothing has."""
    document = document_of(path)
    names = ("targetGUID", "originGUID", "representedGUID", "creatingUser", "sourceVertex", "targetVertex")
    present = {element.get("guid") for element in document.iter()}
    return {element.get(name) for element in document.iter() for name in names if element.get(name)} - present


def listed(result: ExportResult) -> str:
    return " ".join(map(str, result.notes))


def guids(path: Path, tag: str) -> set[str]:
    return {each.get("guid") for each in document_of(path).iterfind(f".//p:{tag}", NAMES)}


@pytest.fixture(scope="module")
def kept_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study without masks, after it read their project and was analysed again; not to be changed."""
    study = shutil.copytree(analysed_once, tmp_path_factory.mktemp("kept") / "study")
    set_key(study, "privacy.names", "off")
    analyze(study, fresh=False, now=NOW, tick=quiet)
    imported(study, theirs(study.parent, rosa_of(study)))
    analyze(study, fresh=False, now=NOW, tick=quiet)
    return study


@pytest.fixture
def kept(kept_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept_once, tmp_path / "study")


def test_media_of_people_who_said_yes_sets_variables_graphs_and_notes_go_out_again(kept: Path) -> None:
    result = imported(kept, theirs(kept.parent, rosa_of(kept)))
    assert "has audio recordings (1), for which a study has no place" in " ".join(map(str, result.left_out))
    out = exported(kept)
    document = document_of(out.path)
    (talk,) = document.iterfind(".//p:AudioSource", NAMES)
    assert (talk.get("guid"), talk.get("path")) == (TALK, f"internal://{TALK}.mp3")
    with zipfile.ZipFile(out.path) as archive:
        assert archive.read(f"sources/{TALK}.mp3") == b"ID3 voice"
        assert not [name for name in archive.namelist() if "view" in name or VIEW in name]
    names = {each.get("guid"): each.get("name") for each in document.iter() if each.get("guid")}
    coding = talk.find(".//p:Coding", NAMES)
    assert names[coding.find("p:CodeRef", NAMES).get("targetGUID")] == "Efficiency"
    assert names[coding.get("creatingUser")] == "Ben"
    (case,) = [
        each
        for each in document.iterfind(".//p:Case", NAMES)
        if each.find("p:SourceRef[@targetGUID='" + TALK + "']", NAMES) is not None
    ]
    assert case.get("name").startswith("P-")
    assert "river" in [each.text for each in case.iterfind(".//p:TextValue", NAMES)]
    (group,) = document.iterfind(".//p:Set", NAMES)
    assert (group.get("guid"), [names.get(each.get("targetGUID")) for each in group]) == (
        SET,
        ["Efficiency", "rosa.txt", "talk.mp3", "plan"],
    )
    (note,) = document.iterfind(f".//p:Note[@guid='{NOTE}']", NAMES)
    assert note.get("creationDateTime"), "QualCoder opens no project with a note that has none"
    (graph,) = document.iterfind(".//p:Graph", NAMES)
    assert [each.get("name") for each in graph.iterfind("p:Vertex", NAMES)] == [case.get("name"), "Rosa Luna"]
    assert len(graph.findall("p:Edge", NAMES)) == 1
    assert out.counts["kept of imported projects"] >= 7
    assert "1 picture or recording is left out: not everybody in it is known to have said yes" in listed(out)
    assert "members of sets, links or notes are left out: what they refer to is not in this export" in listed(out)
    assert "1 case and its values are left out" in listed(out)


@pytest.mark.parametrize("consent", ["no", ""])
def test_media_leave_with_a_stated_yes_alone(kept: Path, consent: str) -> None:
    register = kept / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("Rosa Luna,RL,,yes", f"Rosa Luna,RL,,{consent}"), "utf-8")
    analyze(kept, fresh=False, now=NOW, tick=quiet)
    out = exported(kept)
    with zipfile.ZipFile(out.path) as archive:
        assert not any(b"ID3" in archive.read(name) or TALK in name for name in archive.namelist())
    assert TALK not in guids(out.path, "AudioSource")
    assert "2 pictures or recordings are left out" in listed(out)
    values = [each.text for each in document_of(out.path).iterfind(".//p:Case//p:TextValue", NAMES)]
    assert ("river" in values) == (consent != "no")


def test_no_media_leave_and_nobody_is_named_where_names_are_masked(analysed: Path) -> None:
    note = f'<Note guid="{GUID.format(90)}" name="m"><PlainTextContent>Ask ROSA about it</PlainTextContent></Note>'
    file = theirs(analysed.parent, rosa_of(analysed))
    content = document_text(file).replace("</Notes>", f"{note}</Notes>")
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "project.qde"}
    imported(analysed, packed(file, content, parts))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    out = exported(analysed)
    assert guids(out.path, "AudioSource") == set()
    assert "2 pictures or recordings are left out: names are masked" in listed(out)
    with zipfile.ZipFile(out.path) as archive:
        everything = " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "ROSA" not in everything
    assert "Ask again in May" in everything
    assert "name somebody" in listed(out)


def document_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("project.qde").decode()


def test_what_is_kept_comes_back_the_same_and_goes_out_the_same(kept: Path, tmp_path: Path) -> None:
    first = exported(kept).path
    human = shutil.ignore_patterns("decisions.jsonl", "imported", "machine", "outputs")
    copy = shutil.copytree(kept, tmp_path / "copy", ignore=human)
    analyze(copy, fresh=False, now=NOW, tick=quiet)
    imported(copy, first)
    analyze(copy, fresh=False, now=NOW, tick=quiet)
    assert exported(copy, "again.qdpx").path.read_bytes() == first.read_bytes()


def test_a_person_who_withdraws_is_taken_out_of_what_is_kept(kept: Path) -> None:
    (stored,) = (kept / "coded" / "imported").iterdir()
    with zipfile.ZipFile(stored) as archive:
        assert f"sources/{TALK}.mp3" in archive.namelist()
    register = (kept / "raw" / "participants.csv").read_text("utf-8").splitlines()
    person = next(line.split(",")[0] for line in register if "Rosa Luna" in line)
    withdraw(kept, person, is_removing=False, now=NOW, tick=quiet)
    with zipfile.ZipFile(stored) as archive:
        assert archive.namelist() == ["project.qde", f"sources/{VIEW}.jpg"]
        assert TALK not in [line for line in archive.read("project.qde").decode().split('"') if "Source " in line]
        assert "river" not in archive.read("project.qde").decode().partition("<Sources")[0].partition(VILLAGE)[0]


def test_a_corrected_file_takes_the_place_of_what_it_held_before(kept: Path) -> None:
    plain = packed(
        kept.parent / "theirs.qdpx",
        foreign_qde(origin="any", source=text_source()),
        {"sources/words.txt": rosa_of(kept).encode()},
    )
    imported(kept, plain)
    assert list((kept / "coded" / "imported").iterdir()) == []


def test_what_the_schema_refuses_a_file_that_is_missing_and_a_guid_used_twice_are_left_out(kept: Path) -> None:
    odd = (
        f'<Sets><Set guid="{GUID.format(80)}"/><Set guid="{GUID.format(81)}" name="one" colour="red"/>'
        f'<Set guid="{GUID.format(81)}" name="two"/><Set guid="x" name="three"/></Sets>'
    )
    file = theirs(kept.parent, rosa_of(kept))
    content = document_text(file).replace("<Sets>", odd.removesuffix("</Sets>"))
    imported(kept, packed(file, content, {"sources/words.txt": rosa_of(kept).encode()}))
    out = exported(kept)
    sets = {each.get("name") for each in document_of(out.path).iterfind(".//p:Set", NAMES)}
    assert sets == {"one", "three", "all"}
    (talk,) = document_of(out.path).iterfind(".//p:AudioSource", NAMES)
    assert talk.get("path") is None


@pytest.mark.skipif(not (SHARED / "data" / "refi").is_dir(), reason="shared/data is not beside the repository")
def test_a_project_of_atlas_ti_with_media_and_sets_goes_out_valid(kept: Path) -> None:
    file = SHARED / "data" / "refi" / "atlas_mac" / "TestProject.qdpx"
    imported(kept, file)
    out = exported(kept)
    assert len(guids(out.path, "Set") - {SET}) == 16
    assert "pictures or recordings are left out" in listed(out)
