"""Looks at the pages of the books: through the application itself, and through `registry serve` as a reader does."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from registry.app import create_app
from registry.config import load_settings
from registry.store.remembered import forget
from registry.web import db
from tests.bench.books_registers import NOW, Register
from tests.bench.books_timing import Looks, look

LOOKS = 200
# The years that have targets: their dashboards show everything there is. Days are spread evenly over them.
_FIRST, _LAST = date(2024, 1, 1), date(2026, 10, 31)
DAYS = [_FIRST + timedelta(days=(_LAST - _FIRST).days * place // (LOOKS - 1)) for place in range(LOOKS)]
PATIENCE, LESS_PATIENCE = 120.0, 20.0
SECRET = "0" * 32
AFTER, COLD, WARM = "first look after a filing", "first look at a day", "the same days again"
SERVED_COLD, SERVED_WARM = "served, first look at a day", "served, the same days again"
# What a dashboard tells of a whole year is fetched once by these; then each day is new for the rest of it.
_OF_THE_YEARS = [f"/targets?year={day.year}&on={day}" for day in (_FIRST, date(2025, 1, 1), date(2026, 1, 1))]
_OF_THE_YEARS += [f"/targets?year={year}&on={year}-12-31" for year in (2024, 2025)]
_EACH = 20
# What the other pages are asked; a day is put in for each look.
PAGES = {
    "front page": "/?on={on}",
    "counts": "/counts?year={on.year}&as_of={on}",
    "counts by district": "/counts?year={on.year}&as_of={on}&by=district",
    "counts by industry": "/counts?year={on.year}&as_of={on}&by=industry",
    "targets": "/targets?year={on.year}&on={on}",
    "list: stock, dense": "/firms?tier=above_scale&on={on}",
    "list: stock of a district": "/firms?tier=specialized&district=370212&on={on}",
    "list: stock, sparse": "/firms?tier=little_giant&district=370202&industry=35&on={on}",
    "list: change, dense": "/firms?tier=any&change=new&on={on.year}-12-31&since={on.year}-01-01",
    "list: change, sparse": "/firms?tier=above_scale&change=moved_in&on={on}&since={on.year}-01-01",
    "list: change, none": "/firms?tier=little_giant&change=revoked&on={on}&since={on.year}-01-01",
    "list: step, dense": "/firms?from=specialized&to=specialized&on={on}&since={on.year}-01-01",
    "list: step, sparse": "/firms?from=innovative&to=little_giant&on={on}&since={on.year}-01-01",
}


def pages(register: Register) -> dict[str, Looks]:
    """Look at the dashboard and at every other page, in this process."""
    settings = replace(load_settings(), database_url=register.url, secret_key=SECRET)
    app = create_app(settings, lambda: NOW.astimezone(settings.zone))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    client = app.test_client()

    def get(address: str) -> Callable[[], object]:
        def deed() -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status}")
            answer.get_data()

        return deed

    # A first page loads templates and rule sets, which is nobody's cost here.
    get("/targets?year=2024&on=2024-01-01")()
    found: dict[str, Looks] = {}
    found[AFTER] = look([_after_forgetting(get(f"/dashboard?on={day}")) for day in DAYS[-5:]], LESS_PATIENCE)
    asked = [get(f"/dashboard?on={day}") for day in DAYS]
    forget()
    for address in _OF_THE_YEARS:
        get(address)()
    found[COLD] = look(asked, PATIENCE)
    found[WARM] = look(asked[: len(found[COLD].seconds)], PATIENCE)
    for name, address in PAGES.items():
        asked = [get(address.format(on=day)) for day in DAYS[:: LOOKS // _EACH]]
        # The first look loads the template.
        asked[-1]()
        found[name] = look(asked, LESS_PATIENCE)
    with app.app_context():
        db.engine.dispose()
    forget()
    return found


def _after_forgetting(deed: Callable[[], object]) -> Callable[[], object]:
    def both() -> None:
        forget()
        deed()

    return both


def served(register: Register) -> dict[str, Looks]:
    """Look at the dashboard over HTTP."""
    with _serving(register) as address:
        connection = HTTPConnection(str(address.hostname), int(address.port or 0), timeout=600)

        def get(path: str) -> Callable[[], object]:
            def deed() -> None:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise SystemExit(f"{path}: {answer.status}")

            return deed

        for path in _OF_THE_YEARS:
            get(path)()
        asked = [get(f"/dashboard?on={day}") for day in DAYS]
        cold = look(asked, PATIENCE)
        warm = look(asked[: len(cold.seconds)], PATIENCE)
        connection.close()
    return {SERVED_COLD: Looks(cold.seconds), SERVED_WARM: Looks(warm.seconds)}


@contextmanager
def _serving(register: Register) -> Iterator[object]:
    program = str(Path(sys.executable).parent / "registry")
    with subprocess.Popen(
        [program, "serve"], env=environment_of(register), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            yield urlsplit(said.split()[-1])
        finally:
            server.terminate()


def environment_of(register: Register) -> dict[str, str]:
    """Return the environment of a program that works on a register."""
    own = {"REGISTRY_DATABASE_URL": register.url, "REGISTRY_SECRET_KEY": SECRET, "REGISTRY_PORT": "0"}
    return os.environ | own | {"PYTHONUNBUFFERED": "1"}
