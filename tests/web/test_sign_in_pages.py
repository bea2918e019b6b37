"""Signing in and out through the pages: a code once, doors that lock alike for everybody."""

from datetime import timedelta

import pytest
from small_city import NOW
from towns import (
    APPLICANT,
    BARE_STAFF,
    PASSWORD,
    RECOVERY,
    REVIEWER,
    WELCOMED,
    Browser,
    Town,
    code_at,
    same_words,
)

from registry.domain.lockout import LIMIT, LOCK

WRONG = "Not-The-Password-1"
WRONG_WORDS, LOCKED_WORDS, CODE_WORDS = "邮箱或密码不对", "尝试次数过多，请在", "每个验证码只能使用一次"
STEP = timedelta(seconds=30)


@pytest.fixture
def half(town: Town) -> Browser:
    """A browser in which the reviewer's password was right."""
    return halfway(town)


def halfway(town: Town) -> Browser:
    browser = town.browser()
    assert browser.give(REVIEWER).location == "/sign-in/code"
    return browser


def wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


SPELLINGS = {
    "plain": str,
    "spaces": lambda text: f" {text[:3]} {text[3:]} ",
    "hyphen": lambda text: f"{text[:3]}-{text[3:]}",
    "full width": wide,
    "all of it": lambda text: f"{wide(text[:3])}\u3000{wide('-')}{wide(text[3:])}",
}


def test_password_then_code_then_home(town: Town) -> None:
    browser = town.browser()
    assert browser.get("/home").location == "/sign-in?next=/home"
    answer = browser.give(REVIEWER, then="?next=/claims?state=all")
    assert (answer.status_code, answer.location) == (303, "/sign-in/code?next=/claims?state%3Dall")
    answer = browser.give_code(code_at(NOW), then="?next=/claims?state=all")
    assert (answer.status_code, answer.location) == (303, "/claims?state=all")
    assert "吴审核，您好" in browser.get("/home").text
    assert browser.get("/sign-in").location == "/home"
    (entry,) = town.entries("session.signed_in")
    assert entry.after is not None and '"factor":"totp"' in entry.after


def test_whoever_has_no_second_factor_is_in_by_the_password_alone(town: Town) -> None:
    browser = town.browser()

    assert browser.give(f"  {APPLICANT.upper()} ").location == "/home"
    assert browser.is_in


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_code_is_taken_in_any_spelling_once_and_in_no_spelling_again(
    town: Town, half: Browser, spelling: str
) -> None:
    before = half.cookie
    assert half.give_code(SPELLINGS[spelling](code_at(NOW))).status_code == 303
    another = town.browser()
    another.give(REVIEWER)
    half.cookie = before
    for browser in (half, another):
        for again in SPELLINGS.values():
            answer = browser.give_code(again(code_at(NOW)))

            assert answer.status_code == 422
            assert not browser.is_in
    # The same digits refused this often have locked the codes as well: all were tries in vain.
    assert LOCKED_WORDS in answer.text


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "１２３４５六", "-" * 600, "0x1234", "+12345"])
def test_what_is_no_code_is_refused_in_words(half: Browser, text: str) -> None:
    answer = half.give_code(text)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_no_older_step_is_taken_after_a_newer_one(town: Town, half: Browser) -> None:
    assert half.give_code(code_at(NOW + STEP)).status_code == 303
    another = halfway(town)

    assert CODE_WORDS in another.give_code(code_at(NOW)).text
    assert CODE_WORDS in another.give_code(code_at(NOW - STEP)).text
    town.clock.move(seconds=60)
    assert another.give_code(code_at(town.clock.at)).status_code == 303


@pytest.mark.parametrize(
    ("into_step", "off", "is_taken"),
    [
        *((0, 0, True), (0, 30, True), (0, -30, True), (0, -31, False), (0, 60, False)),
        *((29, 30, True), (29, -30, True), (29, 31, False), (29, -60, False), (15, 3600, False)),
    ],
)
def test_a_clock_may_be_wrong_by_half_a_minute(town: Town, into_step: int, off: int, is_taken: bool) -> None:
    town.clock.move(seconds=into_step)
    answer = halfway(town).give_code(code_at(town.clock.at + timedelta(seconds=off)))

    assert (303 if is_taken else 422) == answer.status_code


