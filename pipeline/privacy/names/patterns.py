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
PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z][A-Z0-9][A-Z0-9][- ]?\d{3,4}|\d{3,4}[- ]?[A-Z]{3}|\d{4}[- ]\d?[A-Z]|[A-Z]{2}\d\d[ ]?[A-Z]{3})(?![\w-])"
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
    r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre|ene|feb|mar|abr|may|jun|jul|ago|"
    r"sep|oct|nov|dic|january|february|march|april|june|july|august|september|october|november|december|jan|apr|aug|dec)\.?"
)
DATE = re.compile(
    rf"\b(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{{1,2}}[./-]\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|º|°)?\s(?:de\s|of\s)?{MONTH}(?:\s(?:de|del)|,)?\s(?:19|20)\d\d"
    rf"|{MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
NAME = r"[A-ZÀ-Þ][^\W\d_]+"


def mentions(text: str) -> Iterator[Mention]:
    """What the forms find, kind by kind; mentions may overlap."""
    for kind, pattern in ((Identity.EMAIL, EMAIL), (Identity.COORDINATES, COORDINATES), (Identity.ADDRESS, ADDRESS)):
        for match in pattern.finditer(text):
            yield Mention(*match.span(), kind, MaskStatus.MASKED, MaskEvidence.FORM)
    for match in ACCOUNT.finditer(text):
        yield Mention(*match.span(), Identity.ACCOUNT, MaskStatus.MASKED, MaskEvidence.FORM)
    for kind, pattern, words in ((Identity.PLATE, PLATE, "plate"), (Identity.BIRTH_DATE, DATE, "born")):
        for match in pattern.finditer(text):
            if context_of(text, *match.span()) & lexicon.context(words):
                yield Mention(*match.span(), kind, MaskStatus.MASKED, MaskEvidence.WORDS_AROUND)
    yield from _introduced(text)


def _introduced(text: str) -> Iterator[Mention]:
    """The names that follow *me llamo* and *my name is*."""
    phrases = "|".join(map(re.escape, lexicon.introductions()))
    for match in re.finditer(rf"\b(?i:{phrases})\s({NAME}(?:\s(?:(?:de|del|la)\s)?{NAME}){{0,3}})", text):
        yield Mention(*match.span(1), Identity.NAME, MaskStatus.MASKED, MaskEvidence.INTRODUCTION)
