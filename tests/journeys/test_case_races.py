"""Approve against return, against withdraw, submit twice: over HTTP, two servers, one effect; PostgreSQL when long."""

import re
from collections.abc import Iterator

import pytest
from casework import hall_again, open_hall
from crowd import crowd, seat_applicant
from deciders import Arena, Race, arena
from people import reviewer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.domain.trail import Tag
from registry.store.cases import Application, ApplicationRound, CaseStep, ReturnedPart
from registry.store.decisions import Decision
from registry.store.engine import writing
from registry.store.trail import TRAIL

pytestmark = pytest.mark.slow

CASES, REVIEWERS = 24, 6
OPINION = "情况属实，同意"
RECOMMEND = ("/cases/{case}/move", {"action": "recommend", "opinion": OPINION, "version": "2"})
RETURN = (
    "/cases/{case}/return",
    {"note:facts.ip_class1": "请核对", "summary": "请补正", "version": "2"},
)
WITHDRAW = ("/applications/{case}/withdraw", {"reason": "另行申报", "version": "2"})
_HIDDEN = re.compile(r'name="(version|mark)" value="([^"]*)"')


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.long])]
)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("races")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'registry.sqlite'}"
    else:
        url = request.getfixturevalue("server").create(request.getfixturevalue("migrated"))
    with arena(url, folder) as made:
        with writing(made.engine) as session:
            open_hall(session)
        yield made


def taken_up(place: Arena, first: int) -> tuple[list[int], list[int], int]:
    """Return cases that were taken up, reviewers of their district, and the applicant of all of them."""
    with writing(place.engine) as session:
        hall = hall_again(session)
        cases = crowd(session, hall, CASES, first=first)
        for number in cases:
            hall.act("district", session.get_one(Application, number), "take_up")
        seat_applicant(session, hall, cases)
        people = [reviewer(session, f"审核{first}{number}").id for number in range(REVIEWERS)]
        return cases, people, hall.people["applicant"].id


def effects(session: Session, number: int) -> tuple[str, int, int, int, int]:
    """Count all that a move leaves behind: state, steps, decisions, parts returned, entries of the trail."""

    def count(table: type, *where: object) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]

    moved = select(func.count()).where(TRAIL.c.subject == f"application:{number}", TRAIL.c.tag == Tag.CASE_MOVED)
    return (
        session.get_one(Application, number).state,
        count(CaseStep, CaseStep.application_id == number),
        count(Decision, Decision.matter == "application", Decision.matter_id == number),
        count(ReturnedPart, ReturnedPart.application_id == number),
        session.scalar(moved) or 0,
    )


# What each of the three leaves behind when it was the one.
WON = {
    "recommend": ("stage:city_sample", 3, 1, 0, 3),
    "return": ("returned:district_review", 3, 0, 1, 3),
    "withdraw": ("ended:withdrawn", 3, 0, 0, 3),
}


def won_by(race: Race) -> dict[int, str]:
    """Return by which of the three each case was won; every case by exactly one."""
    found = race.won_by_case()
    assert {len(won) for won in found.values()} == {1}, {case: len(won) for case, won in found.items()}
    words = {"move": "recommend", "return": "return", "withdraw": "withdraw"}
    return {case: words[won[0].address.rsplit("/", 1)[1]] for case, won in found.items()}


def hold(place: Arena, race: Race, cases: list[int]) -> set[str]:
    """Hold what came of a race to one effect a case; return by what cases were won."""
    print(race.told(place.engine.dialect.name))
    winners = won_by(race)
    assert race.statuses == {303: len(cases), 409: len(race.answers) - len(cases)}
    assert place.count(effects, cases) == {case: WON[winners[case]] for case in cases}
    audit = place.trail()
    assert audit.holds, audit.findings[:3]
    assert place.complaints() == []
    return set(winners.values())


def test_of_approving_and_returning_at_once_only_one_happens(place: Arena) -> None:
    cases, people, _applicant = taken_up(place, 1000)
    race = place.race(place.enter(people), cases, [RECOMMEND, RETURN])

    assert hold(place, race, cases) == {"recommend", "return"}


def test_of_approving_and_withdrawing_at_once_only_one_happens(place: Arena) -> None:
    cases, people, applicant = taken_up(place, 2000)
    deciding, (asking,) = place.enter(people[:2]), place.enter([applicant])
    lists = [[(case, *RECOMMEND, place.places[0]) for case in cases] for _ in deciding]
    # The firm begins at the other end, so that each wins some.
    lists += [[(case, *WITHDRAW, place.places[-1]) for case in reversed(cases)] for _ in range(2)]
    race = place.run([*deciding, asking, asking.twin()], lists)

    # Whoever takes back what was taken back finds it so.
    winners: dict[int, set[str]] = {
        case: {one.address.rsplit("/", 1)[1] for one in won} for case, won in race.won_by_case().items()
    }
    assert {len(found) for found in winners.values()} == {1}
    words = {"move": "recommend", "withdraw": "withdraw"}
    assert place.count(effects, cases) == {case: WON[words[next(iter(won))]] for case, won in winners.items()}
    assert set(race.statuses) <= {303, 409}
    assert place.complaints() == []


def test_an_application_that_is_submitted_twice_at_once_is_submitted_once(place: Arena) -> None:
    with writing(place.engine) as session:
        hall = hall_again(session)
        cases = crowd(session, hall, 8, first=3000, submits=False)
        seat_applicant(session, hall, cases)
        applicant = hall.people["applicant"].id
    (browser,) = place.enter([applicant])
    forms = {}
    for case in cases:
        status, page = browser.get(f"/applications/{case}/check")
        assert status == 200
        forms[case] = {"declared": "1", "signed_as": "凌经办", **dict(_HIDDEN.findall(page))}
    clicks = [browser.twin() for _ in range(4)]
    lists = [
        [(case, "/applications/{case}/submit", forms[case], place.places[number % 2]) for case in cases]
        for number in range(len(clicks))
    ]
    race = place.run(clicks, lists)
    print(race.told(f"{place.engine.dialect.name}, submitted {len(clicks)} times at once"))

    assert set(race.statuses) <= {303, 409}
    assert all(race.won_by_case().values())
    assert place.count(effects, cases) == dict.fromkeys(cases, ("submitted", 1, 0, 0, 1))
    with Session(place.engine) as session:
        rounds = select(func.count()).select_from(ApplicationRound).where(ApplicationRound.application_id.in_(cases))
        assert session.scalar(rounds) == len(cases)
    assert place.complaints() == []
