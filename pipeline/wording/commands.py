"""Commands in texts, which name them as make does: as they are typed on this terminal, or in any place a file may come to."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

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


ANY_STUDY = {"en": ("path", "or"), "es": ("ruta", "o")}  # in files: the place of the study, and what joins two commands


def named(advice: str, *, study: Path, program: str) -> str:
    """A line of advice with its commands as the user of `program` types them, for this study.

    A study in the current folder needs no naming.
    """

    def typed(command: re.Match[str]) -> str:
        target, variables = command[1], command[2]
        if study != Path() and _needs_study(target, variables):
            variables += f" STUDY={shlex.quote(str(study))}"
        return f"make {target}{variables}" if program == MAKE else f"{program} {_without_make(target, variables)}"

    return ADVICE.sub(typed, advice)


def in_files(text: str, language: str) -> str:
    """A text of an output with its commands as they are typed with make and without, wherever the study lies.

    The program takes the study in the current folder; make has to be told where it is.
    """
    path, either = ANY_STUDY[language]

    def both(command: re.Match[str]) -> str:
        target, variables = command[1], command[2]
        place = f" STUDY={path}" if _needs_study(target, variables) else ""
        return f"make {target}{variables}{place} ({either} {OWN_NAME} {_without_make(target, variables)})"

    return ADVICE.sub(both, text)


def _needs_study(target: str, variables: str) -> bool:
    return target not in WITHOUT_STUDY and "STUDY=" not in variables


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
