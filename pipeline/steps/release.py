"""`release`: an edition of the study's outputs that may leave the team, behind a gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import __version__, tables
from pipeline import study as folders
from pipeline.errors import ConfigError, IntegrityError, Problem
from pipeline.evidence import evidence_rows, strength
from pipeline.evidence.marked import marked_stretches, with_marked_words
from pipeline.findings import Register
from pipeline.privacy import edition_counts, quotes
from pipeline.privacy.disclosure import Counts, Name, is_nearly, protect
from pipeline.privacy.identifiers import IdentifierSearch, needles
from pipeline.privacy.k_anonymity import Classes, coarsened, generalised, too_few
from pipeline.privacy.numbered_masks import stretches_without_numbers, without_numbers
from pipeline.privacy.pseudonyms import edition_name, pseudonyms
from pipeline.privacy.release_gate import problems_of
from pipeline.privacy.word_search import WordSearch, folded, fragments_of
from pipeline.provenance import canonical_json, sha256_file
from pipeline.publish.released import QUOTES, ReducedPublication
from pipeline.publish.released import annex as released_annex
from pipeline.publish.released import figures as released_figures
from pipeline.publish.released import report as released_report
from pipeline.publish.released import tables as released_tables
from pipeline.publish.released import workbook as released_workbook
from pipeline.records import Participant
from pipeline.registers.study_registers import load_registers
from pipeline.spans import as_cell, of_cell
from pipeline.steps.analyze import tables_are_current
from pipeline.steps.evidence import person_frame, shown_excerpts
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.publish import measured
from pipeline.study import Study, write_atomic
from pipeline.vocabulary import (
    PERSON_ATTRIBUTES,
    Direction,
    EarlierReason,
    Edition,
    Kind,
    LinkStatus,
    MaskStatus,
    QuoteReason,
    Role,
)
from pipeline.wording.messages import Message, message, separated

RECORDS = "coded/released"  # what was released: never leaves the study
DENY_LIST = "coded/deny_list.txt"
READ = (
    tables.SOURCES,
    tables.TEXTS,
    tables.TURNS,
    tables.EXCERPTS,
    tables.CODINGS,
    tables.LINKS,
    tables.ATTRIBUTES,
    tables.MASKS,
    tables.SPANS,
)
BESIDE_QUOTES = (*PERSON_ATTRIBUTES, "kind")
QUASI_IDENTIFIERS = ("language", *BESIDE_QUOTES)  # beside quotes, in the order in which they are kept


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """What was released: where, how many counts and quotes it shows and leaves out, and why."""

    edition: Edition
    name: str
    folder: Path
    files: tuple[str, ...]
    counts: int
    counts_withheld: int
    withheld_for_earlier: int  # of these, withheld only because of editions released before
    earlier_reason: EarlierReason | None  # why
    quotes: int
    left_out: Mapping[str, int]  # by reason
    smallest_cell: int  # persons of whom a count may be shown


@dataclass(frozen=True, slots=True)
class Material:
    """The tables of the last run, with persons under their internal codes."""

    study: Study
    brief: Brief
    people: tuple[Participant, ...]
    frames: Mapping[str, pd.DataFrame]
    excerpts: pd.DataFrame
    evidence: pd.DataFrame
    key: bytes
    record: Mapping[str, Any]  # of the last run

    @property
    def spoken(self) -> pd.DataFrame:
        """The excerpts in which persons answer."""
        is_answer = (self.excerpts["role"] == Role.RESPONDENT) & (self.excerpts["participant"] != "")
        return self.excerpts[is_answer]

    def edition_name(self, edition: Edition) -> str:
        """The name of an edition, on which its codes depend: another one for other inputs."""
        return edition_name(self.key, f"{edition}|{canonical_json(self.record['inputs'])}")


@dataclass(frozen=True, slots=True)
class Released:
    """What later editions must know of one: its counts, and whom it quotes, by internal code: attributes, small counts."""

    counts: Counts
    classes: Classes
    behind_small: Mapping[Name, str]  # count -> the person quoted behind it


@dataclass(frozen=True, slots=True)
class Reduction:
    """An edition as published, its record in the study, and how many quotes are left out, by reason."""

    publication: ReducedPublication
    released: Released
    left_out: Mapping[str, int]
    withheld_for_earlier: int = 0
    earlier_reason: EarlierReason | None = None


def release(root: Path, edition: Edition, now: datetime) -> ReleaseResult:
    """Write an edition into outputs/partner or outputs/public, or nothing.

    IntegrityError names every place that identifies somebody. ConfigError where the outputs are not those of the study as it is.
    """
    study = folders.locate_study(root)
    with folders.lock(study, "release"):
        material = load_material(study)
        earlier = released_before(study, besides=material.edition_name(edition))
        reduction = reduce(material, edition, earlier)
        publication, counts = reduction.publication, reduction.released.counts
        target = f"outputs/{edition}"
        last = {f"{target}/{name}" for name in _files_below(root / target)}
        with folders.transaction(study, last) as staging:
            write_edition(staging / target, publication, now)
            check_gate(staging / target, material, publication)
            files = _files_below(staging / target)
            write_release_record(staging, reduction, now)
    return ReleaseResult(
        edition=edition,
        name=publication.name,
        folder=root / target,
        files=tuple(files),
        counts=len(counts.numbers),
        counts_withheld=len(counts.withheld),
        withheld_for_earlier=reduction.withheld_for_earlier,
        earlier_reason=reduction.earlier_reason,
        quotes=len(publication.quotes),
        left_out=reduction.left_out,
        smallest_cell=publication.settings.disclosure.smallest_cell,
    )


def load_material(study: Study) -> Material:
    """What an edition is made of, from the tables of the last run; ConfigError where anything changed since."""
    key = folders.person_key(study)
    record = folders.last_run(study)
    if not record or not tables_are_current(study, record):
        what = message("steps/are_out_of_date_something_changed")
        raise ConfigError(Problem("outputs", what, message("steps/run_make_analyze_look")))
    brief, people = load_brief(study), load_registers(study).people
    frames = {table.name: tables.read_table(study.table(table.name), table) for table in READ}
    persons = person_frame(people, frames["turns"], key=key, group_by=brief.settings.study.group_by)
    excerpts = shown_excerpts(frames, persons, (), key=key, settings=brief.settings)
    findings = {finding.id: finding for finding in brief.register.findings}
    links = frames["links"][frames["links"]["finding_id"].isin(findings)]
    participants = excerpts[["excerpt_id", "participant_id"]]
    marked = marked_stretches(frames["spans"], frames["codings"], frames["excerpts"], brief.codebook.lineage)
    rows = with_marked_words(evidence_rows.evidence(links, frames["codings"], excerpts, findings), marked)
    evidence = rows.merge(participants, on="excerpt_id")
    return Material(study, brief, people, frames, excerpts, evidence, key, record)


def reduce(material: Material, edition: Edition, before: Sequence[Released] = ()) -> Reduction:
    """An edition: quotes with the attributes that may be shown beside them, and protected counts."""
    settings, smallest = material.brief.settings, material.brief.settings.disclosure.smallest_cell
    persons = persons_of(material.spoken)
    strengths = {}
    for finding in material.brief.register.findings:
        of_finding = material.evidence[material.evidence["finding_id"] == finding.id]
        strengths[finding.id] = strength.strength(strength.count(of_finding), settings.evidence)
    plain = _counts(material, persons)
    shown_before = [each.classes for each in before]
    few = too_few(persons, BESIDE_QUOTES, smallest=smallest, before=shown_before)
    classes = coarsened(generalised(persons, QUASI_IDENTIFIERS, smallest=smallest), BESIDE_QUOTES, before=shown_before)
    small = frozenset(name for name, count in plain.numbers.items() if 0 < count < smallest)
    quoted_before = {cell: who for each in reversed(before) for cell, who in each.behind_small.items()}
    rows, left_out = _quotes(material, edition, classes, small, few=few, before=quoted_before)
    implied = (
        *edition_counts.implied_by_common_values(plain, smallest),
        *edition_counts.implied_by_strengths(strengths, settings.evidence),
        *edition_counts.implied_by_quotes(rows),
    )
    related = replace(plain, relations=(*plain.relations, *implied))
    earlier = [each.counts for each in before]
    counts = protect(related, smallest=smallest, key=material.key, before=earlier)
    quality, agreement = measured(material.study)
    name = material.edition_name(edition)
    return Reduction(
        ReducedPublication(
            edition=edition,
            name=name,
            settings=settings,
            codebook=material.brief.codebook,
            register=_public_register(material.brief.register),
            strengths=strengths,
            counts={each: counts.shown(each) for each in counts.numbers},
            quotes=_coded_for(rows, material.key, name, strengths),
            quotes_left_out=sum(left_out.values()),
            quality=_figures_only(quality),
            agreement={"criteria": agreement["criteria"]} if agreement.get("criteria") else {},
            ledger_lines=int(material.record["ledger"]["lines"]),
            version=__version__,
        ),
        Released(counts, _published_classes(rows), quoted_before | _behind_small(rows, small)),
        left_out,
        *_held_back(related, counts, smallest, material.key, earlier),
    )


def _held_back(
    plain: Counts, protected: Counts, smallest: int, key: bytes, earlier: Sequence[Counts]
) -> tuple[int, EarlierReason | None]:
    """How many counts are withheld only because of the editions released before, and why."""
    held_back = protected.withheld - protect(plain, smallest=smallest, key=key).withheld if earlier else ()
    few_moved = any(is_nearly(plain, edition, smallest) for edition in earlier)
    reason = EarlierReason.PERSONS if few_moved else EarlierReason.COUNTS
    return len(held_back), reason if held_back else None


def _published_classes(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    of_persons = rows[rows["participant"] != ""].drop_duplicates("participant")
    records = of_persons[["participant", *BESIDE_QUOTES]].to_dict("records")
    return {str(row.pop("participant")): {str(name): str(value) for name, value in row.items()} for row in records}


def _behind_small(rows: pd.DataFrame, small: Collection[Name]) -> dict[Name, str]:
    """The person quoted behind each small count."""
    quoted = rows[rows["participant"] != ""]
    return {
        cell: str(row["participant"])
        for _, row in quoted.iterrows()
        for cell in edition_counts.cells_of_quote(row)
        if cell in small
    }


def persons_of(spoken: pd.DataFrame) -> pd.DataFrame:
    """A row per person who speaks: participant, group, gender, country, and the language and kind of source of most excerpts.

    The kind is "" for somebody who speaks in sources of several kinds.
    """
    rows = []
    for who, excerpts_of_person in spoken.groupby("participant", sort=True):
        kinds, languages = set(excerpts_of_person["kind"]), excerpts_of_person["language"].value_counts()
        most = min(languages[languages == languages.max()].index)
        first = {
            name: next(iter(excerpts_of_person.loc[excerpts_of_person[name] != "", name]), "")
            for name in PERSON_ATTRIBUTES
        }
        rows.append({"participant": who, **first, "language": most, "kind": kinds.pop() if len(kinds) == 1 else ""})
    return pd.DataFrame(rows, columns=["participant", *PERSON_ATTRIBUTES, "language", "kind"]).astype("str")


def _counts(material: Material, persons: pd.DataFrame) -> Counts:
    brief, evidence = material.brief, material.evidence
    smallest = brief.settings.disclosure.smallest_cell
    coded = material.frames["codings"][material.frames["codings"]["coded"]][["excerpt_id", "criterion"]]
    speakers = material.spoken[["excerpt_id", "participant"]]
    main_family = brief.codebook.of_family(brief.codebook.main_family)
    return edition_counts.edition_counts(
        edition_counts.common_values(persons, smallest),
        coded=coded.merge(speakers, on="excerpt_id"),
        confirmed=evidence[evidence["status"] == LinkStatus.CONFIRMED],
        findings={finding.id: finding.criterion for finding in brief.register.findings},
        criteria=[criterion.id for criterion in main_family],
    )


def _quotes(
    material: Material,
    edition: Edition,
    classes: pd.DataFrame,
    small: frozenset[Name],
    *,
    few: Collection[str],
    before: Mapping[Name, str],
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows of evidence whose quotes an edition shows, with generalised attributes, and how many are left out by reason."""
    smallest = material.brief.settings.disclosure.smallest_cell
    rows = material.evidence
    rows = rows[rows["status"].isin(quotes.STATUSES[edition]) & (rows["direction"] != Direction.NOT_TOLD)]
    rows = rows.sort_values(["bearing", "score", "excerpt_id", "finding_id"], ascending=[False, False, True, True])
    spoken = material.spoken[["participant", "text"]].itertuples(index=False, name=None)
    reasons = quotes.screened(
        rows,
        quotable_ids=quotes.quotable(material.people, edition),
        edition=edition,
        languages=dict(zip(classes["participant"], classes["language"], strict=True)),
        doubtful=excerpts_in_doubt(material),
        search=search_of(material),
        terms=quotes.RareTerms(spoken, smallest),
    )
    shown = rows[reasons == ""]
    for name in BESIDE_QUOTES:
        of_persons = dict(zip(classes["participant"], classes[name], strict=True))
        of_documents = str(Kind.DOCUMENT) if name == "kind" else ""
        shown = shown.assign(**{name: [of_persons.get(who, of_documents) for who in shown["participant"]]})
    is_few = shown["participant"].isin(list(few))
    is_few |= quotes.few_persons(
        shown.assign(participant=shown["participant"].mask(is_few, "")),
        small,
        edition_counts.cells_of_quote,
        before=before,
    )
    counts = reasons[reasons != ""].value_counts().to_dict()
    left_out = {str(reason): int(counts.get(reason, 0)) for reason in QuoteReason}
    left_out[QuoteReason.FEW_PERSONS] = int(is_few.sum())
    return shown[~is_few], {reason: count for reason, count in left_out.items() if count}


