"""Publications stay as they were frozen; counted again they say what differs, by which firm, and why."""

from datetime import date
from typing import Any

import pytest
from make import code, firm, stay, title
from published_books import DAY, NOW, TODAY, YEAR_END, asked_again, publish
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.domain.firms import TitleRow
from registry.store import books
from registry.work.amend import Reason, Statement, revoke, withdraw
from registry.work.count import BooksDoNotBalance, count, question_of
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.publish import DEFAULT_BY, PublicationDamaged, frozen, frozen_count, parts_of
from registry.work.reconcile import Reconciliation, reconcile
from registry.work.recount import Recount


def titles(session: Session, *rows: TitleRow, days: int = 0, source: str = "公告.xlsx") -> None:
    file_titles(session, rows, now=NOW + days * DAY, source=source, actor="李四")


def numbers(found: Recount, *by: str) -> dict[tuple[Any, ...], tuple[int, int]]:
    return {
        (line.tier, *line.keys.values(), line.measure): (line.frozen, line.now)
        for line in found.numbers
        if line.by == by
    }


def lines(found: Recount | Reconciliation) -> list[tuple[str, str, str, str, list[str]]]:
    return [
        (line.tier, line.measure, line.uscc, line.what, [reason.kind for reason in line.reasons])
        for line in found.firms
    ]


def a_small_register(session: Session) -> None:
    """Three specialized firms, of which one is a little giant, and two above scale."""
    enrol(
        session, [firm(1, district="370211", industry="3451"), firm(2, industry="2710")], now=NOW, on=TODAY, source="f"
    )
    titles(
        session,
        title(1, recognised_on=date(2024, 5, 1), district="370211"),
        title(1, tier="little_giant", recognised_on=date(2024, 7, 1), district="370211"),
        title(2, recognised_on=date(2022, 5, 1)),
        title(3, recognised_on=date(2021, 5, 1), district="370212"),
    )
    file_stays(session, [stay(2), stay(4, exited_on=date(2024, 11, 30))], now=NOW, source="名录")


def test_a_publication_comes_back_exactly_as_it_was_frozen(session: Session) -> None:
    a_small_register(session)
    head = publish(session)

    kept = frozen_count(session, head.id)

    assert [one.by for one in kept.counts] == [parts_of(breakdown) for breakdown in DEFAULT_BY]
    assert (head.id, head.year, head.as_of, head.known_at) == (1, 2024, YEAR_END, books.last_moment(session))
    assert kept.counts == tuple(
        count(session, question_of(2024, today=TODAY, by=one.by, known_at=head.known_at), now=NOW)
        for one in kept.counts
    )
    assert (kept.counts[0].titles, kept.counts[0].firms) == (3, 2)


def test_what_becomes_known_later_changes_nothing_that_was_frozen(session: Session) -> None:
    a_small_register(session)
    before = frozen_count(session, publish(session).id)
    titles(session, title(5, recognised_on=date(2024, 6, 1)), days=30)
    session.expire_all()

    after = frozen_count(session, 1)
    assert after.counts == before.counts
    assert [one.title for one in frozen(session)] == ["2024年统计公报"]
    # Asked again as known then, nothing differs.
    again = asked_again(session, known_at=before.publication.known_at)
    assert (again.counts, again.numbers, again.firms) == (before.counts, (), ())


def test_breakdowns_are_kept_once_each_and_after_the_total(session: Session) -> None:
    a_small_register(session)

    head = publish(session, by=("industry,district", "district,industry", "size", ""))

    assert head.by == ("", "district,industry", "size")
    for row in (*frozen_count(session, 1).counts[1].rows, *frozen_count(session, 1).counts[1].holders):
        assert list(row.keys) == ["district", "industry"]


