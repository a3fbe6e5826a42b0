"""Speaker labels at the start of paragraphs (`Name:`, `**NAME:**`, `[Name]`, `Name  0:20`, `00:00:21A:`) and their look-alikes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LONGEST = 120  # characters in which a label must end
LONGEST_NAME = 60
MOST_WORDS = 7
SPARSE = 0.2  # share of paragraphs with a label below which labels that nobody knows are no speakers'
DENSE = 0.8  # share of paragraphs with a label from which one that stands but once may be a speaker's


class Style(StrEnum):
    """How a label is written."""

    COLON = "colon"
    DASH = "dash"
    BOLD = "bold"
    BRACKET = "bracket"
    TIMED = "timed"  # with a time stamp beside or above the name
    ALONE = "alone"  # a line of its own


@dataclass(frozen=True, slots=True)
class Label:
    """What may be a speaker label: the name in it, and where the words after it begin."""

    name: str
    style: Style
    end: int


TIME = r"[\[(<]?\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])>]?"
NAME = r"(?P<name>[^\W_][\w .,'’`´/()&+#°ºª-]{0,70}?)"
BOLD = re.compile(
    rf"(?:{TIME}[ \t]*)?(?:\*\*|__)[ \t]*(?P<name>[^*\n]{{1,80}}?)[ \t]*(?P<inner>:?)[ \t]*(?:\*\*|__)[ \t]*"
    rf"(?P<outer>:?)[ \t]*(?P<time>{TIME})?[ \t]*(?P<late>:?)[ \t]*"
)
BRACKET = re.compile(r"\[(?P<name>[^\]\[\n:]{1,70})\][ \t]*:?[ \t]*")
TIMED = re.compile(rf"{NAME}(?:[ \t]+|(?<=[)\]])){TIME}[ \t]*(?:-[ \t]*)?$")
TIME_FIRST = re.compile(rf"{TIME}(?:[ \t]*-->?[ \t]*{TIME})?[ \t]+{NAME}[ \t]*$")
COLON = re.compile(rf"(?:[-–—•][ \t]+)?(?:{TIME}[ \t]*[-–—]?[ \t]*)?{NAME}[ \t]*(?:{TIME}[ \t]*)?[:：](?!\d|//)[ \t]*")
DASH = re.compile(rf"(?:{TIME}[ \t]*)?{NAME}[ \t]*\.?[-–—](?=[ \t])[ \t]*")

PARTICLES = frozenset("de del la las los el y e i van von der den da do das dos di du le the of and o a n".split())
# Words that introduce something else than a speaker.
NO_SPEAKER = frozenset(
    """nota notas note notes fecha date lugar place duracion duration modalidad hora hour time inicio fin tema topic ejemplo
    example resumen summary objetivo objective pregunta_guia codigo code seudonimo entrevista interview archivo file proyecto
    project observaciones observacion contexto context titulo title asunto subject transcripcion transcript transcrito
    participantes participants sexo edad gender age idioma language entonces bueno pues mira mire digo osea ademas
    tambien primero segundo tercero first second third firstly so well then also however because porque pero y o
    warning atencion importante important total conclusion conclusiones respuesta_modelo anexo fuente source
    correo email telefono phone web http https data nb ps pd""".split()
)


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


@lru_cache(maxsize=8192)
def core(name: str) -> str:
    """The folded name without what stands in brackets after it: `E1 (probe)` is E1."""
    return fold(re.sub(r"\([^)]*\)", " ", name)) or fold(name)


def find(text: str, start: int, end: int, *, after_time: bool = False) -> Label | None:
    """What may be a label at the start of `text[start:end]`. Looks no further than LONGEST characters: a line may have 50 MB."""
    stop = min(end, start + LONGEST)
    first = text[start]
    if first in "*_" or (first in "[(<0123456789" and "**" in text[start : start + 20]):
        return _bold(text, start, stop)
    if first == "[" and (match := BRACKET.match(text, start, stop)) and _has_letter(match["name"]):
        return Label(match["name"].strip(), Style.BRACKET, match.end())
    return _timed(text, start, end) or _colon(text, start, stop) or _alone(text, start, end, after_time=after_time)


def _bold(text: str, start: int, stop: int) -> Label | None:
    match = BOLD.match(text, start, stop)
    if not match or not (match["inner"] or match["outer"] or match["time"] or match["late"]):
        return None
    return Label(match["name"].strip().removesuffix(":"), Style.TIMED if match["time"] else Style.BOLD, match.end())


def _timed(text: str, start: int, end: int) -> Label | None:
    if end - start > LONGEST or ":" not in text[start:end]:
        return None
    match = TIMED.match(text, start, end) or TIME_FIRST.match(text, start, end)
    if not match or not looks_like_name(match["name"]):
        return None
    return Label(match["name"].strip(), Style.TIMED, match.end())


def _colon(text: str, start: int, stop: int) -> Label | None:
    for pattern, style in ((COLON, Style.COLON), (DASH, Style.DASH)):
        match = pattern.match(text, start, stop)
        if match and _has_letter(match["name"]):
            return Label(match["name"].strip(), style, match.end())
    return None


def _alone(text: str, start: int, end: int, *, after_time: bool) -> Label | None:
    name = text[start:end] if end - start <= LONGEST_NAME else ""
    if not name or name[-1] in ".,;!?…" or not looks_like_name(name):
        return None
    return Label(name, Style.TIMED if after_time and " " in name else Style.ALONE, end)


def _has_letter(name: str) -> bool:
    return any(c.isalpha() for c in name)


def is_note_label(name: str) -> bool:
    """Whether a label such as `[NOTAS DE OBSERVACIÓN]` announces the transcriber's own words."""
    return name.startswith(("[", "(")) or core(name).split(" ")[0] in (
        "nota",
        "notas",
        "note",
        "notes",
        "observacion",
        "observaciones",
    )


