"""Changes of the codebook in the files that people write: codebook.toml, seeds.jsonl, findings.toml.

Only the lines concerned change; comments and order stay. The result is parsed before it is returned.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.vocabulary import Stance

BLOCK = re.compile(r"(?m)^\[\[criteria\]\][ \t]*(?:#.*)?$")
PATTERNS = re.compile(r"(?m)^\[\[criteria\.patterns\]\]")
LONGEST_ID = 60  # characters of an id that is made from a name: it is the heading of columns


@dataclass(frozen=True, slots=True)
class CodebookText:
    """codebook.toml in pieces: what comes before the first code, and the block of each code by its id."""

    head: str
    blocks: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> CodebookText:
        """The pieces of a file that parses."""
        starts = [match.start() for match in BLOCK.finditer(text)]
        ends = [*starts[1:], len(text)] if starts else []
        parts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        ids = [str(tomllib.loads(part)["criteria"][0]["id"]) for part in parts]
        return cls(text[: starts[0]] if starts else text, dict(zip(ids, parts, strict=True)))

    def text(self) -> str:
        """The file."""
        return self.head + "".join(self.blocks.values())

    def replaced(self, code: str, blocks: Mapping[str, str]) -> CodebookText:
        """The file with new blocks instead of a code's block."""
        pieces: dict[str, str] = {}
        for name, block in self.blocks.items():
            pieces.update(blocks if name == code else {name: block})
        return CodebookText(self.head, pieces)

    def without(self, codes: Iterable[str]) -> CodebookText:
        """The file without some codes. A comment that heads what follows a block stays."""
        text, pieces = self.head, dict(self.blocks)
        previous = ""
        for code in list(pieces):
            if code in set(codes):
                heading = trailing_comment(pieces.pop(code))
                if previous:
                    pieces[previous] += heading
                else:
                    text += heading
            else:
                previous = code
        return CodebookText(text, pieces)

    def with_parent(self, codes: Iterable[str], parent: str) -> CodebookText:
        """The file in which the sub-codes of some codes have another parent."""
        before = frozenset(codes)
        pieces = {
            name: with_key(block, "parent", parent) if parent_of(block) in before and name != parent else block
            for name, block in self.blocks.items()
        }
        return CodebookText(self.head, pieces)

    def restored(self, blocks: Mapping[str, str], order: Sequence[str], *, place: str) -> CodebookText:
        """The file with some blocks as they were, one of them in the place of `place`, all codes in an order that they had.

        What came since stays behind what it follows. The comment that heads what follows a block went, where the block was
        taken out, to the one before it, and is taken from there.
        """
        in_place = {name: blocks[name] for name in sorted(blocks, key=lambda name: name != place)[:1] if place}
        text = self.replaced(place, in_place) if in_place else self.without([place])
        pieces, head = {**text.blocks, **blocks}, text.head
        names = _in_order(list(text.blocks), order, more=blocks)
        before, headings = "", ""
        for code in [*names, ""]:
            if code in blocks and code not in in_place:
                headings += trailing_comment(blocks[code])
                continue
            if not before:
                head = head.removesuffix(headings)
            elif before not in in_place:
                pieces[before] = pieces[before].removesuffix(headings)
            before, headings = code, ""
        ended = {code: _ended(pieces[code]) for code in names[:-1]}
        return CodebookText(head, {code: ended.get(code, pieces[code]) for code in names})

    def added(self, code: str, block: str) -> CodebookText:
        """The file with a new block at the end."""
        last = self.text()
        gap = "" if last.endswith("\n\n") or not last else "\n" if last.endswith("\n") else "\n\n"
        return CodebookText(
            self.head + ("" if self.blocks else gap), {**self.blocks, code: (gap if self.blocks else "") + block}
        )


def _in_order(names: Sequence[str], order: Sequence[str], *, more: Iterable[str]) -> list[str]:
    """Names, and more of them, in an order; those that it does not have stay behind the name before them."""
    groups: dict[str, list[str]] = {"": [], **{name: [name] for name in more}}
    last = ""
    for name in names:
        if name in order:
            last = name
            groups[name] = [name]
        else:
            groups[last].append(name)
    return [name for first in ("", *order) for name in groups.get(first, ())]