def test_a_title_recorded_late_is_named_with_its_filing(session: Session) -> None:
    a_small_register(session)
    publish(session)
    titles(session, title(5, recognised_on=date(2024, 6, 1), name="迟报企业"), days=30, source="补报名单.xlsx")

    found = asked_again(session)

    expected = {"new": (1, 2), "stock_end": (2, 3)}
    assert numbers(found) == {
        **{("specialized", measure): pair for measure, pair in expected.items()},
        ("any", "new"): (1, 2),
        ("any", "stock_end"): (2, 3),
    }
    assert numbers(found, "district")["specialized", "370285", "new"] == (0, 1)
    assert numbers(found, "district", "industry")["specialized", "370285", None, "stock_end"] == (0, 1)
    assert lines(found) == [
        (tier, measure, code(5), "added", ["late"]) for tier in ("specialized", "any") for measure in expected
    ]
    (reason,) = found.firms[0].reasons
    assert (reason.deed.source, reason.deed.actor, reason.deed.filed_at) == ("补报名单.xlsx", "李四", NOW + 30 * DAY)
    assert [(one.tag, one.on, one.is_taken_back) for one in reason.said] == [("recognised", date(2024, 6, 1), False)]
    assert (found.firms[0].name, found.firms[0].then, found.firms[0].effect) == ("迟报企业", None, 1)


def test_a_title_taken_back_is_lost(session: Session) -> None:
    a_small_register(session)
    publish(session)
    statement = Statement("title", date(2022, 5, 1), "specialized")
    withdraw(session, code(2), statement=statement, reason=Reason("误登", "王五"), now=NOW + DAY)

    found = asked_again(session)

    assert numbers(found)["specialized", "stock_start"] == (2, 1)
    assert ("specialized", "stock_end", code(2), "lost", ["taken_back"]) in lines(found)
    assert found.firms[0].reasons[0].deed.deed == "withdraw"


def test_a_corrected_day_is_a_correction(session: Session) -> None:
    a_small_register(session)
    publish(session)
    titles(session, title(2, recognised_on=date(2022, 5, 1), valid_until=date(2024, 6, 30)), days=3)

    found = asked_again(session)

    assert numbers(found)["specialized", "expired"] == (1, 2)
    assert ("specialized", "expired", code(2), "added", ["corrected"]) in lines(found)
    titles(session, title(3, recognised_on=date(2021, 5, 1), valid_until=date(2024, 1, 15)), days=4)
    # The firm expired in the year before and after the correction: no number differs.
    assert numbers(asked_again(session)) == numbers(found)
    titles(session, title(3, recognised_on=date(2021, 5, 1), valid_until=date(2023, 6, 30)), days=5)
    again = asked_again(session)
    assert ("specialized", "expired", code(3), "lost", ["corrected", "corrected"]) in lines(again)
    assert numbers(again)["specialized", "stock_start"] == (2, 1)


def test_a_revocation_heard_of_late_names_who_did_it(session: Session) -> None:
    a_small_register(session)
    publish(session)
    day = date(2024, 9, 1)
    reason = Reason("撤销决定", "王五")
    revoke(session, code(2), tier="specialized", on=day, cause="虚假", reason=reason, now=NOW + DAY)

    found = asked_again(session)

    assert numbers(found)["specialized", "revoked"] == (0, 1)
    (told,) = next(line for line in found.firms if line.measure == "revoked").reasons
    assert (told.kind, told.deed.source, told.deed.actor) == ("late", "撤销决定", "王五")


def test_a_firm_in_another_district_or_trade_is_told_with_both(session: Session) -> None:
    a_small_register(session)
    publish(session)
    titles(session, title(3, recognised_on=date(2021, 5, 1), district="370213"), days=3)
    enrol(session, [firm(2, industry="3911")], now=NOW + 4 * DAY, on=TODAY, source="企业名录.xlsx")

    found = asked_again(session)

    assert numbers(found) == {}
    assert numbers(found, "district") == {
        (tier, place, measure): pair
        for tier in ("specialized", "any")
        for place, pair in (("370212", (1, 0)), ("370213", (0, 1)))
        for measure in ("stock_start", "expired")
    }
    assert numbers(found, "industry")["above_scale", "39", "stock_end"] == (0, 1)
    moved = next(line for line in found.firms if line.what == "moved")
    assert (moved.uscc, moved.then and moved.then["district"], moved.now and moved.now["district"]) == (
        code(3),
        "370212",
        "370213",
    )
    assert [reason.kind for reason in moved.reasons] == ["corrected"]
    other = next(line for line in found.firms if line.what == "reclassified")
    assert (other.uscc, other.then and other.then["industry"], other.now and other.now["industry"]) == (
        code(2),
        "27",
        "39",
    )
    assert [(reason.kind, reason.deed.source) for reason in other.reasons] == [("classed", "企业名录.xlsx")]


