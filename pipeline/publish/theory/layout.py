"""Where the boxes and arrows of a theory of change are drawn: in layers, from activities to impact.

After Sugiyama, Tagawa & Toda (1981), IEEE Trans. Systems, Man, and Cybernetics 11: layers, places for long arrows in the layers
between, an order with few crossings by barycentres. The same elements give the same drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from pipeline.codebook.theory_of_change import Arrow, Element, loops
from pipeline.vocabulary import ElementKind

LANE = 6  # width of the place of a long arrow in a layer
GAP = 18  # between two places of a layer
BETWEEN = 46  # between two layers
SWEEPS = 8  # more do not change the order of drawings of thirty elements
ORDER = [kind for kind in ElementKind if kind is not ElementKind.ASSUMPTION]


@dataclass(frozen=True, slots=True)
class Size:
    """How wide each box is, and how many stand side by side."""

    box: int
    per_row: int


@dataclass(frozen=True, slots=True)
class Box:
    """The place of an element; all in pixels from the upper left corner."""

    element: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow as a path of SVG that ends at x, y; feedback leads to an element above it."""

    arrow: Arrow
    path: str
    x: float
    y: float
    is_feedback: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing's size, boxes and lines."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def layout(elements: Sequence[Element], arrows: Sequence[Arrow], heights: Mapping[str, float], size: Size) -> Layout:
    """Boxes and lines of elements whose boxes are of these heights. An arrow from an element to itself is not drawn."""
    rows = _rows(_layers(elements, arrows), size.per_row)
    at = {name: number for number, row in enumerate(rows) for name in row}
    routes = [_Route(arrow, at[arrow.start], at[arrow.end]) for arrow in arrows if arrow.start != arrow.end]
    places = _Places(rows, routes, size)
    places.sort()
    return places.drawn(heights)


def _layers(elements: Sequence[Element], arrows: Sequence[Arrow]) -> list[list[str]]:
    """The elements by layer: kinds follow each other; an assumption is above what depends on it."""
    names: dict[ElementKind, list[str]] = {kind: [] for kind in ElementKind}
    for element in elements:
        names[element.kind].append(element.id)
    ids = [element.id for element in elements]
    back = {Arrow(*loop[-2:]) for loop in loops(ids, arrows)}
    forward = [arrow for arrow in arrows if arrow not in back]
    layer: dict[str, int] = {}
    for kind in ORDER:
        first = max(layer.values(), default=-1) + 1
        layer |= {name: first + depth for name, depth in _depths(names[kind], forward).items()}
    _place_assumptions(names[ElementKind.ASSUMPTION], forward, layer)
    layers: dict[int, list[str]] = defaultdict(list)
    for element in elements:
        layers[layer[element.id]].append(element.id)
    return [layers[number] for number in sorted(layers)]


