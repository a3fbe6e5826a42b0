"""Parts of a document as the bytes of a .docx file; equal parts give equal bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZipFile

import numpy as np
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from pipeline import wording
from pipeline.publish.word.blocks import Block, Cell, Column, Heading, Paragraph, Part, Picture, Table, TitlePage
from pipeline.publish.zipped import NOT_IN_XML, zipped
from pipeline.sheets import CREATED
from pipeline.spans import Part as PartOfText
from pipeline.spans import Stretch, parts_of

Element = Any
FONT = "Arial"  # or a font of the same widths, which every system has
INK, MUTED, LINE, HEAD = "1F2933", "565C66", "B9C0C8", "E4E9EE"
AROUND = "6B7280"  # what is around marked words: as light as can be read on white
TWIPS = 56.6929  # in a millimetre
LONG, SHORT, MARGIN = 297, 210, 20  # A4 in millimetres
BESIDE_PICTURE = (
    36  # millimetres of a page's height for the heading and the caption above a picture, and a line below it
)
WIDEST_LETTER = (
    118  # twips of a bold letter in a cell, on average, in the widest font that stands in for Arial (DejaVu Sans)
)
PLAIN_LETTER = 100  # twips of another letter, likewise
IN_REFERENCE = re.compile("(?<=[A-Z])-(?=[0-9])")  # the hyphen of KII-07, at which no line ends
BESIDE_WORDS = 240  # twips left and right of the words of a cell, and a little more
MOST_LETTERS = 14  # longer words, such as addresses, are broken
LOCALES = {"en": "en-GB", "es": "es-ES", "fr": "fr-FR", "pt": "pt-PT"}
DROPPED = (  # parts of the library's template that say nothing of this document
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.CUSTOM_XML,
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
)
STYLES = {
    "body": "Normal",
    "statement": "Statement",
    "note": "Note",
    "remark": "Remark",
    "item": "ListBullet",
}  # style ids by role


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a paragraph style looks: sizes and spaces in points."""

    size: float
    before: float = 0
    after: float = 0
    is_bold: bool = False
    colour: str = INK


LOOKS = {
    "Normal": TextStyle(10, after=6),
    "Title": TextStyle(20, before=4, after=6, is_bold=True),
    "Subtitle": TextStyle(13, after=10, colour=MUTED),
    "Heading 1": TextStyle(17, after=8, is_bold=True),
    "Heading 1 below": TextStyle(17, before=24, after=8, is_bold=True),
    "Heading 2": TextStyle(12, before=16, after=4, is_bold=True),
    "Caption": TextStyle(9.5, before=8, after=3, is_bold=True, colour=MUTED),
    "List Bullet": TextStyle(10, after=4),
    "Kicker": TextStyle(12, colour=MUTED),
    "Contents heading": TextStyle(13, before=12, after=6, is_bold=True),
    "Statement": TextStyle(12, after=4, is_bold=True),
    "Note": TextStyle(9.5, after=4, colour=MUTED),
    "Remark": TextStyle(9.5, after=4, colour=MUTED),
    "Cell": TextStyle(8.5, before=1, after=1),
    "Cell heading": TextStyle(8.5, before=1, after=1, is_bold=True),
    "Small": TextStyle(8, colour=MUTED),
    "toc 1": TextStyle(10, before=2, after=1),
    "toc 2": TextStyle(9, colour=MUTED),
}
DENSE = ("Cell", "Cell heading", "toc 1", "toc 2")
KEPT_WITH_NEXT = (
    "Heading 1",
    "Heading 1 below",
    "Heading 2",
    "Note",
    "Cell heading",
    "Caption",
    "Statement",
    "Contents heading",
)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The file's title and subject, language, and the lines of header and footer."""

    title: str
    subject: str
    language: str
    header: str
    footer: str


