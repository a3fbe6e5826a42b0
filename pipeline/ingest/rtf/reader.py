"""RTF: paragraphs, tables, notes, headers and footers kept and labelled; deletions, hidden text and field codes listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.office.marked_names import with_marked_names
from pipeline.ingest.reading_builder import ReadingDraft, build_reading
from pipeline.ingest.rtf.build import Builder
from pipeline.ingest.rtf.tokens import CHARSETS, FAMILIES, Token, encoding_of, tokens
from pipeline.records import Reading
from pipeline.vocabulary import Part, ReadStatus, Reason
from pipeline.wording.messages import message

READER = "rtf 1"
MAGIC = b"{\\rtf"
SAVE_ANEW = "ingest/open_it_in_its_program_and_save"
DELETED, HIDDEN = str(Part.DELETED), str(Part.HIDDEN)
WORDS = {
    "line": "\n", "page": "\n", "sect": "\n", "column": "\n", "tab": "\t", "emdash": "—", "endash": "–", "emspace": " ",
    "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
}  # fmt: skip
SIGNS = {"~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\"}
# Groups with a text of their own, groups that are left out with a reason, and groups without text: tables of fonts
# and styles, properties, pictures, names and dates of those who commented.
STORIES = {
    "header": Part.HEADER, "headerl": Part.HEADER, "headerr": Part.HEADER, "headerf": Part.HEADER,
    "footer": Part.FOOTER, "footerl": Part.FOOTER, "footerr": Part.FOOTER, "footerf": Part.FOOTER,
    "footnote": Part.FOOTNOTE, "annotation": Part.COMMENT, "shptxt": Part.TEXTBOX, "dptxbxtext": Part.TEXTBOX,
}  # fmt: skip
REASONS = {
    "fldinst": Reason.FIELD_CODE, "listtext": Reason.LIST_SIGN, "pntext": Reason.LIST_SIGN, "nonesttables": Reason.REPEATED,
    "shprslt": Reason.REPEATED, "upr": Reason.REPEATED, "ud": "", "xe": Reason.INDEX_ENTRY, "tc": Reason.INDEX_ENTRY,
}  # fmt: skip
NO_TEXT = frozenset(
    """fonttbl colortbl stylesheet info pict objdata objclass objname atnid atnauthor atntime atndate atnref atnparent atnicn
    atrfstart atrfend bkmkstart bkmkend listtable listoverridetable revtbl rsidtbl generator themedata colorschememapping
    datastore latentstyles xmlnstbl filetbl ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn template pgptbl background sp
    mmathPr nesttableprops falt panose""".split()
)
PASSES_STAR = frozenset({"shpinst", "do", "moMath", "moMathPara", *STORIES, *REASONS})
HEADING = re.compile(r"\s*(?:heading(?: ([1-9]))?|title|subtitle)")
SWITCHES = {"v": "is_hidden", "deleted": "is_deleted", "mvf": "is_deleted", "b": "is_bold", "i": "is_italic"}


@dataclass(slots=True)
class _State:
    """What a group inherits and may change."""

    skipped: str = ""  # the group without text around this one
    reason: str = ""
    is_deleted: bool = False
    is_hidden: bool = False
    is_bold: bool = False
    is_italic: bool = False
    level: int = 0  # of a heading
    in_table: bool = False
    is_starred: bool = False
    unicode_skip: int = 1
    font: int = -1
    story: Part | None = None  # where this very group opened one


def read(data: bytes) -> Reading:
    """The text of an RTF file. UnreadableError if it is not RTF, or in unreadable letters."""
    start = data[:64].find(MAGIC)
    if start < 0:
        raise UnreadableError(Problem("", message("ingest/is_not_rtf"), message("ingest/save_it_as_docx_or_txt")))
    draft = _Document().read(data[start:].decode("latin-1"))
    draft.pieces = with_marked_names(draft.pieces)
    return build_reading(READER, draft)


class _Document:
    """One RTF file on its way to paragraphs."""

    def __init__(self) -> None:
        self.build = Builder()
        self.state = _State()
        self.stack: list[_State] = []
        self.encoding = "cp1252"
        self.fonts: dict[int, str] = {}
        self.unknown_page = ""
        self.waiting = bytearray()  # bytes of a letter, or of several
        self.high = 0  # first half of a character beyond U+FFFF
        self.to_skip = 0
        self.style = -1
        self.headings: dict[int, int] = {}  # style -> level

    def read(self, source: str) -> ReadingDraft:
        """All that the file holds."""
        end = len(source)
        for token in tokens(source):
            self._take(token)
            if token.brace and not self.stack:
                end = token.at + 1
                break
        self._flush(end)
        self._end_half()
        return self._finished(source, end)

    def _finished(self, source: str, end: int) -> ReadingDraft:
        draft = self.build.finished()
        draft.leave_out(source[end:].strip("\0 \r\n"), f"byte {end}", Reason.AFTER_THE_END)
        if self.stack:
            draft.notes.append(message("ingest/byte_the_file_is_cut_groups", end=end, stack_n=len(self.stack)))
            draft.status = ReadStatus.PARTIAL
        if self.unknown_page:
            draft.notes.append(message("ingest/names_an_unknown_code_page", page=self.unknown_page))
        return draft

    def _take(self, token: Token) -> None:
        if self.waiting and not token.byte:
            self._flush(token.at)
        if token.text:
            self._text(token)
        elif token.word:
            self.to_skip = 0
            self._word(token)
        elif token.brace:
            self.to_skip = 0
            self._brace(token.brace)
        elif token.byte:
            self._byte(token.byte)
        elif token.sign == "*":
            self.state.is_starred = True
        else:
            self._sign(token.sign)

    def _brace(self, brace: str) -> None:
        if brace == "{":
            self.stack.append(self.state)
            self.state = replace(self.state, story=None, is_starred=False)
            return
        if self.state.story:
            self.build.close_story(self.state.story)
        if self.stack:
            self.state = self.stack.pop()

    def _say(self, words: str) -> None:
        state = self.state
        if state.skipped:
            return
        reason = state.reason or (DELETED if state.is_deleted else HIDDEN if state.is_hidden else "")
        self.build.say(words, reason, is_strong=state.is_bold or state.is_italic)

    def _text(self, token: Token) -> None:
        words = token.text
        if self.state.skipped == "stylesheet" and (heading := HEADING.match(words.casefold())):
            self.headings.setdefault(self.style, int(heading[1] or 1))
        if self.to_skip:
            words, self.to_skip = words[self.to_skip :], max(0, self.to_skip - len(words))
        if words.isascii():
            self._say(words)
        else:
            self.waiting += words.encode("latin-1")

    def _sign(self, sign: str) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif sign in "\r\n":
            self._end_paragraph(Token(0))
        else:
            self._say(SIGNS.get(sign, ""))

    def _byte(self, byte: str) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif not self.state.skipped:
            self.waiting.append(int(byte, 16))

    def _flush(self, at: int) -> None:
        """Write the bytes that wait as letters, in the code page of the font or of the file."""
        encoding = self.fonts.get(self.state.font) or self.encoding
        data, self.waiting = bytes(self.waiting), bytearray()
        if not encoding and not data.isascii():
            what = message("ingest/uses_the_code_page", unknown_page=self.unknown_page)
            raise UnreadableError(Problem(f"byte {at}", what, message(SAVE_ANEW)))
        try:
            self._say(data.decode(encoding or "ascii"))
        except UnicodeDecodeError as error:
            what = message("ingest/has_bytes_that_are_not_letters", encoding=encoding)
            raise UnreadableError(Problem(f"byte {at - len(data) + error.start}", what, message(SAVE_ANEW))) from None

    def _word(self, token: Token) -> None:
        word, number, state = token.word, token.number, self.state
        is_starred, state.is_starred = state.is_starred, False
        if state.skipped:
            self._in_tables(word, number)
        elif word in NO_TEXT or (is_starred and word not in PASSES_STAR):
            state.skipped = word
        elif word in STORIES:
            state.story = STORIES[word]
            self.build.open_story()
        elif word in REASONS:
            state.reason = REASONS[word]
        elif word in WORDS:
            self._say(WORDS[word])
        elif word in SWITCHES:
            setattr(state, SWITCHES[word], number != 0)
        elif handle := self.HANDLERS.get(word):
            handle(self, token)

    def _in_tables(self, word: str, number: int | None) -> None:
        """Read the tables of fonts and styles: the code page of each font, and which styles are headings."""
        if self.state.skipped == "fonttbl":
            self._in_fonts(word, number or 0)
        elif self.state.skipped == "stylesheet" and word == "s":
            self.style = number or 0
        elif self.state.skipped == "stylesheet" and word == "outlinelevel":
            self.headings[self.style] = _level(number)

    def _in_fonts(self, word: str, number: int) -> None:
        if word == "f":
            self.state.font = number
        elif word == "fcharset" and number in CHARSETS:
            self.fonts[self.state.font] = CHARSETS[number]
        elif word == "cpg" and number and encoding_of(number):
            self.fonts[self.state.font] = encoding_of(number)

    def _page(self, token: Token) -> None:
        self.encoding = encoding_of(token.number or 0)
        self.unknown_page = "" if self.encoding else str(token.number)

    def _family(self, token: Token) -> None:
        self.encoding = FAMILIES[token.word]

    def _unicode(self, token: Token) -> None:
        code = (token.number or 0) % 0x10000
        self.to_skip = self.state.unicode_skip
        if self.high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self.high - 0xD800) << 10) + (code - 0xDC00)
            self.high = 0
        self._end_half()
        if 0xD800 <= code < 0xDC00:
            self.high = code
        else:
            self._say(chr(code))

    def _end_half(self) -> None:
        """Leave out and count the first half of a character whose second half is missing."""
        if self.high:
            half, self.high = self.high, 0
            self._say(chr(half))

    def _skip(self, token: Token) -> None:
        self.state.unicode_skip = max(0, 1 if token.number is None else token.number)

    def _font(self, token: Token) -> None:
        self.state.font = -1 if token.number is None else token.number

    def _plain(self, _: Token) -> None:
        self.state.is_hidden = self.state.is_deleted = False
        self.state.is_bold = self.state.is_italic = False

    def _new_paragraph(self, _: Token) -> None:
        self.state.level, self.state.in_table = 0, False

    def _in_table(self, _: Token) -> None:
        self.state.in_table = True

    def _style(self, token: Token) -> None:
        self.state.level = self.headings.get(-1 if token.number is None else token.number, 0)

    def _outline(self, token: Token) -> None:
        self.state.level = _level(token.number)

    def _end_paragraph(self, _: Token) -> None:
        if not self.state.skipped:
            self.build.end_paragraph(in_table=self.state.in_table, level=self.state.level)

    def _end_cell(self, _: Token) -> None:
        self.build.end_cell()

    def _end_row(self, _: Token) -> None:
        self.build.end_row()

    HANDLERS: ClassVar[dict[str, Callable[[_Document, Token], None]]] = {
        "par": _end_paragraph, "nestcell": _end_paragraph, "cell": _end_cell, "row": _end_row, "pard": _new_paragraph,
        "intbl": _in_table, "s": _style, "outlinelevel": _outline, "plain": _plain, "f": _font, "u": _unicode, "uc": _skip,
        "ansicpg": _page, "mac": _family, "pc": _family, "pca": _family,
    }  # fmt: skip


def _level(number: int | None) -> int:
    """The level of a heading from 1; the ninth of the file is that of body text."""
    level = number or 0
    return level + 1 if 0 <= level < 9 else 0
