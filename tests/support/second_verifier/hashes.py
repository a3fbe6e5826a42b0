"""The hashes: of every file, of the run record, of the chain of decisions, and the heads over both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from second_verifier.stored import Difference, StoredStudy, strict_json

GROWING = ("coded/decisions.jsonl", "outputs/agreement.json", "outputs/quality.json")  # have checks of their own


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def compact(value: Any) -> bytes:
    """JSON with sorted keys, no spaces and unescaped letters."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of RFC 9162, by its recursive definition."""
    if len(entries) < 2:
        return hashlib.sha256(b"\0" + entries[0] if entries else b"").digest()
    half = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(entries[:half]) + tree_hash(entries[half:])).digest()


def files(study: StoredStudy) -> Iterator[Difference]:
    """Every file that the run read and wrote has the bytes of then."""
    for section in ("inputs", "machine", "outputs"):
        for name, expected in sorted(study.record[section].items()):
            path = study.root / name
            if name in GROWING or not set(expected) <= set("0123456789abcdef"):
                continue
            if not path.is_file():
                yield Difference(name, "is missing")
            elif sha256(path.read_bytes()) != expected:
                yield Difference(name, "is not the file of the last run")


def run_record(study: StoredStudy) -> Iterator[Difference]:
    """The seal and the tree of run.json."""
    content = {key: value for key, value in study.record.items() if key != "seal"}
    if study.record.get("seal") != sha256(compact(content)):
        yield Difference("outputs/run.json", "does not match its seal")
    listed = {name: digest for part in ("inputs", "machine", "outputs") for name, digest in study.record[part].items()}
    entries = [f"{name} {digest}\n".encode() for name, digest in sorted(listed.items())]
    identity = study.root / "coded" / "study_id"
    if not identity.is_file() or identity.read_bytes().strip() != study.record["study"].encode():
        yield Difference("coded/study_id", "is not the id that the run knew")
    if study.record["tree"] != tree_hash(entries).hex():
        yield Difference("outputs/run.json", "its tree differs from its files")


def ledger(study: StoredStudy) -> Iterator[Difference]:
    """Every line continues the line before it, and the run saw a beginning of the file."""
    name, before = "coded/decisions.jsonl", "0" * 64
    for number, line in enumerate(study.ledger_lines, 1):
        row = strict_json(line)
        stated = row.pop("hash")
        if row["seq"] != number or row["prev"] != before or stated != sha256(compact(row)) or not line.endswith(b"\n"):
            yield Difference(f"{name} line {number}", "breaks the chain")
            return
        before = stated
    seen = study.record["ledger"]
    lines = study.ledger_lines[: seen["lines"]]
    head = strict_json(lines[-1])["hash"] if lines else seen["head"]
    if len(lines) < seen["lines"] or head != seen["head"] or tree_hash(lines).hex() != seen["tree"]:
        yield Difference(f"{name} line {len(lines)}", "is not the ledger that the last run recorded")


def refusals(study: StoredStudy) -> Iterator[Difference]:
    """The file of refusals begins as the last run recorded it."""
    name, seen = "coded/refusals.jsonl", study.record["refusals"]
    path = study.root / name
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    if seen["lines"] and sha256(b"".join(lines[: seen["lines"]])) != seen["sha256"]:
        yield Difference(name, "does not begin as the last run recorded it")


def measured(study: StoredStudy) -> Iterator[Difference]:
    """The figures of agree and evaluate have the hashes of measured.json, and that its seal."""
    path = study.root / "outputs" / "measured.json"
    content = strict_json(path.read_bytes()) if path.exists() else {"files": {}}
    if path.exists() and content["seal"] != sha256(compact(content["files"])):
        yield Difference("outputs/measured.json", "does not match its seal")
    stated = {name: each["sha256"] for name, each in content["files"].items()}
    for name in ("outputs/agreement.json", "outputs/quality.json"):
        expected = stated.get(name, study.record["inputs"].get(name))
        file = study.root / name
        if expected and (not file.is_file() or sha256(file.read_bytes()) != expected):
            yield Difference(name, "is not the file that was measured")
