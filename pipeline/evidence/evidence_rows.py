"""The evidence table: every link with what a reader needs to judge it, one row each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd

from pipeline import tables, wording
from pipeline.evidence.coded_by import is_suggestion
from pipeline.findings import Finding
from pipeline.provenance import count_chars
from pipeline.vocabulary import Kind, MaskStatus, Role, Shown


def with_persons(
    excerpts: pd.DataFrame,
    sources: pd.DataFrame,
    people: pd.DataFrame,
    strangers: Mapping[str, str],
    *,
    attributes: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """The excerpts with kind of source, pseudonym (`participant`), group, country and gender beside each.

    `people` has a row per participant: participant_id, participant, group, country, gender; `excerpts` and `sources` are
    the tables of those names. The unregistered respondents of a source are one person, under the
    pseudonym in `strangers`; a document is not a person. If the register does not state a respondent's group, country or gender,
    `attributes` applies: by its name, then by source.
    """
    rows = excerpts.reset_index(drop=True)  # columns are put beside it, so that its words are not copied
    kinds = _looked_up(sources[["source_id", "kind"]], rows["source_id"])
    joined = pd.concat([rows, kinds, _looked_up(people, rows["participant_id"])], axis=1)
    joined = joined.fillna({"participant": "", "group": "", "country": "", "gender": ""})
    nameless = (joined["participant"] == "") & (joined["role"] == Role.RESPONDENT) & (joined["kind"] != Kind.DOCUMENT)
    stranger = joined["source_id"].map(lambda source: strangers.get(source, "")).astype("str")
    joined = joined.assign(participant=joined["participant"].where(~nameless, stranger))
    for name, by_source in attributes.items():
        is_silent = (joined[name] == "") & (joined["role"] == Role.RESPONDENT)
        values = joined["source_id"].map(lambda source, of=by_source: of.get(source, "")).astype("str")
        joined = joined.assign(**{name: joined[name].mask(is_silent, values)})
    return joined


def _looked_up(table: pd.DataFrame, keys: pd.Series[str]) -> pd.DataFrame:
    """The row of the table for each key, looked up in the column of that name; None if there is none."""
    return table.set_index(str(keys.name)).reindex(keys).reset_index(drop=True)


def masked_chars(excerpts: pd.DataFrame, masks: pd.DataFrame) -> dict[str, int]:
    """How many more characters an excerpt's masked names have than their placeholders, by excerpt id."""
    spoken = masks[(masks["status"] == MaskStatus.MASKED) & (masks["name_id"] != "")].sort_values("start")
    there = excerpts[excerpts["source_id"].isin(spoken["source_id"].unique())].sort_values("start")
    there = there[["source_id", "start", "excerpt_id", "text"]].assign(begin=there["start"])
    inside = pd.merge_asof(spoken, there, on="start", by="source_id")
    more: dict[str, int] = {}
    columns = ["excerpt_id", "text", "begin", "start", "end", "chars"]
    for name, text, begin, start, end, chars in tables.rows_of(inside, columns):
        more[name] = more.get(name, 0) + chars - count_chars(text[start - int(begin) : end - int(begin)])
    return more


def with_note(excerpts: pd.DataFrame, turns: Collection[tuple[str, int]], note: str) -> pd.DataFrame:
    """The excerpts with the note in the place of the words of these turns, and two more columns.

    `shown`: whole or withheld; `chars`: characters of the words, white space apart.
    """
    keys = tables.rows_of(excerpts, ["source_id", "turn"])
    hidden = pd.Series([key in turns for key in keys], index=excerpts.index, dtype=bool)
    shown = [str(Shown.WITHHELD if each else Shown.WHOLE) for each in hidden]
    chars = [count_chars(words) for words in excerpts["text"].tolist()]
    text = excerpts["text"].mask(hidden, note) if hidden.any() else excerpts["text"]
    return excerpts.assign(chars=chars, shown=shown, text=text)


