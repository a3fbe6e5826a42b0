"""From any id of a study to the words behind it, and from any words to all that relies on them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from pipeline import tables
from pipeline.audit.stored import Row, json_object, ledger_lines, rows
from pipeline.errors import ConfigError, Problem, counted
from pipeline.vocabulary import Direction, Role
from pipeline.wording import closed_word


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: what it shows, why the walk leads here, and where it leads on."""

    kind: str
    id: str
    says: str
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        """The walk as indented text."""
        return "\n".join(as_lines(self))


@dataclass(frozen=True, slots=True)
class Walks:
    """All that a walk may pass: the registers, the links and the words of a study."""

    registers: Mapping[str, Sequence[Row]]
    links: Sequence[Row]
    excerpts: Mapping[str, Row]
    sources: Mapping[str, Row]
    codings: Mapping[str, Sequence[Row]]
    votes: Mapping[tuple[str, str], Sequence[Row]]  # by excerpt and code
    decisions: Mapping[tuple[str, str], Sequence[Row]]  # lines of the ledger, by excerpt and finding
    codes: Mapping[str, str]  # participant id -> pseudonym


@dataclass(frozen=True, slots=True)
class Hidden:
    """The turns that are never shown, and the note shown instead."""

    turns: frozenset[tuple[str, int]]
    note: str


def load(root: Path, codes: Mapping[str, str], hidden: Hidden) -> Walks:
    """The stored tables of a study, indexed for traces."""
    machine = root / "coded" / "machine"
    path = root / "coded" / "findings.toml"
    registers = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    codings: dict[str, list[Row]] = {}
    for row in rows(machine, tables.CODINGS):
        if row["coded"]:
            codings.setdefault(row["excerpt_id"], []).append(row)
    excerpts = {row["excerpt_id"]: _shown(row, hidden) for row in rows(machine, tables.EXCERPTS)}
    votes: dict[tuple[str, str], list[Row]] = {}
    for row in rows(machine, tables.VOTES):
        votes.setdefault((row["excerpt_id"], row["criterion"]), []).append(row)
    return Walks(
        registers=registers,
        links=rows(machine, tables.LINKS),
        excerpts=excerpts,
        sources={row["source_id"]: row for row in rows(machine, tables.SOURCES)},
        codings=codings,
        votes=votes,
        decisions=_decisions_on_links(root),
        codes=codes,
    )


def _decisions_on_links(root: Path) -> dict[tuple[str, str], list[Row]]:
    decisions: dict[tuple[str, str], list[Row]] = {}
    for line in ledger_lines(root):
        row = json_object(line)
        if row["finding_id"]:
            decisions.setdefault((row["excerpt_id"], row["finding_id"]), []).append(row)
    return decisions


def _shown(row: Row, hidden: Hidden) -> Row:
    """An excerpt as a walk may show it: of hidden words not even the hash, by which they could be guessed."""
    is_hidden = (row["source_id"], row["turn"]) in hidden.turns
    return {**row, "text": hidden.note, "text_sha256": ""} if is_hidden else row


def trace(walks: Walks, identity: str) -> Step:
    """The walk from an id: a recommendation, conclusion, finding, excerpt, source or participant (id or pseudonym).

    From the registers it leads down to the words; from words, sources and people up to the findings, conclusions and
    recommendations that rely on them. Raises ConfigError if no such id is known.
    """
    for section, kind in (
        ("recommendations", "recommendation"),
        ("conclusions", "conclusion"),
        ("findings", "finding"),
    ):
        entries = [entry for entry in walks.registers.get(section, ()) if entry.get("id") == identity]
        if entries:
            return _register_entry(walks, kind, entries)
    if identity in walks.excerpts:
        return _words(walks, identity, "asked for", up=True)
    if identity in walks.sources:
        return _source(walks, identity)
    people = {code: person for person, code in walks.codes.items()}
    person = people.get(identity, identity)
    if person in walks.codes:
        return _participant(walks, person)
    what = "is not a recommendation, conclusion, finding, excerpt, source or participant of this study"
    raise ConfigError(Problem(f"trace {identity}", what, "look up ids in outputs/evidence.xlsx or in the report"))


