"""Everybody asks for everything: every endpoint, by every kind of person, of own things and of strangers' things.

What must come is worked out here from the data of the table of permissions, by hand: the program's own question whether
somebody is admitted is never asked. Nothing that is refused may change or tell anything.
"""

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from make import code
from matrix_build import fixture_city  # noqa: F401
from matrix_canaries import CANARY, CODE_READERS, EXEMPT, FOREIGN_PHONE, READERS, planted, spoken, text_columns
from matrix_case_canaries import PUBLISHED
from matrix_city import EVERYBODY, KINDS, NEAR_PHONE, City, Kind
from matrix_examples import examples
from matrix_links import endpoints_led_to
from matrix_objects import NAMED_IN_FORMS, QUESTIONS, address_of, things_of
from matrix_thing import Example, Thing
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.domain.actors import Standing
from registry.domain.permissions import BY_KEY, Permission, Reach

pytestmark = pytest.mark.slow

# What comes of a request, in a word.
OK, GONE, CLOSED = "done", "not found", "forbidden"
SIGN_IN, SIGN_IN_FIRST, SECOND, DUTIES = "to sign-in", "sign in first", "to the second step", "to the duties"
# What an admitted request may come to besides being done: what was typed is refused, or a state stands against it.
REFUSED = {409, 422}
# These take what a browser's script made, and say 400 of anything else.
ALSO_REFUSED = {"passkeys.register": {400}, "passkeys.sign_in": {400}}
# Nobody answers where the single sign-on would be, and who comes back from it without having gone is refused.
ALSO_REFUSED |= {"oidc.start": {502}, "oidc.back": {400}}
# What shows a confidential field in full, and traces that it did.
REVEALS = {"claims.show", "account.show", "objections.show", "papers_desk.contact"}
# A program asks by its token; no person is admitted, whoever he is.
FOR_PROGRAMS = {"api.counts", "api.standing", "api.targets", "metrics.metrics"}
# That a certificate was looked up is noted, by a GET: what follows is compared with the city as it was.
LOOKED_UP = {"verify.certificate", "verify.form", "api.verification"}
# An export writes one entry of the trail; nothing else that is looked at writes.
SILENT_TABLES = {"trail", "sign_in", "alembic_version"}


def admitted(kind: Kind, asked: Permission) -> bool:
    if asked.needs is Standing.HALF:
        return kind.standing is Standing.HALF
    if kind.standing < asked.needs:
        return False
    if asked.grants is None:
        return True
    reach = asked.grants.get(kind.role) if kind.role else None
    return reach is not None and (reach is not Reach.OWN_FIRM or kind.is_own)


def reaches(who: str, kind: Kind, asked: Permission, thing: Thing) -> bool:
    """Say whether a thing lies within the reach of somebody who is admitted."""
    if not thing.is_there or thing.owner not in ("", who):
        return False
    # Who has the whole city is in no district: an office's own is of the district that bears its name, or of none.
    if thing.office and kind.district != thing.office:
        return False
    if asked.grants is None:
        # Within himself; a stranger who shows a secret has nothing else to show.
        return thing.person in (None, who) or kind.standing is Standing.NOBODY
    reach = asked.grants[kind.role] if kind.role else None
    if thing.district is None and thing.firm is None and thing.person is None:
        return True
    return {
        Reach.CITY: True,
        Reach.DISTRICT: thing.district == kind.district,
        Reach.FIRM: thing.firm in kind.firms,
        Reach.OWN_FIRM: thing.firm in kind.firms and kind.is_own,
        Reach.ASKED: kind.department in thing.asked,
        Reach.GIVEN: thing.given == who,
        Reach.SELF: thing.person == who,
        None: False,
    }[reach]


def expected(who: str, asked: Permission, thing: Thing, method: str, endpoint: str) -> str:
    kind = KINDS[who]
    if endpoint in FOR_PROGRAMS:
        return SIGN_IN_FIRST
    if admitted(kind, asked):
        # An invitation is for one address: whoever is signed in with another has nothing of it.
        if endpoint == "links.join" and thing.is_there:
            return {Standing.FULL: GONE, Standing.BOUND: DUTIES}.get(kind.standing, OK)
        if endpoint == "links.invitation" and thing.is_there:
            return OK
        return OK if reaches(who, kind, asked, thing) else GONE
    if kind.standing is Standing.HALF:
        return SECOND
    if kind.standing is Standing.BOUND:
        return DUTIES
    if kind.standing is Standing.NOBODY:
        return SIGN_IN if method == "GET" else SIGN_IN_FIRST
    return CLOSED


