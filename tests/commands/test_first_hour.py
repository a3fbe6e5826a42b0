"""The first hour: a study with criteria of its own, what `check` understood, and lists that a person can read."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from studies import NOW, quiet
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.codebook import load_codebook
from pipeline.commands.folding import bulleted, folded
from pipeline.commands.study import summary
from pipeline.commands.transcripts import as_lines
from pipeline.commands.typed import as_typed
from pipeline.errors import ConfigError, Problem
from pipeline.new_study import FIVE_CRITERIA, lay_out
from pipeline.records import Example, TranscriptReading
from pipeline.registers.preview import Preview
from pipeline.steps.analyze import analyze
from pipeline.steps.inputs import load_seeds
from pipeline.tag.model import lacking
from pipeline.vocabulary import NewCodebook

OWN_CODES = """version = "1"

[[criteria]]
id = "family"
definition = "What the speaker says about parents, children and relatives."

[[criteria]]
id = "work"
definition = "What the speaker says about jobs, colleagues and wages."
"""
ROOT = Path(__file__).parents[2]


def command(*words: str | Path):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_criteria_of_their_own_in_place_of_the_five_are_one_problem_with_its_remedy(tmp_path: Path) -> None:
    lay_out(tmp_path / "mine")
    (tmp_path / "mine/coded/codebook.toml").write_text(OWN_CODES, "utf-8")
    done = command("check", "--study", tmp_path / "mine")
    (line,) = [line for line in done.stderr.splitlines() if "seeds.jsonl" in line]
    assert "examples are for codes that the codebook does not have: effectiveness (" in line
    assert line.endswith("if you use criteria of your own, empty the file; otherwise add these codes to the codebook")
    assert len(done.stderr.splitlines()) == 1


def test_a_misspelt_code_in_one_example_is_named_by_its_line(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text('{"id": "a", "lang": "en", "text": "Cheap.", "codes": {"thrift": ""}}\n', "utf-8")
    with pytest.raises(ConfigError, match=r"seeds.jsonl line 1: 1 of 1 examples are for codes .*: thrift \(1\)"):
        load_seeds(seeds, ("cost",))


def test_a_study_with_an_empty_codebook_says_how_to_write_the_first_code(tmp_path: Path) -> None:
    done = command("study", tmp_path / "mine", "--codebook", "empty")
    assert "Write your codes into coded/codebook.toml" in done.stdout
    assert not (tmp_path / "mine/coded/seeds.jsonl").exists()
    settings = [
        line for line in (tmp_path / "mine/config.toml").read_text("utf-8").splitlines() if line and line[0] not in "#["
    ]
    assert len(settings) == 5
    checked = command("check", "--study", tmp_path / "mine")
    assert "codebook.toml: has no codes yet" in checked.stdout


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_example_in_an_empty_codebook_is_one_when_its_marks_are_taken_away(tmp_path: Path, language: str) -> None:
    lay_out(tmp_path / "mine", NewCodebook.EMPTY, language=language)
    path = tmp_path / "mine/coded/codebook.toml"
    text = path.read_text("utf-8").replace("\n# ", "\n").replace("\n#\n", "\n\n")
    path.write_text(text[text.index("[[criteria]]") :], "utf-8")
    assert load_codebook(path).patterns


def test_a_study_with_its_own_criteria_gets_a_report_without_seeds_and_patterns(tmp_path: Path) -> None:
    command("study", tmp_path / "mine", "--codebook", "empty")
    (tmp_path / "mine/coded/codebook.toml").write_text(OWN_CODES, "utf-8")
    (tmp_path / "mine/raw/interviews/rosa.txt").write_text(
        "Interviewer: And your children?\nRosa: My children and my parents live with us.\n" * 3, "utf-8"
    )
    assert command("check", "--study", tmp_path / "mine").exit_code == 0
    outcome = analyze(tmp_path / "mine", fresh=False, now=NOW, tick=quiet)
    assert (outcome.exit_code, outcome.record["summary"]["excerpts"] > 0) == (0, True)


def test_on_a_spanish_terminal_a_new_study_is_in_spanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "es_PE.UTF-8")
    command("study", tmp_path / "mine", "--codebook", "empty")
    config, codebook = tmp_path / "mine/config.toml", tmp_path / "mine/coded/codebook.toml"
    assert 'language = "es"  # idioma' in config.read_text("utf-8")
    assert codebook.read_text("utf-8").startswith("# Los códigos de este estudio")
    assert command("check", "--study", tmp_path / "mine").stdout.startswith("archivos")
    command("study", tmp_path / "five")
    assert 'language = "es" ' in (tmp_path / "five/config.toml").read_text("utf-8")


def test_without_a_choice_a_new_study_has_the_five_criteria(tmp_path: Path) -> None:
    lay_out(tmp_path / "mine")
    assert load_codebook(tmp_path / "mine/coded/codebook.toml").ids == FIVE_CRITERIA


def test_check_says_first_what_it_understood(small_study: Path) -> None:
    shown = command("check", "--study", small_study).stdout.splitlines()
    assert shown[:4] == [
        "files     4: 2 interviews, 1 survey, 1 document",
        "people    4 in the register: 4 yes",
        "codes     4 in codebook.toml with 7 patterns; 41 examples",
        "findings  2 in findings.toml",
    ]
    whole = json.loads(command("check", "--study", small_study, "--json").stdout)
    assert whole["understood"]["files"] == {"interview": 2, "survey": 1, "document": 1}


def test_equal_remarks_are_folded_and_those_of_one_file_are_under_its_name() -> None:
    problems = [Problem(f"seeds.jsonl line {n}", "is not JSON", "write JSON") for n in range(1, 10)]
    problems += [Problem("raw/a.csv", "read as table", "fine"), Problem("raw/a.csv", "no person", "name one")]
    problems += [Problem("raw/b.csv", "is empty", "remove it")]
    assert list(folded(problems)) == [
        (
            "seeds.jsonl line 1, seeds.jsonl line 2, seeds.jsonl line 3, seeds.jsonl line 4, seeds.jsonl line 5, "
            "seeds.jsonl line 6 and 3 more: is not JSON: write JSON"
        ),
        "raw/a.csv",
        "    read as table: fine",
        "    no person: name one",
        "raw/b.csv: is empty: remove it",
    ]


def test_remarks_of_one_place_are_below_its_name_without_a_dash() -> None:
    remarks = [Problem("raw/a.csv", "read as table", "fine"), Problem("raw/a.csv", "no person", "name one")]
    assert list(bulleted(remarks)) == ["  - raw/a.csv", "      read as table: fine", "      no person: name one"]


def test_a_check_without_transcripts_begins_with_a_line_that_says_something(small_study: Path) -> None:
    for path in (small_study / "raw/interviews").iterdir():
        path.unlink()
    assert command("check", "--study", small_study).stdout.splitlines()[0].startswith("files ")


def test_a_study_without_files_is_not_sent_to_the_run(tmp_path: Path) -> None:
    command("study", tmp_path / "mine", "--codebook", "empty")
    last = command("check", "--study", tmp_path / "mine").stdout.splitlines()[-1]
    assert last == f"Next: put your files into raw/, then run make check-study STUDY={tmp_path / 'mine'}"


def test_a_register_of_people_that_cannot_be_read_is_not_called_empty(small_study: Path) -> None:
    path = small_study / "raw/participants.csv"
    path.write_text(path.read_text("utf-8").replace("consent", "consentimento"), "utf-8")
    done = command("check", "--study", small_study)
    assert done.stdout.splitlines()[1] == "people    not read: correct raw/participants as described below"
    assert "raw/participants.csv line 1" in done.stderr


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("rosa.txt", "interviews/rosa.txt"),
        ("raw/Rosa", "interviews/rosa.txt"),
        ("interviews/report.md", "documents/report.md"),
    ],
)
def test_a_row_with_another_path_is_answered_with_the_path_of_the_file(
    small_study: Path, written: str, there: str
) -> None:
    (small_study / "raw/sources.csv").write_text(f"path,participant_ids\n{written},P1\n", "utf-8")
    assert (
        f"write {there} in the column path, if that is the file meant"
        in command("check", "--study", small_study).stderr
    )


def test_a_row_that_settles_nothing_is_to_be_corrected_not_copied_once_more(small_study: Path) -> None:
    talk = "Emma: And then?\nKelly: We paid the fee for the water.\nAli: The pump broke and nobody came to mend it.\n"
    (small_study / "raw/interviews/talk.txt").write_text(talk * 4, "utf-8")
    row = "interviews/talk.txt,Emma=INTERVIEWER;Kelly=OTHER;Ali=OTHER"
    (small_study / "raw/sources.csv").write_text(f"path,speakers\n{row}\n", "utf-8")
    (line,) = [line for line in command("check", "--study", small_study).stderr.splitlines() if "talk.txt" in line]
    assert "proposed_sources" not in line
    assert "name there who answers (column speakers: the person's id, or RESPONDENT)" in line


def test_codes_under_another_word_are_answered_with_the_right_one(small_study: Path) -> None:
    path = small_study / "coded/codebook.toml"
    path.write_text('[[criterios]]\nid = "work"\ndefinition = "Jobs."\n', "utf-8")
    assert (
        "criterios: no such key: begin each code with [[criteria]]" in command("check", "--study", small_study).stderr
    )


def closing_lines(study: Path, **changes: object) -> list[str]:
    """The closing lines of the last run as they are typed, with other values in its record."""
    record = json.loads((study / "outputs/run.json").read_text("utf-8"))
    record["summary"] |= {name: value for name, value in changes.items() if name != "codes"}
    record["codes"] |= changes.get("codes", {})
    return [as_typed(line, study=study) for line in summary(record, unchanged=False, study=study)]


def test_a_run_says_which_codes_are_only_suggested_and_how_many_decisions_they_need(analysed: Path) -> None:
    codes = {"only_suggested": ["cost", "trust", "water"], "lacking": {"trust": 10, "water": 3}}
    learn, bear_out = [line for line in closing_lines(analysed, codes=codes) if line.startswith("  to learn")]
    assert learn == (
        "  to learn   trust, water: only suggested until 10 more excerpts are decided, with at least two yes and two no to "
        f"each code: make review CODER=name STUDY={analysed}"
    )
    assert bear_out.startswith(
        "  to learn   cost: only suggested, because the machine does not yet agree with people well enough; every ten"
    )
    (line,) = [line for line in closing_lines(analysed, codes=codes, codings=0) if "to review" in line]
    assert line.endswith("; nothing is coded yet")


def test_what_a_code_lacks_is_counted_by_the_examples_that_it_has() -> None:
    def example(*codes: str) -> Example:
        return Example("Words.", "", "en", tuple((code, "") for code in codes), ("trust", "cost"), "seed:a")

    assert lacking([], ["trust"]) == {"trust": 10}
    assert lacking([example("trust")] * 9 + [example("cost")], ["trust", "cost"]) == {"trust": 1, "cost": 1}
    assert lacking([example("trust")] * 3 + [example()] * 4, ["trust", "cost"]) == {"trust": 3, "cost": 3}


def test_a_run_says_that_links_without_a_direction_wait_for_one(analysed: Path) -> None:
    (line,) = [line for line in closing_lines(analysed, links_unclear=2) if "direction" in line]
    assert line.startswith(
        "  direction  2 links suggested without one: each counts once a person says supports, contradicts or"
    )
    assert not [line for line in closing_lines(analysed, links_unclear=0) if "direction" in line]


def test_a_run_without_urgent_excerpts_does_not_count_them(analysed: Path) -> None:
    (line,) = [line for line in closing_lines(analysed, waiting=0, undecided=8) if "to review" in line]
    assert line.startswith("  to review  8 excerpts that nobody has decided on, none more urgent than the others")


def test_every_command_in_the_closing_lines_names_the_study(analysed: Path) -> None:
    lines = closing_lines(analysed, codings=0, links_unclear=1, codes={"only_suggested": ["a"], "lacking": {"a": 1}})
    commands = [line for line in lines if "make " in line]
    assert len(commands) >= 4
    assert [line for line in commands if f"STUDY={analysed}" not in line] == []


@pytest.mark.parametrize("waiting", [0, 1])
def test_a_run_that_codes_nothing_says_what_to_do_and_claims_no_share(analysed: Path, waiting: int) -> None:
    counts = {"codings": 0, "waiting": waiting, "recall": 0, "recall_low": 0, "recall_high": 0}
    lines = closing_lines(analysed, **counts, codes={"only_suggested": [], "lacking": {}})
    (line,) = [line for line in lines if "to review" in line]
    assert line.endswith(
        "nothing is coded yet: decide on excerpts with make review CODER=name "
        f"STUDY={analysed}, or give the codes more examples or patterns"
    )


def test_check_says_in_words_how_sure_a_reading_is_and_what_to_do(small_study: Path) -> None:
    lines = command("check", "--study", small_study).stdout.splitlines()
    assert "raw/interviews/rosa.txt: sure: nothing to do" in lines


def test_a_layout_that_fits_nearly_as_well_is_named_without_a_figure() -> None:
    reading = TranscriptReading("a", "bold name", "name and colon", 0.01, ())
    first, layout, *_ = as_lines(Preview("interviews/a.md", transcript=reading))
    assert first == "raw/interviews/a.md: likely: compare who asks and who answers below with the file"
    assert layout == "  layout    bold name; name and colon fits nearly as well"
    clear = replace(reading, margin=0.4)
    assert "  layout    bold name" in list(as_lines(Preview("interviews/a.md", transcript=clear)))


def test_a_file_in_which_nobody_of_the_register_answers_is_not_called_sure(small_study: Path) -> None:
    (small_study / "raw/interviews/e7.txt").write_text("ENT: What works?\nR1: The maps work, and I trust them.\n" * 3)
    done = command("check", "--study", small_study)
    lines = done.stdout.splitlines()
    at = lines.index("raw/interviews/e7.txt: it is clear who asks and who answers, but not which person answers")
    assert (
        "  person    R1 is not in raw/participants; in raw/sources.csv, column speakers: R1=participant_id"
        in lines[at:]
    )
    remark = (
        "  - raw/interviews/e7.txt: the respondent is not in the register, and counts as one person without a group: "
        "say who it is in raw/sources.csv: in the column speakers (OTHER for somebody who does not answer) or, if only one "
        "person answers, in participant_ids; coded/proposed_sources.csv has the row to complete"
    )
    assert remark in lines
    (small_study / "raw/sources.csv").write_text("path,speakers\ninterviews/e7.txt,R1=W1\n", "utf-8")
    assert "raw/interviews/e7.txt: sure: nothing to do" in command("check", "--study", small_study).stdout


def test_answers_without_a_label_are_nobodys_until_their_file_names_one_person(small_study: Path) -> None:
    (small_study / "raw/interviews/e8.html").write_text("<p><b>What works?</b></p><p>The maps, as I see it.</p>" * 3)
    (line,) = [line for line in command("check", "--study", small_study).stdout.splitlines() if "  person " in line]
    assert line.endswith("in raw/sources.csv, column participant_ids: participant_id")


def test_a_study_without_a_register_has_nobody_to_match(small_study: Path) -> None:
    (small_study / "raw/participants.csv").write_text("participant_id,name\n", "utf-8")
    (small_study / "raw/interviews/e7.txt").write_text("ENT: What works?\nR1: The maps work, and I trust them.\n" * 3)
    shown = command("check", "--study", small_study).stdout
    assert "raw/interviews/e7.txt: sure: nothing to do" in shown
    assert "nobody in" not in shown


def test_a_pattern_that_cannot_be_read_hides_nothing_else(small_study: Path) -> None:
    path = small_study / "coded/codebook.toml"
    path.write_text(path.read_text("utf-8").replace('match = "', 'match = "a|', 1), "utf-8")
    done = command("check", "--study", small_study)
    shown = done.stdout.splitlines()
    assert shown[2:4] == ["codes     4 in codebook.toml with 7 patterns; 41 examples", "findings  2 in findings.toml"]
    assert "raw/interviews/rosa.txt: sure: nothing to do" in shown
    (line,) = done.stderr.splitlines()
    assert "cannot read '|'" in line
    assert "a pattern consists of words in order, and is not a regular expression" in line
    assert "(help|advice)" in line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("codebook.toml", "codes     not read: correct codebook.toml as described below"),
        ("findings.toml", "findings  not read: correct findings.toml as described below"),
    ],
)
def test_a_file_that_cannot_be_read_is_not_called_empty(small_study: Path, name: str, line: str) -> None:
    (small_study / "coded" / name).write_text("[[broken", "utf-8")
    done = command("check", "--study", small_study)
    assert line in done.stdout.splitlines()
    assert f"{name}" in done.stderr
    assert "raw/interviews/rosa.txt: sure: nothing to do" in done.stdout


TALK = "ENT: What works?\nS: The maps work.\nJ: I trust them, and so do my neighbours.\n" * 3


def with_talk(study: Path, register: str) -> Path:
    """The study with a group interview of people who are in no register, and what `check` proposes for it."""
    (study / "raw/participants.csv").write_text(f"participant_id,name,consent\n{register}", "utf-8")
    (study / "raw/interviews/talk.txt").write_text(TALK, "utf-8")
    command("check", "--study", study)
    return study / "coded/proposed_sources.csv"


def test_the_row_of_an_interview_with_unknown_people_is_proposed_and_settles_nothing_as_it_is(
    small_study: Path,
) -> None:
    proposed = with_talk(small_study, "P1,Rosa Luna,yes\nP9,Sara Mar,no\n")
    assert "interviews/talk.txt,ENT=INTERVIEWER;S=?;J=?" in proposed.read_text("utf-8").splitlines()
    (small_study / "raw/sources.csv").write_text(proposed.read_text("utf-8"), "utf-8")
    done = command("check", "--study", small_study)
    assert "raw/sources.csv interviews/talk.txt: does not say yet who speaks (?): write the person's id" in done.stderr


def test_no_voice_is_proposed_as_another_one_while_somebody_refuses(small_study: Path) -> None:
    strangers = "Emma: And then?\nKelly: We paid the fee for the water.\nAli: The pump broke and nobody came.\n" * 4
    (small_study / "raw/interviews/strangers.txt").write_text(strangers, "utf-8")
    (small_study / "raw/interviews/park.txt").write_text("Where?\n\nIn the park.\n\nAnd when?\n\nOn Mondays.\n")
    text = with_talk(small_study, "P1,Rosa Luna,yes\nP9,Sara Mar,no quotes\n").read_text("utf-8")
    assert "OTHER" not in text
    assert "RESPONDENT" not in text
    assert "interviews/park.txt,UNLABELLED=?" in text


@pytest.mark.parametrize("consent", ["no", "no quotes"])
def test_words_under_an_id_that_no_register_has_are_withheld_while_they_may_be_a_refusers(
    small_study: Path, consent: str
) -> None:
    with_talk(small_study, f"P1,Rosa Luna,yes\nP9,Sara Mar,{consent}\nP7,Jo Vale,yes\n")
    speakers = "ENT=INTERVIEWER;S=P99;J=P7"
    (small_study / "raw/sources.csv").write_text(f"path,speakers\ninterviews/talk.txt,{speakers}\n", "utf-8")
    done = command("check", "--study", small_study)
    assert "names participant P99, who is not in raw/participants" in done.stderr
    assert "The maps work" not in done.stdout
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    assert "The maps work" not in (small_study / "outputs/report.html").read_text("utf-8")


def test_a_file_of_a_person_whose_id_no_register_has_is_withheld_while_somebody_refuses(small_study: Path) -> None:
    with_talk(small_study, "P1,Rosa Luna,yes\nP9,Sara Mar,no\n")
    (small_study / "raw/interviews/talk.txt").write_text(TALK.replace("S:", "R:").replace("J:", "R:"), "utf-8")
    (small_study / "raw/sources.csv").write_text("path,participant_ids\ninterviews/talk.txt,P99\n", "utf-8")
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    assert "The maps work" not in (small_study / "outputs/report.html").read_text("utf-8")


def test_the_label_of_somebody_who_refuses_is_withheld_not_missing(small_study: Path) -> None:
    with_talk(small_study, "P1,Rosa Luna,yes\nP9,Sara Mar,no\n")
    (small_study / "raw/sources.csv").write_text(
        "path,speakers\ninterviews/talk.txt,ENT=INTERVIEWER;S=P9;J=P1\n", "utf-8"
    )
    shown = command("check", "--study", small_study).stdout
    assert "  speaker   (label withheld: this person refuses): respondent P9 (" in shown
    assert "(no label)" not in shown


def test_problems_are_the_last_thing_before_the_next_command(small_study: Path) -> None:
    (small_study / "raw/interviews/leer.txt").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "check", "--study", str(small_study)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    *_, problem, following = done.stdout.splitlines()
    assert (done.returncode, problem.startswith("  ! raw/interviews/leer.txt")) == (1, True)
    assert following.startswith("Next: fix the problems")


def test_make_does_not_call_problems_that_a_check_lists_an_error(small_study: Path) -> None:
    if not (ROOT / ".venv/bin/python").exists():
        pytest.skip("make would install packages first")
    (small_study / "raw/interviews/leer.txt").write_bytes(b"")
    done = make_check(small_study)
    assert (done.returncode, "Error" in done.stderr, "leer.txt" in done.stderr) == (0, False, True), done.stderr
    assert make_check(small_study / "misspelt").returncode


def make_check(study: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", "-o", ".venv/.runtime", "check-study", f"STUDY={study}"],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKEOVERRIDES", "ARGS")},
    )  # fmt: skip
