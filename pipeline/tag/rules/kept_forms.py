"""The forms of the words in patterns, kept from run to run: looking them up takes longer than a vote on hundreds of excerpts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.engine.work import Task, Work
from pipeline.provenance import key_of
from pipeline.tag.rules import version_of
from pipeline.tag.rules.match import parse, words_of

FILE = "forms.json"  # in coded/machine; it holds words of the codebook alone

WordForms = Mapping[str, Mapping[str, list[str]]]  # by language and word, in alphabetical order


@dataclass(frozen=True, slots=True)
class PreparedForms:
    """The file with the forms of a codebook's words; `inflected`: how many words were looked up now."""

    path: Path | None = None  # of a codebook without patterns
    inflected: int = 0


def prepare(codebook: Codebook, last: Path | None, folder: Path, work: Work) -> PreparedForms:
    """Write the forms of a codebook's words into a folder; those of the last run's folder are kept where they still hold."""
    if not codebook.patterns:
        return PreparedForms()
    current = key_of(version_of(codebook), version("simplemma"))
    forms, inflected = _kept(last / FILE, current) if last else None, 0
    if forms is None:
        forms = work.results([Task(look_up, codebook, 0)])[0]
        inflected = sum(map(len, forms.values()))
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"version": current, "forms": forms}, ensure_ascii=False, sort_keys=True)
    (folder / FILE).write_bytes(content.encode())
    return PreparedForms(folder / FILE, inflected)


@cache
def read(path: Path) -> WordForms:
    """The forms in a file: of some words, or of all that are needed."""
    forms: WordForms = json.loads(path.read_bytes())["forms"]
    return forms


def _kept(path: Path, current: str) -> WordForms | None:
    """The forms of the last run; None if there are none, or if other patterns, code or dictionaries gave them."""
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return stored["forms"] if stored["version"] == current else None


def look_up(codebook: Codebook) -> WordForms:
    """The forms of the words in a codebook's patterns, by the dictionaries; runs in a worker where there is one."""
    from pipeline.tag.rules.forms import Forms, forget_dictionaries  # spaCy is heavy, and mostly the forms are kept

    words: dict[str, set[str]] = {}
    for pattern in codebook.patterns:
        of_pattern = (word.text for word in words_of(parse(pattern.match)) if word.how == "lemma")
        words.setdefault(pattern.language, set()).update(of_pattern)
    found = {language: Forms(language, sorted(texts)).of_words() for language, texts in words.items()}
    forget_dictionaries()
    return found
