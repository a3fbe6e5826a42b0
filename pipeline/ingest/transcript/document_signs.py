"""Whether a text without labels is not an interview but a letter, a paper, notes on people, a list, minutes, a page of a site."""

import re
from collections.abc import Sequence

from pipeline.ingest.transcript.layout_engine import is_unspoken
from pipeline.records import Reading
from pipeline.vocabulary import Part

PERSON = re.compile(
    r"\b(?:yo|me|mi|mis|mí|nos|nosotr[oa]s|nuestr[oa]s?|\w{2,}mos|i|i'm|i've|my|we|our|us|je|j'|moi|mon|ma|nous|notre|eu|meu|minha"
    r"|nós|nosso|nossa|a gente|ich|mir|mich|wir|uns|unser)\b",
    re.IGNORECASE,
)
ITEM = re.compile(r"(?:[-*•–·▪◦○●]|\d{1,2}[.)]|[a-z][.)])[ \t]")
EDGE = 6  # paragraphs at the beginning and the end of a letter
LOOKED_AT = 30_000  # characters: who speaks of themselves does so on the first pages
SENTENCE_END = re.compile(r"[.!?…](?=[\s\"”»)]|$)")
WORDS_TO_A_SIGN = 150  # at least: captions of a machine have none at all, hurried notes one now and then
LEAST_WORDS = 200  # from which somebody who speaks of themselves says so
ADDRESS = re.compile(
    r"\b(?:(?i:you|yours?|ustede?s?|t[uúe]|sus?|vous|votre|vocês?|seus?|suas?)|Sie|Ihr(?:e[mnrs]?)?)\b"
)
# With which somebody is asked to speak without a question mark.
PROMPT = re.compile(
    r"(?:y |and |e |et )?(?:cu[ée]nt[ea]|h[áa]bl[ea]|d[íi](?:ga|me)|descr[íi]b[ae]|expl[íi](?:que|ca)|quisiera|me gustar[íi]a"
    r"|tell|describe|explain|walk|talk|i(?:'d| would|’d) like|cont[ea]|fal[ea]|descrev[ae]|expli(?:que|quez)|gostaria"
    r"|parle[zr]?|raconte[zr]?|d[ée]cri[vs]|j'aimerais|erz[äa]hlen|beschreiben|schildern)",
    re.IGNORECASE,
)
OF_ONESELF = re.compile(
    r"\b(?:I|[Mm]y|[Yy]o|[Mm]is?|[Mm]e \w+o|[Jj]e|[Mm](?:on|a|es)|[Ee]u|[Mm]eus?|[Mm]inhas?|[Ii]ch|[Mm]ein\w*)\b"
)
ASKED_OF_ONESELF = 0.25  # of the questions, at least: on pages of frequent questions and in diaries
ADDRESSED = 0.2  # of the questions of an interview, at least
OF_THEMSELVES = 0.004  # of the words
ITEMS = 0.4  # of the paragraphs
HEADINGS = 3
OF_PAGES = re.compile(r"https?://|</?(?:div|img|center|iframe|a|p|span|table)\b|\]\([^)\s]+\)", re.IGNORECASE)
PAGE = 0.3  # of the paragraphs hold links or tags


# A letter begins and ends so; a paper has parts and citations; notes speak of those who were asked.
GREETING = re.compile(
    r"(?:dear|to whom it may|estimad[oa]s?|querid[oa]s?|señor(?:es|a)?|prezad[oa]s?|car[oa]s?|cher|chère|madame|monsieur"
    r"|sehr geehrte|liebe[rs]?)\b.{0,60}[,:]?$",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:(?:yours|very) (?:sincerely|truly|faithfully)|sincerely|(?:kind|best|warm) regards|regards|atentamente|cordialmente"
    r"|saludos|atenciosamente|cordialement|mit freundlichen)\b.{0,30}$",
    re.IGNORECASE,
)
OF_PAPERS = (
    re.compile(r"^(?:abstract|resumen|résumé|resumo|zusammenfassung)\b", re.IGNORECASE | re.MULTILINE),
    re.compile(
        r"^(?:references|bibliograf[ií]a|referencias|bibliographie|literatur|works cited)\b",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"\[\d{1,3}(?:[,–-] ?\d{1,3})*\]"),
    re.compile(r"\bet al\.|\bdoi\b", re.IGNORECASE),
    re.compile(r"\([A-ZÁÉÍÓÚ][^()\d]{2,40},? (?:19|20)\d\d[a-z]?\)"),
)
SIGNS_OF_PAPERS = 2
OF_OTHERS = re.compile(
    r"\b(?:participants?|respondents?|interviewees?|informants?|observers?|observed|observations?|field ?notes|facilitators?|users?"
    r"|participantes?|entrevistad[oa]s?|informantes?|usuari[oa]s?|observ[oóéa]\w*|facilitador[ae]?s?|enquêtés?|befragten?|teilnehmer\w*)\b",
    re.IGNORECASE,
)
OTHERS_NAMED = 0.012  # of the words
LEAST_OTHERS = 3
RECORD = re.compile(
    r"(?:\[?\d{1,2}[:.h]\d{2}|[^\W\d_][\w /]{1,25}:\s)|[\"“”«‘']"
)  # a time, a field or a quotation begins a line
RECORDS = 0.6  # of the paragraphs
LEAST_RECORDS = 4
DRAWN_RULE = re.compile(r"\+(?:[-=:]{3,}\+)+")