def as_docx(title_page: TitlePage, parts: Sequence[Part], facts: FileFacts) -> bytes:
    """The document as a .docx file: no times, no names, no macros, no links that leave it."""
    document = Document()
    _set_styles(document, facts.language)
    _set_properties(document, facts)
    body = document.element.body
    section = body.sectPr
    body.remove(section)
    writer = _Writer(facts.language, document.part)
    for element in writer.elements(title_page, parts):
        body.append(element)
    body.append(_section(is_landscape=bool(parts) and parts[-1].is_landscape))
    _set_header_and_footer(document, facts)
    for name in [name for name, each in document.part.rels.items() if each.reltype in DROPPED]:
        del document.part.rels[name]
    package = document.part.package
    for name in [name for name, each in package.rels.items() if each.reltype in DROPPED]:
        del package.rels[name]
    data = BytesIO()
    document.save(data)
    with ZipFile(data) as saved:  # with the time of writing
        return zipped((name, saved.read(name)) for name in saved.namelist())


# ---- elements


def _element(tag: str, **attributes: object) -> Element:
    element = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _with(element: Element, *children: Element) -> Element:
    element.extend(children)
    return element


def legal(text: str) -> str:
    """The text as XML can hold it: without control characters and halves of characters, with one line end."""
    return NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def _run(text: str, *, language: str = "", is_right_to_left: bool = False, colour: str = "") -> Element:
    run, properties = _element("r"), _element("rPr")
    if colour:
        properties.append(_element("color", val=colour))
    if is_right_to_left:
        properties.append(_element("rtl"))
    if language:
        properties.append(_element("lang", val=LOCALES.get(language, language)))
    if len(properties):
        run.append(properties)
    for number, line in enumerate(legal(text).split("\n")):
        if number:
            run.append(_element("br"))
        for place, part in enumerate(IN_REFERENCE.split(line)):
            if place:
                run.append(_element("noBreakHyphen"))
            words = _element("t")
            words.text = part
            words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(words)
    return run


def _paragraph(style: str, *children: Element, is_right_to_left: bool = False) -> Element:
    properties = _with(_element("pPr"), _element("pStyle", val=style))
    if is_right_to_left:
        properties.append(_element("bidi"))
    return _with(_element("p"), properties, *children)


def _text(style: str, text: str, language: str = "", marked: Sequence[Stretch] = ()) -> Element:
    is_reversed = _is_right_to_left(text)
    runs = (
        _run(
            part.words,
            language=language,
            is_right_to_left=is_reversed,
            colour=AROUND if marked and not part.is_marked else "",
        )
        for part in (parts_of(text, marked) if marked else [PartOfText(text, is_marked=False)])
    )
    return _paragraph(style, *runs, is_right_to_left=is_reversed)


def _mark(kind: str) -> Element:
    return _with(_element("r"), _element("fldChar", fldCharType=kind))


def _instruction(text: str) -> Element:
    words = _element("instrText")
    words.text = f" {text} "
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return _with(_element("r"), words)


def _field(instruction: str, shown: str) -> list[Element]:
    """A field that a word processor can update, with what it shows until then."""
    return [_mark("begin"), _instruction(instruction), _mark("separate"), _run(shown), _mark("end")]


# ---- the text


