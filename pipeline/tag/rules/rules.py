"""Votes of the codebook's patterns: those that can match an excerpt at all are matched by spaCy, on one tokenisation."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spacy.matcher import Matcher
from spacy.tokens import Doc

from pipeline.codebook import Codebook, Pattern
from pipeline.records import Excerpt, Vote
from pipeline.tag.folding import fold
from pipeline.tag.rules import version_of
from pipeline.tag.rules.cues import find_cues, weight_and_stance
from pipeline.tag.rules.forms import Forms, forget_dictionaries, tokenizer
from pipeline.tag.rules.match import parse, token_patterns, words_of
from pipeline.tag.rules.prefilter import Prefilter, Span


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
        self.nlp = tokenizer(language)
        elements = [parse(pattern.match) for pattern in patterns]
        self.forms = Forms(language, (w.text for e in elements for w in words_of(e) if w.how == "lemma"))
        self.prefilter = Prefilter(elements, self.forms)
        self._elements = elements
        self._matchers: dict[int, Any] = {}

    def find(self, text: str, scopes: frozenset[str]) -> Iterator[PatternMatch]:
        """The best match of every pattern of these scopes in a text."""
        folded = fold(text)
        candidates = self.prefilter.candidates(folded)
        chosen = {i: span for i, span in candidates.items() if self.patterns[i].scope in scopes}
        if not chosen:
            return
        doc = self.tokenised(folded)
        words = [fold(token.norm_) for token in doc]
        for index, span in chosen.items():
            match = self._best(index, doc, words, self._near(index, span, doc))
            if match:
                yield match

    def _near(self, index: int, span: Span, doc: Doc) -> slice:
        """The tokens around a span of characters among which a match of the pattern must lie."""
        starts = [start for start, _ in doc.user_data["places"]]
        margin = self.prefilter.lengths[index] + 2
        return slice(max(0, bisect_left(starts, span.first) - margin), bisect_right(starts, span.last) + margin)

    def tokenised(self, folded: str) -> Doc:
        """The text's tokens, white space left out; each keeps its place in `Doc.user_data["places"]`."""
        tokens = [token for token in self.nlp.make_doc(folded) if not token.is_space]
        doc = Doc(self.nlp.vocab, words=[token.text for token in tokens])
        for copy, token in zip(doc, tokens, strict=True):
            if token.norm_ != copy.norm_:
                copy.norm_ = token.norm_
        doc.user_data["places"] = [(token.idx, token.idx + len(token)) for token in tokens]
        return doc

    def _best(self, index: int, doc: Doc, words: Sequence[str], near: slice) -> PatternMatch | None:
        """The match with the highest score, the first and longest of those."""
        pattern, places = self.patterns[index], doc.user_data["places"]
        best: tuple[tuple[float, int, int], PatternMatch] | None = None
        for _, first, last in self._matcher(index)(doc[near]):
            start, end = first + near.start, last + near.start
            cues = find_cues(words, start, end, self.language)
            score, stance = weight_and_stance(pattern.weight, pattern.stance, cues)
            rank = (-score, start, -end)
            if best is None or rank < best[0]:
                match = PatternMatch(
                    pattern=pattern,
                    start=places[start][0],
                    end=places[end - 1][1],
                    score=score,
                    stance=stance,
                    cues=tuple(map(str, cues)),
                )
                best = rank, match
        return best[1] if best else None

    def _matcher(self, index: int) -> Any:
        if index not in self._matchers:
            matcher = Matcher(self.nlp.vocab)
            matcher.add("p", token_patterns(self._elements[index], self.forms), greedy="LONGEST")
            self._matchers[index] = matcher
        return self._matchers[index]


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of a codebook by language, and their version. A language is made ready when a text first asks for it."""

    version: str
    patterns: Mapping[str, Sequence[Pattern]]
    ready: dict[str, LanguageRules] = field(default_factory=dict)

    def of(self, language: str) -> list[LanguageRules]:
        """The rules for a text: its language's, or all where its language is not known."""
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
    rationale = json.dumps(because, ensure_ascii=False)
    pattern = match.pattern
    return Vote(excerpt_id, pattern.criterion, f"rule:{pattern.id}", 1, match.score, match.stance, rationale, version)
