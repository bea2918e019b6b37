"""The tier specialized-2022 as one would write it in Polars by hand: exact, three-valued, no rule language.

Null stands for unknown throughout. A band cascade on one number is a sum of steps: each band reached adds what it
gives over the band below, and an unknown number makes the sum null, which opens the whole range.
"""

from datetime import date

import polars as pl

from registry.domain.periods import add_years
from registry.rules.columns import Frames

_WAN = 1_000_000


def judge(frames: Frames, on: date) -> pl.DataFrame:
    """Return `firm_id`, `verdict`, `low`, `high` and a column a condition, a row a firm in the same order."""
    return query(frames, on).collect()


def query(frames: Frames, on: date) -> pl.LazyFrame:
    """Return the query over the firms, not yet run; the few entries that matter are found beforehand."""
    since = add_years(on, -3)
    wanted = _entries(on, since)
    found = pl.collect_all(
        [
            frames.lists[key].lazy().select("firm_id", holds=holds).filter(pl.col("holds").fill_null(True))
            for key, holds in wanted.items()
        ]
    )
    lists = [_listed(key, entries).alias(key) for key, entries in zip(wanted, found, strict=True)]
    points = _points(on)
    return (
        frames.firms.lazy()
        .with_columns(
            *lists,
            low=sum_of([low for low, _ in points]),
            high=sum_of([high for _, high in points]),
        )
        .with_columns(_conditions(on, since))
        .with_columns(
            score_or_direct=pl.col("score_line")
            | pl.col("direct_award")
            | pl.col("direct_rd_expense")
            | pl.col("direct_equity")
            | pl.col("direct_contest")
        )
        .with_columns(verdict=pl.all_horizontal(REQUIRED))
        .select("firm_id", "verdict", "low", "high", *REQUIRED, *ROUTES)
    )


def _listed(key: str, entries: pl.DataFrame) -> pl.Expr:
    """Return whether a firm has an entry that holds: open when one might, or when the list was never stated."""
    sure = entries.filter("holds")["firm_id"]
    open_ = entries.filter(pl.col("holds").is_null())["firm_id"]
    firm = pl.col("firm_id")
    return (
        pl.when(firm.is_in(sure.implode()))
        .then(True)
        .otherwise(pl.when(pl.col(f"{key}_known") & ~firm.is_in(open_.implode())).then(False))
    )


REQUIRED = (
    "rung_below",
    "years_in_segment",
    "rd_expense_and_share",
    "revenue_or_equity",
    "score_or_direct",
    "general.legal_entity",
    "general.sme",
    "general.no_bad_list",
    "general.no_restricted_products",
    "general.no_serious_incident",
    "general.not_banned",
)
ROUTES = ("score_line", "direct_award", "direct_rd_expense", "direct_equity", "direct_contest")


def _entries(on: date, since: date) -> dict[str, pl.Expr]:
    """Return what makes an entry of each list count."""
    recent = pl.col("on").is_between(since, on)
    return {
        "titles": (pl.col("kind") == "innovative") & (pl.col("from") <= on) & (pl.col("until") >= on),
        "awards": recent
        & (
            ((pl.col("level") == "provincial") & (pl.col("rank") <= 3))
            | ((pl.col("level") == "national") & (pl.col("rank") <= 5))
        ),
        "contests": (pl.col("contest") == "maker_china") & (pl.col("top") <= 500) & recent,
    }


