"""Text, subtitles and tables that are damaged, ambiguous or out to mislead, by the number of their case."""

import io
import zipfile

import xlsxwriter

from hostile.archives import zipped

TALK = "Ana Rey: ¿Cómo fue?\nRosa Luna: El señor llegó en camión, y mañana se irá. {}\n"
ANSWERS = [f"Respuesta número {n}: el agua llega dos veces por semana, creo." for n in range(1, 7)]
GOOD = [["id", "edad", "sexo", "¿Qué piensa?"], *[[f"{n:03}", "40", "M", words] for n, words in enumerate(ANSWERS, 1)]]
CUE = "00:00:01.000 --> 00:00:02.000\nRosa Luna: El agua llega.\n\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nRosa Luna: El agua llega.\n\n"


def csv(rows, delimiter=",", end="\r\n"):
    """Rows as delimited text, a cell quoted where it must be."""
    quoted = [[f'"{c}"' if set(c) & {delimiter, "\n", '"'} else c for c in row] for row in rows]
    return "".join(delimiter.join(row) + end for row in quoted).encode()


def workbook(rows=GOOD, **more):
    """One sheet as .xlsx."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, **more}) as book:
        sheet = book.add_worksheet("A")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def with_part(data, part, old, new):
    """A workbook with something in a part replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    return zipped(parts | {part: parts[part].replace(old.encode(), new.encode())})


def case_08_project():
    paths = ("internal://none.txt", "../../x")
    source = "".join(f'<TextSource guid="a" plainTextPath="{path}"/>' for path in paths)
    return zipped(
        {"project.qde": f"<?xml version='1.0'?><Project><Sources>{source}</Sources></Project>", "sources/a.txt": "x"}
    )


def case_24_unseen():
    return TALK.format("\0\x07\uffff\u202e\u200b e\u0301 \ud800").encode("utf-8", "surrogatepass")


def case_25_ten_hours():
    return (TALK.format("No sé decirle. " * 6) * 3600).encode()


def case_36_unicode_text():
    return "\ufeff".encode("utf-16-le") + csv(GOOD, "\t").decode().encode("utf-16-le")


def case_39_twice(other="el agua llega"):
    return csv([*GOOD, ["001", "40", "M", ANSWERS[0]], ["002", "41", "F", other], ["009", "40", "M", ANSWERS[2]]])


def case_40_choices():
    heads = ["_uuid", "_submission_time", "_index", "usa", "usa/pozo", "usa/rio", "¿Qué piensa?"]
    cells = (("pozo", "1", "0"), ("", "", ""), ("rio", "0", "1"))
    rows = [[f"u{n}", "2023-05-02", str(n), *cell, ANSWERS[n]] for n, cell in enumerate(cells, 1)]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, repeat = book.add_worksheet("main"), book.add_worksheet("hijos")
        for number, row in enumerate([heads, *rows]):
            sheet.write_row(number, 0, row)
        for number, row in enumerate([["nombre", "_parent_index"], ["uno", "1"], ["dos", "77"]]):
            repeat.write_row(number, 0, row)
    return out.getvalue()


def case_41_hidden():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, other = book.add_worksheet("A"), book.add_worksheet("B")
        for number, row in enumerate(GOOD):
            sheet.write_row(number, 0, row)
        sheet.write_formula("B3", "=40+2", None, "")
        sheet.write_formula("C4", "=#REF!", None, "#REF!")
        sheet.merge_range("A6:A7", "5")
        sheet.set_row(1, None, None, {"hidden": True})
        other.write(0, 0, "secreto")
        other.hide()
    return out.getvalue()