class _Writer:
    """Writes blocks one after the other, and counts headings, tables, pictures and bookmarks; `part` holds the pictures."""

    def __init__(self, language: str, part: Any) -> None:
        self.language = language
        self.part = part
        self.tables = count(1)
        self.pictures = count(1)
        self.bookmarks = count(1)

    def elements(self, title_page: TitlePage, parts: Sequence[Part]) -> Iterator[Element]:
        """All elements of the body but the last section."""
        yield _text("Kicker", title_page.kicker)
        yield _text("Title", title_page.title)
        if title_page.subtitle:
            yield _text("Subtitle", title_page.subtitle)
        yield from (_text(STYLES[each.style], each.text) for each in title_page.paragraphs)
        yield _text("Contentsheading", title_page.contents)
        yield from _contents(parts)
        is_landscape = False
        for number, part in enumerate(parts, 1):
            begins_turned = part.is_landscape and not _begins_with_high_picture(part)
            if begins_turned is not is_landscape:
                yield _section_end(is_landscape=is_landscape)
                is_landscape = begins_turned
            style = "Heading1below" if part.goes_on else "Heading1"
            yield self._bookmarked(style, f"{number}  {part.title}", f"_Toc{number:04d}")
            for place, block in enumerate(part.blocks, 1):
                elements = list(self._block(block, f"_Toc{number:04d}{place:05d}", is_landscape=is_landscape))
                if _is_remark(part.blocks[place : place + 1]):
                    _keep_with_next(elements)
                yield from elements
                if is_landscape is not part.is_landscape:
                    yield _section_end(is_landscape=is_landscape)
                    is_landscape = part.is_landscape

    def _bookmarked(self, style: str, text: str, name: str, *before: Element) -> Element:
        identity = next(self.bookmarks)
        start, end = _element("bookmarkStart", id=identity, name=name), _element("bookmarkEnd", id=identity)
        return _paragraph(style, start, *before, _run(text), end, is_right_to_left=_is_right_to_left(text))

    def _block(self, block: Block, anchor: str, *, is_landscape: bool) -> Iterator[Element]:
        if isinstance(block, Heading):
            yield self._bookmarked("Heading2", block.text, anchor)
        elif isinstance(block, Paragraph):
            yield _text(STYLES[block.style], block.text)
        elif isinstance(block, Picture):
            yield from self._picture(block, is_landscape=is_landscape)
        else:
            yield self._numbered("Table", next(self.tables), block.caption, f"table_{block.name}")
            yield _table(block, width=(LONG if is_landscape else SHORT) - 2 * MARGIN)
            yield _text("Small", "")

    def _numbered(self, kind: str, number: int, caption: str, bookmark: str) -> Element:
        """A caption with its number, as a field by which a word processor counts what is of its kind."""
        label = wording.text(f"annex.{kind.lower()}", self.language)
        before = [_run(f"{label} "), *_field(rf"SEQ {kind} \* ARABIC", str(number))]
        return self._bookmarked("Caption", f". {caption}", bookmark, *before)

    def _picture(self, picture: Picture, *, is_landscape: bool) -> Iterator[Element]:
        """The picture with its caption, as large as the page has room for."""
        image = Image.from_blob(picture.png)
        yield self._numbered("Figure", next(self.pictures), picture.caption, f"figure_{picture.name}")
        width, height = (LONG, SHORT) if is_landscape else (SHORT, LONG)
        largest = (width - 2 * MARGIN) / image.px_width, (height - 2 * MARGIN - BESIDE_PICTURE) / image.px_height
        inline = self.part.new_pic_inline(BytesIO(picture.png), width=Mm(image.px_width * min(largest)))
        inline.docPr.set("descr", legal(picture.description))
        drawing = _with(_element("r"), _with(_element("drawing"), inline))
        yield _paragraph("Small", drawing)


def _begins_with_high_picture(part: Part) -> bool:
    if not (part.blocks and isinstance(part.blocks[0], Picture)):
        return False
    image = Image.from_blob(part.blocks[0].png)
    return image.px_height > image.px_width


def _is_remark(following: Sequence[Block]) -> bool:
    """Whether the next block is a remark on what is above it."""
    return any(isinstance(block, Paragraph) and block.style == "remark" for block in following)


def _keep_with_next(elements: Sequence[Element]) -> None:
    """Keep the last row of a table, and what is below it, or a paragraph, on the page of what follows."""
    for element in elements:
        last = element.tr_lst[-1] if element.tag == qn("w:tbl") else element
        for properties in last.iter(qn("w:pPr")):
            properties.get_or_add_keepNext()


