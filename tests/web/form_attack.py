"""Sends a form again and again as nobody meant it, and looks at what comes: no failure, and all is sound."""

import re
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask import Flask, got_request_exception
from form_pages import Target
from form_reader import Shown, forms_of
from form_sendings import Sent, sendings
from hypothesis import HealthCheck, Phase, given, seed, settings
from matrix_city import City
from page_reader import Page
from sqlalchemy import event
from sqlalchemy.orm import Session
from test_matrix import changes_of, digests
from werkzeug.test import TestResponse

from registry.store.engine import open_engine
from registry.web import db
from registry.work.audit import verify
from registry.work.keep_trail import verify_trail

# Done, sent on, and every way to say no.
REFUSED = {400, 403, 404, 409, 413, 422}
EXPECTED = {200, 303, *REFUSED}
_INSIDE = re.compile(r"Traceback|File \"|sqlalchemy|sqlite3|psycopg|werkzeug|jinja2|[a-z]+Error\b|registry/")
LARGEST_PAGE = 1_500_000
# What a browser keeps of a cookie.
_LARGEST_COOKIE = 4_096
_LEAST, _MOST = -(2**63), 2**63 - 1
# A draft is kept as it was typed, with its faults beside it; of several files those that are good are.
KEEPS_THOUGH_REFUSED = ("applications.save", "filings.save", "profile.save", "evidence.upload")
# Each is used once, and whoever stands behind need not read it.
_NEVER_SHOWN = {("sign_in.give_recovery_code", "code"), ("sign_in.give_code", "code")}
# That somebody tried is counted, and what he tried stands in the trail.
_COUNTED = {"failed_tries"}


@dataclass
class Attacked:
    """What came of it, by endpoint."""

    posts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    shown_again: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    failed: BaseException | None = None

    def told(self) -> str:
        """Say it in a line."""
        seen = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.posts.total()} posts to {len(self.posts)} forms' endpoints ({seen}), {self.changed.total()} kept "
            f"something, {self.shown_again.total()} texts shown again, {len(self.failures)} failures"
        )