def reads_like_document(reading: Reading) -> bool:
    """Whether a text without questions is not speech: by its form, or because nobody in it speaks about themselves."""
    spoken = [reading.text[span.start : span.end] for span in reading.spans if not is_unspoken(span)]
    if _has_form_of_document(reading, spoken):
        return True
    text = " ".join(spoken)
    beginning = text[:LOOKED_AT]
    words = len(beginning.split())
    others = len(OF_OTHERS.findall(beginning))
    if others >= max(LEAST_OTHERS, OTHERS_NAMED * words):
        return True
    headings = sum(span.part is Part.HEADING for span in reading.spans)
    is_long = len(text.split()) >= LEAST_WORDS
    has_sections = headings >= HEADINGS
    return (is_long and has_sections) or ((is_long or has_sections) and is_impersonal(beginning))


def _has_form_of_document(reading: Reading, spoken: Sequence[str]) -> bool:
    is_paper = _is_paper(reading.text[:LOOKED_AT], spoken)
    return holds_drawn_table(reading) or _is_letter(spoken) or is_paper or _is_list(spoken)


def holds_drawn_table(reading: Reading) -> bool:
    """Whether lines that are read as words are those of a table that is drawn (`+-----+`), which was not read as turns."""
    return any(
        not is_unspoken(span) and DRAWN_RULE.fullmatch(reading.text, span.start, span.end) for span in reading.spans
    )


def is_punctuated(reading: Reading) -> bool:
    """Whether sentences end with a sign, as they do where a question would, or the text is too short to tell."""
    words = len(reading.text[:LOOKED_AT].split())
    return words < LEAST_WORDS or len(SENTENCE_END.findall(reading.text[:LOOKED_AT])) * WORDS_TO_A_SIGN >= words


def is_impersonal(text: str) -> bool:
    """Whether hardly anybody speaks of themselves in a text."""
    return len(PERSON.findall(text)) < OF_THEMSELVES * len(text.split())


def address_somebody(questions: Sequence[str]) -> bool:
    """Whether enough questions are put to somebody: you, usted, Sie, vous, você."""
    return sum(ADDRESS.search(words) is not None for words in questions) >= ADDRESSED * len(questions) > 0


def ask_oneself(questions: Sequence[str]) -> bool:
    """Whether questions are put to nobody but who asks: *How do I join?*, *What did I see?*."""
    own = sum(OF_ONESELF.search(words) is not None for words in questions)
    return own >= ASKED_OF_ONESELF * len(questions) > 0 and not address_somebody(questions)


def asks_to_speak(words: str) -> bool:
    """Whether a paragraph is put to somebody, with or without a question mark, as *Tell me about your work* is."""
    return PROMPT.match(words) is not None or ADDRESS.search(words) is not None


def _is_letter(paragraphs: Sequence[str]) -> bool:
    greets = any(GREETING.match(words) for words in paragraphs[:EDGE])
    return greets and any(CLOSING.match(words) for words in paragraphs[-EDGE:])


def _is_paper(text: str, paragraphs: Sequence[str]) -> bool:
    signs = sum(sign.search(text) is not None for sign in OF_PAPERS)
    of_pages = sum(OF_PAGES.search(paragraph) is not None for paragraph in paragraphs)
    return signs >= SIGNS_OF_PAPERS or of_pages >= PAGE * len(paragraphs)


def _is_list(paragraphs: Sequence[str]) -> bool:
    """Whether most paragraphs are list items, rows, quotations, fields, or times with an observation."""
    items = sum(ITEM.match(paragraph) is not None or paragraph.startswith("|") for paragraph in paragraphs)
    records = sum(RECORD.match(paragraph) is not None for paragraph in paragraphs)
    is_record = len(paragraphs) >= LEAST_RECORDS and records >= RECORDS * len(paragraphs)
    is_long = sum(len(paragraph.split()) for paragraph in paragraphs) >= LEAST_WORDS
    return is_record or (is_long and len(paragraphs) > HEADINGS and items >= ITEMS * len(paragraphs))
