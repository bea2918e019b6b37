"""Screens the register: every firm judged for a tier on a day, those nearest to passing first. Stores nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from registry.domain.periods import last_fiscal_year
from registry.policy import DEFAULTS, Chosen, Options, choose
from registry.rules.case import FactSheet, sheet_of
from registry.rules.columns import Frames, columns_needed, judge
from registry.rules.ruleset import RuleSet
from registry.rules.wording import VERDICTS
from registry.store.frames import awards_frame, contests_frame, firms_frame, titles_frame
from registry.store.records import firm_records
from registry.work.recheck import recheck, spread


@dataclass(frozen=True, slots=True)
class Screened:
    """One firm of a screening.

    Attributes:
        verdict: `met`, `not_met` or `undetermined`.
        low, high: the range of the score; None where the rule set has none.
        fails, undetermined: keys of the required criteria that are not met, and that are open.
    """

    uscc: str
    name: str
    district: str | None
    verdict: str
    low: int | None
    high: int | None
    fails: Sequence[str]
    undetermined: Sequence[str]


@dataclass(frozen=True, slots=True)
class Screening:
    """A screening of the register: what judged, and a frame of firms in order."""

    chosen: Chosen
    on: date
    district: str | None
    firms: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Return how many firms came to each verdict."""
        found = dict(self.firms.group_by("verdict").len().iter_rows())
        return {word: found.get(truth, 0) for truth, word in VERDICTS.items()}

    def rows(self) -> Iterator[Screened]:
        """Yield the firms, nearest to passing first."""
        scored = self.chosen.rule_set.max > 0
        for row in self.firms.iter_rows(named=True):
            yield Screened(
                row["uscc"],
                row["name"],
                row["district"],
                VERDICTS[row["verdict"]],
                row["low"] if scored else None,
                row["high"] if scored else None,
                row["fails"],
                row["open"],
            )


def screen(
    session: Session,
    tier: str,
    kind: str,
    on: date,
    *,
    district: str | None = None,
    rule_set: str | None = None,
    options: Options = DEFAULTS,
) -> Screening:
    """Judge every firm of the register.

    Met come first, then undetermined, then not met; within them the fewest failing criteria, the fewest open
    ones, the higher score, the code.

    Args:
        rule_set: judge by this one instead of the one that applies on the day; to compare.

    Raises:
        Refused: no rule set applies on the day, or the one asked for is not of this tier and kind.
        ReadingsDisagree: a firm judged again one by one came out otherwise.
    """
    chosen = choose(tier, kind, on, options, rule_set=rule_set)
    frames = read_frames(session, chosen.rule_set, on, district)
    judged = judge(chosen.rule_set, frames, on)
    firms = pl.concat([frames.firms.select("uscc", "name", "district"), judged], how="horizontal")
    _recheck(session, chosen.rule_set, firms, on)
    return Screening(chosen, on, district, in_order(chosen.rule_set, firms.lazy()))


def read_frames(session: Session, rule_set: RuleSet, on: date, district: str | None = None) -> Frames:
    """Read what a rule set asks of the register: the columns it names and no others."""
    needed = columns_needed(rule_set)
    firms = firms_frame(session, last_fiscal_year(on), district=district, facts=needed | {"district"})
    readers = {"titles": titles_frame, "awards": awards_frame, "contests": contests_frame}
    return Frames(firms, {key: read(session) for key, read in readers.items() if f"{key}_known" in needed})


def in_order(rule_set: RuleSet, judged: pl.LazyFrame) -> pl.DataFrame:
    """Return the firms of a screening in its order (see `screen`), with the keys of what they fail and what is open.

    Args:
        judged: the code, name and district of each firm, and every output of judging.
    """
    required = [one.key for one in rule_set.criteria if one.required]
    fails = [pl.when(~pl.col(key)).then(pl.lit(key)) for key in required]
    open_ = [pl.when(pl.col(key).is_null()).then(pl.lit(key)) for key in required]
    nearness = pl.when(pl.col("verdict")).then(0).when(pl.col("verdict").is_null()).then(1).otherwise(2)
    ordered: pl.DataFrame = (
        judged.select(
            "uscc",
            "name",
            "district",
            "verdict",
            "low",
            "high",
            pl.concat_list(fails).list.drop_nulls().alias("fails"),
            pl.concat_list(open_).list.drop_nulls().alias("open"),
            nearness.alias("nearness"),
        )
        .sort(
            "nearness",
            pl.col("fails").list.len(),
            pl.col("open").list.len(),
            pl.col("high"),
            pl.col("low"),
            "uscc",
            descending=[False, False, False, True, True, False],
        )
        .drop("nearness")
        .collect()
    )
    return ordered


def _recheck(session: Session, rule_set: RuleSet, firms: pl.DataFrame, on: date) -> None:
    chosen = firms[spread(firms.height)]
    records = firm_records(session, chosen["uscc"].to_list())

    def sheet(row: dict[str, Any]) -> FactSheet | None:
        record = records.get(row["uscc"])
        return None if record is None else sheet_of(record.firm, on, record.incomplete_lists)

    recheck(rule_set, chosen, sheet)
