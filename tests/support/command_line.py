"""The commands of the program, by the words that are typed."""

from collections.abc import Iterator

import click
import typer

from pipeline.__main__ import app


def commands(group: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that are typed."""
    if not hasattr(group, "commands"):
        yield name, group
        return
    if getattr(group, "invoke_without_command", False):
        yield name, group
    for word, command in group.commands.items():
        yield from commands(command, f"{name} {word}".strip())


COMMANDS = dict(commands(typer.main.get_command(app)))
