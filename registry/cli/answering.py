"""Answers requests on sockets that listen already: in this process, or in several at the same address.

A page is bound by Python, which uses one core a process. Each of several has sockets of its own among which the system
shares out the connections: at one socket the process that woke first would take nearly all. They are opened once and
kept, so that none is lost while a process is replaced: its connections wait. Long work and mails stay with whoever
starts them (`registry.cli.serving`).
"""

import gc
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

# What one process listens at: one socket, or several when a name has several addresses.
Sockets = Sequence[socket.socket]
_Answering = Callable[[Settings, Sockets], None]
# Threads of a process that answers alone, and of one among several: more only wait for each other.
_THREADS, _THREADS_OF_SEVERAL = 8, 4
# A little more than the largest form that is taken, so that somebody who sends too much reads our page.
LARGEST_BODY = 32 * 2**20
# Connections that wait until somebody takes them.
_BACKLOG = 1024
# Seconds before a process that ended by itself is replaced, and that one may take to finish its answers.
_PAUSE, _GRACE = 1, 30
# Objects made since the last look for those in circles; a page makes some thousands, of which few are.
_BETWEEN_LOOKS = 50_000


def listen(settings: Settings) -> list[Sockets]:
    """Open the sockets of the address that is set, for each process that is to answer there.

    Raises:
        click.ClickException: the address is taken or not ours.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name may stand twice in the table of hosts.
        places = dict.fromkeys((family, address) for family, _type, _proto, _name, address in found)
        opened = [_listen_at(family, address[:2], settings.processes) for family, address in places]
    except OSError as failure:
        address = f"{settings.host}:{settings.port}"
        raise click.ClickException(
            f"无法监听 {address}：{failure.strerror}；请改 REGISTRY_HOST 或 REGISTRY_PORT (cannot listen)"
        ) from None
    return [list(sockets) for sockets in zip(*opened, strict=True)]


def _listen_at(family: int, address: Any, processes: int) -> list[socket.socket]:
    """Open a socket for each process."""
    # Alone first: at an address that is shared out another program of ours would go unnoticed.
    alone = socket.create_server(address, family=family, backlog=_BACKLOG)
    if processes == 1:
        return [alone]
    place = alone.getsockname()[:2]
    alone.close()
    return [
        socket.create_server(place, family=family, backlog=_BACKLOG, reuse_port=True) for _number in range(processes)
    ]


def load_rules(settings: Settings) -> None:
    """Read every rule set before anyone asks: one that must not be used is found now, and the first page is quick."""
    for name in rule_set_ids():
        load(name, options=Options(settings.local_table, settings.higher_title_counts))


def answer(app: "Flask", settings: Settings, sockets: Sockets) -> None:
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
        max_request_body_size=LARGEST_BODY,
        **_proxy(settings),
        clear_untrusted_proxy_headers=True,
    )
    be_patient(listening)
    _pass_over_what_stays()
    # It takes the interrupt itself, and returns when its threads are done.
    server.run()


def answer_in_several(settings: Settings, sockets: Sequence[Sockets], what: _Answering) -> None:
    """Let a process answer at each of some sockets, until this one is interrupted; one that ends is replaced.

    Args:
        what: what each of them does (see `answer_pages`).
    """
    # Not forked: threads of libraries would not be there in the child, but their locks would.
    context = multiprocessing.get_context("spawn")
    log = structlog.get_logger(__name__)

    def started(own: Sockets) -> BaseProcess:
        child = context.Process(target=_answer_as_child, args=(what, settings, list(own)), name="pages")
        child.start()
        return child

    children: dict[int, BaseProcess] = {}
    try:
        for place, own in enumerate(sockets):
            children[place] = started(own)
        while True:
            wait([child.sentinel for child in children.values()])
            for place in [place for place, child in children.items() if not child.is_alive()]:
                log.warning("pages.ended", status=children[place].exitcode)
                time.sleep(_PAUSE)
                children[place] = started(sockets[place])
    except KeyboardInterrupt:
        for child in children.values():
            child.terminate()
        until = time.monotonic() + _GRACE
        for child in children.values():
            child.join(max(0.0, until - time.monotonic()))
            child.kill()


def answer_pages(settings: Settings, sockets: Sockets) -> None:
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


def _pass_over_what_stays() -> None:
    """Let nobody wait while Python looks through the modules, rules and addresses, which stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_BETWEEN_LOOKS)


def _answer_as_child(what: _Answering, settings: Settings, sockets: Sockets) -> None:
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
