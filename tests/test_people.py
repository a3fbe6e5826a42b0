"""Who a name means: the usual spellings of one name mean one person; what may mean several people is uncertain."""

import unicodedata

import pytest

from pipeline.people import NameRegister, find_person, fold_name, is_name
from pipeline.records import Participant
from pipeline.vocabulary import Consent


def person(participant_id: str, *names: str) -> Participant:
    return Participant(participant_id, Consent.YES, names, ())


REGISTER = NameRegister(
    [
        person("P1", "Grace Ashdown-Pereira"),
        person("P2", "Siobhán O'Brien", "SO"),
        person("P3", "María Elena Quispe Mamani", "Nena"),
        person("P4", "José de la Cruz Ñahui"),
        person("P5", "Rosa Luna"),
        person("P6", "Rosa Luna Flores"),
        person("P7", "Juan Pérez Soto"),
        person("P8", "Juan Pérez Rojas"),
        person("P9", "Jean-Luc d’Angelo"),
        person("007", "Łukasz Brønsted"),
    ]
)

ONE_PERSON = {
    "P1": [
        "Grace Ashdown-Pereira",
        "Grace Ashdown Pereira",
        "Grace Ashdown–Pereira",
        "Grace Ashdown\u2011Pereira",
        "Grace AshdownPereira",
        "GRACE ASHDOWN-PEREIRA",
        "  grace   ashdown-pereira ",
        "Ashdown-Pereira, Grace",
        "Ashdown Pereira Grace",
        "G. Ashdown-Pereira",
        "Grace A. Pereira",
        "Grace Ashdown",
        "Grace Pereira",
        "Grace Mary Ashdown-Pereira",
        "Ms. Grace Ashdown-Pereira",
        "Sra. Grace Ashdown-Pereira",
        "Dr Grace Ashdown-Pereira",
        "Lic. Ashdown-Pereira",
        "Pereira, G.",
        "Grace Ashdown-Pereira (she/her)",
        "p1",
        " P-1",
        "P01",
    ],
    "P2": [
        "Siobhan O’Brien",
        "Siobhán OBrien",
        "SIOBHÁN O BRIEN",
        "O`Brien, Siobhán",
        "Siobhán Oʼbrien",
        unicodedata.normalize("NFD", "Siobhán O'Brien"),
        "S. O'Brien",
        "so",
        "S.O.",
    ],
    "P3": [
        "Maria Quispe",
        "María E. Quispe M.",
        "E. Quispe",
        "Elena Quispe Mamani",
        "Quispe Mamani, María Elena",
        "Nena",
        "Sra. Nena",
    ],
    "P4": ["Jose Cruz", "José de la Cruz", "Don José de la Cruz Nahui", "DE LA CRUZ ÑAHUI, José", "J. de la Cruz"],
    "P5": ["Rosa Luna", "Luna, Rosa", "Sra. Rosa Luna"],
    "P6": ["Rosa Luna Flores", "Rosa Flores"],
    "P7": ["Juan Pérez Soto", "Juan Soto", "Juan Perez S."],
    "P9": ["Jean Luc D'Angelo", "Jean-Luc Dangelo", "Jean-Luc d Angelo", "D'Angelo, Jean Luc"],
    "007": ["Lukasz Bronsted", "7", "007"],
}
UNCERTAIN = {
    "Grace": {"P1"},
    "Pereira": {"P1"},
    "Sra. Pereira": {"P1"},
    "GAP": {"P1"},
    "Grace Ashdon": {"P1"},
    "Juan Pérez": {"P7", "P8"},
    "J. Pérez": {"P7", "P8"},
    "Rosa": {"P5", "P6"},
    "R. Luna": {"P5", "P6"},
    "María Soledad Quispe": {"P3"},
}
NOBODY = ["", " ", "Grace Kelly", "Ana Flores Díaz", "P99", "Vecino 2", "E1", "de la", "Interviewer", "?", "no", "Dr."]


@pytest.mark.parametrize(("participant", "name"), [(who, name) for who, names in ONE_PERSON.items() for name in names])
def test_every_usual_spelling_of_a_name_means_its_person(participant: str, name: str) -> None:
    assert find_person(name, REGISTER).participant_id == participant


@pytest.mark.parametrize("name", UNCERTAIN)
def test_a_name_that_may_be_several_peoples_or_is_a_part_of_one_is_uncertain(name: str) -> None:
    match = find_person(name, REGISTER)
    assert match.is_uncertain
    assert set(match.candidates) == UNCERTAIN[name]


@pytest.mark.parametrize("name", NOBODY)
def test_a_name_of_nobody_in_the_register_means_nobody(name: str) -> None:
    match = find_person(name, REGISTER)
    assert (match.participant_id, match.is_uncertain) == ("", False)


@pytest.mark.parametrize(
    ("name", "is_guess"),
    [
        ("Grace Ashdown-Pereira", False),
        ("ashdown pereira, grace", False),
        ("Dr. Grace Ashdown Pereira", False),
        ("G. Ashdown-Pereira", True),
        ("Grace Pereira", True),
        ("P-1", True),
        ("Rosa Luna", True),  # Rosa Luna Flores, with a surname left out, is written so as well
        ("P1", False),
    ],
)
def test_a_spelling_that_the_register_does_not_have_is_a_guess(name: str, *, is_guess: bool) -> None:
    assert find_person(name, REGISTER).is_guess is is_guess


@pytest.mark.parametrize(
    ("name", "who"),
    [("Grace", "P1"), ("AP", ""), ("GAP", "P1"), ("Pérez", "P7"), ("Rosa", ""), ("Rosa Luna Flores", "")],
)
def test_where_a_file_names_its_people_one_word_of_a_name_is_enough(name: str, who: str) -> None:
    assert find_person(name, REGISTER, among=("P1", "P7")).participant_id == who


def test_an_alias_of_two_people_is_uncertain() -> None:
    register = NameRegister([person("A", "Ana Paz", "AP"), person("B", "Abel Pardo", "AP")])
    assert set(find_person("AP", register).candidates) == {"A", "B"}
    assert find_person("AP", register).is_uncertain


def test_a_name_that_is_somebody_elses_id_is_uncertain() -> None:
    register = NameRegister([person("RL", "Rita Luz"), person("P2", "Rosa Luna", "RL")])
    assert find_person("RL", register).is_uncertain


def test_an_id_written_as_in_the_register_is_never_taken_for_one_that_looks_like_it() -> None:
    register = NameRegister([person("P1"), person("P-1"), person("P01")])
    assert [find_person(name, register).participant_id for name in ("P1", "P-1", "P01")] == ["P1", "P-1", "P01"]
    assert find_person("P 1", register).is_uncertain


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Ñusta  DÍAZ-Peña", "nusta diaz pena"),
        ("R. P.", "rp"),
        ("O’Higgins", "ohiggins"),
        ("Straße", "strasse"),
        ("Søren Æbel", "soren aebel"),
        ("", ""),
    ],
)
def test_a_name_is_folded_to_plain_words(name: str, folded: str) -> None:
    assert fold_name(name) == folded


def test_ids_and_codes_are_not_names() -> None:
    assert [
        text for text in ("Rosa", "rosa d'Angelo-Paz", "P1", "12", "", "?", "rosa@example.org", "a/b") if is_name(text)
    ] == ["Rosa", "rosa d'Angelo-Paz"]
