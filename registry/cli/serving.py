"""`registry serve`: the pages, and beside them mails, reminders and long work. Where and how is in the settings."""

import signal
from datetime import datetime
from threading import Event, Thread
from typing import TYPE_CHECKING

import click
import structlog

from registry.app import create_app
from registry.cli.answering import answer, answer_in_several, answer_pages, keep_off_the_common_disk, listen, load_rules
from registry.config import Settings, load_settings
from registry.domain.errors import RegistryError
from registry.store.engine import open_ready
from registry.web import journal

if TYPE_CHECKING:
    from flask import Flask

# Seconds between two looks for mails that wait.
_MAIL_PAUSE = 5
# Seconds that a mail on its way has to get there when the server stops; it goes out again if it does not.
_MAIL_GRACE = 10
# Seconds between two looks of the clock at what is due, and before the first.
_CLOCK_PAUSE = 600
_CLOCK_FIRST = 20


@click.command()
def serve() -> None:
    """启动网页服务 · Serve the registry on REGISTRY_HOST:REGISTRY_PORT."""
    run(load_settings())


def run(settings: Settings) -> None:
    """Serve until stopped; the address is printed when it listens.

    Raises:
        Refused: a setting or the database cannot be used.
        RuleError: a rule set, or the local table that is set, cannot be used.
        click.ClickException: the address is taken or not ours.
    """
    journal.configure()
    load_rules(settings)
    open_ready(settings.database_url).dispose()
    app = create_app(settings)
    keep_off_the_common_disk(app)
    sockets = listen(settings)
    stopping = Event()
    mails = Thread(target=_send_mails, args=(app, settings, stopping), name="mails", daemon=True)
    clock = Thread(target=_keep_time, args=(app, settings, stopping), name="clock", daemon=True)
    # What stops a service asks as politely as Ctrl-C: requests under way are answered first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    mails.start()
    clock.start()
    working = _working(settings, stopping)
    for one in sockets[0]:
        host, port = one.getsockname()[:2]
        click.echo(f"服务已启动 · serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    if settings.processes == 1:
        answer(app, settings, sockets[0])
    else:
        answer_in_several(settings, sockets, answer_pages)
    stopping.set()
    mails.join(_MAIL_GRACE)
    clock.join(_MAIL_GRACE)
    if working is not None:
        working.join(_MAIL_GRACE)
    click.echo("服务已停止 · stopped")


def _working(settings: Settings, stopping: Event) -> Thread | None:
    """Let long work be done beside the pages, so that one office needs no second program; None where others do it."""
    from registry.cli.worker import work

    if not settings.works_inside:
        return None
    working = Thread(target=work, args=(settings, stopping), name="worker", daemon=True)
    working.start()
    return working


def _send_mails(app: "Flask", settings: Settings, stopping: Event) -> None:
    """Send what waits, every few seconds, until the server stops; several programs may do so at once."""
    from registry.store.engine import open_engine
    from registry.work.send_letters import send_waiting, sender

    log = structlog.get_logger(__name__)
    engine = open_engine(settings.database_url)
    send = sender(settings.mail_url, settings.database_url)
    while not stopping.wait(_MAIL_PAUSE):
        try:
            send_waiting(
                engine,
                app.extensions["field_keys"],
                send,
                mail_from=settings.mail_from,
                clock=lambda: datetime.now(settings.zone),
                goes_on=lambda: not stopping.is_set(),
            )
            app.extensions["metrics"].mailed()
        except Exception as failure:
            # Whatever it is, the next round tries again, or no mail would ever go out any more. A mail that fails by
            # itself is noted with its letter. Of a defect only the kind: a statement holds somebody's address.
            said = str(failure)[:200] if isinstance(failure, RegistryError | OSError) else ""
            log.warning("mail.failed", error=type(failure).__name__, reason=said)
    engine.dispose()


def _keep_time(app: "Flask", settings: Settings, stopping: Event) -> None:
    """Remind of what is due, every few minutes, until the server stops; several programs may do so at once."""
    from registry.cli.clock import keep_time
    from registry.store.engine import open_engine

    log = structlog.get_logger(__name__)
    engine = open_engine(settings.database_url)
    swept_on, pause = None, _CLOCK_FIRST
    while not stopping.wait(pause):
        pause = _CLOCK_PAUSE
        now = datetime.now(settings.zone)
        try:
            vault = app.extensions["vault"] if swept_on != now.date() else None
            keep_time(engine, app.extensions["field_keys"], settings.public_url, vault, now)
            app.extensions["metrics"].ticked()
            swept_on = now.date()
        except Exception as failure:
            # As with the mails: the next round tries again, and only the kind of a defect is told.
            said = str(failure)[:200] if isinstance(failure, RegistryError | OSError) else ""
            log.warning("clock.failed", error=type(failure).__name__, reason=said)
    engine.dispose()
