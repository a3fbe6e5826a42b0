"""Which layout explains a file best: every layout of the table is tried on its paragraphs, and the speakers follow from it."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.ingest.transcript.layouts import LONGEST, LONGEST_NAME, Among, Beside, labels_of, layout_named, layouts
from pipeline.ingest.transcript.speaker_detection import (
    OF_SENTENCES,
    DetectedSpeakers,
    are_paired,
    detected_speakers,
    without_number_of_question,
    without_numbers,
)
from pipeline.ingest.transcript.speaker_labels import Label, core, is_note_label, looks_like_name
from pipeline.ingest.transcript.times import is_time
from pipeline.records import Span
from pipeline.vocabulary import SPOKEN, Part

WIDEST = 120  # a text without longer lines may have been wrapped by hand
NARROWEST = 40  # characters of the longest line of a text that is wrapped
IN_MID_SENTENCE = 0.4  # of the lines behind full ones begin with a small letter, in a text that is wrapped
LEAST_INITIALS = 2
SIDES_ASK = 0.2  # more of the turns of one of two numbers hold a question: 1 and 2 number the steps of a task, too
ON_ITS_OWN = "name on its own line"
FULL = 0.6  # of the longest line: a line so long may go on in the next


@dataclass(frozen=True, slots=True)
class Explanation:
    """How well one layout explains a file, from 0 to 1, and what that is made of."""

    layout: str
    labels: int  # of names that come again or that are known
    covered: float  # share of the paragraphs that begin with such a label
    repeated: float  # share of all that looks like a label in this layout
    alternating: float  # share of neighbouring labels that are two different ones
    asking: float  # difference between the label that asks most and the one that asks least, in shares of their turns

    @property
    def score(self) -> float:
        """The root of the coverage, as answers may have many paragraphs, weighted by what a dialogue looks like."""
        return math.sqrt(self.covered) * self.repeated * (0.4 + 0.3 * self.alternating + 0.3 * self.asking)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The labels that are speakers', one for each span or None, who the speakers are, and how each layout explains the file."""

    labels: tuple[Label | None, ...]
    detected: DetectedSpeakers = field(default_factory=DetectedSpeakers)
    explanations: tuple[Explanation, ...] = ()  # the best first
    paragraphs: int = 0

    @property
    def layout(self) -> str:
        """The layout of most labels, or None."""
        used = Counter(label.layout for label in self.labels if label)
        return max(used, key=lambda name: (used[name], name)) if used else ""

    @property
    def runner_up(self) -> str:
        """The best of the other layouts that explain anything, or nothing."""
        return next((e.layout for e in self.explanations if e.layout != self.layout and e.score > 0), "")

    @property
    def margin(self) -> float:
        """How much better the layout explains the file than the runner-up."""
        scores = {e.layout: e.score for e in self.explanations}
        return scores.get(self.layout, 0.0) - scores.get(self.runner_up, 0.0)


def recognise(
    text: str,
    spans: Sequence[Span],
    *,
    knows: Callable[[str], bool],
    asks: Callable[[str], bool],
    is_dialogue: bool = False,
) -> Recognised:
    """The speakers of a text by the layouts that explain it best.

    `knows` says of a label whether it is certainly a speaker's, `asks` whether its speaker asks.
    """
    candidates = _candidates(text, spans)
    starts = paragraph_starts(text, spans)
    paragraphs = sum(starts)
    ranked = _ranked(candidates, text=text, spans=spans, paragraphs=paragraphs, knows=knows)
    chosen = _by_one_name(_chosen(candidates, ranked), knows)
    bare = sum(
        label is not None and label.end >= span.end and begins
        for label, span, begins in zip(chosen, spans, starts, strict=True)
    )
    has_who_asks = any(asks(core(name)) for name in {label.name for label in chosen if label})
    detected = detected_speakers(
        chosen,
        knows,
        text,
        paragraphs=paragraphs - bare,
        is_dialogue=is_dialogue or has_who_asks,
    )
    spoken = [label if detected.has(label) else None for label in chosen]
    late = _labels_of_known(text, spans, spoken, detected, knows)
    labels = tuple(label or late.get(number) for number, label in enumerate(spoken))
    return Recognised(labels, detected, tuple(ranked), paragraphs)


def _labels_of_known(
    text: str,
    spans: Sequence[Span],
    labels: Sequence[Label | None],
    detected: DetectedSpeakers,
    knows: Callable[[str], bool],
) -> dict[int, Label]:
    """Labels that only the other labels reveal: in headings, and of a speaker whose name is on its own line like all others."""
    names = {core(label.name) for label in labels if label}
    are_alone = _stand_alone(labels, spans)
    late: dict[int, Label] = {}
    for number, span in ((number, span) for number, span in enumerate(spans) if labels[number] is None):
        words = text[span.start : span.end]
        if span.part is Part.HEADING:
            label = _in_heading(text, span, detected)
            late |= {number: label} if label else {}
        elif are_alone and len(words) <= LONGEST_NAME and (core(words) in names or knows(words)):
            late[number] = Label(words, ON_ITS_OWN, span.end)
    return late