@contextmanager
def bound(app: Flask) -> Iterator[list[str]]:
    """Note what is given to the database and no other database would take: SQLite takes more than PostgreSQL."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        rows = given if isinstance(given, list) else [given]
        for row in rows:
            for value in row.values() if isinstance(row, dict) else row or ():
                if isinstance(value, str) and ("\0" in value or (not value.isascii() and _is_no_text(value))):
                    found.append(f"{value[:60]!r} in {statement[:200]}")
                if isinstance(value, int) and not _LEAST <= value <= _MOST:
                    found.append(f"{value} in {statement[:200]}")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _is_no_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def send(city: City, target: Target, sent: Sent) -> TestResponse:
    """Send it with the cookie and the token of whoever sees the form."""
    cookie = city.cookie(target.who, **target.cookie)
    body = sent.composed(city.token(cookie))
    told = {"input_stream": BytesIO(body), "content_type": sent.content_type, "content_length": len(body)}
    return city.ask(target.who, "POST", target.form.action or "/", cookie=cookie, proof=None, **told)


def faults_of(city: City, target: Target, sent: Sent, found: Attacked) -> list[str]:
    """Send it and return what should not be so."""
    broken: list[str] = []
    before = changes_of(city.file)
    raised: list[str] = []

    def note(_app: Flask, exception: BaseException, **_told: Any) -> None:
        raised.append("".join(traceback.format_exception(exception)[-12:]))

    for limiter in city.app.extensions["limiter"]:
        limiter.reset()
    with bound(city.app) as strange, got_request_exception.connected_to(note, city.app):
        answer = send(city, target, sent)
    found.posts[target.endpoint] += 1
    found.statuses[answer.status_code] += 1
    if answer.status_code not in EXPECTED:
        broken.append(f"came {answer.status_code} {''.join(raised)}")
    broken += [f"given to the database: {one}" for one in strange]
    broken += faults_of_page(answer)
    has_changed = changes_of(city.file) != before
    if has_changed:
        found.changed[target.endpoint] += 1
        if answer.status_code in REFUSED and target.endpoint not in KEEPS_THOUGH_REFUSED:
            now = digests(city.file)
            changed = {name for name, digest in digests(city.master).items() if now[name] != digest} - _COUNTED
            broken += [f"refused with {answer.status_code}, and changed {sorted(changed)}"] if changed else []
        broken += unsound(city)
    if answer.status_code == 422 and not broken:
        broken += _lost(target, sent, answer, found)
    return broken


def faults_of_page(answer: TestResponse) -> list[str]:
    """Return what is wrong with an answer, whatever was asked."""
    broken = []
    place = answer.headers.get("Location", "")
    if answer.status_code == 303 and not re.match(r"/(?!/)", place):
        broken.append(f"sent elsewhere: {place}")
    broken += [f"cookie of {len(one)}" for one in answer.headers.getlist("Set-Cookie") if len(one) > _LARGEST_COOKIE]
    if len(answer.data) > LARGEST_PAGE:
        broken.append(f"a page of {len(answer.data)} bytes")
    if answer.content_type.startswith("text/html") and answer.status_code != 303:
        try:
            page = Page(answer.text)
            broken += [f"page: {one}" for one in page.faults()]
            broken += [f"told: {one}" for one in _INSIDE.findall(page.text)]
        except AssertionError as fault:
            broken.append(f"page: {fault}")
    return broken


def _lost(target: Target, sent: Sent, answer: TestResponse, found: Attacked) -> list[str]:
    """Return the boxes in which what was typed does not stand again."""
    broken = []
    for form in forms_of(answer.text):
        if form.action.split("?")[0] != target.form.action.split("?")[0] or not _is_same(form, sent):
            continue
        for box in form.boxes.values():
            typed = [value for name, value in sent.parts if name == box.name]
            if not box.is_typed or len(typed) != 1 or not isinstance(typed[0], bytes):
                continue
            text = typed[0].decode("utf-8", "ignore")
            if text.encode() != typed[0]:
                # No text: what stands of it is whatever could be read.
                continue
            if (
                (target.endpoint, box.name) in _NEVER_SHOWN
                or box.name not in target.form.boxes
                or not text.isprintable()
                or len(text) > 400
            ):
                continue
            if box.kind == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
                # A date box of a browser shows nothing that is no date.
                continue
            found.shown_again[target.endpoint] += 1
            if text.strip() not in [one.strip() for one in box.shown]:
                broken.append(f"{box.name}: {text[:60]!r} was typed, {box.shown} stands there")
    return broken


def _is_same(form: Shown, sent: Sent) -> bool:
    """Say whether it is the form that was sent, and not another to the same address: by the words hidden in it."""
    told = dict(sent.parts)
    hidden = [box for box in form.boxes.values() if box.kind == "hidden" and "".join(box.shown).isidentifier()]
    return all(told.get(box.name) in [one.encode() for one in box.shown] for box in hidden if box.name != "csrf_token")


def unsound(city: City) -> list[str]:
    """Return what does not hold of the books, the trail and the rows of the city as it is now."""
    engine = open_engine(f"sqlite:///{city.file}")
    with Session(engine) as session:
        broken = [f"books: {one}" for one in verify(session).findings]
        broken += [f"trail: {one}" for one in verify_trail(session).findings]
        broken += [f"row of nothing: {one}" for one in session.connection().exec_driver_sql("PRAGMA foreign_key_check")]
    engine.dispose()
    return broken


def attack(city: City, target: Target, *, examples: int, number: int, found: Attacked) -> None:
    """Send a form so many times, each time to the city as it was built; failures are noted, made as small as may be."""
    city.restore()
    if target.prepare is not None:
        target.prepare(city)
    start = changes_of(city.file)

    @seed(number)
    @settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink], print_blob=False,
    )  # fmt: skip
    @given(sendings(target))
    def once(sent: Sent) -> None:
        broken = faults_of(city, target, sent, found)
        if changes_of(city.file) != start:
            city.restore()
            if target.prepare is not None:
                target.prepare(city)
        if broken:
            told = "\n".join(broken)[:2_000]
            raise AssertionError(f"{target.endpoint} as {target.who} to {target.form.action}: {told}\n{sent!r:.1500}")

    try:
        once()
    except AssertionError as failed:
        found.failures.append(str(failed))
    except BaseExceptionGroup as failed:
        found.failures += [str(one) for one in failed.exceptions]
