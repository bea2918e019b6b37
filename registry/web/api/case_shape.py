"""The body of an assessment as JSON Schema, made of the dictionary of facts. What it admits is read by the domain."""

from typing import Any

from registry.domain.codes import KIND_WORDS, TIER_WORDS
from registry.domain.facts import ENTRY_FACTS, FIRM_FACTS, MONEY_BOUND_YUAN, YEAR_FACTS, Fact, Kind

Told = dict[str, Any]
_YEARS = "^(1949|19[5-9][0-9]|2[01][0-9]{2})$"
_MOST_ENTRIES = 1000


def case_shape() -> Told:
    """Return the shape of `{tier, kind, on, firm}`."""
    return {
        "type": "object",
        "description": "一个案件：哪家企业，哪一天，申报哪一级 · A case: which firm, which day, for which tier",
        "required": ["tier", "kind", "on", "firm"],
        "additionalProperties": False,
        "properties": {
            "tier": {"type": "string", "enum": list(TIER_WORDS)},
            "kind": {"type": "string", "enum": list(KIND_WORDS)},
            "on": {"type": "string", "format": "date", "description": "提交日期 · Day of submission"},
            "firm": _firm(),
        },
    }


def _firm() -> Told:
    return {
        "type": "object",
        "description": "未给出或为 null 的事实即为未知 · A fact that is absent or null is unknown",
        "required": ["uscc", "name"],
        "additionalProperties": False,
        "properties": {
            "uscc": {"type": "string", "format": "uscc", "minLength": 18, "description": "统一社会信用代码"},
            "name": {"type": "string", "minLength": 1, "description": "企业名称，至多 200 字 · Name"},
            "facts": {
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {key: _fact(fact) for key, fact in FIRM_FACTS.items()},
            },
            "years": {
                "type": ["object", "null"],
                "description": "按财务年度 · By fiscal year",
                "additionalProperties": False,
                "patternProperties": {
                    _YEARS: {
                        "type": ["object", "null"],
                        "additionalProperties": False,
                        "properties": {key: _fact(fact) for key, fact in YEAR_FACTS.items()},
                    }
                },
            },
        },
    }


def _fact(fact: Fact) -> Told:
    told = f"{fact.label} · {fact.label_en}"
    return {"description": told + _UNITS.get(fact.kind, ""), **_value(fact)}


_UNITS = {Kind.MONEY: "（元，至多两位小数 yuan）", Kind.SHARE: "（0–1）", Kind.SCORE: "（0–100，至多两位小数）"}


def _value(fact: Fact) -> Told:
    match fact.kind:
        case Kind.BOOL:
            return {"type": ["boolean", "null"]}
        case Kind.COUNT if fact.allowed:
            return {"type": ["integer", "null"], "enum": [*fact.allowed, None]}
        case Kind.COUNT:
            return {"type": ["integer", "null"], "minimum": fact.low, "maximum": fact.high}
        case Kind.MONEY:
            least = {"exclusiveMinimum": -MONEY_BOUND_YUAN} if fact.signed else {"minimum": 0}
            return {"type": ["number", "null"], **least, "exclusiveMaximum": MONEY_BOUND_YUAN}
        case Kind.SHARE:
            return {"type": ["number", "null"], "minimum": 0, "maximum": 1}
        case Kind.SCORE:
            return {"type": ["number", "null"], "minimum": 0, "maximum": 100}
        case Kind.DATE:
            return {"type": ["string", "null"], "format": "date"}
        case Kind.DATE_OR_NONE:
            return {"anyOf": [{"type": "string", "format": "date"}, {"const": "none"}, {"type": "null"}]}
        case Kind.CHOICE:
            return {"type": ["string", "null"], "enum": [*(fact.choices or ()), None]}
        case Kind.CODE:
            return {"type": ["string", "null"], "pattern": f"^[0-9]{{{fact.digits}}}$"}
        case Kind.LIST:
            return {"type": ["array", "null"], "maxItems": _MOST_ENTRIES, "items": _entry(fact.key)}
        case _:
            return {"type": ["string", "null"], "minLength": 1}


def _entry(key: str) -> Told:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _fact(fact) for name, fact in ENTRY_FACTS[key].items()},
    }


EXAMPLE: Told = {
    "tier": "specialized",
    "kind": "new",
    "on": "2024-05-10",
    "firm": {
        "uscc": "91370200264574251E",
        "name": "青岛示例轴承有限公司",
        "facts": {"district": "370285", "industry": "3451", "independent_legal_entity": True, "ip_class1": 3},
        "years": {"2023": {"revenue": 61230000.00, "rd_expense": 3100000.00}},
    },
}
