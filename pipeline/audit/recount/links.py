"""From the ledger to the links that people decided on, and from links to the rows of evidence.csv."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pipeline.audit.recount.ledger import Answer, answers_of
from pipeline.audit.recount.spans.shown import marked_words
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows
from pipeline.errors import Problem
from pipeline.vocabulary import Consent, Shown
from pipeline.wording.messages import Message, message

LINKS, EVIDENCE = "coded/machine/links.parquet", "outputs/evidence.csv"
SHOWN = (Consent.YES, Consent.UNSAID)  # with which words are shown
REGISTERS = ("conclusions", "recommendations", "lessons", "practices")
REFUSING = (Consent.NO, Consent.WITHDRAWN)  # with which no words are used
# What an excerpt's stance does to a finding of that stance.
DIRECTIONS = {
    ("positive", "positive"): "supports",
    ("positive", "negative"): "contradicts",
    ("positive", "mixed"): "qualifies",
    ("negative", "positive"): "contradicts",
    ("negative", "negative"): "supports",
    ("negative", "mixed"): "qualifies",
    ("mixed", "positive"): "supports",
    ("mixed", "negative"): "supports",
    ("mixed", "mixed"): "supports",
}
READ = ("positive", "negative")  # the stances that the polarity model reads
AGREED = frozenset({"single", "agreed", "ruled", "carried"})  # codings whose stance, if there is one, is people's


def findings_of(stored: Stored) -> dict[str, Row]:
    """The findings of the register, by id; of two with one id the first."""
    return {finding["id"]: finding for finding in reversed(entries_of(stored)["findings"])}


def registers_of(stored: Stored) -> dict[str, list[Row]]:
    """The entries of the registers beside the findings."""
    entries = entries_of(stored)
    return {name: entries[name] for name in REGISTERS}


def entries_of(stored: Stored) -> dict[str, list[Row]]:
    """The entries of each section of coded/findings.toml that can be used: the last run listed the others."""
    path, codebook = stored.root / "coded" / "findings.toml", stored.root / "coded" / "codebook.toml"
    content = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    codes = {code.get("id") for code in tomllib.loads(codebook.read_text("utf-8-sig")).get("criteria", ())}
    left_out = tuple(problem["where"] for problem in stored.record.get("problems", ()))

    def is_used(name: str, number: int, row: Row) -> bool:
        where = f"findings.toml [[{name}]] {row.get('id', f'number {number}')} "
        is_coded = name != "findings" or row.get("criterion") in codes
        return is_coded and not any(problem.startswith(where) for problem in left_out)

    return {
        name: [row for number, row in enumerate(content.get(name, ()), 1) if is_used(name, number, row)]
        for name in ("findings", *REGISTERS)
    }


def divided_links(stored: Stored) -> frozenset[tuple[str, str]]:
    """The undecided links that are not the machine's, because coders differ on them: (finding, excerpt)."""
    rows = [row for row in stored.tables["links"] if row["status"] == "suggested" and row["decided_by"] != "machine"]
    return frozenset((row["finding_id"], row["excerpt_id"]) for row in rows)


