"""Hostile cases 1 to 41 and 46 on the road that a study takes: all hostile files beside good ones, one run of `analyze`."""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hostile import make, office, texts
from hostile.archives import zipped
from hostile_tally import HOSTILE, tally
from independent_counter import visible
from studies import ROOT, SMALL

from pipeline.commands.messages import printable

GOOD = ("interviews/rosa.txt", "interviews/jo.vtt", "surveys/vecinos.csv", "documents/report.md")
MB = 1 << 20
REFUSED, READ = "refused", "read"
# What is said of each file, by the beginning of its name: refused, or read with a note or a row in `rejected`.
SAID = {
    "01": (REFUSED, r"part xl/sharedStrings.xml: unpacks to 30\d MB"),
    "02": (REFUSED, r"part word/document.xml: unpacks to 11\d MB"),
    "03": (REFUSED, r"part word/document.xml: unpacks to more than the 1024 bytes stated in its header"),
    "04": (REFUSED, r"overlap"),
    "05-archive-in-archive.docx": (READ, r"files inside the file are not opened: word/embeddings/inner.zip"),
    "05-archive-in-archive.qdpx": (REFUSED, r"a .qdpx file is not a transcript or document"),
    "06": (REFUSED, r"part word/document.xml: occurs 2 times \(entries 3, 5\)"),
    "07": (REFUSED, r"has a name that leads out of the archive"),
    "08": (REFUSED, r"a .qdpx file is not a transcript or document"),
    "09": (REFUSED, r"declares a DOCTYPE or entities"),
    "10": (REFUSED, r"part word/document.xml: (declares a DOCTYPE|is XML in an encoding other than UTF-8 and UTF-16)"),
    "11-row": (REFUSED, r"sheet A, row 2147483647"),
    "11-cell": (REFUSED, r"sheet A, cell XFD1048576"),
    "11-sheet-id": (READ, r"read as table"),
    "12": (REFUSED, r"old Office format|is encrypted|contains macros"),
    "13": (READ, r"deleted|hidden"),
    "14": (READ, r"refers to content elsewhere, which was not fetched: a picture, a template, an object"),
    "15-empty": (REFUSED, r"is empty"),
    "15-cut": (REFUSED, r"broken archive: truncated or altered"),
    "15": (REFUSED, r"cannot be opened"),
    "16-html": (REFUSED, r"a .html file is not a survey export"),
    "16-pdf": (READ, r"reader pdf"),
    "17": (REFUSED, r"object \d+: "),
    "18-circular-prev": (READ, r"reader pdf"),
    "18-circular-outlines": (READ, r"reader pdf"),
    "18": (None, r"."),
    "19-scan": (REFUSED, r"p. 1-10: no text layer"),
    "19-three": (READ, r"p. 3, 5-6: no text layer"),
    "20-user": (REFUSED, r"is encrypted with a password"),
    "20-owner": (READ, r"protected by an owner's password"),
    "21": (REFUSED, r"p. 1: \d+% of the characters cannot be identified"),
    "22-cut": (REFUSED, r"is not a complete PDF"),
    "22-javascript": (READ, r"contains JavaScript \(1\), which was not run"),
    "22-attachment": (READ, r"contains attached files \(1\), which were not read"),
    "23-cp1252": (READ, r"read as cp1252: byte \d+ \(line \d+\) is not UTF-8"),
    "23-mac": (READ, r"read as mac_roman.*: byte \d+ \(line \d+\) is not UTF-8"),
    "23-utf16": (READ, r"no byte order mark"),
    "23-bom": (READ, r"reader plain"),
    "23-two": (READ, r"two encodings in one file: byte \d+ \(line 3\)"),
    "23-doubtful": (REFUSED, r"byte 1\d: is not UTF-8, and no other encoding gives words"),
    "24": (READ, r"control characters(.|\n)*invisible characters|halves of characters"),
    "25": (READ, r"reader plain"),
    "26-no-header": (READ, r"reader subtitles"),
    "26": (READ, r"line \d"),
    "27": (READ, r"line \d"),
    "28-not": (READ, r"."),
    "28-code": (REFUSED, r"code page 99999"),
    "28-nested": (REFUSED, r"more than 1000 groups are open at once"),
    "28-cut": (READ, r"byte \d+: the file is cut"),
    "28": (READ, r"reader rtf"),
    "29-empty": (REFUSED, r"is empty"),
    "29-white": (REFUSED, r"is empty"),
    "29-interviewer": (READ, r"nobody answers"),
    "29-unknown": (READ, r"(?i)zoilo|speaker"),
    "29-thrice": (READ, r"names spelt in 3 ways: 1"),
    "30": (REFUSED, r"line 8: a quotation mark opens a cell of row 8 and is not closed"),
    "31": (REFUSED, r"row \d: more cells than headings: 5 instead of 4"),
    "32-cut": (REFUSED, r"row 7: the file ends in the middle of this row"),
    "32-declared": (READ, r"6 rows, but config.toml says 30"),
    "33-qualtrics": (READ, r"read as Qualtrics"),
    "33-doubled": (REFUSED, r"columns B and C have the same heading"),
    "33-blank": (READ, r"read as table"),
    "34": (READ, r"control characters"),
    "35-long": (READ, r"read as table"),
    "35-full": (READ, r"as long as Excel allows"),
    "36-semicolon": (READ, r"columns separated by semicolon"),
    "36": (READ, r"columns separated by tab"),
    "37": (READ, r"read as table"),
    "38-dates": (READ, r"may be day/month or month/day.*years have two digits"),
    "38-1904": (READ, r"read as table"),
    "39-one": (None, r"reader plain"),
    "39-other": (READ, r"has the same words as raw/interviews/39-one.txt, so it is marked as a copy"),
    "39": (READ, r"has the same id as row 2, and the same answers(.|\n)*other answers(.|\n)*exactly the words of row"),
    "40": (READ, r"its parent row is not in the export"),
    "41": (READ, r"a formula without a value(.|\n)*#REF!(.|\n)*hidden"),
    "46": (READ, r"reader plain"),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one run over all hostile files left."""

    root: Path
    exit_code: int
    record: dict
    log: str
    names: tuple[str, ...]
    connections: int
    changed_outside: list[str]

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.root / "coded" / "machine" / f"{name}.parquet")


def aimed(data: bytes, canary: Path, port: int) -> bytes:
    """An archive whose pointers lead to a file that is there, and to a door at which somebody listens."""
    if not data.startswith(b"PK") or b"word/" not in data + b"xl/":
        return data
    with contextlib.suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        swaps = ((b"127.0.0.1:9/", b"127.0.0.1:%d/" % port), (b"file:///", b"file://" + bytes(canary)))
        aim = {name: content.replace(*swaps[0]).replace(*swaps[1]) for name, content in parts.items()}
        return zipped(aim) if aim != parts else data
    return data


def lay(root: Path, canary: Path, port: int) -> list[str]:
    """All hostile files in a study beside its good ones; their paths below raw/."""
    raw = root / "raw"
    for name, maker in make.files().items():
        data = maker()
        is_aimed = name[:2] in ("09", "14")
        (raw / make.folder_of(name) / name).write_bytes(aimed(data, canary, port) if is_aimed else data)
    (raw / "interviews" / "15-folder.docx").mkdir()
    os.mkfifo(raw / "interviews" / "15-pipe.txt")
    for name in ("39-one.txt", "39-other.txt"):
        (raw / "interviews" / name).write_text(texts.TALK.format("Y dos veces lo mismo, palabra por palabra."))
    for number, name in enumerate(texts.NAMES):
        (raw / "interviews" / name).write_text(texts.TALK.format(f"Archivo {number}."), "utf-8")
    with (root / "config.toml").open("a") as config:
        config.write(
            '\n[[surveys]]\nfile = "32-declared.csv"\nrows = 30\n\n[[surveys]]\nfile = "39-twice.csv"\nid = "id"\n'
        )
    found = (p for folder in ("interviews", "surveys") for p in (raw / folder).iterdir())
    return sorted(p.relative_to(raw).as_posix() for p in found if p.relative_to(raw).as_posix() not in GOOD)


def state_of(folder: Path, apart: Path) -> dict[str, str]:
    """Every file below a folder, one folder apart, with its hash."""
    files = (p for p in folder.rglob("*") if p.is_file() and apart not in p.parents)
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile")
    root = folder / "study"
    shutil.copytree(SMALL, root)
    canary = folder / "canary.txt"
    canary.write_text(office.CANARY)
    with socket.create_server(("127.0.0.1", 0)) as door:
        names = lay(root, canary, door.getsockname()[1])
        before = state_of(folder, root), state_of(root / "raw", root / "none")
        command = [sys.executable, "-m", "pipeline", "analyze", "--study", str(root), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        after = state_of(folder, root), state_of(root / "raw", root / "none")
        connections = _waiting(door)
    changed = [path for old, new in zip(before, after, strict=True) for path in old.keys() ^ new.keys() or []]
    changed += [p for old, new in zip(before, after, strict=True) for p in old.keys() & new.keys() if old[p] != new[p]]
    record = json.loads(done.stdout) if done.stdout else {}
    return Run(root, done.returncode, record, done.stderr, tuple(names), connections, changed)


def _waiting(door: socket.socket) -> int:
    door.settimeout(0.1)
    try:
        door.accept()
    except TimeoutError:
        return 0
    return 1


def said_of(run: Run, path: str) -> tuple[str, str]:
    """Whether a file was refused or read, and all that the run says of it."""
    problems = [p for p in run.record["problems"] if p["where"].removeprefix("raw/").startswith(path)]
    sources, rejected = run.table("sources"), run.table("rejected")
    own = sources[sources["path"] == path]
    assert len(own), f"{path} is not among the sources"
    stems = {*own["source_id"], own["source_id"].iloc[0].split(".")[0]}
    rows = rejected[rejected["source_id"].isin(stems)]
    lines = [f"{p['where'].removeprefix('raw/' + path).strip()}: {p['what']}" for p in problems]
    assert all(p["what"] and p["remedy"] for p in problems)
    if (own["reader"] == "").all():
        assert problems, f"{path} was set aside in silence"
        return REFUSED, "\n".join(lines)
    notes = [f"reader {reader}; {note}" for reader, note in zip(own["reader"], own["note"], strict=True)]
    listed = [f"{place}: {reason}" for place, reason in zip(rows["place"], rows["reason"], strict=True)]
    return READ, "\n".join([*lines, *notes[:1], *listed])


@pytest.mark.parametrize("number", sorted(HOSTILE), ids=lambda number: f"case_{number}")
def test_each_hostile_file_is_refused_with_place_and_remedy_or_read_with_a_note(run: Run, number: str) -> None:
    paths = [path for path in run.names if path.split("/", 1)[1].startswith(number)]
    assert paths, f"there is no file of case {number}"
    for path in paths:
        name = path.split("/", 1)[1]
        outcome, pattern = SAID[max((start for start in SAID if name.startswith(start)), key=len)]
        found, said = said_of(run, path)
        assert outcome in (found, None), (path, said)
        assert re.search(pattern, said), (path, said)


def test_the_good_files_are_read_as_if_they_were_alone(run: Run, analysed_once: Path) -> None:
    alone = pd.read_parquet(analysed_once / "coded" / "machine" / "turns.parquet")
    among = run.table("turns")
    for source_id in alone["source_id"].unique():
        pd.testing.assert_frame_equal(
            alone[alone["source_id"] == source_id].reset_index(drop=True),
            among[among["source_id"] == source_id].reset_index(drop=True),
        )


def test_the_run_ends_with_2_and_says_how_many_files_it_read(run: Run) -> None:
    assert run.exit_code == 2, run.log[-2000:]
    sources = run.table("sources")
    unread = sources.loc[(sources["reader"] == "") | (sources["status"] == "partial"), "path"].nunique()
    total = len(run.names) + len(GOOD)
    assert run.record["partial"] == f"PARTIAL: {total - unread} of {total} files read"
    assert run.record["partial"] in (run.root / "outputs" / "report.html").read_text("utf-8")


def test_nothing_outside_is_written_and_nobody_is_called(run: Run) -> None:
    assert run.changed_outside == []
    assert run.connections == 0
    outputs = (p for folder in ("outputs", "coded") for p in (run.root / folder).rglob("*") if p.is_file())
    assert not [p for p in outputs if office.CANARY.encode() in p.read_bytes()]


def test_the_log_names_every_problem_and_has_no_traceback(run: Run) -> None:
    assert "Traceback" not in run.log
    lines = run.log.splitlines()
    assert [line for line in lines if not line.startswith("  ! ")] == []
    assert [each["what"] for each in run.record["problems"] if printable(each["what"]) not in run.log] == []
    assert "\x1b" not in run.log


def test_case_46_files_that_differ_only_in_case_or_composition_are_all_kept(run: Run) -> None:
    sources = run.table("sources")
    named = sources[sources["path"].str.startswith("interviews/46")]
    assert len(named) == len(texts.NAMES)
    assert named["source_id"].is_unique


def test_every_character_of_what_was_read_is_accounted_for(run: Run) -> None:
    said = run.table("texts").set_index("source_id")["text"].to_dict()
    left = run.table("sources").set_index("source_id")["chars"].to_dict()
    for turn in run.table("turns").itertuples():
        left[turn.source_id] -= visible(said[turn.source_id][turn.start : turn.end])
    for answer in run.table("answers").itertuples():
        left[answer.source_id] -= visible(answer.value)
    for row in run.table("rejected").query("stage == 'ingest'").itertuples():
        if row.source_id in left:  # headings and columns of a survey stand under the file's own id
            left[row.source_id] -= row.chars
    assert {source: chars for source, chars in left.items() if chars} == {}


def test_hostile_cases_that_did_not_run_do_not_count_as_held() -> None:
    assert tally({"05"}, {"11"}) == "hostile cases: 1/42 hold; not case 11; 40 did not run"
    assert tally(HOSTILE | {"59"}, set()) == "hostile cases: 42/42 hold; of 1 further numbered cases 1 hold"
