"""Causal paths: what suggests one, what a coder's memo marks, and how drawn and told arrows are counted."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from cue_forms import forms_of, words_to_inflect

from pipeline.codebook.theory_of_change import Arrow, Element, TheoryOfChange
from pipeline.evidence.theory.elements import Speakers
from pipeline.evidence.theory.paths import arrow_rows, marks_of, path_voices, remarks_on_marks
from pipeline.tag.rules import forms
from pipeline.tag.rules.causal_cues import SpokenText, causal_cues, tables
from pipeline.tag.rules.causal_cues import _language as made_ready
from pipeline.vocabulary import ElementKind

# ---------------------------------------------------------------- cues


def cue(text: str, language: str = "es") -> str:
    return causal_cues([SpokenText("x", language, text)]).get("x", "")


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("es", "Gracias a los cursos los policías ya no disparan al aire.", "Gracias a"),
        ("es", "Debido al curso, el sargento ahora negocia con la gente.", ""),
        ("es", "Hubo un curso de cinco días y por eso el sargento negocia.", "por eso"),
        ("es", "El manual llevó a que la academia cambiara sus clases.", "llevó a que"),
        ("es", "Eso permitió entrar en la cárcel y hablar con los presos.", "Eso permitió"),
        ("en", "The course led to new rules in the whole academy.", "led to"),
        ("en", "Families know where to go now because of the association.", "because of"),
        ("en", "They trained the judges. As a result the judges apply the law.", "As a result"),
        ("en", "That's why the families know whom to ask.", "That's why"),
        ("fr", "Grâce à la formation les gardiens parlent autrement aux détenus.", "Grâce à"),
        ("pt", "Graças ao curso os guardas falam de outro modo com os presos.", "Graças ao"),
    ],
)
def test_words_of_cause_are_recognised(language: str, text: str, words: str) -> None:
    assert cue(text, language) == words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "No es por eso que los policías cambiaron de trato con la gente."),
        ("es", "Gracias a Dios estamos bien todos en la casa y en el barrio."),
        ("es", "Vinieron los delegados y después se publicó el manual nuevo."),
        ("es", "Porque sí."),
        ("en", "It changed, but not because of the course that they gave us."),
        ("en", "Thanks to you we could meet here today with all the others."),
        ("en", "We wrote the manual, and then it was printed in the capital."),
        ("de", "Wegen des Kurses schießt die Polizei nicht mehr in die Luft."),
    ],
)
def test_denied_causes_thanks_and_mere_sequences_are_none(language: str, text: str) -> None:
    assert cue(text, language) == ""


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_forms_of_words_of_cause_are_those_of_the_dictionary(language: str) -> None:
    assert forms.of_cues()[language] == forms_of(language)


def test_every_language_has_the_forms_of_its_words_of_cause() -> None:
    assert {language: sorted(words) for language, words in forms.of_cues().items()} == {
        language: words_to_inflect(language) for language in tables()
    }


def test_not_only_because_is_still_a_cause() -> None:
    assert cue("It changed not only because of the course but of the new minister.", "en") == "because of"


# ---------------------------------------------------------------- marks


@dataclass(frozen=True)
class Memo:
    """What is read of a memo in the ledger."""

    note: str
    excerpt_id: str = "0"
    coder: str = "ana"


def marks(*memos: Memo) -> Any:
    return list(marks_of(memos))  # type: ignore[arg-type]


@pytest.mark.parametrize("note", ["a -> b", "a->b", " a → b ", "look again; a -> b", "a plain remark\na -> b"])
def test_a_memo_marks_a_path_by_an_arrow_between_two_elements(note: str) -> None:
    (mark,) = marks(Memo(note))
    assert (mark.arrow, mark.is_told) == (Arrow("a", "b"), True)


@pytest.mark.parametrize("note", ["a -/-> b", "a ↛ b"])
def test_a_crossed_arrow_says_that_the_excerpt_does_not_tell_it(note: str) -> None:
    assert [mark.is_told for mark in marks(Memo(note))] == [False]


@pytest.mark.parametrize("note", ["see a -> b there", "he went a -> b -> c", "-> b", "a plain remark"])
def test_other_memos_mark_nothing(note: str) -> None:
    assert marks(Memo(note)) == []


def test_an_id_with_a_hyphen_may_be_marked() -> None:
    assert marks(Memo("search-law->search"))[0].arrow == Arrow("search-law", "search")


def test_a_name_that_is_not_an_element_gets_a_remark_if_there_is_a_theory() -> None:
    (remark,) = remarks_on_marks(marks(Memo("a -> nowhere")), THEORY)
    assert "a memo marks a path with this name, which is not an element" in str(remark)
    assert list(remarks_on_marks(marks(Memo("a -> nowhere")), TheoryOfChange())) == []


# ---------------------------------------------------------------- counts


def element(name: str, kind: ElementKind, *leads_to: str) -> Element:
    return Element(name, kind, (("", name),), name, leads_to=leads_to)


THEORY = TheoryOfChange(
    (
        element("a", ElementKind.ACTIVITY, "b"),
        element("b", ElementKind.OUTPUT, "c"),
        element("c", ElementKind.OUTCOME),
    )
)


def counted(*memos: Memo, borne: str = "", cues: str = "", persons: str = "ppqr-") -> Any:
    """The arrows; `borne` such as "0ab" (excerpt 0 bears on a and b), `cues` the excerpts with a causal cue, "-" a document."""
    names = [str(number) for number in range(len(persons))]
    rows = [(name, each[0]) for each in borne.split() for name in each[1:]]
    on_elements = pd.DataFrame(rows, columns=["element", "excerpt_id"])
    voices = path_voices(THEORY, marks(*memos), on_elements, dict.fromkeys(cues.split(), "thanks to"), names)
    who = {name: person.strip("-") for name, person in zip(names, persons, strict=True)}
    table = arrow_rows(THEORY, voices, Speakers(who, {name: f"S{name}" for name in names}))
    return {Arrow(row["influence"], row["consequence"]): row for row in table.to_dict("records")}


def test_arrows_are_drawn_and_stated_never_stated_or_stated_but_not_drawn() -> None:
    arrows = counted(Memo("a -> b"), Memo("a -> c", "2"))
    assert {name: row["status"] for name, row in arrows.items()} == {
        ("a", "b"): "told",
        ("b", "c"): "untold",
        ("a", "c"): "undrawn",
    }


def test_a_path_is_counted_by_independent_persons() -> None:
    arrows = counted(Memo("a -> b"), Memo("a -> b", "1"), Memo("a -> b", "2", "leo"))
    assert (arrows["a", "b"]["persons"], arrows["a", "b"]["excerpts"]) == (2, 3)


def test_two_coders_who_mark_the_same_words_count_once() -> None:
    assert counted(Memo("a -> b"), Memo("a -> b", coder="leo"))["a", "b"]["excerpts"] == 1


def test_divided_coders_tell_nothing() -> None:
    row = counted(Memo("a -> b"), Memo("a -/-> b", coder="leo"))["a", "b"]
    assert (row["status"], row["persons"]) == ("untold", 0)


def test_what_only_a_document_states_is_marked_as_such() -> None:
    row = counted(Memo("a -> b", "4"))["a", "b"]
    assert (row["status"], row["persons"], row["documents"]) == ("documents", 0, 1)


def test_a_suggestion_states_nothing_until_a_person_marks_it() -> None:
    row = counted(borne="0ab", cues="0")["a", "b"]
    assert (row["status"], row["persons"], row["suggested"]) == ("untold", 0, 1)
    row = counted(Memo("a -> b"), borne="0ab", cues="0")["a", "b"]
    assert (row["status"], row["persons"], row["suggested"]) == ("told", 1, 0)
    assert counted(Memo("a -/-> b"), borne="0ab", cues="0")["a", "b"]["suggested"] == 0


def test_causal_words_without_two_elements_or_two_elements_without_causal_words_suggest_nothing() -> None:
    arrows = counted(borne="0a 1ab", cues="0 2")
    assert sum(row["suggested"] for row in arrows.values()) == 0


def test_noise_and_unrelated_memos_tell_and_suggest_nothing() -> None:
    arrows = counted(Memo("water -> health"), Memo("nice quote", "1"), Memo("a -> b", "gone"), cues="0 1 2 3 4")
    assert {row["status"] for row in arrows.values()} == {"untold"}
    assert sum(row["suggested"] for row in arrows.values()) == 0


def test_only_the_languages_that_are_spoken_are_made_ready() -> None:
    made_ready.cache_clear()
    causal_cues(
        [
            SpokenText("x", "es", "Por eso vinieron las familias del valle a la reunión de hoy"),
            SpokenText("y", "qu", "Ari"),
        ]
    )
    assert made_ready.cache_info().currsize == 1
