"""Who may see a page: one decorator a view; an endpoint that declares nothing answers 403.

There is no login yet. `bureau` marks what will ask for one, so that the day it comes no page is forgotten.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request

View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """For whom a page is."""

    ALL = "all"
    BUREAU = "bureau"


def open_to_all(view: View) -> View:
    """Declare a view that anyone may ask, without a login, now and later."""
    return _declare(view, Audience.ALL)


def bureau(view: View) -> View:
    """Declare a view for the bureau's own staff; admits everyone until there are logins."""
    return _declare(view, Audience.BUREAU)


def audience_of(view: Callable[..., Any]) -> Audience | None:
    """Return for whom a view was declared, or None when nothing was."""
    return getattr(view, "audience", None)


def init_app(app: Flask) -> None:
    """Deny every request whose view declares no audience."""
    app.before_request(_deny_the_undeclared)


def _declare(view: View, audience: Audience) -> View:
    view.audience = audience  # type: ignore[attr-defined]
    return view


def _deny_the_undeclared() -> None:
    # Without an endpoint there is no view: routing answers 404 or 405 by itself.
    if request.endpoint is not None and audience_of(current_app.view_functions[request.endpoint]) is None:
        abort(403)
