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
from pipeline.audit.bounds_trail import BoundsTrail, bounds_trail
from pipeline.audit.corrected import correction_lines
from pipeline.audit.corrections_trail import CorrectionsTrail, corrections_trail
from pipeline.audit.stored import Row, json_object, ledger_lines, lines_of_vote, rows
from pipeline.errors import ConfigError, Problem
from pipeline.vocabulary import Direction, Role
from pipeline.wording.messages import Message, counted, in_language, message, separated


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
    bounds: BoundsTrail = field(default_factory=BoundsTrail)
    spans: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # by excerpt: what coders marked in it
    corrections: CorrectionsTrail = field(default_factory=CorrectionsTrail)


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
    spans: dict[str, list[Row]] = {}
    has_spans = (machine / f"{tables.SPANS.name}.parquet").exists()  # an older program has none
    for row in rows(machine, tables.SPANS) if has_spans else ():
        spans.setdefault(row["excerpt_id"], []).append(row)
    return Walks(
        registers=registers,
        links=rows(machine, tables.LINKS),
        excerpts=excerpts,
        sources={row["source_id"]: row for row in rows(machine, tables.SOURCES)},
        codings=codings,
        votes=votes,
        decisions=_decisions_on_links(root),
        codes=codes,
        bounds=bounds_trail(map(json_object, ledger_lines(root)), rows(machine, tables.PLACEMENTS)),
        spans=spans,
        corrections=_corrections(root, machine, hidden),
    )


def _corrections(root: Path, machine: Path, hidden: Hidden) -> CorrectionsTrail:
    """The corrections of the last run; none where an earlier version made it."""
    if not (machine / f"{tables.CORRECTIONS.name}.parquet").exists():
        return CorrectionsTrail()
    masks = [row for row in rows(machine, tables.MASKS) if row["status"] == "masked"]
    return corrections_trail(rows(machine, tables.CORRECTIONS), correction_lines(root), masks, hidden.turns)


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
        return _words(walks, identity, message("audit/asked_for"), up=True)
    if identity in walks.bounds.now:
        steps = (_words(walks, name, message("audit/holds_its_words"), up=True) for name in walks.bounds.now[identity])
        details = {"bounds": walks.bounds.texts(identity)}
        return Step("excerpt", identity, "", message("audit/was_cut_or_joined"), details, tuple(steps))
    if identity in walks.sources:
        return _source(walks, identity)
    people = {code: person for person, code in walks.codes.items()}
    person = people.get(identity, identity)
    if person in walks.codes:
        return _participant(walks, person)
    what = message("audit/is_not_a_recommendation_conclusion_finding")
    raise ConfigError(Problem(f"trace {identity}", what, message("audit/look_up_ids_in_outputs_evidence")))


def _register_entry(walks: Walks, kind: str, entries: Sequence[Row]) -> Step:
    """An entry of the register; where a number was used twice, the links of both are walked."""
    entry = entries[0]
    if kind == "finding":
        return _finding(walks, entry, message("audit/asked_for"), up=True)
    below = []
    for section in ("conclusions", "findings"):
        targets = dict.fromkeys(chain.from_iterable(each.get(section, ()) for each in entries))
        below += [
            _target(walks, section=section, target=name, reason=message("audit/entry_relies_on_it", entry=entry["id"]))
            for name in targets
        ]
    details = {key: entry[key] for key in ("priority", "timeframe", "addressees") if entry.get(key)}
    reason_shown = (
        message("audit/asked_for_and_used_twice", times=len(entries))
        if len(entries) > 1
        else message("audit/asked_for")
    )
    return Step(kind, entry["id"], entry["statement"], reason_shown, details, tuple(below))


def _target(walks: Walks, *, section: str, target: str, reason: str) -> Step:
    """The conclusion or finding that an entry of the register names."""
    name = section.removesuffix("s")
    entry = next((each for each in walks.registers.get(section, ()) if each.get("id") == target), None)
    if entry is None:
        return Step(name, target, "", message("audit/named_but_not_in_the_register"))
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
    is_unclear = row["direction"] == Direction.NOT_TOLD
    return message(
        "audit/unclear_for_the_finding" if is_unclear else "audit/bears_on_the_finding",
        direction=message(f"direction.{row['direction']}"),
        finding=row["finding_id"],
        status=message(f"audit/status_{row['status']}"),
        by=row["decided_by"],
        similarity=row["score"],
    )


def _relying_on(walks: Walks, finding: str) -> Iterator[Step]:
    for section, kind in (("conclusions", "conclusion"), ("recommendations", "recommendation")):
        for entry in walks.registers.get(section, ()):
            if finding in entry.get("findings", ()):
                yield Step(kind, entry["id"], entry["statement"], message("audit/relies_on", finding=finding))


def _words(walks: Walks, excerpt: str, reason: str, *, up: bool) -> Step:
    """The words themselves, with file, place, offsets and hash; `up` adds all that relies on them."""
    row = walks.excerpts.get(excerpt)
    if row is None:
        return Step("excerpt", excerpt, "", separated("; ", [reason, message("audit/it_no_longer_exists")]))
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
        "spans": [_span_text(span, row) for span in walks.spans.get(excerpt, ()) if row["text_sha256"]],
        "links": [_decision_text(row) for row in _lines_of(walks, excerpt)],
        "bounds": walks.bounds.texts(excerpt),
        "corrections": walks.corrections.texts(row),
    }
    above = tuple(_findings_above(walks, excerpt)) if up else ()
    return Step("excerpt", excerpt, row["text"], reason, details, above)


