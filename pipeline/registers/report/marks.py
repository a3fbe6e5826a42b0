"""How reports mark their entries: `Finding 3.`, `Hallazgo 3:`, `F3.`, or a number under a heading such as Lessons learned."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.vocabulary import RegisterSection

# in English and Spanish, singular or plural, as they come in headings and before numbers
WORDS = {
    RegisterSection.FINDINGS: r"findings?|hallazgos?",
    RegisterSection.CONCLUSIONS: r"conclusions?|conclusi[oó]n(?:es)?",
    RegisterSection.RECOMMENDATIONS: r"recommendations?|recomendaci[oó]n(?:es)?",
    RegisterSection.LESSONS: r"lessons?(?: learn(?:ed|t))?|lecci[oó]n(?:es)?(?: aprendidas?)?",
    RegisterSection.PRACTICES: (
        r"(?:promising|good|best) practices?|(?:buenas?|mejor(?:es)?) pr[aá]cticas?|pr[aá]cticas? prometedoras?"
    ),
}
LETTERS = {
    RegisterSection.FINDINGS: "F|H",
    RegisterSection.CONCLUSIONS: "C",
    RegisterSection.RECOMMENDATIONS: "R",
    RegisterSection.LESSONS: "L|LL|LA",
    RegisterSection.PRACTICES: "P|GP|BP",
}
PREFIX = {
    RegisterSection.FINDINGS: "F",
    RegisterSection.CONCLUSIONS: "C",
    RegisterSection.RECOMMENDATIONS: "R",
    RegisterSection.LESSONS: "L",
    RegisterSection.PRACTICES: "P",
}
NUMBER = r"\d{1,3}(?:\.\d{1,2}){0,2}(?:\s?[a-d](?![\w’'])(?!\s*\d))?"
ROMAN = r"[IVXLC]{1,7}"
BEFORE = r"(?i:key|main|general|overall|principal(?:es)?|strategic)?\s*"
AFTER = r"\s*(?P<end>[.:)\]]+|\s[-–—](?=\s)|[-–—](?=\s)|$|(?=\s[A-ZÁÉÍÓÚÑ¿¡“\"«(]))"
WORD_MARKS = {
    section: re.compile(rf"{BEFORE}(?i:{words})\s*(?i:no\.?|n\.?º|n°|#)?\s*(?P<number>{NUMBER}|{ROMAN}\b){AFTER}")
    for section, words in WORDS.items()
}
LETTER_MARKS = {
    section: re.compile(rf"(?:{letters})[- ]?(?P<number>{NUMBER})(?:\s*[.:)\]–—]+|\s-|$|(?=\t))")
    for section, letters in LETTERS.items()
}
ANY_WORD = "|".join(WORDS.values())
INNER_MARK = re.compile(rf"(?<=[.!?])\s+(?=(?i:{ANY_WORD})\s(?:{NUMBER})[.:]\s+[A-ZÁÉÍÓÚÑ])")
LIST_NUMBER = re.compile(rf"\(?(?P<number>\d{{1,2}}|{ROMAN})[.)]\s+")
HEADING_NUMBER = re.compile(r"^(?:(?:\d{1,2}\.?)+|[IVX]+\.|[A-Z]\.)\s+")
LONGEST_HEADING = 12  # words of a heading that names a section of entries: more are a sentence
ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


class Mark(NamedTuple):
    """The mark before an entry: its section, its number, and the words after it."""

    section: RegisterSection
    number: str
    rest: str


def mark_of(words: str) -> Mark | None:
    """The mark of an entry that a paragraph begins with, by a word and a number or by a letter and a number."""
    for section, pattern in (*WORD_MARKS.items(), *LETTER_MARKS.items()):
        if match := pattern.match(words):
            return Mark(section, plain_number(match["number"]), words[match.end() :].lstrip(" .:–—-"))
    return None


def split_marks(words: str) -> list[str]:
    """The parts of a paragraph that hold an entry each: a reader may join the lines of a narrow column."""
    return INNER_MARK.split(words)


def list_mark(words: str, section: RegisterSection) -> Mark | None:
    """The mark of an entry that is numbered as in a list, under a heading of its section."""
    match = LIST_NUMBER.match(words)
    return Mark(section, plain_number(match["number"]), words[match.end() :].strip()) if match else None


def plain_number(number: str) -> str:
    """A number as ids have it: Roman numerals in digits, `10 a` as `10a`."""
    number = "".join(number.split())
    return str(_roman(number.upper())) if re.fullmatch(ROMAN, number, re.IGNORECASE) else number.casefold()


def _roman(numeral: str) -> int:
    values = [ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def sections_in(heading: str) -> list[RegisterSection]:
    """The sections that a heading announces, in its order; none where it is a sentence or something else."""
    words = HEADING_NUMBER.sub("", heading)
    if len(words.split()) > LONGEST_HEADING or words[-1:] in (".", ";", ","):
        return []
    places = [
        (match.start(), section)
        for section, pattern in WORDS.items()
        if (match := re.search(rf"(?i:\b(?:{pattern})\b)", words))
    ]
    return [section for _, section in sorted(places)]


def section_of(line: str) -> RegisterSection | None:
    """The section whose word is the whole line, beginning with a capital; None if it is anything else."""
    words = HEADING_NUMBER.sub("", line)
    if not words[:1].isupper():
        return None
    return next((section for section, pattern in WORDS.items() if re.fullmatch(rf"(?i:{pattern})", words)), None)
