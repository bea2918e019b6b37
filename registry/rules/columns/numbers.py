"""Numbers as columns: exact fractions of whole numbers, widened only where a product could leave 64 bits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, gcd

from registry.domain.errors import RuleError
from registry.rules import tree
from registry.rules.columns.dialect import INT64, Dialect, Expr
from registry.rules.columns.frames import SUFFIXES
from registry.rules.explain.numbers import scale_of
from registry.rules.tree import Number, Op

# Contract §1: amounts stay below 10^15 yuan, which is 10^17 fen.
LARGEST_AMOUNT = 10**17

_COMPARE: dict[Op, Callable[[Expr, Expr], Expr]] = {
    Op.AT_LEAST: lambda left, right: left >= right,
    Op.OVER: lambda left, right: left > right,
    Op.AT_MOST: lambda left, right: left <= right,
    Op.UNDER: lambda left, right: left < right,
}


@dataclass(frozen=True, slots=True)
class Whole:
    """A column of whole numbers and the bound that none of them exceeds in size."""

    expr: Expr
    bound: int


@dataclass(frozen=True, slots=True)
class Exact:
    """A column of fractions.

    Attributes:
        top: the numerator.
        base: the denominator: a column, or one whole number for all.
        guard: true where every base is positive; None when nothing can be wrong. Elsewhere the number is unknown.
    """

    top: Whole
    base: Whole | int
    guard: Expr | None = None


class Numbers:
    """Emits numbers for one day.

    Args:
        largest: no amount in the frame is larger in size; the smaller, the fewer products must be widened.
    """

    def __init__(self, dialect: Dialect, on: date, largest: int = LARGEST_AMOUNT) -> None:
        self.dialect, self.on, self.largest = dialect, on, largest
        self.ns, self.wide = dialect.ns, dialect.wide

    def figure(self, key: str, back: int) -> Whole:
        """Return the column of a figure."""
        return Whole(self.ns.col(key + SUFFIXES[back]), self.largest)

    def times(self, left: Whole, right: Whole | int) -> Whole:
        """Multiply, in 64 bits where that is certain to be enough."""
        if right == 1:
            return left
        bound = left.bound * (abs(right) if isinstance(right, int) else right.bound)
        widen = self.must_widen(bound)
        first = left.expr.cast(self.wide) if widen else left.expr
        if isinstance(right, int):
            return Whole(first * (self.dialect.whole(right) if abs(right) > INT64 else right), bound)
        return Whole(first * (right.expr.cast(self.wide) if widen else right.expr), bound)

    def must_widen(self, bound: int) -> bool:
        """Say whether 64 bits may be too few; refuse what even the wide type could not hold, since it would wrap."""
        if bound > self.dialect.widest:
            raise RuleError(
                f"a product of this rule may reach {bound:.1e}, beyond {self.dialect.reach}:"
                " use fewer factors or places"
            )
        return bound > INT64

    def plus(self, left: Whole, right: Whole) -> Whole:
        """Add two columns of 64 bits or wider."""
        bound = left.bound + right.bound
        widen = self.must_widen(bound)
        first, second = (left.expr.cast(self.wide), right.expr.cast(self.wide)) if widen else (left.expr, right.expr)
        return Whole(first + second, bound)

    def number(self, node: Number) -> Exact:
        """Return a number as a column of fractions."""
        match node:
            case tree.Figure(key, back):
                return Exact(self.figure(key, back), scale_of(node))
            case tree.Amount(key):
                return Exact(Whole(self.ns.col(key), max(self.largest, 10**12)), scale_of(node))
            case tree.Ratio(top, base):
                return self.ratio(self.number(top), self.number(base))
            case tree.Growth(key, back):
                last, first = self.figure(key, back), self.figure(key, back + 1)
                return Exact(Whole(last.expr - first.expr, 2 * self.largest), first, first.expr > 0)
            case tree.Sum(parts):
                return self.mean(parts, 1)
            case tree.Mean(parts):
                return self.mean(parts, len(parts))
        raise TypeError(f"no number: {node!r}")

    def years_beyond(self, node: tree.YearsIn, op: Op, right: tree.Const) -> Expr:
        """Compare full years up to the end of the last fiscal year with a constant (see `periods.full_years`).

        As many years as k have passed when the first day is not after 1 January k years before the day's own year:
        one comparison of days instead of taking every date apart.
        """
        since = self.ns.col(node.key)
        # At least k years, or its opposite: more than two and a half are at least three, and so is more than two.
        k = floor(right.value) + 1 if op in (Op.OVER, Op.AT_MOST) else ceil(right.value)
        if k <= 0:
            reached = self.ns.when(~since.is_null()).then(self.ns.lit(True))
        else:
            reached = since <= self.ns.lit(date(max(1, self.on.year - k), 1, 1))
        return reached if op in (Op.AT_LEAST, Op.OVER) else ~reached

    def ratio(self, part: Exact, whole: Exact) -> Exact:
        """Divide one amount by another; both have a constant base."""
        assert_constant(part, whole)
        return Exact(self.times(part.top, whole.base), self.times(whole.top, part.base), whole.top.expr > 0)

    def mean(self, parts: tuple[Number, ...], divided_by: int) -> Exact:
        """Add fractions and divide by a whole number."""
        total = self.number(parts[0])
        for part in parts[1:]:
            total = self.add(total, self.number(part))
        base = total.base * divided_by if isinstance(total.base, int) else self.times(total.base, divided_by)
        return Exact(total.top, base, total.guard)

    def add(self, left: Exact, right: Exact) -> Exact:
        """Add two fractions over their common base."""
        if isinstance(left.base, int) and left.base == right.base:
            return Exact(self.plus(left.top, right.top), left.base, _both(left.guard, right.guard))
        top = self.plus(self.times(left.top, right.base), self.times(right.top, left.base))
        base = self._product(left.base, right.base)
        return Exact(top, base, _both(left.guard, right.guard))

    def _product(self, left: Whole | int, right: Whole | int) -> Whole | int:
        if isinstance(left, Whole):
            return self.times(left, right)
        return self.times(right, left) if isinstance(right, Whole) else left * right

    def beyond(self, left: Exact, op: Op, right: tree.Const) -> Expr:
        """Compare with a constant, without regard to the guard."""
        line, over = right.value.numerator, right.value.denominator
        if isinstance(left.base, int):
            line *= left.base
            shared = gcd(line, over)
            line, over = line // shared, over // shared
            top = self.times(left.top, over)
            return _COMPARE[op](top.expr, self.dialect.whole(line))
        top, base = self.times(left.top, over), self.times(left.base, line)
        return _COMPARE[op](*self._alike(top, base))

    def _alike(self, left: Whole, right: Whole) -> tuple[Expr, Expr]:
        """Return two columns of one width."""
        if max(left.bound, right.bound) <= INT64:
            return left.expr, right.expr
        return left.expr.cast(self.wide), right.expr.cast(self.wide)

    def compound(self, left: tree.Compound, op: Op, right: tree.Const) -> tuple[Expr, Expr]:
        """Compare compound growth: the comparison, and where its base is positive."""
        factor = (1 + right.value) ** left.years
        last, first = self.figure(left.key, left.back), self.figure(left.key, left.back + left.years)
        grown, due = self.times(last, factor.denominator), self.times(first, factor.numerator)
        return _COMPARE[op](*self._alike(grown, due)), first.expr > 0


def assert_constant(*numbers: Exact) -> None:
    """Refuse to divide what is already a fraction: the parser lets no such rule pass."""
    if not all(isinstance(number.base, int) for number in numbers):
        raise TypeError("a share divides amounts, not shares")


def _both(left: Expr | None, right: Expr | None) -> Expr | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right
