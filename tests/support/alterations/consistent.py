"""Consistent alterations: a value altered in one or all of the places that show it, with every hash, seal and head renewed.

Each contradicts something that stays as it is, so that a recount can see it. What no recount can see is left out: a value from
which all others are derived (a judgement of the machine, a decision with everything that follows from it), and words that
occur once (notes). Against those help a run from the start, and a head that a second party holds.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
from second_verifier.hashes import compact, sha256, tree_hash
from studies import NOW, quiet

from alterations.plain import another, document_text, repacked
from alterations.study_copy import StudyCopy
from pipeline.steps.analyze import analyze

Row = dict[str, Any]
MACHINE = "coded/machine"
STRENGTHS = ("strong", "moderate", "weak", "contested", "unsupported")
STANCES = ("positive", "negative", "mixed")
DIRECTIONS = ("supports", "contradicts", "qualifies")
# The columns of the stored tables that something else determines, or repeats.
DERIVED = {
    "sources": ("source_id", "path", "kind", "sha256", "bytes", "chars", "chars_excluded", "status"),
    "texts": ("source_id", "text"),
    "turns": ("source_id", "turn", "role", "participant_id", "start", "end", "question"),
    "excerpts": ("excerpt_id", "source_id", "turn", "participant_id", "role", "start", "end", "text", "question"),
    "codings": ("excerpt_id", "criterion", "coded", "probability", "status", "decided_by"),
    "links": ("finding_id", "excerpt_id", "direction", "score", "bearing", "status", "decided_by"),
    "rejected": ("source_id", "chars", "reason", "place", "stage"),
}


def renew(root: Path) -> None:
    """Every hash over the files as they are now: of the chain of decisions, of texts, of run.json with its heads and seal.

    The head of the ledger is renewed wherever an output shows it.
    """
    lines = renew_chain(root / "coded" / "decisions.jsonl")
    before = json.loads((root / "outputs" / "run.json").read_bytes())["ledger"]["tree"]
    after = tree_hash(lines).hex() if lines else before
    if before != after:
        page, path = root / "outputs" / "report.html", root / "outputs" / "evidence.xlsx"
        page.write_bytes(page.read_bytes().replace(before.encode(), after.encode()))
        book = openpyxl.load_workbook(path)
        for cell in (cell for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.value = cell.value.replace(before, after)
        book.save(path)
    renew_record(root)


def renew_record(root: Path, *, ledger: Row | None = None) -> None:
    """Every hash of run.json, with its heads and seal; `ledger` is what it says otherwise of the ledger."""
    ledger_path = root / "coded" / "decisions.jsonl"
    lines = ledger_path.read_bytes().splitlines(keepends=True) if ledger_path.exists() else []
    path = root / "outputs" / "run.json"
    record = json.loads(path.read_bytes())
    listed: dict[str, str] = {}
    for section in ("inputs", "machine", "outputs"):
        record[section] = {
            name: sha256((root / name).read_bytes()) for name in record[section] if (root / name).is_file()
        }
        listed |= record[section]
    record["blocks"] = {
        name: _blocks((root / name).read_bytes()) for name in record["blocks"] if (root / name).is_file()
    }
    record["tree"] = tree_hash([f"{name} {digest}\n".encode() for name, digest in sorted(listed.items())]).hex()
    if lines:
        head = json.loads(lines[-1])["hash"]
        record["ledger"] = {"lines": len(lines), "head": head, "tree": tree_hash(lines).hex(), **(ledger or {})}
    record.pop("seal")
    record["seal"] = sha256(compact(record))
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def renew_chain(path: Path) -> list[bytes]:
    """Number and chain the lines of a ledger again; the lines as they are now."""
    before, lines = "0" * 64, []
    for number, line in enumerate(path.read_bytes().splitlines() if path.exists() else (), 1):
        row = {**json.loads(line), "seq": number, "prev": before}
        row.pop("hash")
        before = sha256(compact(row))
        lines.append(json.dumps({**row, "hash": before}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    if lines:
        path.write_bytes(b"".join(lines))
    return lines


def _blocks(data: bytes) -> str:
    return "".join(sha256(data[at : at + 1024])[:8] for at in range(0, len(data), 1024))


# ---- one place


def table_cell(study: StudyCopy, dice: Random) -> str:
    """A cell of a stored table; where it holds words, their hash too."""
    name = dice.choice(sorted(DERIVED))
    column = dice.choice(DERIVED[name])
    frame = _table(study, name)
    if frame.empty:
        return ""
    row = dice.randrange(len(frame))
    values = frame[column].tolist()
    others = sorted({value for value in values if value != values[row]}, key=str)
    values[row] = dice.choice(others) if others else another(values[row], dice)
    frame[column] = values
    if column == "text" and "text_sha256" in frame:
        frame["text_sha256"] = [hashlib.sha256(text.encode()).hexdigest() for text in frame["text"]]
    _write_table(study, name, frame)
    return f"one cell of {name}.{column}"


def table_row(study: StudyCopy, dice: Random) -> str:
    """A row of a stored table taken away, or written twice."""
    name = dice.choice(sorted(DERIVED))
    frame = _table(study, name)
    if frame.empty:
        return ""
    row, is_doubled = dice.randrange(len(frame)), dice.random() < 0.5
    changed = pd.concat([frame, frame.iloc[[row]]]) if is_doubled else frame.drop(index=frame.index[row])
    _write_table(study, name, changed)
    return f"a row of {name} {'doubled' if is_doubled else 'removed'}"


def vote_of_coder(study: StudyCopy, dice: Random) -> str:
    """A person's vote turned round, removed or given to somebody else."""
    frame = _table(study, "votes")
    row = dice.choice([n for n, voter in enumerate(frame["voter"]) if voter.startswith("coder:")])
    how = dice.choice(("vote", "voter", "stance", "removed"))
    if how == "removed":
        frame = frame.drop(index=frame.index[row])
    else:
        values = frame[how].tolist()
        values[row] = {
            "vote": 1 - frame["vote"].iloc[row],
            "voter": "coder:zoe",
            "stance": _other(STANCES, values[row], dice),
        }[how]
        frame[how] = values
    _write_table(study, "votes", frame)
    return f"a coder's vote: {how}"


