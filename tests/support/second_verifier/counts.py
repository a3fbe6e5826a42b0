"""From links and codings to evidence.csv, the strengths, the matrix and the first figures of a run."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from second_verifier.stored import Difference, Row, StoredStudy

WITHHELD = ("no consent", "asked of somebody without consent", "person not identified while somebody refuses")

EVIDENCE, MATRIX = "outputs/evidence.csv", "outputs/matrix.csv"
STANCES = ("positive", "negative", "mixed")
COUNT_OF = {"confirmed": "confirmed_share"}  # keys of a rule that limit a count of another name
AT_MOST = frozenset({"top_share"})  # keys of a rule that are a maximum
STRENGTHS = ("strong", "moderate", "weak", "contested", "unsupported")


def several(value: str) -> set[str]:
    """The values in a cell of a register that holds several, such as `Quechua; Aymara`."""
    return {part.strip() for part in value.split(";") if part.strip()} or {""}


class Speakers:
    """Who speaks in an excerpt: the attributes that are published and whether the words may be shown."""

    def __init__(self, study: StoredStudy) -> None:
        self.people = study.people
        self.columns = {"group": study.settings["group_by"], "country": "country", "gender": "gender"}
        self.stated = {(row["source_id"], row["attribute"]): row["value"] for row in study.table("attributes")}
        self.sources = {row["source_id"]: row for row in study.table("sources")}

    def attributes(self, excerpt: Row) -> Row:
        person = self.people.get(excerpt["participant_id"], {})
        is_answer = excerpt["role"] == "respondent"
        return {
            name: (person.get(column) or "").strip()
            or (self.stated.get((excerpt["source_id"], column), "") if is_answer else "")
            for name, column in self.columns.items()
        }

    def key(self, excerpt: Row) -> str:
        """One key per person; the unknown respondents of a source, or of its original, are one; "" for a document."""
        if excerpt["participant_id"]:
            return f"P {excerpt['participant_id']}"
        source = self.sources[excerpt["source_id"]]
        if source["kind"] == "document":
            return ""
        return f"A {source['copy_of'] if source['copy_of'] in self.sources else source['source_id']}"


def evidence(study: StoredStudy) -> Iterator[Difference]:
    """Every row of evidence.csv is a link with its coding, its words and its speaker; every link is a row."""
    speakers, published = Speakers(study), study.csv("evidence.csv")
    excerpts = {row["excerpt_id"]: row for row in study.table("excerpts")}
    codings = {(row["excerpt_id"], row["criterion"]): row for row in study.table("codings")}
    links = {(row["finding_id"], row["excerpt_id"]): row for row in study.table("links")}
    keys = [(row["finding_id"], row["excerpt_id"]) for row in published]
    if sorted(keys) != sorted(links):
        yield Difference(EVIDENCE, "its rows are not the links of the table links")
    codes: dict[str, set[str]] = defaultdict(set)
    marked = _marked_words(study, codings, excerpts)
    for line, (key, row) in enumerate(zip(keys, published, strict=True), 2):
        if key not in links:
            yield Difference(f"{EVIDENCE} line {line}", "is no link")
            continue
        link, excerpt = links[key], excerpts[key[1]]
        coding = codings.get((key[1], study.findings[key[0]]["criterion"]), {})
        expected = _row(study.findings[key[0]], link, coding, excerpt, speakers)
        expected["span"] = "" if row["shown"] == "withheld" else marked.get((key[1], expected["criterion"]), "")
        yield from (
            Difference(f"{EVIDENCE} line {line}", f"its {name} differs from the tables")
            for name, value in expected.items()
            if row[name] != value
        )
        if speakers.key(excerpt):
            codes[speakers.key(excerpt)].add(row["participant"])
        elif row["participant"]:
            yield Difference(f"{EVIDENCE} line {line}", "its participant is nobody")
    named = Counter(code for of_person in codes.values() for code in of_person)
    if any(len(of_person) > 1 for of_person in codes.values()) or any(count > 1 for count in named.values()):
        yield Difference(EVIDENCE, "a person has two codes, or a code is of two persons")


def _marked_words(study: StoredStudy, codings: dict[Any, Row], excerpts: dict[str, Row]) -> dict[tuple[str, str], str]:
    """The words that anybody marked for a code that the excerpt carries, and for the codes above it that it carries."""
    above = {code["id"]: code.get("parent", "") for code in study.codes}
    letters: dict[tuple[str, str], list[str]] = {}
    for row in study.table("spans"):
        excerpt, code = excerpts[row["excerpt_id"]], row["criterion"]
        is_carried = codings.get((row["excerpt_id"], code), {}).get("coded")
        while is_carried and code:
            if codings.get((row["excerpt_id"], code), {}).get("coded"):
                flags = letters.setdefault((row["excerpt_id"], code), [" "] * len(excerpt["text"]))
                for at in range(row["start"] - excerpt["start"], row["end"] - excerpt["start"]):
                    flags[at] = "x"
            code = above.get(code, "")
    return {
        cell: " […] ".join(
            excerpts[cell[0]]["text"][each.start() : each.end()] for each in re.finditer("x+", "".join(flags))
        )
        for cell, flags in letters.items()
    }


def _row(finding: Row, link: Row, coding: Row, excerpt: Row, speakers: Speakers) -> Row:
    person = speakers.people.get(excerpt["participant_id"])
    quote: Row = {}
    if person:
        quote = {"shown": "whole", "quote": excerpt["text"]} if person["shown"] else {"shown": "withheld"}
    return {
        "direction": link["direction"],
        "status": link["status"],
        "score": str(float(link["score"])),
        "bearing": str(float(link["bearing"])),
        "criterion": finding["criterion"],
        "stance": coding.get("stance", ""),
        "probability": str(float(coding["probability"] if coding.get("coded") else 0.0)),
        "coding_status": coding.get("status", "machine"),
        "kind": speakers.sources[excerpt["source_id"]]["kind"],
        **{name: excerpt[name] for name in ("source_id", "language", "place", "question")},
        **speakers.attributes(excerpt),
        **quote,
    }


def strength_of(rows: list[Row], settings: Row) -> tuple[str, Row]:
    """The strength of a finding and its counts, from its rows of evidence.csv (docs/method.md, Strength)."""
    rows = [row for row in rows if row["status"] != "rejected"]
    confirmed = [row for row in rows if row["status"] == "confirmed"]
    side = {
        word: [row for row in confirmed if row["direction"] == word]
        for word in ("supports", "contradicts", "qualifies")
    }
    speaking = Counter(row["participant"] for row in side["supports"] if row["participant"])
    against = {row["participant"] for row in side["contradicts"]} - {""}
    counts: Row = {
        "persons": len(speaking),
        "groups": len({row["group"] for row in side["supports"] if row["participant"] and row["group"]}),
        "kinds": len({row["kind"] for row in side["supports"]}),
        "sources": len({row["source_id"] for row in confirmed}),
        "confirmed": len(confirmed),
        "suggested": len(rows) - len(confirmed),
        **{word: len(of_side) for word, of_side in side.items()},
        "top_share": _share(max(speaking.values(), default=0), speaking.total()),
        "contradicting_share": _share(len(against), len(against | set(speaking))),
        "confirmed_share": _share(len(confirmed), len(rows)),
    }
    return _strength(counts, settings), counts


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _strength(counts: Row, settings: Row) -> str:
    if counts["supports"] == 0:
        return "unsupported"
    if counts["contradicts"] and counts["contradicting_share"] >= settings["contested"]:
        return "contested"
    for word in ("strong", "moderate"):
        if all(_is_met(counts[COUNT_OF.get(key, key)], key, limit) for key, limit in settings[word].items()):
            return word
    return "weak"


def _is_met(count: float, key: str, limit: float) -> bool:
    return count <= limit if key in AT_MOST else count >= limit


def strengths(study: StoredStudy) -> Iterator[Difference]:
    """The strength in every row of evidence.csv and in run.json follows from the confirmed links."""
    by_finding = rows_by_finding(study)
    derived = {name: strength_of(rows, study.settings)[0] for name, rows in by_finding.items()}
    for name, rows in by_finding.items():
        if any(row["strength"] != derived[name] for row in rows):
            yield Difference(f"{EVIDENCE} ({name})", "its strength does not follow from the confirmed links")
    if study.record["strengths"] != derived:
        yield Difference("outputs/run.json strengths", "do not follow from the confirmed links")
    totals = Counter(derived.values())
    for word in STRENGTHS:
        if study.record["summary"][f"findings_{word}"] != totals[word]:
            yield Difference(f"outputs/run.json summary findings_{word}", "is not the number of such findings")


def rows_by_finding(study: StoredStudy) -> dict[str, list[Row]]:
    """The rows of evidence.csv of every finding of the register."""
    by_finding: dict[str, list[Row]] = {name: [] for name in study.findings}
    for row in study.csv("evidence.csv"):
        by_finding[row["finding_id"]].append(row)
    return by_finding


def divided_links(study: StoredStudy) -> set[tuple[str, str]]:
    """The undecided links on which coders decided and differ: (finding, excerpt)."""
    rows = [row for row in study.table("links") if row["status"] == "suggested" and row["decided_by"] != "machine"]
    return {(row["finding_id"], row["excerpt_id"]) for row in rows}


def counting_codings(study: StoredStudy) -> list[Row]:
    """The codings that count: coded, and in no copy of another source."""
    copies = {row["source_id"] for row in study.table("sources") if row["copy_of"]}
    return [
        row for row in study.table("codings") if row["coded"] and row["excerpt_id"].rpartition(":")[0] not in copies
    ]


def matrix(study: StoredStudy) -> Iterator[Difference]:
    """Every row of the matrix counts the codings of its criterion, kind and group; each such row is there once."""
    speakers = Speakers(study)
    excerpts = {row["excerpt_id"]: row for row in study.table("excerpts")}
    cells: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for row in counting_codings(study):
        excerpt = excerpts[row["excerpt_id"]]
        kind = speakers.sources[excerpt["source_id"]]["kind"]
        cell = (row["criterion"], kind, speakers.attributes(excerpt)["group"])
        cells[cell].append((speakers.key(excerpt), excerpt["source_id"], row["stance"]))
    published = study.csv("matrix.csv")
    keys = [(row["criterion"], row["kind"], row["group"]) for row in published]
    if len(set(keys)) != len(keys) or cells.keys() - set(keys):
        yield Difference(MATRIX, "has a row twice, or lacks one")
    kinds = {criterion: sum(key[0] == criterion for key in keys) for criterion, _, _ in keys}
    if len(set(kinds.values())) > 1 or set(kinds) != {code["id"] for code in study.codes}:
        yield Difference(MATRIX, "lacks a row that other criteria have, or a criterion")
    for line, (key, row) in enumerate(zip(keys, published, strict=True), 2):
        expected = _cell(cells.get(key, []), study.settings["smallest_cell"])
        yield from (
            Difference(f"{MATRIX} line {line}", f"its number of {name} is not {value}")
            for name, value in expected.items()
            if row[name] != value
        )


def _cell(rows: list[tuple[str, str, str]], smallest: int) -> Row:
    persons = len({person for person, _, _ in rows} - {""})
    return {
        "persons": f"<{smallest}" if 0 < persons < smallest else str(persons),
        "sources": str(len({source for _, source, _ in rows})),
        "excerpts": str(len(rows)),
        **{word: str(sum(stance == word for _, _, stance in rows)) for word in STANCES},
    }


def summary(study: StoredStudy) -> Iterator[Difference]:
    """The first figures of the run are what the tables count."""
    coded, used = counting_codings(study), [row for row in study.table("links") if row["status"] != "rejected"]
    answered = {row["source_id"] for row in study.table("turns") if row["role"] == "respondent"}
    silent = {row["source_id"] for row in study.table("rejected") if row["reason"] in WITHHELD} - answered
    expected = {
        "sources": sum(
            row["status"] != "rejected" and row["source_id"] not in silent for row in study.table("sources")
        ),
        "excerpts": sum(row["role"] == "respondent" for row in study.table("excerpts")),
        "coded": len({row["excerpt_id"] for row in coded}),
        "codings": len(coded),
        "links": len(used),
        "links_confirmed": sum(row["status"] == "confirmed" for row in used),
        "links_unclear": sum(row["status"] == "suggested" and row["direction"] == "not_told" for row in used),
        "waiting": len(study.table("queue")),
        "participants": len(study.people),
    }
    for name, value in expected.items():
        if study.record["summary"][name] != value:
            yield Difference(f"outputs/run.json summary {name}", f"is not {value}")
