"""Publications of lists drawn at random: what differs, and what leads from one to another, adds up."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make import firm, stay, title
from published_books import DAY, NOW, YEAR_END, asked_again, publish
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from undone import undone

from registry.domain.firms import ScaleRow, TitleRow
from registry.domain.standing import EFFECTS
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.publish import DEFAULT_BY, frozen_count
from registry.work.reconcile import Reconciliation, reconcile
from registry.work.recount import Recount

PLACES = ("370211", "370212", "370285")
DAYS = st.dates(date(2021, 1, 1), date(2025, 1, 10)) | st.sampled_from([YEAR_END, YEAR_END + DAY, date(2024, 6, 30)])
TITLES = st.builds(
    lambda number, place, tier, kind, on, lasts: title(
        number,
        district=place,
        tier=tier,
        kind=kind,
        recognised_on=on,
        valid_until=None if lasts is None else on + lasts * DAY,
    ),
    st.integers(1, 4),
    st.sampled_from(PLACES),
    st.sampled_from(["innovative", "specialized"]),
    st.sampled_from(["new", "re_review"]),
    # Few days, so that a later list corrects what an earlier one stated.
    st.sampled_from([date(2021, 5, 1), date(2023, 12, 31), date(2024, 3, 1), date(2024, 7, 1)]),
    st.sampled_from([None, 100, 366, 1200]),
)
STAYS = st.builds(
    lambda number, place, on, lasts: stay(
        number, district=place, entered_on=on, exited_on=None if lasts is None else on + lasts * DAY
    ),
    st.integers(1, 4),
    st.sampled_from(PLACES),
    st.sampled_from([date(2022, 1, 31), date(2024, 1, 31), date(2024, 8, 31)]),
    st.sampled_from([None, 60, 400]),
)
FIRMS = st.builds(
    lambda number, place, industry, employees: firm(
        number, district=place, industry=industry, years={2023: {"employees": employees, "revenue": 5_000_000_000}}
    ),
    st.integers(1, 4),
    st.sampled_from(PLACES),
    st.sampled_from(["3451", "2710"]),
    st.sampled_from([5, 100, 1000]),
)
LISTS = (
    st.lists(TITLES, min_size=1, max_size=4)
    | st.lists(STAYS, min_size=1, max_size=2)
    | st.lists(FIRMS, min_size=1, max_size=2)
)


def file(session: Session, rows: list[Any], moment: datetime) -> None:
    said: dict[Any, Any] = {}
    for row in rows:
        key = (
            row.uscc,
            getattr(row, "tier", ""),
            getattr(row, "recognised_on", None),
            getattr(row, "entered_on", None),
        )
        said[key] = row
    kept = list(said.values())
    if isinstance(rows[0], TitleRow):
        file_titles(session, kept, now=moment, source="名单")
    elif isinstance(rows[0], ScaleRow):
        file_stays(session, kept, now=moment, source="名录")
    else:
        enrol(session, kept, now=moment, on=moment.date(), source="企业")


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    lists=st.lists(LISTS, min_size=2, max_size=5),
    days=st.lists(DAYS, min_size=5, max_size=5),
)
def test_what_differs_and_what_leads_from_one_publication_to_another_adds_up(
    engine: Engine, lists: list[list[Any]], days: list[date]
) -> None:
    with undone(engine) as session:
        file(session, [title(1)], NOW)
        kept = []
        for turn, (rows, day) in enumerate(zip(lists, days, strict=False)):
            head = publish(session, day, title=f"第{turn}期", by=DEFAULT_BY if turn % 2 else ("", "district"))
            kept.append(frozen_count(session, head.id))
            file(session, rows, NOW + (turn + 1) * DAY)
        for before in kept:
            number = before.publication.id
            assert frozen_count(session, number).counts == before.counts
            assert asked_again(session, number, known_at=before.publication.known_at).counts == before.counts
            told_adds_up(asked_again(session, number))
        for one, other in combinations(kept, 2):
            found = reconcile(session, one.publication.id, other.publication.id)
            assert all(bridge.holds for bridge in found.bridges)
            bridges_add_up(found)


def told_adds_up(found: Recount) -> None:
    """Hold the difference of every total against the effects of the firms told behind it, each with a reason."""
    expected = {(line.tier, line.measure): line.difference for line in found.numbers if not line.by}
    effects: Counter[tuple[str, str]] = Counter()
    for line in found.firms:
        if not line.measure.startswith("moved"):
            effects[line.tier, line.measure] += line.effect
        assert line.reasons, line
    assert {cell: times for cell, times in effects.items() if times} == expected
    assert len(found.firms) == found.firms_total


def bridges_add_up(found: Reconciliation) -> None:
    """Hold the districts of a bridge against the city's, and its firms against what was added and lost."""
    for city in (bridge for bridge in found.bridges if not bridge.by):
        places = [bridge for bridge in found.bridges if bridge.by and bridge.tier == city.tier]
        assert sum(one.added - one.lost for one in places) == city.added - city.lost
        assert sum(one.corrected_in - one.corrected_out for one in places) == 0
        assert (city.corrected_in, city.corrected_out) == (0, 0)
        told = Counter(line.what for line in found.firms if line.tier == city.tier)
        assert (told["added"], told["lost"]) == (city.added, city.lost)
        summed = sum(EFFECTS[kind] * times for kind, times in city.changes.items())
        assert city.stock_to == city.stock_from + city.added - city.lost + summed
        assert replace(city, stock_to=city.stock_to + 1).holds is False
    assert all(line.reasons for line in found.firms)
