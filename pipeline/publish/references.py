"""References beside quotes in place of names: the kind of source with a number, and who speaks.

A reference says where words stand, a person's code who speaks in all places: report, annex and evidence book show both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from pipeline import wording
from pipeline.publish import Publication, labels
from pipeline.vocabulary import Kind, ReadStatus, Role

GROUP = "group"  # an interview with several people
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class References:
    """The references of a study, in its language."""

    language: str
    sources: Mapping[str, str]  # KII-07, by source_id
    speakers: Mapping[str, Mapping[str, int]]  # of an interview with several people: each person's number
    sites: Mapping[str, str] = field(default_factory=dict)  # the letter of its site, by source_id

    def of(self, source_id: str, participant: str) -> str:
        """KII-07; FGD-02.3 for the third who speaks in a group interview."""
        number = self.speakers.get(source_id, {}).get(participant, 0)
        reference = self.sources.get(source_id, source_id)
        return f"{reference}.{number}" if number else reference

    def with_person(self, source_id: str, participant: str, *, group: str, country: str, gender: str) -> str:
        """KII-07 (P-7Q3K), woman, relatives, PE, site B: what is not known is left out."""
        sex = wording.closed_word("sex", gender, self.language) if gender else ""
        letter = self.sites.get(source_id, "")
        site = wording.text("annex.site", self.language, letter=letter) if letter else ""
        code = f" ({participant})" if participant else ""
        about = (f"{self.of(source_id, participant)}{code}", sex, labels.group_name(group), country, site)
        return ", ".join(part for part in about if part)

    def named_in(self, sentence: str, sources: Iterable[str]) -> str:
        """A sentence with references in place of the ids of sources; the codes of persons stay."""
        names = sorted({name for name in sources if name}, key=lambda name: (-len(name), name))
        if not names:
            return sentence
        pattern = "|".join(map(re.escape, names))
        return re.sub(rf"(?<![\w-])(?:{pattern})(?![\w-])", lambda match: self.of(match[0], ""), sentence)


def references(publication: Publication) -> References:
    """The references of all sources that are used: by kind, in the order of their ids."""
    language = publication.settings.study.language
    used = publication.sources[publication.sources["status"] != ReadStatus.REJECTED]
    kinds = dict(zip(used["source_id"], used["kind"], strict=True))
    speakers = _speakers(publication)
    several = {name for name, numbers in speakers.items() if len(numbers) > 1 and kinds.get(name) == Kind.INTERVIEW}
    prefixes = {name: GROUP if name in several else str(kind) for name, kind in kinds.items()}
    return References(
        language=language,
        sources=dict(_numbered(prefixes, language)),
        speakers={name: speakers[name] for name in sorted(several)},
        sites=_letters(dict(zip(used["source_id"], used["site"], strict=True))),
    )


def _speakers(publication: Publication) -> dict[str, dict[str, int]]:
    """The persons who answer in each source, numbered in the order in which they first speak."""
    excerpts = publication.excerpts
    spoken = excerpts[(excerpts["role"] == Role.RESPONDENT) & (excerpts["participant"] != "")]
    first = spoken.sort_values(["source_id", "start"], kind="stable").drop_duplicates(["source_id", "participant"])
    numbers: dict[str, dict[str, int]] = {}
    for source, who in first[["source_id", "participant"]].itertuples(index=False, name=None):
        of_source = numbers.setdefault(source, {})
        of_source[who] = len(of_source) + 1
    return numbers


def _numbered(prefixes: Mapping[str, str], language: str) -> Iterator[tuple[str, str]]:
    for prefix in dict.fromkeys(prefixes.values()):
        names = sorted((name for name, each in prefixes.items() if each == prefix), key=in_number_order)
        digits = max(2, len(str(len(names))))
        word = wording.text(f"annex_reference.{prefix}", language)
        yield from ((name, f"{word}-{number:0{digits}d}") for name, number in zip(names, count(1), strict=False))


def in_number_order(name: str) -> list[tuple[int, str]]:
    """A key by which row 9 comes before row 10."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _letters(sites: Mapping[str, str]) -> dict[str, str]:
    """A letter for each site, AA after Z; none for sources without a site."""
    names = sorted({site for site in sites.values() if site}, key=str.casefold)
    letters = {name: _letter(number) for number, name in enumerate(names)}
    return {source: letters[site] for source, site in sites.items() if site}


def _letter(number: int) -> str:
    before, last = divmod(number, len(LETTERS))
    return (_letter(before - 1) if before else "") + LETTERS[last]
