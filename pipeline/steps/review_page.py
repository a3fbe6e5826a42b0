"""`review`: the review page of a study, served to one browser on this machine."""

from __future__ import annotations

import os
import secrets
import socket
import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime
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
from pipeline.config import Settings
from pipeline.errors import ConfigError, Problem
from pipeline.evidence.book import reasons
from pipeline.privacy.pseudonyms import pseudonyms
from pipeline.registers.participants import load_participants
from pipeline.review import queue as review_queue
from pipeline.review.coders import coder_name
from pipeline.review.decisions import Ledger
from pipeline.review.placement import with_selectors
from pipeline.review.settle import State
from pipeline.review.stopping import recall
from pipeline.review.web.app import make_app
from pipeline.review.web.desk import Desk, QueueEntry, StudyView
from pipeline.review.web.guard import Guard, Session
from pipeline.review.web.shelf import Shelf
from pipeline.steps.agreement import figures_on
from pipeline.steps.inputs import Brief, load_brief
from pipeline.steps.review import LEDGER, load_frames, state_of
from pipeline.study import Study
from pipeline.tables import ANSWERS, CODINGS, VOTES
from pipeline.vocabulary import CodingStatus, Lane, PlacementStatus

FRAMES = ("sources", "texts", "excerpts", "turns", "links", "queue", "placements")
HEADER_SECONDS = 5  # a client that sends its headers more slowly is cut off
QUEUE_SIZE = 500


def make_page(root: Path, coder: str, *, port: int) -> tuple[Guard, Session]:
    """The application for a study and a coder, and the secrets that open it. ConfigError where the study was not analysed."""
    study = folders.locate_study(root)
    session = Session(port)
    ledger = Ledger(study.coded / LEDGER, folders.study_id(study))
    desk = Desk(
        load=lambda: load_view(study),
        is_changed=lambda run: run_of(study) != run,
        ledger=ledger,
        coder=coder_name(coder, {decision.coder for decision in ledger.refresh()}),
        session=secrets.token_hex(4),
        now=lambda: datetime.now(UTC),
        texts={language: wording.book("review_page", language) for language in wording.LANGUAGES},
    )
    return make_app(desk, session), session


def serve(root: Path, coder: str, *, port: int, opens_browser: bool, tell: Callable[[str], None]) -> None:
    """Serve the review page until it is interrupted. `tell` prints the address, which opens the page once."""
    listener = _listen(port)
    app, session = make_page(root, coder, port=listener.getsockname()[1])
    address = f"http://127.0.0.1:{session.port}/open?token={session.token}"
    tell(f"The review page of {coder}: {address}")
    tell("It opens once. Stop with Ctrl-C; every decision shown as saved is on disk.")
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
            f"port {port}", f"cannot be used ({error.strerror})", "choose another one with --port, or leave it out"
        )
        raise ConfigError(problem) from None
    listener.listen()
    return listener


def run_of(study: Study) -> str:
    """What changes with every run of `analyze`."""
    path = study.outputs / "run.json"
    stat = path.stat() if path.exists() else None
    return f"{stat.st_mtime_ns}-{stat.st_size}" if stat else ""


def load_view(study: Study) -> StudyView:
    """The study as the page reads it, from the tables of the last run."""
    run = run_of(study)
    brief = load_brief(study)
    frames = load_frames(study, *FRAMES)
    arrow = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in frames.items()}
    codings = _columns(study, CODINGS)
    opened = codings.filter(pc.or_(codings["coded"], codings["doubtful"]))
    votes = _columns(study, VOTES)
    votes = votes.filter(pc.equal(votes["vote"], 1))
    people, _ = load_participants(study.raw)
    settings = brief.settings.study
    shelf = Shelf(
        {**arrow, "codings": opened, "votes": votes, "answers": _columns(study, ANSWERS)},
        persons=pseudonyms((p.participant_id for p in people), seed=settings.seed),
        groups={p.participant_id: dict(p.attributes).get(settings.group_by, "") for p in people},
    )
    excerpts = frames["excerpts"]
    of_queue = {**{name: frames[name] for name in ("excerpts", "links", "queue")}, "codings": opened.to_pandas()}
    return StudyView(
        title=settings.title,
        language=settings.language,
        seed=settings.seed,
        run=run,
        codebook=brief.codebook,
        findings=tuple(brief.register.findings),
        shelf=shelf,
        queue=lambda coder, state: _queue(of_queue, coder, state, brief.settings),
        resolve=lambda decisions: state_of(decisions, frames, brief.codebook),
        recall=_recall_of(codings, shelf, brief),
        agreement=lambda state, code: figures_on(state, code, excerpts),
        old_words=_old_words(frames["placements"]),
        with_selectors=lambda drafts: with_selectors(drafts, frames),
        because=lambda rows: _because(rows, settings.language),
    )


def _columns(study: Study, table: tables.Table) -> pa.Table:
    """A large table of the last run as Arrow columns, which take a tenth of a frame's memory."""
    return pq.read_table(study.table(table.name), columns=table.names)


def _queue(frames: dict[str, pd.DataFrame], coder: str, state: State, settings: Settings) -> list[QueueEntry]:
    """The excerpts that the coder has not decided, best first: those of a workbook of this size."""
    done = {d.excerpt_id for d in state.coder_decisions if d.coder == coder}
    about = dict(zip(frames["queue"]["excerpt_id"], frames["queue"]["about"], strict=True))
    sample = review_queue.build_queue(
        frames, done=done, size=QUEUE_SIZE, seed=settings.study.seed, chance_share=settings.review.chance_share
    )
    fraction = f" {sample.drawn}/{sample.drawn_from}"
    return [
        QueueEntry(name, str(lane), about.get(name, ""), f"{lane}{fraction if lane is Lane.RANDOM else ''}")
        for name, lane in sample.lanes.items()
    ]


def _old_words(placements: pd.DataFrame) -> dict[str, str]:
    """The words decided on before they changed, by the excerpt in their place."""
    stale = placements[placements["status"] == PlacementStatus.STALE]
    return {name: text for name, text in zip(stale["now_at"], stale["text"], strict=True) if name and text}


def _recall_of(codings: pa.Table, shelf: Shelf, brief: Brief) -> Callable[[np.ndarray], tuple[float, float, float]]:
    """The expected recall of the first family's codes, as a function of the mask of excerpts that were looked at."""
    family = brief.codebook.families[brief.codebook.criteria[0].family]
    cells = codings.filter(pc.is_in(codings["criterion"], value_set=pa.array(list(family))))
    is_decided = pc.not_equal(cells["status"], str(CodingStatus.MACHINE)).to_numpy()
    is_coded = cells["coded"].to_numpy()
    probabilities = np.where(is_decided, is_coded.astype(float), cells["probability"].to_numpy())
    at = pc.index_in(cells["excerpt_id"], value_set=pa.array(shelf.ids)).to_numpy()

    def expected(is_looked_at: np.ndarray) -> tuple[float, float, float]:
        estimate = recall(probabilities, is_decided | is_coded | is_looked_at[at])
        return estimate.value, estimate.low, estimate.high

    return expected


def _because(rows: list[dict[str, Any]], language: str) -> dict[str, str]:
    """Why the machine coded an excerpt, by code."""
    if not rows:
        return {}
    return {criterion: why for (_, criterion), why in reasons(pd.DataFrame(rows), language).items()}
