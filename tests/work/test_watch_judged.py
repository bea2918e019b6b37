"""Watch-lists that the rules draw: who falls below a condition, who newly reaches the next tier, and why."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from make import code, firm, title
from sqlalchemy import event
from sqlalchemy.orm import Session
from watched_firms import GOOD, ON, RICH, good, hold, plain, register

from registry.domain.errors import Refused
from registry.policy import Options
from registry.policy.watch_lists import WAN, watch_lists
from registry.work import watch as room
from registry.work import watch_judged
from registry.work.file_books import file_titles
from registry.work.recheck import ReadingsDisagree
from registry.work.screen import screen
from registry.work.watch import watch, watch_all


def test_holders_who_fail_a_condition_are_listed_with_its_label_and_number(session: Session, now: datetime) -> None:
    register(session, now, good(1), good(2, restricted_products=True), good(3, restricted_products=True))
    hold(session, now, 1, 2)

    page = watch(session, "falling_below", ON)

    (entry,) = page.entries
    assert (entry.uscc, entry.tier, page.total, page.unknown) == (code(2), "innovative", 1, 0)
    assert entry.figures == {"tier": "innovative", "rule_set": "innovative-2022", "fails": 1, "undetermined": 0}
    assert entry.reason.startswith(
        "持有创新型中小企业称号，按工信部企业〔2022〕63号 附件1的复核标准有 1 项不满足：产品不属于禁止"
    )
    assert "No prohibited, restricted or obsolete products" in entry.reason_en
    assert list(entry.figures) == [column.key for column in watch_lists()["falling_below"].columns]


def test_a_number_that_falls_short_is_told_with_its_distance(session: Session, now: datetime) -> None:
    years = {year: RICH | {"rd_expense": 99 * WAN} for year in range(2019, 2026)}
    register(session, now, firm(1, years=years, **GOOD))
    hold(session, now, 1, tier="specialized")

    (entry,) = watch(session, "falling_below", ON).entries

    assert entry.figures["rule_set"] == "specialized-2022"
    assert "研发费用 99.00 万元" in entry.reason and "还差 1.00 万元" in entry.reason
    assert "99.00 万元" in entry.reason_en and "1.00 万元 short" in entry.reason_en


def test_what_is_undetermined_never_counts_as_failing(session: Session, now: datetime) -> None:
    register(
        session,
        now,
        good(1, restricted_products=None),
        good(2, restricted_products=None, on_abnormal_list=True),
    )
    hold(session, now, 1, 2)

    page = watch(session, "falling_below", ON)

    assert [(one.uscc, one.figures["fails"], one.figures["undetermined"]) for one in page.entries] == [(code(2), 1, 1)]
    assert page.unknown == 1


def test_a_tier_is_judged_by_its_own_standard_of_the_day(session: Session, now: datetime) -> None:
    register(session, now, plain(1), plain(2))
    hold(session, now, 1, recognised_on=date(2024, 3, 20))
    hold(session, now, 1, tier="specialized", recognised_on=date(2024, 3, 20))
    hold(session, now, 1, tier="little_giant", recognised_on=date(2024, 3, 20))

    def judged(on: date, **asked: Any) -> list[tuple[str | None, object]]:
        return [(one.tier, one.figures["rule_set"]) for one in watch(session, "falling_below", on, **asked).entries]

    assert judged(ON) == [
        ("innovative", "innovative-2022"),
        ("specialized", "specialized-2022"),
        ("little_giant", "little_giant-2022+2025"),
    ]
    assert judged(date(2026, 4, 1), tier="specialized") == [("specialized", "specialized-2026")]
    assert judged(date(2024, 3, 19)) == []


def test_only_the_district_of_the_day_is_judged(session: Session, now: datetime) -> None:
    register(session, now, plain(1))
    hold(session, now, 1)
    moved = [title(1, tier="specialized", recognised_on=date(2025, 8, 1), district="370211")]
    file_titles(session, moved, now=now + timedelta(days=1), source="测试")

    def found(on: date, district: str) -> list[str | None]:
        return [one.district for one in watch(session, "falling_below", on, district, tier="innovative").entries]

    assert found(date(2025, 7, 31), "370285") == ["370285"]
    assert found(date(2025, 7, 31), "370211") == []
    assert found(date(2025, 8, 1), "370211") == ["370211"]


def test_the_list_is_what_a_screening_of_the_same_day_says_of_the_holders(session: Session, now: datetime) -> None:
    firms = [plain(1), good(2), good(3, own_brand=None), good(4, on_abnormal_list=None), good(5, titles=None)]
    register(session, now, *firms, good(6, segment_since=date(2024, 6, 1)))
    hold(session, now, 1, 2, 3, 4, 5, 6, tier="specialized")

    screened = {one.uscc: one for one in screen(session, "specialized", "re_review", ON).rows()}
    page = watch(session, "falling_below", ON)

    assert [one.uscc for one in page.entries] == sorted(c for c, one in screened.items() if one.verdict == "not_met")
    assert {one.uscc: one.figures["fails"] for one in page.entries} == {
        one.uscc: len(one.fails) for one in screened.values() if one.verdict == "not_met"
    }
    assert page.unknown == sum(one.verdict == "undetermined" for one in screened.values())


def test_a_district_and_the_citys_own_settings_are_heeded(session: Session, now: datetime) -> None:
    register(
        session,
        now,
        plain(1, {2024: 500 * WAN}),
        plain(2, {2024: 500 * WAN}, district="370211"),
        plain(3, {2024: 500 * WAN}, district=None),
    )

    options = Options(higher_title_counts=True)
    assert watch(session, "reaching_next", ON).total == 3
    assert [one.uscc for one in watch(session, "reaching_next", ON, "370211", options=options).entries] == [code(2)]


def test_a_day_without_rules_or_without_any_a_year_before_is_refused(session: Session) -> None:
    for key, on, said in (
        ("falling_below", date(2022, 7, 31), "尚无适用"),
        ("reaching_next", date(2022, 7, 31), "尚无适用"),
        ("reaching_next", date(2023, 7, 31), "须与一年前同日比较"),
    ):
        with pytest.raises(Refused, match=said) as refused:
            watch(session, key, on)
        assert [fault.path for fault in refused.value.faults] == ["on"]
    assert watch(session, "reaching_next", date(2023, 8, 1)).total == 0


def test_pages_of_a_judged_list_leave_no_gaps(session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_judged, "BATCH", 2)
    monkeypatch.setattr(room, "JUDGED_CHUNK", 2)
    register(session, now, *(plain(number) for number in (4, 2, 5, 1, 3)))
    hold(session, now, *range(1, 6))
    hold(session, now, 2, 4, tier="specialized")

    seen, after = [], None
    while True:
        page = watch(session, "falling_below", ON, after=after, limit=2)
        seen += [(entry.uscc, entry.tier) for entry in page.entries]
        after = page.after
        if after is None:
            break
    whole = watch_all(session, "falling_below", ON)

    assert seen == [(entry.uscc, entry.tier) for entry in whole]
    assert whole.total == page.total == len(seen) == 7
    assert seen == sorted(seen)
    assert {one.id for one in whole.rule_sets} == {"innovative-2022", "specialized-2022"} | {"little_giant-2022+2025"}


def test_a_judged_list_is_judged_once_until_the_books_change(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(session, now, good(1, restricted_products=True), good(2))
    hold(session, now, 1, 2)
    first = watch(session, "falling_below", ON)
    with monkeypatch.context() as patched:
        patched.delattr(watch_judged, "judge")
        assert watch(session, "falling_below", ON) == first
    register(session, now, firm(2, restricted_products=True))

    assert [one.uscc for one in watch(session, "falling_below", ON).entries] == [code(1), code(2)]


@pytest.mark.parametrize("key", ["falling_below", "reaching_next"])
def test_no_query_is_asked_a_firm(session: Session, now: datetime, key: str) -> None:
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    def asked() -> int:
        said.clear()
        assert watch(session, key, ON, limit=500).entries
        return len(said)

    register(session, now, plain(1), plain(1001, {2024: 500 * WAN}))
    hold(session, now, 1)
    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", hear)
    one = asked()
    numbers = range(2, 40)
    register(session, now, *(plain(n) for n in numbers), *(plain(1000 + n, {2024: 500 * WAN}) for n in numbers))
    hold(session, now, *numbers)
    many = asked()
    event.remove(engine, "before_cursor_execute", hear)

    assert many == one <= 12


def test_a_list_whose_readings_disagree_is_not_handed_out(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(session, now, good(1))
    hold(session, now, 1)
    right = watch_judged.judge

    def wrong(*given: Any) -> pl.DataFrame:
        return right(*given).with_columns(~pl.col("verdict"))

    monkeypatch.setattr(watch_judged, "judge", wrong)

    with pytest.raises(ReadingsDisagree, match=code(1)):
        watch(session, "falling_below", ON)
