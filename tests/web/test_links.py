"""Links that work once: to a first or new password, to a person of the demo city, to a firm that invites."""

import re
from datetime import timedelta

import pytest
from make import code
from small_city import NOW
from sqlalchemy import func, select
from towns import (
    APPLICANT,
    OTHER_PASSWORD,
    PASSWORD,
    PROGRAM,
    REVIEWER,
    WELCOMED,
    Browser,
    Town,
    code_at,
    person_of,
    same_words,
)

from registry.domain.lockout import LIMIT
from registry.store.letters import Letter
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.store.sign_ins import Purpose, SignIn
from registry.work.join_firm import invite
from registry.work.open_account import LIFETIMES
from registry.work.seat import end_seat

GONE = "链接已失效或已使用过"
NEW = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
TO_CHOOSE = [Purpose.WELCOME, Purpose.RESET]


def is_gone(browser: Browser, link: str) -> bool:
    """Say whether a link is good for nothing, looked at and used, and says so alike."""
    looked, used = browser.get(link), browser.post(link, **NEW)
    assert looked.status_code == used.status_code
    if looked.status_code == 404:
        assert GONE in looked.text and GONE in used.text
    return looked.status_code == 404


@pytest.mark.parametrize("purpose", TO_CHOOSE)
def test_looking_uses_nothing_up_and_posting_works_once(town: Town, purpose: Purpose) -> None:
    link, browser = town.link(WELCOMED, purpose), town.browser()
    before = len(town.entries())
    for _ in range(3):
        page = browser.get(link)
        assert page.status_code == 200 and WELCOMED in page.text
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert link.rpartition("/")[2] not in page.text.replace(f'action="{link}"', "").split("<main")[1]
    assert len(town.entries()) == before
    answer = browser.post(link, **NEW)

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not browser.is_in
    assert is_gone(town.browser(), link)
    assert browser.give(WELCOMED, OTHER_PASSWORD).location == "/home"


def test_a_link_of_the_demo_city_signs_in_once_without_a_password(town: Town) -> None:
    link, browser = town.link(REVIEWER, Purpose.DEMO), town.browser()
    assert "示例人员登录" in browser.get(link).text
    assert not browser.is_in
    assert browser.post(link).location == "/home"

    assert "吴审核，您好" in browser.get("/home").text
    assert is_gone(town.browser(), link)


def test_who_comes_by_a_demo_link_leaves_whom_he_was(town: Town) -> None:
    browser = town.browser().sign_in(NOW, APPLICANT)
    kept = town.browser()
    kept.cookie = browser.cookie
    browser.post(town.link(REVIEWER, Purpose.DEMO))

    assert "吴审核" in browser.get("/home").text
    assert not kept.is_in


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_ends_exactly_when_it_says(town: Town, purpose: Purpose) -> None:
    link = town.link(WELCOMED, purpose)
    town.clock.at = NOW + LIFETIMES[purpose] - timedelta(microseconds=1)
    assert town.browser().get(link).status_code == 200
    town.clock.at = NOW + LIFETIMES[purpose]

    assert is_gone(town.browser(), link)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_newer_link_supersedes_the_older_of_its_kind_alone(town: Town, purpose: Purpose) -> None:
    links = {one: town.link(WELCOMED, one) for one in Purpose}
    newer = town.link(WELCOMED, purpose)

    assert {one for one in Purpose if town.browser().get(links[one]).status_code == 404} == {purpose}
    assert is_gone(town.browser(), links[purpose])
    assert town.browser().get(newer).status_code == 200


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_of_a_closed_account_is_good_for_nothing(town: Town, purpose: Purpose) -> None:
    link = town.link(WELCOMED, purpose)
    town.close_account(WELCOMED)

    assert is_gone(town.browser(), link)


def test_a_new_password_uses_up_every_link_by_which_to_choose_another(town: Town) -> None:
    links = [town.link(APPLICANT, one) for one in TO_CHOOSE]
    other = town.browser().sign_in(NOW, APPLICANT)
    town.browser().post(links[0], **NEW)

    assert is_gone(town.browser(), links[1])
    assert not other.is_in
    assert town.browser().give(APPLICANT, PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "link", ["/link/nothing", "/link/%00", "/link/" + "a" * 3000, "/link/..", "/link/%F0%9F%92%A9"]
)
def test_what_is_no_link_is_gone_like_any_other(town: Town, link: str) -> None:
    assert town.browser().get(link).status_code == 404
    assert town.browser().post(link, **NEW).status_code == 404


