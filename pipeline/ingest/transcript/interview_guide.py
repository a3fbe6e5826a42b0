"""Which paragraphs of a transcript without labels are the numbered questions that it answers, and nobody's speech."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

NUMBER = re.compile(r"(?P<number>\d{1,2})(?P<mark>[.)]|[.]?-|)[ \t\u00a0]+(?=[¿¡\"'“‘(]?[^\W\d_])")
PART = re.compile(r"(?P<of>\d{1,2})[.](?P<part>[a-z]|\d{1,2})[.)]?[ \t\u00a0]+\S")
PART_OF_PART = re.compile(r"(?P<of>[a-z])[.](?P<part>[ivx]{1,5}|\d{1,2})[.)]?[ \t\u00a0]+\S")
LEAST = 3  # questions that make a guide
FRONT = 6  # paragraphs that may stand before the first
ANSWERED = 0.6  # of the questions must have something below them: else they are a list that somebody says


def questions_of_the_guide(paragraphs: Sequence[str]) -> list[int]:
    """The indices of paragraphs numbered 1, 2, 3 ... through the whole text, with their parts (1.a, a.i), and answers below."""
    count = _Count()
    questions = [at for at, words in enumerate(paragraphs) if count.goes_on(words, at)]
    tops = count.tops
    is_guide = len(tops) >= LEAST and tops[0] < FRONT and _answered(tops, questions, len(paragraphs)) >= ANSWERED
    return questions if is_guide else []


@dataclass(slots=True)
class _Count:
    """How far the numbers of a guide have come."""

    tops: list[int] = field(default_factory=list)  # where 1, 2, 3 ... stand
    mark: str = ""  # behind these numbers
    part: str = ""  # of the last one

    def goes_on(self, words: str, at: int) -> bool:
        """Whether a paragraph has the next number, or is a part of the last one."""
        if self._is_next(top := NUMBER.match(words)):
            self.mark, self.part = top["mark"], ""
            self.tops.append(at)
            return True
        if (one := PART.match(words)) and int(one["of"]) == len(self.tops):
            self.part = one["part"]
            return True
        within = PART_OF_PART.match(words)
        return within is not None and within["of"] == self.part

    def _is_next(self, top: re.Match[str] | None) -> TypeGuard[re.Match[str]]:
        is_next_number = top is not None and int(top["number"]) == len(self.tops) + 1
        return top is not None and is_next_number and (not self.tops or top["mark"] == self.mark)


def _answered(tops: Sequence[int], questions: Sequence[int], count: int) -> float:
    """The share of questions below which something else stands before the next one."""
    ends = [*tops[1:], count]
    places = set(questions)
    below = [not places.issuperset(range(top, end)) for top, end in zip(tops, ends, strict=True)]
    return sum(below) / len(tops)
