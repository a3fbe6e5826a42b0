"""Case 68: a rewritten artefact is found even if every hash is renewed, because what lies before it says something else."""

import csv
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from alterations.plain import repacked
from decided_study import decide
from studies import NOW, quiet

from pipeline.merkle import tree_hash
from pipeline.provenance import block_digests_of, canonical_json, sha256_file, sha256_text
from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.steps.audit import as_text, audit
from pipeline.vocabulary import DecisionKind

Alteration = Callable[[Path], None]


@pytest.fixture(scope="module")
def decided_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, in which two coders decided on codes and links: agreed, divided, ruled, rejected."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("decided") / "study")
    decide(root)
    assert wrong(root) == [], "before anything is altered, everything holds"
    return root


@pytest.fixture
def decided(decided_once: Path, tmp_path: Path) -> Path:
    """A copy to be altered."""
    return shutil.copytree(decided_once, tmp_path / "decided")


def wrong(study: Path) -> list[str]:
    return [str(problem) for check in audit(study) for problem in check.problems]


def renew_hashes(study: Path) -> None:
    """What somebody does who wants no trace: every hash of run.json, and its seal, over the files as they are now."""
    path = study / "outputs" / "run.json"
    record = json.loads(path.read_bytes())
    for section in ("inputs", "machine", "outputs"):
        record[section] = {
            name: sha256_file(study / name) if (study / name).is_file() else digest
            for name, digest in record[section].items()
        }
    record["blocks"] = {name: block_digests_of(study / name) for name in record["blocks"]}
    files = {**record["inputs"], **record["machine"], **record["outputs"]}
    record["tree"] = tree_hash(f"{name} {digest}\n".encode() for name, digest in sorted(files.items()))
    record.pop("seal")
    record["seal"] = sha256_text(canonical_json(record))
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def table(name: str, change: Callable[[pd.DataFrame], None]) -> Alteration:
    def alter(study: Path) -> None:
        path = study / "coded" / "machine" / f"{name}.parquet"
        data = pd.read_parquet(path)
        change(data)
        data.to_parquet(path, index=False)

    return alter


def put(column: str, value: Any, where: str) -> Callable[[pd.DataFrame], None]:
    """Write a value into the first row that a condition holds for."""

    def change(data: pd.DataFrame) -> None:
        data.loc[data.query(where).index[0], column] = value

    return change


def flip_vote_of_machine(votes: pd.DataFrame) -> None:
    """Turn a vote of the classifier round, where no coder voted."""
    of_people = set(votes.loc[votes["voter"].str.startswith("coder"), "excerpt_id"])
    is_machine = votes["voter"].str.startswith("classifier") & ~votes["excerpt_id"].isin(of_people)
    votes.loc[votes[is_machine].index[0], "vote"] ^= 1


def cells(name: str, column: str, value: str, where: str = "") -> Alteration:
    """Write a value into the first line of a CSV file in which a column holds something else."""

    def alter(study: Path) -> None:
        path = study / "outputs" / name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        next(row for row in rows if row[column] != value and (not where or row["status"] == where))[column] = value
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return alter


def book(sheet: int, column: str, value: Any) -> Alteration:
    """Write a value into the first row of a sheet of the evidence book in which a column holds something else."""

    def alter(study: Path) -> None:
        path = study / "outputs" / "evidence.xlsx"
        content = openpyxl.load_workbook(path)
        rows = content.worksheets[sheet]
        at = [cell.value for cell in rows[1]].index(column) + 1
        row = next(n for n in range(3, rows.max_row + 1) if rows.cell(n, at).value != value)
        rows.cell(row, at, value)
        content.save(path)

    return alter


def page(pattern: str, new: str) -> Alteration:
    def alter(study: Path) -> None:
        path = study / "outputs" / "report.html"
        text = path.read_text("utf-8")
        altered = re.sub(pattern, new, text, count=1, flags=re.DOTALL)
        assert altered != text
        path.write_text(altered, "utf-8")

    return alter


def annex(pattern: str, new: str, member: str = "word/document.xml") -> Alteration:
    """Change the first text of the annex that fits a pattern."""

    def alter(study: Path) -> None:
        path = study / "outputs" / "report.docx"
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        text = members[member].decode()
        members[member] = re.sub(pattern, new, text, count=1, flags=re.DOTALL).encode()
        assert members[member].decode() != text
        path.write_bytes(repacked(members))

    return alter


