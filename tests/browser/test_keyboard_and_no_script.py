"""Accounts without a mouse, and without a script of the page."""

from collections.abc import Callable

import pytest
from clients import email_of
from make import code
from passlib.totp import TOTP
from playwright.sync_api import Page, expect
from served_city import PASSWORD, ServedCity, found, moment
from sqlalchemy.orm import Session
from watched import focused, tab_to

from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.work.claim_firm import ask_to_represent

OpenPage = Callable[..., Page]
FIRM = "青岛示例无脚本仪表有限公司"


def later(page: Page, path: str) -> None:
    """Wait until the browser is at a page, whatever is asked of it."""
    page.wait_for_url(
        lambda address: address.split("://", 1)[1].partition("/")[2].partition("?")[0] == path.lstrip("/")
    )


def fill(page: Page, **boxes: str) -> None:
    for box, text in boxes.items():
        page.locator(f"#{box}").fill(text)


def test_without_script_a_firm_comes_to_its_people(city: ServedCity, open_page: OpenPage) -> None:
    first = open_page(script=False)
    register(first)
    expect(first.get_by_text("等待莱西市主管部门确认")).to_be_visible()

    official = open_page(city.cookie("district"), script=False)
    official.goto("/claims")
    official.get_by_role("link", name=FIRM).click()
    official.get_by_role("button", name="确认 郑一鸣 代表").click()
    expect(official.locator(".page-head .tag")).to_have_text("已确认")

    first.goto("/home")
    first.get_by_role("link", name="经办人与委托").click()
    fill(first, email="colleague@example.com")
    first.get_by_role("button", name="邀请", exact=True).click()
    expect(first.get_by_text("已邀请，等待接受")).to_be_visible()

    second = open_page(script=False)
    second.goto(city.link_mailed_to("colleague@example.com"))
    fill(second, name="高文博", password=PASSWORD, again=PASSWORD)
    second.get_by_role("button", name="开立账户并接受邀请").click()
    later(second, "/home")
    expect(second.get_by_role("heading", name=FIRM)).to_be_visible()
    sign_in_with_codes(second)


def register(page: Page) -> None:
    """Register as the first who acts for a firm, after a try with nothing filled in."""
    page.goto("/register")
    page.get_by_role("button", name="提交注册").click()
    expect(page.locator(".faults")).to_be_focused()
    fill(page, uscc=code(950), firm_name=FIRM, position="总经理", name="郑一鸣", phone="13905320001")
    fill(page, email="first@example.com", password=PASSWORD, again=PASSWORD)
    page.locator("#district").select_option("370285")
    page.get_by_role("button", name="提交注册").click()
    later(page, "/home")


def sign_in_with_codes(page: Page) -> None:
    """Enrol an authenticator by the key that the page shows, sign out, and sign in with both factors."""
    page.goto("/account/factors")
    codes = TOTP(key=page.locator("ol .code").inner_text(), format="base32")
    fill(page, code=codes.generate().token)
    page.get_by_role("button", name="启用验证码").click()
    expect(page.get_by_text("已启用，自")).to_be_visible()
    page.get_by_role("button", name="退出登录").click()
    later(page, "/")
    page.goto("/sign-in")
    fill(page, email="colleague@example.com", password=PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    later(page, "/sign-in/code")
    # The code of this half minute was used up; that of the next is good already.
    fill(page, code=codes.generate(time=int(moment().timestamp()) + 30).token)
    page.get_by_role("button", name="验证", exact=True).click()
    later(page, "/home")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize(
    "address, button", [("/sign-in", "登录"), ("/register", "提交注册"), ("/password/forgot", "发送邮件")]
)
def test_the_summary_of_faults_has_the_focus_and_leads_to_the_boxes(
    open_page: OpenPage, address: str, button: str, script: bool
) -> None:
    page = open_page(script=script)
    page.goto(address)
    page.get_by_role("button", name=button, exact=True).click()

    expect(page.locator(".faults")).to_be_focused()
    assert page.title().startswith("错误：")
    links = page.locator(".faults a")
    for number in range(links.count()):
        place = links.nth(number).get_attribute("href")
        links.nth(number).focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"{place}")).to_be_focused()


def test_the_first_key_leads_past_the_menu(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/sign-in")
    page.keyboard.press("Tab")

    assert focused(page) == "跳到主要内容"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "邮箱"


@pytest.mark.parametrize("width", [1280, 320])
def test_a_request_is_confirmed_by_the_keyboard_alone(city: ServedCity, open_page: OpenPage, width: int) -> None:
    who = f"keys-{width}"
    city.person(who, Role.DISTRICT_REVIEWER)
    codes = city.enrol_codes(who)
    name = request_of(city, f"asker-{width}", 960 + width)
    page = open_page(width=width)
    page.goto("/claims")
    tab_to(page, "邮箱")
    page.keyboard.type(email_of(who))
    tab_to(page, "密码")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    later(page, "/sign-in/code")
    tab_to(page, "验证码")
    page.keyboard.type(codes.generate().token)
    page.keyboard.press("Enter")
    later(page, "/claims")
    tab_to(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    tab_to(page, "确认 测试")
    page.keyboard.press("Enter")

    expect(page.locator(".page-head .tag")).to_have_text("已确认")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_request_is_refused_by_the_keyboard_alone(city: ServedCity, open_page: OpenPage, width: int) -> None:
    name = request_of(city, f"refused-{width}", 970 + width)
    page = open_page(city.cookie("district"), width=width)
    page.goto("/claims")
    tab_to(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    tab_to(page, "不予确认")
    page.keyboard.press("Enter")
    tab_to(page, "拒绝的理由")
    page.keyboard.type("电话核实未接通")
    tab_to(page, "不予确认并告知申请人")
    page.keyboard.press("Enter")

    expect(page.locator(".page-head .tag")).to_have_text("未确认")


def request_of(city: ServedCity, who: str, number: int) -> str:
    """Let somebody ask to represent a firm; return its name."""
    city.person(who)
    name = f"青岛示例键盘第{number}有限公司"

    def ask(session: Session) -> None:
        row = found(session, who)
        ask_to_represent(
            session,
            row,
            uscc=code(number),
            firm_name=name,
            district="370285",
            position="财务主管",
            doer=Doer(row.id, row.name),
            now=moment(),
        )

    city.write(ask)
    return name
