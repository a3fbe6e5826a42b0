"""Whether a column holds people's own words, and not numbers, dates, ids, ratings, choices, lists of options or short facts."""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.ingest.survey.cells import is_answer
from pipeline.ingest.survey.headings.questions import Asks, asks_for, names_its_answer
from pipeline.ingest.survey.records import Column, Hint
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

# An open answer is prose: several words a cell that rarely repeat. Either pair of limits suffices.
WORDS_AND_DIFFERENCES = ((3.0, 0.6), (8.0, 0.3))  # (words a cell, share of cells that differ)
SHORTER = ((2.0, 0.6), (3.0, 0.3))  # the same where the question asks for people's own words, or they type a list
FACTS = 6.0  # words a cell below which an answer may be a fact
SHORT = (1.3, 0.6)  # words a cell and differences from which `check` asks whether short answers are open
OTHERWISE_SPELT = 0.1  # of the parts that come again: options are always written alike
LISTS = 1 / 3  # of the cells must be lists where people type lists
LONG_OPTION = 5  # words that nobody types twice alike
MANY_AGAIN = 0.5  # of the cells
BETWEEN_CHOICES = (";", ", ", ",", "|", "\n", " / ")  # of Microsoft Forms, of Google Forms, of others
LEAST_TICKED = 4  # cells needed to tell choices from sentences
COMES_AGAIN = 0.6  # of the parts occur in another cell, too, if they are choices
LONGEST_CHOICE = 12.0  # words a part at the mean; longer ones that come again are copies of answers
MOST_OPTIONS = 40  # names that the options of a question joined by spaces may have
LEAST_OFTEN = 2.5  # times that each of them must come
GRAMMAR = frozenset(
    """de la el los las que y en un una por con se no muy the of and to in a is was it i we very le les des et est une du pas o os
    um uma com nao""".split()
)
SENTENCE = re.compile(r"[.!?…;:]|,\s")


def is_open(column: Column, cells: Sequence[str]) -> bool:
    """Whether people answered in their own words, by the tool's mark, the words of the question, and the cells."""
    answers = [cell for cell in cells if is_answer(cell)] or list(cells)
    if names_its_answer(column, answers):
        return False
    if column.hint is Hint.OPEN:
        return not _are_short_facts(column, answers)
    return not column.hint and _is_worded(column, answers)


def _are_short_facts(column: Column, answers: Sequence[str]) -> bool:
    """Whether people typed facts, numbers or steps of a scale where the tool let them write what they liked."""
    if len(answers) < LEAST_TICKED:
        return False
    if is_scale(answers) or _is_one_sentence(answers) or 2 * sum(map(is_value, answers)) > len(answers):
        return True
    return asks_for(column) is Asks.FACT and words_a_cell(answers) < FACTS


def _is_worded(column: Column, answers: Sequence[str]) -> bool:
    """Whether answers that the tool does not classify are people's own words; short ones count if the question asks for words."""
    if not is_prose(answers, SHORTER) or is_ticked(answers):
        return False
    match asks_for(column):
        case Asks.OWN_WORDS:
            return True
        case Asks.OPTIONS:
            return False
        case Asks.FACT if words_a_cell(answers) < FACTS:
            return False
    return (is_prose(answers) or are_typed_lists(answers)) and not _are_long_options(answers)


def may_be_open(column: Column, cells: Sequence[str]) -> bool:
    """Whether a column that is read as closed holds short answers that people typed: a person decides what they are."""
    answers = [cell for cell in cells if is_answer(cell)]
    if column.hint not in (Hint.NONE, Hint.OPEN) or len(answers) < LEAST_TICKED or asks_for(column) is Asks.OPTIONS:
        return False
    return is_prose(answers, (SHORT,)) and not is_ticked(answers)


