"""From the ledger to the votes of coders, and from votes to codings."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from pipeline.audit.changed import stance_in_common
from pipeline.audit.recount.ledger import YES_KINDS, Answer, LedgerAnswers, answers_of
from pipeline.audit.stored import RERUN, Row, Stored, json_object, lines_of_vote
from pipeline.errors import Problem
from pipeline.wording.messages import Message, message

VOTES, CODINGS = "coded/machine/votes.parquet", "coded/machine/codings.parquet"
BY_PEOPLE = frozenset({"single", "agreed", "conflicted", "ruled", "carried"})
SAME = 1e-9  # two numbers that differ by less are the same number, written twice
Cell = tuple[str, str]  # excerpt, code


def check_votes_of_coders(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every vote of a coder has its lines in the ledger, and that each coder's last answer is a vote."""
    ledger = answers_of(stored)
    rows = [(number, row) for number, row in enumerate(stored.tables["votes"], 1) if _coder(row)]
    return len(rows), _vote_problems(rows, ledger, stored)


def _coder(vote: Row) -> str:
    kind, _, name = vote["voter"].partition(":")
    return name if kind == "coder" else ""


def _vote_problems(rows: list[tuple[int, Row]], ledger: LedgerAnswers, stored: Stored) -> Iterator[Problem]:
    votes: dict[tuple[str, str, str], Row] = {}
    for number, row in rows:
        votes[row["excerpt_id"], row["criterion"], _coder(row)] = row
        if what := _vote_problem(row, ledger):
            yield Problem(f"{VOTES} row {number} ({row['excerpt_id']}, {row['criterion']})", what, message(RERUN))
    codes = {row["criterion"] for row in stored.tables["codings"]}
    for (excerpt, code), by_coder in sorted(ledger.latest("criterion").items()):
        for coder, answer in sorted(by_coder.items()):
            if code in codes and not _is_vote_of(answer, votes.get((excerpt, code, coder))):
                what = message("audit/line_of_the_ledger", line=answer.line, coder=coder)
                yield Problem(f"{VOTES} ({excerpt}, {code})", what, message(RERUN))


def _is_vote_of(answer: Answer, vote: Row | None) -> bool:
    """Whether a vote stands on the lines of an answer; what these say is checked of every vote."""
    return vote is not None and lines_of_vote(vote) == sorted((answer.line, *answer.others))


def _vote_problem(vote: Row, ledger: LedgerAnswers) -> Message | None:
    numbers = lines_of_vote(vote)
    problems = (_line_problem(vote, ledger.lines.get(number), ledger) for number in numbers)
    if what := next(filter(None, problems), None):
        return what
    ayes = [ledger.lines[number]["value"] for number in numbers if vote["vote"]]
    if vote["stance"] != stance_in_common(ayes):
        return message("audit/line_says_something_else", line=numbers[-1])
    return None


def _line_problem(vote: Row, line: Row | None, ledger: LedgerAnswers) -> Message | None:
    """What is wrong with one line that a vote stands on."""
    if line is None:
        return message("audit/is_a_vote_without_a_line", coder=_coder(vote))
    if line["coder"] != _coder(vote):
        return message("audit/line_is_not_a_decision_of", line=line["seq"], coder=_coder(vote))
    if ledger.place_of_parts(line) != vote["excerpt_id"]:
        return message("audit/line_is_about_other_words", line=line["seq"])
    if bool(vote["vote"]) is not (line["kind"] in YES_KINDS):
        return message("audit/line_says_something_else", line=line["seq"])
    names = {line["criterion"], *line["codes"]}
    is_named = vote["criterion"] in names or (line["kind"] == "reviewed" and not line["codes"])
    if not is_named and not (names | {vote["criterion"]}) & ledger.changed:
        return message("audit/line_is_about_another_code", line=line["seq"])
    return None


def check_codings(stored: Stored) -> tuple[int, Iterator[Problem]]:
    """Check that every coding follows from its votes: the coders' consensus, otherwise the classifier's."""
    votes: dict[Cell, list[Row]] = defaultdict(list)
    for vote in stored.tables["votes"]:
        votes[vote["excerpt_id"], vote["criterion"]].append(vote)
    ledger = answers_of(stored)
    rulings, unsettled = ledger.rulings("criterion"), ledger.unsettled_rulings
    codings = {(row["excerpt_id"], row["criterion"]): row for row in stored.tables["codings"]}
    children = _children(stored)

    def problems() -> Iterator[Problem]:
        for number, (cell, row) in enumerate(codings.items(), 1):
            is_unsettled = cell[0] in unsettled and cell[1] in ledger.changed and row["status"] == "ruled"
            if is_unsettled or _is_rolled_up(cell, codings, children):
                continue
            if what := _coding_problem(row, votes[cell], rulings.get(cell)):
                yield Problem(f"{CODINGS} row {number} ({cell[0]}, {cell[1]})", what, message(RERUN))
        yield from _missing(codings.keys(), stored)

    return len(codings), problems()


