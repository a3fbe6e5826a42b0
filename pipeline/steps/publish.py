"""From one Publication to everything that people read, and the record of the run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__, tables
from pipeline.errors import Problem
from pipeline.evidence.link import divided
from pipeline.merkle import tree_hash
from pipeline.privacy import consent
from pipeline.privacy.shown_texts import shown_texts
from pipeline.provenance import (
    block_digests_of,
    canonical_json,
    edition,
    key_of,
    program,
    sha256_bytes,
    sha256_file,
    sha256_text,
)
from pipeline.publish import Publication, dependents, drawings
from pipeline.records import StrengthAssessment
from pipeline.registers.refusals import NAME as REFUSALS
from pipeline.registers.refusals import load_refusals
from pipeline.review.priorities import recall_after
from pipeline.steps.evidence import EvidenceResult
from pipeline.steps.inputs import Brief
from pipeline.study import MEASURED, Study, paths_below, write_atomic
from pipeline.vocabulary import UNDECIDED, Consent, Direction, LinkStatus, ReadStatus, Reason, Role, Shown, Strength
from pipeline.wording.messages import message

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RunMessages:
    """Problems (must be fixed), remarks (for information), and the further voters whose votes count."""

    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    voters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerOfRun:
    """The state of the ledger as run.json has it, and the excerpts on which somebody has decided."""

    state: Mapping[str, str | int]
    decided: Collection[str]


def publication(
    study: Study,
    brief: Brief,
    *,
    frames: dict[str, pd.DataFrame],
    result: EvidenceResult,
    messages: RunMessages,
    inputs: dict[str, str],
    ledger: LedgerOfRun,
) -> Publication:
    """Everything that is published of a study, in one record. `frames` are its tables, `result` its evidence."""
    quality, agreement = measured(study)
    return Publication(
        settings=brief.settings,
        codebook=brief.codebook,
        register=brief.register,
        assessments=result.assessments,
        evidence=result.evidence,
        coded=result.coded,
        excerpts=result.excerpts,
        matrix=result.matrix,
        prevalence=result.prevalence,
        saturation=result.saturation,
        cooccurrence=result.cooccurrence,
        profiles=result.profiles,
        theory=brief.theory,
        elements=result.elements,
        element_voices=result.element_voices,
        arrows=result.arrows,
        path_voices=result.path_voices,
        uses=result.uses,
        sources=frames["sources"],
        turns=frames["turns"],
        texts=shown_texts(frames, result.unshown),
        people=result.people,
        rejected=frames["rejected"],
        reading=frames["reading"],
        problems=messages.problems,
        facts={**facts(frames, result), **_review_facts(frames, brief, ledger.decided)},
        edition=edition_of(brief, inputs, load_refusals(study)),
        ledger_lines=int(ledger.state["lines"]),
        ledger_head=str(ledger.state["tree"]),
        version=__version__,
        quality=quality,
        agreement=agreement,
        note=consent.note(brief.settings.study.language),
        divided=divided(result.links),
        withheld=_withheld(frames),
        remarks=messages.remarks,
        voters=messages.voters,
    )


def edition_of(brief: Brief, inputs: dict[str, str], refusals: Mapping[str, str]) -> str:
    """The edition of a study's outputs. Of config.toml all settings count except [engine], which changes no result.

    Of `refusals` it counts who refuses, not when it was written down.
    """
    files = {path: digest for path, digest in inputs.items() if path not in ("config.toml", REFUSALS)}
    files[REFUSALS] = key_of(sorted(refusals.items()))
    return edition(brief.settings.model_dump(mode="json", exclude={"engine"}), files)


def measured(study: Study) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `evaluate` and `agree` found last: quality and agreement, empty if they were not run."""
    paths = [study.root / name for name in MEASURED]
    quality, agreement = (json.loads(path.read_bytes()) if path.exists() else {} for path in paths)
    return quality, agreement


