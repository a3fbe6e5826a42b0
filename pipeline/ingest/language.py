"""The language of a turn, among those of the study."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

SURE = 80  # characters from which the classifier is asked; shorter turns count their little words
LOOKED_AT = 1500  # characters of a turn that the classifier looks at
FIRST_WORDS = 500  # characters in which little words are counted
# Words that are frequent in one language and (nearly) no word of the others.
LITTLE_WORDS: Mapping[str, frozenset[str]] = {
    "es": frozenset(
        "el los las y una unos del al que por para con sin pero porque como muy más también ya sí es son fue era está están hay "
        "han ha yo usted ustedes ellos ella nosotros nos se su sus mi lo le les eso esto ese esta este qué cuando donde aquí allí "
        "ahora entonces bueno pues nada todo todos gracias hace tiene tenemos hemos había".split()
    ),
    "en": frozenset(
        "the and of to in is it that was for on are with they at be this have from or had by but not what all were we when your "
        "can said there an which she do how their if will up about then them would so some her make like him into time has look "
        "more go no way could people my than been who its now did get yeah okay well know you he i".split()
    ),
    "fr": frozenset(
        "le les et des du une est que qui dans pour pas plus avec sur au aux ce cette ces il elle nous vous ils mais ou où donc "
        "je tu on sont était être avoir ont fait faire très bien comme tout tous parce quand oui non merci c'est j'ai ça".split()
    ),
    "pt": frozenset(
        "o os e uma umas do da dos das em no na nos nas com sem mas porque como muito mais também já sim é são foi era está estão "
        "há têm tem eu você vocês eles ela nós se seu sua meu isso isto esse esta este quando onde aqui ali agora então não ao "
        "pelo pela foram obrigado obrigada gente".split()
    ),
}


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier


def identify(text: str, languages: tuple[str, ...]) -> str:
    """The language of a text, or nothing if it is too short to tell."""
    if len(languages) == 1:
        return languages[0]
    text = text[:LOOKED_AT]
    by_words = _by_little_words(text, languages)
    if by_words or len(text) < SURE:
        return by_words
    return str(_identifier(languages).classify(text)[0])


def _by_little_words(text: str, languages: Sequence[str]) -> str:
    """The language with at least three different little words and twice as many as any other, or with two and no other."""
    words = set(text[:FIRST_WORDS].lower().split())
    counts = sorted(((len(words & LITTLE_WORDS[lang]), lang) for lang in languages), reverse=True)
    (most, language), (second, _) = counts[0], counts[1]
    is_clear = (most > 2 and most >= 2 * second) or (most == 2 and not second)
    return language if is_clear else ""


def _main(texts: Sequence[str], weight: Mapping[str, int], languages: tuple[str, ...]) -> str:
    """The language of most of the text; if every turn is too short to detect, that of all turns together."""
    if any(weight.values()) or not texts:
        return max(languages, key=lambda lang: weight[lang])
    return str(_identifier(languages).classify(" ".join(texts)[:LOOKED_AT])[0])


def languages_of(texts: Sequence[str], languages: tuple[str, ...], stated: str) -> tuple[str, list[str]]:
    """The language of a file and of each of its turns; a turn too short to tell has the file's. `stated` is the register's."""
    if len(languages) == 1:
        return stated or languages[0], [stated or languages[0]] * len(texts)
    tell = _by_little_words if stated else identify  # the classifier takes a second to load
    identified = [tell(text, languages) for text in texts]
    weight = dict.fromkeys(languages, 0)
    for text, language in zip(texts, identified, strict=True):
        if language in weight:
            weight[language] += len(text)
    main = stated or _main(texts, weight, languages)
    return main, [lang or main for lang in identified]
