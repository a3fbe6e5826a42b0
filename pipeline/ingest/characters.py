"""Bytes to legal text: strict decoding, LF line ends, NFC, and nothing invisible. What is left out is counted."""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.errors import Problem, UnreadableError
from pipeline.provenance import count_chars, count_printable
from pipeline.records import Exclusion
from pipeline.vocabulary import ReadStatus, Reason
from pipeline.wording.messages import Message, message

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
SAMPLE = 100_000  # characters that are looked at to tell one encoding from another
SAVE_AS = "ingest/open_it_check_the_accents"

LINE_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Characters that no reader can see or that no workbook can hold. A joiner inside an emoji stays.
LEFT_OUT = {
    Reason.CONTROL: "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff",
    Reason.INVISIBLE: "\u00ad\u180e\u200b\u200c\u2060-\u2064\ufeff",
    Reason.DIRECTION: "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069",
    Reason.SURROGATE: "\ud800-\udfff",
}
JOINER = "(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
ILLEGAL = re.compile(f"[{''.join(LEFT_OUT.values())}]|{JOINER}")
REASONS = {reason: re.compile(f"[{span}]") for reason, span in LEFT_OUT.items()}

REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp|lrm|rlm);")
NOT_ASCII = re.compile(r"[A-Za-z]?[^\x00-\x7f]+[A-Za-z]?")
ENCODINGS = ("cp1252", "mac_roman", "cp850")  # Windows, old Macintosh, DOS
MOST_DOUBT = 0.5  # of the characters beyond ASCII: where more make no sense, the file makes no words
MOST_LOST = 0.001  # of the characters of a text that may be lost
LOST = "\ufffd"
STRANGE = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8, as Python keeps it
STRANGE_PLACE = re.compile("[A-Za-z]?[\udc80-\udcff]+[A-Za-z]?")
CLOSE = 0.2  # of them, between two encodings: either may be the file's
NEAR = 100  # bytes before the first such character, to show its surroundings
INSIDE_WORDS = frozenset("’‘´`")  # signs inside words: isn´t
PLAUSIBLE = frozenset("äöÄÖß£´½¼¾ñáéíóúüñàâãçèêëîïôõöùûÿœæªº°«»“”‘’–—…¿¡€·©®™§%‰\u00a0ÁÉÍÓÚÜÑÀÂÃÇÈÊËÎÏÔÕÖÙÛŒÆ")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text, what was left out of it, and how many characters both are, white space apart."""

    text: str
    chars: int
    outside: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    status: ReadStatus = ReadStatus.READ


@dataclass(slots=True)
class RawText:
    """A file's bytes as characters, before anything is taken out of them."""

    text: str
    notes: list[str] = field(default_factory=list)
    status: ReadStatus = ReadStatus.READ


def read_text(data: bytes, *, references: bool) -> Decoded:
    """The text of a file; `references` such as &#39; are written out. UnreadableError if its encoding is in doubt."""
    decoded = decode(data)
    text, written_out = write_out_references(decoded.text) if references and "&" in decoded.text else (decoded.text, 0)
    text = with_lf(text)
    outside: tuple[Exclusion, ...] = ()
    chars = count_legal(text)
    if chars is None:
        text, outside = clean(text)
        chars = count_visible(text) + sum(exclusion.chars for exclusion in outside)
    if written_out:
        outside = (*outside, Exclusion(-1, -1, "whole file", "markup", written_out))
    if "\ufffd" in text:
        lost = text.count("\ufffd")
        decoded.notes.append(message("ingest/characters_were_lost_before_the_file", n=lost))
    return Decoded(text, chars + written_out, outside, tuple(decoded.notes), decoded.status)


