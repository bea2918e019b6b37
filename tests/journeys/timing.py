"""Whether the time of a refusal tells of an account: a known address with a wrong password against an unknown one.

Run as `python -m tests.journeys.timing [tries]`; no test depends on time. The application answers in this process over
an SQLite database in a temporary folder; tries take turns, each pair in the order of a lot, and what was counted at the
doors is forgotten before every pair, so that each try finds them open. On a machine that others use, read the time of
the processor: it counts this program's work alone, but not the waiting for the disk.
"""

import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy import delete
from werkzeug.test import TestResponse

from registry.app import create_app
from registry.config import Settings
from registry.domain.trail import Doer
from registry.store.engine import open_ready, writing
from registry.store.sign_ins import FailedTries
from registry.web import db
from registry.web.security import hash_password
from registry.work.open_account import open_account
from registry.work.secure_account import set_password

TRIES = 200
# More would be told from the noise of a network by nobody.
GOAL = 10.0
KNOWN, UNKNOWN, BARE = "known@example.com", "unknwn@example.com", "bare@example.com"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def application(folder: Path) -> Flask:
    """Return the application over a fresh database with an account that has a password and one that has none."""
    url = f"sqlite:///{folder / 'timing.sqlite'}"
    settings = Settings(
        database_url=url,
        local_table="shandong-2022",
        higher_title_counts=False,
        secret_key="a key of tests, long enough to be one",
        host="127.0.0.1",
        port=0,
        time_zone="Asia/Shanghai",
        language="zh",
        rate_limit="1000000 per minute",
    )
    app, now, doer = create_app(settings), datetime.now(UTC), Doer.program("timing")
    with app.app_context():
        hashed = hash_password("Quiet-Harbour-42!")
    engine = open_ready(url)
    with writing(engine) as session:
        for email in (KNOWN, BARE):
            person = open_account(session, email=email, name="计时", doer=doer, now=now)
            if email == KNOWN:
                set_password(session, person, hashed, doer=doer, now=now)
    engine.dispose()
    return app


def measured(app: Flask, tries: int, post: Callable[[str], TestResponse], one: str, other: str) -> str:
    """Let two addresses take turns; return the medians and how far the first lies from the second."""
    clocks: dict[str, Callable[[], float]] = {"on the wall": time.perf_counter, "of the processor": time.thread_time}
    took: dict[tuple[str, str], list[float]] = {(name, email): [] for name in clocks for email in (one, other)}
    lot = random.Random(20251125)
    engine = open_ready(app.config["SQLALCHEMY_DATABASE_URI"])
    for number in range(-5, tries):
        with writing(engine) as session:
            session.execute(delete(FailedTries))
        for email in lot.sample([one, other], 2):
            started = {name: clock() for name, clock in clocks.items()}
            answer = post(email)
            seconds = {name: clock() - started[name] for name, clock in clocks.items()}
            assert answer.status_code in (200, 422), answer.status_code
            # The first few warm up what is worked out once.
            for name in clocks if number >= 0 else ():
                took[name, email].append(seconds[name] * 1000)
    engine.dispose()
    return "\n".join(_told(name, took[name, one], took[name, other]) for name in clocks)


def _told(clock: str, one: list[float], other: list[float]) -> str:
    first, second = statistics.median(one), statistics.median(other)
    apart, spread = (first - second) / second * 100, statistics.quantiles(one, n=10)
    verdict = "within" if abs(apart) < GOAL else "BEYOND"
    return (
        f"  {clock}: {first:.2f} against {second:.2f} ms, {apart:+.1f} % ({verdict} {GOAL:.0f} %); "
        f"a tenth of the first below {spread[0]:.2f}, a tenth above {spread[-1]:.2f} ms"
    )


def main(tries: int) -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder))
        browser = app.test_client()

        def sign_in(email: str) -> TestResponse:
            return browser.post("/sign-in", data={"csrf_token": token, "email": email, "password": "Not-This-One-1"})

        def forgot(email: str) -> TestResponse:
            return browser.post("/password/forgot", data={"csrf_token": token, "email": email})

        found = _TOKEN.search(browser.get("/sign-in").text)
        assert found
        token = found[1]
        print(f"Known against unknown address, medians of {tries} tries each")
        print("sign-in with a wrong password", measured(app, tries, sign_in, KNOWN, UNKNOWN), sep="\n")
        print("sign-in where no password is set yet", measured(app, tries, sign_in, BARE, UNKNOWN), sep="\n")
        print("forgotten password", measured(app, tries, forgot, KNOWN, UNKNOWN), sep="\n")
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIES)
