"""From codings and memos to theory_of_change.csv and causal_paths.csv (docs/method.md, Theory of change, Causal paths)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from second_verifier.decisions import Replay
from second_verifier.shown import sheets
from second_verifier.stored import Difference, Row, StoredStudy
from second_verifier.voices import CONFIRMED, compared, spoken

ELEMENTS, PATHS, WORKBOOK = "outputs/theory_of_change.csv", "outputs/causal_paths.csv", "outputs/evidence.xlsx"
KINDS = {"activity", "output", "outcome", "impact", "assumption"}
ARROWS = (("-/->", False), ("↛", False), ("->", True), ("→", True))
SUGGESTED = {"en": "suggested by its words", "es": "sugerido por sus palabras"}
Path = tuple[str, str]
Stances = dict[str, str]  # of the excerpts on an element


def elements(study: StoredStudy) -> Iterator[Difference]:
    """Every element counts the persons, excerpts and documents that bear on it, by people and by the machine alone."""
    rows = _elements(study)
    who, expected = spoken(study), {}
    for element in rows:
        people, machine = _bearing(study, element)
        counts = _counts(people, who)
        of_machine = {f"machine_{name}": count for name, count in _counts(machine, who).items() if name != "documents"}
        expected[(element["id"],)] = {
            "kind": element["kind"],
            "name": _name(element, study),
            "codes": ";".join([element["code"], *element.get("together_with", ())]),
            "leads_to": ";".join(dict.fromkeys(element.get("leads_to", ()))),
            "status": _status(counts, _takers(people, who), study.settings["contested"]),
            **{name: str(count) for name, count in (counts | of_machine).items()},
        }
    yield from compared(ELEMENTS, _published(study, "theory_of_change.csv"), expected, lambda row: (row["element"],))


def _published(study: StoredStudy, name: str) -> list[Row]:
    """The rows of a table that a study without a theory of change does not have."""
    return study.csv(name) if _elements(study) or (study.root / "outputs" / name).exists() else []


def _elements(study: StoredStudy) -> list[Row]:
    """The elements that can be used: of a known kind, with codes of the codebook; of an id that is used twice, the first."""
    codes = {code["id"] for code in study.codes}
    usable: dict[str, Row] = {}
    for row in study.toml("coded/theory_of_change.toml").get("elements", ()):
        needed = {row.get("code"), *row.get("together_with", ())}
        if row.get("kind") in KINDS and row.get("name") and needed <= codes:
            usable.setdefault(row["id"], row)
    return list(usable.values())


def _name(element: Row, study: StoredStudy) -> str:
    name = element["name"]
    return name if isinstance(name, str) else str(name.get(study.settings["language"]) or next(iter(name.values())))


def _bearing(study: StoredStudy, element: Row) -> tuple[Stances, Stances]:
    """The excerpts that carry all codes of an element with the stance of the first: confirmed ones, and the machine's."""
    who = spoken(study)
    needed = [element["code"], *element.get("together_with", ())]
    status: dict[str, dict[str, str]] = defaultdict(dict)
    stance: Stances = {}
    for row in study.table("codings"):
        if row["coded"] and row["criterion"] in needed and row["excerpt_id"] in who:
            status[row["excerpt_id"]][row["criterion"]] = row["status"]
            if row["criterion"] == element["code"]:
                stance[row["excerpt_id"]] = row["stance"]
    sides: tuple[Stances, Stances] = ({}, {})
    for excerpt, by_code in status.items():
        if set(by_code) == set(needed) and set(by_code.values()) <= {*CONFIRMED, "machine"}:
            sides["machine" in by_code.values()][excerpt] = stance[excerpt]
    return sides


def _side(on_element: Stances, who: dict[str, str], stances: set[str]) -> set[str]:
    return {who[name] for name, stance in on_element.items() if stance in stances} - {""}


def _counts(on_element: Stances, who: dict[str, str]) -> dict[str, int]:
    return {
        "persons": len({who[name] for name in on_element} - {""}),
        "supporting": len(_side(on_element, who, {"positive", "mixed"})),
        "contradicting": len(_side(on_element, who, {"negative", "mixed"})),
        "excerpts": len(on_element),
        "documents": len({name.rpartition(":")[0] for name in on_element if not who[name]}),
    }


def _takers(on_element: Stances, who: dict[str, str]) -> int:
    return len(_side(on_element, who, {"positive", "negative", "mixed"}))


