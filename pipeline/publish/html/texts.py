"""The texts behind the report's quotes, as the data that the page opens them from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pipeline import tables, wording
from pipeline.codebook import Criterion
from pipeline.publish import Publication, labels
from pipeline.publish.html.findings import DIVIDED
from pipeline.spans import Stretch, of_cell, united
from pipeline.vocabulary import UNDECIDED, Kind, LinkStatus, Role, Shown

if TYPE_CHECKING:
    import pandas as pd

WHOLE_LIMIT = 5_000_000  # characters; a larger study keeps the whole texts of the sources most linked to findings
ROLES = tuple(Role)


def data(publication: Publication, *, limit: int = WHOLE_LIMIT) -> dict[str, Any]:
    """All that the page's script needs: words, codes, findings, people, links, and sources with their turns and excerpts."""
    codes = publication.codebook.criteria
    hues = labels.hues(publication.codebook)
    findings = publication.register.findings
    return {
        "words": {key: labels.typed(each) for key, each in wording.texts().items()},
        "codes": [{"id": code.id, "hue": hues[code.id], "name": _names(code)} for code in codes],
        "findings": [
            {"id": f.id, "code": f.criterion, "says": f.statement, "strength": publication.assessments[f.id].strength}
            for f in findings
        ],
        "people": people(publication.excerpts),
        "links": links(publication, [finding.id for finding in findings]),
        "marked": marked_in_excerpts(publication.evidence),
        "sources": sources(publication, whole=whole_texts(publication, limit)),
    }


def _names(code: Criterion) -> dict[str, str]:
    return {language: code.text("name", language) or code.id for language in labels.LANGUAGES}


def people(excerpts: pd.DataFrame) -> dict[str, list[str]]:
    """Group and country of every person who speaks, by pseudonym."""
    columns = ["participant", "group", "country"]
    rows = excerpts.loc[excerpts["participant"] != "", columns].drop_duplicates("participant")
    return {
        str(who): [labels.group_name(group), str(country)]
        for who, group, country in rows.itertuples(index=False, name=None)
    }


def links(publication: Publication, findings: Sequence[str]) -> dict[str, list[list[str]]]:
    """[finding, direction, status as shown] of every link, by excerpt, in the order of the findings."""
    by_excerpt: dict[str, list[list[str]]] = defaultdict(list)
    columns = ["excerpt_id", "finding_id", "direction", "status"]
    for excerpt, finding, direction, status in tables.rows_of(publication.evidence, columns):
        shown = DIVIDED if (finding, excerpt) in publication.divided else status
        by_excerpt[excerpt].append([finding, direction, shown])
    order = {name: i for i, name in enumerate(findings)}
    return {excerpt: sorted(each, key=lambda link: order[link[0]]) for excerpt, each in by_excerpt.items()}


def marked_in_excerpts(evidence: pd.DataFrame) -> dict[str, list[list[int]]]:
    """Where in an excerpt the words are that coders marked for a finding's code, by excerpt: [from, to] in UTF-16 units."""
    texts: dict[str, str] = {}
    stretches: dict[str, list[Stretch]] = defaultdict(list)
    rows = evidence[evidence["status"] != LinkStatus.REJECTED]
    for excerpt, quote, cell in rows[["excerpt_id", "quote", "span_at"]].itertuples(index=False, name=None):
        if cell:
            texts[excerpt] = quote
            stretches[excerpt] += of_cell(cell)
    shifts = {excerpt: _utf16_shift(text) for excerpt, text in texts.items()}
    return {
        excerpt: [[at + shifts[excerpt](at) for at in stretch] for stretch in united(each)]
        for excerpt, each in sorted(stretches.items())
    }


def whole_texts(publication: Publication, limit: int) -> frozenset[str]:
    """The sources included in full: all, or those with most links that fit into the limit."""
    if sum(map(len, publication.texts.values())) <= limit:
        return frozenset(publication.texts)
    counts = publication.evidence["source_id"].value_counts()
    chosen, room = [], limit
    for source in sorted(counts.index, key=lambda each: (-counts[each], each)):
        size = len(publication.texts.get(source, ""))
        if size <= room:
            chosen.append(source)
            room -= size
    return frozenset(chosen)


def sources(publication: Publication, *, whole: frozenset[str]) -> list[dict[str, Any]]:
    """Every source that has something to show, with all its turns or with those that bear on a finding."""
    first = _to_review(publication)
    source_ids = sorted(whole | set(publication.evidence["source_id"]) | {source for source, _ in first})
    spoken = publication.excerpts[publication.excerpts["source_id"].isin(source_ids)]
    excerpts, speakers = _excerpts(publication.coded, spoken), _speakers(spoken)
    linked = set(zip(publication.evidence["source_id"], publication.evidence["excerpt_id"], strict=True)) | first
    cited = {(source, int(e.partition(f"{source}:")[2].partition("-")[0])) for source, e in linked}
    turns: dict[str, list[Any]] = defaultdict(list)
    for turn in publication.turns[publication.turns["source_id"].isin(source_ids)].itertuples(index=False):
        turns[str(turn.source_id)].append(turn)
    shown = []
    rows: Iterable[Any] = publication.sources.itertuples(index=False)
    for row in rows:
        if row.source_id in turns:
            entry = _source(row, publication.texts[row.source_id], turns[row.source_id], excerpts, speakers)
            entry["turns"] = [_noted(turn, publication.note) for turn in entry["turns"]]
            shown.append(entry if row.source_id in whole else _only_cited(entry, cited))
    return [entry for entry in shown if entry["turns"]]


