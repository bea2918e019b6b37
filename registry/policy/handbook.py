"""A rule set as a handbook in Markdown: criteria, citations, lines, and the cases that stand on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from registry.domain.codes import CHOICE_WORDS, KIND_WORDS, TIER_WORDS, TIER_WORDS_EN
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.policy.cases import SCORE, VERDICT, Case, cases_of, size_cases
from registry.policy.choice import spans
from registry.policy.files import read_file
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.wording import rule_text

_VERDICTS = {"met": "满足 met", "not_met": "不满足 not met", "undetermined": "待定 undetermined"}
_SIZES = {"large": "大型", "medium": "中型", "small": "小型"}


def handbook(rule_set: RuleSet) -> str:
    """Return a rule set for one kind of case as Markdown: Chinese, with the names in English beside it."""
    cases = cases_of(rule_set)
    lines = [*_opening(rule_set), *_parts(rule_set)]
    for one in rule_set.criteria:
        lines += _criterion(rule_set, one, [case for case in cases if case.criterion == one.key])
    lines += _totals(rule_set, cases)
    lines += ["## 总评算例 Verdicts", "", *_table(case for case in cases if case.criterion == VERDICT)]
    if any(one.key == "general.sme" for one in rule_set.criteria):
        lines += _sizes()
    return "\n".join(lines).rstrip() + "\n"


def _opening(rule_set: RuleSet) -> Iterator[str]:
    yield f"# {rule_set.title} {rule_set.title_en}"
    yield ""
    yield f"- 标准 Rule set：`{rule_set.id}`"
    yield f"- 梯度 Tier：{TIER_WORDS[rule_set.tier]} {TIER_WORDS_EN[rule_set.tier]}；{KIND_WORDS[rule_set.kind]}"
    yield f"- 文件 Document：{rule_set.document}"
    if rule_set.issued_on:
        yield f"- 印发 Issued：{rule_set.issued_on}"
    yield f"- 摘要 Digest：`{rule_set.digest}`"
    for row in spans():
        if row.rule_set == rule_set.id:
            kinds = "、".join(KIND_WORDS[kind] for kind in row.kinds)
            yield f"- 适用 Applies：{kinds}，{row.first} 至 {row.last or '今'} 提交。{row.why} ({row.why_en})"
    yield ""
    yield "算例未写明的事实即为未知；“基准企业”满足全部条款。"
    yield "What a case does not state is unknown; the base firm (基准企业) meets every criterion."
    yield ""


def _parts(rule_set: RuleSet) -> Iterator[str]:
    if rule_set.parts:
        yield from ("## 评分结构 Parts", "", "| 部分 Part | 满分 Max | 指标 Indicators |", "|---|---|---|")
        for part in rule_set.parts:
            indicators = "、".join(f"{one.label}（{one.max}）" for one in rule_set.indicators(part.key))
            yield f"| {part.label} {part.label_en} | {part.max} | {_cell(indicators)} |"
        yield from (f"| 合计 Total | {rule_set.max} | |", "")


def _criterion(rule_set: RuleSet, one: Criterion, cases: list[Case]) -> Iterator[str]:
    yield f"## {one.label}"
    yield ""
    yield f"{one.label_en} · `{one.key}`"
    yield ""
    yield f"- 依据 Source：{one.source}"
    if one.part:
        part = next(part for part in rule_set.parts if part.key == one.part)
        yield f"- 计分 Scores in：{part.label} {part.label_en}，最高 {one.max} 分"
    elif not one.required:
        yield "- 供其他条款引用 Serves another criterion"
    yield f"- 规则 Rule：{rule_text(rule_set, one.rule)}"
    yield f"- In English：{rule_text(rule_set, one.rule, 'en')}"
    if one.note:
        yield f"- 注 Note：{one.note}"
    yield ""
    yield from _table(cases)


def _totals(rule_set: RuleSet, cases: Sequence[Case]) -> Iterator[str]:
    scores = [case for case in cases if case.criterion.partition(".")[0] == SCORE]
    if scores:
        yield from ("## 得分算例 Scores", "")
        for part in (None, *rule_set.parts):
            rows = [case for case in scores if case.criterion == (f"{SCORE}.{part.key}" if part else SCORE)]
            if rows:
                yield from (f"### {part.label if part else '总分 Total'}", "", *_table(rows))


def _sizes() -> Iterator[str]:
    """Give the table of sizes and its cases: what general condition SME rests on."""
    table = read_file("size-2011")
    yield f"## 附：{table['document']['title']} Sizes（{table['document']['number']}）"
    yield from ("", "| 行业 Trade | 代码 Codes | 大型 Large | 中型 Medium | 小型 Small |", "|---|---|---|---|---|")
    for row in table["trades"]:
        codes = "、".join(f"{low:04d}–{high:04d}" for low, high in row.get("codes", ())) or "其余"
        yield f"| {row['label']} | {codes} | " + " | ".join(_size_text(row[size]) for size in _SIZES) + " |"
    yield ""
    for size, word in _SIZES.items():
        cases = [case for case in size_cases() if case.criterion == f"size.{size}"]
        yield from (f"### 达到{word}标准 At least {size}", "", *_table(cases))


def _size_text(rule: str) -> str:
    """Return a line of the size table with facts called by their labels."""
    for key in ("employees", "revenue", "total_assets"):
        rule = rule.replace(key, YEAR_FACTS[key].label)
    return rule.replace(" and ", " 且 ").replace(">=", "≥")


def _table(cases: Iterable[Case]) -> list[str]:
    """Return cases as a table, and nothing where there are none."""
    rows = [f"| {_cell(case.name)} | {case.on} | {_cell(_given(case))} | {_cell(_expected(case))} |" for case in cases]
    return ["| 算例 Case | 提交日 On | 已知 Given | 结果 Expected |", "|---|---|---|---|", *rows, ""] if rows else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _expected(case: Case) -> str:
    if case.points is not None:
        low, high = case.points
        return f"{low} 分" if low == high else f"{low}–{high} 分"
    verdict = _VERDICTS[case.expect or ""]
    return f"{verdict}（{'、'.join(f'`{key}`' for key in case.because)}）" if case.because else verdict


def _given(case: Case) -> str:
    stated = [f"{FIRM_FACTS[key].label} {_value(FIRM_FACTS[key], value)}" for key, value in case.given["facts"].items()]
    for year, figures in case.given["years"].items():
        for key, value in figures.items():
            stated.append(f"{year}年{YEAR_FACTS[key].label} {_value(YEAR_FACTS[key], value)}")
    removed = [_name_of_path(path) for path in case.unset]
    words = [*(["基准企业"] if case.on_base else []), *stated, *([f"未知：{'、'.join(removed)}"] if removed else [])]
    return "；".join(words) or "均未知"


def _name_of_path(path: str) -> str:
    group, *rest = path.split(".")
    return FIRM_FACTS[rest[0]].label if group == "facts" else f"{rest[0]}年{YEAR_FACTS[rest[1]].label}"


def _value(fact: Fact, value: Any) -> str:
    """Return a fact as a case file states it, in Chinese."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_entry(fact.key, entry) for entry in value) or "无"
    if fact.kind is Kind.SHARE:
        return f"{(Decimal(value) * 100).normalize():f}%"
    if fact.kind is Kind.MONEY:
        return f"{Decimal(value).normalize():f}万元"
    if fact.kind is Kind.CHOICE:
        return CHOICE_WORDS[fact.key][value]
    if value == "none":
        return "无"
    return value.isoformat() if isinstance(value, date) else str(value)


def _entry(key: str, entry: Mapping[str, Any]) -> str:
    known = ENTRY_FACTS[key]
    return "（" + "，".join(f"{known[part].label} {_value(known[part], value)}" for part, value in entry.items()) + "）"
