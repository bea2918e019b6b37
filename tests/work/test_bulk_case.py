"""Many cases at once: what is offered, what is foretold, and that this is what comes of it."""

from collections.abc import Iterator

import pytest
from case_crowd import another, tie
from casework import Hall, open_hall
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.domain.roles import Role
from registry.store.cases import Application, CaseStep
from registry.store.notices import Notice
from registry.work.bulk_case import ASSIGN, REMIND, Chosen, carry_out, look_ahead, offers, why_of
from registry.work.case_guards import Given
from registry.work.move_case import make_move
from registry.work.try_move import possible

PASS = "stage:district_review/recommend"


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def keys(*roles: Role) -> set[str]:
    return {one.key for one in offers(roles)}


def test_only_what_needs_no_more_than_an_opinion_is_offered() -> None:
    district, city = keys(Role.DISTRICT_REVIEWER), keys(Role.CITY_REVIEWER)

    assert {"submitted/take_up", PASS, "stage:district_review/pass", "stage:district_review/refuse"} <= district
    assert {"stage:city_review/propose", "stage:publicity/close", "stage:city_publicity/close"} <= city
    assert "returned:district_review/lapse" in district
    everything = district | city | keys(Role.STATISTICIAN)
    actions = {key.partition("/")[2] for key in everything}
    assert not actions & {"return", "recognise", "listed", "not_listed", "entered", "not_entered"}
    assert not actions & {"save", "submit", "withdraw", "resubmit", "ask", "answer", "inspect", "draw", "report"}
    assert keys(Role.STATISTICIAN) == set() and keys() == set()


def test_an_offer_says_whether_it_asks_for_an_opinion_and_all_its_names() -> None:
    found = {one.key: one for one in offers([Role.DISTRICT_REVIEWER])}

    assert not found["submitted/take_up"].needs_opinion and found[PASS].needs_opinion
    assert found["submitted/take_up"].words == ("受理", "Take up")
    assert found["stage:district_review/refuse"].where == (
        "区市审核／区市初审",
        "District review / District first review",
    )


def test_what_is_offered_for_some_cases_is_what_one_of_them_can_do(hall: Hall) -> None:
    case = hall.submitted("innovative")
    assert [one.key for one in offers([Role.DISTRICT_REVIEWER], [case])] == ["submitted/take_up"]
    hall.act("district", case, "take_up")

    assert [one.key for one in offers([Role.DISTRICT_REVIEWER], [case])] == [PASS, "stage:district_review/refuse"]
    assert offers([Role.CITY_REVIEWER], [case]) == []


def mixed(hall: Hall) -> list[Application]:
    """Return cases of which some can be passed on, and others for different reasons cannot."""
    ready, waiting, tied, gone = (another(hall, number) for number in (2, 3, 4, 5))
    tier = another(hall, 6, "specialized")
    for case in (ready, tied, gone, tier):
        hall.act("district", case, "take_up")
    hall.act("applicant", gone, "withdraw")
    tie(hall, "district", tied.uscc)
    return [ready, waiting, tied, gone, tier]


def foretold_and_done(hall: Hall, cases: list[Application], what: Chosen) -> Iterator[tuple[str, str, bool]]:
    actor = hall.actor("district")
    seats = list(actor.seats)
    names = {one.id: one.name for one in hall.people.values()}
    outlooks = [look_ahead(hall.session, actor, seats, case, what, names, now=hall.now) for case in cases]
    versions = [case.version for case in cases]
    for case, outlook, version in zip(cases, outlooks, versions, strict=True):
        try:
            carry_out(hall.session, actor, seats, case, what, version=version, now=hall.now)
            yield outlook.why, "", outlook.after is not None
        except (MoveNotAllowed, Barred, Refused) as refused:
            yield outlook.why, why_of(refused), outlook.after is None


@pytest.mark.parametrize(
    ("what", "able"),
    [
        (Chosen(PASS, "情况属实"), [0]),
        (Chosen(PASS, ""), []),
        (Chosen("stage:district_review/refuse", "不符合条件"), [0, 4]),
        (Chosen("submitted/take_up"), [1]),
        (Chosen("returned:district_review/lapse"), []),
        # Whoever took the others up has them in hand, and reminds nobody.
        (Chosen(REMIND), [1]),
    ],
)
def test_what_is_foretold_is_what_comes_of_it(hall: Hall, what: Chosen, able: list[int]) -> None:
    cases = mixed(hall)
    found = list(foretold_and_done(hall, cases, what))

    assert all(matches for _foretold, _done, matches in found), found
    assert [foretold for foretold, _done, _matches in found] == [done for _foretold, done, _matches in found]
    assert [place for place, (foretold, _done, _matches) in enumerate(found) if not foretold] == able


def test_assigning_is_foretold_as_well(hall: Hall) -> None:
    cases = mixed(hall)
    found = list(foretold_and_done(hall, cases, Chosen(ASSIGN, "请尽快", hall.people["second_district"].id)))

    # The third is tied to who took it up: he may still hand it on.
    assert [not foretold for foretold, _done, _matches in found] == [True, True, True, False, True]
    assert all(matches for _foretold, _done, matches in found)
    assert cases[0].handler_id == hall.people["second_district"].id


def test_where_a_case_goes_is_said_in_the_words_of_its_procedure(hall: Hall) -> None:
    case, actor = hall.submitted("innovative"), hall.actor("district")
    hall.act("district", case, "take_up")
    outlook = look_ahead(hall.session, actor, list(actor.seats), case, Chosen(PASS, "属实"), {}, now=hall.now)

    assert outlook.before == ("区市审核", "District review")
    assert outlook.after == ("市级实地抽查", "City on-site sample")


def test_looking_ahead_writes_nothing(hall: Hall) -> None:
    cases = mixed(hall)

    def written() -> list[int]:
        tables = (CaseStep, Notice)
        return [hall.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    before = written()
    actor = hall.actor("district")
    for case in cases:
        for what in (Chosen(PASS, "属实"), Chosen(REMIND), Chosen(ASSIGN, "", hall.people["district"].id)):
            look_ahead(hall.session, actor, list(actor.seats), case, what, {}, now=hall.now)

    assert written() == before and not hall.session.dirty and not hall.session.new


def test_a_case_that_changed_since_is_refused(hall: Hall) -> None:
    case, actor = hall.submitted("innovative"), hall.actor("district")
    hall.act("district", case, "take_up")
    seen = case.version
    hall.act("second_district", case, "inspect")
    for what in (Chosen(PASS, "属实"), Chosen(REMIND), Chosen(ASSIGN, "", actor.person_id)):
        with pytest.raises(MoveNotAllowed, match="变动"):
            carry_out(hall.session, actor, list(actor.seats), case, what, version=seen, now=hall.now)

    assert case.state == "stage:district_review" and case.handler_id == hall.people["district"].id


def test_whether_a_move_is_possible_is_what_making_it_says(hall: Hall) -> None:
    case = hall.submitted("specialized")
    hall.act("district", case, "take_up")
    for who in ("district", "city", "other_district", "statistician"):
        for action in ("pass", "return", "recommend", "inspect", "clear"):
            for given in (Given(), Given(opinion="同意"), Given(opinion="同意", version=1)):
                actor = hall.actor(who)
                told = possible(hall.session, actor, actor.seats, case, action, given, hall.now)
                nested = hall.session.begin_nested()
                try:
                    make_move(hall.session, actor, actor.seats, case, action, given, now=hall.now)
                    done = None
                except (MoveNotAllowed, Barred) as refused:
                    done = str(refused)
                nested.rollback()
                assert told == done, (who, action, given)
