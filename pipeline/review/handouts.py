"""Hand-outs: coder, last line of the ledger, what the coder sees, and the reason for each excerpt.

The record stays in the study. A workbook carries its key alone, so that a blind coder cannot read why an excerpt was chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from pipeline.provenance import key_of
from pipeline.vocabulary import CoderView, Lane


@dataclass(frozen=True, slots=True)
class Handout:
    """Excerpts handed out to one coder; `lanes` says why each is among them, `drawn` of `drawn_from` were drawn at random."""

    key: str  # unique
    study: str
    coder: str
    base: int  # the last line of the ledger that the coder had before them
    codebook: str
    shown: CoderView | None  # what the coder sees of others' opinions; None if not recorded
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    drawn: int = 0
    drawn_from: int = 0

    def with_key(self) -> Handout:
        """The hand-out under a key of its content: the same made twice is one."""
        return replace(self, key=key_of(asdict(replace(self, key=""))))

    def lane_of(self, excerpt_id: str) -> str:
        """Why an excerpt was handed out, as a line of the ledger has it: of a random draw with the fraction drawn."""
        lane = self.lanes.get(excerpt_id)
        if lane in (Lane.RANDOM, Lane.SECOND_CODER):
            return f"{lane} {self.drawn}/{self.drawn_from}"
        return str(lane or "")

    def as_json(self) -> bytes:
        """The record as a file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def of_json(cls, data: bytes) -> Handout:
        """The record of a file; ValueError if it is not a hand-out."""
        try:
            content = json.loads(data)
            content["shown"] = CoderView(content["shown"]) if content["shown"] else None
            content["lanes"] = {excerpt: Lane(lane) for excerpt, lane in content["lanes"].items()}
            return cls(**content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("is not the record of a hand-out") from error

    @classmethod
    def of_import(cls, file: str, coder: str, *, study: str, codebook: str) -> Handout:
        """The hand-out of codings that were made elsewhere: their author knew no line of this ledger."""
        return cls(key=key_of("import", file, coder), study=study, coder=coder, base=0, codebook=codebook, shown=None)

    @classmethod
    def of_info(cls, info: Mapping[str, str]) -> Handout:
        """The hand-out as recorded in a workbook, without the lanes."""
        return cls(
            key=info.get("handout", ""),
            study=info["study"],
            coder=info.get("coder", ""),
            base=int(info["base"]),
            codebook=info.get("codebook", ""),
            shown=CoderView(info["shown"]) if info.get("shown") in tuple(CoderView) else CoderView.SUGGESTION,
        )
