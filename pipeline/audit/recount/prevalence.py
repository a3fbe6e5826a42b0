"""From the codings, the ledger and the votes of patterns to the shares of persons who speak of each code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import NormalDist, mean, variance

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
LEVEL, Z = 0.95, NormalDist().inv_cdf(0.975)
ROUNDING = 1e-9
HALVINGS = 18  # to a hundredth of the last digit that is shown


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
    """The counts of one code: of each person, of all together, and each person's corrected figure."""

    people: dict[str, Counter[str]]
    total: Counter[str]
    figures: dict[str, float]

    @property
    def share_drawn(self) -> float:
        """The share of the open excerpts that were drawn and decided."""
        return self.total["drawn"] / self.total["open"] if self.total["open"] else 0.0


def _code_counts(speakers: dict[str, Speaker], facts: CodeFacts) -> CodeCounts:
    people = {name: _counted(speaker, facts) for name, speaker in speakers.items()}
    counts = CodeCounts(people, sum(people.values(), Counter[str]()), {})
    if counts.share_drawn >= LEAST_SHARE:
        pairs = [_spoken(each, counts.share_drawn) for each in people.values()]
        counts.figures = dict(zip(people, _corrected(pairs), strict=True))
    return counts


def _rows(speakers: dict[str, Speaker], facts: CodeFacts, smallest: int) -> Iterator[tuple[str, str, Row]]:
    """(attribute, value, expected cells) of every row of one code."""
    counts = _code_counts(speakers, facts)
    coded = sum(each["coded"] > 0 for each in counts.people.values())
    more = _more(counts.total, len(speakers), coded)
    for attribute in ("", *ATTRIBUTES):
        members: dict[str, list[str]] = {}
        for name, speaker in speakers.items():
            for value in groups_in(speaker.attributes[attribute] if attribute else ""):
                members.setdefault(value, []).append(name)
        for value, names in members.items():
            row = {**_plain(counts, names, smallest), **_estimated(counts, names, smallest)}
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


def _estimated(counts: CodeCounts, names: list[str], smallest: int) -> Row:
    """The estimate for some persons with its interval, or why there is none."""
    status = _status(counts.total["drawn"], counts.share_drawn, len(names), smallest)
    share, low, high = math.nan, math.nan, math.nan
    if status == "estimated":
        share, low, high = _interval([counts.figures[name] for name in names], counts.share_drawn)
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


def _corrected(pairs: list[tuple[float, float]]) -> list[float]:
    """Each figure less its control times the slope of figures over controls among all other persons, from 0 to 1.

    A person less takes n / (n - 1) times the product of its distances from the means from a sum of products.
    """
    count = len(pairs)
    if count < 3:  # one other person has no slope
        return [spoken for spoken, _ in pairs]
    middle, mean_control = (math.fsum(column) / count for column in zip(*pairs, strict=True))
    away = [(spoken - middle, control - mean_control) for spoken, control in pairs]
    together = math.fsum(spoken * control for spoken, control in away)
    spread = math.fsum(control**2 for _, control in away)
    figures = []
    for (spoken, control), (y, x) in zip(pairs, away, strict=True):
        spread_of_others = spread - x * x * count / (count - 1)
        slope = (together - x * y * count / (count - 1)) / spread_of_others if spread_of_others > ROUNDING else 0.0
        figures.append(spoken - min(max(slope, 0.0), 1.0) * control)
    return figures


def _interval(figures: list[float], share: float) -> tuple[float, float, float]:
    """The mean, and the first shares on either side of it that a binomial test rejects (docs/method.md), by halving."""
    count, middle = len(figures), max(mean(figures), 0.0)
    squares = count * (variance(figures) + middle * middle) if count > 1 else middle
    k = min(1 / share, max(1.0, (squares + 1 / share) / (count * middle + 1)))
    middle = min(middle, 1.0)

    def end(outside: float) -> float:
        if _probability(middle, outside, k, count) >= 1 - LEVEL:
            return outside
        inside = middle
        for _ in range(HALVINGS):
            between = (inside + outside) / 2
            if _probability(middle, between, k, count) >= 1 - LEVEL:
                inside = between
            else:
                outside = between
        return inside

    return middle, end(0.0), end(1.0)


def _probability(middle: float, share: float, k: float, count: int) -> float:
    """Of a mean as far from `share` as `middle`, or farther: both tails of a binomial count."""
    speakers, mirrored = middle * count / k, (2 * share - middle) * count / k
    low, high = min(speakers, mirrored), max(speakers, mirrored)
    return _tail(high, count, share / k) + _tail(count - low, count, 1 - share / k)


def _tail(speakers: float, count: int, chance: float) -> float:
    """Of more speakers, and half of as many (mid-P)."""
    if speakers > count:
        return 0.0
    if speakers < 0:
        return 1.0
    return (_beta(speakers, count - speakers + 1, chance) + _beta(speakers + 1, count - speakers, chance)) / 2


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz's method)."""
    if a <= 0 or x >= 1:
        return 1.0
    if b <= 0 or x <= 0:
        return 0.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a + 1) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    fraction = c = 1.0
    d = 0.0
    for step in range(1, 1000):
        m, is_odd = divmod(step, 2)
        top = -(a + m) * (a + b + m) if is_odd else m * (b - m)
        top *= x / ((a + step - 1) * (a + step))
        d = 1 / (1 + top * d)
        c = 1 + top / c
        fraction *= c * d
        if abs(c * d - 1) < ROUNDING:
            break
    return front / fraction


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