def csv_cell(study: StudyCopy, dice: Random) -> str:
    """A cell of evidence.csv or matrix.csv."""
    name = dice.choice(("evidence", "matrix"))
    rows = _csv(study, name)
    row, column = dice.choice(rows), dice.choice([column for column in rows[0] if column not in ("guarded", "because")])
    others = sorted({each[column] for each in rows} - {row[column]})
    row[column] = dice.choice(others) if others else another(row[column], dice)
    _write_csv(study, name, rows)
    return f"one cell of {name}.csv: {column}"


def csv_row(study: StudyCopy, dice: Random) -> str:
    """A row of evidence.csv or matrix.csv taken away, or written twice."""
    name = dice.choice(("evidence", "matrix"))
    rows = _csv(study, name)
    row, is_doubled = dice.randrange(len(rows)), dice.random() < 0.5
    rows[row : row + 1] = [rows[row]] * 2 if is_doubled else []
    _write_csv(study, name, rows)
    return f"a row of {name}.csv {'doubled' if is_doubled else 'removed'}"


def workbook_cell(study: StudyCopy, dice: Random) -> str:
    """A cell of the evidence book that a table or a register determines."""
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheets = [sheet for sheet in book.worksheets if sheet.max_row > 2 and sheet.cell(1, 1).value in KEYED]
    sheet = dice.choice(sheets)
    columns = [n for n, key in enumerate((cell.value for cell in sheet[1]), 1) if key and key not in FREE]
    row, column = dice.randrange(3, sheet.max_row + 1), dice.choice(columns)
    cell = sheet.cell(row, column)
    cell.value = another(cell.value if cell.value is not None else "", dice)
    book.save(path)
    return f"one cell of evidence.xlsx: {sheet.title} {sheet.cell(1, column).value}"


