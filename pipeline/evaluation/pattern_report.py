"""A report per pattern: how often it fires, how often it is right, which others fire with it, and which never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from pipeline.codebook import Codebook
from pipeline.records import Vote

OVERLAP = 0.5  # two patterns overlap when they share at least half of the texts of the rarer one
FEWEST = 3  # texts that the rarer one must have


def report(codebook: Codebook, votes: Sequence[Vote], truth: Mapping[tuple[str, str], bool]) -> list[dict[str, Any]]:
    """A row per pattern in the order of the codebook.

    `votes` may be on any texts; `truth` holds what people said of (excerpt_id, criterion), where they said anything.
    """
    fired: dict[str, set[str]] = {}
    for vote in votes:
        fired.setdefault(vote.voter.removeprefix("rule:"), set()).add(vote.excerpt_id)
    together = overlaps(fired, {p.id: p.criterion for p in codebook.patterns})
    rows = []
    for pattern in codebook.patterns:
        texts = fired.get(pattern.id, set())
        judged = [truth[text, pattern.criterion] for text in texts if (text, pattern.criterion) in truth]
        rows.append(
            {
                "pattern": pattern.id,
                "criterion": pattern.criterion,
                "language": pattern.language,
                "fires": len(texts),
                "judged": len(judged),
                "precision": round(sum(judged) / len(judged), 4) if judged else None,
                "overlaps": together.get(pattern.id, []),
                "dead": not texts,
            }
        )
    return rows


def overlaps(fired: Mapping[str, set[str]], criterion: Mapping[str, str]) -> dict[str, list[str]]:
    """Patterns of the same criterion that fire on the same texts: pattern -> the others."""
    by_text: dict[str, list[str]] = {}
    for pattern, texts in fired.items():
        for text in texts:
            by_text.setdefault(text, []).append(pattern)
    shared = Counter(pair for patterns in by_text.values() for pair in combinations(sorted(patterns), 2))
    partners: dict[str, list[str]] = {}
    for (one, other), times in sorted(shared.items()):
        rarer = min(len(fired[one]), len(fired[other]))
        if rarer >= FEWEST and times >= OVERLAP * rarer and criterion.get(one) == criterion.get(other):
            partners.setdefault(one, []).append(other)
            partners.setdefault(other, []).append(one)
    return partners
