"""What changed since the last run: findings whose strength moved, with the cause, and codes assigned or only suggested now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.findings import Register
from pipeline.records import Decision, StrengthAssessment
from pipeline.vocabulary import DecisionKind

HUMAN_FILES = (
    "config.toml",
    "coded/codebook.toml",
    "coded/findings.toml",
    "coded/seeds.jsonl",
    "coded/refusals.jsonl",
    "coded/corrections.csv",
    "raw/participants.csv",
)


def strengths_of(assessments: Mapping[str, StrengthAssessment]) -> dict[str, str]:
    """The strength of each finding, as run.json keeps it for the next run."""
    return {name: str(assessment.strength) for name, assessment in sorted(assessments.items())}


def moved_codes(
    previous: Mapping[str, Any], only_suggested: Sequence[str], codes: Iterable[str]
) -> dict[str, list[str]]:
    """Of `codes`, those that are only suggested, those that are assigned, and those of each that were of the other.

    `only_suggested`: the codes that the machine does not assign, because too few decisions bear it out. A code that is new
    since the last run changed in neither direction.
    """
    assigned, before = set(codes) - set(only_suggested), previous.get("codes", {})
    return {
        "only_suggested": sorted(only_suggested),
        "assigned": sorted(assigned),
        "reliable_now": sorted(assigned & set(before.get("only_suggested", ()))),
        "only_suggested_now": sorted(set(only_suggested) & set(before.get("assigned", ()))),
    }


def moved_findings(
    previous: Mapping[str, Any],
    strengths: Mapping[str, str],
    *,
    register: Register,
    decisions: Sequence[Decision],
    links: pd.DataFrame,
    sources: pd.DataFrame,
    inputs: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Each finding whose strength changed since the last run, with the cause; none if there was no run.

    `decisions` and `codebook` are lines of the ledger written since, on the finding, on its excerpts or (if there are none such) on
    others, from which the classifier learnt; `sources` are files of raw/ that changed and in which the finding has links or
    decisions (if there are none such: any that changed); `files` are those that people wrote.
    """
    before: Mapping[str, str] | None = previous.get("strengths")
    if before is None:
        return []
    new = decisions[int(previous.get("ledger", {}).get("lines", 0)) :]
    changed = changed_files(previous.get("inputs", {}), inputs)
    paths = dict(zip(sources["source_id"], sources["path"], strict=True))
    criteria = {finding.id: finding.criterion for finding in register.findings}
    moved = []
    for name in sorted({*before, *strengths}):
        if before.get(name, "") == strengths.get(name, ""):
            continue
        excerpts = set(links.loc[links["finding_id"] == name, "excerpt_id"])
        cited = excerpts | {d.excerpt_id for d in decisions if d.finding_id == name}
        moved.append(
            {
                "finding_id": name,
                "from": before.get(name, ""),
                "to": strengths.get(name, ""),
                "decisions": _lines(new, name, criteria.get(name, ""), excerpts),
                "codebook": [d.seq for d in new if d.kind is DecisionKind.CODEBOOK],
                "sources": _sources(changed, inputs, {paths.get(e.rpartition(":")[0], "") for e in cited}),
                "files": sorted(path for path in changed if path in HUMAN_FILES),
            }
        )
    return moved


def _lines(new: Sequence[Decision], finding: str, criterion: str, excerpts: Collection[str]) -> list[int]:
    """The lines written since that are on the finding or on its excerpts, else all of them."""
    direct = [
        d.seq for d in new if d.finding_id == finding or (d.excerpt_id in excerpts and d.criterion in ("", criterion))
    ]
    return direct or [d.seq for d in new if d.kind is not DecisionKind.CODEBOOK]


def _sources(changed: Sequence[str], inputs: Collection[str], paths: Collection[str]) -> list[str]:
    """The files of raw/ that changed among those of the finding and those that are gone, else all that changed."""
    raw = [path for path in changed if path.startswith("raw/") and path not in HUMAN_FILES]
    direct = [path for path in raw if path.removeprefix("raw/") in paths or path not in inputs]
    return sorted(direct or raw)


def changed_files(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The inputs whose hashes differ between two runs, sorted."""
    return sorted(path for path in {*before, *now} if before.get(path) != now.get(path))