KEYED = ("finding_id", "excerpt_id", "criterion", "source_id", "stage", "section")  # first keys of sheets of rows
FREE = frozenset(
    """reason robustness expected_persons expected_low expected_high looks cleared unshown review_first suggested_only name
    family remarks because""".split()
)  # sentences and estimates: nothing else repeats them


def record_value(study: StudyCopy, dice: Random) -> str:
    """A first figure, a count of characters, a strength or the version of the codebook in run.json."""
    path = study.root / "outputs" / "run.json"
    record = json.loads(path.read_bytes())
    section = dice.choice(("summary", "chars", "strengths", "codebook"))
    if section == "summary":
        names = [
            name for name in record["summary"] if name.startswith(("findings_", "links", "cod", "sources", "excerpts"))
        ]
        record["summary"][dice.choice(sorted(names))] += 1
    elif section == "codebook":
        record[section] = another(record[section], dice)
    elif section == "chars":
        counts = record["chars"][dice.choice(sorted(record["chars"]))]
        counts[dice.choice(sorted(counts))] += 7
    else:
        finding = dice.choice(sorted(record["strengths"]))
        record["strengths"][finding] = _other(STRENGTHS, record["strengths"][finding], dice)
    path.write_text(json.dumps(record), "utf-8")
    return f"run.json {section}"


# ---- all places that show the value


def strength_everywhere(study: StudyCopy, dice: Random) -> str:
    """A finding's strength in evidence.csv, run.json, the book and the report."""
    path = study.root / "outputs" / "run.json"
    record = json.loads(path.read_bytes())
    finding = dice.choice(sorted(record["strengths"]))
    before = record["strengths"][finding]
    after = _other(STRENGTHS, before, dice)
    record["strengths"][finding] = after
    record["summary"][f"findings_{before}"] -= 1
    record["summary"][f"findings_{after}"] += 1
    path.write_text(json.dumps(record), "utf-8")
    rows = _csv(study, "evidence")
    for row in rows:
        row["strength"] = after if row["finding_id"] == finding else row["strength"]
    _write_csv(study, "evidence", rows)
    _in_workbook(study, "finding_id", finding, {"strength": after})
    page = _page(study)
    page = re.sub(rf'("id":"{finding}",[^}}]*"strength":)"{before}"', rf'\g<1>"{after}"', page)
    _write_page(study, page.replace(f"#mark-{before}", f"#mark-{after}").replace(f">{before}<", f">{after}<"))
    _in_annex(study, f": {before}", f": {after}")
    return "a strength everywhere"


def direction_everywhere(study: StudyCopy, dice: Random) -> str:
    """What a confirmed link does to its finding, in links, evidence.csv, the book and the report's data."""
    return _link_everywhere(study, dice, "direction", lambda row: _other(DIRECTIONS, row["direction"], dice))


def status_everywhere(study: StudyCopy, dice: Random) -> str:
    """Whether people confirmed a link, in links, evidence.csv, the book and the report's data."""
    return _link_everywhere(
        study, dice, "status", lambda row: _other(("suggested", "confirmed", "rejected"), row["status"], dice)
    )


def _link_everywhere(study: StudyCopy, dice: Random, column: str, value_of: Callable[[Any], str]) -> str:
    links = _table(study, "links")
    row = dice.choice([n for n, status in enumerate(links["status"]) if status != "suggested"])
    finding, excerpt, before = (links[name].iloc[row] for name in ("finding_id", "excerpt_id", column))
    after = value_of(links.iloc[row])
    links.loc[links.index[row], column] = after
    _write_table(study, "links", links)
    rows = _csv(study, "evidence")
    for each in rows:
        if (each["finding_id"], each["excerpt_id"]) == (finding, excerpt):
            each[column] = after
    _write_csv(study, "evidence", rows)
    _in_workbook(study, "excerpt_id", excerpt, {column: after})
    _write_page(study, _page(study).replace(f'"{before}"', f'"{after}"', 1))
    return f"the {column} of a link everywhere"


