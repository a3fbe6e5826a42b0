"""Decided words in a text in which names are masked, or shown, since: the same words, where all that both show is the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.provenance import excerpt_id, sha256_text
from pipeline.records import Selector
from pipeline.review.identity import Occurrence, Passage, SourceText, Speech, choose, is_speaker, turn_at, word_starts
from pipeline.review.masked.gaps import HIDDEN, SourceGap, gaps_in, is_same, source_offset, spelled, stored_offset


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A source and its masks."""

    source: SourceText
    gaps: Sequence[SourceGap]

    def in_place(self, passage: Passage, selector: Selector | None, words: str) -> str:
        """The excerpt that a passage is, where it was decided on before names were masked and its file is the same; else "".

        `words` are those of the passage, spelled; empty where they are not kept.
        """
        start, end = (stored_offset(offset, self.gaps) for offset in passage.bounds)
        if not self.gaps or start is None or end is None or not self._is_by(selector, start, end):
            return ""
        is_unchanged = sha256_text(self.source.text[start:end]) == passage.text_sha256
        if is_unchanged or (words and is_same(words, self._spelled(start, end))):
            return excerpt_id(self.source.source_id, start, end)
        return ""

    def at_place(self, place: Sequence[int | str] | None, selector: Selector | None, words: str) -> str:
        """The excerpt at a place of the text as it was read, if it has these words by the same speaker; else "".

        `place` ends with the offsets of a file that is still the same; None where it is not known.
        """
        start, end = (stored_offset(int(offset), self.gaps) for offset in place[-2:]) if place else (None, None)
        if start is None or end is None or not words:
            return ""
        turn = turn_at(start, end, self.source)
        if turn is None or (selector and not is_speaker(turn, selector, self.source.source_id)):
            return ""
        return excerpt_id(self.source.source_id, start, end) if is_same(words, self._spelled(start, end)) else ""

    def _is_by(self, selector: Selector | None, start: int, end: int) -> bool:
        """Whether a stretch is in a turn of the speaker of a selector, whose words come once in the source."""
        turn = turn_at(start, end, self.source)
        if turn is None or selector is None:
            return turn is not None
        return selector.of == 1 and is_speaker(turn, selector, self.source.source_id)

    def elsewhere(self, selector: Selector | None, words: str) -> str:
        """The excerpt with these words, as far as they are shown, by the same speaker; "" where that would be a guess."""
        if not words or (not self.gaps and HIDDEN not in words):
            return ""
        places = [place for turn in self.source.turns for place in self._places(words, turn)]
        place = choose(selector, places, self.source)
        return excerpt_id(self.source.source_id, place.start, place.end) if place else ""

    def _places(self, words: str, turn: Speech) -> Iterator[Occurrence]:
        """Where words that are spelled are in a turn, from the start of a word to the end of one."""
        first = source_offset(turn.start, self.gaps)
        whole = self._spelled(turn.start, turn.end)
        for at in word_starts(self.source.text, turn):
            begin = source_offset(at, self.gaps) - first
            if is_same(words, whole[begin : begin + len(words)]):
                end = stored_offset(first + begin + len(words), self.gaps)
                if end is not None and (end == turn.end or self.source.text[end : end + 1].isspace()):
                    yield Occurrence(at, end, turn)

    def _spelled(self, start: int, end: int) -> str:
        return spelled(self.source.text[start:end], gaps_in(self.gaps, start, end))
