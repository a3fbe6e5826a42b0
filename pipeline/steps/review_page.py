"""`review`: the review page of a study, served to one browser on this machine."""

from __future__ import annotations

import csv
import os
import secrets
import socket
import webbrowser
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import uvicorn

from pipeline import study as folders
from pipeline import tables, wording
from pipeline.codebook.theory_of_change import NAME as THEORY
from pipeline.codebook.theory_of_change import TheoryOfChange
from pipeline.contract import REBUILD
from pipeline.errors import ConfigError, IntegrityError, Problem
from pipeline.evidence.evidence_rows import reasons
from pipeline.evidence.theory.paths import paths_on
from pipeline.privacy.consent import Naming, Speaking, unshown_turns
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.records import Decision, Draft, Participant
from pipeline.registers.participants import load_participants
from pipeline.review.agreement.figures import figures_on, second_looks
from pipeline.review.coders import coder_name
from pipeline.review.decisions import Ledger
from pipeline.review.form import Form
from pipeline.review.placement import with_selectors
from pipeline.review.queue import Ranking
from pipeline.review.settle import State
from pipeline.review.stopping import Recall, recall
from pipeline.review.web.app import make_app
from pipeline.review.web.codebook.orders import CodebookEditor
from pipeline.review.web.corrections.orders import Corrector
from pipeline.review.web.desk import Desk
from pipeline.review.web.guard import Guard, Session
from pipeline.review.web.shelf import Shelf, places_of
from pipeline.review.web.study_view import StudyView, SuggestedPath
from pipeline.steps.apply_decisions import bounds_since
from pipeline.steps.codebook import complete_change
from pipeline.steps.codebook.page import caught_by, change_from_page
from pipeline.steps.codebook.proposable import ProposableWords, is_caught, words_of_names
from pipeline.steps.corrections.page import correct_from_page, withdraw_from_page
from pipeline.steps.corrections.shown import ShownCorrections
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.results.page_search import search_tools
from pipeline.steps.review import LEDGER, load_frames, stale_suggestions, state_of
from pipeline.study import Study
from pipeline.tables import ANSWERS, CODINGS, EXCERPTS, LINKS, SOURCES, TEXTS, TURNS, VOTES
from pipeline.vocabulary import CONFIRMED, CodingStatus, PlacementStatus
from pipeline.wording.messages import message

NEEDED = {  # columns of the largest tables
    "votes": ["excerpt_id", "criterion", "voter", "vote", "stance", "because"],
    "codings": ["excerpt_id", "criterion", "coded", "probability", "stance", "status", "doubtful"],
    "texts": ["source_id", "text"],
    "links": ["finding_id", "excerpt_id", "direction", "score", "status"],
}
UNIQUE = {  # columns in which nearly every text is another: nothing is gained by keeping each once
    "excerpts": {"excerpt_id", "text", "text_sha256"},
    "texts": {"source_id", "text"},
    "votes": {"because"},
}


def make_page(root: Path, coder: str, *, port: int, as_typed: Callable[[str], str] = str) -> tuple[Guard, Session]:
    """The application for a study and a coder, and the secrets that open it; `as_typed` names commands as this user types them.

    Raises ConfigError if the study was not analysed.
    """
    study = folders.locate_study(root)
    folders.complete_replacement(study)
    complete_change(study)
    session = Session(port)
    ledger = Ledger(study.coded / LEDGER, folders.study_id(study))
    desk = Desk(
        load=lambda: load_view(study),
        is_changed=lambda run: run_of(study) != run,
        ledger=ledger,
        coder=coder_name(coder, {decision.coder for decision in ledger.refresh()}),
        session=secrets.token_hex(4),
        now=lambda: datetime.now(UTC),
        texts={language: _typed_texts(language, as_typed) for language in wording.LANGUAGES},
    )
    desk.start()  # counted before anybody waits for it
    return make_app(desk, session, as_typed=as_typed), session


def _typed_texts(language: str, as_typed: Callable[[str], str]) -> dict[str, dict[str, str]]:
    """The texts of the interface, with commands as this user types them."""
    book = wording.book("review_page", language)
    return {section: {key: as_typed(text) for key, text in texts.items()} for section, texts in book.items()}


def serve(
    root: Path,
    coder: str,
    *,
    port: int,
    opens_browser: bool,
    tell: Callable[[str], None],
    as_typed: Callable[[str], str] = str,
) -> None:
    """Serve the review page until it is interrupted. `tell` prints the address, which opens the page once."""
    listener = _listen(port)
    app, session = make_page(root, coder, port=listener.getsockname()[1], as_typed=as_typed)
    address = f"http://127.0.0.1:{session.port}/open?token={session.token}"
    tell(message("steps/the_review_page_of", coder=coder, address=address))
    tell(message("steps/it_opens_once"))
    if opens_browser:
        webbrowser.open(address)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=16 * 1024,
        lifespan="off",
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere the option would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        problem = Problem(
            f"port {port}",
            message("steps/cannot_be_used", strerror=error.strerror),
            message("steps/choose_another_one_with_port"),
        )
        raise ConfigError(problem) from None
    listener.listen()
    return listener


