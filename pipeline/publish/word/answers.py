"""The first table of a finding: who says so, who disagrees, how sure it is, what it hangs on, what the machine alone believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from pipeline.findings import Finding
from pipeline.publish import Publication, dependents, labels
from pipeline.publish.html import undecided
from pipeline.publish.html.findings import Voice, coverage
from pipeline.publish.references import in_number_order
from pipeline.publish.word.blocks import Table
from pipeline.publish.word.texts import Texts
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import Direction, Kind, LinkStatus

CONTRARY = (Direction.CONTRADICTS, Direction.QUALIFIES, Direction.NOT_TOLD)


def answers(finding: Finding, number: int, voices: Sequence[Voice], publication: Publication, texts: Texts) -> Table:
    """A row for each question that a reader asks of a finding; without an evaluation question, that row is left out."""
    columns = (texts.column("ask", 18), texts.column("reply", 82))
    rows = [
        [texts.say(f"annex_ask.{key}"), text] for key, text in _answers(finding, voices, publication, texts) if text
    ]
    return texts.table(f"answers_{number}", texts.say("annex_table.answers", id=finding.id), columns, rows)


def _answers(
    finding: Finding, voices: Sequence[Voice], publication: Publication, texts: Texts
) -> Iterator[tuple[str, str]]:
    assessment = publication.assessments[finding.id]
    support, contrary = confirmed(voices, (Direction.SUPPORTS,)), confirmed(voices, CONTRARY)
    nobody = texts.say("annex_answer.nobody")
    yield "question", finding.question
    rated = f"{_capital(texts.closed('strength', assessment.strength))}. {assessment.reason}"
    yield "sure", "\n".join(filter(None, (rated, coverage(voices, texts.language))))
    yield "says", speakers(support, texts) or nobody
    yield "disagrees", _disagreement(contrary, support, publication, texts)
    counted = _people([*support, *contrary])
    yield "differ", by_direction([voice for voice in voices if voice.is_divided], texts, counted)
    yield "machine", _of_the_machine(assessment, voices, texts)
    yield "hangs", texts.references.named_in(assessment.robustness, [voice.source_id for voice in voices])
    register = publication.register
    resting = (dependents.resting(finding, register.conclusions), dependents.resting(finding, register.recommendations))
    yield "rests", ", ".join(filter(None, resting)) or texts.say("finding.hangs_nothing")


def _disagreement(contrary: Sequence[Voice], support: Sequence[Voice], publication: Publication, texts: Texts) -> str:
    """Who contradicts or qualifies, whether nobody contradicts, and that the machine misses most objections."""
    missed = texts.say("annex_answer.missed", recall=publication.facts["contrary_recall"])
    if not contrary:
        return f"{texts.say('annex_answer.nobody')}\n{missed}"
    is_contradicted = any(voice.direction == Direction.CONTRADICTS for voice in contrary)
    nobody = "" if is_contradicted else texts.say("annex_answer.nobody_contradicts")
    return "\n".join(filter(None, (nobody, by_direction(contrary, texts, _people(support)), missed)))


def confirmed(voices: Sequence[Voice], directions: Sequence[Direction]) -> list[Voice]:
    """The voices that people confirmed in any of these directions."""
    return [voice for voice in voices if voice.status == LinkStatus.CONFIRMED and voice.direction in directions]


def _of_the_machine(assessment: StrengthAssessment, voices: Sequence[Voice], texts: Texts) -> str:
    """Whose undecided words the machine suggests, and how many further persons it expects."""
    suggested = [voice for voice in voices if voice.status == LinkStatus.SUGGESTED and not voice.is_divided]
    counted = _people([voice for voice in voices if voice.status == LinkStatus.CONFIRMED])
    said = [by_direction(suggested, texts, counted), undecided.estimate(assessment, voices, texts.language)]
    return "\n".join(filter(None, said)) or texts.say("annex_evidence.suggested")


def by_direction(voices: Sequence[Voice], texts: Texts, counted: Collection[str] = ()) -> str:
    """Who speaks, with a line for every direction in which somebody does; `counted` are the persons named above."""
    lines = []
    for word in Direction:
        if listed := [voice for voice in voices if voice.direction == word]:
            lines.append(f"{_capital(texts.closed('direction', word))}: {speakers(listed, texts, counted)}")
    return "\n".join(lines)


def speakers(voices: Sequence[Voice], texts: Texts, counted: Collection[str] = ()) -> str:
    """Persons by group, the largest first; how many were `counted` above; excerpts of unknown people; documents by reference."""
    unknown = sum(not voice.participant and voice.kind != Kind.DOCUMENT for voice in voices)
    documents = {texts.references.of(voice.source_id, "") for voice in voices if voice.kind == Kind.DOCUMENT}
    names = ", ".join(sorted(documents, key=in_number_order))
    parts = (
        _persons(voices, texts, counted),
        texts.say("annex_answer.unknown", n=unknown) if unknown else "",
        texts.say("annex_answer.documents", n=len(documents), names=names) if documents else "",
    )
    return "; ".join(filter(None, parts))


def _people(voices: Sequence[Voice]) -> set[str]:
    return {voice.participant for voice in voices if voice.participant}


def _persons(voices: Sequence[Voice], texts: Texts, counted: Collection[str]) -> str:
    persons = {(voice.participant, voice.group) for voice in voices if voice.participant}
    if not persons:
        return ""
    groups = sorted(Counter(group for _, group in persons).items(), key=lambda each: (-each[1], each[0]))
    nameless = texts.say("finding.no_group")
    named = ", ".join(f"{labels.group_name(group) or nameless} {count}" for group, count in groups)
    again = len(_people(voices).intersection(counted))
    parts = (
        texts.say("annex_answer.persons", n=len(_people(voices)), groups=named),
        texts.say("annex_answer.counted", n=again) if again else "",
    )
    return ", ".join(filter(None, parts))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
