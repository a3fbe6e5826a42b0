"""`agree`: how well coders agree on codes, stances, links and directions, and each coder with the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import study as folders
from pipeline.review.agreement.figures import Unit, agreement_of, second_looks
from pipeline.review.coders import MACHINE
from pipeline.review.settle import CoderDecision, State
from pipeline.steps import tag as tag_step
from pipeline.steps.inputs import Brief, brief_to_code
from pipeline.steps.review import load_frames, load_ledger, state_of
from pipeline.study import Study


def agree(root: Path) -> dict[str, Any]:
    """Write outputs/agreement.json and return its content."""
    study = folders.locate_study(root)
    with folders.lock(study, "agree"):
        brief = brief_to_code(study)
        frames = load_frames(study, "excerpts", "placements")
        excerpts = frames["excerpts"]
        decisions = load_ledger(study)
        state = state_of(decisions, frames, brief.codebook)
        result = agreement_of(
            state,
            excerpts,
            machine_opinions(study, brief, excerpts, state),
            codes=brief.codebook.ids,
            findings=[finding.id for finding in brief.register.findings],
            lines={line.seq: line for line in decisions},
        )
        result["second_looks"] = {
            coder: figures
            for coder in result["coders"]
            if (figures := second_looks(decisions, coder, lambda lines: state_of(lines, frames, brief.codebook)))
        }
        folders.write_measured(study, "outputs/agreement.json", as_json(result))
    return result


def as_json(result: dict[str, Any]) -> bytes:
    """The agreement as the file that is written; what is not defined is null."""
    return (json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def machine_opinions(study: Study, brief: Brief, excerpts: pd.DataFrame, state: State) -> dict[Unit, CoderDecision]:
    """The machine's codings, as one more coder, of the excerpts that people decided on.

    It is trained on the seeds alone: a model that has learnt from these very decisions would agree too well.
    """
    decided = excerpts[excerpts["excerpt_id"].isin(list({opinion.excerpt_id for opinion in state.coder_decisions}))]
    if decided.empty:
        return {}
    return {
        (row["excerpt_id"], row["criterion"]): CoderDecision(
            excerpt_id=row["excerpt_id"],
            target=row["criterion"],
            coder=MACHINE,
            yes=bool(row["coded"]),
            value=row["stance"],
            seq=0,
        )
        for row in tag_step.code_unseen(study, brief, decided).to_dict("records")
    }
