"""From codings to the cells of the matrix, and to the first figures of a run."""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator

from pipeline.audit.recount.links import PersonsOf, findings_of
from pipeline.audit.stored import RERUN, Row, Stored, csv_rows
from pipeline.errors import Problem
from pipeline.vocabulary import UNDECIDED, Reason
from pipeline.wording.messages import message

REFUSED = (Reason.REFUSED, Reason.ASKED_OF_REFUSER, Reason.PERSON_UNCLEAR)

MATRIX = "outputs/matrix.csv"
COUNTS = ("persons", "sources", "excerpts", "positive", "negative", "mixed")
NEAR = 2e-4  # the last digit of a share that was rounded on another way
Place = tuple[str, str, str]  # criterion, kind, group


def is_same(shown: str, value: str | float) -> bool:
    """Whether a cell of a CSV file shows a text or a figure; not a number is a blank cell."""
    if isinstance(value, str):
        return shown == value
    if math.isnan(value):
        return shown == ""
    return shown != "" and abs(float(shown) - value) <= NEAR


def shown_count(count: int, smallest: int) -> str:
    """A count of persons as outputs show it."""
    return f"<{smallest}" if 0 < count < smallest else str(count)


def check_matrix(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Every cell of the matrix counts the codings of its code, kind and group."""
    published = csv_rows(stored.root / MATRIX)
    cells = _cells(stored)
    smallest = stored.settings.disclosure.smallest_cell

    def problems() -> Iterator[Problem]:
        present: set[Place] = set()
        for number, row in enumerate(published, 2):
            place = (row["criterion"], row["kind"], row["group"].removeprefix("'") if row["guarded"] else row["group"])
            if place in present:
                yield Problem(f"{MATRIX} line {number}", message("audit/occurs_twice"), message(RERUN))
            present.add(place)
            for name, value in _counts(cells.get(place, []), smallest).items():
                if row[name].removeprefix("'") != value:
                    yield _other(f"{MATRIX} line {number}", name, value)
        expected = {(code, kind, group) for code in codes_of(stored) for _, kind, group in present} | cells.keys()
        for place in sorted(expected - present):
            yield Problem(MATRIX, message("audit/has_no_row_for", row=", ".join(filter(None, place))), message(RERUN))
        for place in sorted(place for place in present if place not in expected):
            yield Problem(MATRIX, message("audit/has_a_row", row=place[0]), message(RERUN))

    return len(published), problems()


def _other(where: str, name: str, expected: str) -> Problem:
    return Problem(where, message("audit/its_number_of_does_not_match", name=name, expected=expected), message(RERUN))


def _cells(stored: Stored) -> dict[Place, list[Row]]:
    """The codings of every cell: source, person and stance of each; the words of a copied source count once."""
    sources = {row["source_id"]: row for row in stored.tables["sources"]}
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    persons = PersonsOf(stored)
    cells: dict[Place, list[Row]] = defaultdict(list)
    for coding in coded_rows(stored):
        excerpt = excerpts[coding["excerpt_id"]]
        source = sources[excerpt["source_id"]]
        place = (coding["criterion"], source["kind"], persons.attributes(excerpt)["group"])
        cells[place].append({"source": excerpt["source_id"], "person": person_key(excerpt, source, sources), **coding})
    return cells


def person_key(excerpt: Row, source: Row, sources: dict[str, Row]) -> str:
    """The key of the speaker: the person of the register, otherwise the source; "" for a document."""
    if excerpt["participant_id"]:
        return f"P {excerpt['participant_id']}"
    is_somebody = excerpt["role"] == "respondent" and source["kind"] != "document"
    original = source["copy_of"] if source["copy_of"] in sources else excerpt["source_id"]
    return f"A {original}" if is_somebody else ""


def _counts(codings: list[Row], smallest: int) -> dict[str, str]:
    persons = len({row["person"] for row in codings} - {""})
    by_stance = Counter(row["stance"] for row in codings)
    return {
        "persons": f"<{smallest}" if 0 < persons < smallest else str(persons),
        "sources": str(len({row["source"] for row in codings})),
        "excerpts": str(len(codings)),
        **{stance: str(by_stance[stance]) for stance in COUNTS[3:]},
    }


def check_first_figures(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """The first figures of the run are what the tables count; a run of an older program may lack one."""
    summary, expected = stored.record.get("summary", {}), _first_figures(stored)
    if not stored.is_of_this_program:
        expected = {name: value for name, value in expected.items() if name in summary}

    def problems() -> Iterator[Problem]:
        for name, value in expected.items():
            if summary.get(name) != value:
                yield Problem(
                    f"outputs/run.json summary {name}",
                    message("audit/does_not_match_the_tables", value=value),
                    message(RERUN),
                )

    return len(expected), problems()


def sources_used(stored: Stored) -> set[str]:
    """The sources that were read, but for those of which consent leaves nothing."""
    answered = {row["source_id"] for row in stored.tables["turns"] if row["role"] == "respondent"}
    refused = {row["source_id"] for row in stored.tables["rejected"] if row["reason"] in REFUSED}
    read = {row["source_id"] for row in stored.tables["sources"] if row["status"] != "rejected"}
    return read - (refused - answered)


def _first_figures(stored: Stored) -> dict[str, int]:
    tables = stored.tables
    coded = coded_rows(stored)
    links = [row for row in tables["links"] if row["status"] != "rejected"]
    return {
        "files": len({row["path"] for row in tables["sources"]}),
        **_numbers_of_findings(stored, links),
        "confirmed": sum(row["status"] not in UNDECIDED for row in tables["codings"]),
        "doubtful": len({row["excerpt_id"] for row in tables["codings"] if row["doubtful"]}),
        "sources": len(sources_used(stored)),
        "excerpts": sum(row["role"] == "respondent" for row in tables["excerpts"]),
        "coded": len({row["excerpt_id"] for row in coded}),
        "codings": len(coded),
        **_numbers_of_links(links),
        "waiting": len(tables["queue"]),
        "participants": len(stored.people),
        "coders": len(_coders(stored)),
    }


def _numbers_of_links(links: list[Row]) -> dict[str, int]:
    unclear = [row for row in links if row["status"] == "suggested" and row["direction"] == "not_told"]
    confirmed = sum(row["status"] == "confirmed" for row in links)
    return {"links": len(links), "links_confirmed": confirmed, "links_unclear": len(unclear)}


def _coders(stored: Stored) -> set[str]:
    """The people who decided on the codings and links as they are."""
    codings = [row["decided_by"] for row in stored.tables["codings"] if row["status"] not in UNDECIDED]
    links = [row["decided_by"] for row in stored.tables["links"] if row["status"] != "suggested"]
    return set(";".join({*codings, *links}).split(";")) - {""}


def _numbers_of_findings(stored: Stored, links: list[Row]) -> dict[str, int]:
    links_of: dict[str, set[str]] = {name: set() for name in findings_of(stored)}
    for row in links:
        links_of[row["finding_id"]].add(row["status"])
    suggested_only = sum(statuses == {"suggested"} for statuses in links_of.values())
    return {"findings": len(links_of), "findings_suggested_only": suggested_only}


def codes_of(stored: Stored) -> list[str]:
    """The ids of all codes, in the order of the codebook."""
    content = tomllib.loads((stored.root / "coded" / "codebook.toml").read_text("utf-8-sig"))
    return [code["id"] for code in content.get("criteria", ())]


def coded_rows(stored: Stored) -> list[Row]:
    """The codings that count: coded, and not in a copy of another source."""
    copied = {row["source_id"] for row in stored.tables["sources"] if row["copy_of"]}
    codings = stored.tables["codings"]
    return [row for row in codings if row["coded"] and row["excerpt_id"].rpartition(":")[0] not in copied]
