"""`analyze` from raw/ to the report: what it writes, what it does again, what it refuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from studies import NOW, ROOT, hashes, quiet

from pipeline import tables
from pipeline.errors import ConfigError, IntegrityError
from pipeline.steps.analyze import Outcome, analyze


def run(study: Path, *, fresh: bool = False) -> Outcome:
    return analyze(study, fresh=fresh, now=NOW, tick=quiet)


def table(study: Path, name: str) -> pd.DataFrame:
    found = next(t for t in tables.TABLES if t.name == name)
    return tables.read_table(study / "coded" / "machine" / f"{name}.parquet", found)


def test_every_promised_output_is_written(analysed: Path) -> None:
    for name in ("evidence.xlsx", "evidence.csv", "matrix.csv", "report.html", "run.json"):
        assert (analysed / "outputs" / name).stat().st_size > 0
    kinds = {p.suffix for p in (analysed / "outputs" / "figures").iterdir()}
    assert kinds == {".png", ".svg"}


def test_codings_have_a_row_for_every_respondents_excerpt_and_code(analysed: Path) -> None:
    excerpts = table(analysed, "excerpts")
    asked = excerpts.loc[excerpts["role"] == "respondent", "excerpt_id"]
    codings = table(analysed, "codings")
    assert set(codings["excerpt_id"]) == set(asked)
    assert len(codings) == len(asked) * codings["criterion"].nunique()


def test_an_interviewers_words_are_never_evidence(analysed: Path) -> None:
    excerpts = table(analysed, "excerpts")
    asked = set(excerpts.loc[excerpts["role"] == "interviewer", "excerpt_id"])
    assert asked
    assert not asked & set(table(analysed, "links")["excerpt_id"])
    assert not asked & set(table(analysed, "codings")["excerpt_id"])


def test_every_quote_is_the_sources_own_words(analysed: Path) -> None:
    texts = dict(table(analysed, "texts")[["source_id", "text"]].itertuples(index=False))
    evidence = pd.read_csv(analysed / "outputs" / "evidence.csv", dtype=str, keep_default_na=False)
    assert len(evidence)
    for row in evidence.itertuples():
        source, _, place = row.excerpt_id.rpartition(":")
        start, end = map(int, place.split("-"))
        assert texts[source][start:end] == row.quote


def test_nothing_changed_costs_nothing_and_imports_nothing_heavy(analysed: Path) -> None:
    assert run(analysed).unchanged
    code = (
        "import sys\n"
        "from pipeline.__main__ import app\n"
        f"sys.argv = ['x', 'analyze', '--study', {str(analysed)!r}]\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        "print(sorted(set(sys.modules) & {'spacy', 'sklearn', 'matplotlib', 'pandas', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Nothing has changed" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_loads_what_is_heavy_only_where_it_is_used() -> None:
    code = (
        "import sys, pipeline.steps.run; print(sorted(set(sys.modules) & {'spacy', 'simplemma', 'matplotlib', 'docx'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_worker_that_reads_files_loads_no_tables() -> None:
    heavy = {"pandas", "numpy", "pyarrow", "spacy", "simplemma"}
    code = f"import sys, pipeline.steps.reading.one_file; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_deleting_what_the_machine_made_brings_the_same_bytes_back(analysed: Path) -> None:
    before = hashes(analysed)
    shutil.rmtree(analysed / "coded" / "machine")
    shutil.rmtree(analysed / "outputs")
    assert not run(analysed).unchanged
    assert hashes(analysed) == before


def test_one_changed_interview_is_read_alone(analysed: Path) -> None:
    path = analysed / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8") + "Rosa Luna: Y gracias.\n", "utf-8")
    outcome = run(analysed)
    assert outcome.record["stages"]["ingest"]["read_anew"] == 1


def test_one_changed_interview_gives_the_same_bytes_as_a_fresh_run(analysed: Path, tmp_path: Path) -> None:
    path = analysed / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8") + "Rosa Luna: Y gracias.\n", "utf-8")
    other = tmp_path / "other"
    shutil.copytree(analysed, other)
    run(analysed)
    run(other, fresh=True)
    assert hashes(analysed) == hashes(other)


def test_two_workers_give_the_same_bytes_as_one(analysed: Path, small_study: Path) -> None:
    config = small_study / "config.toml"
    config.write_text(config.read_text().replace("workers = 1", "workers = 2"))
    run(small_study)
    assert hashes(small_study) == hashes(analysed)


def test_an_output_changed_by_hand_is_written_again(analysed: Path) -> None:
    report = analysed / "outputs" / "report.html"
    whole = report.read_bytes()
    report.write_bytes(whole + b"<!-- mine -->")
    assert not run(analysed).unchanged
    assert report.read_bytes() == whole


@pytest.mark.parametrize("fresh", [False, True])
def test_a_figure_that_is_no_longer_drawn_goes_away(analysed: Path, *, fresh: bool) -> None:
    record = json.loads((analysed / "outputs" / "run.json").read_text("utf-8"))
    record["outputs"]["outputs/figures/gone.svg"] = "x"
    (analysed / "outputs" / "figures" / "gone.svg").write_text("<svg/>")
    (analysed / "outputs" / "run.json").write_text(json.dumps(record))
    run(analysed, fresh=fresh)
    assert not (analysed / "outputs" / "figures" / "gone.svg").exists()


# ---- bad input: each named with place and remedy, the rest goes on


def test_a_corrupt_docx_is_named_and_the_rest_is_read(small_study: Path) -> None:
    (small_study / "raw" / "interviews" / "bad.docx").write_bytes(b"PK\x03\x04 this is no Word file")
    outcome = run(small_study)
    assert outcome.exit_code == 2
    assert [p.where.split()[0] for p in outcome.problems] == ["raw/interviews/bad.docx"]
    assert outcome.record["partial"] == "PARTIAL: 4 of 5 files read"
    assert "PARTIAL: 4 of 5 files read" in (small_study / "outputs" / "report.html").read_text("utf-8")


def test_a_file_that_was_not_read_is_named_in_every_run(small_study: Path) -> None:
    (small_study / "raw" / "interviews" / "bad.docx").write_bytes(b"PK\x03\x04 this is no Word file")
    first = run(small_study)
    path = small_study / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8") + "Rosa Luna: Y gracias.\n", "utf-8")
    again = run(small_study)
    assert again.problems == first.problems
    assert (again.exit_code, again.record["partial"]) == (2, "PARTIAL: 4 of 5 files read")


def test_case_39_a_file_with_the_very_words_of_another_is_named_until_one_is_taken_out(small_study: Path) -> None:
    interviews = small_study / "raw" / "interviews"
    (interviews / "copy.txt").write_bytes(b"\xef\xbb\xbf" + (interviews / "rosa.txt").read_bytes())
    outcome = run(small_study)
    (problem,) = outcome.problems
    assert problem.where == "raw/interviews/rosa.txt"
    assert (
        problem.what
        == "has the same words as raw/interviews/copy.txt, so it is marked as a copy, and both count as one"
    )
    assert outcome.exit_code == 2
    (interviews / "copy.txt").unlink()
    assert run(small_study).exit_code == 0


@pytest.mark.parametrize("name", ["empty.txt", "empty.docx", "empty.pdf", "empty.vtt"])
def test_an_empty_file_is_named(small_study: Path, name: str) -> None:
    (small_study / "raw" / "interviews" / name).write_bytes(b"")
    outcome = run(small_study)
    assert outcome.exit_code == 2
    assert any(name in p.where for p in outcome.problems)


def test_a_finding_with_an_unknown_criterion_is_left_out_and_named(small_study: Path) -> None:
    findings = small_study / "coded" / "findings.toml"
    findings.write_text(
        findings.read_text("utf-8") + '\n[[findings]]\nid = "F9"\ncriterion = "beauty"\nstatement = "It shines."\n',
        "utf-8",
    )
    outcome = run(small_study)
    assert outcome.exit_code == 2
    (problem,) = outcome.problems
    assert problem.where == "findings.toml finding F9"
    assert "use one of efficiency, effectiveness" in problem.remedy
    assert outcome.record["summary"]["findings"] == 2


def test_a_broken_findings_file_is_named_with_its_line_and_the_words_are_coded_anyway(small_study: Path) -> None:
    (small_study / "coded" / "findings.toml").write_text('[[findings]]\nid = "F1\n')
    outcome = run(small_study)
    assert outcome.exit_code == 2
    assert "line 2" in outcome.problems[0].what
    assert outcome.record["summary"]["coded"] > 0


def test_a_study_without_any_link_is_published_anyway(small_study: Path) -> None:
    (small_study / "coded" / "findings.toml").unlink()
    outcome = run(small_study)
    assert (outcome.exit_code, outcome.record["summary"]["links"]) == (0, 0)


def test_a_study_without_any_file_says_so(small_study: Path) -> None:
    shutil.rmtree(small_study / "raw")
    (small_study / "raw").mkdir()
    assert run(small_study).record["summary"]["files"] == 0


def test_a_broken_config_stops_with_every_problem_and_nothing_is_written(small_study: Path) -> None:
    (small_study / "config.toml").write_text('[study]\ntitle = "x"\nseed = -1\n[tag]\nrecall = 90\n')
    with pytest.raises(ConfigError) as caught:
        run(small_study)
    assert len(caught.value.problems) == 2
    assert not (small_study / "outputs").exists()


def test_a_broken_codebook_stops_and_leaves_the_last_outputs_whole(analysed: Path) -> None:
    before = hashes(analysed)
    (analysed / "coded" / "codebook.toml").write_text("version = 1\n[[criteria]]\nid =\n")
    with pytest.raises(ConfigError, match=r"codebook.toml: is not valid TOML: .*line 3"):
        run(analysed)
    assert hashes(analysed) == before


def test_a_seed_with_an_unknown_code_is_named_by_its_line(small_study: Path) -> None:
    seeds = small_study / "coded" / "seeds.jsonl"
    seeds.write_text(seeds.read_text("utf-8").replace('"efficiency": "negative"', '"thrift": "negative"', 1), "utf-8")
    with pytest.raises(
        ConfigError, match=r"seeds.jsonl line 1: 1 of 41 examples are for codes that the codebook does not have: thrift"
    ):
        run(small_study)


def test_case_60_an_input_that_changes_during_the_run_stops_it(small_study: Path) -> None:
    def meddle(stage: str, _done: int, _total: int) -> None:
        if stage == "tag":
            (small_study / "raw" / "interviews" / "rosa.txt").write_text("Rosa Luna: Otra cosa.\n", "utf-8")

    with pytest.raises(IntegrityError, match=r"raw/interviews/rosa.txt: changed during the run; nothing was written"):
        analyze(small_study, fresh=True, now=NOW, tick=meddle)
    assert not (small_study / "outputs" / "run.json").exists()


def test_an_unknown_participant_in_the_register_of_sources_is_named(small_study: Path) -> None:
    (small_study / "raw" / "sources.csv").write_text("path,participant_ids\ninterviews/rosa.txt,W1;W77\n")
    outcome = run(small_study)
    assert any("W77" in p.what and "sources.csv" in p.where for p in outcome.problems)


def test_no_name_of_a_participant_is_in_any_output(analysed: Path) -> None:
    for name in ("evidence.csv", "matrix.csv", "report.html", "run.json"):
        text = (analysed / "outputs" / name).read_text("utf-8")
        for person in ("Rosa Luna", "Tito Mar", "Jo Vale", "Eli Paz"):
            assert person not in text


def test_a_file_that_is_cut_is_named_and_the_run_is_partial(small_study: Path) -> None:
    cut = "1\n00:00:01,000 --> 00:00:03,000\nP1: The school has a well now.\n\n2\n00:00:04,000 --> 00:00:05,000\n"
    (small_study / "raw/interviews/cut.srt").write_text(cut, "utf-8")
    outcome = run(small_study)
    assert outcome.record["partial"].startswith("PARTIAL")
    assert outcome.exit_code == 2
    named = [p for p in outcome.problems if p.where == "raw/interviews/cut.srt"]
    assert any("its last cue has no words" in p.what and p.remedy for p in named)
    assert run(small_study).exit_code == 2


def test_an_interview_with_unknown_speakers_waits_for_a_person_and_does_not_make_the_run_partial(
    small_study: Path,
) -> None:
    strangers = "Xaver: It rained.\n\nYolande: It did.\n\nXaver: Until May.\n\nYolande: Until June.\n"
    (small_study / "raw/interviews/strangers.txt").write_text(strangers, "utf-8")
    outcome = run(small_study)
    assert [row["where"] for row in outcome.record["unanswered"]] == ["raw/interviews/strangers.txt"]
    assert [p.where for p in outcome.problems] == ["raw/interviews/strangers.txt"]
    assert (outcome.record["partial"], outcome.exit_code) == ("", 2)


def test_the_same_answers_in_two_files_are_the_same_persons_and_count_once(small_study: Path) -> None:
    talk = "How is the pump?\n\nThe pump broke in March and nobody came to repair it until the rains began."
    for name in ("one", "two"):
        rows = "\n".join(f'{n},"{talk.partition(chr(10) * 2)[2]} Again, number {n}."' for n in range(3))
        (small_study / f"raw/surveys/{name}.csv").write_text(
            f"id,How is the pump in your village these days?\n{rows}\n"
        )
    run(small_study)
    matrix = pd.read_csv(small_study / "outputs" / "matrix.csv")
    sources = table(small_study, "sources").set_index("source_id")
    evidence = pd.read_csv(small_study / "outputs" / "evidence.csv", dtype=str, keep_default_na=False)
    assert (sources["copy_of"] != "").sum() >= 3
    assert not set(evidence["source_id"]) & set(sources.index[sources["copy_of"] != ""])
    coded = table(small_study, "codings")
    first = set(sources.index[sources["copy_of"] == ""])
    excerpts = table(small_study, "excerpts").set_index("excerpt_id")["source_id"]
    counted = sum(excerpts[e] in first for e in coded.loc[coded["coded"], "excerpt_id"])
    assert matrix["excerpts"].sum() == counted


def test_only_figures_that_show_something_else_are_drawn_again(analysed: Path) -> None:
    before = hashes(analysed)
    settings = analysed / "config.toml"
    settings.write_text(settings.read_text("utf-8") + "\n# one more line\n", "utf-8")
    figure = analysed / "outputs" / "figures" / "matrix.svg"
    figure.write_text(figure.read_text("utf-8") + " ", "utf-8")
    publish = run(analysed).record["stages"]["publish"]
    assert (publish["drawn_anew"], publish["figures"]) == (1, 5)  # a file that somebody changed counts as none
    figures = {name: digest for name, digest in hashes(analysed).items() if "figures" in name}
    assert figures == {name: digest for name, digest in before.items() if "figures" in name}
