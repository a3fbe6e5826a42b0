"""Word, Excel and OpenDocument files: whole ones with everything in them, and ones that are out to hurt."""

from hostile.archives import archive_of, deflated, entry, stored, zipped

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
)
MB = 1 << 20


def relations(*targets):
    """(kind, target, is it elsewhere) as a .rels part."""
    mode = ' TargetMode="External"'
    rows = "".join(
        f'<Relationship Id="r{n}" Type="{REL}/{kind}" Target="{target}"{mode if far else ""}/>'
        for n, (kind, target, far) in enumerate(targets)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}">{rows}</Relationships>'


def story(kind, body):
    return f"{HEAD}<w:{kind} {NAMESPACES}>{body}</w:{kind}>"


def p(*runs, style=""):
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{''.join(runs)}</w:p>"


def r(words, properties=""):
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{words}</w:t></w:r>'


def docx_parts(body, *, notes=(), more=None, far=()):
    """The parts of a Word file; `notes`: kind -> XML of footnotes, endnotes, comments, header, footer, styles."""
    notes = dict(notes)
    targets = [(kind.rstrip("12"), f"{kind}.xml", False) for kind in notes]
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
        "word/document.xml": story("document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": relations(*targets, *far),
        **{f"word/{kind}.xml": xml for kind, xml in notes.items()},
        **(more or {}),
    }


def docx(body, **parts):
    return zipped(docx_parts(body, **parts))


def xlsx_parts():
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml", False)),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SHEET}" xmlns:r="{REL}"><sheets><sheet name="a" sheetId="1" r:id="r0"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml", False), ("sharedStrings", "sharedStrings.xml", False)
        ),
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{SHEET}"><si><t>respuesta</t></si><si><t>bien</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c></row></sheetData></worksheet>',
    }


ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odt_parts(body, *, styles="", masters="", manifest=""):
    return {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"{HEAD}<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        "styles.xml": f"{HEAD}<office:document-styles {ODF}><office:master-styles>{masters}</office:master-styles>"
        "</office:document-styles>",
        "META-INF/manifest.xml": f"{HEAD}<manifest>{manifest}</manifest>",
    }


def odt(body, **parts):
    return zipped(odt_parts(body, **parts))


SPOKEN = p(r("Interviewer: What was of use?")) + p(r("Respondent: The well, and the talk beside it."))


def case_01_shared_string_bomb(megabytes=300):
    """A workbook of some 300 KB whose shared strings unpack to 300 MB."""
    head = f'{HEAD}<sst xmlns="{SHEET}"><si><t>'.encode()
    packed = deflated(b"A" * MB, megabytes)
    parts = [stored(name, text.encode()) for name, text in xlsx_parts().items() if "shared" not in name]
    size = megabytes * MB
    return archive_of([*parts, entry("xl/sharedStrings.xml", packed, size + 0 * len(head))])


def case_02_many_long_texts(megabytes=9.9, texts=12):
    """A Word file of text nodes that each stay below libxml2's limit of 10 MB."""
    words = "palabra " * int(megabytes * MB / 8)
    return docx("".join(p(r(words)) for _ in range(texts)))


def case_03_lying_header(megabytes=1024):
    """A part that says 1 KB and gives a gigabyte."""
    parts = [stored(n, t.encode()) for n, t in docx_parts(SPOKEN).items() if n != "word/document.xml"]
    return archive_of([*parts, entry("word/document.xml", deflated(b" " * MB, megabytes), 1024)])


def case_05_archive_in_archive():
    inner = zipped({"more.zip": zipped({"deep.txt": "deep"})})
    return docx(SPOKEN, more={"word/embeddings/inner.zip": inner})


def case_06_doubled_part():
    """Two documents under one name: zipfile would show the last, other programs the first."""
    parts = [stored(name, text.encode()) for name, text in docx_parts(SPOKEN).items()]
    other = docx_parts(p(r("Interviewer: Other words.")))["word/document.xml"]
    return archive_of([*parts, stored("word/document.xml", other.encode())])


NAMES = ("../../x.xml", "/abs.xml", "C:\\x.xml", "..\\x.xml", "word/CON", "word/com1.txt", "n" * 300)


def case_07_name(name, mode=0):
    parts = [stored(n, t.encode()) for n, t in docx_parts(SPOKEN).items()]
    return archive_of([*parts, stored(name, b"<x/>", mode=mode)])


