"""Each node of a rule in words, alone and with what a firm brought to it."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from registry.domain.codes import CHOICE_WORDS_EN
from registry.domain.facts import ENTRY_FACTS, Fact, Kind
from registry.domain.periods import NEVER
from registry.rules import tree
from registry.rules.explain import Finding
from registry.rules.explain.points import common_measure
from registry.rules.ruleset import RuleSet
from registry.rules.tree import Node
from registry.rules.units import unit_of
from registry.rules.wording.quantities import (
    Lang,
    as_shown,
    fact_called,
    gap,
    label_of,
    name_of,
    say,
    shown,
)


@lru_cache(maxsize=256)
def _phrases(rule_set: RuleSet, fiscal_year: int, lang: Lang) -> dict[tuple[int, bool | None], str]:
    """Return the phrases that say the same for every firm, by node: what it asks for, or what a number is called.

    Nodes are known by their identity, which holds as long as the rule set does, and the cache keeps that.
    """
    return {}


class Writer:
    """Writes about one rule set in one language; the fiscal year names the years."""

    def __init__(self, rule_set: RuleSet, fiscal_year: int, lang: Lang, facts: Mapping[str, Any] | None = None) -> None:
        self.rule_set, self.fiscal_year, self.lang = rule_set, fiscal_year, lang
        self.criteria = {one.key: one for one in rule_set.criteria}
        self.phrases = _phrases(rule_set, fiscal_year, lang)
        self.facts: Mapping[str, Any] = facts or {}
        self.entry: str | None = None

    def say(self, chinese: str, english: str) -> str:
        """Return the text of the writer's language."""
        return say(self.lang, chinese, english)

    @property
    def colon(self) -> str:
        """Return the colon of the language."""
        return self.say("：", ": ")

    # The rule alone

    def text(self, node: Node, nested: bool = False) -> str:
        """Return what a node asks for."""
        if self.entry:
            return self._text(node, nested)
        known = self.phrases.get((id(node), nested))
        if known is None:
            known = self.phrases[id(node), nested] = self._text(node, nested)
        return known

    def _text(self, node: Node, nested: bool) -> str:  # noqa: C901 - one arm a node of the language
        match node:
            case tree.Compare(left, op, right):
                return f"{self.name(left)} {op.sign} {self.constant(right)}"
            case tree.All(parts) | tree.Any(parts):
                joint = self.say(" 且 ", " and ") if isinstance(node, tree.All) else self.say(" 或 ", " or ")
                joined = joint.join(self.text(part, nested=True) for part in parts)
                return self.say(f"（{joined}）", f"({joined})") if nested else joined
            case tree.AtLeast(k, parts):
                joined = self.say("、", ", ").join(self.text(part, nested=True) for part in parts)
                return self.say(f"至少满足 {k} 项：{joined}", f"at least {k} of: {joined}")
            case tree.Not(tree.Is(key)):
                return f"{self.label(key)}{self.colon}{self.say('否', 'no')}"
            case tree.Not(tree.OneOf(key, choices)):
                return self.say(
                    f"{self.label(key)}：非{self.choices(key, choices)}",
                    f"{self.label(key)}: not {self.choices(key, choices)}",
                )
            case tree.Not(tree.Within(key, years)):
                return self.say(f"{self.label(key)}：近{years}年内无", f"{self.label(key)}: none within {years} years")
            case tree.Not(tree.Ahead(key)):
                return self.say(f"{self.label(key)}：无或已满", f"{self.label(key)}: none, or past")
            case tree.Not(tree.Choose(label=label, label_en=label_en)):
                return self.say(f"未达到{label}标准（按所属行业）", f"not {label_en} by the line of its trade")
            case tree.Not(part):
                return self.say(f"非（{self.text(part)}）", f"not ({self.text(part)})")
            case tree.Is(key, back):
                return f"{self.year(back)}{self.label(key)}{self.colon}{self.say('是', 'yes')}"
            case tree.OneOf(key, choices):
                return (
                    self.choices(key, choices)
                    if self.entry
                    else f"{self.label(key)}{self.colon}{self.choices(key, choices)}"
                )
            case tree.InCodes(key, ranges):
                spans = self.say("、", ", ").join(
                    f"{low:04d}" if low == high else f"{low:04d}–{high:04d}" for low, high in ranges
                )
                return f"{self.label(key)} {spans}"
            case tree.Within(key, years):
                name = self.label(key)
                return self.say(f"{name}在近{years}年内", f"{name} within {years} years")
            case tree.Ahead(key):
                return self.say(f"{self.label(key)}未到", f"{self.label(key)} lies ahead")
            case tree.InForce():
                return self.say("在有效期内", "in force")
            case tree.Some(key, when):
                return self.some(key, when)
            case tree.Choose(label=label, label_en=label_en):
                return self.say(f"达到{label}标准（按所属行业）", f"{label_en} by the line of its trade")
            case tree.Met(key):
                one = self.criteria[key]
                return self.say(one.short or one.label, one.short_en or one.label_en)
            case tree.Reaches(part, points):
                name = self.say("总分", "score") if part is None else self.part(part)
                return f"{name} ≥ {points}"
            case tree.Bands(bands, otherwise):
                measure = common_measure(node)
                if measure:
                    steps = self.say("；", "; ").join(f"{self.line(when)} → {points}" for points, when in bands)
                    return f"{self.name(measure)}{self.colon}{steps}{self.say('；其他', '; else')} → {otherwise}"
                steps = self.say("；", "; ").join(f"{self.text(when)} → {points}" for points, when in bands)
                return f"{steps}{self.say('；其他', '; else')} → {otherwise}"
            case tree.Better(parts):
                return self.say("以下取优：", "the better of: ") + " | ".join(self.text(part) for part in parts)
            case tree.PerItem(each, cap, items):
                joined = self.say("、", ", ").join(self.text(item) for item in items)
                return self.say(
                    f"每项 {each} 分、最高 {cap} 分：{joined}", f"{each} points each, at most {cap}: {joined}"
                )
        return ""

    def some(self, key: str, when: tree.Condition) -> str:
        """Return what an entry of a list fact must be."""
        self.entry = key
        wanted = self.text(when)
        self.entry = None
        return f"{label_of(fact_called(key), self.lang)}{self.colon}{wanted}"

    def name(self, node: tree.Number) -> str:
        """Return what a number is called."""
        if isinstance(node, tree.Amount) and self.entry:
            return self.label(node.key)
        known = self.phrases.get((id(node), None))
        if known is None:
            known = self.phrases[id(node), None] = name_of(node, self.lang, self.fiscal_year)
        return known

    def part(self, key: str) -> str:
        """Return a part's word."""
        one = next(part for part in self.rule_set.parts if part.key == key)
        return self.say(one.label, one.label_en)

    def line(self, when: tree.Condition) -> str:
        """Return the line of a band without what it measures."""
        return f"{when.op.sign} {self.constant(when.right)}" if isinstance(when, tree.Compare) else self.text(when)

    def year(self, back: int | None) -> str:
        """Return the year of a figure in front of its word; nothing for the last one and for facts of the firm."""
        return self.say(f"{self.fiscal_year - back}年", f"{self.fiscal_year - back} ") if back else ""

    def label(self, key: str) -> str:
        """Return a fact's word, of the entry in hand when there is one."""
        return label_of(fact_called(key, self.entry), self.lang)

    def choices(self, key: str, choices: tuple[str, ...]) -> str:
        """Return choices in words."""
        fact = fact_called(key, self.entry)
        return self.say("或", " or ").join(self.choice(fact, one) for one in choices)

    def choice(self, fact: Fact, value: str) -> str:
        """Return a choice in words; a value that no table knows stays itself."""
        english = CHOICE_WORDS_EN.get(fact.key, {}).get(value, value.replace("_", " "))
        return self.say((fact.choices or {}).get(value, value), english)

    def constant(self, right: tree.Const) -> str:
        """Return a constant as the rule has it."""
        if self.lang == "en":
            return (
                right.text.replace("年", "years")
                .replace("分", "points")
                .replace(" 人", "")
                .replace(" 项", "")
                .replace(" 级", "")
                .replace(" 名", "")
            )
        return right.text

    # What a firm brought

    def value(self, finding: Finding) -> str:
        """Return what was found for a node; every number it looked at, each once."""
        return self.say("；", "; ").join(dict.fromkeys(self._values(finding)))

    def _values(self, finding: Finding) -> list[str]:
        node = finding.node
        match node:
            case tree.Compare(left, _, right):
                return [f"{self.name(left)} {self.found(left, finding.value, right.value)}"]
            case tree.Bands() if not finding.children:
                left = node.bands[0][1].left  # type: ignore[attr-defined]
                return [f"{self.name(left)} {self.found(left, finding.value, self.nearest(node, finding))}"]
            case tree.Some(key):
                return [f"{label_of(fact_called(key), self.lang)} {self.entries(key, finding)}"]
            case tree.Met(key):
                return [f"{self.text(node)}{self.say('', ' ')}{self.word(finding.truth)}"]
            case tree.Reaches(part):
                low, high = finding.points or (0, 0)
                name = self.say("总分", "score") if part is None else self.part(part)
                return [f"{name} {low}" if low == high else f"{name} {low}–{high}"]
            case tree.Choose(key) if not finding.children:
                return [f"{self.label(key)} {self.say('未知', 'unknown')}"]
            case tree.InForce():
                return []
        if finding.children:
            return [value for child in finding.children for value in self._values(child)]
        key = getattr(node, "key", "")
        back = node.back if isinstance(node, tree.Is) else None
        if not key:
            return []
        found = self.fact(fact_called(key), None if back else self.facts.get(key), finding)
        return [f"{self.year(back)}{self.label(key)} {found}"]

    def nearest(self, node: tree.Bands, finding: Finding) -> Fraction | None:
        """Return the line of the next better band, so that rounding does not cross it."""
        better = self.next_band(node, finding)
        return better[1].right.value if better else None

    def next_band(self, node: tree.Bands, finding: Finding) -> tuple[int, tree.Compare] | None:
        """Return the band just above the one reached: its points and its line."""
        low, high = finding.points or (0, 0)
        above = [(points, when) for points, when in node.bands if points > low and isinstance(when, tree.Compare)]
        return above[-1] if above and low == high else None

    def found(self, left: tree.Number, value: tuple[int, int] | None, line: Fraction | None) -> str:
        """Return a number as found, or that it is unknown."""
        if value is None:
            return self.say("未知", "unknown")
        return shown(as_shown(left, value), unit_of(left), self.lang, line)

    def fact(self, fact: Fact, value: Any, finding: Finding) -> str:
        """Return a fact that is not a number as found."""
        if fact.kind is Kind.BOOL:
            return {True: self.say("是", "yes"), False: self.say("否", "no"), None: self.say("未知", "unknown")}[
                value if value is not None or finding.truth is None else finding.truth
            ]
        if value is None:
            return self.say("未知", "unknown")
        if fact.choices:
            return self.choice(fact, value)
        if isinstance(value, date):
            return self.say("无", "none") if value == NEVER else value.isoformat()
        return str(value)

    def entries(self, key: str, finding: Finding) -> str:
        """Return the entries that count, or might, or that there are none."""
        if self.facts.get(key) is None:
            return self.say("未知", "unknown")
        counted = [child.entry for child in finding.children if child.truth is not False and child.entry is not None]
        if not counted:
            return self.say("无符合项", "none that counts")
        return self.say("、", ", ").join(self.one_entry(key, self.facts[key][place]) for place in counted)

    def one_entry(self, key: str, entry: Mapping[str, Any]) -> str:
        """Return one entry in short, its parts in the order of the form: 高新技术企业 2022-11-01 – 2025-10-31."""
        words, days = [], []
        for name, fact in ENTRY_FACTS[key].items():
            value = entry.get(name)
            if value is None:
                continue
            if isinstance(value, date):
                days.append(value.isoformat())
            elif name == "rank":
                words.append(self.say(f"第 {value} 名", f"rank {value}"))
            else:
                words.append(self.choice(fact, str(value)))
        return " ".join([*words, " – ".join(days)]).strip()

    def word(self, truth: bool | None) -> str:
        """Return a verdict as a word."""
        return {
            True: self.say("满足", "met"),
            False: self.say("不满足", "not met"),
            None: self.say("待定", "undetermined"),
        }[truth]

    # What is short

    def shortfall(self, finding: Finding) -> str:
        """Return by how much a node is missed; empty when it is met or undetermined."""
        node = finding.node
        if isinstance(node, tree.Bands | tree.Better | tree.PerItem):
            return self._points_short(finding)
        if finding.truth is not False:
            return ""
        match node:
            case tree.Compare(left, _, right) if finding.value:
                far = gap(as_shown(left, finding.value), right.value, unit_of(left), self.lang)
                return f"{self.name(left)} {far}"
            case tree.All():
                return self.say("；", "; ").join(filter(None, (self.shortfall(child) for child in finding.children)))
            case tree.Any():
                return self.say(" 或 ", " or ").join(
                    filter(None, (self.shortfall(child) for child in finding.children))
                )
            case tree.Reaches(_, points):
                high = (finding.points or (0, 0))[1]
                short = points - high
                return self.say(f"还差 {short} 分", f"{short} point{'' if short == 1 else 's'} short")
            case tree.Met():
                return self.say(f"未满足{self.text(node)}", f"not met: {self.text(node)}")
            case tree.AtLeast(k):
                yes = sum(child.truth is True for child in finding.children)
                return self.say(f"还差 {k - yes} 项", f"{k - yes} short")
        return self.say(f"须满足：{self.text(node)}", f"needed: {self.text(node)}")

    def _points_short(self, finding: Finding) -> str:
        node = finding.node
        if isinstance(node, tree.Bands) and finding.value:
            better = self.next_band(node, finding)
            if better:
                points, line = better
                far = gap(as_shown(line.left, finding.value), line.right.value, unit_of(line.left), self.lang)
                return self.say(f"距 {points} 分档{far}", f"{far} to the band of {points}")
        return ""


def rule_text(rule_set: RuleSet, rule: Node, lang: Lang = "zh") -> str:
    """Return a rule in words, for the handbook; years other than the last are told as -1, -2."""
    return Writer(rule_set, 0, lang).text(rule)
