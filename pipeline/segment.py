"""Turns to excerpts: consecutive sentences of one turn, with exact offsets; nothing but white space is left out."""

import re
from collections.abc import Iterator, Sequence

from pipeline.config import SegmentSettings
from pipeline.provenance import excerpt_id, sha256_text
from pipeline.records import Excerpt, Text, Turn

# Words that end in a full stop without ending a sentence (es, en, fr, pt), as they are written before a capital or a digit.
ABBREVIATIONS = frozenset(
    """sr sra srta dr dra lic ing abog arq prof profa gral cnel cap tte sgto mons pbro hno hna ud uds vd vds av avda jr psje
    dpto depto mz art arts inc núm nro pág págs cap vol fig p.ej aprox máx mín tel ext cía s.a ee.uu
    mr mrs ms dr st jr sr vs eg e.g i.e ie cf gen col maj capt lt sgt rev hon gov approx dept inc ltd
    mme mlle mgr sté bd n° nº exmo exma""".split()
)
END = re.compile(r"""(?<![.!?…])[.!?…]+["'»”’)\]]*(?=\s+["'«“‘¿¡(\[—–-]*[\w¿¡])|\n[ \t]*\n\s*""")
LAST_WORD = re.compile(r"[\w.ºª°]+$")
LONGEST_WORD = 30  # that is looked at: longer than any abbreviation
TAIL = 60  # a last excerpt shorter than this many characters joins the one before


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of `text[start:end]` that are sentences, white space around them left out."""
    begin = start
    for match in END.finditer(text, start, end):
        if _ends_sentence(text, begin, match):
            yield from _trimmed(text, begin, match.end())
            begin = match.end()
    yield from _trimmed(text, begin, end)


def _ends_sentence(text: str, begin: int, match: re.Match[str]) -> bool:
    mark = match.group()
    if not mark.startswith("."):
        return "\n" in mark or _next_begins_sentence(text, match.end())
    word = LAST_WORD.search(text, max(begin, match.start() - LONGEST_WORD), match.start())
    last = word.group().lower() if word else ""
    is_initial = len(last) == 1 and last.isalpha() and word is not None and word.group().isupper()
    return last not in ABBREVIATIONS and not is_initial and _next_begins_sentence(text, match.end())


def _next_begins_sentence(text: str, at: int) -> bool:
    following = text[at : at + 12].lstrip(" \t\r\n\"'«“‘¿¡([—–-")
    return not following[:1].islower() or "¿" in text[at : at + 4] or "¡" in text[at : at + 4]


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stretch = text[start:end]
    first = start + len(stretch) - len(stretch.lstrip())
    last = start + len(stretch.rstrip())
    if first < last:
        yield first, last


def grouped(stretches: Sequence[tuple[int, int]], limits: SegmentSettings) -> list[tuple[int, int]]:
    """Consecutive stretches joined, up to the limits of sentences and characters; a sentence is never cut."""
    groups: list[list[tuple[int, int]]] = []
    for stretch in stretches:
        group = groups[-1] if groups else []
        if group and len(group) < limits.sentences and stretch[1] - group[0][0] <= limits.chars:
            group.append(stretch)
        else:
            groups.append([stretch])
    joined = [(group[0][0], group[-1][1]) for group in groups]
    return _tail_joined(joined)


def _tail_joined(groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(groups) > 1 and groups[-1][1] - groups[-1][0] < TAIL:
        return [*groups[:-2], (groups[-2][0], groups[-1][1])]
    return groups


def segment(text: Text, turns: Sequence[Turn], limits: SegmentSettings) -> list[Excerpt]:
    """The excerpts of a source's turns, in order; every character of a turn but white space is in exactly one of them."""
    return [
        _excerpt(text, turn, start, end)
        for turn in turns
        for start, end in grouped(list(sentences(text.text, turn.start, turn.end)), limits)
    ]


def _excerpt(text: Text, turn: Turn, start: int, end: int) -> Excerpt:
    words = text.text[start:end]
    return Excerpt(
        excerpt_id(text.source_id, start, end), text.source_id, turn.turn, turn.participant_id, turn.role, turn.language,
        start, end, words, sha256_text(words), turn.question, turn.place,
    )  # fmt: skip
