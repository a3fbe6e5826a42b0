"""What a question asks for, by its wording: people's own words, options of a list, or a fact about the person."""

import re
from enum import StrEnum

from pipeline.ingest.survey.records import Column
from pipeline.ingest.survey.vocabulary import answer_word_set, answer_words, words_of

IN_BRACKETS = re.compile(r"\([^()]*\)")  # examples and hints, which name what nobody asks for
NUMBERED = re.compile(r" \(\d+\)$")  # of a heading that comes again
NEAR = 3  # words after `what is your` within which the fact is named


class Asks(StrEnum):
    """What a heading asks for, by its wording."""

    OWN_WORDS = "own words"
    OPTIONS = "options"
    FACT = "fact"
    UNCERTAIN = "uncertain"


def asks_for(column: Column) -> Asks:
    """What the name or the question of a column asks for."""
    texts = sorted({column.name, column.question})
    for asks in (Asks.OPTIONS, Asks.OWN_WORDS):
        if any(_has_phrase(text, asks) for text in texts):
            return asks
    return Asks.FACT if any(_asks_for_fact(text) for text in texts) else Asks.UNCERTAIN


def names_its_answer(column: Column, cells: list[str]) -> bool:
    """Whether all cells hold the same words, with which the heading begins or ends: a ticked box, `Which? [Radio]`."""
    values = {" ".join(words_of(cell)) for cell in cells}
    headings = [" ".join(words_of(text)) for text in (column.name, NUMBERED.sub("", column.name), column.question)]
    return len(values) == 1 and any(_is_part_of(heading, value) for heading in headings for value in values)


def _is_part_of(heading: str, option: str) -> bool:
    return heading.endswith(f" {option}") or heading.startswith(f"{option} ")


def _has_phrase(text: str, asks: Asks) -> bool:
    words = f" {' '.join(words_of(text))} "
    return any(f" {phrase} " in words for phrase in answer_words()["questions"][asks.name.lower()])


def _asks_for_fact(text: str) -> bool:
    """Whether a heading names a fact: `Job title` does, and `What is your job title?`; `What did the company do?` does not."""
    core = IN_BRACKETS.sub(" ", text)
    facts = answer_word_set("facts", "words")
    words = words_of(core)
    if "?" not in core:
        return not facts.isdisjoint(words)
    line = f" {' '.join(words)} "
    for opening in answer_words()["questions"]["fact_openings"]:
        _, matched, following = line.partition(f" {opening} ")
        if matched and not facts.isdisjoint(following.split()[:NEAR]):
            return True
    return any(f" {phrase} " in line for phrase in answer_words()["questions"]["facts"])
