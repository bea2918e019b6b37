"""What a machine that watches is told: only by its token, by rules of addresses, and nothing of any person."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from clients import DOER, email_of, seat_cast, sign_in_as
from flask import Flask
from make import code
from small_city import NOW, build_city, settings
from sqlalchemy.exc import OperationalError

from registry import __version__
from registry.app import create_app
from registry.store.engine import open_ready, writing
from registry.store.jobs import Job
from registry.store.migrate import newest_version
from registry.web import metrics
from registry.work.open_account import open_account
from registry.work.seal_keys import field_keys
from registry.work.write_letter import write_letter

TOKEN = "a token of tests, long enough to be one"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    file = tmp_path / "city.sqlite"
    build_city(file, crowd_size=3)
    seat_cast(file, NOW)
    return create_app(settings(file, metrics_token=TOKEN), clock=lambda: NOW)


def told(app: Flask) -> dict[str, float]:
    """Return the figures by name and labels."""
    answer = app.test_client().get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN, "Bearer \xff"])
def test_nobody_is_told_without_the_token(app: Flask, sent: str) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": sent} if sent else {})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "registry_" not in answer.text


@pytest.mark.parametrize("who", ["anonymous", "system_admin", "audit_admin"])
@pytest.mark.parametrize("sent", ["Bearer ", "Bearer None", f"Bearer {TOKEN}"])
def test_without_the_setting_nobody_is_told_at_all(app: Flask, tmp_path: Path, who: str, sent: str) -> None:
    closed = create_app(settings(tmp_path / "city.sqlite"), clock=lambda: NOW)
    answer = sign_in_as(closed, who, NOW).get("/metrics", headers={"Authorization": sent})

    assert answer.status_code == 401
    assert "registry_" not in answer.text


def test_requests_are_counted_by_the_rule_of_their_address_and_by_status(app: Flask) -> None:
    browser = sign_in_as(app, "city", NOW)
    for number in (1, 2, 2):
        assert browser.get(f"/firms/{code(number)}").status_code == 200
    assert browser.get("/nothing/of/the/kind").status_code == 404
    assert browser.open("/", method="BREW").status_code == 405
    found = told(app)

    rule = 'method="GET",route="/firms/<uscc>"'
    assert found[f'registry_http_requests_total{{{rule},status="200"}}'] == 3
    assert found[f"registry_http_request_seconds_count{{{rule}}}"] == 3
    assert found[f'registry_http_request_seconds_bucket{{le="+Inf",{rule}}}'] == 3
    assert found['registry_http_requests_total{method="GET",route="(none)",status="404"}'] == 1
    assert found['registry_http_requests_total{method="other",route="(none)",status="405"}'] == 1


def test_an_answer_that_failed_is_counted_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_told: object) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr("registry.web.public.board", fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get("/").status_code == 500

    assert told(app)['registry_http_requests_total{method="GET",route="/",status="500"}'] == 1


def test_jobs_and_mails_that_wait_are_counted_by_state(app: Flask) -> None:
    found = told(app)
    assert [found[f'registry_jobs{{state="{state}"}}'] for state in ("waiting", "running", "failed")] == [0, 0, 0]
    before = found['registry_letters{state="waiting"}']
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    engine = open_ready(url)
    with writing(engine) as session:
        write_letter(session, field_keys(None, url), to="p1@example.com", subject="一", body="您好", now=NOW)
        for number, state in enumerate(("waiting", "waiting", "failed")):
            due = NOW + timedelta(minutes=number)
            over = {"finished_at": due, "fault": "x"} if state == "failed" else {}
            session.add(_job(state=state, due_at=due, **over))
    engine.dispose()
    found = told(app)

    assert [found[f'registry_jobs{{state="{state}"}}'] for state in ("waiting", "running", "failed")] == [2, 0, 1]
    assert found["registry_job_oldest_waiting_timestamp_seconds"] == NOW.timestamp()
    assert found['registry_letters{state="waiting"}'] == before + 1
    assert found["registry_letter_oldest_waiting_timestamp_seconds"] > 0


def _job(**parts: object) -> Job:
    nothing = {"told": "{}", "asked_by": "x", "seat": "", "attempts": 0, "done": 0, "total": 0, "step": "", "fault": ""}
    return Job(kind="screening", queued_at=NOW, worker="", outcome="{}", **(nothing | parts))


def test_the_program_the_database_and_the_clock_are_told(app: Flask) -> None:
    found = told(app)
    build = f'registry_build_info{{migration="{newest_version()}",version="{__version__}"}}'

    assert found[build] == 1
    assert found["registry_database_up"] == 1
    assert found["registry_clock_last_tick_timestamp_seconds"] == 0
    app.extensions["metrics"].ticked()
    app.extensions["metrics"].mailed()
    found = told(app)
    assert found["registry_clock_last_tick_timestamp_seconds"] > NOW.timestamp()
    assert found["registry_mail_last_round_timestamp_seconds"] > NOW.timestamp()


def test_a_silent_database_is_told_and_nothing_else_of_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(metrics, "version_of", silent)
    found = told(app)

    assert found["registry_database_up"] == 0
    assert not any(name.startswith(("registry_jobs", "registry_letters")) for name in found)
    assert any(name.startswith("registry_build_info") for name in found)


def test_nothing_personal_is_told(app: Flask, tmp_path: Path) -> None:
    browser = sign_in_as(app, "city", NOW)
    browser.get(f"/firms/{code(1)}?q=13805320000")
    browser.get("/link/a-secret-of-somebody")
    browser.post("/sign-in", data={"email": email_of("city"), "password": "a wrong one"})
    browser.get("/%E5%BC%A0%E4%B8%89")
    engine = open_ready(app.config["SQLALCHEMY_DATABASE_URI"])
    with writing(engine) as session:
        open_account(session, email="somebody@example.com", name="某人", doer=DOER, now=NOW)
    engine.dispose()
    answer = app.test_client().get("/metrics", headers=SHOWN).text

    for secret in (code(1), "13805320000", "a-secret-of-somebody", "example.com", "张三", "某人", TOKEN):
        assert secret not in answer
    # Every address is one of the program's own rules.
    rules = {rule.rule for rule in app.url_map.iter_rules()} | {"(none)"}
    assert set(re.findall(r'route="([^"]*)"', answer)) <= rules


def test_two_programs_count_each_for_itself(app: Flask, tmp_path: Path) -> None:
    other = create_app(settings(tmp_path / "city.sqlite", metrics_token=TOKEN), clock=lambda: NOW)
    app.test_client().get("/tiers")

    line = 'registry_http_requests_total{method="GET",route="/tiers",status="200"}'
    assert line in told(app)
    assert line not in told(other)
