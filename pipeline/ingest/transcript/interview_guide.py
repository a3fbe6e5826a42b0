"""Which paragraphs of a transcript without labels are the numbered questions that it answers, and nobody's speech."""

import re
from collections.abc import Sequence

NUMBER = re.compile(r"(?P<number>\d{1,2})(?P<mark>[.)]|[.]?-|)[ \t\u00a0]+(?=[¿¡\"'“‘(]?[^\W\d_])")
PART = re.compile(r"(?P<of>\d{1,2})[.](?P<part>[a-z]|\d{1,2})[.)]?[ \t\u00a0]+\S")
PART_OF_PART = re.compile(r"(?P<of>[a-z])[.](?P<part>[ivx]{1,5}|\d{1,2})[.)]?[ \t\u00a0]+\S")
LEAST = 3  # questions that make a guide
FRONT = 6  # paragraphs that may stand before the first
ANSWERED = 0.6  # of the questions must have something below them: else they are a list that somebody says


def questions_of_the_guide(paragraphs: Sequence[str]) -> list[int]:
    """The indices of paragraphs numbered 1, 2, 3 ... through the whole text, with their parts (1.a, a.i), and answers below."""
    questions: list[int] = []
    tops: list[int] = []
    mark, part = "", ""
    for at, words in enumerate(paragraphs):
        if (top := NUMBER.match(words)) and int(top["number"]) == len(tops) + 1 and (not tops or top["mark"] == mark):
            mark, part = top["mark"], ""
            tops.append(at)
        elif (one := PART.match(words)) and int(one["of"]) == len(tops):
            part = one["part"]
        elif not (within := PART_OF_PART.match(words)) or within["of"] != part:
            continue
        questions.append(at)
    is_guide = len(tops) >= LEAST and tops[0] < FRONT and _answered(tops, questions, len(paragraphs)) >= ANSWERED
    return questions if is_guide else []


def _answered(tops: Sequence[int], questions: Sequence[int], count: int) -> float:
    """The share of questions below which something else stands before the next one."""
    ends = [*tops[1:], count]
    places = set(questions)
    below = [not places.issuperset(range(top, end)) for top, end in zip(tops, ends, strict=True)]
    return sum(below) / len(tops)
