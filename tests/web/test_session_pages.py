"""Sessions through the pages: none is taken over, each ends when it should, duties come before everything else."""

from base64 import b32decode
from datetime import timedelta

import pytest
from small_city import NOW
from towns import (
    APPLICANT,
    BARE_STAFF,
    OTHER_PASSWORD,
    PASSWORD,
    PROGRAM,
    REVIEWER,
    Browser,
    Town,
    code_at,
    person_of,
    seat_of,
    token_hash,
)

from registry.domain.actors import Standing
from registry.domain.lockout import LIMIT
from registry.store.sign_ins import SignIn
from registry.web.access import permission_of
from registry.work.seat import end_seat

WRONG = "Not-The-Password-1"
# What may be looked at before one's duties are done, and besides what everybody may.
DUTIES = {"account.duties", "account.password", "account.confirm", "factors.factors"}


def halfway(town: Town) -> Browser:
    browser = town.browser()
    assert browser.give(REVIEWER).location == "/sign-in/code"
    return browser


@pytest.fixture
def half(town: Town) -> Browser:
    """A browser in which the reviewer's password was right."""
    return halfway(town)


def test_what_a_browser_held_before_does_not_survive_signing_in(town: Town) -> None:
    browser = town.browser()
    browser.get("/sign-in")
    anonymous = browser.cookie
    browser.give(REVIEWER)
    half = browser.cookie
    browser.give_code(code_at(NOW))
    assert len({anonymous, half, browser.cookie}) == 3
    for old in (anonymous, half):
        replayed = town.browser()
        replayed.cookie = old
        assert not replayed.is_in
    # Nor do its anti-forgery tokens: one taken before is refused after.
    stranger = town.browser()
    token = stranger.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    stranger.give()
    assert stranger.client.post("/sign-out", data={"csrf_token": token}).status_code == 400
    assert stranger.is_in


def test_a_session_that_was_planted_is_not_taken_over_but_ended(town: Town) -> None:
    attacker = town.browser("10.6.6.6").sign_in(NOW, APPLICANT)
    planted = attacker.cookie
    victim = town.browser()
    victim.cookie = planted
    assert victim.post("/sign-in", "/check", email=REVIEWER, password=PASSWORD).location == "/sign-in/code"
    assert victim.give_code(code_at(NOW)).location == "/home"

    assert token_hash(victim.cookie, town.apps[0]) != token_hash(planted, town.apps[0])
    assert "吴审核" in victim.get("/home").text
    assert "吴审核" not in attacker.get("/home").text
    # Whoever signs in anew leaves no session behind that only a copy of his old cookie could still use.
    assert not attacker.is_in
    forged = town.browser()
    forged.cookie = Browser(town.app(secret_key="another key, as long as it should be")).sign_in(NOW, APPLICANT).cookie
    assert not forged.is_in


def test_a_cookie_kept_from_before_signing_out_opens_nothing(town: Town) -> None:
    browser = town.browser().sign_in(NOW)
    kept = browser.cookie
    answer = browser.post("/sign-out")
    assert (answer.status_code, answer.location, answer.headers["Clear-Site-Data"]) == (303, "/", '"cache"')
    thief = town.browser()
    thief.cookie = kept

    assert thief.get("/home").location == "/sign-in?next=/home"
    assert thief.post("/account/reveal/phone").status_code == 401
    assert town.entries("session.signed_out")[0].name == "吴审核"


def test_a_session_goes_idle_after_its_time_and_not_a_second_before(town: Town) -> None:
    browsers = [town.browser().sign_in(NOW), town.browser().sign_in(NOW, APPLICANT)]
    town.clock.move(minutes=30)
    assert browsers[0].is_in
    town.clock.move(seconds=1)
    sent_on = browsers[1].get("/firms?q=x")

    assert sent_on.location == "/sign-in?next=/firms?q%3Dx"
    assert "因长时间没有操作，已为您退出" in browsers[1].get(sent_on.location).text
    assert "因长时间没有操作，已为您退出" not in browsers[1].get(sent_on.location).text
    assert browsers[0].is_in
    for _ in range(2):
        # Pictures and machines that watch are no use.
        town.clock.move(minutes=15, seconds=1)
        assert browsers[0].get("/healthz").status_code == browsers[0].get("/favicon.ico").status_code == 200
    assert not browsers[0].is_in