def facts(frames: dict[str, pd.DataFrame], evidence_result: EvidenceResult) -> dict[str, int]:
    """The figures a reader asks for first."""
    sources, codings, excerpts = frames["sources"], frames["codings"], frames["excerpts"]
    files = sources.drop_duplicates("path")
    return {
        "files": len(files),
        "files_read": int(((files["reader"] != "") & (files["status"] != ReadStatus.PARTIAL)).sum()),
        "sources": int(_is_used(frames).sum()),
        "persons": len(
            set(evidence_result.excerpts.loc[evidence_result.excerpts["role"] == Role.RESPONDENT, "participant"]) - {""}
        ),
        "participants": len(evidence_result.people),
        "excerpts": int((excerpts["role"] == Role.RESPONDENT).sum()),
        "coded": evidence_result.coded["excerpt_id"].nunique(),
        "codings": len(evidence_result.coded),
        "confirmed": int((~codings["status"].isin(list(UNDECIDED))).sum()),
        "doubtful": codings.loc[codings["doubtful"], "excerpt_id"].nunique(),
        "links": int((evidence_result.links["status"] != LinkStatus.REJECTED).sum()),
        "links_confirmed": int((evidence_result.links["status"] == LinkStatus.CONFIRMED).sum()),
        "links_unclear": int(_is_unclear(evidence_result.links).sum()),
        **held_back(frames, evidence_result),
        "contrary_recall": round(100 * evidence_result.contrary_recall),
        "persons_confirmed": persons_confirmed(evidence_result.evidence),
        "coders": coders(codings, evidence_result.links),
        **strengths(evidence_result.assessments.values()),
    }


def _withheld(frames: dict[str, pd.DataFrame]) -> frozenset[str]:
    """The sources of which nothing is used, as everybody who answers in them refuses."""
    turns = tables.rows_of(frames["turns"], ["source_id", "role"])
    return consent.withheld_sources(turns, tables.rows_of(frames["rejected"], ["source_id", "reason"]))


def _is_used(frames: dict[str, pd.DataFrame]) -> pd.Series:
    """Which sources were read and are not withheld as a whole."""
    sources = frames["sources"]
    return (sources["status"] != ReadStatus.REJECTED) & ~sources["source_id"].isin(list(_withheld(frames)))


def _is_unclear(links: pd.DataFrame) -> pd.Series:
    """Which links are suggested without a direction: they count once a person gives one."""
    return (links["status"] == LinkStatus.SUGGESTED) & (links["direction"] == Direction.NOT_TOLD)


def persons_confirmed(evidence: pd.DataFrame) -> int:
    """How many persons speak in the links that a person confirmed."""
    return len(set(evidence.loc[evidence["status"] == LinkStatus.CONFIRMED, "participant"]) - {""})


def coders(codings: pd.DataFrame, links: pd.DataFrame) -> int:
    """How many people decided on the codings and links as they are."""
    on_codes = codings.loc[~codings["status"].isin(list(UNDECIDED)), "decided_by"]
    on_links = links.loc[links["status"] != LinkStatus.SUGGESTED, "decided_by"]
    names = {name for joined in {*on_codes, *on_links} for name in joined.split(";")}
    return len(names - {""})


def strengths(assessments: Collection[StrengthAssessment]) -> dict[str, int]:
    """The number of findings: of each strength (by confirmed links), and with suggested links only."""
    counts = Counter(assessment.strength for assessment in assessments)
    return {
        "findings": len(assessments),
        **{f"findings_{word}": counts[word] for word in Strength},
        "findings_suggested_only": sum(s.suggested_only for s in assessments),
    }


def held_back(frames: dict[str, pd.DataFrame], evidence_result: EvidenceResult) -> dict[str, int]:
    """The number of persons and characters not used, and of those used but not shown, at the speakers' request."""
    rejected, people = frames["rejected"], evidence_result.people
    unshown = evidence_result.excerpts[evidence_result.excerpts["shown"] == Shown.WITHHELD]
    stated = [Consent(word) for word in people["consent"]]
    is_hidden = (not word.is_shown and sources > 0 for word, sources in zip(stated, people["sources"], strict=True))
    return {
        "persons_not_used": sum(not word.is_used for word in stated),
        "chars_not_used": int(rejected.loc[rejected["reason"].isin(consent.REASONS), "chars"].sum()),
        "persons_not_shown": sum(is_hidden),
        "chars_not_shown": int(unshown["chars"].sum()),
    }


