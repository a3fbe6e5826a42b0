"""Words as they may occur in a text: every form of a lemma, and the tokens that a text is split into."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

import simplemma
import spacy
from simplemma.strategies.dictionaries import dictionary_factory
from spacy.language import Language

from pipeline.tag.folding import fold

ENCLITICS = tuple("me te se lo la los las le les nos os melo mela selo sela selos selas noslo nosla".split())


# Forms that the dictionary of lemmas gives to another word alone: fueron to "ser", left to "left", hecho to the noun.
IRREGULAR = {
    "es": {
        "ir": "fui fuiste fue fuimos fuisteis fueron fuera fueras fuéramos fueran fuese fueses fuésemos fuesen",
        "hacer": "hecho hecha hechos hechas",
        "poner": "puesto puesta puestos puestas",
        "venir": "vino",
        "caber": "cupo",
        "morir": "muerto muerta muertos muertas",
        "romper": "roto rota rotos rotas",
        "escribir": "escrito escrita escritos escritas",
        "cubrir": "cubierto cubierta cubiertos cubiertas",
        "contar": "cuenta cuentas cuento cuentan cuente cuenten",
    },
    "en": {
        "break": "broke",
        "feel": "felt",
        "go": "gone",
        "leave": "left",
        "rise": "rose",
        "shake": "shook",
        "swear": "swore",
        "think": "thought",
        "win": "won",
        "person": "people persons",
    },
}
# Words of every sentence that look like forms of a verb (para of parar): not taken as such.
NO_VERBS = frozenset(
    """para paras sobre sobres entre entres nada nadas como comes cada uno unos una unas era este esta bajo baja salvo cerca
    tarde tardes casa casas caso casos hasta contra mediante durante""".split()
)


@cache
def tokenizer(language: str) -> Language:
    """The blank pipeline of a language (of no language in particular where spaCy has none): it only splits into tokens."""
    try:
        return spacy.blank(language or "xx")
    except ImportError:
        return spacy.blank("xx")


@cache
def of_cues() -> dict[str, dict[str, set[str]]]:
    """By language, the forms of the words in causal_cues.toml: a run that looks for these alone loads no dictionary."""
    content = tomllib.loads((resources.files(__package__) / "causal_forms.toml").read_text("utf-8"))
    return {
        language: {word: set(forms.split()) for word, forms in words.items()} for language, words in content.items()
    }


_looked_up: dict[
    str, dict[str, set[str]]
] = {}  # language -> word -> forms, kept: to load a dictionary costs more than all else


def remember(forms: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
    """Take forms for looked up."""
    for language, words in forms.items():
        known = _looked_up.setdefault(language, {})
        known.update((word, set(words[word])) for word in words.keys() - known.keys())


class Forms:
    """The forms of all words in a language's patterns, looked up in one pass over the dictionary of lemmas."""

    def __init__(self, language: str, words: Iterable[str]) -> None:
        self.language = language
        self.nlp = tokenizer(language)
        self._forms = _looked_up.setdefault(language, {})
        self._forms.update(of_cues().get(language, {}))
        self.words = {token for word in words for token in self._split(word)}
        if anew := self.words - self._forms.keys():
            self._forms.update(inflect(language, sorted(anew)))

    def of_words(self) -> dict[str, list[str]]:
        """The forms of each word, in alphabetical order."""
        return {word: sorted(self._forms[word]) for word in sorted(self.words)}

    def tokens(self, word: str, how: str) -> list[tuple[set[str], str]]:
        """The tokens of a word, each as (the texts it may have, "forms" or "prefix")."""
        if how == "prefix":
            return [({fold(word)}, "prefix")]
        doc = self.nlp.make_doc(fold(word))
        parts = [({token.text, fold(token.norm_)}, "forms") for token in doc]
        if how == "lemma":
            originals = self._split(word)
            parts = [
                (texts | self._forms.get(o, set()), kind) for (texts, kind), o in zip(parts, originals, strict=True)
            ]
        return parts

    def _split(self, word: str) -> list[str]:
        folded = self.nlp.make_doc(fold(word))
        lowered = word.lower()
        return [lowered[token.idx : token.idx + len(token)] for token in folded]


def inflect(language: str, words: list[str]) -> dict[str, set[str]]:
    """Every folded form of each word's lemmas: word -> forms. A language without a dictionary knows only the words themselves."""
    lemmas = {word: {word, _lemma(word, language), _without_pronoun(word, language)} for word in words}
    words_of_lemma: dict[bytes, list[str]] = {}
    for word, names in lemmas.items():
        for name in names:
            words_of_lemma.setdefault(name.encode(), []).append(word)
    forms_of: dict[str, set[str]] = {}
    for word, names in lemmas.items():
        forms_of[word] = set().union(*(_further(name, language) for name in names))
    for form, lemma in _dictionary(language).items():
        for word in words_of_lemma.get(lemma, ()):
            forms_of[word].add(fold(form.decode()))
    return {word: (forms | _with_enclitics(forms, language)) - (NO_VERBS - {word}) for word, forms in forms_of.items()}


def _further(name: str, language: str) -> set[str]:
    """Forms that the dictionary does not give: the word itself, irregular ones, and of Spanish verbs the regular present."""
    forms = {name, *IRREGULAR.get(language, {}).get(name, "").split()}
    if language == "es" and len(name) > 4 and name.endswith(("ar", "er", "ir")):
        endings = (
            "o as a an e es en ado ada ados adas" if name.endswith("ar") else "o es e en a as an ido ida idos idas"
        )
        forms |= {name[:-2] + ending for ending in endings.split()}
    return set(map(fold, forms))


def _without_pronoun(word: str, language: str) -> str:
    return word[:-2] if language == "es" and word.endswith(("arse", "erse", "irse", "írse")) else word


def _with_enclitics(forms: set[str], language: str) -> set[str]:
    """Infinitives and gerunds with the pronouns that Spanish writes onto them: ayudar -> ayudarnos, ayudandoles."""
    if language != "es":
        return set()
    hosts = [form for form in forms if len(form) > 3 and form.endswith(("ar", "er", "ir", "ando", "iendo", "yendo"))]
    return {host + pronoun for host in hosts for pronoun in ENCLITICS}


@cache
def _dictionary(language: str) -> dict[bytes, bytes]:
    if language not in dictionary_factory.SUPPORTED_LANGUAGES:
        return {}
    mapping: Any = dictionary_factory.DEFAULT_DICTIONARY_FACTORY.get_dictionary(language)
    return dict(mapping._dict)  # iterating its bytes is ten times faster than its texts


def forget_dictionaries() -> None:
    """Free the dictionaries of lemmas, 150 MB for two languages; they are loaded again when needed."""
    _dictionary.cache_clear()
    factory: Any = dictionary_factory.DEFAULT_DICTIONARY_FACTORY
    factory._get_dictionary.cache_clear()


def _lemma(word: str, language: str) -> str:
    return simplemma.lemmatize(word, lang=language) if _dictionary(language) else word