def decision_alone(study: StudyCopy, dice: Random) -> str:
    """A line of the ledger rewritten, removed or added, with the chain and its heads renewed: the votes say something else."""
    path = study.root / "coded" / "decisions.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    at = dice.choice([n for n, row in enumerate(rows) if row["kind"] in ("code", "uncode", "link", "unlink")])
    how = dice.choice(("kind", "value", "coder", "removed"))
    if how == "removed":
        del rows[at]
    elif how == "kind":
        opposite = {"code": "uncode", "uncode": "code", "link": "unlink", "unlink": "link"}
        rows[at] = {**rows[at], "kind": opposite[rows[at]["kind"]], "value": ""}
    elif how == "coder":
        rows[at] = {**rows[at], "coder": "zoe"}
    else:
        words = DIRECTIONS if rows[at]["finding_id"] else STANCES
        rows[at] = {
            **rows[at],
            "kind": "link" if rows[at]["finding_id"] else "code",
            "value": _other(words, rows[at]["value"], dice),
        }
    path.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
    return f"a decision alone: {how}"


def decision_and_vote(study: StudyCopy, dice: Random) -> str:
    """A coder's stance in the ledger and in the votes, not in what follows from these."""
    votes = _table(study, "votes")
    is_ruled = votes["excerpt_id"].isin(_ruled(study))  # a ruling decides, whatever was voted
    row = dice.choice(
        [
            n
            for n, voter in enumerate(votes["voter"])
            if voter.startswith("coder:") and votes["vote"].iloc[n] and not is_ruled.iloc[n]
        ]
    )
    line = json.loads(votes["because"].iloc[row])["decision"]
    path = study.root / "coded" / "decisions.jsonl"
    rows = [json.loads(each) for each in path.read_bytes().splitlines()]
    votes.loc[votes.index[row], ["vote", "stance"]] = (0, "")
    rows[line - 1] = {**rows[line - 1], "kind": "uncode", "value": ""}
    path.write_bytes(b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in rows))
    _write_table(study, "votes", votes)
    return "a decision and its vote"


def _ruled(study: StudyCopy) -> list[str]:
    lines = (study.root / "coded" / "decisions.jsonl").read_bytes().splitlines()
    return [row["excerpt_id"] for row in map(json.loads, lines) if row["kind"] == "adjudicate"]


def words_everywhere(study: StudyCopy, dice: Random) -> str:
    """A word of a quote, in texts, excerpts, evidence.csv and all outputs, with their hashes; not in the source."""
    rows = _csv(study, "evidence")
    quoted = [row for row in rows if row["shown"] == "whole" and not row["place"].startswith("page")]
    quote = dice.choice(quoted)["quote"]
    word = dice.choice(sorted(set(re.findall(r"\w{4,}", quote))))
    altered = quote.replace(word, word[::-1], 1)
    if altered == quote:
        return ""
    for name in ("texts", "excerpts"):
        frame = _table(study, name)
        frame["text"] = [text.replace(quote, altered) for text in frame["text"]]
        frame["text_sha256"] = [hashlib.sha256(text.encode()).hexdigest() for text in frame["text"]]
        _write_table(study, name, frame)
    for row in rows:
        row["quote"] = row["quote"].replace(quote, altered)
    _write_csv(study, "evidence", rows)
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    for cell in (cell for sheet in book for line in sheet.iter_rows() for cell in line):
        cell.value = cell.value.replace(quote, altered) if isinstance(cell.value, str) else cell.value
    book.save(path)
    _write_page(study, _page(study).replace(quote, altered))
    _in_annex(study, quote, altered)
    return "a word of a quote everywhere but in the source"