def _depths(names: Iterable[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """The longest way to each through others of them, in arrows; nothing leads back."""
    depths = dict.fromkeys(names, 0)
    inside = [arrow for arrow in arrows if arrow.start in depths and arrow.end in depths]
    for _ in depths:
        for arrow in inside:
            depths[arrow.end] = max(depths[arrow.end], depths[arrow.start] + 1)
    return depths


def _place_assumptions(names: Sequence[str], forward: Sequence[Arrow], layer: dict[str, int]) -> None:
    """Put each assumption one layer above the first of what depends on it."""
    for _ in names:
        for name in names:
            below = [layer[arrow.end] for arrow in forward if arrow.start == name and arrow.end in layer]
            layer[name] = min(below, default=1) - 1


def _rows(layers: Iterable[Sequence[str]], per_row: int) -> list[list[str]]:
    return [list(layer[at : at + per_row]) for layer in layers for at in range(0, len(layer), per_row)]


@dataclass(slots=True)
class _Route:
    """An arrow with the rows that it leads from and to."""

    arrow: Arrow
    start: int
    end: int
    stops: list[str] = field(default_factory=list)  # the places that it goes through, from the upper row to the lower

    @property
    def is_feedback(self) -> bool:
        return self.end <= self.start

    @property
    def upper_and_lower(self) -> list[str]:
        return [self.arrow.end, self.arrow.start] if self.is_feedback else [self.arrow.start, self.arrow.end]


class _Places:
    """The places of each row, boxes and lanes, and their order."""

    def __init__(self, rows: Sequence[Sequence[str]], routes: Sequence[_Route], size: Size) -> None:
        self.rows, self.routes, self.size = [list(row) for row in rows], routes, size
        self.boxes = {name for row in rows for name in row}
        for number, route in enumerate(routes):
            upper, lower = route.upper_and_lower
            top, bottom = sorted((route.start, route.end))
            lanes = [f"lane {number} {row}" for row in range(top + 1, bottom)]
            for row, lane in zip(range(top + 1, bottom), lanes, strict=True):
                self.rows[row].append(lane)
            route.stops = [upper, *lanes, lower]
        self.above: dict[str, list[str]] = defaultdict(list)
        self.below: dict[str, list[str]] = defaultdict(list)
        for route in routes:
            for upper, lower in pairwise(route.stops):
                self.above[lower].append(upper)
                self.below[upper].append(lower)

    def width(self, place: str) -> float:
        return self.size.box if place in self.boxes else LANE

    def sort(self) -> None:
        """Order each row by the mean place of its neighbours, down and up again; the order with fewest crossings is kept."""
        best, fewest = [list(row) for row in self.rows], self._crossings()
        for sweep in range(SWEEPS):
            joined = self.below if sweep % 2 else self.above
            for row in reversed(self.rows) if sweep % 2 else self.rows:
                middles = self._middles()
                means = {place: _mean(joined[place] or [place], middles) for place in row}
                row.sort(key=means.__getitem__)  # equal ones keep their order
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(row) for row in self.rows], crossings
        self.rows = best

    def _crossings(self) -> int:
        at = {place: number for row in self.rows for number, place in enumerate(row)}
        steps: dict[int, list[tuple[int, int]]] = defaultdict(list)
        level = {place: number for number, row in enumerate(self.rows) for place in row}
        for route in self.routes:
            for upper, lower in pairwise(route.stops):
                steps[level[upper]].append((at[upper], at[lower]))
        pairs = (pair for of_level in steps.values() for pair in combinations(of_level, 2))
        return sum((one[0] - two[0]) * (one[1] - two[1]) < 0 for one, two in pairs)

    def _lengths(self) -> list[float]:
        return [sum(map(self.width, row)) + GAP * (len(row) - 1) for row in self.rows]

    def _middles(self) -> dict[str, float]:
        """The middle of each place, across; rows are centred."""
        lengths = self._lengths()
        middles: dict[str, float] = {}
        for row, length in zip(self.rows, lengths, strict=True):
            x = (max(lengths) - length) / 2
            for place in row:
                middles[place] = x + self.width(place) / 2
                x += self.width(place) + GAP
        return middles

    def drawn(self, heights: Mapping[str, float]) -> Layout:
        """The boxes and lines of this order."""
        middles, lengths = self._middles(), self._lengths()
        tops: dict[str, float] = {}
        bottoms: dict[str, float] = {}
        y = 1.0
        for row in self.rows:
            height = max(heights[place] for place in row if place in self.boxes)
            for place in row:
                tops[place], bottoms[place] = y, y + (heights[place] if place in self.boxes else height)
            y += height + BETWEEN
        boxes = tuple(
            Box(place, middles[place] - self.size.box / 2 + 1, tops[place], self.size.box, heights[place])
            for row in self.rows
            for place in row
            if place in self.boxes
        )
        lines = tuple(self._line(route, middles, tops, bottoms) for route in self.routes)
        return Layout(max(lengths, default=0) + 2, y - BETWEEN + 1 if boxes else 0, boxes, lines)

    def _line(
        self, route: _Route, middles: Mapping[str, float], tops: Mapping[str, float], bottoms: Mapping[str, float]
    ) -> Line:
        points: list[Point] = []
        for place, after in pairwise(route.stops):
            x = self._port(place, after, self.below, middles)
            points.append(Point(x, bottoms[place]))
            points.append(Point(self._port(after, place, self.above, middles), tops[after]))
        if route.is_feedback:
            points.reverse()
        return Line(route.arrow, _path(points), points[-1].x, points[-1].y, route.is_feedback)

    def _port(self, place: str, other: str, joined: Mapping[str, Sequence[str]], middles: Mapping[str, float]) -> float:
        """Where on the side of a place the line to another one begins: side by side, in the order of where they go."""
        if place not in self.boxes:
            return middles[place] + 1
        neighbours = sorted(joined[place], key=middles.__getitem__)
        step = self.size.box * 0.6 / max(len(neighbours), 4)
        return middles[place] + 1 + (neighbours.index(other) - (len(neighbours) - 1) / 2) * step


def _mean(places: Sequence[str], middles: Mapping[str, float]) -> float:
    return sum(middles[place] for place in places) / len(places)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a line."""

    x: float
    y: float


def _path(points: Sequence[Point]) -> str:
    """A path that bends between rows and is straight in them."""
    parts = [f"M{points[0].x:.1f} {points[0].y:.1f}"]
    for number, (one, two) in enumerate(pairwise(points)):
        if number % 2:
            parts.append(f"L{two.x:.1f} {two.y:.1f}")
        else:
            bend = (two.y - one.y) / 2
            parts.append(f"C{one.x:.1f} {one.y + bend:.1f} {two.x:.1f} {two.y - bend:.1f} {two.x:.1f} {two.y:.1f}")
    return "".join(parts)
