"""Words that nobody said: what speech recognition invents in silence, and the lines of programs and pages around what was said."""

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


OF_PROGRAM = re.compile(
    r"[*(\[]*(?:transcribed by https?://otter\.ai|retrieved from\W*https?://"
    r"|fin de (?:la )?(?:transcripci[oó]n|entrevista|cinta|grabaci[oó]n|audio)"
    r"|end of (?:the )?(?:transcript|interview|recording|audio|tape|side)"
    r"|meeting ended after|la (?:reuni[oó]n|transcripci[oó]n) (?:finaliz|termin)[oó] despu[eé]s"
    r"|a reuni[aã]o (?:foi encerrada|terminou) ap[oó]s"
    r"|la (?:r[eé]union|transcription) s'est termin[eé]e (?:apr[eè]s|au bout)"
    r"|(?:this|esta|cette) (?:editable )?transcri\w+(?: (?:editable|edit[aá]vel|modifiable))?"
    r" (?:was (?:computer )?generated|se gener[oó]|foi gerada|a [eé]t[eé] g[eé]n[eé]r[eé]e)"
    r"|(?:photo(?:graph)?s?|image) (?:credits?\b|by\b|:)|foto(?:graf[ií]a)?s?(?: de)?:"
    r"|cr[ée]dits? photos?\b|cr[ée]ditos? (?:de |das? |de las? )?(?:foto|imag))",
    re.IGNORECASE,
)
RECORDS = re.compile(r".{1,60} (?:(?:started|stopped) transcription|(?:inici[oó]|detuvo) la transcripci[oó]n)")
OF_PAGE = re.compile(
    r"(?:page|p[áa]gina|p[áa]g\.?|seite) \d{1,4}(?: ?(?:of|de|sur|von|/) ?\d{1,4})?\W*$", re.IGNORECASE
)
OF_CHAT = re.compile(r"@(?:UTF8|Begin|End)$|@[A-Z][\w ]{1,30}:(?:\t|$)")  # of CHILDES and TalkBank


def is_notice(head: str) -> bool:
    """Whether a paragraph that begins like this comes from a program or a page, not from a speaker."""
    if OF_PROGRAM.match(head) or ("transcri" in head and RECORDS.match(head)):
        return True
    return OF_PAGE.match(head) is not None or OF_CHAT.match(head) is not None
