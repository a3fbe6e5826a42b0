"""Review rounds: which excerpts coders decide on, what they may see of each other meanwhile, and until when.

A round is a line of the ledger when it starts and another when it is closed. While it is open, `is_visible` decides what
reaches a coder; nothing else may.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest

from pipeline.provenance import key_of, sha256_text
from pipeline.records import Decision, Draft
from pipeline.review.web.refusals import refused
from pipeline.vocabulary import CoderView, DecisionKind, RefusalKind
from pipeline.wording.messages import message

REPEATED_SHARE = 0.05  # of a coder's own earlier excerpts come back: intra-coder agreement needs the same words twice
EARLY = 20  # other excerpts that were decided since, before one comes back


class Item(StrEnum):
    """What could reveal the opinion of others to a coder."""

    SUGGESTION = "suggestion"  # the machine's codes, links, scores, terms and matched words
    LANE = "lane"  # why the excerpt is shown, and an order that gives it away
    OTHERS = "others"  # what other coders decided, and their names
    MEMOS = "memos"  # memos of other coders
    COUNTS = "counts"  # of conflicts, and the expected recall
    AGREEMENT = "agreement"
    OWN = "own"  # what the coder decided on the excerpt before


@dataclass(frozen=True, slots=True)
class Round:
    """A review round. `fraction` is the share of all respondents' excerpts that were drawn at random."""

    name: str
    coders: tuple[str, ...]
    shows: CoderView
    ids: tuple[str, ...]
    fraction: float
    seed: int
    is_open: bool = True
    drawn_from: int = 0  # excerpts; 0 where an older line does not say
    ends: str = ""  # ISO date of its last day; "" where it is open until it is closed
    words: tuple[str, ...] = ()  # of each excerpt a key, by which it is found again; older lines have none


def rounds_of(decisions: Iterable[Decision]) -> dict[str, Round]:
    """The rounds of a ledger by name, in the order in which they were started."""
    rounds: dict[str, Round] = {}
    for decision in decisions:
        if decision.kind is not DecisionKind.ROUND:
            continue
        content = json.loads(decision.value)
        if content["action"] == "close":
            rounds[decision.round] = replace(rounds[decision.round], is_open=False)
        else:
            rounds[decision.round] = Round(
                name=decision.round,
                coders=tuple(content["coders"]),
                shows=CoderView(content["shows"]),
                ids=tuple(content["ids"]),
                fraction=float(content["fraction"]),
                seed=int(content["seed"]),
                drawn_from=int(content.get("drawn_from", 0)),
                ends=content.get("ends", ""),
                words=tuple(content.get("words", ())),
            )
    return rounds


def word_keys(excerpts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By excerpt a key of its words, and of which excerpt with the same words it is in its source.

    `excerpts` are ids with the hashes of their words, in reading order.
    """
    keys = {}
    alike: Counter[tuple[str, str]] = Counter()
    for name, digest in excerpts:
        source_id = name.rpartition(":")[0]
        alike[source_id, digest] += 1
        keys[name] = key_of("round", source_id, digest, alike[source_id, digest])
    return keys


def with_present_ids(current: Round, keys: Mapping[str, str]) -> Round:
    """The round with the ids that its excerpts have now: those of the same words, wherever they are in their source.

    `keys` are those of the excerpts there are.
    """
    names = {key: name for name, key in keys.items()}
    ids = (names.get(key, name) for name, key in zip_longest(current.ids, current.words, fillvalue=""))
    return replace(current, ids=tuple(ids))


def open_round(rounds: Mapping[str, Round], coder: str, *, today: str) -> Round | None:
    """The round that this coder takes part in and that is neither closed nor over; `today` is an ISO date."""
    open_rounds = [
        each
        for each in rounds.values()
        if each.is_open and coder in each.coders and not (each.ends and today > each.ends)
    ]
    return open_rounds[-1] if open_rounds else None


def is_visible(
    item: Item, in_round: Round | None, *, is_second_look: bool = False, is_decided_by_others: bool = False
) -> bool:
    """Whether a coder may see an item now.

    Outside a round a coder sees the suggestion and why an excerpt is shown, and what others decided among the differences.
    In an open round only what the round declares, and their own answers; once it is closed, everything. A second look shows
    nothing, their own answers neither. Where others have decided on an excerpt, it shows neither a suggestion nor why it is
    shown: after a run, what the tables have of it is the opinion of others.
    """
    if is_second_look or (is_decided_by_others and item in (Item.SUGGESTION, Item.LANE)):
        return False
    if in_round is None or not in_round.is_open or in_round.shows is CoderView.OTHERS or item is Item.OWN:
        return True
    return item is Item.SUGGESTION and in_round.shows is CoderView.SUGGESTION


def start_draft(
    name: str,
    *,
    coders: Sequence[str],
    shows: CoderView,
    size: int,
    respondents: Sequence[str],
    seed: int,
    ends: str = "",
) -> Draft:
    """The ledger line that starts a round of `size` excerpts drawn at random from those of respondents.

    Raises ConfigError if the round has no name, no coder, or more excerpts than there are.
    """
    if not name.strip():
        raise refused(RefusalKind.ROUND_WITHOUT_NAME, "round", "has no name", "name it, for example: week 3")
    if not coders:
        raise refused(RefusalKind.ROUND_WITHOUT_CODERS, "round", "has no coders", "name at least one")
    if size > len(respondents):
        there = str(len(respondents))
        what = message("review/asks_for_excerpts_and_there_are", size=size, there=there)
        raise refused(RefusalKind.ROUND_TOO_LARGE, "round", what, "ask for fewer", there=there)
    ids = sorted(respondents)
    random.Random(f"{seed} {name}").shuffle(ids)  # noqa: S311  (a sample, not a secret)
    value = {
        "action": "start",
        "coders": list(coders),
        "shows": str(shows),
        "ids": ids[:size],
        "fraction": round(size / len(ids), 6),
        "drawn_from": len(ids),
        "seed": seed,
        "ends": ends,
    }
    return Draft(DecisionKind.ROUND, value=json.dumps(value, ensure_ascii=False), round=name.strip())


def with_words(draft: Draft, keys: Mapping[str, str]) -> Draft:
    """The line that starts a round, with a key of the words of each excerpt, by which it is found wherever it is then."""
    value = json.loads(draft.value)
    value["words"] = [keys[name] for name in value["ids"]]
    return replace(draft, value=json.dumps(value, ensure_ascii=False))


def close_draft(name: str) -> Draft:
    """The ledger line that closes a round."""
    return Draft(DecisionKind.ROUND, value=json.dumps({"action": "close"}), round=name)


def second_looks(decided: Sequence[str], *, seed: int, already: Iterable[str]) -> list[str]:
    """Excerpts, in the order in which a coder decided them, that come back: a random twentieth, each once and late."""
    limit = int(REPEATED_SHARE * 16**8)
    done = set(already)
    early = decided[: max(0, len(decided) - EARLY)]
    return [name for name in early if name not in done and int(sha256_text(f"{seed} again {name}")[:8], 16) < limit]


def order_of(ids: Sequence[str], in_round: Round, coder: str) -> list[str]:
    """The order in which a coder meets the excerpts of a round: different for each coder, and revealing nothing."""
    shuffled = sorted(ids)
    random.Random(f"{in_round.seed} {in_round.name} {coder}").shuffle(shuffled)  # noqa: S311  (an order, not a secret)
    return shuffled
