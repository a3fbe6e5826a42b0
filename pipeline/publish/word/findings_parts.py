"""The parts of the annex on findings: the evaluation matrix, and the evidence of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.findings import Finding
from pipeline.publish import Publication, labels
from pipeline.publish.html.findings import Voice, ordered, voices_of
from pipeline.publish.questions import QuestionRow, question_rows
from pipeline.publish.theory.elements import ElementAccount, element_accounts
from pipeline.publish.theory.paths import PathAccount, path_accounts
from pipeline.publish.word.blocks import Block, Cell, Column, Heading, Paragraph, Part, Picture, Table
from pipeline.publish.word.texts import Texts
from pipeline.spans import of_cell
from pipeline.vocabulary import Direction, LinkStatus, Strength

ELEMENT_COLUMNS = {"element": 30, "kind": 18, "leads_to": 30, "status": 17}  # with their shares of the width
ELEMENT_COUNTS = ("persons", "supporting", "contradicting", "excerpts", "documents")
NO_FINDING = "–"
PATH_COUNTS = ("persons", "excerpts", "documents")
CONTRARY = (Direction.CONTRADICTS, Direction.QUALIFIES, Direction.NOT_TOLD)


def matrix(publication: Publication, texts: Texts, drawing: bytes) -> Part:
    """Strengths by criterion; criterion, question, finding, sources and strength of every finding; the theory of change."""
    columns = (
        texts.column("criterion", 16),
        texts.column("question", 25),
        texts.column("finding_id", 10),
        texts.column("statement", 40),
        texts.column("sources", 23),
        texts.column("persons", 12, is_number=True),
        texts.column("contrary", 14, is_number=True),
        texts.column("undecided", 14, is_number=True),
        texts.column("strength", 15),
    )
    rows = [_matrix_row(row, texts) for row in question_rows(publication, texts.references)]
    blocks: list[Block] = []
    if rows:
        blocks += [Paragraph(texts.say("annex.why"), "note"), _strengths(publication, texts)]
        blocks.append(texts.table("matrix", texts.say("annex_table.matrix"), columns, rows))
    further = theory_of_change(publication, texts, drawing)
    return Part(texts.say("annex_part.matrix"), (*(blocks or _no_findings(texts)), *further), is_landscape=True)


def _strengths(publication: Publication, texts: Texts) -> Table:
    """The findings of each criterion by strength, and in the last row how many there are of each."""
    by_criterion: dict[str, list[tuple[str, Strength]]] = {}
    for finding in ordered(publication):
        rated = finding.id, publication.assessments[finding.id].strength
        by_criterion.setdefault(finding.criterion, []).append(rated)
    rows = [[texts.codes[criterion], *_reached(rated, texts)] for criterion, rated in by_criterion.items()]
    every = Counter(strength for rated in by_criterion.values() for _, strength in rated)
    counts = (every.total(), *(every[strength] for strength in Strength))
    columns = (
        texts.column("criterion", 25),
        texts.column("findings", 14, is_number=True),
        *(Column(texts.closed("strength", strength), 28) for strength in Strength),
    )
    rows.append([texts.say("annex.total"), *map(texts.number, counts)])
    return texts.table("strengths", texts.say("annex_table.strengths"), columns, rows, has_total=True)


def _reached(rated: Sequence[tuple[str, Strength]], texts: Texts) -> Iterator[str]:
    """How many findings there are, and which of them have each strength."""
    yield texts.number(len(rated))
    for strength in Strength:
        yield ", ".join(name for name, reached in rated if reached is strength) or NO_FINDING


def theory_of_change(publication: Publication, texts: Texts, drawing: bytes) -> tuple[Block, ...]:
    """The elements of the theory of change with what people confirmed on each, below the `drawing`; nothing if there are none."""
    accounts = element_accounts(publication)
    if not accounts:
        return ()
    columns = (
        *(Column(texts.say(f"theory.{key}"), share) for key, share in ELEMENT_COLUMNS.items()),
        *(Column(texts.say(f"theory.{key}"), 16, is_number=True) for key in ELEMENT_COUNTS),
    )
    rows = [_element_row(account, texts) for account in accounts]
    limit = labels.share(publication.settings.evidence.contested)
    note = Paragraph(texts.say("theory.rule", share=limit), "note")
    theory = texts.table("theory", texts.say("annex_table.theory"), columns, rows)
    counts = {"n": len(accounts), "arrows": len(publication.theory.arrows)}
    alt = texts.say("theory.alt", **counts)
    drawn = [Picture("theory", texts.say("figure.theory_title"), alt, drawing)] if drawing else []
    return *drawn, note, theory, *_causal_paths(publication, texts)


def _causal_paths(publication: Publication, texts: Texts) -> tuple[Block, ...]:
    """The arrows, drawn and stated, with who states them; nothing if the theory has none."""
    accounts = path_accounts(publication)
    if not accounts:
        return ()
    columns = (
        *(Column(texts.say(f"paths.{key}"), 40) for key in ("influence", "consequence", "status")),
        *(Column(texts.say(f"paths.{key}"), 18, is_number=True) for key in PATH_COUNTS),
    )
    rows = [_path_row(account, texts) for account in accounts]
    note = Paragraph(texts.say("paths.note"), "note")
    return note, texts.table("paths", texts.say("paths.title"), columns, rows)


def _path_row(account: PathAccount, texts: Texts) -> list[str]:
    names = [element.name_in(texts.language) for element in (account.influence, account.consequence)]
    counts = (texts.number(account.counts[name]) for name in PATH_COUNTS)
    return [*names, texts.closed("arrow_status", account.status), *counts]


def _element_row(account: ElementAccount, texts: Texts) -> list[str]:
    return [
        account.element.name_in(texts.language),
        texts.closed("element_kind", account.element.kind),
        account.leading_to(texts.language),
        texts.closed("element_status", account.status),
        *(texts.number(account.counts[name]) for name in ELEMENT_COUNTS),
    ]


def _no_findings(texts: Texts) -> list[Block]:
    return [Paragraph(texts.say("overview.no_findings"))]


def _matrix_row(row: QuestionRow, texts: Texts) -> list[str]:
    return [
        texts.codes[row.finding.criterion],
        row.finding.question,
        row.finding.id,
        row.finding.statement,
        row.sources(texts.language),
        texts.number(row.persons),
        texts.number(row.contrary),
        texts.number(row.undecided),
        row.rating(texts.language),
    ]


def evidence(publication: Publication, texts: Texts) -> Part:
    """The evidence of each finding: confirmed support, confirmed contrary evidence, and suggestions, each apart."""
    voices = voices_of(publication.evidence)
    blocks: list[Block] = []
    for number, finding in enumerate(ordered(publication), 1):
        blocks += _of_finding(finding, number, voices.get(finding.id, ()), publication, texts)
    return Part(texts.say("annex_part.evidence"), tuple(blocks or _no_findings(texts)), is_landscape=True)


def _of_finding(
    finding: Finding, number: int, voices: Sequence[Voice], publication: Publication, texts: Texts
) -> Iterator[Block]:
    assessment = publication.assessments[finding.id]
    strength = texts.closed("strength", assessment.strength)
    yield Heading(f"{finding.id}  {texts.codes[finding.criterion]}: {strength}")
    yield Paragraph(finding.statement, "statement")
    depends = texts.references.named_in(assessment.robustness, [(each.source_id, each.participant) for each in voices])
    yield Paragraph(f"{assessment.reason} {texts.say('finding.robustness')}: {depends}", "note")
    confirmed = [voice for voice in voices if voice.status == LinkStatus.CONFIRMED]
    listed = {
        "supports": [voice for voice in confirmed if voice.direction == Direction.SUPPORTS],
        "contrary": [voice for voice in confirmed if voice.direction in CONTRARY],
        "suggested": [voice for voice in voices if voice.status == LinkStatus.SUGGESTED],
    }
    for name, of_name in listed.items():
        yield from _voices_or_note(name, number, finding, of_name, texts)


def _voices_or_note(name: str, number: int, finding: Finding, voices: Sequence[Voice], texts: Texts) -> Iterator[Block]:
    if voices:
        yield _voices(name, f"{name}_{number}", finding, voices, texts)
    elif name != "supports":  # that nothing supports it is the first sentence of the reason
        yield Paragraph(texts.say(f"annex_evidence.{name}"), "note")


def _voices(name: str, table: str, finding: Finding, voices: Sequence[Voice], texts: Texts) -> Table:
    columns = [texts.column("reference", 24), texts.column("quote", 60)]
    if name != "supports":
        columns.append(texts.column("direction", 12))
    columns.append(texts.column("place", 14))
    rows = [_voice_row(voice, texts, with_direction=name != "supports") for voice in voices]
    return texts.table(table, texts.say(f"annex_table.{name}", id=finding.id), columns, rows)


def _voice_row(voice: Voice, texts: Texts, *, with_direction: bool) -> list[str | Cell]:
    who = texts.references.with_person(
        voice.source_id, voice.participant, group=voice.group, country=voice.country, gender=voice.gender
    )
    row: list[str | Cell] = [who, Cell(voice.quote, voice.language, of_cell(voice.span_at))]
    if with_direction:
        row.append(texts.closed("direction", voice.direction))
    return [*row, texts.place(voice.place)]
