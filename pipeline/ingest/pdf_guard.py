"""What must hold of a PDF before it is opened, seen in its bytes: its end is there, and no stream swells beyond measure."""

import re
import zlib
from collections.abc import Iterator

from pipeline.errors import Problem, UnreadableError

MB = 1 << 20
LARGEST_STREAM = 100 * MB  # unpacked; pictures, which are not read, apart
BLOCK = 1 << 16
TAIL = 2048  # bytes in which the mark of the end must stand; mail programs append some
STREAM = re.compile(rb"stream\r?\n")
OBJECT = re.compile(rb"(\d+)\s+\d+\s+obj\b")
FILTERS = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/\w+))")
LENGTH = re.compile(rb"/Linearized\b[^>]{0,300}?/L\s+(\d+)|/L\s+(\d+)[^>]{0,300}?/Linearized\b")
PICTURE = re.compile(rb"/Subtype\s*/Image\b")
LONGEST_DICTIONARY = 4096
FLATE = {b"/FlateDecode", b"/Fl"}
ANEW = "print it to PDF anew from its source"


def check_streams(data: bytes) -> None:
    """UnreadableError naming the object whose content would swell beyond LARGEST_STREAM."""
    before = 0
    for match in STREAM.finditer(data):
        if match.start() < before or data[match.start() - 3 : match.start()] == b"end":
            continue
        opened = list(OBJECT.finditer(data, max(before, match.start() - LONGEST_DICTIONARY), match.start()))
        dictionary = data[opened[-1].end() if opened else match.start() : match.start()]
        rounds = _flate_rounds(dictionary)
        if rounds and not PICTURE.search(dictionary):
            _check_size(data, match.end(), rounds, opened[-1].group(1).decode())
        before = match.end()


def is_cut(data: bytes) -> bool:
    """Whether the end of the file is missing."""
    linearized = LENGTH.search(data[:BLOCK])
    if linearized and len(data) < int(linearized.group(1) or linearized.group(2)):
        return True
    return b"%%EOF" not in data[-TAIL:]


def _flate_rounds(dictionary: bytes) -> int:
    """How many times a stream is to be inflated before another filter comes, if it comes at all."""
    found = FILTERS.search(dictionary)
    names = (found.group(1) or found.group(2)).replace(b"/", b" /").split() if found else []
    rounds = 0
    for name in names:
        if name not in FLATE:
            break
        rounds += 1
    return rounds


def _check_size(data: bytes, start: int, rounds: int, number: str) -> None:
    blocks: Iterator[bytes] = (data[at : at + BLOCK] for at in range(start, len(data), BLOCK))
    for _ in range(rounds):
        blocks = _inflated(blocks)
    size = 0
    for block in blocks:
        size += len(block)
        if size > LARGEST_STREAM:
            what = f"a stream in it unpacks to more than {LARGEST_STREAM // MB} MB"
            raise UnreadableError(Problem(f"object {number}", what, ANEW))


def _inflated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """What comes out of a Flate stream, block by block; it ends where the stream ends or breaks."""
    inflate = zlib.decompressobj()
    for block in blocks:
        waiting = block
        while waiting:
            try:
                out = inflate.decompress(waiting, MB)
            except zlib.error:
                return
            yield out
            waiting = inflate.unconsumed_tail
        if inflate.eof:
            return
