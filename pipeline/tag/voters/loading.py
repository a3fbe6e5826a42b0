"""The voters that config.toml names, and what in these settings cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import Problem
from pipeline.tag.voters import Voter, VoterDownError
from pipeline.tag.voters.chat import PLACE, ChatVoter
from pipeline.tag.voters.endpoint import Address
from pipeline.wording.messages import message

CHAT = "chat"  # the voter that is shipped
CLASS = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)  # module:Class
NAMES = "config.toml [tag] voters"
CLOUD = re.compile(r"[:-]cloud$")  # a model that Ollama hands on to another machine


def name_of(named: str) -> str:
    """The name of a voter in tables and files: its class, or `chat`."""
    return named.rpartition(":")[2]


def problems_of(settings: Settings) -> Iterator[Problem]:
    """What in the settings of voters cannot be used."""
    voters = settings.tag.voters
    for named in voters:
        if named != CHAT and not CLASS.fullmatch(named):
            yield Problem(NAMES, message("tag/is_no_voter"), message("tag/name_a_voter"))
    names = [name_of(named).casefold() for named in voters]
    if len(set(names)) < len(names):
        yield Problem(NAMES, message("tag/two_voters_of_one_name"), message("tag/give_each_voter_a_name"))
    if CHAT in voters:
        yield from _problems_of_chat(settings)


def _problems_of_chat(settings: Settings) -> Iterator[Problem]:
    chat, address = settings.chat, Address.of(settings.chat.url)
    if not chat.model.strip():
        yield Problem("config.toml [chat] model", message("common/is_missing"), message("tag/name_the_model"))
    if address is None:
        yield Problem(PLACE, message("tag/is_no_address"), message("tag/write_an_address"))
    elif not chat.leaves_the_machine and not address.is_here:
        yield Problem(PLACE, message("tag/is_another_machine"), message("tag/say_that_words_leave"))
    elif not address.is_here and address.scheme != "https":
        yield Problem(PLACE, message("tag/is_not_encrypted"), message("tag/use_https_or_a_tunnel"))
    if not chat.leaves_the_machine and CLOUD.search(chat.model):
        what = message("tag/model_runs_elsewhere")
        yield Problem("config.toml [chat] model", what, message("tag/say_that_words_leave"))
    if chat.leaves_the_machine and settings.privacy.names != "mask":
        what = message("tag/names_would_leave")
        yield Problem("config.toml [privacy] names", what, message("tag/mask_names_or_stay"))


def load_voter(named: str, settings: Settings, study: Path) -> Voter:
    """The voter of this name; VoterDownError if there is none.

    A class comes from a module that is installed, never from the folder of a study: whoever sends you a study must not have
    a program of theirs run on your machine.
    """
    if named == CHAT:
        return ChatVoter(settings.chat, settings.study.language)
    module, _, name = named.partition(":")
    try:
        is_inside = _is_inside(module, study)
        voter = None if is_inside else _made(getattr(import_module(module), name))
    except Exception as error:  # noqa: BLE001 - a voter is somebody else's code: whatever it raises, the run goes on without it
        what = message("tag/voter_cannot_be_loaded", name=named, error=type(error).__name__)
        raise VoterDownError(Problem(NAMES, what, message("tag/install_the_voter"))) from None
    if voter is None:
        what = message("tag/voter_is_in_the_study", name=named)
        raise VoterDownError(Problem(NAMES, what, message("tag/install_the_voter")))
    return voter


def _made(named: type) -> Voter:
    """The voter of a class; TypeError for anything else, which is not called."""
    if not (isinstance(named, type) and callable(getattr(named, "vote", None)) and hasattr(named, "version")):
        raise TypeError(named)
    voter: Voter = named()
    return voter


def _is_inside(module: str, study: Path) -> bool:
    """Whether a module would come from the folder of the study."""
    spec = find_spec(module.partition(".")[0])
    origins = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    places = [Path(origin).resolve() for origin in origins if origin]
    inside = [place.relative_to(study.resolve()) for place in places if place.is_relative_to(study.resolve())]
    return any("site-packages" not in place.parts for place in inside)  # an environment may lie in the folder
