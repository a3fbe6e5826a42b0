"""The closed words as people read them: one list, both languages, and no word of the machine in a Spanish workbook."""

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest
from small_publication import publication

from pipeline import wording
from pipeline.publish import workbook
from pipeline.sheets import Sheet
from pipeline.vocabulary import (
    CodingStatus,
    Direction,
    Identity,
    Kind,
    LinkStatus,
    MaskEvidence,
    MaskStatus,
    NameDecision,
    ReadStatus,
    Reason,
    Role,
    RoleEvidence,
    Stance,
    Strength,
    Sureness,
    Undecided,
)
from pipeline.wording.messages import first_few, in_language, message

SECTIONS: dict[str, type[StrEnum]] = {
    "strength": Strength, "direction": Direction, "stance": Stance, "kind": Kind, "link": LinkStatus,
    "coded_by": CodingStatus, "reading": ReadStatus, "role": Role, "reason": Reason,
    "role_evidence": RoleEvidence, "sureness": Sureness, "undecided": Undecided,
    "mask": Identity, "mask_status": MaskStatus, "mask_evidence": MaskEvidence, "name_decision": NameDecision,
}  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_every_closed_word_can_be_read_in_both_languages(section: str) -> None:
    for word in SECTIONS[section]:
        assert set(wording.texts()[f"{section}.{word}"]) == set(wording.LANGUAGES)


@pytest.mark.parametrize("section", ["direction", "stance", "answer"])
def test_what_is_chosen_from_a_list_is_distinct_in_every_language(section: str) -> None:
    for language in wording.LANGUAGES:
        shown = [texts[language].casefold() for key, texts in wording.texts().items() if key.startswith(f"{section}.")]
        assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("word", [*Direction, Stance.POSITIVE, Stance.NEGATIVE, Stance.MIXED])
def test_the_review_page_calls_a_direction_and_a_stance_as_report_and_workbook_do(word: Direction | Stance) -> None:
    section = "direction" if isinstance(word, Direction) else "stance"
    for language in wording.LANGUAGES:
        assert wording.book("review_page", language)["value"][word] == wording.closed_word(section, word, language)


def test_a_word_of_the_study_is_shown_as_typed() -> None:
    assert wording.closed_word("kind", "radio", "es") == "radio"


@pytest.mark.parametrize(
    ("reason", "spanish"),
    [
        ("an error of the workbook (#REF!)", "error del libro de cálculo (#REF!)"),
        (
            "has the same id as row 2, and the same answers",
            "tiene el mismo identificador que la fila 2 y las mismas respuestas",
        ),
        (
            "has the same id as row 3, and other answers",
            "tiene el mismo identificador que la fila 3 y otras respuestas",
        ),
        ("its person also answers in row 2", "su persona también responde en la fila 2"),
        (
            "has exactly the words of row 2: one person under two ids?",
            "tiene exactamente las palabras de la fila 2: ¿una persona con dos ids?",
        ),
        ("comment that nothing refers to", "comentario al que nada remite"),
        ("has the same id as a neighbour", "has the same id as a neighbour"),  # no closed word
    ],
)
def test_a_reason_with_a_place_in_it_is_read_in_spanish(reason: str, spanish: str) -> None:
    assert wording.closed_word("reason", reason, "es") == spanish


@pytest.mark.parametrize(("where", "spanish"), [
    ("line 97", "línea 97"), ("p. 3", "p. 3"), ("¶ 12", "¶ 12"), ("00:04:23", "00:04:23"), ("", ""),
    ("table 2, row 3", "tabla 2, fila 3"), ("row 4, column J", "fila 4, columna J"), ("whole file", "todo el archivo"),
    ("line 5 and 14 more", "línea 5 y 14 más"), ("sheet Row by row, row 3", "hoja Row by row, fila 3"),
    ("comment 2 (table 1, row 2)", "comentario 2 (tabla 1, fila 2)"),
])  # fmt: skip
def test_a_place_is_read_in_the_language(where: str, spanish: str) -> None:
    assert wording.place(where, "es") == spanish
    assert wording.place(where, "en") == where


@pytest.mark.parametrize("path", sorted(wording.FOLDER.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_text_has_both_languages_and_the_same_places_to_fill_in(path: Path) -> None:
    def check(node: object, where: str) -> None:
        if isinstance(node, list):
            for i, entry in enumerate(node):
                check(entry, f"{where}[{i}]")
        elif set(node) & set(wording.LANGUAGES) and all(isinstance(v, str) for v in node.values()):
            assert set(node) == set(wording.LANGUAGES), where
            english, spanish = (
                {name for _, name, *_ in Formatter().parse(node[each]) if name} for each in ("en", "es")
            )
            assert english == spanish, where
        else:
            for key, entry in node.items():
                check(entry, f"{where}.{key}")

    check(tomllib.loads(path.read_text("utf-8")), path.stem)


def test_a_spanish_evidence_book_holds_no_word_of_the_machine() -> None:
    machine = {str(word) for words in SECTIONS.values() for word in words} | {"conclusions", "high", "low", "relevance"}
    for sheet in workbook.pages(publication("es")):
        if isinstance(sheet, Sheet) and sheet.name != "Libro de códigos":
            cells = {cell for row in sheet.rows for cell in row if isinstance(cell, str)}
            assert not cells & machine, sheet.name


def test_an_english_and_a_spanish_evidence_book_hold_the_same_facts() -> None:
    english, spanish = (
        [sheet for sheet in workbook.pages(publication(language)) if isinstance(sheet, Sheet)]
        for language in ("en", "es")
    )
    assert [(len(s.rows), [f.key for f in s.fields]) for s in english] == [
        (len(s.rows), [f.key for f in s.fields]) for s in spanish
    ]
    said = [(row[0], row[1], row[2]) for sheet in spanish if sheet.name == "Evidencia" for row in sheet.rows]
    assert ("F1", "respalda", "confirmado") in said


def test_a_share_has_one_form_in_each_language_however_it_is_given() -> None:
    for language, shown in (("en", "35%"), ("es", "35\u00a0%")):
        assert shown in wording.text("theory.rule", language, share="35%")
        sentence = message("commands/turns", turns=2, asking=0.35)
        assert shown in in_language(sentence, language)
    assert wording.percentage("12.5%", "es") == "12,5\u00a0%"
    assert wording.percentage("n. d.", "es") == "n. d."


def test_no_spanish_text_parts_a_number_from_its_per_cent_sign() -> None:
    for path in sorted(wording.FOLDER.rglob("*.toml")):
        assert not re.findall(r"[\d}] %[\s,.;:)]", path.read_text("utf-8")), path.name


def test_places_in_a_sentence_are_in_its_language() -> None:
    remark = message("registers/in_the_last_run_identified", n=2, places=first_few(["line 4", "table 2, row 3"]))
    assert "(line 4, table 2, row 3)" in remark
    assert "(línea 4, tabla 2, fila 3)" in in_language(remark, "es")
