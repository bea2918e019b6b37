"""Answers requests on sockets that listen already: in this process, or in several that share the sockets.

A page is bound by Python, which uses one core a process. The sockets are opened once and inherited, so whichever
process is free takes the next connection, and none is lost while a process is replaced. Long work and mails stay with
whoever starts them (`registry.cli.serving`).
"""

import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TYPE_CHECKING, Any

import click
import structlog

from registry.app import create_app
from registry.config import Settings
from registry.policy import Options, load, rule_set_ids
from registry.web import journal

if TYPE_CHECKING:
    from flask import Flask

_Answering = Callable[[Settings, Sequence[socket.socket]], None]
# Threads of a process that answers alone, and of one among several: more only wait for each other.
_THREADS, _THREADS_OF_SEVERAL = 8, 4
# A little more than the largest form that is taken, so that somebody who sends too much reads our page.
_LARGEST_BODY = 32 * 2**20
# Connections that wait until somebody takes them.
_BACKLOG = 1024
# Seconds before a process that ended by itself is replaced, and that one may take to finish its answers.
_PAUSE, _GRACE = 1, 30


def listen(settings: Settings) -> list[socket.socket]:
    """Open the sockets of the address that is set: one, or several when a name has several.

    Raises:
        click.ClickException: the address is taken or not ours.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name may stand twice in the table of hosts.
        places = dict.fromkeys((family, address) for family, _type, _proto, _name, address in found)
        return [socket.create_server(address[:2], family=family, backlog=_BACKLOG) for family, address in places]
    except OSError as failure:
        address = f"{settings.host}:{settings.port}"
        raise click.ClickException(
            f"无法监听 {address}：{failure.strerror}；请改 REGISTRY_HOST 或 REGISTRY_PORT (cannot listen)"
        ) from None


def load_rules(settings: Settings) -> None:
    """Read every rule set before anyone asks: one that must not be used is found now, and the first page is quick."""
    for name in rule_set_ids():
        load(name, options=Options(settings.local_table, settings.higher_title_counts))


def answer(app: "Flask", settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Answer in this process until it is interrupted; requests under way are answered first."""
    from waitress import create_server

    from registry.cli.arriving import be_patient

    listening: dict[int, Any] = {}
    server = create_server(
        app,
        map=listening,
        sockets=list(sockets),
        threads=_THREADS if settings.processes == 1 else _THREADS_OF_SEVERAL,
        backlog=_BACKLOG,
        # Without an ident the answers do not say which server gave them.
        ident="",
        max_request_body_size=_LARGEST_BODY,
        **_proxy(settings),
        clear_untrusted_proxy_headers=True,
    )
    be_patient(listening)
    # It takes the interrupt itself, and returns when its threads are done.
    server.run()


def answer_in_several(settings: Settings, sockets: Sequence[socket.socket], what: _Answering) -> None:
    """Let as many processes answer as are set, until this one is interrupted; one that ends by itself is replaced.

    Args:
        what: what each of them does (see `answer_pages`).
    """
    # Not forked: threads of libraries would not be there in the child, but their locks would.
    context = multiprocessing.get_context("spawn")
    log = structlog.get_logger(__name__)

    def started() -> BaseProcess:
        child = context.Process(target=_answer_as_child, args=(what, settings, list(sockets)), name="pages")
        child.start()
        return child

    children: list[BaseProcess] = []
    try:
        children += [started() for _number in range(settings.processes)]
        while True:
            wait([child.sentinel for child in children])
            for child in [one for one in children if not one.is_alive()]:
                log.warning("pages.ended", status=child.exitcode)
                children.remove(child)
                time.sleep(_PAUSE)
                children.append(started())
    except KeyboardInterrupt:
        for child in children:
            child.terminate()
        until = time.monotonic() + _GRACE
        for child in children:
            child.join(max(0.0, until - time.monotonic()))
            child.kill()


def answer_pages(settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Answer with the pages, in a process that has nothing of them yet."""
    journal.configure()
    load_rules(settings)
    app = create_app(settings)
    keep_off_the_common_disk(app)
    answer(app, settings, sockets)


def keep_off_the_common_disk(app: "Flask") -> None:
    """Let whatever waits on a disk, such as a request that is just arriving, wait on that of the files."""
    vault = app.extensions["vault"]
    if vault is not None:
        try:
            tempfile.tempdir = str(vault.drafts().resolve())
        except OSError as failure:
            raise click.ClickException(
                f"无法使用存放文件的文件夹 {vault.folder}：{failure.strerror}；请改 REGISTRY_FILES (cannot be used)"
            ) from None


def _answer_as_child(what: _Answering, settings: Settings, sockets: Sequence[socket.socket]) -> None:
    """Answer in a process of one's own, until the first one says so or is gone."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    Thread(target=_end_with_the_first, name="first", daemon=True).start()
    what(settings, sockets)


def _end_with_the_first() -> None:
    """Stop this process when the one that started it is gone, however it went: nobody else would."""
    first = multiprocessing.parent_process()
    if first is not None:
        wait([first.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return whose word is taken for where a request came from: a proxy's only if the settings name it."""
    if not settings.trusted_proxy:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers, "trusted_proxy_count": 1}
