"""What the API refuses: who has no token, what is no question, and every error as problem+json in either language."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from api_town import DOER, ApiTown, api_town
from clients import sign_in_as
from make import code
from small_city import NOW, settings
from sqlalchemy import event

from registry.app import create_app
from registry.store.tokens import ApiToken, Scope
from registry.web import db
from registry.work.keep_tokens import digest, make_token, revoke_token

PROTECTED = {
    "/counts?year=2025": "books",
    "/targets?year=2025": "books",
    f"/firms/{code(1)}/standing": "firms",
}
OPEN = ("/register", "/rule-sets", "/procedures", "/publicities", "/openapi.json")


@pytest.fixture(scope="module")
def api(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiTown]:
    with api_town(city_file, tmp_path_factory.mktemp("api")) as town:
        yield town


def is_problem(answer, status: int) -> dict:  # type: ignore[no-untyped-def, type-arg]
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    document = answer.json
    assert document["status"] == status
    assert set(document) == {"type", "title", "status", "detail", "faults", "request_id"}
    assert document["request_id"] == answer.headers["X-Request-ID"]
    return document


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("kind", ["nobody", "both"])
def test_what_is_public_needs_no_token(api: ApiTown, path: str, kind: str) -> None:
    assert api.get(path, kind).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_without_a_token_nothing_is_told(api: ApiTown, path: str) -> None:
    answer = api.get(path)

    is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="registry"'


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize(
    "sent",
    [
        "Bearer",
        "Bearer ",
        "Bearer rgt_" + "A" * 43,
        "Bearer rgt_short",
        "Basic cmd0OnJndA==",
        "Bearer " + "x" * 5000,
        "Bearer rgt_" + "é" * 43,
    ],
)
def test_a_wrong_token_is_none(api: ApiTown, path: str, sent: str) -> None:
    answer = api.get(path, Authorization=sent)

    is_problem(answer, 401)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("path", "kind"), PROTECTED.items())
def test_the_right_scope_opens_and_the_other_does_not(api: ApiTown, path: str, kind: str) -> None:
    other = {"books": "firms", "firms": "books"}[kind]
    answer = api.get(path, other)

    is_problem(answer, 403)
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert f'scope="read:{kind}"' in answer.headers["WWW-Authenticate"]
    for right in (kind, "both"):
        opened = api.get(path, right)
        assert opened.status_code == 200
        # What a token opened is kept by nobody.
        assert opened.headers["Cache-Control"] == "no-store"


def new_token(api: ApiTown, last_day: date) -> tuple[int, str]:
    with api.town.rows() as session:
        row, token = make_token(
            session, name="临时", scopes=[Scope.BOOKS], expires_on=last_day, doer=DOER, now=NOW, today=NOW.date()
        )
        return row.id, token


def test_a_token_holds_on_its_last_day_and_not_on_the_next(api: ApiTown) -> None:
    _number, api.tokens["late"] = new_token(api, NOW.date())
    assert api.get("/counts?year=2025", "late").status_code == 200
    api.town.now = NOW + timedelta(days=1)
    try:
        is_problem(api.get("/counts?year=2025", "late"), 401)
    finally:
        api.town.now = NOW


def test_a_revoked_token_is_good_for_nothing_at_once(api: ApiTown) -> None:
    number, api.tokens["gone"] = new_token(api, NOW.date())
    assert api.get("/counts?year=2025", "gone").status_code == 200
    with api.town.rows() as session:
        revoke_token(session, number, doer=DOER, now=NOW)
    is_problem(api.get("/counts?year=2025", "gone"), 401)


def test_that_a_token_is_used_is_noted_once_an_hour(api: ApiTown) -> None:
    number, api.tokens["used"] = new_token(api, NOW.date() + timedelta(days=1))

    def last_used(after: timedelta) -> object:
        api.town.now = NOW + after
        assert api.get("/counts?year=2025", "used").status_code == 200
        with api.town.rows() as session:
            return session.get_one(ApiToken, number).last_used_at

    try:
        assert last_used(timedelta()) == NOW
        assert last_used(timedelta(minutes=59)) == NOW
        assert last_used(timedelta(hours=1)) == NOW + timedelta(hours=1)
    finally:
        api.town.now = NOW


def test_a_token_is_nowhere_in_the_database(api: ApiTown) -> None:
    content = api.town.file.read_bytes()

    for token in api.tokens.values():
        assert token.encode() not in content
    assert digest(api.tokens["both"]).encode() in content


def test_no_cookie_is_taken_and_none_is_set(api: ApiTown) -> None:
    browser = sign_in_as(api.town.app, "city", NOW)
    assert browser.get("/counts").status_code == 200

    for path in PROTECTED:
        is_problem(browser.get(f"/api/v1{path}"), 401)
    answer = browser.get("/api/v1/register?lang=en", headers={"Cookie": "lang=zh"})
    assert "Set-Cookie" not in answer.headers


def test_a_form_of_another_site_gets_nothing_done(api: ApiTown) -> None:
    browser = sign_in_as(api.town.app, "city", NOW)
    answer = browser.post("/api/v1/assessments", data={"tier": "specialized"})

    is_problem(answer, 415)


@pytest.mark.parametrize(
    ("path", "paths"),
    [
        ("/register?limit=0", ["limit"]),
        ("/register?limit=201", ["limit"]),
        ("/register?limit=²", ["limit"]),
        ("/register?limit=1&limit=2", ["limit"]),
        ("/register?on=2025-02-29", ["on"]),
        ("/register?on=", ["on"]),
        ("/register?tier=above_scale", ["tier"]),
        ("/register?district=370000", ["district"]),
        ("/register?uscc=91370285MA0000001X", ["uscc"]),
        ("/register?q=%00", ["q"]),
        ("/register?q=" + "长" * 101, ["q"]),
        ("/register?cursor=abc", ["cursor"]),
        ("/register?cursor=WyJwdWJsaWNpdGllcyIsMV0", ["cursor"]),
        # A number where a code belongs, a code where a number does, and a cursor of the other list.
        ("/register?cursor=WyJyZWdpc3RlciIsNV0", ["cursor"]),
        ("/publicities?cursor=WyJwdWJsaWNpdGllcyIsIjkxMzcwMjg1TUEwMDAwMDAxOSJd", ["cursor"]),
        ("/register?q=示例&cursor=WyJyZWdpc3RlciIsIjkxMzcwMjg1TUEwMDAwMDAxOSJd", ["cursor"]),
        # ["publicities", 99999999999999999999]
        ("/publicities?cursor=WyJwdWJsaWNpdGllcyIsOTk5OTk5OTk5OTk5OTk5OTk5OTld", ["cursor"]),
        ("/register?sort=name&limit=x", ["limit", "sort"]),
        ("/rule-sets/specialized-2022?kind=old", ["kind"]),
        ("/rule-sets?lang=fr", ["lang"]),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_at_its_name(api: ApiTown, path: str, paths: list[str]) -> None:
    document = is_problem(api.get(path), 422)

    assert sorted(fault["path"] for fault in document["faults"]) == paths


@pytest.mark.parametrize(
    ("path", "paths"),
    [
        ("/counts", ["year"]),
        ("/counts?year=1949", ["year"]),
        ("/counts?year=2025&as_of=2024-12-31", ["as_of"]),
        ("/counts?year=2025&by=district,district", ["by"]),
        ("/counts?year=2025&by=colour", ["by"]),
        ("/counts?year=2025&known_at=yesterday", ["known_at"]),
        # The zone of the office was some seconds off then, which no answer could write.
        ("/counts?year=2025&known_at=0183-11-04T00:32:48%2B10:16", ["known_at"]),
        ("/counts?year=2025&known_at=9999-12-31T23:59:59", ["known_at"]),
        ("/targets?year=2026", ["year"]),
        ("/targets?year=2025&as_of=2025-11-26", ["as_of"]),
    ],
)
def test_a_count_that_cannot_be_meant_is_refused_too(api: ApiTown, path: str, paths: list[str]) -> None:
    document = is_problem(api.get(path, "books"), 422)

    assert [fault["path"] for fault in document["faults"]] == paths


def test_faults_of_a_case_come_all_at_once_by_their_paths(api: ApiTown) -> None:
    case = {
        "tier": "gold",
        "kind": "new",
        "on": "2024-05-10",
        "firm": {"uscc": "1", "name": "", "facts": {"ip_class1": -1, "titles": [{"until": "x"}]}, "years": {"23": {}}},
        "more": 1,
    }
    document = is_problem(api.post("/assessments", case), 422)

    assert [fault["path"] for fault in document["faults"]] == [
        "more",
        "tier",
        "uscc",
        "name",
        "facts.ip_class1",
        "facts.titles[0].until",
        "years.23",
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"tier": 1, "tier": 2}', b"[" * 100_000, b"1" * 100, b'{"on": 1e99999999999999999999}'],
)
def test_what_is_no_json_is_malformed(api: ApiTown, body: bytes) -> None:
    document = is_problem(api.post("/assessments", body), 400)

    assert [fault["path"] for fault in document["faults"]] == [""]


def test_half_a_character_breaks_nothing(api: ApiTown) -> None:
    is_problem(api.post("/assessments", b'{"\\ud800": "\\udfff", "firm": {"\\ud800": 1}}'), 422)


def test_a_body_that_is_too_large_or_no_json_is_told_as_that(api: ApiTown) -> None:
    is_problem(api.post("/assessments", b" " * 300_000), 413)
    is_problem(api.post("/assessments", b"{}", content_type="text/plain"), 415)
    is_problem(api.post("/assessments", b"{}", content_type=""), 415)


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/register"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_a_problem_and_no_page(api: ApiTown, path: str, method: str) -> None:
    is_problem(api.town.app.test_client().open(path, method=method), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_says_which_are_offered(api: ApiTown, method: str) -> None:
    answer = api.town.app.test_client().open("/api/v1/assessments", method=method)

    is_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_problems_speak_the_language_that_is_asked_for(api: ApiTown) -> None:
    chinese = api.get("/register?limit=0", Accept_Language="zh-CN").json
    english = api.get("/register?limit=0", Accept_Language="en-GB").json

    assert (chinese["title"], chinese["faults"][0]["message"]) == ("内容有误", "应为 1–200 的整数")
    assert english["faults"][0]["message"] == "A whole number from 1 to 200 expected"
    assert english["title"] == "Refused"
    assert api.get("/nothing?lang=en", Accept_Language="zh").json["title"] == "Not found"


def test_whoever_asks_too_often_is_told_when_to_come_again(city_file: Path, tmp_path: Path) -> None:
    with api_town(city_file, tmp_path) as api:
        app = create_app(settings(api.town.file, api_rate_limit="3 per minute"), clock=lambda: NOW)
        client = app.test_client()
        for _time in range(3):
            assert client.get("/api/v1/publicities").status_code == 200
        answer = client.get("/api/v1/publicities")
        is_problem(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        # A token has a count of its own, and so has each other token.
        for kind in ("books", "both"):
            for status in (200, 200, 200, 429):
                assert client.get("/api/v1/counts?year=2025", headers=api.headers(kind)).status_code == status
        with app.app_context():
            db.engine.dispose()


def test_a_failure_of_the_program_tells_nothing_of_its_inside(api: ApiTown, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object, **_told: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("registry.web.api.rules.assess_case", fails)
    document = is_problem(api.post("/assessments", b"{}"), 500)

    assert "secret" not in str(document)


def test_a_database_that_does_not_answer_is_told_as_that(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path / "none" / "none.sqlite"), clock=lambda: NOW)
    answer = app.test_client().get("/api/v1/register")

    is_problem(answer, 503)
    assert answer.headers["Retry-After"] == "30"
    assert "none.sqlite" not in answer.text


def test_asking_writes_nothing_but_that_a_certificate_was_looked_up(api: ApiTown) -> None:
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement)

    with api.town.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            for path in OPEN:
                api.get(path)
            for path, kind in PROTECTED.items():
                api.get(path, kind)
                written.clear()
                api.get(path, kind)
            assert written == []
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
