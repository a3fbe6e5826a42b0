"""From the ledger to the votes of coders, from votes to codings, from the ledger to links."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from second_verifier.masked import moved_by_masks, same_place
from second_verifier.merged import Ballots, Changes, Line
from second_verifier.stored import Difference, Row, StoredStudy

MACHINE = "coded/machine"
DIRECTIONS = {
    ("positive", "positive"): "supports",
    ("positive", "negative"): "contradicts",
    ("positive", "mixed"): "qualifies",
    ("negative", "positive"): "contradicts",
    ("negative", "negative"): "supports",
    ("negative", "mixed"): "qualifies",
}
Cell = tuple[str, str]  # excerpt, code or finding


@dataclass(frozen=True)
class Answer:
    """What one coder decides on a cell, in which line, and whether the words have moved since."""

    coder: str
    yes: bool
    value: str
    line: int
    is_carried: bool


SAME = {
    "new",
    "move",
    "describe",
    "pattern",
    "drop-pattern",
    "element",
}  # changes that leave the meaning of older lines alone


class Replay:
    """The ledger gone through line by line: the answers of coders by cell, the rulings, and the cells left open.

    Left open are cells on codes that a change of the codebook touched, and cells with lines merged from another ledger.
    """

    def __init__(self, study: StoredStudy) -> None:
        self.answers: dict[Cell, dict[str, Answer]] = defaultdict(dict)
        self.rulings: dict[Cell, Answer] = {}
        self.open: set[Cell] = set()
        self.older: set[Cell] = set()  # (excerpt, coder) of older lines *reviewed* that do not name their codes
        self.marked: list[tuple[Row, str]] = []  # lines of marked words, each with the excerpt where these are
        self.marked_before: list[Row] = []  # lines of marked words on excerpts that were cut or joined since
        self.memos: dict[Cell, str] = {}  # (excerpt, coder): the last memo of each coder
        self.ballots, self.ruled = (
            Ballots(),
            Ballots(),
        )  # of people, and what was ruled: whatever became of the codes since
        self._places = self._all_places(study)
        self._in_place = same_place(study)
        rows = self._rows = study.decisions
        undone = _taken_back(rows)
        self.changes = Changes(rows)
        changes = [row["change"] for row in rows if row.get("change")]
        self.changed = {
            code
            for change in changes
            if change["action"] not in SAME
            for key in ("codes", "into")
            for code in change.get(key) or ()
        }
        last_said_by = {(row["excerpt_id"], row["text_sha256"]): row["selector"] for row in rows if row.get("selector")}
        self._parts: dict[Cell, dict[str, dict[tuple[str, str], Row]]] = defaultdict(lambda: defaultdict(dict))
        self._ruled_parts: dict[Cell, dict[tuple[str, str], Row]] = defaultdict(dict)
        self._joined = {
            (row["decided_on"], row["text_sha256"]): row["now_at"]
            for row in study.table("placements")
            if row["status"] == "joined"
        }
        for row in rows:
            passage = (row["excerpt_id"], row["text_sha256"])
            excerpt = self._places.get(passage)
            if (
                excerpt
                and not is_of_others(row, last_said_by.get(passage))
                and not {(row["coder"], row["hash"]), (row["coder"], row["origin"])} & undone
            ):
                self._take(row, excerpt)
            elif not {(row["coder"], row["hash"]), (row["coder"], row["origin"])} & undone:
                self._take_part(row)
        self._join()
        self._rule_on_changed()

    def _cast(self, row: Row, excerpt: str, *, in_part: bool = False) -> None:
        """Keep a line on codes for what changes of the codebook make of it."""
        is_ruling = row["kind"] == "adjudicate"
        is_blank = row["kind"] == "reviewed"
        codes = tuple(row.get("codes") or ()) if is_blank else (row["criterion"],)
        if row["kind"] not in ("code", "uncode", "reviewed", "adjudicate") or row["finding_id"]:
            return
        word, _, value = row["value"].partition(":") if is_ruling else (row["kind"], "", row["value"])
        yes = word in ("yes", "code")
        doubtful = in_part or bool(row["origin"]) or not codes
        line = Line(row["seq"], codes, yes, value if yes else "", is_blank, doubtful)
        (self.ruled if is_ruling else self.ballots).lines[excerpt, "" if is_ruling else row["coder"]].append(line)

    def _rule_on_changed(self) -> None:
        """Put what was ruled on changed codes in the place of what their lines name."""
        self.unclear_rulings = set()
        coders = {row["seq"]: row["coder"] for row in self._rows}
        self.rulings = {cell: each for cell, each in self.rulings.items() if cell[1] not in self.changed}
        for (excerpt, code, _), outcome in self.ruled.outcomes(self.changes, self.changed):
            if outcome:
                yes, value, lines = outcome
                self.rulings[excerpt, code] = Answer(coders[lines[-1]], yes, value, lines[-1], is_carried=False)
            else:
                self.unclear_rulings.add((excerpt, code))

    def _take_part(self, row: Row) -> None:
        """Keep a line on an excerpt that is part of a larger one now, or that was cut."""
        passage = (row["excerpt_id"], row["text_sha256"])
        if row["kind"] == "span":
            self.marked_before.append(row)
        excerpt, target = self._joined.get(passage), row["criterion"] or row["finding_id"]
        if not excerpt:
            return
        self._cast(row, excerpt, in_part=True)
        if row["kind"] == "memo":
            self.memos[excerpt, row["coder"]] = row["note"]
        elif row["kind"] in ("code", "uncode", "link", "unlink"):
            self.open |= {(excerpt, target)} if row["origin"] else set()
            self._parts[excerpt, target][row["coder"]][passage] = row
        elif row["kind"] == "adjudicate":
            self._ruled_parts[excerpt, target][passage] = row
        elif row["kind"] == "reviewed":
            self.older |= set() if row.get("codes") else {(excerpt, row["coder"])}
            for code in row.get("codes") or ():
                self._parts[excerpt, code][row["coder"]].setdefault(passage, row)

    def _join(self) -> None:
        """Answers on joined excerpts that have none of their own: any yes that nothing contradicts, or a no to every part."""
        made_of = Counter(self._joined.values())
        for cell, by_coder in self._parts.items():
            for coder, on_parts in by_coder.items():
                ayes = [row for row in on_parts.values() if row["kind"] in ("code", "link")]
                contrary = any(row["kind"] in ("uncode", "unlink") for row in on_parts.values())
                values = {row["value"] for row in ayes}
                if (contrary or len(values) > 1) if ayes else len(on_parts) < made_of[cell[0]]:
                    continue
                line = max(row["seq"] for row in ayes or on_parts.values())
                answer = Answer(coder, bool(ayes), values.pop() if values else "", line, is_carried=True)
                self.answers[cell].setdefault(coder, answer)
        for cell, on_parts in self._ruled_parts.items():
            words = {row["value"] for row in on_parts.values()}
            if len(words) > 1 or (words == {"no"} and len(on_parts) < made_of[cell[0]]):
                continue
            line = max(on_parts.values(), key=lambda row: int(row["seq"]))
            word, _, value = line["value"].partition(":")
            self.rulings.setdefault(cell, Answer(line["coder"], word == "yes", value, line["seq"], is_carried=True))

    @staticmethod
    def _all_places(study: StoredStudy) -> dict[tuple[str, str], str]:
        """Where the words of a passage are now, by excerpt and hash of then."""
        hashes = {row["excerpt_id"]: row["text_sha256"] for row in study.table("excerpts")}
        stale = {(r["decided_on"], r["text_sha256"]) for r in study.table("placements") if r["status"] == "stale"}
        places = {(name, digest): name for name, digest in hashes.items() if (name, digest) not in stale}
        for row in study.table("placements"):
            if row["status"] != "stale" and hashes.get(row["now_at"]) == row["text_sha256"]:
                places[row["decided_on"], row["text_sha256"]] = row["now_at"]
        return places | moved_by_masks(study)

    def _take(self, row: Row, excerpt: str) -> None:
        target, coder = row["criterion"] or row["finding_id"], row["coder"]
        is_carried = excerpt != row["excerpt_id"] and (row["excerpt_id"], row["text_sha256"]) not in self._in_place
        self._cast(row, excerpt)
        if row["origin"]:
            self.open.add((excerpt, target))
        if row["kind"] in ("code", "uncode", "link", "unlink"):
            yes = row["kind"] in ("code", "link")
            value = row["value"] if yes else ""
            self.answers[excerpt, target][coder] = Answer(coder, yes, value, row["seq"], is_carried)
        elif row["kind"] == "memo":
            self.memos[excerpt, coder] = row["note"]
        elif row["kind"] == "span":
            self.marked.append((row, excerpt))
        elif row["kind"] == "reviewed":
            self.older |= set() if row.get("codes") else {(excerpt, coder)}
            for code in row.get("codes") or ():
                self.answers[excerpt, code].setdefault(
                    coder, Answer(coder, yes=False, value="", line=row["seq"], is_carried=is_carried)
                )
        elif row["kind"] == "adjudicate":
            word, _, value = row["value"].partition(":")
            self.rulings[excerpt, target] = Answer(coder, word == "yes", value, row["seq"], is_carried)


def _taken_back(rows: list[Row]) -> set[tuple[str, str]]:
    """Coder and hash of each line that a later line of the same coder takes back, unless that one is taken back too."""
    undone: set[tuple[str, str]] = set()
    for row in reversed(rows):
        is_undone = bool({(row["coder"], row["hash"]), (row["coder"], row["origin"])} & undone)
        if row["kind"] == "undo" and not is_undone:
            undone |= {(row["coder"], name) for name in row["value"].split(";")}
    return undone


def is_of_others(row: Row, last: Row | None) -> bool:
    """Whether the words of a line were said by somebody else than its passage is said by since."""
    own = row.get("selector")
    if not own or not last or (own["participant"] and own["participant"] == last["participant"]):
        return False
    if own["label"] or last["label"]:
        return bool(own["label"] != last["label"])
    return bool(own["participant"] != last["participant"])


def votes(study: StoredStudy) -> Iterator[Difference]:
    """Every vote of a coder follows from the ledger, and every decision on a code is a vote."""
    replay, known = Replay(study), {row["criterion"] for row in study.table("codings")}
    stored = {
        (row["excerpt_id"], row["criterion"], row["voter"].removeprefix("coder:")): row
        for row in study.table("votes")
        if row["voter"].startswith("coder:")
    }
    derived = {
        (*cell, coder): (answer.yes, answer.value, [answer.line])
        for cell, by_coder in replay.answers.items()
        for coder, answer in by_coder.items()
        if cell[1] in known and cell[1] not in replay.changed and cell not in replay.open
    }
    on_changed = dict(replay.ballots.outcomes(replay.changes, replay.changed & known))
    derived |= {key: outcome for key, outcome in on_changed.items() if outcome and key[:2] not in replay.open}
    for key, outcome in sorted(derived.items()):
        row = stored.get(key)
        stated = row and (bool(row["vote"]), row["stance"], _lines_of(row))
        if stated != outcome:
            what = f"is not what line {outcome[2][-1]} decides"
            yield Difference(f"{MACHINE}/votes.parquet ({', '.join(key)})", what)
    for key, row in sorted(stored.items()):
        is_open = (key in on_changed and on_changed[key] is None) or key[:2] in replay.open
        is_older_no = (key[0], key[2]) in replay.older and not row["vote"]
        if key not in derived and not is_open and not is_older_no:
            yield Difference(f"{MACHINE}/votes.parquet ({', '.join(key)})", "no line of the ledger decides this")


def _lines_of(vote: Row) -> list[int]:
    because = json.loads(vote["because"])
    return sorted([because["decision"], *because.get("with", ())])


def spans(study: StoredStudy) -> Iterator[Difference]:
    """Every marked span is what a line says of a code that its coder gives, and every such line is a span."""
    replay = Replay(study)
    stored = {(row["excerpt_id"], row["criterion"], row["coder"], row["line"]): row for row in study.table("spans")}
    known = {row["criterion"] for row in study.table("codings")}
    derived = {}
    for row, excerpt in replay.marked:
        for code in [row["criterion"]] if row["criterion"] not in replay.changed else known & replay.changed:
            answer = replay.answers[excerpt, code].get(row["coder"])
            if code in known and answer and answer.yes:
                derived[excerpt, code, row["coder"], row["seq"]] = row
    texts = {row["excerpt_id"]: row for row in study.table("excerpts")}
    before = _marked_before(replay, known, texts, study)
    yield from _on_parts(before, stored, texts, replay)
    for key, row in stored.items():
        where = f"{MACHINE}/spans.parquet ({', '.join(map(str, key))})"
        if key in before:
            continue
        if key not in derived:
            yield Difference(where, "no line of the ledger marks this")
        elif not _is_there(row, derived[key]["span"], texts[key[0]], study):
            yield Difference(where, "is not what the line marks")
    marked = {(*key[:3], row["start"], row["end"]) for key, row in stored.items()}
    for key, row in derived.items():
        is_again = any(each[:3] == key[:3] and _covers(each, row["span"], texts[key[0]]) for each in marked)
        is_open = (
            key[1] in replay.changed or key[:2] in replay.open or row["text_sha256"] != texts[key[0]]["text_sha256"]
        )
        if key not in stored and not is_again and not is_open and _solid(row["span"], texts[key[0]]):
            yield Difference(f"{MACHINE}/spans.parquet ({', '.join(map(str, key))})", "is missing")


Bounds = tuple[int, int]  # in the text of the source
SpanKey = tuple[str, str, str, int]  # excerpt, code, coder, line


def _marked_before(replay: Replay, known: set[str], texts: dict[str, Row], study: StoredStudy) -> dict[SpanKey, Bounds]:
    """What was marked on excerpts that were cut or joined since, for codes that its coder gives now."""
    marked = {}
    for row in replay.marked_before:
        codes = [row["criterion"]] if row["criterion"] not in replay.changed else known & replay.changed
        for excerpt, bounds in _in_parts(row, texts, study):
            for code in codes:
                answer = replay.answers[excerpt, code].get(row["coder"])
                if code in known and answer and answer.yes:
                    marked[excerpt, code, row["coder"], row["seq"]] = bounds
    return marked


def _in_parts(line: Row, texts: dict[str, Row], study: StoredStudy) -> Iterator[tuple[str, Bounds]]:
    """What a line marks in each excerpt that holds words of one that was cut or joined since, white space around it left out."""
    passage = (line["excerpt_id"], line["text_sha256"])
    names = {
        row["now_at"]
        for row in study.table("placements")
        if row["status"] in ("cut", "joined") and (row["decided_on"], row["text_sha256"]) == passage
    }
    parts = sorted((texts[name]["start"], name) for name in names)
    begins = int(line["excerpt_id"].rpartition(":")[2].partition("-")[0])
    if len(parts) > 1:  # the first part of what was cut begins where the whole did, wherever that is now
        begins = parts[0][0]
    for first, name in parts:
        start = max(first, begins + line["span"]["start"])
        end = min(texts[name]["end"], begins + line["span"]["end"])
        words = texts[name]["text"][start - first : end - first] if start < end else ""
        if words.strip():
            blank = len(words) - len(words.lstrip())
            yield name, (start + blank, start + blank + len(words.strip()))


def _on_parts(
    derived: dict[SpanKey, Bounds], stored: dict[SpanKey, Row], texts: dict[str, Row], replay: Replay
) -> Iterator[Difference]:
    """Whether spans on excerpts with other bounds are in the table as the lines say; only whole characters may be more."""
    for key, (start, end) in derived.items():
        where = f"{MACHINE}/spans.parquet ({', '.join(map(str, key))})"
        alike = [
            row for other, row in stored.items() if other[:3] == key[:3] and row["start"] <= start and end <= row["end"]
        ]
        if key not in stored:
            if not alike and key[1] not in replay.changed and key[:2] not in replay.open:
                yield Difference(where, "is missing")
            continue
        row, excerpt = stored[key], texts[key[0]]
        more = excerpt["text"][row["start"] - excerpt["start"] : start - excerpt["start"]]
        more += excerpt["text"][end - excerpt["start"] : row["end"] - excerpt["start"]]
        if row not in alike or any(each.isspace() or each.isascii() for each in more):
            yield Difference(where, "is not what the line marks")


def _is_there(row: Row, span: Row, excerpt: Row, study: StoredStudy) -> bool:
    """Whether a span is the stretch of its line, but for white space at its ends and for characters that are not divided."""
    start, end = row["start"] - excerpt["start"], row["end"] - excerpt["start"]
    inside = 0 <= start < end <= len(excerpt["text"])
    is_moved = any(each["now_at"] == row["excerpt_id"] and each["mask_changes"] for each in study.table("placements"))
    words, marked = excerpt["text"][start:end], excerpt["text"][span["start"] : span["end"]]
    return inside and (is_moved or marked.strip() in words) and not unicodedata.combining(excerpt["text"][start])


def _covers(marked: tuple[object, ...], span: Row, excerpt: Row) -> bool:
    words = excerpt["text"][int(str(marked[3])) - excerpt["start"] : int(str(marked[4])) - excerpt["start"]]
    return bool(excerpt["text"][span["start"] : span["end"]].strip() in words)


def _solid(span: Row, excerpt: Row) -> bool:
    """Whether a span has a character, in its excerpt."""
    return 0 <= span["start"] < span["end"] <= len(excerpt["text"]) and bool(
        excerpt["text"][span["start"] : span["end"]].strip()
    )


def codings(study: StoredStudy) -> Iterator[Difference]:
    """There is a coding for each code and respondent's excerpt, and each follows from rulings, coders or the classifier."""
    replay = Replay(study)
    ballots: dict[Cell, list[Row]] = defaultdict(list)
    for row in study.table("votes"):
        ballots[row["excerpt_id"], row["criterion"]].append(row)
    stored = {(row["excerpt_id"], row["criterion"]): row for row in study.table("codings")}
    spoken = [row["excerpt_id"] for row in study.table("excerpts") if row["role"] == "respondent"]
    expected = {(excerpt, code["id"]) for excerpt in spoken for code in study.codes}
    if len(stored) != len(study.table("codings")):
        yield Difference(f"{MACHINE}/codings.parquet", "has two rows on one excerpt and code")
    for cell in sorted(stored.keys() ^ expected):
        yield Difference(
            f"{MACHINE}/codings.parquet ({', '.join(cell)})", "is missing, or on no code and respondent's excerpt"
        )
    for cell, row in stored.items():
        if cell in replay.unclear_rulings and row["status"] == "ruled":
            continue
        derived = _coding(row, ballots[cell], replay.rulings.get(cell))
        what = [name for name, value in derived.items() if row[name] != value and not _is_near(row[name], value)]
        if what and not _is_rolled_up(row, stored, study):
            yield Difference(
                f"{MACHINE}/codings.parquet ({', '.join(cell)})", f"its {what[0]} does not follow from the votes"
            )


