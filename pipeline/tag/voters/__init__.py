"""What a voter is, what it hands back, and what of that counts: votes on codes of the codebook, with words that were said.

A voter sees excerpts and the codebook, and answers for each excerpt with a `Ballot`: an `Opinion` on every code that it has one on.
A code without an opinion is an abstention; what of an answer cannot be used is a fault, and never a vote.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from unicodedata import normalize

from pipeline.codebook import Codebook
from pipeline.errors import UserError
from pipeline.provenance import key_of
from pipeline.records import Example, Excerpt
from pipeline.vocabulary import Fault

TEXTS = ("name", "definition", "include", "exclude")  # what of a code a voter may go by: a change asks for new votes


@dataclass(frozen=True, slots=True)
class Opinion:
    """A voter's opinion on one code: 1 yes or 0 no, how sure it is (0 to 1), and the words of the excerpt that it rests on."""

    criterion: str
    vote: int
    score: float = 1.0
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A voter's answer on one excerpt. `request` and `answer`: what was asked and answered, to be kept where somebody may look."""

    excerpt_id: str
    opinions: tuple[Opinion, ...] = ()
    faults: tuple[Fault, ...] = ()
    request: str = ""
    answer: str = ""


class Voter(Protocol):
    """Something that votes. `version` names its votes: other choices, another version, and it is asked again."""

    version: str

    def vote(self, excerpts: Sequence[Excerpt], codebook: Codebook) -> Iterable[Ballot]:
        """A ballot for every excerpt, one by one: each is kept at once. VoterDownError ends it early."""


class VoterDownError(UserError):
    """A voter cannot answer any more; what it answered is kept."""


def instructions_of(voter: Voter, codebook: Codebook) -> str:
    """What a voter tells whoever it asks before every excerpt, as far as it says so; blank otherwise."""
    return str(getattr(voter, "instructions", lambda _: "")(codebook))


def version_of(voter: Voter, codebook: Codebook) -> str:
    """The version of a voter's votes: its own, with the texts that define the codes."""
    codes = [[code.id, code.parent, *(getattr(code, name) for name in TEXTS)] for code in codebook.criteria]
    return key_of(str(voter.version), codes)


def text_key(text: Excerpt | Example) -> str:
    """The key under which the ballot on a text is kept: its language, question and words. Equal answers are asked about once."""
    return key_of(text.language, text.question, text.text)


def checked(ballot: Ballot, text: str, codes: Collection[str]) -> Ballot:
    """The ballot with what counts of it: one opinion per code of the codebook, resting on words of the text."""
    votes = Counter(opinion.criterion for opinion in ballot.opinions)
    kept, faults = [], list(ballot.faults)
    for opinion in ballot.opinions:
        fault = _fault_of(opinion, text, codes, votes[opinion.criterion])
        if fault is None:
            kept.append(replace(opinion, vote=int(opinion.vote), score=float(opinion.score)))
        else:
            faults.append(fault)
    return replace(ballot, opinions=tuple(kept), faults=tuple(faults))


def _fault_of(opinion: Opinion, text: str, codes: Collection[str], votes: int) -> Fault | None:
    if opinion.criterion not in codes:
        return Fault.UNKNOWN_CODE
    if votes > 1:
        return Fault.VOTED_TWICE
    if opinion.vote not in (0, 1) or not 0 <= opinion.score <= 1:
        return Fault.NO_VOTE
    return None if not opinion.quote or is_quoted(opinion.quote, text) else Fault.OTHER_WORDS


def is_quoted(quote: str, text: str) -> bool:
    """Whether whole words of the text are quoted, word for word; white space apart."""
    words, spoken = _words(quote), _words(text)
    is_there = bool(words) and words in spoken  # at least: nobody makes a pattern of a million letters
    return is_there and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", spoken) is not None


def _words(text: str) -> str:
    return " ".join(normalize("NFC", text).split())