def summary(key: str, value: int) -> Alteration:
    def alter(study: Path) -> None:
        path = study / "outputs" / "run.json"
        record = json.loads(path.read_bytes())
        record["summary"][key] = value
        path.write_text(json.dumps(record), "utf-8")

    return alter


def run_says(key: str, value: str) -> Alteration:
    def alter(study: Path) -> None:
        path = study / "outputs" / "run.json"
        path.write_text(json.dumps({**json.loads(path.read_bytes()), key: value}), "utf-8")

    return alter


def register(old: str, new: str) -> Alteration:
    def alter(study: Path) -> None:
        path = study / "raw" / "participants.csv"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    return alter


def shortened(study: Path) -> None:
    """Let an excerpt begin one word later in the table, with its words and hash; its id stays within its offsets."""
    path = study / "coded/machine/excerpts.parquet"
    frame = pd.read_parquet(path)
    row = frame.index[frame["role"] == "interviewer"][0]
    text = frame.loc[row, "text"].split(maxsplit=1)[1]
    start = int(frame.loc[row, "end"]) - len(text)
    name = f"{frame.loc[row, 'source_id']}:{start}-{frame.loc[row, 'end']}"
    sha256 = sha256_text(text)
    frame.loc[row, ["excerpt_id", "start", "text", "text_sha256"]] = (name, start, text, sha256)
    frame.to_parquet(path, index=False)