def _review_facts(frames: dict[str, pd.DataFrame], brief: Brief, decided: Collection[str]) -> dict[str, int]:
    """How many excerpts wait or are undecided, and the recall of criteria in percent once those that wait were looked at."""
    queue, excerpts = frames["queue"], frames["excerpts"]
    undecided = (excerpts["role"] == Role.RESPONDENT) & ~excerpts["excerpt_id"].isin(list(decided))
    codes = brief.codebook.main_codes
    after = recall_after(frames["codings"], queue, codes)
    shares = {"recall": after.value, "recall_low": after.low, "recall_high": after.high}
    counts = {"waiting": len(queue), "undecided": int(undecided.sum())}
    return {**counts, **{name: round(100 * share) for name, share in shares.items() if share == share}}


def publish(
    staging: Path,
    publication: Publication,
    tick: Callable[[int, int], None],
    drawn: Mapping[str, drawings.Files],
) -> dict[str, str]:
    """Write the workbook, the report, its annex, the tables and the figures into the staged outputs.

    Figures that are in `drawn`, by key, are not drawn again. Returns the key of each figure by its name.
    """
    from pipeline.publish import csvs, workbook
    from pipeline.publish.html import report
    from pipeline.publish.word import annex

    folder = staging / "outputs"
    folder.mkdir(parents=True, exist_ok=True)
    writers: tuple[Callable[[Publication, Path], None], ...] = (csvs.write, workbook.write, report.write, annex.write)
    keys = drawings.write(publication, folder, drawn)  # first, because the annex shows one
    tick(1, len(writers) + 1)
    for done, write in enumerate(writers, 2):
        write(publication, folder)
        tick(done, len(writers) + 1)
    return keys


def drawn_before(study: Study, previous: Mapping[str, Any]) -> dict[str, drawings.Files]:
    """The files of the figures of the last run, by the key of what they are drawn from.

    Those of another version of the program, and those altered since, are left out.
    """
    if previous.get("program") != program():
        return {}
    digests, keys = previous.get("outputs", {}), previous.get("figures", {})
    files = {key: _files_of_figure(study, name, digests) for name, key in keys.items()}
    return {key: of_figure for key, of_figure in files.items() if of_figure}


def _files_of_figure(study: Study, name: str, digests: Mapping[str, str]) -> drawings.Files:
    """The files of one figure of the last run; none where one is missing or changed."""
    files: dict[str, bytes] = {}
    for suffix in drawings.SUFFIXES:
        path = study.outputs / "figures" / f"{name}.{suffix}"
        data = path.read_bytes() if path.is_file() else b""
        if sha256_bytes(data) != digests.get(f"outputs/figures/{path.name}"):
            return {}
        files[path.name] = data
    return files


