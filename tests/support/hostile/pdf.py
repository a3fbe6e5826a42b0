"""PDF files: small whole ones written by hand, and ones that are out to hurt."""

import zlib
from functools import partial
from hashlib import new

MB = 1 << 20
md5 = partial(new, "md5", usedforsecurity=False)  # the old handler knows no other
PAGE = (595, 842)


def stream(content, extra="", *, packed=True):
    """A stream object, packed with Flate unless it says otherwise."""
    data = zlib.compress(content) if packed else content
    return (
        f"<< /Length {len(data)} {'/Filter /FlateDecode ' if packed else ''}{extra}>>\nstream\n".encode()
        + data
        + b"\nendstream"
    )


def written(objects, *, trailer="", root=1, encrypt=None):
    """A file of objects: number -> body as text or bytes; `encrypt` changes the bodies of streams and strings."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += (
            f"{number} 0 obj\n".encode() + (body.encode("latin-1") if isinstance(body, str) else body) + b"\nendobj\n"
        )
    start, count = len(out), max(objects) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n".encode()
    for number in range(1, count):
        known = number in offsets
        out += f"{offsets.get(number, 0):010d} {0 if known else 65535:05d} {'n' if known else 'f'} \n".encode()
    out += f"trailer\n<< /Size {count} {f'/Root {root} 0 R ' if root else ''}{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def escaped(words):
    return words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def lines_content(lines, *, size=11, left=70, top=770, pitch=14, font="F1"):
    """A content stream that shows lines, one below the other; a line may be (x, y, words)."""
    shown, y = [], top
    for line in lines:
        x, at, words = line if isinstance(line, tuple) else (left, y, line)
        shown.append(f"BT /{font} {size} Tf {x} {at} Td ({escaped(words)}) Tj ET")
        y = at - pitch
    return "\n".join(shown).encode("cp1252", "replace")


FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
PICTURE = (
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    "\nstream\n\x80\nendstream"
)


def document(pages, *, font=FONT, extra=None, catalog="", **more):
    """A file of pages: each the bytes of a content stream, or None for a page that is a picture."""
    objects = {1: f"<< /Type /Catalog /Pages 2 0 R {catalog}>>", 3: font, 4: PICTURE}
    kids = []
    for number, content in enumerate(pages):
        page, body = 10 + 2 * number, 11 + 2 * number
        kids.append(f"{page} 0 R")
        shown = b"q 595 0 0 842 0 0 cm /Im Do Q" if content is None else content
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}] /Contents {body} 0 R "
            "/Resources << /Font << /F1 3 0 R >> /XObject << /Im 4 0 R >> >> >>"
        )
        objects[body] = stream(shown)
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return written({**dict(sorted(objects.items())), **(extra or {})}, **more)


TALK = ["Interviewer: What was of use to the town?", "Respondent: The well, and the talk beside it in the evening."]


def talk(pages=1, **more):
    return document([lines_content(TALK) for _ in range(pages)], **more)


def case_17_flate_bomb(megabytes=500, begins=b""):
    """A page of half a megabyte whose content unpacks to 500 MB."""
    pack = zlib.compressobj(9)
    data = pack.compress(begins) + b"".join(pack.compress(b" " * MB) for _ in range(megabytes)) + pack.flush()
    body = f"<< /Length {len(data)} /Filter /FlateDecode >>\nstream\n".encode() + data + b"\nendstream"
    return document([b""], extra={11: body})


def case_17_stacked_filters(megabytes=500):
    """The same, packed twice: some kilobytes."""
    pack = zlib.compressobj(9)
    data = zlib.compress(b"".join(pack.compress(b" " * MB) for _ in range(megabytes)) + pack.flush(), 9)
    body = f"<< /Length {len(data)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n".encode() + data + b"\nendstream"
    return document([b""], extra={11: body})


def case_18_circular_prev():
    data = talk()
    start = data.rindex(b"xref\n0")
    return data.replace(b"/Root 1 0 R ", f"/Root 1 0 R /Prev {start} ".encode())


def case_18_circular_outlines():
    outlines = {
        5: "<< /Type /Outlines /First 6 0 R /Last 6 0 R >>",
        6: "<< /Title (a) /Next 6 0 R /First 5 0 R /Parent 6 0 R >>",
    }
    return talk(extra=outlines, catalog="/Outlines 5 0 R ")


def case_18_circular_pages():
    return talk(extra={2: "<< /Type /Pages /Kids [2 0 R 10 0 R] /Count 2147483647 >>"})


def case_18_no_root():
    return talk(root=0, trailer="/Size 2147483647 ")


def case_18_million_operators():
    return document([b"q Q " * 1_000_000 + lines_content(TALK)])


def case_18_huge_to_unicode(rows=2_000_000):
    """A font with a table of letters that is out of all proportion."""
    table = b"begincmap\n" + b"1 beginbfrange\n<00> <ff> <0020>\nendbfrange\n" * rows + b"endcmap"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>"
    return talk(font=font, extra={5: stream(table)})


def case_18_deep_form(depth=5000):
    """Forms that show each other, round and round."""
    form = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R /B 6 0 R >> >> "
    extra = {5: stream(b"/B Do /B Do", form), 6: stream(b"/A Do /A Do " * min(depth, 100), form)}
    return document([b"/A Do " + lines_content(TALK)], extra=extra)


def case_19_scan(scanned, pages=10):
    """A file in which some pages (numbered from 1) are pictures."""
    return document([None if n in scanned else lines_content(TALK) for n in range(1, pages + 1)])


PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key, data):
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def case_20_password(user, owner="owner"):
    """A file under the standard security handler, revision 2 (RC4, 40 bits); an empty `user` opens without asking."""
    padded = (user.encode() + PADDING)[:32]
    o_key = md5((owner.encode() + PADDING)[:32]).digest()[:5]
    o = _rc4(o_key, padded)
    permissions = -64
    ident = b"0123456789abcdef"
    key = md5(padded + o + permissions.to_bytes(4, "little", signed=True) + ident).digest()[:5]
    u = _rc4(key, PADDING)
    content = lines_content(TALK)
    object_key = md5(key + (11).to_bytes(3, "little") + bytes(2)).digest()[:10]
    secret = _rc4(object_key, content)
    extra = {
        11: f"<< /Length {len(secret)} >>\nstream\n".encode() + secret + b"\nendstream",
        7: f"<< /Filter /Standard /V 1 /R 2 /O <{o.hex()}> /U <{u.hex()}> /P {permissions} >>",
    }
    return document([b""], extra=extra, trailer=f"/Encrypt 7 0 R /ID [<{ident.hex()}> <{ident.hex()}>] ")


def case_21_private_letters(share=1.0):
    """A font that maps letters to the private use area: readable on paper, not as text."""
    first = 0xE041
    rows = "".join(f"<{c:02x}> <{first + c - 65:04x}>\n" for c in range(65, 123))
    count = 122 - 65 + 1
    table = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{count} beginbfchar\n{rows}endbfchar\nendcmap end"
    )
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>"
    lines = ["PrivateLettersOfAFontWithoutNames " * 2] * 12
    plain = {"pages": [lines_content(lines)]}
    if share == 1.0:
        return document(**plain, font=font, extra={5: stream(table.encode())})
    mixed = lines_content(["The well and the talk beside it were of use to the town."] * 40, font="F2", pitch=14)
    shown = mixed + b"\n" + lines_content([(70, 60, "Ab")])
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 11 0 R "
        "/Resources << /Font << /F1 3 0 R /F2 6 0 R >> >> >>"
    )
    return document([shown], font=font, extra={5: stream(table.encode()), 6: FONT, 10: page})


def case_22_cut():
    data = talk(pages=6)
    return data[: len(data) - 1024]


def case_22_javascript():
    extra = {5: "<< /S /JavaScript /JS (app.alert\\('x'\\)) >>", 6: "<< /Names [(a) 5 0 R] >>"}
    return talk(extra=extra, catalog="/OpenAction 5 0 R /Names << /JavaScript 6 0 R >> ")


def case_22_attachment():
    extra = {
        5: stream(b"MZ attached", "/Type /EmbeddedFile "),
        6: "<< /Type /Filespec /F (a.exe) /UF (a.exe) /EF << /F 5 0 R >> >>",
        7: "<< /Names [(a.exe) 6 0 R] >>",
    }
    return talk(extra=extra, catalog="/Names << /EmbeddedFiles 7 0 R >> ")


def annotated():
    """A file with a remark, a note typed onto the page, a link, and a form that was filled in."""
    extra = {
        5: "<< /Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (a remark) >>",
        6: "<< /Type /Annot /Subtype /FreeText /Rect [10 30 90 50] /Contents (typed onto it) /DA (/Helv 9 Tf) >>",
        7: "<< /Type /Annot /Subtype /Widget /FT /Tx /T (q1) /V (the answer) /Rect [10 60 90 80] /DA (/Helv 9 Tf) >>",
        8: "<< /Type /Annot /Subtype /Widget /FT /Btn /T (q2) /V /Yes /Rect [10 90 20 99] >>",
        9: "<< /Type /Annot /Subtype /Link /Rect [10 90 20 99] /Contents (a link) >>",
        10: (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 11 0 R /Annots [5 0 R 6 0 R 7 0 R 8 0 R 9 0 R] "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ),
    }
    return document([lines_content(TALK)], extra=extra, catalog="/AcroForm << /Fields [7 0 R 8 0 R] >> ")


def filled_form():
    """A form with a list in which two are chosen, a box that is ticked and one that is not."""
    shown = {name: stream(b"", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] ") for name in (30, 31)}
    states = "/AP << /N << /weekly 30 0 R /Off 31 0 R >> >>"
    extra = {
        5: "<< /Type /Annot /Subtype /Widget /FT /Ch /Ff 2097152 /T (q1) /Opt [(bus)(lorry)(boat)] /V [(bus)(boat)] "
        "/Rect [10 10 90 50] /DA (/Helv 9 Tf) >>",
        6: f"<< /Type /Annot /Subtype /Widget /FT /Btn /T (q2) /V /weekly /AS /weekly {states} /Rect [10 60 20 69] >>",
        7: f"<< /Type /Annot /Subtype /Widget /FT /Btn /T (q3) /V /Off /AS /Off {states} /Rect [10 70 20 79] >>",
        10: (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 11 0 R /Annots [5 0 R 6 0 R 7 0 R] "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        ),
        **shown,
    }
    return document([lines_content(TALK)], extra=extra, catalog="/AcroForm << /Fields [5 0 R 6 0 R 7 0 R] >> ")
