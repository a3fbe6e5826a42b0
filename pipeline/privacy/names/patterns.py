"""What a form shows: e-mail, accounts, plates, places on a map, addresses and dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.privacy.names import lexicon
from pipeline.privacy.names.numbers import context_of
from pipeline.privacy.names.plan import Mention
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus

EMAIL = re.compile(
    r"[\w.+-]+(?:@|[ ]?[\[(]?(?:arroba|at)[\])]?[ ]?(?=[\w-]+(?:\.|[ ](?:punto|dot)[ ])(?:com|org|net|edu|gob|es|pe)))"
    r"[\w-]+(?:(?:\.|[ ](?:punto|dot)[ ])[a-zA-Z]{2,})+"
)
ACCOUNT = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?(?:facebook|fb|instagram|twitter|x|linkedin|tiktok|youtube|t|wa|threads|telegram)"
    r"\.(?:com|me|net)/[^\s,;)»”\"]+[\w/]|(?<![\w@.])@[A-Za-z_][\w.]{1,28}\w"
)
# Plates by the registers of vehicles: Peru (A1B-234, until 2009 AB-1234, two wheels 1234-5A), Ecuador (ABC-1234, two wheels
# AB123C), Bolivia (1234-ABC, abroad AB 12345, diplomats 12-CD-34), Great Britain (AB12 CDE, until 2001 A123 BCD), United States.
UNITS = "USD|EUR|PEN|BOB|GBP|KWH|KVA|KMS|MTS|TON|GMT|UTC"  # after a number, no plate
PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z][A-Z0-9]{2}[- ]?\d{3,4}|[A-Z]{2}[- ]?\d{4,5}|[A-Z]{2}[- ]?\d{3}[A-Z]|[A-Z]\d{3}[ ]?[A-Z]{3}"
    rf"|\d{{3,4}}-?[A-Z]{{3}}|(?!(?:19|20)\d\d)\d{{3,4}}[ ](?!{UNITS})[A-Z]{{3}}|\d{{4}}-\d?[A-Z]|\d{{5}}[A-Z]"
    r"|\d{1,3}-(?:CD|CC|MI|OI|AD)-\d{2,3}|[A-Z]{2}\d\d[ ]?[A-Z]{3}|\d[A-Z]{3}\d{3})(?![\w-])"
)
PLATE_ALONE = re.compile(  # forms that little else has
    r"(?<![\w-])(?:[A-Z]\d[A-Z]-\d{3}|(?!(?:19|20)\d\d)\d{4}-?[A-Z]{3}|[A-Z]{2}\d\d[ ][A-Z]{3})(?![\w-])"
)
PLATE_AS_SAID = re.compile(  # in small letters, letter by letter, or with the hyphen said
    r"(?<![\w-])(?:[a-z]{3}-\d{3,4}|\d{3,4}-[a-z]{3}|(?:[A-Za-z]\s){2,3}(?:\d\s){2,4}\d|(?:\d\s){3,4}(?:[A-Za-z]\s){2}[A-Za-z]"
    r"|[A-Za-z]{2,3}\s(?:gui[oó]n|raya|dash|hyphen)\s\d{3,4}|\d{3,4}\s(?:gui[oó]n|raya|dash|hyphen)\s[A-Za-z]{3})(?![\w-])"
)
DEGREES = r"\d{1,3}\s?[°º]\s?\d{1,2}\s?['’′]\s?(?:\d{1,2}(?:[.,]\d+)?\s?(?:[\"”″]|''))?\s?[NSEWO]\b"
COORDINATES = re.compile(
    rf"[-−+]?\d{{1,3}}\.\d{{3,}}\s?°?\s?[NSns]?\s?[,;/ ]\s?[-−+]?\d{{1,3}}\.\d{{3,}}(?:\s?°?\s?[EWOeo]\b)?"
    rf"|{DEGREES}(?:\s?[,;y/-]?\s?{DEGREES})?|\b(?:1[789]|2[01])\s?[KLMN]\s?\d{{6}}\s?[,;/ ]?\s?\d{{7}}\b"
)
NAME_OF_STREET = r"(?:\s(?:(?:de|del|la|las|los|el|y)\s){0,3}(?:[A-ZÀ-Þ0-9][\w.'’-]*)){1,5}"
NUMBER_OF_HOUSE = (
    r"(?:,?\s(?:(?:[Nn](?:[°º.]|ro\.?|úmero|umero)|#|casa|lote|[Ll]t\.?|dpto\.?)\s?)?\d{1,5}(?:-?[A-Z]\b)?)"
)
ADDRESS = re.compile(
    rf"\b(?:[Aa]v(?:enida|da)?|[Cc]alle|[Jj](?:r|irón|iron)|[Pp](?:sje|asaje)|[Pp]rolongación|[Cc]arrera|[Cc]arretera|[Mm]alecón"
    rf"|[Cc]arr?a)\.?{NAME_OF_STREET}{NUMBER_OF_HOUSE}(?:,?\s(?:dpto|piso|int|interior|departamento|casa)\.?\s?\w{{1,4}}\b)?"
    rf"|\b(?:[Mm]z|[Mm]anzana)\.?\s?['\"]?[A-Z0-9]{{1,3}}['\"]?,?\s(?:[Ll]t|[Ll]ote)\.?\s?\d{{1,3}}[A-Z]?\b"
    rf"|\b\d{{1,5}}[A-Za-z]?,?(?:\s[A-Z][\w'’-]+){{1,4}}\s"
    rf"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Crescent|Terrace|Court|Way|Place|Square|Boulevard|Blvd|Gardens)\b\.?"
    rf"|\b[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b"
)
MONTH = (
    r"(?:(?i:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|ene|feb|mar|abr|jun|jul|ago|"
    r"sep|oct|nov|dic|january|february|april|june|july|august|september|october|november|december|jan|apr|aug|dec)"
    r"|March|MARCH|May|MAY)\.?"
)
ONES = "uno|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
TEENS = "diez|once|doce|trece|catorce|quince|diecis[eé]is|diecisiete|dieciocho|diecinueve"
TENS = "veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa"
BELOW_HUNDRED = rf"(?:(?:{TENS})(?:\sy\s(?:{ONES}))?|veinti\w{{2,6}}|{TEENS}|{ONES})"
DAY = rf"(?:primero|{BELOW_HUNDRED}|\d{{1,2}}(?:st|nd|rd|th|º|°)?)"
YEAR = rf"(?:(?:19|20)\d\d|['’]?\d\d|(?:mil\snovecientos|dos\smil)(?:\s{BELOW_HUNDRED})?|{BELOW_HUNDRED})"
ENGLISH_ONES = "one|two|three|four|five|six|seven|eight|nine"
ENGLISH_BELOW_HUNDRED = (
    rf"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[-\s](?:{ENGLISH_ONES}))?|ten|eleven|twelve|thirteen"
    rf"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|(?:oh\s)?(?:{ENGLISH_ONES}))"
)
ORDINAL = (
    r"(?:(?:twenty|thirty)[-\s])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
)
ENGLISH_DAY = rf"(?:(?:the\s)?(?:{ORDINAL}|\d{{1,2}}(?:st|nd|rd|th)?))"
ENGLISH_YEAR = (
    rf"(?:(?:19|20)\d\d|['’]\d\d|(?:nineteen|twenty)\s{ENGLISH_BELOW_HUNDRED}"
    rf"|two\sthousand(?:\s(?:and\s)?{ENGLISH_BELOW_HUNDRED})?)"
)
DATE = re.compile(  # only where somebody is born: a day without a year, or in words, is masked as well
    rf"(?<!\w)(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{{1,2}}[./-]\d{{1,2}}"
    rf"|\d{{1,2}}[./-]{MONTH}[./-](?:19|20)?\d\d"
    rf"|{DAY}\sde\s{MONTH}(?:,?\s(?:del?\s)?(?:año\s)?{YEAR})?"
    rf"|{MONTH}\s{DAY},?\s(?:del?\s)?{YEAR}"
    rf"|{ENGLISH_DAY}\s(?:of\s)?{MONTH}(?:,?\s{ENGLISH_YEAR})?"
    rf"|{MONTH}\s{ENGLISH_DAY}(?:,?\s{ENGLISH_YEAR})?)(?!\w)"
)
BORN = re.compile(
    r"(?:\bD\.?\s?O\.?\s?B\.?|\b[Ss]oy\sdel?|\bI(?:\sa|['’])m\sfrom)\W{0,3}$"
)  # just before a date of birth
NAME = r"[A-ZÀ-Þ][^\W\d_]+"


def mentions(text: str) -> Iterator[Mention]:
    """What the forms find, kind by kind; mentions may overlap."""
    for kind, pattern in ((Identity.EMAIL, EMAIL), (Identity.COORDINATES, COORDINATES), (Identity.ADDRESS, ADDRESS)):
        for match in pattern.finditer(text):
            yield Mention(*match.span(), kind, MaskStatus.MASKED, MaskEvidence.FORM)
    for match in ACCOUNT.finditer(text):
        yield Mention(*match.span(), Identity.ACCOUNT, MaskStatus.MASKED, MaskEvidence.FORM)
    yield from _plates(text)
    for match in DATE.finditer(text):
        is_of_birth = context_of(text, *match.span()) & lexicon.context("born") or BORN.search(text, 0, match.start())
        if is_of_birth:
            yield Mention(*match.span(), Identity.BIRTH_DATE, MaskStatus.MASKED, MaskEvidence.WORDS_AROUND)
    yield from _introduced(text)


def _plates(text: str) -> Iterator[Mention]:
    """Number plates: masked near words of vehicles; as they are said only near words of plates; else proposed by their form."""
    for pattern, words in ((PLATE, "plate"), (PLATE_AS_SAID, "plate_as_said")):
        for match in pattern.finditer(text):
            if context_of(text, *match.span()) & lexicon.context(words):
                yield Mention(*match.span(), Identity.PLATE, MaskStatus.MASKED, MaskEvidence.WORDS_AROUND)
    for match in PLATE_ALONE.finditer(text):
        yield Mention(*match.span(), Identity.PLATE, MaskStatus.WAITING, MaskEvidence.NUMBER_ALONE)


def _introduced(text: str) -> Iterator[Mention]:
    """The names that follow *me llamo* and *my name is*."""
    phrases = "|".join(map(re.escape, lexicon.introductions()))
    for match in re.finditer(rf"\b(?i:{phrases})\s({NAME}(?:\s(?:(?:de|del|la)\s)?{NAME}){{0,3}})", text):
        yield Mention(*match.span(1), Identity.NAME, MaskStatus.MASKED, MaskEvidence.INTRODUCTION)
