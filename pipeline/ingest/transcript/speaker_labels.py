"""Speaker labels at the start of paragraphs (`Name:`, `**NAME:**`, `[Name]`, `Name  0:20`, `00:00:21A:`) and their look-alikes."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LONGEST = 120  # characters in which a label must end
LONGEST_NAME = 60
MOST_WORDS = 7


class Style(StrEnum):
    """How a label is written."""

    COLON = "colon"
    DASH = "dash"
    STOP = "stop"  # a letter before a full stop
    BOLD = "bold"
    TAB = "tab"
    BRACKET = "bracket"
    ANGLE = "angle"
    ROUND = "round"  # a code in round brackets
    TIMED = "timed"  # with a time stamp beside or above the name
    ALONE = "alone"  # a line of its own


@dataclass(frozen=True, slots=True)
class Label:
    """What may be a speaker label: the name in it, and where the words after it begin."""

    name: str
    style: Style
    end: int


SP = r"[^\S\n]"  # white space of every kind within a line
CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
TIME = rf"[\[(<]?{CLOCK}[\])>]?"
TIMES = rf"[\[(<]?{CLOCK}[\])>]?(?:{SP}*(?:-->?|[-–—]){SP}*[\[(<]?{CLOCK}[\])>]?)?"  # a time, or from when to when
# What a label may hold; hyphens of every kind stand between letters.
INSIDE = r"(?:[\w \t\u00a0\u2002-\u200a\u202f\u3000.,'’‘ʼ`´/()&+#°ºª-]|(?<=\w)[\u2010-\u2013](?=\w))"
NAME = rf"(?P<name>[^\W_]{INSIDE}{{0,70}}?)"
# A bullet, a mark of a quote, or a number before a label. A bullet wants no space behind it where it can be nothing else.
LEAD = re.compile(
    rf"(?:[-–—*]{SP}+|[-–—•·▪◦●○■►➢➤»>]{SP}*)?(?:(?:\d{{1,4}}(?:[.)\]]|\.-)?|[#(\[]\d{{1,4}}[)\]]?){SP}+)?"
)
# When a message was sent, as programs for chats write it.
SENT = re.compile(
    rf"\[?\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}},?{SP}+\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:{SP}*[apAP]\.?{SP}?[mM]\.?)?\]?{SP}*[-–—]?{SP}*"
)
BY_AND_TO = re.compile(r"(?:From|De) (?P<who>.+?)(?: (?:to|a|para) .+)?")  # before the colon in a chat
BOLD = re.compile(
    rf"(?:{TIMES}{SP}*)?(?:\*\*|__){SP}*(?P<name>[^*\n]{{1,80}}?){SP}*(?P<inner>:?){SP}*(?:\*\*|__){SP}*"
    rf"(?P<outer>:?){SP}*(?P<time>{TIMES})?{SP}*(?P<late>:?){SP}*"
)
BRACKET = re.compile(rf"\[(?P<name>[^\]\[\n:]{{1,70}})\]{SP}*:?{SP}*")
ANGLE = re.compile(rf"<(?P<name>[^<>\n:]{{1,60}})>{SP}*:?{SP}*")
ROUND = re.compile(rf"\((?P<name>[^\W\d_a-z]{{1,3}}\d{{0,3}})\){SP}*:?{SP}*")
TIMED = re.compile(
    rf"{NAME}(?:(?:{SP}+|(?<=[)\]])){TIMES}{SP}*(?:-{SP}*)?|{SP}*:{SP}+\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,3}})?{SP}*)$"
)
TIME_FIRST = re.compile(rf"{TIMES}(?:{SP}+|{SP}*[-–—]{SP}*){NAME}{SP}*$")
COLON = re.compile(rf"(?:{TIMES}{SP}*[-–—]?{SP}*)?{NAME}{SP}*(?:{TIMES}{SP}*)?[:：](?!\d|//){SP}*")
DASH = re.compile(rf"(?:{TIMES}{SP}*)?{NAME}{SP}*\.?[-–—](?={SP}){SP}*")
TAB = re.compile(rf"(?:{TIMES}{SP}*)?(?P<name>[^\W_][^\t\n:]{{0,60}}?)\t+(?=\S)")
STOP = re.compile(rf"(?P<name>[^\W\d_a-z])\.{SP}+(?=\S)")

ENCLOSED = {"[": (BRACKET, Style.BRACKET), "<": (ANGLE, Style.ANGLE), "(": (ROUND, Style.ROUND)}

PARTICLES = frozenset("de del la las los el y e i van von der den da do das dos di du le the of and o a n".split())
# Words that introduce something else than a speaker.
NO_SPEAKER = frozenset(
    """nota notas note notes fecha date lugar place duracion duration modalidad hora hour time inicio fin tema topic ejemplo
    example resumen summary objetivo objective pregunta_guia codigo code seudonimo entrevista interview archivo file proyecto
    project observaciones observacion contexto context titulo title asunto subject transcripcion transcript transcrito
    participantes participants sexo edad gender age idioma language entonces bueno pues mira mire digo osea ademas
    tambien primero segundo tercero first second third firstly so well then also however because porque pero y o
    warning atencion importante important total conclusion conclusiones respuesta_modelo anexo fuente source
    correo email telefono phone web http https data nb ps pd ojo resultado ventaja desventaja problema pregunta
    respuesta dato verdad cosa razon motivo solucion idea senores senoras seccion bloque cierre capitulo parte result advantage
    disadvantage problem answer reason solution section chapter preguntas apertura introduccion bienvenida agradecimiento
    agradecimientos despedida consentimiento comentario comentarios grabacion audio video pausa risas silencio aplausos
    introduction welcome opening closing questions comments comment laughter pause silence applause break""".split()
)


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation; initials without the spaces between."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
    are_initials = all(len(word) == 1 and word.isalpha() for word in words)
    return ("" if are_initials else " ").join(words)


@lru_cache(maxsize=8192)
def core(name: str) -> str:
    """The folded name without what stands in brackets after it: `E1 (probe)` is E1."""
    return fold(re.sub(r"\([^)]*\)", " ", name)) or fold(name)


def find(text: str, start: int, end: int, *, after_time: bool = False) -> Label | None:
    """What may be a label at the start of `text[start:end]`. Looks no further than LONGEST characters: a line may have 50 MB."""
    stop = min(end, start + LONGEST)
    lead = SENT.match(text, start, stop) or LEAD.match(text, start, stop)
    behind = lead.end() if lead and lead.end() < stop else start
    label = _find(text, behind, end, after_time=after_time)
    return label or (_find(text, start, end, after_time=after_time) if behind > start else None)


def _find(text: str, start: int, end: int, *, after_time: bool) -> Label | None:
    stop = min(end, start + LONGEST)
    first = text[start]
    if first in "*_" or (first in "[(<0123456789" and "**" in text[start : start + 20]):
        return _bold(text, start, stop)
    if first in ENCLOSED:
        pattern, style = ENCLOSED[first]
        if (match := pattern.match(text, start, stop)) and _has_letter(match["name"]):
            return _label(match, style)
    return _timed(text, start, end) or _colon(text, start, stop) or _alone(text, start, end, after_time=after_time)


def _label(match: re.Match[str], style: Style) -> Label:
    name = " ".join(match["name"].split()).removesuffix(":")
    if match.group()[0].isdigit() and (sent := BY_AND_TO.fullmatch(name)):
        name = sent["who"]
    return Label(name, style, match.end())


def _bold(text: str, start: int, stop: int) -> Label | None:
    match = BOLD.match(text, start, stop)
    if not match or not (match["inner"] or match["outer"] or match["time"] or match["late"]):
        return None
    return _label(match, Style.TIMED if match["time"] else Style.BOLD)


def _timed(text: str, start: int, end: int) -> Label | None:
    if end - start > LONGEST or ":" not in text[start:end]:
        return None
    match = TIMED.match(text, start, end) or TIME_FIRST.match(text, start, end)
    if not match or not looks_like_name(match["name"]):
        return None
    return _label(match, Style.TIMED)


def _colon(text: str, start: int, stop: int) -> Label | None:
    for pattern, style in ((COLON, Style.COLON), (TAB, Style.TAB), (DASH, Style.DASH), (STOP, Style.STOP)):
        match = pattern.match(text, start, stop)
        if match and _has_letter(match["name"]):
            return _label(match, style)
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
