"""Lays out a recount and a reconciliation: the numbers, and the firms behind them with the reasons. Counts nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.domain.codes import EVENT_WORDS
from registry.domain.standing import EFFECTS
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.sheets.report import Report, ReportSheet
from registry.work.count import FLOWS
from registry.work.firms_behind import FirmLine, Reason
from registry.work.lay_out_counts import COUNT_WORDS, DEFINITIONS, KEY_WORDS, Made
from registry.work.lay_out_publications import (
    as_json,
    cover_of,
    key_cells,
    key_columns,
    key_word,
    names_of,
    tier_word,
    words_of,
)
from registry.work.reconcile import Bridge, Reconciliation
from registry.work.recount import Recount

WHAT_WORDS: Mapping[str, str] = {
    "added": "增加",
    "lost": "减少",
    "moved": "区市不同",
    "reclassified": "行业、规模或功能区不同",
}
REASON_WORDS: Mapping[str, str] = {
    "late": "补录",
    "corrected": "更正",
    "taken_back": "收回",
    "classed": "行业、规模或功能区更新",
}
_BRIDGE_WORDS: Mapping[str, str] = {
    "stock_from": "先公布期末",
    "added": "补计",
    "lost": "剔除",
    "corrected_in": "区市更正转入",
    "corrected_out": "区市更正转出",
    "stock_amended": "先公布日的期末，按后来已知",
    **{name: COUNT_WORDS[name] for name in FLOWS},
    "stock_to": "后公布期末",
}
_MEANINGS = {
    "补录": "公布后才入账的事项 (recorded late)",
    "更正": "同一次入账中收回旧的、写入新的 (taken back and stated anew)",
    "收回": "公布后被收回，未另行写入 (taken back)",
    "影响": "该企业使合计数增加或减少多少 (its effect on the total)",
}


def recount_as_json(found: Recount, made: Made) -> dict[str, Any]:
    """Return a recount: `numbers` that differ, and the `firms` behind them, of which `firms_total` says how many."""
    return {
        "publication": as_json(found.frozen.publication, made),
        "known_at": found.known_at.astimezone(made.at.tzinfo).isoformat(),
        "numbers": [
            {"by": list(line.by), "tier": line.tier, **line.keys, "measure": line.measure}
            | {"frozen": line.frozen, "now": line.now, "difference": line.difference}
            for line in found.numbers
        ],
        "firms_total": found.firms_total,
        "firms": [_firm_as_json(line, made) for line in found.firms],
    }


def recount_sheets(found: Recount, made: Made) -> dict[str, ReportSheet]:
    """Return the sheets of a recount by their keys."""
    names = names_of(found.frozen.publication)
    columns = [ListColumn("by", "分组", width=16), ListColumn("tier", "梯度", width=26), *key_columns(names)]
    columns += [ListColumn("measure", "指标", width=10), ListColumn("frozen", "公布数", Style.INTEGER, 10)]
    columns += [ListColumn("now", "现计数", Style.INTEGER, 10), ListColumn("difference", "差", Style.INTEGER, 8)]
    rows: list[list[Written]] = []
    for line in found.numbers:
        row: list[Written] = [words_of(line.by), tier_word(line.tier), *key_cells(names, line.keys)]
        rows.append([*row, COUNT_WORDS[line.measure], line.frozen, line.now, line.difference])
    note = "" if rows else "与公布数完全一致 (nothing differs)"
    return {"numbers": ReportSheet("差异", columns, rows, note=note), "firms": _firm_sheet(found, names, made)}


def recount_report(found: Recount, made: Made) -> Report:
    """Return a recount as a workbook."""
    head = found.frozen.publication
    moment = found.known_at.astimezone(made.at.tzinfo).isoformat()
    cover = [
        *cover_of(head, made),
        CoverLine("recounted_at", "重计所按的账", moment),
        CoverLine("made_at", "制表时间", made.at.isoformat(timespec="seconds")),
        CoverLine("numbers", "有差异的数", len(found.numbers)),
        CoverLine("firms_total", "背后的企业行", found.firms_total),
    ]
    sheets = list(recount_sheets(found, made).values())
    definitions = [*DEFINITIONS.items(), *_MEANINGS.items()]
    return Report(f"{head.title} 重计差异", cover, definitions, sheets, made.at, made.author)


def reconciliation_as_json(found: Reconciliation, made: Made) -> dict[str, Any]:
    """Return a reconciliation: a `rows` entry a tier and district, and the `firms` behind what was amended."""
    return {
        "from": as_json(found.earlier.publication, made),
        "to": as_json(found.later.publication, made),
        "rows": [{"by": list(one.by), "tier": one.tier, **one.keys} | _parts(one) for one in found.bridges],
        "firms_total": found.firms_total,
        "firms": [_firm_as_json(line, made) for line in found.firms],
    }


def reconciliation_sheets(found: Reconciliation, made: Made) -> dict[str, ReportSheet]:
    """Return the sheets of a reconciliation by their keys."""
    names = tuple({name: None for one in found.bridges for name in one.by})
    columns = [ListColumn("by", "分组", width=12), ListColumn("tier", "梯度", width=26), *key_columns(names)]
    columns += [ListColumn(name, word, Style.INTEGER, 12) for name, word in _BRIDGE_WORDS.items()]
    rows: list[list[Written]] = [
        [words_of(one.by), tier_word(one.tier), *key_cells(names, one.keys), *_parts(one).values()]
        for one in found.bridges
    ]
    signs = "".join(f"{'＋' if EFFECTS[name] > 0 else '－'}{COUNT_WORDS[name]}" for name in FLOWS if EFFECTS[name])
    note = f"先公布期末＋补计－剔除＋区市更正转入－区市更正转出{signs}＝后公布期末，逐行成立。"
    return {"numbers": ReportSheet("对账", columns, rows, note=note), "firms": _firm_sheet(found, names, made)}


def reconciliation_report(found: Reconciliation, made: Made) -> Report:
    """Return a reconciliation as a workbook."""
    cover = [
        *cover_of(found.earlier.publication, made, "先·"),
        *cover_of(found.later.publication, made, "后·"),
        CoverLine("made_at", "制表时间", made.at.isoformat(timespec="seconds")),
        CoverLine("firms_total", "背后的企业行", found.firms_total),
    ]
    title = f"{found.earlier.publication.title} 与 {found.later.publication.title} 对账"
    sheets = list(reconciliation_sheets(found, made).values())
    return Report(title, cover, [*DEFINITIONS.items(), *_MEANINGS.items()], sheets, made.at, made.author)


def _parts(one: Bridge) -> dict[str, int]:
    return {name: one.changes[name] if name in FLOWS else getattr(one, name) for name in _BRIDGE_WORDS}


def _firm_sheet(found: Recount | Reconciliation, names: Sequence[str], made: Made) -> ReportSheet:
    columns = [ListColumn("uscc", "统一社会信用代码", width=22), ListColumn("name", "企业名称", width=30)]
    columns += [ListColumn("tier", "梯度", width=26), ListColumn("measure", "指标", width=10)]
    columns += [ListColumn("what", "情形", width=12), ListColumn("effect", "影响", Style.INTEGER, 8)]
    for name in names:
        columns.append(ListColumn(f"then_{name}", f"先前{KEY_WORDS[name]}", width=18))
        columns.append(ListColumn(f"now_{name}", f"后来{KEY_WORDS[name]}", width=18))
    columns += [ListColumn("reason", "原因", width=16), ListColumn("known_at", "入账时间", width=28)]
    columns += [ListColumn("source", "依据", width=30), ListColumn("said", "台账条目", width=50)]
    rows = [_firm_row(line, names, made) for line in found.firms]
    cut = found.firms_total - len(found.firms)
    note = f"另有 {cut} 行未列出 (not all are listed)" if cut else ""
    return ReportSheet("企业", columns, rows, note=note)


def _firm_row(line: FirmLine, names: Sequence[str], made: Made) -> list[Written]:
    row: list[Written] = [line.uscc, line.name, tier_word(line.tier), COUNT_WORDS[line.measure]]
    row += [WHAT_WORDS[line.what], line.effect]
    for name in names:
        row += [None if keys is None else key_word(name, keys[name]) for keys in (line.then, line.now)]
    kinds = dict.fromkeys(REASON_WORDS[reason.kind] for reason in line.reasons)
    row += ["、".join(kinds), "；".join(_moment(reason, made) for reason in line.reasons)]
    row.append("；".join(dict.fromkeys(reason.deed.source for reason in line.reasons)))
    return [*row, "；".join(_said(reason) for reason in line.reasons if reason.said)]


def _said(reason: Reason) -> str:
    told = [
        f"#{one.seq} {'收回 ' if one.is_taken_back else ''}{one.on} {EVENT_WORDS.get(one.tag, one.tag)}"
        for one in reason.said
    ]
    return "，".join(told)


def _moment(reason: Reason, made: Made) -> str:
    return reason.deed.filed_at.astimezone(made.at.tzinfo).isoformat(timespec="seconds")


def _firm_as_json(line: FirmLine, made: Made) -> dict[str, Any]:
    reasons = [
        {
            "kind": reason.kind,
            "known_at": reason.deed.filed_at.astimezone(made.at.tzinfo).isoformat(),
            "deed": reason.deed.deed,
            "source": reason.deed.source,
            "by": reason.deed.actor,
            "entries": [
                {
                    "seq": one.seq,
                    "takes_effect_on": one.on.isoformat(),
                    "tag": one.tag,
                    "tier": one.tier,
                    "district": one.district,
                    "taken_back": one.is_taken_back,
                }
                for one in reason.said
            ],
        }
        for reason in line.reasons
    ]
    told: dict[str, Any] = {"uscc": line.uscc, "name": line.name, "tier": line.tier, "measure": line.measure}
    told |= {"what": line.what, "effect": line.effect}
    told |= {"then": dict(line.then) if line.then else None, "now": dict(line.now) if line.now else None}
    return told | {"reasons": reasons}
