"""Where every decided passage is now, over the tables of a run; and the words of decisions, kept beside the ledger.

The ledger holds hashes of words, never the words: it is append-only, and words must be removable when a person withdraws.
The words that were decided on are kept in coded/quotes.jsonl, so that they can be shown beside the new ones once they changed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from pipeline import tables
from pipeline.errors import ConfigError, Problem
from pipeline.provenance import key_of, sha256_text
from pipeline.records import Decision, Draft, ExcerptPart, MarkedSpan, Selector
from pipeline.review.boundaries.recut import Recut
from pipeline.review.identity import (
    Passage,
    SourceText,
    Speech,
    bounds_of,
    locate,
    of_other_speakers,
    passage_of,
    passages,
    selector_of,
)
from pipeline.review.masked.gaps import (
    Gap,
    MaskChange,
    SourceGap,
    corrected_places,
    gaps_in,
    gaps_of,
    mask_changes,
    source_offset,
    spelled,
    stretch_now,
)
from pipeline.review.masked.search import MaskedText
from pipeline.review.masked.withheld import withheld
from pipeline.sentences import sentences
from pipeline.vocabulary import PlacementStatus
from pipeline.wording.messages import message

QUOTES = "quotes.jsonl"


class PlaceInFile(NamedTuple):
    """Where words are in a file: a hash of the file and of what read it, and their offsets in the text as it was read."""

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a passage that was decided on, and how to find them again.

    `gaps` are the masks and corrections that were in them then. `place` is None where an earlier version kept the words.
    """

    text: str
    selector: Selector
    gaps: tuple[Gap, ...] = ()
    place: PlaceInFile | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where passages are now. A passage in none of these is stale, and no excerpt is in its place.

    If a passage became another speaker's, it is its own successor.
    """

    excerpt_ids: Mapping[Passage, str]
    successors: Mapping[Passage, str] = field(default_factory=dict)  # of a stale passage: the excerpt in its place
    masked: frozenset[Passage] = frozenset()  # those that are where they were, but for masks and corrections
    withheld: frozenset[Passage] = frozenset()  # those whose speaker does not consent
    recut: Recut = field(default_factory=dict)  # those that were cut or joined: the excerpts with their words
    mask_changes: Mapping[Passage, tuple[MaskChange, ...]] = field(
        default_factory=dict
    )  # in words with other masks now
    of_other_speakers: frozenset[int] = frozenset()  # lines on words that are in place and became somebody else's

    def span_now(self, passage: Passage, span: MarkedSpan) -> MarkedSpan:
        """The stretch of a passage's words that is marked, in the words as they are now."""
        return MarkedSpan(*stretch_now(span.start, span.end, self.mask_changes.get(passage, ())))

    def excerpt_of(self, decision: Decision) -> str:
        """The excerpt where the words of a decision are now; "" where they or their speaker changed, or where it is about none."""
        if decision.seq in self.of_other_speakers:
            return ""
        return self.excerpt_ids.get(passage_of(decision), "")


def load_quotes(path: Path) -> dict[Passage, Quote]:
    """The words of decisions by passage, none without the file; ConfigError names lines that do not match their hash."""
    if not path.exists():
        return {}
    quotes: dict[Passage, Quote] = {}
    problems = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            row = json.loads(line)
            passage, quote = (
                Passage(row["excerpt_id"], row["text_sha256"]),
                Quote(
                    row["text"],
                    Selector(**row["selector"]),
                    tuple(Gap(*gap) for gap in row.get("gaps", ())),
                    PlaceInFile(*row["place"]) if "place" in row else None,
                ),
            )
            is_right = sha256_text(quote.text) == passage.text_sha256
        except (ValueError, KeyError, TypeError, AttributeError):
            is_right = False
        if is_right:
            quotes[passage] = quote
        else:
            problems.append(
                Problem(
                    f"coded/{QUOTES} line {number}",
                    message("review/does_not_contain_the_words"),
                    message("review/delete_this_line"),
                )
            )
    if problems:
        raise ConfigError(problems)
    return quotes