def _is_near(one: object, other: object) -> bool:
    return isinstance(one, float) and isinstance(other, float) and abs(one - other) < 1e-9


def _coding(row: Row, ballots: list[Row], ruling: Answer | None) -> Row:
    """The cells of a coding that follow from what was voted and ruled."""
    people = sorted(
        (vote for vote in ballots if vote["voter"].startswith("coder:")), key=lambda vote: str(vote["voter"])
    )
    if ruling:
        stance = ruling.value if ruling.yes else ""
        return {"status": "ruled", "decided_by": ruling.coder, "coded": ruling.yes, "stance": stance}
    if people:
        return _consensus(row, people)
    machine = [vote for vote in ballots if vote["voter"].startswith("classifier:")]
    status = row["status"] if row["status"] == "stale" else "machine"
    if not machine:
        return {"status": status, "decided_by": "machine", "coded": False}
    vote = machine[0]
    stance = {"stance": vote["stance"]} if vote["vote"] and vote["stance"] else {}
    carried = {"coded": bool(vote["vote"])}
    because = json.loads(vote["because"])
    if row["status"] == "stale":  # in doubt in any case, until its coder has decided again
        carried = {"coded": bool(vote["vote"]) and not {"definition", "suggested"} & set(because), "doubtful": True}
    elif "definition" in because or "suggested" in because:  # a code with too few examples is suggested, never coded
        carried = {"coded": False, "doubtful": bool(vote["vote"])}
    return {"status": status, "decided_by": "machine", "probability": vote["score"], **carried, **stance}


