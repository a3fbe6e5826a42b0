"""Writes causal_forms.toml: the forms of the words in causal_cues.toml, so that no dictionary need be loaded for them."""

from importlib import resources
from pathlib import Path

from pipeline.tag.rules import causal_cues, forms
from pipeline.tag.rules.match import parse, words_of

PATH = Path(str(resources.files("pipeline.tag.rules"))) / "causal_forms.toml"
HEAD = (
    "# The forms of words in causal_cues.toml that stand for all their forms. Written by tests/support/cue_forms.py.\n"
)


def words_to_inflect(language: str) -> list[str]:
    """The words of a language's causal cues that stand for all their forms."""
    matches = causal_cues.tables()[language]["matches"]
    return sorted({word.text for match in matches for word in words_of(parse(match)) if word.how == "lemma"})


def forms_of(language: str) -> dict[str, set[str]]:
    """Each of these words with its forms, by the dictionary."""
    return forms.inflect(language, words_to_inflect(language))


def main() -> None:
    """Write the file."""
    parts = [HEAD]
    for language in causal_cues.tables():
        lines = [f'{word} = "{" ".join(sorted(of_word))}"\n' for word, of_word in sorted(forms_of(language).items())]
        parts += [f"\n[{language}]\n", *lines]
    PATH.write_text("".join(parts), "utf-8")


if __name__ == "__main__":
    main()