def test_a_recovery_code_lets_in_once(town: Town, half: Browser) -> None:
    assert half.post("/sign-in/recovery", code=RECOVERY[0].upper().replace("-", " ")).status_code == 303
    assert half.is_in
    another = halfway(town)

    assert another.post("/sign-in/recovery", code=RECOVERY[0]).status_code == 422
    assert another.post("/sign-in/recovery", code=wide("  ")).status_code == 422
    assert another.post("/sign-in/recovery", code=RECOVERY[1]).status_code == 303
    assert [entry.tag for entry in town.entries("recovery.used")] == ["recovery.used"] * 2


def test_wrong_codes_lock_both_ways_and_open_exactly_at_the_end(town: Town, half: Browser) -> None:
    wrong = next(one for one in ("111111", "222222") if one not in {code_at(NOW + step * STEP) for step in (-1, 0, 1)})
    for number in range(LIMIT):
        answer = half.give_code(wrong) if number % 2 else half.post("/sign-in/recovery", code=wrong)
        assert (LOCKED_WORDS in answer.text) == (number == LIMIT - 1)
    assert LOCKED_WORDS in half.give_code(code_at(NOW)).text
    assert LOCKED_WORDS in half.post("/sign-in/recovery", code=RECOVERY[0]).text
    town.clock.at = NOW + LOCK - timedelta(microseconds=1)
    late = halfway(town)
    assert LOCKED_WORDS in late.give_code(code_at(town.clock.at)).text
    town.clock.at = NOW + LOCK

    assert late.give_code(code_at(town.clock.at)).status_code == 303


def test_the_fifth_failure_locks_even_the_right_password_until_exactly_the_end(town: Town) -> None:
    town.clock.move(seconds=10)
    browser = town.browser()
    told = [browser.give(password=WRONG).text for _ in range(LIMIT)]
    assert all(WRONG_WORDS in text for text in told[:-1])
    assert f"{LOCKED_WORDS} 09:45:10 之后重试" in told[-1]
    town.clock.move(minutes=14, seconds=59)
    assert LOCKED_WORDS in browser.give().text
    assert not browser.is_in
    town.clock.move(seconds=1)

    assert browser.give().location == "/home"


def test_failures_are_counted_over_all_processes(town: Town) -> None:
    browsers = [Browser(town.app()), Browser(town.app())]
    for number in range(LIMIT):
        browsers[number % 2].give(password=WRONG)

    assert [LOCKED_WORDS in browser.give().text for browser in (*browsers, town.browser())] == [True] * 3
    codes = [Browser(app) for app in town.apps[1:]]
    for number in range(LIMIT):
        codes[number % 2].give(REVIEWER)
        codes[number % 2].post("/sign-in/recovery", code="wrong")
    assert LOCKED_WORDS in halfway(town).give_code(code_at(NOW)).text


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("known", [APPLICANT, REVIEWER, WELCOMED, BARE_STAFF])
def test_nobody_learns_whether_there_is_an_account(town: Town, known: str, lang: str) -> None:
    """Also not of one that is closed, that has no password yet, or that is locked."""
    if known == BARE_STAFF:
        town.close_account(known)
    unknown = "nobody@example.com"
    of_known, of_unknown = town.browser("10.0.0.1", lang), town.browser("10.0.0.2", lang)
    for number in range(LIMIT + 2):
        # While it is locked, the right password is told from no other.
        given = PASSWORD if number >= LIMIT or known == BARE_STAFF else WRONG
        one, other = of_known.give(known, given), of_unknown.give(unknown, given)

        assert one.status_code == other.status_code == 422
        assert same_words(one.text, known) == same_words(other.text, unknown)
    refused = [(entry.tag, entry.after) for entry in town.entries("session")]
    assert refused[0::2] == refused[1::2]
