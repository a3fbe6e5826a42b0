"""Transcripts in which the questions are marked and the answers have no label: which paragraphs are the questions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.ingest.transcript.interview_guide import questions_of_the_guide
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.records import Reading, Span
from pipeline.vocabulary import Part

LEAST = 2  # marked questions that make an interview
ASKING = 0.5  # of what is marked so must be a question
ANSWERED = 0.6  # of the questions must have something below them
ANSWERS_ASK = 0.3  # of the answers' paragraphs: where more end with a question mark, the text is a list of questions
EMPHASISED = re.compile(
    r"(?:[-*•>][ \t]+)?(?:\d{1,2}[.)]-?[ \t]*)?"
    r"(?:(?P<mark>\*{1,3}|_{1,3})(?=\S)[^*_\n]+(?P=mark)|<(?P<tag>b|strong|em|i)>[^<\n]+</(?P=tag)>)[ \t]*\\?$"
)
QUESTION = re.compile(r"[?？][\"”»'*_)\s\\:]*$|^[\W\d]*¿")


@dataclass(frozen=True, slots=True)
class MarkedQuestions:
    """How the questions of a file are marked, the numbers of their spans, and whether the rest answers them."""

    layout: str = ""
    spans: frozenset[int] = frozenset()
    are_answered: bool = True


def is_question(words: str) -> bool:
    """Whether a paragraph ends with a question mark, or begins with the Spanish one."""
    return QUESTION.search(words) is not None


def marked_questions(reading: Reading, free: Sequence[int]) -> MarkedQuestions:
    """The questions among the spans `free`, which have no label, and the headings: numbered, in bold or italics, or headings."""
    words = {number: _words(reading, reading.spans[number]) for number in free}
    numbered = frozenset(free[at] for at in questions_of_the_guide(list(words.values())))
    if numbered:
        return MarkedQuestions("numbered questions", numbered)
    emphasised = [
        number for number in free if reading.spans[number].part is Part.STRONG or EMPHASISED.match(words[number])
    ]
    headings = _headings_like_questions(reading)
    for layout, marked in (("questions in bold or italics", emphasised), ("questions as headings", headings)):
        if questions := _answered_questions(reading, marked, free):
            return replace(questions, layout=layout)
    return MarkedQuestions()


def _answered_questions(reading: Reading, marked: Sequence[int], free: Sequence[int]) -> MarkedQuestions | None:
    """What is marked, where most of it are questions and something stands below most of these."""
    asking = [number for number in marked if is_question(_words(reading, reading.spans[number]))]
    if len(asking) < LEAST or len(asking) < ASKING * len(marked):
        return None
    chosen = frozenset(marked)
    below = [number for number in free if number not in chosen and number > min(chosen)]
    if _answered(sorted(asking), below) < ANSWERED:
        return None
    asked_back = sum(is_question(_words(reading, reading.spans[number])) for number in below)
    are_answered = asked_back < ANSWERS_ASK * len(below) or asked_back < LEAST
    return MarkedQuestions(spans=chosen, are_answered=are_answered)


def _headings_like_questions(reading: Reading) -> list[int]:
    """The headings of the level at which most questions stand, from the first question to the last."""
    levels = {n: _level(reading, span) for n, span in enumerate(reading.spans) if span.part is Part.HEADING}
    asking = [n for n in levels if is_question(_words(reading, reading.spans[n]))]
    if not asking:
        return []
    usual = Counter(map(levels.__getitem__, asking)).most_common(1)[0][0]
    alike = [n for n, level in levels.items() if level == usual]
    first = next(n for n in alike if n in asking)
    within = [n for n in alike if first <= n <= max(asking)]
    return [*_just_before(first, alike, levels), *within]


def _just_before(first: int, alike: Sequence[int], levels: Mapping[int, int]) -> list[int]:
    """The heading of the same level before the first question, where none of another level stands between."""
    before = [n for n in alike if n < first][-1:]
    between = [n for n in levels if before and before[0] < n < first]
    return [] if between else before


def _level(reading: Reading, span: Span) -> int:
    words = _words(reading, span)
    return span.level or len(words) - len(words.lstrip("#"))


def _words(reading: Reading, span: Span) -> str:
    return reading.text[span.start : span.end]


def _answered(questions: Sequence[int], below: Sequence[int]) -> float:
    """The share of questions with something below before the next one."""
    ends = [*questions[1:], 1 << 60]
    answers = sum(_is_answered(at, end, below) for at, end in zip(questions, ends, strict=True))
    return answers / len(questions)


def _is_answered(question: int, following: int, below: Sequence[int]) -> bool:
    return any(question < number < following for number in below)


def has_questions(reading: Reading) -> bool:
    """Whether anything that may be speech holds a question mark."""
    return any(
        reading.text.find("?", span.start, span.end) >= 0 or reading.text.find("？", span.start, span.end) >= 0
        for span in reading.spans
        if not is_unspoken(span)
    )


PERSON = re.compile(
    r"\b(?:yo|me|mi|mis|mí|nos|nosotr[oa]s|nuestr[oa]s?|\w{2,}mos|i|i'm|i've|my|we|our|us|je|j'|moi|mon|ma|nous|notre|eu|meu|minha"
    r"|nós|nosso|nossa|a gente|ich|mir|mich|wir|uns|unser)\b",
    re.IGNORECASE,
)
ITEM = re.compile(r"(?:[-*•–·▪◦○●]|\d{1,2}[.)]|[a-z][.)])[ \t]")
LOOKED_AT = 30_000  # characters: who speaks of themselves does so on the first pages
LEAST_WORDS = 200  # from which somebody who speaks of themselves says so
OF_THEMSELVES = 0.004  # of the words
ITEMS = 0.4  # of the paragraphs
HEADINGS = 3
OF_PAGES = re.compile(r"https?://|</?(?:div|img|center|iframe|a|p|span|table)\b|\]\([^)\s]+\)", re.IGNORECASE)
PAGE = 0.3  # of the paragraphs hold links or tags


def reads_like_document(reading: Reading) -> bool:
    """Whether a text without questions is a list, a table or sections under headings, or nobody in it speaks of themselves."""
    spoken = [_words(reading, span) for span in reading.spans if not is_unspoken(span)]
    if sum(OF_PAGES.search(paragraph) is not None for paragraph in spoken) >= PAGE * len(spoken):
        return True
    text = " ".join(spoken)
    beginning = text[:LOOKED_AT]
    items = sum(ITEM.match(paragraph) is not None or paragraph.startswith("|") for paragraph in spoken)
    headings = sum(span.part is Part.HEADING for span in reading.spans)
    is_list = len(spoken) > HEADINGS and items >= ITEMS * len(spoken)
    of_themselves = len(PERSON.findall(beginning))
    is_impersonal = of_themselves < OF_THEMSELVES * len(beginning.split())
    return len(text.split()) >= LEAST_WORDS and (is_list or headings >= HEADINGS or is_impersonal)