def outcome(answer: TestResponse, endpoint: str, asked: Permission) -> str:
    status, place = answer.status_code, answer.headers.get("Location", "")
    if status == 303 and place.startswith("/sign-in/code") and asked.key != "sign_in":
        return SECOND
    if status == 303 and place.startswith("/account/duties") and asked.key != "settle":
        return DUTIES
    if status == 303 and place.startswith("/sign-in") and asked.needs is not Standing.NOBODY:
        return SIGN_IN
    if status in (200, 301, 303) or status in REFUSED | ALSO_REFUSED.get(endpoint, set()):
        return OK
    return {401: SIGN_IN_FIRST, 403: CLOSED, 404: GONE}.get(status, f"{status}")


def may_read(kind: Kind, keys: tuple[str, ...]) -> bool:
    """Say whether somebody may read what is a stranger's: only who has the whole city, or where it lies open to all."""
    for key in keys:
        asked = BY_KEY[key]
        reach = (asked.grants or {}).get(kind.role) if kind.role else None
        if admitted(kind, asked) and (reach is Reach.CITY or key == "run_firm"):
            return True
    return False


def leaks(
    kind: Kind, address: str, said: str, *, revealed: str = "", published: frozenset[str] | None = None
) -> list[str]:
    """Return what is told that should not be.

    Args:
        revealed: the number that is shown in full by a deed that traces it.
        published: the columns that the page is there to publish, with the stranger's code; None: it is no such page.
    """
    found = sorted({word.removeprefix("canary.") for word in CANARY.findall(said)} - (published or frozenset()))
    told = [f"canary.{name}" for name in found if not may_read(kind, READERS.get(name, ()))]
    # Whoever asked by the code has it already.
    if published is None and code(4) in said and code(4) not in address and not may_read(kind, CODE_READERS):
        told.append(code(4))
    return [*told, *(one for one in (FOREIGN_PHONE, NEAR_PHONE) if one in said and one != revealed)]


def number_revealed(endpoint: str, thing: Thing) -> str:
    """Return the number that a deed shows in full, of whom it is asked; empty where none does."""
    if endpoint not in REVEALS:
        return ""
    return FOREIGN_PHONE if thing.firm == 4 else NEAR_PHONE


def digests(file: Path) -> dict[str, str]:
    """Return the digest of the rows of every table, apart from those that tell of requests."""
    connection = sqlite3.connect(file)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
    found = {}
    for table in tables:
        if table not in SILENT_TABLES and not table.startswith("sqlite_"):
            rows = sorted(repr(row) for row in connection.execute(f'SELECT * FROM "{table}"'))  # noqa: S608
            found[table] = sha256(f"{len(rows)} {rows}".encode()).hexdigest()
    connection.close()
    return found


def fingerprint(file: Path) -> str:
    """Return the digest of every row of every table, apart from those that tell of requests."""
    return sha256(repr(digests(file)).encode()).hexdigest()


def changes_of(file: Path) -> bytes:
    """Return how often the file was changed, as its head says: any commit that wrote anything counts."""
    with file.open("rb") as opened:
        return opened.read(28)[24:]


