"""What the hostile tests ask of casework: for every endpoint the things its address or its form may name."""

from collections.abc import Callable
from typing import Any

from make import code
from matrix_cases import place_of
from matrix_city import FOREIGN_DISTRICT
from matrix_thing import NOBODYS, Thing, Things

NEAR, OTHER = "370285", "370202"
_DEPARTMENTS = frozenset({"ecology", "market", "emergency", "tax", "publicity"})
# Whose each case is: the number of its firm.
_FIRM_OF = {
    "foreign": 4,
    **dict.fromkeys(("draft1", "returned1", "filing1", "closed1"), 1),
    **dict.fromkeys(("draft2", "filing2", "case2", "closed2"), 2),
    **dict.fromkeys(("given_away", "listed2", "asked2", "to_ask2"), 51),
}
# Whom of those who look departments and auditors are, beside the bureaus.
_ASKED = dict.fromkeys(("asked", "answered", "asked2"), _DEPARTMENTS)
_ASKED |= {"foreign_asked": frozenset({"tax"}), "foreign_closed": frozenset({"emergency"})}
_GIVEN = dict.fromkeys(("given", "reported"), "auditor")
# The same form sent twice is taken for what it is: submitted once. This one is another.
_LATER = {"version": "9"}
_NOBODY = Thing({"number": NOBODYS}, is_there=False)


def case_thing(ids: dict[str, Any], name: str, *, fits: bool = True, argument: str = "number", **more: Any) -> Thing:
    """Return a case by its name, with whose it is."""
    firm = _FIRM_OF.get("foreign" if name.startswith("foreign") else name, 31)
    return Thing(
        {argument: ids[f"case {name}"], **more.pop("names", {})},
        place_of(firm),
        firm,
        asked=_ASKED.get(name, frozenset()),
        given=_GIVEN.get(name, ""),
        fits_state=fits,
        **more,
    )


def _cases(*names: str, unfit: tuple[str, ...] = (), seen: dict[str, str] | None = None, **more: Any) -> Things:
    """Return cases by their names.

    Args:
        unfit: those that are not in the state for it.
        seen: what the form of one of these says otherwise.
    """
    return lambda ids: [
        *(case_thing(ids, one, **more) for one in names),
        *(case_thing(ids, one, fits=False, form=seen or {}, **more) for one in unfit),
        Thing({"number": NOBODYS, **more.get("names", {})}, is_there=False),
    ]


def _parts(*names: str, unfit: tuple[str, ...] = (), part: str = "basic") -> Things:
    def found(ids: dict[str, Any]) -> list[Thing]:
        strange = Thing({"number": ids[f"case {names[0]}"], "part": "nothing"}, is_there=False)
        return [*_cases(*names, unfit=unfit, names={"part": part})(ids), strange]

    return found


def _placed(*names: str, numbers: bool = True, unfit: tuple[str, ...] = ()) -> Things:
    """Return things by the district or firm that their names tell of."""

    def thing(ids: dict[str, Any], name: str, fits: bool) -> Thing:
        firm = 4 if name.startswith("foreign") else 2 if name.endswith("2") else 1
        return Thing({"number": ids[name]}, place_of(firm), firm, fits_state=fits)

    return lambda ids: [
        *(thing(ids, one, True) for one in names),
        *(thing(ids, one, False) for one in unfit),
        _NOBODY,
    ]


def _of_firm(what: str, foreign: str) -> Things:
    """Return what a firm is shown under its own address; under another firm's it is not there."""
    return lambda ids: [
        Thing({"uscc": code(1), "number": ids[f"{what}1"]}, NEAR, 1),
        Thing({"uscc": code(2), "number": ids[f"{what}2"]}, OTHER, 2),
        Thing({"uscc": code(4), "number": ids[foreign]}, FOREIGN_DISTRICT, 4),
        Thing({"uscc": code(1), "number": ids[foreign]}, is_there=False),
        Thing({"uscc": code(1), "number": ids[f"{what}2"]}, is_there=False),
        Thing({"uscc": code(1), "number": NOBODYS}, is_there=False),
    ]


