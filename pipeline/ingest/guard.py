"""Checks of archives and XML before a reader opens them; nothing in them is trusted."""

import io
import re
import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from zipfile import ZipInfo

from pipeline.errors import Problem, UnreadableError
from pipeline.wording.messages import Message, and_more, message

MB = 1 << 20
LARGEST_PART = 100 * MB  # unpacked; a document of 5,000 pages has half of it
LARGEST_ALL = 400 * MB
LARGEST_RATIO = 100  # unpacked to packed, for parts of RATIO_FROM and more
RATIO_FROM = 20 * MB
MOST_PARTS = 20_000
LONGEST_NAME = 255
LOCAL_HEADER = 30
ENCRYPTED = 0x1
UTF8_NAME = 0x800
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
XML_NAME = re.compile(r"\.(?:xml|rels|qde|vml|xhtml)$", re.IGNORECASE)
PACKED_NAME = re.compile(r"\.(?:zip|docx?|docm|xls[xmb]?|pptx?|odt|ods|qdpx|jar|7z|rar|gz|bin)$", re.IGNORECASE)
SAVE_ANEW = "ingest/open_it_in_its_program"

BOM = b"\xef\xbb\xbf"
DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# In these, the bytes of <!DOCTYPE are those of ASCII.
PLAIN_ENCODINGS = re.compile(rb"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d|cp125\d", re.IGNORECASE)
WIDE = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
WHO_WRITES_THIS = "ingest/no_office_program_writes_this"