CANARY = "CANARY-7f3a"
DOCTYPES = {
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    "quadratic blow-up": '<!DOCTYPE x [<!ENTITY c "' + "A" * 50_000 + '">]>',
    "file outside": '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///{canary}">]>',
    "address outside": '<!DOCTYPE x [<!ENTITY c SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///{canary}"> %p;]>',
}
XML_PARTS = {
    "docx": (
        "word/document.xml",
        "word/_rels/document.xml.rels",
        "_rels/.rels",
        "word/comments.xml",
        "word/styles.xml",
    ),
    "odt": ("content.xml", "styles.xml"),
    "xlsx": ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"),
}


def whole_parts(kind):
    """The parts of a harmless file of a kind."""
    if kind == "docx":
        comment = story("comments", f'<w:comment w:id="0">{p(r("A note"))}</w:comment>')
        styles = story("styles", '<w:style w:styleId="a"><w:name w:val="Normal"/></w:style>')
        return docx_parts(SPOKEN, notes={"comments": comment, "styles": styles})
    words = "<text:p>Interviewer: What?</text:p><text:p>Respondent: The well.</text:p>"
    return odt_parts(words) if kind == "odt" else xlsx_parts()


def case_09_doctype(kind, part, doctype, canary=""):
    """A DOCTYPE in one part, its entity called where text stands."""
    parts = whole_parts(kind)
    head, root = parts[part].split("\n", 1)
    called = (
        root.replace("</w:t>", "&c;</w:t>", 1).replace("</text:p>", "&c;</text:p>", 1).replace("</t>", "&c;</t>", 1)
    )
    parts[part] = f"{head}\n{DOCTYPES[doctype].replace('{canary}', canary.lstrip('/'))}\n{called}"
    return zipped(parts)


def case_10_other_encoding(encoding, doctype="file outside", *, with_mark=True):
    """A DOCTYPE that a search for its bytes does not see."""
    parts = docx_parts(SPOKEN)
    _, root = parts["word/document.xml"].split("\n", 1)
    text = f'<?xml version="1.0" encoding="{encoding}"?>{DOCTYPES[doctype]}{root}'
    if encoding == "UTF-7":
        _, body = text.split("?>", 1)
        parts["word/document.xml"] = text.split("?>", 1)[0].encode() + b"?>" + body.encode("utf-7")
    else:
        mark = b"\xff\xfe" if with_mark else b""
        parts["word/document.xml"] = mark + text.encode("utf-16-le")
    return zipped(parts)


def case_12_old_office(stream):
    """The head of an OLE2 file; `stream`: WordDocument, Workbook or EncryptedPackage."""
    name = stream.encode("utf-16-le").ljust(64, b"\0")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + b"Root Entry".ljust(128, b"\0") + name + bytes(4096)


def case_12_macros():
    return docx(SPOKEN, more={"word/vbaProject.bin": b"Sub AutoOpen()"}, far=[("vbaProject", "vbaProject.bin", False)])


def case_12_encrypted_part():
    parts = [stored(n, t.encode(), flags=n.endswith("document.xml")) for n, t in docx_parts(SPOKEN).items()]
    return archive_of(parts)


def case_12_encrypted_odt():
    return odt("<text:p>x</text:p>", manifest="<file-entry><encryption-data/></file-entry>")


def case_13_everything():
    """A Word file with all that a reader may lose, each in words of its own."""
    return zipped(case_13_parts())


