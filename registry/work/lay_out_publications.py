"""Lays out what was published, exactly as it was frozen: the list of publications, and one of them. Counts nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from registry.domain.codes import TIER_WORDS
from registry.domain.standing import ANY_TITLE
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.report import Report, ReportSheet
from registry.store.books import BREAKDOWNS, Key
from registry.store.publications import Publication
from registry.work.count import COUNTS
from registry.work.lay_out_counts import (
    COUNT_WORDS,
    DEFINITIONS,
    HOLDERS,
    KEY_NAMES,
    KEY_WORDS,
    UNKNOWN,
    Made,
    columns_of,
    lines_of,
)
from registry.work.publish import Frozen, parts_of

TOTAL_WORD = "合计"
_CODED = ("district", "industry")


def as_json(head: Publication, made: Made) -> dict[str, Any]:
    """Return what a publication says of itself; moments stand in the zone of the office."""
    return {
        "id": head.id,
        "title": head.title,
        "year": head.year,
        "as_of": head.as_of.isoformat(),
        "known_at": head.known_at.astimezone(made.at.tzinfo).isoformat(),
        "breakdowns": list(head.by),
        "source": head.source,
        "author": head.author,
        "frozen_at": head.frozen_at.astimezone(made.at.tzinfo).isoformat(timespec="seconds"),
        "digest": head.digest,
    }


def frozen_as_json(found: Frozen, made: Made) -> dict[str, Any]:
    """Return a publication with its counts, each as contract §3 has one."""
    counts = [
        {
            "by": list(one.by),
            "rows": [{"tier": row.tier, **row.keys, **row.counts} for row in one.rows],
            "firms": one.firms,
            "titles": one.titles,
            "holders": [{**row.keys, **row.counts} for row in one.holders],
        }
        for one in found.counts
    ]
    return as_json(found.publication, made) | {"counts": counts}


def frozen_report(found: Frozen, made: Made) -> Report:
    """Return a publication as a workbook: a sheet a breakdown."""
    sheets = [
        ReportSheet(words_of(one.by), columns_of(one), list(lines_of(one, (*one.rows, *one.holders))))
        for one in found.counts
    ]
    head = found.publication
    return Report(head.title, cover_of(head, made), list(DEFINITIONS.items()), sheets, made.at, made.author)


def frozen_sheet(found: Frozen) -> ReportSheet:
    """Return every row of a publication under one heading, with its breakdown."""
    names = names_of(found.publication)
    columns = [ListColumn("breakdown", "分组", width=16), ListColumn("tier", "梯度", width=26), *key_columns(names)]
    columns += [ListColumn(name, COUNT_WORDS[name], Style.INTEGER, 10) for name in COUNTS]
    rows = [
        [words_of(one.by), tier_word(row.tier), *key_cells(names, row.keys), *(row.counts[name] for name in COUNTS)]
        for one in found.counts
        for row in (*one.rows, *one.holders)
    ]
    return ReportSheet("公布", columns, rows)


def cover_of(head: Publication, made: Made, prefix: str = "") -> list[CoverLine]:
    """Return what a cover says of a publication.

    Args:
        prefix: tells two publications on one cover apart.
    """
    told = as_json(head, made)
    labels = {
        "id": "公布编号",
        "title": "公布名称",
        "source": "公布文件",
        "year": "统计年度",
        "as_of": "截至日期",
        "known_at": "按此刻已知的账",
        "frozen_at": "冻结时间",
        "author": "冻结人",
        "digest": "摘要 SHA-256",
    }
    return [CoverLine(f"{prefix}{key}", f"{prefix}{label}", told[key]) for key, label in labels.items()]


def names_of(*heads: Publication) -> tuple[str, ...]:
    """Return everything that any row of these publications is broken down by, in the order of the columns."""
    used = {part for head in heads for breakdown in head.by for part in parts_of(breakdown)}
    return tuple(name for name in BREAKDOWNS if name in used)


def words_of(by: Sequence[str]) -> str:
    """Return a breakdown in words."""
    return "与".join(KEY_WORDS[name] for name in by) or TOTAL_WORD


def tier_word(tier: str) -> str:
    """Return a tier in words; firms with whichever title have a row of their own."""
    return HOLDERS if tier == ANY_TITLE else TIER_WORDS[tier]


def key_word(name: str, key: Key) -> str:
    """Return a key in words; one without a name of its own as it is."""
    return KEY_NAMES.get(name, {}).get(key or "", key or UNKNOWN)


def key_columns(names: Iterable[str]) -> list[ListColumn]:
    """Return the columns of keys, with a code where there is one."""
    columns = []
    for name in names:
        if name in _CODED:
            columns.append(ListColumn(f"{name}_code", f"{KEY_WORDS[name]}代码", width=12))
        columns.append(ListColumn(name, KEY_WORDS[name], width=20))
    return columns


def key_cells(names: Iterable[str], keys: Any) -> list[Written]:
    """Return the cells of a row's keys; empty where the row is not broken down by them."""
    cells: list[Written] = []
    for name in names:
        if name in _CODED:
            cells.append(keys.get(name))
        cells.append(key_word(name, keys[name]) if name in keys else None)
    return cells
