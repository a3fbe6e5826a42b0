"""From the rows of evidence.csv to the strength of every finding, wherever it is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.audit.recount.links import EVIDENCE, findings_of
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows
from pipeline.config import Condition, EvidenceSettings
from pipeline.errors import Problem
from pipeline.wording.messages import message

STRENGTHS = ("strong", "moderate", "weak", "contested", "unsupported")
DIGITS = 4  # of a share


@dataclass(frozen=True, slots=True)
class Recount:
    """What is counted of one finding, under the headings of the workbook, and the strength that follows."""

    counts: Mapping[str, float]
    strength: str


def check_strengths(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The strength of every finding follows from what people confirmed, in evidence.csv and in run.json."""
    rows = csv_rows(stored.root / EVIDENCE)
    recounts = recounts_of(stored, rows)
    return len(recounts), _problems(stored, rows, recounts)


def recounts_of(stored: Stored, rows: Iterable[Row]) -> dict[str, Recount]:
    """The recount of every finding of the register, from the rows of evidence.csv."""
    by_finding: dict[str, list[Row]] = {name: [] for name in findings_of(stored)}
    for row in rows:
        by_finding.setdefault(row["finding_id"], []).append(row)
    return {name: recount(of_finding, stored.settings.evidence) for name, of_finding in by_finding.items()}


def _problems(stored: Stored, rows: list[Row], recounts: Mapping[str, Recount]) -> Iterator[Problem]:
    strengths = {name: each.strength for name, each in recounts.items()}
    for number, row in enumerate(rows, 2):
        if row["strength"] != strengths[row["finding_id"]]:
            yield _other(f"{EVIDENCE} line {number} ({row['finding_id']})", "strength", strengths[row["finding_id"]])
    for name, word in stored.record.get("strengths", {}).items():
        if word != strengths.get(name):
            yield _other(f"outputs/run.json strengths {name}", "strength", strengths.get(name, "none"))
    totals = Counter(strengths.values())
    for word in STRENGTHS:
        if stored.record.get("summary", {}).get(f"findings_{word}") != totals[word]:
            yield _other(f"outputs/run.json summary findings_{word}", "number", str(totals[word]))


def _other(where: str, what: str, expected: str) -> Problem:
    return Problem(
        where, message("audit/its_does_not_follow_from_the_confirmed", what=what, expected=expected), message(RERUN)
    )


def recount(rows: Iterable[Row], rules: EvidenceSettings) -> Recount:
    """The counts of one finding's rows, and its strength by the rule of the study (docs/method.md, Strength)."""
    used = [row for row in rows if row["status"] != "rejected"]
    confirmed = [row for row in used if row["status"] == "confirmed"]
    counts = {
        **_counts_of_support([row for row in confirmed if row["direction"] == "supports"]),
        **_counts_of_directions(confirmed),
        "sources": len({row["source_id"] for row in confirmed}),
        "confirmed": len(confirmed),
        "suggested": len(used) - len(confirmed),
        "confirmed_share": _share(len(confirmed), len(used)),
    }
    return Recount(counts, _strength(counts, rules))


def _counts_of_support(rows: list[Row]) -> dict[str, float]:
    mentions = Counter(row["participant"] for row in rows if row["participant"])
    return {
        "persons": len(mentions),
        "groups": len({row["group"] for row in rows if row["participant"]} - {""}),
        "kinds": len({row["kind"] for row in rows}),
        "top_share": _share(max(mentions.values(), default=0), mentions.total()),
    }


def _counts_of_directions(rows: list[Row]) -> dict[str, float]:
    directions = Counter(row["direction"] for row in rows)
    speakers = {word: {row["participant"] for row in rows if row["direction"] == word} - {""} for word in directions}
    against, in_favour = speakers.get("contradicts", set()), speakers.get("supports", set())
    return {
        **{word: directions[word] for word in ("supports", "contradicts", "qualifies")},
        "contradicting_share": _share(len(against), len(against | in_favour)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, DIGITS) if whole else 0.0


def _strength(counts: Mapping[str, float], rules: EvidenceSettings) -> str:
    if not counts["supports"]:
        return "unsupported"
    if counts["contradicts"] and counts["contradicting_share"] >= rules.contested:
        return "contested"
    if all(_is_met(condition, counts) for condition in rules.strong.conditions()):
        return "strong"
    if all(_is_met(condition, counts) for condition in rules.moderate.conditions()):
        return "moderate"
    return "weak"


def _is_met(condition: Condition, counts: Mapping[str, float]) -> bool:
    count = counts[condition.counted]
    return count <= condition.limit if condition.at_most else count >= condition.limit
