"""Words that speech recognition invents in silence: subtitle credits, thanks for watching, one phrase repeated."""

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
WORD = re.compile(r"\w")
LEAST = 40  # characters of a phrase on end
BEGINNING = 9  # characters with which each of its repetitions begins
TIMES = 4


def invented(words: str) -> bool:
    """Whether speech recognition invented this paragraph: subtitle credits, thanks for watching, or one phrase repeated."""
    if len(words) > LONGEST:
        return False
    if CREDITS.match(words):
        return True
    return len(words) > LEAST and _may_repeat(words) and AGAIN.match(words) is not None


def _may_repeat(words: str) -> bool:
    """Whether the first characters come again often enough: far quicker than the pattern, which nearly no paragraph fits."""
    first = WORD.search(words)
    return first is not None and words.count(words[first.end() : first.start() + BEGINNING]) >= TIMES