def _in_heading(text: str, span: Span, detected: DetectedSpeakers) -> Label | None:
    labels = _of_heading(text, span, is_whole=False)
    return next((label for label in (*labels, *map(without_number_of_question, labels)) if detected.has(label)), None)


def _stand_alone(labels: Sequence[Label | None], spans: Sequence[Span]) -> bool:
    """Whether most labels have a line of their own."""
    alone = sum(label is not None and label.end >= span.end for label, span in zip(labels, spans, strict=True))
    return 2 * alone > sum(label is not None for label in labels)


def _ranked(
    candidates: Sequence[Sequence[Label]],
    *,
    text: str,
    spans: Sequence[Span],
    paragraphs: int,
    knows: Callable[[str], bool],
) -> list[Explanation]:
    """How each layout explains the file, the best first; of two alike, the one that comes first in the table.

    A layout in which sentences begin, too, comes after all others that explain anything.
    """
    by_layout: dict[str, dict[int, Label]] = defaultdict(dict)
    for number, labels in enumerate(candidates):
        for label in labels:
            by_layout[label.layout].setdefault(number, label)
    explanations = [
        explain(name, labels, text=text, spans=spans, paragraphs=paragraphs, knows=knows)
        for name, labels in by_layout.items()
    ]
    order = {layout.id: number for number, layout in enumerate(layouts())}
    explanations = list(filter(_may_explain, explanations))
    return sorted(explanations, key=lambda e: (e.score <= 0, _is_of_sentences(e), -round(e.score, 3), order[e.layout]))


def _may_explain(explanation: Explanation) -> bool:
    """Not where 1 and 2 ask equally often: they may number the steps of a task."""
    return layout_named(explanation.layout).among is not Among.SIDES or explanation.asking >= SIDES_ASK


def _is_of_sentences(explanation: Explanation) -> bool:
    """Whether sentences may begin so, too: behind a dash, where one name alone comes again."""
    is_one_name = explanation.layout in OF_SENTENCES and not explanation.alternating
    return explanation.score > 0 and (is_one_name or layout_named(explanation.layout).among is Among.EVERYWHERE)


def _by_one_name(labels: Sequence[Label | None], knows: Callable[[str], bool]) -> list[Label | None]:
    """The labels, a full name as the one by which the person is called from then on: *Ana Rojas*, then *Rojas*, *Ana* or *AR*."""
    present = [label for label in labels if label]
    times = Counter(core(label.name) for label in present)
    short = {core(label.name): label.name for label in present if _may_be_one_name(core(label.name), times)}
    once = {label for label in _once(present) if not knows(label.name)}
    return [label._replace(name=_one_name(label, short)) if label in once and label else label for label in labels]


def _once(labels: Sequence[Label]) -> list[Label]:
    """The labels whose name comes once in its layout: elsewhere it may be set apart for another reason."""
    times = Counter((core(label.name), label.layout) for label in labels)
    return [label for label in labels if times[core(label.name), label.layout] == 1]


def _may_be_one_name(name: str, times: Mapping[str, int]) -> bool:
    return times[name] > 1 and " " not in name and len(name) >= LEAST_INITIALS


def _one_name(label: Label, short: Mapping[str, str]) -> str:
    """The surname, the first name or the initials, the first of these that is a label itself; else the label's own name."""
    words = core(label.name).split(" ")
    initials = "".join(word[0] for word in words)
    written = "".join(word[0] for word in label.name.casefold().split())  # Meg O'Neill is MO
    called = (words[-1], words[0], initials, initials[0] + initials[-1], written)  # Ana Paz Rojas is APR or AR
    names = [short[word] for word in called if len(words) > 1 and word in short]
    return names[0] if names else label.name


def _chosen(candidates: Sequence[Sequence[Label]], ranked: Sequence[Explanation]) -> list[Label | None]:
    """Of the labels that each span may have, the one in the best layout."""
    rank = {explanation.layout: number for number, explanation in enumerate(ranked)}
    return without_numbers([_best(labels, rank) for labels in candidates])


def _best(labels: Sequence[Label], rank: Mapping[str, int]) -> Label | None:
    ranked = [label for label in labels if label.layout in rank]
    return min(ranked, key=lambda label: rank[label.layout], default=None)