def _register_entry(walks: Walks, kind: str, entries: Sequence[Row]) -> Step:
    """An entry of the register; where a number was used twice, the links of both are walked."""
    entry = entries[0]
    if kind == "finding":
        return _finding(walks, entry, "asked for", up=True)
    below = []
    for section in ("conclusions", "findings"):
        targets = dict.fromkeys(chain.from_iterable(each.get(section, ()) for each in entries))
        below += [
            _target(walks, section=section, target=name, reason=f"{entry['id']} relies on it") for name in targets
        ]
    details = {key: entry[key] for key in ("priority", "timeframe", "addressees") if entry.get(key)}
    twice = f" (this id is used {len(entries)} times)" if len(entries) > 1 else ""
    return Step(kind, entry["id"], entry["statement"], f"asked for{twice}", details, tuple(below))


def _target(walks: Walks, *, section: str, target: str, reason: str) -> Step:
    """The conclusion or finding that an entry of the register names."""
    name = section.removesuffix("s")
    entry = next((each for each in walks.registers.get(section, ()) if each.get("id") == target), None)
    if entry is None:
        return Step(name, target, "", "named, but not in the register")
    if section == "findings":
        return _finding(walks, entry, reason, up=False)
    return Step(name, target, entry["statement"], reason, {"findings": entry.get("findings", [])})


def _finding(walks: Walks, entry: Row, reason: str, *, up: bool) -> Step:
    links = sorted((row for row in walks.links if row["finding_id"] == entry["id"]), key=_confirmed_first)
    steps = tuple(_words(walks, row["excerpt_id"], _link_reason(row), up=False) for row in links)
    above = tuple(_relying_on(walks, entry["id"])) if up else ()
    return Step(
        "finding",
        entry["id"],
        entry["statement"],
        reason,
        {"criterion": entry["criterion"], "links": len(links)},
        above + steps,
    )


def _confirmed_first(row: Row) -> tuple[int, float, str]:
    order = ("confirmed", "suggested", "rejected")
    return order.index(row["status"]), -row["score"], row["excerpt_id"]


def _link_reason(row: Row) -> str:
    direction = closed_word("direction", row["direction"], "en")
    joined = f"{direction} for" if row["direction"] == Direction.NOT_TOLD else direction
    return f"{joined} {row['finding_id']} ({row['status']} by {row['decided_by']}, similarity {row['score']:.2f})"


def _relying_on(walks: Walks, finding: str) -> Iterator[Step]:
    for section, kind in (("conclusions", "conclusion"), ("recommendations", "recommendation")):
        for entry in walks.registers.get(section, ()):
            if finding in entry.get("findings", ()):
                yield Step(kind, entry["id"], entry["statement"], f"relies on {finding}")


def _words(walks: Walks, excerpt: str, reason: str, *, up: bool) -> Step:
    """The words themselves, with file, place, offsets and hash; `up` adds all that relies on them."""
    row = walks.excerpts.get(excerpt)
    if row is None:
        return Step("excerpt", excerpt, "", f"{reason}; it no longer exists")
    source = walks.sources[row["source_id"]]
    details = {
        "file": f"raw/{source['path']}",
        "place": row["place"],
        "start": row["start"],
        "end": row["end"],
        "text_sha256": row["text_sha256"],
        "participant": walks.codes.get(row["participant_id"], ""),
        "question": row["question"],
        "codes": [_coding_text(coding) for coding in walks.codings.get(excerpt, ())],
        "votes": {
            coding["criterion"]: [_vote_text(vote) for vote in walks.votes.get((excerpt, coding["criterion"]), ())]
            for coding in walks.codings.get(excerpt, ())
        },
        "links": [_decision_text(row) for row in _lines_of(walks, excerpt)],
    }
    above = tuple(_findings_above(walks, excerpt)) if up else ()
    return Step("excerpt", excerpt, row["text"], reason, details, above)


def _coding_text(row: Row) -> str:
    by = ", ".join(dict.fromkeys((row["status"], row["decided_by"])))
    return f"{row['criterion']} {row['stance']} p={row['probability']:.2f} ({by})"


def _vote_text(row: Row) -> str:
    """Who voted what; of a coder also the line of the ledger. The words that a rule matched are in the excerpt."""
    line = json_object(row["because"].encode()).get("decision") if row["voter"].startswith("coder:") else None
    where = f"line {line} of the ledger" if line else f"{row['score']:.2f}"
    return " ".join(filter(None, (row["voter"], "yes" if row["vote"] else "no", row["stance"], f"({where})")))


