"""Content hashes, stable ids and versions of the code: what makes a result repeatable and checkable."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from pipeline import __version__


def sha256_bytes(data: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def sha256_text(text: str) -> str:
    """The SHA-256 of a text's UTF-8, in hex."""
    return sha256_bytes(text.encode("utf-8", "surrogatepass"))


def sha256_file(path: Path) -> str:
    """The SHA-256 of a file's content, in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


BLOCK = 1024


def block_digests(data: bytes) -> str:
    """The first 8 hex digits of the SHA-256 of every block of 1,024 bytes, joined: they locate a change in a file."""
    return "".join(sha256_bytes(data[i : i + BLOCK])[:8] for i in range(0, len(data), BLOCK))


def block_digests_of(path: Path) -> str:
    """The block digests of a file's content, read some blocks at a time."""
    with path.open("rb") as file:
        return "".join(block_digests(data) for data in iter(partial(file.read, BLOCK * BLOCK), b""))


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def key_of(*parts: object) -> str:
    """A short key (16 hex digits) of anything that can be written as JSON."""
    return sha256_text(canonical_json(parts))[:16]


def excerpt_id(source_id: str, start: int, end: int) -> str:
    """The id of the stretch `[start, end)` of a source's canonical text."""
    return f"{source_id}:{start}-{end}"


def count_chars(text: str) -> int:
    """How many characters (code points) a text has, white space apart."""
    printable = count_printable(text)
    if printable is not None:
        return printable
    return sum(len(word) for at in range(0, len(text), STRETCH) for word in text[at : at + STRETCH].split())


def count_printable(text: str) -> int | None:
    """How many characters a text has, white space apart, if it holds only visible ones, spaces, tabs and line ends; else None.

    Six times faster than splitting the text, with little memory.
    """
    spaced = text.replace("\n", " ").replace("\t", " ").replace("\u00a0", " ")
    return len(spaced) - spaced.count(" ") if spaced.isprintable() else None


STRETCH = 1_000_000  # characters that are split at a time


PACKAGE = Path(__file__).parent
IMPORT = re.compile(
    r"^[ \t]*(?:from (pipeline[\w.]*) import (?:\(([^)]*)\)|([^\n]+))|import (pipeline[\w.]*))", re.MULTILINE
)
NAME = re.compile(r"\w+")
ENTRANCE = "__init__.py"  # of the package: what it imports is for scripts, and no stage runs it


def program() -> str:
    """The version of the program with a hash of the code that makes a study's outputs; code of other commands does not count."""
    return f"{__version__}+{code_version('steps/run.py', 'ingest', 'publish')}"  # readers are imported by name


@cache
def code_version(*parts: str) -> str:
    """A hash of some modules and folders of this package, of all that they import from it, and of the data files beside these.

    Stored results carry the version of the code that made them: results of other code never pass for unchanged, and a
    change elsewhere throws nothing away.
    """
    return key_of(*((name, sha256_file(PACKAGE / name)) for name in code_files(*parts)))


def code_files(*parts: str) -> list[str]:
    """The files that `code_version` counts, as paths below the package, sorted. A folder means all files in it."""
    pending = {name for part in parts for name in _files_of(part)}
    counted: set[str] = set()
    while pending:
        name = pending.pop()
        counted.add(name)
        if name.endswith(".py") and name != ENTRANCE:
            pending |= _needed_by(name) - counted
    return sorted(counted)


def _files_of(part: str) -> list[str]:
    files = [name for name in _package_files() if name == part or name.startswith(f"{part}/")]
    if not files:
        raise FileNotFoundError(PACKAGE / part)
    return files


def _needed_by(module: str) -> frozenset[str]:
    """The modules that a module imports, and the data files beside it."""
    beside = {name for name in _package_files() if not name.endswith(".py") and _folder(name) == _folder(module)}
    return _package_files().intersection(_imported((PACKAGE / module).read_text("utf-8"))) | beside


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


@cache
def _package_files() -> frozenset[str]:
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return frozenset(path.relative_to(PACKAGE).as_posix() for path in files)


def _imported(source: str) -> Iterator[str]:
    """Where the modules of this package would lie that a source imports, wherever in it, and the packages around them."""
    for module, in_brackets, in_line, plain in IMPORT.findall(source):
        steps = (module or plain).split(".")[1:]
        outer = ["/".join(steps[:depth]) for depth in range(1, len(steps) + 1)]
        inner = ["/".join([*steps, name]) for name in NAME.findall((in_brackets or in_line).partition("#")[0])]
        yield ENTRANCE
        for stem in (*outer, *inner):
            yield from (f"{stem}.py", f"{stem}/__init__.py")


def edition(choices: object, inputs: Mapping[str, str]) -> str:
    """A short name (8 hex digits) of what is published: the same program, choices and hashes of inputs give the same name."""
    return key_of(program(), choices, dict(inputs))[:8]
