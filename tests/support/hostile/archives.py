"""ZIP files out of order: built by hand, because no library would write them."""

import io
import struct
import zipfile
import zlib

WHEN = (2024, 1, 2, 3, 4, 6)


def zipped(parts):
    """An archive of parts: name -> text or bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def deflated(chunk, times, *, level=6):
    """`chunk` repeated, as a raw deflate stream; the whole is never in memory."""
    pack = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces = [pack.compress(chunk) for _ in range(times)]
    return b"".join(pieces) + pack.flush()


def crc_of(chunk, times):
    crc = 0
    for _ in range(times):
        crc = zlib.crc32(chunk, crc)
    return crc


def entry(name, packed, size, *, crc=0, method=8, flags=0, mode=0):
    return {"name": name, "packed": packed, "size": size, "crc": crc, "method": method, "flags": flags, "mode": mode}


def stored(name, content, **more):
    return entry(name, content, len(content), crc=zlib.crc32(content), method=0, **more)


def local_header(part, packed_size=None):
    name = part["name"].encode()
    size = len(part["packed"]) if packed_size is None else packed_size
    fields = (20, part["flags"], part["method"], 0, 33, part["crc"], size, part["size"], len(name), 0)
    return b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", *fields) + name


def central_header(part, offset, packed_size=None):
    name = part["name"].encode()
    size = len(part["packed"]) if packed_size is None else packed_size
    made_by = (3 << 8) | 20
    fields = (made_by, 20, part["flags"], part["method"], 0, 33, part["crc"], size, part["size"], len(name), 0, 0, 0, 0)
    return b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", *fields, part["mode"] << 16, offset) + name


def archive_of(parts):
    """An archive of entries as they are, true or not."""
    body, directory = b"", b""
    for part in parts:
        directory += central_header(part, len(body))
        body += local_header(part) + part["packed"]
    return _closed(body, directory, len(parts))


def _closed(body, directory, count):
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def overlapping(count, kernel_size):
    """`count` entries that share one kernel: each quotes the header of the next (Fifield, A better zip bomb, 2019)."""
    zeros = bytes(kernel_size)
    kernel = deflated(zeros, 1, level=9)
    entries = [entry("xl/workbook.xml", kernel, kernel_size, crc=zlib.crc32(zeros))]
    content, tails = zeros, [local_header(entries[0]) + kernel]
    for number in range(1, count):
        header = tails[-1][: 30 + len(entries[-1]["name"])]
        quote = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF)
        content = header + content
        part = entry(f"xl/part{number}.xml", quote + tails[-1], len(content), crc=zlib.crc32(content))
        entries.append(part)
        tails.append(local_header(part) + quote + tails[-1])
    body = tails[-1]
    directory = b"".join(central_header(part, len(body) - len(tail)) for part, tail in zip(entries, tails, strict=True))
    return _closed(body, directory, count)
