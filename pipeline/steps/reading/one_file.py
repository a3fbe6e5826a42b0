"""One file of raw/, read, masked and segmented: all that a worker imports, and therefore no tables."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline import ingest
from pipeline.errors import Problem, UnreadableError
from pipeline.ingest.corrections.applying import correct
from pipeline.ingest.corrections.stored import stored_places
from pipeline.privacy import consent
from pipeline.privacy.names.masking import mask
from pipeline.privacy.names.plan import NamePlan
from pipeline.records import CorrectedPlace, Excerpt, FileReading, Mask, NameEntry, Turn
from pipeline.segment import segment
from pipeline.wording.messages import message


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file read, masked and segmented, and the names in it by their ids."""

    reading: FileReading
    excerpts: tuple[Excerpt, ...] = ()
    masks: tuple[Mask, ...] = ()
    entries: tuple[NameEntry, ...] = ()
    corrections: tuple[CorrectedPlace, ...] = ()


def read_one(task: ingest.FileTask, *, plan: NamePlan | None) -> FileResult:
    """One file read, masked and segmented, without the words of people who do not consent; runs in a worker."""
    if task.data is None:
        raise UnreadableError(Problem("", message("steps/cannot_be_opened"), message("common/check_that_it_is_a_file")))
    corrected = correct(ingest.read_file(task), task.corrections, task.people)
    masked = mask(consent.withhold(corrected.reading, task.people), plan)
    reading = masked.reading
    by_source: dict[str, list[Turn]] = {}
    for turn in reading.turns:
        by_source.setdefault(turn.source_id, []).append(turn)
    excerpts = tuple(
        e for text in reading.texts for e in segment(text, by_source.get(text.source_id, []), task.settings.segment)
    )
    places = stored_places(corrected.places, masked.masks)
    return FileResult(reading, excerpts, masked.masks, masked.entries, places)