def files():
    """(name, maker) of every file; surveys are those of cases 30 to 41."""
    dates = [[*row[:2], f"0{n}/0{n + 1}/23", row[3]] for n, row in enumerate(GOOD[1:], 1)]
    qualtrics = [
        ["StartDate", "ResponseId", "Q1"],
        ["Start Date", "Response ID", "¿Qué piensa?"],
        ['{""ImportId"":""startDate""}', '{""ImportId"":""_recordId""}', '{""ImportId"":""QID1_TEXT""}'],
        *[["2023-05-01 10:00:00", f"R_{n}", words] for n, words in enumerate(ANSWERS)],
    ]
    words = TALK.format("Sí.")
    return {
        "05-archive-in-archive.qdpx": lambda: zipped({"project.qde": "<Project/>", "sources/in.zip": zipped({"a": "a"})}),
        "08-orphans.qdpx": case_08_project,
        "11-row.xlsx": lambda: with_part(workbook(), "xl/worksheets/sheet1.xml", '<row r="7"', '<row r="2147483647"'),
        "11-cell.xlsx": lambda: with_part(workbook(), "xl/worksheets/sheet1.xml", 'r="D7"', 'r="XFD1048576"'),
        "11-sheet-id.xlsx": lambda: with_part(workbook(), "xl/workbook.xml", 'sheetId="1"', 'sheetId="4294967295"'),
        "15-empty.txt": lambda: b"",
        "15-cut.xlsx": lambda: workbook()[:-1024],
        "23-cp1252.txt": lambda: TALK.format("Sí, cp1252.").encode("cp1252"),
        "23-mac.txt": lambda: TALK.format("Sí, mac.").encode("mac_roman"),
        "23-utf16.txt": lambda: TALK.format("Sí, utf16.").encode("utf-16-le"),
        "23-bom.txt": lambda: TALK.format("Sí, bom.").encode("utf-8-sig"),
        "23-two.txt": lambda: words.encode() + words.encode("cp1252"),
        "23-doubtful.txt": lambda: b"Rosa Luna: x\x87\xe1y \x8d z\xf0w\n",
        "24-unseen.txt": case_24_unseen,
        "25-old-mac.txt": lambda: TALK.format("Más.").replace("\n", "\r").encode(),
        "25-separators.txt": lambda: TALK.format("Allá.").replace("\n", "\u2028").encode(),
        "25-one-line.txt": ("Ana Rey: " + "palabra " * 6_250_000).encode,
        "25-ten-hours.txt": case_25_ten_hours,
        "26-no-header.vtt": CUE.encode,
        "26-arrow.vtt": f"WEBVTT\n\n{CUE}00:01 -> 00:02\nRosa Luna: Llega poco.\n\n".encode,
        "26-timing.vtt": f"WEBVTT\n\n{CUE}00:xx:01 --> 00:00:02.000\nRosa Luna: Llega poco.\n\n".encode,
        "27-backwards.srt": (SRT + "2\n00:00:09,000 --> 00:00:03,000\nRosa Luna: Después.\n\n").encode,
        "27-overlap.srt": (SRT + "2\n00:00:01,500 --> 00:00:03,000\nRosa Luna: Después.\n\n").encode,
        "27-index.srt": (SRT + SRT.replace("01,", "04,").replace("02,", "05,")).encode,
        "27-cut.vtt": f"WEBVTT\n\n{CUE}00:00:03.000 --> 00:0".encode,
        "29-empty.md": lambda: b"",
        "29-white.txt": lambda: b" \r\n\t\n",
        "29-interviewer.txt": lambda: b"Ana Rey: Probando.\nAna Rey: Nadie vino.\n",
        "29-unknown.txt": lambda: b"Ana Rey: Hola.\nZoilo Quis: Buenas, pues.\nAna Rey: \xc2\xbfY?\nZoilo Quis: Nada.\n",
        "29-thrice.txt": lambda: b"Ana Rey: Hola.\nRosa Luna: Buenas.\nROSA L.: Ya.\nRL: S\xc3\xad, claro.\n",
        "30-open-quote.csv": lambda: csv(GOOD) + b'007,40,M,"nunca se cierra\r\n008,40,M,bien\r\n',
        "31-extra-all.csv": lambda: csv([GOOD[0], *[[*row, "x"] for row in GOOD[1:]]]),
        "31-extra-some.csv": lambda: csv(GOOD) + "007,40,M,Sí, claro\r\n".encode() + csv(GOOD[1:]),
        "32-cut.csv": lambda: csv(GOOD)[:-60].rsplit(b",", 1)[0],
        "32-declared.csv": lambda: csv(GOOD),
        "33-qualtrics.csv": lambda: "\r\n".join(",".join(f'"{c}"' for c in row) for row in qualtrics).encode() + b"\r\n",
        "33-doubled.csv": lambda: csv([["id", "edad", "edad", "¿Qué piensa?"], *GOOD[1:]]),
        "33-blank.csv": lambda: csv([["id", "edad", "", "¿Qué piensa?"], *GOOD[1:]]),
        "34-nul.csv": lambda: csv([*GOOD, ["007", "40", "M", "antes\0 después del cero, se oye"]]),
        "35-long.csv": lambda: csv([*GOOD, ["007", "40", "M", "sí " * 66_700]]),
        "35-full.xlsx": lambda: workbook([*GOOD, ["007", "40", "M", "x" * 32_767]]),
        "36-semicolon.csv": lambda: csv(GOOD, ";"),
        "36-tab.tsv": lambda: csv(GOOD, "\t"),
        "36-unicode-text.txt": case_36_unicode_text,
        "37-ids.csv": lambda: csv([GOOD[0], *[[i, "NA", "TRUE", w] for i, w in zip(IDS, ANSWERS, strict=True)]]),
        "38-dates.csv": lambda: csv([["id", "edad", "fecha", "¿Qué piensa?"], *dates]),
        "38-1904.xlsx": lambda: workbook(date_1904=True),
        "39-twice.csv": case_39_twice,
        "40-choices.xlsx": case_40_choices,
        "41-hidden.xlsx": case_41_hidden,
    }  # fmt: skip


IDS = ("007", "1E5", "MARCH1", "3-4", "12345678901234567", "Null")
NAMES = (
    "46 line\nbreak.txt",
    "46 \x1b[31mred\x1b[0m.txt",
    "46 👩‍👧.txt",
    "46" + "n" * 249 + ".txt",
    "46 dot.txt.",
    "46 Twin.txt",
    "46 twin.txt",
    "46 caf\u00e9.txt",
    "46 cafe\u0301.txt",
)
