"""The audit: one altered byte in each kind of file, each one named; the walk from findings to words and back."""

import errno
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from studies import NOW, quiet

from pipeline import study as folders
from pipeline.audit import trace as walks
from pipeline.audit.verify import CHECKS, RECOUNTS
from pipeline.errors import ConfigError, IntegrityError
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import as_json, as_text, as_walk, audit, trace
from pipeline.steps.results.agreement import agree
from pipeline.vocabulary import DecisionKind


def wrong(study: Path) -> list[str]:
    return [str(problem) for check in audit(study) for problem in check.problems]


def flip(path: Path, at: int = -40) -> None:
    """Alter one byte of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def test_an_untouched_study_holds(analysed: Path) -> None:
    assert wrong(analysed) == []
    assert "no character is lost" in (analysed / "outputs" / "audit" / "audit.txt").read_text("utf-8")


@pytest.mark.parametrize("name", [
    "raw/interviews/rosa.txt", "raw/interviews/jo.vtt", "raw/surveys/vecinos.csv", "raw/documents/report.md",
    "raw/participants.csv", "config.toml", "coded/codebook.toml", "coded/seeds.jsonl",
    "coded/machine/sources.parquet",
    "coded/machine/texts.parquet", "coded/machine/turns.parquet", "coded/machine/excerpts.parquet",
    "coded/machine/votes.parquet",
    "coded/machine/codings.parquet", "coded/machine/links.parquet", "coded/machine/model/model.npz",
    "coded/machine/model/model.json",
    "outputs/evidence.xlsx", "outputs/evidence.csv", "outputs/matrix.csv", "outputs/report.html", "outputs/run.json",
])  # fmt: skip
def test_case_62_one_altered_byte_is_named_with_its_file(analysed: Path, name: str) -> None:
    flip(analysed / name)
    try:
        problems = wrong(analysed)
    except IntegrityError as error:  # run.json that is not JSON any more
        problems = [str(error)]
    assert any(name in problem for problem in problems)


def test_every_figure_is_covered(analysed: Path) -> None:
    for path in sorted((analysed / "outputs" / "figures").iterdir()):
        flip(path)
        assert any(path.name in problem for problem in wrong(analysed))
        flip(path)


def test_the_altered_lines_of_a_transcript_are_named(analysed: Path) -> None:
    path = analysed / "raw" / "interviews" / "rosa.txt"
    path.write_text(path.read_text("utf-8").replace("dos horas", "dos hores"), "utf-8")
    assert any(problem.startswith("raw/interviews/rosa.txt lines 1-") for problem in wrong(analysed))


def test_an_edited_quote_is_named_by_its_line(linked: Path) -> None:
    path = linked / "outputs" / "evidence.csv"
    path.write_text(path.read_text("utf-8").replace("No hay repuestos", "Hay repuestos"), "utf-8")
    assert any("outputs/evidence.csv line" in p and "is not at its place" in p for p in wrong(linked))


def decide(study: Path) -> Path:
    row = next(r for r in json_rows(study) if r["role"] == "respondent")
    path = study / "coded" / "decisions.jsonl"
    drafts = [Draft(DecisionKind.CODE, row["excerpt_id"], row["text_sha256"], "efficiency"),
              Draft(DecisionKind.UNCODE, row["excerpt_id"], row["text_sha256"], "effectiveness")]  # fmt: skip
    ledger.append(path, drafts, coder="ana", now=NOW)
    return path


def json_rows(study: Path) -> list[dict[str, str]]:
    from pipeline import tables

    return tables.read_table(study / "coded/machine/excerpts.parquet", tables.EXCERPTS).to_dict("records")


def test_a_whole_ledger_holds(analysed: Path) -> None:
    decide(analysed)
    assert wrong(analysed) == []


def test_case_63_an_altered_line_of_the_ledger_is_named(analysed: Path) -> None:
    path = decide(analysed)
    path.write_bytes(path.read_bytes().replace(b'"efficiency"', b'"efficiencY"'))
    assert any("coded/decisions.jsonl line 1: was changed after it was written" in p for p in wrong(analysed))


def test_case_63_a_tail_that_was_cut_is_found_by_what_the_last_run_saw(analysed: Path) -> None:
    path = decide(analysed)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert wrong(analysed) == []
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert any("the last run recorded 2 lines" in p for p in wrong(analysed))


def test_case_64_a_decision_on_words_that_changed_is_stale(analysed: Path) -> None:
    path = decide(analysed)
    row = json.loads(path.read_bytes().splitlines()[0])
    drafts = [Draft(DecisionKind.CODE, row["excerpt_id"], "0" * 64, "efficiency")]
    ledger.append(path, drafts, coder="ana", now=NOW)
    assert any("line 3: is stale" in p for p in wrong(analysed))


def test_case_64_a_stale_decision_is_no_longer_a_fault_once_its_coder_has_decided_again(analysed: Path) -> None:
    path = decide(analysed)
    row = json.loads(path.read_bytes().splitlines()[0])
    gone = Draft(DecisionKind.CODE, row["excerpt_id"], "0" * 64, "efficiency")
    ledger.append(path, [gone], coder="ana", now=NOW)
    assert any("decide on efficiency again" in p for p in wrong(analysed))
    ledger.append(path, [replace(gone, text_sha256=row["text_sha256"])], coder="eva", now=NOW)
    assert any("line 3: is stale" in p for p in wrong(analysed))
    ledger.append(path, [replace(gone, text_sha256=row["text_sha256"])], coder="ana", now=NOW)
    assert not any("is stale" in p for p in wrong(analysed))


# ---- the walk


def leaves(step: dict) -> list[dict]:
    below = [leaf for following in step.get("steps", []) for leaf in leaves(following)]
    return [step, *below]


def spoken(text: str) -> str:
    """A file as one line of text, cue times and voice tags of subtitles taken out."""
    return " ".join(re.sub(r"</?v[^>]*>|[\d:.]+ --> [\d:.]+", " ", text).split())


@pytest.mark.parametrize("wanted", ["R1", "C1", "F1"])
def test_a_walk_ends_in_words_with_file_place_offsets_and_hash(linked: Path, wanted: str) -> None:
    walk = as_json(trace(linked, wanted))
    words = [leaf for leaf in leaves(walk) if leaf["kind"] == "excerpt"]
    assert words
    for leaf in words:
        text = (linked / leaf["details"]["file"]).read_text("utf-8")
        assert leaf["details"]["end"] - leaf["details"]["start"] == len(leaf["says"])
        assert " ".join(leaf["says"].split()) in spoken(text)
        assert len(leaf["details"]["text_sha256"]) == 64


def test_a_walk_from_words_leads_up_to_findings_and_recommendations(linked: Path) -> None:
    words = next(leaf for leaf in leaves(as_json(trace(linked, "F1"))) if leaf["kind"] == "excerpt")
    up = {(leaf["kind"], leaf["id"]) for leaf in leaves(as_json(trace(linked, words["id"])))}
    assert {("finding", "F1"), ("conclusion", "C1"), ("recommendation", "R1")} <= up


def test_a_participant_is_walked_by_id_and_by_pseudonym_and_shown_by_pseudonym(analysed: Path) -> None:
    by_id = as_json(trace(analysed, "W1"))
    assert by_id["id"].startswith("P-")
    assert as_json(trace(analysed, by_id["id"])) == by_id
    assert "Rosa Luna" not in "\n".join(as_walk(trace(analysed, "W1")))


def test_a_source_is_walked_to_all_that_rests_on_it(linked: Path) -> None:
    kinds = {leaf["kind"] for leaf in leaves(as_json(trace(linked, "jo")))}
    assert kinds >= {"source", "excerpt", "finding"}


def without_links(study: Path) -> walks.Walks:
    """All that a walk may pass in a study in which no excerpt is linked."""
    codes = {"W1": "P-1"}
    return replace(walks.load(study, codes, walks.Hidden(frozenset(), "")), links=())


@pytest.mark.parametrize("identity", ["W1", "P-1", "rosa"])
def test_whose_words_no_finding_relies_on_is_walked_to_all_excerpts(analysed: Path, identity: str) -> None:
    walk = walks.trace(without_links(analysed), identity)
    assert re.fullmatch(r"\d+ excerpts, \d+ with a code, no finding relies on them", walk.says)
    assert len(walk.steps) == walk.details["excerpts"] >= walk.details["coded"]
    text = "\n".join(as_walk(walk))
    assert walk.says in text
    assert "Antes íbamos al río con baldes" in text


def test_a_walk_from_a_source_says_how_many_excerpts_are_linked(linked: Path) -> None:
    walk = trace(linked, "jo")
    assert walk.says.endswith(f"{len(walk.steps)} linked to a finding")


def test_a_finding_without_links_says_so(analysed: Path) -> None:
    walk = walks.trace(without_links(analysed), "F1")
    assert "no excerpt is linked to it" in "\n".join(as_walk(walk))


def test_an_unknown_id_is_refused_with_a_remedy(analysed: Path) -> None:
    with pytest.raises(ConfigError, match="trace F77: is not a recommendation, conclusion, finding"):
        trace(analysed, "F77")


# ---- altered, or newer than the last run


def remarks(study: Path) -> list[str]:
    return [str(remark) for check in audit(study) for remark in check.remarks]


def measured(study: Path) -> Path:
    """The study with the agreement of two coders measured after its last run."""
    decide(study)
    agree(study)
    return study / "outputs" / "agreement.json"


def test_what_was_measured_after_the_last_run_is_newer_and_not_altered(analysed: Path) -> None:
    measured(analysed)
    assert wrong(analysed) == []
    assert any("outputs/agreement.json: is newer than the last run" in remark for remark in remarks(analysed))
    assert any("2 decisions" in remark and "analyze" in remark for remark in remarks(analysed))


def test_nothing_is_newer_once_the_study_was_analysed_again(analysed: Path) -> None:
    measured(analysed)
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert (wrong(analysed), remarks(analysed)) == ([], [])


@pytest.mark.parametrize("runs", [0, 1])
def test_case_62_an_altered_byte_of_what_was_measured_is_named_before_and_after_a_run(
    analysed: Path, runs: int
) -> None:
    path = measured(analysed)
    for _ in range(runs):
        analyze(analysed, fresh=False, now=NOW, tick=quiet)
    flip(path)
    assert any(p.startswith("outputs/agreement.json") and "altered" in p for p in wrong(analysed))


def test_case_62_altered_measurements_are_named_even_if_the_study_was_analysed_with_them(analysed: Path) -> None:
    path = measured(analysed)
    path.write_bytes(path.read_bytes().replace(b'"n": ', b'"n":  ', 1))
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert any(p.startswith("outputs/agreement.json") for p in wrong(analysed))


def test_case_62_an_altered_list_of_measurements_is_named(analysed: Path) -> None:
    measured(analysed)
    path = analysed / "outputs" / "measured.json"
    path.write_bytes(path.read_bytes().replace(b'"outputs/agreement.json": {', b'"outputs/agreement.jsoN": {'))
    assert any("outputs/measured.json" in p for p in wrong(analysed))


def test_decisions_after_the_last_run_are_a_remark_and_their_chain_is_still_checked(analysed: Path) -> None:
    path = decide(analysed)
    assert wrong(analysed) == []
    assert any("2 decisions are newer than the last run" in remark for remark in remarks(analysed))
    path.write_bytes(path.read_bytes().replace(b'"efficiency"', b'"efficiencY"'))
    assert any("line 1" in p for p in wrong(analysed))


def test_a_file_put_into_raw_after_the_last_run_is_a_remark(analysed: Path) -> None:
    (analysed / "raw" / "interviews" / "nuevo.txt").write_text("Rosa: Hola.\n", "utf-8")
    assert any("raw/interviews/nuevo.txt: is newer than the last run" in remark for remark in remarks(analysed))
    assert wrong(analysed) == []


def test_a_removed_source_is_named(analysed: Path) -> None:
    (analysed / "raw" / "interviews" / "rosa.txt").unlink()
    assert any("raw/interviews/rosa.txt: cannot be opened" in p for p in wrong(analysed))


def test_the_lines_of_an_audit_distinguish_remarks_from_what_is_wrong(analysed: Path) -> None:
    decide(analysed)
    lines = as_text(audit(analysed))
    assert any(line.strip().startswith("1 remark") for line in lines)
    assert not any("WRONG" in line for line in lines)


def test_a_list_of_figures_that_was_removed_is_named(analysed: Path) -> None:
    measured(analysed)
    (analysed / "outputs/measured.json").unlink()
    assert any(problem.startswith("outputs/measured.json: is missing") for problem in wrong(analysed))


@pytest.mark.parametrize("name", ["run.json", "measured.json"])
def test_swapped_lines_of_a_record_are_named_although_its_content_is_the_same(analysed: Path, name: str) -> None:
    measured(analysed)
    path = analysed / "outputs" / name
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps(dict(reversed(content.items())), ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert any(problem.startswith(f"outputs/{name}: was rewritten") for problem in wrong(analysed))


# ---- an audit that needs nothing


def files_of(study: Path) -> list[str]:
    """The files that an audit reads."""
    folders = ("raw", "coded", "outputs")
    return sorted(p.relative_to(study).as_posix() for name in folders for p in (study / name).rglob("*") if p.is_file())


def test_case_72_an_audit_names_each_file_that_is_missing_and_makes_the_other_checks(
    analysed: Path, tmp_path: Path
) -> None:
    for name in files_of(analysed):
        content = (analysed / name).read_bytes()
        (analysed / name).unlink()
        if name == "outputs/run.json":
            with pytest.raises(IntegrityError, match=r"outputs/run.json: is missing"):
                audit(analysed, tmp_path / "audit")
        else:
            checks = audit(analysed, tmp_path / "audit")
            named = [problem for check in checks for problem in check.problems if name in problem.where]
            assert named or name == "coded/study_id", name
            assert len(checks) == len(CHECKS) + len(RECOUNTS) + 2
        (analysed / name).write_bytes(content)


@pytest.mark.parametrize("name", ["outputs/evidence.csv", "outputs/matrix.csv", "coded/findings.toml"])
def test_case_72_a_file_cut_inside_a_quotation_mark_or_a_folder_in_its_place_fails_its_check_alone(
    analysed: Path, name: str
) -> None:
    path = analysed / name
    data = path.read_bytes()
    path.write_bytes(data[: data.rfind(b'"')])
    assert any(name in problem for problem in wrong(analysed))
    path.unlink()
    path.mkdir()
    assert any(name in problem for problem in wrong(analysed))


def test_case_72_a_run_record_that_was_cut_is_named(analysed: Path) -> None:
    path = analysed / "outputs" / "run.json"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(IntegrityError, match=r"outputs/run.json: is not valid JSON"):
        audit(analysed)


def test_case_72_a_read_only_medium_is_audited_and_the_result_can_be_written_elsewhere(
    analysed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = folders.write_atomic

    def write_outside(path: Path, data: bytes) -> None:
        if path.is_relative_to(analysed):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        write(path, data)

    monkeypatch.setattr(folders, "write_atomic", write_outside)
    with folders.lock(folders.Study(analysed), "analyze"):
        checks = audit(analysed)
    assert [str(remark) for remark in checks[-1].remarks] == [
        "outputs/audit: cannot be written (Read-only file system): to keep the result, use --to FOLDER"
    ]
    before = files_of(analysed)
    audit(analysed, tmp_path / "audit")
    assert files_of(analysed) == before
    assert {path.name for path in (tmp_path / "audit").iterdir()} == {"audit.json", "audit.txt"}


@pytest.mark.parametrize("key", ["coder", "value", "hash"])
def test_case_69_a_doubled_key_in_a_line_of_the_ledger_is_named(analysed: Path, key: str) -> None:
    path = decide(analysed)
    first, *lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([first[:1] + f'"{key}": "bruno", '.encode() + first[1:], *lines]))
    assert any("decisions.jsonl line 1" in problem and "occurs twice" in problem for problem in wrong(analysed))


@pytest.mark.parametrize("key", ["seed", "ledger"])
def test_case_69_a_doubled_key_in_the_run_record_is_named(analysed: Path, key: str) -> None:
    path = analysed / "outputs" / "run.json"
    path.write_bytes(path.read_bytes().replace(b"{", f'{{"{key}": 3, '.encode(), 1))
    with pytest.raises(IntegrityError, match=r"outputs/run.json: is not valid JSON \(a key occurs twice\)"):
        audit(analysed)


def test_case_71_refusals_that_were_taken_away_are_named(analysed: Path) -> None:
    register = analysed / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("Tito Mar,TM,,yes", "Tito Mar,TM,,no"), "utf-8")
    analyze(analysed, fresh=False, now=NOW, tick=quiet)
    assert wrong(analysed) == []
    (analysed / "coded" / "refusals.jsonl").unlink()
    assert any("coded/refusals.jsonl" in problem for problem in wrong(analysed))


def test_case_71_a_refusal_after_the_last_run_is_one_clear_line(linked: Path) -> None:
    register = linked / "raw" / "participants.csv"
    register.write_text(register.read_text("utf-8").replace("Rosa Luna,RL,,yes", "Rosa Luna,RL,,no"), "utf-8")
    changed, refused = wrong(linked)
    assert refused == "raw/participants.csv: W1 says no, but 3 turns are used: run make analyze"
    assert changed.startswith("raw/participants.csv lines 1-6")
    assert changed.endswith("run make analyze if the change is right, otherwise restore your own copy")


def test_c11_a_last_line_cut_by_a_crash_is_named_with_the_command_that_sets_it_aside(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    ledger.append(path, [Draft(DecisionKind.MEMO, "s:0-5", "aa", note="long")], coder="ana", now=NOW)
    path.write_bytes(path.read_bytes()[:-30])
    wrong = [problem for check in audit(analysed) for problem in check.problems if "decisions.jsonl" in problem.where]
    assert any("make check-study" in problem.remedy for problem in wrong)


def test_a_line_with_a_key_twice_is_refused_by_the_audit(analysed: Path) -> None:
    path = analysed / "coded" / "decisions.jsonl"
    ledger.append(path, [Draft(DecisionKind.MEMO, "s:0-5", "aa", note="long")], coder="ana", now=NOW)
    path.write_bytes(path.read_bytes().replace(b'"coder":"ana"', b'"coder":"eva","coder":"ana"'))
    assert any(check.problems for check in audit(analysed) if "chain" in check.name)
