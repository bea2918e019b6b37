"""Asks every page what it was not made for: the names of its own questions, with values that nobody meant."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

from form_attack import Attacked, bound, faults_of_page
from form_reader import forms_of
from form_values import VALUES
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from matrix_city import KINDS, City
from matrix_objects import QUESTIONS, address_of, things_of
from test_matrix import LOOKED_UP, admitted, reaches, routes

# What programs ask, looked at by the proof of the API and by tests of their own, or a file of ours.
_PASSED_OVER = ("api.", "assets.", "health.", "metrics.", "oidc.")
# What some page knows; another is asked it all the same.
_COMMON = (
    "q",
    "on",
    "known",
    "after",
    "year",
    "as_of",
    "by",
    "district",
    "tier",
    "kind",
    "tab",
    "state",
    "lang",
    "next",
)
_ASKERS = (
    *("city", "district", "applicant", "audit_admin", "system_admin", "security_admin"),
    *("department", "auditor", "newcomer", "half", "anonymous"),
)
_EXPECTED = {200, 301, 303, 400, 404, 409, 422}
_LINK = re.compile(r'href="([^"#]*\?[^"#]*)"')


def pages(city: City) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield every page with somebody who may look at it, an address of it, and the names of what it may be asked."""
    for rule, method, asked in routes(city):
        if method != "GET" or rule.endpoint.startswith(_PASSED_OVER):
            continue
        for who in _ASKERS:
            within = [
                address_of(city, rule.endpoint, one)
                for one in things_of(city, rule.endpoint, rule.arguments, who)
                if admitted(KINDS[who], asked) and reaches(who, KINDS[who], asked, one)
            ]
            if within:
                yield rule.endpoint, who, within[0], _names(city, rule.endpoint, who, within[0])
                break


def _names(city: City, endpoint: str, who: str, address: str) -> tuple[str, ...]:
    """Return what the page's own forms and links ask it, with what any page is asked."""
    names = {name for question in QUESTIONS.get(endpoint, ()) for name, _value in parse_qsl(question)}
    answer = city.ask(who, "GET", address)
    if answer.status_code == 200 and answer.content_type.startswith("text/html"):
        path = urlsplit(address).path
        for form in forms_of(answer.text):
            if form.method == "get" and urlsplit(form.action or address).path == path:
                names |= set(form.boxes)
        for link in _LINK.findall(answer.text):
            if urlsplit(link).path in ("", path):
                names |= {name for name, _value in parse_qsl(urlsplit(link).query.replace("&amp;", "&"))}
    return tuple(sorted(names | set(_COMMON)))


def _questions(address: str, names: tuple[str, ...]) -> st.SearchStrategy[str]:
    one = st.tuples(st.sampled_from(names), VALUES.map(lambda value: value[:4_000]))
    return st.lists(one, min_size=1, max_size=4).map(
        lambda pairs: (
            f"{address}{'&' if '?' in address else '?'}"
            + "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs)
        )
    )


def ask_pages(city: City, *, examples: int, found: Attacked, number: int = 1) -> str:
    """Ask every page so many times; failures are noted with the others. Return what was asked, in a line."""
    asked: Counter[str] = Counter()
    city.restore()
    for endpoint, who, address, names in pages(city):
        _ask(city, (endpoint, who), _questions(address, names), examples, number, found, asked)
        if endpoint in LOOKED_UP:
            city.restore()
    return f"{asked.total()} questions to {len(asked)} pages"


def _ask(
    city: City,
    of: tuple[str, str],
    questions: st.SearchStrategy[str],
    examples: int,
    number: int,
    found: Attacked,
    asked: Counter[str],
) -> None:
    endpoint, who = of

    @seed(number)
    @settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], print_blob=False,
    )  # fmt: skip
    @given(questions)
    def once(address: str) -> None:
        for limiter in city.app.extensions["limiter"]:
            limiter.reset()
        with bound(city.app) as strange:
            answer = city.ask(who, "GET", address)
        asked[endpoint] += 1
        broken = [f"given to the database: {one}" for one in strange] + faults_of_page(answer)
        if answer.status_code not in _EXPECTED:
            broken.append(f"came {answer.status_code}")
        assert not broken, f"{who}: GET {address:.400}: {broken}"

    try:
        once()
    except AssertionError as failed:
        found.failures.append(str(failed)[:2_000])
    except BaseExceptionGroup as failed:
        found.failures += [str(one)[:2_000] for one in failed.exceptions]
