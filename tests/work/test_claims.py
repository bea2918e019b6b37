"""Who asks to represent a firm is answered once, by the bureau of its district, and by nobody who is tied to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from make import DISTRICT, code
from people import NOW, OTHER_DISTRICT, PROGRAM, actor_of, doer_of, firm_in, home, person, reviewer, seat
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.conflicts import TieKind
from registry.domain.errors import Barred, MoveNotAllowed, Refused, RegistryError
from registry.domain.permissions import permission
from registry.domain.roles import Role
from registry.store.claims import Claim
from registry.store.decisions import Decision
from registry.store.engine import writing
from registry.store.firms import Firm
from registry.store.history import log_of
from registry.store.ledger import Filing
from registry.store.offices import SeatRow
from registry.store.people import Person
from registry.store.queries import firm_by_uscc
from registry.store.trail import trail_page
from registry.work.claim_firm import LONGEST_REASON, ask_to_represent, claims_of, confirm, refuse, withdraw
from registry.work.decide import note_bar
from registry.work.declare_tie import declare, note_group
from registry.work.open_account import disable

MAY = permission("decide_claims")


def ask(session: Session, who: Person, number: int = 1, **changes: str) -> Claim:
    told = {"uscc": code(number), "firm_name": "青岛示例轴承有限公司", "district": DISTRICT, "position": "经理"}
    return ask_to_represent(session, who, **(told | changes), doer=doer_of(who), now=NOW)


def say_yes(session: Session, who: Person, claim: Claim) -> Firm:
    actor = actor_of(session, who)
    return confirm(session, actor, MAY.seats_for(actor), claim, now=NOW)


def say_no(session: Session, who: Person, claim: Claim, reason: str = "查无此人") -> None:
    actor = actor_of(session, who)
    refuse(session, actor, MAY.seats_for(actor), claim, reason=reason, now=NOW)


Answer = Callable[[Session, Person, Claim], object]
BOTH: list[Answer] = [say_yes, say_no]


def nothing_was_decided(session: Session, claim: Claim) -> bool:
    session.flush()
    session.refresh(claim)
    held = session.scalar(select(func.count(SeatRow.id)).where(SeatRow.person_id == claim.person_id))
    decided = session.scalar(select(func.count()).select_from(Decision))
    return (claim.state, claim.closed_at, decided, held) == ("open", None, 0, 0)


def test_a_confirmed_request_seats_the_person_and_enrols_a_firm_not_seen_before(session: Session) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    assert firm_by_uscc(session, code(1)) is None

    firm = say_yes(session, he, claim)
    assert (firm.uscc, firm.name, firm.district) == (code(1), "青岛示例轴承有限公司", DISTRICT)
    (sits,) = actor_of(session, who).seats
    assert (sits.role, sits.firm_ids, sits.is_own) == (Role.APPLICANT, frozenset({firm.id}), True)
    assert (claim.state, claim.closed_at, claim.told) == ("confirmed", NOW, "")
    decision = session.scalars(select(Decision)).one()
    assert (decision.matter, decision.matter_id, decision.level, decision.kind) == (
        "claim", claim.id, "district", "claim"
    )  # fmt: skip
    assert (decision.person_id, decision.seat_id) == (he.id, actor_of(session, he).seats[0].id)
    left = trail_page(session, limit=4)
    assert [entry.tag for entry in left] == ["seat.granted", "books.filed", "claim.confirmed", "decision.made"]
    assert {entry.seat for entry in left} == {f"district_reviewer@{DISTRICT}"}


def test_the_books_say_who_brought_a_firm_into_the_register(session: Session) -> None:
    he = reviewer(session)
    claim = ask(session, person(session))
    say_yes(session, he, claim)

    filing = session.scalars(select(Filing)).one()
    assert (filing.actor, filing.source) == (he.name, f"经办人申请 claim:{claim.id}")
    assert log_of(session, code(1)) == []


def test_of_a_firm_in_the_register_its_own_name_and_district_count(session: Session) -> None:
    firm = firm_in(session, 1, OTHER_DISTRICT)
    claim = ask(session, person(session), firm_name="别的名字", district=DISTRICT)

    assert (claim.firm_name, claim.district) == (firm.name, OTHER_DISTRICT)
    firm_in(session, 2, None)
    assert ask(session, person(session, "王经办"), 2).district == DISTRICT


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("uscc", "91370285MA0000001X"),
        ("uscc", ""),
        ("firm_name", " "),
        ("firm_name", "x\x00"),
        ("position", "x" * 61),
        ("district", "110101"),
        ("district", ""),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(session: Session, path: str, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(session, person(session), 1, **{path: typed})

    assert [fault.path for fault in refused.value.faults] == [path]


def test_every_fault_is_told_at_once(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        ask(session, person(session), uscc="", firm_name="", position="", district="")

    assert [fault.path for fault in refused.value.faults] == ["uscc", "firm_name", "position", "district"]


@pytest.mark.parametrize("role", [Role.DISTRICT_REVIEWER, Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMIN])
def test_nobody_behind_the_desk_asks_to_represent_a_firm(session: Session, role: Role) -> None:
    who = person(session)
    seat(session, who, role, {Role.SYSTEM_ADMIN: "city", Role.DEPARTMENT_OFFICER: "tax"}.get(role, DISTRICT))

    with pytest.raises(Refused, match="do not represent"):
        ask(session, who)


def test_nobody_asks_twice_while_he_waits_or_for_a_firm_he_acts_for(session: Session) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    with pytest.raises(MoveNotAllowed, match="asked before"):
        ask(session, who, uscc=code(1).lower())
    say_yes(session, he, claim)

    with pytest.raises(MoveNotAllowed, match="act for this firm"):
        ask(session, who)
    assert [one.id for one in claims_of(session, who.id)] == [ask(session, who, 2).id, claim.id][1:]


def test_a_refusal_tells_its_reason_and_one_may_ask_again(session: Session) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    say_no(session, he, claim, " 查无此人\r\n请补充证明 ")
    assert (claim.state, claim.told) == ("refused", "查无此人\n请补充证明")
    assert actor_of(session, who).seats == ()

    say_yes(session, he, again := ask(session, who))
    assert [one.id for one in claims_of(session, who.id)] == [again.id, claim.id]


@pytest.mark.parametrize("reason", ["", " \n", "x" * (LONGEST_REASON + 1), "x\x00", "\x1b[2K"])
def test_a_refusal_needs_a_reason_that_can_be_read(session: Session, reason: str) -> None:
    he = reviewer(session)
    claim = ask(session, person(session))
    with pytest.raises(Refused, match="reason"):
        say_no(session, he, claim, reason)

    assert nothing_was_decided(session, claim)


@pytest.mark.parametrize("second", BOTH)
@pytest.mark.parametrize("first", BOTH)
def test_a_request_is_decided_once(session: Session, first: Answer, second: Answer) -> None:
    he, she = reviewer(session), reviewer(session, "于审核")
    claim = ask(session, person(session))
    first(session, he, claim)
    for who in (he, she):
        with pytest.raises(MoveNotAllowed, match="reload"):
            second(session, who, claim)
    with pytest.raises(MoveNotAllowed, match="reload"):
        withdraw(session, claim, doer=PROGRAM, now=NOW)

    assert session.scalar(select(func.count()).select_from(Decision)) == 1


@pytest.mark.parametrize("answer", BOTH)
def test_a_request_that_was_taken_back_is_not_decided(session: Session, answer: Answer) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    withdraw(session, claim, doer=doer_of(who), now=NOW)
    with pytest.raises(MoveNotAllowed, match="withdrawn"):
        answer(session, he, claim)
    with pytest.raises(MoveNotAllowed, match="withdrawn"):
        withdraw(session, claim, doer=doer_of(who), now=NOW)

    assert session.scalar(select(func.count()).select_from(Decision)) == 0
    assert ask(session, who).id != claim.id


@pytest.mark.parametrize("answer", BOTH)
@pytest.mark.parametrize("tied_to", [1, 2])
def test_who_is_tied_to_the_firm_or_its_group_does_not_decide(session: Session, answer: Answer, tied_to: int) -> None:
    he = reviewer(session)
    claim = ask(session, person(session))
    for number in (1, 2):
        note_group(session, code(number), "凌云集团", source="年报", doer=PROGRAM, now=NOW)
    told = {"kind": TieKind.FAMILY, "ended_on": None, "note": "", "doer": doer_of(he), "now": NOW}
    declare(session, he.id, uscc=code(tied_to), **told)  # type: ignore[arg-type]
    with pytest.raises(Barred, match="tied to"):
        answer(session, he, claim)

    assert nothing_was_decided(session, claim)
    # Another in the same seat may.
    answer(session, reviewer(session, "于审核"), claim)


@pytest.mark.parametrize("answer", BOTH)
def test_nobody_decides_what_he_asked_himself_though_he_changed_sides(session: Session, answer: Answer) -> None:
    who = person(session)
    claim = ask(session, who)
    seat(session, who, Role.DISTRICT_REVIEWER)
    with pytest.raises(Barred, match="yourself"):
        answer(session, who, claim)
    with pytest.raises(Refused, match="role"), session.begin_nested():
        say_yes(session, reviewer(session), claim)

    assert session.scalar(select(func.count()).select_from(Decision)) == 0


@pytest.mark.parametrize("answer", BOTH)
@pytest.mark.parametrize(
    ("role", "place"),
    [(Role.DISTRICT_REVIEWER, OTHER_DISTRICT), (Role.CITY_REVIEWER, "city"), (Role.DEPARTMENT_OFFICER, "tax")],
)
def test_only_the_bureau_of_the_district_decides_whatever_seats_are_brought(
    session: Session, answer: Answer, role: Role, place: str
) -> None:
    claim = ask(session, person(session))
    seat(session, who := person(session, "何审核"), role, place)
    actor = actor_of(session, who)
    anothers = actor_of(session, reviewer(session, "于审核")).seats
    for seats in (actor.seats, anothers, ()):
        with pytest.raises(Barred, match="none of your seats"):
            confirm(session, actor, seats, claim, now=NOW)
    with pytest.raises(Barred):
        answer(session, who, claim)

    assert nothing_was_decided(session, claim)


def test_who_sits_in_two_districts_decides_in_the_seat_of_this_one(session: Session) -> None:
    he = reviewer(session, district=OTHER_DISTRICT)
    here = seat(session, he, Role.DISTRICT_REVIEWER, DISTRICT)
    say_yes(session, he, ask(session, person(session)))

    assert session.scalars(select(Decision.seat_id)).all() == [here.id]
    assert {one.seat for one in trail_page(session, limit=3)} == {f"district_reviewer@{DISTRICT}"}


def test_a_firm_that_entered_the_register_elsewhere_meanwhile_is_not_confirmed_here(session: Session) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    firm_in(session, 1, OTHER_DISTRICT)
    with pytest.raises(MoveNotAllowed, match="another district"):
        say_yes(session, he, claim)
    assert nothing_was_decided(session, claim)

    say_no(session, he, claim)
    assert ask(session, who).district == OTHER_DISTRICT


def test_nobody_is_seated_whose_account_is_closed(session: Session) -> None:
    who, he = person(session), reviewer(session)
    claim = ask(session, who)
    disable(session, who, doer=PROGRAM, now=NOW)
    with pytest.raises(MoveNotAllowed, match="disabled"):
        say_yes(session, he, claim)

    assert nothing_was_decided(session, claim)


def test_a_bar_is_traced(session: Session) -> None:
    he = reviewer(session)
    note_bar(session, actor_of(session, he), "claim:7", "须回避 (tied)", NOW)
    (entry,) = trail_page(session, limit=1)

    assert (entry.tag, entry.person_id, entry.subject) == ("decision.barred", he.id, "claim:7")


def test_of_two_who_decide_at_once_one_does(own_url: str) -> None:
    with home(own_url) as engine:
        with writing(engine) as session:
            deciders = [reviewer(session).id, reviewer(session, "于审核").id]
            number = ask(session, who := person(session)).id
            asker = who.id
        with Session(engine) as session:
            actors = [actor_of(session, session.get_one(Person, one)) for one in deciders]
        ready = Barrier(4)

        def decide_it(place: int) -> bool:
            actor = actors[place % 2]
            ready.wait()
            try:
                with writing(engine) as session:
                    claim = session.get_one(Claim, number)
                    if place < 2:
                        confirm(session, actor, actor.seats, claim, now=NOW + timedelta(seconds=place))
                    else:
                        refuse(session, actor, actor.seats, claim, reason="查无此人", now=NOW)
            except RegistryError as refused:
                assert isinstance(refused, MoveNotAllowed)
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(decide_it, range(4)))
        with Session(engine) as session:
            decision = session.scalars(select(Decision)).one()
            seated = session.scalar(select(func.count()).where(SeatRow.person_id == asker))

    assert told.count(True) == 1
    assert seated == (decision.outcome == "confirmed")
