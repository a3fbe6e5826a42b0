"""Columns that identify people, by headings and cells."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from pipeline.ingest.survey.vocabulary import PLACE_ON_MAP, TICKED, fold_heading, words_of
from pipeline.vocabulary import Identity

MOST = 0.5  # of the cells must look like it for the cells alone to decide
NEARLY_ALL = 0.9
FEW_CELLS = 3  # below which cells alone decide nothing but by marks that nothing else has
SHORT = 4  # words of a heading beside which cells need not be looked at so closely
PROSE = 8.0  # words a cell from which an answer is an opinion and no address
FEW_VALUES = 5  # different cells: a question with few answers does not ask for addresses
LEAST_DIGITS = 6  # digits of the shortest telephone or identity number

EMAIL = re.compile(r"\S*[^@\s]@[^@\s]+\.\w{2,}\S*")
IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}|(?=.*:.*:)[0-9a-f:]{7,39}", re.IGNORECASE)
PLACE = re.compile(r"-?\d{1,3}\.\d{3,}[,; ]+-?\d{1,3}\.\d{3,}([,; ]+-?[\d.]+){0,2}|POINT ?\(.*\)", re.IGNORECASE)
DEGREES = re.compile(r"-?\d{1,3}\.\d{4,}")
TELEPHONE = re.compile(r"(\+|00)\d[\d\s().-]{6,}|\(?0?\d{1,4}\)?([\s.-]\d{2,4}){2,4}")
DIGITS_ONLY = re.compile(r"\d{8,12}")
IDENTITY = re.compile(
    r"\d{7,8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]|[A-Z]{4}\d{6}[HM][A-Z]{5}\w\d|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{1,2}\.\d{3}\.\d{3}-[\dkK]"
    r"|\d{3}-\d{2}-\d{4}|[A-Z]{1,2}\d{7,8}"
)
HANDLE = re.compile(r"@[\w.]{3,}|https?://(www\.)?(facebook|instagram|twitter|x|linkedin)\.com/\S+", re.IGNORECASE)
FULL_DATE = re.compile(r"(?:.*\D)?((?:19|20)\d\d)[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]((?:19|20)\d\d).*")
STREET = re.compile(
    r"\b(calle|av|avda|avenida|jr|jiron|psje|pasaje|carrera|cra|kra|diagonal|transversal|mz|manzana|lote|urb|urbanizacion|barrio"
    r"|pueblo joven|rua|travessa|rue|boulevard|bd|chemin|allee|street|st|road|rd|avenue|ave|lane|drive|km)\b.*\d"
    r"|\d+,? (rue|avenue|bd|boulevard|chemin|[a-z]+ (street|st|road|rd|avenue|ave|lane|drive))\b"
)
NUMBERS = re.compile(r"[^a-z]*\d[^a-z]*")  # of a map, with anything between them
YEAR = re.compile(r"(19|20)\d\d")
BORN_BEFORE, BORN_APART = 2016, 15  # dates no later than this, spread over this many years, are birthdays
NEAR = 15.0  # degrees within which the places of one study lie
# What alone shows what it is.
MARKED = {Identity.EMAIL: EMAIL, Identity.IP: IP, Identity.COORDINATES: PLACE, Identity.ACCOUNT: HANDLE}
DIFFERENT = 0.8  # of the cells differ where each is of another person
SEPARATORS = re.compile(r"/| > |::|\|")
PARTICLES = frozenset("de del la las los y e da do das dos van von der di du le".split())


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "identifying.toml").read_text("utf-8"))


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(_lists()["words"][key].split())


@cache
def _nouns() -> dict[str, Identity]:
    return {noun: Identity(kind) for kind, nouns in _lists()["nouns"].items() for noun in nouns.split()}


@cache
def _pairs() -> dict[frozenset[str], Identity]:
    return {frozenset(pair.split()): Identity(kind) for kind, pairs in _lists()["pairs"].items() for pair in pairs}


def identity_of(headings: Iterable[str], cells: Sequence[str]) -> Identity | None:
    """The identity that a column holds, or None. `headings` are its name and its question."""
    if not cells:
        return None
    texts = list(dict.fromkeys(headings))
    for heading in texts:
        if (kind := asked_by(heading)) and is_fit(kind, cells, texts):
            return kind
    for heading in texts:
        if (kind := named_in(heading)) and looks_like(kind, cells):
            return kind
    return identity_of_cells(cells)


def asked_by(heading: str) -> Identity | None:
    """The identity that a heading asks for and nothing else: `telefono_1`, `¿Cómo se llama usted?`, `hogar/nombre_jefe`."""
    if PLACE_ON_MAP.search(heading):
        return Identity.COORDINATES
    last = SEPARATORS.split(heading)[-1]
    for text in dict.fromkeys((heading, last)):
        words = [word for word in words_of(text) if not word.isdigit()]
        kind = named_in(text)
        paired = {word for pair in _pairs() if pair <= set(words) for word in pair}
        if kind and all(word in paired or _is_allowed(word) for word in words):
            return kind
    return None


def named_in(heading: str) -> Identity | None:
    """The first kind of identity for which a heading has a noun or a pair of words."""
    words = set(words_of(heading))
    kinds = {_nouns()[word] for word in words if word in _nouns()}
    kinds |= {kind for pair, kind in _pairs().items() if pair <= words}
    return min(kinds, key=list(Identity).index, default=None)


def _is_allowed(word: str) -> bool:
    return word in _nouns() or word in _words("companions") or _is_role(word)


def _is_role(word: str) -> bool:
    """Whether a word is a role, of either gender, of one or several people."""
    roles = _words("roles")
    stems = (word, word.removesuffix("s"), word.removesuffix("es"))
    return any(stem in roles or (stem.endswith("a") and f"{stem[:-1]}o" in roles) for stem in stems)


def is_fit(kind: Identity, cells: Sequence[str], headings: Sequence[str] = ()) -> bool:
    """Whether the cells may answer a heading that asks for it: yes, no, ticks and opinions do not."""
    values = {fold_heading(cell) for cell in cells}
    if values <= TICKED | {fold_heading(heading) for heading in headings}:
        return False
    return _answers_it(kind, cells, len(values))


def _answers_it(kind: Identity, cells: Sequence[str], values: int) -> bool:
    match kind:
        case Identity.TELEPHONE | Identity.IDENTITY_NUMBER:
            return share(cells, _has_digits) >= MOST or values > FEW_VALUES
        case Identity.ADDRESS:
            return _words_a_cell(cells) < PROSE and (values > FEW_VALUES or len(cells) <= 2 * values)
        case Identity.BIRTH_DATE:
            return share(cells, YEAR.fullmatch) < MOST
        case Identity.COORDINATES:
            return share(cells, NUMBERS.fullmatch) >= MOST or share(cells, PLACE.fullmatch) > 0
        case Identity.ACCOUNT:
            return _words_a_cell(cells) < SHORT and values > len(cells) / 3
        case Identity.EMAIL | Identity.IP | Identity.NAME | Identity.PLATE:
            return _words_a_cell(cells) < PROSE


def looks_like(kind: Identity, cells: Sequence[str]) -> bool:
    """Whether cells below a heading that names it among other things look like it."""
    match kind:
        case Identity.EMAIL:
            return share(cells, EMAIL.fullmatch) > 1 / 3
        case Identity.TELEPHONE | Identity.IDENTITY_NUMBER:
            return share(cells, _has_digits) >= MOST and share_of_different(cells) >= MOST
        case Identity.BIRTH_DATE:
            return share(cells, FULL_DATE.fullmatch) >= MOST
        case Identity.ADDRESS:
            return share(cells, _is_street) >= MOST / 2
        case Identity.NAME:
            return share(cells, _is_capitalised) >= NEARLY_ALL and share(cells, _has_given_name) >= MOST / 2
        case Identity.COORDINATES:
            return share(cells, PLACE.fullmatch) >= MOST or share(cells, DEGREES.fullmatch) >= MOST
        case Identity.IP:
            return share(cells, IP.fullmatch) >= MOST
    return False


def identity_of_cells(cells: Sequence[str]) -> Identity | None:
    """The identity that most cells hold, whatever their heading."""
    for kind, form in MARKED.items():
        if share(cells, form.fullmatch) > MOST:
            return kind
    if len(cells) < FEW_CELLS or share_of_different(cells) < DIFFERENT:
        return None
    return next((kind for kind, test in TESTS.items() if test(cells)), None)


def share(cells: Sequence[str], test: Any) -> float:
    """The share of cells for which a test is true."""
    return sum(bool(test(cell)) for cell in cells) / max(1, len(cells))


def share_of_different(cells: Sequence[str]) -> float:
    """The share of different cells among all."""
    return len(set(cells)) / max(1, len(cells))


def _words_a_cell(cells: Sequence[str]) -> float:
    return sum(len(cell.split()) for cell in cells) / max(1, len(cells))


def _has_digits(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= LEAST_DIGITS


def _is_street(cell: str) -> bool:
    return bool(STREET.search(fold_heading(cell)))


def _lengths(cells: Sequence[str]) -> Counter[int]:
    return Counter(sum(map(str.isdigit, cell)) for cell in cells)


def _is_one_length(cells: Sequence[str]) -> bool:
    """Whether nearly all cells have as many digits, give or take one."""
    lengths = _lengths(cells)
    usual = lengths.most_common(1)[0][0]
    return sum(lengths[usual + step] for step in (-1, 0, 1)) >= NEARLY_ALL * len(cells)


def _are_telephones(cells: Sequence[str]) -> bool:
    return (
        share(cells, lambda cell: TELEPHONE.fullmatch(cell) and sum(map(str.isdigit, cell)) > SHORT + 2) >= NEARLY_ALL
        and share(cells, FULL_DATE.fullmatch) < MOST
        and _is_one_length(cells)
    )


def _are_long_numbers(cells: Sequence[str]) -> bool:
    """Whether cells are whole numbers of one length that are not in order, as numbers of telephones and documents are."""
    if (
        share(cells, DIGITS_ONLY.fullmatch) < NEARLY_ALL
        or not _is_one_length(cells)
        or share_of_different(cells) < NEARLY_ALL
    ):
        return False
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    return numbers not in (sorted(numbers), sorted(numbers, reverse=True))


def _are_birthdays(cells: Sequence[str]) -> bool:
    """Whether cells are dates long ago, and many years apart."""
    years = [int(date[1] or date[2]) for cell in cells if (date := FULL_DATE.fullmatch(cell))]
    if len(years) < NEARLY_ALL * len(cells) or not years:
        return False
    return max(years) < BORN_BEFORE and max(years) - min(years) >= BORN_APART


def _are_degrees(cells: Sequence[str]) -> bool:
    """Whether cells are numbers of many decimals that lie near each other, as the places of one study do."""
    if share(cells, DEGREES.fullmatch) < NEARLY_ALL:
        return False
    numbers = [float(cell) for cell in cells if DEGREES.fullmatch(cell)]
    is_near = max(numbers) - min(numbers) <= NEAR and min(map(abs, numbers)) > 1
    return is_near and (min(numbers) > 0 or max(numbers) < 0) and max(map(abs, numbers)) <= 180


def _is_capitalised(cell: str) -> bool:
    """Whether a cell is a few words with capitals, as a name is."""
    words = [word for word in re.split(r"[\s,]+", cell.strip(" .,")) if fold_heading(word) not in PARTICLES]
    return 0 < len(words) <= SHORT + 1 and all(
        re.fullmatch(r"[^\W\d_][\w'’.-]*", word) and word[0].isupper() for word in words
    )


def _has_given_name(cell: str) -> bool:
    words = words_of(cell)
    return any(word in _words("given_names") for word in words) and not any(
        word in _words("of_places_and_bodies") for word in words
    )


def _are_streets(cells: Sequence[str]) -> bool:
    return share(cells, _is_street) >= MOST and _words_a_cell(cells) < PROSE


def _are_names(cells: Sequence[str]) -> bool:
    return share(cells, _is_capitalised) >= NEARLY_ALL and share(cells, _has_given_name) >= MOST


def _are_identity_numbers(cells: Sequence[str]) -> bool:
    return share(cells, IDENTITY.fullmatch) >= NEARLY_ALL or _are_long_numbers(cells)


def _are_mails_and_telephones(cells: Sequence[str]) -> bool:
    """Whether the cells are contact details of several kinds."""
    forms = (EMAIL, TELEPHONE, DIGITS_ONLY)
    return any(map(EMAIL.fullmatch, cells)) and share(cells, lambda cell: any(f.fullmatch(cell) for f in forms)) >= MOST


# What is asked of all cells together, in this order.
TESTS: Mapping[Identity, Callable[[Sequence[str]], bool]] = {
    Identity.TELEPHONE: _are_telephones,
    Identity.IDENTITY_NUMBER: _are_identity_numbers,
    Identity.BIRTH_DATE: _are_birthdays,
    Identity.COORDINATES: _are_degrees,
    Identity.ADDRESS: _are_streets,
    Identity.NAME: _are_names,
    Identity.EMAIL: _are_mails_and_telephones,
}
