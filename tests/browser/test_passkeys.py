"""Passkeys with a virtual authenticator: enrolled, used alone and as the second factor, refused where they must be."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from clients import email_of
from playwright.sync_api import CDPSession, Page, Route, expect
from served_city import PASSWORD, ServedCity
from watched import focused, tab_to

from registry.domain.roles import Role
from registry.store.persons import passkeys_of

OpenPage = Callable[..., Page]
NOT_TAKEN = "通行密钥未通过验证"
PEOPLE = ("keyholder", "neighbour", "unverified", "replayer", "typist")


class Device:
    """An authenticator inside the browser, as a telephone or a computer has one."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self._line: CDPSession = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        self.number = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verify(self, verifies: bool) -> None:
        """Let the device recognise its owner from now on, or nobody."""
        self._line.send("WebAuthn.setUserVerified", {"authenticatorId": self.number, "isUserVerified": verifies})

    def keys(self) -> list[dict[str, Any]]:
        """Return the passkeys of the device."""
        kept: list[dict[str, Any]] = self._line.send("WebAuthn.getCredentials", {"authenticatorId": self.number})[
            "credentials"
        ]
        return kept


@pytest.fixture(scope="module", autouse=True)
def _people(city: ServedCity) -> None:
    """Staff of a district, each for one test: they have a password and no second factor."""
    for who in PEOPLE:
        city.person(who, Role.DISTRICT_REVIEWER)


def give_password(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("邮箱").fill(email_of(who))
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def enrol(page: Page, who: str) -> None:
    """Sign in with the password alone and add a passkey, as the page of duties asks."""
    give_password(page, who)
    page.wait_for_url("**/account/duties")
    page.get_by_role("link", name="设置第二步验证").click()
    page.get_by_role("button", name="登记通行密钥").click()
    expect(page.get_by_role("listitem").filter(has_text="我的设备")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/")


def discourage(page: Page, **changes: Any) -> None:
    """Let a hostile script ask the device for less than the server wanted."""

    def lessen(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(answer.json() | changes))

    page.route("**/passkey/options", lessen)


def test_a_member_of_staff_enrols_a_passkey_and_signs_in_with_it_alone(city: ServedCity, open_page: OpenPage) -> None:
    page = open_page()
    device = Device(page)
    enrol(page, "keyholder")
    page.goto("/home")

    expect(page.get_by_role("heading", level=1)).to_have_text("测试 keyholder，您好")
    assert len(device.keys()) == 1 and device.keys()[0]["isResidentCredential"]

    sign_out(page)
    page.goto("/claims")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/claims")
    sign_out(page)
    give_password(page, "keyholder")
    page.wait_for_url("**/sign-in/code")
    page.get_by_role("button", name="用通行密钥验证").click()
    page.wait_for_url("**/home")

    assert device.keys()[0]["signCount"] >= 3


def test_a_passkey_of_another_is_refused_as_second_factor(city: ServedCity, open_page: OpenPage) -> None:
    owner = open_page()
    Device(owner)
    enrol(owner, "neighbour")
    page = open_page()
    Device(page)
    enrol(page, "unverified")
    sign_out(page)
    give_password(page, "neighbour")
    page.wait_for_url("**/sign-in/code")
    # The browser itself offers no key that was not asked for; here it is made to.
    discourage(page, allowCredentials=[])
    page.get_by_role("button", name="用通行密钥验证").click()

    expect(page.get_by_text(NOT_TAKEN)).to_be_visible()
    page.goto("/home")
    page.wait_for_url("**/sign-in/code")


def test_a_device_that_does_not_know_its_owner_is_refused(city: ServedCity, open_page: OpenPage) -> None:
    page = open_page()
    device = Device(page)
    city.person("stolen", Role.DISTRICT_REVIEWER)
    enrol(page, "stolen")
    sign_out(page)
    device.verify(False)
    page.goto("/sign-in")
    page.get_by_role("button", name="用通行密钥登录").click()

    expect(page.get_by_role("alert")).to_have_text("通行密钥没有完成，请重试，或用密码登录。")
    # Nor does the server take what such a device says when it is asked for less.
    discourage(page, userVerification="discouraged")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text(NOT_TAKEN)).to_be_visible()
    page.goto("/home")
    page.wait_for_url("**/sign-in?**")


def test_no_passkey_is_enrolled_on_a_device_that_does_not_know_its_owner(city: ServedCity, open_page: OpenPage) -> None:
    page = open_page()
    Device(page, verifies=False)
    number = city.person("careless", Role.DISTRICT_REVIEWER)
    give_password(page, "careless")
    page.get_by_role("link", name="设置第二步验证").click()
    page.get_by_role("button", name="登记通行密钥").click()

    expect(page.get_by_role("alert")).to_have_text("通行密钥没有登记成功，请重试。")
    assert city.write(lambda session: passkeys_of(session, number)) == []


def test_an_answer_of_a_device_is_good_once(city: ServedCity, open_page: OpenPage) -> None:
    page = open_page()
    Device(page)
    enrol(page, "replayer")
    sign_out(page)
    page.goto("/sign-in")
    with page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/sign-in/passkey")
    ) as sent:
        page.get_by_role("button", name="用通行密钥登录").click()
    answer = (sent.value.post_data_json or {})["credential"]
    page.wait_for_url("**/home")
    sign_out(page)
    # Without a question of the server's, and with a new one: what was said before answers neither.
    for asks_first, told in ((False, "验证已超时"), (True, NOT_TAKEN)):
        page.goto("/sign-in")
        page.locator("form[data-passkey]").evaluate(
            """async (form, [answer, asksFirst]) => {
              const headers = { "X-CSRFToken": form.elements.csrf_token.value };
              if (asksFirst) await fetch(form.dataset.options, { method: "POST", headers });
              form.elements.credential.value = answer;
              form.requestSubmit();
            }""",
            [answer, asks_first],
        )
        expect(page.get_by_text(told)).to_be_visible()
    page.goto("/home")
    page.wait_for_url("**/sign-in?**")


def test_a_passkey_is_enrolled_and_used_by_the_keyboard_alone(city: ServedCity, open_page: OpenPage) -> None:
    page = open_page()
    Device(page)
    page.goto("/sign-in")
    tab_to(page, "邮箱")
    page.keyboard.type(email_of("typist"))
    tab_to(page, "密码")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/duties")
    tab_to(page, "设置第二步验证")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/factors")
    tab_to(page, "给这把钥匙起个名字")
    page.keyboard.type("值班室")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="值班室")).to_be_visible()
    tab_to(page, "退出登录")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.goto("/sign-in")
    tab_to(page, "用通行密钥登录")

    assert focused(page) == "用通行密钥登录"
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")