def quotes_as_lines(quotes: Mapping[Passage, Quote]) -> bytes:
    """The file of quotes, sorted: the same quotes give the same bytes."""
    rows = (
        {
            "excerpt_id": passage.excerpt_id,
            "text_sha256": passage.text_sha256,
            "text": quote.text,
            "selector": asdict(quote.selector),
            **({"gaps": quote.gaps} if quote.gaps else {}),
            **({"place": quote.place} if quote.place else {}),
        }
        for passage, quote in sorted(quotes.items(), key=_by_passage)
    )
    return b"".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in rows)


def _by_passage(item: Any) -> Passage:
    passage: Passage = item[0]
    return passage


def quotes_of(cited: Iterable[Passage], frames: Mapping[str, pd.DataFrame]) -> dict[Passage, Quote]:
    """The words of the passages that the tables `texts` and `turns` hold where their ids say."""
    quotes = {}
    by_source = _by_source(cited)
    masks, files = gaps_of(frames), _files(frames)
    for source in source_texts(by_source, frames):
        gaps = masks.get(source.source_id, ())
        file = files.get(source.source_id, "")
        for passage in by_source[source.source_id]:
            start, end = passage.bounds
            words = source.text[start:end]
            selector = selector_of(passage, source) if sha256_text(words) == passage.text_sha256 else None
            if selector:
                place = PlaceInFile(file, source_offset(start, gaps), source_offset(end, gaps)) if file else None
                quotes[passage] = Quote(words, selector, gaps_in(gaps, start, end), place)
    return quotes


