"""A second verifier of a study: it reads the documented files by itself and counts again, with no code of the program.

It follows docs/tables.md, docs/method.md and docs/reviewing.md, and needs only pandas, openpyxl and lxml. What differs from
what it derives is a Difference with the file and the row. `python -m second_verifier STUDY` prints them and ends with 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from second_verifier import counts, decisions, hashes, saturation, shares, shown, theory, unused, voices, words
from second_verifier.stored import Difference, StoredStudy

CHECKS: dict[str, Callable[[StoredStudy], Iterator[Difference]]] = {
    "files": hashes.files,
    "run record": hashes.run_record,
    "ledger": hashes.ledger,
    "refusals": hashes.refusals,
    "measured": hashes.measured,
    "texts": words.texts,
    "excerpts": words.excerpts,
    "characters": words.characters,
    "sources": words.sources,
    "corrections": words.corrections,
    "words in the sources": words.words_in_sources,
    "votes": decisions.votes,
    "codings": decisions.codings,
    "spans": decisions.spans,
    "links": decisions.links,
    "evidence": counts.evidence,
    "strengths": counts.strengths,
    "matrix": counts.matrix,
    "shares": shares.prevalence,
    "codes together": voices.together,
    "profiles": voices.profiles,
    "saturation": saturation.saturation,
    "theory of change": theory.elements,
    "causal paths": theory.paths,
    "unused excerpts": unused.unused,
    "summary": counts.summary,
    "workbook": shown.workbook,
    "report": shown.report,
    "annex": shown.annex,
}


def verify(root: Path) -> list[Difference]:
    """Every difference between what is stored and published and what this verifier derives; a check that breaks is one, too."""
    try:
        study = StoredStudy(root)
    except Exception as error:  # noqa: BLE001 - whatever cannot be read is a difference
        return [Difference("outputs/run.json", f"cannot be read ({type(error).__name__})")]
    differences: list[Difference] = []
    for name, check in CHECKS.items():
        try:
            differences += check(study)
        except Exception as error:  # noqa: BLE001 - a file that no check understands is a difference
            where = str(getattr(error, "filename", "") or name)
            differences.append(
                Difference(where, f"the check of {name} cannot be made ({type(error).__name__}: {error})")
            )
    return differences
