"""How a REFI-QDA project says what the format has no word for.

- Stance: the coding refers to a note `stance: positive`, `stance: negative` or `stance: mixed`.
- No: the selection refers to a note `no: CODE` or, if a coder said no to the other codes at once, `no: all other codes` (with
  `of CODE;CODE` if only some were considered).
- Ruling: the coding refers to a note `ruling`; a no is a note `ruling: no: CODE`.
- Findings: a note `finding: ID` with the statement. A link from the selection to it is named by its direction (`supports`,
  `contradicts`, `qualifies`, `not_told`), or `no` where a coder rejects it; a name that begins with `ruling: ` marks a ruling.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.vocabulary import Stance

ORIGIN = "Hallazgo"
UNDATED = "1980-01-01T00:00:00Z"  # of notes without a time: QualCoder opens no project with a note that has none
MACHINE_ID = "machine"  # the id of the user under whose name the machine's codings are
MACHINE_NAME = f"{ORIGIN} (machine)"
STANCE, NO, REST, RULED, FINDING, MEMO = "stance: ", "no: ", "no: all other codes", "ruling", "finding: ", "memo"
STANCES = {f"{STANCE}{stance}": str(stance) for stance in Stance}
REJECTED = "no"  # the name of a link that a coder rejects
RULING = "ruling: "  # what begins the name of a link that was ruled on


def no_to_the_rest(codes: Sequence[str], all_codes: Sequence[str]) -> str:
    """The name of the note that says that of these codes none but those given applies; all of the codebook need no names."""
    return REST if len(codes) == len(all_codes) else f"{REST} of {';'.join(codes)}"


def no_to(code: str) -> str:
    """The name of the note that says that a code does not apply."""
    return f"{NO}{code}"


def ruled_no_to(code: str) -> str:
    """The name of the note that says that a code was ruled out."""
    return f"{RULING}{NO}{code}"
