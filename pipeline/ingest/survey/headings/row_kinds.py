"""Which rows of a sheet are headings, by the cells below them, and which rows below are not responses."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import median

from pipeline.ingest.spreadsheets.book import Rows, is_blank
from pipeline.ingest.survey.prose import NUMBER, is_date
from pipeline.ingest.survey.vocabulary import fold_heading, is_listed, words_of
from pipeline.vocabulary import Reason

LOOKED_AT = 200  # rows below that tell what a row is
MOST_HEADING_ROWS = 4
QUESTION_WORDS = 4  # of a question with short answers below
MOSTLY = 0.8
LEAST_SHARE = 1 / 3  # of the filled cells of a row must look like headings
AGAINST = 4  # times as many cells must speak for headings as against
UNIQUE_ID = re.compile(r"(uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-.*|R_\w{12,}|[^@\s]+@[^@\s]+\.\w+", re.IGNORECASE)
CODE = re.compile(r"[^\W\d][\w.#\[\]()/-]*")  # the name of a variable
HXL = re.compile(r"#\w[\w+ -]*")
IMPORT_ID = re.compile(r'\{\s*"+ImportId"+\s*:')
TOTAL = re.compile(
    r"(gran |grand |sub|sub-|sub )?tota(l|les|ux|is)( general| geral)?|suma|sum|somme|soma|promedio|media|mean|average|avg|moyenne"
    r"|mediana|median|count|recuento|conteo|base|n|min|max|minimo|maximo|desviacion estandar|std|%|porcentaje|percent|percentage"
    r"|frecuencia|frequency|respuestas|responses"
)
COUNT = re.compile(  # 6 responses, n = 6, 6 of 8
    r"(n ?= ?)?\d[\d.,]* ?%?( ?(of|de|sur|/) ?\d+)?"
    r"( (respuestas?|responses?|respostas?|r[eé]ponses?|personas?|persons?|people|casos?|cases?))?",
    re.IGNORECASE,
)
LONE_CELL = 2  # cells of a usual row, above which a row of one cell is no answer but a heading
LAST_ROWS = 5  # that may hold totals without a name
NEAR = 0.01  # of a sum, for means that were rounded
TITLE_CELLS = 2  # of a line above the table such as `Date: May 2023`


@dataclass(frozen=True, slots=True)
class HeadingRows:
    """The headings of a sheet: the first row after them, name and question per column, and whether a row has parts of questions."""

    stop: int
    names: list[str]
    questions: list[str]
    has_parts: bool = False


def first_row(rows: Rows) -> int:
    """The first row of headings: the first that is not blank, or the one below the titles of the table."""
    at = _next_filled(rows, 0)
    while at >= 0 and (below := _next_filled(rows, at + 1)) >= 0 and _is_title(rows, at, below):
        at = below
    return at


def _next_filled(rows: Rows, start: int) -> int:
    return next((number for number in range(start, len(rows)) if not is_blank(rows[number])), -1)


def _filled(row: Sequence[str]) -> list[int]:
    return [index for index, cell in enumerate(row) if cell.strip()]


def _is_title(rows: Rows, at: int, below: int) -> bool:
    """Whether a row is a line above the table: its first cell alone, or two side by side above a wider row."""
    above, under = _filled(rows[at]), len(_filled(rows[below]))
    if above == [0]:
        return (under > 1 and (under > TITLE_CELLS or below > at + 1)) or (
            under <= TITLE_CELLS and _widens(rows, below)
        )
    return above == [0, 1] and rows[at][0].strip().endswith(":") and (under > TITLE_CELLS or _widens(rows, below))


def _widens(rows: Rows, at: int) -> bool:
    """Whether rows much wider than a title follow soon."""
    return any(len(_filled(row)) > TITLE_CELLS for row in rows[at + 1 : at + 2 * MOST_HEADING_ROWS])


def heading_rows(lines: Sequence[Sequence[str]], top: int) -> HeadingRows:
    """The headings that begin in row `top`; `lines` are the first rows of a sheet, each cell on one line."""
    width = len(lines[top])
    stop = top + 1
    while stop < min(len(lines), top + MOST_HEADING_ROWS) and _is_heading(lines, top, stop):
        stop += 1
    below = [[*line[:width], *[""] * (width - len(line))] for line in lines[top + 1 : stop]]
    heads = list(lines[top])
    texts = [line for line in below if not is_technical(line)]
    if not texts:
        return HeadingRows(stop, heads, heads)
    return _of_two(stop, heads, texts[0])


def _of_two(stop: int, heads: Sequence[str], second: Sequence[str]) -> HeadingRows:
    """Names and questions from two rows of headings."""
    if _is_sparse(heads, second) or _is_filled_down(heads, second):
        return _with_parts(stop, heads, second)
    if _are_codes(second) and not _are_codes(heads):
        return HeadingRows(stop, list(second), list(heads))
    questions = [question or head for question, head in zip(second, heads, strict=True)]
    return HeadingRows(stop, list(heads), questions)


def is_technical(line: Sequence[str]) -> bool:
    """Whether a row holds marks for machines: Qualtrics's import ids, the tags of HXL."""
    cells = [cell for cell in line if cell]
    marks = sum(bool(IMPORT_ID.match(cell) or HXL.fullmatch(cell)) for cell in cells)
    return marks > 1 and marks >= len(cells) / 2


