"""`registry rules …`: what the law holds, as the bureau reads it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli.rules import rules_group
from registry.domain.errors import RegistryError
from registry.policy import load, rule_set_ids

IDS = [
    "above_scale-2011",
    "innovative-2022",
    "little_giant-2022",
    "little_giant-2022+2025",
    "little_giant-2026",
    "specialized-2022",
    "specialized-2026",
]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(rules_group, arguments)
    if not isinstance(result.exception, SystemExit | RegistryError | None):
        raise result.exception
    return result


def test_the_list_names_every_rule_set_its_days_and_its_digest() -> None:
    result = run("list")

    assert result.exit_code == 0
    assert sorted(rule_set_ids()) == IDS
    for name in IDS:
        assert f"{name}\t{load(name).document}\t{load(name).digest}\n" in result.output
    assert "2022-08-01 … 2026-03-31" in result.output


@pytest.mark.parametrize("kind", ["new", "re_review"])
@pytest.mark.parametrize("name", IDS)
def test_show_prints_every_criterion_with_its_citation(name: str, kind: str) -> None:
    text = run("show", name, "--kind", kind)
    data = json.loads(run("show", name, "--kind", kind, "--format", "json").output)

    assert text.exit_code == 0
    for one in load(name, kind).criteria:
        assert f"[{one.key}] {one.source}" in text.output
    assert [one["key"] for one in data["criteria"]] == [one.key for one in load(name, kind).criteria]
    assert all(one["source"] and one["label"] and one["label_en"] and one["rule"] for one in data["criteria"])
    assert data["digest"] == load(name, kind).digest


def test_check_looks_over_every_file() -> None:
    result = run("check")

    assert result.exit_code == 0
    assert "7 套标准" in result.output


def test_diff_names_what_came_what_went_and_what_changed() -> None:
    output = run("diff", "specialized-2022", "specialized-2026").output

    assert "+ development_score: " in output
    assert "- score_or_direct: " in output
    assert "~ years_in_segment:" in output
    assert run("diff", "specialized-2022", "specialized-2022").output == ""


def test_diff_shows_what_the_overlay_of_2025_changes() -> None:
    output = run("diff", "little_giant-2022", "little_giant-2022+2025").output

    assert "+ revenue_floor: " in output
    assert "+ no_champion: " in output
    assert "~ innovation_rd:" in output
    review = run("diff", "little_giant-2022", "little_giant-2022+2025", "--kind", "re_review").output
    assert "- main_revenue_growth: " in review


@pytest.mark.parametrize("name", IDS)
def test_the_handbook_prints_criteria_citations_and_cases(name: str, tmp_path: Path) -> None:
    result = run("handbook", name)
    rule_set = load(name)

    assert result.exit_code == 0
    assert result.output.startswith(f"# {rule_set.title}")
    for one in rule_set.criteria:
        assert one.label in result.output
        assert one.source in result.output
    assert rule_set.digest in result.output
    assert run("handbook", name, "--out", str(tmp_path / "book.md")).exit_code == 0
    assert (tmp_path / "book.md").read_text("utf-8") == result.output


@pytest.mark.parametrize("command", ["show", "handbook"])
@pytest.mark.parametrize(
    "name", ["size-2011", "choice", "general-2022", "../pyproject", "local/shandong-2022", "", "x"]
)
def test_only_a_rule_set_that_judges_cases_can_be_named(command: str, name: str) -> None:
    result = run(command, name)

    assert result.exit_code == 2
    assert "specialized-2022" in result.output
