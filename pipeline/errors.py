"""Problems as where, what and remedy, and the exceptions that carry them."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.wording.messages import in_language, message


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where it is, what it is, and what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.remedy}"

    def in_words(self, language: str) -> dict[str, str]:
        """The three in a language, as they are written to JSON; a place in a file is not translated there."""
        return {
            "where": in_language(self.where, language),
            "what": in_language(self.what, language),
            "remedy": in_language(self.remedy, language),
        }


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


REMEDIES = {
    errno.ENOSPC: "study/make_room",
    errno.EDQUOT: "study/make_room",
    errno.EACCES: "study/check_who_may_write_there",
    errno.EPERM: "study/check_who_may_write_there",
    errno.EROFS: "study/use_a_folder_that_can_be_written_to",
    errno.EMFILE: "study/close_other_programs",
    errno.ENAMETOOLONG: "study/use_a_shorter_name",
}


NO_SUCH_FILE = (None, errno.ENOENT, errno.EISDIR, errno.ENOTDIR)  # None: raised by a library about the content


def is_of_the_disk(error: OSError) -> bool:
    """Whether a file exists but cannot be read at the moment: it must not be treated as empty."""
    return error.errno not in NO_SUCH_FILE


def problem_of(error: OSError) -> Problem:
    """An error of the operating system as a problem: which file, why, and what to do."""
    what = message("study/cannot_be_read_or_written", reason=error.strerror or type(error).__name__)
    remedy = message(REMEDIES.get(error.errno or 0, "study/check_the_disk"))
    return Problem(str(error.filename or message("study/a_file_of_the_study")), what, remedy)
