"""From links and codings to what became of every excerpt: the sheet of unused excerpts, and the table of the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import html

from second_verifier.shown import REPORT, WORKBOOK, legal, sheets
from second_verifier.stored import Difference, Row, StoredStudy

NAMES = {
    "used": ("used by a finding", "usado por un hallazgo"),
    "copy": ("in a source with the same words as another", "en una fuente con las mismas palabras que otra"),
    "suggested": ("only suggested: nobody decided on the link", "solo sugerido: nadie decidió sobre el vínculo"),
    "rejected": ("people rejected the link", "las personas rechazaron el vínculo"),
    "no_finding": ("coded, but linked to no finding", "codificado, pero sin vínculo con un hallazgo"),
    "doubtful": ("no code; one is in doubt", "sin código; hay uno en duda"),
    "not_coded": ("no code", "sin código"),
    "all": ("All excerpts of respondents", "Todos los extractos de quienes responden"),
}
LANGUAGES = ("en", "es")


def unused(study: StoredStudy) -> Iterator[Difference]:
    """Every excerpt that no finding uses is in the sheet with its reason and words; the report counts all of them."""
    uses = _uses(study)
    yield from _sheet(study, uses)
    yield from _table(study, uses)


def _uses(study: StoredStudy) -> dict[str, str]:
    """What became of each excerpt of a respondent: the first of these reasons that holds."""
    linked = {(row["excerpt_id"], row["status"]) for row in study.table("links")}
    coded = {row["excerpt_id"] for row in study.table("codings") if row["coded"]}
    doubtful = {row["excerpt_id"] for row in study.table("codings") if row["doubtful"]}
    copies = {row["source_id"] for row in study.table("sources") if row["copy_of"]}
    uses = {}
    for row in study.table("excerpts"):
        name = row["excerpt_id"]
        holds = {
            "used": (name, "confirmed") in linked,
            "copy": row["source_id"] in copies,
            "suggested": (name, "suggested") in linked,
            "rejected": (name, "rejected") in linked,
            "no_finding": name in coded,
            "doubtful": name in doubtful,
            "not_coded": True,
        }
        if row["role"] == "respondent":
            uses[name] = next(reason for reason, is_so in holds.items() if is_so)
    return uses


def _sheet(study: StoredStudy, uses: dict[str, str]) -> Iterator[Difference]:
    language = LANGUAGES.index(study.settings["language"])
    excerpts = {row["excerpt_id"]: row for row in study.table("excerpts")}
    ((title, rows),) = ((title, rows) for title, keys, rows in sheets(study) if keys[:1] == ["use"])
    where = f"{WORKBOOK} sheet {title}"
    if sorted(row["excerpt_id"] for row in rows) != sorted(name for name, use in uses.items() if use != "used"):
        yield Difference(where, "does not list the excerpts that no finding uses")
        return
    for number, row in enumerate(rows, 3):
        if row["use"] != NAMES[uses[row["excerpt_id"]]][language]:
            yield Difference(f"{where} row {number}", f"its reason is not {uses[row['excerpt_id']]}")
        if not _are_words(row, excerpts[row["excerpt_id"]], study):
            yield Difference(f"{where} row {number}", "is not the words of its excerpt")


def _are_words(row: Row, excerpt: Row, study: StoredStudy) -> bool:
    """Whether the words shown are those of the excerpt; true where nobody here can know whether they may be shown."""
    person = study.people.get(excerpt["participant_id"])
    if not person:
        return True
    return (legal(row["text"]) == legal(excerpt["text"])) == bool(person["shown"])


def _table(study: StoredStudy, uses: dict[str, str]) -> Iterator[Difference]:
    page = html.fromstring((study.root / REPORT).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    counted: dict[str, int] = Counter(uses.values())
    counted |= {"all": len(uses)} if uses else {}
    for at, language in enumerate(LANGUAGES):
        shown = {}
        for row in page.xpath("//table[contains(@class, 'uses')]//tr[td]"):
            name, count, *_ = (_said(cell, language) for cell in row)
            shown[name] = count
        expected = {NAMES[use][at]: str(count) for use, count in counted.items()}
        if {name: "".join(filter(str.isdigit, count)) for name, count in shown.items()} != expected:
            yield Difference(f"{REPORT} what became of the excerpts ({language})", "does not count links and codings")


def _said(cell: html.HtmlElement, language: str) -> str:
    parts = cell.xpath(f".//span[@lang='{language}']/text()") or cell.xpath("./text()")
    return "".join(parts).strip()
