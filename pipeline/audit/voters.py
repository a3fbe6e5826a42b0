"""The votes of further voters: each is an answer that is kept, rests on words of its excerpt, and is on words that may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from unicodedata import normalize

from pipeline.audit.stored import RERUN, Row, Stored, canonical, digest, json_object
from pipeline.errors import Problem
from pipeline.vocabulary import Consent
from pipeline.wording.messages import Message, message

VOTES = "coded/machine/votes.parquet"
KIND = "voter:"
MAY_BE_SHOWN = frozenset({Consent.YES, Consent.UNSAID})
Answers = Mapping[tuple[str, str, str], frozenset[tuple[str, int, float, str]]]


def check_votes_of_voters(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that the votes of further voters are the answers that are kept, all of them, on words that they might see."""
    rows = [(number, row) for number, row in enumerate(stored.tables["votes"], 1) if row["voter"].startswith(KIND)]
    return len(rows), _problems(rows, stored)


def _problems(rows: list[tuple[int, Row]], stored: Stored) -> Iterator[Problem]:
    excerpts = {row["excerpt_id"]: row for row in stored.tables["excerpts"]}
    answers = _answers(stored, {row["voter"] for _, row in rows})
    given: dict[tuple[str, str, str], set[tuple[str, int, float, str]]] = {}
    for number, row in rows:
        excerpt = excerpts.get(row["excerpt_id"])
        what = _vote_problem(row, excerpt, answers, stored) if excerpt else message("audit/has_no_excerpt")
        if what:
            yield Problem(f"{VOTES} row {number} ({row['excerpt_id']}, {row['criterion']})", what, message(RERUN))
        given.setdefault((row["voter"], row["version"], row["excerpt_id"]), set()).add(_opinion(row))
    for (voter, version, excerpt_id), opinions in sorted(given.items()):
        if excerpt_id in excerpts and answers.get((voter, version, _key(excerpts[excerpt_id])), set()) - opinions:
            what = message("audit/lacks_votes_of", voter=voter)
            yield Problem(f"{VOTES} ({excerpt_id})", what, message(RERUN))


def _vote_problem(row: Row, excerpt: Row, answers: Answers, stored: Stored) -> Message | None:
    quote = _quote(row)
    if _opinion(row) not in answers.get((row["voter"], row["version"], _key(excerpt)), frozenset()):
        return message("audit/is_no_answer_that_is_kept", voter=row["voter"])
    if _words(quote) not in _words(excerpt["text"]):
        return message("audit/rests_on_other_words", voter=row["voter"])
    person = stored.people.get(excerpt["participant_id"])
    if person and person.consent not in MAY_BE_SHOWN:
        return message("audit/is_on_words_that_are_not_shown", voter=row["voter"])
    return message("audit/has_a_stance_nobody_gave") if row["stance"] else None


def _answers(stored: Stored, voters: set[str]) -> Answers:
    """What each voter is known to have answered, by voter, version and key of the text."""
    answers = {}
    for voter in sorted(voters):
        path = stored.root / "coded" / "voters" / f"{voter.removeprefix(KIND)}.jsonl"
        for line in path.read_bytes().split(b"\n") if path.is_file() else ():
            with suppress(ValueError, KeyError, TypeError):  # a line that is no answer is none that is kept
                row = json_object(line)
                answers[voter, row["version"], row["key"]] = frozenset(
                    (each["criterion"], each["vote"], each["score"], each["quote"]) for each in row["opinions"]
                )
    return answers


def _key(excerpt: Row) -> str:
    return digest(canonical([excerpt["language"], excerpt["question"], excerpt["text"]]))[:16]


def _words(text: str) -> str:
    return " ".join(normalize("NFC", text).split())


def _opinion(row: Row) -> tuple[str, int, float, str]:
    return row["criterion"], row["vote"], row["score"], _quote(row)


def _quote(row: Row) -> str:
    quote: str = json_object(row["because"].encode()).get("quote", "")
    return quote
