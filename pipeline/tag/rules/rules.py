"""Votes of the codebook's patterns: those that can match an excerpt at all are followed token by token."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.codebook import Codebook, Pattern
from pipeline.records import Excerpt, Vote
from pipeline.tag.rules import version_of
from pipeline.tag.rules.cues import Cue, find_cues, weight_and_stance
from pipeline.tag.rules.forms import Forms, forget_dictionaries, tokenizer
from pipeline.tag.rules.match import parse, words_of
from pipeline.tag.rules.prefilter import Prefilter
from pipeline.tag.rules.sequence import END, sequence_of
from pipeline.tag.rules.tokens import Tokens


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """Where and how a pattern matched a text: character offsets and cues."""

    pattern: Pattern
    start: int
    end: int
    score: float
    stance: str
    cues: tuple[str, ...]


class LanguageRules:
    """The patterns of one language, ready to match."""

    def __init__(self, language: str, patterns: Sequence[Pattern]) -> None:
        self.language, self.patterns = language, tuple(patterns)
        self.tokens = Tokens(tokenizer(language))
        elements = [parse(pattern.match) for pattern in patterns]
        forms = Forms(language, (w.text for e in elements for w in words_of(e) if w.how == "lemma"))
        self.sequences = [sequence_of(each, forms) for each in elements]
        self.prefilter = Prefilter(self.sequences, self.tokens)

    def find(self, text: str, scopes: frozenset[str]) -> Iterator[PatternMatch]:
        """The best match of every pattern of these scopes in a text."""
        stretches = text.split()
        candidates = [i for i in self.prefilter.candidates(stretches) if self.patterns[i].scope in scopes]
        if not candidates:
            return
        tokens = self.tokens.of(stretches)
        norms = [token.norm for token in tokens] + [END]
        matches = {index: here for index in candidates if (here := self.sequences[index].spans(norms))}
        words = [token.word for token in tokens] if matches else []
        for index, here in matches.items():
            yield self._best(self.patterns[index], here, words, text)

    def _best(
        self, pattern: Pattern, spans: Sequence[tuple[int, int]], words: Sequence[str], text: str
    ) -> PatternMatch:
        """The match with the highest score, the first and longest of those; `spans` and `words` are those of the text."""
        ranked: list[tuple[float, int, int, str, list[Cue]]] = []
        for start, end in spans:
            cues = find_cues(words, start, end, self.language)
            score, stance = weight_and_stance(pattern.weight, pattern.stance, cues)
            ranked.append((-score, start, -end, stance, cues))
        score, start, end, stance, cues = min(ranked)
        return PatternMatch(
            pattern=pattern,
            start=self.tokens.token(text, start)[0],
            end=self.tokens.token(text, -end - 1)[1],
            score=-score,
            stance=stance,
            cues=tuple(map(str, cues)),
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of a codebook by language, and their version. A language is made ready when a text first asks for it."""

    version: str
    patterns: Mapping[str, Sequence[Pattern]]
    ready: dict[str, LanguageRules] = field(default_factory=dict)

    def of(self, language: str) -> list[LanguageRules]:
        """The rules for a text: its language's, or all if its language is unknown."""
        return [self._made_ready(name) for name in self.patterns if language in ("", name)]

    def _made_ready(self, language: str) -> LanguageRules:
        if language not in self.ready:
            self.ready[language] = LanguageRules(language, self.patterns[language])
            forget_dictionaries()
        return self.ready[language]


_compiled: dict[str, Rules] = {}


def compile_rules(codebook: Codebook) -> Rules:
    """The rules of a codebook, compiled once per process."""
    version = version_of(codebook)
    if version not in _compiled:
        by_language: dict[str, list[Pattern]] = {}
        for pattern in codebook.patterns:
            by_language.setdefault(pattern.language, []).append(pattern)
        _compiled.clear()
        _compiled[version] = Rules(version, dict(sorted(by_language.items())))
    return _compiled[version]


WITH_ACCENTS = json.JSONEncoder(ensure_ascii=False)
ANSWER, QUESTION = frozenset({"answer", "both"}), frozenset({"question", "both"})


def votes(rules: Rules, excerpts: Iterable[Excerpt]) -> list[Vote]:
    """One vote for every pattern that matches an excerpt or, by its scope, the question."""
    return [vote for excerpt in excerpts for vote in _votes(rules, excerpt)]


def _votes(rules: Rules, excerpt: Excerpt) -> Iterator[Vote]:
    seen: set[str] = set()
    for part, text, scopes in (("answer", excerpt.text, ANSWER), ("question", excerpt.question, QUESTION)):
        for language in rules.of(excerpt.language) if text else ():
            for match in language.find(text, scopes):
                if match.pattern.id not in seen:
                    seen.add(match.pattern.id)
                    yield _vote(excerpt.excerpt_id, match, text, part, rules.version)


def _vote(excerpt_id: str, match: PatternMatch, text: str, part: str, version: str) -> Vote:
    because: dict[str, object] = {"words": text[match.start : match.end]}
    if match.cues:
        because["cues"] = list(match.cues)
    if part == "question":
        because["in"] = "question"
    rationale = WITH_ACCENTS.encode(because)
    pattern = match.pattern
    return Vote(excerpt_id, pattern.criterion, f"rule:{pattern.id}", 1, match.score, match.stance, rationale, version)
