"""The files that people write and that name codes, changed together with the ledger or not at all."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.codebook import theory_of_change
from pipeline.codebook.theory_edits import codes_of_elements
from pipeline.records import Decision, Draft
from pipeline.review.decisions import Ledger, change_as_row, change_of_row
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import DecisionKind

LEDGER, THEORY = "decisions.jsonl", theory_of_change.NAME
JOURNAL = ".codebook_change.json"  # in coded/, while a change is written: a killed program's change is completed by it


@dataclass(frozen=True, slots=True)
class Files:
    """The files that people write and that name codes; they are changed together."""

    codebook: str
    seeds: bytes
    findings: str
    theory: str

    def elements(self) -> dict[str, list[str]]:
        """The codes of each element of the theory of change."""
        return codes_of_elements(self.theory)

    def criteria(self) -> dict[str, str]:
        """The criterion of each finding."""
        return {f["id"]: f.get("criterion", "") for f in tomllib.loads(self.findings).get("findings", [])}

    def by_name(self) -> dict[str, bytes]:
        """The content of each file under its name in coded/."""
        return {
            "codebook.toml": self.codebook.encode("utf-8"),
            "seeds.jsonl": self.seeds,
            "findings.toml": self.findings.encode("utf-8"),
            THEORY: self.theory.encode("utf-8"),
        }


def load_files(study: Study) -> Files:
    """The files as they are; empty where there is none."""
    seeds, findings, theory = (study.coded / name for name in ("seeds.jsonl", "findings.toml", THEORY))
    return Files(
        codebook=(study.coded / "codebook.toml").read_text("utf-8-sig"),
        seeds=seeds.read_bytes() if seeds.exists() else b"",
        findings=findings.read_text("utf-8-sig") if findings.exists() else "",
        theory=theory.read_text("utf-8-sig") if theory.exists() else "",
    )


def commit(
    study: Study, draft: Draft, ledger: Ledger, *, before: Files, after: Files, coder: str, now: datetime
) -> Decision:
    """Write changed files and the line of the ledger; a journal keeps what is to be written until all of it is."""
    old = before.by_name()
    changed = {name: data.decode("utf-8") for name, data in after.by_name().items() if data != old[name]}
    journal = {
        "files": changed,
        "lines": len(ledger.refresh()),
        "note": draft.note,
        "codebook": draft.codebook,
        "change": change_as_row(draft.change) if draft.change else {},
        "coder": coder,
        "at": now.isoformat(),
    }
    write_atomic(study.coded / JOURNAL, json.dumps(journal, ensure_ascii=False).encode("utf-8"))
    for name, text in changed.items():
        write_atomic(study.coded / name, text.encode("utf-8"))
    (line,) = ledger.append([draft], coder=coder, now=now)
    (study.coded / JOURNAL).unlink()
    return line


def complete(study: Study, ledger: Ledger) -> None:
    """Complete the change that a killed program had begun to write."""
    path = study.coded / JOURNAL
    if not path.is_file():
        return
    journal: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    change = change_of_row(journal["change"])
    for name, text in journal["files"].items():
        write_atomic(study.coded / name, text.encode("utf-8"))
    since = ledger.refresh()[journal["lines"] :]
    if not any(line.change and replace(line.change, before={}) == replace(change, before={}) for line in since):
        draft = Draft(DecisionKind.CODEBOOK, note=journal["note"], codebook=journal["codebook"], change=change)
        ledger.append([draft], coder=journal["coder"], now=datetime.fromisoformat(journal["at"]))
    path.unlink()