def excerpts_in_doubt(material: Material) -> frozenset[str]:
    """The excerpts with words that may be a name, about which nobody has decided yet."""
    masks, excerpts = material.frames["masks"], material.excerpts
    waiting = masks.loc[masks["status"] == MaskStatus.WAITING, ["source_id", "start", "end"]]
    places = excerpts[["excerpt_id", "source_id", "start", "end"]]
    pairs = places.merge(waiting, on="source_id", suffixes=("", "_of_name"))
    is_inside = (pairs["start_of_name"] < pairs["end"]) & (pairs["end_of_name"] > pairs["start"])
    return frozenset(pairs.loc[is_inside, "excerpt_id"])


def search_of(material: Material) -> IdentifierSearch:
    """The search for everything that would identify somebody of the study."""
    sources, turns = material.frames["sources"], material.frames["turns"]
    return IdentifierSearch(
        needles(
            material.people,
            paths=sources["path"],
            ids=sources["source_id"],
            labels=filter(None, turns["speaker"].unique()),
            denied=deny_list(material.study),
        )
    )


def deny_list(study: Study) -> tuple[str, ...]:
    """The words that must never leave, one a line in coded/deny_list.txt; lines that begin with # are remarks."""
    path = study.root / DENY_LIST
    if not path.exists():
        return ()
    lines = (line.strip() for line in path.read_text("utf-8-sig", errors="replace").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _public_register(register: Register) -> Register:
    """The register without remarks and problems, which are for its authors."""
    return Register(
        findings=register.findings,
        conclusions=register.conclusions,
        recommendations=register.recommendations,
        lessons=register.lessons,
        practices=register.practices,
    )


def _figures_only(quality: Mapping[str, Any]) -> dict[str, Any]:
    """Figures per code of the model that codes the study; nothing about persons or coders."""
    return {
        key: {"criteria": quality[key]["criteria"]}
        for key in ("trained", "cold")
        if quality.get(key, {}).get("criteria")
    }


def _coded_for(rows: pd.DataFrame, key: bytes, name: str, strengths: Mapping[str, Any]) -> pd.DataFrame:
    """The quotes with the codes of this edition, sorted by finding, direction and code."""
    persons = pseudonyms(rows["participant"], key=key, edition=name)
    sources = pseudonyms(rows["source_id"], key=key, prefix="S", edition=name)
    excerpts = pseudonyms(rows["excerpt_id"], key=key, prefix="Q", edition=name)
    is_document = rows["participant"] == ""
    coded = rows.assign(
        strength=[str(strengths[finding]) for finding in rows["finding_id"]],
        participant=[persons.get(who, "") for who in rows["participant"]],
        source=[
            sources[name] if document else "" for name, document in zip(rows["source_id"], is_document, strict=True)
        ],
        quote_id=[excerpts[name] for name in rows["excerpt_id"]],
        quote=[without_numbers(quote) for quote in rows["quote"]],
        span=[without_numbers(span) for span in rows["span"]],
        span_at=[
            as_cell(stretches_without_numbers(quote, of_cell(span_at)))
            for quote, span_at in zip(rows["quote"], rows["span_at"], strict=True)
        ],
    )
    ordered = coded.sort_values(
        ["finding_id", "direction", "participant", "quote_id"], kind="stable", ignore_index=True
    )
    return ordered[QUOTES].astype("str")


def write_edition(folder: Path, publication: ReducedPublication, now: datetime) -> None:
    """Write report, annex, workbook, tables and figures, and run.json with their hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    writers: tuple[Callable[[ReducedPublication, Path], None], ...] = (
        released_tables.write,
        released_figures.write,
        released_workbook.write,
        released_report.write,
        released_annex.write,
    )
    for write in writers:
        write(publication, folder)
    record = {
        "edition": str(publication.edition),
        "name": publication.name,
        "version": publication.version,
        "at": now.date().isoformat(),
        "ledger": {"lines": publication.ledger_lines},
        "outputs": {name: sha256_file(folder / name) for name in _files_below(folder)},
    }
    write_atomic(folder / "run.json", (json.dumps(record, indent=1, sort_keys=True) + "\n").encode())


def _files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folders.paths_below(folder) if path.is_file())


def check_gate(folder: Path, material: Material, publication: ReducedPublication) -> None:
    """IntegrityError with every place in the files of a folder that would identify somebody."""
    problems = list(problems_of(folder, search_of(material), withheld_words(material, publication)))
    if problems:
        raise IntegrityError(problems)


def withheld_words(material: Material, publication: ReducedPublication) -> WordSearch:
    """The search for sentences of respondents that the edition does not quote."""
    sentences = fragments_of(material.spoken["text"])
    shown = folded("\n".join(publication.quotes["quote"]))
    return WordSearch(sentence for sentence in sentences if sentence not in shown)


def released_before(study: Study, *, besides: str = "") -> list[Released]:
    """All editions released before; IntegrityError where a record cannot be read.

    `besides` is the name of an edition to leave out: the one being made again from the same inputs.
    """
    paths = [path for path in folders.paths_in(study.root / RECORDS) if path.suffix == ".json"]
    return [_released(path) for path in paths if not (besides and path.stem.endswith(f"-{besides}"))]


def _released(path: Path) -> Released:
    try:
        record = json.loads(path.read_bytes())
        return Released(
            counts=Counts.from_record(record),
            classes={who: dict(shown) for who, shown in record["classes"].items()},
            behind_small={tuple(cell): who for cell, who in record["behind_small"]},
        )
    except (ValueError, KeyError, TypeError):
        what = message("steps/cannot_be_read")
        raise IntegrityError(
            Problem(f"{RECORDS}/{path.name}", what, message("common/restore_it_from_your_own_copy"))
        ) from None


def write_release_record(staging: Path, reduction: Reduction, now: datetime) -> None:
    """Keep what is released inside the study, so that later editions can be compared with it."""
    publication = reduction.publication
    record = {
        "edition": str(publication.edition),
        "name": publication.name,
        "at": now.isoformat(timespec="seconds"),
        "quotes": len(publication.quotes),
        "quotes_left_out": dict(reduction.left_out),
        "behind_small": [[list(cell), who] for cell, who in sorted(reduction.released.behind_small.items())],
        "classes": {who: dict(shown) for who, shown in reduction.released.classes.items()},
        **reduction.released.counts.as_record(),
    }
    data = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    write_atomic(staging / RECORDS / f"{publication.edition}-{publication.name}.json", f"{data}\n".encode())


def as_record(result: ReleaseResult) -> dict[str, Any]:
    """What was released, as programs read it."""
    return {**asdict(result), "folder": str(result.folder)}


def as_lines(result: ReleaseResult) -> list[Message]:
    """What was released, as a person reads it."""
    left_out = separated(
        ", ",
        (separated(" ", [str(count), message(f"quote_reason.{reason}")]) for reason, count in result.left_out.items()),
    )
    return [
        separated(" ", [message(f"edition.{result.edition}"), result.name]),
        message("steps/counts_shown", shown=result.counts - result.counts_withheld, withheld=result.counts_withheld),
        *_because_of_earlier(result),
        message(
            "steps/quotes_shown",
            shown=result.quotes,
            left_out=sum(result.left_out.values()),
            why=separated("", [": ", left_out]) if left_out else "",
        ),
        message("steps/gate", files=len(result.files)),
        *(
            message("steps/to_quote", remedy=message(f"quote_remedy.{key}", n=result.smallest_cell))
            for key in remedies(result)
        ),
        message("steps/read_every_quote", report=result.folder / "report.html"),
    ]


def _because_of_earlier(result: ReleaseResult) -> list[Message]:
    """How many counts only editions released before hold back, why, and what brings them back."""
    if result.earlier_reason is None:
        return []
    number = result.withheld_for_earlier
    return [message(f"steps/withheld_for_earlier_{result.earlier_reason}", withheld=number, n=result.smallest_cell)]


def remedies(result: ReleaseResult) -> list[str]:
    """What would bring quotes into an edition that has none: a key for each reason, the most frequent first."""
    if result.quotes:
        return []
    by_times = sorted(result.left_out.items(), key=lambda item: -item[1])
    return [str(reason) for reason, _ in by_times] or ["no_link"]