def _consensus(row: Row, people: list[Row]) -> Row:
    ayes = [vote for vote in people if vote["vote"]]
    stances = Counter(vote["stance"] for vote in ayes if vote["stance"])
    is_divided = len(ayes) not in (0, len(people)) or len(stances) > 1
    alone = "single" if len(people) == 1 else "agreed"
    agreed = row["status"] if row["status"] in (alone, "carried") else alone
    derived: Row = {
        "status": "conflicted" if is_divided else agreed,
        "decided_by": ";".join(vote["voter"].removeprefix("coder:") for vote in people),
    }
    if 2 * len(ayes) != len(people):
        derived["coded"] = 2 * len(ayes) > len(people)
        most = stances.most_common(2)
        is_clear = derived["coded"] and most and (len(most) == 1 or most[0][1] > most[1][1])
        derived["stance"] = most[0][0] if is_clear else ""
    return derived


def _is_rolled_up(row: Row, stored: dict[Cell, Row], study: StoredStudy) -> bool:
    """Whether the excerpt carries the code because it carries a code below it."""
    below = [
        each
        for code in study.codes
        if code.get("parent") == row["criterion"]
        and (each := stored.get((row["excerpt_id"], code["id"])))
        and each["coded"]
    ]
    names = ("coded", "probability", "status", "decided_by")
    return any(all(each[name] == row[name] for name in names) for each in below)


