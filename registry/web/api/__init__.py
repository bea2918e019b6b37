"""The API `/api/v1`: plain views over the same functions as pages and commands, documented by what they declare."""

from flask import Flask

from registry.config import Settings
from registry.web import csrf
from registry.web.api import books, document, guard, public, register, rules  # noqa: F401 - they declare the views
from registry.web.api.room import blueprint

blueprint.before_request(guard.admit)
blueprint.after_request(guard.dress)


def init_app(app: Flask, settings: Settings) -> None:
    """Register the API; after everything that dresses and admits requests."""
    # Documents are told in the order of their shapes, in plain characters.
    app.json.sort_keys = app.json.ensure_ascii = False  # type: ignore[attr-defined]
    # No cookie reaches it, and so nothing that a page of others could make a browser do.
    csrf.exempt(blueprint)
    guard.init_app(app, settings)
    app.register_blueprint(blueprint)
