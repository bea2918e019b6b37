"""The measure of the load proof: a Flask page with one query of as many rows as our lists show, and nothing else.

`python -m proof.load_bare` serves it as `registry serve` serves the pages: the same sockets, processes and threads, the
same engine, session and template language; nobody signs in, nothing is translated, nothing is around the table.
"""

import signal
import socket
from collections.abc import Sequence

from flask import Flask, render_template_string
from sqlalchemy import select

from registry.cli.answering import answer, answer_in_several, listen
from registry.config import Settings, load_settings
from registry.store.base import Base
from registry.store.firms import Firm
from registry.web import _Database

ROWS = 50
_PAGE = """<!doctype html><html><head><title>Firms</title></head><body><table>
{% for one in firms %}<tr><td>{{ one.uscc }}</td><td>{{ one.name }}</td><td>{{ one.district }}</td></tr>
{% endfor %}</table></body></html>"""


def bare_app(settings: Settings) -> Flask:
    """Return the page, at `/`."""
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db = _Database(model_class=Base, disable_autonaming=True)
    db.init_app(app)

    @app.get("/")
    def page() -> str:
        return render_template_string(_PAGE, firms=db.session.scalars(select(Firm).order_by(Firm.uscc).limit(ROWS)))

    return app


def answer_barely(settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Answer with the page, in this process."""
    answer(bare_app(settings), settings, sockets)


def main() -> None:
    """Serve it, as the settings say."""
    settings = load_settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sockets = listen(settings)
    print("serving on http://{}:{}".format(*sockets[0][0].getsockname()[:2]), flush=True)
    if settings.processes == 1:
        answer_barely(settings, sockets[0])
    else:
        answer_in_several(settings, sockets, answer_barely)


if __name__ == "__main__":
    # Under its own name, so that the processes beside it find what they are to do.
    from proof.load_bare import main as named

    named()
