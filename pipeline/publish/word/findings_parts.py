"""The parts of the annex on findings: the evaluation matrix, and the evidence of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.findings import Finding
from pipeline.publish import Publication
from pipeline.publish.html.findings import Voice, ordered, voices_of
from pipeline.publish.questions import QuestionRow, question_rows
from pipeline.publish.word.answers import CONTRARY, answers
from pipeline.publish.word.blocks import Block, Cell, Column, Heading, Paragraph, Part, Table
from pipeline.publish.word.texts import Texts
from pipeline.spans import of_cell
from pipeline.vocabulary import Direction, LinkStatus, Strength

NO_FINDING = "–"
DIRECTIONS = (Direction.SUPPORTS, Direction.QUALIFIES, Direction.CONTRADICTS)  # that the matrix counts


def matrix(publication: Publication, texts: Texts) -> Part:
    """Strengths by criterion; criterion, question, finding, sources and strength of every finding."""
    columns = (
        texts.column("asked", 30),
        texts.column("finding_id", 10),
        texts.column("statement", 60),
        texts.column("sources", 20),
        texts.column("persons", 11, is_number=True),
        *(texts.column(direction, 12, is_number=True) for direction in DIRECTIONS),
        texts.column("undecided", 14, is_number=True),
        texts.column("strength", 15),
    )
    rows = [_matrix_row(row, texts) for row in question_rows(publication, texts.references)]
    blocks: list[Block] = []
    if rows:
        blocks += [Paragraph(texts.say("annex.why"), "note"), _strengths(publication, texts)]
        blocks.append(texts.table("matrix", texts.say("annex_table.matrix"), columns, rows))
    return Part(texts.say("annex_part.matrix"), tuple(blocks or _no_findings(texts)), is_landscape=True)


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


def _no_findings(texts: Texts) -> list[Block]:
    return [Paragraph(texts.say("overview.no_findings"))]


def _matrix_row(row: QuestionRow, texts: Texts) -> list[str]:
    return [
        texts.asked(row.finding),
        row.finding.id,
        row.finding.statement,
        row.sources(texts.language),
        texts.number(row.persons),
        *(texts.number(getattr(row, direction)) for direction in DIRECTIONS),
        texts.number(row.undecided),
        row.rating(texts.language),
    ]


def evidence(publication: Publication, texts: Texts) -> Part:
    """Each finding: what a reader asks of it, then words confirmed for it, against it, and suggestions, each apart."""
    voices = voices_of(publication)
    blocks: list[Block] = []
    for number, finding in enumerate(ordered(publication), 1):
        blocks += _of_finding(finding, number, voices.get(finding.id, ()), publication, texts)
    return Part(texts.say("annex_part.evidence"), tuple(blocks or _no_findings(texts)), is_landscape=True)


def _of_finding(
    finding: Finding, number: int, voices: Sequence[Voice], publication: Publication, texts: Texts
) -> Iterator[Block]:
    strength = texts.closed("strength", publication.assessments[finding.id].strength)
    yield Heading(f"{finding.id}  {texts.codes[finding.criterion]}: {strength}")
    yield Paragraph(finding.statement, "statement")
    yield answers(finding, number, voices, publication, texts)
    for name, of_name in _listed(voices).items():
        if of_name:
            yield _voices(name, f"{name}_{number}", finding, of_name, texts)


def _listed(voices: Sequence[Voice]) -> dict[str, list[Voice]]:
    """The voices of a finding by table."""
    confirmed = [voice for voice in voices if voice.status == LinkStatus.CONFIRMED]
    return {
        "supports": [voice for voice in confirmed if voice.direction == Direction.SUPPORTS],
        "contrary": [voice for voice in confirmed if voice.direction in CONTRARY],
        "divided": [voice for voice in voices if voice.is_divided],
        "suggested": [voice for voice in voices if voice.status == LinkStatus.SUGGESTED and not voice.is_divided],
    }


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
