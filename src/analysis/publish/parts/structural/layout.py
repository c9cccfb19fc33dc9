"""Where the boxes and coefficients of a path diagram stand: pure geometry, in inches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Point = tuple[float, float]
Edge = tuple[str, str]

LEVELS = 13
"""Heights that a box may take."""
CLEARANCE = 0.12
"""Inches between a box and an edge that passes it."""
LABEL = (0.46, 0.2)
"""Width and height of a coefficient, in inches."""
STOPS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85)
"""Places along an edge that a coefficient may take, the best first."""


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes, their size, ends of the edges at the boxes, centres of the coefficients, all in inches."""

    width: float
    height: float
    box: Point
    centres: Mapping[str, Point]
    edges: Mapping[Edge, tuple[Point, Point]]
    labels: Mapping[Edge, Point]


def columns_of(edges: Sequence[Edge], roles: Mapping[str, str]) -> list[list[str]]:
    """Constructs by column: the longest way from an exogenous one; neighbours of one role share a column."""
    nodes = list(dict.fromkeys(name for edge in edges for name in edge))
    depth = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for source, target in edges:
            depth[target] = max(depth[target], depth[source] + 1)
    columns = [[node for node in nodes if depth[node] == level] for level in range(max(depth.values()) + 1)]
    merged = [columns[0]]
    for column in columns[1:]:
        together = {roles.get(node, "") for node in (*merged[-1], *column)}
        if len(merged) > 1 and together == {"emotional"}:
            merged[-1] = [*merged[-1], *column]
        else:
            merged.append(column)
    return merged


def lay_out(edges: Sequence[Edge], *, roles: Mapping[str, str], width: float) -> Layout:
    """Place boxes in columns so that edges do not pass behind boxes, then the coefficients so that they do not touch.

    Heights are improved box by box until nothing gets better (edges behind boxes weigh most, then crossings, then
    length); with straight edges that suffices for models of this size.
    """
    columns = columns_of(edges, roles)
    box = (min(1.32, (width - 0.1) / len(columns) * 0.72), 0.5)
    most = max(len(column) for column in columns)
    height = max(3.3, 0.66 * most)
    across = _across(columns, edges, width, box[0])
    down = {node: y for column in columns for node, y in _spread(column, height, box[1]).items()}
    movable = [node for column in columns if len(column) < 5 for node in column]
    levels = [box[1] / 2 + 0.03 + i * (height - box[1] - 0.06) / (LEVELS - 1) for i in range(LEVELS)]
    down = _improved(down, across, movable, levels, edges, box)
    centres = {node: (across[node], down[node]) for node in across}
    ends = {edge: _clipped(centres[edge[0]], centres[edge[1]], box) for edge in edges}
    return Layout(width, height, box, centres, ends, _label_places(ends, centres, box))


def _across(columns: list[list[str]], edges: Sequence[Edge], width: float, box: float) -> dict[str, float]:
    """Centre of each node's column; a gap is the wider the more edges cross it, so that their coefficients fit."""
    place = {node: number for number, column in enumerate(columns) for node in column}
    gaps = range(1, len(columns))
    crossing = [2 + sum(place[a] < gap <= place[b] for a, b in edges) for gap in gaps]
    room = width - 0.06 - box * len(columns)
    centres = [0.03 + box / 2]
    for weight in crossing:
        centres.append(centres[-1] + box + room * weight / sum(crossing))
    return {node: centres[number] for node, number in place.items()}


def _spread(column: list[str], height: float, box: float) -> dict[str, float]:
    room = height - box - 0.06
    count = len(column)
    gaps = room / (count - 1) if count > 1 else 0.0
    start = height - box / 2 - 0.03 if count > 1 else height / 2
    return {node: start - position * gaps for position, node in enumerate(column)}


def _improved(
    down: dict[str, float],
    across: Mapping[str, float],
    movable: Sequence[str],
    levels: Sequence[float],
    edges: Sequence[Edge],
    box: Point,
) -> dict[str, float]:
    best = dict(down)
    cost = _cost(best, across, edges, box)
    for _ in range(12):
        before = cost
        for node in movable:
            for level in levels:
                tried = {**best, node: level}
                value = _cost(tried, across, edges, box)
                if value < cost - 1e-9:
                    best, cost = tried, value
        if cost >= before - 1e-9:
            break
    return best


