"""Every page of accounts, in both languages, on a wide and on a narrow screen: axe finds nothing, nothing scrolls
sideways, the browser has nothing to complain of."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from served_city import ServedCity, picture_folder
from watched import WIDTHS, faults_of

from registry.store.sign_ins import Factor


@dataclass(frozen=True, slots=True)
class View:
    """A page to look at.

    Attributes:
        address: where it is; a word in braces is a number or secret of the city.
        press: a form of that page to be sent; what comes back is looked at.
        typed: what is typed into its boxes before, by their ids; nothing by itself.
        signed_out: the cookies are taken away before.
        status: that of what is looked at.
    """

    address: str
    press: str = ""
    signed_out: bool = False
    status: int = 200
    typed: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        words = f"{self.address} {self.press}".translate({ord(one): "-" for one in "/?={}[]*$' "})
        return f"{words.strip('-')}-{self.status}"


FIRM = "/firms/{uscc}"
VIEWS: dict[str, tuple[View, ...]] = {
    "anonymous": (
        View("/sign-in"),
        View("/sign-in", "form:not([data-passkey])[action^='/sign-in']", status=422),
        View("/sign-in", "form:not([data-passkey])[action^='/sign-in']", signed_out=True, status=400),
        View("/register"),
        View("/register", "form[action='/register']", status=422),
        View("/password/forgot"),
        View("/password/forgot", "form[action='/password/forgot']", status=422),
        View("/password/forgot", "form[action='/password/forgot']", typed=(("email", "nobody@example.com"),)),
        View("/link/{welcome}"),
        View("/link/{welcome}", "form[action^='/link']", status=422),
        View("/link/{demo}"),
        View("/link/gone", status=404),
        View("/invitation/{invitation_new}"),
        View("/invitation/{invitation_new}", "form[action^='/invitation']", status=422),
        View("/invitation/{invitation_known}"),
        View("/nowhere", status=404),
    ),
    "half": (View("/sign-in/code"), View("/sign-in/code", "form[action^='/sign-in/code']", status=422)),
    "bound": (View("/account/duties"), View("/account/factors")),
    "overdue": (
        View("/account/duties"),
        View("/account/password"),
        View("/account/password", "form[action='/account/password']", status=422),
    ),
    "single": (View("/account/factors", "form[action='/account/factors/remove']", status=409),),
    "barred": (View("/claims/{open}"), View("/ties")),
    "asker": (
        View("/home"),
        View("/represent"),
        View("/represent", "form[action='/represent']", status=422),
        View("/invitation/{invitation_known}"),
        View("/invitation/{invitation_new}"),
    ),
    "applicant": (
        View("/home"),
        View(f"{FIRM}/people"),
        View(f"{FIRM}/people", "form[action$='/invite']", status=422),
        View(f"{FIRM}/people", "form[action$='/delegations']", status=422),
        View("/account"),
        View("/people", status=403),
    ),
    "delegate": (View("/home"),),
    "district": (
        View("/home"),
        View("/account"),
        View("/account", "form[action='/account/reveal/phone']"),
        View("/account/factors"),
        View("/account/factors", "form[action='/account/factors/codes']", status=422),
        View("/account/factors", "form[action='/account/factors/recovery']"),
        View("/account/confirm"),
        View("/account/confirm", "form[action^='/account/confirm']", status=422),
        View("/claims"),
        View("/claims?state=refused"),
        View("/claims?state=all"),
        View("/claims/{open}"),
        View("/claims/{unknown_firm}"),
        View("/claims/{refused}"),
        View("/claims/{open}", "form[action$='/refuse']", status=422),
        View("/claims/{open}", "form[action$='/reveal']"),
        View("/claims/{open}", "form[action$='/confirm']", signed_out=True, status=401),
        View("/ties", "form[action='/ties']", status=422),
    ),
    "city": (View("/home"), View("/ties")),
    "statistician": (View("/home"),),
    "department": (View("/home"),),
    "auditor": (View("/home"),),
    "system_admin": (
        View("/home"),
        View("/people"),
        View("/people?q=nobody"),
        View("/people/{person}"),
        View("/people/new"),
        View("/people/new", "form[action='/people/new']", status=422),
        View("/offices"),
        View("/offices", "form[action='/offices'][method='post']", status=422),
    ),
    "security_admin": (
        View("/home"),
        View("/people/{person}"),
        View("/people/{person}", "form[action$='/seats']", status=422),
        View("/groups"),
        View("/groups", "form[action='/groups'][method='post']", status=422),
    ),
    "audit_admin": (View("/home"), View("/trail"), View("/trail", "form[action$='/verify']"), View("/trail?q=nothing")),
}
# Whose pages are looked at one after another: few tests, each of some pages.
GROUPS = (
    ("anonymous",),
    ("half", "bound", "overdue", "single", "barred", "asker"),
    ("applicant", "delegate", "city", "statistician", "department", "auditor"),
    ("district",),
    ("system_admin",),
    ("security_admin", "audit_admin"),
)


# The others belong to the long proof, as the pages of the desk do (`proof.pages`); and so does English.
FIRST = (GROUPS[0], GROUPS[3])


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "group",
    [group if group in FIRST else pytest.param(group, marks=pytest.mark.long) for group in GROUPS],
    ids=lambda group: group[0],
)
def test_a_page_is_open_to_everyone(
    city: ServedCity, open_page: Callable[..., Page], group: tuple[str, ...], lang: str
) -> None:
    faults = []
    for who in group:
        page = open_page(cookie_of(city, who), lang)
        for view in VIEWS[who]:
            status = go(page, view, city)
            if status != view.status:
                faults.append(f"{who} {view.name}: answered {status}")
            faults += [
                f"{who} {view.name} {width} px: {one}" for width in WIDTHS for one in look(page, who, view, width)
            ]
            if view.signed_out:
                page = open_page(cookie_of(city, who), lang)

    assert not faults, "\n".join(faults)


def test_every_kind_of_person_is_in_a_group() -> None:
    assert sorted(VIEWS) == sorted(who for group in GROUPS for who in group)


def cookie_of(city: ServedCity, who: str) -> str:
    """Return the cookie of somebody whose pages are looked at."""
    if who == "anonymous":
        return ""
    if who == "half":
        return city.half_cookie("district")
    return city.cookie(who, Factor.PASSWORD if who in ("bound", "overdue", "asker") else Factor.TOTP)


def go(page: Page, view: View, city: ServedCity) -> int:
    """Go to what is to be looked at, and return its status."""
    answer = page.goto(view.address.format(**city.ids))
    if view.press:
        if view.signed_out:
            page.context.clear_cookies()
        for box, text in view.typed:
            page.locator(f"#{box}").fill(text)
        # Folded forms are sent as well; what is tried here is the page that comes back.
        with page.expect_navigation() as going:
            page.locator(view.press).first.evaluate("form => form.requestSubmit()")
        answer = going.value
    assert answer
    return answer.status


def look(page: Page, who: str, view: View, width: int) -> list[str]:
    """Look at a page at a width, and leave a picture of it where one is wanted."""
    faults = faults_of(page, width)
    folder = picture_folder()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        lang = page.evaluate("document.documentElement.lang")[:2]
        page.screenshot(path=folder / f"{who}-{view.name[:60]}-{lang}-{width}.png", full_page=True)
    return faults
