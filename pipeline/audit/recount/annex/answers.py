"""The first table of a finding, worded again from evidence.csv, the links and the registers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipeline.audit.recount.annex.material import Material, by_numbers
from pipeline.audit.recount.sentences import reason, robustness
from pipeline.audit.stored import Row

DIRECTIONS = ("supports", "contradicts", "qualifies", "not_told")


def answer_rows(
    material: Material, finding: Row, divided: Collection[tuple[str, str]], expected: str
) -> list[list[str]]:
    """Question and answer; `divided` are the links on which coders differ, `expected` whom the machine expects to speak."""
    rules, rows = material.stored.settings.evidence, material.evidence[finding["id"]]
    recount = material.recounts[finding["id"]]
    strength = material.closed("strength", recount.strength)
    confirmed = [row for row in rows if row["status"] == "confirmed"]
    support = [row for row in confirmed if row["direction"] == "supports"]
    contrary = [row for row in confirmed if row["direction"] != "supports"]
    undecided: dict[bool, list[Row]] = {True: [], False: []}
    for row in rows:
        if row["status"] == "suggested":
            undecided[(finding["id"], row["excerpt_id"]) in divided].append(row)
    nobody, recall = material.say("annex_answer.nobody"), material.stored.record["summary"]["contrary_recall"]
    suggested = "\n".join(filter(None, (_in_lines(material, undecided[False]), expected)))
    registers = (*material.registers["conclusions"], *material.registers["recommendations"])
    resting = ", ".join(entry["id"] for entry in registers if finding["id"] in entry.get("findings", ()))
    found = {
        "question": finding.get("question", ""),
        "sure": f"{strength[:1].upper()}{strength[1:]}. {reason(recount, rules, material.language)}",
        "says": _speakers(material, support) or nobody,
        "disagrees": "\n".join(
            (_in_lines(material, contrary) or nobody, material.say("annex_answer.missed", recall=recall))
        ),
        "differ": _in_lines(material, undecided[True]),
        "machine": suggested or material.say("annex_evidence.suggested"),
        "hangs": material.in_references(robustness(rows, rules, material.language), rows),
        "rests": resting or material.say("finding.hangs_nothing"),
    }
    return [[material.say(f"annex_ask.{key}"), text] for key, text in found.items() if text]


def _in_lines(material: Material, rows: Sequence[Row]) -> str:
    """Who speaks, a line for each direction."""
    lines = []
    for direction in DIRECTIONS:
        if of_direction := [row for row in rows if row["direction"] == direction]:
            word = material.closed("direction", direction)
            lines.append(f"{word[:1].upper()}{word[1:]}: {_speakers(material, of_direction)}")
    return "\n".join(lines)


def _speakers(material: Material, rows: Sequence[Row]) -> str:
    """Persons by group, excerpts of people who are not known, and documents."""
    by_group: dict[str, set[str]] = {}
    for row in rows:
        if row["participant"]:
            by_group.setdefault(row["group"], set()).add(row["participant"])
    unknown = sum(not row["participant"] and row["kind"] != "document" for row in rows)
    documents = {material.references[row["source_id"]] for row in rows if row["kind"] == "document"}
    said = []
    if by_group:
        ranked = sorted(by_group, key=lambda group: (-len(by_group[group]), group))
        names = {group: group.replace("_", " ") or material.say("finding.no_group") for group in ranked}
        groups = ", ".join(f"{names[group]} {len(by_group[group])}" for group in ranked)
        said.append(material.say("annex_answer.persons", n=len(set().union(*by_group.values())), groups=groups))
    if unknown:
        said.append(material.say("annex_answer.unknown", n=unknown))
    if documents:
        names_of = ", ".join(sorted(documents, key=by_numbers))
        said.append(material.say("annex_answer.documents", n=len(documents), names=names_of))
    return "; ".join(said)
