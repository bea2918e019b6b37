"""What every answer carries, and how errors look: headers everywhere, nothing of the inside anywhere."""

import json
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page
from small_city import FIRM, NOW, PAGES, Ask, settings
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from registry.app import LARGEST_REQUEST, create_app
from registry.web import assets, db

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ELSEWHERE = ("/healthz", "/readyz", "/favicon.ico", "/nothing", "/firms/nobody", "/?on=never", "/static/0/own.css")


def assert_dressed(answer: TestResponse) -> None:
    for name, value in FIXED.items():
        assert value == answer.headers[name]
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert not any(word in value for value in policy.values() for word in ("unsafe", "http", "*", "blob"))
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 16
    assert answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", [*PAGES, *ELSEWHERE])
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE"):
        assert_dressed(client.open(address, method=method, buffered=True))


def test_every_request_has_its_own_id_and_takes_none_from_outside(client: FlaskClient) -> None:
    answers = [client.get("/healthz", headers={"X-Request-ID": "forged"}) for _ in range(3)]

    ids = {answer.headers["X-Request-ID"] for answer in answers}
    assert len(ids) == 3
    assert "forged" not in ids


def test_a_static_file_may_be_kept_only_under_its_own_digest(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = assets.address("own.css")
    kept = client.get(address, buffered=True)
    stale = client.get("/static/000000000000/own.css", buffered=True)

    assert "immutable" in kept.headers["Cache-Control"]
    assert "max-age=31536000" in kept.headers["Cache-Control"]
    assert stale.status_code == 200
    assert "immutable" not in stale.headers["Cache-Control"]
    assert_dressed(kept)


@pytest.mark.parametrize("name", ["../app.py", "..%2f..%2fapp.py", "tabler", ".", "nothing.css", "/etc/passwd"])
def test_nothing_but_static_files_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/0/{name}").status_code in (308, 404)


def test_the_style_sheet_names_no_other_place() -> None:
    for file in (assets.FOLDER / "own.css", assets.FOLDER / "tabler" / "tabler.min.css"):
        text = file.read_text(encoding="utf-8")
        assert "@import" not in text
        assert "url(http" not in text
        assert "url(//" not in text


def test_the_vendored_style_sheet_has_its_licence_beside_it() -> None:
    assert "Tabler v1.4.0" in (assets.FOLDER / "tabler" / "tabler.min.css").read_text(encoding="utf-8")[:300]
    assert "Permission is hereby granted" in (assets.FOLDER / "tabler" / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nothing", 404, "没有找到这个页面"),
        ("/firms/91370285MA99999990", 404, "校验位"),
        ("/firms/91370285MA9999999J", 404, ""),
        (f"{FIRM}/assessment/emperor", 404, "没有这个梯度"),
        ("/?on=2025-02-30", 400, "YYYY-MM-DD"),
        ("/?on=0001-01-01", 400, "应在 1959-01-01 至 2189-12-31 之间"),
        ("/?on=9999-12-31", 400, "应在"),
        ("/firms?tier=emperor", 400, "tier"),
        ("/firms?industry=1", 400, "industry"),
        ("/firms?change=gone&tier=specialized", 400, "change"),
        ("/firms?known=yesterday", 400, "known"),
        ("/firms?known=1899-12-31T00:00:00", 400, "known"),
        ("/firms?change=new", 400, "请同时在“梯度”中选择一级"),
        ("/firms?q=%00", 400, "可见字符"),
        ("/firms?q=" + "长" * 101, 400, "不超过 100"),
        (f"{FIRM}?kind=third", 400, "kind"),
        ("/check?tier=emperor", 400, "tier"),
    ],
)
def test_a_request_that_cannot_be_meant_gets_a_page_that_says_why(
    ask: Ask, address: str, status: int, words: str
) -> None:
    for lang in ("zh", "en"):
        page = ask(address, status, lang)

        assert page.faults() == []
        assert words in page.text or lang == "en"


def test_a_method_that_is_not_offered_gets_a_page_and_the_list_of_those_that_are(client: FlaskClient) -> None:
    answer = client.delete("/firms")

    assert answer.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))
    assert Page(answer.text).faults() == []


def test_a_body_over_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post("/check", data={"facts.functional_area": "x" * (LARGEST_REQUEST + 1)})

    assert answer.status_code == 413
    assert "提交的内容过大" in Page(answer.text).text


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    for token in ({}, {"csrf_token": "forged"}):
        answer = client.post("/check", data={"tier": "innovative", "kind": "new", "on": "2025-01-01", **token})

        assert answer.status_code == 400
        assert "表单已失效" in Page(answer.text).text


def test_a_defect_shows_a_request_id_and_nothing_of_the_inside(
    city_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = create_app(settings(city_file), clock=lambda: NOW)
    monkeypatch.setattr("registry.web.public.board", lambda *_: 1 / 0)
    answer = made.test_client().get("/")
    page = Page(answer.text)

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in page.text
    assert "ZeroDivisionError" not in answer.text
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert_dressed(answer)


def test_a_database_that_fails_is_told_as_that(city_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("disk I/O error"))

    made = create_app(settings(city_file), clock=lambda: NOW)
    monkeypatch.setattr("registry.web.public.board", fails)
    answer = made.test_client().get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "secret" not in answer.text


def test_healthz_tells_the_version_and_the_migration(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert {"status", "version", "migration"} == set(json.loads(answer.text))
    assert json.loads(answer.text)["migration"]
    assert client.get("/readyz").status_code == 200


def test_readyz_says_503_while_the_database_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    made = create_app(settings(tmp_path / "here" / "gone.sqlite"), clock=lambda: NOW)
    with made.app_context():
        db.engine.dispose()
    shutil.rmtree(tmp_path / "here")
    answer = made.test_client().get("/readyz")

    assert answer.status_code == 503
    assert made.test_client().get("/healthz").status_code == 200


def test_readyz_says_503_while_the_database_is_empty(tmp_path: Path) -> None:
    made = create_app(settings(tmp_path / "empty.sqlite"), clock=lambda: NOW)
    answer = made.test_client().get("/readyz")
    with made.app_context():
        db.engine.dispose()

    assert answer.status_code == 503
    assert answer.get_json()["migration"] is None