def _ended(block: str) -> str:
    """A block that others follow: a blank line is between them."""
    return block if block.endswith("\n\n") or trailing_comment(block) else f"{block.rstrip()}\n\n"


def parent_of(block: str) -> str:
    """The parent that the block of a code names; "" if none."""
    return str(tomllib.loads(block)["criteria"][0].get("parent", ""))


def trailing_comment(block: str) -> str:
    """The comment at the end of a block, with the blank lines around it: it heads what follows in the file."""
    lines = block.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    tail = "".join(lines[end:])
    return tail if "#" in tail else ""


def with_key(block: str, key: str, value: Any) -> str:
    """The block of a code with one key replaced, or added below its id."""
    texts = head_of(block)
    patterns = block[len(texts) :]
    lines = texts.splitlines(keepends=True)
    written = f"{key} = {as_toml(value)}\n"
    place = _lines_of_key(lines, key)
    if place is None:
        after_id = 1 + next(i for i, line in enumerate(lines) if re.match(r"id\s*=", line))
        return "".join([*lines[:after_id], written, *lines[after_id:]]) + patterns
    return "".join([*lines[: place.start], written, *lines[place.stop :]]) + patterns


def without_key(block: str, key: str) -> str:
    """The block of a code without one key."""
    texts = head_of(block)
    lines = texts.splitlines(keepends=True)
    place = _lines_of_key(lines, key)
    if place is None:
        return block
    return "".join([*lines[: place.start], *lines[place.stop :]]) + block[len(texts) :]


def _lines_of_key(lines: Sequence[str], key: str) -> range | None:
    start = next((i for i, line in enumerate(lines) if re.match(rf"{re.escape(key)}\s*=", line)), None)
    if start is None:
        return None
    end = next(end for end in range(start + 1, len(lines) + 1) if _parses("".join(lines[start:end])))
    return range(start, end)


def head_of(block: str) -> str:
    """What the block of a code says before its first pattern."""
    match = PATTERNS.search(block)
    return block[: match.start()] if match else block


def with_head(block: str, head: str) -> str:
    """The block with another head; its patterns stay."""
    patterns = block[len(head_of(block)) :]
    gap = "\n\n" if patterns and not head.endswith("\n") else "\n" if patterns and not head.endswith("\n\n") else ""
    return head + gap + patterns


def with_texts(block: str, texts: Mapping[str, Mapping[str, str]]) -> str:
    """The block with texts by name (`name`, `definition`, ...) and language; "" is one text for all.

    A text that becomes blank is taken away.
    """
    for field in ("exclude", "include", "definition", "name"):  # what is new comes right below the id: in this order
        if by_language := texts.get(field):
            block = _with_text(block, field, by_language)
    return block


def _with_text(block: str, field: str, by_language: Mapping[str, str]) -> str:
    present = tomllib.loads(head_of(block))["criteria"][0].get(field, {})
    texts = present if isinstance(present, dict) else {}
    for key in (field, *(f"{field}.{language}" for language in texts)):
        block = without_key(block, key)
    if "" in by_language:
        return with_key(block, field, by_language[""].strip()) if by_language[""].strip() else block
    for language, text in reversed({**texts, **by_language}.items()):
        if text.strip():
            block = with_key(block, f"{field}.{language}", text.strip())
    return block


def pattern_text(pattern: Mapping[str, Any]) -> str:
    """A pattern as the codebook writes it."""
    lines = [f"{key} = {as_toml(value)}" for key, value in pattern.items() if value != ""]
    return "\n".join(["[[criteria.patterns]]", *lines]) + "\n"


def pattern_id(written: str) -> str:
    """The id of a pattern as the codebook writes it."""
    return str(_entry_of_pattern(written)["id"])


def _entry_of_pattern(written: str) -> dict[str, Any]:
    entry: dict[str, Any] = tomllib.loads(f"[[criteria]]\n{written}")["criteria"][0]["patterns"][0]
    return entry


def with_pattern(block: str, written: str) -> str:
    """The block of a code with one pattern more, at its end."""
    heading = trailing_comment(block)  # of what follows in the file
    return f"{block.removesuffix(heading).rstrip()}\n\n{written.rstrip()}\n\n{heading.lstrip()}"


