"""The words to choose from in a review workbook: as its reader sees them, and as the ledger writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.vocabulary import Direction, Stance

NO, YES = "no", "yes"
CODE_WORDS = (*Stance, YES, NO)  # what a criterion's cell may say; blank: not decided
OF_COLUMN = {
    "code:": "answers",
    "rest": "rest",
    "other": "codes",
    "stance": "stances",
    "finding": "findings",
    "direction": "directions",
    "ruling": "rulings",
}
INFO = "word"  # what begins the key of a row that says what a word means


@dataclass(frozen=True, slots=True)
class Choices:
    """The lists of a workbook: what a reader chooses from, and what each choice means."""

    lists: Mapping[str, Mapping[str, str]]  # list -> what is shown -> what it means

    def shown(self, name: str, word: str) -> str:
        """A word of the ledger as it stands in a cell."""
        return next((shown for shown, means in self.lists[name].items() if means == word), word)

    def meant(self, name: str, cell: str) -> str:
        """What a cell means; nothing where it holds none of the words. A spreadsheet program takes capitals for small letters."""
        words = self.lists[name]
        return words.get(cell) or {shown.casefold(): means for shown, means in words.items()}.get(cell.casefold(), "")

    def info(self) -> Iterator[tuple[str, str]]:
        """What each word means, as rows by which a workbook is read when it comes back."""
        for name, words in self.lists.items():
            yield from ((f"{INFO}:{name}:{shown}", means) for shown, means in words.items())

    def as_told(self, info: Mapping[str, str]) -> Choices:
        """The lists as a workbook tells them of itself; what means nothing here any more is no choice."""
        told: dict[str, dict[str, str]] = {}
        for key, means in info.items():
            kind, _, rest = key.partition(":")
            name, _, shown = rest.partition(":")
            if kind == INFO and means in self.lists.get(name, {}).values():
                told.setdefault(name, {})[shown] = means
        return Choices({**self.lists, **told})


def choices(codebook: Codebook, others: Iterable[str], findings: Iterable[str], language: str) -> Choices:
    """The lists in a language; `others` are the codes that have no column of their own."""
    stances = {wording.closed_word("stance", word, language): str(word) for word in Stance}
    yes, no = ({wording.closed_word("answer", word, language): word} for word in (YES, NO))
    directions = {wording.closed_word("direction", word, language): str(word) for word in Direction}
    answers = {**stances, **yes, **no}
    return Choices(
        {
            "answers": answers,
            "rest": no,
            "codes": _code_names(codebook, tuple(others), language),
            "stances": {**stances, **no},
            "findings": {name: name for name in findings},
            "directions": {**directions, **no},
            "rulings": {**answers, **directions},
        }
    )


def _code_names(codebook: Codebook, codes: tuple[str, ...], language: str) -> dict[str, str]:
    """The codes under their names; where two have one name, each with its id."""
    names = [codebook[code].text("name", language) or code for code in codes]
    alike = [name.casefold() for name in names]
    return {
        f"{name} ({code})" if alike.count(name.casefold()) > 1 else name: code
        for name, code in zip(names, codes, strict=True)
    }


def list_of(key: str) -> str:
    """The list that a column is chosen from, by the column's machine key; nothing for a column of free text."""
    if key.startswith("code:"):
        return OF_COLUMN["code:"]
    return OF_COLUMN.get("stance" if key.endswith("_stance") else key.rstrip("0123456789"), "")
