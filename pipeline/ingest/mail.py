"""A stored e-mail (.eml): its words, its headers apart, and what it quotes of earlier messages left out."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import MIMEPart

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.html import page_draft
from pipeline.ingest.reading_builder import Piece, ReadingDraft, build_reading
from pipeline.records import Reading
from pipeline.vocabulary import Part, Reason
from pipeline.wording.messages import message

READER = "mail 1"
HEADERS = ("From", "To", "Cc", "Date", "Subject")
QUOTED = re.compile(r"\s*>")
BEFORE_QUOTE = re.compile(
    r"(?:On|El|Le|Em|Am)\b.*(?:wrote|escribió|a écrit|escreveu|schrieb)\s*:\s*", re.IGNORECASE | re.DOTALL
)
OLDER_MESSAGE = re.compile(
    r"-{2,}\s*(?:Original Message|Mensaje original|Forwarded message|Mensaje reenviado)\s*-{2,}|_{20,}\s*",
    re.IGNORECASE,
)


def read(data: bytes) -> Reading:
    """The text of an e-mail. UnreadableError if it has none."""
    mail = message_from_bytes(data, policy=policy.default)
    draft = ReadingDraft()
    for name in HEADERS:
        for value in mail.get_all(name, ()):
            draft.pieces.append(Piece(f"{name}: {value}", "headers", Part.FRONT))
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    if plain is not None:
        _read_plain(_text(plain), draft)
    if page is not None:
        _read_page(page, draft, is_copy=plain is not None)
    if plain is None and page is None:
        raise UnreadableError(
            Problem("", message("ingest/is_an_e_mail_without_text"), message("ingest/save_its_attachments_into_raw"))
        )
    names = [part.get_filename() or "without a name" for part in mail.iter_attachments()]
    if names:
        draft.notes.append(message("ingest/attachments_are_not_read", names_n=len(names)))
    return build_reading(READER, draft)


def _text(part: MIMEPart) -> str:
    """The words of a part, in the encoding that it names, or else the most likely one."""
    try:
        return str(part.get_content())
    except (LookupError, KeyError, ValueError):
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _read_plain(text: str, draft: ReadingDraft) -> None:
    """The lines that the sender wrote. Lines of one paragraph are wrapped by mail programs, so they are put together."""
    is_older, paragraph, first = False, list[str](), 1
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        is_older = is_older or bool(OLDER_MESSAGE.fullmatch(line.strip()))
        is_quoted = is_older or bool(QUOTED.match(line)) or _leads_to_quote(lines, number - 1)
        if is_quoted:
            draft.leave_out(line, f"line {number}", Reason.QUOTED_MAIL)
        if is_quoted or not line.strip():
            _put_down(paragraph, first, draft)
            paragraph, first = [], number + 1
        else:
            paragraph.append(line)
    _put_down(paragraph, first, draft)


def _put_down(lines: list[str], first: int, draft: ReadingDraft) -> None:
    if lines:
        draft.pieces.append(Piece(" ".join(line.strip() for line in lines), f"line {first}"))


def _leads_to_quote(lines: list[str], at: int) -> bool:
    """Whether a line, alone or with the one before or after it, says who wrote what is quoted next."""
    for first, last in ((at, at), (at - 1, at), (at, at + 1)):
        following = [line for line in lines[last + 1 : last + 3] if line.strip()]
        if first < 0 or not following or not QUOTED.match(following[0]):
            continue
        if BEFORE_QUOTE.fullmatch(" ".join(line.strip() for line in lines[first : last + 1])):
            return True
    return False


def _read_page(page: MIMEPart, draft: ReadingDraft, *, is_copy: bool) -> None:
    """The HTML form of the message; beside a plain one it is a copy."""
    inner = page_draft(_text(page).encode("utf-8", "surrogatepass"))
    if is_copy:
        for piece in inner.pieces:
            draft.leave_out(piece.words, piece.place, Reason.OTHER_FORM)
        draft.left_out += inner.left_out
    else:
        draft.take(inner, "message")
