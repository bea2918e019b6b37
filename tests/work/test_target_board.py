"""The target board on real rows: counted live, ratios of sums, what staff entered, and nothing unknown taken for no."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from make import code, firm, stay, title
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.firms import Firm
from registry.domain.trail import Doer
from registry.store.shares import shares_of
from registry.work.enrol import enrol
from registry.work.enter_target import Entered, enter_value
from registry.work.file_books import file_stays, file_titles
from registry.work.targets import TargetBoard, day_of_board, target_board

END = date(2024, 12, 31)
MIDDLE = date(2024, 6, 30)
GROWTH = "above_scale_value_added_growth"
FEN = 100
HIGH, LOW = "2710", "3451"


@pytest.fixture
def city(session: Session, now: datetime, today: date) -> Session:
    """Four firms above scale, one that left; three new titles of 2024 and a re-review."""
    firms = [
        one(1, HIGH, {2023: {"value_added": 13 * FEN, "digitally_transformed": True}}),
        one(2, LOW, {2023: {"value_added": 86 * FEN, "digitally_transformed": False}}),
        one(3, HIGH, {2023: {"revenue": 1}}),
        one(4, None, {2023: {"value_added": 50 * FEN, "digitally_transformed": True}}),
        one(5, HIGH, {2023: {"value_added": 900 * FEN, "digitally_transformed": True}}),
    ]
    enrol(session, firms, now=now, on=today, source="测试")
    stays = [stay(number, entered_on=date(2022, 1, 31)) for number in (1, 2, 3, 4)]
    stays.append(stay(5, entered_on=date(2022, 1, 31), exited_on=date(2023, 6, 30), exit_reason="other"))
    file_stays(session, stays, now=now, source="测试")
    titles = [title(number, recognised_on=date(2024, 3, number)) for number in (1, 2)]
    titles += [title(3, recognised_on=date(2024, 9, 1)), title(4, recognised_on=date(2024, 4, 1), kind="re_review")]
    file_titles(session, titles, now=now + timedelta(seconds=1), source="测试")
    return session


def one(number: int, industry: str | None, years: dict[int, dict[str, Any]]) -> Firm:
    facts = {} if industry is None else {"industry": industry}
    return firm(number, name=f"青岛示例{number}号有限公司", years=years, **facts)


def more(session: Session, firms: Sequence[Firm], now: datetime, today: date) -> None:
    enrol(session, firms, now=now + timedelta(hours=1), on=today, source="补报")


def board_on(session: Session, day: date, now: datetime) -> TargetBoard:
    return target_board(session, day.year, day, now=now)


def entered(session: Session, key: str, value: str, day: date, now: datetime, today: date, **texts: str) -> Entered:
    return enter_value(
        session,
        2024,
        key,
        Decimal(value),
        day,
        source=texts.get("source", "统计公报"),
        doer=Doer(None, texts.get("author", "张三")),
        note=texts.get("note", ""),
        now=now,
        today=today,
    )


def test_counted_rows_are_what_the_books_say_up_to_the_day(city: Session, now: datetime) -> None:
    middle, end = board_on(city, MIDDLE, now), board_on(city, END, now)

    assert (middle.row("new_specialized").obtained.value, end.row("new_specialized").obtained.value) == (2, 3)
    assert end.row("above_scale").obtained.value == 4
    row = middle.row("new_specialized")
    assert (row.met, row.side, row.gap, row.obtained.as_of) == (False, "below", 298, MIDDLE)
    assert row.projection and (row.projection.value, row.projection.met) == (4, False)
    held = middle.row("above_scale").projection
    assert held and (held.value, held.method) == (4, "held")


def test_a_row_is_there_for_every_target_in_order(city: Session, now: datetime) -> None:
    board = board_on(city, END, now)

    assert [row.target for row in board.rows] == list(board.targets.targets)
    with pytest.raises(KeyError):
        board.row("gdp")


def test_the_high_tech_share_is_a_ratio_of_sums_over_firms_of_which_all_is_known(city: Session, now: datetime) -> None:
    obtained = board_on(city, END, now).row("high_tech_share").obtained

    # Firm 3 has no value added, firm 4 no trade, firm 5 had left: neither part nor whole holds them.
    assert obtained.value == Fraction(1300, 99)
    assert (obtained.part, obtained.whole) == (13, 99)
    assert (obtained.known, obtained.unknown) == (2, 2)
    assert obtained.as_of == date(2023, 12, 31)


@pytest.mark.parametrize(("rest", "met"), [(87, True), (88, False), (86, True)])
def test_the_share_is_judged_at_above_and_below_its_line(
    session: Session, now: datetime, today: date, rest: int, met: bool
) -> None:
    firms = [one(1, HIGH, {2023: {"value_added": 13}}), one(2, LOW, {2023: {"value_added": rest}})]
    enrol(session, firms, now=now, on=today, source="测试")
    file_stays(session, [stay(1), stay(2)], now=now, source="测试")

    assert board_on(session, END, now).row("high_tech_share").met is met


def test_an_unknown_transformation_is_not_taken_for_none(city: Session, now: datetime) -> None:
    obtained = board_on(city, END, now).row("digital_transformation_share").obtained

    assert obtained.value == Fraction(200, 3)
    assert (obtained.part, obtained.whole, obtained.known, obtained.unknown) == (2, 3, 3, 1)


def test_the_figures_of_the_year_itself_are_taken_once_it_is_over_and_there_are_any(
    city: Session, now: datetime, today: date
) -> None:
    more(city, [one(1, HIGH, {2024: {"value_added": 7 * FEN}})], now, today)

    end, middle = board_on(city, END, now), board_on(city, MIDDLE, now)

    assert end.row("high_tech_share").obtained.as_of == END
    assert end.row("high_tech_share").obtained.value == 100
    assert end.row("high_tech_share").obtained.unknown == 3
    assert middle.row("high_tech_share").obtained.as_of == date(2023, 12, 31)
    # Of the other share the year tells nothing yet.
    assert end.row("digital_transformation_share").obtained.as_of == date(2023, 12, 31)


def test_without_any_figures_shares_are_unknown_and_not_missed(session: Session, now: datetime) -> None:
    file_stays(session, [stay(1)], now=now, source="测试")
    row = board_on(session, END, now).row("high_tech_share")

    assert (row.obtained.value, row.met, row.gap, row.projection) == (None, None, None, None)
    assert (row.obtained.known, row.obtained.unknown) == (0, 1)


def test_a_whole_of_zero_leaves_the_share_unknown(session: Session, now: datetime, today: date) -> None:
    enrol(session, [one(1, HIGH, {2023: {"value_added": 0}})], now=now, on=today, source="测试")
    file_stays(session, [stay(1)], now=now, source="测试")

    row = board_on(session, END, now).row("high_tech_share")

    assert (row.obtained.value, row.met, row.obtained.known) == (None, None, 1)


def test_sums_beyond_64_bits_stay_exact(session: Session, now: datetime, today: date) -> None:
    most = 10**17 - 1
    count = 95
    firms = [one(number, HIGH, {2023: {"value_added": most}}) for number in range(1, count + 1)]
    enrol(session, firms, now=now, on=today, source="测试")
    file_stays(session, [stay(number) for number in range(1, count + 1)], now=now, source="测试")

    shares = shares_of(session, 2023)

    assert shares.high_tech.whole == shares.high_tech.part == count * most > 2**63
    assert shares.digital.unknown == count


def test_what_nobody_entered_is_unknown_and_not_missed(city: Session, now: datetime) -> None:
    for row in board_on(city, END, now).rows:
        if row.target.how == "S":
            assert (row.obtained.value, row.met, row.gap, row.side) == (None, None, None, None), row.target.key


def test_an_entered_value_carries_its_source_author_and_day(city: Session, now: datetime, today: date) -> None:
    entered(city, GROWTH, "9.8", MIDDLE, now, today, source="2024年上半年公报", author="李四", note="累计")
    row = board_on(city, END, now).row(GROWTH)

    assert row.obtained.value == Fraction("9.8")
    assert (row.obtained.source, row.obtained.author, row.obtained.note) == ("2024年上半年公报", "李四", "累计")
    assert (row.obtained.as_of, row.obtained.entered_at) == (MIDDLE, now)
    assert (row.met, row.side, row.gap) == (False, "above", Fraction("2.8"))


def test_the_newest_entered_counts_and_a_day_sees_only_what_speaks_of_days_up_to_it(
    city: Session, now: datetime, today: date
) -> None:
    first = entered(city, GROWTH, "5.9999", MIDDLE, now, today)
    second = entered(city, GROWTH, "6", MIDDLE, now, today)
    entered(city, GROWTH, "9.4", END, now, today)

    assert first.replaced is None
    assert second.replaced is first.value
    assert second.value.entered_at > first.value.entered_at
    assert board_on(city, MIDDLE, now).row(GROWTH).met is True
    assert board_on(city, END, now).row(GROWTH).obtained.value == Fraction("9.4")
    assert board_on(city, date(2024, 6, 29), now).row(GROWTH).met is None


def test_a_value_of_an_earlier_day_than_the_one_it_replaces_is_noticed(
    city: Session, now: datetime, today: date
) -> None:
    assert not entered(city, GROWTH, "9.4", END, now, today).speaks_of_an_earlier_day
    assert entered(city, GROWTH, "9.8", MIDDLE, now, today).speaks_of_an_earlier_day


def test_an_entered_flow_is_projected_from_its_own_day(city: Session, now: datetime, today: date) -> None:
    entered(city, "large_projects_landed", "250", MIDDLE, now, today)
    row = board_on(city, END, now).row("large_projects_landed")

    assert row.projection and (row.projection.value, row.projection.met) == (502, True)
    assert row.met is False


@pytest.mark.parametrize(("selected", "met"), [("59", False), ("60", True), ("61", True)])
def test_seedlings_are_the_selected_over_the_target(
    city: Session, now: datetime, today: date, selected: str, met: bool
) -> None:
    entered(city, "upgrade_target", "50", date(2023, 12, 20), now, today, source="年度计划", author="李四")
    assert board_on(city, END, now).row("seedlings").met is None

    entered(city, "seedlings_selected", selected, MIDDLE, now, today)
    row = board_on(city, END, now).row("seedlings")

    assert row.met is met
    assert row.obtained.value == Fraction(int(selected), 50)
    assert (row.obtained.part, row.obtained.whole, row.obtained.as_of) == (int(selected), 50, MIDDLE)
    assert "年度计划" in row.obtained.source and "统计公报" in row.obtained.source
    assert row.obtained.author == "张三、李四"


def test_a_row_without_goal_is_shown_and_not_judged(city: Session, now: datetime, today: date) -> None:
    entered(city, "clusters_chains_parks", "7", MIDDLE, now, today, note="两个集群完成评审")
    row = board_on(city, END, now).row("clusters_chains_parks")

    assert (row.obtained.value, row.met, row.gap, row.obtained.note) == (7, None, None, "两个集群完成评审")


@pytest.mark.parametrize(
    ("key", "value", "day", "texts", "path"),
    [
        ("above_scale", "1", MIDDLE, {}, "key"),
        ("gdp", "1", MIDDLE, {}, "key"),
        (GROWTH, "NaN", MIDDLE, {}, "value"),
        (GROWTH, "Infinity", MIDDLE, {}, "value"),
        (GROWTH, "6.50001", MIDDLE, {}, "value"),
        (GROWTH, "1E-99999", MIDDLE, {}, "value"),
        (GROWTH, "1E+99999", MIDDLE, {}, "value"),
        (GROWTH, "100000000000", MIDDLE, {}, "value"),
        ("scenes_published", "5000.5", MIDDLE, {}, "value"),
        ("scenes_published", "-1", MIDDLE, {}, "value"),
        ("upgrade_target", "0", MIDDLE, {}, "value"),
        (GROWTH, "6.5", date(2023, 12, 31), {}, "as_of"),
        (GROWTH, "6.5", date(2025, 1, 1), {}, "as_of"),
        ("upgrade_target", "50", date(2022, 12, 31), {}, "as_of"),
        (GROWTH, "6.5", MIDDLE, {"source": " "}, "source"),
        (GROWTH, "6.5", MIDDLE, {"author": ""}, "author"),
        (GROWTH, "6.5", MIDDLE, {"note": "字" * 1001}, "note"),
        (GROWTH, "6.5", MIDDLE, {"source": "a\0b"}, "source"),
    ],
)
def test_what_cannot_be_entered_is_refused_at_its_place(
    session: Session, now: datetime, today: date, key: str, value: str, day: date, texts: dict[str, str], path: str
) -> None:
    with pytest.raises(Refused) as refused:
        entered(session, key, value, day, now, today, **texts)

    assert [fault.path for fault in refused.value.faults] == [path]


@pytest.mark.parametrize("value", ["-99999999999.9999", "99999999999.9999", "6.50000", "1E+2", "-0.0001", "0"])
def test_what_can_be_entered_comes_back_exactly(session: Session, now: datetime, today: date, value: str) -> None:
    entered(session, GROWTH, value, MIDDLE, now, today)

    assert board_on(session, END, now).row(GROWTH).obtained.value == Fraction(Decimal(value))


def test_a_day_after_today_cannot_be_spoken_of(session: Session, now: datetime) -> None:
    with pytest.raises(Refused, match="as_of"):
        entered(session, GROWTH, "6.5", MIDDLE, now, date(2024, 6, 29))


def test_the_board_is_asked_for_today_or_the_end_of_a_year_that_is_over() -> None:
    today = date(2025, 11, 25)

    assert day_of_board(2024, today=today) == END
    assert day_of_board(2025, today=today) == today
    assert day_of_board(2024, today=today, as_of=MIDDLE) == MIDDLE
    for year, day, path in [
        (2026, None, "year"),
        (2024, date(2025, 1, 1), "as_of"),
        (2025, date(2025, 11, 26), "as_of"),
    ]:
        with pytest.raises(Refused) as refused:
            day_of_board(year, today=today, as_of=day)
        assert refused.value.faults[0].path == path


def test_a_later_year_is_measured_by_the_goals_carried_on(city: Session, now: datetime) -> None:
    board = board_on(city, date(2025, 6, 30), now)

    assert board.targets.carried_from == 2024
    assert board.row("new_specialized").obtained.value == 0
    assert code(1) and board.row("above_scale").obtained.value == 4
