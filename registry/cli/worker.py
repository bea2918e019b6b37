"""`registry worker`: does the long work that people ask for on the pages, until it is stopped."""

import os
import signal
import socket
import threading
from datetime import datetime

import click
import structlog

from registry.config import Settings, load_settings
from registry.domain.errors import RegistryError

# Seconds between two looks for work where there was none.
_PAUSE = 1.0


@click.command()
@click.option("--once", is_flag=True, help="做完现有任务即退出 · Stop when no job is due.")
def worker(once: bool) -> None:
    """处理长时间任务（筛查、导入、导出）· Do the jobs that wait; several workers may run side by side."""
    from registry.store.engine import open_ready
    from registry.web import journal

    journal.configure()
    settings = load_settings()
    open_ready(settings.database_url).dispose()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_told: stopping.set())
    signal.signal(signal.SIGINT, lambda *_told: stopping.set())
    click.echo("开始处理任务 · working")
    work(settings, stopping, once=once)
    click.echo("已停止 · stopped")


def work(settings: Settings, stopping: threading.Event, *, once: bool = False) -> None:
    """Do one job after another; the one under way is done to its end before it stops.

    What a worker of this machine left behind when it died is taken up at once; a database that cannot be written now is
    asked again later.
    """
    from registry.store.engine import open_engine
    from registry.work.job_kinds import handlers
    from registry.work.run_jobs import release_gone, run_next

    engine = open_engine(settings.database_url)
    name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    kinds = handlers(settings)
    looked = False
    while not stopping.is_set():
        try:
            if not looked:
                release_gone(engine, is_gone)
                looked = True
            did = run_next(engine, kinds, worker=name, clock=lambda: datetime.now(settings.zone))
        except Exception as failure:
            # Of a defect only the kind: a statement may hold somebody's data.
            said = str(failure)[:200] if isinstance(failure, RegistryError | OSError) else ""
            structlog.get_logger(__name__).warning("worker.failed", error=type(failure).__name__, reason=said)
            did = False
            if once:
                raise
        if not did:
            if once:
                break
            stopping.wait(_PAUSE)
    engine.dispose()


def is_gone(worker: str) -> bool:
    """Say whether a worker is dead for certain: it was a process of this machine that is there no more."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
