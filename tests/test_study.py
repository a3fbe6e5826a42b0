"""A study folder: held by one run at a time, replaced as a whole or not at all."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from studies import ROOT

from pipeline import study as folders
from pipeline.errors import ConfigError, StudyBusyError
from pipeline.registers.study_registers import load_registers


@pytest.fixture
def study(tmp_path: Path) -> folders.Study:
    (tmp_path / "config.toml").write_text('[study]\ntitle = "x"\n')
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "a.txt").write_text("old a")
    (tmp_path / "outputs" / "b.txt").write_text("old b")
    (tmp_path / "outputs" / "c.txt").write_text("old c")
    return folders.locate_study(tmp_path)


def outputs(study: folders.Study) -> dict[str, str]:
    return {p.name: p.read_text() for p in sorted(study.outputs.iterdir()) if not p.name.startswith(".")}


def stage(staging: Path) -> None:
    (staging / "outputs").mkdir()
    (staging / "outputs" / "a.txt").write_text("new a")
    (staging / "outputs" / "b.txt").write_text("new b")


def _stage_twice(staging: Path) -> None:
    stage(staging)
    stage(staging)


LAST = ("outputs/a.txt", "outputs/b.txt", "outputs/c.txt")  # what the last run wrote; the new one writes no c
OLD = {"a.txt": "old a", "b.txt": "old b", "c.txt": "old c"}
NEW = {"a.txt": "new a", "b.txt": "new b"}


def test_a_folder_without_config_is_not_a_study(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config.toml: is missing: create a study with: make study STUDY="):
        folders.locate_study(tmp_path)


def test_all_files_of_a_transaction_replace_the_old_ones(study: folders.Study) -> None:
    with folders.transaction(study, LAST) as staging:
        stage(staging)
    assert outputs(study) == NEW
    assert not study.staging.exists()


def test_a_transaction_that_fails_changes_nothing(study: folders.Study) -> None:
    with pytest.raises(FileExistsError), folders.transaction(study, LAST) as staging:
        _stage_twice(staging)
    assert outputs(study) == OLD
    assert not study.staging.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline import study as folders

point, count = int(sys.argv[2]), 0

def dying(original):
    def write(*args, **kwargs):
        global count
        count += 1
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)
    return write

Path.replace, Path.unlink, folders._sync = dying(Path.replace), dying(Path.unlink), dying(folders._sync)
with folders.transaction(folders.Study(Path(sys.argv[1])), sys.argv[3:]) as staging:
    (staging / "outputs").mkdir()
    (staging / "outputs" / "a.txt").write_text("new a")
    (staging / "outputs" / "b.txt").write_text("new b")
"""


@pytest.mark.parametrize("point", range(1, 11))
def test_case_56_a_kill_at_any_write_point_leaves_the_old_or_the_new_state(study: folders.Study, point: int) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(study.root), str(point), *LAST], check=False, cwd=ROOT)
    folders.recover(study)
    assert outputs(study) in (OLD, NEW)
    assert not study.staging.exists()
    if run.returncode == 0:
        assert outputs(study) == NEW
    else:
        assert run.returncode == -signal.SIGKILL


def test_an_interrupted_replacement_is_completed_by_the_next_run(study: folders.Study) -> None:
    stage_root = study.staging
    stage_root.mkdir()
    stage(stage_root)
    journal = {"written": ["outputs/a.txt", "outputs/b.txt"], "removed": ["outputs/c.txt"]}
    (stage_root / folders.JOURNAL).write_text(json.dumps(journal))
    (stage_root / "outputs" / "a.txt").replace(study.outputs / "a.txt")  # one was moved before the crash
    folders.recover(study)
    assert outputs(study) == NEW


@pytest.mark.parametrize("name", ["coded/decisions.jsonl", "outputs/../coded/decisions.jsonl", "raw/a.txt"])
def test_a_record_that_was_meddled_with_removes_nothing_that_people_wrote(study: folders.Study, name: str) -> None:
    for human in ("coded/decisions.jsonl", "raw/a.txt"):
        (study.root / human).parent.mkdir(exist_ok=True)
        (study.root / human).write_text("mine")
    with folders.transaction(study, [name]) as staging:
        stage(staging)
    assert (study.coded / "decisions.jsonl").exists()
    assert (study.raw / "a.txt").exists()


def test_case_59_a_second_run_says_who_holds_the_study(study: folders.Study) -> None:
    with folders.lock(study, "analyze"), pytest.raises(StudyBusyError) as caught, folders.lock(study, "audit"):
        pass
    assert f"is in use by analyze (process {os.getpid()})" in str(caught.value)
    assert caught.value.exit_code == 4


def test_case_59_a_lock_of_a_dead_process_holds_nothing(study: folders.Study) -> None:
    (study.root / ".hallazgo.lock").write_text("analyze (process 999999)")
    with folders.lock(study, "analyze"):
        assert (study.root / ".hallazgo.lock").exists()


def test_lock_files_and_hidden_files_are_not_sources(study: folders.Study) -> None:
    folder = study.raw / "interviews"
    folder.mkdir(parents=True)
    for name in ("a.txt", ".DS_Store", "~$a.docx"):
        (folder / name).write_text("x")
    assert [p.name for p in folders.raw_files(study)] == ["a.txt"]


