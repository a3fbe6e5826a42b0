"""The options of every command, for docs/commands.md on the documentation site: what `--help` says, on one page."""

from collections.abc import Iterator

import click
from command_line import COMMANDS

SHARED = ("--study", "--json", "--help")  # the page explains these once


def parameters(command: click.Command) -> Iterator[tuple[str, str]]:
    """The arguments and options of a command as `--help` names them, with what it says of each."""
    for parameter in command.params:
        if parameter.param_type_name == "option":
            name = next(name for name in parameter.opts if name.startswith("--"))
        else:
            name = str(parameter.metavar or parameter.name).upper()
        if name not in SHARED:
            yield name, getattr(parameter, "help", None) or ""


def described(name: str, command: click.Command) -> str:
    """The section of a command: its help and its parameters."""
    listed = "\n".join(f"- `{parameter}`: {says}" for parameter, says in parameters(command))
    return f"### Options of {name}\n\n{command.help}\n\n{listed}".rstrip()


def with_options(page: str) -> str:
    """The page, and below it the options of every command."""
    sections = (described(name, command) for name, command in COMMANDS.items())
    return "\n\n".join([page.rstrip(), "## Options", *sections]) + "\n"