def _whole(*names: str) -> Things:
    """Return what belongs to the whole city."""
    return lambda ids: [*(Thing({"number": ids[one]}) for one in names), _NOBODY]


def _owned(what: str, *people: str) -> Things:
    return lambda ids: [*(Thing({"number": ids[f"{what} of {one}"]}, owner=one) for one in people), _NOBODY]


_LISTS = (("list", NEAR), ("past_list", NEAR), ("list2", OTHER), ("foreign_list", FOREIGN_DISTRICT))


def _lists(first: str = "list") -> Things:
    places = sorted(_LISTS, key=lambda one: one[0] != first)
    return lambda ids: [
        *(Thing({"number": ids[name]}, place, 4 if place == FOREIGN_DISTRICT else 31) for name, place in places),
        Thing({"number": ids["city_list"]}, "", 31),
        _NOBODY,
    ]


def _objections(first: str = "list", *, files: bool = False, own_office: bool = False) -> Things:
    """Return objections to lists; the office of the list alone learns who objected."""
    named = {"list": "objection", "past_list": "past_objection", "list2": "objection2"}
    named |= {"foreign_list": "foreign_objection"}
    places = sorted(_LISTS, key=lambda one: one[0] != first)

    def found(ids: dict[str, Any]) -> list[Thing]:
        things = []
        for name, place in places:
            names = {"number": ids[name], "objection_id": ids[named[name]]}
            names |= {"file_id": ids[f"{named[name]} file"]} if files else {}
            firm = 4 if place == FOREIGN_DISTRICT else 31
            things.append(Thing(names, place, firm, office=place if own_office else ""))
        # Of another list it is not there.
        mixed = things[0].names | {"objection_id": ids["foreign_objection"]}
        return [*things, Thing(mixed, is_there=False)]

    return found


def _entries(first: str = "list", *, own_office: bool = True) -> Things:
    places = sorted(_LISTS, key=lambda one: one[0] != first)

    def found(ids: dict[str, Any]) -> list[Thing]:
        return [
            *(
                Thing(
                    {"number": ids[name], "position": 1},
                    place,
                    4 if place == FOREIGN_DISTRICT else 31,
                    office=place if own_office else "",
                )
                for name, place in places
            ),
            Thing({"number": ids[first], "position": 99}, is_there=False),
        ]

    return found


def _codes(*names: str) -> Things:
    nobodys = Thing({"code": "0" * 26}, is_there=False)
    return lambda ids: [*(Thing({"code": ids[f"{one} code"]}) for one in names), nobodys]


_GROUP = {"tier": "specialized", "stage": "district_publicity"}


def _waiting(ids: dict[str, Any]) -> list[Thing]:
    return [Thing({}, NEAR, 31, office=NEAR), Thing(form={"stage": "nothing"}, is_there=False)]


def _certificates(ids: dict[str, Any]) -> list[Thing]:
    return [
        Thing({"number": ids["certificate1"]}, NEAR, 1),
        Thing({"number": ids["certificate2"]}, OTHER, 2),
        Thing({"number": ids["foreign_certificate"]}, FOREIGN_DISTRICT, 4),
        _NOBODY,
    ]


