"""What can be answered about an excerpt: codes, findings, and the words to choose from, for people and for the ledger.

A form is filled in by a workbook or by the review page; both speak of its cells by the same machine keys.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.findings import Finding
from pipeline.vocabulary import Direction, Stance

NO, YES = "no", "yes"
FURTHER_CODES = 4  # pairs of cells for codes of other families, where no row needs more; few rows carry more of them
FINDINGS = 2  # pairs of cells for findings and directions, where no row needs more; these come before the memo
CODE = "code:"  # what begins the key of a criterion's cell
LIST_OF_COLUMN = {
    CODE: "answers",
    "rest": "rest",
    "accept": "accept",
    "other": "codes",
    "stance": "stances",
    "finding": "findings",
    "direction": "directions",
    "ruling": "rulings",
}
WORD = "word"  # prefix of keys in the sheet Info that give the meaning of a word

# What people type besides the words of a list, folded. A tick is a yes where the list has a yes.
YES_SIGNS = ("x", "✓", "✔", "1", "true", "verdadero", "y", "s", "ok")
NO_SIGNS = ("0", "false", "falso", "n")
LISTS_WITHOUT_SIGNS = frozenset({"codes", "findings", "rest"})  # there a tick could mean two things
VARIANTS = {
    "positivo": Stance.POSITIVE,
    "negativo": Stance.NEGATIVE,
    "mixto": Stance.MIXED,
    "support": Direction.SUPPORTS,
    "contradict": Direction.CONTRADICTS,
    "qualify": Direction.QUALIFIES,
    "apoya": Direction.SUPPORTS,
}


def criterion_key(criterion: str) -> str:
    """The machine key of a criterion's cell."""
    return CODE + criterion