def is_prose(cells: Sequence[str], least: Sequence[tuple[float, float]] = WORDS_AND_DIFFERENCES) -> bool:
    """Whether cells look like open answers: several words, rarely the same, and not dates, addresses or the like.

    `least` are pairs of words a cell and of the share of cells that differ, of which one must be reached.
    """
    answers = [cell for cell in cells if is_answer(cell)]
    prose = [cell for cell in answers if not is_value(cell)]
    if not prose or len(prose) < len(answers) / 2:
        return False
    words, different = words_a_cell(prose), share_that_differs(prose)
    is_long = any(words >= few and different >= share for few, share in least)
    return is_long and not is_scale(prose) and not is_single_choice(prose)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a quantity, a date, an address, a file or an id."""
    return is_date(cell) or any(form.fullmatch(cell) for form in (NUMBER, NO_PROSE, QUANTITY)) or _is_figures(cell)


def _is_figures(cell: str) -> bool:
    """Whether half of the words of a short cell have digits: versions, years, ranges."""
    words = [word for word in cell.split() if any(map(str.isalnum, word))]
    figures = sum(any(map(str.isdigit, word)) for word in words)
    return len(words) <= LONGEST_STEP and figures >= max(1, len(words) / 2)


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
    """Whether nearly all cells equal another cell: options of a list, however long."""
    times = Counter(map(fold_heading, cells))
    again = sum(count for count in times.values() if count > 1)
    return len(cells) >= LEAST_TICKED and again >= SCALES * len(cells)


def _are_long_options(cells: Sequence[str]) -> bool:
    """Whether many cells are chosen options: people do not type this many equal words."""
    times = Counter(map(fold_heading, cells))
    again = sum(count for cell, count in times.items() if count > 1 and len(cell.split()) >= LONG_OPTION)
    return len(cells) >= LEAST_TICKED and again >= MANY_AGAIN * len(cells)


def _is_one_sentence(cells: Sequence[str]) -> bool:
    """Whether nearly all cells are one sentence that everybody was to type, to show that they pay attention."""
    sentence, times = Counter(" ".join(words_of(cell)) for cell in cells).most_common(1)[0]
    return times >= SCALES * len(cells) and len(sentence.split()) > 2 and is_answer(sentence)


def is_ticked(cells: Sequence[str]) -> bool:
    """Whether cells hold several choices of a list: parts between the same marks that recur."""
    return any(_is_list(cells, mark) for mark in BETWEEN_CHOICES) or _are_codes(cells)


def _is_list(cells: Sequence[str], mark: str) -> bool:
    lists = [_parts(cell, mark) for cell in cells]
    if len(cells) < LEAST_TICKED or sum(map(len, lists)) <= len(cells):
        return False
    return _come_again([list(map(fold_heading, parts)) for parts in lists]) and not _are_spelt_differently(lists)


def _come_again(lists: Sequence[Sequence[str]]) -> bool:
    """Whether most parts of lists come in other lists, too, and are as short as options are."""
    in_cells = Counter(part for parts in lists for part in set(parts))
    repeated = {part: times for part, times in in_cells.items() if times > 1}
    whole = sum(repeated.keys() >= set(parts) for parts in lists)
    is_repeated = sum(repeated.values()) >= COMES_AGAIN * sum(map(len, lists)) and whole >= len(lists) / 2
    return is_repeated and _words_a_part(in_cells) <= LONGEST_CHOICE


def are_typed_lists(cells: Sequence[str]) -> bool:
    """Whether people typed lists: several parts in many cells, and the same part written in several ways."""
    for mark in BETWEEN_CHOICES:
        lists = [_parts(cell, mark) for cell in cells]
        several = sum(len(parts) > 1 for parts in lists)
        if len(cells) >= LEAST_TICKED and several >= LISTS * len(cells) and _are_spelt_differently(lists):
            return True
    return False


def _are_spelt_differently(lists: Sequence[Sequence[str]]) -> bool:
    spellings: dict[str, Counter[str]] = {}
    for parts in lists:
        for part in parts:
            spellings.setdefault(fold_heading(part), Counter())[part] += 1
    again = [spelt for spelt in spellings.values() if spelt.total() > 1]
    otherwise = sum(spelt.total() - max(spelt.values()) for spelt in again)
    return bool(again) and otherwise >= OTHERWISE_SPELT * sum(spelt.total() for spelt in again)


def _words_a_part(times: Counter[str]) -> float:
    return sum(len(part.split()) * count for part, count in times.items()) / max(1, times.total())


def _parts(cell: str, mark: str) -> list[str]:
    parts = cell.splitlines() if mark == "\n" else " ".join(cell.split()).split(mark)
    return [part for part in map(str.strip, parts) if part]


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
    """Whether there are words of a language among them that options do not contain."""
    count = sum(number for word, number in times.items() if word.casefold() in GRAMMAR)
    return count > times.total() / 10


def words_a_cell(cells: Sequence[str]) -> float:
    """The mean number of words in a cell."""
    return sum(len(cell.split()) for cell in cells) / max(1, len(cells))


def share_that_differs(cells: Sequence[str]) -> float:
    """The share of cells that are not the same as another."""
    return len(set(cells)) / max(1, len(cells))
