"""Checks of a PDF's bytes before it is opened: its end is there, and no stream unpacks to more than the limit."""

import re
import zlib
from collections.abc import Iterator

from pipeline.errors import Problem, UnreadableError
from pipeline.wording.messages import message

MB = 1 << 20
LARGEST_STREAM = 100 * MB  # unpacked
LARGEST_PICTURE = (
    400 * MB
)  # of pictures, which are not read; what only says that it is one is held to this all the same
BLOCK = 1 << 16
TAIL = 2048  # bytes that must hold the end mark; mail programs append some
STREAM = re.compile(rb"stream[^\r\n]*(?:\r\n?|\n)")
OBJECT = re.compile(rb"(\d+)\s+\d+\s+obj\b")
LENGTH = re.compile(rb"/Linearized\b[^>]{0,300}?/L\s+(\d+)|/L\s+(\d+)[^>]{0,300}?/Linearized\b")
FLATE = re.compile(rb"/Fl(?:ateDecode)?\b")
NOT_THE_SUM = "incorrect data check"  # all of it was there, only its sum is another
PICTURE = re.compile(rb"/Subtype\s*/Image\b")
LONGEST_DICTIONARY = 4096
MOST_ROUNDS = 8  # of packing what is packed
FLATE_HEADS = frozenset(bytes((a, b)) for a in range(8, 128, 16) for b in range(256) if (a * 256 + b) % 31 == 0)
ANEW = "ingest/print_it_to_pdf_again"


def check_streams(data: bytes) -> list[str]:
    """The objects whose content cannot be fully unpacked. UnreadableError if one unpacks to more than the limit.

    A stream is recognised by how it begins: an attacker may have written what its dictionary says about filters and length.
    """
    damaged = []
    for match in STREAM.finditer(data):
        start = match.end()
        if data[start : start + 2] in FLATE_HEADS and data[match.start() - 3 : match.start()] != b"end":
            try:
                _check_size(data, match.start(), start)
            except zlib.error as error:
                if NOT_THE_SUM not in str(error) and FLATE.search(_dictionary(data, match.start())[1]):
                    damaged.append(_dictionary(data, match.start())[0])
    return damaged


def is_cut(data: bytes) -> bool:
    """Whether the end of the file is cut off."""
    linearized = LENGTH.search(data[:BLOCK])
    if linearized and len(data) < int(linearized.group(1) or linearized.group(2)):
        return True
    return b"%%EOF" not in data[-TAIL:]


def _check_size(data: bytes, before: int, start: int) -> None:
    """Unpack a stream, and again what comes out of it where that looks packed, keeping nothing and counting each time."""
    for rounds in range(1, MOST_ROUNDS + 1):
        blocks: Iterator[bytes] = (data[at : at + BLOCK] for at in range(start, len(data), BLOCK))
        for _ in range(rounds):
            blocks = _inflated(blocks)
        first, size = b"", 0
        try:
            for block in blocks:
                first, size = first or block, size + len(block)
                if size > LARGEST_STREAM:
                    _check_swollen(data, before, size)
        except zlib.error:
            if rounds == 1:  # else it only looked as if it were packed again
                raise
        if first[:2] not in FLATE_HEADS:
            return


def _check_swollen(data: bytes, before: int, size: int) -> None:
    """Refuse what has swollen to a size, unless it is a picture within its own limit; `before`: where its dictionary ends."""
    where, dictionary = _dictionary(data, before)
    limit = LARGEST_PICTURE if PICTURE.search(dictionary) else LARGEST_STREAM
    if size > limit:
        raise UnreadableError(Problem(where, message("ingest/a_stream_in_it_unpacks", mb=limit // MB), message(ANEW)))


def _dictionary(data: bytes, before: int) -> tuple[str, bytes]:
    """The object whose dictionary ends there, as far as is known, and the dictionary."""
    head = data[max(0, before - LONGEST_DICTIONARY) : before]
    objects = list(OBJECT.finditer(head))
    return (
        (f"object {objects[-1].group(1).decode()}", head[objects[-1].end() :]) if objects else (f"byte {before}", b"")
    )


def _inflated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What comes out of a Flate stream, block by block. zlib.error where it breaks."""
    inflate = zlib.decompressobj()
    for block in blocks:
        waiting = block
        while waiting and not inflate.eof:
            yield inflate.decompress(waiting, MB)
            waiting = inflate.unconsumed_tail
        if inflate.eof:
            return
