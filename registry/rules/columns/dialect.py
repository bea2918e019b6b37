"""The engines that columns are written for: Polars in process; PySpark, through Narwhals, for a larger register.

Narwhals speaks Polars' own dialect, so that one emitter writes for both; where they differ, the difference stands here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

Expr = Any

INT64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Dialect:
    """How columns are written for an engine.

    Attributes:
        ns: the namespace of its expressions: `polars`, or `narwhals` for PySpark.
        wide, widest: its type beyond 64 bits, and the largest whole number that type holds.
        reach: the same in words.
        beyond: gives a whole number beyond 64 bits as a constant.
        joins: whether entries of lists are joined to the firms; else they are looked up, which needs them in memory.
        dot: what stands for the dot within a column's name.
    """

    ns: Any
    wide: Any
    widest: int
    reach: str
    beyond: Callable[[int], Expr]
    joins: bool = False
    dot: str = "."

    def whole(self, number: int) -> Expr:
        """Return a whole number as a constant."""
        return self.ns.lit(number) if abs(number) <= INT64 else self.beyond(number)

    def named(self, name: str) -> str:
        """Return the name that a column has within this engine."""
        return name.replace(".", self.dot)

    def col(self, name: str) -> Expr:
        """Return a column by the name that rules know it by."""
        return self.ns.col(self.named(name))

    def called(self, expr: Expr, name: str) -> Expr:
        """Return an expression as a column with a name that rules know."""
        return expr.alias(self.named(name))


POLARS = Dialect(pl, pl.Int128, 2**127 - 1, "128 bits", lambda number: pl.lit(number).cast(pl.Int128))


def spark_dialect() -> Dialect:
    """Return how columns are written for PySpark.

    Spark knows no whole numbers of 128 bits, but decimals of 38 digits, which refuse what they cannot hold; and it
    takes a dot in a name for a part of a structure.

    Raises:
        ImportError: Narwhals is not installed.
    """
    import narwhals as nw

    wide = nw.Decimal(38, 0)
    # Its constants travel as text, and take no whole number beyond 64 bits.
    return Dialect(
        nw, wide, 10**38 - 1, "38 digits", lambda number: nw.lit(Decimal(number)).cast(wide), joins=True, dot="/"
    )