def test_a_list_of_firms_may_be_cut_and_says_how_many_there_are(session: Session) -> None:
    a_small_register(session)
    publish(session)
    titles(session, *(title(number, recognised_on=date(2024, 6, 1)) for number in range(10, 60)), days=30)

    found = asked_again(session, limit=7)

    assert (len(found.firms), found.firms_total) == (7, 50 * 2 * 2)
    assert found.firms == asked_again(session).firms[:7]


def test_two_publications_are_reconciled(session: Session) -> None:
    a_small_register(session)
    publish(session, date(2024, 6, 30), title="上半年")
    titles(session, title(5, recognised_on=date(2024, 6, 1), district="370211"), days=1, source="补报")
    titles(session, title(6, recognised_on=date(2024, 8, 1), district="370211"), days=2)
    publish(session, title="全年", now=NOW + 3 * DAY)

    found = reconcile(session, 2, 1)

    assert (found.earlier.publication.title, found.later.publication.title) == ("上半年", "全年")
    (city,) = [one for one in found.bridges if one.tier == "specialized" and not one.by]
    assert (city.stock_from, city.added, city.lost, city.stock_amended, city.stock_to) == (2, 1, 0, 3, 4)
    assert {kind: times for kind, times in city.changes.items() if times} == {"new": 1}
    (place,) = [one for one in found.bridges if one.tier == "specialized" and one.keys == {"district": "370211"}]
    assert (place.stock_from, place.added, place.stock_to) == (1, 1, 3)
    assert {(line.uscc, line.what) for line in found.firms} == {(code(5), "added")}
    assert found.firms[0].reasons[0].deed.source == "补报"


def test_the_same_books_are_frozen_once_under_a_title(session: Session) -> None:
    a_small_register(session)
    publish(session)

    with pytest.raises(Refused, match="编号 1"):
        publish(session, now=NOW + DAY)
    publish(session, title="另一份公报")
    titles(session, title(9), days=1)
    assert publish(session).id == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title:"),
        ({"source": ""}, "source:"),
        ({"author": "x" * 1001}, "author:"),
        ({"by": ("colour",)}, "breakdown:"),
        ({"today": date(2024, 12, 30)}, "as_of: 2024-12-31 尚未到来"),
    ],
)
def test_what_cannot_be_published_is_refused(session: Session, changes: dict[str, Any], said: str) -> None:
    a_small_register(session)

    with pytest.raises(Refused, match=said):
        publish(session, **changes)
    assert frozen(session) == []


def test_empty_books_and_unknown_numbers_are_refused(session: Session) -> None:
    with pytest.raises(Refused, match="没有任何记录"):
        publish(session)
    with pytest.raises(Refused, match="编号 7"):
        frozen_count(session, 7)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE publication_row SET stock_start = stock_start + 1, stock_end = stock_end + 1 WHERE number = 2",
        "DELETE FROM publication_row WHERE number = 3",
        "UPDATE publication SET source = 'another'",
        'UPDATE publication_row SET keys = \'{"district":"370212"}\' WHERE number = 6',
    ],
)
def test_a_publication_changed_past_the_rules_is_refused(session: Session, damage: str) -> None:
    a_small_register(session)
    publish(session, by=("district",))
    assert session.bind is not None
    is_sqlite = session.bind.dialect.name == "sqlite"
    for table in ("publication", "publication_row"):
        for word in ("update", "delete"):
            of_table = "" if is_sqlite else f" ON {table}"
            session.execute(text(f"DROP TRIGGER {table}_no_{word}{of_table}"))
    if "keys" in damage:
        session.execute(text("UPDATE publication_row SET keys = 'x' WHERE keys = '{\"district\":\"370212\"}'"))
    session.execute(text(damage))
    session.expire_all()

    with pytest.raises(PublicationDamaged, match="摘要不符"):
        frozen_count(session, 1)


def test_standing_that_was_changed_by_hand_is_not_explained_away(session: Session) -> None:
    a_small_register(session)
    publish(session, date(2024, 6, 30), title="上半年")
    # A firm taken out of the books without a filing: no change tells of it.
    session.execute(text("DELETE FROM standing_span WHERE tier = 'specialized' AND starts_on = '2022-05-01'"))
    session.execute(text("DELETE FROM standing_change WHERE tier = 'specialized' AND day = '2022-05-01'"))

    with pytest.raises(BooksDoNotBalance, match="不符"):
        asked_again(session)
