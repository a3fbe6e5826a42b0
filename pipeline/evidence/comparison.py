"""What moved between two runs of a study: strengths, codings and links, with the cause of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.evidence.movement import HUMAN_FILES, changed_files, moved_findings
from pipeline.findings import Register
from pipeline.records import Decision
from pipeline.vocabulary import UNDECIDED, CodingStatus, DecisionKind, LinkStatus

Change = dict[str, Any]
NONE = ""  # state of a coding or link that a run does not have


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as its study keeps it: run.json, the tables, and the decisions that it had."""

    record: Mapping[str, Any]
    codings: pd.DataFrame
    links: pd.DataFrame
    sources: pd.DataFrame
    decisions: Sequence[Decision]


def compare(before: RunState, after: RunState, register: Register) -> dict[str, Any]:
    """The findings whose strength differs, as in run.json, and the codings and links that differ; each with its causes.

    A coding or link has `from` and `to`, and, of these causes, those that apply: `decisions` (lines of the ledger on its excerpt),
    `sources` (files of raw/ that changed, where it is in one), and only where there is neither: `codebook`, `files`, `program`,
    and `learned_from` (new decisions on other excerpts). `register` is that of the later run.
    """
    causes = _Causes(before, after)
    return {
        "findings": moved_findings(
            before.record,
            after.record.get("strengths", {}),
            register=register,
            decisions=after.decisions,
            links=after.links,
            sources=after.sources,
            inputs=after.record.get("inputs", {}),
        ),
        "codings": list(_changes(_coding_states(before), _coding_states(after), causes, "criterion")),
        "links": list(_changes(_link_states(before), _link_states(after), causes, "finding_id")),
        "decisions": [decision.seq for decision in causes.new],
        "sources": causes.changed,
        "files": causes.files,
        "program": causes.is_other_program,
    }


def _coding_states(run: RunState) -> pd.Series[str]:
    """The coding of every excerpt and code, and by whom: `yes positive (people)`; excerpts that nobody coded are left out."""
    rows = run.codings
    by_people = ~rows["status"].isin(list(UNDECIDED))
    settled = rows[rows["coded"] | by_people]
    words = settled["coded"].map({True: "yes", False: "no"}) + (" " + settled["stance"].astype("str")).str.rstrip()
    who = by_people[settled.index].map({True: " (people)", False: f" ({CodingStatus.MACHINE})"})
    return pd.Series((words + who).to_numpy(), index=pd.MultiIndex.from_frame(settled[["criterion", "excerpt_id"]]))


def _link_states(run: RunState) -> pd.Series[str]:
    rows = run.links[run.links["status"].isin(list(LinkStatus))]
    words = rows["direction"].astype("str") + " (" + rows["status"].astype("str") + ")"
    return pd.Series(words.to_numpy(), index=pd.MultiIndex.from_frame(rows[["finding_id", "excerpt_id"]]))


def _changes(before: pd.Series[str], after: pd.Series[str], causes: _Causes, target: str) -> Iterator[Change]:
    both = pd.concat({"from": before, "to": after}, axis=1).fillna(NONE)
    moved = both[both["from"] != both["to"]].sort_index()
    keys = moved.index.to_frame(index=False).astype("str")
    for name, excerpt, was, now in zip(keys.iloc[:, 0], keys.iloc[:, 1], moved["from"], moved["to"], strict=True):
        yield {target: name, "excerpt_id": excerpt, "from": was, "to": now, **causes.of(name, excerpt)}


def _lines_by_place(decisions: Sequence[Decision]) -> dict[tuple[str, str], list[int]]:
    """The numbers of the lines on each code or finding (blank: the whole excerpt) and excerpt."""
    lines: dict[tuple[str, str], list[int]] = {}
    for decision in decisions:
        lines.setdefault((decision.criterion or decision.finding_id, decision.excerpt_id), []).append(decision.seq)
    return lines


class _Causes:
    """What is new in the later run, and which of it may have changed an excerpt's coding or link."""

    def __init__(self, before: RunState, after: RunState) -> None:
        self.new = [d for d in after.decisions[len(before.decisions) :] if d.kind is not DecisionKind.UNDO]
        differing = changed_files(before.record.get("inputs", {}), after.record.get("inputs", {}))
        self.files = [path for path in differing if path in HUMAN_FILES]
        self.changed = [path for path in differing if path.startswith("raw/") and path not in HUMAN_FILES]
        self.is_other_program = before.record.get("program") != after.record.get("program")
        self.codebook = [d.seq for d in self.new if d.kind is DecisionKind.CODEBOOK]
        tables = pd.concat([before.sources, after.sources])
        self.paths = dict(zip(tables["source_id"], "raw/" + tables["path"], strict=True))
        self.lines = _lines_by_place(self.new)

    def of(self, target: str, excerpt: str) -> Change:
        """The causes of a change, by kind; kinds without any are left out."""
        path = self.paths.get(excerpt.rpartition(":")[0], "")
        on_all = self.lines.get(("", excerpt), [])  # reviewed as a whole
        direct = {
            "decisions": sorted([*self.lines.get((target, excerpt), []), *on_all]),
            "sources": [path] if path in self.changed else [],
        }
        if any(direct.values()):
            return {kind: value for kind, value in direct.items() if value}
        learned = [d for d in self.new if d.kind is not DecisionKind.CODEBOOK]
        other_lines = {
            "codebook": self.codebook,
            "files": self.files,
            "program": self.is_other_program,
            "learned_from": len(learned),
        }
        return {kind: value for kind, value in other_lines.items() if value}
