"""Times the search of the register of titles: a million firms with a name of their own and a title each.

`python -m tests.bench.name_search [FIRMS]`. Queries are parts of names drawn from the register: one, two and three
characters, pinyin in full, cut short and as initials, with and without tier and district; each is asked once.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from registry.city.naming import Names
from registry.city.parameters import load_parameters
from registry.domain.codes import DISTRICTS, LADDER
from registry.domain.uscc import check_character
from registry.store.engine import open_ready, writing
from registry.store.firms import Firm, FirmName
from registry.store.migrate import upgrade
from registry.store.standing import StandingSpan
from registry.work.find_holders import find_holders
from registry.work.identify import batches, insert_rows
from registry.work.keep_search import fill_search, readings_of
from tests import postgres
from tests.bench.books_registers import GENEROUS
from tests.bench.books_timing import Looks

ON = date(2026, 11, 26)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_FIRM: Table = Firm.__table__  # type: ignore[assignment]
_NAME: Table = FirmName.__table__  # type: ignore[assignment]
_SPAN: Table = StandingSpan.__table__  # type: ignore[assignment]
_EACH = 60


def _firms(count: int) -> Iterator[tuple[dict[str, Any], str]]:
    parameters, rng = load_parameters(), random.Random(7)
    names, trades, places = Names(parameters, 11), list(parameters.trades.values()), list(DISTRICTS)
    for number in range(1, count + 1):
        body = f"91{rng.choice(places)}MA{number:07d}"
        name = names.name(number, rng.choice(trades), rng)
        row = {"id": number, "uscc": body + check_character(body), "name": name, "name_on": date(2024, 1, 1)}
        row |= {"district": rng.choice(places), "district_on": date(2024, 1, 1), "functional_area": None}
        yield row | {"industry": None, "created_at": MOMENT}, rng.choices(LADDER, (60, 35, 5))[0]


def build(engine: Engine, count: int) -> float:
    """Fill a database past the deeds, then index it by the program; return how long the index took."""
    with writing(engine) as session:
        connection = session.connection()
        for batch in batches(_firms(count), 20_000):
            insert_rows(connection, _FIRM, [row for row, _tier in batch])
            told = [{"firm_id": row["id"], "name": row["name"], "since": date(2024, 1, 1)} for row, _tier in batch]
            insert_rows(connection, _NAME, [one | {"source": "bench", "known_at": MOMENT} for one in told])
            spans = [
                {"firm_id": row["id"], "tier": tier, "starts_on": date(2024, 1, 1), "ends_on": date(2027, 1, 1)}
                | {"district": row["district"], "known_at": MOMENT, "superseded_at": None}
                for row, own in batch
                for tier in (own, "any")
            ]
            insert_rows(connection, _SPAN, spans)
    start = time.perf_counter()
    with writing(engine) as session:
        fill_search(session)
    took = time.perf_counter() - start
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    return took


def queries(engine: Engine, count: int) -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """Yield questions by kind, their words taken from names of the register."""
    rng = random.Random(3)
    with Session(engine) as session:
        names = [session.get_one(Firm, rng.randint(1, count)).name for _ in range(_EACH)]

    def cut(name: str, length: int) -> str:
        at = rng.randint(0, len(name) - length)
        return name[at : at + length]

    def said(part: str) -> str:
        return "".join((one or ("",))[0] for one in readings_of(part))

    for length in (1, 2, 3, 4):
        yield f"{length} characters", [(cut(name, length), {}) for name in names]
    yield "whole name", [(name, {}) for name in names]
    yield "pinyin of 2", [(said(name[2:4]), {}) for name in names]
    yield "pinyin of 4", [(said(name[2:6]), {}) for name in names]
    yield "pinyin cut short", [(said(name[2:6])[:-2], {}) for name in names]
    for length in (2, 3, 4):
        initials = ["".join((one or ("?",))[0][0] for one in readings_of(name[2:])) for name in names]
        yield f"{length} initials", [(one[:length], {}) for one in initials]
    narrow = [{"tier": rng.choice(LADDER), "district": rng.choice(list(DISTRICTS))} for _ in names]
    yield "2 characters, narrowed", [(cut(name, 2), one) for name, one in zip(names, narrow, strict=True)]
    yield "3 initials, narrowed", [(one[:3], more) for one, more in zip(initials, narrow, strict=True)]
    yield (
        "in every name",
        [(one, {}) for one in ("青岛", "有限公司", "qingdao", "qd", "公司青", "岛限") for _ in range(4)],
    )


def measure(engine: Engine, count: int) -> None:
    """Ask and print."""
    everything: list[float] = []
    for kind, asked in queries(engine, count):
        seconds, found = [], 0
        for words, narrowed in asked:
            start = time.perf_counter()
            with Session(engine) as session:
                found += len(find_holders(session, words, ON, **narrowed).firms)
            seconds.append(time.perf_counter() - start)
        everything += seconds
        looks = Looks(seconds)
        sys.stdout.write(
            f"  {kind:24} p50 {looks.p50 * 1000:7.1f} ms  p95 {looks.p95 * 1000:7.1f} ms  "
            f"most {max(seconds) * 1000:7.1f} ms  {found / len(asked):5.1f} found\n"
        )
    looks = Looks(everything)
    sys.stdout.write(f"  {'all':24} p50 {looks.p50 * 1000:7.1f} ms  p95 {looks.p95 * 1000:7.1f} ms\n")


def main(count: int = 1_000_000) -> None:
    """Build a register on either database and time the search in it."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        for url in (f"sqlite:///{Path(place) / 'search.sqlite'}", ""):
            if not url:
                url = running.enter_context(postgres.server({**postgres.CARELESS, **GENEROUS})).create()
                upgrade_first(url)
            engine = open_ready(url)
            took = build(engine, count)
            sys.stdout.write(f"{engine.dialect.name}: {count:,} holders, indexed in {took:.0f} s\n")
            measure(engine, count)
            engine.dispose()


def upgrade_first(url: str) -> None:
    """Make the tables of an empty PostgreSQL database."""
    from registry.store.engine import open_engine

    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