def run_record(
    publication: Publication,
    *,
    root: Path,
    staging: Path,
    inputs: dict[str, str],
    stages: dict[str, dict[str, float | int]],
    registered: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """What run.json holds: versions, seed, every hash, seconds and counts, characters per source, what was left out and why.

    `root` is the study, `staging` the folder of the staged files, `registered` what the next run must find in the registers
    again. `tree` is the Merkle tree hash of all files with their hashes, `seal` the hash of all else in the record.
    """
    machine, outputs = _hashes(staging, "coded/machine"), _hashes(staging, "outputs")
    record = {
        **_said(publication, now),
        "stages": stages,
        "inputs": inputs,
        "machine": machine,
        "outputs": outputs,
        "blocks": {**_blocks(root, inputs), **_blocks(staging, machine), **_blocks(staging, outputs)},
        **registered,
        "tree": tree_hash(
            f"{name} {digest}\n".encode() for name, digest in sorted({**inputs, **machine, **outputs}.items())
        ),
    }
    return {**record, "seal": sha256_text(canonical_json(record))}


def _blocks(root: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: block_digests_of(root / name) for name in names if (root / name).is_file()}


def unanswered(sources: pd.DataFrame, turns: pd.DataFrame, rejected: pd.DataFrame) -> Iterator[Problem]:
    """The interviews without an identified respondent, or whose respondents refuse: they are listed, not counted."""
    answered = set(turns.loc[turns["role"] == Role.RESPONDENT, "source_id"])
    silent = sources.query("kind == 'interview' and reader != ''")
    silent = silent[~silent["source_id"].isin(answered)]
    refused = _refused(silent, rejected)
    remedy = message("steps/name_the_respondents_in_raw_sources")
    for path, is_refused in sorted(zip(silent["path"], silent["source_id"].isin(refused), strict=True)):
        if is_refused:
            yield Problem(
                f"raw/{path}", message("steps/every_respondent_in_it_refused"), message("common/nothing_to_do")
            )
        else:
            yield Problem(f"raw/{path}", message("steps/has_no_respondent"), remedy)


def _refused(sources: pd.DataFrame, rejected: pd.DataFrame) -> set[str]:
    """The sources without respondents because people refuse, not because a speaker is unclear."""
    reasons = rejected[rejected["source_id"].isin(sources["source_id"])].groupby("source_id")["reason"].agg(set)
    return {
        str(name)
        for name, of_source in reasons.items()
        if Reason.REFUSED in of_source and Reason.PERSON_UNCLEAR not in of_source
    }


def read_in_part(sources: pd.DataFrame) -> Iterator[Problem]:
    """The files that were only read in part, with the reader's note."""
    files = sources[sources["status"] == ReadStatus.PARTIAL].drop_duplicates("path").sort_values("path")
    for path, note in zip(files["path"], files["note"], strict=True):
        what = (
            message("steps/was_only_read_in_part_note", note=note) if note else message("steps/was_only_read_in_part")
        )
        yield Problem(f"raw/{path}", what, message("steps/the_part_that_was_read"))


def _said(publication: Publication, now: datetime) -> dict[str, Any]:
    language = publication.settings.study.language
    remarks = (*publication.remarks, *publication.register.remarks, *dependents.remarks(publication))
    return {
        "version": __version__,
        "program": program(),
        "edition": publication.edition,
        "at": now.isoformat(timespec="seconds"),
        "seed": publication.settings.study.seed,
        "codebook": publication.codebook.version,
        "partial": publication.partial,
        "summary": dict(publication.facts),
        "chars": chars(publication),
        "rejected": publication.rejected.to_dict("records"),
        "language": language,
        "problems": _in_words(publication.problems, language),
        "unanswered": _in_words(unanswered(publication.sources, publication.turns, publication.rejected), language),
        "remarks": _in_words(remarks, language),
    }


def _in_words(problems: Iterable[Problem], language: str) -> list[dict[str, str]]:
    return [problem.in_words(language) for problem in problems]


def _hashes(staging: Path, folder: str) -> dict[str, str]:
    files = [path for path in paths_below(staging / folder) if path.is_file()]
    return {p.relative_to(staging).as_posix(): sha256_file(p) for p in files}


def chars(publication: Publication) -> dict[str, dict[str, int]]:
    """Characters of every source, white space apart: read = in excerpts + in listed exclusions (+ closed answers of a survey)."""
    inside = publication.excerpts["chars"].groupby(publication.excerpts["source_id"]).sum().to_dict()
    columns = [publication.sources[name].tolist() for name in ("source_id", "chars", "chars_excluded")]
    return {
        name: {"read": read, "excerpts": int(inside.get(name, 0)), "excluded": out}
        for name, read, out in zip(*columns, strict=True)
    }


def write_record(staging: Path, record: dict[str, Any]) -> None:
    """Write run.json into the staged outputs."""
    write_atomic(
        staging / "outputs" / "run.json",
        (json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(),
    )
