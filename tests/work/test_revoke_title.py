"""Revoking a title: proposed, the firm heard, settled by another; the books, the ban, the refused application."""

from datetime import date, timedelta

import pytest
from casework import MONDAY, Hall, open_hall
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.conflicts import TieKind
from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.revocations import GROUNDS, Cause
from registry.domain.trail import Tag
from registry.store.notices import Notice
from registry.store.recognitions import Ban, RevocationCase
from registry.store.trail import trail_page
from registry.work.case_guards import ban_of, title_held
from registry.work.declare_tie import declare
from registry.work.revoke_title import lift, propose, say, settle

TODAY = MONDAY.date()


@pytest.fixture
def hall(session: Session) -> Hall:
    made = open_hall(session)
    made.hold("innovative", date(2025, 3, 20))
    return made


def proposed(hall: Hall, cause: str = "false_data", who: str = "district") -> RevocationCase:
    actor = hall.actor(who)
    return propose(
        hall.session,
        actor,
        actor.seats[0],
        hall.firm,
        tier="innovative",
        cause=cause,
        facts="2024年研发费用与纳税申报不符",
        now=hall.now,
    )


def settled(hall: Hall, row: RevocationCase, who: str = "city", **changes: object) -> Ban | None:
    actor = hall.actor(who)
    told: dict[str, object] = {"outcome": "revoked", "hearing": "企业书面放弃", "document": "青工信发〔2026〕9号"}
    return settle(hall.session, actor, actor.seats[0], row, now=hall.now, **(told | changes))  # type: ignore[arg-type]


def test_a_title_revoked_for_false_data_is_held_no_more_and_bars_for_three_years(hall: Hall) -> None:
    row = proposed(hall)
    actor = hall.actor("applicant")
    say(hall.session, actor, actor.seats[0], row, "已补充说明", now=hall.now)
    ban = settled(hall, row)

    assert row.state == "revoked" and row.firm_reply == "已补充说明"
    assert title_held(hall.session, hall.firm.id, "innovative", TODAY) is None
    assert title_held(hall.session, hall.firm.id, "innovative", TODAY - timedelta(days=1)) is not None
    assert ban is not None and (ban.first_day, ban.last_day) == (date(2026, 11, 9), date(2029, 11, 8))
    assert ban_of(hall.session, hall.firm.id, date(2029, 11, 8)) is ban
    assert ban_of(hall.session, hall.firm.id, date(2029, 11, 9)) is None
    tags = {one.tag for one in trail_page(hall.session, limit=100)}
    assert {Tag.REVOCATION_PROPOSED, Tag.REVOCATION_HEARD, Tag.REVOCATION_SETTLED, Tag.BAN_IMPOSED} <= tags
    told = list(hall.session.scalars(select(Notice).where(Notice.template == "revocation").order_by(Notice.id)))
    assert [one.once for one in told] == [f"revocation:{row.id}:proposed", f"revocation:{row.id}:revoked"]


def test_a_firm_under_a_ban_may_not_submit_and_may_the_day_after(hall: Hall) -> None:
    settled(hall, proposed(hall))
    case = hall.begin("innovative")
    hall.now = MONDAY.replace(year=2029, day=8)
    with pytest.raises(MoveNotAllowed, match="禁止申报至 2029-11-08"):
        hall.submit(case)
    hall.move(days=1)
    hall.submit(case)

    assert case.state == "submitted"


@pytest.mark.parametrize("cause", Cause)
def test_only_the_causes_of_the_policy_bar_from_applying(hall: Hall, cause: Cause) -> None:
    ban = settled(hall, proposed(hall, cause))

    assert (ban is not None) is GROUNDS[cause].bans
    assert GROUNDS[cause].bans is (cause in {"incident", "dishonesty", "tax_evasion", "false_data"})


def test_whoever_proposed_does_not_decide_and_the_tied_do_neither(hall: Hall) -> None:
    row = proposed(hall, who="city")
    with pytest.raises(Barred, match="提出人"):
        settled(hall, row)
    second = hall.actor("second_city")
    declare(
        hall.session,
        hall.people["second_city"].id,
        uscc=hall.firm.uscc,
        kind=TieKind.FAMILY,
        ended_on=None,
        note="",
        doer=second.doer(),
        now=hall.now,
    )
    with pytest.raises(Barred, match="利害关系"):
        settled(hall, row, who="second_city")


def test_what_is_lacking_is_told_by_field(hall: Hall) -> None:
    row = proposed(hall)
    with pytest.raises(Refused) as refused:
        settled(hall, row, hearing=" ", document="", revoked_on=TODAY + timedelta(days=1))

    assert [fault.path for fault in refused.value.faults] == ["hearing", "document", "revoked_on"]
    with pytest.raises(Refused) as refused:
        settled(hall, row, revoked_on=TODAY - timedelta(days=1))
    assert [fault.path for fault in refused.value.faults] == ["revoked_on"]


def test_a_dropped_proposal_leaves_the_title_and_is_settled_once(hall: Hall) -> None:
    row = proposed(hall)
    assert settled(hall, row, outcome="dropped") is None
    assert title_held(hall.session, hall.firm.id, "innovative", TODAY) is not None
    with pytest.raises(MoveNotAllowed, match="办结"):
        settled(hall, row)
    actor = hall.actor("applicant")
    with pytest.raises(MoveNotAllowed):
        say(hall.session, actor, actor.seats[0], row, "迟到的申辩", now=hall.now)


def test_a_title_is_proposed_only_once(hall: Hall) -> None:
    proposed(hall)
    with pytest.raises(MoveNotAllowed, match="在办理中"):
        proposed(hall)


def test_only_a_title_in_force_is_proposed(hall: Hall) -> None:
    actor = hall.actor("city")
    with pytest.raises(MoveNotAllowed, match="没有有效的"):
        propose(
            hall.session,
            actor,
            actor.seats[0],
            hall.firm,
            tier="specialized",
            cause="other",
            facts="事实",
            now=hall.now,
        )


def test_a_mistaken_ban_is_lifted_once_with_its_reason(hall: Hall) -> None:
    ban = settled(hall, proposed(hall))
    assert ban is not None
    actor = hall.actor("city")
    with pytest.raises(Refused):
        lift(hall.session, actor, actor.seats[0], ban, why="", now=hall.now)
    lift(hall.session, actor, actor.seats[0], ban, why="复议撤销", now=hall.now)

    assert ban_of(hall.session, hall.firm.id, TODAY) is None
    with pytest.raises(MoveNotAllowed):
        lift(hall.session, actor, actor.seats[0], ban, why="复议撤销", now=hall.now)