def _cost(down: Mapping[str, float], across: Mapping[str, float], edges: Sequence[Edge], box: Point) -> float:
    centres = {node: (across[node], down[node]) for node in across}
    cost = 0.0
    for one, other in combinations(centres, 2):
        (x, y), (u, v) = centres[one], centres[other]
        if abs(x - u) < box[0] + 0.1 and abs(y - v) < box[1] + 0.35:
            cost += 60.0 * (box[1] + 0.35 - abs(y - v))
    for source, target in edges:
        start, end = centres[source], centres[target]
        cost += 0.15 * abs(start[1] - end[1])
        for node, centre in centres.items():
            if node not in (source, target) and _passes(start, end, centre, box):
                cost += 25.0
    for (a, b), (c, d) in combinations(edges, 2):
        if len({a, b, c, d}) == 4 and _cross(centres[a], centres[b], centres[c], centres[d]):
            cost += 2.0
    return cost


def _passes(start: Point, end: Point, centre: Point, box: Point) -> bool:
    """Whether the line from start to end comes within the clearance of the box around `centre`."""
    half = (box[0] / 2 + CLEARANCE, box[1] / 2 + CLEARANCE)
    low, high = 0.0, 1.0
    for axis in (0, 1):
        direction = end[axis] - start[axis]
        near, far = centre[axis] - half[axis] - start[axis], centre[axis] + half[axis] - start[axis]
        if abs(direction) < 1e-12:
            if near > 0 or far < 0:
                return False
            continue
        first, second = sorted((near / direction, far / direction))
        low, high = max(low, first), min(high, second)
    return low < high


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _clipped(start: Point, end: Point, box: Point) -> tuple[Point, Point]:
    """The line between two boxes outside them, with a little air at its ends.

    Between columns it leaves from the middle of the facing side, so that no neighbour hides it, and arrives spread over
    the facing side by where it comes from; within a column it runs from centre to centre.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    if abs(dx) <= box[0]:
        reach = (box[1] / 2 + 0.02) / abs(dy) if dy else 0.0
        return (start[0] + dx * reach, start[1] + dy * reach), (end[0] - dx * reach, end[1] - dy * reach)
    side = (box[0] / 2 + 0.02) * (1 if dx > 0 else -1)
    spread = max(-0.36, min(0.36, -dy * 0.14)) * box[1]
    return (start[0] + side, start[1]), (end[0] - side, end[1] + spread)


def _label_places(
    ends: Mapping[Edge, tuple[Point, Point]], centres: Mapping[str, Point], box: Point
) -> dict[Edge, Point]:
    """The first stop of each edge, shortest edge first, where the coefficient is free; else the least crowded one."""
    placed: dict[Edge, Point] = {}

    def length(edge: Edge) -> float:
        (x, y), (u, v) = ends[edge]
        return (x - u) ** 2 + (y - v) ** 2

    for edge in sorted(ends, key=length):
        (x, y), (u, v) = ends[edge]
        stops = [(x + (u - x) * stop, y + (v - y) * stop) for stop in STOPS]
        crowd = [_crowd(point, edge, placed, ends, centres, box) + 0.01 * rank for rank, point in enumerate(stops)]
        placed[edge] = stops[crowd.index(min(crowd))]
    return placed


def _crowd(
    point: Point,
    edge: Edge,
    placed: Mapping[Edge, Point],
    ends: Mapping[Edge, tuple[Point, Point]],
    centres: Mapping[str, Point],
    box: Point,
) -> float:
    crowd = 0.0
    for x, y in placed.values():
        if abs(point[0] - x) < LABEL[0] and abs(point[1] - y) < LABEL[1] + 0.02:
            crowd += 8.0
    for x, y in centres.values():
        if abs(point[0] - x) < (box[0] + LABEL[0]) / 2 and abs(point[1] - y) < (box[1] + LABEL[1]) / 2:
            crowd += 6.0
    small = (LABEL[0] - 2 * CLEARANCE, LABEL[1] - 2 * CLEARANCE + 0.02)
    crowd += sum(1.0 for other, (start, end) in ends.items() if other != edge and _passes(start, end, point, small))
    return crowd
