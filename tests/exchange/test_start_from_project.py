"""A study that begins with the project of another program: texts, people, codes, and then the codings."""

from pathlib import Path

import pytest
from projects import GUID, foreign_qde, packed, selection, text_source
from studies import NOW, quiet

from pipeline.codebook import load_codebook
from pipeline.errors import ConfigError
from pipeline.new_study import lay_out
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.exchange.import_project import import_project
from pipeline.vocabulary import DecisionKind, NewCodebook

TALK = """Interviewer: What changed with the pump?
Rosa: Before, we walked two hours to the river with buckets.
Interviewer: And the children?
Rosa: The children are not sick any more since we have the pump.
Interviewer: Who pays?
Rosa: Every family pays its share of the repairs every month.
"""
REPORT = "The project built twelve pumps in the valley.\n\nIt spent half of its budget on travel.\n"
WORDS = "The children are not sick any more since we have the pump."


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    talk, report, person, variable = (GUID.format(number) for number in (71, 72, 73, 74))
    start = TALK.index(WORDS)
    sources = text_source(selection(start, start + len(WORDS)), guid=talk, name="Rosa, 1.docx", path="internal://a.txt")
    sources += text_source(guid=report, name="../Final report", path="internal://b.txt")
    more = (
        f'<Cases><Case guid="{person}" name="Rosa Luna"><VariableValue><VariableRef targetGUID="{variable}"/>'
        f"<TextValue>=1+1</TextValue></VariableValue>"
        f'<SourceRef targetGUID="{talk}"/></Case></Cases>'
    )
    variables = f'<Variables><Variable guid="{variable}" name="Stakeholder group" typeOfVariable="Text"/></Variables>'
    qde = foreign_qde(origin="QualCoder", source=sources, code="Health gained").replace(
        "<Sources>", f"{variables}<Sources>"
    )
    return packed(
        tmp_path / "theirs.qdpx",
        qde.replace("</Project>", f"{more}</Project>"),
        {"sources/a.txt": TALK.encode("utf-8-sig"), "sources/b.txt": REPORT.encode()},
    )


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    lay_out(tmp_path / "mine", NewCodebook.EMPTY)
    return tmp_path / "mine"


def test_texts_people_and_codes_are_written_and_then_the_codings(empty: Path, theirs: Path) -> None:
    started = import_project(empty, theirs, coder="", now=NOW)
    assert (dict(started.counts), started.left_out) == ({"sources": 2, "persons": 1, "codes": 1}, ())
    assert "1 coding is not read yet" in str(started.mended[-1])
    raw = empty / "raw"
    assert sorted(path.relative_to(raw).as_posix() for path in raw.rglob("*.txt")) == [
        "documents/Final-report.txt",
        "interviews/Rosa-1.txt",
    ]
    register = raw / "participants.csv"
    assert register.read_text("utf-8").splitlines()[1] == "P001,Rosa Luna,,,,'=1+1"
    assert "interviews/Rosa-1.txt,,,P001" in (raw / "sources.csv").read_text("utf-8")
    assert load_codebook(empty / "coded" / "codebook.toml").ids == ("health_gained",)
    register.write_text(register.read_text("utf-8").replace("Luna,,,,'=1+1", "Luna,,,yes,users"), "utf-8")
    assert analyze(empty, fresh=False, now=NOW, tick=quiet).exit_code == 0
    result = import_project(empty, theirs, coder="", now=NOW)
    assert [problem.what for problem in result.left_out] == [
        "has cases (1) and variables (1); the study keeps its own registers"
    ]
    lines = [line for line in ledger.load(empty / "coded" / "decisions.jsonl") if line.kind is DecisionKind.CODE]
    assert [(line.coder, line.criterion) for line in lines] == [("Ben", "health_gained")]


def test_a_register_with_people_is_not_overwritten(empty: Path, theirs: Path) -> None:
    register = empty / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8") + "P9,Eva,,,yes,,,,\n", "utf-8")
    with pytest.raises(ConfigError, match=r"raw/participants\.csv: has rows, but raw/ has no files"):
        import_project(empty, theirs, coder="", now=NOW)
    assert list((empty / "raw" / "interviews").iterdir()) == []


def test_names_that_would_leave_the_folder_or_meet_stay_apart(empty: Path, tmp_path: Path) -> None:
    names = ("../../x", "x", "X.txt", "a/b", "CON")
    sources = "".join(
        text_source(guid=GUID.format(80 + n), name=name, path="internal://b.txt") for n, name in enumerate(names)
    )
    file = packed(tmp_path / "t.qdpx", foreign_qde(origin="any", source=sources), {"sources/b.txt": REPORT.encode()})
    import_project(empty, file, coder="", now=NOW)
    written = sorted(path.relative_to(empty.parent).as_posix() for path in empty.parent.rglob("*.txt"))
    assert len(written) == len(names)
    assert all(path.startswith("mine/raw/documents/") for path in written)
