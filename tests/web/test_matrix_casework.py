"""Of a case out of reach nothing is told, not even that it is there; and that the walk would find what tells of one."""

import re

import pytest
from matrix_build import fixture_city  # noqa: F401
from matrix_canaries import CANARY, FOREIGN_PHONE, spoken
from matrix_case_canaries import PUBLISHED
from matrix_city import KINDS, NEAR_PHONE, City
from matrix_thing import NOBODYS
from test_matrix import leaks

pytestmark = pytest.mark.slow

_FORM = {"action": "submitted/take_up", "opinion": "同意", "handler": "0"}
_VARIES = re.compile(r'name="csrf_token" value="[^"]+"|nonce="[^"]+"|nonce-[^\']+')


def asked_in_bulk(city: City, who: str, address: str, number: int) -> str:
    """Return what is answered about one number among many, with the number itself left out."""
    form = {**_FORM, "case": str(number), "seen": f"{number}:2"}
    answer = city.ask(who, "POST", address, form)
    said = re.sub(rf"(?<![\w.-]){number}(?!\w)", "#", _VARIES.sub("", answer.text))
    return f"{answer.status_code} {said}"


@pytest.mark.parametrize("address", ["/cases/bulk/preview", "/cases/bulk"])
@pytest.mark.parametrize("name", ["foreign_case", "foreign_asked", "foreign_draft", "foreign_closed", "case2"])
def test_what_is_done_with_many_says_the_same_of_a_foreign_case_as_of_none(city: City, address: str, name: str) -> None:
    city.restore()
    foreign, none = city.ids[f"case {name}"], NOBODYS

    assert asked_in_bulk(city, "district", address, foreign) == asked_in_bulk(city, "district", address, none)


@pytest.mark.parametrize("address", ["/cases/bulk/preview", "/cases/bulk"])
def test_what_is_done_with_many_does_nothing_to_a_foreign_case(city: City, address: str) -> None:
    city.restore()
    foreign = city.ids["case foreign_case"]
    own = city.ids["case waiting"]
    form = {**_FORM, "case": [str(own), str(foreign)], "seen": [f"{own}:2", f"{foreign}:2"]}
    answer = city.ask("district", "POST", address, form)
    with city.rows() as session:
        states = dict(session.connection().exec_driver_sql("SELECT id, state FROM application").all())
    city.restore()

    assert answer.status_code == 200
    assert leaks(KINDS["district"], address, answer.text) == []
    assert states[foreign] == "stage:district_review"
    assert states[own] == ("stage:district_review" if address == "/cases/bulk" else "submitted")


def test_the_walk_finds_what_tells_of_a_case(city: City) -> None:
    """Who may see the stranger's case does see its canaries; another who were shown the same is told of."""
    city.restore()
    case, ids = city.ids["case foreign_closed"], city.ids
    shown = {
        "city": (
            f"/cases/{case}",
            f"/revocations/{ids['foreign_revocation']}",
            f"/papers/changes/{ids['foreign_change']}",
            f"/papers/reports/{ids['foreign_report']}",
            f"/publicities/{ids['foreign_list']}",
            f"/samples/{ids['foreign_draw']}",
            f"/announcements/{ids['foreign_announcement']}.xlsx",
            "/cases/export.xlsx?tab=closed",
            "/windows",
        ),
        "statistician": (f"/cases/{case}",),
        "system_admin": ("/tokens",),
    }
    for who, addresses in shown.items():
        for address in addresses:
            said = spoken(city.ask(who, "GET", address).data)
            assert CANARY.findall(said), address
            assert leaks(KINDS[who], address, said) == []
            assert leaks(KINDS["department"], address, said), address


def test_a_contact_is_shown_by_the_deed_that_traces_it_and_nowhere_else(city: City) -> None:
    city.restore()
    report, foreign = city.ids["report1"], city.ids["foreign_report"]
    for number, phone in ((report, NEAR_PHONE), (foreign, FOREIGN_PHONE)):
        looked = city.ask("city", "GET", f"/papers/reports/{number}").text
        revealed = city.ask("city", "POST", f"/papers/reports/{number}/contact", {}).text
        assert phone not in looked
        assert phone in revealed
        assert leaks(KINDS["city"], "", revealed, revealed=phone) == []
        assert leaks(KINDS["city"], "", revealed) == [phone]


def test_what_is_published_is_told_to_nobody_by_another_page(city: City) -> None:
    """A page that is not named as one that publishes is held to the stranger's code and name like every other."""
    said = city.ask("anonymous", "GET", f"/public/lists/{city.ids['foreign_list']}").text
    nobody = KINDS["anonymous"]

    assert leaks(nobody, "", said, published=PUBLISHED["public_lists.listed"]) == []
    assert leaks(nobody, "", said, published=PUBLISHED["register.titles"])
    assert leaks(nobody, "", said)