def routes(city: City) -> list[tuple[Rule, str, Permission]]:
    found = []
    for rule in sorted(city.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found.append((rule, method, city.app.view_functions[rule.endpoint].permission))  # type: ignore[attr-defined]
    return found


def closed_to(city: City, who: str, answer: TestResponse) -> list[str]:
    """Return where a page leads somebody who is signed in that the table does not let him in."""
    kind = KINDS[who]
    if kind.standing is not Standing.FULL or answer.status_code != 200 or answer.mimetype != "text/html":
        return []
    views = city.app.view_functions
    return [
        address
        for endpoint, address in endpoints_led_to(city, answer.text).items()
        if not admitted(kind, views[endpoint].permission)  # type: ignore[attr-defined]
    ]


def ask_all(city: City, who: str, lang: str = "zh") -> list[str]:
    """Ask for everything as somebody; return what was not as expected."""
    wrong: list[str] = []
    valid, whole = examples(city), fingerprint(city.file)
    for rule, method, asked in routes(city):
        example = valid[rule.endpoint] if method == "POST" else Example(who)
        for thing in things_of(city, rule.endpoint, rule.arguments, who):
            address = address_of(city, rule.endpoint, thing)
            before = changes_of(city.file)
            cookie = city.cookie(who, **example.cookie)
            form = {**example.form, **thing.form}
            answer = city.ask(
                who, method, address, form, cookie=cookie, headers={"Accept-Language": lang}, **example.more
            )
            wanted, came = expected(who, asked, thing, method, rule.endpoint), outcome(answer, rule.endpoint, asked)
            said = f"{who}: {method} {address} {thing.form or ''}"
            if came != wanted:
                wrong.append(f"{said}: {wanted} expected, came {came} ({answer.status_code})")
            revealed = number_revealed(rule.endpoint, thing) if wanted == OK else ""
            told = spoken(answer.data) + str(answer.headers)
            leaked = leaks(KINDS[who], address, told, revealed=revealed, published=PUBLISHED.get(rule.endpoint))
            if leaked:
                wrong.append(f"{said}: told {leaked}")
            if led := closed_to(city, who, answer):
                wrong.append(f"{said}: leads to {led}, which is closed to him")
            if method == "GET":
                head = city.ask(who, "HEAD", address, cookie=cookie) if wanted != OK else answer
                if head.status_code != answer.status_code:
                    wrong.append(f"{said}: HEAD came to {head.status_code}, GET to {answer.status_code}")
            if wanted == OK and any(asked.state) and not thing.fits_state and answer.status_code != 409:
                wrong.append(f"{said}: not in the state for it, came {answer.status_code}")
            if changes_of(city.file) == before:
                continue
            if wanted != OK and fingerprint(city.file) != whole:
                wrong.append(f"{said}: changed something though {wanted}")
            if method == "POST" or rule.endpoint in LOOKED_UP:
                city.restore()
    return wrong


def ask_questions(city: City, who: str) -> list[str]:
    """Search, filter and turn pages as somebody who is admitted; return what told of strangers, or failed."""
    wrong: list[str] = []
    for rule, method, asked in routes(city):
        if method != "GET" or not admitted(KINDS[who], asked):
            continue
        within = [one for one in things_of(city, rule.endpoint, rule.arguments) if reaches(who, KINDS[who], asked, one)]
        # Of every list one of its three files.
        for thing in within[:: 3 if len(within) > 6 else 1]:
            for question in QUESTIONS.get(rule.endpoint, ()):
                address = f"{address_of(city, rule.endpoint, thing)}?{question}"
                answer = city.ask(who, "GET", address)
                # What was searched for stands in the box again.
                told = leaks(KINDS[who], address, spoken(answer.data), published=PUBLISHED.get(rule.endpoint))
                leaked = [word for word in told if word not in question]
                if leaked or answer.status_code not in (200, 303, 400, 404, *ALSO_REFUSED.get(rule.endpoint, ())):
                    wrong.append(f"{who}: {address}: {answer.status_code} {leaked}")
    return wrong


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_search_and_no_filter_finds_a_stranger(city: City, who: str) -> None:
    city.restore()

    assert ask_questions(city, who) == []


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_gets_what_the_table_says_and_nothing_of_strangers(city: City, who: str) -> None:
    city.restore()

    assert ask_all(city, who) == []


def test_every_text_column_holds_a_canary_or_says_why_it_cannot(city: City) -> None:
    columns, here = set(text_columns()), planted(city.master)

    assert columns - here == set(EXEMPT)
    assert set(READERS) <= here
    assert all(EXEMPT.values())


def test_every_endpoint_that_takes_a_form_has_an_example(city: City) -> None:
    posted = {rule.endpoint for rule, method, _asked in routes(city) if method == "POST"}

    assert posted == set(examples(city))
    assert set(NAMED_IN_FORMS) <= posted


def test_the_walk_finds_what_leaks(city: City) -> None:
    """The walk itself is tried: who may see the stranger does see the canaries, and another is told of."""
    city.restore()
    shown = {
        "city": (f"/firms/{code(4)}", "/firms", "/watch/expiring", "/watch/falling_below.xlsx", "/publications/1"),
        "security_admin": (f"/people/{city.ids['foreign_reviewer']}", "/groups"),
        "system_admin": ("/people", "/offices"),
        "audit_admin": ("/trail?q=canary", "/trail.csv?q=canary", "/trail.jsonl"),
    }
    for who, addresses in shown.items():
        for address in addresses:
            said = spoken(city.ask(who, "GET", address).data)
            assert CANARY.findall(said), address
            assert leaks(KINDS[who], address, said) == []
            assert leaks(KINDS["department"], address, said), address
    revealed = city.ask("district", "POST", f"/claims/{city.ids['claim']}/reveal", {}).text
    assert leaks(KINDS["district"], "", revealed) == [NEAR_PHONE]
