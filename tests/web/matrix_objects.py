"""What the hostile tests ask: for every endpoint the things its address may name, and a valid form for what it takes.

Each table is asked by the endpoint or by the names of the arguments; what no table knows fails the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clients import email_of
from flask import url_for
from make import code
from matrix_city import FOREIGN_DISTRICT, NEW_PASSWORD, PASSWORD, RECOVERY, TODAY, City, totp_code
from small_city import NOW

NOBODYS = 999_999_999


@dataclass(frozen=True, slots=True)
class Thing:
    """What an address or a form names, and whose it is: so far as the reach of a permission asks for it.

    Attributes:
        names: the arguments of the address.
        form: what of the form names it.
        is_there: False for what nobody has: not found, whoever asks.
        fits_state: it is in the state that a permission may ask for.
    """

    names: dict[str, Any] = field(default_factory=dict)
    district: str | None = None
    firm: int | None = None
    person: str | None = None
    is_there: bool = True
    fits_state: bool = True
    form: dict[str, Any] = field(default_factory=dict)


Things = Callable[[dict[str, Any]], list[Thing]]


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
    ("claim_id",): _claims,
    ("person_id",): _persons,
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
    ("books.target", ("key", "year")): lambda ids: [
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
    "people.people": ("q=canary", "role=applicant", "office=1", "state=disabled"),
    "offices.offices": ("q=canary", "kind=intermediary"),
    "ties.groups": ("q=canary", f"after={code(3)}"),
    "trail.search": ("q=canary", "tag=session", "person=canary.person.name", "subject=person:1"),
    "trail.file": ("q=canary", "tag=claim"),
    "sign_in.sign_in": ("next=//elsewhere.example", "next=/firms"),
    "joining.ask": ("lang=en",),
}


def things_of(city: City, endpoint: str, arguments: set[str], who: str = "") -> list[Thing]:
    """Return what an endpoint is asked for; KeyError when no table knows its arguments."""
    names = tuple(sorted(arguments))
    found = THINGS[(endpoint, names) if (endpoint, names) in THINGS else names](city.ids)
    more = NAMED_IN_FORMS.get(endpoint)
    return [*found, *(more(city.ids, who) if more else ())]


@dataclass(frozen=True, slots=True)
class Example:
    """A valid form, and who would be admitted with it to the first thing of the address.

    Attributes:
        changes: False where nothing is kept: no change, thus no trace either.
        cookie: what the cookie must hold besides.
    """

    who: str
    form: dict[str, Any] = field(default_factory=dict)
    changes: bool = True
    cookie: dict[str, Any] = field(default_factory=dict)


_CREDENTIAL = {"credential": "{}", "name": "钥匙"}
_GIVEN = {"value": "Y2hhbGxlbmdl", "until": 4_000_000_000}
_TO_ENROL, _TO_SIGN_IN = ({"challenge": {**_GIVEN, "use": use}} for use in ("create", "get"))
_SHOWN = {"subject": "issuer someone", "email": email_of("colleague1"), "at": NOW.isoformat(), "until": 4_000_000_000}
_JOINING = {"uscc": code(60), "firm_name": "青岛新来有限公司", "district": "370285", "position": "经理"}
_CHOSEN = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}


def examples(city: City) -> dict[str, Example]:
    """Return a valid example for every endpoint that takes a form."""
    ids = city.ids
    office = {"office": ids["agency"], "until": TODAY.isoformat()}
    return {
        "account.change_password": Example("city", {"present": PASSWORD, **_CHOSEN}),
        "account.confirmed": Example("city", {"present": PASSWORD}, changes=False),
        "account.contacts": Example("city", {"phone": "13812345678"}),
        "account.end_sessions": Example("city"),
        "factors.enrol": Example("city", {"code": totp_code(city)}, cookie={"new_secret": ids["totp_secret"]}),
        "factors.recovery": Example("city"),
        "factors.remove": Example("applicant"),
        "account.show": Example("city"),
        "claims.confirm": Example("district"),
        "claims.refuse": Example("district", {"reason": "材料不符"}),
        "claims.show": Example("district"),
        "evidence.take_back": Example("applicant"),
        "evidence.upload": Example("applicant", {"files": (ids["file_to_upload"], "证照.pdf"), "year": "2024"}),
        "firm_people.end": Example("applicant"),
        "firm_people.entrust": Example("applicant", office),
        "firm_people.revoke": Example("applicant"),
        "firm_people.send": Example("applicant", {"email": "new-colleague@example.com"}),
        "firm_people.take_back": Example("applicant"),
        "joining.asked": Example("newcomer", _JOINING),
        "joining.register": Example(
            "anonymous", {**_JOINING, **_CHOSEN, "email": "new@example.com", "name": "新人", "phone": "13811112222"}
        ),
        "joining.take_back": Example("newcomer"),
        "links.join": Example("anonymous", {**_CHOSEN, "name": "受邀人"}),
        "links.send_link": Example("anonymous", {"email": email_of("applicant")}),
        "links.use": Example("anonymous", _CHOSEN),
        "offices.close": Example("system_admin"),
        "offices.open_company": Example("system_admin", {"kind": "auditor", "name": "新所", "uscc": code(970)}),
        "oidc.finish": Example("anonymous", cookie={"oidc_shown": {**_SHOWN, "next": "/home"}}),
        "passkeys.register": Example("city", _CREDENTIAL, cookie=_TO_ENROL),
        "passkeys.registration_options": Example("city", changes=False),
        "passkeys.sign_in": Example("anonymous", _CREDENTIAL, cookie=_TO_SIGN_IN),
        "passkeys.sign_in_options": Example("anonymous", changes=False),
        "people.disable_account": Example("system_admin"),
        "people.enable_account": Example("system_admin"),
        "people.end_sessions": Example("security_admin"),
        "people.give_seat": Example("security_admin", {"role": "auditor", "office": ids["auditors"]}),
        "people.open_new": Example("system_admin", {"email": "made@example.com", "name": "新户", "language": "zh"}),
        "people.renew": Example("security_admin"),
        "people.send_link": Example("system_admin"),
        "people.take_back_tie": Example("security_admin"),
        "people.take_seat": Example("security_admin"),
        "people.unlock": Example("security_admin"),
        "public.judge": Example("anonymous", {"tier": "innovative", "kind": "new", "on": "2025-01-01"}, changes=False),
        "sign_in.give_code": Example("half", {"code": totp_code(city)}),
        "sign_in.give_password": Example("anonymous", {"email": email_of("colleague1"), "password": PASSWORD}),
        "sign_in.give_recovery_code": Example("half", {"code": RECOVERY[0]}),
        "sign_in.sign_out": Example("city"),
        "ties.declare_tie": Example("district", {"uscc": code(1), "kind": "family", "note": "表兄"}),
        "ties.note_member": Example("security_admin", {"uscc": code(1), "group_name": "集团", "source": "年报"}),
        "trail.verify": Example("audit_admin", changes=False),
    }


def address_of(city: City, endpoint: str, thing: Thing) -> str:
    """Return the address of an endpoint for a thing."""
    with city.app.test_request_context():
        return url_for(endpoint, **thing.names)
