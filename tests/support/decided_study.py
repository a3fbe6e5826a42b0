"""The small study after two coders decided on codes and links: agreed, divided, ruled, rejected, and one who wants no quotes."""

from pathlib import Path

import pandas as pd
from studies import NOW, quiet

from pipeline.records import Draft
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import analyze
from pipeline.vocabulary import DecisionKind


def decide(root: Path) -> None:
    """Write the decisions into the ledger of the analysed small study, and analyze it again."""
    spoken = pd.read_parquet(root / "coded/machine/excerpts.parquet").query("role == 'respondent'")
    codings = pd.read_parquet(root / "coded/machine/codings.parquet").query("criterion == 'sustainability'")
    likely = codings[codings["excerpt_id"].isin(spoken["excerpt_id"])].nlargest(4, "probability")["excerpt_id"]
    path = root / "coded" / "decisions.jsonl"
    words = [(row.excerpt_id, row.text_sha256) for row in spoken.itertuples()]
    hashes = dict(words)
    for coder in ("ana", "leo"):
        drafts = [Draft(DecisionKind.CODE, *each, "efficiency", value="negative") for each in words[:3]]
        drafts += [Draft(DecisionKind.UNCODE, *each, "effectiveness") for each in (words[0], words[2])]
        drafts += [
            Draft(DecisionKind.LINK, excerpt_id, hashes[excerpt_id], finding_id="F1", value="supports")
            for excerpt_id in likely.iloc[[0, 1, 3]]
        ]
        ledger.append(path, drafts, coder=coder, now=NOW)
    lone = Draft(DecisionKind.CODE, *words[3], "efficiency", value="positive")
    rejected = likely.iloc[2]
    no = Draft(DecisionKind.UNLINK, rejected, hashes[rejected], finding_id="F1")
    ledger.append(path, [lone, no], coder="ana", now=NOW)
    divided = [Draft(DecisionKind.CODE, *words[4], "learning", value="positive")]
    ledger.append(path, divided, coder="ana", now=NOW)
    ledger.append(path, [Draft(DecisionKind.UNCODE, *words[4], "learning")], coder="leo", now=NOW)
    ruling = Draft(DecisionKind.ADJUDICATE, *words[4], "learning", value="yes:positive", note="ana is right")
    ledger.append(path, [ruling], coder="eva", now=NOW)
    analyze(root, fresh=False, now=NOW, tick=quiet)