def test_a_session_ends_absolutely_however_it_is_used(town: Town) -> None:
    browser = town.browser().sign_in(NOW)
    for _ in range(23):
        town.clock.move(minutes=20)
        assert browser.is_in
    town.clock.at = NOW + timedelta(hours=8, microseconds=-1)
    assert browser.is_in
    town.clock.at = NOW + timedelta(hours=8)

    assert not browser.is_in


def test_other_sessions_are_ended_one_or_all_and_the_sixth_ends_the_oldest(town: Town) -> None:
    browsers = [town.browser().sign_in(NOW, APPLICANT) for _ in range(6)]
    assert [one.is_in for one in browsers] == [False, *[True] * 5]
    with town.rows() as session:
        number = session.query(SignIn.id).filter_by(token_hash=token_hash(browsers[1].cookie, town.apps[0])).one()[0]
    assert town.browser().sign_in(NOW).post("/account/sessions/end", session=str(number)).status_code == 404
    assert browsers[1].is_in
    assert browsers[5].post("/account/sessions/end", session=str(number)).status_code == 303
    assert [one.is_in for one in browsers] == [False, False, *[True] * 4]
    assert browsers[5].post("/account/sessions/end").status_code == 303

    assert [one.is_in for one in browsers] == [*[False] * 5, True]


