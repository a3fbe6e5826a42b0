"""Codebooks of other programs as trees of codes: REFI-QDA, Taguette, QualCoder, `qc`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import yaml

from pipeline.errors import Problem, UnreadableError
from pipeline.exchange.project import Code, Project, guid_of
from pipeline.exchange.reading import MOST_CODES, ProjectReading, read_qdc
from pipeline.ingest.characters import read_text
from pipeline.ingest.spreadsheets.book import read_book
from pipeline.review.form import folded
from pipeline.wording.messages import message

NAME_HEADINGS = ("tag", "name", "path", "code", "etiqueta", "nombre", "codigo")
DESCRIPTION_HEADINGS = ("description", "memo", "definition", "descripcion", "definicion")
BELOW = ">>"  # how QualCoder writes that a code is below a category
DEEPEST = 50  # levels of a tree; people use four


def read_codebook(data: bytes, name: str) -> ProjectReading:
    """The codes of a file, as a project that has codes alone; UnreadableError if it is no codebook."""
    ending = name.rpartition(".")[2].lower()
    if ending == "qdc":
        return read_qdc(data)
    codes = _of_yaml(data) if ending in ("yaml", "yml") else _of_paths(_rows(data, ending))
    if not codes:
        raise UnreadableError(
            Problem("", message("exchange/holds_no_codes"), message("exchange/check_that_it_is_the_codebook"))
        )
    return ProjectReading(Project(name="", origin="", codes=codes))


def is_codebook(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table is a codebook and not a table of codings: names of codes, and descriptions or counts beside them."""
    headings = [folded(cell) for cell in (rows[0] if rows else ())]
    return len(headings) <= 3 and _column(headings, NAME_HEADINGS) == 0 and _column(headings, DESCRIPTION_HEADINGS) == 1


def _column(headings: Sequence[str], names: Sequence[str]) -> int:
    return next((n for n, heading in enumerate(headings) if heading in names), -1)


def _rows(data: bytes, ending: str) -> list[tuple[str, str]]:
    """Path and description of each code of a table, or of QualCoder's lines of text."""
    if ending == "txt":
        return list(_lines(read_text(data, references=False).text))
    table = _table(data, ending)
    headings = [folded(cell) for cell in (table[0] if table else ())]
    path, memo = _column(headings, NAME_HEADINGS), _column(headings, DESCRIPTION_HEADINGS)
    if path < 0:  # QualCoder writes no headings: path, memo
        return [(_cell(row, 0), _cell(row, 1)) for row in table if _cell(row, 0)]
    return [(_cell(row, path), _cell(row, memo)) for row in table[1:] if _cell(row, path)]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        path, _, memo = line.partition("\t")
        if path.strip():
            yield path.strip(), memo.strip().strip('"')


def _table(data: bytes, ending: str) -> Sequence[Sequence[str]]:
    if ending == "csv":
        return list(csv.reader(io.StringIO(read_text(data, references=False).text)))
    return next((sheet.rows for sheet in read_book(data, ending).sheets if sheet.rows), ())


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if 0 <= column < len(row) else ""


def _of_paths(rows: Iterable[Sequence[str]]) -> tuple[Code, ...]:
    """A tree of codes named by their paths; what is above a code only groups, unless it has a row of its own."""
    named = {tuple(part.strip() for part in path.split(BELOW)): memo for path, memo in rows}
    every = dict.fromkeys(path[:depth] for path in named for depth in range(1, min(len(path), DEEPEST) + 1))
    if len(every) > MOST_CODES:
        what = message("exchange/has_codes_more_than", codes=len(every), most=MOST_CODES)
        raise UnreadableError(Problem("", what, message("exchange/keep_those_that_are_used")))

    def below(above: tuple[str, ...]) -> tuple[Code, ...]:
        return tuple(
            Code(
                guid=guid_of("", "path", *path),
                name=path[-1],
                description=named.get(path, ""),
                is_codable=path in named,
                codes=below(path),
            )
            for path in children.get(above, ())
        )

    children: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for path in every:
        children.setdefault(path[:-1], []).append(path)
    return below(())


def _of_yaml(data: bytes) -> tuple[Code, ...]:
    """The tree of a `qc` codebook: a list of names, and of names with what is below them."""
    text = read_text(data, references=False).text
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                where = f"line {event.start_mark.line + 1}"
                raise UnreadableError(
                    Problem(
                        where,
                        message("exchange/repeats_a_part_through_a_yaml"),
                        message("exchange/write_the_codes_out"),
                    )
                )
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise UnreadableError(
            Problem(where, message("exchange/is_not_yaml_as_qc_writes"), message("exchange/save_it_from_qc_again"))
        ) from None
    return tuple(_of_node(node, ()) for node in content) if isinstance(content, list) else ()


def _of_node(node: object, above: Sequence[str]) -> Code:
    if isinstance(node, str | int | float) and len(above) < DEEPEST:
        return Code(guid_of("", "path", *above, str(node)), str(node))
    if isinstance(node, dict) and len(node) == 1 and len(above) < DEEPEST:
        ((name, below),) = node.items()
        codes = tuple(_of_node(child, (*above, str(name))) for child in below or ())
        return Code(guid_of("", "path", *above, str(name)), str(name), codes=codes)
    raise UnreadableError(
        Problem(" > ".join(above), message("exchange/is_not_a_name"), message("exchange/see_a_codebook_of_qc"))
    )
