"""What is undecided of a finding, in sentences: whose words are shown, whom the machine expects to speak about it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline import wording
from pipeline.publish.html.findings import Voice
from pipeline.records import StrengthAssessment
from pipeline.vocabulary import LinkStatus


def sentences(assessment: StrengthAssessment, voices: Sequence[Voice], language: str) -> Iterator[str]:
    """How many undecided excerpts are shown, of whom, and whom the machine expects; `voices` are those of the finding."""
    confirmed = _confirmed(voices)
    for key, is_divided in (("finding.divided", True), ("finding.unconfirmed", False)):
        of_kind = _undecided(voices, is_divided=is_divided)
        if of_kind:
            excerpts = wording.text("noun.excerpts", language, n=len(of_kind))
            yield wording.text(key, language, excerpts=excerpts, whose=_whose(of_kind, confirmed, language))
    if expected := estimate(assessment, voices, language):
        yield expected
    elif not _undecided(voices, is_divided=False):
        yield wording.text("finding.nothing_more" if assessment.cleared else "finding.nothing_suggested", language)


def estimate(assessment: StrengthAssessment, voices: Sequence[Voice], language: str) -> str:
    """How many persons the machine expects to speak about a finding, beside those confirmed; "" if it expects nobody."""
    low, high = assessment.expected_low, assessment.expected_high
    if not high:
        return ""
    between = wording.text("finding.between" if low else "finding.at_most", language, low=low, high=high)
    is_shown = any(voice.participant not in _confirmed(voices) for voice in _of_persons(voices))
    key = "estimate_unshown" if not is_shown else "estimate" if assessment.unshown else "estimate_shown"
    return wording.text(f"finding.{key}", language, n=high, between=between if low < high else high)


def review(assessment: StrengthAssessment, voices: Sequence[Voice], language: str) -> str:
    """What stands before the excerpts to review first: how many they are, and how many of them are shown."""
    first = set(assessment.review_first)
    shown = len(first.intersection(voice.excerpt_id for voice in voices))
    return wording.text("finding.review_first", language, n=len(first), shown=shown, unshown=len(first) - shown)


def basis(assessment: StrengthAssessment, voices: Sequence[Voice], language: str) -> Iterator[str]:
    """What the machine's suggestions are based on: the null control, and what became of the excerpts that clear it."""
    if not assessment.cleared:
        yield wording.text("finding.control_none", language)
        return
    shown = len(_undecided(voices, is_divided=False))
    decided = assessment.cleared - shown - assessment.unshown
    chance = f"{assessment.by_chance:.1f}".replace(".", "." if language == "en" else ",")
    yield wording.text("finding.control", language, n=assessment.cleared, chance=chance)
    yield wording.text("finding.cleared", language, decided=decided, shown=shown, unshown=assessment.unshown)
    if assessment.looks:
        yield wording.text("finding.review_enough", language, n=assessment.looks)


def _undecided(voices: Sequence[Voice], *, is_divided: bool) -> list[Voice]:
    return [v for v in voices if v.status == LinkStatus.SUGGESTED and v.is_divided is is_divided]


def _of_persons(voices: Sequence[Voice]) -> list[Voice]:
    return [voice for voice in _undecided(voices, is_divided=False) if voice.participant]


def _confirmed(voices: Sequence[Voice]) -> set[str]:
    """The persons of whom people confirmed an excerpt."""
    return {voice.participant for voice in voices if voice.status == LinkStatus.CONFIRMED}


def _whose(voices: Sequence[Voice], confirmed: set[str], language: str) -> str:
    """How many persons speak in the excerpts, how many of them without a confirmed excerpt, and in how many documents."""
    persons = {voice.participant for voice in voices} - {""}
    documents = {voice.source_id for voice in voices if not voice.participant}
    parts = []
    if persons:
        new = len(persons - confirmed)
        key = "new_none" if not new else "new_all" if new == len(persons) else "new_some"
        counted = wording.text("noun.persons", language, n=len(persons))
        parts.append(wording.text(f"finding.{key}", language, persons=counted, new=new))
    if documents:
        parts.append(wording.text("overview.document", language, n=len(documents)))
    return wording.text("finding.and", language).join(parts)