def _conditions(on: date, since: date) -> list[pl.Expr]:
    revenue, rd = pl.col("revenue"), pl.col("rd_expense")
    equity = pl.col("equity_paid_in") + pl.col("equity_paid_in_1y_ago")
    low, high = pl.col("low"), pl.col("high")
    return [
        pl.col("titles").alias("rung_below"),
        _segment(2, on).alias("years_in_segment"),
        ((rd >= 100 * _WAN) & pl.when(revenue > 0).then(rd * 100 >= revenue * 3)).alias("rd_expense_and_share"),
        ((revenue >= 1000 * _WAN) | (equity >= 2000 * _WAN)).alias("revenue_or_equity"),
        pl.when((low >= 60) | (high < 60)).then(low >= 60).alias("score_line"),
        pl.col("awards").alias("direct_award"),
        (rd + pl.col("rd_expense_1y_ago") >= 2000 * _WAN).alias("direct_rd_expense"),
        (equity >= 6000 * _WAN).alias("direct_equity"),
        pl.col("contests").alias("direct_contest"),
        pl.col("independent_legal_entity").alias("general.legal_entity"),
        (~_large()).alias("general.sme"),
        (~pl.col("on_abnormal_list")).alias("general.no_bad_list"),
        (~pl.col("restricted_products")).alias("general.no_restricted_products"),
        (~pl.col("serious_incident_on").is_between(since, on)).alias("general.no_serious_incident"),
        (pl.col("banned_until") <= on).alias("general.not_banned"),
    ]


def _large() -> pl.Expr:
    """Return whether a firm is large by the line of its trade (300号)."""
    code = pl.col("industry").cast(pl.Int32)
    staff, revenue, assets = pl.col("employees"), pl.col("revenue"), pl.col("total_assets")
    chain = pl
    for low, high, fewest, least_revenue, least_assets in LARGE:
        line = [
            column >= least
            for column, least in ((staff, fewest), (revenue, least_revenue * _WAN), (assets, least_assets * _WAN))
            if least
        ]
        holds = line[0] if len(line) == 1 else line[0] & line[1]
        chain = chain.when(code.is_between(low, high)).then(holds)
    return pl.when(code.is_not_null()).then(chain.otherwise(staff >= 300))


# First and last class, then the least staff, revenue and assets (万元) of a large firm; 0 where it does not matter.
LARGE = (
    (100, 599, 0, 20_000, 0),
    (600, 4699, 1000, 40_000, 0),
    (4700, 5099, 0, 80_000, 80_000),
    (5100, 5199, 200, 40_000, 0),
    (5200, 5299, 300, 20_000, 0),
    (5400, 5899, 1000, 30_000, 0),
    (5900, 5999, 200, 30_000, 0),
    (6000, 6099, 1000, 30_000, 0),
    (6100, 6299, 300, 10_000, 0),
    (6300, 6499, 2000, 100_000, 0),
    (6500, 6599, 300, 10_000, 0),
    (7010, 7010, 0, 200_000, 10_000),
    (7020, 7020, 1000, 5_000, 0),
    (7100, 7299, 300, 0, 120_000),
)


def _points(on: date) -> list[tuple[pl.Expr, pl.Expr]]:
    """Return the lowest and highest points of every indicator."""
    revenue, main, rd = pl.col("revenue"), pl.col("main_revenue"), pl.col("rd_expense")
    sold = revenue > 0
    rd_low, rd_high = _range(_steps((rd >= line * _WAN, 2) for line in (500, 400, 300, 200, 100)), 10)
    rd_share = _steps((rd * 100 >= revenue * line, 2) for line in (10, 8, 6, 4, 3))
    share_low, share_high = _range(pl.when(sold).then(rd_share), 10)
    return [
        _range(
            pl.when(sold).then(_steps((main * 100 >= revenue * at, by) for at, by in ((80, 2), (70, 2), (60, 1)))), 5
        ),
        _range(_growth(), 10),
        _range(_steps((_segment(years, on), 1) for years in (10, 8, 6, 4, 2)), 5),
        _range(_lookup("chain_role", {"key_link": 5, "basic_or_supplier": 3}), 5),
        _range(_steps([(pl.col("digital_level") >= 3, 2), (pl.col("digital_level") >= 2, 3)]), 5),
        _quality(),
        _range(
            pl.when(sold).then(_steps((pl.col("net_profit") * 100 >= revenue * at, 2) for at in (10, 8, 6, 4, 2))), 10
        ),
        _range(
            pl.when(pl.col("total_assets") > 0).then(
                _steps(
                    (pl.col("total_liabilities") * 100 <= pl.col("total_assets") * at, by)
                    for at, by in ((50, 2), (60, 2), (70, 1))
                )
            ),
            5,
        ),
        _ip(),
        (pl.max_horizontal(rd_low, share_low), pl.max_horizontal(rd_high, share_high)),
        _range(
            pl.when(pl.col("employees") > 0).then(
                _steps(
                    (pl.col("rd_staff") * 100 >= pl.col("employees") * at, by) for at, by in ((20, 2), (10, 2), (5, 1))
                )
            ),
            5,
        ),
        _range(_lookup("rd_institution", {"national": 10, "provincial": 8, "city": 4, "below_city": 2}), 10),
        _range(_lookup("local_field", {"provincial_chain": 4, "provincial": 3, "city": 2, "county": 1}), 4),
        _range(_steps((pl.col("local_operation_kinds") >= at, 2) for at in (2, 1)), 4),
        _market(),
        _range(_lookup("listing", {"listed": 3, "regional": 1}), 3),
    ]


