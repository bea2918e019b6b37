"""Every endpoint says whom it is for; one that does not is closed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from registry.app import create_app, template_folder
from registry.config import Settings
from registry.web.access import Audience, audience_of


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'routes.sqlite'}",
        local_table="shandong-2022",
        higher_title_counts=False,
        secret_key="a key of tests, long enough to be one",
        host="127.0.0.1",
        port=0,
        time_zone="Asia/Shanghai",
        language="zh",
    )
    return create_app(settings, clock=lambda: datetime(2025, 11, 25, tzinfo=UTC))


def test_every_endpoint_declares_its_audience(app: Flask) -> None:
    undeclared = [
        rule.endpoint for rule in app.url_map.iter_rules() if not audience_of(app.view_functions[rule.endpoint])
    ]

    assert undeclared == []


def test_only_these_pages_are_for_everybody(app: Flask) -> None:
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if audience_of(app.view_functions[rule.endpoint]) is Audience.ALL
    }

    assert found == {
        "assets.static",
        "assets.favicon",
        "health.healthz",
        "health.readyz",
        "public.front",
        "public.check",
        "public.judge",
    }


def test_an_endpoint_that_declares_nothing_is_closed(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")

    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_no_view_changes_anything_when_it_is_only_looked_at(app: Flask) -> None:
    changing = {"public.judge"}

    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods == ({"POST"} if rule.endpoint in changing else {"GET"}), rule.endpoint


def test_the_templates_are_found_in_a_checkout() -> None:
    assert (template_folder() / "base.html").is_file()
