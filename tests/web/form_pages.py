"""Where every form that can be sent is found: the page that shows it, and somebody who may use it.

What no page shows is named with the reason, and how it is sent nevertheless.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from form_reader import Box, Shown, forms_of
from make import code
from matrix_city import City
from matrix_examples import examples
from matrix_objects import address_of, things_of
from matrix_thing import Example
from small_city import NOW
from test_gets_write_nothing import looks
from test_matrix import KINDS, reaches, routes
from werkzeug.exceptions import HTTPException

from registry.domain.trail import Doer, Tag
from registry.store.persons import person_by_email
from registry.work.sign_in import Door, note_failure


@dataclass(slots=True)
class Target:
    """A form as somebody sees it, and a valid way to fill it in where one is known.

    Attributes:
        filled: what the example of the endpoint types; a pair is a file with its name.
    """

    endpoint: str
    who: str
    form: Shown
    cookie: dict[str, Any] = field(default_factory=dict)
    filled: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[City], None] | None = None

    @property
    def kind(self) -> tuple[object, ...]:
        """Return what tells two forms of one endpoint apart: their boxes, and the words that are hidden in them."""
        boxes = self.form.boxes.values()
        words = [
            (one.name, tuple(one.shown)) for one in boxes if one.kind == "hidden" and "".join(one.shown).isidentifier()
        ]
        return (self.endpoint, tuple(sorted(self.form.boxes)), tuple(words))


@dataclass(frozen=True, slots=True)
class At:
    """Where a form stands.

    Attributes:
        page: an endpoint, or an address made of the city's numbers.
        asked: the question of the address.
        who: who sees it, where it is not whom the example names.
        sent: the page comes as the answer to the example of this endpoint.
        prepare: what must be so before the page shows it.
    """

    page: str | Callable[[dict[str, Any]], str] = ""
    asked: str = ""
    who: str = ""
    sent: str = ""
    prepare: Callable[[City], None] | None = None


def _lock(city: City) -> None:
    """Let somebody type a wrong password until he has to wait."""
    with city.rows() as session:
        person = person_by_email(session, "newcomer@example.com")
        assert person is not None
        doer = Doer(person.id, person.name, "", "127.0.0.1", "tests")
        for _time in range(6):
            doors = [Door.account(person.email)]
            note_failure(session, doors, tag=Tag.SESSION_REFUSED, subject=f"person:{person.id}", doer=doer, now=NOW)


PAGES: dict[str, At] = {
    "account.change_password": At("account.password"),
    "account.confirmed": At("account.confirm"),
    "account.contacts": At("account.overview"),
    "account.end_sessions": At("account.overview"),
    "account.show": At("account.overview", who="newcomer"),
    "announcements.make": At("announcements.new", "tier=innovative"),
    "applications.begin": At("applications.new"),
    "applications.save": At("applications.part"),
    "applications.submit": At("applications.check"),
    "applications.withdraw": At("applications.withdraw_form"),
    "bulk.act": At(sent="bulk.preview"),
    "bulk.preview": At("desk_cases.cases"),
    "cases.enter": At(lambda ids: f"/cases/{ids['case judged']}"),
    "cases.move": At("cases.case"),
    "cases.send_back": At(lambda ids: f"/cases/{ids['case review']}"),
    "claims.confirm": At("claims.claim"),
    "claims.refuse": At("claims.claim"),
    "claims.show": At("claims.claim"),
    "desk_cases.assign": At("desk_cases.handling"),
    "desk_cases.drop_view": At("desk_cases.cases"),
    "desk_cases.remind": At("desk_cases.handling"),
    "desk_cases.save_view": At("desk_cases.cases", "tab=all"),
    "evidence.take_back": At("evidence.files"),
    "evidence.upload": At("evidence.files"),
    "factors.enrol": At("factors.factors"),
    "factors.recovery": At("factors.factors"),
    "factors.remove": At("factors.factors"),
    "figures_book.read": At("figures_book.figures"),
    "filings.begin": At("filings.new", f"firm={code(32)}"),
    "filings.save": At("filings.part"),
    "filings.submit": At("filings.check"),
    "filings.withdraw": At("filings.withdraw_form"),
    "firm_people.end": At("firm_people.people"),
    "firm_people.entrust": At("firm_people.people"),
    "firm_people.revoke": At("firm_people.people"),
    "firm_people.send": At("firm_people.people"),
    "firm_people.take_back": At("firm_people.people"),
    "imports_desk.check": At("imports_desk.imports"),
    "imports_desk.file_list": At(lambda ids: f"/jobs/{ids['checked_job']}"),
    "inquiries.answer": At("inquiries.inquiry"),
    "inquiries.answer_all": At("inquiries.confirm", "whole=1"),
    "inquiries.ask": At("inquiries.ask_form"),
    "jobs.cancel": At(lambda ids: f"/jobs/{ids['waiting_job']}"),
    "joining.asked": At("joining.ask"),
    "joining.register": At("joining.form"),
    "joining.take_back": At("home.home"),
    "links.join": At("links.invitation"),
    "links.send_link": At("links.forgot"),
    "links.use": At("links.link"),
    "notices.open_one": At("notices.mine"),
    "notices.read_all": At("notices.mine"),
    "objections.enter": At("objections.letter"),
    "objections.refuse": At(lambda ids: f"/publicities/{ids['past_list']}/objections/{ids['past_objection']}"),
    "objections.reply": At("objections.objection"),
    "objections.show": At("objections.objection"),
    "offices.close": At("offices.offices"),
    "offices.open_company": At("offices.offices"),
    "outcomes.carried_out": At(sent="outcomes.compare"),
    "outcomes.compare": At("outcomes.outcomes"),
    "papers.reply": At("papers.question"),
    "papers.report": At("papers.changes"),
    "papers_desk.ask": At(lambda ids: f"/papers/reports/{ids['open_report']}"),
    "papers_desk.close": At("papers_desk.report"),
    "papers_desk.contact": At("papers_desk.report"),
    "papers_desk.settle": At("papers_desk.change"),
    "passkeys.register": At("factors.factors"),
    "passkeys.sign_in": At("sign_in.sign_in"),
    "people.disable_account": At("people.person"),
    "people.enable_account": At(lambda ids: f"/people/{ids['disabled']}"),
    "people.end_sessions": At("people.person"),
    "people.give_seat": At("people.person"),
    "people.open_new": At("people.new"),
    "people.renew": At("people.person"),
    "people.send_link": At("people.person"),
    "people.take_back_tie": At(lambda ids: f"/people/{ids['district']}"),
    "people.take_seat": At(lambda ids: f"/people/{ids['department']}"),
    "people.unlock": At("people.person", prepare=_lock),
    "profile.save": At("profile.part"),
    "public.judge": At("public.check"),
    "public_lists.object_": At("public_lists.objecting"),
    "public_report.send": At("public_report.form", f"uscc={code(1)}"),
    "publicities.close": At(sent="publicities.closing"),
    "publicities.closing": At(lambda ids: f"/publicities/{ids['past_list']}"),
    "publicities.make": At(sent="publicities.preview"),
    "publicities.preview": At("publicities.new"),
    "revocations.create": At("revocations.new"),
    "revocations.decide": At("revocations.revocation"),
    "revocations.lifted": At("revocations.lifting"),
    "revocations.spoken": At("revocations.own"),
    "samples.assign": At("samples.sample"),
    "samples.draw": At("samples.preview"),
    "samples.enter": At("samples.member"),
    "samples.report": At("samples.audit"),
    "screenings.call_up": At("screenings.screenings", "tier=specialized"),
    "screenings.start": At("screenings.screenings", "tier=specialized"),
    "self_assessments.keep": At("self_assessments.assess"),
    "sign_in.give_code": At("sign_in.second_step"),
    "sign_in.give_password": At("sign_in.sign_in"),
    "sign_in.give_recovery_code": At("sign_in.second_step"),
    "sign_in.sign_out": At("home.home"),
    "target_pages.enter": At("target_pages.form"),
    "ties.declare_tie": At("ties.ties"),
    "ties.note_member": At("ties.groups"),
    "tokens.make": At("tokens.tokens"),
    "tokens.revoke": At("tokens.tokens"),
    "trail.verify": At("trail.search"),
    "windows.lay_down": At("windows.form"),
    "windows.withdraw": At("windows.windows"),
}
# No page of this city shows these: they are sent as the example fills them in, with boxes of those names.
UNSEEN = {
    "oidc.finish": "its page is the way back from a single sign-on, and nobody answers where that would be",
    "papers.file": "yearly updates are asked for from 2027 on, and this city stands in 2025",
    "passkeys.registration_options": "a script asks for it; there is nothing but the token in it",
    "passkeys.sign_in_options": "a script asks for it; there is nothing but the token in it",
}
# Programs ask it, with JSON and without a form: the proof of the API sends it what no form would.
FOR_PROGRAMS = {"api.assess": "a program asks, by JSON"}


def endpoint_of(city: City, action: str) -> str:
    """Return where a form is sent; empty where nothing takes it."""
    try:
        endpoint, _arguments = city.app.url_map.bind("localhost").match(action.split("?")[0], method="POST")
    except HTTPException:
        return ""
    return str(endpoint)


def target_of(city: City, endpoint: str) -> Target:
    """Return the form of an endpoint, from its page; the one that the example fills in, where the page has several.

    Raises:
        AssertionError: the page shows no such form.
    """
    example = examples(city)[endpoint]
    meant = address_of(city, endpoint, things_of(city, endpoint, _arguments(city, endpoint), example.who)[0])
    if endpoint in UNSEEN:
        shown = Shown(meant, "post", False, "", {name: Box(name, "text") for name in example.form})
        return Target(endpoint, example.who, shown, example.cookie, dict(example.form))
    at = PAGES[endpoint]
    who = at.who or example.who
    found: list[Shown] = []
    if at.prepare is not None:
        at.prepare(city)
    for text in _pages(city, at, who):
        found += [one for one in forms_of(text) if one.method == "post" and endpoint_of(city, one.action) == endpoint]
        exact = [one for one in found if one.action.split("?")[0] == meant]
        if exact:
            # The cookie that the page gives with it is the example's.
            return Target(endpoint, who, exact[0], example.cookie, dict(example.form), at.prepare)
    assert found, f"{endpoint}: no form on its page"
    return Target(endpoint, who, found[0], example.cookie, dict(example.form), at.prepare)


def _arguments(city: City, endpoint: str) -> set[str]:
    return {name for rule in city.app.url_map.iter_rules(endpoint) for name in rule.arguments}


def _pages(city: City, at: At, who: str) -> Iterator[str]:
    if at.sent:
        yield send_example(city, at.sent, examples(city)[at.sent])
        return
    if callable(at.page):
        addresses = [at.page(city.ids)]
    else:
        asked = city.app.view_functions[at.page].permission  # type: ignore[attr-defined]
        things = things_of(city, at.page, _arguments(city, at.page), who)
        addresses = [address_of(city, at.page, one) for one in things if reaches(who, KINDS[who], asked, one)]
    for address in addresses:
        answer = city.ask(who, "GET", f"{address}?{at.asked}" if at.asked else address)
        if answer.status_code == 200:
            yield answer.text


def send_example(city: City, endpoint: str, example: Example) -> str:
    """Send the example of an endpoint and return the page that answers."""
    thing = things_of(city, endpoint, _arguments(city, endpoint), example.who)[0]
    cookie = city.cookie(example.who, **example.cookie)
    form = {**example.form, **thing.form}
    return str(city.ask(example.who, "POST", address_of(city, endpoint, thing), form, cookie=cookie).text)


def all_targets(city: City, *, everybody: bool) -> list[Target]:
    """Return the form of every endpoint, from its page.

    Args:
        everybody: with every other kind of form of it that the pages of anybody who uses one show.
    """
    sent = [rule.endpoint for rule, method, _asked in routes(city) if method == "POST"]
    found = []
    for endpoint in sent:
        if endpoint not in FOR_PROGRAMS:
            found.append(target_of(city, endpoint))
            if found[-1].prepare is not None:
                city.restore()
    return [*found, *_others(city, {one.kind for one in found})] if everybody else found


def _others(city: City, kinds: set[tuple[object, ...]]) -> Iterator[Target]:
    cases = [f"/cases/{number}" for name, number in sorted(city.ids.items()) if name.startswith("case ")]
    city.restore()
    for who in sorted({one.who for one in examples(city).values()}):
        for address in dict.fromkeys([*(address for _endpoint, address in looks(city, who)), *cases]):
            answer = city.ask(who, "GET", address)
            if answer.status_code != 200 or "html" not in answer.content_type:
                continue
            for form in forms_of(answer.text):
                target = Target(endpoint_of(city, form.action or address), who, form)
                if form.method == "post" and target.kind not in kinds:
                    assert target.endpoint, f"{address}: nothing takes the form for {form.action}"
                    kinds.add(target.kind)
                    yield target