def _steps(bands: object) -> pl.Expr:
    """Add up the steps of a cascade; null when its number is."""
    return sum_of([condition.cast(pl.Int8) * by if by > 1 else condition.cast(pl.Int8) for condition, by in bands])  # type: ignore[attr-defined]


def sum_of(parts: list[pl.Expr]) -> pl.Expr:
    """Add columns; null when one is."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _range(points: pl.Expr, best: int) -> tuple[pl.Expr, pl.Expr]:
    return points.fill_null(0), points.fill_null(best)


def _growth() -> pl.Expr:
    """Return the points of the mean of two growth rates: (a/b - 1 + b/c - 1) / 2 against a rate, multiplied out."""
    a, b, c = (pl.col(f"main_revenue{back}").cast(pl.Int128) for back in ("", "_1y_ago", "_2y_ago"))
    grown, base = (a * c + b * b) * 100, b * c
    return pl.when((b > 0) & (c > 0)).then(_steps((grown >= base * (200 + 2 * at), 2) for at in (10, 8, 6, 4, 0)))


def _segment(years: int, on: date) -> pl.Expr:
    """Say whether a firm has so many full years in its segment at the end of the last fiscal year."""
    return pl.col("segment_since") <= date(on.year - years, 1, 1)


def _lookup(key: str, table: dict[str, int]) -> pl.Expr:
    chain = pl
    for word, points in table.items():
        chain = chain.when(pl.col(key) == word).then(pl.lit(points, pl.Int8))
    return chain.when(pl.col(key).is_not_null()).then(pl.lit(0, pl.Int8))


def _quality() -> tuple[pl.Expr, pl.Expr]:
    items = [pl.col(key) for key in ("quality_award", "system_certified", "own_brand", "standard_participation")]
    sure = sum_of([item.fill_null(False).cast(pl.Int8) for item in items])
    possible = sum_of([item.fill_null(True).cast(pl.Int8) for item in items])
    return (sure * 3).clip(upper_bound=5), (possible * 3).clip(upper_bound=5)


def _ip() -> tuple[pl.Expr, pl.Expr]:
    bands = [("ip_class1_high_value", 10), ("ip_class1_own", 8), ("ip_class1", 6), ("ip_class2", 2)]
    low, high = pl, pl
    for key, points in bands:
        low = low.when(pl.col(key) >= 1).then(pl.lit(points, pl.Int8))
        high = high.when((pl.col(key) >= 1).fill_null(True)).then(pl.lit(points, pl.Int8))
    return low.otherwise(pl.lit(0, pl.Int8)), high.otherwise(pl.lit(0, pl.Int8))


def _market() -> tuple[pl.Expr, pl.Expr]:
    share, national, provincial = (
        pl.col(key) for key in ("market_share", "market_rank_national", "market_rank_provincial")
    )
    bands = [
        ((share > 10**11) | (national <= 3), 4),
        ((national <= 10) | (provincial <= 3), 3),
        (provincial <= 10, 2),
    ]
    low, high = pl, pl
    for condition, points in bands:
        low = low.when(condition).then(pl.lit(points, pl.Int8))
        high = high.when(condition.fill_null(True)).then(pl.lit(points, pl.Int8))
    return low.otherwise(pl.lit(0, pl.Int8)), high.otherwise(pl.lit(0, pl.Int8))
