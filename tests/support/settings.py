"""config.toml of a study, changed by a test."""

import tomllib
from pathlib import Path
from typing import Any


def set_key(study: Path, key: str, value: object) -> None:
    """Write a key of config.toml again, and leave the others."""
    section, _, name = key.rpartition(".")
    config = study / "config.toml"
    content = tomllib.loads(config.read_text("utf-8"))
    content.setdefault(section, {})[name] = value
    parts = [_block(f"[{name}]", block) for name, block in content.items() if isinstance(block, dict)]
    parts += [_block("[[surveys]]", block) for block in content.get("surveys", ())]
    config.write_text("\n".join(parts), "utf-8")


def _block(heading: str, values: dict[str, Any]) -> str:
    return "\n".join([heading, *(f"{name} = {_toml(value)}" for name, value in values.items()), ""])


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
