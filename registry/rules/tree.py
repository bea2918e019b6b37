"""The nodes of the rule language: a closed, total language without clock, look-ups or calls.

Three sorts: a Number is an exact fraction or unknown; a Condition is true, false or unknown; Points is a
range of whole points. All are frozen, comparable and hashable. Facts are asked of one firm on one day;
`back` counts fiscal years before the last full one (0 is the last).
"""

import typing
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction


class Unit(StrEnum):
    """What a number measures; both sides of a comparison must measure the same."""

    MONEY = "万元"
    SHARE = "%"
    YEARS = "年"
    SCORE = "分"
    COUNT = ""


class Op(StrEnum):
    """A comparison; an edge belongs to the side that has the equals sign."""

    AT_LEAST = ">="
    OVER = ">"
    AT_MOST = "<="
    UNDER = "<"

    @property
    def sign(self) -> str:
        """Return the sign as it is printed."""
        return {">=": "≥", "<=": "≤"}.get(self.value, self.value)


class Node:
    """Any node of the language."""

    __slots__ = ()


class Number(Node):
    """An exact number, or unknown."""

    __slots__ = ()


class Condition(Node):
    """True, false or unknown."""

    __slots__ = ()


class Points(Node):
    """A range of points that a firm may score."""

    __slots__ = ()


# Numbers


@dataclass(frozen=True, slots=True)
class Const(Node):
    """An exact constant in its unit: money in whole fen, a share as a fraction of one."""

    value: Fraction
    unit: Unit
    text: str


@dataclass(frozen=True, slots=True)
class Figure(Number):
    """A number of a fiscal year, `back` years before the last full one."""

    key: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class Amount(Number):
    """A number among the facts of the firm."""

    key: str


@dataclass(frozen=True, slots=True)
class YearsIn(Number):
    """Full years from a day among the facts to the end of the last full fiscal year."""

    key: str


@dataclass(frozen=True, slots=True)
class Ratio(Number):
    """One amount divided by another of the same unit; unknown when the base is zero or negative."""

    top: Number
    base: Number


@dataclass(frozen=True, slots=True)
class Sum(Number):
    """Amounts of one unit added; unknown when a part is."""

    parts: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Mean(Number):
    """The arithmetic mean; unknown when a part is."""

    parts: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Growth(Number):
    """A figure over the same figure a year before, minus one; unknown when the base is zero or negative."""

    key: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class Compound(Number):
    """Compound yearly growth of a figure over some years; asks for its first and last figure only.

    Irrational in general, so it is only ever compared: last >= first * (1 + rate) ** years.
    """

    key: str
    years: int
    back: int = 0


# Conditions


@dataclass(frozen=True, slots=True)
class Is(Condition):
    """A yes-or-no fact of the firm (`back` is None) or of a fiscal year."""

    key: str
    back: int | None = None


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """A choice fact is one of the listed."""

    key: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InCodes(Condition):
    """A code fact lies in one of the ranges, both ends included."""

    key: str
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """A number against a constant, exactly and without rounding."""

    left: Number
    op: Op
    right: Const


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """A date fact lies in the last `years` years before the day, both ends included."""

    key: str
    years: int


@dataclass(frozen=True, slots=True)
class Ahead(Condition):
    """A date fact lies after the day."""

    key: str


@dataclass(frozen=True, slots=True)
class InForce(Condition):
    """Of an entry of titles: the day lies from its first to its last valid day, both included."""


@dataclass(frozen=True, slots=True)
class Some(Condition):
    """Some entry of a list fact meets a condition over the entry's own keys; unknown when the list is."""

    key: str
    when: Condition


@dataclass(frozen=True, slots=True)
class All(Condition):
    """True when every part is; false when one is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any(Condition):
    """True when one part is; false when every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The opposite; unknown stays unknown."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast(Condition):
    """True when k or more of the parts are; unknown while it could still go either way."""

    k: int
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Choose(Condition):
    """The condition of the first branch whose code ranges hold a code fact; unknown when the code is."""

    key: str
    branches: tuple[tuple[tuple[tuple[int, int], ...], Condition], ...]
    otherwise: Condition
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Met(Condition):
    """Another criterion of the same rule set."""

    key: str


@dataclass(frozen=True, slots=True)
class Reaches(Condition):
    """The points of a part, or of all parts when `part` is None, come to at least so many."""

    part: str | None
    points: int


# Points


@dataclass(frozen=True, slots=True)
class Bands(Points):
    """A cascade read from the best band down to the first that holds; `otherwise` always does."""

    bands: tuple[tuple[int, Condition], ...]
    otherwise: int


@dataclass(frozen=True, slots=True)
class Better(Points):
    """The better of several."""

    parts: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class PerItem(Points):
    """So many points for each item that holds, up to a cap."""

    each: int
    cap: int
    items: tuple[Condition, ...]


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under a node, in reading order."""
    match node:
        case Ratio(top, base):
            return top, base
        case Sum(parts) | Mean(parts) | All(parts) | Any(parts) | AtLeast(_, parts) | Better(parts):
            return parts
        case Compare(left, _, right):
            return left, right
        case Some(_, when):
            return (when,)
        case Not(part):
            return (part,)
        case Choose(_, branches, otherwise, _, _):
            return *(branch for _, branch in branches), otherwise
        case Bands(bands, _):
            return tuple(condition for _, condition in bands)
        case PerItem(_, _, items):
            return items
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """Return a node and all under it, parents first."""
    found = [node]
    for child in children(node):
        found.extend(walk(child))
    return found


def shift(node: typing.Any, back: int) -> typing.Any:
    """Return a node as it reads `back` fiscal years earlier; facts of the firm and its titles stay as they are.

    Used for "in each of the last two years".
    """
    match node:
        case Figure() | Growth() | Compound() | Is(back=int()):
            return replace(node, back=(node.back or 0) + back)
        case Ratio(top, base):
            return replace(node, top=shift(top, back), base=shift(base, back))
        case Sum(parts) | Mean(parts) | All(parts) | Any(parts) | AtLeast(_, parts):
            shifted: typing.Any = tuple(shift(part, back) for part in parts)
            return replace(node, parts=shifted)
        case Compare(left):
            return replace(node, left=shift(left, back))
        case Not(part):
            return replace(node, part=shift(part, back))
        case Choose(_, branches, otherwise):
            earlier = tuple((ranges, shift(condition, back)) for ranges, condition in branches)
            return replace(node, branches=earlier, otherwise=shift(otherwise, back))
        case _:
            return node