def _to_review(publication: Publication) -> set[tuple[str, str]]:
    """(source, excerpt) of the excerpts that are to be reviewed first."""
    names = {name for each in publication.assessments.values() for name in each.review_first}
    return {(name.rpartition(":")[0], name) for name in names}


def _source(row: Any, text: str, turns: list[Any], excerpts: Any, speakers: Any) -> dict[str, Any]:
    numbers: dict[str, int] = {}
    made = []
    for turn in turns:
        who = speakers.get((turn.source_id, turn.turn), "")
        if turn.role == Role.RESPONDENT and not who:
            numbers.setdefault(turn.speaker, len(numbers) + 1)
        speaker = {"who": who} if who else {"n": numbers.get(turn.speaker, 0)}
        made.append(_turn(turn, text[turn.start : turn.end], row.kind, speaker, excerpts))
    return {"id": row.source_id, "path": row.path, "kind": row.kind, "date": row.date, "whole": 1, "turns": made}


def _turn(turn: Any, words: str, kind: str, speaker: Mapping[str, str | int], excerpts: Any) -> dict[str, Any]:
    """One turn, with the pseudonym (`who`) or the number (`n`) of its speaker.

    Its excerpts are [start, end in the source, from, to in the turn's UTF-16 units, codes].
    """
    shift = _utf16_shift(words)
    marked = [
        [start, end, start - turn.start + shift(start - turn.start), end - turn.start + shift(end - turn.start), codes]
        for start, end, codes in excerpts.get((turn.source_id, turn.turn), ())
    ]
    entry = {"role": ROLES.index(turn.role), "at": turn.place, "lang": turn.language, "text": words, "marks": marked}
    entry |= speaker
    question = turn.question if kind != Kind.DOCUMENT else ""
    return entry | ({"asked": question} if question else {}) | ({"head": turn.heading} if kind == Kind.DOCUMENT else {})


def _noted(entry: dict[str, Any], note: str) -> dict[str, Any]:
    """The turn; if its words are withheld, with a note in place of each excerpt."""
    if entry["text"].strip():
        return entry
    step = len(note) + 1
    marks = [[*mark[:2], i * step, i * step + len(note), mark[4]] for i, mark in enumerate(entry["marks"])]
    return entry | {"text": " ".join([note] * max(1, len(marks))), "marks": marks}


def _utf16_shift(words: str) -> Any:
    """How many more units than code points a prefix takes where the page's script counts."""
    has_pairs = len(words.encode("utf-16-le", "surrogatepass")) > 2 * len(words)
    astral = [i for i, c in enumerate(words) if ord(c) > 0xFFFF] if has_pairs else []
    return lambda position: sum(i < position for i in astral)


def _only_cited(entry: dict[str, Any], cited: set[tuple[str, int]]) -> dict[str, Any]:
    return entry | {"whole": 0, "turns": [turn for turn in entry["turns"] if _is_cited(turn, entry["id"], cited)]}


def _is_cited(turn: dict[str, Any], source_id: str, cited: set[tuple[str, int]]) -> bool:
    return any((source_id, mark[0]) in cited for mark in turn["marks"])


def _excerpts(
    coded: pd.DataFrame, spoken: pd.DataFrame
) -> dict[tuple[str, int], list[tuple[int, int, list[list[str]]]]]:
    """(start, end, [[code, stance, "machine" or ""]]) of every respondent's excerpt of those given, by source and turn."""
    codes: dict[str, list[list[str]]] = defaultdict(list)
    rows = coded.loc[coded["excerpt_id"].isin(spoken["excerpt_id"]), ["excerpt_id", "criterion", "stance", "status"]]
    for excerpt, code, stance, status in rows.itertuples(index=False, name=None):
        codes[excerpt].append([code, stance, "machine" if status in UNDECIDED else ""])
    by_turn: dict[tuple[str, int], list[tuple[int, int, list[list[str]]]]] = defaultdict(list)
    columns = ["source_id", "turn", "start", "end", "excerpt_id"]
    answers = spoken.loc[spoken["role"] == Role.RESPONDENT, columns]
    for source, turn, start, end, excerpt in answers.itertuples(index=False, name=None):
        by_turn[source, turn].append((start, end, codes.get(excerpt, [])))
    return by_turn


def _speakers(excerpts: pd.DataFrame) -> dict[tuple[str, int], str]:
    """The pseudonym of each turn's speaker, by source and turn."""
    turns = excerpts[excerpts["participant"] != ""].drop_duplicates(["source_id", "turn"])
    return {(s, t): who for s, t, who in turns[["source_id", "turn", "participant"]].itertuples(index=False, name=None)}


def hashes(publication: Publication) -> dict[str, str]:
    """The stored hash of the words of every linked excerpt, except withheld words, which it could give away."""
    excerpts = publication.excerpts
    is_shown = excerpts["excerpt_id"].isin(publication.evidence["excerpt_id"]) & (excerpts["shown"] != Shown.WITHHELD)
    shown = excerpts.loc[is_shown, ["excerpt_id", "text_sha256"]]
    return dict(zip(shown["excerpt_id"], shown["text_sha256"], strict=True))


def as_block(value: object) -> Markup:
    """JSON for a script element: nothing in it can end the element or a line of script."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (what could be markup is escaped above)
