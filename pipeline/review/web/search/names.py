"""What the terms of a search may be called: every name of a code, family, attribute, source, ... leads to its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from pipeline import wording
from pipeline.query_language import fold_value
from pipeline.review.web.cards import family_names
from pipeline.review.web.ledger_view import LedgerView
from pipeline.review.web.search.decided import Decided
from pipeline.review.web.study_view import StudyView
from pipeline.vocabulary import CodingStatus, Kind, Stance, Strength

SELF, PEOPLE, MACHINE = "me", "people", "machine"  # who codes, beside the names of coders
WHO = {"me": SELF, "yo": SELF, "mí": SELF, "people": PEOPLE, "personas": PEOPLE, "machine": MACHINE, "máquina": MACHINE}
MOST_LISTED = 12  # names that a refusal lists
NEAREST = 4
LEAST_ALIKE = 0.5  # of 1, for a name to count as near


@dataclass(frozen=True, slots=True)
class SearchNames:
    """Key of a term -> what may be typed, folded -> what it stands for."""

    by_key: Mapping[str, Mapping[str, str]]

    def meant(self, key: str, typed: str) -> str | None:
        """What a typed value stands for; None where there is no such thing."""
        return self.by_key[key].get(fold_value(typed))

    def nearest(self, key: str, typed: str) -> list[str]:
        """The names most like what was typed, as a search reads them."""
        names, folded = self.by_key[key], fold_value(typed)
        within = [name for name in names if folded and folded in name]
        alike = get_close_matches(folded, list(names), n=NEAREST, cutoff=LEAST_ALIKE)
        return [quoted(name) for name in list(dict.fromkeys(names[each] for each in (*alike, *within)))[:NEAREST]]

    def listed(self, key: str) -> str:
        """The first names there are, as a search reads them."""
        names = [quoted(name) for name in dict.fromkeys(self.by_key[key].values())]
        return ", ".join(names[:MOST_LISTED]) + (", ..." if len(names) > MOST_LISTED else "")


def quoted(name: str) -> str:
    """A name as a search reads it: in quotes where it has spaces or brackets."""
    return f'"{name}"' if any(letter.isspace() or letter in "()" for letter in name) else name


def names_of(study: StudyView, ledger: LedgerView, decided: Decided) -> SearchNames:
    """All that the terms of a search may name."""
    shelf, attributes = study.shelf, study.search.attributes()
    closed = {"kind": ("kind", Kind), "status": ("coded_by", CodingStatus), "strength": ("strength", Strength)}
    return SearchNames(
        {
            **_codes(study),
            "person": _ids(filter(None, shelf.persons.texts)),
            "source": _sources(shelf.paths),
            "by": _coders(ledger, decided),
            "language": _closed("language", shelf.languages.texts),
            "finding": _ids(finding.id for finding in study.form.findings),
            **{key: _closed(section, words) for key, (section, words) in closed.items()},
            **{key: _labelled(attribute.labels) for key, attribute in attributes.items()},
        }
    )


def _codes(study: StudyView) -> dict[str, dict[str, str]]:
    """Codes, by themselves and by a stance on them, and families."""
    codebook = study.form.codebook
    codes = _labelled({code.id: dict(code.name) for code in codebook.criteria})
    families = _labelled({name: names for name, names in family_names(codebook).items() if name in codebook.families})
    return {"code": codes, **dict.fromkeys(map(str, Stance), codes), "family": families}


def _coders(ledger: LedgerView, decided: Decided) -> dict[str, str]:
    """The coders whose answers may be seen, and the words for oneself, people and the machine."""
    coders = [ledger.coder, *(line.coder for line in ledger.ledger.decisions if line.coder)]
    visible = _ids(coder for coder in coders if coder.casefold() in decided.by_coder)
    return visible | {fold_value(typed): who for typed, who in WHO.items()}


def _sources(paths: Mapping[str, str]) -> dict[str, str]:
    """Sources by their id, and files, which may hold several, by path and by name with and without the ending."""
    files = {path: (path, PurePath(path).name, PurePath(path).stem) for path in dict.fromkeys(paths.values())}
    return _typed(files) | _ids(paths)


def _typed(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What may be typed, folded -> what it stands for; an id goes before a name."""
    by_name: dict[str, str] = {}
    for each, of_one in names.items():
        by_name |= dict.fromkeys(map(fold_value, filter(None, of_one)), each)
    return by_name | _ids(names)


def _ids(names: Iterable[str]) -> dict[str, str]:
    return {fold_value(name): name for name in sorted(names)}


def _labelled(labels: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What has a name in each language."""
    return _typed({each: names.values() for each, names in labels.items()})


def _closed(section: str, words: Iterable[str]) -> dict[str, str]:
    """Closed words by their own name and by that in each language."""
    return _typed({str(word): _worded(section, str(word)) for word in words})


def _worded(section: str, word: str) -> tuple[str, ...]:
    return tuple(wording.closed_word(section, word, language) for language in wording.LANGUAGES)