def source_alone(study: StudyCopy, dice: Random) -> str:
    """A word of a source in raw/, with its hash and size in the table sources; the texts stay as they were read."""
    sources = _table(study, "sources")
    path = dice.choice(sorted({path for path in sources["path"] if path.endswith((".txt", ".vtt", ".csv", ".md"))}))
    file = study.root / "raw" / path
    text = file.read_text("utf-8")
    spoken = _table(study, "excerpts")
    of_file = set(sources.loc[sources["path"] == path, "source_id"])
    words = re.findall(r"\w{4,}", dice.choice(sorted(spoken.loc[spoken["source_id"].isin(of_file), "text"])))
    word = dice.choice(words)
    file.write_text(text.replace(word, word[::-1]), "utf-8")
    data = file.read_bytes()
    sources.loc[sources["path"] == path, ["sha256", "bytes"]] = (sha256(data), len(data))
    _write_table(study, "sources", sources)
    return "a word of a source in raw/"


def group_of_a_person(study: StudyCopy, dice: Random) -> str:
    """Somebody's group in the register: the matrix and evidence.csv count the old one."""
    path = study.root / "raw" / "participants.csv"
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    at = rows[0].index("stakeholder_group")
    spoken = set(_table(study, "excerpts").query("role == 'respondent'")["participant_id"])
    row = dice.choice([row for row in rows[1:] if row[0] in spoken])
    row[at] = _other(sorted({each[at] for each in rows[1:]} | {"others"}), row[at], dice)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return "the group of a person in the register"


def count_everywhere(study: StudyCopy, dice: Random) -> str:
    """A count of the matrix, in matrix.csv and in the book."""
    rows = _csv(study, "matrix")
    at = dice.randrange(len(rows))
    column = dice.choice(("sources", "excerpts", *STANCES))
    rows[at][column] = str(int(rows[at][column]) + 1)
    _write_csv(study, "matrix", rows)
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = next(
        sheet for sheet in book if [sheet.cell(1, 1).value, sheet.cell(1, 4).value] == ["criterion", "persons"]
    )
    keys = [cell.value for cell in sheet[1]]
    sheet.cell(at + 3, keys.index(column) + 1).value = int(rows[at][column])
    book.save(path)
    return "a count of the matrix everywhere"


def stance_everywhere(study: StudyCopy, dice: Random) -> str:
    """The stance of a coding that people made, in codings, evidence.csv and the book; their votes stay."""
    codings = _table(study, "codings")
    linked = set(_table(study, "links")["excerpt_id"])
    of_people = codings["coded"] & (codings["stance"] != "") & codings["status"].isin(["single", "agreed"])
    rows = codings.index[of_people & codings["excerpt_id"].isin(linked)].tolist() or codings.index[of_people].tolist()
    row = dice.choice(rows)
    excerpt, criterion, before = codings.loc[row, ["excerpt_id", "criterion", "stance"]]
    after = _other(STANCES, before, dice)
    codings.loc[row, "stance"] = after
    _write_table(study, "codings", codings)
    evidence = _csv(study, "evidence")
    for each in evidence:
        if (each["excerpt_id"], each["criterion"]) == (excerpt, criterion):
            each["stance"] = after
    _write_csv(study, "evidence", evidence)
    _in_workbook(study, "excerpt_id", excerpt, {"stance": after})
    return "the stance of a coding everywhere"


def word_in_report(study: StudyCopy, dice: Random) -> str:
    """The word or the sign of a finding's strength in the report alone."""
    page = _page(study)
    record = json.loads((study.root / "outputs" / "run.json").read_bytes())
    finding = dice.choice(sorted(record["strengths"]))
    before, after = record["strengths"][finding], _other(STRENGTHS, record["strengths"][finding], dice)
    head, mark, rest = page.partition(f'id="finding-{finding}"')
    old, new = dice.choice(((f">{before}</span>", f">{after}</span>"), (f"#mark-{before}", f"#mark-{after}")))
    _write_page(study, head + mark + rest.replace(old, new, 1))
    return "a strength in the report"


