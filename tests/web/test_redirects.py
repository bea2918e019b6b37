"""`?next=` leads to a page of ours that can be looked at, whatever is written there."""

from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from make import code
from towns import APPLICANT, PASSWORD, RECOVERY, REVIEWER, Browser, Town, build_town, code_at, town_over
from werkzeug.test import TestResponse

from registry.store.people import RecoveryCode
from registry.web.redirects import LONGEST, safe_next

OURS = "http://127.0.0.1:8000"
HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/home",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example/home",
    "http:///evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\n//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/home\n",
    "/home\r\nSet-Cookie: sid=evil",
    "/home%0d%0aSet-Cookie:%20sid=evil",
    "/home\x00",
    "//evil.example@127.0.0.1:8000/home",
    "//127.0.0.1:8000@evil.example/home",
    f"{OURS}@evil.example/home",
    "@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "/javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:http://127.0.0.1:8000/home",
    "／／evil.example",
    "/／evil.example",
    "/\u2044evil.example",
    "/\u2215/evil.example",
    "/\u3002/evil.example",
    "/\u202e//evil.example",
    "/\ufeff/evil.example",
    "/home/../../evil.example",
    "/static/../..//evil.example",
    "/static/x/..%2f..%2f/evil.example",
    "/static/%2e%2e/%2e%2e//evil.example",
    "/static/x//evil.example",
    "/./home",
    "/home/",
    "/home;//evil.example",
    "/[evil",
    "//[evil",
    "/nothing-here",
    "/sign-out",
    "/account/contacts",
    "/account/sessions/end",
    "/claims/1/confirm",
    "/sign-in/passkey",
    f"{OURS}/home",
    "http://127.0.0.1:9000/home",
    "http://localhost/home",
    "http://127.0.0.1/home",
    "home",
    "./home",
    "../home",
    "?next=//evil.example",
    "#//evil.example",
    "",
    "/" + "a" * LONGEST,
    "/firms?q=" + "a" * LONGEST,
    "/" * LONGEST,
]
GOOD = [
    "/",
    "/home",
    "/claims?state=all&after=3",
    "/firms?q=%E7%A4%BA%E4%BE%8B&district=370214&tier=specialized",
    f"/firms/{code(1)}",
    f"/firms/{code(1)}/assessment/specialized?on=2026-05-01",
    "/counts?year=2025&by=industry&by=size&known=2025-11-25T09:30:00%2B08:00",
    "/firms?q=//evil.example",
    "/firms?q=a%0d%0ab",
    "/account/confirm?next=/account/factors",
    "/watch/expiring?tier=specialized&days=400",
    "/firms?q=" + "a" * (LONGEST - 9),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("redirects")
    with town_over(build_town(folder / "built.sqlite"), folder) as made:
        yield made


def by_password(town: Town, asked: str) -> str:
    return sent(town.browser().give(APPLICANT, then=f"?next={asked}"))


def by_looking(town: Town, asked: str) -> str:
    """Whoever is signed in already and looks at the sign-in goes on."""
    return sent(signed_in(town).get(f"/sign-in?next={asked}"))


def by_code(town: Town, asked: str) -> str:
    browser = town.browser()
    answer = browser.give(REVIEWER, then=f"?next={asked}")
    step = urlsplit(sent(answer))
    assert (step.scheme, step.netloc, step.path) == ("", "", "/sign-in/code")
    # Each code is good once: the next one needs a later moment.
    town.clock.move(seconds=30)
    return sent(browser.give_code(code_at(town.clock.at), then=f"?{step.query}"))


def by_recovery(town: Town, asked: str) -> str:
    browser = town.browser()
    browser.give(REVIEWER)
    with town.rows() as session:
        for row in session.query(RecoveryCode):
            row.used_at = None
    return sent(browser.post(f"/sign-in/recovery?next={asked}", code=RECOVERY[0]))


def by_confirming(town: Town, asked: str) -> str:
    return sent(signed_in(town).post(f"/account/confirm?next={asked}", present=PASSWORD))


def directly(town: Town, asked: str) -> str:
    """As the pages of passkeys and of the single sign-on ask."""
    with town.apps[0].test_request_context("/"):
        return safe_next(unquote(asked))


def signed_in(town: Town) -> Browser:
    return town.browser().sign_in(town.clock.at, APPLICANT)


def sent(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    assert len(answer.headers.getlist("Location")) == 1
    assert "sid=evil" not in answer.headers.getlist("Set-Cookie")
    return str(answer.location)


WAYS: list[Callable[[Town, str], str]] = [by_password, by_looking, by_code, by_recovery, by_confirming, directly]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_leads_away_or_to_what_is_only_posted(town: Town, way: Callable[[Town, str], str]) -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) >= 60
    assert {asked: way(town, quote(asked, safe="")) for asked in HOSTILE} == dict.fromkeys(HOSTILE, "/home")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_pages_of_ours_are_gone_back_to_with_their_query(town: Town, way: Callable[[Town, str], str]) -> None:
    assert [way(town, quote(asked, safe="")) for asked in GOOD] == GOOD


@pytest.mark.parametrize("asked", ["/static/../..//evil.example", "/static/%2e%2e/%2e%2e//evil.example", "/./home"])
def test_what_a_browser_would_fold_is_refused_as_it_would_be_read(town: Town, asked: str) -> None:
    told = directly(town, quote(asked, safe=""))

    assert urlsplit(urljoin(OURS, told)).netloc == "127.0.0.1:8000"
    assert told == "/home"


@pytest.mark.parametrize("asked", ["/home", "/firms?q=x&district=370214"])
def test_who_is_not_signed_in_comes_back_to_the_page_he_asked_for(town: Town, asked: str) -> None:
    browser = town.browser()
    sign_in = sent(browser.get(asked))
    page = browser.get(sign_in).text
    action = page.split('action="')[1].split('"')[0]
    posted = browser.post(action.replace("&amp;", "&"), "/sign-in", email=APPLICANT, password=PASSWORD)

    assert posted.location == asked


def test_a_page_that_asks_to_sign_in_repeats_no_markup_of_its_address(town: Town) -> None:
    page = town.browser().get("/sign-in?next=" + quote('"><script>alert(1)</script>')).text

    assert "<script>alert" not in page
