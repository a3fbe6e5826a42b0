"""Plain text and Markdown: one span a line; headings, rules and tables of turns known by their marks."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from pipeline.ingest.characters import read_text
from pipeline.ingest.office.layout_tables import as_turns
from pipeline.ingest.reading_builder import Piece, span_of
from pipeline.ingest.turn_columns import questions_and_answers
from pipeline.records import Exclusion, Reading, Span
from pipeline.vocabulary import Part, Reason

RULE = re.compile(r"(?:[-*_=~][ \t]*){3,}")
MARKS = frozenset("#-*_=~<")  # with which headings, rules and folded parts begin
FOLDED = re.compile(r"</?details(?:\s[^<>]*)?>")  # around a part of a page that opens when it is clicked
HEADING = re.compile(r"(?:[-*][ \t]+)?#{1,6}[ \t]+\S")  # also as an item of a list
BELOW_HEADS = re.compile(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")  # the rule of a table: |---|---|
HTML_ROW = re.compile(r"<tr\b")
HTML_CELL = re.compile(r"<t[dh]\b[^<>]*>(?P<words>[^<]*(?:<(?!/?(?:t[dhr]|table)\b)[^<]*)*)")
LINE_NUMBER = re.compile(r"[ \t]*(\d{1,5})(?:[ \t]+|$)")
LONGEST_NUMBER = 10  # characters, with the space behind it
LEAST_NUMBERED = 5  # lines
IN_MID_SENTENCE = (
    0.15  # of them begin with a small letter behind their number: they count lines, not turns or questions
)
RULES_AROUND = 3  # above the headings, below them, and below the last row: they part no rows
LINES_TO_A_RULE = 6  # of a drawn table, at most, where rules part the rows
GRID = re.compile(r"\+(?:[-=:]{3,}\+){2,}")  # a rule of a table that is drawn: +-----+-----+
BAR = re.compile(r"(?<!\\)\|")


def read(data: bytes) -> Reading:
    """The text of a .txt or .md file with a span for every line that is not blank, and for every cell of a table of turns."""
    file = read_text(data, references=True)
    text, numbers = without_line_numbers(file.text)
    return Reading("plain 1", text, tuple(spans(text)), file.chars, (*file.outside, *numbers), file.notes, file.status)


def without_line_numbers(text: str) -> tuple[str, tuple[Exclusion, ...]]:
    """The text without the numbers with which each line begins where they count the lines, and these numbers."""
    if not LINE_NUMBER.match(text.lstrip()[:LONGEST_NUMBER]):
        return text, ()
    lines = text.split("\n")
    numbered = [LINE_NUMBER.match(line) for line in lines]
    if not _count_lines(lines, numbered):
        return text, ()
    left = [line[number.end() :] if number else line for line, number in zip(lines, numbered, strict=True)]
    chars = sum(len(number[1]) for number in numbered if number)
    return "\n".join(left), (Exclusion(-1, -1, "whole file", Reason.MARGIN_NUMBER, chars),)


def _count_lines(lines: Sequence[str], numbered: Sequence[re.Match[str] | None]) -> bool:
    """Whether each line that is not blank has the next number, and sentences go on from line to line."""
    numbers = [number for number in numbered if number]
    filled = sum(line.strip() != "" for line in lines)
    if not len(numbers) == filled >= LEAST_NUMBERED:
        return False
    goes_on = sum(number.string[number.end() :][:1].islower() for number in numbers)
    return goes_on >= IN_MID_SENTENCE * filled and all(int(b[1]) == int(a[1]) + 1 for a, b in pairwise(numbers))


def spans(text: str) -> list[Span]:
    """The lines of a text, white space around them left out."""
    lines, at, body = [], 0, Part.BODY
    for number, line in enumerate(text.split("\n"), 1):
        if words := line.strip():
            start = at if words is line or words[0] == line[0] else at + len(line) - len(line.lstrip())
            part = _part(words) if words[0] in MARKS else body
            lines.append(span_of((start, start + len(words), f"line {number}", part, "", 0)))
        at += len(line) + 1
    if "|" in text:
        lines = _with_tables(text, _with_grids(text, lines) if "\n+--" in text or text.startswith("+--") else lines)
    return _with_tables_of_html(text, lines) if "<td" in text else lines


def _part(words: str) -> Part:
    if words[0] in "#-*" and HEADING.match(words):
        return Part.HEADING
    if words[0] == "<":
        return Part.MARKUP if FOLDED.fullmatch(words) else Part.BODY
    if words[0] in "-*_=~" and len(words) < 200 and RULE.fullmatch(words):
        return Part.MARKUP
    return Part.BODY


def _with_tables(text: str, lines: Sequence[Span]) -> list[Span]:
    """The lines, the rows of tables with a column of speakers cell by cell."""
    spans: list[Span] = []
    at = behind = 0
    for number in range(1, len(lines)):
        if number > behind and BELOW_HEADS.fullmatch(text, lines[number].start, lines[number].end):
            last = _last_row(text, lines, number)
            if table := _table(text, lines[number - 1 : last + 1]):
                spans += [*lines[at : number - 1], *table]
                at = last + 1
            behind = last + 1
    return [*spans, *lines[at:]]


def _with_tables_of_html(text: str, lines: Sequence[Span]) -> list[Span]:
    """The lines, tables of HTML with a column of speakers cell by cell."""
    spans: list[Span] = []
    starts = [line.start for line in lines]
    at = 0
    end = 0
    while (start := text.find("<table", end)) >= 0 and (end := text.find("</table>", start) + len("</table>")) > start:
        first, behind = bisect_left(starts, start), bisect_left(starts, end)
        inside = lines[first:behind]
        is_whole = bool(inside) and inside[-1].end <= end
        if is_whole and (cells := _turns(text, list(map(_of_one_line, _rows_of_html(text, inside))), inside)):
            spans += [*lines[at:first], *cells]
            at = behind
    return [*spans, *lines[at:]]


def _rows_of_html(text: str, lines: Sequence[Span]) -> Iterator[list[Span]]:
    """The cells of each row of a table of HTML, each with the place of its line."""
    starts = [line.start for line in lines]
    rows = [match.start() for match in HTML_ROW.finditer(text, lines[0].start, lines[-1].end)]
    for row, next_row in pairwise([*rows, lines[-1].end]):
        yield [
            _trimmed(
                text, cell.start("words"), cell.end("words"), lines[bisect_right(starts, cell.start("words")) - 1].place
            )
            for cell in HTML_CELL.finditer(text, row, next_row)
        ]


def _trimmed(text: str, start: int, end: int, place: str) -> Span:
    """A cell without white space around it."""
    words = text[start:end]
    begin = start + len(words) - len(words.lstrip())
    return span_of((begin, begin + len(words.strip()), place, Part.TABLE, "", 0))


def _last_row(text: str, lines: Sequence[Span], rule: int) -> int:
    """The last line of the table with this rule: those below it have cells, and no blank line between."""
    last = rule
    while last + 1 < len(lines) and _is_row(text, lines[last], lines[last + 1]):
        last += 1
    return last


def _is_row(text: str, before: Span, line: Span) -> bool:
    return text.find("|", line.start, line.end) >= 0 and text.count("\n", before.end, line.start) == 1


def _table(text: str, lines: Sequence[Span]) -> list[Span]:
    """The cells of a table and the marks around them; nothing if no column holds speakers."""
    width = len(list(_cells(text, lines[1])))
    rows = [list(_cells(text, line)) for number, line in enumerate(lines) if number != 1]
    if any(cell.end > cell.start for row in rows for cell in row[width:]):
        return []  # a bar among the words: it is unclear of which cell
    return _turns(text, list(map(_of_one_line, rows)), lines)


def _with_grids(text: str, lines: Sequence[Span]) -> list[Span]:
    """The lines, the rows of tables that are drawn with rules between them cell by cell, where a column holds speakers."""
    spans: list[Span] = []
    at = 0
    rules = [number for number, line in enumerate(lines) if GRID.fullmatch(text, line.start, line.end)]
    for first in rules:
        last = first
        while last + 1 < len(lines) and _is_drawn(text, lines[last], lines[last + 1]):
            last += 1
        if first >= at and (cells := _turns_of_grid(text, lines[first : last + 1])):
            spans += [*lines[at:first], *cells]
            at = last + 1
    return [*spans, *lines[at:]]


def _is_drawn(text: str, before: Span, line: Span) -> bool:
    """Whether a line below another is of the same drawn table: a rule, or cells between bars."""
    return text[line.start] in "+|" and text.count("\n", before.end, line.start) == 1


def _turns_of_grid(text: str, lines: Sequence[Span]) -> list[Span]:
    """The cells of a table that is drawn and the marks around them; nothing if it is unclear what is of which cell, or who speaks.

    So where questions and answers have no rules between the rows: a question that goes on looks like the next one.
    """
    bars = [at for at, sign in enumerate(text[lines[0].start : lines[0].end]) if sign == "+"]
    cells = [_cells_of_grid(text, line, bars) for line in lines]
    if any(text[line.start] == "|" and not row for line, row in zip(lines, cells, strict=True)):
        return []
    has_rules = _has_rules_between(text, lines)
    rows = list(_rows_of_grid(cells, has_rules=has_rules))
    heads = [" ".join(text[line.start : line.end] for line in cell) for cell in rows[0]] if rows else []
    return [] if questions_and_answers(heads) and not has_rules else _turns(text, rows, lines)


def _cells_of_grid(text: str, line: Span, bars: Sequence[int]) -> list[Span]:
    """The cells of a line; with more bars than the rule has, only those below its signs part cells, and nothing if some are not."""
    if text[line.start] != "|":
        return []
    cells = list(_cells(text, line))
    if len(cells) < len(bars):
        return cells
    places = [line.start + bar for bar in bars]
    if places[-1] >= line.end or any(text[place] != "|" for place in places):
        return []
    return [_trimmed(text, start + 1, end, line.place) for start, end in pairwise(places)]


def _has_rules_between(text: str, lines: Sequence[Span]) -> bool:
    """Whether rules part the rows of a drawn table, not its headings alone."""
    rules = sum(text[line.start] == "+" for line in lines)
    return rules > RULES_AROUND and LINES_TO_A_RULE * rules >= len(lines)


def _rows_of_grid(lines: Iterable[Sequence[Span]], *, has_rules: bool) -> Iterator[list[list[Span]]]:
    """The rows between the rules, each cell with its lines; without rules, every line with a first cell begins a row."""
    row: list[list[Span]] = []
    for cells in lines:
        begins = not cells or (not has_rules and cells[0].end > cells[0].start)
        if begins and row:
            yield row
            row = []
        row += [[] for _ in cells[len(row) :]]
        for lines_of_cell, cell in zip(row, cells, strict=False):  # a line may have fewer
            lines_of_cell.append(cell)
    if row:
        yield row


def _of_one_line(row: Iterable[Span]) -> list[list[Span]]:
    """A row, each cell of which has one line."""
    return [[cell] for cell in row]


def _turns(text: str, rows: Sequence[Sequence[Sequence[Span]]], lines: Sequence[Span]) -> list[Span]:
    """The cells of a table, line by line, and the marks around them.

    Nothing if no column holds speakers, or if the lines of one speaker's cell lie between those of another's.
    """
    pieces = as_turns([_pieces_of(text, row) for row in rows])
    if not any(piece.speaker for piece in pieces):
        return []
    cells = [line for cell in chain.from_iterable(rows) for line in cell if line.end > line.start]
    marked = [cell._replace(part=piece.part, speaker=piece.speaker) for cell, piece in zip(cells, pieces, strict=True)]
    words = [cell for cell in marked if cell.speaker]
    return _with_marks(text, sorted(marked), lines) if words == sorted(words) else []


def _cells(text: str, line: Span) -> Iterator[Span]:
    """The cells of a row, white space around them left out, also those that are empty."""
    first = line.start + text.startswith("|", line.start)
    last = line.end - text.endswith("|", first, line.end)
    bars = [match.start() for match in BAR.finditer(text, first, last)]
    for start, end in pairwise([first - 1, *bars, last]):
        yield _trimmed(text, start + 1, end, line.place)


def _pieces_of(text: str, row: Sequence[Sequence[Span]]) -> list[list[Piece]]:
    """The words of each cell of a row, line by line; nothing for an empty one."""
    return [list(_pieces_of_cell(text, cell)) for cell in row]


def _pieces_of_cell(text: str, lines: Sequence[Span]) -> Iterator[Piece]:
    for line in lines:
        if line.end > line.start:
            yield Piece(text[line.start : line.end], line.place, line.part)


def _with_marks(text: str, cells: Sequence[Span], lines: Sequence[Span]) -> list[Span]:
    """The cells of a table with the bars and rules between them."""
    spans: list[Span] = []
    at = lines[0].start
    for cell in cells:
        spans += [*_marks(text, at, cell.start, cell.place), cell]
        at = cell.end
    return [*spans, *_marks(text, at, lines[-1].end, lines[-1].place)]


def _marks(text: str, start: int, end: int, place: str) -> Iterator[Span]:
    words = text[start:end]
    if bars := words.strip():
        begin = start + words.index(bars[0])
        yield span_of((begin, begin + len(bars), place, Part.MARKUP, "", 0))
