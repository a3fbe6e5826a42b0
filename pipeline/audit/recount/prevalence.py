"""From the codings, the ledger and the votes of patterns to the shares of persons who speak of each code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import NormalDist, mean, pvariance, variance

from pipeline.audit.recount.book import SheetRows, Translation, cell_text, differs, is_number, other_length
from pipeline.audit.recount.counts import codes_of, is_same, person_key, shown_count
from pipeline.audit.recount.coverage.group_names import groups_in
from pipeline.audit.recount.ledger import answers_of
from pipeline.audit.recount.links import PersonsOf
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows, unguarded
from pipeline.errors import Problem
from pipeline.vocabulary import UNDECIDED
from pipeline.wording.messages import message

PREVALENCE = "outputs/prevalence.csv"
ATTRIBUTES = ("group", "gender", "country")
LEAST_SHARE, WANTED, LEAST_EXPECTED = 0.5, 0.1, 0.05
Z = NormalDist().inv_cdf(0.975)


@dataclass(slots=True)
class Speaker:
    """One person: attributes, and per code the excerpts that count."""

    attributes: Row
    excerpts: list[str] = field(default_factory=list)


def check_prevalence(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every share of persons, with its interval, follows from the codings, the random draws and the patterns."""
    published = csv_rows(stored.root / PREVALENCE)
    speakers = _speakers(stored)
    expected = {
        (code, attribute, value): row
        for code, facts in _facts_of_codes(stored).items()
        for attribute, value, row in _rows(speakers, facts, stored.settings.disclosure.smallest_cell)
    }

    def problems() -> Iterator[Problem]:
        present = set()
        for number, row in enumerate(published, 2):
            place = (row["criterion"], row["attribute"], row["value"].removeprefix("'" if row["guarded"] else "\0"))
            present.add(place)
            if place not in expected:
                yield Problem(
                    f"{PREVALENCE} line {number}", message("audit/counts_persons_that_the_study_does"), message(RERUN)
                )
                continue
            for name, value in expected[place].items():
                if not is_same(row[name].removeprefix("'"), value):
                    yield Problem(
                        f"{PREVALENCE} line {number}",
                        message("audit/its_does_not_match", name=name, value=value),
                        message(RERUN),
                    )
        for place in sorted(expected.keys() - present):
            yield Problem(
                PREVALENCE, message("audit/has_no_row_for", row=", ".join(filter(None, place))), message(RERUN)
            )

    return len(published), problems()


def _speakers(stored: Stored) -> dict[str, Speaker]:
    """Everybody who answers in an interview or survey, with their excerpts; copies of sources left out."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    persons = PersonsOf(stored)
    speakers: dict[str, Speaker] = {}
    for excerpt in stored.tables["excerpts"]:
        source = sources[excerpt["source_id"]]
        key = person_key(excerpt, source, sources)
        if excerpt["role"] == "respondent" and key and not source["copy_of"]:
            speaker = speakers.setdefault(key, Speaker(persons.attributes(excerpt)))
            speaker.excerpts.append(excerpt["excerpt_id"])
    return speakers


@dataclass(slots=True)
class CodeFacts:
    """The excerpts of one code: decided by people, coded, named by a pattern; and those drawn at random."""

    drawn: frozenset[str]
    decided: set[str] = field(default_factory=set)
    coded: set[str] = field(default_factory=set)
    predicted: set[str] = field(default_factory=set)


def _facts_of_codes(stored: Stored) -> dict[str, CodeFacts]:
    ledger = answers_of(stored)
    drawn = frozenset(
        ledger.place(line) or line["excerpt_id"]
        for line in ledger.lines.values()
        if line.get("lane", "").startswith("random")
    )
    facts = {code: CodeFacts(drawn) for code in codes_of(stored)}
    for row in stored.tables["codings"]:
        if row["status"] not in UNDECIDED:
            facts[row["criterion"]].decided.add(row["excerpt_id"])
        if row["coded"]:
            facts[row["criterion"]].coded.add(row["excerpt_id"])
    for row in stored.tables["votes"]:
        if row["vote"] == 1 and row["voter"].startswith("rule:") and row["criterion"] in facts:
            facts[row["criterion"]].predicted.add(row["excerpt_id"])
    return facts


@dataclass(slots=True)
class CodeCounts:
    """The counts of one code: of each person, of all together, and each person's figure with its control."""

    people: dict[str, Counter[str]]
    total: Counter[str]
    spoken: dict[str, tuple[float, float]]

    @property
    def share_drawn(self) -> float:
        """The share of the open excerpts that were drawn and decided."""
        return self.total["drawn"] / self.total["open"] if self.total["open"] else 0.0


def _code_counts(speakers: dict[str, Speaker], facts: CodeFacts) -> CodeCounts:
    people = {name: _counted(speaker, facts) for name, speaker in speakers.items()}
    counts = CodeCounts(people, sum(people.values(), Counter[str]()), {})
    if counts.share_drawn >= LEAST_SHARE:
        counts.spoken = {name: _spoken(each, counts.share_drawn) for name, each in people.items()}
    return counts