def _status(counts: dict[str, int], takers: int, contested: float) -> str:
    if not takers:
        return "mentioned" if counts["persons"] else "documents" if counts["documents"] else "silent"
    few, many = sorted((counts["supporting"], counts["contradicting"]))
    if few == many or (few and few / takers >= contested):
        return "contested"
    return "supported" if counts["supporting"] == many else "contradicted"


def paths(study: StoredStudy) -> Iterator[Difference]:
    """Every arrow counts the persons, excerpts and documents that state it; what is suggested must be possible, and listed."""
    who, marks = spoken(study), _marks(study)
    stated: dict[Path, set[str]] = defaultdict(set)
    for (path, excerpt), answers in marks.items():
        if answers == {True}:
            stated[path].add(excerpt)
    drawn = _drawn(study)
    expected = {path: _path_row(stated[path], who, path in drawn) for path in [*drawn, *sorted(stated)]}
    published = _published(study, "causal_paths.csv")
    yield from compared(PATHS, published, expected, lambda row: (row["influence"], row["consequence"]))
    yield from _suggestions(study, marks, published)


def _drawn(study: StoredStudy) -> list[Path]:
    ids = {element["id"] for element in _elements(study)}
    return [(element["id"], end) for element in _elements(study) for end in element.get("leads_to", ()) if end in ids]


def _marks(study: StoredStudy) -> dict[tuple[Path, str], set[bool]]:
    """What coders say of a path on an excerpt, each in the last memo on it."""
    who, ids = spoken(study), {element["id"] for element in _elements(study)}
    marks: dict[tuple[Path, str], set[bool]] = defaultdict(set)
    for (excerpt, _), note in Replay(study).memos.items():
        for part in note.replace(";", "\n").split("\n"):
            path, is_stated = _mark(part)
            if excerpt in who and ids.issuperset(path):
                marks[path, excerpt].add(is_stated)
    return marks


def _mark(part: str) -> tuple[Path, bool]:
    """The path that a part of a memo marks, and whether as stated; names of no element if it marks none."""
    for arrow, is_stated in ARROWS:
        start, sign, end = part.partition(arrow)
        if sign:
            return (start.strip(), end.strip()), is_stated
    return ("", ""), False


def _path_row(stated: set[str], who: dict[str, str], is_drawn: bool) -> Row:  # noqa: FBT001 - of the path
    persons = {who[name] for name in stated} - {""}
    of_drawn = "told" if persons else "documents" if stated else "untold"
    return {
        "status": of_drawn if is_drawn else "undrawn",
        "persons": str(len(persons)),
        "excerpts": str(len(stated)),
        "documents": str(len({name.rpartition(":")[0] for name in stated if not who[name]})),
    }


def _suggestions(
    study: StoredStudy, marks: dict[tuple[Path, str], set[bool]], published: list[Row]
) -> Iterator[Difference]:
    """A suggestion is on an excerpt without marks that bears on both elements, with its cue; the arrows count them."""
    by_name = {_name(element, study): element for element in _elements(study)}
    on = {name: {**people, **machine} for name, (people, machine) in _all_bearing(study, by_name).items()}
    marked = {excerpt for _, excerpt in marks}
    listed: dict[Path, int] = defaultdict(int)
    for title, keys, rows in sheets(study):
        if "cue" not in keys:
            continue
        for number, row in enumerate(rows, 3):
            if row["status"] != SUGGESTED[study.settings["language"]]:
                continue
            listed[by_name[row["influence"]]["id"], by_name[row["consequence"]]["id"]] += 1
            bears = all(row["excerpt_id"] in on[row[end]] for end in ("influence", "consequence"))
            if row["excerpt_id"] in marked or not bears or not row["cue"] or row["cue"] not in row["quote"]:
                yield Difference(f"{WORKBOOK} sheet {title} row {number}", "suggests a path that nothing suggests")
    for line, row in enumerate(published, 2):
        if row["suggested"] != str(listed[row["influence"], row["consequence"]]):
            yield Difference(f"{PATHS} line {line}", "its suggested is not the number of such words in the book")


def _all_bearing(study: StoredStudy, by_name: dict[str, Row]) -> dict[str, tuple[Stances, Stances]]:
    return {name: _bearing(study, element) for name, element in by_name.items()}
