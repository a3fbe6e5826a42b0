"""A study read and tagged by the steps alone, and nothing else imported."""

from pathlib import Path

import pandas as pd

from pipeline import study as folders
from pipeline.registers import study_registers
from pipeline.steps import ingest as ingest_step
from pipeline.steps import inputs
from pipeline.steps import tag as tag_step


def quiet(done: int, total: int) -> None:
    """Draw no progress."""


def tag(
    study: Path, staging: Path, kept: dict[str, pd.DataFrame]
) -> tuple[tag_step.TagResult, dict[str, pd.DataFrame]]:
    opened = folders.locate_study(study)
    brief = inputs.load_brief(opened)
    frames = ingest_step.read_all(opened, brief.settings, study_registers.load_registers(opened), {}, quiet).frames
    excerpts = frames["excerpts"]
    return tag_step.tag_all(opened, staging, brief, excerpts=excerpts, previous=kept, tick=quiet), frames
