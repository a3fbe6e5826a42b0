"""Patterns as sequences of steps over the norms of tokens, and where they match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.tag.rules.forms import Forms
from pipeline.tag.rules.match import SENTENCE_ENDS, Element, Word

END = ""  # stands behind the last norm of a text: no token has it
NO_GAP = frozenset((*SENTENCE_ENDS, END))


@dataclass(frozen=True, slots=True)
class OneToken:
    """A token with one of some norms, or that begins with one of some prefixes."""

    norms: frozenset[str]
    prefixes: tuple[str, ...] = ()

    def accepts(self, norm: str) -> bool:
        """Whether a token with this norm is one."""
        return norm in self.norms or norm.startswith(self.prefixes)

    def after(self, places: Iterable[int], norms: Sequence[str]) -> set[int]:
        """The places after the token, if it is at one of the places."""
        if self.prefixes:
            return {place + 1 for place in places if self.accepts(norms[place])}
        return {place + 1 for place in places if norms[place] in self.norms}


NOTHING = OneToken(frozenset())


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to some tokens, of which none ends a sentence."""

    most: int

    def after(self, places: Iterable[int], norms: Sequence[str]) -> set[int]:
        """The places that the gap may lead to."""
        reached: set[int] = set()
        for place in places:
            last = place
            while last < place + self.most and norms[last] not in NO_GAP:
                last += 1
            reached.update(range(place, last + 1))
        return reached


Tokens = tuple[OneToken | Gap, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One token, or one of some longer sequences; if `optional`, also nothing."""

    one: OneToken
    longer: tuple[Tokens, ...]
    by_first: Mapping[str, Sequence[Tokens]]  # the longer ones that may begin with a norm
    by_prefix: Sequence[Tokens]  # the longer ones that may begin with any other norm
    optional: bool

    def after(self, places: Iterable[int], norms: Sequence[str]) -> set[int]:
        """The places after what is chosen."""
        places = tuple(places)
        reached = self.one.after(places, norms)
        for place in places:
            for sequence in self.by_first.get(norms[place], self.by_prefix):
                ends = {place}
                for step in sequence:
                    ends = step.after(ends, norms)
                reached |= ends
        return reached.union(places) if self.optional else reached


Step = OneToken | Gap | Choice


@dataclass(frozen=True, slots=True)
class StepSequence:
    """A pattern as steps; every match of it begins with the token `first`."""

    steps: tuple[Step, ...]
    first: OneToken

    def spans(self, norms: Sequence[str]) -> list[tuple[int, int]]:
        """Where it matches a text whose `norms` END closes: the longest first, and none that overlaps a longer one."""
        first = self.first
        if first.prefixes:
            starts = [place for place, norm in enumerate(norms) if first.accepts(norm)]
        else:
            starts = [place for place, norm in enumerate(norms) if norm in first.norms]
        every = [(start, end) for start in starts for end in self._ends(start, norms)]
        return _longest(every) if len(every) > 1 else every

    def _ends(self, start: int, norms: Sequence[str]) -> set[int]:
        ends = {start}
        for step in self.steps:
            ends = step.after(ends, norms)
            if not ends:
                break
        return ends


def _longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(end <= begun or ended <= start for begun, ended in chosen):
            chosen.append((start, end))
    return chosen


def sequence_of(elements: Sequence[Element], forms: Forms) -> StepSequence:
    """The steps that mean the same as the elements of a pattern."""
    steps = tuple(_step(element, forms) for element in elements)
    return StepSequence(steps, _either([tokens[0] for tokens in tokens_of(steps[0])]))


def tokens_of(step: Step) -> list[tuple[OneToken, ...]]:
    """The ways to match a step, each as the tokens that must be there; none for a gap."""
    if isinstance(step, OneToken):
        return [(step,)]
    if isinstance(step, Gap) or step.optional:
        return [()]
    ways = [tuple(token for token in sequence if isinstance(token, OneToken)) for sequence in step.longer]
    return [(step.one,), *ways] if step.one != NOTHING else ways


def _step(element: Element, forms: Forms) -> Step:
    sequences = [tuple(chain.from_iterable(_tokens(word, forms) for word in words)) for words in element.alternatives]
    single = [tokens[0] for tokens in sequences if len(tokens) == 1]
    if element.is_gap:
        return single[0]
    one = _either([step for step in single if isinstance(step, OneToken)])
    longer = tuple(tokens for tokens in sequences if len(tokens) > 1)
    return _choice(one, longer, optional=element.optional) if longer or element.optional else one


def _choice(one: OneToken, longer: tuple[Tokens, ...], *, optional: bool) -> Choice:
    firsts = [(tokens[0], tokens) for tokens in longer if isinstance(tokens[0], OneToken)]
    by_first = {
        norm: [tokens for first, tokens in firsts if first.prefixes or norm in first.norms]
        for norm in sorted(norm for first, _ in firsts for norm in first.norms)
    }
    by_prefix = [tokens for first, tokens in firsts if first.prefixes]
    return Choice(one, longer, by_first, by_prefix, optional)


def _either(tokens: Sequence[OneToken]) -> OneToken:
    norms = frozenset(norm for token in tokens for norm in token.norms)
    return OneToken(norms, tuple(sorted({prefix for token in tokens for prefix in token.prefixes})))


def _tokens(word: Word, forms: Forms) -> list[OneToken | Gap]:
    if word.is_gap:
        return [Gap(int(word.text))]
    tokens = forms.tokens(word.text, word.how)
    return [
        OneToken(frozenset(), tuple(sorted(texts))) if how == "prefix" else OneToken(frozenset(texts))
        for texts, how in tokens
    ]