def evidence(
    links: pd.DataFrame, codings: pd.DataFrame, excerpts: pd.DataFrame, findings: Mapping[str, Finding]
) -> pd.DataFrame:
    """The table `evidence` with `strength`, `because` and marked words still blank.

    It joins links with codings of the finding's criterion and excerpts with persons. `probability` is 0 where the excerpt
    does not carry the code. Rows come in the order of the findings.
    """
    criteria = {name: finding.criterion for name, finding in findings.items()}
    rows = links.assign(criterion=links["finding_id"].map(criteria).astype("str"))
    codings, excerpts = (
        frame[tables.is_among(frame["excerpt_id"], links["excerpt_id"])] for frame in (codings, excerpts)
    )
    codings = codings.assign(probability=codings["probability"].where(codings["coded"], 0.0))
    coding = codings.rename(columns={"status": "coding_status"}).drop(columns=["decided_by", "coded", "doubtful"])
    rows = rows.merge(coding, on=["excerpt_id", "criterion"], how="left", validate="many_to_one")
    rows = rows.merge(excerpts, on="excerpt_id", how="left", validate="many_to_one").rename(columns={"text": "quote"})
    rows = rows.fillna({"stance": "", "probability": 0.0, "coding_status": "machine"})
    rows = tables.typed(rows.assign(strength="", because="", span="", span_at=""), tables.EVIDENCE)
    place = {name: number for number, name in enumerate(findings)}
    return rows.sort_values("finding_id", key=lambda names: names.map(place), kind="stable", ignore_index=True)


def reasons(votes: pd.DataFrame, language: str) -> dict[tuple[str, str], str]:
    """Why the machine coded an excerpt, as a person reads it: (excerpt_id, criterion) -> sentence.

    The `because` of a vote is JSON: {"words": "...", "cues": [...]} of a rule, {"quote": "..."} of a further voter, {"terms":
    [[term, weight], ...]} of the classifier, {"definition": chance} if it had only the code's definition to go by,
    {"suggested": chance, "terms": ...} if it had too few examples to code by.
    """
    ayes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    columns = ["excerpt_id", "criterion", "voter", "because"]
    for excerpt_id, criterion, voter, because in tables.rows_of(votes[votes["vote"] == 1], columns):
        ayes.setdefault((excerpt_id, criterion), []).append((voter, because))
    return {cell: _reasons(sorted(of_cell), language) for cell, of_cell in ayes.items()}


def _reasons(ayes: Sequence[tuple[str, str]], language: str) -> str:
    sentences = [_reason(voter, because, language) for voter, because in ayes]
    return sentences[0] if len(sentences) == 1 else "; ".join(dict.fromkeys(filter(None, sentences)))


def only_suggested(votes: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """The (excerpt_id, criterion) of codes that are only suggested: by patterns, voters, the definition, or too few examples.

    Of a code that it codes the classifier has an opinion wherever a pattern matches.
    """
    by_classifier: dict[tuple[str, str], bool] = {}
    suggested = set()
    for row in votes[["excerpt_id", "criterion", "voter", "vote", "because"]].itertuples(index=False):
        cell = (str(row.excerpt_id), str(row.criterion))
        if str(row.voter).startswith("classifier:"):
            by_classifier[cell] = is_suggestion(str(row.because))
        elif row.vote and str(row.voter).startswith(("rule:", "voter:")):
            suggested.add(cell)
    return frozenset({cell for cell, is_open in by_classifier.items() if is_open} | (suggested - by_classifier.keys()))


def _reason(voter: str, because: str, language: str) -> str:
    kind, _, name = voter.partition(":")
    if kind == "rule":
        return _reason_of_rule(name, because, language)
    content = _content(because)
    if kind == "voter":
        key = "rationale.voter" if content.get("quote") else "rationale.voter_alone"
        return wording.text(key, language, name=name, words=content.get("quote", ""))
    if "definition" in content:
        return wording.text("rationale.definition", language)
    terms = ", ".join([str(term) for term, _ in content.get("terms", ())[:4]])
    return wording.text("rationale.terms", language, terms=terms) if terms else ""


def _content(because: str) -> dict[str, Any]:
    content: dict[str, Any] = _decode(because)[0] if because else {}
    return content


_decode = json.JSONDecoder().raw_decode  # of text without space before it: faster than `json.loads`


@lru_cache(maxsize=10_000)  # the same words are matched again and again
def _reason_of_rule(name: str, because: str, language: str) -> str:
    content = _content(because)
    cues = ", ".join(_cue(cue, language) for cue in content.get("cues", ()))
    rule = wording.text("rationale.rule", language, name=name, words=content.get("words", ""))
    return f"{rule} ({cues})" if cues else rule


def _cue(cue: str, language: str) -> str:
    """A cue near a match: what it is, in the language, and its words as they were said."""
    kind, _, words = cue.partition(": ")
    return f"{wording.closed_word('cue', kind, language)}: {words}"
