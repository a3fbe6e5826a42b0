"""What the report and the annex say of the undecided excerpts of a finding, counted and worded again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import wording
from pipeline.audit.recount.book import sheets_of
from pipeline.audit.recount.counts import person_key
from pipeline.audit.recount.links import divided_links, findings_of
from pipeline.audit.recount.registers import words_in
from pipeline.audit.stored import RERUN, Row, Stored
from pipeline.errors import Problem
from pipeline.wording.messages import message

REPORT = "outputs/report.html"
CHANCE = re.compile(r"\d+[.,]\d")
Element = Any


@dataclass(frozen=True, slots=True)
class Undecided:
    """The rows of a finding in evidence.csv, those of them on which coders differ, and its row of the evidence book."""

    rows: list[Row]
    divided: set[str]
    in_book: Row

    def of_coders(self) -> list[Row]:
        """The undecided rows on which coders differ."""
        return [row for row in self._undecided() if row["excerpt_id"] in self.divided]

    def of_machine(self) -> list[Row]:
        """The undecided rows that the machine suggests."""
        return [row for row in self._undecided() if row["excerpt_id"] not in self.divided]

    def confirmed(self) -> set[str]:
        """The persons with a confirmed excerpt."""
        return {row["participant"] for row in self.rows if row["status"] == "confirmed"}

    def number(self, name: str) -> int:
        """A count of the evidence book; 0 where it is blank."""
        return int(self.in_book.get(name) or 0)

    def _undecided(self) -> list[Row]:
        return [row for row in self.rows if row["status"] == "suggested"]


def undecided_of(stored: Stored, evidence: Iterable[Row]) -> dict[str, Undecided]:
    """What is undecided of every finding; `evidence` are the rows of evidence.csv."""
    in_book: dict[str, Row] = {}
    for sheet in sheets_of(stored, having={"finding_id", "expected_high"}):
        in_book.update((row["finding_id"], row) for row in sheet.rows)
    of_findings = {name: Undecided([], set(), in_book.get(name, {})) for name in findings_of(stored)}
    for row in evidence:
        if row["finding_id"] in of_findings:  # other checks name the rest
            of_findings[row["finding_id"]].rows.append(row)
    for finding, excerpt in divided_links(stored):
        if finding in of_findings:
            of_findings[finding].divided.add(excerpt)
    return of_findings


def estimate(of_finding: Undecided, language: str) -> str:
    """The sentence on whom the machine expects to speak about a finding; "" if nobody."""
    low, high = of_finding.number("expected_low"), of_finding.number("expected_high")
    if not high:
        return ""
    between = (
        high
        if low == high
        else wording.text(f"finding.{'between' if low else 'at_most'}", language, low=low, high=high)
    )
    new = {row["participant"] for row in of_finding.of_machine()} - of_finding.confirmed() - {""}
    seen = "estimate" if of_finding.number("unshown") else "estimate_shown"
    return wording.text(f"finding.{seen if new else 'estimate_unshown'}", language, n=high, between=between)


def sentences(of_finding: Undecided, language: str) -> Iterator[str]:
    """All that the head of a finding says of what is undecided."""
    for key, rows in (("divided", of_finding.of_coders()), ("unconfirmed", of_finding.of_machine())):
        if rows:
            excerpts = wording.text("noun.excerpts", language, n=len(rows))
            whose = _whose(rows, of_finding.confirmed(), language)
            yield wording.text(f"finding.{key}", language, excerpts=excerpts, whose=whose)
    expected = estimate(of_finding, language)
    if expected:
        yield expected
    elif not of_finding.of_machine():
        yield wording.text(f"finding.nothing_{'more' if of_finding.number('cleared') else 'suggested'}", language)


def _whose(rows: Sequence[Row], confirmed: set[str], language: str) -> str:
    persons = {row["participant"] for row in rows if row["participant"]}
    documents = {row["source_id"] for row in rows if not row["participant"]}
    new = len(persons - confirmed)
    parts = []
    if persons:
        words = wording.text("noun.persons", language, n=len(persons))
        key = {0: "new_none", len(persons): "new_all"}.get(new, "new_some")
        parts.append(wording.text(f"finding.{key}", language, persons=words, new=new))
    if documents:
        parts.append(wording.text("overview.document", language, n=len(documents)))
    return wording.text("finding.and", language).join(parts)


def _basis(of_finding: Undecided, chance: str, language: str) -> Iterator[str]:
    cleared, unshown = of_finding.number("cleared"), of_finding.number("unshown")
    if not cleared:
        yield wording.text("finding.control_none", language)
        return
    shown = len(of_finding.of_machine())
    yield wording.text("finding.control", language, n=cleared, chance=chance)
    yield wording.text("finding.cleared", language, decided=cleared - shown - unshown, shown=shown, unshown=unshown)
    if of_finding.number("looks"):
        yield wording.text("finding.review_enough", language, n=of_finding.number("looks"))


def problems_of_undecided(name: str, article: Element, of_finding: Undecided, stored: Stored) -> Iterator[Problem]:
    """Whether the head of a finding says what is undecided, and what to review first; an older program did not."""
    heads = article.xpath(".//div[@class='verdict']/p[@class='robust undecided']")
    if not stored.is_of_this_program and not heads:
        return
    where = f"{REPORT} finding {name}"
    bases = article.xpath(".//div[@class='verdict']/details[@class='why']/p")
    for language in wording.LANGUAGES:
        said = [_spaced(words_in(each, language)) for each in heads]
        basis = [_spaced(words_in(each, language)) for each in bases]
        chance = next(iter(CHANCE.findall(" ".join(basis))), "")
        if said != [_spaced(" ".join(sentences(of_finding, language)))] or basis != [
            " ".join(_basis(of_finding, chance, language))
        ]:
            yield Problem(where, message("audit/what_is_undecided_does_not_follow"), message(RERUN))
    links = article.xpath(".//p[@class='robust first']/a/@href")
    first = [link.removeprefix("#excerpt-") for link in links]
    is_listed = ", ".join(first) == of_finding.in_book.get("review_first", "")
    if not (is_listed and is_announced(article, first, of_finding) and _are_open(first, name, of_finding, stored)):
        yield Problem(where, message("audit/what_to_review_first_is_wrong"), message(RERUN))


def is_announced(article: Element, first: Sequence[str], of_finding: Undecided) -> bool:
    """Whether the words before the excerpts to review first say how many they are, and how many of them are shown."""
    shown = len({row["excerpt_id"] for row in of_finding.rows}.intersection(first))
    counts = {"n": len(first), "shown": shown, "unshown": len(first) - shown}
    return all(
        _spaced(words_in(paragraph, language)).startswith(wording.text("finding.review_first", language, **counts))
        for paragraph in article.xpath(".//p[@class='robust first']")
        for language in wording.LANGUAGES
    )


def _are_open(first: Sequence[str], name: str, of_finding: Undecided, stored: Stored) -> bool:
    """Whether the excerpts to review first are as many as the book says, undecided, and of as many persons who count nowhere."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    speakers = {
        row["excerpt_id"]: person_key(row, sources[row["source_id"]], sources) for row in stored.tables["excerpts"]
    }
    decided = {
        row["excerpt_id"]
        for row in stored.tables["links"]
        if row["finding_id"] == name and row["decided_by"] != "machine"
    }
    counted = {speakers.get(row["excerpt_id"], "") for row in of_finding.rows if row["status"] == "confirmed"}
    persons = {speakers.get(excerpt, "") for excerpt in first}
    is_left = of_finding.number("cleared") >= len(of_finding.of_machine()) + of_finding.number("unshown")
    is_new = len(persons) == len(first) == of_finding.number("looks") and not persons & {*counted, ""}
    return is_left and is_new and decided.isdisjoint(first)


def _spaced(text: str) -> str:
    return " ".join(text.split())
