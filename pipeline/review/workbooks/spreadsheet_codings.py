"""Codings made in a spreadsheet elsewhere: which excerpt each row is about, and its answers by the machine keys of the form.

A row names its excerpt by id or by its words; its codes are in a column each, or by name in columns Code 1, Code 2, ...
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import Problem, UnreadableError
from pipeline.review.form import NO, YES, Choices, Form, criterion_key, folded
from pipeline.review.returned import plain
from pipeline.review.row_answers import LONGEST_SHOWN, misspelt
from pipeline.wording.messages import message

LEAST_QUOTE = 20  # characters; a shorter quote is in many excerpts by accident
ID_HEADINGS = frozenset({"excerpt_id", "excerpt id", "id", "extracto", "excerpt", "id de extracto"})
QUOTE_HEADINGS = frozenset(
    "text quote quotation segment excerpt content answer response texto cita segmento extracto contenido respuesta".split()
) | {"quotation content", "coded segment", "contenido de la cita", "segmento codificado"}
SOURCE_HEADINGS = frozenset({"source", "source_id", "document", "fuente", "documento"})
MEMO_HEADINGS = frozenset({"memo", "note", "comment", "nota", "comentario"})
NAMED_CODES = re.compile(r"(?:codes?|codigos?|tags?|etiquetas?)[ _]?\d*")
BETWEEN_CODES = (";", "|", "\n")


@dataclass(frozen=True, slots=True)
class ExcerptIndex:
    """The excerpts that can be coded: their words, their hashes, and which excerpts have exactly which words."""

    texts: Mapping[str, str]  # excerpt -> words, folded as `plain` does
    hashes: Mapping[str, str]
    by_text: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, texts: Mapping[str, str], hashes: Mapping[str, str]) -> ExcerptIndex:
        """The index of excerpts given as id -> words, id -> hash."""
        folded_texts = {excerpt: plain(text) for excerpt, text in texts.items()}
        by_text: dict[str, list[str]] = {}
        for excerpt, text in folded_texts.items():
            by_text.setdefault(text, []).append(excerpt)
        return cls(folded_texts, hashes, by_text)

    def holding(self, quote: str, source: str) -> list[str]:
        """The excerpts that are these words or hold them, of one source where it is named."""
        words = plain(quote)
        same = [excerpt for excerpt in self.by_text.get(words, ()) if _is_of(excerpt, source)]
        if same or len(words) < LEAST_QUOTE:
            return same
        return [excerpt for excerpt, text in self.texts.items() if words in text and _is_of(excerpt, source)]


def _is_of(excerpt: str, source: str) -> bool:
    return not source or excerpt.rpartition(":")[0] == source


@dataclass(slots=True)
class PlacedCodings:
    """Answers by excerpt and code, memos by excerpt, and the rows that could not be placed."""

    answers: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    memos: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unplaced: int = 0

    @property
    def most_further_codes(self) -> int:
        """How many codes one excerpt has at most: the cells that a form needs for them."""
        return max(map(len, self.answers.values()), default=0)

    def set_aside_contradictions(self, name: str) -> None:
        """List the codes that rows of one excerpt answer in different words, and take none of these answers."""
        for excerpt, words_of_code in sorted(self.answers.items()):
            for code in [code for code, words in words_of_code.items() if len(words) > 1]:
                shown = " and ".join(sorted(words_of_code.pop(code)))
                what = message("review/is_answered_twice_neither_is_read", code=code, shown=shown)
                self.problems.append(Problem(f"{name} {excerpt}", what, message("common/keep_one_answer")))

    def rows(self, index: ExcerptIndex, form: Form) -> Iterator[dict[str, str]]:
        """The answers as rows of the form, by machine key."""
        for excerpt in sorted({*self.answers, *self.memos}):
            cells = {"excerpt_id": excerpt, "text_sha256": index.hashes[excerpt]}
            words = {code: next(iter(every)) for code, every in sorted(self.answers.get(excerpt, {}).items())}
            cells |= {criterion_key(code): word for code, word in words.items() if code in form.criteria}
            further = [(code, word) for code, word in words.items() if code not in form.criteria]
            for number, (code, word) in enumerate(further, 1):
                cells[f"other{number}"] = code
                cells[f"other{number}_stance"] = "" if word == YES else word
            if excerpt in self.memos:
                cells["memo"] = "\n".join(dict.fromkeys(self.memos[excerpt]))
            yield cells


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a table has what; `codes` are columns of one code each, `named` columns of names of codes."""

    excerpt: int | None
    quote: int | None
    source: int | None
    memo: int | None
    codes: Mapping[int, str]
    named: Sequence[int]
    other: Sequence[int]


def place_codings(
    rows: Sequence[Sequence[str]], name: str, *, index: ExcerptIndex, form: Form, choices: Choices
) -> PlacedCodings:
    """The rows of a table under the excerpts they are about. `rows` begins with the headings; `name` is the file's.

    Raises UnreadableError if no column names excerpts, or none names codes.
    """
    codes = _codes_by_name(form)
    headings = rows[0] if rows else ()
    columns = _columns(headings, rows[1:], index, codes)
    if columns.excerpt is None and columns.quote is None:
        remedy = message("review/head_one_column_excerpt_id")
        raise UnreadableError(Problem(name, message("review/has_no_column_of_excerpts"), remedy))
    if not columns.codes and not columns.named:
        remedy = message("review/head_columns_with_the_ids")
        raise UnreadableError(Problem(name, message("review/has_no_column_of_codes"), remedy))
    result = PlacedCodings()
    for number in columns.other:
        what = message("review/is_neither_an_excerpt_nor")
        remedy = message("review/nothing_to_do_or_head")
        result.problems.append(Problem(f"{name} column {headings[number]}", what, remedy))
    table = _Table(name, headings, columns, codes, choices, index)
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            table.place(row, number, result)
    result.set_aside_contradictions(name)
    return result


