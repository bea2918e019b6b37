"""The watch-lists as data: what each list is and rests on, and the lines it is drawn with (policy §8, §10).

Loads `watch/lists.toml`; decides of no firm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from registry.domain.errors import Refused, RuleError
from registry.policy.files import read_file
from registry.policy.updates import duty_of

FILE = "watch/lists"
# Fen in 万元.
WAN = 1_000_000
KINDS = frozenset(("text", "money", "bool", "tier", "tiers", "date", "count", "verdict"))


@dataclass(frozen=True, slots=True)
class WatchColumn:
    """A figure that matters in a list.

    Attributes:
        kind: how it is told, one of KINDS; money in whole fen.
    """

    key: str
    label: str
    label_en: str
    kind: str


@dataclass(frozen=True, slots=True)
class WatchList:
    """One watch-list.

    Attributes:
        source: what it rests on; [D] marks what this project decided.
        unknown: of which firms it cannot be told whether they belong; empty where it always can.
        columns: the figures that its entries hold.
        takes: which of `tier` and `days` may be asked for.
    """

    key: str
    name: str
    name_en: str
    definition: str
    definition_en: str
    source: str
    source_en: str
    unknown: str
    unknown_en: str
    columns: tuple[WatchColumn, ...]
    takes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day by which the figures of the last fiscal year are due, and what says so."""

    on: date
    source: str
    source_en: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that lists are drawn with; money in whole fen.

    Attributes:
        industry: the first and the last class of the industrial divisions.
    """

    threshold: int
    pool_from: int
    near_from: int
    industry: tuple[str, str]
    expiring_days: int


@cache
def watch_lists() -> Mapping[str, WatchList]:
    """Return the lists by key, in their order.

    Raises:
        RuleError: a list or a column is incomplete.
    """
    content = read_file(FILE)
    return {row["key"]: _list(row, content["columns"]) for row in content["lists"]}


def _list(row: Mapping[str, Any], columns: Mapping[str, Any]) -> WatchList:
    try:
        told = tuple(WatchColumn(key, **columns[key]) for key in row["columns"])
        found = WatchList(
            **{
                name: row[name]
                for name in ("key", "name", "name_en", "definition", "definition_en", "source", "source_en")
            },
            unknown=row.get("unknown", ""),
            unknown_en=row.get("unknown_en", ""),
            columns=told,
            takes=frozenset(row.get("takes", ())),
        )
    except (KeyError, TypeError) as error:
        raise RuleError(f"ill-formed: {error!r}", file=f"{FILE}.toml", criterion=row.get("key", "")) from None
    wrong = [column.key for column in told if column.kind not in KINDS]
    if wrong:
        raise RuleError(f"columns of no known kind: {', '.join(wrong)}", file=f"{FILE}.toml", criterion=found.key)
    return found


def watch_list(key: str) -> WatchList:
    """Return a list by its key.

    Raises:
        Refused: at `list`, naming those there are.
    """
    if key not in watch_lists():
        raise Refused.at("list", f"没有清单 {key!r}；现有 {'、'.join(watch_lists())} (no such list)")
    return watch_lists()[key]


@cache
def lines() -> Lines:
    """Return the lines of the lists."""
    numbers = read_file(FILE)["numbers"]
    first, last = numbers["divisions"]
    threshold = numbers["threshold"] * WAN
    return Lines(
        threshold=threshold,
        pool_from=numbers["pool_from"] * WAN,
        near_from=threshold * numbers["near_percent"] // 100,
        industry=(f"{first}00", f"{last}99"),
        expiring_days=numbers["expiring_days"],
    )


def update_deadline(year: int) -> Deadline | None:
    """Return by when the figures of the year before are due in a year; None before any rule asked for them."""
    duty = duty_of(year)
    return Deadline(duty.due_on, duty.source, duty.source_en) if duty else None