def _contents(parts: Sequence[Part]) -> Iterator[Element]:
    """A line for every heading that leads to it, with its page as a field: only a word processor knows pages."""
    for style, text, anchor in _entries(parts):
        page = _field(rf"PAGEREF {anchor} \h", "")
        yield _paragraph(style, _with(_element("hyperlink", anchor=anchor, history=1), _run(text), _tab(), *page))


def _tab() -> Element:
    return _with(_element("r"), _element("tab"))


def _entries(parts: Sequence[Part]) -> Iterator[tuple[str, str, str]]:
    """Style, text and bookmark of every heading."""
    for number, part in enumerate(parts, 1):
        yield "toc1", f"{number}  {part.title}", f"_Toc{number:04d}"
        for place, block in enumerate(part.blocks, 1):
            if isinstance(block, Heading):
                yield "toc2", block.text, f"_Toc{number:04d}{place:05d}"


# ---- tables


def _table(table: Table, width: float) -> Element:
    widths = column_widths(table, width * TWIPS)
    properties = _with(
        _element("tblPr"),
        _element("tblW", w=sum(widths), type="dxa"),
        _borders(),
        _element("tblLayout", type="fixed"),
        _element("tblLook", val="0420", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=0, noVBand=1),
        _element("tblCaption", val=legal(table.caption)),
        _element("tblDescription", val=legal(table.description)),
    )
    grid = _with(_element("tblGrid"), *(_element("gridCol", w=each) for each in widths))
    head = _row([column.heading for column in table.columns], table.columns, widths, is_head=True)
    rows = [_row(row, table.columns, widths, is_head=False) for row in table.rows]
    if table.has_total:
        for style in rows[-1].iter(qn("w:pStyle")):
            style.set(qn("w:val"), "Cellheading")
    return _with(_element("tbl"), properties, grid, head, *rows)


def column_widths(table: Table, width: float) -> list[int]:
    """The widths of a table's columns: by their shares of the whole, but as wide as their longest word where there is room."""
    shares = np.array([column.share for column in table.columns], dtype=float)
    by_share = width * shares / shares.sum()
    lacking = _needed(table) - by_share
    missing, spare = lacking[lacking > 0].sum(), -lacking[lacking < 0].sum()
    moved = min(missing, spare)
    if moved:
        by_share += np.where(lacking > 0, lacking * moved / missing, lacking * moved / spare)
    return [round(each) for each in by_share.tolist()]


def _needed(table: Table) -> np.ndarray:
    """What the longest word of each column needs."""
    heads = [_longest_word([column.heading]) for column in table.columns]
    words = [_longest_word(map(_text_of, cells)) for cells in zip(*table.rows, strict=True)] or [0] * len(heads)
    needed = [
        max(min(head, MOST_LETTERS) * WIDEST_LETTER, min(word, MOST_LETTERS) * PLAIN_LETTER)
        for head, word in zip(heads, words, strict=True)
    ]
    return BESIDE_WORDS + np.array(needed)


def _text_of(cell: str | Cell) -> str:
    return cell.text if isinstance(cell, Cell) else cell


def _longest_word(texts: Iterable[str]) -> int:
    return max((len(word) for text in texts for word in text.split()), default=0)


def _borders() -> Element:
    """Lines between rows and none between columns."""
    sides = ("top", "bottom", "insideH")
    lines = (_element(side, val="single", sz=4, space=0, color=LINE) for side in sides)
    return _with(_element("tblBorders"), *lines)


def _row(cells: Sequence[str | Cell], columns: Sequence[Column], widths: Sequence[int], *, is_head: bool) -> Element:
    properties = _with(_element("trPr"), _element("cantSplit"))
    if is_head:
        properties.append(_element("tblHeader"))
    row = _with(_element("tr"), properties)
    for cell, column, width in zip(cells, columns, widths, strict=True):
        row.append(_cell(cell if isinstance(cell, Cell) else Cell(cell), column, width, is_head=is_head))
    return row


