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
    ("anote la placa: A1B-234", "anote la placa: [number plate]"),
    ("una moto con placa 1234-5A", "una moto con placa [number plate]"),
    ("el carro viejo, AB-1234", "el carro viejo, [number plate]"),
    ("la moto HA123B de mi hijo", "la moto [number plate] de mi hijo"),
    ("la placa era 1852 PHD", "la placa era [number plate]"),
    ("un vehículo diplomático, 12-CD-34", "un vehículo diplomático, [number plate]"),
    ("venían en un Toyota blanco, ABC-123", "venían en un Toyota blanco, [number plate]"),
    ("placa abc-123", "placa [number plate]"),
    ("placa A B C 1 2 3", "placa [number plate]"),
    ("la placa, ABC guion 123", "la placa, [number plate]"),
    ("nací un doce de marzo de mil novecientos ochenta y cuatro", "nací un [date of birth]"),
    ("nací el 12 de marzo del 84", "nací el [date of birth]"),
    ("soy del 12 de marzo de 1984", "soy del [date of birth]"),
    ("cumplo años el primero de mayo", "cumplo años el [date of birth]"),
    ("fecha de nac. 12-MAR-84", "fecha de nac. [date of birth]"),
    ("born on the twelfth of March, nineteen eighty-four", "born on [date of birth]"),
    ("my birthday is March the 12th", "my birthday is [date of birth]"),
    ("D.O.B. 12 March 1984", "D.O.B. [date of birth]"),
])  # fmt: skip
def test_what_leads_to_a_person_is_masked(said: str, stored: str) -> None:
    assert masked(said) == stored


def test_a_number_alone_is_proposed() -> None:
    assert masked("anotó 987 654 321 en un papel") == "anotó {987 654 321} en un papel"


@pytest.mark.parametrize("said", ["era 1852-PHD", "vi A1B-234 y nada más", "AB12 CDE went by"])
def test_a_plate_without_a_vehicle_is_proposed_where_little_else_has_its_form(said: str) -> None:
    assert "{" in masked(said)


@pytest.mark.parametrize("said", [
    "el carro costó 5000 USD",
    "la camioneta 2019 DLX",
    "el camión llega a 3850 MSNM",
    "la placa de la puerta dice SALA 12",
    "el auto consume 120 KWH",
    "el vuelo AB 1234",
    "el doce de marzo de mil novecientos ochenta y cuatro se firmó",
    "the fair is on the first of May",
    "nacieron dos en marzo",
    "he was born in May, may he rest",
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


@pytest.mark.parametrize(
    "table",
    [
        "Very satisfied 0 4 12 36 35",
        "2012 0 1378 1378\n2013 0 50",
        "Female 1050 78.0 Male 322 56.6",
        "Gender identity n %\nFemale 322 56.6",
        "(p. 176) 2020",
        "Agree 12 13 45 48 27\nDisagree 10 10 46 41 36\nNeither 11 16 25 54 48",
        "Region A 1 2 3 4 5 6 7 8 9\nRegion B 0 1 1 5 6 11 18 42",
    ],
)
def test_figures_of_a_table_are_not_telephone_or_identity_numbers(table: str) -> None:
    assert masked(table) == table


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("Ana 987 654 321\nLuis 987 654 322\nEva 987 654 323\nJuan 987 654 324", "{987 654 321}"),
        ("apuntó 06 12 34 56 78 en la hoja 1 2 3 4 5 6 7 8", "{06 12 34 56 78}"),
        ("mi teléfono es 44 33 22 11 0, 1 2 3 4 5 6 7", "[phone]"),
    ],
)
def test_a_telephone_number_among_figures_is_proposed(said: str, stored: str) -> None:
    assert stored in masked(said)
