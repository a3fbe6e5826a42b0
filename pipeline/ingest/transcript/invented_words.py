"""Words that speech recognition writes where nobody speaks: credits of subtitles, thanks for watching, one phrase on end."""

import re

LONGEST = 400
CREDITS = re.compile(
    r"[\W_]*(?:(?:subt[ií]tulos?|legendas?|sous-titr\w+|untertitel\w*|subtitles?|captions?|transcri\w+|ondertiteld?)\b.{0,60}"
    r"\b(?:amara\.org|comunidad|community|comunidade|communaut[ée]|zdf|ard|radio-canada|para todos|by|von|por)\b.{0,60}"
    r"|.{0,20}amara\.org.{0,20}"
    r"|[¡!]?(?:muchas )?gracias por (?:ver|mirar|su atenci[oó]n al) (?:el|este|mi|nuestro)? ?v[ií]deo.{0,60}"
    r"|(?:thanks?(?: you)?(?: so much)?|thank you very much) for watching.{0,60}"
    r"|(?:merci d.avoir regard[ée]|obrigad[oa] por assistir|vielen dank f[üu]r['s]* zuschauen|danke f[üu]rs zuschauen).{0,60}"
    r"|(?:please )?(?:like and )?subscribe(?: to (?:the|my|our) channel)?"
    r"|suscr[ií]bete(?: al canal| a mi canal)?.{0,30}|inscreva-se no canal.{0,30}|abonnez-vous.{0,30})[\W_]*$",
    re.IGNORECASE,
)
AGAIN = re.compile(r"\W*(?P<phrase>\w[^\n]{8,80}?)(?:[\s.,;!?]+(?P=phrase)){3,}\W*$", re.IGNORECASE)
MAY_BE = re.compile(
    r"subt|legend|sous-t|unter|capt|transcr|amara|video|vídeo|watch|regard|assist|zuschau|subscr|suscr|inscrev|abonn",
    re.IGNORECASE,
)


def invented(words: str) -> bool:
    """Whether nobody says this paragraph: credits of subtitles, thanks for watching, or nothing but one phrase on end."""
    if len(words) > LONGEST:
        return False
    if MAY_BE.search(words) and CREDITS.match(words):
        return True
    return len(words) > 40 and AGAIN.match(words) is not None
