"""Links that people made in the small study: the machine, without embeddings, finds hardly any across two languages."""

from pathlib import Path

import pandas as pd
from studies import NOW, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import DecisionKind, Direction

WORDS = {
    "F1": {
        "sigue andando": Direction.CONTRADICTS,
        "nadie viene": Direction.SUPPORTS,
        "No hay repuestos": Direction.SUPPORTS,
    },
    "F2": {
        "not sick any more": Direction.SUPPORTS,
        "están sanos": Direction.SUPPORTS,
        "Nada cambió": Direction.CONTRADICTS,
    },
}


def link_drafts(study: Path) -> list[Draft]:
    """Links of the excerpts of respondents with these words, one for each excerpt and finding."""
    excerpts = pd.read_parquet(study / "coded" / "machine" / "excerpts.parquet").query("role == 'respondent'")
    drafts: dict[tuple[str, str], Draft] = {}
    for finding, words in WORDS.items():
        for phrase, direction in words.items():
            for row in excerpts[excerpts["text"].str.contains(phrase, regex=False)].itertuples():
                draft = Draft(
                    DecisionKind.LINK, row.excerpt_id, row.text_sha256, finding_id=finding, value=str(direction)
                )
                drafts.setdefault((row.excerpt_id, finding), draft)
    return list(drafts.values())


def link_by_hand(study: Path, coder: str = "ana") -> None:
    """Write the links into the ledger, and analyze the study again."""
    ledger.append(study / "coded" / "decisions.jsonl", link_drafts(study), coder=coder, now=NOW)
    analyze(study, fresh=False, now=NOW, tick=quiet)