def _codes_by_name(form: Form) -> dict[str, str]:
    """Everything that a code is called by, folded; a name of two codes is left out."""
    names: dict[str, set[str]] = {}
    for code in form.codebook.criteria:
        for text in (code.id, *(name for _, name in code.name)):
            names.setdefault(folded(text), set()).add(code.id)
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


def _columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]], index: ExcerptIndex, codes: Mapping[str, str]
) -> _Columns:
    free = {number: name for number, name in enumerate(map(folded, headings)) if name}
    excerpt = _take(
        free, {name for number, name in free.items() if name in ID_HEADINGS and _has_ids(rows, number, index)}
    )
    quote, source, memo = (_take(free, names) for names in (QUOTE_HEADINGS, SOURCE_HEADINGS, MEMO_HEADINGS))
    of_code = _take_all(free, codes)
    named = _take_all(free, {name: name for name in free.values() if NAMED_CODES.fullmatch(name)})
    return _Columns(
        excerpt=excerpt, quote=quote, source=source, memo=memo, codes=of_code, named=list(named), other=list(free)
    )


def _take_all(free: dict[int, str], meanings: Mapping[str, str]) -> dict[int, str]:
    """The columns under headings that mean something, each with its meaning; they are then no longer free."""
    taken = {number: meanings[name] for number, name in free.items() if name in meanings}
    for number in taken:
        del free[number]
    return taken


def _take(free: dict[int, str], headings: Collection[str]) -> int | None:
    """The first column under one of these headings, which is then no longer free; None if there is none."""
    column = next((number for number, name in free.items() if name in headings), None)
    if column is not None:
        del free[column]
    return column


def _has_ids(rows: Sequence[Sequence[str]], number: int, index: ExcerptIndex) -> bool:
    return any(len(row) > number and row[number].strip() in index.texts for row in rows)


def _cell(row: Sequence[str], number: int | None) -> str:
    return row[number].strip() if number is not None and number < len(row) else ""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of codings with what its rows are read by."""

    name: str
    headings: Sequence[str]
    columns: _Columns
    codes: Mapping[str, str]
    choices: Choices
    index: ExcerptIndex

    def place(self, row: Sequence[str], number: int, result: PlacedCodings) -> None:
        """Put the answers of a row under its excerpt, or list why they cannot be."""
        where = f"{self.name} row {number}"
        candidates = self._excerpts_of(row)
        quote = _cell(row, self.columns.quote)
        if len(candidates) != 1 or plain(quote) not in self.index.texts[candidates[0]]:
            result.unplaced += 1
            result.problems.append(_unplaced(where, candidates))
            return
        (excerpt,) = candidates
        is_part = self.columns.excerpt is None and plain(quote) != self.index.texts[excerpt]
        for code, word in self._answers(row, where, result.problems):
            if word == NO and is_part:
                what = message("review/says_no_to_for_words", code=code)
                result.problems.append(Problem(where, what, message("review/code_the_whole_excerpt")))
            else:
                result.answers.setdefault(excerpt, {}).setdefault(code, set()).add(word)
        if memo := _cell(row, self.columns.memo):
            result.memos.setdefault(excerpt, []).append(memo)

    def _excerpts_of(self, row: Sequence[str]) -> list[str]:
        excerpt = _cell(row, self.columns.excerpt)
        if excerpt:
            return [excerpt] if excerpt in self.index.texts else []
        quote = _cell(row, self.columns.quote)
        return self.index.holding(quote, _cell(row, self.columns.source)) if quote else []

    def _answers(self, row: Sequence[str], where: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
        """(code, word) of a row; cells that hold no word or no code are listed."""
        for column, code in self.columns.codes.items():
            cell = _cell(row, column)
            if word := self.choices.meant("answers", cell) if cell else "":
                yield code, word
            elif cell:
                words = self.choices.lists["answers"]
                problem = misspelt(str(column), cell, words, {str(column): self.headings[column]})
                problems.append(replace(problem, where=f"{where} {problem.where}"))
        for column in self.columns.named:
            for name in self._names(_cell(row, column)):
                if code := self.codes.get(folded(name), ""):
                    yield code, YES
                else:
                    shown = name[:LONGEST_SHOWN]
                    remedy = message("review/use_the_id_or_name")
                    problems.append(
                        Problem(
                            f"{where} column {self.headings[column]}",
                            message("review/is_not_a_code", shown=shown),
                            remedy,
                        )
                    )

    def _names(self, cell: str) -> list[str]:
        """The names of codes in a cell: the whole of it where it is one, otherwise its parts."""
        if not cell or folded(cell) in self.codes:
            return [cell] if cell else []
        separator = next((mark for mark in BETWEEN_CODES if mark in cell), ",")
        return [part.strip() for part in cell.split(separator) if part.strip()]


def _unplaced(where: str, candidates: Sequence[str]) -> Problem:
    """Why a row has no place: no excerpt, several, or one with other words than the row quotes."""
    if len(candidates) == 1:
        what = message("review/quotes_words_that_differ_from_those", excerpt=candidates[0])
        return Problem(where, what, message("review/remove_the_id"))
    what = (
        message("review/its_words_are_in_excerpts", n=len(candidates)) if candidates else message("review/its_excerpt")
    )
    return Problem(where, what, message("review/name_the_excerpt_by_its_id"))