def _cell(cell: Cell, column: Column, width: int, *, is_head: bool) -> Element:
    properties = _with(_element("tcPr"), _element("tcW", w=width, type="dxa"))
    if is_head:
        properties.append(_element("shd", val="clear", color="auto", fill=HEAD))
    paragraph = _text("Cellheading" if is_head else "Cell", cell.text, cell.language, cell.marked)
    if column.is_number:
        paragraph.pPr.append(_element("jc", val="right"))
    return _with(_element("tc"), properties, paragraph)


# ---- pages, styles and properties


def _section(*, is_landscape: bool) -> Element:
    width, height = (LONG, SHORT) if is_landscape else (SHORT, LONG)
    size = {"w": round(width * TWIPS), "h": round(height * TWIPS)}
    orientation = {"orient": "landscape"} if is_landscape else {}
    margin, edge = round(MARGIN * TWIPS), round(10 * TWIPS)
    sides = {"top": margin, "right": margin, "bottom": margin, "left": margin}
    return _with(
        _element("sectPr"),
        _element("type", val="nextPage"),
        _element("pgSz", **size, **orientation),
        _element("pgMar", **sides, header=edge, footer=edge, gutter=0),
    )


def _section_end(*, is_landscape: bool) -> Element:
    paragraph = _paragraph("Small")
    paragraph.pPr.append(_section(is_landscape=is_landscape))
    return paragraph


def _set_header_and_footer(document: Any, facts: FileFacts) -> None:
    """Header and footer of all pages: those of the first section, from which the others take theirs."""
    first = document.sections[0]
    head, foot = first.header.paragraphs[0]._p, first.footer.paragraphs[0]._p
    for paragraph, text in ((head, facts.header), (foot, f"{facts.footer}    ")):
        paragraph.clear()
        paragraph.extend(
            [_with(_element("pPr"), _element("pStyle", val="Small"), _element("jc", val="center")), _run(text)]
        )
    foot.extend([*_field("PAGE", "1"), _run(" / "), *_field("NUMPAGES", "1")])


def _set_styles(document: Any, language: str) -> None:
    styles = document.styles
    present = {style.name for style in styles}
    for name, look in LOOKS.items():
        style = styles[name] if name in present else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if name not in present and name != "Normal":
            style.base_style = styles["Heading 1" if name == "Heading 1 below" else "Normal"]
        style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.is_bold, False
        style.font.color.rgb = RGBColor.from_string(look.colour)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        form = style.paragraph_format
        form.space_before, form.space_after, form.line_spacing = (
            Pt(look.before),
            Pt(look.after),
            1.0 if name in DENSE else 1.1,
        )
        form.keep_with_next = name in KEPT_WITH_NEXT
        for border in style.element.xpath("./w:pPr/w:pBdr | ./w:rPr/w:spacing | ./w:rPr/w:kern"):
            border.getparent().remove(border)
    for name in ("Heading 1", "Heading 1 below"):
        styles[name].paragraph_format.page_break_before = name == "Heading 1"
    _set_contents_styles(styles)
    for each in styles.element.xpath("./w:docDefaults//w:lang"):
        each.set(qn("w:val"), LOCALES[language])


def _set_contents_styles(styles: Any) -> None:
    for name in ("toc 1", "toc 2"):
        styles[name].paragraph_format.tab_stops.add_tab_stop(Mm(SHORT - 2 * MARGIN), WD_TAB_ALIGNMENT.RIGHT)
    styles["toc 2"].paragraph_format.left_indent = Pt(18)


def _set_properties(document: Any, facts: FileFacts) -> None:
    """Title, subject and language; no names, and the same times in every file."""
    properties = document.core_properties
    properties.title, properties.subject, properties.language = legal(facts.title), legal(facts.subject), facts.language
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = CREATED
    properties.revision = 1
