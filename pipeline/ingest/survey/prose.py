"""Whether the cells of a column are words of people's own, and not numbers, dates, ids, ratings, choices or lists of options."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.ingest.survey.cells import is_answer
from pipeline.ingest.survey.vocabulary import answer_word_set, fold_heading, words_of

NUMBER = re.compile(r"[-+~≈<>]?\s?[\d.,' \u00a0]*\d ?[%€$]?")
DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ,].{0,30})?|\d{1,2}:\d{2}(:\d{2})?( ?[ap]\.? ?m\.?)?", re.IGNORECASE
)
DATE_IN_WORDS = 8  # words at most of `miércoles 12 de marzo de 2024, 10:30`
QUANTITY = re.compile(
    r"[-+~<>]?\d+([.,]\d+)*( ?(-|a|to|y|and|/) ?\d+([.,]\d+)*)?\+? ?[^\W\d]+( [^\W\d]+)?"  # 3 kg, 5 to 10 years
)
RATING = re.compile(
    r"\d{1,2}( ?[-–—:.=)] ?\S+( \S+){0,5}| ?\(.*\)|/\d{1,2}| (estrellas?|stars?|etoiles?|estrelas?|puntos?|points?))",
    re.IGNORECASE,
)
FILE_NAME = r"[\w-]+(\.(jpe?g|png|mp[34]|pdf|docx?|3gp|m4a|amr|wav))+"
NO_PROSE = re.compile(
    rf"\S+@\S+\.\w+|(https?://|www\.)\S+|\S{{25,}}|-?\d+\.\d{{3,}}[, ]+-?\d+\.\d{{3,}}.*|mozilla/\d.*|{FILE_NAME}",
    re.IGNORECASE,
)
LONGEST_STEP = 8  # words
SCALES = 0.8  # of the cells
MOST_STEPS = 11  # different cells of a scale, 0 to 10

# An open answer is prose: so many words a cell, and seldom the same twice. Either will do.
WORDS_AND_DIFFERENCES = ((3.0, 0.6), (8.0, 0.3))  # (words a cell, share of cells that differ)
BETWEEN_CHOICES = (";", ", ", ",", "|", "\n", " / ")  # of Microsoft Forms, of Google Forms, of others
LEAST_TICKED = 4  # cells from which choices can be told from sentences
COMES_AGAIN = 0.6  # of the parts must stand in another cell, too, where they are choices
LONGEST_CHOICE = 12.0  # words a part at the mean; longer ones that come again are copies of answers
MOST_OPTIONS = 40  # names that the options of a question joined by spaces may have
LEAST_OFTEN = 2.5  # times that each of them must come
GRAMMAR = frozenset(
    """de la el los las que y en un una por con se no muy the of and to in a is was it i we very le les des et est une du pas o os
    um uma com nao""".split()
)
SENTENCE = re.compile(r"[.!?…;:]|,\s")


def is_prose(cells: Sequence[str]) -> bool:
    """Whether cells look like open answers: several words, seldom the same, and nothing else that has several words."""
    answers = [cell for cell in cells if is_answer(cell)]
    prose = [cell for cell in answers if not is_value(cell)]
    if not prose or len(prose) < len(answers) / 2:
        return False
    words, different = words_a_cell(prose), share_that_differs(prose)
    is_long = any(words >= least and different >= share for least, share in WORDS_AND_DIFFERENCES)
    return is_long and not is_scale(prose) and not is_single_choice(prose)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a quantity, a date, an address, a file or an id."""
    return is_date(cell) or any(form.fullmatch(cell) for form in (NUMBER, NO_PROSE, QUANTITY))


def is_date(cell: str) -> bool:
    """Whether a cell is a date or a time, in figures or in words."""
    if DATE.fullmatch(cell):
        return True
    words = words_of(cell)
    has_month = not answer_word_set("values", "months").isdisjoint(words)
    return has_month and 1 < len(words) <= DATE_IN_WORDS and any(word.isdigit() for word in words)


def is_scale(cells: Sequence[str]) -> bool:
    """Whether cells are steps of a scale: `4 - Good`, `3/5`, `very satisfied`, `twice a week`."""
    steps = sum(bool(RATING.fullmatch(cell)) or is_step(cell) for cell in cells)
    return steps >= SCALES * len(cells) and len({fold_heading(cell) for cell in cells}) <= MOST_STEPS


def is_step(cell: str) -> bool:
    """Whether a cell consists of the words of scales of agreement, satisfaction, frequency, quality and the like."""
    words = words_of(cell)
    steps = answer_word_set("scales", "steps")
    allowed = steps | answer_word_set("scales", "others")
    are_all = all(word in allowed or word.isdigit() for word in words)
    return are_all and len(words) <= LONGEST_STEP and not steps.isdisjoint(words)


def is_single_choice(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are the same as another: one option of several, however long it is worded."""
    times = Counter(map(fold_heading, cells))
    again = sum(count for count in times.values() if count > 1)
    return len(cells) >= LEAST_TICKED and again >= SCALES * len(cells)


def is_ticked(cells: Sequence[str]) -> bool:
    """Whether cells are several choices of a list: parts between the same marks that come again and again."""
    return any(_is_list(cells, mark) for mark in BETWEEN_CHOICES) or _are_codes(cells)


def _is_list(cells: Sequence[str], mark: str) -> bool:
    lists = [_parts(cell, mark) for cell in cells]
    count = sum(map(len, lists))
    if len(cells) < LEAST_TICKED or count <= len(cells):
        return False
    in_cells = Counter(part for parts in lists for part in set(parts))
    repeated = {part: times for part, times in in_cells.items() if times > 1}
    whole = sum(repeated.keys() >= set(parts) for parts in lists)
    is_repeated = sum(repeated.values()) >= COMES_AGAIN * count and whole >= len(cells) / 2
    return is_repeated and _words_a_part(in_cells) <= LONGEST_CHOICE


def _words_a_part(times: Counter[str]) -> float:
    return sum(len(part.split()) * count for part, count in times.items()) / max(1, times.total())


def _parts(cell: str, mark: str) -> list[str]:
    folded = [fold_heading(line) for line in cell.splitlines()] if mark == "\n" else fold_heading(cell).split(mark)
    return [part for part in map(str.strip, folded) if part]


def _are_codes(cells: Sequence[str]) -> bool:
    """Whether cells are options joined by spaces, as KoboToolbox writes them: few names, none twice in a cell, no sentences."""
    lists = [cell.split() for cell in cells]
    times = Counter(word for words in lists for word in words)
    if len(cells) < LEAST_TICKED or len(times) > MOST_OPTIONS or times.total() <= len(cells):
        return False
    is_without_sentences = not any(SENTENCE.search(cell) for cell in cells)
    are_distinct = all(len(words) == len(set(words)) for words in lists)
    is_often = times.total() >= min(LEAST_OFTEN, len(cells) / 2) * len(times)
    return is_without_sentences and are_distinct and is_often and not _is_spoken(times)


def _is_spoken(times: Counter[str]) -> bool:
    """Whether words of a language stand among them that no option consists of."""
    count = sum(number for word, number in times.items() if word.casefold() in GRAMMAR)
    return count > times.total() / 10


def words_a_cell(cells: Sequence[str]) -> float:
    """How many words a cell has at the mean."""
    return sum(len(cell.split()) for cell in cells) / max(1, len(cells))


def share_that_differs(cells: Sequence[str]) -> float:
    """The share of cells that are not the same as another."""
    return len(set(cells)) / max(1, len(cells))