def _files(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """By source, a hash of its file and of what read it: while it is the same, so is the text as it was read."""
    if "sources" not in frames:
        return {}
    columns = frames["sources"][["source_id", "sha256", "reader"]].itertuples(index=False, name=None)
    return {source_id: key_of(digest, reader) for source_id, digest, reader in columns if reader}


def with_selectors(drafts: Sequence[Draft], frames: Mapping[str, pd.DataFrame]) -> list[Draft]:
    """The drafts, each with what is needed to find its words again once the text around them has changed."""
    quotes = quotes_of(passages(drafts), frames)
    by_passage = {passage: quote.selector for passage, quote in quotes.items()}

    def selector(named: Draft | ExcerptPart) -> Selector | None:
        return by_passage.get(passage_of(named))

    return [
        replace(d, selector=selector(d), parts=tuple(replace(part, selector=selector(part)) for part in d.parts))
        for d in drafts
    ]


def place(
    selectors: Mapping[Passage, Selector | None], frames: Mapping[str, pd.DataFrame], quotes: Mapping[Passage, Quote]
) -> dict[Passage, str]:
    """The excerpt that each passage is now, over the tables `texts`, `turns` and `masks`; stale ones are left out.

    Words in which names are masked, or shown, since are the same words: `quotes` has them as they were.
    """
    by_source = _by_source(selectors)
    masks, files = gaps_of(frames), _files(frames)
    placed = {}
    for source in source_texts(by_source, frames):
        of_source = {passage: selectors[passage] for passage in by_source[source.source_id]}
        masked = MaskedText(source, masks.get(source.source_id, ()))
        spelled = {passage: _spelled(passage, quotes) for passage in of_source}
        in_place = _in_place(of_source, masked, spelled, _in_same_files(of_source, quotes, files))
        located = locate({p: s for p, s in of_source.items() if p not in in_place}, source)
        placed.update(in_place | located)
        for passage in of_source.keys() - placed.keys():
            if now := masked.elsewhere(of_source[passage], spelled[passage]):
                placed[passage] = now
    return {passage: placed[passage] for passage in selectors if passage in placed}


def _in_place(
    of_source: Mapping[Passage, Selector | None],
    masked: MaskedText,
    spelled: Mapping[Passage, str],
    in_file: Mapping[Passage, PlaceInFile | None],
) -> dict[Passage, str]:
    """The passages that are where they were in the file, or where they were before names were masked."""
    places = {}
    for passage, selector in of_source.items():
        now = masked.at_place(in_file[passage], selector, spelled[passage])
        places[passage] = now or masked.in_place(passage, selector, spelled[passage])
    return {passage: now for passage, now in places.items() if now}


def _in_same_files(
    passages: Iterable[Passage], quotes: Mapping[Passage, Quote], files: Mapping[str, str]
) -> dict[Passage, PlaceInFile | None]:
    return {passage: _in_same_file(passage, quotes, files) for passage in passages}


def _in_same_file(passage: Passage, quotes: Mapping[Passage, Quote], files: Mapping[str, str]) -> PlaceInFile | None:
    """Where a passage was in its file when it was decided on; None where that is not known, or the file is another by now."""
    place = quotes[passage].place if passage in quotes else None
    return place if place and place.file == files.get(passage.source_id) else None


def _spelled(passage: Passage, quotes: Mapping[Passage, Quote]) -> str:
    """The words of a passage with their masks as hidden characters; empty where they are not kept."""
    quote = quotes.get(passage)
    return spelled(quote.text, quote.gaps) if quote else ""


def _by_source(cited: Iterable[Passage]) -> dict[str, list[Passage]]:
    groups: dict[str, list[Passage]] = {}
    for passage in cited:
        groups.setdefault(passage.source_id, []).append(passage)
    return groups


def source_texts(source_ids: Collection[str], frames: Mapping[str, pd.DataFrame]) -> Iterator[SourceText]:
    """The named sources, with their turns and sentence bounds; a source that no longer exists is left out."""
    texts, turns = (frame[frame["source_id"].isin(list(source_ids))] for frame in (frames["texts"], frames["turns"]))
    groups = {str(name): group.to_dict("records") for name, group in turns.groupby("source_id", sort=False)}
    for source_id, text in zip(texts["source_id"], texts["text"], strict=True):
        rows = groups.get(str(source_id), [])
        yield SourceText(str(source_id), str(text), tuple(_speech(row, str(text)) for row in rows))


def _speech(row: Mapping[Any, Any], text: str) -> Speech:
    start, end = int(row["start"]), int(row["end"])
    return Speech(
        start=start,
        end=end,
        participant_id=str(row["participant_id"]),
        label=str(row["speaker"]),
        sentences=tuple(sentences(text, start, end)),
    )


def placements(
    decisions: Sequence[Decision],
    placed: Mapping[Passage, str],
    quotes: Mapping[Passage, Quote],
    frames: Mapping[str, pd.DataFrame],
    *,
    refusing: Collection[str] = (),
    recut: Recut = MappingProxyType({}),
) -> pd.DataFrame:
    """The table `placements`: passages carried, cut, joined, stale, withheld; of stale ones the old words, if these are stored.

    `frames` has the tables `excerpts`, `texts`, `turns` and `masks`; the words of the persons `refusing` are withheld.
    """
    excerpts, masks = frames["excerpts"], gaps_of(frames)
    corrected, files = corrected_places(frames), _files(frames)
    counts = Counter(passage for decision in decisions for passage in passages([decision]))
    there = placed.keys() | recut.keys()
    gone = {passage: selector for passage, selector in passages(decisions).items() if passage not in there}
    hidden = withheld(gone, frames, refusing)
    stale = gone.keys() - hidden
    successors = _successors(stale, quotes, excerpts)
    rows = []
    for passage, count in _elsewhere(counts, placed, excerpts).items():
        now = placed.get(passage, "")
        status = _status(
            passage,
            now,
            masks.get(passage.source_id, ()),
            is_withheld=passage in hidden,
            holding=len(recut.get(passage, ())),
            place=_in_same_file(passage, quotes, files),
            is_corrected=passage.source_id in corrected,
        )
        old = quotes[passage].text if passage in stale and passage in quotes else ""
        changes = _changes_as_json(passage, now, quotes, masks) if now else ""
        for name in recut.get(passage, (now or successors.get(passage, ""),)):
            rows.append((passage.excerpt_id, passage.text_sha256, str(status), name, count, old, changes))
    return tables.typed(pd.DataFrame(rows, columns=tables.PLACEMENTS.names), tables.PLACEMENTS)


def _elsewhere(
    counts: Mapping[Passage, int], placed: Mapping[Passage, str], excerpts: pd.DataFrame
) -> dict[Passage, int]:
    """The passages that are no longer the very words of the excerpt that they name, with how many lines name them.

    A correction, or a mask, may be as long as what it replaces: then other words are at the same place.
    """
    there = set(zip(excerpts["excerpt_id"], excerpts["text_sha256"], strict=True))
    return {p: count for p, count in counts.items() if placed.get(p) != p.excerpt_id or p not in there}


def _changes_as_json(
    passage: Passage, now: str, quotes: Mapping[Passage, Quote], masks: Mapping[str, Sequence[SourceGap]]
) -> str:
    """Where the words of a passage have other masks now; "" where they have none and had none."""
    then = quotes[passage].gaps if passage in quotes else ()
    changes = mask_changes(then, gaps_in(masks.get(passage.source_id, ()), *bounds_of(now)))
    return json.dumps(changes) if changes else ""


def _status(
    passage: Passage,
    now: str,
    gaps: Sequence[SourceGap],
    *,
    is_withheld: bool,
    holding: int,
    place: PlaceInFile | None,
    is_corrected: bool,
) -> PlacementStatus:
    """What became of a passage; `holding` is the number of excerpts with its words, if people changed its bounds.

    `place` is where it was in the file, if this is still the same; `is_corrected` says whether the source has corrections.
    """
    if holding:
        return PlacementStatus.CUT if holding > 1 else PlacementStatus.JOINED
    if not now:
        return PlacementStatus.WITHHELD if is_withheld else PlacementStatus.STALE
    in_file = tuple(source_offset(offset, gaps) for offset in bounds_of(now))
    if gaps and in_file == passage.bounds:
        return PlacementStatus.CORRECTED if is_corrected else PlacementStatus.MASKED
    return PlacementStatus.CORRECTED if place and in_file == (place.start, place.end) else PlacementStatus.CARRIED


def _successors(
    stale: Collection[Passage], quotes: Mapping[Passage, Quote], excerpts: pd.DataFrame
) -> dict[Passage, str]:
    """The excerpt to show beside old words: the one with most words in common, or the one at the old place.

    Nothing is decided by it.
    """
    if not stale:
        return {}
    columns = ["source_id", "excerpt_id", "text"]
    there = excerpts.loc[excerpts["source_id"].isin([passage.source_id for passage in stale]), columns]
    by_source: dict[str, list[tuple[str, str]]] = {}
    for source_id, name, text in there.itertuples(index=False, name=None):
        by_source.setdefault(source_id, []).append((name, text))
    successors = {}
    for passage in stale:
        words = frozenset(quotes[passage].text.casefold().split()) if passage in quotes else frozenset()
        ranked = [
            (_likeness(words, text), _overlap(passage.excerpt_id, name), name)
            for name, text in by_source.get(passage.source_id, ())
        ]
        best = max(ranked, default=(0.0, 0, ""))
        if best[0] > 0 or best[1] > 0:
            successors[passage] = best[2]
    return successors


def _likeness(words: frozenset[str], text: str) -> float:
    other_words = frozenset(text.casefold().split())
    return len(words & other_words) / len(words | other_words) if words else 0.0


def _overlap(old: str, new: str) -> int:
    """How many characters two excerpts of one source have in common, by their ids."""
    (old_start, old_end), (new_start, new_end) = bounds_of(old), bounds_of(new)
    return max(0, min(old_end, new_end) - max(old_start, new_start))


def _recut(rows: Iterable[Sequence[Any]]) -> dict[Passage, tuple[str, ...]]:
    """Of passages that people cut or joined the excerpts where their words are now; rows of passage, status and excerpt."""
    recut: dict[Passage, tuple[str, ...]] = {}
    for passage, status, name in rows:
        if status in (PlacementStatus.CUT, PlacementStatus.JOINED):
            recut[passage] = (*recut.get(passage, ()), name)
    return recut


def _now_at(passage: Passage, status: str, name: str, hashes: Mapping[str, str]) -> str:
    """The excerpt where the words of a passage are now; "" if they are gone, changed, or in several excerpts."""
    if status in (PlacementStatus.CARRIED, PlacementStatus.MASKED, PlacementStatus.CORRECTED):
        return name
    is_gone = status in (PlacementStatus.STALE, PlacementStatus.WITHHELD)
    return "" if is_gone or hashes.get(passage.excerpt_id) != passage.text_sha256 else passage.excerpt_id


def _by_status(stands: Mapping[Passage, Sequence[str]]) -> dict[str, list[Passage]]:
    passages_of: dict[str, list[Passage]] = defaultdict(list)
    for passage, (status, _) in stands.items():
        passages_of[status].append(passage)
    return passages_of


def _of_reassigned(
    decisions: Sequence[Decision], reassigned: Collection[int], excerpt_ids: Mapping[Passage, str]
) -> dict[Passage, str]:
    """Of decisions on words that became another speaker's the excerpts where these words are."""
    lost = [passage_of(d) for d in decisions if d.seq in reassigned]
    return {passage: excerpt_ids[passage] for passage in lost if passage in excerpt_ids}


def places_of(decisions: Sequence[Decision], frames: Mapping[str, pd.DataFrame]) -> Places:
    """Where the passages of decisions are, by the tables `excerpts` and `placements` of a run."""
    cited = passages(decisions)
    table, excerpts = frames["placements"], frames["excerpts"]
    columns = table[["decided_on", "text_sha256", "status", "now_at"]]
    rows = [
        (Passage(at, digest), status, name) for at, digest, status, name in columns.itertuples(index=False, name=None)
    ]
    listed = {passage: (status, name) for passage, status, name in rows}
    there = excerpts[excerpts["excerpt_id"].isin([passage.excerpt_id for passage in cited])]
    hashes = dict(zip(there["excerpt_id"], there["text_sha256"], strict=True))
    stands = {passage: listed.get(passage, ("", "")) for passage in cited}
    now_at = {passage: _now_at(passage, status, name, hashes) for passage, (status, name) in stands.items()}
    excerpt_ids = {passage: name for passage, name in now_at.items() if name}
    of_status = _by_status(stands)
    named = {passage: name for passage in of_status[PlacementStatus.STALE] if (name := stands[passage][1])}
    reassigned = of_other_speakers(decisions)
    named |= _of_reassigned(decisions, reassigned, excerpt_ids)
    return Places(
        excerpt_ids,
        named,
        masked=frozenset([*of_status[PlacementStatus.MASKED], *of_status[PlacementStatus.CORRECTED]]),
        withheld=frozenset(of_status[PlacementStatus.WITHHELD]),
        mask_changes=_mask_changes(table),
        recut=_of_cited(_recut(rows), cited),
        of_other_speakers=reassigned,
    )


def _mask_changes(placements: pd.DataFrame) -> dict[Passage, tuple[MaskChange, ...]]:
    """Where the words of passages have other masks now."""
    rows = placements.loc[placements["mask_changes"] != "", ["decided_on", "text_sha256", "mask_changes"]]
    return {
        Passage(decided_on, digest): tuple(MaskChange(*bounds) for bounds in json.loads(changes))
        for decided_on, digest, changes in rows.itertuples(index=False, name=None)
    }


def _of_cited(recut: Recut, cited: Collection[Passage]) -> Recut:
    return {passage: tuple(sorted(names, key=bounds_of)) for passage, names in recut.items() if passage in cited}
