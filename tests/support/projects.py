"""REFI-QDA projects as tests look at them: validated against the official schemas, their texts and codings taken out."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from studies import TESTS

SCHEMAS = {  # of the REFI-QDA standard, under the MIT licence in their heads
    "Project": TESTS.parent / "pipeline" / "exchange" / "kept" / "Project-mrt2019.xsd",
    "Codebook": TESTS / "exchange" / "schemas" / "Codebook-mrt2019.xsd",
}
NAMES = {"p": "urn:QDA-XML:project:1.0", "c": "urn:QDA-XML:codebook:1.0"}


@dataclass(frozen=True, slots=True)
class CodedWords:
    """One coding: who, which code, and the words at its positions."""

    user: str
    code: str
    words: str
    excerpt: str


GUID = "{:08x}-0000-4000-8000-000000000000"
CODE, CODER, SOURCE = (GUID.format(number) for number in (1, 2, 3))
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def foreign_qde(*, origin: str, source: str, code: str = "Efficiency", more: str = "", space: str = NAMES["p"]) -> str:
    """The XML of another program's project with one coder, one code and the sources given."""
    return (
        f'{HEAD}<Project xmlns="{space}" name="theirs" origin="{origin}">'
        f'<Users><User guid="{CODER}" name="Ben"/></Users>'
        f'<CodeBook><Codes><Code guid="{CODE}" name="{code}" isCodable="true"/></Codes></CodeBook>'
        f"<Sources>{source}</Sources>{more}</Project>"
    )


def selection(start: int, end: int, *, number: int = 10, name: str = "", inside: str = "", code: str = CODE) -> str:
    """A selection with one coding."""
    return (
        f'<PlainTextSelection guid="{GUID.format(number)}" name="{name}" startPosition="{start}" endPosition="{end}" '
        f'creatingUser="{CODER}">{inside}<Coding guid="{GUID.format(number + 1)}" creatingUser="{CODER}">'
        f'<CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
    )


def text_source(*selections: str, name: str = "rosa", path: str = "internal://words.txt", guid: str = SOURCE) -> str:
    """A text source."""
    return f'<TextSource guid="{guid}" name="{name}" plainTextPath="{path}">{"".join(selections)}</TextSource>'


def packed(path: Path, qde: str | bytes, parts: dict[str, bytes], name: str = "project.qde") -> Path:
    """The archive of a project."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, qde)
        for part, data in parts.items():
            archive.writestr(part, data)
    return path


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS[name]))


def faults(document: Any, name: str = "Project") -> list[str]:
    """What the official schema objects to."""
    validator = schema(name)
    validator.validate(document)
    return [str(entry) for entry in validator.error_log]


def document_of(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read("project.qde"))


def text_of(path: Path, source: Any) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("sources/" + source.get("plainTextPath").removeprefix("internal://")).decode("utf-8")


def names_of(document: Any, tag: str) -> dict[str, str]:
    return {each.get("guid"): each.get("name") for each in document.iterfind(f".//p:{tag}", NAMES)}


def coded_words(path: Path) -> Iterator[CodedWords]:
    """Every coding of a project, with the words at its positions in the text inside."""
    document = document_of(path)
    users, codes = names_of(document, "User"), names_of(document, "Code")
    for source in document.iterfind(".//p:TextSource", NAMES):
        text = text_of(path, source)
        for selection in source.iterfind("p:PlainTextSelection", NAMES):
            words = text[int(selection.get("startPosition")) : int(selection.get("endPosition"))]
            for coding in selection.iterfind("p:Coding", NAMES):
                code = codes[coding.find("p:CodeRef", NAMES).get("targetGUID")]
                yield CodedWords(users[coding.get("creatingUser")], code, words, selection.get("name"))
