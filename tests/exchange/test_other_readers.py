"""Programs that share no code with ours open the export: QualCoder itself, `qc`, and pyrefiqda."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from other_programs import python_with, qualcoder_sources
from projects import coded_words, document_of, names_of
from studies import TESTS

from pipeline import tables

DRIVER = TESTS / "support" / "qualcoder_import.py"


@pytest.mark.slow
def test_qualcoder_itself_opens_the_export_with_every_code_source_and_coding(
    decided_once: Path, project: Path, tmp_path: Path
) -> None:
    sources, python = qualcoder_sources(), python_with("qualcoder", "PyQt6", "Pillow", "pymupdf")
    copy = shutil.copy(project, tmp_path / "study.qdpx")  # it unpacks beside the file
    words = [str(python), str(DRIVER), str(sources), str(copy), str(tmp_path / "opened")]
    done = subprocess.run(
        words, capture_output=True, timeout=250, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False
    )
    if b"libEGL" in done.stderr or b"libGL" in done.stderr:
        pytest.skip("Qt's libraries are not installed: apt-get install libegl1 libgl1")
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    opened = json.loads(done.stdout)
    assert {name for (name,) in opened["codes"]} == {"Effectiveness", "Efficiency", "Lesson", "Sustainability"}
    assert {name for (name,) in opened["categories"]} == {"Criteria", "Learning"}
    stored = tables.read_table(decided_once / "coded" / "machine" / "texts.parquet", tables.TEXTS)
    assert dict(opened["sources"]) == {f"{row.source_id}.txt": row.text for row in stored.itertuples() if row.text}
    ours = Counter((coding.code, coding.words, coding.user) for coding in coded_words(project))
    assert Counter((code, words, owner) for code, _, words, _, _, owner in opened["codings"]) == ours
    assert {name for (name,) in opened["cases"]} == set(names_of(document_of(project), "Case").values())
    assert ["stakeholder_group", "case", "neighbours"] in opened["attributes"]


@pytest.mark.slow
def test_qc_opens_the_export_with_its_codes_texts_and_coders(project: Path, tmp_path: Path) -> None:
    python = python_with("qc", "qualitative-coding")
    environment = {**os.environ, "PYTHONBREAKPOINT": "0"}  # its reader stops at one that was left in

    def qc(*words: str) -> str:
        command = [str(python.with_name("qc")), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=True).stdout

    qc("init", "--import", str(project))
    assert {path.name for path in (tmp_path / "corpus").iterdir()} >= {"jo.txt", "rosa.txt", "report.txt"}
    rows = [line.split("\t") for line in qc("codes", "stats", "--format", "tsv").splitlines()[1:]]
    counts = {code.strip(): int(count) for code, count in rows}
    assert {code for code, count in counts.items() if count} == {coding.code for coding in coded_words(project)}


def test_pyrefiqda_reads_every_coding(project: Path, tmp_path: Path) -> None:
    pyrefiqda = pytest.importorskip("pyrefiqda", reason="pyrefiqda is not installed")
    read = pyrefiqda.RefiProject.load(project, tmp_path / "unpacked")
    names = {code.guid: code.name for group in read.code_book.codes.code for code in group.code}
    users = {user.guid: user.name for user in read.users.user}
    seen = Counter()
    for source in read.sources.text_source:
        path = pyrefiqda.RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "unpacked")
        text = path.read_text("utf-8")
        for selection in source.plain_text_selection:
            words = text[selection.start_position : selection.end_position]
            seen.update(
                (names[each.code_ref.target_guid], words, users[each.creating_user]) for each in selection.coding
            )
    assert seen == Counter((coding.code, coding.words, coding.user) for coding in coded_words(project))