def decode(data: bytes) -> RawText:
    """The bytes as text: by byte order mark, else UTF-8, else UTF-16 if NULs say so, else cp1252 or MacRoman with a note."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            words = data[len(mark) :]
            return _utf8(words, len(mark)) if encoding == "utf-8" else _marked(words, encoding, len(mark))
    if wide := wide_encoding(data[:4096]):
        return _marked(data, wide, 0, note=message("ingest/read_as_it_has_no_byte", value=wide.upper()))
    return _utf8(data)


def _utf8(data: bytes, skipped: int = 0) -> RawText:
    try:
        return RawText(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _not_utf8(data, error.start, skipped)


def _marked(data: bytes, encoding: str, skipped: int, note: str = "") -> RawText:
    unit = {"utf-16-le": 2, "utf-16-be": 2}.get(encoding, 4)
    whole = len(data) - len(data) % unit
    notes = [note] if note else []
    if whole < len(data):
        notes.append(message("ingest/byte_the_file_is_cut", value=skipped + whole))
    try:
        text = data[:whole].decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        where = f"byte {error.start + skipped}"
        raise UnreadableError(
            Problem(where, message("ingest/is_not_which_its_first_bytes", encoding=encoding.upper()), message(SAVE_AS))
        ) from None
    return RawText(text, notes, ReadStatus.PARTIAL if whole < len(data) else ReadStatus.READ)


def wide_encoding(head: bytes) -> str:
    """UTF-16 without a mark: in European text, every second byte is NUL."""
    half = len(head) // 2
    if half and head[1::2].count(0) > 0.4 * half and head[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if half and head[::2].count(0) > 0.4 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _not_utf8(data: bytes, at: int, skipped: int = 0) -> RawText:
    """Bytes of which the one at `at` is not UTF-8; `skipped` bytes before them are counted in the note."""
    try:
        return RawText(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        pass
    line = data.count(b"\n", 0, at) + 1
    where = message("ingest/byte_of_a_line", at=at + skipped, line=line)
    if _has_utf8_letters(data):
        return _two_encodings(data, where)
    doubts = {encoding: _doubt(data, encoding, at) for encoding in ENCODINGS}
    if b"\n" not in data and b"\r" in data:  # lines ended as old Macintoshes do
        doubts["cp1252"] += CLOSE
    best, second = _ranked(doubts)[:2]
    if doubts[best] > MOST_DOUBT:
        return _without_strange(data, f"byte {at + skipped}", where)
    is_close = doubts[second] - doubts[best] < CLOSE
    key = "ingest/read_as_and_may_be_another" if is_close else "ingest/read_as_another_encoding"
    values = {"encoding": best, "where": where} | ({"second": second} if is_close else {})
    return RawText(data.decode(best, "replace"), [message(key, **values)])


def _ranked(doubts: Mapping[str, float]) -> list[str]:
    return sorted(ENCODINGS, key=lambda encoding: (doubts[encoding], ENCODINGS.index(encoding)))


def _without_strange(data: bytes, byte: str, where: Message) -> RawText:
    """A text with a few bytes that mean nothing, which are lost; UnreadableError if they are more than a few."""
    text = data.decode("utf-8", "replace")
    if text.count(LOST) > MOST_LOST * len(text):
        raise UnreadableError(Problem(byte, message("ingest/is_not_utf_8"), message(SAVE_AS)))
    return RawText(text, [message("ingest/gives_no_words_in_any_encoding", where=where)], ReadStatus.PARTIAL)


def _has_utf8_letters(data: bytes) -> bool:
    """Whether the file holds letters in UTF-8 (á is C3 A1): other text has no such pairs, or few among its letters."""
    if re.search(rb"\xc3[\xa1-\xbf]|\xc2[\xa1\xbf]|\xe2\x80[\x93-\xa6]", data):
        return True
    text = data.decode("utf-8", "surrogateescape")
    strange = len(STRANGE.findall(text))
    return sum(character > "\x7f" for character in text) - strange >= strange


def _two_encodings(data: bytes, where: Message) -> RawText:
    """UTF-8 with bytes that are not: these read in the encoding that makes words of them and those around, and named."""
    text = data.decode("utf-8", "surrogateescape")
    places = [match.span() for match in STRANGE_PLACE.finditer(text)]
    decoded = {encoding: _strange_bytes_decoded(text, encoding) for encoding in ENCODINGS}
    doubts = {
        encoding: sum(_is_odd(words[start:end]) for start, end in places) / len(places)
        for encoding, words in decoded.items()
    }
    best = _ranked(doubts)[0]
    count = len(STRANGE.findall(text))
    strange = message("count/first_few", places=where, more=count - 1) if count > 1 else where
    if doubts[best] > MOST_DOUBT:
        note = message("ingest/not_utf_8_and_no_words", places=strange, n=count)
        return RawText(STRANGE.sub(LOST, text), [note], ReadStatus.PARTIAL)
    note = message("ingest/two_encodings_in_one_file", places=strange, encoding=best, n=count)
    return RawText(decoded[best], [note], ReadStatus.PARTIAL)


def _strange_bytes_decoded(text: str, encoding: str) -> str:
    """The text, with the bytes that are not UTF-8 decoded by another encoding, one character each."""
    return STRANGE.sub(lambda match: match[0].encode("utf-8", "surrogateescape").decode(encoding, "replace"), text)


def _doubt(data: bytes, encoding: str, at: int) -> float:
    """The share of characters beyond ASCII, the first of them at byte `at`, that make no sense in their place."""
    places = NOT_ASCII.findall(data[max(0, at - NEAR) : at + SAMPLE].decode(encoding, "replace"))
    return sum(map(_is_odd, places)) / max(1, len(places))


def _is_odd(place: str) -> bool:
    """Whether a stretch such as `aÈb` has a character that no text has there: a capital or a sign inside a word."""
    letters = [c for c in place if ord(c) > 127]
    inside = place[0].isascii() and place[-1].isascii() and len(place) > len(letters) + 1
    follows_small = place[0].isascii() and place[0].islower()
    return any(
        c not in PLAUSIBLE or (follows_small and c.isupper()) or (inside and not c.isalpha() and c not in INSIDE_WORDS)
        for c in letters
    )


def write_out_references(text: str) -> tuple[str, int]:
    """The text with character references (&#39;) written out, and how many characters fewer it has."""
    written = REFERENCE.sub(lambda match: html.unescape(match.group()), text)
    return written, count_visible(text) - count_visible(written)


def clean(text: str) -> tuple[str, tuple[Exclusion, ...]]:
    """The text with LF line ends, NFC, and without illegal or invisible characters, which are counted by kind."""
    text = with_lf(text)
    removed: Counter[str] = Counter()
    if not is_printable(text):
        text = LINE_BREAKS.sub("\n", text)
        removed = Counter(ILLEGAL.findall(text))
        text = ILLEGAL.sub("", text) if removed else text
    joined = 0
    if not unicodedata.is_normalized("NFC", text):
        normal = unicodedata.normalize("NFC", text)
        text, joined = normal, count_chars(text) - count_chars(normal)
    return text, tuple(_counted(removed, joined))


def with_lf(text: str) -> str:
    """The text with its lines ended by LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_printable(text: str) -> bool:
    """Whether a text holds only visible characters, spaces, tabs and line ends: the usual case, and quick to check."""
    return count_printable(text) is not None


def count_legal(text: str) -> int | None:
    """How many visible characters a text has, if all of it may stay as it is; else None."""
    return count_printable(text) if unicodedata.normalize("NFC", text) == text else None  # quicker than is_normalized


def count_visible(text: str) -> int:
    """How many visible characters it has."""
    return count_chars(text)


def _counted(removed: Counter[str], joined: int) -> Iterable[Exclusion]:
    counts: Counter[str] = Counter()
    for character, times in removed.items():
        counts[_reason(character)] += times * count_chars(character)
    if joined > 0:
        counts["accents joined to their letters (NFC)"] += joined
    return [Exclusion(-1, -1, "whole file", reason, chars) for reason, chars in sorted(counts.items()) if chars]


def _reason(character: str) -> str:
    return next((r for r, pattern in REASONS.items() if pattern.match(character)), Reason.INVISIBLE)
