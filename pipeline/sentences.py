"""Where sentences begin and end in a text."""

import re
from collections.abc import Iterator

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
# Characters of a sentence. Nobody speaks ten minutes in one sentence: a text without marks is cut there, so that no excerpt,
# and nothing that is computed from one, grows without bound.
LONGEST = 10_000


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
    """The sentence without the white space around it; in parts, cut at a space, where it is longer than LONGEST."""
    while end - start > LONGEST:
        last_space = max(text.rfind(space, start + 1, start + LONGEST) for space in (" ", "\n", "\t"))
        cut = last_space if last_space > start else start + LONGEST
        yield from _without_space(text, start, cut)
        start = cut
    yield from _without_space(text, start, end)


def _without_space(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    stretch = text[start:end]
    first = start + len(stretch) - len(stretch.lstrip())
    last = start + len(stretch.rstrip())
    if first < last:
        yield first, last
