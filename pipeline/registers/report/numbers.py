"""The numbers of entries in a text such as `1, 3-5 and 10 a`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipeline.registers.report.marks import LETTERS, NUMBER, WORDS, plain_number
from pipeline.vocabulary import RegisterSection

AND = r"\s*(?:,|;|/|&|\band\b|\by\b|\be\b|\bor\b|\bo\b)+\s*"
RANGE = r"\s*(?:-|–|—|\bto\b|\ba\b|\bal\b|\bthrough\b)\s*"
LETTERED = {section: rf"(?:{letters})?" for section, letters in LETTERS.items()}
TOKEN = re.compile(rf"(?P<first>{NUMBER})(?:{RANGE}[FHCR]?(?P<last>\d{{1,3}})(?![\w.]*\d))?")
LONGEST_RANGE = 40


def numbers_in(words: str, there: Collection[str]) -> list[str]:
    """The numbers of a list, ranges written out; `8. 13` is two numbers where there is no entry 8.13."""
    numbers: list[str] = []
    for match in TOKEN.finditer(words):
        first, last = plain_number(match["first"]), match["last"]
        if last and first.isdigit() and 0 < int(last) - int(first) < LONGEST_RANGE:
            numbers += [str(number) for number in range(int(first), int(last) + 1)]
        elif first in there or "." not in first:
            numbers += [first, *([last] if last else [])]
        else:
            numbers += first.split(".")
    return list(dict.fromkeys(numbers))


def mentions(words: str, section: RegisterSection) -> Iterator[str]:
    """The parts of a text that name entries of a section by number: `findings 1, 3 and 5`, `F3`."""
    one = rf"{LETTERED[section]}\s?{NUMBER}"
    several = rf"{one}(?:(?:{AND}|{RANGE}){one})*"
    for match in re.finditer(rf"(?i:\b(?:{WORDS[section]}))\s*(?i:nos?\.?|#|n\.?º)?\s*({several})", words):
        yield match[1]
    yield from re.findall(rf"\b(?:{LETTERS[section]})\d{{1,3}}(?:\.\d{{1,2}})?\b", words)
