"""The watch-lists of titles about to end and of yearly updates overdue."""

from datetime import date, datetime, timedelta

import pytest
from make import code, firm, title
from sqlalchemy.orm import Session
from watched_register import ON, UNTIL, enrolled, listed, only, titled

from registry.policy.watch_lists import update_deadline
from registry.work.amend import Reason, revoke
from registry.work.watch import watch


@pytest.mark.parametrize(("left", "days", "belongs"), [(-1, 90, 0), (0, 90, 1), (90, 90, 1), (91, 90, 0), (0, 0, 1)])
def test_a_title_is_expiring_from_the_day_itself_to_the_last_day_asked_for(
    session: Session, now: datetime, left: int, days: int, belongs: int
) -> None:
    titled(session, now, title(1, valid_until=ON + timedelta(days=left)))

    page = watch(session, "expiring", ON, days=days)

    assert (len(page.entries), page.total, page.unknown) == (belongs, belongs, 0)
    for entry in page.entries:
        assert entry.figures == {"tier": "specialized", "valid_until": ON + timedelta(left), "days_left": left}
        said = f"还有 {left} 天" if left else "当日到期"
        assert entry.reason == f"专精特新中小企业称号有效期至 {ON + timedelta(left)}，{said}"


def test_ninety_days_are_looked_ahead_unless_asked_otherwise(session: Session, now: datetime) -> None:
    titled(session, now, title(1, valid_until=ON + timedelta(90)), title(2, valid_until=ON + timedelta(91)))

    assert listed(session, "expiring") == [code(1)]
    assert listed(session, "expiring", days=91) == [code(1), code(2)]


def test_a_title_renewed_or_revoked_is_not_expiring(session: Session, now: datetime) -> None:
    titled(
        session,
        now,
        title(1, valid_until=UNTIL),
        title(1, recognised_on=date(2025, 12, 1), kind="re_review"),
        title(2, valid_until=UNTIL),
        title(2, recognised_on=UNTIL + timedelta(1), kind="re_review"),
        # A gap of a day is no renewal.
        title(3, valid_until=UNTIL),
        title(3, recognised_on=UNTIL + timedelta(2), kind="re_review"),
        title(4, valid_until=UNTIL),
        # Revoked, held again, and only then about to end: not a title of the day.
        title(5, valid_until=date(2026, 6, 1)),
        title(5, recognised_on=date(2025, 12, 10), valid_until=UNTIL),
    )
    reason = Reason("青工信字〔2025〕9号", "王工")
    for number in (4, 5):
        later = now + timedelta(days=number)
        revoke(
            session,
            code(number),
            tier="specialized",
            on=date(2025, 11, 30),
            cause="虚假数据",
            reason=reason,
            now=later,
        )

    assert listed(session, "expiring") == [code(3)]


def test_a_title_not_yet_held_is_not_expiring(session: Session, now: datetime) -> None:
    titled(session, now, title(1, recognised_on=ON + timedelta(1), valid_until=UNTIL))

    assert not listed(session, "expiring")


def test_a_holder_that_moves_before_the_end_is_listed_where_it_stands_on_the_day(
    session: Session, now: datetime
) -> None:
    titled(session, now, title(1, valid_until=UNTIL))
    titled(session, now, title(1, tier="innovative", recognised_on=date(2025, 12, 1), district="370211"))

    assert listed(session, "expiring", district="370285", tier="specialized") == [code(1)]
    assert listed(session, "expiring", date(2025, 12, 1), district="370211", tier="specialized") == [code(1)]


def test_titles_of_a_firm_stand_one_below_the_other_up_the_ladder(session: Session, now: datetime) -> None:
    tiers = ("specialized", "little_giant", "innovative")
    titled(session, now, *(title(number, tier=tier, valid_until=UNTIL) for number in (1, 2) for tier in tiers))

    seen, after = [], None
    for _ in range(6):
        page = watch(session, "expiring", ON, after=after, limit=1)
        seen.append((only(page).uscc, only(page).tier))
        after = page.after

    assert after is None
    assert seen == [(code(n), tier) for n in (1, 2) for tier in ("innovative", "specialized", "little_giant")]
    assert len(listed(session, "expiring", tier="little_giant")) == 2


@pytest.mark.parametrize(
    ("on", "overdue"),
    [
        (date(2025, 4, 30), None),
        (date(2025, 5, 1), 1),
        (date(2026, 5, 1), None),
        (date(2026, 5, 31), None),
        (date(2026, 6, 1), 1),
    ],
)
def test_an_update_is_overdue_the_day_after_it_was_due(
    session: Session, now: datetime, on: date, overdue: int | None
) -> None:
    titled(session, now, title(1, valid_until=date(2026, 12, 31)))

    page = watch(session, "update_overdue", on)

    assert page.total == len(page.entries) == (overdue is not None)
    for entry in page.entries:
        assert entry.figures["days_overdue"] == overdue
        assert entry.figures["fiscal_year"] == on.year - 1
        assert f"应于 {entry.figures['due_on']} 前更新，至 {on} 已逾期 1 天" in entry.reason


def test_no_update_was_due_before_the_measures_asked_for_one(session: Session, now: datetime) -> None:
    assert update_deadline(2022) is None
    titled(session, now, title(1, recognised_on=date(2021, 1, 1), valid_until=date(2024, 1, 1)))

    assert not listed(session, "update_overdue", date(2022, 12, 31))
    assert listed(session, "update_overdue", date(2023, 5, 1)) == [code(1)]


def test_any_figure_of_the_year_is_an_update_and_that_of_another_year_is_none(session: Session, now: datetime) -> None:
    enrolled(
        session,
        now,
        firm(1, years={2024: {"rd_staff": 0}}),
        firm(2, years={2023: {"rd_staff": 1}, 2025: {"rd_staff": 1}}),
        firm(3, years={2024: {}}),
    )
    titled(session, now, *(title(number, recognised_on=date(2024, 1, 1)) for number in (1, 2, 3)))

    assert listed(session, "update_overdue", date(2025, 5, 1)) == [code(2), code(3)]


def test_only_who_held_a_title_on_the_day_due_and_holds_one_now_is_overdue(session: Session, now: datetime) -> None:
    titled(
        session,
        now,
        title(1, recognised_on=date(2025, 4, 30)),
        title(2, recognised_on=date(2025, 5, 1)),
        title(3, valid_until=ON),
        title(4, valid_until=ON - timedelta(1)),
        title(5, tier="innovative"),
        title(5),
    )

    page = watch(session, "update_overdue", ON)

    assert [(one.uscc, one.figures["titles"]) for one in page.entries] == [
        (code(1), ("specialized",)),
        (code(3), ("specialized",)),
        (code(5), ("innovative", "specialized")),
    ]
    assert "持有创新型中小企业、专精特新中小企业称号" in page.entries[-1].reason
    assert listed(session, "update_overdue", tier="innovative") == [code(5)]
    assert not listed(session, "update_overdue", district="370211")
