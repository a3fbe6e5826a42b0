"""Commands in advice as this user types them: `make` if make started the program, otherwise the program itself."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

STARTED_BY = "HALLAZGO_STARTED_BY"  # set by the Makefile: what its user types is make
MAKE = "make"
OWN_NAME = "hallazgo"

# Make target -> the command's words.
TARGETS = {
    "study": "study",
    "check-study": "check",
    "analyze": "analyze",
    "review": "review",
    "review-export": "review export",
    "review-import": "review import",
    "codebook": "codebook",
    "import": "import",
    "export": "export",
    "agree": "agree",
    "prevalence": "prevalence",
    "query": "query",
    "diff": "diff",
    "audit": "audit",
    "trace": "trace",
    "withdraw": "withdraw",
    "roster": "roster",
    "release": "release",
    "evaluate": "evaluate",
    "bench": "bench",
}
WITHOUT_STUDY = frozenset({"study", "roster", "bench"})  # commands that need none
FLAGS = {"BLIND": "--blind", "AGAIN": "--again", "CONFLICTS": "--conflicts"}
OPTIONS = {
    "STUDY": "--study",
    "CODER": "--coder",
    "SIZE": "--size",
    "SAME_AS": "--same-as",
    "EDITION": "--edition",
    "GOLD": "--gold",
    "TRAIN": "--train",
    "CODEBOOK": "--codebook",
}  # every other variable of make holds arguments as they are typed
VALUE = r"'[^']*'|\"[^\"]*\"|[^\s;,'\"]+"
ADVICE = re.compile(
    rf"(?<![\w-])make ({'|'.join(sorted(TARGETS, key=len, reverse=True))})(?![\w-])((?: [A-Z_]+=(?:{VALUE}))*)"
)
VARIABLE = re.compile(rf"([A-Z_]+)=({VALUE})")


def as_typed(advice: str, *, study: Path, program: str = "") -> str:
    """A line of advice with its commands as the user of `program` types them, for this study.

    `program` is by default the one that is running. A study in the current folder needs no naming.
    """
    name = program or os.environ.get(STARTED_BY, MAKE)

    def typed(command: re.Match[str]) -> str:
        target, variables = command[1], command[2]
        if study != Path() and target not in WITHOUT_STUDY and "STUDY=" not in variables:
            variables += f" STUDY={shlex.quote(str(study))}"
        return f"make {target}{variables}" if name == MAKE else f"{name} {_without_make(target, variables)}"

    return ADVICE.sub(typed, advice)


def note_program(started: str) -> None:
    """Remember how the program was started: by make, if the Makefile says so, by its own name, or with Python."""
    python = "py -m pipeline" if sys.platform == "win32" else "python -m pipeline"
    os.environ.setdefault(STARTED_BY, OWN_NAME if Path(started).stem == OWN_NAME else python)


def _without_make(target: str, variables: str) -> str:
    """The words of the command that a make target runs with these variables."""
    words = [TARGETS[target]]
    for name, value in VARIABLE.findall(variables):
        if name in FLAGS:
            words.append(FLAGS[name])
        elif name in OPTIONS and (target, name) != ("study", "STUDY"):
            words += [OPTIONS[name], value]
        else:
            words.append(" ".join(shlex.split(value)) if name == "ARGS" else value)
    return " ".join(words)
