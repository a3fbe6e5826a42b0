"""Headings of the registers that stand for a column of theirs, in English and Spanish; consent has a rule of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.people import fold_name

# Column -> what else it may be called, folded; the first of several that a register has is the column.
PARTICIPANTS = {
    "participant_id": "id codigo id_participante id_de_participante id_del_participante id_persona codigo_participante",
    "name": (
        "names full_name first_name given_name participant nombre nombres nombre_completo nombre_y_apellido "
        "nombre_y_apellidos nombres_y_apellidos participante"
    ),
    "surname": "surnames last_name family_name apellido apellidos primer_apellido apellido_paterno",
    "second_surname": "segundo_apellido apellido_materno",
    "initials": "iniciales",
    "aliases": "alias nickname nicknames apodo apodos sobrenombre sobrenombres",
    "gender": "genero sexo sex",
    "country": "pais",
}
NAMES = ("name", "surname", "second_surname", "initials", "aliases")  # columns that are never shown
SOURCES = {
    "path": "ruta archivo fichero",
    "source_id": "id_fuente id_de_fuente id_de_la_fuente fuente",
    "kind": "tipo",
    "participant_ids": (
        "participant_id participants participantes participante id_participantes ids_participantes id_participante personas"
    ),
    "language": "idioma lengua",
    "date": "fecha",
    "site": "lugar sitio",
    "speakers": "hablantes",
}


def _by_alias(columns: Mapping[str, str]) -> dict[str, str]:
    return {alias: column for column, aliases in columns.items() for alias in aliases.split()}


ALIASES = {"participants": _by_alias(PARTICIPANTS), "sources": _by_alias(SOURCES)}


def columns_of(headings: Sequence[str], register: str) -> list[str]:
    """The columns that the headings of a register stand for; a heading that stands for none is one of its own, folded.

    A column that has its own heading, or another one that stands for it, is not read from a second one: that keeps its name.
    """
    folded = [fold_name(heading).replace(" ", "_") for heading in headings]
    columns: list[str] = []
    for heading in folded:
        column = ALIASES[register].get(heading, heading)
        is_taken = column in folded or column in columns
        columns.append(heading if is_taken else column)
    return columns


def holds_names(column: str) -> bool:
    """Whether a column of the register of participants holds names, which are never shown."""
    return ALIASES["participants"].get(column, column) in NAMES


def doubled(columns: Sequence[str]) -> list[str]:
    """The columns that come more than once."""
    return sorted(column for column, times in Counter(columns).items() if column and times > 1)
