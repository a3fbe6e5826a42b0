"""One cell to text: markup becomes line breaks or nothing, what is left out is counted, and the words stay as typed."""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from pipeline.ingest.characters import clean, count_visible, is_printable, write_out_references
from pipeline.ingest.survey.vocabulary import answer_words, words_of

BLOCKS = (
    "address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
INLINE = (
    "a abbr acronym b big bdi bdo cite code data del dfn em font i iframe img input ins kbd label mark o:p q s samp small "
    "span strike strong sub sup time tt u var wbr html body head meta link title"
)
UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
BLOCK = re.compile(rf"</?(?:{'|'.join(BLOCKS.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
TAG = re.compile(rf"</?(?:{'|'.join(INLINE.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
LONGEST_NON_ANSWER = 60  # characters
BREAKS = re.compile(r"[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, and how many characters of it, white space apart, were left out, by reason."""

    text: str
    left_out: tuple[tuple[str, int], ...] = ()


def read_cell(cell: str) -> Cell:
    """The words of an open answer: HTML as text, nothing illegal or invisible, no white space around it."""
    plain = _without_markup(cell)
    text, removed = clean(plain)
    gone = [("markup", count_visible(cell) - count_visible(plain))] if plain is not cell else []
    gone += [(exclusion.reason, exclusion.chars) for exclusion in removed]
    return Cell(text.strip(), tuple((reason, chars) for reason, chars in gone if chars))


def read_value(cell: str) -> Cell:
    """A closed answer as exported, but for characters that are illegal or invisible."""
    if is_printable(cell) and cell.isascii():
        return Cell(cell.strip())
    text, removed = clean(cell)
    return Cell(text.strip(), tuple((exclusion.reason, exclusion.chars) for exclusion in removed))


def _without_markup(cell: str) -> str:
    if "<" in cell and (BLOCK.search(cell) or TAG.search(cell)):
        text = BLOCK.sub("\n", UNSEEN.sub("", cell.replace("\r", "")))
        return BREAKS.sub("\n", html.unescape(TAG.sub("", text)))
    return write_out_references(cell)[0] if "&" in cell else cell


def is_answer(cell: str, question: str = "") -> bool:
    """Whether the cell of an open question is an answer, and not a mark or a stock word such as "none".

    `no` is an answer, unless the question asks for anything else to add.
    """
    if len(cell) > LONGEST_NON_ANSWER:
        return True
    plain = " ".join(words_of(cell))
    if not plain:
        return any(unicodedata.category(character) == "So" for character in cell)  # a sign such as a thumb
    if plain in non_answers("always"):
        return False
    return plain not in non_answers("after_the_last") or not asks_further(question)


def asks_further(question: str) -> bool:
    """Whether a question asks for anything else: comments, suggestions."""
    plain = f" {' '.join(words_of(question))} "
    return any(f" {phrase} " in plain for phrase in non_answers("further"))


@cache
def non_answers(key: str) -> frozenset[str]:
    """Words of one of the lists of non-answers."""
    return frozenset(answer_words()["non_answers"][key])
