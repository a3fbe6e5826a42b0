"""Checks of what people write: the records it becomes, or every mistake as where, what, remedy."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, PlainValidator, Strict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from pipeline.errors import ConfigError, Problem, is_of_the_disk
from pipeline.wording.messages import message

ENTRY = ConfigDict(extra="forbid")
LONGEST_SHOWN = 40  # characters of a value that a message repeats
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
BREAKS = re.compile("[\t\n\r]")
DEEPEST = 20  # levels of a file: the codebook, the deepest, needs five


def is_line(value: object) -> bool:
    """Whether a value is a text of one line that can be shown."""
    return isinstance(value, str) and bool(value.strip()) and not CONTROL.search(value) and not BREAKS.search(value)


def _shown(value: str) -> str:
    """The text; an error where it holds a character that no page and no workbook can show."""
    if CONTROL.search(value):
        raise PydanticCustomError("control_character", "control character", {})
    return value


def _in_one_line(value: str) -> str:
    if BREAKS.search(value):
        raise PydanticCustomError("control_character", "more than one line", {})
    return value


def _of_plain_signs(value: str) -> str:
    if not re.fullmatch(r"[\w-]+", value):
        raise PydanticCustomError(
            "strange_id", "not an id", {"plain": re.sub(r"[^\w-]+", "_", value).strip("_") or "a"}
        )
    return value


Prose = Annotated[str, Strict(), AfterValidator(_shown)]  # may be empty
Text = Annotated[Prose, StringConstraints(pattern=r"\S")]
Line = Annotated[Text, AfterValidator(_in_one_line)]
CodeId = Annotated[Text, AfterValidator(_of_plain_signs)]  # used in addresses, keys of columns and lists
Texts = tuple[Text, ...]

KINDS = frozenset(
    """extra_forbidden missing string_type string_pattern_mismatch int_type int_from_float float_type bool_type tuple_type list_type
    dict_type model_type model_attributes_type dataclass_type control_character strange_id unknown_word
    greater_than_equal less_than_equal less_than""".split()
)  # errors of pydantic with a message and a remedy of their own; of the others the remedy is pydantic's


def one_of(*words: str) -> AfterValidator:
    """A check that a text is one of these words."""

    def known(value: str) -> str:
        if value not in words:
            raise PydanticCustomError("unknown_word", "unknown", {"words": ", ".join(word for word in words if word)})
        return value

    return AfterValidator(known)


def one_of_these(values: Sequence[bool | str]) -> PlainValidator:
    """A check that a value is one of these."""

    def known(value: object) -> object:
        if not isinstance(value, bool | str) or value not in values:
            shown = ", ".join(json.dumps(each) for each in values)
            raise PydanticCustomError("unknown_word", "unknown", {"words": shown})
        return value

    return PlainValidator(known)


def problem_of(where: str, detail: Any, page: str) -> Problem:
    """One mistake that pydantic found, in the words of those who write; `where` names the place, `page` what describes the keys."""
    key = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    kind = detail["type"]
    value = repr(detail["input"])
    shown = kind not in ("extra_forbidden", "missing") and len(value) <= LONGEST_SHOWN
    values = {"key": key, "page": page, **detail.get("ctx", {})}
    what, remedy = (
        (message(f"study/{kind}"), message(f"study/{kind}_remedy", **values))
        if kind in KINDS
        else (
            message("study/cannot_be_used"),
            message("study/expected", rule=detail["msg"].replace("Input should", "it should")),
        )
    )
    return Problem(f"{where} = {value}" if shown else where, what, remedy)


@cache
def _adapter(record: Any) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def read_entry(record: Any, row: Any, where: str, page: str) -> tuple[Any, list[Problem]]:
    """A row as the record it should be, or None and every mistake in it."""
    try:
        return _adapter(record).validate_python(row), []
    except ValidationError as error:
        return None, [_entry_problem(where, detail, page) for detail in error.errors(include_url=False)]


def _entry_problem(where: str, detail: Any, page: str) -> Problem:
    key = ".".join(str(part) for part in detail["loc"])
    return problem_of(f"{where} {key}".strip(), detail, page)


def blocks(content: Mapping[str, Any], name: str, file: str) -> Iterator[tuple[int, Any]]:
    """The blocks `[[name]]` of a file, numbered; ConfigError if the name holds something else."""
    entries = content.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(row, dict) for row in entries):
        raise ConfigError(
            Problem(
                f"{file} {name}",
                message("study/must_be_a_block"),
                message("study/begin_each_entry_with_in_double", name=name),
            )
        )
    yield from enumerate(entries, 1)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; ConfigError with the line where it breaks."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        remedy = message("study/make_study_study_path_creates")
        raise ConfigError(Problem(path.name, message("common/is_missing"), remedy)) from None
    except OSError as error:
        if is_of_the_disk(error):
            raise
        what = message("common/cannot_be_opened", strerror=error.strerror)
        raise ConfigError(Problem(path.name, what, message("common/check_that_it_is_a_file"))) from None
    except UnicodeDecodeError as error:
        where = f"{path.name} byte {error.start}"
        raise ConfigError(
            Problem(where, message("common/is_not_utf_8"), message("study/save_the_file_as_utf_8"))
        ) from None
    except RecursionError:
        raise ConfigError(_too_deep(path)) from None
    except ValueError as error:
        what = message("study/is_not_valid_toml", error=error)
        raise ConfigError(Problem(path.name, what, message("study/correct_that_line_put_texts"))) from None
    if _is_deep(content):
        raise ConfigError(_too_deep(path))
    return content


def _is_deep(content: object) -> bool:
    """Whether values are nested more deeply than any file of a study needs; checking them would overflow the stack."""
    level = [content]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _too_deep(path: Path) -> Problem:
    return Problem(path.name, message("common/is_nested_too_deeply"), message("study/write_lists_of_plain_texts"))
