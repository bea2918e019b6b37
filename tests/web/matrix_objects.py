"""What the hostile tests ask: for every endpoint the things its address may name, and what a page may be asked.

Each table is asked by the endpoint or by the names of the arguments; what no table knows fails the tests.
"""

from collections.abc import Callable
from typing import Any

from flask import url_for
from make import code
from matrix_case_things import CASE_QUESTIONS, CASE_THINGS, CASES_IN_FORMS
from matrix_city import FOREIGN_DISTRICT, City
from matrix_jobs import JOB_QUESTIONS, JOB_THINGS
from matrix_thing import NOBODYS, Thing, Things


def _firms(more: dict[str, Any] | None = None) -> Things:
    places = {1: "370285", 2: "370202", 4: FOREIGN_DISTRICT}
    return lambda ids: [
        *(Thing({"uscc": code(number), **(more or {})}, place, number) for number, place in places.items()),
        Thing({"uscc": code(777), **(more or {})}, is_there=False),
    ]


def _claims(ids: dict[str, Any]) -> list[Thing]:
    return [
        Thing({"claim_id": ids["claim"]}, "370285", 1, "newcomer"),
        Thing({"claim_id": ids["closed_claim"]}, "370285", 50, "newcomer", fits_state=False),
        Thing({"claim_id": ids["second_claim"]}, "370202", 2, "second_claimant"),
        Thing({"claim_id": ids["foreign_claim"]}, FOREIGN_DISTRICT, 4, "foreign"),
        Thing({"claim_id": NOBODYS}, is_there=False),
    ]


def _of_firms(what: str) -> Things:
    return lambda ids: [
        *(Thing({"number": ids[f"{what}{number}"]}, firm=number) for number in (1, 2)),
        Thing({"number": ids[f"foreign_{what}"]}, firm=4),
        # A seat, a delegation and an invitation may bear one number; none may be taken for another.
        *([Thing({"number": ids["office_seat"]}, firm=0)] if what == "seat" else []),
        Thing({"number": NOBODYS}, is_there=False),
    ]


def _evidence(ids: dict[str, Any]) -> list[Thing]:
    return [
        Thing({"number": ids["evidence1"]}, "370285", 1),
        Thing({"number": ids["evidence2"]}, "370202", 2),
        Thing({"number": ids["foreign_evidence"]}, FOREIGN_DISTRICT, 4),
        # Taken back: gone for everybody.
        Thing({"number": ids["removed_evidence"]}, is_there=False),
        Thing({"number": NOBODYS}, is_there=False),
    ]


def _persons(ids: dict[str, Any]) -> list[Thing]:
    known = [Thing({"person_id": ids[who]}, person=who) for who in ("newcomer", "foreign", "disabled")]
    return [*known, Thing({"person_id": NOBODYS}, is_there=False)]


def _links(ids: dict[str, Any]) -> list[Thing]:
    return [Thing({"token": ids["link_token"]}), Thing({"token": "nobodys"}, is_there=False)]


def _invitations(ids: dict[str, Any]) -> list[Thing]:
    mine = Thing({"token": ids["invitation_token2"]}, person="invitee2")
    return [mine, Thing({"token": "nobodys"}, is_there=False)]


def _words(name: str, *words: str, **more: Any) -> Things:
    return lambda ids: [
        *(Thing({name: word, **more}) for word in words),
        Thing({name: "nothing", **more}, is_there=False),
    ]


