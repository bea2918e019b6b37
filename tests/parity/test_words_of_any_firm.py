"""Whatever a firm brings, every criterion of every rule set finds its words, in both languages, without a slip."""

import json
import re
from datetime import date
from random import Random

import pytest
from firms_on_lines import Drawer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_at_random import RuleDrawer

from registry.policy import load, rule_set_ids
from registry.rules.case import sheet_of
from registry.rules.explain import explain
from registry.rules.wording import document_of

ON = date(2026, 5, 1)
QUIET = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], max_examples=3
)
SEEDS = st.tuples(st.integers(0, 2**40), st.booleans())


def documents(rule_set, firm, incomplete=frozenset()):
    judgement = explain(rule_set, sheet_of(firm, ON, incomplete))
    for lang in ("zh", "en"):
        yield lang, judgement, document_of(judgement, lang=lang, with_tree=True)


@pytest.mark.parametrize("kind", ["new", "re_review"])
@pytest.mark.parametrize("name", rule_set_ids())
@QUIET
@given(drawn=SEEDS)
def test_every_criterion_is_told_in_both_languages(name: str, kind: str, drawn: tuple) -> None:
    seed, huge = drawn
    rule_set = load(name, kind)
    for firm in Drawer(rule_set, ON, Random(seed), huge).firms(25):
        for lang, judgement, document in documents(rule_set, firm, frozenset({"titles"} if huge else ())):
            json.dumps(document, allow_nan=False)
            for one, told in zip(rule_set.criteria, document["criteria"], strict=True):
                assert told["value"].strip(), told
                assert told["needs"].strip(), told
                if judgement.findings[one.key].truth is False and not one.part:
                    assert told["shortfall"].strip(), told
                if told["verdict"] != "undetermined":
                    assert told["missing"] == [], told
                assert not re.search(r"(?<![0-9,.])0\.00 (万元|个百分点|年|分|percentage)", told["shortfall"]), told
                if lang == "en":
                    assert not re.search(r"(还差|超出|未知|得分)", told["value"] + told["shortfall"]), told


@pytest.mark.parametrize("kind", ["new", "re_review"])
@pytest.mark.parametrize("name", rule_set_ids())
@QUIET
@given(drawn=SEEDS)
def test_what_is_missing_is_unknown_and_undetermined_criteria_miss_something(
    name: str, kind: str, drawn: tuple
) -> None:
    seed, huge = drawn
    rule_set = load(name, kind)
    for firm in Drawer(rule_set, ON, Random(seed), huge).firms(60):
        for told in next(documents(rule_set, firm))[2]["criteria"]:
            for path in told["missing"]:
                assert is_unknown(firm, path), (path, told, firm)
            assert len(set(told["missing"])) == len(told["missing"])
            if told["verdict"] == "undetermined" and not told["missing"]:
                assert has_base_that_is_not_positive(firm), (told, firm)


def is_unknown(firm, path: str) -> bool:
    if found := re.fullmatch(r"years\.(\d{4})\.([a-z_]+)", path):
        return firm.years.get(int(found[1]), {}).get(found[2]) is None
    if found := re.fullmatch(r"facts\.([a-z_]+)\[(\d+)\]\.([a-z]+)", path):
        return firm.facts[found[1]][int(found[2])].get(found[3]) is None
    found = re.fullmatch(r"facts\.([a-z0-9_]+)", path)
    return found is not None and firm.facts.get(found[1]) is None


def has_base_that_is_not_positive(firm) -> bool:
    return any(
        figures.get(key, 1) <= 0
        for figures in firm.years.values()
        for key in ("revenue", "main_revenue", "total_assets", "employees")
    )


def test_rules_drawn_at_random_are_told_without_a_slip() -> None:
    for seed in range(20):
        rule_set = RuleDrawer(Random(seed)).rule_set()
        for firm in Drawer(rule_set, ON, Random(seed), seed % 3 == 0).firms(3):
            for _, _, document in documents(rule_set, firm):
                json.dumps(document, allow_nan=False)
                assert all(told["needs"].strip() for told in document["criteria"])
