"""The pages of the tiers say what the rule data says, with its sources, and how one applies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import NOW, settings

from registry.app import create_app
from registry.domain.codes import KIND_WORDS, TIERS
from registry.policy import choose
from registry.policy.choice import spans
from registry.web import db
from registry.web.tiers import years_in_words


@pytest.fixture(scope="module")
def app(city_file: Path) -> Iterator[Flask]:
    """The small city, asked by one address as often as these tests do."""
    made = create_app(settings(city_file, rate_limit="100000 per minute"), clock=lambda: NOW)
    yield made
    with made.app_context():
        db.engine.dispose()


def look(client: FlaskClient, address: str, status: int = 200, lang: str = "zh") -> Page:
    answer = client.get(address, headers={"Accept-Language": lang})

    assert status == answer.status_code, answer.text
    return Page(answer.text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("span", spans(), ids=lambda one: f"{one.tier}-{one.first}")
def test_every_version_shows_every_criterion_with_its_source(stranger: FlaskClient, span: object, lang: str) -> None:
    for kind in span.kinds:  # type: ignore[attr-defined]
        tier, day = span.tier, span.first  # type: ignore[attr-defined]
        if day.year < 2000:
            continue
        page = look(stranger, f"/tiers/{tier}?kind={kind}&on={day}", lang=lang)
        rules = choose(tier, kind, day).rule_set
        for one in rules.criteria:
            assert (one.label_en if lang == "en" else one.label) in page.text, one.key
            assert one.source in page.text, one.key
        assert rules.digest in page.text


def test_the_list_has_every_tier_with_the_rules_of_the_day(stranger: FlaskClient) -> None:
    before, after = (look(stranger, f"/tiers?on={day}").text for day in ("2026-03-31", "2026-04-01"))

    assert "工信部企业〔2022〕63号 附件2" in before and "工信部企业〔2026〕2号" not in before
    assert "工信部企业〔2026〕2号 附件1" in after and "工信部企业〔2022〕63号 附件1" in after
    for tier in TIERS:
        assert f"/tiers/{tier}" in look(stranger, "/tiers").links


def test_what_changed_with_the_rules_of_2026_is_told(stranger: FlaskClient) -> None:
    page = look(stranger, "/tiers/specialized?on=2026-04-01")

    assert "与 工信部企业〔2022〕63号 附件2 相比有什么变化" in page.text
    assert "主营业务收入占比：≥ 80% → 5" in page.text and "从事细分市场年限 ≥ 2 年" in page.text
    assert "从事细分市场年限 ≥ 3 年" in page.text and "新设" in page.text and "取消" in page.text
    assert "相比有什么变化" not in look(stranger, "/tiers/specialized?on=2026-03-31").text


def test_the_points_add_up_to_the_whole(stranger: FlaskClient) -> None:
    assert "评分表（满分 100）" in look(stranger, "/tiers/innovative?on=2025-01-01").text
    assert "评分表" not in look(stranger, "/tiers/specialized?on=2026-05-01").text


def test_the_procedure_is_told_step_by_step(stranger: FlaskClient) -> None:
    page = look(stranger, "/tiers/specialized?on=2025-01-01")

    for word in ("区市初审", "征求部门意见", "第三方审计", "5 个工作日", "30 个工作日内", "3 年内不得申报"):
        assert word in page.text, word
    assert {"/check?tier=specialized&kind=new", "/applications/new", "/titles?tier=specialized"} <= set(page.links)
    assert not any(link.startswith("/titles?tier") for link in look(stranger, "/tiers/above_scale").links)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("kind", KIND_WORDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_fiscal_year_stands_as_a_bare_offset(stranger: FlaskClient, tier: str, kind: str, lang: str) -> None:
    for day in ("2025-06-01", "2026-06-01"):
        text = look(stranger, f"/tiers/{tier}?kind={kind}&on={day}", lang=lang).text
        for bare in ("-1年", "-2年", " 0年", "：0年", " -1 ", " -2 ", " -1:", " 0:"):
            assert bare not in text, bare


def test_years_are_put_in_words(app: Flask) -> None:
    with app.test_request_context("/?lang=zh"):
        told = "-1年研发费用 ≥ 100 万元 且 0年主营业务收入增长率 ≥ 10% 且 2020年研发费用"
        assert years_in_words(told) == "前年研发费用 ≥ 100 万元 且 上年主营业务收入增长率 ≥ 10% 且 2020年研发费用"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *(("/tiers/champion", 404), ("/tiers/any", 404), ("/tiers/specialized?on=2020-01-01", 404)),
        *(("/tiers/specialized?on=nothing", 400), ("/tiers/specialized?kind=old", 400), ("/tiers?on=2020-01-01", 200)),
    ],
)
def test_what_is_not_there_is_said(stranger: FlaskClient, address: str, status: int) -> None:
    look(stranger, address, status)
