"""The watch-list of who reaches the next tier: who meets it now and did not a year before."""

from datetime import date, datetime

from make import code
from sqlalchemy.orm import Session
from watched_firms import ON, good, hold, plain, register

from registry.policy.watch_lists import WAN
from registry.work.watch import watch


def test_only_who_meets_the_next_tier_and_did_not_a_year_before_is_newly_there(session: Session, now: datetime) -> None:
    register(
        session,
        now,
        plain(1, {2024: 500 * WAN}),
        plain(2, {2024: 500 * WAN - 1}),
        # Met a year before, too.
        plain(3, {2023: 500 * WAN}),
        plain(4, {2024: None}),
        # Of a year before too little is known.
        plain(5, {2024: 500 * WAN}, first=2022),
        # Met a year before, not any more.
        plain(6, {2021: 500 * WAN}),
    )

    page = watch(session, "reaching_next", ON)

    assert [(one.uscc, one.tier, one.figures["verdict_before"]) for one in page.entries] == [
        (code(1), "innovative", "not_met"),
        (code(5), "innovative", "undetermined"),
    ]
    assert (page.total, page.unknown) == (2, 1)
    first, fifth = page.entries
    assert first.figures == {
        "tier": "innovative",
        "rule_set": "innovative-2022",
        "score_low": 40,
        "score_high": 40,
        "verdict_before": "not_met",
    }
    assert first.reason.startswith(
        "2025-05-10 按工信部企业〔2022〕63号 附件1满足创新型中小企业条件（得分 40）；一年前（2024-05-10"
    )
    assert "为不满足（得分 40）：评分达标，或满足任一直通条件" in first.reason
    assert "为待定" in fifth.reason and "undetermined" in fifth.reason_en


def test_the_next_tier_is_the_one_above_the_highest_held(session: Session, now: datetime) -> None:
    register(session, now, *(good(number) for number in (1, 2, 3, 4)))
    # Held a year before: met then as well. Since then: the rung below was missing.
    hold(session, now, 1, recognised_on=date(2023, 3, 20))
    hold(session, now, 2, recognised_on=date(2024, 5, 11))
    hold(session, now, 3, recognised_on=date(2024, 5, 11))
    hold(session, now, 3, tier="specialized", recognised_on=date(2024, 5, 11))
    hold(session, now, 4, tier="little_giant", recognised_on=date(2024, 5, 11))

    page = watch(session, "reaching_next", ON)

    assert [(one.uscc, one.tier) for one in page.entries] == [(code(2), "specialized")]
    assert "有效期内" in page.entries[0].reason
    assert watch(session, "reaching_next", ON, tier="innovative").total == 0
    assert watch(session, "reaching_next", ON, tier="specialized").total == 1