def _rows(speakers: dict[str, Speaker], facts: CodeFacts, smallest: int) -> Iterator[tuple[str, str, Row]]:
    """(attribute, value, expected cells) of every row of one code."""
    counts = _code_counts(speakers, facts)
    weight = _weight(list(counts.spoken.values()))
    coded = sum(each["coded"] > 0 for each in counts.people.values())
    more = _more(counts.total, len(speakers), coded)
    for attribute in ("", *ATTRIBUTES):
        members: dict[str, list[str]] = {}
        for name, speaker in speakers.items():
            for value in groups_in(speaker.attributes[attribute] if attribute else ""):
                members.setdefault(value, []).append(name)
        for value, names in members.items():
            row = {**_plain(counts, names, smallest), **_estimated(counts, names, weight, smallest)}
            yield attribute, value, {**row, "more": str(0 if attribute else more)}


def _plain(counts: CodeCounts, names: list[str], smallest: int) -> Row:
    """What is counted of some persons without an estimate."""
    own = sum((counts.people[name] for name in names), Counter[str]())
    coded = sum(counts.people[name]["coded"] > 0 for name in names)
    is_small = len(names) < smallest or 0 < coded < smallest
    return {
        "persons": shown_count(len(names), smallest),
        "coded_persons": shown_count(coded, smallest),
        "coded_share": math.nan if is_small else coded / len(names),
        "drawn": str(own["drawn"]),
        "drawn_from": str(own["open"]),
    }


def _estimated(counts: CodeCounts, names: list[str], weight: float, smallest: int) -> Row:
    """The estimate for some persons with its interval, or why there is none."""
    status = _status(counts.total["drawn"], counts.share_drawn, len(names), smallest)
    share, low, high = math.nan, math.nan, math.nan
    if status == "estimated":
        figures = [counts.spoken[name][0] - weight * counts.spoken[name][1] for name in names]
        share, low, high = _interval(figures, counts.share_drawn)
    return {"share": share, "low": low, "high": high, "status": status}


def _counted(speaker: Speaker, facts: CodeFacts) -> Counter[str]:
    """The numbers of a person's excerpts, by what is known of them."""
    count: Counter[str] = Counter()
    for name in speaker.excerpts:
        decided, drawn = name in facts.decided, name in facts.decided and name in facts.drawn
        yes, predicted = decided and name in facts.coded, name in facts.predicted
        is_open = drawn or not decided
        count += Counter(
            coded=name in facts.coded,
            drawn=drawn,
            open=is_open,
            known=decided and not drawn and yes,
            drawn_yes=drawn and yes,
            drawn_predicted=drawn and predicted,
            predicted=is_open and predicted,
        )
    return count


def _spoken(count: Counter[str], share: float) -> tuple[float, float]:
    """A person's figure, and the control: the patterns' figure minus whether they match the person."""
    if count["known"]:
        return 1.0, 0.0
    away = 1 - 1 / share
    return 1 - away ** count["drawn_yes"], 1 - away ** count["drawn_predicted"] - (count["predicted"] > 0)


def _weight(figures: list[tuple[float, float]]) -> float:
    if not figures:
        return 0.0
    controls = [control for _, control in figures]
    spread = pvariance(controls)
    if not spread:
        return 0.0
    middle, other = mean(spoken for spoken, _ in figures), mean(controls)
    together = mean((spoken - middle) * (control - other) for spoken, control in figures)
    return min(max(together / spread, 0.0), 1.0)


def _interval(figures: list[float], share: float) -> tuple[float, float, float]:
    """The mean, and the two shares p at which (mean - p) squared is Z squared times (k p - p squared) / count."""
    count, middle = len(figures), max(mean(figures), 0.0)
    squares = count * (variance(figures) + middle * middle) if count > 1 else middle
    k = min(1 / share, max(1.0, (squares + 1 / share) / (count * middle + 1)))
    step = Z * Z / count
    half = middle + step * k / 2
    root = math.sqrt(max(0.0, half * half - (1 + step) * middle * middle))
    low, high = (half - root) / (1 + step), (half + root) / (1 + step)
    return min(middle, 1.0), min(max(low, 0.0), 1.0), min(high, 1.0)


def _status(drawn: int, share: float, persons: int, smallest: int) -> str:
    if not drawn:
        return "none drawn"
    if share < LEAST_SHARE:
        return "too few drawn"
    return "withheld" if persons < smallest else "estimated"


def _more(total: Counter[str], persons: int, coded: int) -> int:
    expected = min(max(coded / persons if persons else 0.0, LEAST_EXPECTED), 1 - LEAST_EXPECTED)
    allowed = persons * (WANTED / Z) ** 2 - expected * (1 - expected)
    share = max(expected / (expected + allowed) if allowed > 0 else 1.0, LEAST_SHARE)
    return max(0, min(total["open"], math.ceil(share * total["open"])) - total["drawn"])


def share_problems(sheet: SheetRows, stored: Stored) -> Iterator[Problem]:
    """The sheet of shares, beside prevalence.csv."""
    published = csv_rows(stored.root / PREVALENCE)
    if len(sheet.rows) != len(published):
        yield other_length(sheet, PREVALENCE, len(published))
        return
    translation = Translation()
    for index, (row, expected) in enumerate(zip(sheet.rows, map(unguarded, published), strict=True)):
        for name in ("persons", "coded_persons", "drawn", "drawn_from", "more"):
            if cell_text(row[name]) != cell_text(expected[name]):
                yield differs(sheet, index, name, PREVALENCE)
        for name in ("coded_share", "share", "low", "high"):
            if not (is_number(row[name], expected[name]) if expected[name] else row[name] == ""):
                yield differs(sheet, index, name, PREVALENCE)
        for name in ("criterion", "attribute", "value", "status"):
            if not translation.fits(name, expected[name], row[name]):
                yield differs(sheet, index, name, PREVALENCE)