def _coding_text(row: Row) -> str:
    by = ", ".join(dict.fromkeys((row["status"], row["decided_by"])))
    stance = f", {row['stance']}" if row["stance"] else ""  # apart: the probability is the code's
    return f"{row['criterion']} p={row['probability']:.2f}{stance} ({by})"


def _vote_text(row: Row) -> str:
    """Who voted what; of a coder also the lines of the ledger. The words that a rule matched are in the excerpt."""
    lines = lines_of_vote(row) if row["voter"].startswith("coder:") else ()
    where = _lines_text(lines) if lines else f"{row['score']:.2f}"
    answer = message("answer.yes" if row["vote"] else "answer.no")
    stance = [" ", row["stance"]] if row["stance"] else []
    return separated("", [row["voter"], " ", answer, *stance, " (", where, ")"])


def _lines_text(lines: Sequence[int]) -> Message:
    if len(lines) == 1:
        return message("audit/line_of_the_ledger_alone", line=lines[0])
    return message("audit/lines_of_the_ledger", lines=", ".join(map(str, lines)))


def _span_text(span: Row, excerpt: Row) -> str:
    """The words that a coder marked for a code, and the line of the ledger; never of words that are not shown."""
    words = excerpt["text"][span["start"] - excerpt["start"] : span["end"] - excerpt["start"]]
    return message(
        "audit/span_of_an_excerpt", coder=span["coder"], code=span["criterion"], words=words, line=span["line"]
    )


def _lines_of(walks: Walks, excerpt: str) -> list[Row]:
    lines = [row for (of_excerpt, _), rows_ in walks.decisions.items() if of_excerpt == excerpt for row in rows_]
    return sorted(lines, key=itemgetter("seq"))


def _decision_text(row: Row) -> str:
    does = row["value"] or row["kind"]
    return message(
        "audit/decided_link",
        does=does,
        finding=row["finding_id"],
        coder=row["coder"],
        at=row["at"],
        line=row["seq"],
    )


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
    return _spoken(
        walks, Step("source", source_id, "", message("audit/asked_for"), details), column="source_id", value=source_id
    )


def _participant(walks: Walks, person: str) -> Step:
    step = Step("participant", walks.codes[person], "", message("audit/asked_for"))
    return _spoken(walks, step, column="participant_id", value=person)


def _spoken(walks: Walks, step: Step, *, column: str, value: str) -> Step:
    """The step of a source or a person with how many excerpts there are, and those that bear on a finding; all if none does."""
    spoken = [name for name, row in walks.excerpts.items() if row[column] == value and row["role"] == Role.RESPONDENT]
    links = {row["excerpt_id"] for row in walks.links}
    linked = [name for name in spoken if name in links]
    coded = sum(name in walks.codings for name in spoken)
    bearing = (
        message("audit/linked_to_a_finding", linked=len(linked))
        if linked
        else message("audit/no_finding_relies_on_them")
    )
    listed, reason = (linked, "audit/bears_on_a_finding") if linked else (spoken, "audit/no_finding_relies_on_it")
    return replace(
        step,
        says=message("audit/excerpts_spoken", excerpts=counted(len(spoken), "excerpt"), coded=coded, bearing=bearing),
        details={**step.details, "excerpts": len(spoken), "coded": coded, "linked": len(linked)},
        steps=tuple(_words(walks, name, message(reason), up=bool(linked)) for name in listed),
    )


def as_lines(step: Step, depth: int = 0) -> Iterator[Message]:
    """The walk as indented text."""
    pad = "  " * depth
    yield separated("", [pad, message(f"audit/kind_{step.kind}"), f" {step.id}  [", step.reason, "]"])
    if step.says:
        says = message("audit/words_of_an_excerpt", words=step.says) if step.kind == "excerpt" else step.says
        yield separated("", [pad, "  ", says])
    if step.kind == "excerpt" and step.details:
        yield from (separated("", [pad, "  ", line]) for line in _excerpt_lines(step.details))
    if step.kind == "finding" and step.details.get("links") == 0:
        yield separated("", [pad, "  ", message("audit/no_excerpt_is_linked_to_it")])
    for following in step.steps:
        yield from as_lines(following, depth + 1)


def _excerpt_lines(details: Mapping[str, Any]) -> Iterator[str]:
    """Where the words are, their hash, their codes with the votes, and the lines of the ledger that link them."""
    yield from details["bounds"]
    yield from details.get("corrections", ())
    if "place" not in details:
        return
    by = details["participant"] and f", {details['participant']}"
    yield message("audit/where_the_words_are", **{**details, "by": by})
    if details["text_sha256"]:
        yield f"sha256 {details['text_sha256']}"
    for code, votes in zip(details["codes"], details["votes"].values(), strict=True):
        yield message("audit/code_of_an_excerpt", code=code)
        yield from (message("audit/vote_on_an_excerpt", vote=vote) for vote in votes)
    yield from details["spans"]
    yield from (message("audit/link_of_an_excerpt", link=link) for link in details["links"])


def as_json(step: Step, language: str = "en") -> dict[str, Any]:
    """The walk as plain values, its texts in the language."""
    return {
        "kind": step.kind,
        "id": step.id,
        "says": in_language(step.says, language),
        "reason": in_language(step.reason, language),
        **({"details": _plain(step.details, language)} if step.details else {}),
        **({"steps": [as_json(following, language) for following in step.steps]} if step.steps else {}),
    }


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each, language) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, language) for each in value]
    return in_language(value, language) if isinstance(value, str) else value