def test_a_new_password_ends_every_other_session_and_whoever_got_halfway_by_the_old_one(town: Town) -> None:
    mine, other, thief = town.browser().sign_in(NOW), town.browser(), halfway(town)
    town.clock.move(seconds=30)
    other.sign_in(town.clock.at)
    boxes = {"present": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert mine.post("/account/password", **boxes).status_code == 303

    assert mine.is_in and not other.is_in
    town.clock.move(seconds=30)
    assert thief.give_code(code_at(town.clock.at)).status_code == 401
    assert not thief.is_in
    assert "邮箱或密码不对" in other.give(REVIEWER).text
    assert other.give(REVIEWER, OTHER_PASSWORD).location == "/sign-in/code"


def test_the_present_password_cannot_be_guessed_by_whoever_found_a_session_open(town: Town) -> None:
    browser = town.browser().sign_in(NOW, APPLICANT)
    new = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    for _ in range(LIMIT):
        assert browser.post("/account/password", present=WRONG, **new).status_code == 422

    assert browser.post("/account/password", present=PASSWORD, **new).status_code == 422
    assert browser.post("/account/confirm", present=PASSWORD).status_code == 422
    town.clock.move(minutes=15)
    assert browser.post("/account/password", present=PASSWORD, **new).status_code == 303


def test_a_closed_account_and_an_ended_seat_lose_all_with_the_next_request(town: Town) -> None:
    reviewer, applicant = town.browser().sign_in(NOW), town.browser().sign_in(NOW, APPLICANT)
    half = halfway(town)
    assert reviewer.get("/claims").status_code == 200
    with town.rows() as session:
        end_seat(session, seat_of(session, REVIEWER), doer=PROGRAM, now=NOW)
    town.close_account(APPLICANT)

    assert reviewer.get("/claims").status_code == 403
    assert reviewer.post("/claims/1/confirm").status_code == 403
    assert applicant.get("/home").location == "/sign-in?next=/home"
    town.close_account(REVIEWER)
    assert half.get("/sign-in/code").location == "/sign-in?next=/sign-in/code"
    assert half.give_code(code_at(NOW)).status_code == 401


def pages_open_to(town: Town, browser: Browser, sent_to: str) -> set[str]:
    """Return the endpoints that a browser reaches; every other page sends it to where it must go first."""
    app, opened = town.apps[0], set()
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        answer = browser.get(rule.rule)
        if not (answer.status_code == 303 and answer.location == sent_to):
            asked = permission_of(app.view_functions[rule.endpoint])
            assert asked is not None and asked.needs is not Standing.FULL, rule.rule
            if asked.needs is not Standing.NOBODY:
                opened.add(rule.endpoint)
    return opened


def test_staff_without_a_second_factor_reach_only_their_duties_until_they_have_one(town: Town) -> None:
    browser = town.browser().sign_in(NOW, BARE_STAFF)
    assert pages_open_to(town, browser, "/account/duties") == DUTIES
    assert browser.post("/claims/1/confirm").location == "/account/duties"
    assert "设置第二步验证" in browser.get("/account/duties").text
    shown = browser.get("/account/factors").text.split('<span class="code">')[1].split("<")[0]
    assert browser.post("/account/factors/codes", code="000000").status_code == 422
    letters = shown.replace("-", "").upper()
    key = b32decode(letters + "=" * (-len(letters) % 8))
    assert browser.post("/account/factors/codes", code=code_at(NOW, key)).status_code == 303

    assert browser.get("/account/duties").location == "/home"
    assert browser.get("/claims").status_code == 200


@pytest.mark.parametrize(("email", "days"), [(REVIEWER, 90), (APPLICANT, 180)])
def test_an_aged_password_is_changed_first(town: Town, email: str, days: int) -> None:
    with town.rows() as session:
        person_of(session, email).password_set_at = NOW - timedelta(days=days) + timedelta(seconds=1)
    browser = town.browser().sign_in(NOW, email)
    assert browser.is_in
    town.clock.move(seconds=1)

    assert pages_open_to(town, browser, "/account/duties") == DUTIES
    boxes = {"present": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert browser.post("/account/password", **boxes).status_code == 303
    assert browser.is_in


def test_halfway_nothing_is_open_but_the_second_step_and_that_not_for_long(town: Town, half: Browser) -> None:
    assert pages_open_to(town, half, "/sign-in/code") == {"sign_in.second_step"}
    for address in ("/claims/1/confirm", "/sign-out", "/account/sessions/end", "/represent"):
        assert half.post(address).location == "/sign-in/code"
    town.clock.move(minutes=9, seconds=59)
    assert half.get("/sign-in/code").status_code == 200
    town.clock.move(seconds=1)

    assert half.get("/sign-in/code").location == "/sign-in?next=/sign-in/code"
    assert half.give_code(code_at(town.clock.at)).status_code == 401


def test_a_challenge_to_sign_in_enrols_no_passkey_nor_the_other_way_round(town: Town) -> None:
    """Signing in asks for no proof; enrolling does, and whoever found a session open must not go round that."""
    browser = town.browser().sign_in(NOW, APPLICANT)
    town.clock.move(minutes=15, seconds=1)
    assert "请先重新验证密码" in browser.post("/account/passkeys/options").text
    assert browser.post("/sign-in/passkey/options").status_code == 200
    assert "验证已超时" in browser.post("/account/passkeys", credential="{}", name="他人的钥匙").text
    assert browser.post("/account/confirm", present=PASSWORD).location == "/home"
    assert browser.post("/account/passkeys/options").status_code == 200
    assert "验证已超时" in browser.post("/sign-in/passkey", credential="{}").text
    # Used up by the first answer; one of its own use is looked at, and refused for what it holds.
    assert "验证已超时" in browser.post("/account/passkeys", credential="{}", name="钥匙").text
    browser.post("/account/passkeys/options")
    assert "通行密钥未通过验证" in browser.post("/account/passkeys", credential="{}", name="钥匙").text


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-1)])
def test_no_session_lives_longer_because_the_clock_jumped(town: Town, jump: timedelta) -> None:
    browser = town.browser().sign_in(NOW)
    assert browser.is_in
    town.clock.at += jump
    assert not browser.is_in
    # Nor when the clock is put right again: whoever was there signs in once more.
    town.clock.at -= jump
    assert not browser.is_in


def test_clocks_of_two_servers_may_differ_a_little(town: Town) -> None:
    browser = town.browser().sign_in(NOW)
    town.clock.at -= timedelta(minutes=4)
    assert browser.is_in


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1)])
def test_a_first_step_does_not_last_because_the_clock_was_set_back(town: Town, half: Browser, jump: timedelta) -> None:
    town.clock.at += jump
    answer = half.give_code(code_at(NOW + jump))

    assert "/sign-in/code" not in (answer.location or "") and not half.is_in
