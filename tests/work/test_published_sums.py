"""The published sums of policy §12, reproduced with their reading: sums of titles, beside fewer distinct firms."""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from make import title
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from registry.city import build_city
from registry.domain.codes import DISTRICTS, LADDER
from registry.domain.firms import TitleRow
from registry.store import books
from registry.store.engine import open_ready
from registry.work.count import Count, count, question_of, totals
from registry.work.file_books import file_titles
from registry.work.lay_out_counts import Made, as_json, write_counts
from registry.work.publish import freeze, frozen_count

PUBLISHED: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("published_sums.toml").read_text("utf-8"))[
    "published"
]
MID_2025, NOVEMBER = PUBLISHED
NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
TODAY = date(2025, 11, 25)
RECOGNISED = date(2024, 5, 10)


def register_of(published: dict[str, Any]) -> Iterator[TitleRow]:
    """Yield titles that make the published stocks: firms are numbered, and the rungs overlap as assumed."""
    built = published["built"]
    giants = range(published["little_giant"])
    # The giants come first among the specialized, and those with all three titles first among the giants.
    specialized = range(published["specialized"])
    shared = built["specialized_and_innovative"] - built["all_three"]
    innovative = [*range(built["all_three"]), *(len(giants) + number for number in range(shared))]
    alone = published["innovative"] - len(innovative)
    innovative += [len(specialized) + number for number in range(alone)]
    places = list(DISTRICTS)
    for tier, numbers in (("innovative", innovative), ("specialized", specialized), ("little_giant", giants)):
        for number in numbers:
            yield title(number, tier=tier, recognised_on=RECOGNISED, district=places[number % len(places)])


def counted(session: Session, published: dict[str, Any], *by: str) -> Count:
    return count(session, question_of(2025, today=TODAY, as_of=published["as_of"], by=by), now=NOW)


def holders(session: Session, on: date) -> dict[str, set[int]]:
    """Return the firms behind the stock of every rung."""
    question = question_of(2025, today=TODAY, as_of=on)
    return {tier: set(session.scalars(books.behind_stock(on, tier, question, {}).numbers)) for tier in LADDER}


def reproduces(session: Session, published: dict[str, Any]) -> None:
    """Hold the stocks, the sum of titles, and the distinct firms with their overlaps against what was published."""
    on = published["as_of"]
    report = as_json(counted(session, published), Made(NOW))
    stocks = {row["tier"]: row["stock_end"] for row in report["rows"]}
    assert {tier: stocks[tier] for tier in LADDER} == {tier: published[tier] for tier in LADDER}
    assert report["titles"] == published["titles"] == sum(published[tier] for tier in LADDER)
    behind = holders(session, on)
    pairs = [len(behind[one] & behind[other]) for one, other in combinations(LADDER, 2)]
    all_three = len(set.intersection(*behind.values()))
    assert report["firms"] == len(set.union(*behind.values())) < report["titles"]
    assert report["firms"] + sum(pairs) - all_three == report["titles"]
    by_district = counted(session, published, "district")
    assert (by_district.titles, by_district.firms) == (report["titles"], report["firms"])
    assert totals(by_district) == totals(counted(session, published))


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Session]:
    """A register of its own on SQLite: what is shown here is a reading, and the same on either database."""
    engine = open_ready(f"sqlite:///{tmp_path / 'register.sqlite'}")
    with Session(engine) as session:
        yield session
    engine.dispose()


def file(session: Session, rows: Iterable[TitleRow]) -> None:
    file_titles(session, rows, now=NOW, source="名单")


def test_the_sum_of_mid_2025_is_one_of_titles(register: Session, tmp_path: Path) -> None:
    file(register, register_of(MID_2025))

    reproduces(register, MID_2025)
    built = MID_2025["built"]
    overlaps = built["little_giant_and_specialized"] + built["specialized_and_innovative"]
    # A firm on all three rungs is one on the first and the third as well.
    found = counted(register, MID_2025)
    assert (found.titles, found.firms) == (8967, 8967 - overlaps)
    out = tmp_path / "report.xlsx"
    write_counts(out, "xlsx", found, Made(NOW))
    shown = str(CalamineWorkbook.from_path(out).get_sheet_by_name("全市").to_python()[-1][0])
    assert f"三级称号合计 8967 个，持有任一梯度称号的企业 {8967 - overlaps} 家" in shown
    # Frozen with its reading, it stays when another title becomes known.
    told: dict[str, Any] = {"title": "2025年年中", "source": "公开报道", "author": "张三"}
    freeze(register, 2025, MID_2025["as_of"], **told, by=(), now=NOW, today=TODAY)
    later = [title(90_000, tier="innovative", recognised_on=RECOGNISED)]
    file_titles(register, later, now=NOW + timedelta(days=1), source="补报")
    (kept,) = frozen_count(register, 1).counts
    assert (kept.titles, counted(register, MID_2025).titles) == (8967, 8968)
    assert kept.firms == 8967 - overlaps


@pytest.mark.slow
def test_the_sums_of_november_2025_are_those_of_the_demo_city(register: Session) -> None:
    file(register, build_city().titles)

    reproduces(register, NOVEMBER)
