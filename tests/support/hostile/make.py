"""Write the hostile files into a folder: python tests/support/hostile/make.py FOLDER."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile import office, pdf, rtf, texts
from hostile.archives import overlapping

SURVEYS = {str(number) for number in range(30, 42)}


def files():
    """Name -> maker of every hostile file; the number before the name is that of the case."""
    made = {
        "01-shared-strings.xlsx": office.case_01_shared_string_bomb,
        "02-long-texts.docx": office.case_02_many_long_texts,
        "03-lying-header.docx": office.case_03_lying_header,
        "04-overlapping.xlsx": lambda: overlapping(50, 100_000),
        "05-archive-in-archive.docx": office.case_05_archive_in_archive,
        "06-doubled-part.docx": office.case_06_doubled_part,
        "12-old.doc": lambda: office.case_12_old_office("WordDocument"),
        "12-old.xls": lambda: office.case_12_old_office("Workbook"),
        "12-password.docx": lambda: office.case_12_old_office("EncryptedPackage"),
        "12-encrypted-part.docx": office.case_12_encrypted_part,
        "12-encrypted.odt": office.case_12_encrypted_odt,
        "12-macros.docm": office.case_12_macros,
        "13-everything.docx": office.case_13_everything,
        "13-everything.odt": office.odt_everything,
        "14-things-elsewhere.docx": office.case_14_things_elsewhere,
        "15-empty.docx": lambda: b"",
        "15-cut.docx": lambda: office.case_13_everything()[:-1024],
        "16-html.xls": lambda: (
            b"<html><body><table><tr><td>respuesta</td></tr><tr><td>bien</td></tr></table></body></html>"
        ),
        "16-pdf.docx": pdf.talk,
        "17-flate.pdf": pdf.case_17_flate_bomb,
        "17-stacked.pdf": pdf.case_17_stacked_filters,
        "18-circular-prev.pdf": pdf.case_18_circular_prev,
        "18-circular-outlines.pdf": pdf.case_18_circular_outlines,
        "18-circular-pages.pdf": pdf.case_18_circular_pages,
        "18-no-root.pdf": pdf.case_18_no_root,
        "18-million-operators.pdf": pdf.case_18_million_operators,
        "18-huge-to-unicode.pdf": pdf.case_18_huge_to_unicode,
        "18-forms-in-a-circle.pdf": pdf.case_18_deep_form,
        "19-scan.pdf": lambda: pdf.case_19_scan(range(1, 11)),
        "19-three-of-ten.pdf": lambda: pdf.case_19_scan({3, 5, 6}),
        "20-user-password.pdf": lambda: pdf.case_20_password("secret"),
        "20-owner-password.pdf": lambda: pdf.case_20_password(""),
        "21-private-letters.pdf": pdf.case_21_private_letters,
        "22-cut.pdf": pdf.case_22_cut,
        "22-javascript.pdf": pdf.case_22_javascript,
        "22-attachment.pdf": pdf.case_22_attachment,
        "28-not.rtf": rtf.case_28_not_rtf,
        "28-code-page.rtf": rtf.case_28_unknown_code_page,
        "28-binary.rtf": rtf.case_28_binary,
        "28-nested.rtf": rtf.case_28_nested,
        "28-cut.rtf": rtf.case_28_cut,
        "28-everything.rtf": rtf.everything,
    }
    made |= texts.files()
    for number, name in enumerate(office.NAMES):
        made[f"07-name-{number}.docx"] = lambda name=name: office.case_07_name(name)
    for kind, parts in office.XML_PARTS.items():
        for part in parts:
            for doctype in office.DOCTYPES:
                label = f"09-{doctype}-{part.replace('/', '-')}".replace(" ", "-")
                made[f"{label}.{kind}"] = lambda k=kind, p=part, d=doctype: office.case_09_doctype(k, p, d)
    for encoding in ("UTF-16", "UTF-7"):
        made[f"10-{encoding}.docx"] = lambda e=encoding: office.case_10_other_encoding(e)
    return made


def folder_of(name):
    """The folder of raw/ into which a file belongs."""
    return "surveys" if name.endswith((".xlsx", ".xls", ".csv", ".tsv")) or name[:2] in SURVEYS else "interviews"


def make(folder):
    """Write every file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, maker in files().items():
        (folder / name).write_bytes(maker())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
