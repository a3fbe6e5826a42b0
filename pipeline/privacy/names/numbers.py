"""Telephone and identity numbers in a text, by phonenumbers and python-stdnum; words around decide where a number says little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from pipeline.people import fold_name
from pipeline.privacy.names import lexicon
from pipeline.privacy.names.plan import Mention
from pipeline.privacy.names.table_numbers import are_cells, have_form_of_cells
from pipeline.vocabulary import Identity, MaskEvidence, MaskStatus

NUMBER = re.compile(r"(?<![\w.,/:-])(?:\+|00)?\(?\d(?:[\d()]|[ \u00a0.‐‑–-]{1,2}(?=[\d(])){5,20}(?![\w/:]|[.,]\d)")
CODE = re.compile(
    r"(?<![\w-])(?=[A-Z0-9.\u00a0 -]*\d)[A-Z]{0,4}[0-9](?:[A-Z0-9]|[ \u00a0.-](?=[A-Z0-9])){5,32}(?![\w-])"
)
YEARS = re.compile(r"(?:19|20)\d\d(?:[ ‐‑–-]+(?:19|20)\d\d)*")
DATE = re.compile(r"\d{1,2}[.‐‑–-]\d{1,2}[.‐‑–-](?:\d\d){1,2}|\d{4}[.‐‑–-]\d{1,2}[.‐‑–-]\d{1,2}")
THOUSANDS = re.compile(r"\d{1,3}(?:[.\u00a0]\d{3})+")
NUMBERED = re.compile(r"\d{1,6}[‐‑–-](?:19|20)\d\d")  # a law, a resolution: its number and its year
BEFORE, AFTER = 45, 20  # characters of context: half a line before a number, a few words after it
LEAST_DIGITS, MOST_DIGITS = 7, 15  # of a telephone number (E.164); an identity number has 6 at least
# Countries whose national numbers are tried where a number has no country code: those of the languages of the field.
REGIONS = tuple("PE EC BO CO CL AR MX GT HN SV NI CR PA DO CU PY UY VE ES US GB CA IE BR PT FR".split())
# Numbers whose form and check digits no other number has by chance, and those for which words around must speak.
STRONG = ("iban", "es.dni", "es.nie", "mx.curp", "mx.rfc")
WEAK = (
    "pe.cui pe.ruc ec.ci ec.ruc us.ssn gb.nhs co.nit cl.rut ar.cuit gt.nit cr.cpf uy.rut py.ruc ve.rif do.cedula pt.nif "
    "br.cpf fr.nir"
).split()
CHECKED = frozenset("pe.ruc ec.ci ec.ruc gb.nhs cl.rut ar.cuit uy.rut do.cedula br.cpf fr.nir us.ssn".split())


def mentions(text: str) -> Iterator[Mention]:
    """Telephone and identity numbers, in order of kind; they may overlap."""
    for match in NUMBER.finditer(text):
        yield from _number(text, match)
    for match in CODE.finditer(text):
        yield from _code(text, match)


def context_of(text: str, start: int, end: int) -> frozenset[str]:
    """The folded words just before a stretch and, fewer, after it."""
    around = f"{text[max(0, start - BEFORE) : start]} {text[end : end + AFTER]}"
    return frozenset(fold_name(word) for word in lexicon.WORD.findall(around))


def _number(text: str, match: re.Match[str]) -> Iterator[Mention]:
    words = match[0].rstrip(" .-(")
    words = words.rstrip(")") if "(" not in words else words
    digits = re.sub(r"\D", "", words)
    start, end = match.start(), match.start() + len(words)
    if _is_of_a_calendar(words.strip("()")) or len(digits) < LEAST_DIGITS - 1:
        return
    around = context_of(text, start, end)
    status, because = _phone(words, digits, around)
    if status is MaskStatus.WAITING and are_cells(text, start, end):
        return
    if status:
        yield Mention(start, end, Identity.TELEPHONE, status, because)
    elif around & lexicon.context("identity") and not have_form_of_cells(words):
        yield Mention(start, end, Identity.IDENTITY_NUMBER, MaskStatus.MASKED, MaskEvidence.WORDS_AROUND)


def _phone(words: str, digits: str, around: frozenset[str]) -> tuple[MaskStatus | None, MaskEvidence]:
    is_identity = bool(around & lexicon.context("identity"))
    is_called = bool(around & lexicon.context("phone"))
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS or (is_identity and not is_called):
        return None, MaskEvidence.FORM
    is_international = words.startswith("+") or (words.startswith("00") and is_valid_phone(words, ("ZZ",)))
    if is_international:
        return MaskStatus.MASKED, MaskEvidence.FORM
    if is_called:
        return MaskStatus.MASKED, MaskEvidence.WORDS_AROUND
    if _is_amount(words, around) or not is_valid_phone(words, REGIONS):
        return None, MaskEvidence.FORM
    return MaskStatus.WAITING, MaskEvidence.NUMBER_ALONE


def _is_of_a_calendar(words: str) -> bool:
    """Whether a number is a date, or has a year in it."""
    return any(pattern.fullmatch(words) for pattern in (YEARS, DATE, NUMBERED))


def _is_amount(words: str, around: frozenset[str]) -> bool:
    return bool(around & lexicon.context("amount") or THOUSANDS.fullmatch(words))


@cache
def is_valid_phone(words: str, regions: tuple[str, ...]) -> bool:
    """Whether a number is one that telephones of one of the regions have."""
    import phonenumbers  # half a second, and few texts hold a number

    for region in regions:
        try:
            number = phonenumbers.parse(re.sub(r"^00", "+", words), None if region == "ZZ" else region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False


def _code(text: str, match: re.Match[str]) -> Iterator[Mention]:
    words = match[0].rstrip(" .-")
    digits = sum(character.isdigit() for character in words)
    if digits < LEAST_DIGITS - 1 or _is_of_a_calendar(words):
        return
    start, end = match.start(), match.start() + len(words)
    if any(_is_valid(name, words) for name in STRONG):
        yield Mention(start, end, Identity.IDENTITY_NUMBER, MaskStatus.MASKED, MaskEvidence.CHECK_DIGIT)
        return
    around = context_of(text, start, end)
    if around & lexicon.context("identity") and not _look_like_cells(words):
        because = (
            MaskEvidence.CHECK_DIGIT if any(_is_valid(name, words) for name in WEAK) else MaskEvidence.WORDS_AROUND
        )
        yield Mention(start, end, Identity.IDENTITY_NUMBER, MaskStatus.MASKED, because)
    elif _may_be_checked(words, around) and not are_cells(text, start, end):
        yield Mention(start, end, Identity.IDENTITY_NUMBER, MaskStatus.WAITING, MaskEvidence.CHECK_DIGIT)


def _look_like_cells(words: str) -> bool:
    """Whether they are figures that may be several cells of a table."""
    return not any(map(str.isalpha, words)) and have_form_of_cells(words)


def _may_be_checked(words: str, around: frozenset[str]) -> bool:
    return not _is_amount(words, around) and any(_is_valid(name, words) for name in CHECKED)


@cache
def _checker(name: str) -> Any:
    return import_module(f"stdnum.{name}")


@cache
def _is_valid(name: str, words: str) -> bool:
    """Whether python-stdnum takes words for a number of a kind."""
    options = {"check_country": False} if name == "iban" else {}  # check digits of its own are enough
    return bool(_checker(name).is_valid(words, **options))