def without_pattern(block: str, name: str) -> tuple[str, str]:
    """The block of a code without a pattern, and the pattern as it was written."""
    starts = [match.start() for match in PATTERNS.finditer(block)]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        if pattern_id(block[start:end]) == name:
            return block[:start] + block[end:], block[start:end].rstrip() + "\n"
    raise KeyError(name)


def code_id(name: str) -> str:
    """The id of a code with this name: its letters and digits, folded; "" if it has none."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"\W+", "_", unicodedata.normalize("NFC", plain)).strip("_")[:LONGEST_ID].strip("_")


def _parses(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def as_toml(value: Any) -> str:
    """A text or a list of texts as TOML writes it."""
    return json.dumps(value, ensure_ascii=False)  # JSON's texts and lists of texts are TOML's


def merged_block(blocks: Sequence[str], code: str) -> str:
    """One block of several: the first one's texts, and the patterns and examples of all."""
    entries = [tomllib.loads(block)["criteria"][0] for block in blocks]
    merged = with_key(blocks[0], "id", code)
    for key in ("seeds", "sub_codes"):
        values = list(dict.fromkeys(value for entry in entries for value in entry.get(key, ())))
        if values:
            merged = with_key(merged, key, values)
    for block in blocks[1:]:
        if match := PATTERNS.search(block):
            merged = merged.rstrip("\n") + "\n\n" + block[match.start() :]
    return merged


def copied_block(block: str, code: str) -> str:
    """A copy of a block under its own id, without patterns and examples."""
    texts = head_of(block).removesuffix(trailing_comment(head_of(block)))
    entry = tomllib.loads(texts)["criteria"][0]
    copy = with_key(texts, "id", code)
    for key in ("seeds", "sub_codes"):
        if key in entry:
            copy = with_key(copy, key, [])
    return copy.rstrip("\n") + "\n\n"


def new_block(code: str, family: str, parent: str = "") -> str:
    """The block of a new code, without texts."""
    below = f"parent = {as_toml(parent)}\n" if parent else ""
    return f'[[criteria]]\nid = "{code}"\nfamily = {as_toml(family)}\n{below}'


Seed = dict[str, Any]


def edited_seeds(data: bytes, edit: Callable[[Seed], Seed]) -> bytes:
    """seeds.jsonl with an edit made to every seed; the lines of seeds that it leaves as they are stay byte for byte."""
    lines = []
    for line in data.splitlines(keepends=True):
        row = json.loads(line) if line.strip() else None
        edited = edit(row) if row else row
        lines.append(line if edited == row else json.dumps(edited, ensure_ascii=False).encode() + b"\n")
    return b"".join(lines)


def with_codes_merged(seed: Seed, codes: Sequence[str], into: str) -> Seed:
    """A seed in which some codes become one: carried if it carries any of them, asked if all of them were asked."""
    stances = {seed["codes"][code] for code in codes if code in seed["codes"]}
    carried = {code: stance for code, stance in seed["codes"].items() if code not in codes}
    if stances:
        carried[into] = stances.pop() if len(stances) == 1 else str(Stance.MIXED)
    merged = {**seed, "codes": carried}
    if "asked" in seed:
        is_asked = into in carried or set(codes) <= set(seed["asked"])
        merged["asked"] = [code for code in seed["asked"] if code not in codes] + ([into] if is_asked else [])
    return merged


def without_code(seed: Seed, code: str, all_codes: Sequence[str]) -> Seed:
    """The seed without an answer on a code or on the codes that replace it; `all_codes` are the earlier codes."""
    if code not in seed["codes"] and code not in seed.get("asked", ()):
        return seed
    codes = {name: stance for name, stance in seed["codes"].items() if name != code}
    return {**seed, "codes": codes, "asked": [name for name in seed.get("asked", all_codes) if name != code]}


def edited_findings(text: str, criteria: Mapping[str, str]) -> str:
    """findings.toml with new criteria for some findings: id of the finding -> criterion."""
    pieces = re.split(r"(?m)^(?=\[\[)", text)
    for i, piece in enumerate(pieces):
        entries = tomllib.loads(piece).get("findings", []) if piece.startswith("[[findings]]") else []
        if entries and (criterion := criteria.get(str(entries[0].get("id")))):
            pieces[i] = re.sub(r"(?m)^criterion\s*=.*$", f"criterion = {as_toml(criterion)}", piece, count=1)
    return "".join(pieces)