def case_13_parts():
    """The parts of that file."""
    box = f"<w:txbxContent>{p(r('boxed'))}</w:txbxContent>"
    drawing = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    inner = f"<w:tbl><w:tr><w:tc>{p(r('nested'))}</w:tc></w:tr></w:tbl>"
    deleted = '<w:del w:id="2"><w:r><w:delText>deleted</w:delText></w:r></w:del>'
    hidden = (
        r("vanished", "<w:vanish/>"),
        r("shown", '<w:vanish w:val="0"/>'),
        r("bystyle", '<w:rStyle w:val="Secret"/>'),
    )
    link = '<w:hyperlink r:id="r9">' + r("linked") + "</w:hyperlink>"
    body = (
        p(r("Título"), style="Ttulo1")
        + p(r("plain "), f'<w:ins w:id="1">{r("inserted")}</w:ins>', deleted)
        + p('<w:moveFrom w:id="3">', r("movedfrom"), "</w:moveFrom>", '<w:moveTo w:id="4">', r("movedto"), "</w:moveTo>")
        + p(r("visible "), *hidden)
        + p(r("noted"), '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r>')
        + p(r("commented"), '<w:r><w:commentReference w:id="0"/></w:r>')
        + p(r("beside "), drawing)
        + f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{p(r('controlled'))}</w:sdtContent></w:sdt>"
        + p("<w:sdt><w:sdtContent>", r("inline"), "</w:sdtContent></w:sdt>", link)
        + p('<w:fldSimple w:instr="DATE">', r("simple"), "</w:fldSimple>", "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>")
        + f"<w:tbl><w:tr><w:tc>{p(r('first'))}</w:tc><w:tc>{p(r('second'))}{inner}{p()}</w:tc></w:tr></w:tbl>"
        + p("<w:r><w:t>tab</w:t><w:tab/><w:t>bed</w:t><w:br/><w:t>below</w:t><w:noBreakHyphen/><w:t>e</w:t></w:r>")
        + p('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', r("ticked"))
        + '<w:p><w:pPr><w:rPr><w:del w:id="7"/></w:rPr></w:pPr>' + r("half ") + "</w:p>" + p(r("whole"))
    )  # fmt: skip
    notes = {
        "footnotes": story(
            "footnotes",
            f'<w:footnote w:type="separator" w:id="0">{p("<w:r><w:separator/></w:r>")}</w:footnote>'
            f'<w:footnote w:id="2">{p(r("underneath"))}</w:footnote><w:footnote w:id="3">{p(r("orphaned"))}</w:footnote>',
        ),
        "endnotes": story("endnotes", f'<w:endnote w:id="2">{p(r("atend"))}</w:endnote>'),
        "comments": story("comments", f'<w:comment w:id="0" w:author="X. Y.">{p(r("remark"))}</w:comment>'),
        "header1": story("hdr", p(r("overhead"))),
        "footer1": story("ftr", p(r("underfoot"))),
        "styles": story(
            "styles",
            '<w:style w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style>'
            '<w:style w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>',
        ),
    }
    return docx_parts(body, notes=notes)


def case_14_things_elsewhere():
    far = [
        ("attachedTemplate", "http://127.0.0.1:9/t.dotm", True),
        ("image", "http://127.0.0.1:9/i.png", True),
        ("oleObject", "file:///etc/passwd", True),
        ("hyperlink", "http://example.org", True),
    ]
    return docx(SPOKEN, far=far, more={"word/embeddings/oleObject1.bin": b"x"})


def odt_everything():
    """An OpenDocument text with all that a reader may lose."""
    return zipped(odt_everything_parts())


def odt_everything_parts():
    """The parts of that file."""
    body = (
        '<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>X</dc:creator>'
        "</office:change-info><text:p>deleted</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="1">Heading</text:h>'
        '<text:p>plain<text:s text:c="3"/>spaced<text:tab/>tabbed<text:line-break/>below</text:p>'
        "<text:p>noted<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>underneath</text:p></text:note-body></text:note> on</text:p>"
        "<text:p>remarked<office:annotation><dc:creator>X. Y.</dc:creator><dc:date>2024-01-01</dc:date><text:p>remark</text:p>"
        "</office:annotation></text:p>"
        "<text:p>beside<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p>"
        '<text:p>seen <text:span text:style-name="T9">vanished</text:span></text:p>'
        '<text:section text:name="s" text:display="none"><text:p>hidden</text:p></text:section>'
        "<table:table><table:table-row><table:table-cell><text:p>first</text:p></table:table-cell>"
        "<table:table-cell><table:table><table:table-row><table:table-cell><text:p>nested</text:p></table:table-cell>"
        "</table:table-row></table:table></table:table-cell></table:table-row></table:table>"
        "<text:table-of-content><text:index-body><text:p>contents</text:p></text:index-body></text:table-of-content>"
        "<text:list><text:list-item><text:p>listed</text:p></text:list-item></text:list>"
    )  # fmt: skip
    styles = '<style:style style:name="T9"><style:text-properties text:display="none"/></style:style>'
    masters = (
        "<style:master-page><style:header><text:p>overhead</text:p></style:header>"
        "<style:footer><text:p>underfoot</text:p></style:footer></style:master-page>"
    )
    return odt_parts(body, styles=styles, masters=masters)
