"""Who may see a page: each view declares one permission; an endpoint that declares nothing answers 403.

What a permission means stands in `registry.domain.permissions`; how far it reaches is for the scoped query to say
(`registry.store.scope.visible_to`), and a thing out of reach answers 404.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from registry.domain.actors import Seat, Standing
from registry.domain.permissions import Permission, permission
from registry.store.scope import visible_to
from registry.web.signed_in import actor

View = TypeVar("View", bound=Callable[..., Any])
_SAFE = ("GET", "HEAD")


def may(key: str) -> Callable[[View], View]:
    """Declare which permission a view asks for; KeyError for one that the table does not have."""
    asked = permission(key)

    def declare(view: View) -> View:
        view.permission = asked  # type: ignore[attr-defined]
        return view

    return declare


def permission_of(view: Callable[..., Any]) -> Permission | None:
    """Return what a view declared, or None when it declared nothing."""
    return getattr(view, "permission", None)


def asked_permission() -> Permission:
    """Return the permission of the view that answers this request."""
    found = permission_of(current_app.view_functions[str(request.endpoint)])
    if found is None:
        abort(403)
    return found


def acting_seats() -> tuple[Seat, ...]:
    """Return the seats in which the actor may do what is asked, the farthest-reaching first."""
    return asked_permission().seats_for(actor())


def visible(thing: type, key: str | None = None) -> ColumnElement[bool]:
    """Return the condition on the rows of a table that the actor may see, by this view's permission or another."""
    return visible_to(actor(), permission(key) if key else asked_permission(), thing)


def admitted(key: str) -> bool:
    """Say whether the actor may at all, for menus and buttons."""
    return permission(key).admits(actor())


def init_app(app: Flask) -> None:
    """Deny every request whose view declares nothing, or asks for more than whoever asks has."""
    app.before_request(_admit)
    app.jinja_env.globals.update(admitted=admitted, actor=actor)


def _admit() -> Response | tuple[str, int] | None:
    # Without an endpoint there is no view: routing answers 404 or 405 by itself.
    if request.endpoint is None:
        return None
    asked = asked_permission()
    if asked.needs is Standing.NOBODY:
        return None
    who = actor()
    if asked.admits(who):
        return None
    if who.standing is Standing.HALF:
        return redirect(url_for("sign_in.second_step"), 303)
    if who.standing is Standing.BOUND:
        return redirect(url_for("account.duties"), 303)
    if who.standing is Standing.NOBODY:
        return _sign_in_first()
    abort(403)


def _sign_in_first() -> Response | tuple[str, int]:
    """Send a reader to the sign-in and back; what was posted is not repeated by itself."""
    if request.method in _SAFE:
        return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")), 303)
    return render_template("errors/signed_out.html"), 401