def links(study: StoredStudy) -> Iterator[Difference]:
    """Every link is what the ledger decides, or a suggestion whose direction the stances give."""
    replay = Replay(study)
    codings = {(row["excerpt_id"], row["criterion"]): row for row in study.table("codings")}
    voices = {row["excerpt_id"] for row in study.table("excerpts") if row["role"] == "respondent"}
    stored = {(row["excerpt_id"], row["finding_id"]): row for row in study.table("links")}
    if len(stored) != len(study.table("links")):
        yield Difference(f"{MACHINE}/links.parquet", "has one link twice")
    decided = {
        cell
        for cell in (*replay.answers, *replay.rulings)
        if cell[1] in study.findings and cell[0] in voices and cell not in replay.open
    }
    for cell in sorted(decided - stored.keys()):
        yield Difference(f"{MACHINE}/links.parquet ({cell[1]}, {cell[0]})", "was decided on and is missing")
    for cell, row in stored.items():
        where = f"{MACHINE}/links.parquet ({cell[1]}, {cell[0]})"
        if cell[0] not in voices or cell[1] not in study.findings:
            yield Difference(where, "joins no finding to a respondent's words")
        elif cell in decided:
            derived = _link(replay.rulings.get(cell), list(replay.answers[cell].values()))
            if any(row[name] != value for name, value in derived.items()):
                yield Difference(where, "is not what the ledger decides")
        elif cell not in replay.open and not _is_suggestion(row, study.findings[cell[1]], codings):
            yield Difference(where, "is no suggestion that the stances give")


