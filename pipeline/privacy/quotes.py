"""Which quotes a released edition shows: consent first, then languages, identifiers, rare terms and small counts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import pandas as pd
import simplemma

from pipeline.privacy.disclosure import Name
from pipeline.privacy.identifiers import ORDINARY, IdentifierSearch, contacts_in, folded
from pipeline.records import Participant
from pipeline.vocabulary import Consent, Edition, LinkStatus, QuoteReason

# Who may be quoted: in public only who said so in clear words; partners also see words on which the register has no column.
QUOTED = {Edition.PARTNER: frozenset({Consent.YES, Consent.UNSAID}), Edition.PUBLIC: frozenset({Consent.YES})}
STATUSES = {
    Edition.PARTNER: frozenset({LinkStatus.CONFIRMED, LinkStatus.SUGGESTED}),
    Edition.PUBLIC: frozenset({LinkStatus.CONFIRMED}),  # a person has read them
}
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SENTENCE_ENDS = '.!?…:;"«“(¿¡\n-–—'
SHORTEST_TERM = 2  # letters
CellsOf = Callable[[pd.Series], Iterable[Name]]  # the counts of persons to which a quote adds its speaker


def quotable(people: Iterable[Participant], edition: Edition) -> frozenset[str]:
    """The participant ids of those whose words may be quoted in an edition."""
    return frozenset(
        person.participant_id
        for person in people
        if person.consent in QUOTED[edition] and (person.is_consent_stated or edition is Edition.PARTNER)
    )


class RareTerms:
    """Words that look like names and that few persons use."""

    def __init__(self, texts: Iterable[tuple[str, str]], smallest: int) -> None:
        """`texts` are pairs of a person and words of that person."""
        speakers: dict[str, set[str]] = defaultdict(set)
        for person, text in texts:
            for word in set(folded(text).split()):
                speakers[word].add(person)
        self._common = {word for word, persons in speakers.items() if len(persons) >= smallest}

    def are_in(self, text: str) -> bool:
        """Whether a text has a capitalised word that fewer persons use than are needed for a count."""
        return any(not self._common.issuperset(folded(word).split()) for word in names_in(text))


def names_in(text: str) -> Iterator[str]:
    """The words of a text that look like names: capitalised, and at the beginning of a sentence in no dictionary."""
    for match in WORD.finditer(text):
        word = match.group()
        if len(word) < SHORTEST_TERM or not word[0].isupper() or word == "I":
            continue
        before = text[: match.start()].rstrip()
        is_first = not before or before[-1] in SENTENCE_ENDS
        if not is_first or not simplemma.is_known(word.lower(), lang=ORDINARY):
            yield word


def screened(
    rows: pd.DataFrame,
    *,
    quotable_ids: Collection[str],
    edition: Edition,
    languages: Mapping[str, str],
    doubtful: Collection[str],
    search: IdentifierSearch,
    terms: RareTerms,
) -> pd.Series:
    """For each row of evidence the reason why its quote is left out, or "".

    `languages` holds the language in which a person is classed with enough others; a quote in another one stands out. `doubtful`
    are the excerpts with words of which nobody has decided whether they are a name.
    """
    reasons: list[str] = []
    for row in rows.itertuples(index=False):
        is_person = bool(row.participant)
        if is_person and not _may_be_quoted(str(row.participant_id), quotable_ids, edition):
            reasons.append(QuoteReason.CONSENT)
        elif is_person and languages.get(str(row.participant)) != row.language:
            reasons.append(QuoteReason.LANGUAGE)
        elif row.excerpt_id in doubtful or search.kinds_in(str(row.quote)) or contacts_in(str(row.quote)):
            reasons.append(QuoteReason.IDENTIFIER)
        elif terms.are_in(str(row.quote)):
            reasons.append(QuoteReason.RARE_TERM)
        else:
            reasons.append("")
    return pd.Series(reasons, index=rows.index, dtype="str")


def _may_be_quoted(participant_id: str, quotable_ids: Collection[str], edition: Edition) -> bool:
    """Whether somebody may be quoted; people in no register never said, and are quoted to partners only."""
    return participant_id in quotable_ids or (not participant_id and edition is Edition.PARTNER)


def few_persons(
    rows: pd.DataFrame, small: Collection[Name], cells_of: CellsOf, *, before: Mapping[Name, str]
) -> pd.Series:
    """Whether a quote must be left out because its speaker would be the second one quoted behind a small count.

    Quotes of two persons show that the count is at least two, which is more than a small count may say. The rows come in the
    order in which quotes are preferred. `before` has who was quoted behind a small count in earlier editions: nobody else is
    now, also where that person is gone.
    """
    speakers = dict(before)
    is_left_out: list[bool] = []
    for _, row in rows.iterrows():
        cells = (
            [cell for cell in cells_of(row) if cell in small] if row["participant"] else []
        )  # documents are no persons
        is_second = any(speakers.get(cell, row["participant"]) != row["participant"] for cell in cells)
        if not is_second:
            speakers |= dict.fromkeys(cells, row["participant"])
        is_left_out.append(is_second)
    return pd.Series(is_left_out, index=rows.index, dtype=bool)