@lru_cache(maxsize=4096)
def looks_like_name(name: str) -> bool:
    """Whether it is written as names, initials and codes are: few words, each with a capital or a digit, particles apart."""
    words = re.sub(r"[()/,.&+#]", " ", re.sub(r"\([^)]*\)", " ", name)).split()
    if not 0 < len(words) <= MOST_WORDS or fold(name).split(" ")[0] in NO_SPEAKER:
        return False
    if re.search(r"[^\W\d_]{5,}\. ", name):  # a sentence ends inside
        return False
    return words[0][0].isupper() and all(w[0].isupper() or w[0].isdigit() or fold(w) in PARTICLES for w in words)


def accepted(
    found: Sequence[Label | None], known: Callable[[str], bool], *, is_dialogue: bool = False
) -> frozenset[tuple[str, Style]]:
    """The (core name, style) of a file's speakers: the names that are known, and those that are used as speakers' are.

    Where it is not said to be a dialogue, there must be enough of them for the other paragraphs to go on with one.
    """
    labels = [label for label in found if label is not None]
    times = Counter((core(label.name), label.style) for label in labels)
    names = {(core(label.name), label.style): label.name for label in labels}
    certain = {key for key in times if known(names[key]) and (key[1] is not Style.ALONE or times[key] > 1)}
    is_named = sum(times[key] for key in certain) > 1
    spoken = certain | {
        key for key, count in times.items() if _comes_again(names[key], key[1], count, is_named=is_named)
    }
    main = _main_style(times, spoken)
    alike = sum(count for key, count in times.items() if key[1] == main and looks_like_name(names[key]))
    if not is_dialogue and not _is_dialogue(
        {key: times[key] for key in spoken}, alike, len(found), is_known=bool(certain)
    ):
        return frozenset()
    if alike >= DENSE * len(found):
        spoken |= {key for key in times if key[1] == main and _is_proper_name(names[key], main)}
    return frozenset(key for key in spoken if key[1] == main or key[1] is not Style.BRACKET)


def _is_dialogue(times: Mapping[tuple[str, Style], int], alike: int, paragraphs: int, *, is_known: bool) -> bool:
    """Whether so many paragraphs begin with a speaker that the others go on with one; else the text is one person's."""
    count = sum(times.values())
    if is_known:
        return count > 1 or alike > paragraphs / 2
    is_several = len({name for name, _ in times}) > 1
    return count > 1 and count >= (SPARSE if is_several else 0.5) * paragraphs


def is_among(label: Label | None, spoken: frozenset[tuple[str, Style]]) -> bool:
    """Whether the label is one of those accepted."""
    return label is not None and (core(label.name), label.style) in spoken


def _comes_again(name: str, style: Style, count: int, *, is_named: bool) -> bool:
    """Whether an unknown label is used as speakers' are. One common word must come three times where others are known."""
    if is_note_label(name) or not (looks_like_name(name) or style is Style.TIMED):
        return False
    is_word = " " not in name and name[1:].islower()
    if style is Style.TIMED:
        return looks_like_name(name) or count > 1
    if style in (Style.DASH, Style.ALONE):
        return style is Style.DASH and count > 2 and not is_word
    return count > (2 if is_word and is_named else 1)


def _main_style(times: Counter[tuple[str, Style]], spoken: set[tuple[str, Style]]) -> Style | None:
    styles: Counter[Style] = Counter()
    for key in spoken:
        styles[key[1]] += times[key]
    return max(styles, key=lambda style: (styles[style], style)) if styles else None


def _is_proper_name(name: str, style: Style | None) -> bool:
    """Whether a label that stands but once can be a speaker: initials, a code such as P4, or a name of two words or more."""
    if not looks_like_name(name) or is_note_label(name):
        return False
    words = re.sub(r"\([^)]*\)", " ", name).split()
    is_code = re.fullmatch(r"[^\W\d_a-z]{1,4}\d{0,3}", name) is not None
    is_name = 1 < len(words) <= 4 and all(word[0].isupper() for word in words)
    return is_code or (is_name and style not in (Style.BOLD, Style.ALONE))
