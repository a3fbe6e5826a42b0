"""The parts of the annex on method: coding and agreement, quality of the machine, limits, and the COREQ checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from pipeline import wording
from pipeline.config import Condition, EvidenceSettings
from pipeline.publish import Publication, coverage, labels, method
from pipeline.publish.html.quality import QualityTable, measured
from pipeline.publish.html.trust import trust
from pipeline.publish.word.blocks import Block, Column, Paragraph, Part, Table
from pipeline.publish.word.texts import Texts
from pipeline.vocabulary import Direction, LinkStatus, Shown, Strength

RATED = (Strength.STRONG, Strength.MODERATE)  # the strengths with conditions
MACHINE = ("cold", "trained")  # tables of quality; the others are of agreement
COREQ = range(24, 33)  # analysis and findings


def coding(publication: Publication, texts: Texts, figures: Mapping[str, Any]) -> Part:
    """How words became codes and evidence, by which rule findings are rated, and how well coders agree."""
    sentences = [
        method.words(publication, figures),
        method.coding(publication, figures),
        method.voters(publication),
        method.evidence(publication),
        method.rule(publication),
        method.held_back(publication),
    ]
    paragraphs = [Paragraph(each.text(texts.language)) for each in sentences if each]
    agreement = [table for table in measured(publication) if table.key not in MACHINE]
    note = Paragraph(texts.say("measured.note" if agreement else "annex.no_agreement"), "note")
    coders = [table.of for table in agreement if table.of]  # numbered, because an annex names nobody
    named = [replace(table, of=str(coders.index(table.of) + 1)) if table.of else table for table in agreement]
    rated = rule(publication.settings.evidence, texts)
    further: tuple[Block, ...] = (Paragraph(texts.say("saturation.note"), "note"), saturation(publication, texts))
    blocks: tuple[Block, ...] = (*paragraphs, rated, *further, note, *quality_tables(named, texts))
    return Part(texts.say("annex_part.coding"), blocks, is_landscape=True)


def rule(rules: EvidenceSettings, texts: Texts) -> Table:
    """What people must have confirmed for each strength."""
    conditions = rules.strong.conditions()
    columns = (
        texts.column("strength", 20),
        *(texts.condition(condition.key, 20) for condition in conditions),
    )
    limit = partial(_limit, language=texts.language)
    rows = [[texts.closed("strength", name), *map(limit, getattr(rules, name).conditions())] for name in RATED]
    return texts.table("rule", texts.say("annex_table.rule"), columns, rows)


def saturation(publication: Publication, texts: Texts) -> Table:
    """What further interviews would add, by the codings of people and by those of the machine."""
    columns = [Column(texts.say(f"saturation.{key}"), 20) for key in coverage.SATURATION]
    rows = [[cell.text(texts.language) for cell in cells] for cells in coverage.saturation_rows(publication)]
    return texts.table("saturation", texts.say("saturation.title"), columns, rows)


def _limit(condition: Condition, *, language: str) -> str:
    limit = labels.share(condition.limit) if isinstance(condition.limit, float) else str(condition.limit)
    return wording.percentage(limit, language)


def quality(publication: Publication, texts: Texts) -> Part:
    """How good the machine's codings are, as `evaluate` measured it."""
    machine = [table for table in measured(publication) if table.key in MACHINE]
    lead = trust(publication)
    if lead is None or not machine:
        blocks: tuple[Block, ...] = (
            Paragraph(texts.say("trust.not_measured")),
            Paragraph(texts.say("trust.until_then")),
        )
        return Part(texts.say("annex_part.quality"), blocks)
    what = texts.closed("measured_on", lead.measured_on)
    size = texts.say("trust.size", n=lead.n, groups=lead.groups)
    paragraphs = (
        Paragraph(f"{texts.say('trust.measured_on', what=what)}: {size}"),
        Paragraph(texts.say("measured.note"), "note"),
    )
    return Part(
        texts.say("annex_part.quality"), (*paragraphs, *quality_tables(machine, texts)), is_landscape=True, goes_on=True
    )