def _is_heading(lines: Sequence[Sequence[str]], top: int, at: int) -> bool:
    """Whether a row below headings is a heading row too, by its cells and those below."""
    if is_technical(lines[at]):
        return True
    signs = Counter(_signs(lines, top, at))
    is_enough = signs[1] >= min(2, signs.total()) > 0 and signs[1] >= LEAST_SHARE * signs.total()
    return is_enough and signs[1] >= AGAINST * signs[-1]


def _signs(lines: Sequence[Sequence[str]], top: int, at: int) -> Iterator[int]:
    """The sign of each cell of a row; a box of a repeated question has none: there may be a tick above ticks."""
    sample, times = lines[at + 1 : at + 1 + LOOKED_AT], Counter(lines[top])
    for index, (cell, head) in enumerate(zip_longest(lines[at], lines[top], fillvalue="")):
        cells = [row[index] for row in sample if index < len(row) and row[index]]
        is_box = bool(head) and times[head] > 1 and set(cells) == {cell}
        if cell and not is_box:
            yield _sign(cell, head, cells)


def _sign(cell: str, head: str, cells: Sequence[str]) -> int:
    """1 if a cell explains the column below, -1 if it is one of its answers, 0 if neither is clear."""
    is_listed_part = any(is_listed(cell, "SurveyMonkey", key) for key in ("answer", "open_answer", "open_part"))
    if is_listed_part or (head and words_of(cell) == words_of(head)):
        return 1
    if _is_datum(cell):
        return -1
    return _sign_by_cells(cell, head, cells) if cells else 0


def _sign_by_cells(cell: str, head: str, cells: Sequence[str]) -> int:
    """What the cells below say of a cell: that it is one of their values, looks like them, or is a question that they answer."""
    values = {fold_heading(other) for other in cells}
    if fold_heading(cell) in values:
        return 1 if len(values) == 1 and not head else -1
    if _shape(cell) in _usual_shapes(cells):
        return -1
    return 1 if _asks(cell, cells) else 0


def _asks(cell: str, cells: Sequence[str]) -> bool:
    """Whether a cell is a question or a name, and those below are not."""
    data = sum(map(_is_datum, cells))
    if data >= MOSTLY * len(cells):
        return True
    if cell.endswith(("?", "?*", "? *", ":")) and sum(other.endswith(("?", ":")) for other in cells) < (
        1 - MOSTLY
    ) * len(cells):
        return True
    lengths = sorted(map(len, cells))
    usual = lengths[int(len(lengths) * 0.9) - (len(lengths) > 1)] if lengths else 0
    is_question = len(cell.split()) >= QUESTION_WORDS and 2 * usual < len(cell)
    is_name = (
        bool(CODE.fullmatch(cell))
        and bool(re.search(r"\d|_", cell))
        and median(len(other.split()) for other in cells) > 2
    )
    return is_question or is_name


