"""Studies that nobody altered, of any material: the audit and the second verifier find nothing wrong with them."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from second_verifier import verify
from studies import NOW, SMALL, quiet

from pipeline.audit.verify import COMPARED_WITH_INPUTS, RECOUNTS, UP_TO_DATE
from pipeline.merkle import tree_hash
from pipeline.provenance import canonical_json, sha256_file, sha256_text
from pipeline.provenance import program as program_of_today
from pipeline.records import CodebookChange, Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import as_text, audit
from pipeline.steps.codebook import change_codebook
from pipeline.vocabulary import CodebookAction, DecisionKind
from pipeline.wording.messages import message

REPORT = """# The water programme

Sadly, the pump of the village broke down three times last year, which is a serious weakness, and nobody came to repair it.

The committee complains bitterly that the promised training failed to take place and that the fees are far too high.

Children fall ill less often since there is clean water, and the health post is very happy and proud of this good result.

The school is delighted with the excellent new taps, which work very well and save the girls an hour a day.
"""
DEFINITIONS = """
[[criteria]]
id = "health"
definition = "What is said about the health of children and about clean water."
[[criteria]]
id = "taps"
definition = "What is said about the new taps of the school."
"""
OPPOSITE = """
[[findings]]
id = "F1"
criterion = "health"
statement = "Children still fall ill, as there is no clean water."
stance = "negative"
[[findings]]
id = "F2"
criterion = "taps"
statement = "The school is not satisfied with the new taps."
stance = "negative"
"""
GROUPS = ("parent / guardian, of one", "staff; paid", "a_friend & 'neighbour'", '0/1 <b>"x"</b>, #5 100 %', "?a=b&c")
ANSWERS = ("The children are not sick any more.", "It was far too expensive for all of us.")


def an_empty_codebook(study: Path) -> None:
    """Codes with a definition, and neither seeds nor patterns: the machine suggests them by their definitions."""
    (study / "coded" / "seeds.jsonl").unlink()
    codebook = study / "coded" / "codebook.toml"
    text = re.sub(r"\[\[criteria\.patterns\]\]\n(.+\n)+", "", codebook.read_text("utf-8"))
    codebook.write_text(text, "utf-8")
    with_vectors(study)


def with_vectors(study: Path) -> None:
    config = study / "config.toml"
    config.write_text(config.read_text("utf-8").replace("embeddings = false", "embeddings = true"), "utf-8")


def documents_only(study: Path) -> None:
    """A report that judges, codes without examples, and findings that say the opposite of the report."""
    for name in ("surveys/vecinos.csv", "interviews/rosa.txt", "interviews/jo.vtt", "participants.csv"):
        (study / "raw" / name).unlink()
    (study / "raw" / "documents" / "programme.md").write_text(REPORT, "utf-8")
    config = study / "config.toml"
    config.write_text(re.sub(r"\[\[surveys\]\].*?\n\n", "", config.read_text("utf-8"), flags=re.S), "utf-8")
    (study / "coded" / "findings.toml").write_text(OPPOSITE, "utf-8")
    an_empty_codebook(study)
    (study / "coded" / "codebook.toml").write_text(DEFINITIONS, "utf-8")


def groups_of_several_words(study: Path) -> None:
    """Groups as the closed questions of a survey give them: with commas, semicolons, slashes and marks."""
    with (study / "raw" / "surveys" / "vecinos.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "¿Qué cambió con el agua?", "Who are you?"])
        for number, group in enumerate(GROUPS * 2):
            writer.writerow([f"R{number}", ANSWERS[number % 2], group])
    config = study / "config.toml"
    settings = 'attributes = { stakeholder_group = "Who are you?" }\nopen = ["'
    config.write_text(config.read_text("utf-8").replace('open = ["', settings, 1), "utf-8")


def no_findings(study: Path) -> None:
    (study / "coded" / "findings.toml").write_text("", "utf-8")


STUDIES = (an_empty_codebook, documents_only, groups_of_several_words, no_findings)


def analyzed(study: Path) -> Path:
    analyze(study, fresh=False, now=NOW, tick=quiet)
    return study


@pytest.fixture(scope="module", params=STUDIES, ids=lambda change: change.__name__.replace("_", " "))
def untouched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of this material after its first analysis."""
    change: Callable[[Path], None] = request.param
    study = shutil.copytree(SMALL, tmp_path_factory.mktemp("untouched") / "study")
    change(study)
    return analyzed(study)


