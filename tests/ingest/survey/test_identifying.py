"""Columns that tell who somebody is are known by heading, in four languages, and by their cells; nothing of them is stored."""

import pytest
from small_surveys import LONG, comma, read

from pipeline.ingest.survey.identifying import identity_of
from pipeline.vocabulary import Identity

NAMES = ("Rosa Marín Quispe", "Juan de la Cruz Poma", "Eusebio Ccahuana", "María Elena Ñaupari", "Pedro Sosa Luna")
NUMBERS = ("41234567", "09812345", "70456123", "23456781", "44001122")
PHONES = ("+51 999 111 222", "+51 988 333 444", "+51 977 555 666", "+51 966 777 888", "+51 955 999 000")
MAILS = tuple(f"persona{n}@example.org" for n in range(5))
BIRTHS = ("1961-03-04", "1984-11-30", "1999-01-15", "1975-07-07", "1990-12-01")
STREETS = ("Jr. Lima 100", "Calle Sucre 23-B", "Av. Grau 410", "Pasaje Los Olivos 8", "Mz C Lote 4")
PLACES = (
    "-13.53195 -71.96746 3400 12",
    "-13.54001 -71.95002 3390 5",
    "-13.52 -71.96 0 0",
    "-13.511 -71.977 0 0",
    "-13.533 -71.9 1 1",
)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        *(
            (heading, NAMES)
            for heading in (
                "nombre_completo",
                "NombreCompleto",
                "nombre y apellidos del productor",
                "¿Cómo se llama usted?",
                "datos/nombre",
                "last_name",
                "What is your full name?",
                "RecipientLastName",
                "Nom et prénom",
                "Nome completo",
                "apellido_paterno",
                "nombre_entrevistado",
                "hogar/nombre_jefe",
                "Name of respondent",
                "Nombre de la persona encuestada (opcional)",
                "nom_enqueteur",
                "Nombre de la promotora",
            )
        ),
        *(
            (heading, PHONES)
            for heading in (
                "telefono_1",
                "numero_celular",
                "whatsapp",
                "Phone number",
                "Téléphone portable",
                "telefone_contato",
                "tel",
                "N° de celular",
                "Contact number",
                "celular del vecino",
            )
        ),
        *(
            (heading, MAILS)
            for heading in (
                "e-mail address",
                "RecipientEmail",
                "correo",
                "Correo electrónico institucional",
                "courriel",
                "endereço de e-mail",
                "E_Mail",
            )
        ),
        *(
            (heading, NUMBERS)
            for heading in (
                "DNI",
                "nro_documento",
                "Cédula de identidad",
                "N.º de pasaporte",
                "CPF",
                "passport number",
                "carné de identidad",
                "National ID",
            )
        ),
        *(
            (heading, BIRTHS)
            for heading in (
                "fecha_nacimiento",
                "Date of birth",
                "DOB",
                "date de naissance",
                "Data de nascimento",
                "fec_nac",
            )
        ),
        *(
            (heading, STREETS)
            for heading in ("direccion_domicilio", "Home address", "Adresse", "endereço", "domicilio actual")
        ),
        *((heading, PLACES) for heading in ("_geolocation", "gps", "coordenadas", "Ubicación GPS", "geopoint")),
        ("_casa_latitude", ("-13.5", "-13.6")),
        ("LocationLongitude", ("-71.9", "-71.8")),
        ("lat", ("-13.5", "-13.6")),
        ("IPAddress", ("192.0.2.1", "192.0.2.2")),
        ("PROLIFIC_PID", ("5f1a", "60b2", "61c9")),
        ("_submitted_by", ("rosa", "juan")),
        ("username", ("rosam", "jdc")),
        ("deviceid", ("collect:AbC", "collect:XyZ")),
    ],
)
def test_a_heading_that_asks_who_somebody_is_keeps_its_column_out(heading: str, cells: tuple[str, ...]) -> None:
    data = comma([["id", heading, "q"], *[[f"H{n}", cells[n % len(cells)], f"{LONG[n % 4]} {n}"] for n in range(5)]])
    reading = read(data)
    assert ("column B", "column that tells who somebody is") in [(row.place, row.reason) for row in reading.rejected]
    assert not any(answer.value in cells for answer in reading.answers)
    assert not any(cell in text.text for cell in cells for text in reading.texts)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (MAILS, Identity.EMAIL),
        (PHONES, Identity.TELEPHONE),
        (BIRTHS, Identity.BIRTH_DATE),
        (STREETS, Identity.ADDRESS),
        (NAMES, Identity.NAME),
        (PLACES, Identity.COORDINATES),
        (NUMBERS, Identity.IDENTITY_NUMBER),
        (("-13.53195", "-13.54001", "-13.52877"), Identity.COORDINATES),
        (("12345678Z", "23456789D", "34567890V"), Identity.IDENTITY_NUMBER),
        (("rosa@example.org", "999888777", "juan@example.org"), Identity.EMAIL),
        (("2001:db8::1", "192.0.2.7", "192.0.2.9"), Identity.IP),
    ],
)
def test_cells_identify_people_below_any_heading(cells: tuple[str, ...], kind: Identity) -> None:
    assert identity_of(("Dato 3",), cells) is kind


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Nombre de la comunidad", ("San Pedro", "Santa Rosa", "Villa María", "Ccorca")),
        ("Nombre del proyecto", ("Agua limpia", "Luz para todos", "Caminos", "Escuela")),
        ("Name of the organisation", ("Fundación María Elena", "Red Norte", "Comité Sur")),
        ("¿Tiene teléfono?", ("Sí", "No", "Sí")),
        ("tiene_celular", ("1", "0", "1")),
        ("WhatsApp", ("WhatsApp", "WhatsApp", "WhatsApp")),
        ("How often do you use your phone?", ("Daily", "Weekly", "Daily", "Never")),
        ("How did the project address your needs?", LONG),
        ("¿Qué opina de la dirección?", LONG),
        ("Año de nacimiento", ("1961", "1984", "1999")),
        ("Lugar de nacimiento", ("Cusco", "Lima", "Puno", "Cusco")),
        ("Distrito", ("San Juan", "Santa Rosa", "San Juan", "Pueblo Libre")),
        ("Ingreso", ("1200", "850", "2300", "1200")),
        ("fecha", ("2023-05-01", "2023-05-02", "2023-06-01")),
        ("puntaje", ("0.12345", "1.54321", "-0.99871")),
        ("tipo de documento", ("DNI", "CE", "DNI", "Pasaporte")),
        ("¿Qué cambió?", LONG),
    ],
)
def test_other_columns_do_not_identify_people(heading: str, cells: tuple[str, ...]) -> None:
    assert identity_of((heading,), cells) is None
