"""`registry serve`: the pages, served by waitress. Makes nothing up: where and what is in the settings."""

import signal
import tempfile
from datetime import datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click
import structlog

from registry.app import create_app
from registry.config import Settings, load_settings
from registry.domain.errors import RegistryError
from registry.policy import Options, load, rule_set_ids
from registry.store.engine import open_ready
from registry.web import journal

if TYPE_CHECKING:
    from flask import Flask

_THREADS = 8
# A little more than the largest form that is taken, so that somebody who sends too much reads our page.
_LARGEST_BODY = 32 * 2**20
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
    from waitress import create_server

    journal.configure()
    # Read before anyone asks: a rule set that must not be used is found now, and the first page is quick.
    for name in rule_set_ids():
        load(name, options=Options(settings.local_table, settings.higher_title_counts))
    open_ready(settings.database_url).dispose()
    app = create_app(settings)
    _keep_off_the_common_disk(app)
    try:
        # Without an ident the answers do not say which server gave them.
        server = create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=_THREADS,
            ident="",
            max_request_body_size=_LARGEST_BODY,
            **_proxy(settings),
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as failure:
        # A name that nobody knows is a ValueError of the server's own.
        address, why = f"{settings.host}:{settings.port}", getattr(failure, "strerror", None) or failure
        raise click.ClickException(
            f"无法监听 {address}：{why}；请改 REGISTRY_HOST 或 REGISTRY_PORT (cannot listen)"
        ) from None
    stopping = Event()
    mails = Thread(target=_send_mails, args=(app, settings, stopping), name="mails", daemon=True)
    clock = Thread(target=_keep_time, args=(app, settings, stopping), name="clock", daemon=True)
    # What stops a service asks as politely as Ctrl-C: requests under way are answered first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    mails.start()
    clock.start()
    working = _working(settings, stopping)
    for host, port in _addresses(server):
        click.echo(f"服务已启动 · serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    # It takes the interrupt itself, and returns when its threads are done.
    server.run()
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


def _keep_off_the_common_disk(app: "Flask") -> None:
    """Let whatever waits on a disk, such as a request that is just arriving, wait on that of the files."""
    vault = app.extensions["vault"]
    if vault is not None:
        try:
            tempfile.tempdir = str(vault.drafts().resolve())
        except OSError as failure:
            raise click.ClickException(
                f"无法使用存放文件的文件夹 {vault.folder}：{failure.strerror}；请改 REGISTRY_FILES (cannot be used)"
            ) from None


def _addresses(server: object) -> list[tuple[str, int]]:
    """Return where a server listens: one address, or several when a name has several."""
    several = getattr(server, "effective_listen", None)
    if several:
        return [(host, int(port)) for host, port in several]
    return [(server.effective_host, int(server.effective_port))]  # type: ignore[attr-defined]


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return whose word is taken for where a request came from: a proxy's only if the settings name it."""
    if not settings.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers, "trusted_proxy_count": 1}


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
