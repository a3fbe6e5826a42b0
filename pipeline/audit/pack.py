"""The audit pack: findings drawn at random with a sheet to sign, what is covered and what is not, described as an RO-Crate."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from pipeline import wording
from pipeline.audit.stored import Row, csv_rows, rows
from pipeline.sheets import Field, Prose, Sheet, write_book
from pipeline.tables import CODINGS, EXCERPTS, LINKS, REJECTED

FINDINGS_DRAWN = 5  # as many as an auditor reads in a day
VOICES_DRAWN = 6  # of each finding, those that people confirmed first
SIGN_OFF, CRATE = "sign-off.xlsx", "ro-crate-metadata.json"
WALK = "finding_id statement strength direction status decided_by participant source_id place quote excerpt_id".split()
TO_FILL_IN = "is_there fits signed_by signed_on remark".split()
COVERAGE = "criterion kind group persons excerpts".split()
NOT_CODED = "source_id excerpts coded share".split()
NOT_USED = "stage source_id place reason chars".split()
WIDE = {"statement": 50, "quote": 70, "remark": 40, "place": 22, "excerpt_id": 24, "reason": 40}
CLOSED = {
    "strength": "strength",
    "direction": "direction",
    "status": "link",
    "kind": "kind",
    "stage": "stage",
    "reason": "reason",
}


def write_sign_off(
    folder: Path, root: Path, record: Row, *, title: str, language: str, statements: Mapping[str, str]
) -> None:
    """Write the workbook to sign into a folder. Of persons it holds only their codes and words that may be shown."""
    words = wording.book("audit_pack", language)
    evidence = csv_rows(root / "outputs" / "evidence.csv")
    walks = list(_walks(evidence, root, record["seed"], statements))
    coverage = csv_rows(root / "outputs" / "matrix.csv")
    facts = {
        "title": title,
        "edition": record["edition"],
        "seed": record["seed"],
        "lines": record["ledger"]["lines"],
        "head": record["ledger"]["tree"],
    }
    lines = [(line["heading"].format(**facts), line["text"].format(**facts)) for line in words["read_me"]]
    sheets = {
        "walks": ([*WALK, *TO_FILL_IN], walks),
        "coverage": (COVERAGE, coverage),
        "not_coded": (NOT_CODED, list(_not_coded(root))),
        "not_used": (NOT_USED, rows(root / "coded" / "machine", REJECTED)),
    }
    pages: list[Sheet | Prose] = [
        Prose(words["sheets"]["read_me"], lines),
        *(_sheet(words, name, keys, each, language) for name, (keys, each) in sheets.items()),
    ]
    write_book(folder / SIGN_OFF, pages, title=title)


def _sheet(words: Row, name: str, keys: Sequence[str], content: Sequence[Row], language: str) -> Sheet:
    fields = tuple(
        Field(
            key,
            words["columns"][key],
            WIDE.get(key, 14),
            WIDE.get(key, 0) > 0,
            open=key in TO_FILL_IN,
            percent=key == "share",
        )
        for key in keys
    )
    return Sheet(
        words["sheets"][name], fields, [tuple(_cell(key, row[key], language) for key in keys) for row in content]
    )


def _cell(key: str, value: Any, language: str) -> Any:
    if key == "place":
        return wording.place(value, language)
    return wording.closed_word(CLOSED[key], value, language) if key in CLOSED else value


def _walks(evidence: Sequence[Row], root: Path, seed: int, statements: Mapping[str, str]) -> Iterator[Row]:
    """Voices of findings drawn at random, as rows to be signed."""
    dice = Random(seed)  # noqa: S311 - a sample that an auditor can draw again, no secret
    decided_by = _decided_by(root)
    names = sorted({row["finding_id"] for row in evidence})
    for name in sorted(dice.sample(names, min(FINDINGS_DRAWN, len(names)))):
        voices = [row for row in evidence if row["finding_id"] == name]
        dice.shuffle(voices)
        for row in sorted(voices, key=_confirmed_first)[:VOICES_DRAWN]:
            guarded = "quote" in row["guarded"].split(";")
            key = (name, row["excerpt_id"])
            yield {
                **row,
                **dict.fromkeys(TO_FILL_IN, ""),
                "statement": statements.get(name, ""),
                "decided_by": decided_by.get(key, ""),
                "quote": row["quote"][1:] if guarded else row["quote"],
            }


def _confirmed_first(row: Row) -> bool:
    return bool(row["status"] != "confirmed")


def _decided_by(root: Path) -> dict[tuple[str, str], str]:
    links = rows(root / "coded" / "machine", LINKS)
    return {(row["finding_id"], row["excerpt_id"]): row["decided_by"] for row in links}


def _not_coded(root: Path) -> Iterator[Row]:
    """For each source, how many excerpts of respondents there are and how many carry a code."""
    machine = root / "coded" / "machine"
    coded = {row["excerpt_id"] for row in rows(machine, CODINGS) if row["coded"]}
    spoken = [row for row in rows(machine, EXCERPTS) if row["role"] == "respondent"]
    counts = Counter(row["source_id"] for row in spoken)
    with_code = Counter(row["source_id"] for row in spoken if row["excerpt_id"] in coded)
    for name, count in sorted(counts.items()):
        share = (count - with_code[name]) / count
        yield {"source_id": name, "excerpts": count, "coded": with_code[name], "share": share}


def crate(files: Mapping[str, bytes], record: Row, title: str) -> bytes:
    """The description of the pack as an RO-Crate 1.1: its files with size and hash, the program and the run that made them."""
    described = [
        {
            "@id": name,
            "@type": "File",
            "name": FILES[name][0],
            "encodingFormat": FILES[name][1],
            "contentSize": str(len(data)),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        for name, data in sorted(files.items())
    ]
    parts = [{"@id": entity["@id"]} for entity in described]
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": f"Audit pack: {title}",
            "description": f"Findings drawn at random with a sheet to sign, coverage and exclusions; edition {record['edition']}",
            "datePublished": record["at"],
            "license": {"@id": "#terms"},
            "hasPart": parts,
            "mentions": {"@id": "#run"},
        },
        {
            "@id": "#terms",
            "@type": "CreativeWork",
            "name": "Internal",
            "description": "For the auditors of the study only",
        },
        *described,
        {"@id": "#program", "@type": "SoftwareApplication", "name": "Hallazgo", "version": record["program"]},
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "Analysis and audit of the study",
            "endTime": record["at"],
            "instrument": {"@id": "#program"},
            "result": parts,
        },
    ]
    content = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


FILES = {
    SIGN_OFF: ("Walk-throughs to sign", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "audit.json": ("Result of the audit", "application/json"),
    "audit.txt": ("Result of the audit, to read", "text/plain"),
}  # name, and what it is
