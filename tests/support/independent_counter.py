"""A second count of a file's characters, white space apart, that shares no code with the readers."""

import html
import html.parser
import re
import shutil
import subprocess
import zipfile
from io import BytesIO

import pytest

WORD_TEXT = re.compile(r"<(?:\w+:)?(t|delText|instrText|delInstrText)(?:\s[^>]*)?>([^<]*)</")
WORD_SIGNS = re.compile(r"<w:(?:noBreakHyphen|sym)\b")
WORD_PARTS = re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*|diagrams/data\d*)\.xml$")
ODF_ABOUT = re.compile(r"<(office:change-info|dc:creator|dc:date|svg:title|svg:desc)\b[^>]*>.*?</\1>", re.DOTALL)
ODF_EDGES = re.compile(r"<style:(header|footer)\b[^>]*>(.*?)</style:\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def visible(text):
    return sum(1 for character in text if not character.isspace())


def count_docx(data):
    """Every w:t, w:delText and w:instrText of every part with text, and the signs that mean a character."""
    total = 0
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in filter(WORD_PARTS.match, archive.namelist()):
            xml = archive.read(name).decode("utf-8")
            total += sum(visible(html.unescape(text)) for _, text in WORD_TEXT.findall(xml)) + len(
                WORD_SIGNS.findall(xml)
            )
    return total


def count_odt(data):
    """All text of the body, and of the headers and footers."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        content = archive.read("content.xml").decode("utf-8")
        styles = archive.read("styles.xml").decode("utf-8")
    body = ODF_ABOUT.sub("", content[content.index("<office:body") :])
    edges = {TAG.sub("", inner) for _, inner in ODF_EDGES.findall(styles)}
    return sum(visible(html.unescape(text)) for text in (TAG.sub("", body), *edges))


def count_pdf(path):
    """What poppler's pdftotext finds in the visible part of the pages."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    printed = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True)
    return visible(printed.stdout.decode("utf-8"))


class _Data(html.parser.HTMLParser):
    count = 0

    def handle_data(self, data):
        self.count += visible(data)

    handle_comment = handle_data


def count_html(text):
    """All text between tags, and that of scripts, styles and comments."""
    parser = _Data()
    parser.feed(text)
    parser.close()
    return parser.count


def held(reading):
    """What a Reading holds by its own spans and exclusions, counted here."""
    spans = sum(visible(reading.text[span.start : span.end]) for span in reading.spans)
    return spans + sum(exclusion.chars for exclusion in reading.outside)


def check_whole(reading):
    """Spans in order, without overlap, over all that is visible; and the sum that the reader states."""
    at = 0
    for span in reading.spans:
        assert span.start >= at
        assert not reading.text[at : span.start].strip()
        assert reading.text[span.start : span.end].strip() == reading.text[span.start : span.end] != ""
        assert "\n" not in reading.text[span.start : span.end]
        at = span.end
    assert not reading.text[at:].strip()
    assert held(reading) == reading.chars