_N, _UN, _PN, _NO = ("number",), ("number", "uscc"), ("number", "part"), ("number", "objection_id")
_OWN = ("draft1", "returned1", "filing1", "closed1", "draft2", "foreign_draft", "foreign_case", "foreign_closed")
_FILINGS = ("filing1", "filing2", "foreign_filing")
_FILED = (*_FILINGS, "filed", "foreign_filed")
_DESK = ("waiting", "review", "closed1", "case2", "foreign_case", "foreign_closed", "asked", "given", "given_away")
_READ = {name: _cases(*_OWN) for name in ("case", "printed", "submitted", "check", "withdraw_form")}
_READ_FILED = {name: _cases(*_FILED) for name in _READ}
CASE_THINGS: dict[Any, Things] = {
    **{(f"applications.{name}", _N): things for name, things in _READ.items()},
    **{(f"filings.{name}", _N): things for name, things in _READ_FILED.items()},
    ("applications.part", _PN): _parts(*_OWN),
    ("filings.part", _PN): _parts(*_FILED),
    ("applications.save", _PN): _parts("draft1", "draft2", "foreign_draft", unfit=("closed1",)),
    ("filings.save", _PN): _parts(*_FILINGS, unfit=("filed",)),
    ("applications.submit", _N): _cases("draft1", "draft2", "foreign_draft", unfit=("closed1",), seen=_LATER),
    ("filings.submit", _N): _cases(*_FILINGS, unfit=("filed",), seen=_LATER),
    ("applications.withdraw", _N): _cases("draft1", "draft2", "foreign_draft", "foreign_case", unfit=("closed1",)),
    ("filings.withdraw", _N): _cases(*_FILINGS, unfit=()),
    ("cases.case", _N): _cases(*_DESK, "asked2", "foreign_asked"),
    ("cases.move", _N): _cases("waiting", "case2", "foreign_case", unfit=("closed1",)),
    ("cases.send_back", _N): _cases("review", "case2", "foreign_case", unfit=("closed1",)),
    ("cases.enter", _N): _cases("judged", "case2", "foreign_case", unfit=("closed1",)),
    ("desk_cases.handling", _N): _cases(*_DESK),
    ("desk_cases.assign", _N): _cases("review", "case2", "foreign_case", "foreign_closed"),
    ("desk_cases.remind", _N): _cases("waiting", "case2", "foreign_case", unfit=("closed1",)),
    ("desk_cases.drop_view", _N): _owned("view", "district", "applicant", "foreign"),
    ("notices.open_one", _N): _owned("notice", "applicant", "district", "foreign"),
    ("inquiries.inquiry", _N): _cases("asked", "answered", "asked2", "foreign_asked", "foreign_closed"),
    ("inquiries.answer", _N): _cases("asked", "asked2", "foreign_asked", unfit=("answered",)),
    # Who waits for a publicity, waits at one office.
    ("publicities.new", ()): lambda ids: [
        Thing(_GROUP, NEAR, 31, office=NEAR),
        Thing({**_GROUP, "stage": "nothing"}, is_there=False),
    ],
    **{(f"publicities.{name}", ()): _waiting for name in ("preview", "make")},
    # What the form of the example names.
    ("applications.begin", ()): lambda ids: [Thing({}, NEAR, 1)],
    ("filings.begin", ()): lambda ids: [Thing({}, NEAR, 32)],
    ("inquiries.ask", ()): lambda ids: [Thing({}, NEAR, 31)],
    ("desk_cases.save_view", ()): lambda ids: [Thing({"tab": "all"})],
    ("samples.preview", ()): lambda ids: [
        Thing({"tier": "innovative", "stage": "city_sample"}),
        Thing({"tier": "innovative", "stage": "nothing"}, is_there=False),
    ],
    # Who never held a title is in no register.
    ("register.firm", ("uscc",)): lambda ids: [
        *(Thing({"uscc": code(number)}, place_of(number), number) for number in (1, 2, 4)),
        *(Thing({"uscc": code(number)}, is_there=False) for number in (3, 777)),
    ],
    ("tiers.tier", ("tier",)): lambda ids: [Thing({"tier": "specialized"}), Thing({"tier": "nothing"}, is_there=False)],
    ("open_data.file", ("form", "name")): lambda ids: [
        *(Thing({"name": name, "form": "csv"}) for name in ("register", "yearly-counts", "rule-sets")),
        Thing({"name": "register", "form": "json"}),
        Thing({"name": "register", "form": "exe"}, is_there=False),
    ],
    ("tokens.revoke", _N): _whole("token"),
    ("api.publicity", _N): _lists(),
    ("api.publicity_firms", _N): _lists(),
    ("api.rule_set", ("rule_set_id",)): lambda ids: [
        Thing({"rule_set_id": "specialized-2022"}),
        Thing({"rule_set_id": "nothing"}, is_there=False),
    ],
    ("api.verification", ("code",)): _codes("certificate1", "certificate2"),
    ("samples.sample", _N): _whole("draw", "inspection", "foreign_draw"),
    ("samples.assign", _N): _whole("draw", "foreign_draw"),
    ("samples.member", _N): _cases("sampled", "given", "given_away", "foreign_closed"),
    ("samples.enter", _N): _cases("sampled"),
    ("samples.audit", _N): _cases("given", "reported", "given_away", "foreign_closed"),
    ("samples.report", _N): _cases("given", "given_away", "foreign_closed", unfit=("reported",)),
    ("windows.withdraw", _N): _whole("window", "foreign_window"),
    ("announcements.announcement", _N): _whole("announcement", "foreign_announcement"),
    ("announcements.file", _N): _whole("announcement", "foreign_announcement"),
    ("announcements.listed", _N): _whole("announcement", "foreign_announcement"),
    ("certificates.file", _N): _certificates,
    ("verify.certificate", ("code",)): _codes("certificate1", "certificate2"),
    ("publicities.listed", _N): _lists(),
    ("publicities.closing", _N): _lists("past_list"),
    ("publicities.close", _N): _lists("past_list"),
    ("objections.objection", _NO): _objections(),
    ("objections.reply", _NO): _objections(),
    ("objections.refuse", _NO): _objections("past_list"),
    ("objections.show", _NO): _objections(own_office=True),
    ("objections.download", ("file_id", "number", "objection_id")): _objections(files=True, own_office=True),
    ("objections.letter", ("number", "position")): _entries(),
    ("objections.enter", ("number", "position")): _entries(),
    ("public_lists.objecting", ("number", "position")): _entries(own_office=False),
    ("public_lists.object_", ("number", "position")): _entries(own_office=False),
    ("public_lists.listed", _N): _lists(),
    ("public_lists.listed_file", ("form", "number")): lambda ids: [
        *(Thing({"number": ids[name], "form": form}) for name in ("list", "foreign_list") for form in ("csv", "xlsx")),
        Thing({"number": ids["list"], "form": "exe"}, is_there=False),
        Thing({"number": NOBODYS, "form": "csv"}, is_there=False),
    ],
    ("public_lists.answer", ("code",)): _codes("objection", "past_objection"),
    ("public_report.answer", ("code",)): _codes("report1", "open_report", "settled_report"),
    ("revocations.revocation", _N): _placed("revocation1", "revocation2", "foreign_revocation", "settled_revocation"),
    ("revocations.decide", _N): _placed("revocation1", "revocation2", "foreign_revocation"),
    ("revocations.lifting", _N): _whole("ban", "foreign_ban"),
    ("revocations.lifted", _N): _whole("ban", "foreign_ban"),
    ("revocations.own", _UN): _of_firm("revocation", "foreign_revocation"),
    ("revocations.spoken", _UN): _of_firm("revocation", "foreign_revocation"),
    ("papers.question", _UN): _of_firm("report", "foreign_report"),
    ("papers.reply", _UN): _of_firm("report", "foreign_report"),
    ("papers_desk.change", _N): _placed("change1", "settled_change", "change2", "foreign_change"),
    ("papers_desk.settle", _N): _placed("change1", "settled_change", "change2", "foreign_change"),
    ("papers_desk.report", _N): _placed("report1", "open_report", "settled_report", "report2", "foreign_report"),
    ("papers_desk.ask", _N): _placed("open_report", "report2", "foreign_report"),
    ("papers_desk.close", _N): _placed("report1", "settled_report", "report2", "foreign_report"),
    ("papers_desk.contact", _N): _placed("report1", "report2", "foreign_report"),
}


