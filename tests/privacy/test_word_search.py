"""A person's words are found in whatever form a file holds them."""

import io
import json
import zipfile

import openpyxl
import pandas as pd
import pytest

from pipeline.privacy.word_search import WordSearch, fragments_of, texts_of

WORDS = "El agua llegó en marzo, “clarita”, y mi mamá lloró de alegría. Sí."
OTHER = "Nobody here has said a word of the water or of anything else."
SEARCH = WordSearch(fragments_of([WORDS]))


def holds(data: bytes) -> bool:
    return any(map(SEARCH.in_text, texts_of(data)))


def workbook(text: str) -> bytes:
    book, data = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["a", text])
    book.save(data)
    return data.getvalue()


def table(text: str) -> bytes:
    data = io.BytesIO()
    pd.DataFrame({"text": [text]}).to_parquet(data)
    return data.getvalue()


def archive(name: str, content: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return data.getvalue()


FORMS = {
    "text": lambda text: text.encode(),
    "text with other line ends": lambda text: text.replace(" ", "\r\n").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "JSON with escapes": lambda text: json.dumps({"quote": text}).encode(),
    "HTML": lambda text: f"<p>{text.replace('“', '&ldquo;').replace('ó', '&oacute;')}</p>".encode(),
    "HTML with marks": lambda text: text.replace("agua", "<mark>agua</mark>").encode(),
    "a workbook": workbook,
    "a table": table,
    "an archive in an archive": lambda text: archive("b.zip", archive("c.txt", text.encode())),
    "the name of a packed file": lambda text: archive(text, b"x"),
}


@pytest.mark.parametrize("form", FORMS)
def test_words_are_found_in(form: str) -> None:
    assert holds(FORMS[form](WORDS))


@pytest.mark.parametrize("form", FORMS)
def test_other_words_are_not_taken_for_them_in(form: str) -> None:
    assert not holds(FORMS[form](OTHER))


def test_what_anybody_may_say_is_not_looked_for() -> None:
    assert fragments_of(["Sí. No sé. Gracias, muy amable."]) == ()


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"PAR1 broken", b""])
def test_a_broken_file_holds_nothing_and_stops_nothing(data: bytes) -> None:
    assert not holds(data)