def run_of(study: Study) -> str:
    """The tables and settings that change with every run of `analyze`."""
    path = study.outputs / "run.json"
    stat = path.stat() if path.exists() else None
    return f"{stat.st_mtime_ns}-{stat.st_size}" if stat else ""


def load_view(study: Study) -> StudyView:
    """The study as the page reads it, from the tables of the last run."""
    run = run_of(study)
    brief, record = load_brief(study), folders.last_run(study)
    settings = brief.settings.study
    people, _ = load_participants(study.raw)
    groups = {person.participant_id: dict(person.attributes).get(settings.group_by, "") for person in people}
    stored = {table.name: _columns(study, table) for table in (SOURCES, TEXTS, TURNS, ANSWERS, EXCERPTS, LINKS)}
    codings = _columns(study, CODINGS)
    small = load_frames(study, "queue", "placements")
    recut = bounds_since(study, brief, people)
    if recut:
        stored["excerpts"] = _with_rows(stored["excerpts"], recut.excerpts, recut.sources)
        small["placements"] = _replaced(small["placements"], recut.sources, recut.placements)
        small["queue"] = recut.queue(small["queue"], set(stored["excerpts"]["excerpt_id"].to_pylist()))
        codings = _of_excerpts(codings, stored["excerpts"])
        stored["links"] = _of_excerpts(stored["links"], stored["excerpts"])
    opened = codings.filter(pc.or_(codings["coded"], codings["doubtful"]))
    votes = _columns(study, VOTES)
    shelf = Shelf(
        {**stored, "codings": opened, "votes": votes.filter(pc.equal(votes["vote"], 1))},
        persons=pseudonyms(groups, key=folders.person_key(study)),
        groups=groups,
    )
    tables_of_run = StudyView(
        title=settings.title,
        language=settings.language,
        seed=settings.seed,
        run=run,
        shelf=shelf,
        ranking=_ranking(stored, shelf, small["queue"], seed=settings.seed, groups=groups),
        about=dict(zip(small["queue"]["excerpt_id"], small["queue"]["about"], strict=True)),
        chance_share=brief.settings.review.chance_share,
        strengths=_strengths(study),
        old_words=_old_words(small["placements"]),
        agreement=lambda state, code: _agreement(state, code, shelf),
        chances=_chances_in(codings),
        with_selectors=lambda drafts: _with_selectors(drafts, shelf),
        because=_because,
        edition=lambda: _edition_of(study),
        codebook_of_run=str(record.get("codebook", "")),
        lines_of_run=int(record.get("ledger", {}).get("lines", 0)),
        editor=_editor(study, shelf, lambda: _proposable(brief, people, stored, shelf)),
        corrector=_corrector(study, shelf),
        search=search_tools(study, brief, people, stored, shelf),
        **_of_codebook(brief, shelf, codings, small["placements"]),
        with_codebook=lambda: with_codebook(load_brief(study)),
    )

    def with_codebook(now: Brief) -> StudyView:
        return replace(tables_of_run, **_of_codebook(now, shelf, codings, small["placements"]))

    return tables_of_run


def _with_rows(table: pa.Table, rows: pd.DataFrame, sources: Collection[str]) -> pa.Table:
    """The excerpts with those of some sources replaced, each source still together."""
    is_other = pc.invert(
        pc.is_in(table["source_id"].cast(pa.string()), value_set=pa.array(sorted(sources), pa.string()))
    )
    new = pa.Table.from_pandas(rows[table.column_names], preserve_index=False)
    columns = [
        pa.chunked_array([*old.cast(pa.string()).chunks, *added.cast(pa.string()).chunks]).dictionary_encode()
        if pa.types.is_dictionary(old.type)
        else pa.chunked_array([*old.chunks, *added.cast(old.type).chunks], old.type)
        for old, added in zip(table.filter(is_other).columns, new.columns, strict=True)
    ]
    return pa.table(columns, names=table.column_names)


def _of_excerpts(table: pa.Table, excerpts: pa.Table) -> pa.Table:
    """The rows of a table on excerpts that are there."""
    return table.filter(pa.array(places_of(table["excerpt_id"], excerpts["excerpt_id"].combine_chunks()) >= 0))


def _replaced(frame: pd.DataFrame, sources: Collection[str], instead: pd.DataFrame) -> pd.DataFrame:
    """The table `placements` with the rows of some sources replaced by others."""
    is_other = [str(name).rpartition(":")[0] not in sources for name in frame["decided_on"]]
    return tables.joined([frame[pd.Series(is_other, index=frame.index, dtype=bool)], instead.copy()], tables.PLACEMENTS)


