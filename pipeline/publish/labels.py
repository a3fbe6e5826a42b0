"""The texts of report and figures in both languages, and the one colour that each criterion has everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from markupsafe import Markup, escape

from pipeline import wording
from pipeline.codebook import Codebook
from pipeline.wording.commands import in_files
from pipeline.wording.messages import in_language, place_in_language

LANGUAGES = wording.LANGUAGES
TEMPLATES = Path(__file__).parent / "html" / "templates"

# Distinguishable with any kind of colour vision (also by lightness), and dark enough for text on white (4.7:1 or more).
ACCENTS = ("#123a66", "#7d2410", "#0a7d62", "#bb2d96", "#926d05", "#5b3fa8", "#4f6d8f", "#5c5c5c")
NEUTRAL = "#4a5260"  # codes of other families than the criteria


def share(value: float) -> str:
    """A share as a percentage; neither 0 % nor 100 % unless it is exactly that."""
    bounded = value if value in (0, 1) else min(max(value, 0.01), 0.99)
    return f"{bounded:.0%}"


def shown_share(text: str) -> Markup:
    """A share as it is read, in both languages."""
    return in_both({language: wording.percentage(text, language) for language in LANGUAGES})


def short(name: str, most: int = 30) -> str:
    """A name as it fits into a figure: its beginning, where it is longer, in whole words if half of the room suffices."""
    if len(name) <= most:
        return name
    letters = name[: most - 1]
    words = letters if name[most - 1] == " " else letters.rpartition(" ")[0]
    return f"{(words if len(words) >= most / 2 else letters).rstrip(' ,;:')}…"


def group_name(group: str) -> str:
    """A group as people read it: `armed_forces` of a register is "armed forces"."""
    return group.replace("_", " ")


def knows(key: str) -> bool:
    """Whether the interface has a word for it; words of the study stay as typed."""
    return key in wording.texts()


def both(key: str, **values: object) -> Markup:
    """The text in both languages; the page shows the selected one."""
    return in_both(typed({language: wording.text(key, language, **values) for language in LANGUAGES}))


def command(words: str) -> Markup:
    """A command of make as it is typed with make and without, in both languages."""
    return in_both(typed(dict.fromkeys(LANGUAGES, words)))


def typed(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by language with their commands as they are typed with make and without."""
    return {language: in_files(text, language) for language, text in texts.items()}


def in_both(texts: Mapping[str, str]) -> Markup:
    """Texts per language as markup: one if they are equal, otherwise one for each language."""
    if len(set(texts.values())) == 1:
        return escape(next(iter(texts.values())))
    marked = (f'<span class="say" lang="{language}">{escape(text)}</span>' for language, text in texts.items())
    return Markup("".join(marked))  # noqa: S704 (the texts are escaped; `Markup.format` costs a fifth of a report)


def unbroken(text: Markup) -> Markup:
    """The text with every reference such as KII-07 kept on one line."""
    return Markup(re.sub(r"[A-Z]+-\d+", r'<span class="nowrap">\g<0></span>', str(text)))  # noqa: S704 (escaped already)


def in_drawing(key: str, **values: object) -> Markup:
    """The text in both languages for an SVG text, which cannot hold HTML elements."""
    texts = {language: wording.text(key, language, **values) for language in LANGUAGES}
    return Markup().join(Markup('<tspan class="say" lang="{}">{}</tspan>').format(*pair) for pair in texts.items())


def closed(section: str, word: str) -> Markup:
    """A closed word in both languages; unknown ones stay as typed."""
    return both(f"{section}.{word}") if knows(f"{section}.{word}") else escape(word)


def closed_in(section: str, word: str, language: str) -> str:
    """A closed word in one language; unknown ones stay as typed."""
    return wording.closed_word(section, word, language)


def attribute(name: str, key: str, language: str, **values: object) -> Markup:
    """An attribute that carries a text: in the study's language, and beside it what the language switch puts there."""
    texts = [wording.text(key, each, **values) for each in LANGUAGES]
    return Markup('{}="{}" data-say="{}" data-en="{}" data-es="{}"').format(
        name, wording.text(key, language, **values), name, *texts
    )


def hues(codebook: Codebook) -> dict[str, int]:
    """The number of each code's colour: codes of the main family have their own, -1 is neutral."""
    coloured = [criterion.id for criterion in codebook.of_family(codebook.main_family)]
    numbers = {name: i % len(ACCENTS) for i, name in enumerate(coloured)}
    return {name: numbers.get(name, -1) for name in codebook.ids}


def colours(codebook: Codebook) -> dict[str, str]:
    """The colour of each code."""
    return {name: ACCENTS[hue] if hue >= 0 else NEUTRAL for name, hue in hues(codebook).items()}


def families(codebook: Codebook) -> Iterator[str]:
    """The families of codes, in the order of the codebook."""
    yield from dict.fromkeys(criterion.family for criterion in codebook.criteria)


def said(text: str) -> Markup:
    """A message in both languages; other texts unchanged."""
    return in_both(typed({language: in_language(text, language) for language in LANGUAGES}))


def problem_place(where: str) -> Markup:
    """Where a problem is, in both languages."""
    return in_both({language: place_in_language(where, language) for language in LANGUAGES})


def place(where: str) -> Markup:
    """A place in a file, in both languages."""
    return in_both({language: wording.place(where, language) for language in LANGUAGES})