def decide(study: Path) -> None:
    """One coder decides on ten excerpts, and on up to four links."""
    machine = study / "coded" / "machine"
    words = pd.read_parquet(machine / "excerpts.parquet").query("role == 'respondent'")[["excerpt_id", "text_sha256"]]
    codes = sorted(set(pd.read_parquet(machine / "codings.parquet")["criterion"]))
    drafts = []
    for number, each in enumerate(words.head(10).itertuples(index=False, name=None)):
        code, stance = codes[number % len(codes)], ("positive", "negative")[number % 2]
        drafts.append(Draft(DecisionKind.CODE, *each, code, value=stance))
    hashes = dict(words.itertuples(index=False, name=None))
    for number, link in enumerate(pd.read_parquet(machine / "links.parquet").head(4).itertuples()):
        kind, value = (DecisionKind.UNLINK, "") if number % 2 else (DecisionKind.LINK, "supports")
        drafts.append(Draft(kind, link.excerpt_id, hashes[link.excerpt_id], finding_id=link.finding_id, value=value))
    ledger.append(study / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)


def wrong(study: Path) -> list[str]:
    """What the audit and the second verifier find."""
    by_audit = [str(problem) for check in audit(study) for problem in check.problems]
    return by_audit + [str(difference) for difference in verify(study)]


def test_nothing_is_wrong_before_anybody_decides(untouched: Path) -> None:
    assert wrong(untouched) == []


def test_nothing_is_wrong_after_ten_decisions_and_another_analysis(untouched: Path, tmp_path: Path) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    decide(study)
    assert wrong(analyzed(study)) == []
    assert wrong(analyzed(study)) == []


@pytest.mark.parametrize("untouched", [an_empty_codebook], indirect=True)
def test_nothing_is_wrong_where_a_code_was_learnt_and_is_only_suggested(untouched: Path, tmp_path: Path) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    machine, codebook = study / "coded" / "machine", study / "coded" / "codebook.toml"
    written = [f"Example {number} of a change for the better." for number in range(8)]
    codebook.write_text(
        codebook.read_text("utf-8").replace('id = "effectiveness"', f'id = "effectiveness"\nseeds = {written}'), "utf-8"
    )
    words = pd.read_parquet(machine / "excerpts.parquet").query("role == 'respondent'")[["excerpt_id", "text_sha256"]]
    drafts = [
        Draft(DecisionKind.UNCODE, *each, "effectiveness") for each in words.head(3).itertuples(index=False, name=None)
    ]
    ledger.append(study / "coded" / "decisions.jsonl", drafts, coder="ana", now=NOW)
    assert wrong(analyzed(study)) == []
    votes = pd.read_parquet(machine / "votes.parquet")
    assert votes["because"].str.contains('"suggested"').any()


@pytest.mark.parametrize("untouched", [an_empty_codebook], indirect=True)
@pytest.mark.parametrize("column", ["coded", "doubtful"])
def test_a_suggestion_by_the_definition_that_somebody_alters_is_named(
    untouched: Path, tmp_path: Path, column: str
) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    path = study / "coded" / "machine" / "codings.parquet"
    codings = pd.read_parquet(path)
    votes = pd.read_parquet(study / "coded" / "machine" / "votes.parquet")
    suggested = votes[votes["because"].str.contains("definition")][["excerpt_id", "criterion"]]
    excerpt_id, code = suggested.iloc[0]
    codings.loc[(codings["excerpt_id"] == excerpt_id) & (codings["criterion"] == code), column] ^= True
    codings.to_parquet(path, index=False)
    assert [problem for problem in wrong(study) if f"({excerpt_id}, {code})" in problem]


def test_an_audit_ends_with_its_verdict_and_says_where_there_is_nothing_to_check(untouched: Path) -> None:
    lines = as_text(audit(untouched))
    assert re.fullmatch(r"Nothing is wrong: \d+ checks of [\d,]+ files, rows, quotes and figures\.", lines[-1])
    assert "        -  votes of coders match the ledger (nothing to check)" in lines
    assert not [line for line in lines if "(0)" in line and message(f"audit/check_{UP_TO_DATE}") not in line]


