"""Why the review page refuses a request, in a form that can be worded in the language of the interface."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import ConfigError, Problem
from pipeline.vocabulary import RefusalKind
from pipeline.wording.messages import Message


@dataclass(frozen=True, slots=True)
class Refusal(Problem):
    """A problem with its kind and values."""

    kind: RefusalKind
    values: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """As the page reads it: in English, with what it needs to word it in another language."""
        return {"error": f"{self.what}: {self.remedy}", "kind": str(self.kind), "values": dict(self.values)}


def refused(kind: RefusalKind, where: str, what: str, remedy: str, **values: str) -> ConfigError:
    """The error that refuses, to be raised."""
    return ConfigError(Refusal(where, Message(what), Message(remedy), kind=kind, values=tuple(values.items())))