def quality_tables(measured_tables: Sequence[QualityTable], texts: Texts) -> tuple[Table, ...]:
    """Tables of what was measured, each with the figures of all codes together behind it."""
    return tuple(chain.from_iterable(_tables(table, number, texts) for number, table in enumerate(measured_tables, 1)))


def _tables(table: QualityTable, number: int, texts: Texts) -> Iterator[Table]:
    columns = [texts.column("code", 28), *(texts.measure(name, 18) for name in table.columns)]
    rows = [[texts.codes.get(code, code), *cells] for code, cells in table.rows]
    caption = texts.say(f"annex_table.{table.key}", of=table.of)
    yield texts.table(f"{table.key}_{number}", caption, columns, rows)
    if table.totals:
        shown = [texts.measure(name, 14) for name, _ in table.totals]
        cells = [[value for _, value in table.totals]]
        yield texts.table(f"totals_{number}", f"{texts.say('annex_table.totals')}. {caption}", shown, cells)


def limits(publication: Publication, texts: Texts, figures: Mapping[str, Any]) -> Part:
    """What a reader must know before relying on the findings."""
    is_measured = trust(publication) is not None
    sentences = method.limits(publication, figures, is_measured=is_measured)
    items = tuple(Paragraph(each.text(texts.language), "item") for each in sentences)
    return Part(texts.say("annex_part.limits"), items, goes_on=True)


def coreq(publication: Publication, texts: Texts, figures: Mapping[str, Any]) -> Part:
    """Items 24 to 32 of the checklist, filled in from the study; what it does not record is left to the team."""
    answers = _answers(publication, texts, figures)
    shares = {"number": 9, "item": 33, "answer": 90}
    columns = [texts.column(key, share) for key, share in shares.items()]
    rows = [[str(item), texts.say(f"coreq_item.{item}"), answers[item].text(texts.language)] for item in COREQ]
    table = texts.table("coreq", texts.say("annex_table.coreq"), columns, rows)
    return Part(texts.say("annex_part.coreq"), (table,), goes_on=True)


def _answers(publication: Publication, texts: Texts, figures: Mapping[str, Any]) -> dict[int, method.Sentence]:
    facts, evidence = publication.facts, publication.evidence
    used = evidence[evidence["status"] != LinkStatus.REJECTED]
    quoted = used[used["shown"] == Shown.WHOLE]
    confirmed = evidence[evidence["status"] == LinkStatus.CONFIRMED]
    contrary = confirmed[confirmed["direction"].isin([Direction.CONTRADICTS, Direction.QUALIFIES])]
    findings = publication.register.findings
    strengths = Counter(each.strength for each in publication.assessments.values())
    rated = [texts.say(f"rated.{word}", n=strengths[word]) for word in Strength if strengths[word]]
    listed = ", ".join(rated) or texts.say("annex.nothing")
    counts = {"all": len(findings)}
    return {
        24: method.Sentence("coreq.24", {"n": facts["coders"]}),
        25: method.Sentence(
            "coreq.25",
            {"version": publication.codebook.version, "codes": figures["codes"], "families": figures["families"]},
        ),
        26: method.Sentence("coreq.26"),
        27: method.Sentence("coreq.27", {"version": publication.version, "edition": publication.edition}),
        28: method.Sentence("coreq.28"),
        29: method.Sentence(
            "coreq.29",
            {
                **counts,
                "n": len(quoted),
                "findings": quoted["finding_id"].nunique(),
                "withheld": len(used) - len(quoted),
            },
        ),
        30: method.Sentence(
            "coreq.30", {"rated": listed, "confirmed": facts["links_confirmed"], "links": facts["links"]}
        ),
        31: method.Sentence(
            "coreq.31", {"findings": len(findings), "criteria": len({finding.criterion for finding in findings})}
        ),
        32: method.Sentence("coreq.32", {**counts, "n": len(contrary), "findings": contrary["finding_id"].nunique()}),
    }
