"""Problems as where, what and remedy, and the exceptions that carry them."""

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_NAMED = 6  # places in one problem: enough to start with, and they fit on two lines


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where it is, what it is, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Remark(Problem):
    """Information for the authors, with its kind and values, so that it can be worded in any language."""

    kind: str = ""
    values: tuple[tuple[str, str], ...] = ()


def first_few(places: Sequence[str]) -> str:
    """The first places (or ids) of a list, and how many more follow."""
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    return ", ".join(places[:MOST_NAMED]) + more


class UserError(Exception):
    """One or more problems that a person can fix; carries the exit code of the command."""

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["UserError"], tuple[tuple[Problem, ...]]]:
        """Survive the way back from a worker process."""
        return type(self), (self.problems,)


class ConfigError(UserError):
    """config.toml, the codebook, a register or the command line is wrong."""


class UnreadableError(UserError):
    """A file of the study cannot be read; it is left out and the run continues."""

    exit_code = 2


class IntegrityError(UserError):
    """Something stored does not match its hash, its contract or its source."""

    exit_code = 3


class StudyBusyError(UserError):
    """Another run is using the study."""

    exit_code = 4


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 person, 2 persons."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


REMEDIES = {
    errno.ENOSPC: "make room on the disk, then try again",
    errno.EDQUOT: "make room on the disk, then try again",
    errno.EACCES: "check who may read and write there, then try again",
    errno.EPERM: "check who may read and write there, then try again",
    errno.EROFS: "use a folder that can be written to",
    errno.EMFILE: "close other programs, then try again",
    errno.ENAMETOOLONG: "use a shorter name, or a folder nearer to the root of the disk",
}


NO_SUCH_FILE = (None, errno.ENOENT, errno.EISDIR, errno.ENOTDIR)  # None: raised by a library about the content


def is_of_the_disk(error: OSError) -> bool:
    """Whether a file exists but cannot be read at the moment: it must not be treated as empty."""
    return error.errno not in NO_SUCH_FILE


def problem_of(error: OSError) -> Problem:
    """An error of the operating system as a problem: which file, why, and what to do."""
    what = f"cannot be read or written ({error.strerror or type(error).__name__})"
    remedy = REMEDIES.get(error.errno or 0, "check the disk, then try again")
    return Problem(str(error.filename or "a file of the study"), what, remedy)
