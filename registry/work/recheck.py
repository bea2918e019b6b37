"""Judges some firms of a screening again, one by one, by the reading that is the meaning. Stores nothing."""

from collections.abc import Callable
from typing import Any

import polars as pl

from registry.domain.errors import RegistryError
from registry.rules.case import FactSheet
from registry.rules.explain import Judgement, explain
from registry.rules.ruleset import RuleSet

# So many firms of a screening are judged again; a difference means that one reading is wrong.
RECHECKED = 20


class ReadingsDisagree(RegistryError):
    """The two readings of the rules came to different verdicts: no list of this screening may be used."""


def spread(count: int) -> list[int]:
    """Return the places of the firms to judge again, spread over all."""
    return list(range(0, count, max(1, count // RECHECKED)))[:RECHECKED]


def recheck(rule_set: RuleSet, judged: pl.DataFrame, sheet: Callable[[dict[str, Any]], FactSheet | None]) -> None:
    """Hold rows of a screening to the other reading.

    Args:
        judged: a row a firm with its code and every output of judging.
        sheet: gives the facts of a row's firm; None to pass it over.

    Raises:
        ReadingsDisagree: a firm came out otherwise.
    """
    for row in judged.iter_rows(named=True):
        facts = sheet(row)
        unlike = "" if facts is None else _difference(explain(rule_set, facts), row)
        if unlike:
            raise ReadingsDisagree(f"{row['uscc']}: {rule_set.id} {unlike}：两种读法不一致，请报告 (please report)")


def _difference(judgement: Judgement, row: dict[str, Any]) -> str:
    """Return the first criterion on which the readings differ, or nothing."""
    if (judgement.truth, *judgement.scores[None]) != (row["verdict"], row["low"], row["high"]):
        return "verdict"
    for one in judgement.rule_set.criteria:
        finding = judgement.findings[one.key]
        found = (row[f"{one.key}.low"], row[f"{one.key}.high"]) if one.part else row[one.key]
        if found != (finding.points if one.part else finding.truth):
            return one.key
    return ""
