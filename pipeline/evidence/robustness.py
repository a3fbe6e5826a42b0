"""Whether a finding keeps its strength when one person, one source, one group or a whole kind of source is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.config import EvidenceSettings
from pipeline.evidence.strength import EvidenceRow, Tally, evidence_rows, strength
from pipeline.vocabulary import Kind, LinkStatus, Strength

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("group", "source_id", "participant")
SHOWN = 3  # names in a sentence; more are counted
PIVOTS = 5  # as many as the persons that the delivered rule asks of a moderate finding


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The confirmed rows of a finding, their counts, and the strength that follows from them."""

    rows: Sequence[EvidenceRow]
    counted: Tally
    settings: EvidenceSettings
    strength: Strength

    def without(self, rows: Sequence[EvidenceRow]) -> Strength:
        """The strength without some of the rows.

        They are taken out and put back, so that each row is handled once per column and not per value.
        """
        for row in rows:
            self.counted.add(row, -1)
        counts = self.counted.counts()
        for row in rows:
            self.counted.add(row)
        return strength(counts, self.settings)


def confirmed(evidence: pd.DataFrame, settings: EvidenceSettings) -> Confirmed:
    """What people confirmed of a finding (its rows of the table `evidence`)."""
    rows = [row for row in evidence_rows(evidence) if row.status == LinkStatus.CONFIRMED]
    counted = Tally(rows)
    return Confirmed(rows, counted, settings, strength(counted.counts(), settings))


def changes(of_finding: Confirmed) -> list[tuple[str, str, Strength]]:
    """(column, value, strength without it) for every person, source and group whose absence changes the strength."""
    changed = []
    for column in LEFT_OUT:
        for value, rows in _by_value(of_finding.rows, column):
            without = of_finding.without(rows)
            if without is not of_finding.strength:
                changed.append((column, value, without))
    return changed


def without_kinds(of_finding: Confirmed) -> dict[Kind, Strength]:
    """For every kind of source with a confirmed link, the strength without all sources of that kind."""
    rows_of = dict(_by_value(of_finding.rows, "kind"))
    return {kind: of_finding.without(rows_of[kind]) for kind in Kind if kind in rows_of}


def _by_value(rows: Sequence[EvidenceRow], column: str) -> list[tuple[str, list[EvidenceRow]]]:
    """The rows of each value of a column, in order; blank ones are left out."""
    by_value: dict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        by_value[getattr(row, column)].append(row)
    by_value.pop("", None)
    return sorted(by_value.items())


def sentence(evidence: pd.DataFrame, settings: EvidenceSettings, language: str) -> str:
    """What leaving one out does, and what leaving out a whole kind of source does: two sentences in the study's language."""
    of_finding = confirmed(evidence, settings)
    if not of_finding.rows:
        return wording.text("robust.none", language)
    return f"{_of_one(of_finding, language)} {_of_kinds(of_finding, language)}"


def _of_one(of_finding: Confirmed, language: str) -> str:
    changed = changes(of_finding)
    name = wording.closed_word("strength", of_finding.strength, language)
    if not changed:
        is_low = of_finding.strength in (Strength.WEAK, Strength.UNSUPPORTED)
        return wording.text(
            f"robust.holds_{of_finding.strength}" if is_low else "robust.holds", language, strength=name
        )
    reached = sorted({without for _, _, without in changed}, key=list(Strength).index)
    key = "robust.settled" if of_finding.strength is Strength.CONTESTED else "robust.falls"
    parts = []
    for strength_without in reached:
        name = wording.closed_word("strength", strength_without, language)
        what = _without(changed, strength_without, language)
        parts.append(wording.text(key, language, strength=name, what=what))
    return " ".join(parts)


def _of_kinds(of_finding: Confirmed, language: str) -> str:
    """The one kind of source that all comes from; of several, what is left without each."""
    without = without_kinds(of_finding)
    names = {kind: wording.text(f"robust.{kind}", language) for kind in without}
    if len(without) == 1:
        return wording.text("robust.one_kind", language, kind=next(iter(names.values())))
    whole = of_finding.strength
    kinds_by_outcome: dict[Strength, list[str]] = defaultdict(list)
    for kind, reached in sorted(without.items(), key=lambda item: (item[1] is whole, list(Strength).index(item[1]))):
        kinds_by_outcome[reached].append(wording.text("robust.without_kind", language, kind=names[kind]))
    parts = [
        f"{_outcome(reached, whole, language)} {wording.text('robust.or', language).join(kinds)}"
        for reached, kinds in kinds_by_outcome.items()
    ]
    return wording.text("robust.kinds", language, what="; ".join(parts))


def _outcome(reached: Strength, whole: Strength, language: str) -> str:
    name = wording.closed_word("strength", reached, language)
    return wording.text("robust.same", language, strength=name) if reached is whole else name


def _without(changed: list[tuple[str, str, Strength]], reached: Strength, language: str) -> str:
    """What must be left out to reach a strength: named if few, counted if many."""
    parts = []
    for column in LEFT_OUT:
        names = [
            value.replace("_", " ") if column == "group" else value
            for where, value, s in changed
            if s is reached and where == column
        ]
        if len(names) > SHOWN:
            parts.append(wording.text(f"robust.any_{column}", language, n=len(names)))
        elif names:
            parts.append(wording.text(f"robust.{column}", language, n=len(names), names=", ".join(names)))
    return wording.text("robust.or", language).join(parts)


def pivots(evidence: pd.DataFrame, settings: EvidenceSettings) -> list[str]:
    """Excerpts whose suggested link would change a finding's strength if a person confirmed it; the closest of each speaker first.

    At most `PIVOTS`: a finding without confirmed links would name them all.
    """
    rows = evidence_rows(evidence)
    counted = Tally(rows)
    reached = strength(counted.counts(), settings)
    changing: list[str] = []
    speakers: set[tuple[str, str]] = set()
    ranked = sorted(
        zip(evidence["score"], evidence["excerpt_id"], rows, strict=True),
        key=lambda ranked_row: (-ranked_row[0], ranked_row[1]),
    )
    for _, excerpt_id, row in ranked:
        speaker = (row.participant, row.source_id)
        if row.status != LinkStatus.SUGGESTED or speaker in speakers:
            continue
        speakers.add(speaker)
        confirmed = row._replace(status=LinkStatus.CONFIRMED)
        counted.add(confirmed)
        if strength(counted.counts(), settings) is not reached:
            changing.append(str(excerpt_id))
        counted.add(confirmed, -1)
    return changing[:PIVOTS]
