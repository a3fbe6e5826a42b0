"""Damage whole files at random and read them: python tests/hostile/fuzz.py READER SECONDS [SEED].

A reader may refuse a file (UnreadableError); else what it gives must be whole: spans in order, every character counted.
Anything else is printed with the seed that brings it back.
"""

import random
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from independent_counter import check_whole

from hostile import office, pdf, rtf
from hostile.archives import zipped
from pipeline.errors import UnreadableError

HTML = b"""<!DOCTYPE html><html><head><title>x</title></head><body><h1>a</h1><p hidden>b</p><div title="header">c</div><pre>
d</pre><ul><li>e<li>f</ul><table><tr><td>Ana<td>g<tr><td>Luz<td>h<tr><td>Ana<td>i</table><script>j</script>&eacute;&#128512;"""
TOKENS = {
    "docx": "<w:p> </w:p> <w:tbl> </w:tbl> <w:tr> <w:tc> <w:del> <mc:Choice> <w:txbxContent> &amp; &#0; <w:t/> <!--".split(),
    "odt": "<text:p> </text:p> <text:note> <table:table> <text:s/> &lt; <office:annotation> <text:section>".split(),
    "rtf": "{ } \\ \\par \\cell \\row \\intbl \\u-1 \\uc9 \\bin9 \\'ff {\\footnote {\\* \\deleted \\f9 \\ansicpg0".split(),
    "html": "< > <p> </p> <table> <td> </table> <br> <script> &# &amp; <!-- <pre> <div> \0".split(),
    "pdf": "stream endstream obj endobj << >> [ ] ( ) /Length /Filter BT ET Tj 0 -1 99999999 /Kids".split(),
}


def seeds(reader):
    """Whole files of a format, or for packed formats their parts."""
    if reader in ("docx", "odt"):
        whole = office.case_13_parts() if reader == "docx" else office.odt_everything_parts()
        return [{name: text.encode() if isinstance(text, str) else text for name, text in whole.items()}]
    return {
        "rtf": [rtf.everything(), rtf.rtf(rtf.SPOKEN)],
        "html": [HTML],
        "pdf": [pdf.talk(2), pdf.case_22_javascript()],
    }[reader]


def damaged(data, chance, tokens):
    """Some bytes changed, taken out, doubled, or words of the format put in."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 2, 8, 64, 400))
        match chance.randrange(5):
            case 0:
                data[at : at + length] = b""
            case 1:
                data[at:at] = data[at : at + length]
            case 2:
                data[at:at] = chance.choice(tokens).encode()
            case 3:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 4:
                other = chance.randrange(len(data) + 1)
                data[at:at] = data[other : other + length]
    return bytes(data)


def sample(reader, number):
    """The file of one seed."""
    chance = random.Random(number)  # noqa: S311  (repeatable, not secret)
    whole = chance.choice(seeds(reader))
    if isinstance(whole, bytes):
        return damaged(whole, chance, TOKENS[reader])
    name = chance.choice([name for name in whole if name.endswith(".xml")])
    packed = zipped({**whole, name: damaged(whole[name], chance, TOKENS[reader])})
    return damaged(packed, chance, ["PK"]) if chance.random() < 0.2 else packed


def fuzz(reader, seconds, first):
    """How many files were read, refused, and neither."""
    read = import_module(f"pipeline.ingest.{reader}").read
    counts = {"read": 0, "refused": 0, "broken": 0}
    end, number = time.monotonic() + seconds, first
    while time.monotonic() < end:
        try:
            check_whole(read(sample(reader, number)))
            counts["read"] += 1
        except UnreadableError:
            counts["refused"] += 1
        except Exception:  # noqa: BLE001  (finding these is what it is for)
            counts["broken"] += 1
            sys.stdout.write(f"seed {number}: {traceback.format_exc(limit=-4)}\n")
        number += 1
    return counts


if __name__ == "__main__":
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    sys.stdout.write(f"{sys.argv[1]} {fuzz(sys.argv[1], float(sys.argv[2]), first)}\n")