ALTERATIONS: dict[str, tuple[Alteration, str]] = {
    "a suggestion is called confirmed": (
        table("links", put("status", "confirmed", "status == 'suggested'")),
        "links.parquet",
    ),
    "a confirmed voice turns round": (
        table("links", put("direction", "contradicts", "status == 'confirmed'")),
        "links.parquet",
    ),
    "a rejected voice comes back": (
        table("links", put("status", "confirmed", "status == 'rejected'")),
        "links.parquet",
    ),
    "a confirmation is ascribed to nobody": (
        table("links", put("status", "suggested", "status == 'confirmed'")),
        "links.parquet",
    ),
    "the machine's coding is called agreed": (
        table("codings", put("status", "agreed", "status == 'machine'")),
        "codings.parquet",
    ),
    "an agreed yes becomes a no": (
        table("codings", put("coded", value=False, where="status == 'agreed' and coded")),
        "codings.parquet",
    ),
    "an agreed no becomes a yes": (
        table("codings", put("coded", value=True, where="status == 'agreed' and not coded")),
        "codings.parquet",
    ),
    "the stance that people gave turns round": (
        table("codings", put("stance", "positive", "status == 'agreed' and coded")),
        "codings.parquet",
    ),
    "a single coder is called two": (
        table("codings", put("decided_by", "ana;leo", "status == 'single'")),
        "codings.parquet",
    ),
    "the machine's coding is taken away": (
        table("codings", put("coded", value=False, where="status == 'machine' and coded")),
        "codings.parquet",
    ),
    "a coder's vote turns round": (
        table("votes", put("vote", 0, "voter == 'coder:ana' and vote == 1")),
        "votes.parquet",
    ),
    "a vote is given to another coder": (
        table("votes", put("voter", "coder:zoe", "voter == 'coder:ana'")),
        "votes.parquet",
    ),
    "the classifier's vote turns round": (table("votes", flip_vote_of_machine), "codings.parquet"),
    "words are given to another person": (
        table("excerpts", put("participant_id", "W3", "participant_id == 'W1'")),
        "excerpts.parquet",
    ),
    "a finding is stronger in the table": (cells("evidence.csv", "strength", "strong"), "evidence.csv"),
    "a suggestion is confirmed in the table": (cells("evidence.csv", "status", "confirmed"), "evidence.csv"),
    "a voice turns round in the table": (cells("evidence.csv", "direction", "contradicts"), "evidence.csv"),
    "a voice has another group in the table": (cells("evidence.csv", "group", "donors"), "evidence.csv"),
    "a coding is surer in the table": (cells("evidence.csv", "probability", "0.9999"), "evidence.csv"),
    "a voice is nearer in the table": (cells("evidence.csv", "score", "0.9999"), "evidence.csv"),
    "a voice is another person's in the table": (cells("evidence.csv", "participant", "P-9999"), "evidence.csv"),
    "a cell of the matrix counts more excerpts": (cells("matrix.csv", "excerpts", "99"), "matrix.csv"),
    "a small number of persons is shown": (cells("matrix.csv", "persons", "4"), "matrix.csv"),
    "a stance is counted more often": (cells("matrix.csv", "negative", "77"), "matrix.csv"),
    "a finding is stronger in the book": (book(1, "strength", "strong"), "evidence.xlsx"),
    "a finding has more persons in the book": (book(1, "persons", 31), "evidence.xlsx"),
    "a quote is another in the book": (book(2, "quote", "Everything went well."), "evidence.xlsx"),
    "a voice turns round in the book": (book(2, "direction", "contradicts"), "evidence.xlsx"),
    "words of a code are others in the book": (book(3, "text", "Everything went well."), "evidence.xlsx"),
    "a finding is stronger in the report": (page(r"#mark-(weak|unsupported)", "#mark-strong"), "report.html"),
    "a finding has more persons in the report": (
        page(r'(<dl class="figures small">\s*<div><dt>.*?</dt><dd>).*?</dd>', r"\g<1>31</dd>"),
        "report.html",
    ),
    "a quote is another in the report": (
        page(r"(<blockquote[^>]*>)[^<]*", r"\g<1>Everything went well."),
        "report.html",
    ),
    "a suggestion is confirmed in the report": (page("voice by-suggested", "voice by-confirmed"), "report.html"),
    "coders differ on a suggestion in the report": (
        page(r"(voice by-suggested.*?)suggested by the machine", r"\g<1>coders differ, not settled"),
        "report.html",
    ),
    "more is undecided in the report": (
        page(r"(Not confirmed by anyone: )\d+", r"\g<1>31"),
        "what it says is undecided",
    ),
    "the machine estimates more persons in the report": (
        page(r"(The machine estimates \(95% interval\) that \D*)\d+", r"\g<1>31"),
        "what it says is undecided",
    ),
    "the support has other stances in the report": (
        page(r"(Stance of the supporting ones on the criterion: \D*)\d+", r"\g<1>31"),
        "the stances of what supports it",
    ),
    "the stances of the support are gone from the report": (
        page(r'<p class="robust covered">.*?</p>', ""),
        "the stances of what supports it",
    ),
    "more excerpts were too doubtful in the report": (
        page(r"(too doubtful to show: )\d+", r"\g<1>31"),
        "what it says is undecided",
    ),
    "other excerpts are to be reviewed first in the book": (
        book(1, "review_first", "PE-01:0-10"),
        "the excerpts to review first",
    ),
    "the report's data turn a voice round": (
        page(r'("[^"]+"),"supports","confirmed"', r'\g<1>,"contradicts","confirmed"'),
        "report.html",
    ),
    "a person more is drawn in the report": (page(r"<b>\d+</b>(?=</figcaption>)", "<b>31</b>"), "report.html"),
    "a person is drawn on the other side": (page(r"#does-supports(?=\"[^>]*x=)", "#does-contradicts"), "report.html"),
    "a rung has more findings in the report": (
        page(r'(<li class="rung">.*?<span class="count">)\d+', r"\g<1>31"),
        "report.html",
    ),
    "a criterion without a finding has more excerpts": (
        page(r'(data-code="[^"]*">.*?<a href="#matrix">)\d+', r"\g<1>31"),
        "report.html",
    ),
    "a direction has more voices in the report": (
        page(r'(<section class="direction [^>]*>.*?<span class="count">)\d+', r"\g<1>31"),
        "report.html",
    ),
    "a cell of the matrix is another in the report": (page(r'(<a href="#cell-[^"]*">)\d+', r"\g<1>31"), "report.html"),
    "a finding depends on nobody in the book": (book(1, "robustness", "Holds."), "evidence.xlsx"),
    "a finding is strong for another reason in the book": (book(1, "reason", "Everybody agrees."), "evidence.xlsx"),
    "a finding depends on nobody in the report": (
        page(r'(<p class="robust"><b>.*?</b> <span lang="en">)[^<]*', r"\g<1>Holds."),
        "report.html",
    ),
    "a finding is strong for another reason in the report": (
        page(r'(</p>\s*<p lang="en">)[^<]*', r"\g<1>Everybody agrees."),
        "report.html",
    ),
    "a recommendation says something else in the report": (
        page(r'(<h3><bdi>R1</bdi></h3>\s*<div><p class="statement"[^>]*>)[^<]*', r"\g<1>Do nothing."),
        "report.html recommendations R1: its statement",
    ),
    "a conclusion says something else in the report": (
        page(r'(<h3><bdi>C1</bdi></h3>\s*<div><p class="statement"[^>]*>)[^<]*', r"\g<1>All is well."),
        "report.html conclusions C1: its statement",
    ),
    "a lesson is added in the report": (
        page(
            r'(Lecciones aprendidas</span> <span class="count">)0(</span></h2>)<p class="note">.*?</p>',
            r'\g<1>1\2<ul class="register"><li class="entry"><h3><bdi>L1</bdi></h3></li></ul>',
        ),
        "report.html lessons",
    ),
    "a recommendation no longer relies on its finding in the report": (
        page(r'(id="recommendation-1".*?<p class="rests">.*?)<a class="chip[^>]*>F1.*?</a>', r"\g<1>"),
        "report.html recommendations R1: its basis",
    ),
    "a recommendation is urgent in the report": (page("high priority", "low priority"), "report.html recommendations"),
    "a finding has nothing that relies on it in the report": (
        page(r'(<section class="hangs">.*?<ul class="plainlist">).*?</ul>', r"\g<1></ul>"),
        "what relies on it",
    ),
    "a finding says something else in the report": (
        page(r"(<article.*?<h1[^>]*>)[^<]*", r"\g<1>All is well."),
        "report.html #finding-",
    ),
    "a finding says something else in the list of the report": (
        page(r'(<span class="says">)[^<]*', r"\g<1>All is well."),
        "report.html #finding-",
    ),
    "a finding says something else where it is linked": (
        page(r'(href="#finding-F1" title=")[^"]*', r"\g<1>All is well."),
        "report.html link to F1",
    ),
    "a finding says something else in the report's data": (
        page(r'("id":"F1"[^}]*?"says":")[^"]*', r"\g<1>All is well."),
        "report.html data of F1",
    ),
    "a screen reader counts more persons": (
        page(r'(<span class="unseen"><span class="say" lang="en">)1 person: ', r"\g<1>5 persons: "),
        "what a screen reader says",
    ),
    "a screen reader counts more persons in confirmed excerpts": (
        page("1 persona habla en extractos", "5 personas hablan en extractos"),
        "what a screen reader says",
    ),
    "the legend has another symbol": (
        page(r'(<ul class="legend">.*?)#does-supports', r"\g<1>#does-qualifies"),
        "report.html legend",
    ),
    "the legend calls a symbol something else": (
        page(r'(<ul class="legend">.*?<span class="say" lang="en">)supports', r"\g<1>contradicts"),
        "report.html symbol",
    ),
    "a symbol has another shape": (
        page(r'(<symbol id="mark-weak".*?)M2 11h5v4H2z', r"\g<1>M2 11h5v4H2zM9.500 6h5v9h-5z"),
        "report.html symbols",
    ),
    "a finding is strong in the words of the list": (
        page(r'(<span class="unseen"><span class="say" lang="en">)(weak|unsupported)', r"\g<1>strong"),
        "report.html symbol",
    ),
    "an excerpt loses its first words": (shortened, "excerpts.parquet"),
    "the run counts more links": (summary("links_confirmed", 50), "run.json"),
    "the run counts a strong finding": (summary("findings_strong", 1), "run.json"),
    "the run counts more excerpts": (summary("excerpts", 500), "run.json"),
    "the run had another codebook": (run_says("codebook", "1+0123456789abcdef"), "run.json codebook"),
    "the run has another edition": (
        run_says("edition", "01234567"),
        "report.html foot: does not name the same codebook, edition",
    ),
    "the report names another codebook": (page(r"(<footer.*?codebook 1\+)\w+", r"\g<1>0123"), "report.html foot"),
    "a reference is another in the book": (book(2, "reference", "KII-99"), "its reference differs"),
    "a quote is another in the annex": (
        annex(r"(table_supports_.*?</w:tr>.*?</w:tc>.*?preserve.>)", r"\1Never: "),
        "report.docx table",
    ),
    "a finding is strong in the matrix of the annex": (
        annex(r"(table_matrix.*?>)(weak|unsupported)(</w:t></w:r></w:p></w:tc>)", r"\1strong\3"),
        "report.docx table matrix row",
    ),
    "a finding is strong in the headings of the annex": (
        annex(": (weak|unsupported)<", ": strong<"),
        "report.docx paragraph",
    ),
    "a question of the annex is answered otherwise": (
        annex("To be completed", "Completed"),
        "report.docx table coreq row 3",
    ),
    "a finding is under another strength in the annex": (
        annex(r"(table_strengths.*?>)F1(<)", r"\1F9\2"),
        "report.docx table strengths row",
    ),
    "persons are more in the annex": (annex(r">&lt;5<", ">17<"), "report.docx table persons"),
    "a sentence of the annex is gone": (
        annex(r"<w:t[^>]*>Only links that a person confirmed[^<]*", "<w:t>"),
        "report.docx after paragraph",
    ),
    "the annex says of a finding that nothing more is suggested": (
        annex("◇ The machine estimates [^<]*", "The machine suggests nothing more."),
        "report.docx table answers_",
    ),
    "the evidence book expects other persons than the annex": (book(1, "expected_high", 77), "report.docx"),
    "the annex says otherwise how much criticism the machine recognised": (
        annex("recognised [0-9]+% of those", "recognised 97% of those"),
        "report.docx paragraph",
    ),
    "a table of the annex is gone": (annex(r'w:name="table_rule"', 'w:name="table_other"'), "report.docx table rule"),
    "the foot of the annex names another study": (
        annex("small water", "great water", "word/footer1.xml"),
        "report.docx head",
    ),
    "the properties of the annex name somebody": (
        annex("<dc:creator>", "<dc:creator>Ana", "docProps/core.xml"),
        "report.docx properties",
    ),
    "the register says another group": (register("neighbours", "officials"), "evidence.csv"),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_case_68_a_consistent_rewrite_is_named(decided: Path, name: str) -> None:
    alter, where = ALTERATIONS[name]
    alter(decided)
    renew_hashes(decided)
    assert any(where in problem for problem in wrong(decided)), wrong(decided)


def test_renewed_hashes_alone_change_nothing(decided: Path) -> None:
    renew_hashes(decided)
    assert wrong(decided) == []


def test_a_quick_audit_compares_hashes_counts_nothing_again_and_says_so(decided: Path) -> None:
    (decided / "coded/machine/turns.parquet").write_bytes(b"")
    renew_hashes(decided)
    checks = audit(decided, is_quick=True)
    assert [problem for check in checks for problem in check.problems] == []
    assert "audit --quick: reads no table and recounts nothing" in "\n".join(as_text(checks))


def test_a_quick_audit_names_a_file_that_was_changed(decided: Path) -> None:
    (decided / "outputs/matrix.csv").write_text("altered", "utf-8")
    assert any("matrix.csv" in str(problem) for check in audit(decided, is_quick=True) for problem in check.problems)


def test_a_decision_that_the_outputs_do_not_show_yet_is_not_a_fault(decided: Path) -> None:
    last = json.loads((decided / "coded" / "decisions.jsonl").read_bytes().splitlines()[-1])
    draft = Draft(DecisionKind.CODE, last["excerpt_id"], last["text_sha256"], "effectiveness", value="positive")
    ledger.append(decided / "coded" / "decisions.jsonl", [draft], coder="leo", now=NOW)
    assert wrong(decided) == []


def test_words_are_shown_where_the_register_says_nothing_of_consent(small_study: Path) -> None:
    path = small_study / "raw" / "participants.csv"
    register = pd.read_csv(path, dtype=str).drop(columns="consent")
    register.to_csv(path, index=False)
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    assert wrong(small_study) == []


REGISTER = """
[[findings]]
id = "F3 & <b>"
criterion = "efficiency"
statement = "A  statement with <b>marks</b>"
[[findings]]
id = "F9"
criterion = "nowhere"
statement = "Its criterion is not in the codebook."
[[conclusions]]
id = "C2"
statement = "Relies on a finding that does not exist, and on one twice."
findings = ["F77", "F1", "F1"]
[[conclusions]]
id = "C5"
[[recommendations]]
id = "R2"
statement = "Relies on conclusions alone."
conclusions = ["C1", "C66"]
addressees = ["a, b", "c &"]
[[lessons]]
id = "L1"
statement = "A lesson  <x>"
"""


def test_left_out_entries_and_links_that_lead_nowhere_are_not_faults(small_study: Path) -> None:
    path = small_study / "coded" / "findings.toml"
    path.write_text(path.read_text("utf-8") + REGISTER, "utf-8")
    analyze(small_study, fresh=False, now=NOW, tick=quiet)
    assert wrong(small_study) == []
