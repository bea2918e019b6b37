"""Fifty people at once for a quarter of an hour, on SQLite and on PostgreSQL: how long a page takes, and what is left.

They apply, examine, search and export in sessions of real pages over HTTP (`load_users`), each with a second or more to
look at every page. Then list pages are asked for without a pause, beside a bare Flask page under the same server
(`load_bare`). It holds when 99 of 100 answers came within half a second, none was an error of the server, the processes
did not grow and every connection was given back.
"""

import json
import os
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import postgres
from casework import SHANGHAI
from sqlalchemy import text

from proof.load_bare import ROWS
from proof.load_client import THINK_LEAST, THINK_MORE, THINK_MOST
from proof.load_server import BARE, REGISTRY, Held, browse, per_second, serving
from proof.load_town import Size, found_town, shared_by_all
from registry.domain.roles import Role
from registry.store.engine import file_of, open_engine

P99_MS, GROWTH, ASIDE, RATIO = 500.0, 0.10, 0.02, 0.3
# How many of ten users do what; the first four file for firms.
_TENTHS = ("apply",) * 4 + ("examine",) * 3 + ("search_public", "search_staff", "export")
# Users of a kind are district and city reviewers in turn; who counts and searches sits in the city.
_ROLES = {"search_staff": (Role.STATISTICIAN,), "export": (Role.CITY_REVIEWER,)}
_EXAMINERS = (Role.DISTRICT_REVIEWER, Role.DISTRICT_REVIEWER, Role.CITY_REVIEWER)
# A session of applying takes no less than so many seconds.
_APPLYING = 40
# So many applicants of a browser file while the server warms up.
_WARMING = 5
_LISTS = {"desk": "/cases?tab=all", "firms": "/firms", "public register": "/titles"}
# A connection that is given back stays open for the next request: so many a process keeps at most.
_KEPT = 5
_PROCESSES = 2
# Seconds that a transaction which is just ending has for it.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Run:
    """How much is run.

    Attributes:
        seconds: of mixed load; the first fifth of it warms the server up.
        asked_for: seconds that each list page is asked for without a pause.
    """

    users: int
    seconds: float
    asked_for: float
    size: Size