def text_in_annex(study: StudyCopy, dice: Random) -> str:
    """A word or a number of the annex alone, wherever it is shown."""
    path = study.root / "outputs" / "report.docx"
    path.write_bytes(document_text(path.read_bytes(), dice))
    return "a text in the annex"


def _in_annex(study: StudyCopy, before: str, after: str) -> None:
    """Write a text in the place of another wherever the annex shows it whole."""
    path = study.root / "outputs" / "report.docx"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    old, new = (escape(text).encode() for text in (before, after))
    members["word/document.xml"] = members["word/document.xml"].replace(old, new)
    path.write_bytes(repacked(members))


DRAWN = {
    "persons of a group": r"(</figcaption>|<b>)(\d+)(?=</b>\s*</figcaption>)",
    "findings on a rung": r'(<li class="rung">.*?<span class="count">)(\d+)',
    "voices of a direction": r'(<section class="direction [^>]*>.*?<span class="count">)(\d+)',
    "excerpts in the matrix": r'(<a href="#cell-[^"]*">(?:<span[^>]*>)?)(\d+)',
}


def count_drawn(study: StudyCopy, dice: Random) -> str:
    """A count that the report draws: persons of a group, findings on a rung, voices of a direction, a cell of the matrix."""
    page, what = _page(study), dice.choice(sorted(DRAWN))
    places = list(re.finditer(DRAWN[what], page, re.DOTALL))
    if not places:
        return ""
    start, end = dice.choice(places).span(2)
    _write_page(study, f"{page[:start]}{int(page[start:end]) + 1}{page[end:]}")
    return f"a count drawn in the report: {what}"


def person_drawn(study: StudyCopy, dice: Random) -> str:
    """What a person does to a finding, as the report draws it."""
    page = _page(study)
    places = list(re.finditer(r"</title><use href=\"#does-(\w+)\"", page))
    if not places:
        return ""
    start, end = dice.choice(places).span(1)
    _write_page(study, page[:start] + _other(DIRECTIONS, page[start:end], dice) + page[end:])
    return "a person drawn in the report"


TEXTS = {
    "the statement of an entry": r'(<p class="statement"[^>]*>)([^<]+)',
    "the statement of a finding": r"(<article.*?<h1[^>]*>)([^<]+)",
    "the statement of a finding in the list": r'(<span class="says">)([^<]+)',
    "what an entry relies on": r'(<p class="rests">.*?)(<a class="chip[^>]*>.*?</a>)',
    "the persons that a screen reader counts": r'(<span class="unseen"><span class="say" lang="e[ns]">)(\d+ person[^<]*)',
    "a symbol of the legend": r'(<ul class="legend">.*?href="#)(does-\w+)',
    "the shape of a symbol": r'(<symbol [^>]*><(?:path d|circle cx)=")([^"]+)',
}


def text_in_report(study: StudyCopy, dice: Random) -> str:
    """What the report alone says of a register or of its drawings: changed, or another of the same sort."""
    page, what = _page(study), dice.choice(sorted(TEXTS))
    places = list(re.finditer(TEXTS[what], page, re.DOTALL))
    if not places:
        return ""
    place = dice.choice(places)
    start, end = place.span(2)
    others = sorted({each[2] for each in places} - {place[2]})
    new = "" if what == "what an entry relies on" else dice.choice(others) if others else f"{place[2]} 1"
    _write_page(study, page[:start] + new + page[end:])
    return f"{what} in the report"


