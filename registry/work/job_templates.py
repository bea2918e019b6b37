"""The templates of the lists that can be imported: a header row, and a sheet that says what goes where."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import BinaryIO

from registry.domain.codes import ENTRY_WORDS, EXIT_REASONS, KIND_WORDS, LADDER, TIER_WORDS
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.domain.periods import last_fiscal_year
from registry.sheets.headings import FIRM_HEADINGS, SCALE_HEADINGS, TITLE_HEADINGS
from registry.sheets.layout import CoverLine, ListColumn
from registry.sheets.writing import write_table

LIST_NAMES: Mapping[str, str] = {"firms": "企业名单", "titles": "称号名单", "scale": "规上名单"}
_YEARS = 3
_KINDS: Mapping[Kind, str] = {
    Kind.BOOL: "填“是”或“否”",
    Kind.DATE: "日期，如 2026-05-10",
    Kind.DATE_OR_NONE: "日期，如 2026-05-10；没有则填“无”",
    Kind.COUNT: "整数",
    Kind.SHARE: "百分数，如 12.5%",
    Kind.SCORE: "分数，最多两位小数",
    Kind.TEXT: "文字",
    Kind.MONEY: "金额，单位见表头",
}
_BOOKS: Mapping[str, str] = {
    "uscc": "必填；18 位，设为文本",
    "name": "必填；当时的登记名称",
    "district": "必填；区市名称或六位代码",
    "tier": "必填；" + "、".join(TIER_WORDS[one] for one in LADDER),
    "kind": "必填；" + "、".join(KIND_WORDS.values()),
    "recognised_on": "必填；日期，如 2026-05-10",
    "valid_until": "日期；不填则按公告日期起三年计算",
    "batch": "文字，如 2026年第1批",
    "source": "文件名称与文号",
    "entered_on": "必填；日期，如 2026-05-10",
    "entry": "必填；" + "、".join(ENTRY_WORDS.values()),
    "exited_on": "日期；仍在库则不填",
    "exit_reason": "有退库日期时可填：" + "、".join(EXIT_REASONS.values()),
}


def write_template(out: BinaryIO, which: str, today: date) -> None:
    """Write the template of a list as a workbook.

    Args:
        which: firms, titles or scale.
        today: whose last fiscal years the figures of firms are asked for.
    """
    told = list(_columns(which, today))
    columns = [ListColumn(key, heading, width=max(12, 2 * len(heading) + 2)) for key, heading, _how in told]
    cover = [
        CoverLine(
            "how", "填写说明", "在后面的工作表中自第 2 行起填写，每行一条；表头不要改动，不需要的列可以留空或删除"
        ),
        CoverLine("again", "重复导入", "同一份名单导入两次不会产生变化；空白单元格不会清除已有资料"),
        *(CoverLine(key, heading, how) for key, heading, how in told),
    ]
    write_table(out, "xlsx", LIST_NAMES[which], columns, [], cover)


def _columns(which: str, today: date) -> Iterator[tuple[str, str, str]]:
    """Yield the columns of a list: key, header, and what goes there."""
    if which != "firms":
        headings = TITLE_HEADINGS if which == "titles" else SCALE_HEADINGS
        for key, heading in headings.items():
            yield key, heading, _BOOKS[key]
        return
    yield "uscc", FIRM_HEADINGS["uscc"], _BOOKS["uscc"]
    yield "name", FIRM_HEADINGS["name"], "必填；现登记名称"
    for key, fact in FIRM_FACTS.items():
        if fact.kind is not Kind.LIST:
            yield key, fact.label, _how(fact)
    last = last_fiscal_year(today)
    for year in range(last, last - _YEARS, -1):
        for key, fact in YEAR_FACTS.items():
            unit = "(万元)" if fact.kind is Kind.MONEY else ""
            yield f"{key}@{year}", f"{year}年{fact.label}{unit}", _how(fact)


def _how(fact: Fact) -> str:
    if fact.key == "district":
        return "区市名称或六位代码"
    if fact.kind is Kind.CHOICE:
        return "、".join((fact.choices or {}).values())
    return f"{fact.digits} 位代码，设为文本" if fact.kind is Kind.CODE else _KINDS[fact.kind]
