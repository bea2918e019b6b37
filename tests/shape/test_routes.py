"""Every endpoint says who may; one that does not is closed. One view, one method."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from registry.app import create_app, template_folder
from registry.config import Settings
from registry.domain.actors import Standing
from registry.domain.permissions import BY_KEY, PERMISSIONS, Permission
from registry.web.access import permission_of

# Who has not signed in may ask for these and for nothing else.
OPEN = {
    "announcements.listed",
    "assets.favicon",
    "assets.static",
    "health.healthz",
    "health.readyz",
    "joining.form",
    "joining.register",
    "links.forgot",
    "links.invitation",
    "links.join",
    "links.link",
    "links.send_link",
    "links.use",
    "open_data.about",
    "open_data.file",
    "open_data.statistics",
    "passkeys.sign_in",
    "passkeys.sign_in_options",
    "public.check",
    "public.front",
    "public.judge",
    "public_lists.answer",
    "public_lists.find",
    "public_lists.listed",
    "public_lists.listed_file",
    "public_lists.lists",
    "public_lists.object_",
    "public_lists.objecting",
    "public_report.answer",
    "public_report.form",
    "public_report.look",
    "public_report.send",
    "register.firm",
    "register.titles",
    "sign_in.give_password",
    "sign_in.sign_in",
    "tiers.tier",
    "tiers.tiers",
    "verify.certificate",
    "verify.form",
}
# Below /api nobody signs in; these are for everybody, the others for programs that hold a token.
OPEN_TO_PROGRAMS = {
    "api.assess",
    "api.list_procedures",
    "api.openapi",
    "api.publicities",
    "api.publicity",
    "api.publicity_firms",
    "api.register",
    "api.rule_set",
    "api.rule_sets",
    "api.verification",
}
WITH_A_TOKEN = {"api.counts": "read:books", "api.standing": "read:firms", "api.targets": "read:books"}
# For machines that watch, by the token of the setting.
OPEN_TO_MONITORS = {"metrics.metrics"}
# Only where a single sign-on is set up.
OPEN_WITH_SINGLE_SIGN_ON = {"oidc.back", "oidc.finish", "oidc.start"}
_MACRO = re.compile(r"{%-? macro (\w+)\(\) -?%}(.*?){%-? endmacro", re.DOTALL)
# Permissions that no route declares, with where they are asked instead.
ASKED_ELSEWHERE: dict[str, str] = {}


@pytest.fixture(params=["", "https://issuer.invalid"], ids=["alone", "with-single-sign-on"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'routes.sqlite'}",
        local_table="shandong-2022",
        higher_title_counts=False,
        secret_key="a key of tests, long enough to be one",
        host="127.0.0.1",
        port=0,
        time_zone="Asia/Shanghai",
        language="zh",
        oidc_issuer=request.param,
        oidc_client_id="registry",
    )
    return create_app(settings, clock=lambda: datetime(2025, 11, 25, tzinfo=UTC))


def declared(app: Flask) -> dict[str, Permission | None]:
    return {rule.endpoint: permission_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()}


def test_every_endpoint_declares_a_permission_of_the_table(app: Flask) -> None:
    for endpoint, asked in declared(app).items():
        assert asked is not None, endpoint
        # The very one: a look-alike made elsewhere would stand in no table.
        assert BY_KEY[asked.key] is asked, endpoint


def test_no_view_is_there_that_no_address_leads_to(app: Flask) -> None:
    assert set(app.view_functions) == set(declared(app))


def test_only_these_are_open_without_signing_in(app: Flask) -> None:
    found = {endpoint for endpoint, asked in declared(app).items() if asked and asked.needs is Standing.NOBODY}

    single = OPEN_WITH_SINGLE_SIGN_ON if app.config["SETTINGS"].oidc_issuer else set()
    assert found == OPEN | OPEN_TO_PROGRAMS | OPEN_TO_MONITORS | WITH_A_TOKEN.keys() | single


def test_what_only_a_token_opens_asks_for_one_of_its_scope(app: Flask) -> None:
    asked = {endpoint: getattr(view, "scope", None) for endpoint, view in app.view_functions.items()}

    assert {endpoint: str(scope) for endpoint, scope in asked.items() if scope is not None} == WITH_A_TOKEN


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_an_endpoint_that_declares_nothing_is_closed_and_tells_nothing(app: Flask, method: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    asked: list[str] = []

    def forgotten() -> str:
        asked.append("ran")
        return render_template_string("secret")

    app.add_url_rule("/forgotten", "forgotten", forgotten, methods=["GET", "POST", "PUT", "DELETE"])
    answer = app.test_client().open("/forgotten", method=method)

    assert answer.status_code == 403
    assert "secret" not in answer.text
    assert "forgotten" not in answer.text.replace("/forgotten?lang=", "")
    assert asked == []


def test_an_endpoint_that_declares_nothing_says_nothing_of_its_options_to_scripts_of_others(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().options("/forgotten", headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 403
    assert not any(name.startswith("Access-Control") for name, _value in answer.headers)


def test_one_view_has_one_method(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule.endpoint
    for endpoint in declared(app):
        found = {
            method
            for rule in app.url_map.iter_rules(endpoint)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert len(found) == 1, endpoint


def test_every_permission_is_used_by_a_route_or_named_as_used_elsewhere(app: Flask) -> None:
    used = {asked.key for asked in declared(app).values() if asked}

    assert {one.key for one in PERMISSIONS} - used == set(ASKED_ELSEWHERE)


def test_every_form_that_posts_holds_a_token() -> None:
    """A form of a page is sent with the token beside it, in the template itself or by the macros of forms."""
    tokens = ("csrf_token", "forms.token()", "token()", "form.token")
    without = []
    for file in sorted(template_folder().rglob("*.html")):
        text = file.read_text("utf-8")
        # What is repeated in several forms of a page stands in a macro of its own.
        own = [name for name, body in _MACRO.findall(text) if any(one in body for one in tokens)]
        held = (*tokens, *(f"{name}()" for name in own))
        for part in text.split("<form ")[1:]:
            if 'method="post"' in part.split(">")[0] and not any(one in part.split("</form>")[0] for one in held):
                without.append(f"{file.name}: {part[:80]}")

    assert without == []


def test_the_templates_are_found_in_a_checkout() -> None:
    assert (template_folder() / "base.html").is_file()