def _is_datum(cell: str) -> bool:
    return is_date(cell) or any(form.fullmatch(cell) for form in (NUMBER, UNIQUE_ID))


def _shape(cell: str) -> str:
    """A cell with its letters and digits alike: `P014` is `a9`."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def _usual_shapes(cells: Sequence[str]) -> set[str]:
    """The shape of ids that most cells have, if they have one with a digit."""
    shape, times = Counter(map(_shape, cells)).most_common(1)[0]
    return {shape} if "9" in shape and times > len(cells) / 2 else set()


def _is_sparse(heads: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a first row has its cells above several of the second: questions over their choices, blocks over questions."""
    return any(not head and part for head, part in zip(heads, second, strict=True)) or len(heads) < len(second)


def _is_filled_down(heads: Sequence[str], second: Sequence[str]) -> bool:
    """Whether questions are repeated above each of their options."""
    pairs = [(head, part) for head, part in zip(heads, second, strict=True) if head and part]
    return any(head == other and part != words for (head, part), (other, words) in pairwise(pairs))


def _are_codes(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return sum(bool(CODE.fullmatch(cell)) for cell in filled) >= MOSTLY * len(filled) and len(set(filled)) == len(
        filled
    )


def _with_parts(stop: int, heads: Sequence[str], parts: Sequence[str]) -> HeadingRows:
    """Names of two rows: `question [choice]` below a question, the heading alone below the name of a block."""
    names, questions, above = [], [], ""
    for head, part in zip(heads, parts, strict=True):
        above = head or above
        is_plain = is_listed(part, "SurveyMonkey", "answer") or is_listed(part, "SurveyMonkey", "open_answer")
        if not part or is_plain or part == above:
            name = above
        elif "?" in part or not _is_question(above):
            name = part
        else:
            name = f"{above} [{part}]"
        names.append(name)
        questions.append(name)
    return HeadingRows(stop, names, questions, has_parts=True)


def _is_question(text: str) -> bool:
    return "?" in text or "¿" in text or len(text.split()) >= QUESTION_WORDS


def kinds_below(rows: Rows, start: int, heads: Sequence[str], anchors: Sequence[int]) -> dict[int, Reason]:
    """The rows from `start` on that are not responses, by index; `anchors` are columns that the tool fills in every row."""
    filled = {number: _filled(rows[number]) for number in range(start, len(rows)) if not is_blank(rows[number])}
    if not filled:
        return {}
    usual = median(map(len, filled.values()))
    first_column = _first_column(rows, filled)
    below = set(_below_the_table(filled, usual, anchors))
    kinds = {}
    for number, columns in filled.items():
        if kind := _named_kind(rows[number], columns, heads):
            kinds[number] = kind
        elif len(columns) == 1 and usual > LONE_CELL and _is_group(rows[number], columns[0], first_column):
            kinds[number] = Reason.GROUP_HEADING
        elif number in below:
            kinds[number] = Reason.BELOW_THE_TABLE
    unnamed = _unnamed_totals(rows, [number for number in filled if number not in kinds])
    return kinds | dict.fromkeys(unnamed, Reason.TOTALS)


def _below_the_table(filled: Mapping[int, Sequence[int]], usual: float, anchors: Sequence[int]) -> Iterator[int]:
    """The rows after the last that its tool wrote; of a table of no known tool, those with few cells after the last."""
    last = _last_anchored(filled, anchors)
    for number, columns in filled.items():
        if number > last and (anchors or len(columns) < usual / 2):
            yield number


def _named_kind(row: Sequence[str], columns: Sequence[int], heads: Sequence[str]) -> Reason | None:
    """The kind of a row that names itself: repeated headings, or totals."""
    if _is_repeated(row, heads, columns):
        return Reason.HEADINGS_AGAIN
    return Reason.TOTALS if _is_total(row, columns) else None


@dataclass(frozen=True, slots=True)
class _FirstColumn:
    """The first column that has cells: its index, the usual shape of cells, and whether only rows with nothing else have it."""

    index: int
    shapes: frozenset[str]
    stands_alone: bool
    is_prose: bool


def _first_column(rows: Rows, filled: Mapping[int, Sequence[int]]) -> _FirstColumn:
    index = min(columns[0] for columns in filled.values())
    with_others = [
        rows[number][index].strip() for number, columns in filled.items() if len(columns) > 1 and columns[0] == index
    ]
    shapes = {
        shape for shape, times in Counter(map(_shape, with_others)).items() if times >= (1 - MOSTLY) * len(with_others)
    }
    words = sum(len(cell.split()) for cell in with_others) / max(1, len(with_others))
    return _FirstColumn(index, frozenset(shapes), not with_others, words >= QUESTION_WORDS)


def _last_anchored(filled: Mapping[int, Sequence[int]], anchors: Sequence[int]) -> int:
    """The last row that its tool wrote; of a table of no known tool, the last with a first column that the first half has."""
    numbers = list(filled)
    columns = list(anchors)
    if not columns:
        upper = numbers[: max(1, len(numbers) // 2)]
        columns = [0] if all(0 in filled[number] for number in upper) else []
    anchored = [number for number in numbers if not set(columns).isdisjoint(filled[number])]
    return anchored[-1] if anchored else numbers[-1]


def _is_repeated(row: Sequence[str], heads: Sequence[str], columns: Sequence[int]) -> bool:
    same = sum(column < len(heads) and fold_heading(row[column]) == fold_heading(heads[column]) for column in columns)
    return len(columns) > 1 and same >= MOSTLY * len(columns)


def _is_count(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None or COUNT.fullmatch(cell) is not None


def _is_total(row: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a row begins with a word such as *total*, and has nothing but numbers and counts after it."""
    name, *numbers = (row[column].strip() for column in columns)
    is_named = TOTAL.fullmatch(fold_heading(name).strip(" :.*()=")) is not None
    return (
        is_named
        and all(NUMBER.fullmatch(cell) or COUNT.fullmatch(cell) for cell in numbers)
        and (bool(numbers) or len(name) > 1)
    )


def _is_group(row: Sequence[str], index: int, first: _FirstColumn) -> bool:
    """Whether the only cell of a row is a heading between rows: in the first column, and unlike the other cells there."""
    if index != first.index or first.is_prose:
        return False
    cell = row[index].strip()
    return first.stands_alone or (_is_datum(cell) is False and _shape(cell) not in first.shapes)


def _unnamed_totals(rows: Rows, numbers: Sequence[int]) -> Iterator[int]:
    """Of the last rows, those of numbers alone that are each the sum, the mean or the count of the numbers above."""
    for number in numbers[-LAST_ROWS:]:
        above = [rows[other] for other in numbers if other < number]
        columns = _filled(rows[number])
        is_without_name = len(columns) > 1 and len(above) > 2 and 0 not in columns
        if is_without_name and all(_is_sum(above, column, rows[number][column]) for column in columns):
            yield number


def _is_sum(above: Rows, column: int, cell: str) -> bool:
    numbers = [value for row in above if column < len(row) and (value := _number(row[column])) is not None]
    total = _number(cell)
    if total is None or not numbers:
        return False
    wholes = (sum(numbers), sum(numbers) / len(numbers), len(numbers))
    return any(abs(total - each) <= NEAR * max(1.0, abs(each)) for each in wholes)


def _number(cell: str) -> float | None:
    try:
        return float(cell.strip(" %€$").replace(",", "."))
    except ValueError:
        return None