def sentence_of_a_finding(study: StudyCopy, dice: Random) -> str:
    """Why a finding has its strength, or what it depends on: a number or a word, in the book and the report, or in one."""
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = next(each for each in book if "robustness" in [cell.value for cell in each[1]])
    name = dice.choice(("reason", "robustness"))
    cell = sheet.cell(dice.randrange(3, sheet.max_row + 1), [each.value for each in sheet[1]].index(name) + 1)
    before = cell.value
    numbers = list(re.finditer(r"\d+", before))
    if numbers:
        start, end = dice.choice(numbers).span()
        after = f"{before[:start]}{int(before[start:end]) + 1}{before[end:]}"
    else:
        after = (
            "Already weak, and still weak whichever person, source or group is left out."
            if "Nothing" in before
            else "Nothing is confirmed."
        )
    places = dice.choice((("book",), ("report",), ("book", "report")))
    if "book" in places:
        cell.value = after
        book.save(path)
    if "report" in places:
        _write_page(study, _page(study).replace(before, after))
    return f"the {name} of a finding ({' and '.join(places)})"


def consent_of_a_person(study: StudyCopy, dice: Random) -> str:
    """What somebody who speaks agreed to, in the register alone: their words are shown, or withheld, as before."""
    path = study.root / "raw" / "participants.csv"
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))
    at = rows[0].index("consent")
    linked = set(_table(study, "links")["excerpt_id"])
    spoken = _table(study, "excerpts").query("role == 'respondent'")
    speaking = set(spoken.loc[spoken["excerpt_id"].isin(linked), "participant_id"])
    row = dice.choice([row for row in rows[1:] if row[0] in speaking])
    row[at] = _other(("yes", "no", "no quotes"), row[at].strip() or "yes", dice)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return f"the consent of a person: {row[at]}"


def offsets_everywhere(study: StudyCopy, dice: Random) -> str:
    """Where a quote begins: one word later, in ledger, tables and outputs, with id, words, hash and counts of characters."""
    evidence = _csv(study, "evidence")
    row = dice.choice([row for row in evidence if row["shown"] == "whole"])
    before, quote = row["excerpt_id"], row["quote"]
    source, _, stretch = before.rpartition(":")
    start, end = map(int, stretch.split("-"))
    words = quote.split(maxsplit=1)
    if len(words) < 2:
        return ""
    moved = len(quote) - len(words[1])
    after = f"{source}:{start + moved}-{end}"
    excerpts = _table(study, "excerpts")
    is_moved = excerpts["excerpt_id"] == before
    excerpts.loc[is_moved, ["start", "text"]] = (start + moved, words[1])
    excerpts.loc[is_moved, "text_sha256"] = hashlib.sha256(words[1].encode()).hexdigest()
    _write_table(study, "excerpts", excerpts)
    path = study.root / "coded" / "decisions.jsonl"
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for line in lines:
        if line["excerpt_id"] == before:
            line.update(excerpt_id=after, text_sha256=hashlib.sha256(words[1].encode()).hexdigest())
    path.write_bytes(b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines))
    for name in ("excerpts", "votes", "codings", "links", "queue"):
        frame = _table(study, name)
        frame["excerpt_id"] = frame["excerpt_id"].replace(before, after)
        _write_table(study, name, frame)
    for each in evidence:
        if each["excerpt_id"] == before:
            each.update(excerpt_id=after, quote=words[1])
    _write_csv(study, "evidence", evidence)
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    for cell in (cell for sheet in book for line in sheet.iter_rows() for cell in line):
        cell.value = {before: after, quote: words[1]}.get(cell.value, cell.value)
    book.save(path)
    _write_page(study, _page(study).replace(before, after).replace(quote, words[1]))
    _in_annex(study, quote, words[1])
    path = study.root / "outputs" / "run.json"
    record = json.loads(path.read_bytes())
    record["chars"][source]["excerpts"] -= len(words[0])
    path.write_text(json.dumps(record), "utf-8")
    return "the offsets of a quote everywhere"


def ledger_without_its_outputs(study: StudyCopy, dice: Random) -> str:
    """A remark or a time in the ledger, with the chain, run.json and every hash, and the head that the outputs show as before."""
    what = decision_that_nothing_follows_from(study, dice)
    renew_chain(study.root / "coded" / "decisions.jsonl")
    renew_record(study.root)
    return f"{what}, and the outputs show another head"


