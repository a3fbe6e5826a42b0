"""Sources with the same or nearly the same words as another: answers in two files, a transcript and its corrected copy."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

LEAST_WORDS = 8  # below, two people may well say the same
SHINGLE = 3  # consecutive words by which texts are compared
NEAR = 0.8  # of the shingles of both texts are in each: a word in twelve may be changed
COMMON = 50  # texts with a shingle, from which it tells nothing
WORD = re.compile(r"\w+")

Shingles = frozenset[tuple[str, ...]]


def find_copies(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The source that each copy is a copy of; `texts` are (source id, words) in the order in which the first counts."""
    first_with: dict[tuple[str, ...], str] = {}
    shingles: dict[str, Shingles] = {}
    sources_with: Mapping[tuple[str, ...], list[str]] = defaultdict(list)
    copies: dict[str, str] = {}
    for source_id, text in texts:
        words = tuple(_words(text))
        if len(words) < LEAST_WORDS:
            continue
        if (first := first_with.setdefault(words, source_id)) != source_id:
            copies[source_id] = copies.get(first, first)
            continue
        own_shingles = frozenset(words[at : at + SHINGLE] for at in range(len(words) - SHINGLE + 1))
        if near := _nearest(own_shingles, shingles, sources_with):
            copies[source_id] = near
            continue
        shingles[source_id] = own_shingles
        for shingle in own_shingles:
            sources_with[shingle].append(source_id)
    return copies


def _words(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return WORD.findall(plain)


def _nearest(
    shingles: Shingles, earlier: Mapping[str, Shingles], sources_with: Mapping[tuple[str, ...], list[str]]
) -> str:
    """The earlier source that shares nearly all shingles, or nothing."""
    shared: Counter[str] = Counter()
    for shingle in shingles:
        sources = sources_with.get(shingle, ())
        if len(sources) < COMMON:
            shared.update(sources)
    for source_id, count in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        if count >= NEAR * len(shingles | earlier[source_id]):
            return source_id
    return ""