WEAK = {
    "short": ("Ab1!", "不得少于 12 个字符", "At least 12 characters"),
    "long": ("Ab1!" * 33, "不得多于 128 个字符", "Too long"),
    "one class": ("quietharbourtown", "至少 3 类", "At least 3 of lower case"),
    "common": ("Password123456", "过于常见", "Too common"),
    "half": (OTHER_PASSWORD, "两次填写的密码不一样", "differ"),
    "none": ("", "请填写新密码", "new password"),
    "blank": (" " * 12, "请填写新密码", "new password"),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("weak", WEAK)
def test_a_weak_password_is_refused_by_its_box_and_the_link_stays_good(town: Town, weak: str, lang: str) -> None:
    text, chinese, english = WEAK[weak]
    link, browser = town.link(WELCOMED, Purpose.WELCOME), town.browser(lang=lang)
    answer = browser.post(link, password=text, again="something else" if weak == "half" else text)
    fault = re.findall(r'id="(password|again)-fault">.*?</span>([^<]+)', answer.text)

    assert answer.status_code == 422
    assert fault and fault[0][0] == ("again" if weak == "half" else "password")
    assert (english if lang == "en" else chinese) in fault[0][1]
    assert lang == "zh" or not re.search("[\u4e00-\u9fff]", fault[0][1])
    assert not text.strip() or f'value="{text}"' not in answer.text
    assert browser.post(link, **NEW).status_code == 303


def test_a_password_used_before_does_not_come_back(town: Town) -> None:
    for again in (PASSWORD, PASSWORD):
        answer = town.browser().post(town.link(APPLICANT, Purpose.RESET), password=again, again=again)
        assert answer.status_code == 422
        assert "不能与近期用过的密码相同" in answer.text


def asked(browser: Browser, email: str) -> str:
    answer = browser.post("/password/forgot", email=email)
    assert answer.status_code == 200
    return answer.text


def link_in(letter: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/(?:link|invitation)/\S+)", letter)
    assert found, letter
    return found[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_forgot_his_password_is_told_the_same_whether_he_has_an_account(town: Town, lang: str) -> None:
    town.close_account(REVIEWER)
    pages = []
    for number, email in enumerate((APPLICANT, WELCOMED, "nobody@example.com", REVIEWER, "no address at all")):
        browser = town.browser(f"10.0.0.{number}", lang)
        pages.append([same_words(asked(browser, email), email) for _ in range(LIMIT + 2)])

    assert all(page == pages[0] for page in pages)
    with town.rows() as session:
        to = session.execute(select(Letter.to, func.count()).group_by(Letter.to)).all()
    # A few in a quarter of an hour, and none to who has no open account.
    assert sorted(tuple(one) for one in to) == [(APPLICANT, LIMIT), (WELCOMED, LIMIT)]


def test_the_mail_holds_a_link_that_works_and_earlier_ones_do_not(town: Town) -> None:
    browser = town.browser()
    for _ in range(3):
        asked(browser, f" {APPLICANT.upper()} ")
    links = [link_in(one) for one in town.letters(APPLICANT)]
    assert len(set(links)) == 3
    assert [browser.get(one).status_code for one in links] == [404, 404, 200]
    assert browser.post(links[-1], **NEW).status_code == 303

    assert browser.give(APPLICANT, OTHER_PASSWORD).location == "/home"
    with town.rows() as session:
        assert all(
            links[-1].rpartition("/")[2] not in (one.body_sealed or "") for one in session.scalars(select(Letter))
        )


def test_mails_to_ask_for_start_again_after_a_quarter_of_an_hour(town: Town) -> None:
    for _ in range(LIMIT + 3):
        asked(town.browser(), APPLICANT)
    assert len(town.letters(APPLICANT)) == LIMIT
    town.clock.move(minutes=15)
    asked(town.browser(), APPLICANT)

    assert len(town.letters(APPLICANT)) == LIMIT + 1


def test_a_new_password_opens_a_door_that_wrong_ones_locked_but_not_the_second_step(town: Town) -> None:
    browser = town.browser()
    for _ in range(LIMIT):
        browser.give(REVIEWER, "Not-The-Password-1")
    assert "找回密码" in browser.give(REVIEWER).text
    asked(browser, REVIEWER)
    browser.post(link_in(town.letters(REVIEWER)[0]), **NEW)

    assert browser.give(REVIEWER, OTHER_PASSWORD).location == "/sign-in/code"
    assert browser.give_code(code_at(NOW)).location == "/home"


def test_an_address_full_of_markup_is_shown_as_it_is(town: Town) -> None:
    page = asked(town.browser(), '<script>alert("1")</script>@example.com')

    assert "<script>alert" not in page and "&lt;script&gt;" in page


def invited(town: Town, email: str, firm: int = 1) -> str:
    with town.rows() as session:
        found = firm_by_uscc(session, code(firm))
        assert found is not None
        return f"/invitation/{invite(session, found, email, doer=PROGRAM, now=town.clock.at)[1]}"


def firms_of(town: Town, email: str) -> list[str]:
    with town.rows() as session:
        query = select(SeatRow.firm_id).join(Person).where(Person.email == email, SeatRow.ended_at.is_(None))
        return [str(one) for one in session.scalars(query.order_by(SeatRow.firm_id))]


def test_who_has_no_account_opens_one_by_the_invitation_and_is_in(town: Town) -> None:
    link, browser, new = invited(town, "guest@example.com"), town.browser(), "guest@example.com"
    assert "guest@example.com" in browser.get(link).text
    answer = browser.post(link, name="", password="Ab1!", again="Ab1!")
    assert answer.status_code == 422 and "请填写姓名" in answer.text
    answer = browser.post(link, name="来客", password="青岛示例轴承-Aa1-x", again="青岛示例轴承-Aa1-x")
    assert answer.status_code == 422 and "不得包含本人姓名、邮箱或企业名称" in answer.text
    assert browser.post(link, name="x" * 61, **NEW).status_code == 422
    with town.rows() as session:
        assert session.scalar(select(Person).where(Person.email == new)) is None
    assert browser.post(link, name="来客", **NEW).location == "/home"

    assert browser.is_in and browser.get(f"/firms/{code(1)}").status_code == 200
    assert browser.get(f"/firms/{code(2)}").status_code == 404
    assert town.browser().get(link).status_code == town.browser().post(link, name="二", **NEW).status_code == 404


def test_who_has_an_account_signs_in_first_and_comes_back(town: Town) -> None:
    link, browser = invited(town, APPLICANT, 2), town.browser()
    answer = browser.post(link, name="别人", **NEW)
    assert answer.location == f"/sign-in?next={link}"
    assert browser.give(APPLICANT, then=answer.location.removeprefix("/sign-in")).location == link
    assert len(firms_of(town, APPLICANT)) == 1
    assert browser.post(link).location == f"/firms/{code(2)}"

    assert len(firms_of(town, APPLICANT)) == 2
    assert town.browser().get(link).status_code == 404


def test_an_invitation_is_for_nobody_else_who_is_signed_in(town: Town) -> None:
    link = invited(town, WELCOMED)
    for browser in (town.browser().sign_in(NOW, APPLICANT), town.browser().sign_in(NOW, REVIEWER)):
        assert "请退出后用那个账户登录" in browser.get(link).text or browser.get(link).status_code == 200
        assert browser.post(link).status_code == 404

    assert firms_of(town, WELCOMED) == []
    assert town.browser().get(link).status_code == 200


def test_a_password_alone_accepts_nothing_where_a_second_step_is_owed(town: Town) -> None:
    with town.rows() as session:
        # Somebody who acts for firms and has an authenticator.
        seat = session.scalars(select(SeatRow).join(Person).where(Person.email == REVIEWER)).one()
        end_seat(session, seat, doer=PROGRAM, now=NOW)
    link, half = invited(town, REVIEWER), town.browser()
    assert half.give(REVIEWER).location == "/sign-in/code"
    assert half.post(link).location == f"/sign-in?next={link}"
    assert half.post(link, name="另一人", **NEW).status_code == 303

    assert firms_of(town, REVIEWER) == []
    with town.rows() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    aged = town.browser()
    with town.rows() as session:
        person_of(session, APPLICANT).password_set_at = NOW - timedelta(days=181)
    aged.give(APPLICANT)
    assert aged.post(invited(town, APPLICANT, 2)).location == "/account/duties"


@pytest.mark.parametrize("end", ["expired", "revoked", "again"])
def test_an_invitation_that_ended_is_gone(town: Town, end: str) -> None:
    link, browser = invited(town, "guest@example.com"), town.browser()
    if end == "expired":
        town.clock.at = NOW + timedelta(days=7)
    elif end == "again":
        assert invited(town, "guest@example.com") != link
    else:
        owner = town.browser().sign_in(NOW, APPLICANT)
        page = owner.get(f"/firms/{code(1)}/people").text
        owner.post(re.findall(r'action="([^"]*invitation[^"]*)"', page)[0])

    assert browser.get(link).status_code == browser.post(link, name="来客", **NEW).status_code == 404
