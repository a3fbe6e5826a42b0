"""The gate before a release: every byte of every file is searched for what would identify somebody."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import Problem
from pipeline.privacy.identifiers import IdentifierSearch, contacts_in
from pipeline.privacy.word_search import TAG, WordSearch, places_of, texts_of_markup
from pipeline.study import paths_below
from pipeline.vocabulary import Identifier
from pipeline.wording.messages import message

REMEDY = "privacy/remove_it_at_its_origin_findings"


def problems_of(folder: Path, search: IdentifierSearch, withheld: WordSearch) -> Iterator[Problem]:
    """A problem for every place in the files of a folder that identifies somebody; it names the place and never the words.

    `withheld` are sentences that are published in no form: of people who are not quoted, and of quotes that were left out.
    """
    for path in (path for path in paths_below(folder) if path.is_file()):
        name = path.relative_to(folder).as_posix()
        hits = {(name, kind) for kind in search.kinds_in(name)}
        for place, text in places_of(path.read_bytes()):
            kinds = _kinds_in(text, search, withheld)
            hits |= {(_located(f"{name} {place}".strip(), text, kind, search), kind) for kind in kinds}
        yield from (Problem(where, message(f"identifier.{kind}"), message(REMEDY)) for where, kind in sorted(hits))


def _kinds_in(text: str, search: IdentifierSearch, withheld: WordSearch) -> set[Identifier]:
    kinds = set(search.kinds_in(text))
    if any(map(withheld.in_text, texts_of_markup(text))):
        kinds.add(Identifier.WORDS)
    nodes = html.unescape(TAG.sub("\n", text))  # attributes apart: coordinates of a drawing are no telephone numbers
    return kinds | contacts_in(nodes)


def _located(where: str, text: str, kind: Identifier, search: IdentifierSearch) -> str:
    """The place with the number of the line, where one line alone holds the identifier."""
    lines = text.splitlines()
    for number, line in enumerate(lines if len(lines) > 1 else (), 1):
        if kind in search.kinds_in(line):
            return f"{where} line {number}"
    return where
