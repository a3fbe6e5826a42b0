"""The sentences that explain a strength, and say what it depends on, worded again from a recount."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline import wording
from pipeline.audit.recount.strengths import STRENGTHS, Recount, recount
from pipeline.audit.stored import Row
from pipeline.config import Condition, EvidenceSettings, StrengthRule

LEFT_OUT = ("group", "source_id", "participant")
KINDS = ("interview", "survey", "document")
MOST_NAMED = 3  # names in a sentence; more are counted


def reason(counted: Recount, rules: EvidenceSettings, language: str) -> str:
    """Why a finding has its strength, and what the next strength asks for."""
    counts = counted.counts
    sides = {
        name: wording.text("noun.excerpts", language, n=counts[name])
        for name in ("supports", "contradicts", "qualifies")
    }
    undecided = wording.text("why.undecided", language, n=counts["suggested"])
    if counted.strength == "unsupported":
        parts = [wording.text("why.unsupported", language)]
        if counts["contradicts"]:
            parts.append(wording.text("why.against", language, contradicts=sides["contradicts"]))
        return " ".join([*parts, undecided])
    nouns = {name: wording.text(f"noun.{name}", language, n=counts[name]) for name in ("persons", "groups", "kinds")}
    first = f"{wording.text('why.support', language, **nouns, **sides)} {undecided}"
    if counted.strength == "contested":
        share = counts["contradicting_share"]
        return f"{first} {wording.text('why.contested', language, share=share, limit=rules.contested)}"
    if counted.strength == "strong":
        return first
    name, rule = ("strong", rules.strong) if counted.strength == "moderate" else ("moderate", rules.moderate)
    missed = ", ".join(_missed(counted, rule, language))
    return f"{first} {wording.text('why.next', language, next=wording.closed_word('strength', name, language), missed=missed)}"


def coverage(rows: Sequence[Row], language: str) -> str:
    """Which stances the confirmed supporting rows of evidence.csv take on the criterion; "" if there are none."""
    stances = [row["stance"] for row in rows if (row["status"], row["direction"]) == ("confirmed", "supports")]
    named = (
        f"{wording.closed_word('stance', stance or 'untold', language)} {stances.count(stance)}"
        for stance in ("positive", "negative", "mixed", "")
        if stance in stances
    )
    return wording.text("finding.covered", language, stances=", ".join(named)) if stances else ""


def _missed(counted: Recount, rule: StrengthRule, language: str) -> Iterator[str]:
    for condition in rule.conditions():
        count = counted.counts[condition.counted]
        if count > condition.limit if condition.at_most else count < condition.limit:
            yield _shortfall(condition, count, language)


def _shortfall(condition: Condition, count: float, language: str) -> str:
    if isinstance(count, int):
        what = wording.text(f"noun.{condition.counted}", language, n=count)
        return wording.text("why.least", language, what=what, asked=float(condition.limit))
    return wording.text(f"why.{condition.counted}", language, counted=count, asked=condition.limit)


def robustness(rows: Sequence[Row], rules: EvidenceSettings, language: str) -> str:
    """What becomes of the strength of a finding if one group, source or person, or a whole kind of source, is left out."""
    confirmed = [row for row in rows if row["status"] == "confirmed"]
    if not confirmed:
        return wording.text("robust.none", language)
    return f"{_without_one(confirmed, rules, language)} {_without_kind(confirmed, rules, language)}"


def _without_kind(confirmed: Sequence[Row], rules: EvidenceSettings, language: str) -> str:
    kinds = {row["kind"] for row in confirmed}
    if len(kinds) == 1:
        return wording.text("robust.one_kind", language, kind=wording.text(f"robust.{kinds.pop()}", language))
    whole = recount(confirmed, rules).strength
    left: dict[str, list[str]] = {word: [] for word in (*filter(whole.__ne__, STRENGTHS), whole)}
    for kind in filter(kinds.__contains__, KINDS):
        reached = recount([row for row in confirmed if row["kind"] != kind], rules).strength
        name = wording.text(f"robust.{kind}", language)
        left[reached].append(wording.text("robust.without_kind", language, kind=name))
    parts = [_outcome(reached, whole, names, language) for reached, names in left.items() if names]
    return wording.text("robust.kinds", language, what="; ".join(parts))


def _outcome(reached: str, whole: str, names: Sequence[str], language: str) -> str:
    head = wording.closed_word("strength", reached, language)
    if reached == whole:
        head = wording.text("robust.same", language, strength=head)
    return f"{head} {wording.text('robust.or', language).join(names)}"


def _without_one(confirmed: Sequence[Row], rules: EvidenceSettings, language: str) -> str:
    without, whole = _changed(confirmed, rules), recount(confirmed, rules).strength
    if not without:
        key = f"robust.holds_{whole}" if whole in ("weak", "unsupported") else "robust.holds"
        return wording.text(key, language, strength=wording.closed_word("strength", whole, language))
    parts = [
        wording.text(
            "robust.settled" if whole == "contested" else "robust.falls",
            language,
            strength=wording.closed_word("strength", reached, language),
            what=_one_of(without[reached], language),
        )
        for reached in STRENGTHS
        if reached in without
    ]
    return " ".join(parts)


def _changed(confirmed: Sequence[Row], rules: EvidenceSettings) -> dict[str, dict[str, list[str]]]:
    """By the strength that is reached and by column, whose absence changes the strength."""
    whole = recount(confirmed, rules).strength
    without: dict[str, dict[str, list[str]]] = {}
    for column in LEFT_OUT:
        for name in sorted({row[column] for row in confirmed} - {""}):
            reached = recount([row for row in confirmed if row[column] != name], rules).strength
            if reached != whole:
                without.setdefault(reached, {}).setdefault(column, []).append(name)
    return without


def _one_of(names: dict[str, list[str]], language: str) -> str:
    parts = []
    for column, of_column in names.items():
        shown = [name.replace("_", " ") if column == "group" else name for name in of_column]
        key = f"robust.any_{column}" if len(shown) > MOST_NAMED else f"robust.{column}"
        parts.append(wording.text(key, language, n=len(shown), names=", ".join(shown)))
    return wording.text("robust.or", language).join(parts)