def test_an_audit_that_finds_something_says_how_much(untouched: Path, tmp_path: Path) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    (study / "outputs" / "matrix.csv").write_text("altered", "utf-8")
    checks = audit(study)
    problems = sum(len(check.problems) for check in checks)
    assert re.match(rf"{problems} problems? in \d of \d+ checks: see the lines with !", as_text(checks)[-1])


@pytest.mark.parametrize("untouched", [no_findings], indirect=True)
def test_what_an_older_program_did_not_write_is_not_a_fault_of_its_run(untouched: Path, tmp_path: Path) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    (study / "outputs" / "report.docx").unlink()
    assert older(study, program=program_of_today()) == (True, False)
    assert older(study, program="0.0.9+older") == (False, True)


def older(study: Path, *, program: str) -> tuple[bool, bool]:
    """Whether the audit finds a fault, and names another version, where this one wrote neither the annex nor the coders."""
    path = study / "outputs" / "run.json"
    record = json.loads(path.read_bytes()) | {"program": program}
    record["summary"].pop("coders", None)
    record["outputs"].pop("outputs/report.docx", None)
    files = {**record["inputs"], **record["machine"], **record["outputs"]}
    record["tree"] = tree_hash(f"{name} {digest}\n".encode() for name, digest in sorted(files.items()))
    record["blocks"].pop("outputs/report.docx", None)
    record["seal"] = sha256_text(canonical_json({key: value for key, value in record.items() if key != "seal"}))
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    lines = "\n".join(as_text(audit(study)))
    return "WRONG" in lines, "another version of the program" in lines


@pytest.mark.parametrize("untouched", [no_findings], indirect=True)
def test_what_differs_in_a_run_of_another_version_says_so_and_still_fails(untouched: Path, tmp_path: Path) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    matrix = study / "outputs" / "matrix.csv"
    rows = matrix.read_text("utf-8").splitlines(keepends=True)
    matrix.write_text("".join(rows[:-1]), "utf-8")
    assert "another version" not in remedies(study, matrix)  # its bytes are not those that the run wrote
    seal(study, "outputs/matrix.csv", program="0.0.9+older")
    assert "may be the cause: run make analyze, then make audit" in remedies(study, matrix)
    seal(study, "outputs/matrix.csv", program=program_of_today())
    assert "another version" not in remedies(study, matrix)


@pytest.mark.parametrize("untouched", [no_findings], indirect=True)
def test_what_follows_from_a_changed_codebook_is_one_line_a_check_and_still_fails(
    untouched: Path, tmp_path: Path
) -> None:
    study = shutil.copytree(untouched, tmp_path / "study")
    change = CodebookChange(CodebookAction.RENAME, codes=("efficiency",), into=("economy",))
    change_codebook(study, change, reason="clearer", coder="ana", now=NOW)
    problems = {check.key: check.problems for check in audit(study) if check.key in COMPARED_WITH_INPUTS}
    wrong = {key: listed for key, listed in problems.items() if listed}
    assert {"codebook", "codings", "matrix", "report"} <= wrong.keys()
    assert all(len(listed) == 1 for listed in wrong.values())
    for (problem,) in wrong.values():
        assert "changes in coded/codebook.toml" in problem.what
        assert "run make analyze, then make audit" in problem.remedy
    (study / "outputs" / "matrix.csv").write_text("altered", "utf-8")
    assert "outputs/matrix.csv" in "\n".join(as_text(audit(study)))


def remedies(study: Path, path: Path) -> str:
    """What the audit advises on a file that a recount finds wrong."""
    problems = [problem for check in audit(study) for problem in check.problems if check.key in RECOUNTS]
    return " ".join(problem.remedy for problem in problems if problem.where.startswith(f"outputs/{path.name}"))


def seal(study: Path, name: str, *, program: str) -> None:
    """Write the record as a run of a program that wrote the file as it is."""
    path = study / "outputs" / "run.json"
    record = json.loads(path.read_bytes()) | {"program": program}
    record["outputs"][name] = sha256_file(study / name)
    files = {**record["inputs"], **record["machine"], **record["outputs"]}
    record["tree"] = tree_hash(f"{name} {digest}\n".encode() for name, digest in sorted(files.items()))
    record["seal"] = sha256_text(canonical_json({key: value for key, value in record.items() if key != "seal"}))
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
