"""Ties are declared by day and kind, stand until they are withdrawn, and bind through the group."""

from datetime import date, timedelta

import pytest
from asked_of_rows import ties_of
from make import code
from people import NOW, PROGRAM, actor_of, doer_of, person, reviewer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain.actors import NOBODY
from registry.domain.conflicts import Decided, Tie, TieKind, ToDecide
from registry.domain.errors import Barred, MoveNotAllowed, NotFound, Refused
from registry.store.decisions import Decision, GroupMember, TieRow
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.work.decide import bar_for, decide, decisions_of, ties_to
from registry.work.declare_tie import LONGEST_NOTE, declare, note_group, withdraw_tie

TODAY = NOW.date()
DAY = timedelta(days=1)
CASE = ToDecide(("application", 1), "district", code(1))


def tie(
    session: Session,
    who: Person,
    number: int = 1,
    kind: TieKind = TieKind.INTEREST,
    ended_on: date | None = None,
    note: str = "",
) -> TieRow:
    return declare(
        session, who.id, uscc=code(number), kind=kind, ended_on=ended_on, note=note, doer=doer_of(who), now=NOW
    )


def group(session: Session, *numbers: int, name: str = "凌云集团") -> None:
    for number in numbers:
        note_group(session, code(number), name, source="年报", doer=PROGRAM, now=NOW)


def examine(session: Session, who: Person, case: ToDecide, kind: str = "new") -> Decision:
    actor = actor_of(session, who)
    return decide(session, actor, actor.seats, case, kind=kind, outcome="recommended", now=NOW)


def test_a_tie_says_whose_it_is_and_who_declared_it(session: Session) -> None:
    he = reviewer(session)
    row = tie(session, he, note=" 持股 \n")

    assert (row.person_id, row.uscc, row.kind, row.note) == (he.id, code(1), "interest", "持股")
    assert (row.declared_at, row.declared_by, row.withdrawn_at) == (NOW, he.name, None)
    (entry,) = trail_page(session, tag="tie")
    assert (entry.tag, entry.subject) == ("tie.declared", f"person:{he.id}")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("uscc", {"uscc": "x"}),
        ("uscc", {"uscc": code(1)[:-1] + "!"}),
        ("note", {"note": "x" * (LONGEST_NOTE + 1)}),
        ("note", {"note": "x\x00"}),
        ("ended_on", {"ended_on": TODAY + DAY}),
    ],
)
def test_what_is_no_tie_is_refused(session: Session, path: str, told: dict[str, object]) -> None:
    whole = {"uscc": code(1), "kind": TieKind.FAMILY, "ended_on": TODAY, "note": ""} | told
    with pytest.raises(Refused, match=path):
        declare(session, reviewer(session).id, **whole, doer=PROGRAM, now=NOW)  # type: ignore[arg-type]


def test_the_same_tie_stands_once_and_others_stand_beside_it(session: Session) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    first = tie(session, he)
    with pytest.raises(MoveNotAllowed):
        tie(session, he, ended_on=TODAY)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(TieRow.__table__.insert().values(  # type: ignore[attr-defined]
            person_id=he.id, uscc=code(1), kind="interest", note="", declared_at=NOW, declared_by=""
        ))  # fmt: skip
    tie(session, she)
    others = [tie(session, he, 2), tie(session, he, kind=TieKind.FAMILY)]

    assert [row.id for row in ties_of(session, he.id)] == [*(row.id for row in reversed(others)), first.id]


def test_a_tie_is_withdrawn_by_its_owner_once_and_may_be_declared_again(session: Session) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    row = tie(session, he)
    with pytest.raises(NotFound):
        withdraw_tie(session, she.id, row.id, doer=doer_of(she), now=NOW)
    withdraw_tie(session, he.id, row.id, doer=doer_of(he), now=NOW + DAY)

    assert (row.withdrawn_at, ties_of(session, he.id), ties_to(session, he.id, code(1))) == (NOW + DAY, [], [])
    for number in (row.id, 0):
        with pytest.raises(NotFound):
            withdraw_tie(session, he.id, number, doer=doer_of(he), now=NOW)
    assert tie(session, he).id != row.id
    assert [entry.tag for entry in trail_page(session, tag="tie")] == ["tie.declared", "tie.withdrawn", "tie.declared"]


def test_ties_to_a_firm_come_before_those_to_its_group(session: Session) -> None:
    he = reviewer(session)
    group(session, 1, 2, 3)
    for number in (2, 1, 4):
        tie(session, he, number)

    assert ties_to(session, he.id, code(1)) == [
        Tie(TieKind.INTEREST, code(1)),
        Tie(TieKind.INTEREST, code(1), through=code(2)),
    ]
    assert [one.through for one in ties_to(session, he.id, code(3))] == [code(2), code(1)]
    assert ties_to(session, reviewer(session, "于审核").id, code(1)) == []