def _link(ruling: Answer | None, answers: list[Answer]) -> Row:
    if ruling:
        direction = {"direction": ruling.value} if ruling.value else {}
        return {"status": "confirmed" if ruling.yes else "rejected", "decided_by": ruling.coder, **direction}
    ayes = [answer for answer in answers if answer.yes]
    most = Counter(answer.value for answer in ayes if answer.value).most_common(2)
    direction = most[0][0] if most and (len(most) == 1 or most[0][1] > most[1][1]) else ""
    derived: Row = {"decided_by": ";".join(sorted(answer.coder for answer in answers))}
    if 2 * len(ayes) == len(answers) or (ayes and not direction):
        return {**derived, "status": "suggested"}
    if 2 * len(ayes) < len(answers):
        return {**derived, "status": "rejected"}
    return {**derived, "status": "confirmed", "direction": direction}


def _is_suggestion(row: Row, finding: Row, codings: dict[Cell, Row]) -> bool:
    """Whether a link is the machine's, in a direction of the stances; where the coding has none, in any that it could have."""
    stance, coding = finding.get("stance", ""), codings.get((row["excerpt_id"], finding["criterion"]), {})
    of_excerpt = {coding["stance"]} if coding.get("stance") else {"positive", "negative"}
    by_stances = {"supports" if stance == "mixed" else DIRECTIONS.get((stance, each)) for each in of_excerpt}
    is_told = not stance or row["direction"] in {"not_told", *by_stances}
    return row["status"] == "suggested" and row["decided_by"] == "machine" and is_told
