"""The command line as its users meet it: exit codes, messages, JSON, a new study."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from studies import NOW, ROOT, quiet
from typer.testing import CliRunner

from pipeline.__main__ import app
from pipeline.codebook import load_codebook
from pipeline.commands.messages import printable
from pipeline.config import Settings, load_settings
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.inputs import load_seeds
from pipeline.vocabulary import DecisionKind

RUN = CliRunner()


def command(*words: str | Path):
    return RUN.invoke(app, [str(word) for word in words])


def test_analyze_ends_with_what_was_read_found_and_waits(analysed: Path) -> None:
    done = command("analyze", "--study", analysed)
    assert done.exit_code == 0
    for word in ("Nothing has changed", "read ", "persons ", "excerpts ", "findings ", "to review ", "look at "):
        assert word in done.stdout
    assert "  findings   2: 2 unsupported (by what people confirmed; 1 suggested only)\n" in done.stdout
    assert "0 confirmed by a person, words of 0 persons\n" in done.stdout


def test_analyze_as_json_prints_the_record(analysed: Path) -> None:
    done = command("analyze", "--study", analysed, "--json")
    assert json.loads(done.stdout)["summary"]["findings"] == 2


def test_a_wrong_configuration_exits_1_and_names_every_problem(small_study: Path) -> None:
    (small_study / "config.toml").write_text('[study]\ntitle = "x"\nlanguage = "xx"\n[tag]\nrecal = 0.9\n')
    done = command("analyze", "--study", small_study)
    assert done.exit_code == 1
    assert "config.toml [tag] recal: no such key" in done.stderr
    assert "config.toml [study] language = 'xx'" in done.stderr


def test_something_quarantined_exits_2(small_study: Path) -> None:
    (small_study / "raw" / "interviews" / "leer.txt").write_bytes(b"")
    done = command("analyze", "--study", small_study)
    assert done.exit_code == 2
    assert "raw/interviews/leer.txt" in done.stderr
    assert "PARTIAL: 4 of 5 files read" in done.stdout


def test_a_broken_artefact_exits_3(analysed: Path) -> None:
    (analysed / "outputs" / "matrix.csv").write_text("nothing\n")
    done = command("audit", "--study", analysed)
    assert done.exit_code == 3
    assert "outputs/matrix.csv lines 1-" in done.stdout


def test_case_59_a_held_study_exits_4(analysed: Path) -> None:
    with FileLock(analysed / ".hallazgo.lock"):
        done = command("analyze", "--study", analysed)
    assert done.exit_code == 4
    assert "wait until it ends" in done.stderr


def test_trace_prints_text_and_json(analysed: Path) -> None:
    assert "finding F1" in command("trace", "F1", "--study", analysed).stdout
    assert json.loads(command("trace", "F1", "--study", analysed, "--json").stdout)["id"] == "F1"


def test_agree_says_what_to_do_where_nobody_met(analysed: Path) -> None:
    done = command("agree", "--study", analysed)
    assert done.exit_code == 0
    assert "No excerpt has been decided on by two coders yet" in done.stdout


def test_commands_that_need_an_analysis_say_so(small_study: Path) -> None:
    for words in (("trace", "F1"), ("audit",), ("agree",), ("review", "export", "--coder", "ana")):
        done = command(*words, "--study", small_study)
        assert done.exit_code == 1
        assert "has not been analysed yet: run: make analyze STUDY=" in done.stderr


def test_case_46_no_file_name_can_forge_a_line_of_the_log() -> None:
    assert printable("a\nDone.\x1b[31m b") == "a\\nDone.\\x1b[31m b"


def test_two_new_studies_of_one_name_are_two_studies(tmp_path: Path) -> None:
    ids = set()
    for folder in ("here", "there"):
        command("study", tmp_path / folder / "study")
        ids.add((tmp_path / folder / "study" / "coded" / "study_id").read_text())
    assert len(ids) == 2


def test_a_new_study_is_laid_out_and_has_no_problems(tmp_path: Path) -> None:
    path = tmp_path / "mi estudio"
    done = command("study", path)
    assert done.exit_code == 0
    settings = load_settings(path / "config.toml")
    assert (settings.study.title, settings.ingest.interviewers, settings.surveys) == ("mi estudio", (), ())
    book = load_codebook(path / "coded" / "codebook.toml")
    assert book.ids == ("relevance", "efficiency", "effectiveness", "value_added", "sustainability")
    assert len(load_seeds(path / "coded" / "seeds.jsonl", book.ids)) > 1000
    checked = command("check", "--study", path, "--json")
    assert checked.exit_code == 0
    assert json.loads(checked.stdout)["problems"] == []


def test_a_new_study_names_nothing_of_the_demonstration(tmp_path: Path) -> None:
    command("study", tmp_path / "s")
    config = (tmp_path / "s" / "config.toml").read_text("utf-8")
    assert "Quebrada" not in config
    assert "encuesta-2023" not in "".join(line for line in config.splitlines() if not line.startswith("#"))


def test_a_study_is_never_laid_out_over_another(small_study: Path) -> None:
    done = command("study", small_study)
    assert done.exit_code == 1
    assert "is not an empty folder" in done.stderr


def test_every_key_of_the_demonstrations_config_is_commented() -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    for section in Settings.model_fields.values():
        for key in getattr(section.annotation, "model_fields", {}):
            assert f"\n{key} =" in text or key in ("strong", "moderate", "weak"), key


def test_check_lists_problems_of_all_files_at_once(small_study: Path) -> None:
    (small_study / "raw" / "sources.csv").write_text("path,source_id\ninterviews/gone.txt,X\n")
    findings = small_study / "coded" / "findings.toml"
    findings.write_text(
        findings.read_text("utf-8") + '\n[[recommendations]]\nid = "R2"\nstatement = "x"\nfindings = ["F77"]\n', "utf-8"
    )
    (small_study / "coded" / "decisions.jsonl").write_text("{}\n")
    done = command("check", "--study", small_study)
    assert done.exit_code == 1
    assert "interviews/gone.txt" in done.stderr
    assert "decisions.jsonl line 1" in done.stderr
    assert "R2: refers to F77, which does not exist" in done.stdout


@pytest.mark.parametrize("words", [("--help",), ("analyze", "--help"), ("review", "--help")])
def test_help_is_there(words: tuple[str, ...]) -> None:
    assert command(*words).exit_code == 0


def test_a_new_study_and_a_handout_are_reported_as_json_too(tmp_path: Path, analysed: Path) -> None:
    laid = json.loads(command("study", tmp_path / "s", "--json").stdout)
    assert laid["study"] == str(tmp_path / "s")
    assert "config.toml" in laid["written"]
    handed = json.loads(command("review", "export", "--coder", "ana", "--study", analysed, "--json").stdout)
    assert Path(handed["workbook"]).is_file()


def test_a_file_without_a_respondent_has_its_own_line_and_does_not_make_the_run_partial(
    small_study: Path,
) -> None:
    (small_study / "raw" / "interviews" / "form.txt").write_text(
        "Entrevistadora: ¿Edad?\n\nEntrevistadora: ¿Y usted?\n"
    )
    done = command("analyze", "--study", small_study)
    assert done.exit_code == 2, "a person must look at it"
    assert "raw/interviews/form.txt: all turns are the interviewer's" in done.stderr
    assert "PARTIAL" not in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "form.txt" in line]
    assert line == (
        "  not counted raw/interviews/form.txt: has no respondent: "
        "name the respondents in raw/sources.csv, column speakers, or remove the file from raw/"
    )


def test_check_names_files_that_no_reader_knows_and_the_command_that_comes_next(small_study: Path) -> None:
    (small_study / "raw/interviews/photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 500)
    done = command("check", "--study", small_study)
    assert "raw/interviews/photo.jpg: is a picture, not a text: type what it says into" in done.stderr
    assert "1 problem, " in done.stdout
    assert done.stdout.splitlines()[-1] == f"Next: fix the problems, then run make check-study STUDY={small_study}"
    (small_study / "raw/interviews/photo.jpg").unlink()
    assert command("check", "--study", small_study).stdout.splitlines()[-1] == f"Next: make analyze STUDY={small_study}"


def test_check_looks_back_at_the_last_run(analysed: Path) -> None:
    rosa, people = analysed / "raw/interviews/rosa.txt", analysed / "raw/participants.csv"
    rosa.write_text(re.sub("Tito Mar:.*", "Zoila Sol: Claro.", rosa.read_text("utf-8")), "utf-8")
    people.write_text(people.read_text("utf-8").rstrip("\n") + "\nP99,,,,yes,,,,\n", "utf-8")
    excerpt = pd.read_parquet(analysed / "coded/machine/excerpts.parquet")["excerpt_id"][0]
    draft = Draft(DecisionKind.CODE, excerpt, "0" * 64, "efficiency", value="negative")
    ledger.append(analysed / "coded/decisions.jsonl", [draft], coder="ana", now=NOW)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    said = command("check", "--study", analysed).stdout
    assert "in the last run no words were found for 2 of 5 people: W2, P99" in said
    assert "raw/interviews/rosa.txt: a speaker label matches nobody in the register, so its words do not count" in said
    assert "coded/decisions.jsonl line 1: is stale" in said
    shown = ("speaker ", "person ", "settle ")  # on the terminal alone, for the person who can tell who it is
    assert not [line for line in said.splitlines() if "Zoila" in line and not line.lstrip().startswith(shown)]


def test_the_row_that_check_proposes_has_the_columns_of_the_register_and_keeps_its_cells(small_study: Path) -> None:
    (small_study / "raw/interviews/park.txt").write_text(
        "Where do you meet?\n\nIn the park.\n\nAnd when?\n\nOn Mondays.\n", "utf-8"
    )
    sources = small_study / "raw/sources.csv"
    sources.write_text("path,source_id,participant_ids,site,speakers\ninterviews/park.txt,,W1,Plaza,\n", "utf-8")
    command("check", "--study", small_study)
    proposed = (small_study / "coded/proposed_sources.csv").read_text("utf-8")
    assert proposed.splitlines() == [
        "path,source_id,participant_ids,site,speakers",
        "interviews/park.txt,,W1,Plaza,UNLABELLED=OTHER",
    ]
    sources.write_text(proposed, "utf-8")
    assert command("check", "--study", small_study).exit_code == 0


def test_questions_that_a_person_let_count_are_a_remark(small_study: Path) -> None:
    (small_study / "raw/interviews/park.txt").write_text("Where do you meet?\n\nIn the park.\n\nAnd when?\n", "utf-8")
    sources = small_study / "raw/sources.csv"
    sources.write_text("path,speakers\ninterviews/park.txt,UNLABELLED=RESPONDENT\n", "utf-8")
    said = " ".join(command("check", "--study", small_study).stdout.split())
    assert "raw/interviews/park.txt: 2 of 3 turns contain a question, yet all count as the words of one person" in said


def test_check_says_when_people_are_grouped_by_a_column_that_nothing_has(small_study: Path) -> None:
    config = small_study / "config.toml"
    text = config.read_text("utf-8")
    assert "group_by is" not in " ".join(command("check", "--study", small_study).stdout.split())
    config.write_text(text.replace("[study]", '[study]\ngroup_by = "connection"'), "utf-8")
    said = " ".join(command("check", "--study", small_study).stdout.split())
    assert "group_by is connection, which is not a column of raw/participants: nobody has a group" in said
    assert "name one of age_group, country, gender, stakeholder_group" in said


def test_check_names_a_cell_that_is_in_the_wrong_column(small_study: Path) -> None:
    sources = small_study / "raw/sources.csv"
    sources.write_text("path,source_id,speakers\ninterviews/jo.vtt,Jo=W3;Ana=INTERVIEWER\n", "utf-8")
    done = command("check", "--study", small_study)
    assert "looks like a cell of the column speakers" in " ".join(done.stderr.split())


def test_import_reads_codings_of_a_spreadsheet_and_ends_with_2_where_one_is_not_placed(analysed: Path) -> None:
    table = analysed.parent / "codings.csv"
    table.write_text("quote,efficiency\nWords that nobody said.,1\n", "utf-8")
    result = command("import", table, "--coder", "ana", "--study", analysed, "--json")
    assert result.exit_code == 2
    assert "row 2: its excerpt is not in the study" in result.stderr
    assert json.loads(result.stdout)["rows"] == {"unplaced": 1}


def test_check_proposes_the_row_that_settles_a_transcript_and_changes_no_register(small_study: Path) -> None:
    (small_study / "raw/interviews/park.txt").write_text(
        "Where do you meet?\n\nIn the park.\n\nAnd when?\n\nOn Mondays.\n", "utf-8"
    )
    registers = {path: path.read_bytes() for path in (small_study / "raw").glob("*.csv")}
    done = command("check", "--study", small_study)
    proposed = small_study / "coded/proposed_sources.csv"
    assert proposed.read_text("utf-8").splitlines() == ["path,speakers", "interviews/park.txt,UNLABELLED=OTHER"]
    said = " ".join(done.stderr.split())
    assert "if one person speaks alone, write UNLABELLED=RESPONDENT, or UNLABELLED= and the person's id" in said
    assert {path: path.read_bytes() for path in (small_study / "raw").glob("*.csv")} == registers
    (small_study / "raw/interviews/park.txt").unlink()
    command("check", "--study", small_study)
    assert not proposed.exists()
