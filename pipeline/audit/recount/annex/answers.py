"""The first table of a finding, worded again from evidence.csv, the links and the registers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipeline.audit.recount.annex.material import Material, by_numbers
from pipeline.audit.recount.sentences import coverage, reason, robustness
from pipeline.audit.stored import Row

DIRECTIONS = ("supports", "contradicts", "qualifies", "not_told")


def answer_rows(
    material: Material, finding: Row, divided: Collection[tuple[str, str]], expected: str
) -> list[list[str]]:
    """Question and answer; `divided` are the links on which coders differ, `expected` whom the machine expects to speak."""
    rules, rows = material.stored.settings.evidence, material.evidence[finding["id"]]
    recount = material.recounts[finding["id"]]
    strength = material.closed("strength", recount.strength)
    support = [row for row in rows if (row["status"], row["direction"]) == ("confirmed", "supports")]
    contrary = [row for row in rows if row["status"] == "confirmed" and row["direction"] != "supports"]
    differing, suggested = _undecided(rows, divided)
    counted = _people(support) | _people(contrary)
    believed = "\n".join(filter(None, (_in_lines(material, suggested, counted), expected)))
    rated = f"{strength[:1].upper()}{strength[1:]}. {reason(recount, rules, material.language)}"
    found = {
        "question": finding.get("question", ""),
        "sure": "\n".join(filter(None, (rated, coverage(rows, material.language)))),
        "says": _speakers(material, support) or material.say("annex_answer.nobody"),
        "disagrees": _disagreement(material, contrary, support),
        "differ": _in_lines(material, differing, counted),
        "machine": believed or material.say("annex_evidence.suggested"),
        "hangs": material.in_references(robustness(rows, rules, material.language), rows),
        "rests": _resting(material, finding) or material.say("finding.hangs_nothing"),
    }
    return [[material.say(f"annex_ask.{key}"), text] for key, text in found.items() if text]


def _disagreement(material: Material, contrary: Sequence[Row], support: Sequence[Row]) -> str:
    """Who speaks against the finding or qualifies it, and what the machine is known to miss."""
    recall = material.stored.record["summary"]["contrary_recall"]
    lines = [_in_lines(material, contrary, _people(support)) or material.say("annex_answer.nobody")]
    if contrary and all(row["direction"] != "contradicts" for row in contrary):
        lines.insert(0, material.say("annex_answer.nobody_contradicts"))
    return "\n".join([*lines, material.say("annex_answer.missed", recall=recall)])


def _people(rows: Sequence[Row]) -> set[str]:
    return {row["participant"] for row in rows} - {""}


def _undecided(rows: Sequence[Row], divided: Collection[tuple[str, str]]) -> tuple[list[Row], list[Row]]:
    """Those on which coders differ, and those that are the machine's alone."""
    undecided = [row for row in rows if row["status"] == "suggested"]
    differing = [row for row in undecided if (row["finding_id"], row["excerpt_id"]) in divided]
    return differing, [row for row in undecided if row not in differing]


def _resting(material: Material, finding: Row) -> str:
    registers = (*material.registers["conclusions"], *material.registers["recommendations"])
    return ", ".join(entry["id"] for entry in registers if finding["id"] in entry.get("findings", ()))


def _in_lines(material: Material, rows: Sequence[Row], counted: Collection[str]) -> str:
    """Who speaks, a line for each direction; `counted` are the persons named in an answer above."""
    lines = []
    for direction in DIRECTIONS:
        if of_direction := [row for row in rows if row["direction"] == direction]:
            word = material.closed("direction", direction)
            lines.append(f"{word[:1].upper()}{word[1:]}: {_speakers(material, of_direction, counted)}")
    return "\n".join(lines)


def _speakers(material: Material, rows: Sequence[Row], counted: Collection[str] = ()) -> str:
    """Persons by group, how many of them were counted above, excerpts of people who are not known, and documents."""
    said = []
    if groups := _groups(rows):
        ranked = sorted(groups, key=lambda group: (-len(groups[group]), group))
        nameless = material.say("finding.no_group")
        named = ", ".join(f"{group.replace('_', ' ') or nameless} {len(groups[group])}" for group in ranked)
        persons = material.say("annex_answer.persons", n=len(_people(rows)), groups=named)
        again = len(_people(rows).intersection(counted))
        said.append(f"{persons}, {material.say('annex_answer.counted', n=again)}" if again else persons)
    if unknown := sum(not row["participant"] and row["kind"] != "document" for row in rows):
        said.append(material.say("annex_answer.unknown", n=unknown))
    if documents := {material.references[row["source_id"]] for row in rows if row["kind"] == "document"}:
        names = ", ".join(sorted(documents, key=by_numbers))
        said.append(material.say("annex_answer.documents", n=len(documents), names=names))
    return "; ".join(said)


def _groups(rows: Sequence[Row]) -> dict[str, set[str]]:
    """The persons of each group."""
    by_group: dict[str, set[str]] = {}
    for row in rows:
        if row["participant"]:
            by_group.setdefault(row["group"], set()).add(row["participant"])
    return by_group