FULL = Run(50, 900, 15, Size(20_000, 300, 20 * 900 // _APPLYING))
SMALL = Run(10, 20, 2, Size(3_000, 30, 4 * (_WARMING + 2)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one database came to."""

    told: dict[str, Any]
    warm: Held
    end: Held
    left: Held
    open_at_end: str
    trouble: str
    rates: Mapping[str, float]


def prove(folder: Path, small: bool) -> str:
    """Run it on both databases, or on the one that `LOAD` names; PostgreSQL only where it is installed."""
    wanted = os.environ.get("LOAD", "sqlite postgresql").split()
    run, lines = SMALL if small else FULL, []
    faults: list[str] = []
    think = f"a look lasts {THINK_LEAST:.0f} s and an exponential {THINK_MORE:.0f} s more, at most {THINK_MOST:.0f} s"
    cores = f"{_PROCESSES} processes on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before"
    lines.append(f"{run.users} users, {run.seconds:.0f} s, {cores}; {think}")
    if "sqlite" in wanted:
        place = folder / "sqlite"
        place.mkdir()
        measured = _measure(f"sqlite:///{place / 'registry.sqlite'}", place, run)
        lines += _lines("SQLite", measured)
        faults += _faults("SQLite", measured, run, small)
    if "postgresql" in wanted and postgres.programs() is not None:
        place = folder / "postgresql"
        place.mkdir()
        with postgres.server(postgres.CAREFUL) as server:
            measured = _measure(server.create(), place, run)
        lines += _lines("PostgreSQL", measured)
        faults += _faults("PostgreSQL", measured, run, small)
    said = "\n  ".join(lines)
    assert not faults, "; ".join(faults) + "\n  " + said
    return said


def _measure(url: str, folder: Path, run: Run) -> Measured:
    """Make the town, let everybody work in it, ask for the list pages, and look at what is left."""
    now = datetime.now(SHANGHAI)
    users = [_TENTHS[number * len(_TENTHS) // run.users % len(_TENTHS)] for number in range(run.users)]
    staff = [(f"{kind}{number}", _role(kind, number)) for number, kind in enumerate(users) if kind in _WITH_SEAT]
    town = found_town(url, run.size, [*staff, ("lists", Role.CITY_REVIEWER)], now)
    warming, working = run.seconds / 5, run.seconds * 4 / 5
    cookie = town["staff"]["lists"]
    changes = {"REGISTRY_PROCESSES": str(_PROCESSES), "REGISTRY_WORKER": "inside"}
    with serving(REGISTRY, url, folder, folder / "server.log", **changes) as server:
        people = [_people(kind, number, users, town) for number, kind in enumerate(users)]
        shared = shared_by_all(town["names"], now)
        _browse(folder, _plan(server.place, people, shared, slice(0, _WARMING)), warming, "warming")
        warm = server.when_left()
        plan = _plan(server.place, people, shared, slice(_WARMING, None))
        told = _browse(folder, plan, working, "working")
        end, left = server.held(), server.when_left()
        open_at_end, trouble = _left_open(url), server.trouble()
        rates = {
            name: per_second(server, address, seconds=run.asked_for, cookie="" if "public" in name else cookie)
            for name, address in _LISTS.items()
        }
    with serving(BARE, url, folder, folder / "bare.log", **changes) as bare:
        rates["bare"] = per_second(bare, "/", seconds=run.asked_for)
    return Measured(told, warm, end, left, open_at_end, trouble, rates)


_WITH_SEAT = ("examine", "search_staff", "export")


def _role(kind: str, number: int) -> Role:
    roles: Sequence[Role] = _ROLES.get(kind, _EXAMINERS)
    return roles[number % len(roles)]


def _people(kind: str, number: int, users: Sequence[str], town: Mapping[str, Any]) -> dict[str, Any]:
    """Return who sits at a browser: one person of staff all day, one applicant after another, or the public."""
    if kind == "apply":
        others = [one for one, found in enumerate(users) if found == "apply"]
        return {"kind": kind, "people": town["applicants"][others.index(number) :: len(others)]}
    cookie = town["staff"].get(f"{kind}{number}", "")
    return {"kind": kind, "people": [{"cookie": cookie}]}


def _plan(place: str, people: Sequence[Mapping[str, Any]], shared: Mapping[str, Any], which: slice) -> dict[str, Any]:
    """Return what the browsers are told; an applicant who filed while the server warmed up does not file again."""
    users = [{**one, "people": one["people"][which]} if one["kind"] == "apply" else one for one in people]
    return {"place": place, "users": users, "shared": shared}


def _browse(folder: Path, plan: Mapping[str, Any], seconds: float, name: str) -> dict[str, Any]:
    file, out = folder / f"{name}.json", folder / f"{name}.out"
    file.write_text(json.dumps({**plan, "seconds": seconds, "seed": name}), "utf-8")
    browse(file, out, seconds)
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def _left_open(url: str) -> str:
    """Return what the server left open in the database, in words; empty where it gave all of it back."""
    file = file_of(url)
    if file is not None:
        # Whoever reads holds a lock that this one waits for.
        with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as raw:
            try:
                raw.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as locked:
                return str(locked)
        return ""
    engine = open_engine(url)
    ours = "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    others = f"{ours} AND pid <> pg_backend_pid()"
    # Mails, clock and worker have an engine of their own each, in the process that answers no pages.
    most = _KEPT * _PROCESSES + 4
    until = time.monotonic() + _PATIENCE
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while True:
            busy = connection.scalar(text(f"SELECT count(*) {others} AND state <> 'idle'"))
            kept = connection.scalar(text(f"SELECT count(*) {others}"))
            # They look for work now and then; what is leaked stays.
            if not busy or time.monotonic() > until:
                break
            time.sleep(0.05)
    engine.dispose()
    return "" if not busy and kept <= most else f"{busy} transactions open, {kept} connections kept of {most}"


def _faults(name: str, found: Measured, run: Run, small: bool) -> list[str]:
    """Return what does not hold; speed and growth are judged at full size only."""
    looks, faults = found.told["looks"], []
    errors = Counter(f"{kind} {status}" for kind, _at, _ms, status in looks if status >= 500)
    asides = Counter(found.told["asides"])
    if errors:
        faults.append(f"{name}: errors of the server {dict(errors)}: {found.trouble}")
    if sum(asides.values()) > max(1, ASIDE * len(looks)):
        faults.append(f"{name}: sessions left their way {dict(asides)}")
    missing = {_TENTHS[number * len(_TENTHS) // run.users] for number in range(run.users)} - set(found.told["sessions"])
    if missing and not small:
        faults.append(f"{name}: nobody finished {sorted(missing)}")
    if found.left.connections:
        faults.append(f"{name}: {found.left.connections} connections of browsers that are gone")
    if found.open_at_end:
        faults.append(f"{name}: database {found.open_at_end}")
    if small:
        return faults
    p99 = _quantile([ms for _kind, _at, ms, _status in looks], 0.99)
    if p99 > P99_MS:
        faults.append(f"{name}: p99 {p99:.0f} ms > {P99_MS:.0f} ms")
    growth = found.end.resident / found.warm.resident - 1
    if growth >= GROWTH:
        faults.append(f"{name}: memory grew by {growth:.1%}")
    return faults


def _lines(name: str, found: Measured) -> list[str]:
    looks = found.told["looks"]
    span = max(at for _kind, at, _ms, _status in looks)
    every = [ms for _kind, _at, ms, _status in looks]
    rows = [
        f"{name}: {len(looks)} requests, {len(looks) / span:.1f} a second; p50 {_quantile(every, 0.5):.0f}, "
        f"p95 {_quantile(every, 0.95):.0f}, p99 {_quantile(every, 0.99):.0f} ms, longest {max(every):.0f} ms; "
        f"sessions {found.told['sessions']}; left their way {dict(Counter(found.told['asides']))}",
        f"  memory {found.warm.resident / 2**20:.0f} MiB warm, {found.end.resident / 2**20:.0f} at the end "
        f"({found.end.resident / found.warm.resident - 1:+.1%}) in {found.end.processes} processes; "
        f"files open {found.warm.files} and {found.left.files}; connections left {found.left.connections}; "
        f"the browsers took {found.told['cpu']:.0f} s of a core",
    ]
    for kind in sorted({look[0] for look in looks}):
        some = [ms for one, _at, ms, _status in looks if one == kind]
        rows.append(
            f"  {kind:24} {len(some):6} p50 {_quantile(some, 0.5):6.0f} p95 {_quantile(some, 0.95):6.0f} "
            f"p99 {_quantile(some, 0.99):6.0f} ms"
        )
    bare = found.rates["bare"]
    rates = ", ".join(f"{one} {rate:.0f} ({rate / bare:.2f} ×)" for one, rate in found.rates.items() if one != "bare")
    rows.append(f"  requests a second without a pause: {rates}; a bare Flask page of {ROWS} rows {bare:.0f}")
    return rows


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share of the others does not exceed."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]