def _lines_of(walks: Walks, excerpt: str) -> list[Row]:
    lines = [row for (of_excerpt, _), rows_ in walks.decisions.items() if of_excerpt == excerpt for row in rows_]
    return sorted(lines, key=itemgetter("seq"))


def _decision_text(row: Row) -> str:
    does = row["value"] or row["kind"]
    return f"{does} {row['finding_id']}: {row['coder']}, {row['at']} (line {row['seq']} of the ledger)"


def _findings_above(walks: Walks, excerpt: str) -> Iterator[Step]:
    statements = {f["id"]: f for f in walks.registers.get("findings", ())}
    for row in sorted((row for row in walks.links if row["excerpt_id"] == excerpt), key=_confirmed_first):
        finding = statements.get(row["finding_id"], {"id": row["finding_id"], "statement": ""})
        above = tuple(_relying_on(walks, finding["id"]))
        yield Step("finding", finding["id"], finding["statement"], _link_reason(row), steps=above)


def _source(walks: Walks, source_id: str) -> Step:
    source = walks.sources[source_id]
    details = {key: source[key] for key in ("kind", "sha256", "status", "reader", "note")} | {
        "file": f"raw/{source['path']}"
    }
    return _spoken(walks, Step("source", source_id, "", "asked for", details), column="source_id", value=source_id)


def _participant(walks: Walks, person: str) -> Step:
    step = Step("participant", walks.codes[person], "", "asked for")
    return _spoken(walks, step, column="participant_id", value=person)


def _spoken(walks: Walks, step: Step, *, column: str, value: str) -> Step:
    """The step of a source or a person with how many excerpts there are, and those that bear on a finding; all if none does."""
    spoken = [name for name, row in walks.excerpts.items() if row[column] == value and row["role"] == Role.RESPONDENT]
    links = {row["excerpt_id"] for row in walks.links}
    linked = [name for name in spoken if name in links]
    coded = sum(name in walks.codings for name in spoken)
    bearing = f"{len(linked)} linked to a finding" if linked else "no finding relies on them"
    listed, reason = (linked, "bears on a finding") if linked else (spoken, "no finding relies on it")
    return replace(
        step,
        says=f"{counted(len(spoken), 'excerpt')}, {coded} with a code, {bearing}",
        details={**step.details, "excerpts": len(spoken), "coded": coded, "linked": len(linked)},
        steps=tuple(_words(walks, name, reason, up=bool(linked)) for name in listed),
    )


def as_lines(step: Step, depth: int = 0) -> Iterator[str]:
    """The walk as indented text."""
    pad = "  " * depth
    yield f"{pad}{step.kind} {step.id}  [{step.reason}]"
    if step.says:
        yield f"{pad}  «{step.says}»" if step.kind == "excerpt" else f"{pad}  {step.says}"
    if step.kind == "excerpt" and step.details:
        yield from (f"{pad}  {line}" for line in _excerpt_lines(step.details))
    if step.kind == "finding" and step.details.get("links") == 0:
        yield f"{pad}  no excerpt is linked to it"
    for following in step.steps:
        yield from as_lines(following, depth + 1)


def _excerpt_lines(details: Mapping[str, Any]) -> Iterator[str]:
    """Where the words are, their hash, their codes with the votes, and the lines of the ledger that link them."""
    by = details["participant"] and f", {details['participant']}"
    yield f"{details['file']}, {details['place']}, characters {details['start']}-{details['end']}{by}"
    if details["text_sha256"]:
        yield f"sha256 {details['text_sha256']}"
    for code, votes in zip(details["codes"], details["votes"].values(), strict=True):
        yield f"code {code}"
        yield from (f"  vote {vote}" for vote in votes)
    yield from (f"link {link}" for link in details["links"])


def as_json(step: Step) -> dict[str, Any]:
    """The walk as plain values."""
    return {
        "kind": step.kind,
        "id": step.id,
        "says": step.says,
        "reason": step.reason,
        **({"details": dict(step.details)} if step.details else {}),
        **({"steps": [as_json(following) for following in step.steps]} if step.steps else {}),
    }
