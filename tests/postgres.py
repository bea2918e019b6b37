"""A PostgreSQL server of the tests' own: in a temporary folder, reached through a socket in it, gone afterwards.

It listens on no port and ends with the process that started it, however that ends. Run as a program this says where
the server's programs are.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

# Where Debian keeps the programs of each version, beside those on the path.
DEBIAN = Path("/usr/lib/postgresql")
# A socket's path must fit in 107 characters, and whoever runs the server must reach it: TMPDIR may break both.
SHORT = "/tmp"
# What need not outlive the tests is kept in memory where there is room: a database is copied in a tenth of the time.
_MEMORY, _ROOM = "/dev/shm", 2 * 2**30
# PostgreSQL refuses to be run by root.
NOBODY = "nobody"
OWNER = "registry"
PATIENCE = 60
# Dies with its standard input: the shell reads until the test process is gone, then stops the server at once.
KEEPER = '"$@" </dev/null & read -r _; kill -QUIT $!; wait $!'
# Nothing is to survive a power cut here; PostgreSQL otherwise waits for the disk at every commit.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}
# As in service: what was committed survives, and the planner knows what is in the tables.
CAREFUL = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "listen_addresses": "",
}


def programs() -> Path | None:
    """Return the folder of `initdb` and `postgres`, the newest one of Debian's first, or None."""
    places = sorted(DEBIAN.glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    config = shutil.which("pg_config")
    if config:
        # Without the server's headers it only says so.
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True)
        places.append(Path(said.stdout.strip()))
    places += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return next((place for place in places if all((place / name).exists() for name in ("initdb", "postgres"))), None)


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        folder: where its socket is.
    """

    folder: Path
    _numbers: Any

    def url(self, database: str) -> str:
        """Return the address of a database as the registry's settings want it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Make a database, empty or a copy of one that nobody is connected to; return its address."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run a statement that no transaction can hold, in the database that every cluster has."""
        with closing(self.connect()) as raw:
            raw.execute(statement)

    def connect(self) -> Any:
        """Return a connection of the driver's own."""
        import psycopg

        return psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True)


class Cluster:
    """A server that can be cut off and started again; its addresses stay the same."""

    def __init__(self, place: Path, folder: Path, user: dict[str, Any], settings: Mapping[str, str]) -> None:
        """Take a folder that `initdb` has filled."""
        self._told = place, folder, user, settings
        self._running = ExitStack()

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        return self._running.enter_context(_running(*self._told))

    def stop(self) -> None:
        """Stop it as a power cut would: every connection is lost, and it recovers when it starts again."""
        self._running.close()


@contextmanager
def server(settings: Mapping[str, str] = CARELESS) -> Iterator[Server]:
    """Start a server in a new folder; stop it and take the folder away in the end.

    Args:
        settings: how it runs; `CAREFUL` where speed is measured, for what it would be in service.

    Raises:
        RuntimeError: there are no programs, or the server does not come up; says what it said.
    """
    with cluster(settings) as made:
        yield made.start()


@contextmanager
def cluster(settings: Mapping[str, str]) -> Iterator[Cluster]:
    """Give a server that is not started yet; it is stopped and its folder taken away in the end.

    Raises:
        RuntimeError: there are no programs.
    """
    place = programs()
    if place is None:
        raise RuntimeError("no PostgreSQL server is installed: `make test` installs it, `make quick` needs none")
    folder = Path(tempfile.mkdtemp(prefix="registry-pg-", dir=_place_for(settings)))
    try:
        user = _unprivileged(folder)
        _init(place, folder, user)
        made = Cluster(place, folder, user, settings)
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place_for(settings: Mapping[str, str]) -> str:
    if settings is not CARELESS or not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return SHORT
    return _MEMORY


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return as whom to run the server: ourselves, or nobody when we are root; the folder is given to them."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _init(place: Path, folder: Path, user: dict[str, Any]) -> None:
    # C.UTF-8 is what docs/operators.md asks for: text in the order of its bytes, on every machine alike.
    manners = ["--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [place / "initdb", "-D", folder / "data", *manners], cwd=folder, capture_output=True, text=True, **user
    )
    if done.returncode:
        raise RuntimeError(f"initdb: {done.stderr or done.stdout}")


@contextmanager
def _running(place: Path, folder: Path, user: dict[str, Any], settings: Mapping[str, str]) -> Iterator[Server]:
    settings = {**settings, "unix_socket_directories": str(folder)}
    command = [str(place / "postgres"), "-D", str(folder / "data")]
    command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    log = folder / "log"
    with (
        log.open("wb") as said,
        # A session of its own: an interrupt from the keyboard is for the tests, which then stop the server.
        subprocess.Popen(
            ["sh", "-c", KEEPER, "sh", *command],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
            **user,
        ) as keeper,
    ):
        try:
            started = Server(folder, count(1))
            _wait(started, keeper, log)
            yield started
        finally:
            if keeper.stdin:
                keeper.stdin.close()
            keeper.wait(PATIENCE)


def _wait(started: Server, keeper: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    until = time.monotonic() + PATIENCE
    while True:
        # The socket opens a moment after the server started.
        try:
            started.connect().close()
            return
        except psycopg.OperationalError as refused:
            if keeper.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server does not come up: {log.read_text('utf-8')}") from refused
            time.sleep(0.02)


if __name__ == "__main__":
    found = programs()
    print(found or "no PostgreSQL server is installed")
    sys.exit(found is None)
