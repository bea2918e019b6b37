"""The same tier for zen-engine: a decision graph with a decision table an indicator and expressions for the rest.

Zen counts in exact decimals but knows two truths, so only firms of which everything is known are compared. Days stand
as day numbers, which spares it the reading of dates.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import zen

from registry.domain.periods import add_years
from registry.rules.case import FactSheet
from tests.bench.hand_written import LARGE, REQUIRED

_FEN_PER_WAN = 1_000_000
_YEARS_AGO = ("", "_1y_ago", "_2y_ago")

# An indicator of one number: its expression and its bands.
_MEASURES: Mapping[str, tuple[str, list[tuple[str, int]]]] = {
    "main_revenue_share": ("main_revenue / revenue", [(">= 0.8", 5), (">= 0.7", 3), (">= 0.6", 1)]),
    "main_revenue_growth": (
        "((main_revenue - main_revenue_1y_ago) / main_revenue_1y_ago"
        " + (main_revenue_1y_ago - main_revenue_2y_ago) / main_revenue_2y_ago) / 2",
        [(">= 0.1", 10), (">= 0.08", 8), (">= 0.06", 6), (">= 0.04", 4), (">= 0", 2)],
    ),
    "chain_points": ("chain_role", [('"key_link"', 5), ('"basic_or_supplier"', 3)]),
    "digital_points": ("digital_level", [(">= 3", 5), (">= 2", 3)]),
    "net_margin": (
        "net_profit / revenue",
        [(">= 0.1", 10), (">= 0.08", 8), (">= 0.06", 6), (">= 0.04", 4), (">= 0.02", 2)],
    ),
    "liability_ratio": ("total_liabilities / total_assets", [("<= 0.5", 5), ("<= 0.6", 3), ("<= 0.7", 1)]),
    "rd_amount": ("rd_expense", [(f">= {line * _FEN_PER_WAN}", at) for line, at in
                                 ((500, 10), (400, 8), (300, 6), (200, 4), (100, 2))]),
    "rd_share": (
        "rd_expense / revenue",
        [(">= 0.1", 10), (">= 0.08", 8), (">= 0.06", 6), (">= 0.04", 4), (">= 0.03", 2)],
    ),
    "rd_staff_share": ("rd_staff / employees", [(">= 0.2", 5), (">= 0.1", 3), (">= 0.05", 1)]),
    "institution_points": (
        "rd_institution",
        [('"national"', 10), ('"provincial"', 8), ('"city"', 4), ('"below_city"', 2)],
    ),
    "field_points": ("local_field", [('"provincial_chain"', 4), ('"provincial"', 3), ('"city"', 2), ('"county"', 1)]),
    "operation_points": ("local_operation_kinds", [(">= 2", 4), (">= 1", 2)]),
    "listing_points": ("listing", [('"listed"', 3), ('"regional"', 1)]),
}  # fmt: skip

# An indicator over several facts: a row is what they must be, empty for anything, and the points.
_WIDE: Mapping[str, tuple[tuple[str, ...], list[tuple[tuple[str, ...], int]]]] = {
    "ip": (
        ("ip_class1_high_value", "ip_class1_own", "ip_class1", "ip_class2"),
        [((">= 1", "", "", ""), 10), (("", ">= 1", "", ""), 8), (("", "", ">= 1", ""), 6), (("", "", "", ">= 1"), 2)],
    ),
    "market_points": (
        ("market_share", "market_rank_national", "market_rank_provincial"),
        [
            (("> 100000000000", "", ""), 4),
            (("", "<= 3", ""), 4),
            (("", "<= 10", ""), 3),
            (("", "", "<= 3"), 3),
            (("", "", "<= 10"), 2),
        ],
    ),
}


def decision(on: date) -> Any:
    """Return the tier, compiled."""
    return zen.ZenEngine().create_decision(json.dumps(graph(on)))


def graph(on: date) -> dict[str, Any]:
    """Return the tier as a graph: tables of points, then the score and the conditions, then the verdict."""
    tables = [_table(key, (field,), [((test,), at) for test, at in bands]) for key, (field, bands) in _MEASURES.items()]
    tables.append(_table("segment_points", ("segment_since",), _segment(on)))
    tables += [_table(key, fields, rows) for key, (fields, rows) in _WIDE.items()]
    tables.append(_size())
    facts = {"id": "facts", "name": "facts", "type": "inputNode", "content": {}}
    judged = _expressions("judged", _conditions(on))
    verdict = _expressions(
        "answer", {"verdict": " and ".join(_variable_of(key) for key in REQUIRED), "score": "score"}, keeps=True
    )
    end = {"id": "end", "name": "end", "type": "outputNode", "content": {}}
    edges = [("facts", table["id"]) for table in tables] + [(table["id"], "judged") for table in tables]
    edges += [("facts", "judged"), ("judged", "answer"), ("answer", "end")]
    return {
        "nodes": [facts, *tables, judged, verdict, end],
        "edges": [
            {"id": f"edge{at}", "type": "edge", "sourceId": source, "targetId": target}
            for at, (source, target) in enumerate(edges)
        ],
    }


def context(sheet: FactSheet) -> dict[str, Any]:
    """Return a firm as the graph reads it."""
    facts: dict[str, Any] = {}
    for key, value in sheet.facts.items():
        facts[key] = (
            [{part: _plain(known) for part, known in entry.items()} for entry in value]
            if isinstance(value, tuple)
            else _plain(value)
        )
    facts["industry"] = int(facts["industry"])
    for suffix, figures in zip(_YEARS_AGO, sheet.figures, strict=False):
        facts |= {key + suffix: value for key, value in figures.items()}
    return facts


def _plain(value: Any) -> Any:
    return value.toordinal() if isinstance(value, date) else value


def _variable_of(key: str) -> str:
    return key.replace(".", "_")


def _segment(on: date) -> list[tuple[tuple[str, ...], int]]:
    return [
        ((f"<= {date(on.year - years, 1, 1).toordinal()}",), points)
        for years, points in ((10, 5), (8, 4), (6, 3), (4, 2), (2, 1))
    ]


def _table(
    key: str, fields: tuple[str, ...], rows: list[tuple[tuple[str, ...], Any]], otherwise: Any = "0"
) -> dict[str, Any]:
    """Return a decision table that gives `key` by the first row that holds."""
    names = [f"in{at}" for at in range(len(fields))]
    every = [*rows, (("",) * len(fields), otherwise)]
    return {
        "id": key,
        "name": key,
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "inputs": [{"id": name, "name": field, "field": field} for name, field in zip(names, fields, strict=True)],
            "outputs": [{"id": "out", "name": key, "field": key}],
            "rules": [
                {"_id": f"{key}{at}", **dict(zip(names, tests, strict=True)), "out": str(answer)}
                for at, (tests, answer) in enumerate(every)
            ],
        },
    }


def _size() -> dict[str, Any]:
    rows = []
    for low, high, fewest, least_revenue, least_assets in LARGE:
        lines = (("employees", fewest), ("revenue", least_revenue * _FEN_PER_WAN),
                 ("total_assets", least_assets * _FEN_PER_WAN))  # fmt: skip
        rows.append(((f"[{low}..{high}]",), " and ".join(f"{key} >= {least}" for key, least in lines if least)))
    return _table("large", ("industry",), rows, "employees >= 300")


def _expressions(key: str, named: Mapping[str, str], *, keeps: bool = False) -> dict[str, Any]:
    return {
        "id": key,
        "name": key,
        "type": "expressionNode",
        "content": {
            "expressions": [{"id": f"{key}.{name}", "key": name, "value": text} for name, text in named.items()],
            "passThrough": keeps,
        },
    }


def _conditions(on: date) -> dict[str, str]:
    today, since = on.toordinal(), add_years(on, -3).toordinal()
    indicators = (*(key for key in _MEASURES if key not in ("rd_amount", "rd_share")), *_WIDE, "segment_points")
    items = ("quality_award", "system_certified", "own_brand", "standard_participation")
    quality = "min([5, 3 * (" + " + ".join(f"({key} ? 1 : 0)" for key in items) + ")])"
    equity = "equity_paid_in + equity_paid_in_1y_ago"
    recent = f"#.on >= {since} and #.on <= {today}"
    wan = _FEN_PER_WAN
    return {
        "quality_management": quality,
        "rd_input": "max([rd_amount, rd_share])",
        "score": " + ".join(indicators) + " + $.quality_management + $.rd_input",
        "direct_award": f"some(awards, {recent} and ((#.level == 'provincial' and #.rank <= 3)"
        " or (#.level == 'national' and #.rank <= 5)))",
        "direct_contest": f"some(contests, #.contest == 'maker_china' and #.top <= 500 and {recent})",
        "direct_rd_expense": f"rd_expense + rd_expense_1y_ago >= {2000 * wan}",
        "direct_equity": f"{equity} >= {6000 * wan}",
        "score_or_direct": "$.score >= 60 or $.direct_award or $.direct_rd_expense or $.direct_equity"
        " or $.direct_contest",
        "rung_below": f"some(titles, #.kind == 'innovative' and #.from <= {today} and #.until >= {today})",
        "years_in_segment": f"segment_since <= {date(on.year - 2, 1, 1).toordinal()}",
        "rd_expense_and_share": f"rd_expense >= {100 * wan} and rd_expense / revenue >= 0.03",
        "revenue_or_equity": f"revenue >= {1000 * wan} or {equity} >= {2000 * wan}",
        "general_legal_entity": "independent_legal_entity",
        "general_sme": "not large",
        "general_no_bad_list": "not on_abnormal_list",
        "general_no_restricted_products": "not restricted_products",
        "general_no_serious_incident": f"not (serious_incident_on >= {since} and serious_incident_on <= {today})",
        "general_not_banned": f"banned_until <= {today}",
    }
