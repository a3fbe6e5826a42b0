"""Zipped XML, as office programs and REFI-QDA want it: equal members give equal bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from io import BytesIO

NOT_IN_XML = re.compile(
    r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # characters that XML 1.0 cannot hold
TIME = (1980, 1, 1, 0, 0, 0)  # of every member: the earliest that the format knows
READABLE, UNIX = 0o644 << 16, 3


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The archive of these members, name and content, in their order."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, TIME)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, READABLE, UNIX
            archive.writestr(info, content)
    return file.getvalue()
