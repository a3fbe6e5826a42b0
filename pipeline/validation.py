"""Checks of what people write: the records it becomes, or every mistake as where, what, remedy."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Strict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from pipeline.errors import ConfigError, Problem, is_of_the_disk

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
        raise PydanticCustomError("strange_id", "not an id", {})
    return value


Prose = Annotated[str, Strict(), AfterValidator(_shown)]  # may be empty
Text = Annotated[Prose, StringConstraints(pattern=r"\S")]
Line = Annotated[Text, AfterValidator(_in_one_line)]
CodeId = Annotated[Text, AfterValidator(_of_plain_signs)]  # used in addresses, keys of columns and lists
Texts = tuple[Text, ...]

# error of pydantic -> (what, remedy); {key} is the key written, {expected} the words that may stand there
MESSAGES = {
    "extra_forbidden": ("no such key", "remove it, or see docs/{page} for the keys"),
    "missing": ("is missing", "add it; docs/{page} has an example"),
    "string_type": ("must be a text", 'write it in quotes: {key} = "..."'),
    "string_pattern_mismatch": ("is empty", "write something between the quotes"),
    "int_type": ("must be a whole number", "write a whole number without quotes"),
    "int_from_float": ("must be a whole number", "write a whole number without quotes"),
    "float_type": ("must be a number", "write a number without quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "tuple_type": ("must be a list", 'write a list: {key} = ["..."]'),
    "list_type": ("must be a list", 'write a list: {key} = ["..."]'),
    "dict_type": ("must be a block of keys", 'write {key}.en = "..."'),
    "model_type": ("must be a block of keys", "begin it with [{key}]"),
    "model_attributes_type": ("must be a block of keys", "begin it with [{key}]"),
    "dataclass_type": ("must be a block of keys", "begin it with a heading in brackets"),
    "control_character": ("contains a character that cannot be shown", "remove it: type the text again"),
    "strange_id": (
        "contains characters other than letters, digits, _ and -",
        'write it for example as {key} = "value_added"; `name` holds what people read',
    ),
    "unknown_word": ("is not known", "use {words}"),
}


def one_of(*words: str) -> AfterValidator:
    """A check that a text is one of these words."""

    def known(value: str) -> str:
        if value not in words:
            raise PydanticCustomError("unknown_word", "unknown", {"words": ", ".join(word for word in words if word)})
        return value

    return AfterValidator(known)


def problem_of(where: str, detail: Any, page: str) -> Problem:
    """One mistake that pydantic found, in the words of those who write; `where` names the place, `page` what describes the keys."""
    key = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    what, remedy = MESSAGES.get(detail["type"], ("cannot be used", detail["msg"].replace("Input should", "it should")))
    value = repr(detail["input"])
    shown = detail["type"] not in ("extra_forbidden", "missing") and len(value) <= LONGEST_SHOWN
    values = {"key": key, "page": page, **detail.get("ctx", {})}
    return Problem(f"{where} = {value}" if shown else where, what, remedy.format(**values))


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


def blocks(content: dict[str, Any], name: str, file: str) -> Iterator[tuple[int, Any]]:
    """The blocks `[[name]]` of a file, numbered; ConfigError if the name holds something else."""
    entries = content.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(row, dict) for row in entries):
        raise ConfigError(
            Problem(f"{file} {name}", "must be a block", f"begin each entry with [[{name}]], in double brackets")
        )
    yield from enumerate(entries, 1)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; ConfigError with the line where it breaks."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        remedy = "make study STUDY=path creates a study with one"
        raise ConfigError(Problem(path.name, "is missing", remedy)) from None
    except OSError as error:
        if is_of_the_disk(error):
            raise
        what = f"cannot be opened ({error.strerror})"
        raise ConfigError(Problem(path.name, what, "check that it is a file and that you may read it")) from None
    except UnicodeDecodeError as error:
        where = f"{path.name} byte {error.start}"
        raise ConfigError(Problem(where, "is not UTF-8", "save the file as UTF-8")) from None
    except RecursionError:
        raise ConfigError(_too_deep(path)) from None
    except ValueError as error:
        what = f"is not valid TOML: {error}"
        raise ConfigError(Problem(path.name, what, "correct that line; put texts in quotes")) from None
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
    return Problem(path.name, "is nested too deeply", "write lists of plain texts, and keys with few dots")