def folded(cell: str) -> str:
    """A word as it is compared: without accents, capitals and surrounding white space."""
    letters = unicodedata.normalize("NFKD", cell.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip(".!")


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of a form: what a reader chooses from, and what each choice means.

    `also` has for each list what else is understood, folded: the words of the other language, ids, and signs.
    """

    lists: Mapping[str, Mapping[str, str]]  # list -> what is shown -> what it means
    also: Mapping[str, Mapping[str, str]]

    def shown(self, name: str, word: str) -> str:
        """A word of the ledger as shown in a cell."""
        return next((shown for shown, means in self.lists[name].items() if means == word), word)

    def meant(self, name: str, cell: str) -> str:
        """What a cell means; nothing if it holds none of the words, or an ambiguous one."""
        words = self.lists[name]
        if cell in words:
            return words[cell]
        shown = {folded(text): means for text, means in words.items()}
        return shown.get(folded(cell)) or self.also.get(name, {}).get(folded(cell), "")

    def info(self) -> Iterator[tuple[str, str]]:
        """What each word means, as rows from which a returned workbook is read."""
        for name, words in self.lists.items():
            yield from ((f"{WORD}:{name}:{shown}", means) for shown, means in words.items())

    def with_words_of(self, info: Mapping[str, str]) -> Choices:
        """The choices as a workbook's sheet Info lists them, without those that no longer mean anything here."""
        lists: dict[str, dict[str, str]] = {}
        also = {name: dict(words) for name, words in self.also.items()}
        for key, means in info.items():
            kind, _, named = key.partition(":")
            name, _, shown = named.partition(":")
            if kind != WORD or name not in self.lists:
                continue
            if means in self.lists[name].values():
                lists.setdefault(name, {})[shown] = means
            else:
                also[name].pop(folded(shown), "")
        return replace(self, lists={**self.lists, **lists}, also=also)


@dataclass(frozen=True, slots=True)
class Form:
    """What can be answered: the codes of the main family each in a cell of its own, further codes, findings."""

    codebook: Codebook
    findings: tuple[Finding, ...]
    criteria: tuple[str, ...]  # codes with a cell of their own
    further_codes: tuple[str, ...]  # codes chosen from a list
    finding_ids: tuple[str, ...]
    pairs_of_codes: int = FURTHER_CODES
    pairs_of_findings: int = FINDINGS
    shown: frozenset[str] | None = None  # the codes that it shows; None: all of the codebook

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that it shows, in the order of the codebook."""
        return tuple(code for code in self.codebook.ids if self.shown is None or code in self.shown)

    @classmethod
    def of(cls, codebook: Codebook, findings: Iterable[Finding]) -> Form:
        """The form of a study."""
        criteria = codebook.main_codes
        further_codes = tuple(code for code in codebook.ids if code not in criteria)
        findings = tuple(findings)
        return cls(codebook, findings, criteria, further_codes, tuple(finding.id for finding in findings))

    def with_pairs(self, codes: int, findings: int) -> Form:
        """The form with cells for at least this many further codes and findings."""
        return replace(self, pairs_of_codes=max(FURTHER_CODES, codes), pairs_of_findings=max(FINDINGS, findings))

    def showing(self, codes: Iterable[str]) -> Form:
        """The form as handed out with these codes, without those that no longer exist."""
        return replace(self, shown=frozenset(codes))

    def answer_keys(self) -> tuple[str, ...]:
        """The machine keys of the cells that a coder fills in, in order."""
        codes = [key for n in range(1, self.pairs_of_codes + 1) for key in (f"other{n}", f"other{n}_stance")]
        links = [key for n in range(1, self.pairs_of_findings + 1) for key in (f"finding{n}", f"direction{n}")]
        first, further = links[: 2 * FINDINGS], links[2 * FINDINGS :]
        return ("accept", *map(criterion_key, self.criteria), "rest", *first, "memo", *codes, *further)

    def choices(self, language: str) -> Choices:
        """The words to choose from, in a language; what people type in another language is understood as well."""
        lists = _lists(self, language)
        in_languages = [lists, *(_lists(self, other) for other in wording.LANGUAGES if other != language)]
        also = {name: _understood(name, list(map(itemgetter(name), in_languages))) for name in lists}
        return Choices(lists, also)


def _lists(form: Form, language: str) -> dict[str, dict[str, str]]:
    stances = {wording.closed_word("stance", word, language): str(word) for word in Stance}
    yes, no = ({wording.closed_word("answer", word, language): word} for word in (YES, NO))
    directions = {wording.closed_word("direction", word, language): str(word) for word in Direction}
    answers = {**stances, **yes, **no}
    return {
        "answers": answers,
        "rest": no,
        "accept": yes,
        "codes": _code_names(form, language),
        "stances": {**stances, **no},
        "findings": {name: name for name in form.finding_ids},
        "directions": {**directions, **no},
        "rulings": {**answers, **directions},
    }


def _code_names(form: Form, language: str) -> dict[str, str]:
    """The further codes under their names; where two have one name, each with its id."""
    names = [form.codebook[code].text("name", language) or code for code in form.further_codes]
    alike = [folded(name) for name in names]
    return {
        f"{name} ({code})" if alike.count(folded(name)) > 1 else name: code
        for name, code in zip(names, form.further_codes, strict=True)
    }


def _understood(name: str, lists: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Everything that a list is understood by, folded; a text with two meanings is not understood."""
    meanings: dict[str, set[str]] = {}
    for words in lists:
        for shown, means in words.items():
            meanings.setdefault(folded(shown), set()).add(means)
            meanings.setdefault(folded(means), set()).add(means)
    words_of_list = set[str]().union(*meanings.values())
    for text, means in _signs_of(name):
        if means in words_of_list:
            meanings.setdefault(text, set()).add(means)
    return {text: next(iter(every)) for text, every in meanings.items() if len(every) == 1}


def _signs_of(name: str) -> Iterator[tuple[str, str]]:
    """What people type besides the words of a list, folded, and what it means where the list has that word."""
    yield from ((text, str(means)) for text, means in VARIANTS.items())
    if name not in LISTS_WITHOUT_SIGNS:
        yield from ((text, YES) for text in YES_SIGNS)
        yield from ((text, NO) for text in NO_SIGNS)


def list_of(key: str) -> str:
    """The list that a cell is chosen from, by its machine key; nothing for a cell of free text."""
    if key.startswith(CODE):
        return LIST_OF_COLUMN[CODE]
    return LIST_OF_COLUMN.get("stance" if key.endswith("_stance") else key.rstrip("0123456789"), "")
