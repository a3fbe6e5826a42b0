"""Numbers and places that lead to a person: masked with their context, and everyday numbers left alone. All are invented."""

import pytest
from small_names import masked


@pytest.mark.parametrize(("said", "stored"), [
    ("mi celular es 987 654 321", "mi celular es [phone]"),
    ("llámeme al +51 987 654 321", "llámeme al [phone]"),
    ("ring me on 020 7946 0958", "ring me on [phone]"),
    ("mi DNI es 45678912", "mi DNI es [number]"),
    ("con cédula 1710034065", "con cédula [number]"),
    ("su NIE es X1234567L", "su NIE es [number]"),
    ("el 12345678Z es suyo", "el [number] es suyo"),
    ("NHS number 943 476 5919", "NHS number [number]"),
    ("SSN 536-90-4399", "SSN [number]"),
    ("a la cuenta ES91 2100 0418 4502 0005 1332", "a la cuenta [number]"),
    ("escríbame a juana.q@correo.example", "escríbame a [e-mail]"),
    ("I am @juanita_q there", "I am [account] there"),
    ("facebook.com/juana.quispe", "[account]"),
    ("la camioneta de placa ABC-123", "la camioneta de placa [number plate]"),
    ("queda en -13.52264, -71.96734", "queda en [coordinates]"),
    ("vivo en el Jr. Amazonas 345", "vivo en el [address]"),
    ("I live at 12 Baker Street", "I live at [address]"),
    ("nací el 12 de marzo de 1984", "nací el [date of birth]"),
    ("born on March 12, 1984", "born on [date of birth]"),
])  # fmt: skip
def test_what_leads_to_a_person_is_masked(said: str, stored: str) -> None:
    assert masked(said) == stored


def test_a_number_alone_is_proposed() -> None:
    assert masked("anotó 987 654 321 en un papel") == "anotó {987 654 321} en un papel"


@pytest.mark.parametrize("said", [
    "costó 987 654 321 soles",
    "entre 2018-2022 y (2019-2021)",
    "llovió el 12 de marzo de 1984",
    "a las 15:30:20 del 12/03/2019",
    "10 000 000 de habitantes",
    "la resolución 123-2020 y la norma ISO-9001",
    "www.example.org",
    "en la Av. Ejército",
    "somos 350 familias en 24 comunidades",
])  # fmt: skip
def test_everyday_numbers_and_places_are_left_alone(said: str) -> None:
    assert masked(said) == said