def _missing(cells: Set[Cell], stored: Stored) -> Iterator[Problem]:
    """There is a coding for each respondent's excerpt and each code, and no other."""
    spoken = [row["excerpt_id"] for row in stored.tables["excerpts"] if row["role"] == "respondent"]
    codes = [code["id"] for code in _codes(stored)]
    expected = {(excerpt, code) for excerpt in spoken for code in codes}
    for cell in sorted(expected - cells):
        yield Problem(f"{CODINGS} ({cell[0]}, {cell[1]})", message("audit/has_no_row"), message(RERUN))
    for cell in sorted(cells - expected):
        yield Problem(f"{CODINGS} ({cell[0]}, {cell[1]})", message("audit/is_not_for_a_code"), message(RERUN))


def _codes(stored: Stored) -> list[Row]:
    path = stored.root / "coded" / "codebook.toml"
    content = tomllib.loads(path.read_text("utf-8-sig")) if path.exists() else {}
    codes: list[Row] = content.get("criteria", [])
    return codes


def _children(stored: Stored) -> dict[str, list[str]]:
    children: dict[str, list[str]] = defaultdict(list)
    for code in _codes(stored):
        if code.get("parent"):
            children[code["parent"]].append(code["id"])
    return children


def _is_rolled_up(cell: Cell, codings: Mapping[Cell, Row], children: Mapping[str, list[str]]) -> bool:
    """Whether a code is carried because codes below it are: as one of them, mixed where their stances differ."""
    excerpt, code = cell
    below = [row for child in children.get(code, ()) if (row := codings.get((excerpt, child))) and row["coded"]]
    shared = ("coded", "probability", "status", "decided_by", "doubtful")
    stances = {row["stance"] for row in below} - {""}
    possible = {*stances, "mixed"} if len(stances) > 1 else stances or {""}
    is_as_below = any(all(row[key] == codings[cell][key] for key in shared) for row in below)
    return is_as_below and codings[cell]["stance"] in possible


def _coding_problem(row: Row, votes: list[Row], ruling: Answer | None) -> Message | None:
    coders = [vote for vote in votes if _coder(vote)]
    if ruling:
        stated = ("ruled", ruling.coder, ruling.yes, ruling.value if ruling.yes else "")
        is_as_ruled = (row["status"], row["decided_by"], row["coded"], row["stance"]) == stated
        return None if is_as_ruled else message("audit/line_rules_something_else", line=ruling.line)
    if coders:
        return _problem_beside_coders(row, coders)
    if row["status"] in BY_PEOPLE:
        return message("audit/no_coder_voted_on_it", status=row["status"])
    return _problem_beside_machine(row, [vote for vote in votes if vote["voter"].startswith("classifier:")])


def _problem_beside_coders(row: Row, votes: list[Row]) -> Message | None:
    ayes = [vote for vote in votes if vote["vote"]]
    stances = {vote["stance"] for vote in ayes} - {""}
    statuses = _statuses(len(ayes), len(votes), len(stances))
    if row["status"] not in statuses:
        return message("audit/votes_make_it", status=row["status"], made=statuses[-1])
    if sorted(map(_coder, votes)) != sorted(row["decided_by"].split(";")):
        return message("audit/others_voted_on_it", coders=row["decided_by"])
    if 2 * len(ayes) == len(votes):
        return None  # evenly divided coders leave code and stance to the machine until somebody rules
    if row["coded"] is not (2 * len(ayes) > len(votes)):
        return message("audit/contradicts_the_votes")
    is_other = row["coded"] and len(stances) < 2 and row["stance"] not in (stances or {""})
    return message("audit/coders_did_not_give_its_stance") if is_other else None


def _statuses(ayes: int, votes: int, stances: int) -> tuple[str, ...]:
    """The statuses that a coding may have, given its votes, how many are yes and how many stances they have."""
    if ayes not in (0, votes) or stances > 1:
        return ("conflicted",)
    return ("carried", "single" if votes == 1 else "agreed")


def _problem_beside_machine(row: Row, votes: list[Row]) -> Message | None:
    for vote in votes:
        is_suggested = _is_only_suggested(vote, row)
        if is_suggested and row["coded"]:
            return message("audit/the_classifier_only_suggests_it")
        if bool(vote["vote"]) is not row["doubtful" if is_suggested else "coded"]:
            return message("audit/contradicts_the_classifier")
        if abs(vote["score"] - row["probability"]) > SAME:
            return message("audit/has_another_probability")
        if vote["vote"] and vote["stance"] and vote["stance"] != row["stance"]:
            return message("audit/classifier_did_not_give_its_stance")
    return message("audit/is_coded_without_a_vote") if row["coded"] and not votes else None


def _is_only_suggested(vote: Row, row: Row) -> bool:
    """Whether the vote decides what is in doubt: not where a decision waits for its coder, which is in doubt in any case."""
    return is_suggestion(vote) and row["status"] != "stale"


def is_suggestion(vote: Row) -> bool:
    """Whether the classifier only suggests the code: it has too few examples of it, or only its definition."""
    return not {"definition", "suggested"}.isdisjoint(json_object(vote["because"].encode()))
