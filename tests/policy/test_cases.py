"""Every case of the handbook through both readings; every line of the law stands in a case exactly at it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from registry.domain.periods import add_years, full_years
from registry.policy import load, rule_set_ids
from registry.policy.cases import SCORE, VERDICT, Case, cases_of, size_cases, size_rules
from registry.rules import tree
from registry.rules.case import FactSheet, sheet_of
from registry.rules.columns import frames_of, judge
from registry.rules.explain import Finding, Judgement, explain, missing_of
from registry.rules.ruleset import Criterion, RuleSet
from registry.rules.tree import Node
from registry.rules.wording import VERDICTS

KINDS = ("new", "re_review")
ALL_SETS = [(name, kind) for name in rule_set_ids() for kind in KINDS] + [("size-2011", "new")]

# A verdict, or a range of points.
Outcome = str | tuple[int, int]


def the_rules(name: str, kind: str) -> RuleSet:
    return size_rules() if name == "size-2011" else load(name, kind)


def the_cases(name: str, kind: str) -> tuple[Case, ...]:
    return size_cases() if name == "size-2011" else cases_of(load(name, kind))


def wanted(case: Case) -> Outcome:
    return case.expect if case.points is None else case.points  # type: ignore[return-value]


def every_case() -> Iterator[object]:
    for name, kind in ALL_SETS:
        for case in the_cases(name, kind):
            readable = f"{name}-{kind}-{case.criterion}-{case.file}#{case.place}"
            yield pytest.param(name, kind, case, id=readable)


def judged(name: str, kind: str, case: Case) -> Judgement:
    return explain(the_rules(name, kind), sheet_of(case.firm, case.on))


@pytest.mark.parametrize(("name", "kind", "case"), list(every_case()))
def test_a_firm_explained_comes_to_what_the_document_says(name: str, kind: str, case: Case) -> None:
    judgement = judged(name, kind, case)

    assert wanted(case) == outcome_explained(judgement, case.criterion), case.name
    if case.missing is not None:
        assert list(case.missing) == missing_in(judgement, case.criterion), case.name
    if case.because is not None:
        assert case.because == decisive(judgement), case.name


def outcome_explained(judgement: Judgement, criterion: str) -> Outcome:
    if criterion == VERDICT:
        return VERDICTS[judgement.truth]
    if criterion == SCORE or criterion.startswith(f"{SCORE}."):
        return judgement.scores[criterion.partition(".")[2] or None]
    finding = judgement.findings[criterion]
    if isinstance(finding.node, tree.Points):
        return finding.points or (-1, -1)
    return VERDICTS[finding.truth]


def missing_in(judgement: Judgement, criterion: str) -> list[str]:
    return missing_of(judgement, next(one for one in judgement.rule_set.criteria if one.key == criterion))


def decisive(judgement: Judgement) -> tuple[str, ...]:
    """Return the required criteria that come to the verdict, none for one that is met; in the order of the law."""
    if judgement.truth is True:
        return ()
    return tuple(
        one.key
        for one in judgement.rule_set.criteria
        if one.required and judgement.findings[one.key].truth is judgement.truth
    )


@pytest.mark.parametrize(("name", "kind"), ALL_SETS)
def test_firms_judged_in_columns_come_to_what_the_document_says(name: str, kind: str) -> None:
    by_day: dict[date, list[Case]] = defaultdict(list)
    for case in the_cases(name, kind):
        by_day[case.on].append(case)

    wrong = [
        f"{case.file}#{case.place} {case.criterion} {case.name}: expected {wanted(case)}, found {found}"
        for on, cases in by_day.items()
        for case, found in zip(cases, outcomes_in_columns(the_rules(name, kind), cases, on), strict=True)
        if found != wanted(case)
    ]

    assert wrong == []


def outcomes_in_columns(rule_set: RuleSet, cases: list[Case], on: date) -> list[Outcome]:
    frame = judge(rule_set, frames_of([case.firm for case in cases], on.year - 1), on)
    return [
        outcome_in_row(row, rule_set, case.criterion)
        for row, case in zip(frame.iter_rows(named=True), cases, strict=True)
    ]


def outcome_in_row(row: dict[str, object], rule_set: RuleSet, criterion: str) -> Outcome:
    scored = {one.key for one in rule_set.indicators()}
    if criterion == SCORE:
        return row["low"], row["high"]  # type: ignore[return-value]
    if criterion in scored or criterion.startswith(f"{SCORE}."):
        key = criterion.removeprefix(f"{SCORE}.")
        return row[f"{key}.low"], row[f"{key}.high"]  # type: ignore[return-value]
    return VERDICTS[row[criterion]]  # type: ignore[index]


# The shape: enough cases, and every number of the law among them


def criteria_of_every_set() -> Iterator[object]:
    for name, kind in ALL_SETS:
        for one in the_rules(name, kind).criteria:
            yield pytest.param(name, kind, one, id=f"{name}-{kind}-{one.key}")


@pytest.mark.parametrize(("name", "kind", "one"), list(criteria_of_every_set()))
def test_a_criterion_has_four_cases_and_one_with_a_fact_missing(name: str, kind: str, one: Criterion) -> None:
    cases = [
        case
        for case in the_cases(name, kind)
        if case.criterion == one.key or (case.criterion == VERDICT and one.key in (case.because or ()))
    ]

    own = [case for case in cases if case.criterion == one.key]
    outcomes = {wanted(case) for case in own}

    assert len(cases) >= 4
    if one.part:
        assert any(case.points is not None and case.points[0] < case.points[1] for case in own)
        assert {0, one.max} <= {end for case in own for end in case.points or ()} or one.key == "field"
    else:
        assert {"met", "not_met", "undetermined"} == outcomes


@cache
def sheets_and_findings(name: str, kind: str) -> dict[str, list[tuple[FactSheet, Finding]]]:
    """Return, for each criterion, what its own cases left behind."""
    found = defaultdict(list)
    for case in the_cases(name, kind):
        judgement = judged(name, kind, case)
        if case.criterion in judgement.findings:
            found[case.criterion].append((judgement.sheet, judgement.findings[case.criterion]))
    return found


@pytest.mark.parametrize(("name", "kind", "one"), list(criteria_of_every_set()))
def test_every_line_of_a_criterion_stands_in_a_case_exactly_at_it(name: str, kind: str, one: Criterion) -> None:
    cases = sheets_and_findings(name, kind)[one.key]
    at_the_line = {node for sheet, finding in cases for node in nodes_at_their_line(sheet, finding)}

    # The lines of sizes have a table and cases of their own.
    wanted_lines = {node for node in lines_under(one.rule, into_sizes=name == "size-2011")}

    assert set() == wanted_lines - at_the_line


def lines_under(node: Node, *, into_sizes: bool) -> Iterator[Node]:
    if isinstance(node, tree.Choose) and not into_sizes:
        return
    if isinstance(node, tree.Compare | tree.Within | tree.Reaches):
        yield node
    if isinstance(node, tree.Some):
        yield from (part for part in tree.walk(node.when) if isinstance(part, tree.Compare | tree.Within))
        return
    for child in tree.children(node):
        yield from lines_under(child, into_sizes=into_sizes)


def nodes_at_their_line(sheet: FactSheet, finding: Finding) -> Iterator[Node]:
    """Give the comparisons under a finding whose two sides were equal in this case."""
    node = finding.node
    if finding.value and isinstance(node, tree.Compare | tree.Bands):
        yield from (line for line in lines_of(node) if value_at_its_line(finding.value, line))
    if isinstance(node, tree.Within) and sheet.facts.get(node.key) == add_years(sheet.on, -node.years):
        yield node
    if isinstance(node, tree.Reaches) and finding.points == (node.points, node.points):
        yield node
    if isinstance(node, tree.Some) and finding.entry is None:
        for entry in sheet.facts.get(node.key, ()):
            yield from (part for part in tree.walk(node.when) if entry_at_its_line(sheet, entry, part))
    for child in finding.children:
        yield from nodes_at_their_line(sheet, child)


def lines_of(node: tree.Compare | tree.Bands) -> list[tree.Compare]:
    """Return the comparisons of one number: a single one, or every band on it."""
    conditions = [node] if isinstance(node, tree.Compare) else [band for _, band in node.bands]
    return [condition for condition in conditions if isinstance(condition, tree.Compare)]


def value_at_its_line(value: tuple[int, int], line: tree.Compare) -> bool:
    top, base = value
    if isinstance(line.left, tree.Compound):
        return top == base * (1 + line.right.value) ** line.left.years
    return top == line.right.value * base


def entry_at_its_line(sheet: FactSheet, entry: dict[str, object], node: Node) -> bool:
    match node:
        case tree.Compare(tree.Amount(key), _, right):
            return entry.get(key) == right.value
        case tree.Within(key, years):
            return entry.get(key) == add_years(sheet.on, -years)
    return False


def test_years_in_a_segment_count_the_last_day_of_the_fiscal_year() -> None:
    assert full_years(date(2021, 1, 1), 2023) == 3
    assert full_years(date(2021, 1, 2), 2023) == 2