def test_files_of_raw_that_nothing_reads_are_named(study: folders.Study) -> None:
    for name in (
        "interviews/a.txt",
        "participants.csv",
        "README.md",
        "notes.docx",
        "audio/1.mp3",
        "audio/x/2.mp3",
        ".DS_Store",
    ):
        (study.raw / name).parent.mkdir(parents=True, exist_ok=True)
        (study.raw / name).write_text("x")
    remarks = [(r.where, r.what) for r in load_registers(study).remarks if "not read" in r.what]
    assert remarks == [("raw/audio", "is not read: it contains 2 files"), ("raw/notes.docx", "is not read")]


def test_a_folder_with_the_name_of_a_file_is_listed_and_not_walked_past(study: folders.Study) -> None:
    (study.raw / "interviews" / "x.docx").mkdir(parents=True)
    assert [p.name for p in folders.raw_files(study)] == ["x.docx"]
    assert folders.input_hashes(study)["raw/interviews/x.docx"] == "not a file"


# ---- the study's lasting id


def test_a_study_keeps_its_id_whatever_its_title_becomes(study: folders.Study) -> None:
    first = folders.study_id(study)
    study.config.write_text('[study]\ntitle = "y"\nseed = 7\n')
    assert folders.study_id(study) == first
    assert (study.coded / "study_id").read_text() == first + "\n"


def test_two_copies_of_a_study_agree_on_its_id_and_another_study_does_not(study: folders.Study, tmp_path: Path) -> None:
    copy, other = (folders.Study(tmp_path / name) for name in ("copy", "other"))
    for made, title in ((copy, "x"), (other, "z")):
        made.root.mkdir()
        made.config.write_text(f'[study]\ntitle = "{title}"\n')
    assert folders.study_id(copy) == folders.study_id(study) != folders.study_id(other)


def test_an_id_that_somebody_overwrote_is_named_with_its_remedy(study: folders.Study) -> None:
    study.coded.mkdir()
    (study.coded / "study_id").write_text("My study\n")
    with pytest.raises(ConfigError, match=r"coded/study_id: is not the id of a study: .*restore the file"):
        folders.study_id(study)


def test_case_76_a_link_out_of_raw_is_refused_and_named(study: folders.Study, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Ana: nobody gave this to the study.\n", "utf-8")
    folder = study.raw / "interviews"
    folder.mkdir(parents=True, exist_ok=True)
    before = folders.raw_files(study)
    (folder / "linked.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "lost.txt").symlink_to(outside / "nowhere.txt")
    assert folders.raw_files(study) == before
    problems = [str(problem) for problem in load_registers(study).problems if "link" in problem.what]
    assert problems == [
        "raw/interviews/linked: is a link to a folder and is not read: put a copy of the files there instead",
        "raw/interviews/linked.txt: is a link that leads out of raw/ and is not read: put a copy of the files there instead",
        "raw/interviews/lost.txt: is a link that leads out of raw/ and is not read: put a copy of the files there instead",
    ]


def test_case_76_a_folder_of_the_field_that_is_a_link_is_refused_and_named(
    study: folders.Study, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Ana: nobody gave this to the study.\n", "utf-8")
    study.raw.mkdir(parents=True, exist_ok=True)
    (study.raw / "documents").symlink_to(outside, target_is_directory=True)
    assert not [path for path in folders.raw_files(study) if "documents" in path.parts]
    assert [p.where for p in load_registers(study).problems if "link" in p.what] == ["raw/documents"]


def test_a_link_within_raw_is_read(study: folders.Study) -> None:
    folder = study.raw / "interviews"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "one.txt").write_text("Ana: Yes.\n", "utf-8")
    (folder / "two.txt").symlink_to(folder / "one.txt")
    assert {path.name for path in folders.raw_files(study)} >= {"one.txt", "two.txt"}


def test_a_pipe_in_the_place_of_a_file_that_people_write_is_named_and_nobody_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("", "utf-8")
    (tmp_path / "coded").mkdir()
    os.mkfifo(tmp_path / "coded" / "seeds.jsonl")
    with pytest.raises(ConfigError, match=r"coded/seeds.jsonl: is not a file"):
        folders.locate_study(tmp_path)


def test_case_74_temporary_files_are_written_inside_the_study_and_gone_after_the_run(small_study: Path) -> None:
    watch = """
import sys, tempfile
places = []
sys.addaudithook(lambda event, args: places.append(args[0]) if event in ("tempfile.mkdtemp", "tempfile.mkstemp") else None)
from datetime import UTC, datetime
from pathlib import Path
from pipeline.steps.analyze import analyze
analyze(Path(sys.argv[1]), fresh=False, now=datetime(2026, 1, 1, tzinfo=UTC), tick=lambda *_: None)
print("\\n".join(places))
"""
    run = [sys.executable, "-c", watch, str(small_study)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    places = [
        place for place in done.stdout.split() if "pymp-" not in place
    ]  # sockets between processes, without words
    assert places
    assert all(place.startswith(str(small_study)) for place in places), places
    assert not (small_study / ".work").exists()


def test_case_74_what_a_killed_run_left_is_removed_by_the_next(small_study: Path) -> None:
    study = folders.locate_study(small_study)
    left = small_study / ".work" / "abc"
    left.mkdir(parents=True)
    (left / "words").write_text("what the participant said")
    left.with_suffix(".lock").touch()
    with folders.work_folder(study) as own:
        assert not left.exists()
        with folders.work_folder(study) as other:
            assert Path(own).exists(), "what another program works in stays"
            assert own != other
    assert not (small_study / ".work").exists()


def test_case_74_the_folder_is_named_from_the_root_of_the_disk_so_that_a_reader_may_write_there(
    small_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_study)
    with folders.work_folder(folders.locate_study(Path())) as own:
        assert Path(own).is_absolute()
