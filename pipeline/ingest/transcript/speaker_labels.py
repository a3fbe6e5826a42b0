"""Names in speaker labels: how two are compared, and whether one is written like a name."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

MOST_WORDS = 7


class Label(NamedTuple):
    """What may be a speaker label: the name in it, and where the words after it begin."""

    name: str
    layout: str  # id of the layout
    end: int


PARTICLES = frozenset(
    "de del la las los el y e i van von der den da do das dos di du le the of and o a n iphone ipad".split()
)
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
    finding findings hallazgo hallazgos recommendation recommendations recomendacion recomendaciones table tabla figure figura
    outcome output indicator indicador activity actividad lesson leccion step steps paso pasos constat achado
    introduction welcome opening closing questions comments comment laughter pause silence applause break""".split()
)


# First words of a label of the transcriber's own notes, or of a sound.
NOTES = frozenset(
    """nota notas note notes observacion observaciones music musica musique musik applause aplausos aplauso
    applaudissements applaus rires risas risos laughter""".split()
)


AGE = re.compile(r",? \d{1,3} (?:años|anos|ans|years(?: old)?|yrs)$", re.IGNORECASE)  # behind a name


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """A name as it is compared: without case, accents and punctuation; initials without the spaces between."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split()
    are_initials = all(len(word) == 1 and word.isalpha() for word in words)
    return ("" if are_initials else " ").join(words)


@lru_cache(maxsize=8192)
def core(name: str) -> str:
    """The folded name without brackets after it: `E1 (probe)` is E1."""
    return fold(re.sub(r"\([^)]*\)", " ", name)) or fold(name)


def is_note_label(name: str) -> bool:
    """Whether a label such as `[NOTAS DE OBSERVACIÓN]` announces the transcriber's own words."""
    return name.startswith(("[", "(")) or core(name).split(" ")[0] in NOTES


@lru_cache(maxsize=4096)
def looks_like_name(name: str) -> bool:
    """Whether it is written as names, initials and codes are: few words, each with a capital or a digit, particles apart."""
    words = re.sub(r"[()/,.&+#]", " ", AGE.sub("", re.sub(r"\([^)]*\)", " ", name))).split()
    if not 0 < len(words) <= MOST_WORDS or (len(name) > 1 and fold(name).split(" ")[0] in NO_SPEAKER):
        return False
    if re.search(r"[^\W\d_]{5,}\. ", name):  # a sentence ends inside
        return False
    return words[0][0].isupper() and all(w[0].isupper() or w[0].isdigit() or fold(w) in PARTICLES for w in words)
