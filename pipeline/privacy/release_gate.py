"""The gate before a release: every byte of every file is searched for what would identify somebody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import Problem
from pipeline.privacy.identifiers import IdentifierSearch, contacts_in
from pipeline.privacy.word_search import TAG, WordSearch, places_of, texts_of_markup
from pipeline.study import paths_below
from pipeline.vocabulary import Identifier
from pipeline.wording.messages import message

REMEDY = "privacy/remove_it_at_its_origin_findings"
REMEDY_OF_LABEL = "privacy/remove_the_label_or_write_it"
MARKUP = (".xml", ".rels")  # parts of office files, whose elements and attributes have names like speaker labels
WITHOUT_WORDS = re.compile(r"(?:word|xl)/(?:settings|webSettings|styles|fontTable|numbering|theme/theme\d+)\.xml$")
ELEMENT = re.compile(r"<[/?]?[A-Za-z][^<>]{0,8000}>")
ATTRIBUTE = re.compile(r"""\s(?P<name>[\w:.-]+)\s*=\s*(?P<value>"[^"]*"|'[^']*')""")


def problems_of(folder: Path, search: IdentifierSearch, withheld: WordSearch) -> Iterator[Problem]:
    """A problem for every place in the files of a folder that identifies somebody; it names the place and never the words.

    `withheld` are sentences that are published in no form: of people who are not quoted, and of quotes that were left out.
    """
    for path in (path for path in paths_below(folder) if path.is_file()):
        name = path.relative_to(folder).as_posix()
        hits = {(name, kind) for kind in search.kinds_in(name)}
        for place, text in places_of(path.read_bytes()):
            where = f"{name} {place}".strip()
            hits |= {(_located(where, text, kind, search), kind) for kind in _kinds_in(where, text, search, withheld)}
        for where, kind in sorted(hits):
            remedy = message(REMEDY_OF_LABEL if kind is Identifier.LABEL else REMEDY)
            yield Problem(where, message(f"identifier.{kind}"), remedy)


def _kinds_in(where: str, text: str, search: IdentifierSearch, withheld: WordSearch) -> set[Identifier]:
    kinds = _identifiers_in(where, text, search)
    if any(map(withheld.in_text, texts_of_markup(text))):
        kinds.add(Identifier.WORDS)
    nodes = html.unescape(TAG.sub("\n", text))  # attributes apart: coordinates of a drawing are no telephone numbers
    return kinds | contacts_in(nodes)


def _identifiers_in(where: str, text: str, search: IdentifierSearch) -> set[Identifier]:
    """The kinds of needles in a part of a file. Everything is looked for everywhere; labels, which are short, not in markup."""
    kinds = set(search.kinds_in(text))
    if Identifier.LABEL in kinds and where.endswith(MARKUP):
        has_values = WITHOUT_WORDS.search(where) is None
        without_markup = ELEMENT.sub(lambda element: _values_of(element.group()) if has_values else "<x>", text)
        if Identifier.LABEL not in search.kinds_in(without_markup):
            kinds.remove(Identifier.LABEL)
    return kinds


def _values_of(element: str) -> str:
    """A tag with the values of its attributes, which a study may bring in, and without any names."""
    pairs = ATTRIBUTE.finditer(element)
    return f"<x {' '.join(pair['value'] for pair in pairs if not pair['name'].startswith('xmlns'))}>"


def _located(where: str, text: str, kind: Identifier, search: IdentifierSearch) -> str:
    """The place with the number of the line, where one line alone holds the identifier."""
    lines = text.splitlines()
    for number, line in enumerate(lines if len(lines) > 1 else (), 1):
        if kind in _identifiers_in(where, line, search):
            return f"{where} line {number}"
    return where
