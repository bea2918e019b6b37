"""Who sends this request: the browser's cookie, the session it names, the person and his seats.

The cookie holds a random number, signed; everything else stands in the database, where a session is ended. Idle time
is kept in the cookie itself, so that looking at a page writes nothing.
"""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, request, session

from registry.config import Settings
from registry.domain.actors import Actor, Standing
from registry.domain.passwords import PROFILES, Profile
from registry.domain.trail import Doer
from registry.store.people import Person
from registry.store.persons import person_by_handle
from registry.web import db
from registry.web.asking import now
from registry.web.headers import request_id
from registry.work.sign_in import recognise

_TOKEN, _SEEN, _HALF, _PROVED, _IDLE = "sid", "seen", "half", "proved", "idle"
# A password that was right waits so long for its second factor.
HALF_LIFE = timedelta(minutes=10)
# Who proved who he is so lately may change what he signs in with.
FRESH = timedelta(minutes=15)
# So far may the clocks of two servers differ; what is stamped further ahead was stamped before the clock was set back.
_AHEAD = timedelta(minutes=5)
# The cookie is written anew at most once in so many seconds.
_GRAIN = 60


def init_app(app: Flask) -> None:
    """Keep sessions alive while they are used."""
    app.before_request(_touch)


def settings() -> Settings:
    """Return the settings of the program."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def profile() -> Profile:
    """Return the rules of passwords that are in force."""
    return PROFILES[settings().password_profile]


def actor() -> Actor:
    """Return who asks; found out once a request, and only when somebody wants to know."""
    if "actor" not in g:
        g.actor = _actor()
    who: Actor = g.actor
    return who


def person() -> Person:
    """Return the row of whoever is signed in, wholly or half; LookupError when nobody is."""
    who = actor()
    found = db.session.get(Person, who.person_id) if who.person_id is not None else None
    if found is None:
        raise LookupError("nobody is signed in")
    return found


def address() -> str:
    """Return the network address the request comes from; the server believes a proxy only if told to."""
    return request.remote_addr or ""


def visitor(name: str = "", known: Person | None = None) -> Doer:
    """Return how the trail names whoever is not signed in yet.

    Args:
        name: what he calls himself.
        known: who he is, where something else shows it, such as a link.
    """
    if known is not None:
        return Doer(known.id, known.name, "", address(), request_id())
    return Doer(None, name, "", address(), request_id())


def enter(token: str) -> None:
    """Give the browser a new session; nothing of what it held before goes on, its anti-forgery token neither."""
    session.clear()
    session[_TOKEN] = token
    session[_SEEN] = session[_PROVED] = int(now().timestamp())
    g.pop("actor", None)


def prove() -> None:
    """Note that whoever is signed in has just proved again who he is."""
    session[_PROVED] = int(now().timestamp())


def must_prove() -> bool:
    """Say whether whoever is signed in must prove again who he is, before he changes what he signs in with.

    People of the demo city have no password to prove it by.
    """
    is_fresh = _is_within(session.get(_PROVED, 0), FRESH)
    return not is_fresh and person().password is not None


def enter_half(handle: str, by: str) -> None:
    """Note that a password, or the single sign-on, was right and a second factor is awaited."""
    session.clear()
    session[_HALF] = {"who": handle, "by": by, "at": int(now().timestamp())}
    g.pop("actor", None)


def half_by() -> str:
    """Return by what the first step was taken."""
    return str(session.get(_HALF, {}).get("by", ""))


def leave() -> None:
    """Take everything from the browser."""
    session.clear()
    g.pop("actor", None)


def went_idle() -> bool:
    """Say, once, whether this browser's session ended because nobody had used it for too long.

    The request that finds it out is sent to the sign-in, which asks here: so the cookie has to remember.
    """
    actor()
    return bool(session.pop(_IDLE, False))


def _actor() -> Actor:
    told: dict[str, Any] = {"address": address(), "request_id": request_id()}
    half = session.get(_HALF)
    if half:
        found = person_by_handle(db.session(), half["who"])
        if found is not None and found.active and _holds(half["at"], found):
            return Actor(found.id, found.name, found.email, Standing.HALF, **told)
    token = session.get(_TOKEN)
    if token is None:
        return Actor(**told)
    if not _is_within(session.get(_SEEN, 0), timedelta(minutes=settings().idle_minutes)):
        session.clear()
        session[_IDLE] = True
        return Actor(**told)
    who = recognise(db.session(), token, now=now(), profile=profile(), **told)
    return who or Actor(**told)


def _holds(at: int, row: Person) -> bool:
    """Say whether a first step still counts: taken lately, and with the password that is in force."""
    changed_at = int(row.password_set_at.timestamp()) if row.password_set_at else 0
    return changed_at <= at and _is_within(at, HALF_LIFE - timedelta(microseconds=1))


def _is_within(stamp: int, span: timedelta) -> bool:
    """Say whether a moment of the cookie is past by no more than a span, and not to come."""
    passed = now().timestamp() - stamp
    return -_AHEAD.total_seconds() <= passed <= span.total_seconds()


def _touch() -> None:
    """Note that the session is used; a page of machines or a static file is no use."""
    if request.endpoint is None or request.endpoint.startswith(("assets.", "health.")) or _TOKEN not in session:
        return
    moment = int(now().timestamp())
    # Found out first whether it went idle before this very request.
    actor()
    if _TOKEN in session and moment - session[_SEEN] >= _GRAIN:
        session[_SEEN] = moment
