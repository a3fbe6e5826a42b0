"""Where decided words are now: a decision follows its words, as in the W3C Web Annotation model.

A decision was made on a passage: exact words (by their hash) at a place of a source. While the passage is unchanged, it is
where it was. Where the text around it has changed, the same words of the same speaker are looked for in the same source:
they are *carried* if there is only one candidate. Changed words are never matched by similarity: they are stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.provenance import excerpt_id, key_of, sha256_text
from pipeline.records import Decision, Draft, ExcerptPart, Selector

Bounds = tuple[int, int]  # of a stretch: its first character, and one past its last

CONTEXT = 32  # characters before and after: as many as Hypothesis, the best known client of the model, keeps
SENTENCE_FINAL = ".!?…"  # after one of these a sentence does not go on, whatever follows


class Passage(NamedTuple):
    """What a decision was made on: the excerpt, and the hash of its words."""

    excerpt_id: str
    text_sha256: str

    @property
    def source_id(self) -> str:
        """The source of the passage."""
        return self.excerpt_id.rpartition(":")[0]

    @property
    def bounds(self) -> Bounds:
        """First character and one past the last; (0, 0) where the id names none."""
        return bounds_of(self.excerpt_id)


@dataclass(frozen=True, slots=True)
class Speech:
    """A turn of one speaker, with the bounds of its sentences."""

    start: int
    end: int
    participant_id: str
    label: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source as passages are looked for in it."""

    source_id: str
    text: str
    turns: tuple[Speech, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a speaker says exactly the words of a passage."""

    start: int
    end: int
    turn: Speech


def bounds_of(excerpt: str) -> Bounds:
    """The offsets in an excerpt's id; (0, 0) where it has none."""
    start, _, end = (part if part.isdecimal() else "" for part in excerpt.rpartition(":")[2].partition("-"))
    return int(start or 0), int(end or 0)


def overlap(one: Bounds, other: Bounds) -> bool:
    """Whether two stretches `[start, end)` have a character in common."""
    return one[0] < other[1] and other[0] < one[1]


def passage_of(line: Draft | ExcerptPart) -> Passage:
    """The passage that a line of the ledger, or one of its parts, names."""
    return Passage(line.excerpt_id, line.text_sha256)


def passages(decisions: Iterable[Draft]) -> dict[Passage, Selector | None]:
    """Every passage that a line names, with the latest selector that a line holds of it; what was named last is last.

    A cut or a join names its whole and its two parts.
    """
    selectors: dict[Passage, Selector | None] = {}
    for decision in decisions:
        named: tuple[Draft | ExcerptPart, ...] = (decision, *decision.parts) if decision.excerpt_id else ()
        for each in named:
            passage = passage_of(each)
            earlier = selectors.pop(passage, None)
            selectors[passage] = each.selector or earlier
    return selectors


def decided_passages(decisions: Iterable[Decision]) -> dict[Passage, Selector | None]:
    """The passages that somebody decided on: those that only a cut or a join names are left out."""
    return passages(decision for decision in decisions if not decision.parts)


def of_other_speakers(decisions: Iterable[Decision]) -> frozenset[int]:
    """The lines whose passage, the same words at the same place, was another speaker's when it was decided on last."""
    selected = [(passage_of(d), d.selector, d.seq) for d in decisions if d.selector]
    latest = {passage: selector for passage, selector, _ in selected}
    return frozenset(seq for passage, selector, seq in selected if not _is_one_speaker(selector, latest[passage]))


def _is_one_speaker(one: Selector, other: Selector) -> bool:
    if one.participant and one.participant == other.participant:
        return True
    return one.label == other.label and bool(one.label or one.participant == other.participant)


def locate(selectors: Mapping[Passage, Selector | None], source: SourceText) -> dict[Passage, str]:
    """The current excerpt id of each passage of one source; passages whose words changed are left out.

    `selectors` holds passages of this source alone; the selector is None if no line has one and no run recorded one.
    """
    moved = {p: selector for p, selector in selectors.items() if not _is_in_place(p, selector, source)}
    occurrences = _occurrences(moved, source) if moved else {}
    placed = {}
    for passage in selectors:
        if passage not in moved:
            placed[passage] = passage.excerpt_id
        elif place := choose(moved[passage], occurrences[passage.text_sha256], source):
            placed[passage] = excerpt_id(source.source_id, place.start, place.end)
    return placed


def selector_of(passage: Passage, source: SourceText) -> Selector | None:
    """The selector of a passage that is at the place of its id; None if its words are in no turn."""
    start, end = passage.bounds
    turn = turn_at(start, end, source)
    if turn is None:
        return None
    places = [
        place for other in _turns_of(source, turn) for place in _places(source.text[start:end], other, source.text)
    ]
    if start not in places:
        return None
    before, after = _contexts(source.text, start, end)
    return Selector(
        participant=turn.participant_id,
        label=label_hash(source.source_id, turn.label),
        before=before,
        after=after,
        nth=places.index(start) + 1,
        of=len(places),
    )


def label_hash(source_id: str, label: str) -> str:
    """A key of a speaker's label: a label may be a name, which has no place in a ledger."""
    return key_of(source_id, label) if label else ""


def pinned(placed: Mapping[Passage, str], first_of_all: Sequence[Bounds] = ()) -> list[Bounds]:
    """The bounds that `segment` must keep, in order. Of passages that overlap, the one decided on last keeps its bounds.

    `first_of_all` are bounds that take precedence over these, in their order.
    """
    chosen: list[Bounds] = []
    for bounds in (*first_of_all, *(bounds_of(excerpt) for excerpt in reversed(list(placed.values())))):
        if not any(overlap(bounds, other) for other in chosen):
            chosen.append(bounds)
    return sorted(chosen)


def _is_in_place(passage: Passage, selector: Selector | None, source: SourceText) -> bool:
    """Whether the very words are still at the place where they were decided on, by the same speaker.

    Words that this speaker says several times are looked for by what surrounds them: another of them may have moved there.
    """
    start, end = passage.bounds
    turn = turn_at(start, end, source)
    if turn is None or sha256_text(source.text[start:end]) != passage.text_sha256:
        return False
    is_whole = _is_whole(start, end, turn, source.text)
    if selector is None:
        return is_whole
    is_alike = is_whole or _contexts(source.text, start, end) == (selector.before, selector.after)
    return is_alike and selector.of == 1 and is_speaker(turn, selector, source.source_id)


def _is_whole(start: int, end: int, turn: Speech, text: str) -> bool:
    """Whether words are whole sentences: "It worked" is not the same words if "badly" follows."""
    begins = any(first == start for first, _ in turn.sentences)
    return begins and (text[end - 1] in SENTENCE_FINAL or any(last == end for _, last in turn.sentences))


def turn_at(start: int, end: int, source: SourceText) -> Speech | None:
    """The turn that a stretch of a source is in; None if it is in no single one."""
    return next((turn for turn in source.turns if turn.start <= start < end <= turn.end), None)


def _turns_of(source: SourceText, speaker: Speech) -> list[Speech]:
    who = (speaker.participant_id, speaker.label)
    return [turn for turn in source.turns if (turn.participant_id, turn.label) == who]


def is_speaker(turn: Speech, selector: Selector, source_id: str) -> bool:
    """Whether a turn is by the speaker of a selector: the same person of the register, or the same label in the source."""
    if selector.participant and turn.participant_id == selector.participant:
        return True
    return label_hash(source_id, turn.label) == selector.label and bool(selector.label or not selector.participant)


def _places(words: str, turn: Speech, text: str) -> list[int]:
    """The positions of the words in a turn, at whole words."""
    places = []
    at = text.find(words, turn.start, turn.end)
    while at >= 0:
        if _is_word_bounded(at, at + len(words), turn, text):
            places.append(at)
        at = text.find(words, at + 1, turn.end)
    return places


def _is_word_bounded(start: int, end: int, turn: Speech, text: str) -> bool:
    begins = start == turn.start or text[start - 1].isspace()
    return begins and (end == turn.end or (end < turn.end and text[end].isspace()))


def _occurrences(moved: Iterable[Passage], source: SourceText) -> dict[str, list[Occurrence]]:
    """Every place of the source with the same words, by their hash.

    The words themselves are not known, their hash is: every stretch of that length from the start of a word to the end of
    one is hashed and compared.
    """
    places: dict[str, list[Occurrence]] = {passage.text_sha256: [] for passage in moved}
    hashes: dict[int, set[str]] = {}
    for passage in moved:
        start, end = passage.bounds
        hashes.setdefault(end - start, set()).add(passage.text_sha256)
    for turn in source.turns:
        for start, end in _word_bounded(turn, source.text, hashes):
            digest = sha256_text(source.text[start:end])
            if digest in hashes[end - start]:
                places[digest].append(Occurrence(start, end, turn))
    return places


def _word_bounded(turn: Speech, text: str, lengths: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Every stretch of one of the lengths that begins where a word begins and ends where one ends, in order."""
    lengths = sorted(length for length in lengths if length)
    for start in word_starts(text, turn):
        for length in lengths:
            if _is_word_bounded(start, start + length, turn, text):
                yield start, start + length


def word_starts(text: str, turn: Speech) -> Iterator[int]:
    """Where the words of a turn begin."""
    for word in re.finditer(r"\S+", text[turn.start : turn.end]):
        yield turn.start + word.start()


def _contexts(text: str, start: int, end: int) -> tuple[str, str]:
    """Hashes of what surrounds a passage, white space made equal."""
    before = " ".join(text[max(0, start - 2 * CONTEXT) : start].split())[-CONTEXT:]
    after = " ".join(text[end : end + 2 * CONTEXT].split())[:CONTEXT]
    return key_of("before", before), key_of("after", after)


def choose(selector: Selector | None, places: Sequence[Occurrence], source: SourceText) -> Occurrence | None:
    """The only possible place of the passage, or None if that would be a guess."""
    if selector is None:
        return _if_whole(places[0], source) if len(places) == 1 else None
    of_speaker = [place for place in places if is_speaker(place.turn, selector, source.source_id)]
    context = (selector.before, selector.after)
    alike = [place for place in of_speaker if _contexts(source.text, place.start, place.end) == context]
    if len(alike) == 1:
        return alike[0]
    if len(of_speaker) != selector.of:
        return None
    return _if_whole(of_speaker[selector.nth - 1], source)


def _if_whole(place: Occurrence, source: SourceText) -> Occurrence | None:
    return place if _is_whole(place.start, place.end, place.turn, source.text) else None
