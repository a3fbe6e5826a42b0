"""A dictionary attack: somebody with files of a study and the program guesses what was hashed into them.

The dictionary is the worst case: every sentence, excerpt, turn and short cell of the raw material, and all ids, names, codes
and paths. Each guess is hashed in the usual ways and looked for in every byte of the files, whole or cut.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pandas as pd
from pyarrow import parquet

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    **{
        name: (lambda data, name=name: hashlib.new(name, data).digest()) for name in ("md5", "sha1", "sha256", "sha512")
    },
    "sha3-256": lambda data: hashlib.sha3_256(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "blake2b-128": lambda data: hashlib.blake2b(data, digest_size=16).digest(),
    "blake2s": lambda data: hashlib.blake2s(data).digest(),
    "leaf of a Merkle tree": lambda data: hashlib.sha256(b"\x00" + data).digest(),
}
SHORTEST = 8  # hex digits to which a hash is cut; 4 bytes
ANYWHERE = 8  # bytes of a hash that is looked for at any offset
LONGEST = 128  # hex digits of the longest hash
TOKEN = re.compile(rb"[0-9A-Za-z+/_-]{8,}")
HEX = re.compile(rb"[0-9a-f]+")
PACKED = re.compile(rb"[zi]TXt[^\0]{1,79}\0\0")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def dictionary(root: Path) -> dict[str, set[str]]:
    """What an intruder may guess of an analysed study, by kind."""
    machine = root / "coded" / "machine"
    frames = {name: pd.read_parquet(machine / f"{name}.parquet") for name in ("texts", "turns", "excerpts", "sources")}
    whole = dict(zip(frames["texts"]["source_id"], frames["texts"]["text"], strict=True))
    turns = frames["turns"][["source_id", "start", "end"]].itertuples(index=False, name=None)
    register = pd.read_csv(root / "raw" / "participants.csv", dtype=str, keep_default_na=False)
    names = {name for cell in register.get("name", ()) for name in (cell, *cell.split())}
    names |= {name for cell in register.get("aliases", ()) for name in cell.split(";")}
    ledger = root / "coded" / "decisions.jsonl"
    lines = [json.loads(line) for line in ledger.read_bytes().splitlines()] if ledger.exists() else []
    paths = set(frames["sources"]["path"])
    words = {
        "sentences": {sentence for text in whole.values() for sentence in SENTENCE.split(text)},
        "turns": {whole[source][start:end] for source, start, end in turns} | set(frames["turns"]["question"]),
        "excerpts": set(frames["excerpts"]["text"]),
        "names": names | set(frames["turns"]["speaker"]),
        "ids": {*register["participant_id"], *whole, *frames["excerpts"]["excerpt_id"]},
        "paths": paths | {Path(path).name for path in paths} | {f"raw/{path}" for path in paths},
        "cells": {cell for column in register for cell in register[column]},
        "decisions": {value for line in lines for value in (line["coder"], line["note"], json.dumps(line))},
    }
    return {kind: {word for word in of_kind if word.strip()} for kind, of_kind in words.items()}


def guesses(word: str) -> Iterator[bytes]:
    """The forms in which words are hashed: as they are, stripped, in small letters, with a line end, as JSON."""
    forms = {word, word.strip(), word.casefold().strip(), " ".join(word.split()), f"{word}\n", json.dumps(word)}
    return (form.encode("utf-8", "surrogatepass") for form in sorted(forms))


class Haystack:
    """All bytes of a folder, with the members of archives and packed chunks unpacked, as tokens and as windows of bytes."""

    def __init__(self, folder: Path) -> None:
        self.tokens: dict[bytes, set[bytes]] = defaultdict(set)
        self.windows: set[bytes] = set()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            for data in _parts(path.read_bytes()):
                self._add(data)

    def _add(self, data: bytes) -> None:
        self.windows |= {data[n : n + ANYWHERE] for n in range(len(data) - ANYWHERE + 1)}
        for token in map(bytes.lower, TOKEN.findall(data)):
            if token.isdigit():
                continue  # a number
            self.tokens[token[:SHORTEST]].add(token)
            if len(token) > LONGEST and HEX.fullmatch(token):  # cut hashes, one after the other
                for start in range(0, len(token), SHORTEST):
                    self.tokens[token[start : start + SHORTEST]].add(token[start : start + SHORTEST])

    def has(self, digest: bytes) -> bool:
        """Whether a hash is in the files: as bytes, or in hex, base 32 or base 64, whole or cut to 8 signs or more."""
        if digest[:ANYWHERE] in self.windows:
            return True
        for write in (base64.b16encode, base64.b32encode, base64.b64encode, base64.urlsafe_b64encode):
            sign = write(digest).lower().rstrip(b"=")
            if any(sign.startswith(token) or token.startswith(sign) for token in self.tokens.get(sign[:SHORTEST], ())):
                return True
        return False


def _parts(data: bytes) -> Iterator[bytes]:
    """A file, with the members of an archive, the cells of a table and the packed chunks of an image."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _parts(archive.read(member))
    if data.startswith(b"PAR1"):
        yield "\n".join(map(str, chain(*parquet.read_table(io.BytesIO(data)).to_pydict().values()))).encode()
    for chunk in PACKED.finditer(data):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[chunk.end() :])


def attack(folder: Path, words: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Of how many words of each kind a hash is in the files of a folder."""
    haystack = Haystack(folder)
    return {kind: sum(_is_in(haystack, word) for word in of_kind) for kind, of_kind in words.items()}


def _is_in(haystack: Haystack, word: str) -> bool:
    return any(haystack.has(hash_of(guess)) for guess in guesses(word) for hash_of in ALGORITHMS.values())