def explain(
    layout: str,
    labels: Mapping[int, Label],
    *,
    text: str,
    spans: Sequence[Span],
    paragraphs: int,
    knows: Callable[[str], bool],
) -> Explanation:
    """How well a layout explains a file in which it sees these labels, by the number of their span."""
    speaks = _who_speak(layout, labels, knows)
    names = {number: core(label.name) for number, label in sorted(labels.items())}
    numbers = [number for number, name in names.items() if name in speaks]
    if not numbers:
        return Explanation(layout, 0, 0.0, 0.0, 0.0, 0.0)
    who = [names[number] for number in numbers]
    differ = sum(one != other for one, other in pairwise(who)) / max(1, len(who) - 1)
    ends = [*(spans[number].start for number in numbers[1:]), len(text)]
    asked = Counter(
        name
        for name, number, end in zip(who, numbers, ends, strict=True)
        if text.find("?", labels[number].end, end) >= 0
    )
    turns = Counter(who)
    shares = [asked[name] / turns[name] for name in turns]
    return Explanation(
        layout,
        labels=len(numbers),
        covered=min(1.0, len(numbers) / max(1, paragraphs)),
        repeated=len(numbers) / len(labels),
        alternating=differ,
        asking=max(shares) - min(shares),
    )


def _who_speak(layout: str, labels: Mapping[int, Label], knows: Callable[[str], bool]) -> set[str]:
    """The names among the labels of a layout that are known, or that are written as names are and come often enough."""
    enough = layout_named(layout).enough
    may_be_name = _is_code if layout_named(layout).among in (Among.CODES, Among.SIDES) else looks_like_name
    written = Counter(label.name for label in labels.values())
    names = {core(name): name for name in written}
    times: Counter[str] = Counter()
    for name, count in written.items():
        times[core(name)] += count
    times = _of_pairs(times) if layout_named(layout).among is Among.PAIRS else times
    return {
        name
        for name, count in times.items()
        if knows(names[name]) or (count >= enough and may_be_name(names[name]) and not is_note_label(names[name]))
    }


def _of_pairs(times: Counter[str]) -> Counter[str]:
    """The letters of which one asks and another answers."""
    return Counter({name: count for name, count in times.items() if are_paired(name, times)})


def _is_code(name: str) -> bool:
    return any(c.isdigit() for c in name)


def is_unspoken(span: Span) -> bool:
    """Whether nothing in the span is spoken in an interview."""
    return span.part not in SPOKEN or span.part in (Part.HEADING, Part.FOOTNOTE)


def _candidates(text: str, spans: Sequence[Span]) -> list[list[Label]]:
    """What each layout takes for a label, for each span."""
    candidates: list[list[Label]] = []
    times = [_may_be_time(text, span) and is_time(text, span.start, span.end) for span in spans]
    for number, span in enumerate(spans):
        if span.part is Part.HEADING:
            candidates.append(_of_heading(text, span))
        elif span.speaker or is_unspoken(span):
            candidates.append([])
        else:
            above = number > 0 and times[number - 1]
            below = number + 1 < len(spans) and times[number + 1]
            beside = BESIDE[above, below]
            candidates.append([] if times[number] else labels_of(text, span.start, span.end, beside=beside))
    return candidates


def _beside(*, above: bool, below: bool) -> frozenset[Beside]:
    return frozenset(where for where, is_time in ((Beside.TIME_ABOVE, above), (Beside.TIME_BELOW, below)) if is_time)


BESIDE = {(above, below): _beside(above=above, below=below) for above in (False, True) for below in (False, True)}


def _may_be_time(text: str, span: Span) -> bool:
    return span.end - span.start < LONGEST and text[span.start] in "[(<{#`0123456789"


def _of_heading(text: str, span: Span, *, is_whole: bool = True) -> list[Label]:
    """The labels of a heading that is nothing but a name, with or without a time; or of any heading that begins with one."""
    words = text[span.start : span.end].lstrip("-# \t")
    labels = labels_of(text, span.end - len(words), span.end) if words else []
    return [label for label in labels if label.end >= span.end or not is_whole]


def paragraph_starts(text: str, spans: Sequence[Span]) -> list[bool]:
    """Whether a spoken paragraph begins with each span: lines that were wrapped by hand are of one paragraph."""
    longest = max((span.end - span.start for span in spans if not is_unspoken(span)), default=0)
    may_go_on = [False] * len(spans)
    if NARROWEST <= longest <= WIDEST:
        may_go_on = [False, *(_is_next(text, one, other, longest) for one, other in pairwise(spans))]
    small = sum(text[span.start].islower() for span, goes_on in zip(spans, may_go_on, strict=True) if goes_on)
    is_wrapped = small >= IN_MID_SENTENCE * sum(may_go_on)
    return [
        not is_unspoken(span) and not (is_wrapped and goes_on) for span, goes_on in zip(spans, may_go_on, strict=True)
    ]


def _is_next(text: str, before: Span, span: Span, longest: int) -> bool:
    """Whether a line follows a full one without a blank line between."""
    return (
        not is_unspoken(before)
        and not is_unspoken(span)
        and before.end - before.start >= FULL * longest
        and span.start - before.end < LONGEST
        and text.count("\n", before.end, span.start) == 1
    )