def _of_codebook(brief: Brief, shelf: Shelf, codings: pa.Table, placements: pd.DataFrame) -> dict[str, Any]:
    """The parts of the view that follow the codebook and the theory of change."""
    codebook = brief.codebook

    def resolve(decisions: Sequence[Decision]) -> State:
        cited = shelf.excerpt_rows({d.excerpt_id for d in decisions}, ["excerpt_id", "text_sha256"])
        return state_of(decisions, {"excerpts": cited.to_pandas(), "placements": placements}, codebook)

    return {
        "form": Form.of(codebook, brief.register.findings),
        "theory": brief.theory,
        "paths": lambda index: _suggested_paths(brief.theory, shelf, index),
        "resolve": resolve,
        "recall": _recall_of(codings, shelf, brief),
        "second_looks": lambda decisions, coder: second_looks(decisions, coder, resolve),
        "stale": lambda state, coder: stale_suggestions(state, coder, codebook.ids),
    }


def _suggested_paths(theory: TheoryOfChange, shelf: Shelf, index: int) -> list[SuggestedPath]:
    """The causal paths that an excerpt suggests: by its codes, people's or the machine's, and by its words."""
    clear = {*CONFIRMED, CodingStatus.MACHINE}
    carried = {row["criterion"] for row in shelf.codings.of(index) if row["coded"] and row["status"] in clear}
    arrows = paths_on(theory, carried)
    if not arrows:
        return []
    from pipeline.tag.rules.causal_cues import SpokenText, causal_cues  # spaCy is heavy, and few excerpts need it

    row = shelf.row(index)
    cues = causal_cues([SpokenText(shelf.ids[index], row["language"], row["text"])])
    return [SuggestedPath(*arrow, cue=cue) for cue in cues.values() for arrow in arrows]


def _edition_of(study: Study) -> str:
    """What changes with the files of the codebook and of the theory of change."""
    paths = [study.coded / name for name in ("codebook.toml", THEORY)]
    stats = [path.stat() if path.exists() else None for path in paths]
    return " ".join(f"{stat.st_mtime_ns}-{stat.st_size}" if stat else "" for stat in stats)


def _editor(study: Study, shelf: Shelf, words: Callable[[], ProposableWords]) -> CodebookEditor:
    proposable = cache(words)  # made when patterns are first proposed
    return CodebookEditor(
        change=lambda order, coder: change_from_page(study.root, order, coder=coder, now=datetime.now(UTC)),
        preview=lambda language, match: caught_by(shelf, language, match),
        terms=lambda at, stretches: proposable().terms(at, stretches),
        is_caught=is_caught,
    )


def _proposable(
    brief: Brief, people: Sequence[Participant], stored: Mapping[str, pa.Table], shelf: Shelf
) -> ProposableWords:
    unshown = unshown_turns(
        people,
        (Speaking(**row) for row in stored["turns"].select(list(Speaking._fields)).to_pylist()),
        (Naming(**row) for row in stored["sources"].select(list(Naming._fields)).to_pylist()),
    )
    names = words_of_names(people, brief.settings.ingest.interviewers)
    return ProposableWords(shelf, unshown, names)


def _corrector(study: Study, shelf: Shelf) -> Corrector:
    return Corrector(
        correct=lambda order, coder: correct_from_page(study.root, order, coder=coder, now=datetime.now(UTC)),
        withdraw=lambda order, coder: withdraw_from_page(study.root, order, coder=coder, now=datetime.now(UTC)),
        shown=ShownCorrections(study, shelf),
    )


def _columns(study: Study, table: tables.Table) -> pa.Table:
    """A table of the last run as Arrow columns; what repeats is kept once.

    Raises ConfigError if the study was not analysed, IntegrityError if a column is missing.
    """
    path = study.table(table.name)
    if not path.exists():
        raise ConfigError(
            Problem(
                str(study.root),
                message("common/has_not_been_analysed_yet"),
                message("steps/run_make_analyze_study", root=study.root),
            )
        )
    names = NEEDED.get(table.name, table.names)
    if missing := sorted(set(names) - set(pq.read_schema(path).names)):
        raise IntegrityError(
            Problem(path.name, message("common/columns_missing", missing=", ".join(missing)), message(REBUILD))
        )
    texts = [column.name for column in table.columns if column.type == "text" and column.name in names]
    repeating = [name for name in texts if name not in UNIQUE.get(table.name, ())]
    return pq.read_table(path, columns=names, read_dictionary=repeating)


