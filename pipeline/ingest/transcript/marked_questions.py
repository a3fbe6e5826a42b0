"""Transcripts in which the questions are marked and the answers have no label: which paragraphs are the questions."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeGuard

from pipeline.ingest.transcript.document_signs import address_somebody, asks_to_speak
from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.ingest.transcript.layouts import TURN_MARK
from pipeline.records import Reading, Span
from pipeline.vocabulary import Part

LEAST = 2  # marked questions that make an interview
ASKING = 0.5  # of what is marked so must be a question
DASHED = re.compile(rf"(?:[-–—]|>>|»|{TURN_MARK})[ \t\u00a0]*(?=(?:[*_]{{1,3}}(?=\S))?(?:[^\W_]|[¿¡\"“«(]))")
NEW_TURN = re.compile(rf">>|»|{TURN_MARK}")  # which is no bullet
TURN_ENDS = re.compile(rf"[ \t]*{TURN_MARK}$")
EMPHASIS = "*_># \t"  # marks around a paragraph
SENTENCE_ENDS = frozenset(".?!…:")
LEAST_PROMPTS = 4  # without question marks
LEAST_DASHES = 4
MOST_DASHED = 0.7  # of the paragraphs begin with a dash if it marks a change of speaker
ASKING_MORE = 0.4  # share of the turns with a question, between one side and the other
SURELY_ASK = 0.8  # of the turns of the one who asks hold a question, and as many of the other none
NUMBERED_ASK = 0.4  # of numbered paragraphs, where nobody has a label: else they are headings
ANSWERED = 0.6  # of the questions must have something below them
ANSWERS_ASK = 0.3  # of the answers' paragraphs: where more end with a question mark, the text is a list of questions
EMPHASISED = re.compile(
    r"(?:[-*•>][ \t]+)?(?:\d{1,2}[.)]-?[ \t]*)?"
    r"(?:(?P<mark>\*{1,3}|_{1,3})[ \t]?(?=\S)[^*_]+(?P=mark)|<(?P<tag>b|strong|em|i)>[^<\n]+</(?P=tag)>)[ \t]*\\?$"
)
OPENED = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?=[^\s*_])[^*_]*$")  # in bold or italics, to be closed on a line below
BEFORE_ANSWER = re.compile(r"(?P<question>(?P<mark>\*{2,3}|_{2,3})[^*_\n]+[?？](?P=mark))[ \t]+(?=[^\s*_])")
QUESTION = re.compile(r"[?？](?:[\"”»'*_)\]}\s\\:]|</?br\s*/?>)*(?:\([^()\n]{1,200}\)[.\s]*)?$|^[\W\d]*¿")


NUMBER = re.compile(
    r"(?P<number>\d{1,2})(?P<mark>[.)]|[.]-|-|)(?:(?<=[.)])-)?"
    r"(?:[ \t\u00a0]+(?=[¿¡\"'“‘(]?[^\W\d_])|(?=¿)|(?<=[.)])(?=[A-ZÁÉÍÓÚÀÂÊÔÇÑÜ](?:[^\W\d_]|[ ’'][^\W\d_])))"
)
PART_OF_ONE = re.compile(r"(?P<of>\d{1,2})[.](?P<part>[a-z]|\d{1,2})[.)]?[ \t\u00a0]+\S")
PART_OF_PART_OF_ONE = re.compile(r"(?P<of>[a-z])[.](?P<part>[ivx]{1,5}|\d{1,2})[.)]?[ \t\u00a0]+\S")
OPTION = re.compile(
    r"(?:[o•·▪-][ \t]+)?(?:[a-h]\)|[☐□◯○❏]|\[[ \t]?\]|\([ \t]?\)|_{3,}|\.{5,})"
)  # of a form, not chosen
OPTIONS = 0.5  # of the paragraphs below the questions of a form
LEAST_NUMBERED = 3  # questions that make a guide
MISSING = 1  # numbers on end that the guide may lack
FRONT = 6  # paragraphs that may precede the first
OPENING_QUOTES = frozenset('"“„«')
HEADING_MARKS = re.compile(r"(?P<list>[-*][ \t]+)?(?P<marks>#+)")
MOST_LINES = 8  # of a question that is wrapped by hand
HEADINGS = "questions as headings"
LISTED = "questions of a numbered list"
DASHES = "turns behind dashes"
EMPHASISED_QUESTIONS = "questions in bold or italics"
ANSWERS_EMPHASISED = "answers in bold or italics"
LEAST_CAPITALS = 12  # characters of a question in capitals
QUESTION_MARKS = "questions by their question marks"
IN_BRACKETS = "questions in brackets"
WHOLLY_IN_BRACKETS = re.compile(
    r"[*_]{0,3}(?:\[(?P<square>[^\[\]]+)\]|\((?P<round>[^()]+)\)|\{(?P<curly>[^{}]+)\})[*_]{0,3}[.\\]?$"
)
LEAST_UNMARKED = 4  # questions that make an interview if only their question marks show them
TAKE_TURNS = 0.8  # of them stand alone above an answer, and of the answers hold no further question
SOME_MORE = 3  # paragraphs by which the last answer may be longer than any other
SHORT_ANSWERS = 2  # paragraphs to a question, at most, on average


@dataclass(frozen=True, slots=True)
class MarkedQuestions:
    """How the questions of a file are marked, the numbers of their spans, and whether the rest answers them."""

    layout: str = ""
    spans: frozenset[int] = frozenset()
    are_answered: bool = True
    is_sure: bool = True
    last: int | None = None  # the last span of the interview, where more follows


ASKED_BY_WORD = re.compile(
    r"(?:\d{1,2}[.)]-?[ \t]*)?(?:(?:op|voor|in|con|para|de|a|with|for|at|von|mit|für|à|pour|com|em|på|til)[ ])?"
    r"(?:what|how|why|when|where|which|who|qu[ée]|cu[áa]l(?:es)?|c[óo]mo|cu[áa]nd?t?[oa]s?|d[óo]nde|qui[ée]n(?:es)?|por qu[ée]"
    r"|quel(?:le)?s?|comment|pourquoi|combien|qual|quais|quantos?|quem|onde|wat|waar(?:om|voor|in)?|wie|welke?|hoe|heeft u"
    r"|was|wo|warum|wann|wer|welche[mnrs]?|hvad|hvor(?:dan|for|når)?|hvilke[nt]?|hvem)\b",
    re.IGNORECASE,
)
LEAST_BY_WORD = 5  # paragraphs of a numbered list that begin so


def _ask_by_word(reading: Reading, numbers: Iterable[int]) -> list[int]:
    """The numbered paragraphs that begin as questions do, with or without a question mark; none if they are few."""
    asking = [n for n in numbers if ASKED_BY_WORD.match(_words(reading, reading.spans[n]))]
    return asking if len(asking) >= LEAST_BY_WORD else []


def is_question(words: str) -> bool:
    """Whether a paragraph ends with a question mark, or begins with the Spanish one."""
    return QUESTION.search(words) is not None


def marked_questions(reading: Reading, free: Sequence[int]) -> MarkedQuestions:
    """The questions among the spans `free`, which have no label, and the headings: numbered, in bold or italics, or headings."""
    questions = _questions(reading, free)
    below = [number for number in free if questions.spans and number > min(questions.spans)]
    options = sum(OPTION.match(_words(reading, reading.spans[number])) is not None for number in below)
    is_form = options >= max(LEAST_NUMBERED, OPTIONS * sum(number not in questions.spans for number in below))
    return replace(questions, are_answered=questions.are_answered and not is_form)


def _questions(reading: Reading, free: Sequence[int]) -> MarkedQuestions:
    words = {number: _words(reading, reading.spans[number]) for number in free}
    if numbered := _numbered(reading, free, words):
        return _closed(MarkedQuestions("numbered questions", numbered), free)
    emphasised = _of_one_mark(reading, [number for number in free if _is_emphasised(reading, number)])
    capitals = [number for number in free if words[number].isupper() and len(words[number]) > LEAST_CAPITALS]
    headings = _headings_like_questions(reading)
    dashed = _turns_behind_marks(free, words)
    ways = {
        EMPHASISED_QUESTIONS: emphasised,
        HEADINGS: headings,
        "questions behind dashes": dashed,
        "questions in capitals": capitals,
        ANSWERS_EMPHASISED: _plain_among_emphasised(free, set(emphasised)),
        "answers in quotation marks": _before_quotations(free, words),
        IN_BRACKETS: _in_brackets(free, words),
        LISTED: _in_numbered_list(reading, free),
    }
    marked = _alternating(dashed, free, words) or _with_unmarked(_marked(reading, ways, free), free, words)
    if marked and not (marked.layout == LISTED and _has_unlisted(marked, free, words)):
        return _closed(_with_parts(reading, marked), free)
    return _told_by_question_marks(free, words)


def _numbered(reading: Reading, free: Sequence[int], words: Mapping[int, str]) -> frozenset[int]:
    numbered = [free[at] for at in questions_of_the_guide(list(words.values()))]
    are_questions = _has_labels(reading, free) or _mostly_ask(words[number] for number in numbered)
    return frozenset(numbered) if numbered and are_questions else frozenset()


def _has_unlisted(listed: MarkedQuestions, free: Sequence[int], words: Mapping[int, str]) -> bool:
    """Whether question marks tell all questions of a numbered list, and more that have no number."""
    return listed.spans < _told_by_question_marks(free, words).spans


def _in_numbered_list(reading: Reading, free: Sequence[int]) -> list[int]:
    """The paragraphs that a word processor numbers, of the highest level that any has."""
    levels = {number: reading.spans[number].level for number in free if reading.spans[number].level}
    return [number for number, level in levels.items() if level == min(levels.values())]


def _of_one_mark(reading: Reading, emphasised: Sequence[int]) -> list[int]:
    """The paragraphs in bold or italics that are marked as most questions are: a byline in italics is none where these are bold."""
    marks = {number: _mark_of(reading, number) for number in emphasised}
    asking = Counter(mark for number, mark in marks.items() if is_question(_words(reading, reading.spans[number])))
    usual = asking.most_common(1)[0][0] if asking else ""
    return [number for number, mark in marks.items() if mark == usual or not usual]


def _mark_of(reading: Reading, number: int) -> str:
    match = EMPHASISED.match(_words(reading, reading.spans[number]))
    return match["mark"] or match["tag"] if match else ""


def _has_labels(reading: Reading, free: Sequence[int]) -> bool:
    """Whether some paragraphs are not among those without a label."""
    return len(free) < sum(not is_unspoken(span) for span in reading.spans)


def _plain_among_emphasised(free: Sequence[int], emphasised: Set[int]) -> list[int]:
    """The paragraphs that are not in bold or italics, where others are."""
    return [number for number in free if number not in emphasised] if emphasised else []


def _before_quotations(free: Sequence[int], words: Mapping[int, str]) -> list[int]:
    """The paragraphs outside quotation marks right above one that begins with them, where there are enough."""
    above = [
        number
        for number, below in pairwise(free)
        if words[below][0] in OPENING_QUOTES and words[number][0] not in OPENING_QUOTES
    ]
    return above if len(above) >= LEAST_UNMARKED else []


def _with_unmarked(questions: MarkedQuestions, free: Sequence[int], words: Mapping[int, str]) -> MarkedQuestions | None:
    """The marked questions, and those between two answers whose mark was forgotten, or put before the answer; None if none."""
    if not questions.layout:
        return None
    first, spans = min(questions.spans), set(questions.spans)
    for number, after in _unmarked(first, spans, free, words):
        spans.add(number)
        spans.discard(after)  # which has the mark of the question above it
    below = [number for number in free if number > first and number not in spans]
    asked_back = sum(is_question(words[number]) for number in below)
    are_answered = questions.are_answered or asked_back < max(LEAST, ANSWERS_ASK * len(below))
    return replace(questions, spans=frozenset(spans), are_answered=are_answered)


def _unmarked(first: int, spans: Set[int], free: Sequence[int], words: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """The questions between two answers that have no mark, each with the paragraph below: an answer, though it may be marked."""
    for before, number, after, next_one in zip(free, free[1:], free[2:], [*free[3:], None], strict=False):
        is_unmarked = number > first and spans.isdisjoint((before, number)) and is_question(words[number])
        if is_unmarked and (after not in spans or (next_one in spans and not is_question(words[after]))):
            yield number, after


def _closed(questions: MarkedQuestions, free: Sequence[int]) -> MarkedQuestions:
    """The questions, without what follows the last answer where that is much longer than any other: a conclusion, a form."""
    asked = sorted(questions.spans)
    *answers, _ = _paragraphs_below(asked, free)
    longest = max(answers, default=0)
    closing = free[bisect_right(free, asked[-1]) :]
    if not longest or len(closing) <= longest + SOME_MORE:
        return questions
    return replace(questions, last=closing[longest - 1])


def _told_by_question_marks(free: Sequence[int], words: Mapping[int, str]) -> MarkedQuestions:
    """Where paragraphs take turns, one that asks and one or two that do not: those that ask. Never sure."""
    asking = [number for number in free if is_question(words[number])]
    if len(asking) < LEAST_UNMARKED:
        return MarkedQuestions()
    *answers, _ = _paragraphs_below(asking, free)
    closing = free[bisect_right(free, asking[-1]) :]
    take_turns = sum(1 <= count <= SHORT_ANSWERS for count in answers)
    if not closing or take_turns < TAKE_TURNS * len(answers) or sum(answers) > SHORT_ANSWERS * len(answers):
        return MarkedQuestions()
    last = closing[: max(answers)][-1]
    return MarkedQuestions(QUESTION_MARKS, frozenset(asking), is_sure=False, last=last)


def _marked(reading: Reading, ways: Mapping[str, Sequence[int]], free: Sequence[int]) -> MarkedQuestions:
    """The first way in which questions are marked and answered by the text below."""
    for layout, marked in ways.items():
        if questions := _answered_questions(reading, marked, free):
            is_sure = questions.is_sure and (layout != IN_BRACKETS or _address_somebody(reading, marked))
            return replace(questions, layout=layout, is_sure=is_sure)
    return _answered_prompts(reading, ways[EMPHASISED_QUESTIONS], free) or MarkedQuestions()


def _address_somebody(reading: Reading, marked: Sequence[int]) -> bool:
    """Whether enough of the marked questions are put to somebody: remarks of an editor in brackets ask, too."""
    return address_somebody([_words(reading, reading.spans[number]) for number in marked])


def _in_brackets(free: Sequence[int], words: Mapping[int, str]) -> list[int]:
    """The paragraphs that are a sentence in brackets of the kind in which most questions are: `[laughs]` is none."""
    kinds: dict[str, list[int]] = {}
    for number in free:
        match = WHOLLY_IN_BRACKETS.match(words[number]) if words[number][0] in "[({*_" else None
        if match and match.lastgroup and match[match.lastgroup].rstrip("*_ ")[-1:] in SENTENCE_ENDS:
            kinds.setdefault(match.lastgroup, []).append(number)
    asking = {kind: sum(is_question(words[number]) for number in numbers) for kind, numbers in kinds.items()}
    return kinds[max(kinds, key=lambda kind: (asking[kind], kind))] if kinds else []


def _answered_prompts(reading: Reading, marked: Sequence[int], free: Sequence[int]) -> MarkedQuestions | None:
    """The marked paragraphs, if they are sentences that mostly ask somebody to speak and most are answered. Never sure."""
    words = [_words(reading, reading.spans[number]).strip(EMPHASIS) for number in marked]
    are_sentences = sum(one[-1:] in SENTENCE_ENDS for one in words) >= SURELY_ASK * len(words)
    asking = sum(is_question(one) or asks_to_speak(one) for one in words)
    if len(marked) < LEAST_PROMPTS or not are_sentences or asking < ASKING * len(marked):
        return None
    chosen = frozenset(marked)
    below = [number for number in free if number not in chosen and number > min(chosen)]
    are_answered = _answered(sorted(marked), below) >= ANSWERED
    return MarkedQuestions(EMPHASISED_QUESTIONS, chosen, is_sure=False) if are_answered else None


def _alternating(dashed: Sequence[int], free: Sequence[int], words: Mapping[int, str]) -> MarkedQuestions | None:
    """Where each turn begins with a dash or arrows and no name: every second one asks. Not sure, unless that is plain to see."""
    marks_turns = bool(dashed) and all(NEW_TURN.match(words[number]) for number in dashed)
    least = LEAST_DASHES if marks_turns else max(LEAST_DASHES, MOST_DASHED * len(free))
    if len(dashed) < least or free[0] != dashed[0]:
        return None
    asks = _asking_turns(set(dashed), free, words)
    odd, even = dashed[::2], dashed[1::2]
    asking, answering = sorted((odd, even), key=lambda turns: _share_asking(turns, asks), reverse=True)
    often, seldom = _share_asking(asking, asks), _share_asking(answering, asks)
    if often < ASKING or seldom > ANSWERS_ASK or often - seldom < ASKING_MORE:
        return None
    spans = _turns_beginning(set(asking), set(dashed), free)
    is_sure = often >= SURELY_ASK and seldom <= 1 - SURELY_ASK
    return MarkedQuestions(DASHES, spans, is_sure=is_sure)


def _asking_turns(dashed: Set[int], free: Sequence[int], words: Mapping[int, str]) -> set[int]:
    """The turns, by the paragraph with which each begins, that hold a question."""
    asking: set[int] = set()
    first = free[0]
    for number in free:
        first = number if number in dashed else first
        asking |= {first} if "?" in words[number] else set()
    return asking


def _share_asking(turns: Sequence[int], asks: Set[int]) -> float:
    return sum(number in asks for number in turns) / len(turns)


def _turns_behind_marks(free: Sequence[int], words: Mapping[int, str]) -> list[int]:
    """The paragraphs with which turns begin by a dash, arrows or the mark of whisper.cpp, before them or at the end of the last."""
    if dashed := [number for number in free if DASHED.match(words[number])]:
        return dashed
    behind = [after for number, after in pairwise(free) if TURN_ENDS.search(words[number])]
    return [free[0], *behind] if behind else []


def _turns_beginning(asking: Set[int], dashed: Set[int], free: Sequence[int]) -> frozenset[int]:
    """The paragraphs of the turns that ask: those behind a dash, and those below them without one."""
    spans: set[int] = set()
    is_asked = False
    for number in free:
        is_asked = number in asking if number in dashed else is_asked
        spans |= {number} if is_asked else set()
    return frozenset(spans)


def _is_emphasised(reading: Reading, number: int) -> bool:
    span = reading.spans[number]
    return span.part is Part.STRONG or EMPHASISED.match(_words(reading, span)) is not None


def _mostly_ask(paragraphs: Iterable[str]) -> bool:
    asking = [is_question(words) for words in paragraphs]
    return sum(asking) >= NUMBERED_ASK * len(asking)


def _answered_questions(reading: Reading, marked: Sequence[int], free: Sequence[int]) -> MarkedQuestions | None:
    """The marked paragraphs, if most are questions and most of these are answered."""
    with_mark = _asking(reading, marked)
    asking = with_mark or _ask_by_word(reading, (number for number in marked if reading.spans[number].level))
    marked = _without_title(reading, marked, asking)
    if len(asking) < max(LEAST, ASKING * len(marked)):
        return None
    chosen = frozenset(marked)
    below = [number for number in free if number not in chosen and number > min(chosen)]
    if _answered(sorted(asking), below) < ANSWERED:
        return None
    asked_back = len(_asking(reading, below))
    are_answered = asked_back < max(LEAST, ANSWERS_ASK * len(below))
    mostly_ask = len(asking) >= SURELY_ASK * len(marked) and min(marked) in asking
    is_sure = mostly_ask and not asked_back and bool(with_mark)
    return MarkedQuestions(spans=chosen, are_answered=are_answered, is_sure=is_sure)


def _asking(reading: Reading, numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if is_question(_words(reading, reading.spans[number]))]


def _without_title(reading: Reading, marked: Sequence[int], asking: Sequence[int]) -> list[int]:
    """The marked paragraphs, without titles above the first question: *Purpose of the interview:*."""
    first = min(asking, default=0)
    return [number for number in marked if number >= first or not _announces(_words(reading, reading.spans[number]))]


def _announces(words: str) -> bool:
    """Whether a marked paragraph ends with a colon and asks nobody to speak."""
    return words.rstrip("*_# \t").endswith(":") and not asks_to_speak(words.strip(EMPHASIS))


def _headings_like_questions(reading: Reading) -> list[int]:
    """The headings of the level with most questions, from the first question to the last."""
    levels = {n: level_of(reading, span) for n, span in enumerate(reading.spans) if span.part is Part.HEADING}
    asking = [n for n in levels if is_question(_words(reading, reading.spans[n]))]
    if not asking:
        return []
    usual = Counter(map(levels.__getitem__, asking)).most_common(1)[0][0]
    alike = [n for n, level in levels.items() if level == usual]
    first = next(n for n in alike if n in asking)
    within = [n for n in alike if first <= n <= max(asking)]
    return [*_just_before(first, alike, levels), *within]


def _with_parts(reading: Reading, questions: MarkedQuestions) -> MarkedQuestions:
    """The questions, where they are headings, with headings below one that ask, too, or that it announces with a colon."""
    if questions.layout != HEADINGS:
        return questions
    first, last = min(questions.spans), max(questions.spans)
    level = level_of(reading, reading.spans[last])
    parts: set[int] = set()
    announces = False
    for number in range(first, len(reading.spans)):
        span = reading.spans[number]
        words = _words(reading, span).rstrip("*_# \t")
        if number in questions.spans:
            announces = words.endswith(":")
        elif span.part is Part.HEADING and level_of(reading, span) > level:
            parts |= {number} if announces or is_question(words) else set()
        elif span.part is Part.HEADING and number > last:
            break
    return replace(questions, spans=questions.spans | parts)


def _just_before(first: int, alike: Sequence[int], levels: Mapping[int, int]) -> list[int]:
    """The heading of the same level before the first question, if there is none of another level in between."""
    before = [n for n in alike if n < first][-1:]
    between = [n for n in levels if before and before[0] < n < first]
    return [] if between else before


def level_of(reading: Reading, span: Span) -> int:
    """The level of a heading; one in a list (`- ### Title`) is below those of as many marks."""
    marks = HEADING_MARKS.match(reading.text, span.start, span.end)
    return span.level or (len(marks["marks"]) + bool(marks["list"]) if marks else 0)


def _words(reading: Reading, span: Span) -> str:
    return reading.text[span.start : span.end]


def _answered(questions: Sequence[int], below: Sequence[int]) -> float:
    """The share of questions with something below before the next one."""
    return sum(count > 0 for count in _paragraphs_below(questions, below)) / len(questions)


def _paragraphs_below(questions: Sequence[int], paragraphs: Sequence[int]) -> list[int]:
    """How many of the paragraphs are between each question and the next, and behind the last; both are in order."""
    firsts = [bisect_right(paragraphs, question) for question in questions]
    ends = [*(bisect_left(paragraphs, question) for question in questions[1:]), len(paragraphs)]
    return [end - first for first, end in zip(firsts, ends, strict=True)]


def has_questions(reading: Reading) -> bool:
    """Whether anything that may be speech holds a question mark."""
    if _ask_by_word(
        reading, (n for n, span in enumerate(reading.spans) if NUMBER.match(reading.text, span.start, span.end))
    ):
        return True
    return any(
        reading.text.find("?", span.start, span.end) >= 0 or reading.text.find("？", span.start, span.end) >= 0
        for span in reading.spans
        if not is_unspoken(span)
    )


def questions_of_the_guide(paragraphs: Sequence[str]) -> list[int]:
    """The indices of paragraphs numbered 1, 2, 3 ... through the whole text, with their parts (1.a, a.i), and answers below."""
    count = _Count()
    questions = [at for at, words in enumerate(paragraphs) if count.goes_on(words, at)]
    tops = count.tops
    is_short = len(tops) < LEAST_NUMBERED and not _are_two_questions(paragraphs, tops)
    if is_short or (tops[0] >= FRONT and not _surely_ask(paragraphs, tops)):
        return []
    is_guide = _numbered_and_answered(tops, questions, len(paragraphs)) >= ANSWERED
    return questions if is_guide else []


def _are_two_questions(paragraphs: Sequence[str], tops: Sequence[int]) -> bool:
    """Whether there are two numbered paragraphs, and these alone ask."""
    asking = [at for at, words in enumerate(paragraphs) if is_question(words)]
    return len(tops) == LEAST and asking == list(tops)


def _surely_ask(paragraphs: Sequence[str], tops: Sequence[int]) -> bool:
    """Whether the first of these paragraphs is a question, and most of them: then a title page precedes a guide."""
    asking = sum(is_question(paragraphs[at]) for at in tops)
    return is_question(paragraphs[tops[0]]) and asking >= ANSWERED * len(tops)


@dataclass(slots=True)
class _Count:
    """How far the numbers of a guide have come."""

    tops: list[int] = field(default_factory=list)  # positions of 1, 2, 3 ...
    number: int = 0  # the last of these, of which one may be missing
    mark: str = ""  # behind these numbers
    part: str = ""  # of the last one

    def goes_on(self, words: str, at: int) -> bool:
        """Whether a paragraph has the next number, or is a part of the last one."""
        if self._is_next(top := NUMBER.match(words)):
            self.mark, self.part, self.number = top["mark"], "", int(top["number"])
            self.tops.append(at)
            return True
        if (one := PART_OF_ONE.match(words)) and int(one["of"]) == self.number:
            self.part = one["part"]
            return True
        within = PART_OF_PART_OF_ONE.match(words)
        return within is not None and within["of"] == self.part

    def _is_next(self, top: re.Match[str] | None) -> TypeGuard[re.Match[str]]:
        steps = int(top["number"]) - self.number if top is not None else 0
        is_next_number = steps == 1 or (steps == 1 + MISSING and len(self.tops) >= LEAST_NUMBERED)
        return top is not None and is_next_number and (not self.tops or top["mark"] == self.mark)


def _numbered_and_answered(tops: Sequence[int], questions: Sequence[int], count: int) -> float:
    """The share of questions that are followed by something other than the next question."""
    ends = [*tops[1:], count]
    places = set(questions)
    below = [not places.issuperset(range(top, end)) for top, end in zip(tops, ends, strict=True)]
    return sum(below) / len(tops)


def with_whole_questions(reading: Reading) -> Reading:
    """The reading of a plain text, in which a question in bold or italics is one span: wrapped by hand, or before its answer."""
    if not reading.reader.startswith("plain") or not any(sign in reading.text for sign in ("*", "_")):
        return reading
    return _parted(_joined(reading))


def _joined(reading: Reading) -> Reading:
    """Lines on end of which the first opens a mark that the last closes, as one."""
    spans: list[Span] = []
    joined_to = -1
    for number, span in enumerate(reading.spans):
        if number > joined_to:
            joined_to = _closed_at(reading, number)
            spans.append(span._replace(end=reading.spans[joined_to].end))
    return replace(reading, spans=tuple(spans))


def _closed_at(reading: Reading, number: int) -> int:
    """The line at whose end the mark that a line opens is closed, without a blank line between; else the line itself."""
    spans = reading.spans
    opened = OPENED.match(_words(reading, spans[number]))
    for below in range(number + 1, min(len(spans), number + MOST_LINES)) if opened else ():
        line = _words(reading, spans[below]).rstrip("\\ ")
        at = line.find(opened["mark"]) if opened else -1
        if at >= 0 or reading.text.count("\n", spans[below - 1].end, spans[below].start) != 1:
            return below if opened and at >= 0 and at == len(line) - len(opened["mark"]) else number
    return number


def _parted(reading: Reading) -> Reading:
    """Paragraphs that begin with a question in bold and go on with its answer, where there are several, as two spans each."""
    parted = {n: match for n, span in enumerate(reading.spans) if (match := BEFORE_ANSWER.match(_words(reading, span)))}
    if len(parted) < LEAST:
        return reading
    spans: list[Span] = []
    for number, span in enumerate(reading.spans):
        match = parted.get(number)
        spans += (
            [span._replace(end=span.start + match.end("question")), span._replace(start=span.start + match.end())]
            if match
            else [span]
        )
    return replace(reading, spans=tuple(spans))