@dataclass(slots=True)
class Archive:
    """A ZIP with a consistent directory. Parts are unpacked one at a time, counted as they come."""

    data: bytes
    parts: dict[str, ZipInfo]
    notes: list[str] = field(default_factory=list)
    unpacked: int = 0

    def read(self, name: str) -> bytes:
        """The content of a part. UnreadableError if it is larger than allowed or than its header states."""
        content = b"".join(self._blocks(name))
        if zlib.crc32(content) != self.parts[name].CRC:
            raise _refused(name, message("ingest/does_not_match_its_checksum"), message(SAVE_ANEW))
        self.unpacked += len(content)
        if self.unpacked > LARGEST_ALL:
            raise _refused(
                name,
                message("ingest/the_archive_unpacks_to_more", mb=LARGEST_ALL // MB),
                message("ingest/split_the_file"),
            )
        return content

    def xml(self, name: str) -> bytes:
        """The content of an XML part, free of any DOCTYPE."""
        return safe_xml(self.read(name), name)

    def check_all(self) -> None:
        """Unpack every XML part once, keeping none: for programs that read the archive themselves."""
        for name in self.parts:
            if XML_NAME.search(name):
                self.xml(name)

    def _blocks(self, name: str) -> Iterator[bytes]:
        info = self.parts[name]
        start = _content_start(self.data, info)
        packed = memoryview(self.data)[start : start + info.compress_size]
        count = 0
        for block in _unpacked(packed, info, name):
            count += len(block)
            if count > min(info.file_size, LARGEST_PART):
                what = message("ingest/unpacks_to_more_than_the_bytes", file_size=info.file_size)
                raise _refused(name, what, message(WHO_WRITES_THIS))
            yield block
        if count < info.file_size:
            raise _refused(
                name, message("ingest/is_cut_bytes_are_there", count=count, size=info.file_size), message(SAVE_ANEW)
            )


def open_archive(data: bytes) -> Archive:
    """The archive, or UnreadableError naming the part that is out of order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            infos, end = file.infolist(), file.start_dir
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableError(
            Problem("", message("ingest/is_a_broken_archive_truncated"), message(SAVE_ANEW))
        ) from None
    if len(infos) > MOST_PARTS:
        raise UnreadableError(
            Problem(
                "",
                message("ingest/is_an_archive_of_parts_more", parts=len(infos), most=MOST_PARTS),
                message("ingest/split_it"),
            )
        )
    for info in infos:
        _check_name(info)
        _check_part(info)
    _check_doubles(infos)
    _check_overlaps(data, infos, end)
    return Archive(data, {_plain(info.filename): info for info in infos}, _notes(infos))


def check_archive(data: bytes) -> None:
    """Refuse an archive that no program should open: every XML part is unpacked and looked at."""
    open_archive(data).check_all()


def _plain(name: str) -> str:
    return name.replace("\\", "/")


def _refused(name: str, what: Message, remedy: Message) -> UnreadableError:
    return UnreadableError(Problem(f"part {_shown(name)}", what, remedy))


def _shown(name: str) -> str:
    """A part's name fit for a message: one line, not too long."""
    legal = "".join(c if c.isprintable() else "?" for c in name)
    return legal if len(legal) <= 80 else f"{legal[:60]}... ({len(name)} characters)"


def _check_name(info: ZipInfo) -> None:
    name = _plain(info.orig_filename)
    steps = name.rstrip("/").split("/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    leads_out = name.startswith("/") or ".." in steps or re.match(r"[A-Za-z]:", name) or "\0" in name
    if is_link or leads_out or any(map(DEVICE.fullmatch, steps)) or len(name.encode()) > LONGEST_NAME:
        what = message("ingest/is_a_link") if is_link else message("ingest/has_a_name_that_leads_out")
        raise _refused(info.orig_filename, what, message(WHO_WRITES_THIS))


def _check_part(info: ZipInfo) -> None:
    if info.flag_bits & ENCRYPTED:
        raise _refused(
            info.filename, message("ingest/is_encrypted"), message("ingest/open_the_file_remove_the_password")
        )
    if info.compress_type not in METHODS:
        raise _refused(
            info.filename, message("ingest/is_packed_by_a_method", method=info.compress_type), message(SAVE_ANEW)
        )
    if not XML_NAME.search(info.filename):
        return
    if info.file_size > LARGEST_PART:
        what = message(
            "ingest/unpacks_to_mb_more_than_mb",
            mb=info.file_size // MB,
            most=LARGEST_PART // MB,
            times=_times(info),
        )
        raise _refused(info.filename, what, message("ingest/split_the_document"))
    if info.file_size > RATIO_FROM and info.file_size > LARGEST_RATIO * info.compress_size:
        raise _refused(
            info.filename,
            message("ingest/unpacks_to_mb", mb=info.file_size // MB, times=_times(info)),
            message(WHO_WRITES_THIS),
        )


def _times(info: ZipInfo) -> Message:
    return message("ingest/times_its_packed_size", times=info.file_size // max(1, info.compress_size))


def _check_doubles(infos: list[ZipInfo]) -> None:
    """Two parts with one name: programs differ in which of them they show."""
    places: dict[str, list[int]] = defaultdict(list)
    for number, info in enumerate(infos, 1):
        places[_plain(info.filename).casefold()].append(number)
    for name, numbers in places.items():
        if len(numbers) > 1:
            what = message("ingest/occurs_times_entries", times=len(numbers), entries=", ".join(map(str, numbers)))
            raise _refused(name, what, message(WHO_WRITES_THIS))


def _check_overlaps(data: bytes, infos: list[ZipInfo], end: int) -> None:
    """Parts must lie one after the other, under the name that the directory gives them."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    ends = [_content_start(data, info) + info.compress_size for info in ordered]
    for (info, stop), following in pairwise([*zip(ordered, ends, strict=True), (None, 0)]):
        limit = following[0].header_offset if following[0] else end
        if info and stop > limit:
            raise _refused(info.filename, message("ingest/overlaps_with_the_part_after_it"), message(WHO_WRITES_THIS))


def _content_start(data: bytes, info: ZipInfo) -> int:
    """Where a part's packed content begins, by its own header."""
    at = info.header_offset
    header = data[at : at + LOCAL_HEADER]
    if len(header) < LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise _refused(info.filename, message("ingest/is_not_where_the_directory_says"), message(SAVE_ANEW))
    length, extra = (int.from_bytes(header[i : i + 2], "little") for i in (26, 28))
    encoding = "utf-8" if info.flag_bits & UTF8_NAME else "cp437"
    if data[at + LOCAL_HEADER : at + LOCAL_HEADER + length].decode(encoding, "replace") != info.orig_filename:
        raise _refused(info.filename, message("ingest/has_another_name_in_its_own_header"), message(WHO_WRITES_THIS))
    return at + LOCAL_HEADER + length + extra


def _unpacked(packed: memoryview, info: ZipInfo, name: str) -> Iterator[bytes]:
    if info.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    waiting: bytes | memoryview = packed
    try:
        while not inflate.eof and (block := inflate.decompress(waiting, MB)):
            yield block
            waiting = inflate.unconsumed_tail
    except zlib.error:
        raise _refused(name, message("ingest/cannot_be_unpacked"), message(SAVE_ANEW)) from None


def _notes(infos: list[ZipInfo]) -> list[str]:
    inner = [info.filename for info in infos if PACKED_NAME.search(info.filename)]
    if not inner:
        return []
    names = and_more([_shown(inner[0]), *inner[1:]])
    return [message("ingest/files_inside_are_not_opened", names=names)]


def safe_xml(data: bytes, name: str) -> bytes:
    """XML that is safe to parse: in a searchable encoding, without DOCTYPE or entities of its own."""
    for mark, encoding in WIDE:
        if data.startswith(mark):
            data = _narrowed(data, encoding, name)
            break
    start = len(BOM) if data.startswith(BOM) else 0
    declared = DECLARED.match(data, start)
    is_known = declared is None or PLAIN_ENCODINGS.fullmatch(declared.group(1))
    if not is_known or data[start : start + 64].lstrip()[:1] != b"<":
        raise _refused(name, message("ingest/is_xml_in_another_encoding"), message(SAVE_ANEW))
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _refused(name, message("ingest/declares_a_doctype"), message(WHO_WRITES_THIS))
    return data


def _narrowed(data: bytes, encoding: str, name: str) -> bytes:
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise _refused(name, message("ingest/is_not_the_utf_16_announced"), message(SAVE_ANEW)) from None
    return DECLARATION.sub("", text, count=1).encode()