def _ranking(
    stored: Mapping[str, pa.Table], shelf: Shelf, queue: pd.DataFrame, *, seed: int, groups: Mapping[str, str]
) -> Ranking:
    """The order of excerpts that all coders share, over the columns that it needs."""
    frames = {
        "excerpts": stored["excerpts"].select(["excerpt_id", "participant_id", "role"]).to_pandas(),
        "codings": _doubtful(shelf),
        "links": stored["links"].select(["excerpt_id", "status", "score"]).to_pandas(),
        "queue": queue,
    }
    return Ranking.of(frames, seed=seed, groups=groups)


def _doubtful(shelf: Shelf) -> pd.DataFrame:
    """Of every excerpt with doubtful codes the one closest to even, as rows of the table `codings`."""
    rows, starts = shelf.codings.rows, shelf.codings.starts
    is_doubtful = pc.and_(rows["doubtful"], pc.invert(rows["coded"])).to_numpy()
    doubt = np.where(is_doubtful, np.abs(rows["probability"].to_numpy() - 0.5), np.inf)
    has_rows = np.flatnonzero(np.diff(starts))
    least = np.minimum.reduceat(doubt, starts[has_rows]) if len(has_rows) else doubt
    at = np.isfinite(least)
    names = [shelf.ids[i] for i in has_rows[at]]
    return pd.DataFrame({"excerpt_id": names, "probability": 0.5 + least[at], "doubtful": True})


def _with_selectors(drafts: Sequence[Draft], shelf: Shelf) -> Sequence[Draft]:
    """The drafts with what finds their words again, read from their own sources alone."""
    sources = {draft.excerpt_id.rpartition(":")[0] for draft in drafts if draft.excerpt_id}
    return with_selectors(drafts, {name: table.to_pandas() for name, table in shelf.source_tables(sources).items()})


def _strengths(study: Study) -> dict[str, str]:
    """The strength of each finding, as the evidence table of the last run has it."""
    path = study.outputs / "evidence.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["finding_id"]: row["strength"] for row in csv.DictReader(file)}


def _agreement(state: State, code: str, shelf: Shelf) -> dict[str, Any] | None:
    """The figures on a code with the table behind them for each pair of coders."""
    decided = [decision for decision in state.coder_decisions if decision.target == code]
    excerpts = shelf.excerpt_rows({d.excerpt_id for d in decided}, ["excerpt_id", "participant_id", "source_id"])
    return figures_on(state, code, excerpts.to_pandas())


def _old_words(placements: pd.DataFrame) -> dict[str, str]:
    """The words decided on before they changed, by the excerpt in their place."""
    stale = placements[placements["status"] == PlacementStatus.STALE]
    return {name: text for name, text in zip(stale["now_at"], stale["text"], strict=True) if name and text}


def _recall_of(codings: pa.Table, shelf: Shelf, brief: Brief) -> Callable[[np.ndarray], Recall]:
    """The expected recall of the main family's codes, as a function of the mask of excerpts that were looked at."""
    codes = brief.codebook.main_codes
    cells = codings.filter(pa.array(places_of(codings["criterion"], pa.array(list(codes), pa.string())) >= 0))
    machine = pa.array([str(CodingStatus.MACHINE)])
    is_decided = places_of(cells["status"], machine) < 0
    is_coded = cells["coded"].to_numpy()
    probabilities = np.where(is_decided, is_coded.astype(float), cells["probability"].to_numpy())
    at = places_of(cells["excerpt_id"], pa.array(shelf.ids))

    def expected(is_looked_at: np.ndarray) -> Recall:
        return recall(probabilities, is_decided | is_coded | is_looked_at[at])

    return expected


def _chances_in(codings: pa.Table) -> Callable[[Collection[str]], dict[str, dict[str, float]]]:
    """The machine's chances on some excerpts, by code, where nobody had decided at the last run."""
    is_machine = places_of(codings["status"], pa.array([str(CodingStatus.MACHINE)])) >= 0

    def chances(excerpt_ids: Collection[str]) -> dict[str, dict[str, float]]:
        is_wanted = places_of(codings["excerpt_id"], pa.array(list(excerpt_ids), pa.string())) >= 0
        rows = codings.filter(pa.array(is_machine & is_wanted))
        by_excerpt: dict[str, dict[str, float]] = {}
        for name, code, chance in zip(
            *(rows[column].to_pylist() for column in ("excerpt_id", "criterion", "probability")), strict=True
        ):
            by_excerpt.setdefault(name, {})[code] = chance
        return by_excerpt

    return chances


def _because(votes: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Why the machine coded an excerpt: code -> language -> reason."""
    texts: dict[str, dict[str, str]] = {}
    for language in wording.LANGUAGES if votes else ():
        for (_, code), reason in reasons(pd.DataFrame(votes), language).items():
            texts.setdefault(code, {})[language] = reason
    return texts