def test_a_firm_without_a_group_is_tied_by_itself_alone(session: Session) -> None:
    he = reviewer(session)
    tie(session, he, 2)
    group(session, 2, 3)
    group(session, 1, name="别的集团")

    assert ties_to(session, he.id, code(1)) == ties_to(session, he.id, code(5)) == []


def test_a_firm_that_changed_its_group_is_tied_by_the_new_one(session: Session) -> None:
    he = reviewer(session)
    tie(session, he, 2)
    group(session, 1, 2)
    group(session, 1, name="别的集团")

    assert ties_to(session, he.id, code(1)) == []
    assert session.get_one(GroupMember, code(1)).group_name == "别的集团"
    newest = trail_page(session, limit=1)[0]
    assert (newest.before, newest.subject) == ('{"group":"凌云集团"}', f"firm:{code(1)}")
    for uscc, name, path in (("x", "集团", "uscc"), (code(1), " ", "group_name")):
        with pytest.raises(Refused, match=path):
            note_group(session, uscc, name, source="", doer=PROGRAM, now=NOW)


def test_the_day_of_the_office_says_whether_a_tie_still_bars(session: Session) -> None:
    he = reviewer(session)
    tie(session, he, kind=TieKind.FORMER_EMPLOYER, ended_on=date(2022, 11, 25))
    actor = actor_of(session, he)

    assert "tied to" in (bar_for(session, actor, CASE, NOW) or "")
    assert bar_for(session, actor, CASE, NOW + DAY) is None


def test_nobody_decides_who_is_not_signed_in(session: Session) -> None:
    assert "signed in" in (bar_for(session, NOBODY, CASE, NOW) or "")
    with pytest.raises(Barred):
        decide(session, NOBODY, actor_of(session, reviewer(session)).seats, CASE, kind="new", outcome="x", now=NOW)


def test_nobody_decides_in_a_seat_that_is_not_his(session: Session) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    with pytest.raises(Barred, match="none of your seats"):
        decide(session, actor_of(session, he), actor_of(session, she).seats, CASE, kind="new", outcome="x", now=NOW)

    assert session.scalars(select(Decision)).all() == []


def test_a_decision_is_known_by_its_case_and_by_its_firm(session: Session) -> None:
    he = reviewer(session)
    examine(session, he, CASE)
    examine(session, he, ToDecide(("application", 2), "district", code(2)))
    examine(session, he, ToDecide(("claim", 1), "district", code(3)), "claim")

    assert decisions_of(session, he.id, CASE) == [Decided(("application", 1), "district", code(1), True)]
    assert decisions_of(session, he.id, ToDecide(("claim", 9), "city", code(3))) == [
        Decided(("claim", 1), "district", code(3), False)
    ]
    assert decisions_of(session, person(session).id, CASE) == []


def test_a_case_is_not_decided_by_one_person_at_two_levels(session: Session) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    examine(session, he, CASE)
    at_the_city = ToDecide(CASE.matter, "city", CASE.uscc)
    with pytest.raises(Barred, match="another level"):
        examine(session, he, at_the_city)
    with pytest.raises(MoveNotAllowed, match="decided"):
        examine(session, she, CASE)

    examine(session, she, at_the_city)
    assert [one.level for one in session.scalars(select(Decision).order_by(Decision.id))] == ["district", "city"]


def test_a_firm_is_re_reviewed_by_somebody_else(session: Session) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    examine(session, he, CASE)
    again = ToDecide(("application", 2), "district", code(1), is_re_review=True)
    with pytest.raises(Barred, match="re-review"):
        examine(session, he, again, "re_review")

    examine(session, she, again, "re_review")


def test_who_signed_the_announcement_of_a_list_may_re_review_and_who_refused_may_not(session: Session) -> None:
    signer, refuser = reviewer(session), reviewer(session, "于审核")
    at_the_city = ToDecide(("application", 1), "city", code(1))
    other = ToDecide(("application", 3), "city", code(3))
    for who, case, outcome in ((signer, at_the_city, "recognise"), (refuser, other, "refuse")):
        actor = actor_of(session, who)
        decide(session, actor, actor.seats, case, kind="new", outcome=outcome, now=NOW)

    again = ToDecide(("application", 2), "city", code(1), is_re_review=True)
    assert bar_for(session, actor_of(session, signer), again, NOW) is None
    # At two levels of one case it still counts.
    lower = ToDecide(at_the_city.matter, "district", code(1))
    assert "another level" in str(bar_for(session, actor_of(session, signer), lower, NOW))
    refused = ToDecide(("application", 4), "city", code(3), is_re_review=True)
    assert "re-review" in str(bar_for(session, actor_of(session, refuser), refused, NOW))
