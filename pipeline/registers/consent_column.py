"""The consent column of a register, and its words in English and Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.errors import Problem
from pipeline.people import fold_name
from pipeline.vocabulary import Consent
from pipeline.wording.messages import message

COLUMN = "consent"
HEADINGS = frozenset(
    """consent consents consented consent_given consent_status consent_obtained informed_consent consent_to_use
    permission permission_given authorization authorisation authorized authorised
    consentimiento consentimiento_informado consentimiento_otorgado consentimiento_dado consiente consintio
    autorizacion autoriza autorizo autorizado autorizada permiso acepta acepto""".split()
)
# Stems of headings that may mean consent in these and other languages: nobody guesses what is in such a column.
LOOKS_LIKE_CONSENT = re.compile(r"cons?ent|consint|autori|authori|permis|einwillig|zustimm|accord|aceit|acept|accept")
REMEDY = "registers/write_yes_no_quotes_or_no"
NO_ANSWER = frozenset(
    {"none", "ninguno", "true", "false", "verdadero", "falso"}
)  # of other columns, for example disability

YES = frozenset(
    """yes;y;yes to all;granted;given;agrees;agreed;accepts;accepted;consents;consented;authorized;authorised;true
    si;s;si a todo;otorgado;otorgada;otorgo;dado;acepta;acepto;aceptado;consiente;autoriza;autorizo;autorizado;autorizada;verdadero
    de acuerdo;si acepta;si consiente;si autoriza;yes agrees;yes consents""".replace("\n", ";").split(";")
)
NO = frozenset(
    """no;n;none;not given;refused;refuses;declined;declines;denied;withdrawn;withdrew;revoked;no consent;does not consent;false
    not granted;not authorized;not authorised;disagrees;ninguno;negado;negada;niega;rechaza;rechazo;rechazado;rechazada
    retirado;retirada;retiro;revocado;revocada;no acepta;no acepto;no consiente;no autoriza;no autorizo;no autorizado;no otorgado
    no da su consentimiento;sin consentimiento;falso;no de acuerdo""".replace("\n", ";").split(";")
)
NO_QUOTES = frozenset(
    """no quotes;no quote;no quotation;no quotations;no citation;not quoted;do not quote;without quotes;yes no quotes
    yes but no quotes;yes without quotes;use no quotes;sin citas;sin cita;sin citar;no citas;no citar;si sin citas;si sin citar
    si pero sin citas;si pero no citar;si no citar;sin citas textuales;no citas textuales""".replace("\n", ";").split(
        ";"
    )
)
WORDS = {
    **dict.fromkeys((word.strip() for word in YES), Consent.YES),
    **dict.fromkeys((word.strip() for word in NO), Consent.NO),
    **dict.fromkeys((word.strip() for word in NO_QUOTES), Consent.NO_QUOTES),
}
CLEAR = re.compile(r"[^\W\d](?:[^\W\d]|[\s,;'_-])*[.!]?")  # letters alone: `yes?`, `yes (2)` and `1` are not clear


def consent_of(cell: str) -> Consent | None:
    """The consent that a cell records; None if it is not a known word."""
    text = cell.strip()
    return WORDS.get(fold_name(text.replace("_", " "))) if CLEAR.fullmatch(text) else None


def consent_heading(headings: Sequence[str]) -> str:
    """The heading of the column of consent; none if there is no such column."""
    columns = [heading for heading in headings if heading in HEADINGS]
    return COLUMN if COLUMN in columns else columns[0] if columns else ""


def answering_columns(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The headings of columns in which most of the filled cells are words of consent, whatever the heading says."""
    for heading in rows[0] if rows else ():
        cells = [fold_name(row[heading]) for row in rows if row[heading]]
        answers = [cell for cell in cells if cell not in NO_ANSWER and consent_of(cell)]
        if 2 * len(answers) > len(cells):
            yield heading


def unnamed_problems(columns: Sequence[str], where: str) -> tuple[Problem, ...]:
    """The problem that a register without consent has columns that may be it under another heading."""
    if not columns:
        return ()
    what = message("registers/records_no_consent_but_contains_yes", columns=", ".join(columns))
    remedy = message("registers/name_the_column", column=COLUMN)
    return (Problem(where, what, remedy),)


def heading_problems(headings: Sequence[str], where: str) -> tuple[Problem, ...]:
    """Reasons why the column of consent cannot be identified."""
    columns = [heading for heading in headings if heading in HEADINGS]
    if len(columns) > 1:
        what = message("registers/has_several_consent_columns", columns=", ".join(columns))
        return (Problem(where, what, message("registers/keep_one_and_name_it", column=COLUMN)),)
    alike = [heading for heading in headings if LOOKS_LIKE_CONSENT.search(heading)]
    if alike and not columns:
        what = message("registers/has_no_column_but", column=COLUMN, alike=", ".join(alike))
        return (Problem(where, what, message("registers/name_the_column_with_yes", column=COLUMN)),)
    return ()
