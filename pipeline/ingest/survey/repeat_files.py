"""Repeats that a survey tool exported as files of their own: parents beside the survey, and read as sheets of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from pipeline.config import SurveySettings
from pipeline.errors import UnreadableError
from pipeline.ingest import RepeatsFile
from pipeline.ingest.formats import detect
from pipeline.ingest.spreadsheets.book import Book, Sheet, read_book
from pipeline.ingest.survey.repeats import PARENTS
from pipeline.ingest.survey.vocabulary import fold_heading
from pipeline.vocabulary import Kind, ReadStatus
from pipeline.wording.messages import separated


def parents_of(headings: Mapping[str, Sequence[str]], blocks: Sequence[SurveySettings] = ()) -> dict[str, str]:
    """The survey that each file of repeats belongs to, by path; `headings` are those of every survey.

    It is in the same folder and has the key that the repeats name: the survey after which the file is named, or the only one.
    A file of repeats that fits none, or several, is not in the answer. What config.toml says takes precedence: `joined` in a block.
    """
    parent_named = dict(_joined(headings, blocks))
    return _by_keys({path: row for path, row in headings.items() if path not in parent_named}) | parent_named


def _joined(paths: Iterable[str], blocks: Sequence[SurveySettings]) -> Iterator[tuple[str, str]]:
    """(file, survey) of every file that config.toml joins to a survey of its folder."""
    by_name = {(PurePosixPath(path).parent, PurePosixPath(path).name): path for path in paths}
    for (folder, name), path in by_name.items():
        for block in blocks:
            main = by_name.get((folder, block.file))
            if main and name in block.joined and main != path:
                yield path, main


def _by_keys(headings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    folded = {path: set(map(fold_heading, row)) for path, row in headings.items()}
    keys = {path: _key_of_parent(row) for path, row in folded.items()}
    surveys = [path for path, key in sorted(keys.items()) if not key]
    parents = {}
    for path in sorted(keys.keys() - surveys):
        fitting = [main for main in surveys if keys[path] in folded[main] and _are_beside(path, main)]
        if parent := _parent(path, fitting):
            parents[path] = parent
    return parents


def _are_beside(path: str, other: str) -> bool:
    return PurePosixPath(path).parent == PurePosixPath(other).parent


def _parent(path: str, surveys: Sequence[str]) -> str:
    """The survey after which a file of repeats is named, otherwise the only one; nothing if there are several or none."""
    named = [main for main in surveys if _suffix(path, main)]
    return max(named, key=len, default=surveys[0] if len(surveys) == 1 else "")


def _key_of_parent(heads: Collection[str]) -> str:
    """The heading of the key that a file of repeats names; nothing if it names none."""
    return next((key for parent, key in PARENTS if parent in heads), "")


def _suffix(path: str, main: str) -> str:
    """What a file's name has after that of the survey: `persona` in `hogares-persona.csv`; nothing if it begins otherwise."""
    stem, start = PurePosixPath(path).stem, PurePosixPath(main).stem
    suffix = stem[len(start) :]
    is_named = stem.casefold().startswith(start.casefold()) and suffix and not suffix[0].isalnum()
    return suffix.strip("-_. ") if is_named else ""


def with_repeats(book: Book, main: str, files: Sequence[RepeatsFile]) -> Book:
    """The book of a survey, with a sheet for each file of repeats. UnreadableError if one of these cannot be read."""
    sheets, notes, status = list(book.sheets), list(book.notes), book.status
    for file in files:
        name = PurePosixPath(file.path).name
        read = _read(file, name)
        short = _suffix(file.path, main) or PurePosixPath(name).stem
        called = name if any(sheet.name == short for sheet in sheets) else short
        sheets += [Sheet(called, sheet.rows, name) for sheet in read.sheets]
        notes += [separated(": ", [name, note]) for note in read.notes]
        status = read.status if read.status is ReadStatus.PARTIAL else status
    return replace(book, sheets=tuple(sheets), notes=tuple(notes), status=status)


def _read(file: RepeatsFile, name: str) -> Book:
    try:
        return read_book(file.data, detect(file.data, Kind.SURVEY))
    except UnreadableError as error:
        raise UnreadableError([replace(p, where=f"{name} {p.where}".strip()) for p in error.problems]) from None
