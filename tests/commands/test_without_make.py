"""The command line without make: by its own name, on any console, with help, completion, and advice that can be typed."""

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command_line import COMMANDS
from studies import ROOT

from pipeline.commands.typed import as_typed
from pipeline.wording.commands import ADVICE, in_files


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, with these variables set."""
    command = [sys.executable, "-m", "pipeline", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, encoding="utf-8", errors="replace",
        env={**os.environ, **environment},
    )  # fmt: skip


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """A target of the Makefile, without the variables of a `make` that may have started the tests."""
    of_make = ("MAKEFLAGS", "MAKEOVERRIDES", "ARGS")  # make hands on what it was started with
    environment = {name: value for name, value in os.environ.items() if name not in of_make}
    return subprocess.run(
        ["make", "-s", "-o", ".venv/.runtime", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )


@pytest.mark.parametrize(
    ("made", "typed"),
    [
        ("run: make analyze STUDY=../my-study", "run: hallazgo analyze --study ../my-study"),
        ("Next: make check-study STUDY='a b'", "Next: hallazgo check --study 'a b'"),
        ("make review-export CODER=second SAME_AS=first", "hallazgo review export --coder second --same-as first"),
        ("make review-export CODER=name AGAIN=1; then", "hallazgo review export --coder name --again; then"),
        ("with make review-import FILES=a.xlsx", "with hallazgo review import a.xlsx"),
        ("make codebook ARGS='rename x NEW --reason ...', or", "hallazgo codebook rename x NEW --reason ..., or"),
        ("make release EDITION=public writes an edition", "hallazgo release --edition public writes an edition"),
        ("make room on the disk, then try again", "make room on the disk, then try again"),
        ("make study STUDY=path creates a study", "hallazgo study path creates a study"),
    ],
)
def test_advice_is_worded_as_the_program_was_started(made: str, typed: str) -> None:
    assert as_typed(made, program="hallazgo", study=Path()) == typed
    assert as_typed(made, program="make", study=Path()) == made


def test_advice_names_the_study_once_if_it_is_not_the_current_folder() -> None:
    advice = "run make analyze, then make review CODER=ana; make audit STUDY=x, or make roster NAMES=people.csv"
    study = Path("my study")
    assert as_typed(advice, program="make", study=study) == (
        "run make analyze STUDY='my study', then make review CODER=ana STUDY='my study'; make audit STUDY=x, "
        "or make roster NAMES=people.csv"
    )
    assert (
        as_typed("run make analyze again", program="hallazgo", study=study)
        == "run hallazgo analyze --study 'my study' again"
    )


@pytest.mark.parametrize(
    ("language", "text", "written"),
    [
        ("en", "run make analyze, then", "run make analyze STUDY=path (or hallazgo analyze), then"),
        ("es", "ejecute make trace ID=F1", "ejecute make trace ID=F1 STUDY=ruta (o hallazgo trace F1)"),
        ("es", "make review CODER=ana", "make review CODER=ana STUDY=ruta (o hallazgo review --coder ana)"),
        ("en", "make study STUDY=path creates", "make study STUDY=path (or hallazgo study path) creates"),
        ("en", "states that make the tools their own", "states that make the tools their own"),
    ],
)
def test_an_output_names_commands_that_work_wherever_the_study_lies(language: str, text: str, written: str) -> None:
    assert in_files(text, language) == written


def test_every_command_that_the_program_advises_can_be_typed_without_make() -> None:
    files = [path for path in sorted((ROOT / "pipeline").rglob("*")) if path.suffix in (".py", ".toml")]
    sources = "\n".join(path.read_text("utf-8") for path in files)
    targets = re.findall(r"^([a-z-]+):.* ## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    advised = set(re.findall(r"(?<!\w)make ([a-z-]+)", sources)) & set(targets)
    assert len(advised) > 5
    for target in advised:
        words = as_typed(f"make {target}", program="hallazgo", study=Path()).split()[1:]
        assert " ".join(words) in COMMANDS, target


def test_a_process_that_make_did_not_start_names_commands_without_make(tmp_path: Path) -> None:
    done = run("study", tmp_path / "mine")
    assert f"Next: python -m pipeline check --study {tmp_path / 'mine'}" in done.stdout


def test_make_starts_the_program_so_that_it_advises_make(tmp_path: Path) -> None:
    assert "RUN := HALLAZGO_STARTED_BY=make " in (ROOT / "Makefile").read_text("utf-8")
    done = run("check", "--study", tmp_path, HALLAZGO_STARTED_BY="make")
    assert f"make study STUDY={tmp_path}" in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_ends_with_an_example_that_is_one(name: str) -> None:
    text = run(*name.split(), "--help", COLUMNS="200").stdout
    examples = re.findall(rf"^ *hallazgo {name}\b.*$", text, re.MULTILINE)
    assert examples, text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp850", "utf-8"])
def test_no_console_ends_the_program_by_its_encoding(analysed: Path, encoding: str) -> None:
    for words in (("--help",), ("trace", "F1", "--study", analysed), ("check", "--study", analysed)):
        done = run(*words, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_json_stays_json_on_an_old_console(analysed: Path) -> None:
    done = run("trace", "rosa", "--study", analysed, "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert json.loads(done.stdout)["id"] == "rosa"


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1", "FORCE_COLOR": ""}])
def test_there_are_not_colours_where_output_is_piped(variables: dict[str, str]) -> None:
    assert "\x1b" not in run("analyze", "--help", **variables).stdout


def test_the_shell_can_complete_commands() -> None:
    code = "import sys; sys.argv[0] = 'hallazgo'; from pipeline.__main__ import main; main()"
    asked = {"_HALLAZGO_COMPLETE": "complete_bash", "COMP_WORDS": "hallazgo re", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **asked}
    )
    assert done.stdout.split() == ["release", "review"]
    assert "--install-completion" in run("--help", COLUMNS="200").stdout


def test_a_quiet_run_prints_nothing_and_a_loud_one_lists_its_remarks(analysed: Path) -> None:
    assert run("analyze", "--quiet", "--study", analysed).stdout == ""
    brief, long = run("analyze", "--study", analysed).stdout, run("analyze", "--verbose", "--study", analysed).stdout
    remarks = json.loads((analysed / "outputs/run.json").read_text("utf-8"))["remarks"]
    assert remarks
    for remark in remarks:
        assert f"  - {remark['where']}: {remark['what']}" in long
        assert remark["what"] not in brief
    assert re.search(r"^  time +.*ingest \d", long, re.MULTILINE)


def test_a_quiet_run_still_names_what_was_left_out(small_study: Path) -> None:
    (small_study / "raw/interviews/leer.txt").write_bytes(b"")
    done = run("analyze", "--quiet", "--study", small_study)
    assert (done.returncode, done.stdout) == (2, "")
    assert "raw/interviews/leer.txt" in done.stderr


def test_a_run_that_leaves_a_file_out_says_that_all_else_is_done(small_study: Path) -> None:
    (small_study / "raw/interviews/leer.txt").write_bytes(b"")
    done = run("analyze", "--study", small_study)
    assert done.returncode == 2
    assert "PARTIAL: 4 of 5 files read. Everything else was analysed; what was left out is listed above" in done.stdout


def test_make_does_not_call_a_run_an_error_that_only_left_files_out(small_study: Path) -> None:
    if not (ROOT / ".venv/bin/python").exists():
        pytest.skip("make would install packages first")
    (small_study / "raw/interviews/leer.txt").write_bytes(b"")
    done = make("analyze", f"STUDY={small_study}")
    assert (done.returncode, "Error" in done.stderr, "PARTIAL" in done.stdout) == (0, False, True), done.stderr


def test_make_calls_a_misspelt_option_an_error(small_study: Path) -> None:
    if not (ROOT / ".venv/bin/python").exists():
        pytest.skip("make would install packages first")
    done = make("analyze", f"STUDY={small_study}", "ARGS=--fersh")
    assert (done.returncode, "No such option: --fersh" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("words", [("analyze", "--fersh"), ("analyse",), (), ("trace",)])
def test_wrong_usage_ends_with_1_for_2_says_that_something_was_left_out(words: tuple[str, ...]) -> None:
    assert run(*words).returncode == 1


def test_a_study_can_be_deep_in_the_folders(analysed: Path) -> None:
    deep = analysed.parent.joinpath(*["a folder with a long name, as in shared drives"] * 8)
    deep.mkdir(parents=True)
    analysed.rename(deep / "study")
    assert len(str(deep)) > 350
    assert run("analyze", "--fresh", "--study", deep / "study").returncode == 0


@pytest.mark.parametrize("buffer", ["", "1"], ids=["written at the end", "written line by line"])
@pytest.mark.parametrize("words", [("audit",), ("trace", "F1"), ("trace", "F1", "--json"), ("--help",)], ids=" ".join)
def test_a_result_of_which_only_the_head_is_read_ends_quietly(
    analysed: Path, words: tuple[str, ...], buffer: str
) -> None:
    of_study = [] if words == ("--help",) else ["--study", str(analysed)]
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline", *words, *of_study],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": buffer},
    ) as started:  # fmt: skip
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        assert started.stderr.read() == b""


def test_what_is_exported_is_counted_in_words_of_its_number(linked: Path, tmp_path: Path) -> None:
    done = run("export", tmp_path / "study.qdpx", "--study", linked)
    assert "coder" in done.stdout
    assert not re.search(r"\b1 \w+s\b", done.stdout)


def test_a_workbook_for_a_coder_names_the_next_step(analysed: Path) -> None:
    lines = run("review", "export", "--study", analysed, "--coder", "ana").stdout.splitlines()
    assert Path(lines[0]).is_file()
    assert lines[1] == f"Next: fill it in, then run python -m pipeline review import {lines[0]} --study {analysed}"


def test_make_adds_nothing_to_what_the_program_says_when_it_is_stopped(tmp_path: Path) -> None:
    stub = tmp_path / "stub.py"
    stub.write_text(
        "import sys, time\ntry:\n    print('begun', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('stopped')\n    sys.exit(130)\n",
        "utf-8",
    )
    for target in (["review", "CODER=ana"], ["analyze"]):
        with subprocess.Popen(
            ["make", "-s", "-o", ".venv/.runtime", *target, f"RUN={sys.executable} {stub}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "ARGS")},
        ) as started:  # fmt: skip
            assert started.stdout
            assert started.stdout.readline() == "begun\n"
            os.killpg(started.pid, signal.SIGINT)
            assert started.stdout.read() == "stopped\n"


def test_no_output_names_a_command_that_finds_the_study_only_from_one_folder(analysed: Path) -> None:
    handout = Path(run("review", "export", "--study", analysed, "--coder", "ana").stdout.splitlines()[0])
    outputs = {path.name: path for path in (handout, *(analysed / "outputs").glob("*.*")) if path.suffix != ".json"}
    texts = {name: text_of(path) for name, path in sorted(outputs.items())}
    advised = {name: [match[0] for match in ADVICE.finditer(text)] for name, text in texts.items()}
    assert {"report.html", "evidence.xlsx", handout.name} <= {name for name, commands in advised.items() if commands}
    assert [each for commands in advised.values() for each in commands if "STUDY=" not in each] == []
    assert not [name for name, text in texts.items() if str(analysed) in text]


def text_of(path: Path) -> str:
    """The text of an output: of a workbook or annex, of all its parts."""
    if path.suffix not in (".xlsx", ".docx"):
        return path.read_text("utf-8")
    with zipfile.ZipFile(path) as book:
        return "\n".join(book.read(name).decode("utf-8") for name in book.namelist() if name.endswith(".xml"))
