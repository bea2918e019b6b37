"""Which pages are visited, and by whom: every endpoint that is asked by GET, for every thing that somebody may see.

The addresses and who is admitted are those of the hostile tests' city (tests/web/matrix_*): a new endpoint without an
example fails here as it does there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from matrix_city import KINDS, City
from matrix_examples import examples
from matrix_objects import QUESTIONS, address_of, things_of
from matrix_thing import Example, Thing
from test_matrix import admitted, reaches, routes

# Who is preferred where several may look: whoever works there most.
_ORDER = (
    "anonymous", "applicant", "other_applicant", "district", "city", "other_district", "department", "auditor",
    "statistician", "system_admin", "security_admin", "audit_admin", "delegate", "newcomer", "half", "bound",
    "unseated", "delegate_revoked", "delegate_late",
)  # fmt: skip
# These look otherwise for each role that may see them; of all others one pair of eyes is enough.
_MANY_FACES = {"home.home", "cases.case", "desk_cases.cases", "account.overview", "bureau.firm", "applications.case"}
# Answers of a GET that are no pages, by the kind of their content.
NO_PAGES = {
    "application/json": "data for programs",
    "application/problem+json": "a refusal for programs",
    "application/jsonl": "a file to keep",
    "application/pdf": "a file to keep",
    "application/octet-stream": "a file to keep",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "a file to keep",
    "image/svg+xml": "a picture",
    "text/css": "a style sheet",
    "text/csv": "a file to keep",
    "text/plain": "a line for whoever watches the server",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as one person sees it.

    Attributes:
        form: what is sent to the address; None: it is asked by GET.
    """

    endpoint: str
    address: str
    who: str
    form: tuple[tuple[str, str], ...] | None = None

    def told(self) -> str:
        """Name the visit in a line."""
        sent = "" if self.form is None else " sent empty" if not self.form else " sent filled in"
        return f"{self.address}{sent} as {self.who}"


@dataclass
class Found:
    """The visits, and what is no page.

    Attributes:
        no_pages: endpoints without a page, with the reason.
        endpoints: how many endpoints are asked by GET.
    """

    visits: list[Visit]
    no_pages: dict[str, str]
    endpoints: int


def visits_of(city: City) -> Found:
    """Return what is to be visited.

    Raises:
        AssertionError: somebody who may see a page does not get it.
    """
    visits: list[Visit] = []
    no_pages: dict[str, str] = {}
    endpoints = 0
    for rule, method, asked in routes(city):
        if method != "GET":
            continue
        endpoints += 1
        pages = 0
        for thing in things_of(city, rule.endpoint, rule.arguments):
            for who in _eyes(rule.endpoint, [one for one in _ORDER if _may(one, asked, thing)]):
                for address in _addresses(city, rule.endpoint, thing, asks=not pages):
                    answer = city.ask(who, "GET", address)
                    kind = (answer.content_type or "").partition(";")[0]
                    if answer.status_code == 200 and kind == "text/html":
                        visits.append(Visit(rule.endpoint, address, who))
                        pages += 1
                    elif not pages:
                        no_pages[rule.endpoint] = _reason(answer.status_code, kind, address)
        if pages:
            no_pages.pop(rule.endpoint, None)
        assert pages or rule.endpoint in no_pages, f"nobody was found for {rule.endpoint}"
    return Found(visits, no_pages, endpoints)


def answers_of(city: City) -> list[Visit]:
    """Return the forms whose answer is a page: sent empty, and sent as they should be; each changes a city of its own.

    What a browser's script makes, and files, are left to the tests of the endpoints that take them.
    """
    found: list[Visit] = []
    valid = examples(city)
    for rule, method, _asked in routes(city):
        if method != "POST" or rule.endpoint.startswith(("passkeys.", "api.", "oidc.")):
            continue
        example = valid[rule.endpoint]
        thing = things_of(city, rule.endpoint, rule.arguments, example.who)[0]
        address = address_of(city, rule.endpoint, thing)
        whole = {**example.form, **thing.form}
        for form in ({}, whole) if whole else ({},):
            if _is_page(city, address, example, form):
                found.append(Visit(rule.endpoint, address, example.who, _fields(form)))
    return found


def _is_page(city: City, address: str, example: Example, form: dict[str, object]) -> bool:
    if any(isinstance(text, tuple) and len(text) == 2 and str(text[0]).startswith("/") for text in form.values()):
        return False
    answer = city.ask(example.who, "POST", address, dict(form), cookie=city.cookie(example.who, **example.cookie))
    city.restore()
    return not 300 <= answer.status_code < 400 and (answer.content_type or "").startswith("text/html")


def _fields(form: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the boxes of a form one by one; of several answers each."""
    return tuple(
        (name, str(text)) for name, texts in form.items() for text in (texts if isinstance(texts, list) else [texts])
    )


def _may(who: str, asked: object, thing: Thing) -> bool:
    return admitted(KINDS[who], asked) and reaches(who, KINDS[who], asked, thing)  # type: ignore[arg-type]


def _eyes(endpoint: str, admitted_ones: list[str]) -> list[str]:
    if endpoint not in _MANY_FACES:
        return admitted_ones[:1]
    roles = {KINDS[who].role: who for who in reversed(admitted_ones)}
    return [who for who in admitted_ones if who in roles.values()]


def _addresses(city: City, endpoint: str, thing: Thing, *, asks: bool) -> Iterator[str]:
    address = address_of(city, endpoint, thing)
    yield address
    # Each page is looked at in both languages; to choose one would stay with whoever looks.
    for question in (one for one in QUESTIONS.get(endpoint, ()) if asks and not one.startswith("lang=")):
        yield f"{address}{'&' if '?' in address else '?'}{question}"


def _reason(status: int, kind: str, address: str) -> str:
    if 300 <= status < 400:
        return "sends on to another page"
    if "oidc" in address or "/sso" in address:
        return "asks the single sign-on, which is not there"
    if kind in NO_PAGES:
        return NO_PAGES[kind]
    return f"answers {status} with {kind}"