_SHEETS = ("csv", "xlsx", "json")
_LISTS = ("pool", "expiring", "update_overdue", "falling_below", "reaching_next")
# By the endpoint with the names of its arguments, or by the names alone.
THINGS: dict[Any, Things] = {
    (): lambda ids: [Thing()],
    ("uscc",): _firms(),
    ("tier", "uscc"): _firms({"tier": "specialized"}),
    ("part", "uscc"): _firms({"part": "basic"}),
    ("claim_id",): _claims,
    ("person_id",): _persons,
    **CASE_THINGS,
    **JOB_THINGS,
    ("person_id", "tie_id"): lambda ids: [
        Thing({"person_id": ids["district"], "tie_id": ids["tie"]}),
        Thing({"person_id": ids["district"], "tie_id": ids["foreign_tie"]}, is_there=False),
        Thing({"person_id": ids["newcomer"], "tie_id": NOBODYS}, is_there=False),
    ],
    ("office_id",): lambda ids: [
        *(Thing({"office_id": ids[name]}) for name in ("idle_agency", "foreign_office")),
        Thing({"office_id": NOBODYS}, is_there=False),
    ],
    ("seat_id",): lambda ids: [
        *(Thing({"seat_id": ids[name]}) for name in ("office_seat", "foreign_reviewer_seat")),
        Thing({"seat_id": NOBODYS}, is_there=False),
    ],
    ("firm_people.end", ("number",)): _of_firms("seat"),
    ("firm_people.revoke", ("number",)): _of_firms("delegation"),
    ("firm_people.take_back", ("number",)): _of_firms("invitation"),
    ("evidence.download", ("number",)): _evidence,
    ("evidence.take_back", ("number",)): _evidence,
    ("publications.publication", ("number",)): lambda ids: [
        Thing({"number": 1}),
        Thing({"number": NOBODYS}, is_there=False),
    ],
    ("links.link", ("token",)): _links,
    ("links.use", ("token",)): _links,
    ("links.invitation", ("token",)): _invitations,
    ("links.join", ("token",)): _invitations,
    ("account.show", ("field",)): _words("field", "phone", "id_number"),
    ("books.counts_file", ("form",)): _words("form", *_SHEETS),
    **dict.fromkeys(
        (("target_pages.form", ("key", "year")), ("target_pages.enter", ("key", "year"))),
        lambda ids: [Thing({"year": 2024, "key": "above_scale_value_added_growth"})],
    ),
    ("target_pages.target", ("key", "year")): lambda ids: [
        Thing({"year": 2024, "key": "high_tech_share"}),
        Thing({"year": 2024, "key": "above_scale_value_added_growth"}),
    ],
    ("watching.entries", ("key",)): _words("key", *_LISTS),
    ("watching.file", ("form", "key")): lambda ids: [
        *(Thing({"key": key, "form": form}) for key in _LISTS for form in _SHEETS),
        Thing({"key": "pool", "form": "exe"}, is_there=False),
    ],
    ("trail.file", ("form",)): _words("form", "csv", "jsonl"),
    ("assets.static", ("digest", "name")): lambda ids: [
        Thing({"digest": "0", "name": "own.css"}),
        Thing({"digest": "0", "name": "nothing"}, is_there=False),
    ],
}
# Things that a form names, beside those of the address: whose they are is said by `person`.
NAMED_IN_FORMS: dict[str, Callable[[dict[str, Any], str], list[Thing]]] = {
    "account.end_sessions": lambda ids, who: [
        *(
            [Thing(form={"session": ids[f"extra session of {who}"]}, person=who)]
            if f"extra session of {who}" in ids
            else []
        ),
        Thing(form={"session": ids["foreign_session"]}, person="foreign"),
    ],
    **CASES_IN_FORMS,
    "factors.remove": lambda ids, who: [Thing(form={"passkey": ids["foreign_passkey"]}, person="foreign")],
}


_FIRMS_ASKED = (
    "q=canary",
    f"q={code(4)}",
    f"q={code(4)[:17]}",
    "district=370203",
    f"after={code(3)}",
    "tier=specialized&change=new&on=2023-12-31",
    "tier=any&on=2024-01-01&district=370203",
    "tier=little_giant&on=2024-01-01&known=2025-11-25T09:30:00",
    "from=none&to=little_giant&since=2023-01-01&on=2023-12-31",
    "functional_area=canary.firm.functional_area",
)
_WATCHED = ("district=370203", "on=2025-11-25", "after=0", f"after={code(3)}", "on=2026-02-01&days=400")
# What else a page may be asked, beside what it shows by itself.
QUESTIONS: dict[str, tuple[str, ...]] = {
    "public.front": ("on=2024-12-31", "on=2023-12-31"),
    "bureau.firms": _FIRMS_ASKED,
    "bureau.firm": ("on=2024-01-01", "kind=re_review"),
    "bureau.assessment": ("on=2024-01-01&kind=re_review",),
    "books.dashboard": ("on=2024-12-31",),
    "books.counts": ("by=functional_area&by=district", "year=2024&by=industry&by=size", "by=functional_area,district"),
    "books.counts_file": ("by=functional_area&by=district", "by=all"),
    "books.targets": ("year=2024",),
    "watching.lists": ("on=2024-12-31",),
    "watching.entries": _WATCHED,
    "watching.file": _WATCHED,
    "claims.waiting": ("state=all", "state=confirmed", "state=all&after=1", "state=open&district=370203"),
    "home.home": ("lang=en",),
    "self_assessments.assess": ("tier=innovative&kind=re_review", "on=2012-01-01&tier=specialized"),
    "people.people": ("q=canary", "role=applicant", "office=1", "state=disabled"),
    "offices.offices": ("q=canary", "kind=intermediary"),
    "ties.groups": ("q=canary", f"after={code(3)}"),
    "trail.search": ("q=canary", "tag=session", "person=canary.person.name", "subject=person:1"),
    "trail.file": ("q=canary", "tag=claim"),
    "sign_in.sign_in": ("next=//elsewhere.example", "next=/firms"),
    "joining.ask": ("lang=en",),
    **CASE_QUESTIONS,
    **JOB_QUESTIONS,
}


def things_of(city: City, endpoint: str, arguments: set[str], who: str = "") -> list[Thing]:
    """Return what an endpoint is asked for; KeyError when no table knows its arguments."""
    names = tuple(sorted(arguments))
    found = THINGS[(endpoint, names) if (endpoint, names) in THINGS else names](city.ids)
    more = NAMED_IN_FORMS.get(endpoint)
    return [*found, *(more(city.ids, who) if more else ())]


def address_of(city: City, endpoint: str, thing: Thing) -> str:
    """Return the address of an endpoint for a thing."""
    with city.app.test_request_context():
        return url_for(endpoint, **thing.names)
