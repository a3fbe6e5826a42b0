"""The report, as it is read and as its page opens it, beside evidence.csv and the tables."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lxml import html

from pipeline import wording
from pipeline.audit.recount import drawings, sentences
from pipeline.audit.recount.annex.material import Material, material_of
from pipeline.audit.recount.counts import coded_rows
from pipeline.audit.recount.coverage import (
    causal_paths,
    cooccurrence,
    crossings_shown,
    saturation,
    theory_shown,
    use_of_excerpts,
)
from pipeline.audit.recount.coverage.undecided import problems_of_undecided, undecided_of
from pipeline.audit.recount.drawings import MATRIX, REPORT
from pipeline.audit.recount.links import EVIDENCE, divided_links, findings_of
from pipeline.audit.recount.questions import problems_of_questions
from pipeline.audit.recount.registers import problems_of_registers, words_in
from pipeline.audit.recount.strengths import Recount, recounts_of
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, main_codes, unguarded
from pipeline.errors import Problem
from pipeline.spans import GAP
from pipeline.wording.messages import Message, message

Element = Any


def check_report(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every finding of the report has the strength, the figures and the voices that evidence.csv gives it."""
    evidence = list(map(unguarded, csv_rows(stored.root / EVIDENCE)))
    page = html.fromstring((stored.root / REPORT).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    recounts = recounts_of(stored, evidence)
    matrix = list(map(unguarded, csv_rows(stored.root / MATRIX)))
    divided, material = divided_links(stored), material_of(stored)
    undecided = undecided_of(stored, evidence)
    figures = [condition.counted for condition in stored.settings.evidence.strong.conditions()]
    articles = {article.get("id").removeprefix("finding-"): article for article in page.xpath("//article[@id]")}

    def problems() -> Iterator[Problem]:
        yield from _problems_of_data(_data(page), evidence, recounts, divided)
        yield from _problems_of_statements(_data(page), stored)
        yield from _problems_of_marks(page, recounts)
        yield from problems_of_registers(page, stored)
        yield from drawings.problems_of_symbols(page)
        yield from drawings.problems_of_rungs(page, recounts)
        yield from _problems_of_codes_without_finding(page, stored)
        yield from drawings.problems_of_grid(page, matrix)
        if _has(page, "saturation", stored):
            yield from saturation.problems_of_table(page, stored)
            yield from cooccurrence.problems_of_pairs(page, stored)
            yield from problems_of_questions(page, stored)
        if _has(page, "crossing", stored) or _has(page, "profile", stored):
            yield from crossings_shown.problems_of_crossings(page, stored)
        if _has(page, "uses", stored):
            yield from theory_shown.problems_of_page(page, stored)
            yield from causal_paths.problems_of_paths(page, stored)
            yield from use_of_excerpts.problems_of_uses(page, stored)
        for name, recount in recounts.items():
            article = articles.get(name)
            if article is None:
                yield Problem(f"{REPORT} finding {name}", message("common/is_missing"), message(RERUN))
                continue
            rows = [row for row in evidence if row["finding_id"] == name]
            yield from _problems_of_head(name, article, recount, figures)
            yield from _problems_of_sentences(name, article, recount, rows, material)
            yield from _problems_of_voices(name, article, rows, divided)
            yield from _problems_of_references(name, article, rows, material)
            yield from _problems_of_undecided(name, article, recount, rows)
            yield from problems_of_undecided(name, article, undecided[name], stored)
            yield from drawings.problems_of_persons(name, article, rows)

    return len(recounts), problems()


def _problems_of_codes_without_finding(page: Element, stored: Stored) -> Iterator[Problem]:
    """The criteria without a finding on the first page, and how many excerpts carry each."""
    items = page.xpath("//section[@id='overview']//li[@data-code]")
    if not stored.is_of_this_program and not items:
        return
    with_finding = {finding["criterion"] for finding in findings_of(stored).values()}
    carried = Counter(row["criterion"] for row in coded_rows(stored))
    codebook = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    codes = [code for code in main_codes(codebook.get("criteria", ())) if code not in with_finding]
    shown = [(item.get("data-code"), item.xpath("string(./a)")) for item in items]
    if shown != [(code, str(carried[code])) for code in codes]:
        yield Problem(f"{REPORT} overview", message("audit/criteria_without_a_finding_differ"), message(RERUN))


def _has(page: Element, table: str, stored: Stored) -> bool:
    """Whether the report has a table, or should have it: that of an older program may not."""
    return stored.is_of_this_program or bool(page.xpath(f"//table[contains(@class, '{table}')]"))


def _data(page: Element) -> Row:
    """The data that the page opens quotes from."""
    scripts = page.xpath("//script[@id='data']/text()")
    content: Row = json.loads(scripts[0]) if scripts else {}
    return content


def _shown_status(row: Row, divided: Collection[tuple[str, str]]) -> str:
    """The status of a link as the report shows it: undecided ones on which coders differ are not the machine's."""
    return "divided" if (row["finding_id"], row["excerpt_id"]) in divided else str(row["status"])


def _problems_of_data(
    data: Row,
    evidence: Sequence[Row],
    recounts: Mapping[str, Recount],
    divided: Collection[tuple[str, str]],
) -> Iterator[Problem]:
    for finding in data.get("findings", ()):
        recount = recounts.get(finding["id"])
        if recount is None or finding["strength"] != recount.strength:
            yield Problem(
                f"{REPORT} data of {finding['id']}", message("audit/its_strength_does_not_follow"), message(RERUN)
            )
    expected = {
        (row["excerpt_id"], row["finding_id"]): (row["direction"], _shown_status(row, divided)) for row in evidence
    }
    links = {
        (excerpt, finding): (direction, status)
        for excerpt, of_excerpt in data.get("links", {}).items()
        for finding, direction, status in of_excerpt
    }
    for excerpt, finding in sorted(key for key in expected | links if expected.get(key) != links.get(key)):
        yield Problem(
            f"{REPORT} data of {excerpt} ({finding})",
            message("audit/its_link_differs_from", evidence=EVIDENCE),
            message(RERUN),
        )
    if "marked" in data:  # an older program has none
        yield from _problems_of_marked_words(data["marked"], evidence)


def _problems_of_marked_words(shown: Mapping[str, list[list[int]]], evidence: Sequence[Row]) -> Iterator[Problem]:
    """Whether the words that a person's page shows as marked are those of the evidence."""
    quotes = {row["excerpt_id"]: row["quote"] for row in evidence}
    expected = _marked_in(evidence)
    for excerpt in sorted(expected.keys() | shown.keys()):
        units = [at for at, letter in enumerate(quotes.get(excerpt, "")) for _ in range(1 + (ord(letter) > 0xFFFF))]
        places = {at for start, end in shown.get(excerpt, ()) for at in units[start:end]}
        if places != expected.get(excerpt):
            what = message("audit/its_marked_words_differ_from", evidence=EVIDENCE)
            yield Problem(f"{REPORT} data of {excerpt}", what, message(RERUN))


def _marked_in(evidence: Sequence[Row]) -> dict[str, set[int]]:
    """The places of the characters that are marked in each excerpt, rejected links apart."""
    marked: dict[str, set[int]] = {}
    for row in evidence:
        if row["span_at"] and row["status"] != "rejected":
            for part in row["span_at"].split(";"):
                start, end = map(int, part.split("-"))
                marked.setdefault(row["excerpt_id"], set()).update(range(start, end))
    return marked


def _problems_of_statements(data: Row, stored: Stored) -> Iterator[Problem]:
    """The statements of findings in the data that the page opens quotes with."""
    expected = {name: finding["statement"] for name, finding in findings_of(stored).items()}
    shown = {finding["id"]: finding["says"] for finding in data.get("findings", ())}
    for name in sorted(name for name in expected | shown if shown.get(name) != expected.get(name)):
        yield Problem(
            f"{REPORT} data of {name}", message("audit/its_statement_differs_from_coded_findings"), message(RERUN)
        )


def _problems_of_marks(page: Element, recounts: Mapping[str, Recount]) -> Iterator[Problem]:
    """The sign of strength beside every mention of one finding: in the navigation, the list of findings, at its head."""
    for use in page.xpath("//use[starts-with(@href, '#mark-')]"):
        name = _finding_beside(use)
        if name in recounts and use.get("href") != f"#mark-{recounts[name].strength}":
            what = message("audit/its_symbol", strength=recounts[name].strength)
            yield Problem(f"{REPORT} finding {name}", what, message(RERUN))


def _finding_beside(use: Element) -> str:
    """The one finding that an item of a list or an article is about; "" where it is about several, or none."""
    block = next((each for each in use.iterancestors() if each.tag in ("li", "article")), None)
    if block is None or block.tag == "article":
        return "" if block is None else block.get("id", "").removeprefix("finding-")
    names = {
        link.get("href").removeprefix("#finding-") for link in block.xpath(".//a[starts-with(@href, '#finding-')]")
    }
    return names.pop() if len(names) == 1 else ""


def _problems_of_head(name: str, article: Element, recount: Recount, figures: Sequence[str]) -> Iterator[Problem]:
    """Problems if the head of a finding shows a wrong strength or figure; `figures` are the names of those shown, in order."""
    where = f"{REPORT} finding {name}"
    head = article.xpath(".//p[@class='strength']/b")[0]
    for word in head.iter("span"):
        if word.text != wording.closed_word("strength", recount.strength, word.get("lang")):
            yield Problem(
                where,
                message("audit/its_strength_does_not_follow_from_the_links", strength=recount.strength),
                message(RERUN),
            )
    cells = article.xpath(".//dl[contains(@class, 'figures')]//dd")
    if len(cells) != len(figures):
        yield Problem(
            where, message("audit/figures_instead_of", shown=len(cells), figures=len(figures)), message(RERUN)
        )
    for key, cell in zip(figures, cells, strict=False):
        expected = _figure(key, recount.counts)
        if expected not in re.findall(r"\d+|–", "".join(cell.itertext()).replace(",", "").replace(".", "")):
            yield Problem(where, message("audit/its_does_not_follow", name=key, expected=expected), message(RERUN))


def _figure(name: str, counts: Mapping[str, float]) -> str:
    """The digits of a figure at the head of a finding; a dash for a share of nothing."""
    of_what = {"top_share": counts["persons"], "confirmed_share": counts["confirmed"] + counts["suggested"]}
    if not of_what.get(name, 1):
        return "–"
    return f"{(100 if name.endswith('_share') else 1) * counts[name]:.0f}"


def _problems_of_sentences(
    name: str, article: Element, recount: Recount, rows: Sequence[Row], material: Material
) -> Iterator[Problem]:
    """Check the sentences below the strength: why it is so, and what it depends on."""
    rules, language = material.stored.settings.evidence, material.language
    paragraphs = {_spaced("".join(each.itertext())) for each in article.xpath(".//div[@class='verdict']//p[@lang]")}
    if _spaced(sentences.reason(recount, rules, language)) not in paragraphs:
        yield Problem(f"{REPORT} finding {name}", message("audit/why_it_has_its_strength_does"), message(RERUN))
    yield from _problems_of_coverage(name, article, rows, material)
    spans = {_spaced("".join(each.itertext())) for each in article.xpath(".//p[@class='robust']/span[@lang]")}
    if _spaced(material.in_references(sentences.robustness(rows, rules, language), rows)) not in spans:
        yield Problem(f"{REPORT} finding {name}", message("audit/what_its_strength_depends_on_does"), message(RERUN))


def _problems_of_coverage(name: str, article: Element, rows: Sequence[Row], material: Material) -> Iterator[Problem]:
    """Check which stances the supporting excerpts take; an older program did not say."""
    shown = article.xpath(".//div[@class='verdict']/p[@class='robust covered']")
    for language in wording.LANGUAGES if shown or material.stored.is_of_this_program else ():
        expected = list(filter(None, [sentences.coverage(rows, language)]))
        if [_spaced(words_in(paragraph, language)) for paragraph in shown] != expected:
            yield Problem(f"{REPORT} finding {name}", message("audit/its_stances_do_not_follow"), message(RERUN))


def _problems_of_voices(
    name: str, article: Element, evidence: Sequence[Row], divided: Collection[tuple[str, str]]
) -> Iterator[Problem]:
    rows = {row["excerpt_id"]: row for row in evidence}
    voices = {voice.get("data-excerpt"): voice for voice in article.xpath(".//li[@data-excerpt]")}
    for excerpt, voice in voices.items():
        what = (
            _voice_problem(voice, rows[excerpt], divided)
            if excerpt in rows
            else message("audit/is_not_in", evidence=EVIDENCE)
        )
        if what:
            yield Problem(f"{REPORT} finding {name} ({excerpt})", what, message(RERUN))
    for excerpt in sorted(rows.keys() - voices.keys()):
        yield Problem(f"{REPORT} finding {name} ({excerpt})", message("audit/is_not_shown"), message(RERUN))


def _problems_of_references(name: str, article: Element, rows: Sequence[Row], material: Material) -> Iterator[Problem]:
    """Beside each quote stands the reference that the annex has for it, too."""
    references = {row["excerpt_id"]: material.reference(row) for row in rows}
    for voice in article.xpath(".//li[@data-excerpt]"):
        excerpt = voice.get("data-excerpt")
        if voice.xpath("string(./p/bdi[@class='reference'])") != references.get(excerpt):
            yield Problem(
                f"{REPORT} finding {name} ({excerpt})", message("audit/is_not_what_the_tables"), message(RERUN)
            )


def _problems_of_undecided(name: str, article: Element, recount: Recount, rows: Sequence[Row]) -> Iterator[Problem]:
    """Beside each direction that nobody takes, how many suggested excerpts of the finding nobody decided."""
    for direction in ("supports", "contradicts", "qualifies"):
        shown = article.xpath(f"./section[@class='direction {direction}']/p[contains(@class, 'undecided')]")
        is_empty = all(row["direction"] != direction for row in rows if row["status"] != "rejected")
        for language in wording.LANGUAGES:
            expected = [wording.text("none.undecided", language, n=recount.counts["suggested"])] if is_empty else []
            if [_spaced(words_in(paragraph, language)) for paragraph in shown] != expected:
                what = message("audit/its_does_not_follow", name="undecided", expected=recount.counts["suggested"])
                yield Problem(f"{REPORT} finding {name}", what, message(RERUN))


def _is_labelled(voice: Element, status: str) -> bool:
    """Whether one of the labels below a quote names the status, in every language."""
    labels = {
        _spaced(words_in(label, each)) for label in voice.iterfind("./p/span[@class]") for each in wording.LANGUAGES
    }
    return {wording.closed_word("status", status, each) for each in wording.LANGUAGES} <= labels


def _voice_problem(voice: Element, row: Row, divided: Collection[tuple[str, str]]) -> Message | None:
    if _spaced("".join(voice.find("blockquote").itertext())) != _spaced(row["quote"]):
        return message("audit/its_quote_differs", evidence=EVIDENCE)
    marked = GAP.join("".join(each.itertext()) for each in voice.xpath("./blockquote/*[@class='marked']"))
    if _spaced(marked) != _spaced(row["span"]):
        return message("audit/its_marked_words_differ", evidence=EVIDENCE)
    is_shown = f"by-{row['status']}" in voice.get("class").split()
    if not is_shown or not _is_labelled(voice, _shown_status(row, divided)):
        return message("audit/its_status_differs", evidence=EVIDENCE)
    sections = [section.get("class", "").split() for section in voice.iterancestors("section")]
    if any("direction" in words and row["direction"] not in words for words in sections):
        return message("audit/its_direction_differs", evidence=EVIDENCE)
    return None


def _spaced(text: str) -> str:
    """The text with one space for any run of white space, as a page shows it."""
    return " ".join(text.split())
