"""The words of things, in the reader's language: tiers, districts, facts, money, shares, days.

Only how values are shown; what they mean is decided below.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flask import Flask
from jinja2 import pass_context
from jinja2.runtime import Context

from registry.domain.codes import (
    DISTRICTS,
    DISTRICTS_EN,
    ENTRY_WORDS,
    EXIT_REASONS,
    KIND_WORDS,
    LADDER,
    TIER_WORDS,
    TIER_WORDS_EN,
    TIERS,
)
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, YEAR_FACTS, Fact, Kind
from registry.domain.periods import NEVER
from registry.domain.standing import ANY_TITLE, CHANGES
from registry.domain.trades import DIVISIONS
from registry.web.language import current, of_both
from registry.web.language import say as _

# The three questions that come before the facts of a case.
CASE = {
    "tier": Fact("tier", Kind.CHOICE, "申报梯度", "Tier", choices=TIER_WORDS),
    "kind": Fact("kind", Kind.CHOICE, "申报类型", "Kind of application", choices=KIND_WORDS),
    "on": Fact("on", Kind.DATE, "申报日期", "Day of submission"),
}
_YEAR_PATH = re.compile(r"years\.([0-9]{4})(?:\.(\w+))?")
# An entry of a list, as an assessment names it, titles[0].until, or as the form does, facts.titles-0.until.
_ENTRY_PATH = re.compile(r"(?:facts\.)?(\w+)(?:\[|-)([0-9]+)\]?(?:\.(\w+))?")


def init_app(app: Flask) -> None:
    """Make the words filters of the templates, and give templates the tables of words."""
    spoken = (
        tier,
        short_tier,
        rung,
        change,
        breakdown,
        part,
        entry,
        district,
        industry,
        wan,
        fact_label,
        path_label,
        shown,
        label,
        warning,
    )
    names = {"fact_label": "fact", "path_label": "path"}
    app.jinja_env.filters.update({names.get(one.__name__, one.__name__): not_once(one) for one in spoken})
    app.jinja_env.tests["general"] = lambda key: str(key).startswith("general.")
    app.jinja_env.globals.update(
        verdict_signs=VERDICT_SIGNS,
        tiers=TIERS,
        ladder=LADDER,
        kinds=KIND_WORDS,
        changes=CHANGES,
        any_title=ANY_TITLE,
        districts=DISTRICTS,
        entry_words=ENTRY_WORDS,
        exit_reasons=EXIT_REASONS,
        firm_facts=FIRM_FACTS,
        year_facts=YEAR_FACTS,
        entry_facts=ENTRY_FACTS,
    )


def not_once(word_of: Callable[..., str]) -> Callable[..., str]:
    """Return a filter that is asked each time.

    Jinja works a filter of a constant out when it compiles the template, in the first reader's language, unless
    the filter takes the context.
    """

    @pass_context
    def asked(_context: Context, *what: Any) -> str:
        return word_of(*what)

    return asked


def N_(text: str) -> str:
    """Mark a text that is looked up later."""
    return text


_SHORT_TIERS = {
    "innovative": N_("创新型"),
    "specialized": N_("专精特新"),
    "little_giant": N_("小巨人"),
    "above_scale": N_("规上"),
}

# What a day's stock gained or lost.
_CHANGES = {
    "stock_start": N_("期初"),
    "new": N_("新增"),
    "renewed": N_("复核延续"),
    "reinstated": N_("恢复"),
    "expired": N_("到期"),
    "revoked": N_("撤销"),
    "exited": N_("退出"),
    "moved_in": N_("迁入"),
    "moved_out": N_("迁出"),
    "stock_end": N_("期末"),
}
_BREAKDOWNS = {
    "district": N_("区市"),
    "industry": N_("行业大类"),
    "size": N_("规模"),
    "functional_area": N_("功能区"),
}
_SIZES = {"large": N_("大型"), "medium": N_("中型"), "small": N_("小型"), "micro": N_("微型")}

# A verdict is never told by colour alone.
VERDICT_SIGNS = {"met": "✓", "not_met": "✗", "undetermined": "?"}


def change(key: str) -> str:
    """Return the word of a column of a count."""
    return _(_CHANGES[key])


def breakdown(name: str) -> str:
    """Return what a count is broken down by."""
    return _(_BREAKDOWNS[name])


def part(key: str | None, name: str) -> str:
    """Return a part of a breakdown in words: a district, a trade, a size, a functional area."""
    if key is None:
        return _("未登记")
    if name == "district":
        return district(key)
    if name == "industry":
        return f"{key} {_(DIVISIONS[key])}" if key in DIVISIONS else key
    return _(_SIZES[key]) if name == "size" else key


def rung(key: str | None) -> str:
    """Return a rung of the ladder in short; no title is one too."""
    return short_tier(key) if key else _("无称号")


def tier(key: str) -> str:
    """Return the name of a tier, or of the holders of any title."""
    if key == ANY_TITLE:
        return _("持有任一称号的企业")
    return (TIER_WORDS_EN if current() == "en" else TIER_WORDS).get(key, key)


def short_tier(key: str) -> str:
    """Return a tier in a word or two, for tags and rows."""
    return _(_SHORT_TIERS[key])


def district(code: str | None) -> str:
    """Return the name of a district; a code the table does not know stays itself."""
    if not code:
        return _("未登记")
    return (DISTRICTS_EN if current() == "en" else DISTRICTS).get(code, code)


def industry(code: str | None) -> str:
    """Return a four-digit class with the name of its division."""
    if not code:
        return _("未登记")
    division = DIVISIONS.get(code[:2])
    return f"{code} {_(division)}" if division else code


def wan(fen: int | None) -> str:
    """Return whole fen in 万元: grouped, exact, at least two places; nothing for unknown."""
    if fen is None:
        return ""
    amount = Decimal(fen).scaleb(-6)
    text = f"{amount:,.6f}".rstrip("0")
    whole, _point, places = text.partition(".")
    return f"{whole}.{places:<02}"


def label(one: Mapping[str, Any]) -> str:
    """Return the label of a criterion or of a part of the score."""
    return str((current() == "en" and one.get("label_en")) or one["label"])


def warning(text: str) -> str:
    """Return a warning of an assessment, `PATH: 中文 (english)`, with the fact named in words."""
    path, _colon, message = text.partition(": ")
    return _("%(fact)s：%(message)s", fact=path_label(path), message=of_both(message))


def fact_label(fact: Fact) -> str:
    """Return the word of a fact."""
    return fact.label_en if current() == "en" else fact.label


def path_label(path: str) -> str:
    """Name a fact that an assessment calls by its path, as `years.2023.rd_expense`."""
    found = _YEAR_PATH.fullmatch(path)
    if found:
        year, key = found.groups()
        return _("%(year)s年 %(label)s", year=year, label=_label_in(YEAR_FACTS, key)) if key else year
    found = _ENTRY_PATH.fullmatch(path)
    if found and found[1] in ENTRY_FACTS:
        whole = _label_in(FIRM_FACTS, found[1])
        part = _label_in(ENTRY_FACTS[found[1]], found[3]) if found[3] else ""
        return _("%(list)s 第%(place)s项 %(label)s", list=whole, place=int(found[2]) + 1, label=part).strip()
    return _label_in({**FIRM_FACTS, **CASE}, path.removeprefix("facts."))


def shown(value: Any, fact: Fact) -> str:
    """Return a value of a fact, in base units, as a person writes it; nothing for unknown."""
    if value is None:
        return ""
    match fact.kind:
        case Kind.BOOL:
            return _("是") if value else _("否")
        case Kind.MONEY:
            return _("%(amount)s 万元", amount=wan(value))
        case Kind.SHARE:
            return _plain(Decimal(value).scaleb(-10)) + "%"
        case Kind.SCORE:
            return _plain(Decimal(value).scaleb(-2))
        case Kind.DATE | Kind.DATE_OR_NONE:
            return _("无") if value == NEVER else value.isoformat()
        case Kind.CHOICE:
            return _((fact.choices or {}).get(value, value))
        case Kind.COUNT:
            return f"{value:,}"
        case Kind.LIST:
            return "；".join(entry(given, fact.key) for given in value) or _("无")
    return district(value) if fact.key == "district" else industry(value) if fact.key == "industry" else str(value)


def entry(given: Mapping[str, Any], key: str) -> str:
    """Return an entry of a list fact in short, as 高新技术企业 2022-11-01 – 2025-10-31."""
    parts = [
        _("第 %(rank)s 名", rank=given[part]) if part == "rank" else shown(given[part], fact)
        for part, fact in ENTRY_FACTS[key].items()
        if given.get(part) is not None
    ]
    return " – ".join([" ".join(parts[:2]), *parts[2:]]) if key == "titles" else " ".join(parts)


def _label_in(facts: Mapping[str, Fact], key: str) -> str:
    return fact_label(facts[key]) if key in facts else key


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
