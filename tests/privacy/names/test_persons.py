"""Names of people in what is said: sure ones are masked, doubtful ones proposed, words that look like one left alone."""

import pytest
from small_names import PEOPLE, masked

from pipeline.privacy.names.plan import NamedPerson, NamePlan


@pytest.mark.parametrize(("said", "stored"), [
    ("Vino Eulalia Quiñca Ramos ayer.", "Vino [person 3] ayer."),
    ("Vino eulalia quinca ayer.", "Vino [person 3] ayer."),
    ("Quiñca Ramos, Eulalia: presente", "[person 3]: presente"),
    ("EULALIA QUIÑCA RAMOS", "[person 3]"),
    ("E. Quiñca y Eulalia Q. son una", "[person 3] y [person 3]. son una"),
    ("el Dr. Olivos y el doctor Olivos", "el Dr. [person 1] y el doctor [person 1]"),
    ("dijo doña Eulalia", "dijo doña [person 3]"),
    ("Pepe Huaman me avisó", "[person 4] me avisó"),
    ("don Pepe me avisó", "don [person 4] me avisó"),
    ("Lupita Tello vive acá", "[person 5] vive acá"),
    ("Bill Ashdown's car", "[person 6]'s car"),
    ("Mr Ashdown said so", "Mr [person 6] said so"),
    ("Le dije a Rosa Luna que no", "Le dije a [person 2] que no"),
    ("Me llamo Teodosia Vilcape", "Me llamo [person]"),
])  # fmt: skip
def test_a_sure_name_is_masked_however_it_is_written(said: str, stored: str) -> None:
    assert masked(said) == stored


@pytest.mark.parametrize(("said", "stored"), [
    ("Le dije a Rosa que no", "Le dije a {Rosa} que no"),
    ("Yesterday Grace came", "Yesterday {Grace} came"),
    ("Lupita también vino", "{Lupita} también vino"),
    ("Eulalia Paredes es otra", "[person] es otra"),
    ("José Pizango es otro", "{José Pizango} es otro"),
    ("el ingeniero Mamani firmó", "el ingeniero {Mamani} firmó"),
    ("Carlos Vilcape lo vio", "{Carlos Vilcape} lo vio"),
])  # fmt: skip
def test_a_doubtful_name_is_proposed(said: str, stored: str) -> None:
    assert masked(said) == stored


@pytest.mark.parametrize("said", [
    "una rosa roja y otra blanca",
    "Rosa es un color",
    "by the grace of God; Grace is a virtue",
    "la luna llena",
    "We will go. Will you come?",
    "Los olivos crecen en la calle Olivos",
    "Vino el coronel. Nadie lo esperaba.",
    "en Santa Rosa no hay agua",
])  # fmt: skip
def test_words_that_only_look_like_a_name_are_left_alone(said: str) -> None:
    assert masked(said) == said


def test_who_fits_several_people_gets_no_number() -> None:
    assert masked("don José y doña Rosa") == "don [person 4] y doña [person 2]"


@pytest.mark.parametrize("before", range(1950, 2010, 3))
def test_a_name_is_masked_wherever_it_is_in_a_long_answer(before: int) -> None:
    said = "agua " * (before // 5) + "x" * (before % 5) + " Eulalia Quiñca Ramos " + "agua " * 900
    assert "[person 3]" in masked(said)
    assert "Quiñca" not in masked(said)


REFUSING = NamePlan(
    language="en",
    secret="of the tests",  # noqa: S106
    people=(*PEOPLE, NamedPerson("P08", 8, ("Segundo Huanca Tola",), refuses=True)),
)


@pytest.mark.parametrize(("said", "stored"), [
    ("Segundo quiere música", "[person 8] quiere música"),
    ("Segundo, el horario no sirve", "[person 8], el horario no sirve"),
    ("Le dije a Segundo que no", "Le dije a [person 8] que no"),
    ("don segundo vino", "don [person 8] vino"),
    ("Vino el Segundo", "Vino el {Segundo}"),
    ("en segundo lugar", "en segundo lugar"),
    ("EL SEGUNDO PUNTO", "EL SEGUNDO PUNTO"),
    ("en San Segundo no hay agua", "en San Segundo no hay agua"),
    ("Segundo Flores es otro", "{Segundo Flores} es otro"),
    ("Rosa es un color, y le dije a Rosa", "Rosa es un color, y le dije a {Rosa}"),
])  # fmt: skip
def test_the_name_of_somebody_who_refuses_is_masked_where_it_may_be_another_word(said: str, stored: str) -> None:
    assert masked(said, REFUSING) == stored