def check_decided_links(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every decided link agrees with the ledger, and that no other link is confirmed."""
    ledger = answers_of(stored)
    latest, rulings = ledger.latest("finding_id"), ledger.rulings("finding_id")
    findings, voices = findings_of(stored), {row["excerpt_id"] for row in stored.tables["excerpts"]}
    rows = {(row["excerpt_id"], row["finding_id"]): row for row in stored.tables["links"]}

    def problems() -> Iterator[Problem]:
        for number, (key, row) in enumerate(rows.items(), 1):
            where = f"{LINKS} row {number} ({row['finding_id']}, {row['excerpt_id']})"
            if what := _link_problem(row, latest.get(key, {}), rulings.get(key)):
                yield Problem(where, what, message(RERUN))
        for key in sorted((latest.keys() | rulings.keys()) - rows.keys()):
            if key[0] in voices and key[1] in findings:
                yield Problem(
                    f"{LINKS} ({key[1]}, {key[0]})", message("audit/is_missing_although_people_decided"), message(RERUN)
                )

    return len(rows), problems()


def _link_problem(row: Row, by_coder: Mapping[str, Answer], ruling: Answer | None) -> Message | None:
    if ruling:
        return _problem_beside_ruling(row, ruling)
    if not by_coder:
        is_decided = row["status"] != "suggested" or row["decided_by"] != "machine"
        return message("audit/counts_as_decided") if is_decided else None
    return _problem_beside_coders(row, by_coder)


def _problem_beside_coders(row: Row, by_coder: Mapping[str, Answer]) -> Message | None:
    ayes = [answer for answer in by_coder.values() if answer.yes]
    directions = _of_most(answer.value for answer in ayes if answer.value)
    if row["status"] != _status(len(ayes), len(by_coder), is_told=len(directions) == 1):
        return message("audit/link_says_something_else", status=row["status"])
    if row["status"] == "confirmed" and [row["direction"]] != directions:
        return message("audit/link_has_another_direction", direction=row["direction"], stated=directions[0])
    if row["decided_by"] != ";".join(sorted(by_coder)):
        return message("audit/link_is_decided_by_others", coders=row["decided_by"])
    return None


def _problem_beside_ruling(row: Row, ruling: Answer) -> Message | None:
    status = "confirmed" if ruling.yes else "rejected"
    is_same = row["status"] == status and row["decided_by"] == ruling.coder
    if is_same and row["direction"] == (ruling.value or row["direction"]):
        return None
    return message("audit/line_rules_something_else", line=ruling.line)


def _of_most(values: Iterable[str]) -> list[str]:
    """The most frequent values: several if they tie."""
    counts = Counter(values)
    return sorted(value for value, count in counts.items() if count == max(counts.values()))


def _status(ayes: int, coders: int, *, is_told: bool) -> str:
    """The status of a link: a suggestion where its coders are divided evenly, or agree on no direction."""
    if 2 * ayes == coders or (ayes and not is_told):
        return "suggested"
    return "confirmed" if 2 * ayes > coders else "rejected"


def check_suggested_directions(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that the direction of a suggested link follows from both stances, or is unclear.

    Where the coding has no stance, the polarity model may have one of its own.
    """
    stances = {name: finding.get("stance", "") for name, finding in findings_of(stored).items()}
    codes = {name: finding.get("criterion", "") for name, finding in findings_of(stored).items()}
    codings = {(row["excerpt_id"], row["criterion"]): row for row in stored.tables["codings"]}
    rows = [(n, row) for n, row in enumerate(stored.tables["links"], 1) if row["decided_by"] == "machine"]

    def problems() -> Iterator[Problem]:
        for number, row in rows:
            stance = stances.get(row["finding_id"], "")
            coding = codings.get((row["excerpt_id"], codes.get(row["finding_id"], "")), {})
            if stance and row["direction"] not in _directions(stance, coding):
                where = f"{LINKS} row {number} ({row['finding_id']}, {row['excerpt_id']})"
                yield Problem(
                    where, message("audit/its_direction_does_not_follow", direction=row["direction"]), message(RERUN)
                )

    return len(rows), problems()


def _directions(stance: str, coding: Row) -> set[str]:
    """The directions that a suggested link may have, by the stance of its finding and the coding of its excerpt."""
    of_excerpt = coding.get("stance", "")
    if of_excerpt and coding["status"] in AGREED:
        return {DIRECTIONS.get((stance, of_excerpt), "not_told")}
    stances = [of_excerpt] if of_excerpt else READ
    return {"not_told", *(DIRECTIONS.get((stance, each), "not_told") for each in stances)}


def check_evidence_rows(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every row of evidence.csv is a link with its coding, its excerpt and its person, and every link is a row."""
    published = csv_rows(stored.root / EVIDENCE)
    links = {(row["finding_id"], row["excerpt_id"]): row for row in stored.tables["links"]}
    facts = _Facts(stored)

    def problems() -> Iterator[Problem]:
        for number, row in enumerate(published, 2):
            key = (row["finding_id"], row["excerpt_id"])
            where = f"{EVIDENCE} line {number} ({key[0]}, {key[1]})"
            link = links.get(key)
            if link is None:
                yield Problem(where, message("audit/is_not_a_link"), message(RERUN))
                continue
            expected = {**facts.of(link), **facts.marked_in(row)}
            guarded = (row.get("guarded") or "").split(";")
            for column, value in expected.items():
                cell = row[column][1:] if column in guarded else row[column]
                if cell != value:
                    yield Problem(where, message("audit/its_differs_from_the_tables", column=column), message(RERUN))
            if row["shown"] not in set(Shown):
                yield Problem(where, message("audit/does_not_say_whether_its_words"), message(RERUN))
        for key in sorted(links.keys() - {(row["finding_id"], row["excerpt_id"]) for row in published}):
            yield Problem(f"{EVIDENCE} ({key[0]}, {key[1]})", message("audit/is_a_link_but"), message(RERUN))
        yield from _doubled(published)
        yield from _codes_of_persons(published, facts)

    return len(published), problems()


def _doubled(published: list[Row]) -> Iterator[Problem]:
    keys: set[tuple[str, str]] = set()
    for number, row in enumerate(published, 2):
        key = (row["finding_id"], row["excerpt_id"])
        if key in keys:
            yield Problem(
                f"{EVIDENCE} line {number} ({key[0]}, {key[1]})", message("audit/occurs_twice"), message(RERUN)
            )
        keys.add(key)


class _Facts:
    """What the tables and the register say of a link, by the columns of evidence.csv."""

    def __init__(self, stored: Stored) -> None:
        self.criteria = {name: finding["criterion"] for name, finding in findings_of(stored).items()}
        self.codings = {(row["excerpt_id"], row["criterion"]): row for row in stored.tables["codings"]}
        self.excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
        self.kinds = {row["source_id"]: row["kind"] for row in stored.tables["sources"]}
        self.persons = PersonsOf(stored)
        self.marked = marked_words(stored, _parents(stored))

    def marked_in(self, row: Row) -> dict[str, str]:
        """The expected cells on marked words of a row; none where its words are withheld, or nobody marked any."""
        cell = (row["excerpt_id"], self.criteria[row["finding_id"]])
        marked = self.marked.get(cell, {}) if row["shown"] != Shown.WITHHELD else {}
        return {name: marked.get(name, "") for name in ("span", "span_at") if name in row}

    def of(self, link: Row) -> dict[str, str]:
        """The expected cells of a link."""
        excerpt, criterion = self.excerpts[link["excerpt_id"]], self.criteria[link["finding_id"]]
        coding = self.codings.get((link["excerpt_id"], criterion), {})
        is_shown = self.persons.is_shown(excerpt)
        return {
            **({} if is_shown is None else {"shown": "whole" if is_shown else "withheld"}),
            "direction": link["direction"],
            "status": link["status"],
            "score": _number(link["score"]),
            "bearing": _number(link["bearing"]),
            "criterion": criterion,
            "stance": coding.get("stance", ""),
            "probability": _number(coding["probability"] if coding.get("coded") else 0.0),
            "coding_status": coding.get("status", "machine"),
            "kind": self.kinds[excerpt["source_id"]],
            **{name: excerpt[name] for name in ("source_id", "language", "place", "question")},
            **self.persons.attributes(excerpt),
        }


def _parents(stored: Stored) -> dict[str, str]:
    content = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    return {code["id"]: code["parent"] for code in content.get("criteria", ()) if code.get("parent")}


def _number(value: float) -> str:
    return str(float(value))


class PersonsOf:
    """What is known of who speaks: by the register, otherwise by what the settings of a survey say."""

    def __init__(self, stored: Stored) -> None:
        self.people = stored.people
        self.names = {"group": stored.settings.study.group_by, "country": "country", "gender": "gender"}
        self.stated = {(row["source_id"], row["attribute"]): row["value"] for row in stored.tables["attributes"]}

    def attributes(self, excerpt: Row) -> dict[str, str]:
        """Group, country and gender; "" where unknown."""
        person = self.people.get(excerpt["participant_id"])
        registered = dict(person.attributes) if person else {}
        is_answer = excerpt["role"] == "respondent"
        return {
            column: registered.get(name) or (self.stated.get((excerpt["source_id"], name), "") if is_answer else "")
            for column, name in self.names.items()
        }

    def is_shown(self, excerpt: Row) -> bool | None:
        """Whether the words may be shown; None if the speaker is unknown, or refuses: a check of its own says so."""
        person = self.people.get(excerpt["participant_id"])
        return person.consent in SHOWN if person and person.consent not in REFUSING else None


def _codes_of_persons(published: list[Row], facts: _Facts) -> Iterator[Problem]:
    """Every person has one code, and every code is one person's; who is in no register is one person for each source."""
    code_of: dict[str, str] = {}
    person_of: dict[str, str] = {}
    for number, row in enumerate(published, 2):
        excerpt = facts.excerpts.get(row["excerpt_id"])
        if excerpt is None or not row["participant"]:
            continue
        person = excerpt["participant_id"] or (row["participant"] if row["participant"].startswith("A-") else "")
        same = code_of.setdefault(person, row["participant"]) == row["participant"]
        if not same or person_of.setdefault(row["participant"], person) != person:
            yield Problem(
                f"{EVIDENCE} line {number}", message("audit/its_participant_code_belongs_to_another"), message(RERUN)
            )