def _named(field: str, *names: str, text: str = "{}") -> Callable[[dict[str, Any], str], list[Thing]]:
    """Return cases that a form names by number, beside those of the address."""

    def found(ids: dict[str, Any], _who: str) -> list[Thing]:
        things = []
        for name in names:
            one = case_thing(ids, name)
            form = {field: text.format(ids[f"case {name}"])}
            things.append(Thing({}, one.district, one.firm, asked=one.asked, given=one.given, form=form))
        return things

    return found


_MANY = ("foreign_case", "foreign_asked", "foreign_draft", "case2")
CASES_IN_FORMS: dict[str, Callable[[dict[str, Any], str], list[Thing]]] = {
    "inquiries.ask": _named("case", "to_ask2", "foreign_asked"),
    "inquiries.answer_all": _named("case", "asked2", "foreign_asked"),
    "applications.begin": lambda ids, who: [
        Thing(form={"firm": code(number)}, district=place_of(number), firm=number) for number in (2, 4)
    ],
    # Each of many is told of by itself: of what is out of reach that it is not there, whatever it is.
    "bulk.preview": lambda ids, who: [Thing(form={"case": str(ids[f"case {one}"])}) for one in _MANY],
    "bulk.act": lambda ids, who: [Thing(form={"seen": f"{ids[f'case {one}']}:2"}) for one in _MANY],
    "filings.begin": lambda ids, who: [
        Thing(form={"firm": code(number)}, district=place_of(number), firm=number) for number in (2, 4)
    ],
}
_DESK_ASKED = ("tab=all", "tab=all&q=canary", "tab=all&district=370203", "tab=closed&q=QD", "tab=all&sort=firm")
# What else the pages of casework may be asked.
CASE_QUESTIONS: dict[str, tuple[str, ...]] = {
    "desk_cases.cases": _DESK_ASKED,
    "desk_cases.export": ("tab=all", "tab=closed", "tab=all&q=canary"),
    "cases.case": ("only=changed",),
    "inquiries.mine": ("tab=answered", "tab=overdue", "after=1"),
    "inquiries.overview": ("after=1",),
    "inquiries.ask_form": ("number=1", "number=9"),
    "inquiries.confirm": ("whole=1",),
    "samples.preview": ("tier=innovative&stage=city_sample", "tier=specialized&stage=city_audit"),
    "samples.audits": ("tab=reported", "after=1"),
    "samples.samples": ("after=1",),
    "publicities.new": ("tier=specialized&stage=district_publicity", "tier=innovative&stage=publicity&district=370203"),
    "publicities.lists": ("after=1",),
    "public_lists.lists": ("after=1",),
    "public_lists.listed": ("q=canary", "after=0"),
    "public_lists.find": ("code=canary.objection.code.....",),
    "public_report.form": ("q=canary", f"uscc={code(4)}", "q=外人"),
    "public_report.look": ("code=canary.report.code........",),
    "verify.form": ("q=canary.certificate.number", "q=QDCX2025-00001"),
    "revocations.revocations": ("state=settled", "after=99"),
    "revocations.new": (f"firm={code(4)}", f"firm={code(1)}"),
    "papers_desk.papers": ("list=reports", "list=updates", "list=cancelled", "list=changes&state=settled"),
    "announcements.new": ("tier=innovative", "tier=specialized"),
    "announcements.announcements": ("after=1",),
    "applications.new": (f"firm={code(4)}", f"firm={code(1)}"),
    "filings.new": (f"firm={code(4)}", f"firm={code(1)}"),
    "register.titles": ("q=canary", f"q={code(4)}", "district=370203", "on=2024-01-01", "q=外人"),
    "register.firm": ("on=2024-01-01",),
    "open_data.file": ("on=2024-01-01", "district=370203"),
    "open_data.statistics": ("year=2023",),
    "api.register": ("q=canary", f"uscc={code(4)}", "district=370203", "on=2024-01-01"),
    "notices.mine": ("state=unread", "after=1"),
}