# ---- what no recount can see


def decision_that_nothing_follows_from(study: StudyCopy, dice: Random) -> str:
    """When a decision was made, or what its coder remarked, with the chain, the heads and every hash renewed."""
    path = study.root / "coded" / "decisions.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    row, how = dice.choice(rows), dice.choice(("at", "note"))
    row[how] = "2026-01-02T03:04:06+00:00" if how == "at" else f"{row['note']} altered"
    path.write_bytes(b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in rows))
    return f"a decision: {how}"


def decision_and_all_that_follows(study: StudyCopy, dice: Random) -> str:
    """A decision turned round, with the chain renewed, and the study analysed again."""
    path = study.root / "coded" / "decisions.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    at = dice.choice([n for n, row in enumerate(rows) if row["kind"] == "code" and row["value"] in STANCES])
    rows[at] = {**rows[at], "value": _other(STANCES, rows[at]["value"], dice)}
    path.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
    renew(study.root)
    record = json.loads((study.root / "outputs" / "run.json").read_bytes())
    record["inputs"]["coded/decisions.jsonl"] = "0" * 64  # so that the run finds something to do
    (study.root / "outputs" / "run.json").write_text(json.dumps(record), "utf-8")
    analyze(study.root, fresh=False, now=NOW, tick=quiet)
    return "a decision with all that follows from it"


# ---- reading and writing


def _other(values: Any, value: Any, dice: Random) -> Any:
    return dice.choice([each for each in values if each != value])


def _table(study: StudyCopy, name: str) -> pd.DataFrame:
    return pd.read_parquet(study.root / MACHINE / f"{name}.parquet")


def _write_table(study: StudyCopy, name: str, frame: pd.DataFrame) -> None:
    frame.to_parquet(study.root / MACHINE / f"{name}.parquet", index=False)


def _csv(study: StudyCopy, name: str) -> list[Row]:
    with (study.root / "outputs" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(study: StudyCopy, name: str, rows: list[Row]) -> None:
    with (study.root / "outputs" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _page(study: StudyCopy) -> str:
    return (study.root / "outputs" / "report.html").read_text("utf-8")


def _write_page(study: StudyCopy, page: str) -> None:
    (study.root / "outputs" / "report.html").write_text(page, "utf-8")


def _in_workbook(study: StudyCopy, key: str, value: str, cells: Row) -> None:
    """Write cells into the rows of the book that have this key."""
    path = study.root / "outputs" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    for sheet in book:
        keys = [cell.value for cell in sheet[1]]
        if key in keys and set(cells) <= set(keys):
            for row in sheet.iter_rows(min_row=3):
                if row[keys.index(key)].value == value:
                    for name, cell in cells.items():
                        row[keys.index(name)].value = cell
    book.save(path)


def _renewed(alteration: Callable[[StudyCopy, Random], str]) -> Callable[[StudyCopy, Random], str]:
    """The alteration with every hash renewed afterwards."""

    @wraps(alteration)
    def alter(study: StudyCopy, dice: Random) -> str:
        what = alteration(study, dice)
        if what:
            renew(study.root)
        return what

    return alter


KINDS = (
    table_cell,
    table_row,
    vote_of_coder,
    csv_cell,
    csv_row,
    workbook_cell,
    record_value,
    strength_everywhere,
    direction_everywhere,
    status_everywhere,
    stance_everywhere,
    decision_alone,
    decision_and_vote,
    words_everywhere,
    source_alone,
    group_of_a_person,
    consent_of_a_person,
    count_everywhere,
    word_in_report,
    text_in_annex,
    count_drawn,
    person_drawn,
    text_in_report,
    sentence_of_a_finding,
    offsets_everywhere,
    ledger_without_its_outputs,
)
ALTERATIONS = [_renewed(alteration) for alteration in KINDS]
UNSEEN = [_renewed(decision_that_nothing_follows_from), _renewed(decision_and_all_that_follows)]
